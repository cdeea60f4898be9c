"""What the settings at the head of a course and of a path say (:mod:`ingest.course_front`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ingest.course_faults import Fault, clipped
from ingest.course_front import MAX_LIST, Settings, keys
from ingest.course_units import MAX_TITLE
from kb.course_texts import CourseText, PathText, StepText
from kb.errors import N_

MAX_SUMMARY: Final = 2_000  # characters
MAX_ID: Final = 100  # characters
MAX_DUE_DAYS: Final = 3_650

COURSE_KEYS: Final = keys(
    {
        "id": "编号",
        "title": "标题 名称",
        "language": "lang 语言",
        "summary": "简介 摘要 说明",
        "teachers": "teacher 讲师 作者",
        "topics": "topic 主题 技能",
        "prerequisites": "prerequisite 先修 先修课程",
        "updated": "date 更新 日期",
    }
)
PATH_KEYS: Final = keys(
    {
        "id": "编号",
        "title": "标题 名称",
        "language": "lang 语言",
        "role": "角色 岗位",
        "summary": "简介 摘要 说明",
        "courses": "课程",
        "prerequisites": "prerequisite 先修 先修路径",
        "due": "期限 天数",
    }
)
_STEP_KEYS: Final = keys({"course": "课程", "due": "期限 天数"})
_LANGUAGES: Final = {
    "zh": "zh",
    "en": "en",
    "中文": "zh",
    "英文": "en",
    "chinese": "zh",
    "english": "en",
}
_ID: Final = re.compile(r"[\w.-]+")

_NO_LANGUAGE: Final = N_("the language is neither zh nor en")
_ODD_ID: Final = N_("the id has other signs than letters, digits, dots and hyphens")
_NO_COURSES: Final = N_("the path has no courses")
_NO_STEP: Final = N_("this is no course of the form “id” or “{course: id, due: days}”")


def course_of(settings: Settings, body: str, otherwise: str) -> CourseText:
    """The course that settings tell, without its units; what is wrong is added to their faults.

    Args:
        settings: read with :data:`COURSE_KEYS`.
        body: the text below them, the summary where none is set.
        otherwise: the id where none is set.
    """
    return CourseText(
        id=_id(settings, otherwise),
        language=_language(settings),
        title=settings.text("title", MAX_TITLE, needed=True),
        summary=_summary(settings, body),
        units=(),
        teachers=settings.words("teachers", MAX_ID),
        topics=settings.words("topics", MAX_ID),
        prerequisites=settings.words("prerequisites", MAX_ID),
        updated=settings.text("updated", MAX_ID),
    )


def path_of(settings: Settings, body: str, otherwise: str) -> PathText:
    """The path that settings tell; likewise, with :data:`PATH_KEYS`."""
    return PathText(
        id=_id(settings, otherwise),
        language=_language(settings),
        title=settings.text("title", MAX_TITLE, needed=True),
        role=settings.text("role", MAX_ID, needed=True),
        summary=_summary(settings, body),
        steps=tuple(_steps(settings)),
        prerequisites=settings.words("prerequisites", MAX_ID),
        due_days=settings.number("due", 0, 0, MAX_DUE_DAYS),
    )


def _summary(settings: Settings, body: str) -> str:
    if not settings.values.get("summary") and body:
        settings.values["summary"] = body
    return settings.text("summary", MAX_SUMMARY, needed=True)


def _id(settings: Settings, otherwise: str) -> str:
    made = settings.text("id", MAX_ID) or otherwise
    if not _ID.fullmatch(made):
        settings.fault(_ODD_ID, "id")
    return made


def _language(settings: Settings) -> str:
    word = settings.text("language", MAX_ID, needed=True)
    language = _LANGUAGES.get(word.lower(), "")
    if word and not language:
        settings.fault(_NO_LANGUAGE, "language")
    return language


def _steps(settings: Settings) -> Iterator[StepText]:
    given = settings.values.get("courses")
    entries = given if isinstance(given, list) else [] if given is None else [given]
    if not entries or len(entries) > MAX_LIST:
        settings.fault(_NO_COURSES, "courses")
        return
    line = settings.lines["courses"]
    for entry in entries:
        if isinstance(entry, dict):
            known = {str(key): value for key, value in entry.items()}
            holder = Settings(settings.file, line, {"step": known}, {"step": line}, settings.faults)
            step = holder.group("step", _STEP_KEYS)
            course = step.text("course", MAX_ID, needed=True) if step else ""
            due = step.number("due", 0, 0, MAX_DUE_DAYS) if step else 0
        else:
            course, due = ("" if entry is None else str(entry).strip()), 0
        if _ID.fullmatch(course):
            yield StepText(course, due)
        else:
            told = clipped(str(entry))
            settings.faults.append(Fault(_NO_STEP, file=settings.file, line=line, value=told))
