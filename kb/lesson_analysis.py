"""Where the trouble comes from: causes and categories of lessons, most frequent or costliest first (Pareto)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import select

from kb.access import Actor
from kb.database import Database
from kb.models import Lesson, Project, lesson_readable
from kb.models.projects import project_readable

Aspect = Literal["cause", "category", "phase"]
Measure = Literal["count", "days"]

ASPECTS: Final[tuple[Aspect, ...]] = ("cause", "category", "phase")
MEASURES: Final[tuple[Measure, ...]] = ("count", "days")
# Bars that can still be told apart; what is less goes into one bar of the rest.
MAX_BARS: Final = 12
# Names of the bar of all others, and of that of lessons which do not say it; no value that people write is like them.
OTHERS: Final = "\x00others"
UNSAID: Final = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What one lesson adds: its value of each aspect, and the working days that were lost."""

    cause: str
    category: str
    phase: str
    days_lost: float
    project: str
    industry: str
    year: int


@dataclass(frozen=True, slots=True)
class Bar:
    """One value: how many lessons, how many days, its share and that of all up to it, in percent of the measure."""

    value: str
    count: int
    days: float
    share: float
    cumulative: float


@dataclass(frozen=True, slots=True)
class AnalysisFilter:
    """Which lessons are looked at; empty fields narrow nothing."""

    project: str = ""
    industry: str = ""
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Analysis:
    """The bars, and what can be chosen to narrow them; ``lessons`` and ``days`` are those of all bars together."""

    bars: tuple[Bar, ...]
    lessons: int
    days: float
    projects: tuple[str, ...]
    industries: tuple[str, ...]
    years: tuple[int, ...]


class LessonAnalysis:
    """Figures over the lessons an actor may read; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Read lessons of ``database``."""
        self._database = database

    def pareto(
        self, actor: Actor, aspect: Aspect, measure: Measure, asked: AnalysisFilter
    ) -> Analysis:
        """Lessons by one aspect, ordered by one measure.

        Good practices say where things went well, lessons that were superseded are told by their successors, and what
        an expert found not to apply is no pattern: they are left out.
        """
        with self._database.read() as session:
            rows = session.execute(
                select(
                    Lesson.cause,
                    Lesson.category,
                    Lesson.phase,
                    Lesson.impact_days,
                    Lesson.happened_on,
                    Lesson.submitted_at,
                    Project.code,
                    Project.industry,
                )
                .outerjoin(Project, (Project.id == Lesson.project_id) & project_readable(actor))
                .where(
                    lesson_readable(actor),
                    Lesson.kind != "good-practice",
                    Lesson.state != "superseded",
                    Lesson.verdict != "not-applicable",
                )
            )
            told = [
                Told(
                    cause,
                    category,
                    phase,
                    max(0.0, -(days or 0.0)),
                    code or "",
                    industry or "",
                    (happened or submitted).year,
                )
                for cause, category, phase, days, happened, submitted, code, industry in rows
            ]
        chosen = [each for each in told if _fits(each, asked)]
        return Analysis(
            bars=bars(chosen, aspect, measure),
            lessons=len(chosen),
            days=sum(each.days_lost for each in chosen),
            projects=tuple(sorted({each.project for each in told} - {""})),
            industries=tuple(sorted({each.industry for each in told} - {""})),
            years=tuple(sorted({each.year for each in told}, reverse=True)),
        )


def bars(told: Iterable[Told], aspect: Aspect, measure: Measure) -> tuple[Bar, ...]:
    """One bar for each value, the largest first; the smallest of many go together into :data:`OTHERS`, at the end."""
    counts: Counter[str] = Counter()
    days: dict[str, float] = {}
    for each in told:
        value: str = getattr(each, aspect)
        counts[value] += 1
        days[value] = days.get(value, 0.0) + each.days_lost
    size = {value: float(counts[value]) if measure == "count" else days[value] for value in counts}
    order = sorted(size, key=lambda value: (-size[value], -counts[value], value))
    kept, rest = order[:MAX_BARS], order[MAX_BARS:]
    rows = [(value, counts[value], days[value], size[value]) for value in kept]
    if rest:
        rows.append(
            (
                OTHERS,
                sum(counts[value] for value in rest),
                sum(days[value] for value in rest),
                sum(size[value] for value in rest),
            )
        )
    return _cumulated(rows)


def _cumulated(rows: Sequence[tuple[str, int, float, float]]) -> tuple[Bar, ...]:
    total = sum(size for *_, size in rows)
    found: list[Bar] = []
    reached = 0.0
    for value, count, days, size in rows:
        reached += size
        share, cumulative = (100 * size / total, 100 * reached / total) if total else (0.0, 0.0)
        found.append(Bar(value, count, days, share, cumulative))
    return tuple(found)


def _fits(told: Told, asked: AnalysisFilter) -> bool:
    return (
        asked.project in {"", told.project}
        and asked.industry in {"", told.industry}
        and asked.year in {None, told.year}
    )
