"""Lessons: the list with its filters, and one lesson: what happened, why, what to do, and what came of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import Response

from kb.access import Action
from kb.lesson_listing import FACETS, LessonFilter
from kb.lesson_reuse import Totals
from kb.lesson_rules import VERDICTS
from kb.lesson_things import PARTS
from kb.lesson_use_rules import OUTCOMES
from kb.lesson_views import LessonView, Summary, Use
from kb.lessons import Version
from kb.markdown import render
from web import lesson_labels
from web.language import Language
from web.lesson_address import address, pairs, read, with_value
from web.pages.insights import opened
from web.search_address import document_address, thing_address
from web.templating import label
from web.visit import Id, Visit, Visiting

router = APIRouter(include_in_schema=False)

PER_PAGE: Final = 30
# The label table of each filter; values of the others are shown as they are.
_TABLES: Final = {
    "state": "lesson_state",
    "verdict": "verdict",
    "category": "category",
    "phase": "phase",
    "kind": "lesson_kind",
    "language": "language",
}
_HEADING: Final = re.compile(r"<(/?)h([1-6])(?: id=\"[^\"]*\")?")
_LOWEST: Final = 6


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter: its name, how many lessons have it, and the list with it, or without it when chosen."""

    label: str
    count: int
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class LessonsPage:
    """Context of ``lessons/list.html``.

    Attributes:
        filters: for each filter its name for people and its values.
        hidden: fields of the present address that the search form carries along.
        export_url: the list as a file, without the format.
    """

    lessons: tuple[Summary, ...]
    total: int
    filters: tuple[tuple[str, tuple[Choice, ...]], ...]
    asked: LessonFilter
    hidden: tuple[tuple[str, str], ...]
    sorts: tuple[Choice, ...]
    all_url: str
    narrowed: bool
    export_url: str
    previous_url: str
    next_url: str
    totals: Totals
    may_submit: bool
    may_curate: bool
    people: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the story: its heading, its id on the page, and its text as HTML that is safe."""

    name: str
    heading: str
    anchor: str
    html: Markup


@dataclass(frozen=True, slots=True)
class SourceLink:
    """Where a lesson was told; ``url`` leads to the section, empty for what lies elsewhere."""

    url: str
    title: str
    language: str
    heading: str
    project: str
    project_url: str


@dataclass(frozen=True, slots=True)
class LessonPage:
    """Context of ``lessons/page.html``.

    Attributes:
        facts: what is known beside the story: name and value.
        use: what the visitor said of applying it in the project that is being told of.
        projects: codes and names for the fields that ask for one.
        people: names by handle.
        wrong: what the form that was just sent met: the form's name, and reason by field.
        typed: what was typed into that form.
    """

    lesson: LessonView
    parts: tuple[Part, ...]
    facts: tuple[tuple[str, str], ...]
    impact: tuple[tuple[str, str, bool], ...]
    sources: tuple[SourceLink, ...]
    closures: tuple[tuple[str, object], ...]
    history: tuple[Version, ...]
    overdue: bool
    may_use: bool
    mine: tuple[Use, ...]
    outcomes: tuple[str, ...]
    verdicts: tuple[str, ...]
    projects: tuple[tuple[str, str], ...]
    form: str
    wrong: Mapping[str, str]
    typed: Mapping[str, str]
    people: Mapping[str, str]


@router.get("/lessons")
def lessons(visit: Visiting) -> Response:
    """The lessons one may read, filtered."""
    asked, number = read(visit.request.query_params)
    found, total = visit.kb.lesson_lists.page(visit.actor, asked, page=number, per_page=PER_PAGE)
    counts = visit.kb.lesson_lists.counts(visit.actor, asked)
    role = visit.actor.actions
    page = LessonsPage(
        lessons=tuple(found),
        total=total,
        filters=tuple(
            (
                visit.language.gettext(lesson_labels.FIELDS[name]),
                _choices(visit.language, asked, name, counts[name]),
            )
            for name in FACETS
            if counts[name]
        ),
        asked=asked,
        hidden=tuple(pair for pair in pairs(asked) if pair[0] != "words"),
        sorts=tuple(
            Choice(
                visit.language.gettext(text),
                0,
                address(with_value(asked, "sort", name)),
                asked.sort == name,
            )
            for name, text in lesson_labels.SORTS.items()
        ),
        all_url=address(LessonFilter()),
        narrowed=bool([name for name, _ in pairs(asked) if name != "sort"]),
        export_url=f"/lessons/export?{urlencode([*pairs(asked), ('format', '')])}",
        previous_url=address(asked, number - 1) if number > 1 else "",
        next_url=address(asked, number + 1) if number * PER_PAGE < total else "",
        totals=visit.kb.lesson_reuse.totals(visit.actor),
        may_submit=bool(visit.actor.id) and Action.CONTRIBUTE in role,
        may_curate=Action.CURATE in role,
        people=names_of_people(visit, [each.owner for each in found]),
    )
    return visit.page("lessons/list.html", page, block="content")


@router.get("/lessons/{lesson_id:int}")
def lesson(visit: Visiting, lesson_id: Id) -> Response:
    """One lesson."""
    answer = show(visit, lesson_id)
    opened(visit)
    return answer


def show(
    visit: Visit,
    lesson_id: int,
    *,
    form: str = "",
    wrong: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    """The page of a lesson, with what was typed into one of its forms and why that could not be taken."""
    found = visit.kb.lessons.get(visit.actor, lesson_id)
    may_use = bool(visit.actor.id) and Action.CONTRIBUTE in visit.actor.actions
    history = visit.kb.lessons.history(visit.actor, lesson_id)
    handles = [found.text.owner, found.validated_by]
    handles += [use.by for use in found.uses] + [version.by for version in history]
    people = names_of_people(visit, handles)
    page = LessonPage(
        lesson=found,
        parts=tuple(_parts(visit.language, found)),
        facts=tuple(_facts(visit.language, found, people)),
        impact=tuple(impact(visit.language, found)),
        sources=tuple(_sources(visit.language, found)),
        closures=tuple(
            (thing_address(each.subject, each.number, anchor=each.anchor), each)
            for each in found.closures
        ),
        history=tuple(history),
        overdue=found.text.review_on is not None
        and found.state in {"validated", "built-in"}
        and found.text.review_on <= datetime.now(UTC).date(),
        may_use=may_use,
        mine=tuple(use for use in found.uses if use.by == visit.actor.id) if may_use else (),
        outcomes=OUTCOMES,
        verdicts=VERDICTS,
        projects=project_choices(visit) if may_use else (),
        form=form,
        wrong=wrong or {},
        typed=typed or {},
        people=people,
    )
    return visit.page("lessons/page.html", page, block="content", status=422 if wrong else 200)


def project_choices(visit: Visit) -> tuple[tuple[str, str], ...]:
    """Codes and names of the projects one may know of."""
    chinese = visit.language.code == "zh"
    return tuple(
        (each.code, (each.name_zh or each.name_en) if chinese else (each.name_en or each.name_zh))
        for each in visit.kb.registers.projects(visit.actor)
    )


def names_of_people(visit: Visit, handles: Sequence[str]) -> dict[str, str]:
    """The names of people, in the reader's language, by handle; a handle that nobody has is its own name."""
    known = visit.kb.lessons.people(visit.actor, {each for each in handles if each})
    code = visit.language.code
    return {
        each: known[each].in_language(code) if each in known else each for each in handles if each
    }


