"""One's own account: how one is shown, the password, browsers that are signed in, tokens of programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Form
from starlette.responses import Response

from kb.accounts import Account
from kb.errors import InvalidInput, KnowledgeBaseError, NotAllowed, TooManyRequests
from kb.second_factors import FactorState
from kb.sessions import SessionView
from kb.tokens import MAX_DAYS, TokenView, offered_scopes
from web import actors
from web.visit import Id, Visit, Visiting

router = APIRouter(include_in_schema=False)

_MOST_CHARS: Final = 2000
# The lives of a token that are offered, in days.
TOKEN_DAYS: Final = (30, 90, MAX_DAYS)


@dataclass(frozen=True, slots=True)
class AccountPage:
    """Context of ``account/page.html``.

    Attributes:
        factor: the second factor, if there is one.
        factor_required: whether one may not do without.
        section: which form a problem belongs to; empty without one.
        problem: what was wrong with what was sent.
        saved: which form was just saved.
        secret: a token that was just made, shown this once.
        single: what single sign-on is called; empty where there is none.
        linked: whether it knows this account.
    """

    account: Account
    sessions: tuple[SessionView, ...]
    tokens: tuple[TokenView, ...]
    scopes: tuple[str, ...]
    days: tuple[int, ...]
    least: int
    single: str
    linked: bool
    factor: FactorState
    factor_required: bool
    section: str
    problem: str
    saved: str
    secret: str


@router.get("/account")
def account(visit: Visiting, saved: str = "") -> Response:
    """One's own account."""
    return _page(visit, saved=saved)


@router.post("/account")
def describe(
    visit: Visiting,
    name: Annotated[str, Form(max_length=_MOST_CHARS)] = "",
    email: Annotated[str, Form(max_length=_MOST_CHARS)] = "",
) -> Response:
    """Change how one is shown and where mail goes."""
    try:
        visit.kb.accounts.describe(visit.actor, visit.actor.id, name, email)
    except InvalidInput as error:
        return _page(visit, section="profile", error=error)
    return visit.redirect("/account?saved=profile")


@router.post("/account/password")
def password(
    visit: Visiting,
    old: Annotated[str, Form(max_length=_MOST_CHARS)] = "",
    new: Annotated[str, Form(max_length=_MOST_CHARS)] = "",
) -> Response:
    """Change the password; other browsers are signed out, and this one gets a new session."""
    try:
        visit.kb.accounts.change_password(visit.actor, old, new)
    except (InvalidInput, NotAllowed, TooManyRequests) as error:
        return _page(visit, section="password", error=error)
    response = visit.redirect("/account?saved=password")
    # Who has a second factor showed it when this session began.
    factor = visit.kb.second_factors.state(visit.actor.id).since is not None
    actors.sign_in(visit.request, response, visit.kb, visit.actor, "password", factor=factor)
    return response


@router.post("/account/sessions")
def end_sessions(visit: Visiting) -> Response:
    """Sign out everywhere else."""
    keep = actors.session_of(visit.request)
    visit.kb.sessions.end_all(visit.actor, visit.actor.id, keep=keep)
    return visit.redirect("/account?saved=sessions#sessions")


@router.post("/account/sessions/{session_id}")
def end_session(visit: Visiting, session_id: Id) -> Response:
    """Sign one browser out."""
    visit.kb.sessions.end_one(visit.actor, visit.actor.id, session_id)
    return visit.redirect("/account?saved=sessions#sessions")


@router.post("/account/tokens")
def make_token(
    visit: Visiting,
    name: Annotated[str, Form(max_length=_MOST_CHARS)] = "",
    scope: Annotated[list[str] | None, Form()] = None,
    days: Annotated[int, Form()] = TOKEN_DAYS[0],
) -> Response:
    """Make a token; the answer shows it, and nothing ever shows it again."""
    try:
        secret = visit.kb.tokens.make(visit.actor, visit.actor.id, name, scope or (), days)
    except InvalidInput as error:
        return _page(visit, section="tokens", error=error)
    return _page(visit, section="tokens", secret=secret)


@router.post("/account/tokens/{token_id}")
def revoke_token(visit: Visiting, token_id: Id) -> Response:
    """Let a token work no more."""
    visit.kb.tokens.revoke(visit.actor, token_id)
    return visit.redirect("/account?saved=tokens#tokens")


def _page(
    visit: Visit,
    *,
    section: str = "",
    error: KnowledgeBaseError | None = None,
    saved: str = "",
    secret: str = "",
) -> Response:
    kb, actor = visit.kb, visit.actor
    problem = ""
    if error is not None:
        problem = f"{visit.language.sentence(error)} {visit.language.advice(error)}"
    settings = kb.settings
    page = AccountPage(
        account=kb.accounts.account(actor, actor.id),
        sessions=tuple(kb.sessions.listed(actor, actor.id, actors.session_of(visit.request))),
        tokens=tuple(kb.tokens.listed(actor, actor.id)),
        scopes=offered_scopes(actor.role),
        days=TOKEN_DAYS,
        least=settings.password_chars,
        single=settings.oidc_label if settings.oidc_discovery_url else "",
        linked=bool(kb.directory_users.linked(actor)),
        factor=kb.second_factors.state(actor.id),
        factor_required=kb.second_factors.required_of(actor.role),
        section=section,
        problem=problem,
        saved=saved,
        secret=secret,
    )
    answer = visit.page(
        "account/page.html", page, block="content", status=422 if error is not None else 200
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer
