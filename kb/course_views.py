"""Courses as one learner sees them: what there is, how far they are, what they can open.

All functions read in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from kb.access import Action, Actor
from kb.course_shapes import CheckRules, CourseView, Needed, UnitView
from kb.course_texts import is_place
from kb.errors import NotFound
from kb.models import (
    AudienceRow,
    Certificate,
    Course,
    CourseUnit,
    UnitProgress,
    course_readable,
)
from kb.training_places import Target, address_of, targets
from kb.training_rules import UnitStanding, standing, waits_for


def readable_course(session: Session, actor: Actor, course_id: int) -> Course:
    """A course that ``actor`` may see.

    Raises:
        NotFound: there is none, or it is not for this actor.
    """
    found = session.scalar(select(Course).where(Course.id == course_id, course_readable(actor)))
    if found is None:
        raise NotFound(what="course", id=course_id)
    return found


def views(
    session: Session, actor: Actor, courses: Sequence[Course], *, bodies: bool = False
) -> list[CourseView]:
    """Courses with their units and how far ``actor`` is with them, in the order given.

    Args:
        session: the caller's transaction.
        actor: the learner.
        courses: rows that the actor may see.
        bodies: with the texts of the units.
    """
    ids = [course.id for course in courses]
    units = units_of(session, ids, bodies=bodies)
    progress = _progress(session, actor.id, ids)
    given = finished(session, actor.id)
    places = {row.target for rows in units.values() for row in rows if row.target}
    found = targets(session, actor, places)
    waiting = {place: address_of(session, place) or "" for place in places if is_place(place)}
    found |= {
        place: target
        for address, target in targets(session, actor, set(waiting.values()) - {""}).items()
        for place in waiting
        if waiting[place] == address
    }
    linked = {number for course in courses for number in course.needs}
    linked |= {course.twin_id for course in courses if course.twin_id}
    others = {
        row.id: row
        for row in session.scalars(
            select(Course).where(Course.id.in_(sorted(linked)), course_readable(actor))
        )
    }
    audiences = dict(
        session.execute(
            select(AudienceRow.id, AudienceRow.key).where(
                AudienceRow.id.in_({course.audience_id for course in courses})
            )
        ).all()
    )
    return [
        _view(
            actor,
            course,
            units=tuple(_units(units.get(course.id, ()), progress, found, bodies=bodies)),
            others=others,
            given=given,
            audience=audiences[course.audience_id],
            opened_at=max(
                (
                    progress[row.id].opened_at
                    for row in units.get(course.id, ())
                    if row.id in progress
                ),
                default=None,
            ),
        )
        for course in courses
    ]


def units_of(
    session: Session, course_ids: Sequence[int], *, bodies: bool = False
) -> dict[int, list[CourseUnit]]:
    """The units of courses, by course and in order, without those taken out."""
    statement = (
        select(CourseUnit)
        .where(CourseUnit.course_id.in_(course_ids), CourseUnit.removed_at.is_(None))
        .order_by(CourseUnit.course_id, CourseUnit.position, CourseUnit.id)
    )
    if not bodies:
        statement = statement.options(defer(CourseUnit.body, raiseload=True))
    found: dict[int, list[CourseUnit]] = {}
    for row in session.scalars(statement):
        found.setdefault(row.course_id, []).append(row)
    return found


def finished(session: Session, user_id: str) -> dict[int, tuple[str, datetime]]:
    """The courses somebody has finished: for each the code and the day of the certificate that still holds."""
    if not user_id:
        return {}
    rows = session.execute(
        select(Certificate.course_id, Certificate.code, Certificate.issued_at)
        .where(
            Certificate.user_id == user_id,
            Certificate.course_id.is_not(None),
            Certificate.revoked_at.is_(None),
        )
        .order_by(Certificate.issued_at, Certificate.id)
    )
    # Of several for one course the newest, which comes last.
    return {course: (code, at) for course, code, at in rows if course is not None}


def _progress(session: Session, user_id: str, course_ids: Sequence[int]) -> dict[int, UnitProgress]:
    if not user_id:
        return {}
    rows = session.scalars(
        select(UnitProgress)
        .join(CourseUnit, CourseUnit.id == UnitProgress.unit_id)
        .where(UnitProgress.user_id == user_id, CourseUnit.course_id.in_(course_ids))
    )
    return {row.unit_id: row for row in rows}


def _units(
    rows: Sequence[CourseUnit],
    progress: Mapping[int, UnitProgress],
    found: Mapping[str, Target],
    *,
    bodies: bool,
) -> Iterable[UnitView]:
    standings = []
    for row in rows:
        own = progress.get(row.id)
        standings.append(
            UnitStanding(
                row.key,
                row.minutes,
                available=found[row.target].available if row.target else _has_content(row),
                needs=tuple(map(str, row.needs)),
                started=own is not None,
                done=own is not None and own.done_at is not None,
            )
        )
    titles = {row.key: row.title for row in rows}
    for row, one in zip(rows, standings, strict=True):
        own = progress.get(row.id)
        yield UnitView(
            id=row.id,
            key=row.key,
            kind=row.kind,
            title=row.title,
            body=row.body if bodies else "",
            minutes=row.minutes,
            target=found[row.target] if row.target else None,
            target_text=row.target,
            file_name=row.file_name,
            check=_rules(row),
            needs=one.needs,
            standing=one,
            after=tuple(titles[key] for key in waits_for(one, standings)),
            started_at=own.started_at if own else None,
            done_at=own.done_at if own else None,
        )


def _has_content(row: CourseUnit) -> bool:
    """Whether there is something to open in a unit that leads nowhere: a file that was not given yet is none."""
    return row.kind not in {"file", "video"} or row.sha256 is not None


def _rules(row: CourseUnit) -> CheckRules | None:
    if row.bank_id is None:
        return None
    return CheckRules(
        row.bank_id, row.draw, row.pass_percent, row.retries, row.wait_minutes, row.limit_minutes
    )


def _view(
    actor: Actor,
    row: Course,
    *,
    units: tuple[UnitView, ...],
    others: Mapping[int, Course],
    given: Mapping[int, tuple[str, datetime]],
    audience: str,
    opened_at: datetime | None,
) -> CourseView:
    twin = others.get(row.twin_id or 0)
    code, done_at = given.get(row.id, ("", None))
    return CourseView(
        id=row.id,
        place=row.place or "",
        title=row.title,
        summary=row.summary,
        language=row.language,
        state=row.state,
        version=row.version,
        audience=audience,
        owner=row.owner,
        by=row.by,
        twin=(twin.id, twin.title, twin.language) if twin else None,
        skills=tuple((str(one["skill"]), int(one["level"])) for one in row.skills),
        teachers=tuple(map(str, row.teachers)),
        units=units,
        # What the learner may not see, or is no longer given, cannot be asked for.
        needed=tuple(
            Needed(number, others[number].title, number in given)
            for number in row.needs
            if number in others and (others[number].state == "published" or number in given)
        ),
        standing=standing([unit.standing for unit in units]),
        certificate=code,
        done_at=done_at,
        opened_at=opened_at,
        updated_at=row.updated_at,
        may_edit=Action.AUTHOR_COURSES in actor.actions,
    )
