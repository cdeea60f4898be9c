"""``GET /api/v1/courses``, ``GET /api/v1/courses/{id}`` and ``GET /api/v1/training/progress``."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from kb.course_shapes import CourseView
from kb.training_rules import must_learn
from web.search_address import thing_address
from web.visit import Id, Visiting

router = APIRouter(tags=["training"])


class ProgressBody(BaseModel):
    """How far you are; zeros for somebody who has not signed in."""

    done: int = Field(description="Units finished.")
    total: int = Field(description="Units that count: those you can open.")
    minutes_left: int
    certificate: str = Field(description="Address of your certificate, or empty.")


class SkillBody(BaseModel):
    """A skill that a course gives."""

    skill: str
    level: int = Field(description="1 knows it, 2 does it, 3 teaches it.")


class CourseSummaryBody(BaseModel):
    """A course in a list."""

    id: int
    url: str
    title: str
    summary: str = Field(description="Markdown.")
    language: str
    state: str
    minutes: int
    skills: list[SkillBody]
    updated: datetime
    progress: ProgressBody


class CoursesBody(BaseModel):
    """Courses by language and title."""

    courses: list[CourseSummaryBody]


class UnitBody(BaseModel):
    """A unit; the questions of its check are not told."""

    id: int
    url: str
    title: str
    kind: str
    minutes: int
    available: bool = Field(description="False where what it leads to is gone or not for you.")
    check: bool
    done: bool


class CourseBody(CourseSummaryBody):
    """A course with its units."""

    teachers: list[str]
    prerequisites: list[int] = Field(description="Ids of the courses to be finished before.")
    units: list[UnitBody]


class LineBody(BaseModel):
    """Where you are in one course."""

    course: int
    url: str
    title: str
    percent: int
    started: datetime | None
    finished: datetime | None
    due: date | None
    overdue: bool
    score: float | None = Field(description="0 to 1; null where nothing was graded.")


class MyProgressBody(BaseModel):
    """Everything you have begun or were assigned."""

    courses: list[LineBody]


@router.get("/courses", summary="Courses you may take")
def courses(
    visit: Visiting,
    q: Annotated[str, Query(max_length=200, description="Words of title or summary.")] = "",
    language: Literal["", "zh", "en"] = "",
) -> CoursesBody:
    """The published courses that are for you, with your progress."""
    found = visit.kb.courses.list(visit.actor, words=q, language=language)
    return CoursesBody(courses=[CourseSummaryBody.model_validate(_summary(one)) for one in found])


@router.get("/courses/{course_id}", summary="One course")
def course(visit: Visiting, course_id: Id) -> CourseBody:
    """A course with its units and your progress."""
    found = visit.kb.courses.get(visit.actor, course_id)
    return CourseBody.model_validate(
        _summary(found)
        | {
            "teachers": list(found.teachers),
            "prerequisites": [one.id for one in found.needed],
            "units": [
                UnitBody(
                    id=unit.id,
                    url=f"/courses/{found.id}/units/{unit.id}",
                    title=unit.title,
                    kind=unit.kind,
                    minutes=unit.minutes,
                    available=unit.standing.available,
                    check=unit.check is not None,
                    done=unit.standing.done,
                )
                for unit in found.units
            ],
        }
    )


@router.get("/training/progress", summary="Your progress")
def progress(visit: Visiting) -> MyProgressBody:
    """Where you are in everything you have begun or were assigned."""
    must_learn(visit.actor)
    lines = visit.kb.training_reports.transcript(visit.actor, visit.actor.id)
    return MyProgressBody(
        courses=[
            LineBody(
                course=line.course_id,
                url=thing_address("course", line.course_id),
                title=line.title,
                percent=line.percent,
                started=line.started_at,
                finished=line.done_at,
                due=line.due_on,
                overdue=line.overdue,
                score=line.score,
            )
            for line in lines
        ]
    )


def _summary(found: CourseView) -> dict[str, object]:
    return {
        "id": found.id,
        "url": thing_address("course", found.id),
        "title": found.title,
        "summary": found.summary,
        "language": found.language,
        "state": found.state,
        "minutes": found.minutes,
        "skills": [SkillBody(skill=skill, level=level) for skill, level in found.skills],
        "updated": found.updated_at,
        "progress": ProgressBody(
            done=found.standing.done,
            total=found.standing.total,
            minutes_left=found.standing.minutes_left,
            certificate=f"/certificates/{found.certificate}" if found.certificate else "",
        ),
    }
