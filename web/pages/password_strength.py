"""How hard a new password is to guess, told while it is typed.

It is advice: what is refused is decided when the password is sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Form
from starlette.responses import Response

from kb.errors import InvalidInput
from kb.password_lists import strength
from kb.passwords import check
from web.visit import Visit, Visiting

router = APIRouter(include_in_schema=False)

# What a form may send; more than can be a password is told as too long.
_MOST_SENT: Final = 2000


@dataclass(frozen=True, slots=True)
class StrengthPage:
    """Context of ``sign_in/strength.html``.

    Attributes:
        level: 0 to 4, as :func:`kb.password_lists.strength` counts; None before anything was typed.
        problem: why the password would be refused; empty when it would not.
    """

    level: int | None
    problem: str


@router.post("/password-strength")
def weigh(
    visit: Visiting,
    password: Annotated[str, Form(max_length=_MOST_SENT)] = "",
    new: Annotated[str, Form(max_length=_MOST_SENT)] = "",
) -> Response:
    """Tell how hard a password is to guess; nothing of it is kept."""
    answer = visit.page("sign_in/strength.html", _weighed(visit, password or new), block="content")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _weighed(visit: Visit, typed: str) -> StrengthPage:
    if not typed:
        return StrengthPage(None, "")
    known = _known_of(visit)
    try:
        text = check(typed, visit.kb.settings.password_chars, known)
    except InvalidInput as error:
        return StrengthPage(0, visit.language.sentence(error))
    return StrengthPage(strength(text, known), "")


def _known_of(visit: Visit) -> tuple[str, ...]:
    """What others know of the visitor."""
    if not visit.actor.id:
        return ()
    account = visit.kb.accounts.account(visit.actor, visit.actor.id)
    return (account.id, account.name, account.email)
