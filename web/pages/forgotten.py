"""A password that was forgotten: a link for a new one goes to the letter box of the account, where mail is set up.

The answer is the same, and takes as long, whoever is asked for: the request only writes down what was typed, and what
it means is found out later, beside the requests (:mod:`kb.account_letters`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Form
from starlette.responses import Response

from kb.errors import N_, NotFound
from web.account_mailing import mails_links
from web.visit import Visit, Visiting

router = APIRouter(include_in_schema=False)

_MOST_CHARS: Final = 2000


@dataclass(frozen=True, slots=True)
class ForgottenPage:
    """Context of ``sign_in/forgotten.html``; ``asked`` is True after somebody was asked for."""

    asked: bool


@router.get("/forgotten")
def forgotten(visit: Visiting) -> Response:
    """The form that asks for a link."""
    return _page(visit, asked=False)


@router.post("/forgotten")
def ask(visit: Visiting, name: Annotated[str, Form(max_length=_MOST_CHARS)] = "") -> Response:
    """Write down who is asked for."""
    answer = _page(visit, asked=True)
    visit.kb.account_letters.wish_link(name)
    return answer


def _page(visit: Visit, *, asked: bool) -> Response:
    if not mails_links(visit.kb.settings):
        raise NotFound(what=N_("page"), id=visit.request.url.path)
    return visit.page("sign_in/forgotten.html", ForgottenPage(asked), block="content")