def story(markdown: str) -> Markup:
    """Markdown of a lesson as safe HTML; its headings stand below those of the page and have no ids of their own."""

    def lower(found: re.Match[str]) -> str:
        return f"<{found[1]}h{min(int(found[2]) + 2, _LOWEST)}"

    return Markup(_HEADING.sub(lower, render(markdown, "/lessons/files/")))  # noqa: S704  render sanitises


def impact(language: Language, found: LessonView) -> list[tuple[str, str, bool]]:
    """What a lesson cost or brought: name, amount in words, and whether it was lost."""
    text = found.text
    told: list[tuple[str, str, bool]] = []
    if text.impact_days is not None:
        told.append(
            (
                label(language, "lesson_field", "impact_days"),
                _signed(language, text.impact_days, ""),
                text.impact_days < 0,
            )
        )
    if text.impact_money is not None:
        told.append(
            (
                label(language, "lesson_field", "impact_money"),
                _signed(language, text.impact_money, text.currency),
                text.impact_money < 0,
            )
        )
    if text.impact_quality is not None:
        word = label(language, "impact_quality", text.impact_quality)
        name = label(language, "lesson_field", "impact_quality")
        told.append((name, word, text.impact_quality < 0))
    return told


def _signed(language: Language, amount: float, unit: str) -> str:
    sign = "−" if amount < 0 else "+" if amount > 0 else ""  # noqa: RUF001  the sign of numbers
    return f"{sign}{language.number(abs(amount))} {unit}".rstrip()


def _parts(language: Language, found: LessonView) -> list[Part]:
    headings = {anchor: lesson_labels.FIELDS[name] for name, _, _, anchor in PARTS}
    return [
        Part(name, language.gettext(headings[anchor]), anchor, story(getattr(found.text, name)))
        for name, _, _, anchor in PARTS
        if getattr(found.text, name)
    ]


def _facts(
    language: Language, found: LessonView, people: Mapping[str, str]
) -> list[tuple[str, str]]:
    text = found.text
    yes_no = {True: language.gettext("yes"), False: language.gettext("no"), None: ""}
    values = {
        "category": label(language, "category", text.category),
        "phase": label(language, "phase", text.phase),
        "cause": label(language, "cause", text.cause),
        "happened_on": language.day(text.happened_on) if text.happened_on else "",
        "on_risk_register": yes_no[text.on_risk_register],
        "project_type": text.project_type,
        "project_size": text.project_size,
        "technology": text.technology,
        "supplier": text.supplier,
        "owner": people.get(text.owner, text.owner),
        "review_on": language.day(text.review_on) if text.review_on else "",
        "audience": "" if text.audience == "everyone" else text.audience,
    }
    return [
        (language.gettext(lesson_labels.FIELDS[name]), value)
        for name, value in values.items()
        if value
    ]


def _sources(language: Language, found: LessonView) -> list[SourceLink]:
    return [
        SourceLink(
            url=document_address(each.document_id, anchor=each.anchor) if each.document_id else "",
            title=each.document_title
            or each.told
            or each.project_names.in_language(language.code)
            or each.project_code,
            language=each.document_language,
            heading=each.heading,
            project=each.project_code,
            project_url=address(LessonFilter(project=each.project_code)),
        )
        for each in found.sources
        if each.document_id or each.told or each.project_code
    ]


def _choices(
    language: Language, asked: LessonFilter, name: str, counts: list[tuple[str, int]]
) -> tuple[Choice, ...]:
    table = _TABLES.get(name, "")
    chosen = getattr(asked, name)
    return tuple(
        Choice(
            label(language, table, value) if table else value,
            count,
            address(with_value(asked, name, "" if value == chosen else value)),
            value == chosen,
        )
        for value, count in counts
    )
