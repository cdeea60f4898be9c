"""Lessons in tables: one for each row, each column of a turned table, or each small table of labels and values.

A table is read by its labels alone. In a section of lessons one label of a lesson's parts is enough; elsewhere the
table has to show by itself that it tells what happened, why, and what to do, and must have no column that registers
of risks, defects or actions have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from ingest.harvest_grid import Cell, Grid
from ingest.harvest_headings import Topic, Weight, is_foreign, kind_of_value, topic_of
from ingest.harvest_labels import CONTENT, Field, field_of
from ingest.harvest_text import Telling, counted_points, tell
from ingest.harvest_words import any_of, folded
from kb.candidates_found import FoundAs

_Rows: TypeAlias = list[list[Cell]]

# A header is looked for in the first rows: a title and a note may stand above it.
_HEADER_WITHIN: Final = 4
# Columns or labels that only other registers have.
_OTHER_REGISTERS: Final = any_of(r"""
    风险.{0,6}|.{0,4}(概率|可能性)|影响程度|风险值|(应对|风险)策略
    缺陷.{0,4}|严重(程度|性|等级)|复现步骤|修复版本|测试(用例|步骤)|预期结果|检查(项|结果)|评分|得分|分值
    版本号?|变更(内容|原因)|解答|回答|答案|故障(现象|代码)
    risks?\b.{0,20}|likelihood|probability|mitigations?|contingency|exposure|score
    severity|defects?( id)?|bug( id)?|steps to reproduce|fixed in|test case|expected result|error (code|message)
    version|revision|answers?
""")
# Labels that a small table of one lesson may have beside those of its parts.
_MIN_LABELS: Final = 3


@dataclass(frozen=True, slots=True)
class _Header:
    """The rows that name the columns, and what each column is."""

    first: int
    end: int
    fields: tuple[Field | None, ...]
    topics: tuple[Topic | None, ...]


def lessons_in(grid: Grid, *, announced: bool) -> list[Telling]:
    """The lessons a table tells, in its order.

    Args:
        grid: the table.
        announced: True when it stands in a section of lessons.
    """
    rows = [row for row in grid.rows if any(cell.text or cell.grids for cell in row)]
    if not rows:
        return []
    if nested := [
        telling
        for cell in _distinct(cell for row in rows for cell in row)
        for inner in cell.grids
        for telling in lessons_in(inner, announced=announced)
    ]:
        return _numbered(nested, "table")
    announced = announced or _title_announces(rows)
    readings: list[tuple[Callable[[_Rows, bool], list[Telling]], FoundAs]]
    readings = [(_small, "table"), (_turned, "table column"), (_by_rows, "table row")]
    if _is_plain(_header(rows)):
        readings.reverse()
    for reading, found_as in readings:
        if tellings := [one for one in reading(rows, announced) if one.worth]:
            return tellings if reading is _by_rows else _numbered(tellings, found_as)
    return []


def _numbered(tellings: list[Telling], found_as: FoundAs) -> list[Telling]:
    for number, telling in enumerate(tellings, 1):
        telling.found_as, telling.number = found_as, number
    return tellings


def _distinct(cells: Iterator[Cell] | list[Cell]) -> list[Cell]:
    seen: dict[int, Cell] = {}
    for cell in cells:
        seen.setdefault(id(cell), cell)
    return list(seen.values())


def _title_announces(rows: _Rows) -> bool:
    """True when the first row is one merged cell that says 经验教训 or the like."""
    first = _distinct(rows[0])
    if len(first) > 1 or len(rows[0]) == 1:
        return False
    topic = topic_of(first[0].text)
    return topic is not None and topic.weight > 1


# --- One lesson a row -------------------------------------------------------------------------------------------------


def _by_rows(rows: _Rows, announced: bool) -> list[Telling]:
    header = _header(rows)
    if header is None or not _is_of_lessons(header, rows, announced):
        return []
    if _sorts(header):
        return list(_by_cells(rows, header))
    tellings: list[Telling] = []
    last_event: Cell | None = None
    for number, row in enumerate(rows[header.end :], 1):
        if _repeats_header(row, header):
            continue
        event = next(
            (
                cell
                for cell, name in zip(row, header.fields, strict=True)
                if name in {"event", "lesson"}
            ),
            None,
        )
        continued = (
            tellings
            and event is not None
            and (event is last_event or not (event.text or _has(row, header, "title")))
        )
        if not continued:
            tellings.append(Telling(found_as="table row", number=number, labelled=True))
        last_event = event
        _fill(tellings[-1], row, header)
    return [telling for telling in tellings if telling.has("event", "lesson", "advice", "measure")]


def _header(rows: _Rows) -> _Header | None:
    """The header: of the first rows, the one with the most known labels, with the row below that divides it."""
    best, most = -1, 0
    for at, row in enumerate(rows[:_HEADER_WITHIN]):
        known = [cell for cell in _distinct(row) if field_of(cell.text) or _column_topic(cell)]
        content = [cell for cell in known if field_of(cell.text) in CONTENT or _column_topic(cell)]
        # A row of values under labels in the first column has one known cell; a header has them side by side.
        if (
            content
            and len(known) > max(most, 1)
            and 2 * len(known) >= len([c for c in _distinct(row) if c.text])
        ):
            best, most = at, len(known)
    if best < 0 or len(rows[0]) < 2:  # noqa: PLR2004  a single column has no header worth the name
        return None
    first = best
    while first and any(
        above is cell for above, cell in zip(rows[first - 1], rows[best], strict=True)
    ):
        first -= 1
    end = best + 1
    while end < len(rows) and _divides(rows[end - 1], rows[end]):
        end += 1
    fields, topics = [], []
    for column in range(len(rows[0])):
        named = [field_of(rows[at][column].text) for at in range(end - 1, first - 1, -1)]
        fields.append(next((name for name in named if name), None))
        topics.append(_column_topic(rows[end - 1][column]))
    return _Header(first, end, tuple(fields), tuple(topics))


def _is_plain(header: _Header | None) -> bool:
    """True when three different labels stand side by side, two of them of a lesson's parts: then columns are named."""
    fields = {name for name in header.fields if name} if header else set()
    return len(fields) >= _MIN_LABELS and len(fields & CONTENT) > 1


