"""Rows of a register of lessons: each becomes a submitted lesson, once, however often the register comes in again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.access import Action, Actor
from kb.candidates_found import folded
from kb.database import Database
from kb.errors import N_
from kb.lesson_rows import keep_version, tell_index, text_of, write_text
from kb.lesson_rules import (
    MAX_TAG_CHARS,
    MAX_TAGS,
    LessonRefused,
    LessonText,
    checked,
)
from kb.lesson_sources import SourceRef, add_lesson
from kb.lesson_words import as_markdown, category_of, cause_of, language_of, phase_of
from kb.models import Lesson, Project
from kb.models.lessons import NAME_CHARS
from kb.models.projects import project_readable
from kb.register_rows import Keep, RegisterRow, RowOutcome, put_rows

_TOLD_CHARS: Final = 500
_HASH_CHARS: Final = 24


class LessonRegister:
    """Takes rows of registers in; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Keep lessons in ``database``."""
        self._database = database

    def put(
        self, actor: Actor, rows: Sequence[RegisterRow], keep: Keep = Keep.ALL
    ) -> list[RowOutcome]:
        """Take rows in; the fields are those of ``ingest/register_of_lessons.py``.

        A row is the lesson it was before when its number and title are the same. That one gets the words of the row
        while nobody has worked on it; then it is people's, and stays as they left it.

        Raises:
            NotAllowed: the actor may not curate.
        """
        actor.must(Action.CURATE)
        with put_rows(self._database, keep) as (session, outcomes):
            readable = select(Project.code).where(project_readable(actor))
            codes = set(session.scalars(readable))
            for row in rows:
                try:
                    outcomes.append(_put(session, actor, row, codes))
                except LessonRefused as error:
                    first = error.problems[0]
                    outcomes.append(
                        RowOutcome(
                            row.number,
                            "refused",
                            field=first.field,
                            reason=first.message,
                            advice=N_("Correct it and try again."),
                            data=first.data,
                        )
                    )
        return outcomes


def text_of_row(row: RegisterRow, codes: set[str]) -> LessonText:
    """The lesson that a row tells; a project that is none of ``codes`` is left to :func:`told_of_row`."""
    story = "\n".join(filter(None, (row.text("abstract"), row.text("what_happened"))))
    cause, advice = row.text("root_cause"), row.text("recommendation")
    topics = row.text("topics")
    money = row.number_of("impact_money")
    tags = (*row.entries("tags"), *topics.split(","))
    short = (" ".join(tag.split()) for tag in tags)
    return LessonText(
        title=row.text("title"),
        kind=row.text("kind") or "lesson",
        language=language_of(f"{row.text('title')} {story} {cause} {advice}"),
        what_happened=as_markdown(story),
        root_cause=as_markdown(cause),
        cause=row.text("cause") or cause_of(cause),
        early_signs=as_markdown(row.text("early_signs")),
        recommendation=as_markdown(advice),
        impact_days=_lost(row.number_of("impact_days")),
        impact_money=_lost(money),
        currency=(row.text("currency") or "CNY") if money is not None else "",
        phase=phase_of(row.text("phase"))[:NAME_CHARS],
        category=category_of(row.text("category"))[:NAME_CHARS],
        technology=row.text("technology"),
        supplier=row.text("supplier"),
        evidence=as_markdown(row.text("evidence")),
        project=row.text("project") if row.text("project") in codes else "",
        owner=row.text("owner"),
        happened_on=row.day("happened_on"),
        review_on=row.day("review_on"),
        tags=tuple(dict.fromkeys(tag for tag in short if tag and len(tag) <= MAX_TAG_CHARS))[
            :MAX_TAGS
        ],
    )


def told_of_row(row: RegisterRow, codes: set[str]) -> str:
    """What is said of the source: number, organisation, and a project that the register of projects does not have."""
    project = row.text("project")
    unsaid = {"n/a", "none", "-", "无"}
    parts = (
        row.text("number"),
        row.text("organization"),
        project if project not in codes and project.casefold() not in unsaid else "",
    )
    return " · ".join(part for part in parts if part)[:_TOLD_CHARS]


def _put(session: Session, actor: Actor, row: RegisterRow, codes: set[str]) -> RowOutcome:
    text = checked(text_of_row(row, codes), "harvest")
    told = told_of_row(row, codes)
    name = hashlib.sha256(folded(f"{row.text('number')}\n{text.title}").encode()).hexdigest()
    origin = f"register:{name[:_HASH_CHARS]}"
    lesson = session.scalar(select(Lesson).where(Lesson.origin == origin))
    if lesson is None:
        sources = [SourceRef(told=told)] if told else []
        made = add_lesson(session, actor, text, sources=sources, origin=origin)
        return RowOutcome(row.number, "added", made.id)
    if lesson.revision > 1 or _same(session, lesson, text):
        return RowOutcome(row.number, "unchanged", lesson.id)
    write_text(session, actor, lesson, text)
    keep_version(session, actor, lesson, text, event="correct")
    tell_index(session, actor, lesson)
    return RowOutcome(row.number, "updated", lesson.id)


def _same(session: Session, lesson: Lesson, text: LessonText) -> bool:
    session.refresh(lesson, ["project", "tags"])
    return sorted(text_of(session, lesson).as_json().items(), key=str) == sorted(
        _with_sorted_tags(text).as_json().items(), key=str
    )


def _with_sorted_tags(text: LessonText) -> LessonText:
    told = text.as_json()
    told["tags"] = sorted(text.tags)
    return LessonText.from_json(told)


def _lost(number: Decimal | None) -> float | None:
    """A register counts what was lost; here minus is lost."""
    return None if number is None else -float(number) or 0.0
