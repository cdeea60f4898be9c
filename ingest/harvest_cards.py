"""Lessons in tables whose labels stand in the first column: small tables of one lesson each, and turned tables.

Also what both sorts of tables are told by: the labels that only other registers have, and which labels together tell a
lesson.
"""

from __future__ import annotations

from typing import Final

from ingest.harvest_grid import Cell, Rows, distinct
from ingest.harvest_headings import kind_of_value
from ingest.harvest_labels import CONTENT, Field, field_of
from ingest.harvest_text import Telling, tell
from ingest.harvest_words import any_of, folded

# Columns or labels that only other registers have.
OTHER_REGISTERS: Final = any_of(r"""
    风险.{0,6}|.{0,4}(概率|可能性)|影响程度|风险值|(应对|风险)策略
    缺陷.{0,4}|严重(程度|性|等级)|复现步骤|修复版本|测试(用例|步骤)|预期结果|检查(项|结果)|评分|得分|分值
    版本号?|变更(内容|原因)|解答|回答|答案|故障(现象|代码)
    risks?\b.{0,20}|likelihood|probability|mitigations?|contingency|exposure|score
    severity|defects?( id)?|bug( id)?|steps to reproduce|fixed in|test case|expected result|error (code|message)
    version|revision|answers?
""")
# Labels that a small table of one lesson may have beside those of its parts.
MIN_LABELS: Final = 3


def small(rows: Rows, announced: bool) -> list[Telling]:
    """A table of labels and values: one lesson, or one after another where the labels start again."""
    tellings = [Telling(labelled=True)]
    labels: list[Field] = []
    pairs = 0
    for row in rows:
        cells = [cell for cell in distinct(row) if cell.text]
        named = [_label(cell) for cell in cells[::2]]
        if (
            len(cells) % 2
            or not all(named)
            or any(_label(cell) in CONTENT - {"lesson"} for cell in cells[1::2])
        ):
            continue  # a head over the whole width, an empty value, or no pair at all; 经验 may be a value
        pairs += 1
        for name, label, value in zip(named, cells[::2], cells[1::2], strict=True):
            if name is None or OTHER_REGISTERS.fullmatch(folded(label.text)):
                return []
            if name in {"title", "event"} and (
                tellings[-1].has(name) or (name == "title" and tellings[-1].title)
            ):
                tellings.append(Telling(labelled=True))
            labels.append(name)
            put(tellings[-1], name, value.text)
    if len(set(labels)) < MIN_LABELS or 2 * pairs < len(rows) or not _told(set(labels), announced):
        return []
    return tellings


def _label(cell: Cell) -> Field | None:
    return field_of(cell.text) or ("skip" if OTHER_REGISTERS.fullmatch(folded(cell.text)) else None)


def turned(rows: Rows, announced: bool) -> list[Telling]:
    """A turned table: labels in the first column, a lesson in each of the others."""
    width = len(rows[0])
    names: list[Field | None] = [field_of(row[0].text) for row in rows]
    known = {name for name in names if name}
    labelled = 2 * sum(name is not None for name in names) >= len(rows)
    if width <= 2 or not labelled or not _told(known, announced):  # noqa: PLR2004  two columns are no turned table
        return []
    if any(OTHER_REGISTERS.fullmatch(folded(row[0].text)) for row in rows):
        return []
    if len(known & CONTENT) < 2 or len(known) < MIN_LABELS:  # noqa: PLR2004  one label alone turns no table
        return []
    tellings = [Telling(labelled=True) for _ in range(width - 1)]
    for at, (row, name) in enumerate(zip(rows, names, strict=True)):
        for telling, cell in zip(tellings, row[1:], strict=True):
            # The row above the labels names the lessons, whatever stands in its corner.
            if at == 0 and name not in CONTENT:
                put(telling, "title", "" if field_of(cell.text) == "event" else cell.text)
            elif name is not None and cell is not row[0]:
                put(telling, name, cell.text)
    return tellings


def _told(labels: set[Field], announced: bool) -> bool:
    if announced:
        return bool(labels & {"event", "lesson"}) and bool(
            labels & {"cause", "advice", "measure", "lesson", "impact"}
        )
    return shows_it(labels)


def shows_it(fields: set[Field]) -> bool:
    """True when labels show without any heading that lessons are told: what happened, why, and what then."""
    told, why, then = (
        "event" in fields,
        "cause" in fields,
        bool(fields & {"advice", "measure", "lesson"}),
    )
    return told and then and (why or "lesson" in fields)


def put(telling: Telling, name: Field, text: str) -> None:
    """Put the text of a cell where its label says it belongs."""
    if name == "title":
        telling.title = telling.title or " ".join(text.split())
    elif name == "kind":
        telling.kind = telling.kind or kind_of_value(text)
    elif name == "category":
        telling.kind = telling.kind or (kind_of_value(text) if len(text) < 8 else None)  # noqa: PLR2004
    elif name in {"event", "lesson"} and not telling.has(name):
        # A cell may itself be written with labels; without any, all of it belongs to its column.
        inner = Telling()
        tell(inner, text)
        if inner.labelled:
            tell(telling, text)
        else:
            telling.add(name, text)
    elif name not in {"skip", "deadline"}:
        telling.add(name, text)