def _divides(above: list[Cell], row: list[Cell]) -> bool:
    """True when a row is the lower half of a header: cells reach into it from above, the others are labels."""
    reaching = [cell for cell, upper in zip(row, above, strict=True) if cell is upper]
    others = [
        cell for cell, upper in zip(row, above, strict=True) if cell is not upper and cell.text
    ]
    return bool(reaching) and bool(others) and all(field_of(cell.text) for cell in others)


def _column_topic(cell: Cell) -> Topic | None:
    """For columns such as “What went well”: what they announce, where that is a kind of its own."""
    topic = topic_of(cell.text) if len(cell.text) < 40 else None  # noqa: PLR2004  longer is a sentence, not a head
    return topic if topic and (topic.kind or topic.advises) else None


def _sorts(header: _Header) -> bool:
    """True when columns part the good from the bad, so that each cell is a lesson: Keep, Problem, Try."""
    kinds = {topic.kind for topic in header.topics if topic and topic.weight > 1}
    told = {name for name in header.fields if name in CONTENT}
    return not told & {"cause", "impact"} if "good-practice" in kinds else bool(kinds) and not told


def _parts_good_from_bad(header: _Header) -> bool:
    """True when one column is for what went well and another for what did not, so that no heading is needed."""
    topics = [topic for topic in header.topics if topic]
    good = any(topic.kind == "good-practice" and topic.weight is Weight.CERTAIN for topic in topics)
    return good and any(topic.kind == "lesson" for topic in topics)


def _is_of_lessons(header: _Header, rows: _Rows, announced: bool) -> bool:
    labels = [
        folded(rows[at][column].text)
        for at in range(header.first, header.end)
        for column in range(len(rows[0]))
    ]
    others = sum(bool(_OTHER_REGISTERS.fullmatch(label.strip(" *:"))) for label in labels)
    fields = {name for name in header.fields if name}
    if announced:
        tells = fields & {"event", "lesson", "advice", "measure"}
        return others <= 1 and bool(tells or any(header.topics))
    if _sorts(header) and _parts_good_from_bad(header) and not others:
        return True
    if others or (is_foreign(rows[0][0].text) and len(_distinct(rows[0])) == 1):
        return False
    if "deadline" in fields and "lesson" not in fields:
        return False
    return _shows_it(fields)


def _shows_it(fields: set[Field]) -> bool:
    told, why, then = (
        "event" in fields,
        "cause" in fields,
        bool(fields & {"advice", "measure", "lesson"}),
    )
    return told and then and (why or "lesson" in fields)


