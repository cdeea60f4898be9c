"""The curators' board of lessons, and the analysis of where the trouble comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.responses import Response

from kb.errors import N_
from kb.lesson_analysis import (
    ASPECTS,
    MEASURES,
    OTHERS,
    UNSAID,
    Analysis,
    AnalysisFilter,
    Aspect,
    Measure,
)
from kb.lesson_listing import Lane, LessonFilter
from kb.lesson_reuse import Totals
from web.language import Language
from web.lesson_address import address
from web.templating import label
from web.visit import Visiting

router = APIRouter(include_in_schema=False)

# The chart, in units of its own: the bars, and room below for their names, which stand in the table as well.
CHART_WIDTH: Final = 720
CHART_HEIGHT: Final = 300
_TOP: Final = 16
_BAR_SHARE: Final = 0.62


@dataclass(frozen=True, slots=True)
class LaneView:
    """One column of the board, and the whole list behind it."""

    lane: Lane
    url: str


@dataclass(frozen=True, slots=True)
class BoardPage:
    """Context of ``lessons/board.html``."""

    lanes: tuple[LaneView, ...]
    totals: Totals


@dataclass(frozen=True, slots=True)
class BarView:
    """One bar: what it stands for, the list behind it, its figures, and where it stands in the chart.

    ``x``, ``y``, ``width``, ``height`` are the bar, ``line_x``, ``line_y`` the point of the cumulative line.
    """

    number: int
    name: str
    url: str
    count: int
    days: float
    share: float
    cumulative: float
    x: float
    y: float
    width: float
    height: float
    line_x: float
    line_y: float


@dataclass(frozen=True, slots=True)
class Tab:
    """Another way to look at it."""

    label: str
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class AnalysisPage:
    """Context of ``lessons/analysis.html``; ``points`` is the cumulative line of the chart."""

    analysis: Analysis
    bars: tuple[BarView, ...]
    points: str
    aspect: Aspect
    measure: Measure
    aspects: tuple[Tab, ...]
    measures: tuple[Tab, ...]
    asked: AnalysisFilter
    width: int
    height: int


@router.get("/lessons/board")
def board(visit: Visiting) -> Response:
    """What waits for somebody."""
    today = datetime.now(UTC).date()
    behind = {
        "waiting": LessonFilter(state="submitted"),
        "needs-action": LessonFilter(state="validated", verdict="needs-action"),
        "due": LessonFilter(due=today),
    }
    lanes = visit.kb.lesson_lists.board(visit.actor, today)
    page = BoardPage(
        tuple(LaneView(lane, address(behind[lane.name])) for lane in lanes),
        visit.kb.lesson_reuse.totals(visit.actor),
    )
    return visit.page("lessons/board.html", page, block="content")


@router.get("/lessons/analysis")
def analysis(
    visit: Visiting,
    *,
    by: str = "cause",
    measure: str = "count",
    project: str = "",
    industry: str = "",
    year: str = "",
) -> Response:
    """Causes, categories or phases by number of lessons or by days lost."""
    aspect: Aspect = next((each for each in ASPECTS if each == by), "cause")
    measured: Measure = next((each for each in MEASURES if each == measure), "count")
    number = int(year) if year.isascii() and year.isdecimal() and len(year) <= 4 else None  # noqa: PLR2004  digits
    asked = AnalysisFilter(project.strip(), industry.strip(), number)
    found = visit.kb.lesson_analysis.pareto(visit.actor, aspect, measured, asked)
    bars = drawn(visit.language, found, aspect, asked)
    page = AnalysisPage(
        analysis=found,
        bars=bars,
        points=" ".join(f"{bar.line_x:.1f},{bar.line_y:.1f}" for bar in bars),
        aspect=aspect,
        measure=measured,
        aspects=tuple(
            Tab(
                label(visit.language, "aspect", each),
                _address(each, measured, asked),
                each == aspect,
            )
            for each in ASPECTS
        ),
        measures=tuple(
            Tab(
                label(visit.language, "measure", each),
                _address(aspect, each, asked),
                each == measured,
            )
            for each in MEASURES
        ),
        asked=asked,
        width=CHART_WIDTH,
        height=CHART_HEIGHT,
    )
    return visit.page("lessons/analysis.html", page, block="content")


def drawn(
    language: Language, found: Analysis, aspect: Aspect, asked: AnalysisFilter
) -> tuple[BarView, ...]:
    """The bars of the chart; bars and the line of what they add up to share one scale, from 0 to all of it."""
    if not found.bars:
        return ()
    step = CHART_WIDTH / len(found.bars)
    room = CHART_HEIGHT - _TOP
    views = []
    for number, bar in enumerate(found.bars):
        height = room * bar.share / 100
        views.append(
            BarView(
                number=number + 1,
                name=_name(language, aspect, bar.value),
                url=_list_of(aspect, bar.value, asked),
                count=bar.count,
                days=bar.days,
                share=bar.share,
                cumulative=bar.cumulative,
                x=number * step + step * (1 - _BAR_SHARE) / 2,
                y=CHART_HEIGHT - height,
                width=step * _BAR_SHARE,
                height=height,
                line_x=(number + 0.5) * step,
                line_y=CHART_HEIGHT - room * bar.cumulative / 100,
            )
        )
    return tuple(views)


def _name(language: Language, aspect: Aspect, value: str) -> str:
    if value == OTHERS:
        return language.gettext(N_("All others"))
    if value == UNSAID:
        return language.gettext(N_("Not stated"))
    return label(language, aspect, value)


def _list_of(aspect: Aspect, value: str, asked: AnalysisFilter) -> str:
    if value in {OTHERS, UNSAID}:
        return ""
    values = {aspect: value}
    return address(
        LessonFilter(
            cause=values.get("cause", ""),
            category=values.get("category", ""),
            phase=values.get("phase", ""),
            project=asked.project,
            sort="lost",
        )
    )


def _address(aspect: str, measure: str, asked: AnalysisFilter) -> str:
    told = {
        "by": aspect,
        "measure": measure,
        "project": asked.project,
        "industry": asked.industry,
        "year": str(asked.year or ""),
    }
    return f"/lessons/analysis?{urlencode({name: value for name, value in told.items() if value})}"
