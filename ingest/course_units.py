"""One Markdown file of a course: settings at the head, a body, and questions at the end.

::

    ---
    title: Gates
    minutes: 25
    check: {pass: 75, retries: 3}
    ---
    Five gates cut a project …

    ## ? Which gate freezes the design?
    = G3

All settings have defaults: the title is that of the first heading, the time is estimated from the length. A file of
kind ``check`` may take the questions of all units before it into its bank with ``bank: units``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, get_args

from ingest.course_faults import Fault, clipped
from ingest.course_front import Settings, keys, read_settings, split_front
from ingest.question_markdown import begins_question, read_question_lines
from kb.course_text_rules import MAX_QUESTIONS
from kb.course_texts import CheckText, QuestionText, UnitKind, UnitText, is_place
from kb.errors import N_
from kb.search.folding import HAN

MAX_TITLE: Final = 200  # characters
MAX_BODY: Final = 100_000  # characters; the longest unit of the corpus has 4,000
MAX_MINUTES: Final = 1_440  # a day: what takes longer is no unit
MAX_RETRIES: Final = 100
MAX_TARGET: Final = 700
# How fast one reads to learn, per minute.
_WORDS_A_MINUTE: Final = 120
_SIGNS_A_MINUTE: Final = 250

_KEYS: Final = keys(
    {
        "title": "标题 题目 名称",
        "kind": "type 类型",
        "minutes": "时长 用时 分钟",
        "target": "place link 目标 链接 地址",
        "check": "测验 考核 检查",
    }
)
_CHECK_KEYS: Final = keys(
    {
        "draw": "抽题 抽取",
        "pass": "及格 通过 合格",
        "retries": "重考 重试 补考",
        "minutes": "限时 时长 分钟",
        "bank": "题库",
    }
)
_KIND_WORDS: Final[dict[str, UnitKind]] = {
    **{kind: kind for kind in get_args(UnitKind)},
    "页面": "page",
    "文档": "document",
    "文件": "file",
    "视频": "video",
    "測驗": "check",
    "测验": "check",
    "考核": "check",
}
_BANK_OF_UNITS: Final = frozenset({"units", "course", "本课程", "各单元", "全部单元"})
_TARGETED: Final = frozenset({"document", "file", "video"})
_TITLE: Final = re.compile(r"#\s+(.+?)\s*#*\s*")
_FENCE: Final = re.compile(r" {0,3}(`{3,}|~{3,})")
_WEB: Final = re.compile(r"https?://[^\s/]+\S*|/(?!/)\S*")

_NO_KIND: Final = N_("“%(value)s” is no kind of unit")
_KINDS_ADVICE: Final = N_("Write page, document, file, video or check.")
_NO_TITLE: Final = N_("the unit has no title")
_TITLE_ADVICE: Final = N_("Write “title:” at the head, or begin with a heading.")
_NO_TARGET: Final = N_("a unit of this kind needs the setting “target”")
_ODD_TARGET: Final = N_("the target is neither a place nor an address")
_NEEDLESS_TARGET: Final = N_("a unit of this kind has no target; link to it in the text")
_NO_BODY: Final = N_("the page has no words")
_LONG_BODY: Final = N_("the text has %(count)s characters; %(most)s may be")
_NO_QUESTIONS: Final = N_("the check has no questions")
_NO_BANK: Final = N_("“%(value)s” is no bank; write “units” for the questions of the units before")
_DRAW_MORE: Final = N_("%(draw)s questions are to be drawn from a bank of %(count)s")


@dataclass(frozen=True, slots=True)
class UnitRead:
    """A unit as it was read; ``faults`` tells whether it can be used. ``line_of_check`` is for later faults."""

    unit: UnitText
    faults: tuple[Fault, ...]
    with_bank: bool
    line_of_check: int


def read_unit(lines: Sequence[str], file: str, unit_id: str) -> UnitRead:
    """Read the lines of one file; never raises for what they say."""
    front, below, faults = split_front(lines, file)
    settings = read_settings(front, file, _KEYS)
    settings.faults += faults
    first = _first_question(lines, below)
    body_lines = list(lines[below:first])
    questions, wrong = read_question_lines(lines[first:], file, first + 1)
    title = settings.text("title", MAX_TITLE) or _heading(body_lines, settings)
    body = "\n".join(_without_title(body_lines, title)).strip()
    kind = _kind(settings)
    target = _target(settings, kind)
    check, with_bank = _check(settings, kind, questions, asked=first < len(lines))
    if kind == "page" and not body:
        settings.faults.append(Fault(_NO_BODY, file=file, line=below + 1))
    if len(body) > MAX_BODY:
        long = {"count": len(body), "most": MAX_BODY}
        settings.faults.append(Fault(_LONG_BODY, file=file, line=below + 1, data=long))
    minutes = settings.number("minutes", _estimate(body, len(questions)), 1, MAX_MINUTES)
    unit = UnitText(unit_id, kind, title, minutes, body, target, check)
    everything = sorted([*settings.faults, *wrong], key=lambda fault: fault.line)
    return UnitRead(unit, tuple(everything), with_bank, settings.lines.get("check", 1))


def draw_fault(check: CheckText, file: str, line: int) -> Fault | None:
    """What is wrong with how many questions are drawn, known once the bank is complete."""
    if not check.bank:
        return Fault(_NO_QUESTIONS, file=file, line=line)
    if check.draw > len(check.bank):
        told: dict[str, str | int] = {"draw": check.draw, "count": len(check.bank)}
        return Fault(_DRAW_MORE, file=file, line=line, data=told)
    return None


def _first_question(lines: Sequence[str], below: int) -> int:
    """The index of the first heading of a question that stands in no block of code."""
    fence = ""
    for number in range(below, len(lines)):
        mark = _FENCE.match(lines[number])
        if fence:
            if mark and mark[1].startswith(fence) and lines[number].strip() == mark[1]:
                fence = ""
        elif mark:
            fence = mark[1]
        elif begins_question(lines[number]):
            return number
    return len(lines)


def _heading(body: Sequence[str], settings: Settings) -> str:
    """The first heading, which stands for a title that is not set."""
    for line in body:
        if match := _TITLE.fullmatch(line):
            return match[1][:MAX_TITLE]
        if line.strip():
            break
    if "title" not in settings.values:
        fault = Fault(_NO_TITLE, file=settings.file, line=1, advice=_TITLE_ADVICE)
        settings.faults.append(fault)
    return ""


def _without_title(body: list[str], title: str) -> list[str]:
    """The body without a first heading that says the title again."""
    for number, line in enumerate(body):
        if match := _TITLE.fullmatch(line):
            return body[number + 1 :] if match[1][:MAX_TITLE] == title else body
        if line.strip():
            break
    return body


def _kind(settings: Settings) -> UnitKind:
    word = settings.text("kind", MAX_TITLE)
    kind = _KIND_WORDS.get(word.lower() if word else "page")
    if kind is None:
        settings.faults.append(
            Fault(
                _NO_KIND,
                file=settings.file,
                line=settings.lines["kind"],
                advice=_KINDS_ADVICE,
                data={"value": clipped(word)},
            )
        )
        return "page"
    return kind


def _target(settings: Settings, kind: UnitKind) -> str:
    target = settings.text("target", MAX_TARGET)
    if kind in _TARGETED and not target and "target" not in settings.values:
        settings.faults.append(Fault(_NO_TARGET, file=settings.file, line=1))
    elif target and kind not in _TARGETED:
        settings.fault(_NEEDLESS_TARGET, "target")
    elif target and not (is_place(target) or _WEB.fullmatch(target)):
        settings.fault(_ODD_TARGET, "target")
    return target


def _check(
    settings: Settings, kind: UnitKind, questions: tuple[QuestionText, ...], *, asked: bool
) -> tuple[CheckText | None, bool]:
    """The check, and whether the questions of the units before belong to its bank."""
    group = settings.group("check", _CHECK_KEYS)
    if group is None and not asked and kind != "check":
        return None, False
    group = group or Settings(settings.file, settings.line, {}, {}, settings.faults)
    bank = group.text("bank", MAX_TITLE)
    if bank and bank.lower() not in _BANK_OF_UNITS:
        line = group.lines["bank"]
        told: dict[str, str | int] = {"value": clipped(bank)}
        settings.faults.append(Fault(_NO_BANK, file=settings.file, line=line, data=told))
    retries = group.number("retries", 0, 0, MAX_RETRIES) if "retries" in group.values else None
    made = CheckText(
        questions,
        draw=group.number("draw", 0, 0, MAX_QUESTIONS),
        pass_percent=group.number("pass", 80, 1, 100),
        retries=retries,
        minutes=group.number("minutes", 0, 0, MAX_MINUTES),
    )
    return made, bool(bank)


def _estimate(body: str, questions: int) -> int:
    """Minutes for reading the body and answering, a minute a question; at least one."""
    signs = len(re.findall(f"[{HAN}]", body))
    words = len(re.findall(r"[^\W\d_]+", re.sub(f"[{HAN}]", " ", body)))
    return max(1, round(signs / _SIGNS_A_MINUTE + words / _WORDS_A_MINUTE + questions))