def _fill(telling: Telling, row: list[Cell], header: _Header) -> None:
    seen: set[int] = set()
    for cell, name in zip(row, header.fields, strict=True):
        if id(cell) in seen or name is None:
            continue
        seen.add(id(cell))
        _put(telling, name, cell.text)


def _put(telling: Telling, name: Field, text: str) -> None:
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


def _has(row: list[Cell], header: _Header, name: Field) -> bool:
    return any(cell.text for cell, of in zip(row, header.fields, strict=True) if of == name)


def _repeats_header(row: list[Cell], header: _Header) -> bool:
    """True for the header that a page break repeats, and for a row that only names a group."""
    named = [field_of(cell.text) for cell in row]
    known = [name for name in header.fields if name]
    same = sum(
        name is not None and name == of for name, of in zip(named, header.fields, strict=True)
    )
    return 2 * same > len(known) or (len(_distinct(row)) == 1 and len(row) > 1)


def _by_cells(rows: _Rows, header: _Header) -> Iterator[Telling]:
    """Columns “went well” and “went wrong”: each cell, each of its lines, is a lesson."""
    number = 0
    for row in rows[header.end :]:
        for cell, topic in zip(row, header.topics, strict=True):
            if topic is None:
                continue
            for text in counted_points(cell.text) or cell.text.split("\n"):
                number += 1
                telling = Telling(kind=topic.kind, found_as="table cell", number=number)
                for other, name in zip(row, header.fields, strict=True):
                    if name == "phase":
                        telling.add("phase", other.text)
                telling.add("advice" if topic.advises else "event", text)
                yield telling


# --- Labels in the first column ---------------------------------------------------------------------------------------


def _small(rows: _Rows, announced: bool) -> list[Telling]:
    """A table of labels and values: one lesson, or one after another where the labels start again."""
    tellings = [Telling(labelled=True)]
    labels: list[Field] = []
    pairs = 0
    for row in rows:
        cells = [cell for cell in _distinct(row) if cell.text]
        named = [_label(cell) for cell in cells[::2]]
        if (
            len(cells) % 2
            or not all(named)
            or any(_label(cell) in CONTENT - {"lesson"} for cell in cells[1::2])
        ):
            continue  # a head over the whole width, an empty value, or no pair at all; 经验 may be a value
        pairs += 1
        for name, label, value in zip(named, cells[::2], cells[1::2], strict=True):
            if name is None or _OTHER_REGISTERS.fullmatch(folded(label.text)):
                return []
            if name in {"title", "event"} and (
                tellings[-1].has(name) or (name == "title" and tellings[-1].title)
            ):
                tellings.append(Telling(labelled=True))
            labels.append(name)
            _put(tellings[-1], name, value.text)
    if len(set(labels)) < _MIN_LABELS or 2 * pairs < len(rows) or not _told(set(labels), announced):
        return []
    return tellings


def _label(cell: Cell) -> Field | None:
    return field_of(cell.text) or (
        "skip" if _OTHER_REGISTERS.fullmatch(folded(cell.text)) else None
    )


def _turned(rows: _Rows, announced: bool) -> list[Telling]:
    """A turned table: labels in the first column, a lesson in each of the others."""
    width = len(rows[0])
    names: list[Field | None] = [field_of(row[0].text) for row in rows]
    known = {name for name in names if name}
    labelled = 2 * sum(name is not None for name in names) >= len(rows)
    if width <= 2 or not labelled or not _told(known, announced):  # noqa: PLR2004  two columns are no turned table
        return []
    if any(_OTHER_REGISTERS.fullmatch(folded(row[0].text)) for row in rows):
        return []
    if len(known & CONTENT) < 2 or len(known) < _MIN_LABELS:  # noqa: PLR2004  one label alone turns no table
        return []
    tellings = [Telling(labelled=True) for _ in range(width - 1)]
    for at, (row, name) in enumerate(zip(rows, names, strict=True)):
        for telling, cell in zip(tellings, row[1:], strict=True):
            # The row above the labels names the lessons, whatever stands in its corner.
            if at == 0 and name not in CONTENT:
                _put(telling, "title", "" if field_of(cell.text) == "event" else cell.text)
            elif name is not None and cell is not row[0]:
                _put(telling, name, cell.text)
    return tellings


def _told(labels: set[Field], announced: bool) -> bool:
    if announced:
        return bool(labels & {"event", "lesson"}) and bool(
            labels & {"cause", "advice", "measure", "lesson", "impact"}
        )
    return _shows_it(labels)
