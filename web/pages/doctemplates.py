"""The library of standard templates: find one, see it, download it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote, urlencode

from fastapi import APIRouter
from starlette.responses import Response

from ingest.doctemplates import fill, media_type
from kb.access import Action
from kb.doctemplate_answers import Answers
from kb.doctemplate_fields import Field
from kb.doctemplate_forms import Form
from kb.doctemplate_rules import KINDS, LANGUAGES, OTHER_KIND, PHASES
from kb.doctemplate_views import LibraryFilter, TemplateView, VersionLine
from kb.lesson_closure import Behind
from kb.markdown import render
from kb.models.doctemplates import PUBLISHED
from web.pages.insights import opened
from web.security import UPLOADED_POLICY
from web.visit import Id, Visit, Visiting

router = APIRouter(include_in_schema=False)

_STATES: Final = (PUBLISHED, "draft", "retired")
_HEADING: Final = re.compile(r"<(/?)h([1-6])\b")
# A template's own title and chapters come below the headings of the page around them.
_DEMOTED_BY: Final = 2


@dataclass(frozen=True, slots=True)
class Chip:
    """One value to narrow the library by."""

    value: str
    count: int
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Shelf:
    """The templates of one phase."""

    phase: str
    templates: tuple[TemplateView, ...]


@dataclass(frozen=True, slots=True)
class LibraryPage:
    """Context of ``doctemplates/list.html``; ``forms`` are those the visitor has begun."""

    asked: LibraryFilter
    total: int
    shelves: tuple[Shelf, ...]
    languages: tuple[Chip, ...]
    kinds: tuple[Chip, ...]
    states: tuple[Chip, ...]
    forms: tuple[Form, ...]
    may_curate: bool
    may_draft: bool


@dataclass(frozen=True, slots=True)
class TemplatePage:
    """Context of ``doctemplates/page.html``.

    Attributes:
        owner: the owner's name in the visitor's language.
        preview: safe HTML of the form.
        lists: the fields by list, those of none first.
        others: the templates of the same kind in another language.
        behind: the lessons that changed it.
    """

    template: TemplateView
    owner: str
    preview: str
    lists: tuple[tuple[str, tuple[Field, ...]], ...]
    versions: tuple[VersionLine, ...]
    others: tuple[TemplateView, ...]
    forms: tuple[Form, ...]
    behind: tuple[Behind, ...]
    may_curate: bool


@dataclass(frozen=True, slots=True)
class ExamplePage:
    """Context of ``doctemplates/example.html``."""

    template: TemplateView
    body: str


@router.get("/doctemplates")
def library(
    visit: Visiting, language: str = "", kind: str = "", state: str = "", q: str = ""
) -> Response:
    """All templates, by the phases of a project."""
    asked = LibraryFilter(
        language=language if language in LANGUAGES else "",
        kind=kind if kind in KINDS else "",
        state=state if state in _STATES else PUBLISHED,
        words=q.strip()[:200],
    )
    found = visit.kb.doctemplates.library(visit.actor, asked)
    actions = visit.actor.actions
    page = LibraryPage(
        asked=asked,
        total=len(found.templates),
        shelves=_shelves(found.templates),
        languages=tuple(
            Chip(
                each,
                count,
                address(replace(asked, language=_switched(each, asked.language))),
                each == asked.language,
            )
            for each in LANGUAGES
            if (count := found.languages.get(each, 0))
        ),
        kinds=tuple(
            Chip(
                each,
                count,
                address(replace(asked, kind=_switched(each, asked.kind))),
                each == asked.kind,
            )
            for each in KINDS
            if (count := found.kinds.get(each, 0))
        ),
        states=tuple(
            Chip(
                each,
                found.states.get(each, 0),
                address(replace(asked, state=each)),
                each == asked.state,
            )
            for each in _STATES
            if found.states.get(each, 0) or each == PUBLISHED
        ),
        forms=visit.kb.doctemplate_forms.mine(visit.actor),
        may_curate=Action.CURATE in actions,
        may_draft=Action.IMPORT in actions,
    )
    return visit.page("doctemplates/list.html", page, block="content")


@router.get("/doctemplates/{template_id}")
def template(visit: Visiting, template_id: Id) -> Response:
    """One template: what it is for, how it looks, its versions."""
    found = visit.kb.doctemplates.get(visit.actor, template_id)
    opened(visit)
    details = found.details
    same = LibraryFilter(kind=details.kind)
    page = TemplatePage(
        template=found,
        owner=owner_name(found, visit.language.code),
        preview=shown(found.body),
        lists=_lists(found.fields),
        versions=visit.kb.doctemplates.versions(visit.actor, template_id),
        others=tuple(
            other
            for other in visit.kb.doctemplates.library(visit.actor, same).templates
            if other.details.language != details.language and details.kind != OTHER_KIND
        ),
        forms=tuple(
            form
            for form in visit.kb.doctemplate_forms.mine(visit.actor)
            if form.template_id == template_id
        ),
        behind=visit.kb.lesson_closures.lessons_behind_template(visit.actor, template_id),
        may_curate=Action.CURATE in visit.actor.actions,
    )
    return visit.page("doctemplates/page.html", page)


@router.get("/doctemplates/{template_id}/blank")
def blank(visit: Visiting, template_id: Id) -> Response:
    """The empty form to fill in by hand: each field shows its name in brackets."""
    found = visit.kb.doctemplates.get(visit.actor, template_id)
    content, name = visit.kb.doctemplates.content(visit.actor, template_id)
    made = fill(content, name, found.fields, Answers(), found.details.language)
    visit.kb.doctemplates.count(visit.actor, template_id, "download")
    return attachment(made, f"{found.details.title}.{found.format}", media_type(found.format))


@router.get("/doctemplates/{template_id}/file")
def file(visit: Visiting, template_id: Id, version: int = 0) -> Response:
    """The file with its placeholders, of this or an earlier version."""
    found = visit.kb.doctemplates.get(visit.actor, template_id)
    content, name = visit.kb.doctemplates.content(visit.actor, template_id, version or None)
    visit.kb.doctemplates.count(visit.actor, template_id, "download")
    return attachment(content, name, media_type(found.format))


@router.get("/doctemplates/{template_id}/example")
def example(visit: Visiting, template_id: Id) -> Response:
    """The filled example, to read."""
    found = visit.kb.doctemplates.get(visit.actor, template_id)
    visit.kb.doctemplates.example(visit.actor, template_id)
    return visit.page("doctemplates/example.html", ExamplePage(found, shown(found.example_body)))


@router.get("/doctemplates/{template_id}/example/file")
def example_file(visit: Visiting, template_id: Id) -> Response:
    """The filled example, to download."""
    found = visit.kb.doctemplates.get(visit.actor, template_id)
    content, name = visit.kb.doctemplates.example(visit.actor, template_id)
    return attachment(content, name, media_type(found.format))


def attachment(content: bytes, name: str, media: str) -> Response:
    """An answer that is saved as a file, and never shown in the page."""
    return Response(
        content,
        media_type=media,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
            "Content-Security-Policy": UPLOADED_POLICY,
            "Cache-Control": "private, no-store",
        },
    )


def shown(body: str) -> str:
    """A template's text as safe HTML, its headings below those of the page."""
    html = render(body, "")
    return _HEADING.sub(lambda found: f"<{found[1]}h{min(int(found[2]) + _DEMOTED_BY, 6)}", html)


