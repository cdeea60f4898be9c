"""What can be found beside documents, offered by its title while somebody types: lessons, templates, courses and more.

A lesson, template, course, community or question is offered to whoever may read it. Its name is called by its subject,
but for a question somebody asked here, which is ``asked``: ``question`` is what is often searched for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, exists, func, select, true
from sqlalchemy.orm import Session, aliased

from kb.access import Actor
from kb.models import (
    Change,
    Community,
    Course,
    Lesson,
    Question,
    community_readable,
    lesson_readable,
    question_readable,
)
from kb.models.access import readable
from kb.models.doctemplates import PUBLISHED, DocTemplate
from kb.models.training import COURSE_PUBLISHED
from kb.search.answers import Suggestion
from kb.search.names import Name


class _Titled(NamedTuple):
    """Where the titles of a subject stand, which of its things can be found, and by whom."""

    subject: str
    id: SQLColumnExpression[int]
    title: SQLColumnExpression[str]
    audience: SQLColumnExpression[int]
    findable: ColumnElement[bool]
    readable: Callable[[Actor], ColumnElement[bool]]

    def rows(self, *columns: SQLColumnExpression[Any]) -> Select[*tuple[Any, ...]]:
        """The findable things."""
        return select(self.id, self.title, *columns).where(self.findable)


_Before = aliased(Question)
_SOURCES: Final = {
    "lesson": _Titled(
        "lesson",
        Lesson.id,
        Lesson.title,
        Lesson.audience_id,
        Lesson.validated_at.is_not(None),
        lesson_readable,
    ),
    "doctemplate": _Titled(
        "doctemplate",
        DocTemplate.id,
        DocTemplate.title,
        DocTemplate.audience_id,
        DocTemplate.state == PUBLISHED,
        lambda actor: readable(actor, DocTemplate.audience_id),
    ),
    "course": _Titled(
        "course",
        Course.id,
        Course.title,
        Course.audience_id,
        Course.state == COURSE_PUBLISHED,
        lambda actor: readable(actor, Course.audience_id),
    ),
    "community": _Titled(
        "community",
        Community.id,
        Community.name,
        Community.audience_id,
        true(),
        community_readable,
    ),
    "asked": _Titled(
        "question",
        Question.id,
        Question.title,
        Question.audience_id,
        # Of one that was asked before only where whoever reads it may read that too: what is missing would tell.
        ~exists().where(
            _Before.id == Question.duplicate_of, _Before.audience_id == Question.audience_id
        ),
        question_readable,
    ),
}
THINGS: Final = frozenset(_SOURCES)
_SUBJECTS: Final = tuple(source.subject for source in _SOURCES.values())


def last_change(session: Session) -> int:
    """The number of the last change of any of these things; 0 before the first."""
    number = select(func.max(Change.id)).where(Change.subject.in_(_SUBJECTS))
    return session.scalar(number) or 0


def thing_names(session: Session) -> tuple[list[Name], dict[int, int]]:
    """The titles of all these things, each carried by a number of its own; and the audience of each number."""
    names: list[Name] = []
    audiences: dict[int, int] = {}
    for kind, source in _SOURCES.items():
        for number, title, audience in session.execute(source.rows(source.audience)):
            carrier = len(names)
            names.append(Name(title, kind, number, carriers=(carrier,)))
            audiences[carrier] = audience
    return names, audiences


def things_offered(
    session: Session, actor: Actor, names: Sequence[Name]
) -> dict[tuple[str, int], Suggestion]:
    """Those of ``names`` that ``actor`` may know of at this moment, under their present titles, by kind and number."""
    offered: dict[tuple[str, int], Suggestion] = {}
    for kind, source in _SOURCES.items():
        wanted = [name.id for name in names if name.kind == kind]
        if wanted:
            rows = source.rows().where(source.id.in_(wanted), source.readable(actor))
            for number, title in session.execute(rows):
                offered[kind, number] = Suggestion(title, kind, number)
    return offered
