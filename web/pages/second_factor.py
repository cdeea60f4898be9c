"""The second factor: asked for after the password, set up by oneself, its recovery codes, and doing without it."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Final

import segno
from fastapi import APIRouter, Form
from markupsafe import Markup
from pyotp import TOTP
from starlette.responses import Response

from kb.access import Actor
from kb.errors import N_, InvalidInput, KnowledgeBaseError, NotAllowed, TooManyRequests
from web import actors
from web.second_step import finish, pending
from web.visit import Visit, Visiting

router = APIRouter(include_in_schema=False)

SIGN_IN: Final = "/sign-in"
_MOST_CHARS: Final = 200
_Code = Annotated[str, Form(max_length=_MOST_CHARS)]
# What apps show beside the codes.
_ISSUER: Final = "Qianjian"
# Pixels of each square of the picture, and of the quiet zone around it that readers need.
_SCALE: Final = 5
_BORDER: Final = 4


@dataclass(frozen=True, slots=True)
class CodePage:
    """Context of ``sign_in/code.html``; ``problem`` is what was wrong with the code before."""

    problem: str


@dataclass(frozen=True, slots=True)
class SetUpPage:
    """Context of ``sign_in/set_up.html``.

    Attributes:
        action: where the code is sent.
        secret: in base 32, in groups of four, for devices without a camera.
        picture: the same as a QR code, as SVG.
        address: the same as an address that apps on this device open.
        problem: what was wrong with the code before.
    """

    action: str
    secret: str
    picture: Markup
    address: str
    problem: str


@dataclass(frozen=True, slots=True)
class CodesPage:
    """Context of ``sign_in/recovery_codes.html``: codes shown this once, and where to go on to."""

    codes: tuple[str, ...]
    then: str


@router.get("/sign-in/code")
def code_form(visit: Visiting) -> Response:
    """Ask for the code, of whoever has just shown the password."""
    if pending(visit) is None:
        return visit.redirect(SIGN_IN)
    return _shown(visit, "sign_in/code.html", CodePage(""))


@router.post("/sign-in/code")
def show_code(visit: Visiting, code: _Code = "") -> Response:
    """Sign in whose code is right."""
    waiting = pending(visit)
    if waiting is None:
        return visit.redirect(SIGN_IN)
    try:
        right = visit.kb.second_factors.check(
            waiting.actor.id, code, actors.address_of(visit.request)
        )
    except TooManyRequests as error:
        answer = _shown(visit, "sign_in/code.html", CodePage(_problem(visit, error)), 429)
        answer.headers["Retry-After"] = str(error.data["seconds"])
        return answer
    if not right:
        wrong = InvalidInput(field="code", reason=N_("it is not the device's present code"))
        return _shown(visit, "sign_in/code.html", CodePage(_problem(visit, wrong)), 422)
    return finish(visit, visit.redirect(waiting.then), waiting)


@router.get("/sign-in/set-up")
def required_form(visit: Visiting) -> Response:
    """Let somebody set up the factor that is required, before they are in."""
    waiting = pending(visit)
    if waiting is None:
        return visit.redirect(SIGN_IN)
    return _set_up(visit, waiting.actor, "/sign-in/set-up")


@router.post("/sign-in/set-up")
def set_up_required(visit: Visiting, code: _Code = "") -> Response:
    """Take the device into use, and sign its owner in."""
    waiting = pending(visit)
    if waiting is None:
        return visit.redirect(SIGN_IN)
    answer = _confirmed(visit, waiting.actor, code, "/sign-in/set-up", waiting.then)
    return finish(visit, answer, waiting) if answer.status_code == HTTPStatus.OK else answer


@router.post("/account/factor/begin")
def begin(visit: Visiting) -> Response:
    """Show what to put into a device."""
    return _set_up(visit, visit.actor, "/account/factor")


@router.post("/account/factor")
def set_up(visit: Visiting, code: _Code = "") -> Response:
    """Take the device into use; other browsers are signed out, and this one gets a new session."""
    answer = _confirmed(visit, visit.actor, code, "/account/factor", "/account?saved=factor")
    if answer.status_code == HTTPStatus.OK:
        actors.sign_in(visit.request, answer, visit.kb, visit.actor, "password", factor=True)
    return answer


@router.post("/account/factor/codes")
def renew_codes(visit: Visiting) -> Response:
    """Make new recovery codes; the answer shows them, and nothing ever shows them again."""
    codes = visit.kb.second_factors.renew_codes(visit.actor)
    return _shown(visit, "sign_in/recovery_codes.html", CodesPage(tuple(codes), "/account"))


@router.post("/account/factor/remove")
def remove(visit: Visiting) -> Response:
    """Ask for no second factor any more."""
    visit.kb.second_factors.remove(visit.actor, visit.actor.id)
    return visit.redirect("/account?saved=factor#factor")


def _confirmed(visit: Visit, actor: Actor, code: str, action: str, then: str) -> Response:
    try:
        codes = visit.kb.second_factors.confirm(actor, code, actors.address_of(visit.request))
    except (InvalidInput, TooManyRequests) as error:
        return _set_up(visit, actor, action, error)
    return _shown(visit, "sign_in/recovery_codes.html", CodesPage(tuple(codes), then))


def _set_up(
    visit: Visit, actor: Actor, action: str, error: KnowledgeBaseError | None = None
) -> Response:
    if visit.site.demo:
        # Its passwords are published: one visitor could keep all others out.
        raise NotAllowed(action=N_("set up a second factor in a demonstration"))
    secret = visit.kb.second_factors.begin(actor)
    address = TOTP(secret).provisioning_uri(name=actor.id, issuer_name=_ISSUER)
    picture = segno.make(address, micro=False).svg_inline(
        scale=_SCALE, border=_BORDER, light="#fff", svgclass="factor-picture", lineclass=None
    )
    page = SetUpPage(
        action=action,
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        picture=Markup(picture),  # noqa: S704  paths and numbers made by segno, nothing of anybody's text
        address=address,
        problem=_problem(visit, error) if error is not None else "",
    )
    return _shown(visit, "sign_in/set_up.html", page, 422 if error is not None else 200)


def _problem(visit: Visit, error: KnowledgeBaseError) -> str:
    return f"{visit.language.sentence(error)} {visit.language.advice(error)}"


def _shown(visit: Visit, template: str, page: object, status: int = 200) -> Response:
    answer = visit.page(template, page, block="content", status=status)
    answer.headers["Cache-Control"] = "no-store"
    return answer
