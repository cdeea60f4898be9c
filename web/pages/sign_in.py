"""Signing in and out, and the preferences that need no account: the look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from web import actors
from web.demo import DEMO_PASSWORD, DEMO_USERS
from web.visit import THEME_COOKIE, THEMES, Visit, Visiting, local_path, remember

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class SignInPage:
    """Context of ``sign_in/page.html``.

    Attributes:
        failed: True after a wrong name or password.
        demo_users: sign-in name and name of the demonstration's accounts; empty elsewhere.
    """

    name: str
    then: str
    failed: bool
    demo_users: tuple[tuple[str, str], ...]
    demo_password: str


@router.get("/sign-in")
def form(visit: Visiting, then: str = "/") -> Response:
    """The sign-in form."""
    return _form(visit, "", then)


@router.post("/sign-in")
def sign_in(
    visit: Visiting,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    then: Annotated[str, Form()] = "/",
) -> Response:
    """Check name and password; on success go on to where the visitor wanted to."""
    actor = visit.kb.accounts.authenticate(name.strip(), password)
    if actor is None:
        return _form(visit, name, then, failed=True)
    response = visit.redirect(local_path(then))
    actors.sign_in(visit.request, response, visit.kb, actor)
    return response


@router.post("/sign-out")
def sign_out(visit: Visiting) -> Response:
    """Take the sign-in cookie away."""
    response = visit.redirect("/")
    actors.sign_out(response)
    return response


@router.post("/preferences/theme")
def theme(
    visit: Visiting, theme: Annotated[str, Form()] = "", then: Annotated[str, Form()] = "/"
) -> Response:
    """Keep the look a visitor chose: ``auto`` follows the system."""
    response = visit.redirect(local_path(then))
    remember(visit.request, response, THEME_COOKIE, theme if theme in THEMES else THEMES[0])
    return response


def _form(visit: Visit, name: str, then: str, *, failed: bool = False) -> Response:
    demo = visit.site.demo
    page = SignInPage(
        name=name,
        then=local_path(then),
        failed=failed,
        demo_users=tuple((user, shown) for user, shown, _ in DEMO_USERS) if demo else (),
        demo_password=DEMO_PASSWORD if demo else "",
    )
    return visit.page("sign_in/page.html", page, block="content", status=422 if failed else 200)
