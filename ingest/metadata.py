"""What a document says of itself, whatever format it came in: language, title, kind, project, authors, date.

:func:`describe` looks at the finished body, so every reader can use it. Its parts can be used alone:
:func:`language_of`, :func:`kind_of`, and :func:`ingest.metadata_cover.read_cover` for the cover table that Chinese
project documents carry (项目名称, 项目编号, 编制人, 日期 …) and its English forms.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Final

from ingest.metadata_cover import Cover, read_cover
from ingest.metadata_dates import find_date
from kb.drafts import Guess
from kb.markdown import Section, sections

HEAD_LINES: Final = 80  # lines at the start of a document that are searched for a cover
LONGEST_TITLE: Final = 200

_HAN: Final = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_LATIN_WORD: Final = re.compile(r"[A-Za-z]{2,}")

# Each kind with the words that tell it, most telling first: a 总结报告模板 is a template, a 培训计划 a plan.
_KIND_WORDS: Final = (
    ("template", "模板|模版|範本|范本|样表|样例表|空白表", r"\btemplates?\b"),
    (
        "lesson",
        "经验教训|教训|经验总结|经验分享|复盘|事故分析|經驗教訓",
        r"lessons?[\s_-]*learn(?:ed|t)|\blessons?\b|retrospective|post[\s_-]?mortem",
    ),
    (
        "minutes",
        "会议纪要|纪要|会议记录|會議記錄|會議紀要",
        r"\bminutes\b|meeting[\s_-]*(?:notes|record)",
    ),
    (
        "summary",
        "项目总结|总结报告|结案|結案|结项|收尾报告|竣工报告|工作总结|总结|總結",
        r"clos(?:ure|ing[\s_-]*report|e[\s_-]?out)|project[\s_-]*summary|final[\s_-]*report|completion[\s_-]*report|wrap[\s_-]?up",
    ),
    ("plan", "培训计划", r"training[\s_-]*plan"),
    (
        "training",
        "培训|課程|课程|课件|教程|教材|学习资料|入职",
        r"\btraining\b|\bcourse\b|\btutorial\b|workshop|onboarding",
    ),
    (
        "guide",
        "指南|手册|手冊|操作说明|使用说明|最佳实践|说明书",
        r"how[\s_-]?to|\bguid(?:e|eline|elines|ance)\b|\bmanual\b|handbook|playbook",
    ),
    (
        "methodology",
        "方法论|管理办法|管理制度|制度|规范|規範|流程|管理程序|标准|体系",
        r"methodology|\bprocess\b|procedure|\bpolicy\b|\bstandard\b|framework",
    ),
    (
        "plan",
        "计划|計劃|計畫|方案|规划|章程|任务书|立项|建议书|路线图",
        r"\bplan\b|charter|proposal|roadmap|\bschedule\b",
    ),
    (
        "report",
        "报告|報告|周报|月报|季报|日报|年报|汇报|进展|调研|分析|评估",
        r"\breport\b|\bstatus\b|assessment|analysis|review",
    ),
)
_KINDS: Final = tuple(
    (kind, re.compile(f"{chinese}|{english}", re.IGNORECASE))
    for kind, chinese, english in _KIND_WORDS
)
# Kinds told by sections that occur together, where no title tells them: at least two must be there.
_KIND_HEADINGS: Final = tuple(
    (kind, re.compile(f"{chinese}|{english}", re.IGNORECASE))
    for kind, chinese, english in (
        (
            "minutes",
            "参会|与会|出席|议题|决议|会议(?:时间|地点|内容)",
            "attendees|agenda|decisions|action items",
        ),
        (
            "lesson",
            "教训|根本原因|原因分析|改进(?:措施|建议)|经验",
            "what went (?:well|wrong)|root cause|lesson",
        ),
        (
            "summary",
            "项目(?:概况|概述|背景|成果)|目标完成|完成情况|经验教训|遗留问题",
            "project (?:overview|outcome)|lessons|achievements",
        ),
        (
            "plan",
            "里程碑|进度安排|资源计划|工作分解|范围说明|预算",
            "milestones|schedule|budget|scope|deliverables",
        ),
        ("training", "学习目标|课后|练习|思考题", "learning objectives|exercise|quiz"),
    )
)
# Words that end the title of a document, for cover pages without a marked title.
_TITLE_WORDS: Final = re.compile(
    r"(?:报告|報告|总结|總結|计划|計劃|方案|纪要|手册|指南|规范|制度|办法|说明书|教训|模板|流程|规划|章程|合同|任务书"
    r"|周报|月报|复盘|白皮书|清单|report|summary|plan|minutes|manual|guide|handbook|charter|proposal|lessons learned"
    r"|template|specification)(?:\s*[（(].{1,20}[)）])?$",
    re.IGNORECASE,
)
# Titles that fit every project.
_GENERIC_TITLE: Final = re.compile(
    r"(?:项目|工程|阶段|年度|工作|系统)*(?:总结|结项|立项|验收|收尾|管理|实施|进展|状态|测试|培训|建设|经验教训)*"
    r"(?:报告|总结|计划|方案|纪要|书|规划)?"
    r"|(?:project )?(?:closing |closure |final |status |progress |lessons )?"
    r"(?:summary|report|plan|charter|minutes|learned)",
    re.IGNORECASE,
)
_SENTENCE: Final = re.compile(r"[：:。；;]")
# Titles programs put there by themselves.
_EMPTY_TITLE: Final = re.compile(
    r"(?:untitled|document|presentation|slide|title|no title|powerpoint presentation"
    r"|microsoft (?:word|powerpoint|excel)\b.*|word document|template|normal"
    r"|无标题|演示文稿|幻灯片|文档|新建.{0,20}文档|工作簿|未命名|标题)[\s\d]*",
    re.IGNORECASE,
)
COVER_LINES: Final = 15  # lines at the start among which the title of a cover stands
COVER_TITLE: Final = range(4, 61)  # characters of such a line
DATE_LINES: Final = 30  # lines among which a date of its own is looked for
LONGEST_DATE: Final = 40  # characters of such a line


@dataclass(frozen=True, slots=True)
class Described:
    """What was found out about a document; empty where nothing was.

    Attributes:
        title: never empty.
        language: ``zh`` or ``en``.
        kind: one of :data:`kb.drafts.KINDS` with its evidence.
        metadata: the cover's entries, by its own labels, in order.
        dated: the day the document itself gives.
    """

    title: str
    language: str
    kind: Guess
    metadata: dict[str, str] = field(default_factory=dict)
    project_code: str = ""
    project_name: str = ""
    authors: tuple[str, ...] = ()
    dated: date | None = None


def describe(
    *,
    body: str,
    name: str,
    properties: Mapping[str, str] | None = None,
    title: str = "",
    parsed: Sequence[Section] | None = None,
) -> Described:
    """Find out what a document says of itself.

    Args:
        body: Markdown.
        name: the file's name, perhaps with folders.
        properties: what the file says of itself; ``title``, ``subject``, ``category`` and ``keywords`` are looked at.
        title: a title the reader is sure of, or empty.
        parsed: the body's sections, where the caller has them.
    """
    known = properties or {}
    parts = list(parsed) if parsed is not None else sections(body)
    head = _head(parts)
    cover = read_cover(head)
    path = PurePosixPath(name.replace("\\", "/"))
    chosen = _title((title, known.get("title", ""), path.stem), cover, parts, head)
    return Described(
        title=chosen[:LONGEST_TITLE],
        language=language_of(body if len(body) > LONGEST_TITLE else f"{body} {chosen}"),
        kind=kind_of(
            title=chosen,
            name=path.name,
            folders=path.parts[:-1],
            properties=known,
            headings=[part.heading for part in parts if part.heading],
        ),
        metadata=cover.entries,
        project_code=cover.project_code,
        project_name=cover.project_name,
        authors=cover.authors,
        dated=cover.dated or _lonely_date(head),
    )


def language_of(text: str) -> str:
    """The language most of a text is written in: ``zh`` when it has more Chinese characters than Latin words."""
    return "zh" if len(_HAN.findall(text)) > len(_LATIN_WORD.findall(text)) else "en"


def kind_of(
    *,
    title: str,
    name: str,
    folders: Sequence[str] = (),
    properties: Mapping[str, str] | None = None,
    headings: Sequence[str] = (),
) -> Guess:
    """Guess the kind of a document, with the words that decided: by title, file name, properties, folder, headings."""
    known = properties or {}
    ending = name.rpartition(".")[2].lower()
    if ending in {"dotx", "dotm", "dot", "potx", "xltx"}:
        return Guess("template", f"file name: .{ending}")
    sources = [("title", title), ("file name", name.rpartition(".")[0] or name)]
    sources += [(label, known.get(label, "")) for label in ("category", "subject", "keywords")]
    sources += [("folder", folder) for folder in reversed(folders)]
    for source, text in sources:
        if found := _kind_in(text):
            return Guess(found[0], f"{source}: {found[1]}")
    for kind, pattern in _KIND_HEADINGS:
        told = [heading for heading in headings if pattern.search(heading)]
        if len(told) > 1:
            return Guess(kind, "headings: " + ", ".join(told[:3]))
    return Guess("other")


def _kind_in(text: str) -> tuple[str, str] | None:
    words = text.replace("_", " ")
    for kind, pattern in _KINDS:
        if found := pattern.search(words):
            return kind, found.group()
    return None


def _head(parts: Sequence[Section]) -> list[str]:
    """The first lines of a document, headings among them."""
    lines: list[str] = []
    for part in parts:
        lines += ([part.heading] if part.heading else []) + part.text.split("\n")
        if len(lines) >= HEAD_LINES:
            break
    return lines[:HEAD_LINES]


def _title(
    given: tuple[str, str, str], cover: Cover, parts: Sequence[Section], head: Sequence[str]
) -> str:
    """Choose the title: what the author marked as one, then what looks like one, then the file's name.

    Args:
        given: the title a reader is sure of, the one among the properties, the file's name.
        cover: what the cover says.
        parts: the sections.
        head: the first lines.
    """
    sure, property_title, stem = (unspread(one) for one in given)
    own = "" if _EMPTY_TITLE.fullmatch(property_title) else property_title
    own_in_text = own if own and _close(own) in _close("".join(head)) else ""
    if _close(sure) and _close(sure) in _close(own_in_text):
        sure = own_in_text  # the title goes on in the next line, and the properties have it whole
    top = [part.heading for part in parts if part.level == 1]
    candidates = (
        _with_next_line(sure, head),
        cover.title,
        top[0] if len(top) == 1 and parts[0].level == 1 else "",
        own_in_text,
        _looks_like_title(parts),
        own,
        stem,
    )
    title = next((one for one in candidates if one), "") or "?"
    if cover.project_name and _GENERIC_TITLE.fullmatch(title):
        # 项目总结报告 alone tells nothing in a list of a hundred.
        return f"{cover.project_name}{'' if _HAN.search(title) else ': '}{title}"
    return title


def unspread(text: str) -> str:
    """Text on one line; characters spread out for looks (项 目 总 结) close together."""
    words = text.split()
    spread = len(words) > 2 and all(len(word) == 1 and _HAN.match(word) for word in words)  # noqa: PLR2004
    return ("" if spread else " ").join(words)


def _close(text: str) -> str:
    return "".join(text.split())


def _with_next_line(title: str, head: Sequence[str]) -> str:
    """A title whose last line says what the document is: 川南变电站改造 / 项 目 总 结 报 告."""
    if not title or _TITLE_WORDS.search(title):
        return title
    for line, following in pairwise(head):
        if _close(line) == _close(title):
            more = unspread(following)
            fits = len(more) in COVER_TITLE and "\t" not in following and _TITLE_WORDS.search(more)
            return f"{title}{'' if _HAN.search(more) else ': '}{more}" if fits else title
    return title


def _looks_like_title(parts: Sequence[Section]) -> str:
    """A line on the cover that ends as titles do."""
    if not parts or parts[0].level:
        return ""
    for line in parts[0].text.split("\n")[:COVER_LINES]:
        bare = unspread(line)
        possible = len(bare) in COVER_TITLE and "\t" not in line and not _SENTENCE.search(bare)
        if possible and _TITLE_WORDS.search(bare):
            return bare
    return ""


def _lonely_date(head: Sequence[str]) -> date | None:
    """A date that stands on a line of its own, as covers have it."""
    for line in head[:DATE_LINES]:
        if len(line) <= LONGEST_DATE and (found := find_date(line, whole=True)):
            return found
    return None
