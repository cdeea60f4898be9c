"""Candidate lessons: what the harvester found in documents, waiting for somebody to decide."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from rapidfuzz import fuzz
from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from kb.candidates_found import FoundLesson, folded
from kb.models.base import Base, utc_now
from kb.models.documents import Document

# Two texts at least this alike (percent) are one lesson that was corrected. Measured on the test reports and bundled
# documents: four changed characters leave 80 to 98, two different lessons of one document reach 59 at most.
_ALIKE: Final = 78
# Comparing each with each stops being quick here (pairs); registers with thousands of rows are matched exactly only.
_MOST_COMPARED: Final = 40_000
_TITLE_CHARS: Final = 500
_NAME_CHARS: Final = 200


class LessonCandidate(Base):
    """One candidate; the fields are those of :class:`kb.candidates_found.FoundLesson`.

    It is read by whoever may read its document. ``state`` is ``waiting``, ``kept``, ``rejected``, or ``gone`` when the
    newest version of the document no longer says it and nobody had decided. ``version`` is the document's version it
    was seen in last; ``decided_by`` and ``decided_at`` say who decided last, and when.
    """

    __tablename__ = "lesson_candidates"
    __table_args__ = (
        UniqueConstraint("document_id", "fingerprint"),
        Index("ix_lesson_candidates_queue", "state", "document_id", "position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"))
    fingerprint: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(20), default="waiting")
    title: Mapped[str] = mapped_column(String(_TITLE_CHARS))
    kind: Mapped[str] = mapped_column(String(20))
    what_happened: Mapped[str] = mapped_column(Text)
    cause: Mapped[str] = mapped_column(Text)
    impact: Mapped[str] = mapped_column(Text)
    recommendation: Mapped[str] = mapped_column(Text)
    owner: Mapped[str] = mapped_column(String(_NAME_CHARS))
    phase: Mapped[str] = mapped_column(String(_NAME_CHARS))
    heading: Mapped[str] = mapped_column(Text)
    anchor: Mapped[str] = mapped_column(String(300))
    position: Mapped[int]
    section: Mapped[str] = mapped_column(Text)
    found_as: Mapped[str] = mapped_column(String(20))
    number: Mapped[int]
    language: Mapped[str] = mapped_column(String(10))
    version: Mapped[int]
    found_at: Mapped[datetime] = mapped_column(default=utc_now)
    decided_by: Mapped[str] = mapped_column(String(100), default="")
    decided_at: Mapped[datetime | None]

    document: Mapped[Document] = relationship(lazy="raise")


def record_candidates(
    session: Session, document_id: int, version: int, found: Sequence[FoundLesson]
) -> None:
    """Write down, in the caller's transaction, what the harvester found in this version of a document.

    Safe to repeat. A lesson that is there already, in the same words or nearly so, stays one row; what was decided
    stays decided, in the words it was decided on. A waiting one that is not found any more is ``gone``, and waits again
    when it is found again.
    """
    known = {
        row.fingerprint: row
        for row in session.scalars(
            select(LessonCandidate).where(LessonCandidate.document_id == document_id)
        )
    }
    new = {lesson.fingerprint: lesson for lesson in found}
    same = {fingerprint: known[fingerprint] for fingerprint in new if fingerprint in known}
    unseen = [row for fingerprint, row in known.items() if fingerprint not in new]
    unknown = [lesson for fingerprint, lesson in new.items() if fingerprint not in known]
    same |= _corrected(unseen, unknown)
    for fingerprint, lesson in new.items():
        row = same.get(fingerprint)
        if row is None:
            row = LessonCandidate(document_id=document_id, state="waiting", decided_by="")
            session.add(row)
        _fill(row, lesson, version)
    kept = {id(row) for row in same.values()}
    for row in unseen:
        if id(row) not in kept and row.state == "waiting":
            row.state = "gone"


def _corrected(
    rows: Sequence[LessonCandidate], lessons: Sequence[FoundLesson]
) -> dict[str, LessonCandidate]:
    """Which of the new lessons are old ones in slightly other words: the most alike pairs first."""
    if not rows or not lessons or len(rows) * len(lessons) > _MOST_COMPARED:
        return {}
    old = [_words(row.title, row.what_happened, row.cause, row.recommendation) for row in rows]
    pairs = []
    for lesson in lessons:
        words = _words(lesson.title, lesson.what_happened, lesson.cause, lesson.recommendation)
        for at, other in enumerate(old):
            if (likeness := fuzz.ratio(words, other, score_cutoff=_ALIKE)) >= _ALIKE:
                pairs.append((-likeness, at, lesson.fingerprint))
    matched: dict[str, LessonCandidate] = {}
    taken: set[int] = set()
    for _likeness, at, fingerprint in sorted(pairs):
        if at not in taken and fingerprint not in matched:
            matched[fingerprint] = rows[at]
            taken.add(at)
    return matched


def _words(*texts: str) -> str:
    return folded("".join(texts))


def _fill(row: LessonCandidate, lesson: FoundLesson, version: int) -> None:
    """Bring a row up to the newest version: its place always, its words unless it was decided on them."""
    if row.state == "gone":
        row.state = "waiting"
    row.fingerprint = lesson.fingerprint
    row.version = version
    row.heading, row.anchor, row.position = lesson.heading, lesson.anchor, lesson.position
    row.section, row.found_as, row.number = lesson.section, lesson.found_as, lesson.number
    if row.state == "waiting":
        row.title = lesson.title[:_TITLE_CHARS]
        row.kind = lesson.kind
        row.what_happened, row.cause = lesson.what_happened, lesson.cause
        row.impact, row.recommendation = lesson.impact, lesson.recommendation
        row.owner, row.phase = lesson.owner[:_NAME_CHARS], lesson.phase[:_NAME_CHARS]
        row.language = lesson.language
