"""The units of a course as they are written, in the caller's transaction."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.course_texts import UNIT_KINDS, is_place
from kb.errors import N_, InvalidInput
from kb.files import register_file
from kb.models import Course, CourseUnit, QuestionBank
from kb.training_places import read_address
from kb.training_rules import MAX_BODY, MAX_MINUTES, checked_title, refuse_circle, within

_NOT_IN_KEY: Final = re.compile(r"[^\w]+")
_KEY_CHARS: Final = 60
# A day between two attempts, a day for one of them; more is no check but an exam on paper.
MAX_WAIT_MINUTES: Final = 7 * 24 * 60
MAX_LIMIT_MINUTES: Final = 24 * 60
MAX_RETRIES: Final = 100
MAX_DRAWN: Final = 500


@dataclass(frozen=True, slots=True)
class UnitFile:
    """A file that lies in the file store."""

    sha256: str
    size: int
    name: str
    media_type: str


@dataclass(frozen=True, slots=True)
class CheckDraft:
    """The rules of a check; ``bank`` is None for a bank of its own. The others as in :class:`kb.models.CourseUnit`."""

    bank: int | None = None
    draw: int = 0
    pass_percent: int = 80
    retries: int | None = None
    wait_minutes: int = 0
    limit_minutes: int = 0


@dataclass(frozen=True, slots=True)
class UnitDraft:
    """What is said of a unit; the fields are those of :class:`kb.models.CourseUnit`.

    ``file`` None leaves the file as it is; ``check`` None takes the check away, never its questions.
    """

    kind: str
    title: str
    minutes: int = 10
    body: str = ""
    target: str = ""
    file: UnitFile | None = None
    needs: tuple[str, ...] = ()
    check: CheckDraft | None = None


def units_in_order(session: Session, course_id: int) -> list[CourseUnit]:
    """The units of a course, without those taken out."""
    rows = session.scalars(
        select(CourseUnit)
        .where(CourseUnit.course_id == course_id, CourseUnit.removed_at.is_(None))
        .order_by(CourseUnit.position, CourseUnit.id)
    )
    return list(rows)


def free_key(session: Session, course_id: int, title: str) -> str:
    """A name for a new unit that no other unit of the course has, nor one that was taken out."""
    taken = set(session.scalars(select(CourseUnit.key).where(CourseUnit.course_id == course_id)))
    base = _NOT_IN_KEY.sub("-", title.lower()).strip("-")[:_KEY_CHARS] or "unit"
    key, number = base, 1
    while key in taken:
        number += 1
        key = f"{base}-{number}"
    return key


def write_unit(
    session: Session, course: Course, row: CourseUnit, unit: UnitDraft, others: Sequence[CourseUnit]
) -> None:
    """Write a unit into its row, which may be new.

    Args:
        session: the caller's transaction.
        course: the course it belongs to.
        row: its row.
        unit: what it says.
        others: all units of the course.

    Raises:
        InvalidInput: something cannot be used, or what the kind calls for is missing.
        CyclicNeeds: it would wait for itself.
    """
    if unit.kind not in UNIT_KINDS:
        raise InvalidInput(field=N_("kind"), reason=N_("it is none that there is"))
    row.kind, row.title = unit.kind, checked_title(unit.title)
    row.minutes = within(unit.minutes, 1, MAX_MINUTES, N_("minutes"))
    if len(unit.body) > MAX_BODY:
        raise InvalidInput(field=N_("text"), reason=f"{len(unit.body)} > {MAX_BODY}")
    row.body = unit.body
    row.target = _target(unit)
    if unit.file is not None:
        file = unit.file
        register_file(session, file.sha256, file.size, file.media_type)
        row.sha256, row.file_name = file.sha256, file.name[:300]
    if unit.kind == "document" and not row.target:
        raise InvalidInput(field=N_("document"), reason=N_("give its address"))
    _write_needs(row, unit, others)
    check = unit.check or (CheckDraft() if unit.kind == "check" else None)
    if check is None:
        row.bank_id = None
    else:
        _write_check(session, course, row, check)


def _target(unit: UnitDraft) -> str:
    target = unit.target.strip()
    if unit.kind not in {"document", "file", "video"} or not target:
        return ""
    outside = target.startswith(("https://", "http://"))
    if unit.kind == "document" and target.isdecimal() and len(target) < 18:  # noqa: PLR2004  digits
        return f"/documents/{target}"
    if not (is_place(target) or read_address(target) or outside) or " " in target.split(":")[0]:
        raise InvalidInput(
            field=N_("address"), reason=N_("it leads neither to a page here nor elsewhere")
        )
    return target[:1000]


def _write_needs(row: CourseUnit, unit: UnitDraft, others: Sequence[CourseUnit]) -> None:
    known = {other.key: other.title for other in others} | {row.key: row.title}
    needs = [key for key in dict.fromkeys(unit.needs) if key in known]
    before = {other.key: list(map(str, other.needs)) for other in others} | {row.key: needs}
    refuse_circle(before, known)
    row.needs = needs


def _write_check(session: Session, course: Course, row: CourseUnit, check: CheckDraft) -> None:
    row.draw = within(check.draw, 0, MAX_DRAWN, N_("questions drawn"))
    row.pass_percent = within(check.pass_percent, 1, 100, N_("passing mark"))
    row.retries = (
        None if check.retries is None else within(check.retries, 0, MAX_RETRIES, N_("retries"))
    )
    row.wait_minutes = within(check.wait_minutes, 0, MAX_WAIT_MINUTES, N_("waiting time"))
    row.limit_minutes = within(check.limit_minutes, 0, MAX_LIMIT_MINUTES, N_("time limit"))
    if check.bank is not None:
        bank = session.get(QuestionBank, check.bank)
        if bank is None or bank.course_id != course.id:
            raise InvalidInput(field=N_("question bank"), reason=N_("this course has no such bank"))
        row.bank_id = bank.id
    elif row.bank_id is None:
        own = QuestionBank(course_id=course.id, title=row.title)
        session.add(own)
        session.flush()
        row.bank_id = own.id
