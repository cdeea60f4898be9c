"""Asking a question and putting it otherwise, with what tells the same already and whom to ask beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from kb.access import Action
from kb.errors import Conflict, InvalidInput, KnowledgeBaseError, NotFound
from kb.page_roles import must_be_signed_in
from kb.question_routing import Suggested
from kb.question_rules import MAX_BODY_CHARS, MAX_EXPERTS, QuestionText
from kb.search.answers import Hit
from web.pages.lessons import project_choices
from web.pages.questions import new_token
from web.search_address import thing_address
from web.visit import Id, Visit, Visiting

router = APIRouter(include_in_schema=False)

_MAX_FORM_FIELDS: Final = 100
_SEPARATORS: Final = str.maketrans({"；": ";", "，": ";", "、": ";", ",": ";", "\n": ";"})
_DIGITS: Final = 9


@dataclass(frozen=True, slots=True)
class Likely:
    """What tells the same already, with its address."""

    hit: Hit
    url: str


@dataclass(frozen=True, slots=True)
class SimilarPage:
    """Context of ``questions/similar.html``.

    Attributes:
        likely: what may answer the question already.
        experts: whom it can be brought to; ``chosen`` their ids that are ticked.
        asked: enough was typed to look.
    """

    likely: tuple[Likely, ...]
    experts: tuple[Suggested, ...]
    chosen: frozenset[int]
    asked: bool


@dataclass(frozen=True, slots=True)
class AskPage:
    """Context of ``questions/form.html``.

    Attributes:
        question_id: of the question that is put otherwise; 0 for a new one.
        text, tags: what stands in the fields.
        similar: what is shown beside it.
        look: the form was kept back once to show what tells the same (without scripts).
    """

    question_id: int
    revision: int
    text: QuestionText
    tags: str
    similar: SimilarPage
    look: bool
    problem: str
    advice: str
    token: str
    projects: tuple[tuple[str, str], ...]
    max_body_chars: int


async def sent_form(request: Request) -> Mapping[str, list[str]]:
    """The text fields of a form, each with all its values; files are left out."""
    form = await request.form(max_files=1, max_fields=_MAX_FORM_FIELDS)
    return {
        name: [value for value in form.getlist(name) if isinstance(value, str)] for name in form
    }


Sent = Annotated[Mapping[str, list[str]], Depends(sent_form)]


@router.get("/questions/new")
def new(visit: Visiting, q: str = "", project: str = "") -> Response:
    """The form for a new question; ``q`` is what was searched for in vain."""
    if not visit.actor.id:
        return visit.redirect("/sign-in?then=/questions/new")
    visit.actor.must(Action.ASK)
    text = QuestionText(title=" ".join(q.split())[:300], project=project)
    return _form(visit, text, similar=_similar(visit, text, None))


@router.post("/questions/similar")
def similar(visit: Visiting, form: Sent) -> Response:
    """What tells nearly the same as what is being typed, and whom to ask."""
    must_be_signed_in(visit.actor)
    page = _similar(visit, _typed(form), _people(form) or None)
    return visit.page("questions/similar.html", page, block="found")


@router.post("/questions")
def ask(visit: Visiting, form: Sent) -> Response:
    """Ask; whoever has not seen what tells the same (no scripts) sees it once before."""
    visit.actor.must(Action.ASK)
    text = _typed(form)
    if not _first(form, "seen"):
        near = _similar(visit, text, None)
        if near.likely or near.experts:
            return _form(visit, text, similar=near, look=True, token=_first(form, "token"))
    try:
        number = visit.kb.questions.ask(
            visit.actor,
            text,
            experts=_people(form)[:MAX_EXPERTS],
            token=_first(form, "token")[:100],
        )
    except (InvalidInput, NotFound) as error:
        near = _similar(visit, text, _people(form))
        return _form(visit, text, similar=near, error=error, token=_first(form, "token"))
    return visit.redirect(f"/questions/{number}")


@router.get("/questions/{question_id:int}/edit")
def edit(visit: Visiting, question_id: Id) -> Response:
    """The form of a question that is there."""
    found = visit.kb.question_views.get(visit.actor, question_id)
    if not found.may_steer:
        visit.actor.must(Action.CURATE)
    return _form(visit, found.text, question_id=question_id, revision=found.revision)


@router.post("/questions/{question_id:int}/edit")
def save(visit: Visiting, question_id: Id, form: Sent) -> Response:
    """Put a question otherwise."""
    text = _typed(form)
    sent = _first(form, "revision")
    revision = int(sent) if sent.isdecimal() and len(sent) <= _DIGITS else 0
    try:
        visit.kb.questions.edit(visit.actor, question_id, text, revision)
    except (InvalidInput, Conflict, NotFound) as error:
        found = visit.kb.question_views.get(visit.actor, question_id)
        return _form(visit, text, question_id=question_id, revision=found.revision, error=error)
    return visit.redirect(f"/questions/{question_id}")


def _form(
    visit: Visit,
    text: QuestionText,
    *,
    question_id: int = 0,
    revision: int = 0,
    similar: SimilarPage | None = None,
    look: bool = False,
    error: KnowledgeBaseError | None = None,
    token: str = "",
) -> Response:
    page = AskPage(
        question_id=question_id,
        revision=revision,
        text=text,
        tags="; ".join(text.tags),
        similar=similar or SimilarPage((), (), frozenset(), asked=False),
        look=look,
        problem=visit.language.sentence(error) if error else "",
        advice=visit.language.advice(error) if error else "",
        token=token or new_token(),
        projects=project_choices(visit),
        max_body_chars=MAX_BODY_CHARS,
    )
    status = 409 if isinstance(error, Conflict) else 422 if error else 200
    return visit.page("questions/form.html", page, block="content", status=status)


def _similar(visit: Visit, text: QuestionText, chosen: list[int] | None) -> SimilarPage:
    """What is shown beside the form; all suggested people are ticked until somebody chose (``None``)."""
    routing = visit.kb.question_routing
    experts = routing.suggested(visit.actor, text.title, text.body)
    hits = routing.similar(visit.actor, text.title, text.body)
    ticked = [one.person_id for one in experts] if chosen is None else chosen
    return SimilarPage(
        likely=tuple(
            Likely(
                hit,
                thing_address(
                    hit.subject, hit.id, text.title, hit.section.anchor if hit.section else ""
                ),
            )
            for hit in hits
        ),
        experts=experts,
        chosen=frozenset(ticked),
        asked=bool(text.title.strip()),
    )


def _typed(form: Mapping[str, list[str]]) -> QuestionText:
    return replace(
        QuestionText(
            title=_first(form, "title"),
            body=_first(form, "body"),
            audience=_first(form, "audience").strip() or "everyone",
            project=_first(form, "project").strip(),
        ),
        tags=tuple(
            tag.strip()
            for tag in _first(form, "tags").translate(_SEPARATORS).split(";")
            if tag.strip()
        ),
    )


def _people(form: Mapping[str, list[str]]) -> list[int]:
    return [
        int(text)
        for text in form.get("expert", ())
        if text.isascii() and text.isdecimal() and len(text) <= _DIGITS
    ]


def _first(form: Mapping[str, list[str]], name: str) -> str:
    return next(iter(form.get(name, ())), "")
