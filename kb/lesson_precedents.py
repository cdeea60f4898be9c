"""It happened before: which lessons and harvested candidates tell nearly the same as one that is being written.

All lessons and candidates that the actor may read are compared, also those that no expert has looked at and that
search does not find. So nothing is asked of the index, whose floor for long questions would leave out what is told in
the other language.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Final, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.access import Actor
from kb.database import Database
from kb.lesson_likeness import (
    ALIKE,
    ALIKE_TRANSLATED,
    MIN_CONCEPTS,
    asked_text,
    concepts,
    held_text,
    likenesses,
)
from kb.models import Document, Lesson, LessonCandidate, LessonSource, Project, lesson_readable
from kb.models.documents import document_readable
from kb.models.projects import project_readable
from kb.search.answers import Expansion

Widen = Callable[[str], Sequence[Expansion]]

MAX_SHOWN: Final = 6
# Of each sort, the newest first: some 0.1 s of comparing for as many.
_MAX_COMPARED: Final = 8_000
# Texts that are kept folded, at some 2 kB each.
_MAX_KEPT: Final = 20_000


@dataclass(frozen=True, slots=True)
class Precedent:
    """A lesson or candidate that tells nearly the same.

    Attributes:
        sort: what ``id`` is the id of.
        percent: how much of what was written it says too.
        projects: codes of the projects that had it, of those one may know of.
    """

    sort: Literal["lesson", "candidate"]
    id: int
    title: str
    language: str
    state: str
    percent: int
    projects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Precedents:
    """What is nearly the same, the most alike first, and in how many projects it happened altogether."""

    found: tuple[Precedent, ...] = ()
    projects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Row:
    sort: Literal["lesson", "candidate"]
    id: int
    title: str
    language: str
    state: str
    project: str
    held: str


class LessonPrecedents:
    """Compares a text with all lessons and candidates; safe to share between threads."""

    def __init__(self, database: Database, widen: Widen) -> None:
        """Compare with what ``database`` holds; ``widen`` says what the words of a text are also called."""
        self._database = database
        self._widen = widen
        self._held: OrderedDict[tuple[str, int, int], str] = OrderedDict()
        self._lock = Lock()

    def before(
        self,
        actor: Actor,
        title: str,
        *parts: str,
        language: str = "",
        without_lesson: int | None = None,
        without_candidate: int | None = None,
    ) -> Precedents:
        """What was told before that is nearly the same; nothing for a text that says too little.

        Args:
            actor: only what it may read is compared, and counted.
            title: of the lesson that is being written.
            parts: what happened, what is recommended, as far as it is written.
            language: of the text; empty where it is not known.
            without_lesson: the lesson itself, when it is being corrected.
            without_candidate: the candidate itself, when it is being accepted.
        """
        text = asked_text(title, *parts)
        asked = concepts(text, self._widen(text))
        if len(asked) < MIN_CONCEPTS:
            return Precedents()
        with self._database.read() as session:
            rows = [
                *self._lessons(session, actor, without_lesson),
                *self._candidates(session, actor, without_candidate),
            ]
            shares = likenesses(asked, [row.held for row in rows])
            near = sorted(
                (
                    (-share, row.sort, -row.id, row)
                    for row, share in zip(rows, shares, strict=True)
                    if share >= _floor(row, language)
                ),
                key=lambda each: each[:3],
            )[:MAX_SHOWN]
            more = _more_projects(
                session, actor, [row.id for *_, row in near if row.sort == "lesson"]
            )
        found = tuple(
            Precedent(
                row.sort,
                row.id,
                row.title,
                row.language,
                row.state,
                min(round(-100 * share), 100),
                _distinct(
                    [row.project, *more.get(row.id, ())] if row.sort == "lesson" else [row.project]
                ),
            )
            for share, _, _, row in near
        )
        return Precedents(found, _distinct(code for each in found for code in each.projects))

    def _lessons(self, session: Session, actor: Actor, without: int | None) -> list[_Row]:
        rows = session.execute(
            select(
                Lesson.id,
                Lesson.revision,
                Lesson.title,
                Lesson.language,
                Lesson.state,
                Project.code,
                Lesson.what_happened,
                Lesson.recommendation,
            )
            .outerjoin(Project, (Project.id == Lesson.project_id) & project_readable(actor))
            .where(
                lesson_readable(actor), Lesson.state != "superseded", Lesson.id != (without or 0)
            )
            .order_by(Lesson.id.desc())
            .limit(_MAX_COMPARED)
        )
        return [
            _Row(
                "lesson",
                number,
                title,
                language,
                state,
                code or "",
                self._folded(("lesson", number, revision), title, story, advice),
            )
            for number, revision, title, language, state, code, story, advice in rows
        ]

    def _candidates(self, session: Session, actor: Actor, without: int | None) -> list[_Row]:
        rows = session.execute(
            select(
                LessonCandidate.id,
                LessonCandidate.version,
                LessonCandidate.title,
                LessonCandidate.language,
                LessonCandidate.state,
                Project.code,
                LessonCandidate.what_happened,
                LessonCandidate.recommendation,
            )
            .join(Document, Document.id == LessonCandidate.document_id)
            .outerjoin(Project, (Project.id == Document.project_id) & project_readable(actor))
            .where(
                document_readable(actor),
                LessonCandidate.state == "waiting",
                LessonCandidate.id != (without or 0),
            )
            .order_by(LessonCandidate.id.desc())
            .limit(_MAX_COMPARED)
        )
        return [
            _Row(
                "candidate",
                number,
                title,
                language,
                state,
                code or "",
                self._folded(("candidate", number, version), title, story, advice),
            )
            for number, version, title, language, state, code, story, advice in rows
        ]

    def _folded(self, name: tuple[str, int, int], title: str, *parts: str) -> str:
        with self._lock:
            if name in self._held:
                self._held.move_to_end(name)
                return self._held[name]
        held = held_text(title, *parts)
        with self._lock:
            self._held[name] = held
            while len(self._held) > _MAX_KEPT:
                self._held.popitem(last=False)
        return held


def _floor(row: _Row, language: str) -> float:
    return ALIKE if language in {"", row.language} else ALIKE_TRANSLATED


def _more_projects(session: Session, actor: Actor, ids: Sequence[int]) -> dict[int, list[str]]:
    """Codes of the projects in the sources of lessons, of those that the actor may read."""
    rows = session.execute(
        select(LessonSource.lesson_id, Project.code)
        .join(Project, Project.id == LessonSource.project_id)
        .outerjoin(Document, Document.id == LessonSource.document_id)
        .where(
            LessonSource.lesson_id.in_(ids),
            project_readable(actor),
            LessonSource.document_id.is_(None) | document_readable(actor),
        )
        .order_by(LessonSource.id)
    )
    found: dict[int, list[str]] = {}
    for number, code in rows:
        found.setdefault(number, []).append(code)
    return found


def _distinct(codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for code in codes if code))
