"""What things leave elsewhere in the random world of the leak test: imports, votes, attempts, certificates …"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.models import (
    Certificate,
    CheckAttempt,
    CommentMention,
    DocTemplateForm,
    DocTemplateUse,
    DocumentComment,
    DocumentReviewer,
    EditingDraft,
    EventAttendance,
    ImportItem,
    ImportJob,
    Lesson,
    LifeEvent,
    ReviewVote,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.web.leak_world import World

_AT: Final = datetime(2026, 4, 1, 8, 0, tzinfo=UTC)
_OUTCOMES: Final = ("stored", "duplicate", "unchanged")


def leave_traces(
    session: Session, world: World, chance: random.Random, users: Sequence[str]
) -> None:
    """Add rows that name things, whoever may read these, for each of ``users``."""
    _documents(session, world, chance, users)
    _imports(session, world, chance, users)
    _training(session, world, chance, users)
    for number in range(1, world.numbers["lesson"] + 1):
        if chance.random() < 0.2:
            lesson = session.get_one(Lesson, number)
            lesson.superseded_by = chance.randint(1, world.numbers["lesson"])
            lesson.superseded_by = None if lesson.superseded_by == number else lesson.superseded_by
    for number in range(1, world.numbers["event"] + 1):
        for user in chance.sample(users, 2):
            session.add(EventAttendance(event_id=number, user_id=user, going=True))
    filled = 0
    for user in users:
        for template in chance.sample(range(1, world.numbers["template"] + 1), 3):
            filled += 1
            session.add(
                DocTemplateForm(
                    id=filled,
                    template_id=template,
                    user_id=user,
                    project=_code(chance, world),
                    answers={},
                    created_at=_AT,
                    updated_at=_AT + timedelta(hours=filled),
                )
            )
            session.add(
                DocTemplateUse(
                    template_id=template, version=1, what="fill", project="", by=user, at=_AT
                )
            )
    session.flush()
    world.numbers |= {"filled": filled, "post": 10, "link": 10}


def _code(chance: random.Random, world: World) -> str:
    return f"P-{chance.choice([word for word in world.markers if word.isascii()])}"


def _documents(session: Session, world: World, chance: random.Random, users: Sequence[str]) -> None:
    for number in range(1, world.numbers["document"] + 1):
        for transition in ("submit", "publish"):
            session.add(
                LifeEvent(
                    document_id=number,
                    transition=transition,
                    number=1,
                    note=chance.choice(world.markers),
                    by=chance.choice(users),
                    at=_AT + timedelta(hours=number),
                )
            )
        reviewer = chance.choice(users)
        session.add(DocumentReviewer(document_id=number, user_id=reviewer))
        session.add(ReviewVote(document_id=number, number=1, user_id=reviewer, at=_AT))
        if chance.random() < 0.2:
            session.add(
                EditingDraft(
                    document_id=number,
                    user_id=chance.choice(users),
                    base=1,
                    title=f"draft {chance.choice(world.markers)}",
                    body="x",
                    at=_AT + timedelta(hours=number),
                )
            )
    comments = session.scalars(select(DocumentComment.id)).all()
    for comment in comments:
        session.add(CommentMention(comment_id=comment, user_id=chance.choice(users), at=_AT))
    world.numbers["comment"] = max(comments)


def _imports(session: Session, world: World, chance: random.Random, users: Sequence[str]) -> None:
    """A run of each user, whose files became documents that the user may have lost sight of."""
    for job, user in enumerate(users, 1):
        session.add(
            ImportJob(
                id=job,
                state="done",
                by=user,
                actor={"id": user},
                created_at=_AT,
                started_at=_AT,
                finished_at=_AT + timedelta(minutes=1),
            )
        )
        session.flush()
        for place in range(8):
            document, other = (chance.randint(1, world.numbers["document"]) for _ in range(2))
            session.add(
                ImportItem(
                    job_id=job,
                    path=f"file {place}.md",
                    place=f"/{job}/{place}",
                    sha256="0" * 64,
                    size=1,
                    state="done",
                    outcome=_OUTCOMES[place % 3],
                    document_id=document,
                    near=[{"document": other, "title": "as it was", "likeness": 90}]
                    if place % 2
                    else [],
                    started_at=_AT,
                    finished_at=_AT,
                )
            )
    world.numbers["job"] = len(users)


def _training(session: Session, world: World, chance: random.Random, users: Sequence[str]) -> None:
    attempt = 0
    for user in users:
        courses = chance.sample(range(1, world.numbers["course"] + 1), 4)
        for number, course in enumerate(courses, 1):
            session.add(
                Certificate(
                    code=f"certificate-{number}-{user}",
                    user_id=user,
                    name=user,
                    course_id=course,
                    title=f"Certificate {chance.choice(world.markers)}",
                    language="en",
                    issued_at=_AT + timedelta(days=number),
                )
            )
            attempt += 1
            session.add(
                CheckAttempt(
                    id=attempt,
                    unit_id=course * 2,
                    user_id=user,
                    number=1,
                    seed=1,
                    pass_percent=80,
                    questions=[],
                    opened=[
                        (f"/documents/{chance.randint(1, world.numbers['document'])}", "as it was")
                    ],
                    started_at=_AT,
                    submitted_at=_AT,
                    score=1.0,
                    passed=True,
                )
            )
    world.numbers["attempt"] = attempt
