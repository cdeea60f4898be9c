"""Questions put to colleagues: the list, one question with its answers, and what it was before."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter
from markupsafe import Markup
from starlette.datastructures import QueryParams
from starlette.responses import Response

from kb.access import Action
from kb.markdown import render
from kb.question_lists import PER_PAGE, QuestionFilter, QuestionLine
from kb.question_rules import MAX_ANSWER_CHARS, MAX_COMMENT_CHARS, SORTS, SUBJECT, TABS
from kb.question_things import answer_anchor
from kb.question_views import AnswerView, Edit, QuestionView
from web.document_links import with_titles
from web.search_address import MAX_PAGE, thing_address
from web.templating import label
from web.visit import Id, Visit, Visiting

router = APIRouter(include_in_schema=False)

TOKEN_BYTES: Final = 12
_DIGITS: Final = 9
_MAX_TAG_CHARS: Final = 100


@dataclass(frozen=True, slots=True)
class Choice:
    """One tab, order or tag: the list it leads to, and how many questions are there (None where it does not matter)."""

    name: str
    label: str
    url: str
    chosen: bool
    count: int | None = None


@dataclass(frozen=True, slots=True)
class QuestionsPage:
    """Context of ``questions/list.html``; ``all_url`` is the list without its tag."""

    tabs: tuple[Choice, ...]
    sorts: tuple[Choice, ...]
    tags: tuple[Choice, ...]
    tag: str
    all_url: str
    lines: tuple[QuestionLine, ...]
    total: int
    previous_url: str
    next_url: str
    may_ask: bool


@dataclass(frozen=True, slots=True)
class ShownAnswer:
    """An answer with its text as HTML; ``anchor`` is its id on the page."""

    answer: AnswerView
    html: Markup
    anchor: str


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """Context of ``questions/page.html``.

    Attributes:
        typed: what stands in the form for an answer, after it was refused; ``problem`` why.
        closed_now: it was refused because the question was closed.
        token: of the forms on this page, so that each is taken once.
        fruits: subject, title and address of the pages and lessons that were made of it.
    """

    question: QuestionView
    html: Markup
    answers: tuple[ShownAnswer, ...]
    fruits: tuple[tuple[str, str, str], ...]
    typed: str
    problem: str
    advice: str
    token: str
    may_write: bool
    may_contribute: bool
    signed_in: bool
    max_answer_chars: int
    max_comment_chars: int


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Context of ``questions/history.html``: the present question and what its texts were before, newest first."""

    question: QuestionView
    edits: tuple[tuple[Edit, Markup], ...]


@router.get("/questions")
def questions(visit: Visiting) -> Response:
    """The list."""
    asked, number = read(visit.request.query_params)
    found, total = visit.kb.question_lists.listed(visit.actor, asked, number)
    counts = visit.kb.question_lists.counts(visit.actor, asked.tag)
    signed_in = bool(visit.actor.id)
    page = QuestionsPage(
        tabs=tuple(
            Choice(
                tab,
                label(visit.language, "question_tab", tab),
                address(replace(asked, tab=tab)),
                tab == asked.tab,
                counts[tab],
            )
            for tab in TABS
            if tab == asked.tab
            or (tab in {"mine", "to-me"} and signed_in)
            or tab in {"open", "unanswered", "all"}
            or counts[tab]
        ),
        sorts=tuple(
            Choice(
                sort,
                label(visit.language, "question_sort", sort),
                address(replace(asked, sort=sort)),
                sort == asked.sort,
            )
            for sort in SORTS
        ),
        tags=tuple(
            Choice(tag, tag, address(replace(asked, tag=tag)), tag == asked.tag, count)
            for tag, count in visit.kb.question_lists.tags(visit.actor)
        ),
        tag=asked.tag,
        all_url=address(replace(asked, tag="")),
        lines=tuple(found),
        total=total,
        previous_url=address(asked, number - 1) if number > 1 else "",
        next_url=address(asked, number + 1) if number * PER_PAGE < total else "",
        may_ask=signed_in and Action.ASK in visit.actor.actions,
    )
    return visit.page("questions/list.html", page, block="content")


@router.get("/questions/{question_id:int}")
def question(visit: Visiting, question_id: Id) -> Response:
    """One question with its answers."""
    visit.kb.notifications.looked_at(visit.actor, SUBJECT, question_id)
    return question_page(visit, question_id)


@router.get("/questions/{question_id:int}/history")
def history(visit: Visiting, question_id: Id) -> Response:
    """What was written before it was put otherwise."""
    found = visit.kb.question_views.get(visit.actor, question_id)
    edits = visit.kb.question_views.history(visit.actor, question_id)
    page = HistoryPage(found, tuple((edit, shown(visit, edit.body)) for edit in edits))
    return visit.page("questions/history.html", page)


def question_page(
    visit: Visit,
    question_id: int,
    *,
    typed: str = "",
    problem: str = "",
    advice: str = "",
    status: int = 200,
) -> Response:
    """The page of a question, for htmx its content."""
    found = visit.kb.question_views.get(visit.actor, question_id)
    page = QuestionPage(
        question=found,
        html=shown(visit, found.text.body),
        answers=tuple(
            ShownAnswer(each, shown(visit, each.body), answer_anchor(each.id))
            for each in found.answers
        ),
        fruits=tuple(
            (fruit.subject, fruit.title, thing_address(fruit.subject, fruit.number))
            for fruit in found.fruits
        ),
        typed=typed,
        problem=problem,
        advice=advice,
        token=new_token(),
        may_write=found.may_ask,
        may_contribute=bool(visit.actor.id) and Action.CONTRIBUTE in visit.actor.actions,
        signed_in=bool(visit.actor.id),
        max_answer_chars=MAX_ANSWER_CHARS,
        max_comment_chars=MAX_COMMENT_CHARS,
    )
    return visit.page("questions/page.html", page, block="content", status=status)


def shown(visit: Visit, body: str) -> Markup:
    """Markdown as safe HTML, with words in the links whose titles this visitor may know."""
    return Markup(with_titles(visit, render(body, "/questions/files/")))  # noqa: S704  render sanitises


def new_token() -> str:
    """Names a form, so that what is sent twice is taken once."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def read(parameters: QueryParams) -> tuple[QuestionFilter, int]:
    """The questions that a query string asks for, and the page; a value that makes no sense is left out."""
    usual = QuestionFilter()
    asked = QuestionFilter(
        tab=next((tab for tab in TABS if tab == parameters.get("tab")), usual.tab),
        tag=parameters.get("tag", "").strip()[:_MAX_TAG_CHARS],
        sort=next((sort for sort in SORTS if sort == parameters.get("sort")), usual.sort),
    )
    page = parameters.get("page", "")
    right = page.isascii() and page.isdecimal() and len(page) <= _DIGITS
    return asked, min(max(int(page), 1), MAX_PAGE) if right else 1


def address(asked: QuestionFilter, page: int = 1) -> str:
    """The address of a list."""
    usual = QuestionFilter()
    pairs = [
        (name, getattr(asked, name))
        for name in ("tab", "tag", "sort")
        if getattr(asked, name) != getattr(usual, name)
    ]
    if page > 1:
        pairs.append(("page", str(page)))
    return "/questions" + (f"?{urlencode(pairs)}" if pairs else "")