def owner_name(found: TemplateView, language: str) -> str:
    """The owner's name as the visitor reads it; what was typed where the register does not know the owner."""
    zh, en = found.owner_names
    return ((zh or en) if language == "zh" else (en or zh)) or found.details.owner


def address(asked: LibraryFilter) -> str:
    """The address of the library, narrowed."""
    pairs = [
        (name, value)
        for name, value in (
            ("language", asked.language),
            ("kind", asked.kind),
            ("state", "" if asked.state == PUBLISHED else asked.state),
            ("q", asked.words),
        )
        if value
    ]
    return "/doctemplates" + (f"?{urlencode(pairs)}" if pairs else "")


def _switched(value: str, chosen: str) -> str:
    return "" if value == chosen else value


def _shelves(templates: Sequence[TemplateView]) -> tuple[Shelf, ...]:
    order = {kind: at for at, kind in enumerate(KINDS)}
    return tuple(
        Shelf(phase, members)
        for phase in PHASES
        if (
            members := tuple(
                sorted(
                    (each for each in templates if each.details.phase == phase),
                    key=lambda each: (order[each.details.kind], each.details.language == "en"),
                )
            )
        )
    )


def _lists(fields: Sequence[Field]) -> tuple[tuple[str, tuple[Field, ...]], ...]:
    parted: dict[str, list[Field]] = {"": []}
    for each in fields:
        if each.type != "rownumber":
            parted.setdefault(each.group, []).append(each)
    return tuple((group, tuple(members)) for group, members in parted.items() if members)


def may(visit: Visit, action: Action) -> bool:
    """Whether the visitor's role includes an action."""
    return action in visit.actor.actions
