"""Signing in and out, links that work once, and the preferences that need no account: the look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Form
from starlette.responses import Response

from kb.access import Actor
from kb.errors import Conflict, InvalidInput, KnowledgeBaseError, NotFound, TooManyRequests
from kb.invitations import RESET, LinkView
from web import actors, ldap_sign_in
from web.account_mailing import mails_links
from web.demo import DEMO_PASSWORD, DEMO_USERS
from web.second_step import enter
from web.visit import THEME_COOKIE, THEMES, Visit, Visiting, local_path, remember

router = APIRouter(include_in_schema=False)

# A name or password longer than this was not typed.
_MOST_CHARS: Final = 2000
_NEVER_KEPT: Final = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class SignInPage:
    """Context of ``sign_in/page.html``.

    Attributes:
        failed: True after a wrong name or password.
        wait: what to say when it was wrong too often; empty otherwise.
        single: what the button for single sign-on says; empty where there is none.
        mails_links: whether a link for a new password can be sent.
        demo_users: sign-in name and name of the demonstration's accounts; empty elsewhere.
    """

    name: str
    then: str
    failed: bool
    wait: str
    single: str
    mails_links: bool
    demo_users: tuple[tuple[str, str], ...]
    demo_password: str


@dataclass(frozen=True, slots=True)
class LinkPage:
    """Context of ``sign_in/link.html``.

    Attributes:
        purpose: ``invite``, ``first`` or ``reset``.
        name: sign-in name as it was sent, or whose password is set.
        shown: name as it was sent.
        least: fewest characters of a password.
        problem: what was wrong with what was sent.
    """

    secret: str
    purpose: str
    role: str
    name: str
    shown: str
    least: int
    problem: str


@router.get("/sign-in")
def form(visit: Visiting, then: str = "", next: str = "/") -> Response:  # noqa: A002  its name in the address
    """The sign-in form."""
    return _form(visit, "", then or next)


@router.post("/sign-in")
def sign_in(
    visit: Visiting,
    name: Annotated[str, Form(max_length=_MOST_CHARS)] = "",
    password: Annotated[str, Form(max_length=_MOST_CHARS)] = "",
    then: Annotated[str, Form(max_length=_MOST_CHARS)] = "/",
) -> Response:
    """Check name and password; on success go on to where the visitor wanted to."""
    try:
        actor, way = _authenticated(visit, name.strip(), password)
    except TooManyRequests as error:
        wait = visit.language.sentence(error) + " " + visit.language.advice(error)
        answer = _form(visit, name, then, wait=wait, status=429)
        answer.headers["Retry-After"] = str(error.data["seconds"])
        return answer
    if actor is None:
        return _form(visit, name, then, failed=True, status=422)
    return enter(visit, actor, way, then)


@router.post("/sign-out")
def sign_out(visit: Visiting) -> Response:
    """End the session and take its cookie away."""
    response = visit.redirect("/")
    actors.sign_out(visit.request, response, visit.kb)
    # What the browser keeps of pages and scripts' notes; the look and the language, which are cookies, may stay.
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@router.get("/links/{secret}")
def link(visit: Visiting, secret: str) -> Response:
    """The form that a link opens: a new account, or a new password."""
    return _link(visit, secret, visit.kb.invitations.look(secret))


@router.post("/links/{secret}")
def use_link(
    visit: Visiting,
    secret: str,
    password: Annotated[str, Form(max_length=_MOST_CHARS)] = "",
    name: Annotated[str, Form(max_length=_MOST_CHARS)] = "",
    shown: Annotated[str, Form(max_length=_MOST_CHARS)] = "",
) -> Response:
    """Use a link, and sign its owner in."""
    invitations = visit.kb.invitations
    found = invitations.look(secret)
    try:
        if found.purpose == RESET:
            actor = invitations.renew(secret, password)
        else:
            actor = invitations.accept(secret, name.strip(), shown.strip() or name, password)
    except (InvalidInput, Conflict) as error:
        return _link(visit, secret, found, name, shown, error)
    return enter(visit, actor, "link", "/")


@router.post("/preferences/theme")
def theme(
    visit: Visiting, theme: Annotated[str, Form()] = "", then: Annotated[str, Form()] = "/"
) -> Response:
    """Keep the look a visitor chose: ``auto`` follows the system."""
    response = visit.redirect(local_path(then))
    remember(visit.request, response, THEME_COOKIE, theme if theme in THEMES else THEMES[0])
    return response


def _authenticated(visit: Visit, name: str, password: str) -> tuple[Actor | None, str]:
    """Who it is and how that was found out: an account of ours, else one of the directory."""
    settings = visit.kb.settings
    accounts = visit.kb.accounts
    address = actors.address_of(visit.request)
    if not settings.ldap_url or accounts.has_password(name):
        return accounts.authenticate(name, password, address), "password"
    accounts.must_not_wait(name, address)
    person = ldap_sign_in.person(settings, name, password)
    if person is None:
        accounts.failed(name, address)
        return None, "ldap"
    actor = visit.kb.directory_users.admit(person, ldap_sign_in.rules(settings))
    accounts.succeeded(name, address)
    return actor, "ldap"


def _form(
    visit: Visit,
    name: str,
    then: str,
    *,
    failed: bool = False,
    wait: str = "",
    status: int = 200,
) -> Response:
    demo = visit.site.demo
    settings = visit.kb.settings
    page = SignInPage(
        name=name,
        then=local_path(then),
        failed=failed,
        wait=wait,
        single=settings.oidc_label if settings.oidc_discovery_url else "",
        mails_links=mails_links(settings),
        demo_users=tuple((user, shown) for user, shown, _ in DEMO_USERS) if demo else (),
        demo_password=DEMO_PASSWORD if demo else "",
    )
    return visit.page("sign_in/page.html", page, block="content", status=status)


def _link(  # noqa: PLR0917  what the page shows, in its order
    visit: Visit,
    secret: str,
    found: LinkView,
    name: str = "",
    shown: str = "",
    error: KnowledgeBaseError | None = None,
) -> Response:
    if not secret.isascii():
        raise NotFound(what="link", id="…")
    page = LinkPage(
        secret=secret,
        purpose=found.purpose,
        role=found.role,
        name=found.user_id or name,
        shown=shown,
        least=visit.kb.settings.password_chars,
        problem=visit.language.sentence(error) if error is not None else "",
    )
    status = 422 if error is not None else 200
    answer = visit.page("sign_in/link.html", page, block="content", status=status)
    answer.headers.update(_NEVER_KEPT)
    return answer
