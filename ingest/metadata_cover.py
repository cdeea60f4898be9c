# ruff: noqa: RUF001  both widths of punctuation are meant
"""The cover of a project document: pairs of label and value in a table or in lines, in Chinese and English.

Covers come in two columns (项目名称 | 供应链平台), in four (项目名称 | … | 项目编号 | …), with the labels in one
row and the values in the next, and as lines (编制人：李娜). Only labels of the table below are believed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby, pairwise
from typing import Final

from ingest.metadata_dates import find_date

LONGEST_VALUE: Final = 200  # characters; a longer cell is text, not a value
LONGEST_LABEL: Final = 40
LABELLED_ROWS: Final = 4  # one row in so many must hold a label, or a table is no cover
MOST_AUTHORS: Final = 10
LONGEST_NAME: Final = 40

# What labels mean to us; those of the last entry are kept under their own label only.
_MEANINGS: Final = {
    "project_name": "项目名称|工程名称|项目全称|所属项目|项目|項目名稱|專案名稱|project|project name|name of project"
    "|project title",
    "project_code": "项目编号|项目代码|项目代号|项目编码|立项编号|工程编号|項目編號|專案編號|project code|project no"
    "|project number|project id|project ref|code|project reference",
    "authors": "编制人|编制|编写人|编写|编写者|作者|撰写人|撰稿人|起草人|拟制|拟制人|编制者|填表人|填报人|报告人"
    "|总结人|主笔|編制人|撰寫人|author|authors|author(s)|prepared by|written by|compiled by"
    "|created by",
    "dated": "日期|编制日期|编写日期|完成日期|发布日期|报告日期|填表日期|会议日期|会议时间|提交日期|更新日期"
    "|修订日期|编制时间|撰写日期|总结日期|date|report date|issue date|date prepared|date of issue"
    "|prepared on|last updated|document date|meeting date",
    "title": "文档名称|文件名称|文档标题|文件标题|文檔名稱|document title|document name|title",
    "": "项目经理|项目负责人|项目总监|项目发起人|项目类型|项目级别|项目周期|项目阶段|项目地点|项目状态"
    "|项目预算|项目金额|起止时间|起止日期|开始日期|结束日期|项目开始日期|项目结束日期|计划工期"
    "|实际工期|客户|客户名称|甲方|乙方|建设单位|承建单位|委托单位|施工单位|监理单位|合同编号|合同金额"
    "|合同名称|版本|版本号|文档版本|文件版本|密级|保密级别|保密等级|状态|文档状态|审核人|审核|审批人"
    "|批准人|批准|会签|部门|所属部门|编制部门|编制单位|责任部门|文档编号|文件编号|文档类型|文件类型"
    "|关键词|摘要|会议地点|主持人|记录人|参会人员|项目组|项目成员|項目經理|專案經理|客戶"
    "|project manager|manager|pm|project sponsor|sponsor|project owner|owner|client|customer|client name"
    "|customer name|version|revision|document version|version no|classification|confidentiality"
    "|security level|status|document status|reviewer|reviewed by|approver|approved by|department"
    "|business unit|document number|document no|document id|document type|doc no|start date|end date"
    "|project start date|project end date|contract number|contract value|budget|location|phase"
    "|program|programme|project type|project phase|team|keywords|vendor|supplier|attendees|chair",
}  # fmt: skip
_LABELS: Final = {
    label: meaning for meaning, labels in _MEANINGS.items() for label in labels.split("|")
}

_HAN: Final = re.compile("[\u3400-\u9fff]")
_SLASH: Final = re.compile(r"\s*[/／]\s*")
_COLON: Final = re.compile(r"\s*[：:]\s*")
# Several pairs on one line: 编制人：李娜    日期：2024-05-06
_GAP: Final = re.compile(r"\s{2,}|\t|[\u3000]+|[；;]")
_PLACEHOLDER: Final = re.compile(
    r"[\sX×x_＿\-—–/\\.．…]*|[<＜〈【\[{(（].{0,40}[>＞〉】\]})）]"
    r"|(?:待定|待补充|无|n/?a|tbd|none|click (?:here )?to enter.*|单击.{0,20}输入.*)",
    re.IGNORECASE,
)
_BETWEEN_NAMES: Final = re.compile(r"\s*[、,，;；/&\n]\s*|\s+and\s+", re.IGNORECASE)
_REMARK: Final = re.compile(r"[（(【\[].*?[)）】\]]")
_NO_PERSON: Final = re.compile(r"\d{3,}|@|有限公司|部门|项目组|办公室|[：:]|\bby\b")


@dataclass(slots=True)
class Cover:
    """What a cover says: ``entries`` by the labels it uses itself, in order, and what we understand of them."""

    entries: dict[str, str] = field(default_factory=dict)
    title: str = ""
    project_name: str = ""
    project_code: str = ""
    authors: tuple[str, ...] = ()
    dated: date | None = None


def read_cover(lines: Sequence[str]) -> Cover:
    """Read the cover out of the first lines of a document; the cells of a table row are parted by tabs."""
    cover = Cover()
    for label, value in _pairs(lines):
        if label not in cover.entries:
            cover.entries[label] = value
            for one, its_value in _parted(label, value):
                _understand(cover, _meaning(one) or "", its_value)
    return cover


def people(text: str) -> tuple[str, ...]:
    """The names in a value such as ``李 娜、王强（项目经理）``; what is no name is left out."""
    names: list[str] = []
    for part in _BETWEEN_NAMES.split(_REMARK.sub("", text)):
        words = part.removeprefix("with ").split()
        # 李 娜 is one name spread out, 李娜 王小强 are two.
        if words and all(_HAN.search(word) for word in words):
            names += words if all(len(word) > 1 for word in words) else ["".join(words)]
        elif words:
            names.append(" ".join(words))
    kept = (
        name
        for name in names
        if 1 < len(name) <= LONGEST_NAME and not name[0].islower() and not _NO_PERSON.search(name)
    )
    return tuple(dict.fromkeys(kept))[:MOST_AUTHORS]


def _pairs(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Every label with its value, in lines and in tables that are covers."""
    for is_table, group in groupby(lines, key=lambda line: "\t" in line.strip("\t ")):
        if not is_table:
            for line in group:
                yield from _in_line(line)
            continue
        rows = [[" ".join(cell.split()) for cell in line.split("\t")] for line in group]
        found = [list(_in_table_row(rows, at)) for at in range(len(rows))]
        # A table of data may have a label by chance (Phase | From | To); a cover has them all the way down.
        if sum(map(bool, found)) * LABELLED_ROWS >= len(rows):
            for pairs in found:
                yield from pairs


