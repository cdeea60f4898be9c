"""Showing once more who one is, before a deed of :mod:`web.step_up`: by password, or by the provider."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Form
from starlette.responses import Response

from kb.errors import N_, InvalidInput, KnowledgeBaseError, TooManyRequests
from web import actors, ldap_sign_in
from web.visit import Visit, Visiting, local_path

router = APIRouter(include_in_schema=False)

_MOST_CHARS: Final = 2000


@dataclass(frozen=True, slots=True)
class ProvePage:
    """Context of ``sign_in/prove.html``.

    Attributes:
        then: where to go afterwards.
        name: the sign-in name.
        by_password: whether there is a password, here or in the directory.
        by_directory: whether the password is the directory's, where the name may be another.
        single: what single sign-on is called, for whom it vouches; empty for others.
        problem: what was wrong with what was sent.
    """

    then: str
    name: str
    by_password: bool
    by_directory: bool
    single: str
    problem: str


@router.get("/prove")
def form(visit: Visiting, then: str = "/") -> Response:
    """Ask for the password once more."""
    return _page(visit, then)


@router.post("/prove")
def prove(
    visit: Visiting,
    name: Annotated[str, Form(max_length=_MOST_CHARS)] = "",
    password: Annotated[str, Form(max_length=_MOST_CHARS)] = "",
    then: Annotated[str, Form(max_length=_MOST_CHARS)] = "/",
) -> Response:
    """Check the password, and go back to where it was asked for."""
    try:
        right = _is_right(visit, name.strip(), password)
    except TooManyRequests as error:
        return _page(visit, then, error)
    if not right:
        wrong = InvalidInput(field="password", reason=N_("it is not the present password"))
        return _page(visit, then, wrong)
    visit.kb.sessions.prove(visit.actor, actors.session_of(visit.request))
    return visit.redirect(local_path(then))


def _is_right(visit: Visit, name: str, password: str) -> bool:
    kb, actor, address = visit.kb, visit.actor, actors.address_of(visit.request)
    if kb.accounts.has_password(actor.id):
        return kb.accounts.authenticate(actor.id, password, address) is not None
    if not _by_directory(visit):
        return False
    kb.accounts.must_not_wait(actor.id, address)
    person = ldap_sign_in.person(kb.settings, name, password)
    if person is None or not kb.directory_users.is_known_as(actor, person):
        kb.accounts.failed(actor.id, address)
        return False
    kb.accounts.succeeded(actor.id, address)
    return True


def _by_directory(visit: Visit) -> bool:
    way = visit.kb.sessions.way(actors.session_of(visit.request))
    return way == "ldap" and bool(visit.kb.settings.ldap_url)


def _page(visit: Visit, then: str, error: KnowledgeBaseError | None = None) -> Response:
    kb, actor = visit.kb, visit.actor
    settings = kb.settings
    own = kb.accounts.has_password(actor.id)
    directory = not own and _by_directory(visit)
    problem = ""
    if error is not None:
        problem = f"{visit.language.sentence(error)} {visit.language.advice(error)}"
    vouched = bool(settings.oidc_discovery_url) and bool(kb.directory_users.linked(actor))
    page = ProvePage(
        then=local_path(then),
        name=actor.id,
        by_password=own or directory,
        by_directory=directory,
        single=settings.oidc_label if vouched and not directory else "",
        problem=problem,
    )
    waits = isinstance(error, TooManyRequests)
    status = 200 if error is None else 429 if waits else 422
    answer = visit.page("sign_in/prove.html", page, block="content", status=status)
    answer.headers["Cache-Control"] = "no-store"
    if error is not None and waits:
        answer.headers["Retry-After"] = str(error.data["seconds"])
    return answer
