"""Projects that may be one: looked at side by side, merged or told apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Form
from starlette.responses import Response

from kb.access import Action
from kb.project_likeness import Names
from kb.project_listing import ProjectFilter
from kb.projects import MAX_PER_PAGE, Doubt
from web.visit import MAX_ID, Id, Visiting, local_path

router = APIRouter(include_in_schema=False)

_SHOWN: Final = 100
Number = Annotated[int, Form(ge=1, le=MAX_ID)]


@dataclass(frozen=True, slots=True)
class Side:
    """One of two projects; ``documents`` counts those the reader may see."""

    id: int
    code: str
    names: tuple[str, ...]
    registered: bool
    documents: int


@dataclass(frozen=True, slots=True)
class Pair:
    """Two projects that may be one: ``goes`` would become part of ``stays``."""

    goes: Side
    stays: Side
    percent: int
    by_code: bool


@dataclass(frozen=True, slots=True)
class DoubtsPage:
    """Context of ``projects/doubts.html``; ``unregistered`` are projects that only documents named."""

    pairs: tuple[Pair, ...]
    unregistered: tuple[Side, ...]
    may_curate: bool


@router.get("/projects/doubts")
def doubts(visit: Visiting) -> Response:
    """The queue of doubtful pairs, and the projects that no register has."""
    visit.actor.must(Action.CURATE)
    lines = visit.kb.projects.listed(visit.actor, ProjectFilter(), per_page=MAX_PER_PAGE).lines
    counts = {line.id: line.documents for line in lines}
    found = visit.kb.projects.doubts(visit.actor)[:_SHOWN]
    context = DoubtsPage(
        pairs=tuple(_pair(doubt, counts) for doubt in found),
        unregistered=tuple(
            Side(
                line.id,
                line.code,
                tuple(filter(None, (line.name_zh, line.name_en))),
                registered=False,
                documents=line.documents,
            )
            for line in lines
            if not line.registered
        ),
        may_curate=True,
    )
    return visit.page("projects/doubts.html", context, block="content")


@router.post("/projects/{project_id:int}/merge")
def merge(visit: Visiting, project_id: Id, into: Number) -> Response:
    """Make a project part of another."""
    number = visit.kb.projects.merge(visit.actor, project_id, into)
    return visit.redirect(f"/projects/{number}")


@router.post("/projects/{project_id:int}/apart")
def apart(
    visit: Visiting,
    project_id: Id,
    other: Number,
    then: Annotated[str, Form()] = "/projects/doubts",
) -> Response:
    """Remember that two projects are two."""
    visit.kb.projects.keep_apart(visit.actor, project_id, other)
    return visit.redirect(local_path(then))


def _pair(doubt: Doubt, counts: dict[int, int]) -> Pair:
    """The registered one stays; of two alike, the one with more to read."""
    sides = sorted(
        (_side(doubt.first, counts), _side(doubt.second, counts)),
        key=lambda side: (side.registered, side.documents, -side.id),
    )
    return Pair(sides[0], sides[1], doubt.percent, doubt.by == "code")


def _side(names: Names, counts: dict[int, int]) -> Side:
    return Side(names.id, names.code, names.names, names.registered, counts.get(names.id, 0))