def _in_table_row(rows: list[list[str]], at: int) -> Iterator[tuple[str, str]]:
    """The pairs of one row of a table, whose labels may stand in the row above."""
    cells = rows[at]
    above = rows[at - 1] if at else []
    if len(above) == len(cells) > 1 and all(_meaning(cell) is not None for cell in above):
        yield from _matched(above, cells)
        return
    filled = [cell for cell in cells if cell]
    labels = [_meaning(cell) is not None for cell in filled]
    # Two labels side by side are the head of a table (版本 | 日期 | 作者), not a label with its value.
    if not any(one and other for one, other in pairwise(labels)):
        yield from _in_row(filled, labels)
    for cell in filled:
        yield from _in_line(cell)


def _matched(labels: list[str], values: list[str]) -> Iterator[tuple[str, str]]:
    """A row of labels and the row of values under it."""
    if any(_meaning(value) is not None for value in values):
        return
    for label, value in zip(labels, values, strict=True):
        if _is_value(value):
            yield _own(label), value


def _in_row(cells: list[str], labels: list[bool]) -> Iterator[tuple[str, str]]:
    """Label and value side by side, once or several times in a row."""
    for at, is_label in enumerate(labels[:-1]):
        if is_label and at % 2 == 0 and _is_value(cells[at + 1]):
            yield _own(cells[at]), cells[at + 1]


def _in_line(line: str) -> Iterator[tuple[str, str]]:
    """``项目名称：供应链平台  编制人：李娜``: pairs with a colon, parted by wide spaces."""
    if not _COLON.search(line):
        return
    label = ""
    for part in _GAP.split(line.strip()):
        head, colon, value = _split(part)
        if colon and _meaning(head) is not None:
            label = _own(head)
            if _is_value(value):
                yield label, value.strip()
                label = ""
        elif label and not colon and _is_value(part):
            yield label, part.strip()
            label = ""


def _split(part: str) -> tuple[str, bool, str]:
    found = _COLON.search(part)
    return (
        (part, False, "") if found is None else (part[: found.start()], True, part[found.end() :])
    )


def _meaning(label: str) -> str | None:
    """What a label means, ``""`` for one that is only kept; None for what is no label."""
    if not label or len(label) > LONGEST_LABEL:
        return None
    bare = _own(label).lower()
    if bare in _LABELS:
        return _LABELS[bare]
    # Both languages in one cell: 项目名称 Project Name, 项目名称（Project Name）.
    chinese = "".join(sign for sign in bare if _HAN.match(sign))
    if chinese and chinese != bare:
        english = " ".join(re.sub("[\u3400-\u9fff（）()/／·]", " ", bare).split()).rstrip(".")
        if chinese in _LABELS and (not english or english in _LABELS):
            return _LABELS[chinese]
    parts = _SLASH.split(bare)
    if len(parts) > 1 and all(part in _LABELS for part in parts):
        return ""
    return None


def _parted(label: str, value: str) -> list[tuple[str, str]]:
    """Two labels in one cell with their two values: 版本／日期, V1.0／2024-05-20."""
    labels, values = _SLASH.split(label), _SLASH.split(value)
    if not _meaning(label) and len(labels) > 1 and len(labels) == len(values):
        return list(zip(labels, values, strict=True))
    return [(label, value)]


def _own(label: str) -> str:
    """A label as we keep it: without colon, stars and the spaces that spread it out (项 目 名 称)."""
    bare = label.strip().strip("*＊").rstrip("：:").strip()
    if _HAN.search(bare) and not re.search("[A-Za-z]", bare):
        return re.sub(r"\s", "", bare)
    return " ".join(bare.rstrip(".").split())


def _is_value(text: str) -> bool:
    bare = text.strip()
    return (
        bool(bare)
        and len(bare) <= LONGEST_VALUE
        and not _PLACEHOLDER.fullmatch(bare)
        and _meaning(bare) is None
    )


def _understand(cover: Cover, meaning: str, value: str) -> None:
    """Take over what an entry means; the first of several counts."""
    if meaning == "title":
        cover.title = cover.title or value
    elif meaning == "project_name":
        cover.project_name = cover.project_name or value
    elif meaning == "project_code":
        # Minutes of several projects name several codes; the first stands for the document.
        first = _BETWEEN_NAMES.split(_REMARK.sub("", value))[0].strip()
        cover.project_code = cover.project_code or first
    elif meaning == "authors":
        cover.authors = cover.authors or people(value)
    elif meaning == "dated":
        cover.dated = cover.dated or find_date(value)
