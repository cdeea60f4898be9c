"""Certificates: given when the last unit is done, verified by anyone who may read the site, taken back by curators.

A certificate says of its course what was true on its day; the course may change or go, the certificate stays.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import and_, func, or_, select, true
from sqlalchemy.orm import Session

from kb.access import Action, Actor
from kb.auditing import record_audit
from kb.course_views import finished, views
from kb.database import Database
from kb.errors import N_, InvalidInput, NotFound
from kb.models import (
    Certificate,
    CheckAttempt,
    Course,
    CourseUnit,
    LearningPath,
    PathCourse,
    User,
    course_readable,
    path_readable,
    utc_now,
)
from kb.models.training import COURSE_PUBLISHED

# 120 bits: nobody finds a certificate by trying.
_CODE_BYTES: Final = 15
_MAX_REASON: Final = 1000


@dataclass(frozen=True, slots=True)
class CertificateView:
    """A certificate as whoever has its address sees it: name, course, day, and whether it holds.

    The fields from ``own`` on are for its owner and for curators: ``course_id`` and ``path_id`` (one of them 0, both
    where it is not for them any more),
    ``minutes`` and ``score`` (0 to 1, None where nothing was graded), ``reason`` it was taken back for.
    """

    code: str
    name: str
    title: str
    language: str
    issued_at: datetime
    revoked_at: datetime | None
    own: bool = False
    may_revoke: bool = False
    course_id: int = 0
    path_id: int = 0
    minutes: int = 0
    score: float | None = None
    reason: str = ""

    @property
    def valid(self) -> bool:
        """It was not taken back."""
        return self.revoked_at is None


class Certificates:
    """Use cases around certificates; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Keep certificates in ``database``."""
        self._database = database

    def verify(self, actor: Actor, code: str) -> CertificateView:
        """What a certificate says; more than name, title, day and validity only for its owner and for curators.

        Raises:
            NotFound: there is none with this code, or the actor may not read this site.
        """
        with self._database.read() as session:
            found = session.scalar(select(Certificate).where(Certificate.code == code[:40]))
            if found is None or not (actor.principals or actor.sees_all):
                raise NotFound(what="certificate", id=code[:40])
            return _views(session, actor, [found])[0]

    def of_user(self, actor: Actor, user_id: str) -> Sequence[CertificateView]:
        """Somebody's certificates, the newest first: one's own, or for curators anybody's.

        Of others those whose course or path the actor may know of: its title stands on them.

        Raises:
            NotAllowed: they are somebody else's.
        """
        if user_id != actor.id:
            actor.must(Action.SEE_REPORTS)
        with self._database.read() as session:
            known = (
                true()
                if user_id == actor.id
                else and_(
                    or_(Certificate.course_id.is_(None), course_readable(actor)),
                    or_(Certificate.path_id.is_(None), path_readable(actor)),
                )
            )
            rows = session.scalars(
                select(Certificate)
                .outerjoin(Course, Course.id == Certificate.course_id)
                .outerjoin(LearningPath, LearningPath.id == Certificate.path_id)
                .where(Certificate.user_id == user_id, known)
                .order_by(Certificate.issued_at.desc(), Certificate.id.desc())
            ).all()
            return _views(session, actor, rows)

    def revoke(self, actor: Actor, code: str, reason: str) -> None:
        """Take a certificate back; its page says so from then on. Finishing the course again gives a new one.

        Raises:
            NotAllowed: the actor may not curate.
            NotFound: there is none with this code.
            InvalidInput: there is no reason.
        """
        actor.must(Action.AUTHOR_COURSES)
        if not reason.strip():
            raise InvalidInput(field=N_("reason"), reason=N_("this has to be filled in"))
        with self._database.write() as session:
            row = session.scalar(select(Certificate).where(Certificate.code == code[:40]))
            if row is None:
                raise NotFound(what="certificate", id=code[:40])
            if row.revoked_at is None:
                row.revoked_at, row.revoked_by = utc_now(), actor.id
                row.reason = reason.strip()[:_MAX_REASON]
                record_audit(
                    session, actor, "revoke", "certificate", row.id, {"reason": row.reason}
                )


def settle(session: Session, actor: Actor, course: Course) -> str:
    """Give ``actor`` the certificate of a course that is complete now, and of the paths this completes.

    Returns the code of the course's certificate; empty while something is left to do. Called in the transaction that
    finishes a unit; giving it twice changes nothing.
    """
    session.flush()
    found = views(session, actor, [course])[0]
    if found.certificate or not found.standing.complete:
        return found.certificate
    code = _issue(
        session,
        actor,
        title=course.title,
        language=course.language,
        course_id=course.id,
        version=course.version,
        minutes=found.minutes,
        score=_score(session, actor.id, course.id),
    )
    _settle_paths(session, actor, course)
    return code


def _settle_paths(session: Session, actor: Actor, course: Course) -> None:
    paths = session.scalars(
        select(LearningPath)
        .join(PathCourse, PathCourse.path_id == LearningPath.id)
        .where(
            PathCourse.course_id == course.id,
            LearningPath.state == COURSE_PUBLISHED,
            path_readable(actor),
        )
    ).all()
    done = finished(session, actor.id)
    for path in paths:
        courses = session.execute(
            select(Course.id, Course.state)
            .join(PathCourse, PathCourse.course_id == Course.id)
            .where(PathCourse.path_id == path.id)
        ).all()
        # A course that was withdrawn is asked of nobody any more.
        missing = [number for number, state in courses if state == COURSE_PUBLISHED]
        held = session.scalar(
            select(Certificate.id).where(
                Certificate.user_id == actor.id,
                Certificate.path_id == path.id,
                Certificate.revoked_at.is_(None),
            )
        )
        if held is None and all(number in done for number in missing):
            _issue(session, actor, title=path.title, language=path.language, path_id=path.id)


def _issue(
    session: Session,
    actor: Actor,
    *,
    title: str,
    language: str,
    course_id: int | None = None,
    path_id: int | None = None,
    version: int = 1,
    minutes: int = 0,
    score: float | None = None,
) -> str:
    user = session.get(User, actor.id)
    row = Certificate(
        code=secrets.token_urlsafe(_CODE_BYTES),
        user_id=actor.id,
        name=(user.name if user else actor.name) or actor.id,
        course_id=course_id,
        path_id=path_id,
        title=title,
        language=language,
        version=version,
        minutes=minutes,
        score=score,
    )
    session.add(row)
    session.flush()
    return row.code


def _score(session: Session, user_id: str, course_id: int) -> float | None:
    """The average of the best attempts at the checks of a course; None where it has none."""
    best = (
        select(func.max(CheckAttempt.score).label("score"))
        .join(CourseUnit, CourseUnit.id == CheckAttempt.unit_id)
        .where(
            CheckAttempt.user_id == user_id,
            CheckAttempt.passed.is_(True),
            CourseUnit.course_id == course_id,
            CourseUnit.removed_at.is_(None),
        )
        .group_by(CheckAttempt.unit_id)
        .subquery()
    )
    return session.scalar(select(func.avg(best.c.score)))


def _views(
    session: Session, actor: Actor, rows: Sequence[Certificate]
) -> Sequence[CertificateView]:
    """Certificates as ``actor`` sees them: what they lead to only where that is still for this actor."""
    courses = {row.course_id for row in rows if row.course_id}
    paths = {row.path_id for row in rows if row.path_id}
    known = set(
        session.scalars(select(Course.id).where(Course.id.in_(courses), course_readable(actor)))
    )
    led = set(
        session.scalars(
            select(LearningPath.id).where(LearningPath.id.in_(paths), path_readable(actor))
        )
    )
    return [
        replace(
            view,
            course_id=view.course_id if view.course_id in known else 0,
            path_id=view.path_id if view.path_id in led else 0,
        )
        for view in (_view(actor, row) for row in rows)
    ]


def _view(actor: Actor, row: Certificate) -> CertificateView:
    curates = Action.SEE_REPORTS in actor.actions
    own = bool(actor.id) and row.user_id == actor.id
    plain = CertificateView(
        row.code, row.name, row.title, row.language, row.issued_at, row.revoked_at
    )
    if not (own or curates):
        return plain
    return CertificateView(
        code=row.code,
        name=row.name,
        title=row.title,
        language=row.language,
        issued_at=row.issued_at,
        revoked_at=row.revoked_at,
        own=own,
        may_revoke=curates,
        course_id=row.course_id or 0,
        path_id=row.path_id or 0,
        minutes=row.minutes,
        score=row.score,
        reason=row.reason,
    )
