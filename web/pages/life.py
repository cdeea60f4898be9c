"""The life of a document as a page: where it stands, who looks after it, what can be done, what was done and why."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form
from starlette.responses import Response

from kb.errors import N_, InvalidInput
from kb.life_views import EventView, LifeView, WorkView
from kb.lifecycle_rules import BY_NAME
from kb.models import Document
from kb.working_copies import Origin
from web.language import Language
from web.life_labels import STEPS, StepLabel
from web.search_address import document_address
from web.visit import Id, Visit, Visiting

router = APIRouter(include_in_schema=False)

# Names offered for owner and reviewers; of more users one types the sign-in name.
PEOPLE_OFFERED: Final = 300
_MONTH_DIGITS: Final = 3
_SEPARATORS: Final = re.compile(r"[,，、;；\n]+")
_ADDRESS: Final = re.compile(r"(?:.*/documents/)?(\d{1,18})\D*")


@dataclass(frozen=True, slots=True)
class Step:
    """A step as a button."""

    name: str
    label: StepLabel


@dataclass(frozen=True, slots=True)
class WorkCard:
    """A version that waits, what can be done with it, and the addresses to look at it."""

    work: WorkView
    steps: tuple[Step, ...]
    read_url: str
    changes_url: str


@dataclass(frozen=True, slots=True)
class EventLine:
    """A step that was taken, in words."""

    event: EventView
    words: str


@dataclass(frozen=True, slots=True)
class CareForm:
    """Who looks after a document, as it stands in the form: users by sign-in names."""

    owner: str = ""
    reviewers: str = ""
    months: str = ""


@dataclass(frozen=True, slots=True)
class LifePage:
    """Context of ``life/page.html``."""

    document: Document
    url: str
    life: LifeView
    works: tuple[WorkCard, ...]
    steps: tuple[Step, ...]
    events: tuple[EventLine, ...]
    care: CareForm
    people: tuple[tuple[str, str], ...]
    problem: str


@dataclass(frozen=True, slots=True)
class StepForm:
    """What is sent with a step; ``then`` is ``page`` to go on to the document itself."""

    note: Annotated[str, Form()] = ""
    origin: Annotated[str, Form()] = "edit"
    number: Annotated[int | None, Form()] = None
    successor: Annotated[str, Form()] = ""
    then: Annotated[str, Form()] = ""


SentStep = Annotated[StepForm, Depends()]


@router.get("/documents/{document_id}/life")
def life(visit: Visiting, document_id: Id) -> Response:
    """Where a document stands."""
    return _life(visit, document_id)


@router.post("/documents/{document_id}/life/{step}")
def take(visit: Visiting, document_id: Id, step: str, form: SentStep) -> Response:
    """Take a step."""
    kind: Origin = "file" if form.origin == "file" else "edit"
    found = _ADDRESS.fullmatch(form.successor.strip())
    try:
        reached = visit.kb.lifecycle.take(
            visit.actor,
            document_id,
            step if step in BY_NAME else "",
            note=form.note,
            origin=kind,
            number=form.number,
            successor=int(found[1]) if found else None,
        )
    except InvalidInput as error:
        return _life(visit, document_id, problem=visit.language.sentence(error))
    if reached is None and not _is_there(visit, document_id):
        return visit.redirect("/for-me")
    url = document_address(document_id)
    return visit.redirect(url if form.then == "page" else f"{url}/life")


@router.post("/documents/{document_id}/care")
def care(
    visit: Visiting,
    document_id: Id,
    owner: Annotated[str, Form()] = "",
    reviewers: Annotated[str, Form()] = "",
    months: Annotated[str, Form()] = "",
) -> Response:
    """Say who looks after a document."""
    form = CareForm(owner, reviewers, months)
    try:
        known = dict(visit.kb.lifecycle.people(visit.actor, document_id, PEOPLE_OFFERED))
        visit.kb.lifecycle.set_care(
            visit.actor,
            document_id,
            owner=sign_in_name(owner, known),
            reviewers=[sign_in_name(each, known) for each in _SEPARATORS.split(reviewers)],
            months=whole_months(months),
        )
    except InvalidInput as error:
        return _life(visit, document_id, form=form, problem=visit.language.sentence(error))
    return visit.redirect(f"{document_address(document_id)}/life")


def sign_in_name(typed: str, known: dict[str, str]) -> str:
    """The sign-in name of whoever is meant: typed itself, or the name a single user is shown with."""
    typed = typed.strip().removeprefix("@")
    if typed in known:
        return typed
    shown = [user for user, name in known.items() if name == typed]
    return shown[0] if len(shown) == 1 else typed


def whole_months(typed: str) -> int | None:
    """Months between reviews; None where the field is empty or says never.

    Raises:
        InvalidInput: it is no number.
    """
    typed = typed.strip()
    if typed in {"", "0"}:
        return None
    if not typed.isdecimal() or len(typed) > _MONTH_DIGITS:
        raise InvalidInput(field=N_("interval"), reason=N_("it is not between 1 and 60 months"))
    return int(typed)


def steps_of(language: Language, names: Sequence[str]) -> tuple[Step, ...]:
    """Steps as buttons, in the visitor's language."""
    return tuple(
        Step(
            name,
            replace(
                STEPS[name],
                label=language.gettext(STEPS[name].label),
                hint=language.gettext(STEPS[name].hint),
            ),
        )
        # What is usually done next comes first.
        for name in sorted(names, key=lambda name: not STEPS[name].main)
    )


def work_card(language: Language, document: Document, work: WorkView) -> WorkCard:
    """A version that waits, with its buttons."""
    url = document_address(document.id)
    versions = f"{url}/versions"
    return WorkCard(
        work=work,
        steps=steps_of(language, work.steps),
        read_url=url if work.in_place else f"{versions}/{work.number}",
        changes_url=(
            f"{versions}/{document.version}/compare/{work.number}" if not work.in_place else ""
        ),
    )


def _is_there(visit: Visit, document_id: int) -> bool:
    return bool(visit.kb.documents.titles(visit.actor, [document_id]))


def _life(
    visit: Visit, document_id: int, *, form: CareForm | None = None, problem: str = ""
) -> Response:
    document = visit.kb.documents.get(visit.actor, document_id)
    found = visit.kb.lifecycle.of(visit.actor, document_id)
    people: list[tuple[str, str]] = []
    if found.may_set_care:
        people = visit.kb.lifecycle.people(visit.actor, document_id, PEOPLE_OFFERED)
    page = LifePage(
        document=document,
        url=document_address(document_id),
        life=found,
        works=tuple(work_card(visit.language, document, work) for work in found.works),
        steps=steps_of(visit.language, found.steps),
        events=tuple(
            EventLine(
                event,
                visit.language.gettext(STEPS[event.name].done) % {"number": event.number},
            )
            for event in visit.kb.lifecycle.history(visit.actor, document_id)
            if event.name in STEPS
        ),
        care=form
        or CareForm(
            owner=found.owner,
            reviewers=", ".join(user for user, _ in found.reviewers),
            months=str(found.months or ""),
        ),
        people=tuple(people),
        problem=problem,
    )
    return visit.page("life/page.html", page, status=422 if problem else 200)
