"""Telling people that something happened to a thing, within the transaction in which it happened.

::

    notify(session, {"li.na"}, "answered", "question", question.id, question.title, actor)

Nobody is told of what they may not read, nobody twice of one thing in one transaction (the first, most particular call
wins), nobody of what they did themselves. Somebody who has not looked yet at an earlier notification of the same kind
about the same thing finds that one renewed, so that ten answers do not make ten lines.

A subject that wants to tell of its things adds a line to :data:`_SUBJECTS`; a new kind of news a line to :data:`KINDS`
and its sentence to :mod:`web.notification_labels`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Final

from sqlalchemy import ColumnElement, exists, false, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from kb.access import Action, Actor
from kb.models import (
    AuditEntry,
    Community,
    CommunityEvent,
    Course,
    DocTemplate,
    Document,
    LearningPath,
    Lesson,
    Notification,
    Project,
    Question,
    community_readable,
    course_readable,
    doctemplate_readable,
    document_readable,
    lesson_readable,
    path_readable,
    project_readable,
    question_readable,
    utc_now,
)
from kb.models.notifications import NOTIFIED_TITLE_CHARS
from kb.page_roles import actors_of

# What somebody is told of their own account, whoever did it; see kb.account_news.
ACCOUNT_KINDS: Final = frozenset(
    {
        "password-changed",
        "email-changed",
        "token-made",
        "token-ends",  # soon
        "sign-in-linked",  # to a provider
        "factor-set",
        "factor-removed",
        "code-reused",
        "recovery-used",  # a code in place of the device
        "recovery-renewed",
    }
)
# In place of a subject: such news are about no thing, and for their user alone.
ABOUT_ACCOUNT: Final = "account"
# What somebody can be told; the sentences are in web.notification_labels.
KINDS: Final = ACCOUNT_KINDS | frozenset(
    {
        "mentioned",  # in a comment
        "asked",  # a question was brought to an expert
        "answered",
        "accepted",  # one's answer
        "commented",
        "closed",
        "reopened",
        "reminded",  # a question that was brought to one is still without an answer
        "unanswered",  # and now reaches the PMO
        "published",  # under something that one follows
        "changed",
        "posted",  # in one's community
        "event-planned",
        "event-changed",
        "assigned",  # a course
        "due",
        "unit-closed",  # a learner cannot open what a unit of one's course leads to
        "unusual",  # far more was refused or read than usual
    }
)
# Key of the set, in a session's own notes, of who was told of what in its transaction.
_TOLD: Final = "notified"


Readable = Callable[[Actor], ColumnElement[bool]]
# How to find out whether an actor may read a thing: the column of its id, and the condition on its row.
_SUBJECTS: Final[dict[str, tuple[InstrumentedAttribute[int], Readable]]] = {
    "document": (Document.id, document_readable),
    "lesson": (Lesson.id, lesson_readable),
    "project": (Project.id, project_readable),
    "doctemplate": (DocTemplate.id, doctemplate_readable),
    "course": (Course.id, course_readable),
    "path": (LearningPath.id, path_readable),
    "question": (Question.id, question_readable),
    "community": (Community.id, community_readable),
    "event": (
        CommunityEvent.id,
        lambda actor: CommunityEvent.community_id.in_(
            select(Community.id).where(community_readable(actor))
        ),
    ),
    "alert": (
        AuditEntry.id,
        lambda actor: true() if Action.SEE_AUDIT in actor.actions else false(),
    ),
}
# Of what somebody can be told at all.
SUBJECTS: Final = frozenset(_SUBJECTS) | {ABOUT_ACCOUNT}


def notify(  # noqa: PLR0917  read aloud, it is a sentence: tell them that this of that was done by her
    session: Session,
    users: Iterable[str],
    kind: str,
    subject: str,
    number: int,
    title: str,
    by: Actor,
) -> None:
    """Tell ``users`` (sign-in names; those that are none are passed over) that ``by`` did something to a thing.

    The thing has to stand in the database already (``session.flush()``), so that who may read it can be found out.

    Raises:
        ValueError: the kind or the subject is none that there is, which is a mistake in the program.
    """
    if kind not in KINDS - ACCOUNT_KINDS or subject not in _SUBJECTS:
        message = f"nobody can be told of {kind!r} of {subject!r}"
        raise ValueError(message)
    told: set[tuple[str, str, int]] = session.info.setdefault(_TOLD, set())
    wanted = {user for user in users if user and (user, subject, number) not in told} - {by.id}
    readers = [
        user
        for user, actor in actors_of(session, wanted).items()
        if _reads(session, actor, subject, number)
    ]
    earlier = {
        row.user_id: row
        for row in session.scalars(
            select(Notification).where(
                Notification.user_id.in_(readers),
                Notification.kind == kind,
                Notification.subject == subject,
                Notification.number == number,
                Notification.seen_at.is_(None),
            )
        )
    }
    for user in sorted(readers):
        row = earlier.get(user) or Notification(
            user_id=user, kind=kind, subject=subject, number=number
        )
        row.title = title[:NOTIFIED_TITLE_CHARS]
        row.by = "" if by.sees_all else by.id
        row.at, row.mailed_at = utc_now(), None
        session.add(row)
        told.add((user, subject, number))


def still_readable(actor: Actor, subjects: Collection[str] = SUBJECTS) -> ColumnElement[bool]:
    """Condition: the thing a notification is about is one of ``subjects``, is there and may be read by ``actor``.

    What is told of accounts is about no thing, and only its own user is asked for.
    Naming only the subjects that occur keeps the statement small, which is most of what it costs.
    """
    return or_(
        false(),
        *(
            (Notification.subject == name)
            & exists().where(column == Notification.number, readable(actor)).correlate(Notification)
            for name, (column, readable) in _SUBJECTS.items()
            if name in subjects
        ),
        *([Notification.subject == ABOUT_ACCOUNT] if ABOUT_ACCOUNT in subjects else []),
    )


def _reads(session: Session, actor: Actor, subject: str, number: int) -> bool:
    column, readable = _SUBJECTS[subject]
    found = session.scalar(select(column).where(column == number, readable(actor)))
    return found is not None
