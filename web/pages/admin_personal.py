"""What is stored about a person: handed out, or taken away after it was told what that means."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from kb.access import Action
from kb.errors import N_, KnowledgeBaseError
from kb.models import utc_now
from kb.personal_data import Erasure
from web.pages.admin import run_beside
from web.visit import Visit, Visiting

router = APIRouter(include_in_schema=False)

_Who = Annotated[str, Form(max_length=200)]


@dataclass(frozen=True, slots=True)
class PersonalPage:
    """Context of ``admin/personal.html``.

    Attributes:
        section: of the administration, for its navigation.
        who: the sign-in name or handle that was asked for.
        plan: what erasing would do; None before it was asked for.
        done: what erasing did; None before.
        problem: what was wrong with what was sent.
    """

    section: str
    who: str
    plan: Erasure | None
    done: Erasure | None
    problem: str


@router.get("/admin/personal")
def personal(visit: Visiting) -> Response:
    """The form."""
    return _shown(visit)


@router.post("/admin/personal/export")
def export(visit: Visiting, who: _Who) -> Response:
    """Everything that is stored about somebody, as a JSON file."""
    visit.actor.must(Action.ADMINISTER)
    try:
        told = visit.kb.personal_data.export(visit.actor, who.strip())
    except KnowledgeBaseError as error:
        return _shown(visit, who, problem=visit.language.sentence(error), status=422)
    return Response(
        json.dumps(told, ensure_ascii=False, indent=1),
        media_type="application/json",
        headers={
            "Content-Disposition": f'attachment; filename="person-{utc_now().date()}.json"',
            "Cache-Control": "private, no-store",
        },
    )


@router.post("/admin/personal/erase")
def erase(visit: Visiting, who: _Who, again: Annotated[str, Form(max_length=200)] = "") -> Response:
    """Tell what erasing somebody would do; do it when the name was typed again."""
    visit.actor.must(Action.ADMINISTER)
    who, confirmed = who.strip(), bool(again.strip())
    if confirmed and again.strip() != who:
        problem = visit.language.gettext(N_("The two names differ; nothing was changed."))
        return _shown(visit, who, problem=problem, status=422)
    try:
        told = visit.kb.personal_data.erase(visit.actor, who, confirmed=confirmed)
    except KnowledgeBaseError as error:
        return _shown(visit, who, problem=visit.language.sentence(error), status=422)
    if confirmed:
        # The old index holds the name among its words until it is built anew.
        run_beside("rebuild", visit.kb.indexing.rebuild)
        return _shown(visit, "", done=told)
    return _shown(visit, who, plan=told)


def _shown(
    visit: Visit,
    who: str = "",
    *,
    plan: Erasure | None = None,
    done: Erasure | None = None,
    problem: str = "",
    status: int = 200,
) -> Response:
    visit.actor.must(Action.ADMINISTER)
    page = PersonalPage("personal", who, plan, done, problem)
    return visit.page("admin/personal.html", page, block="content", status=status)
