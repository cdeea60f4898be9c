"""Users: who there is, who is let in, what each may do, who may not come any more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Form
from starlette.responses import Response

from kb.access import Role
from kb.accounts import Account
from kb.errors import (
    N_,
    Conflict,
    InvalidInput,
    KnowledgeBaseError,
    NotAllowed,
    NotFound,
)
from kb.invitations import INVITE, INVITE_DAYS, RESET, LinkView
from kb.sessions import SessionView
from kb.tokens import TokenView, offered_scopes
from web.account_mailing import mail_link, mails_links
from web.pages.account import TOKEN_DAYS
from web.site import site_address
from web.visit import Id, Visit, Visiting

router = APIRouter(include_in_schema=False)

_MOST_CHARS: Final = 2000
ROLES: Final = tuple(role.value for role in Role if role is not Role.NONE)
# The lives of an invitation that are offered, in days.
INVITE_FOR: Final = (3, INVITE_DAYS, 60)


@dataclass(frozen=True, slots=True)
class UsersPage:
    """Context of ``admin/users.html``.

    Attributes:
        section: of the administration, for its navigation.
        links: invitations and resets that still work.
        groups: names of all groups, to choose from.
        made: address of a link that was just made, shown this once.
        sent: where a link was just sent in place of being shown.
        problem: what was wrong with what was sent.
    """

    section: str
    users: tuple[Account, ...]
    links: tuple[LinkView, ...]
    roles: tuple[str, ...]
    groups: tuple[str, ...]
    days: tuple[int, ...]
    made: str
    sent: str
    problem: str


@dataclass(frozen=True, slots=True)
class UserPage:
    """Context of ``admin/user.html``.

    Attributes:
        section: of the administration, for its navigation.
        factor: whether the account asks for a second factor.
        own: whether somebody looks at their own account here.
        made: address of a link, or a token, that was just made, shown this once.
        sent: where a link was just sent in place of being shown.
        problem: what was wrong with what was sent.
    """

    section: str
    user: Account
    factor: bool
    own: bool
    sessions: tuple[SessionView, ...]
    tokens: tuple[TokenView, ...]
    scopes: tuple[str, ...]
    days: tuple[int, ...]
    roles: tuple[str, ...]
    groups: tuple[str, ...]
    made: str
    sent: str
    problem: str


@dataclass(frozen=True, slots=True)
class Made:
    """What a step made: something shown this once, or where it was sent instead."""

    shown: str = ""
    sent: str = ""


NOTHING: Final = Made()


@dataclass(frozen=True, slots=True)
class Sent:
    """The fields of the forms on the page of a user; each step reads its own."""

    name: str
    email: str
    role: str
    group: tuple[str, ...]
    scope: tuple[str, ...]
    days: int
    number: int


@router.get("/admin/users")
def users(visit: Visiting) -> Response:
    """Everybody who can sign in, and everybody who could."""
    return _users(visit)


@router.post("/admin/users")
def add_service(
    visit: Visiting,
    name: Annotated[str, Form(max_length=_MOST_CHARS)] = "",
    shown: Annotated[str, Form(max_length=_MOST_CHARS)] = "",
    role: Annotated[str, Form(max_length=_MOST_CHARS)] = Role.READER.value,
) -> Response:
    """Add an account for a program; its tokens are made on its page."""
    try:
        visit.kb.accounts.add_service(visit.actor, name.strip(), shown, _role(role))
    except (InvalidInput, Conflict) as error:
        return _users(visit, error=error)
    return visit.redirect("/admin/users")


@router.post("/admin/users/invite")
def invite(
    visit: Visiting,
    role: Annotated[str, Form(max_length=_MOST_CHARS)] = Role.READER.value,
    email: Annotated[str, Form(max_length=_MOST_CHARS)] = "",
    group: Annotated[list[str] | None, Form()] = None,
    days: Annotated[int, Form()] = INVITE_DAYS,
) -> Response:
    """Make an invitation; the answer shows its address, and nothing ever shows it again."""
    try:
        secret = visit.kb.invitations.invite(
            visit.actor, _role(role), group or (), email=email, days=days
        )
    except InvalidInput as error:
        return _users(visit, error=error)
    made = _handed_over(visit, INVITE, ("", email.strip()), "", secret)
    return _users(visit, made=made.shown, sent=made.sent)


@router.post("/admin/users/links/{link_id}")
def withdraw(visit: Visiting, link_id: Id) -> Response:
    """Let an invitation or reset work no more."""
    visit.kb.invitations.withdraw(visit.actor, link_id)
    return visit.redirect("/admin/users")


@router.get("/admin/users/{user_id}")
def user(visit: Visiting, user_id: str) -> Response:
    """One user."""
    return _user(visit, user_id)


@router.post("/admin/users/{user_id}/{step}")
def change(  # noqa: PLR0917  the fields of all forms
    visit: Visiting,
    user_id: str,
    step: str,
    name: Annotated[str, Form(max_length=_MOST_CHARS)] = "",
    email: Annotated[str, Form(max_length=_MOST_CHARS)] = "",
    role: Annotated[str, Form(max_length=_MOST_CHARS)] = "",
    group: Annotated[list[str] | None, Form()] = None,
    scope: Annotated[list[str] | None, Form()] = None,
    days: Annotated[int, Form()] = TOKEN_DAYS[0],
    number: Annotated[int, Form()] = 0,
) -> Response:
    """Change one thing about a user; the steps are :data:`STEPS`."""
    act = STEPS.get(step)
    if act is None:
        raise NotFound(what=N_("page"), id=step)
    sent = Sent(name, email, role, tuple(group or ()), tuple(scope or ()), days, number)
    try:
        made = act(visit, user_id, sent)
    except (InvalidInput, NotAllowed) as error:
        return _user(visit, user_id, error=error)
    if made != NOTHING:
        return _user(visit, user_id, made=made.shown, sent=made.sent)
    return visit.redirect(f"/admin/users/{user_id}")


def _describe(visit: Visit, user_id: str, sent: Sent) -> Made:
    visit.kb.accounts.describe(visit.actor, user_id, sent.name, sent.email)
    return NOTHING


def _set_role(visit: Visit, user_id: str, sent: Sent) -> Made:
    visit.kb.accounts.set_role(visit.actor, user_id, _role(sent.role))
    return NOTHING


def _set_groups(visit: Visit, user_id: str, sent: Sent) -> Made:
    visit.kb.accounts.set_groups(visit.actor, user_id, sent.group)
    return NOTHING


def _deactivate(visit: Visit, user_id: str, _: Sent) -> Made:
    visit.kb.accounts.set_active(visit.actor, user_id, False)
    return NOTHING


def _activate(visit: Visit, user_id: str, _: Sent) -> Made:
    visit.kb.accounts.set_active(visit.actor, user_id, True)
    return NOTHING


def _sign_out(visit: Visit, user_id: str, _: Sent) -> Made:
    visit.kb.sessions.end_all(visit.actor, user_id)
    return NOTHING


def _reset(visit: Visit, user_id: str, _: Sent) -> Made:
    secret = visit.kb.invitations.reset(visit.actor, user_id)
    account = visit.kb.accounts.account(visit.actor, user_id)
    return _handed_over(visit, RESET, (account.name, account.email), user_id, secret)


def _remove_factor(visit: Visit, user_id: str, _: Sent) -> Made:
    visit.kb.second_factors.remove(visit.actor, user_id)
    return NOTHING


def _token(visit: Visit, user_id: str, sent: Sent) -> Made:
    return Made(visit.kb.tokens.make(visit.actor, user_id, sent.name, sent.scope, sent.days))


def _revoke(visit: Visit, user_id: str, sent: Sent) -> Made:  # noqa: ARG001  as all steps
    visit.kb.tokens.revoke(visit.actor, sent.number)
    return NOTHING


# What the forms on the page of a user do; what a step returns is shown once.
STEPS: Final[dict[str, Callable[[Visit, str, Sent], Made]]] = {
    "describe": _describe,
    "role": _set_role,
    "groups": _set_groups,
    "deactivate": _deactivate,
    "activate": _activate,
    "sign-out": _sign_out,
    "reset": _reset,
    "factor": _remove_factor,
    "token": _token,
    "revoke": _revoke,
}


def _role(text: str) -> Role:
    if text not in ROLES:
        raise InvalidInput(field="role", reason=N_("choose what the new user may do"))
    return Role(text)


def _handed_over(
    visit: Visit, purpose: str, to: tuple[str, str], user_id: str, secret: str
) -> Made:
    """A link on its way to whom it is for, else the link itself: without mail, an address, or luck."""
    kb = visit.kb
    if to[1] and mails_links(kb.settings):
        until = kb.invitations.look(secret).expires_at
        language = kb.account_letters.language(user_id)
        if mail_link(kb.settings, purpose, to, user_id, secret, until, language):
            return Made(sent=to[1])
    return Made(f"{site_address(visit.request)}/links/{secret}")


def _problem(visit: Visit, error: KnowledgeBaseError | None) -> str:
    return visit.language.sentence(error) if error is not None else ""


def _users(
    visit: Visit, *, made: str = "", sent: str = "", error: KnowledgeBaseError | None = None
) -> Response:
    kb, actor = visit.kb, visit.actor
    page = UsersPage(
        section="users",
        users=tuple(kb.accounts.listed(actor)),
        links=tuple(kb.invitations.open_links(actor)),
        roles=ROLES,
        groups=tuple(group.name for group in kb.groups.listed(actor)),
        days=INVITE_FOR,
        made=made,
        sent=sent,
        problem=_problem(visit, error),
    )
    return _never_kept(visit, "admin/users.html", page, error)


def _user(
    visit: Visit,
    user_id: str,
    *,
    made: str = "",
    sent: str = "",
    error: KnowledgeBaseError | None = None,
) -> Response:
    kb, actor = visit.kb, visit.actor
    found = kb.accounts.account(actor, user_id)
    page = UserPage(
        section="users",
        user=found,
        factor=kb.second_factors.state(user_id).since is not None,
        own=found.id == actor.id,
        sessions=tuple(kb.sessions.listed(actor, user_id)),
        tokens=tuple(kb.tokens.listed(actor, user_id)),
        scopes=offered_scopes(found.role),
        days=TOKEN_DAYS,
        roles=ROLES,
        groups=tuple(group.name for group in kb.groups.listed(actor)),
        made=made,
        sent=sent,
        problem=_problem(visit, error),
    )
    return _never_kept(visit, "admin/user.html", page, error)


def _never_kept(
    visit: Visit, template: str, page: object, error: KnowledgeBaseError | None
) -> Response:
    status = 422 if error is not None else 200
    answer = visit.page(template, page, block="content", status=status)
    answer.headers["Cache-Control"] = "no-store"
    return answer
