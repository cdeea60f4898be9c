"""Lessons in tables: one for each row, each column of a turned table, or each small table of labels and values.

A table is read by its labels alone. In a section of lessons one label of a lesson's parts is enough; elsewhere the
table has to show by itself that it tells what happened, why, and what to do, and must have no column that registers
of risks, defects or actions have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from ingest.harvest_cards import MIN_LABELS, OTHER_REGISTERS, put, shows_it, small, turned
from ingest.harvest_columns import understood
from ingest.harvest_families import family_topics
from ingest.harvest_grid import Cell, Grid, Rows, distinct
from ingest.harvest_headings import Topic, Weight, is_foreign, topic_of
from ingest.harvest_labels import CONTENT, Field, field_of
from ingest.harvest_text import Telling, counted_points, tell
from ingest.harvest_words import folded, unnumbered
from kb.candidates_found import FoundAs

# A header is looked for in the first rows: a title and a note may stand above it.
_HEADER_WITHIN: Final = 4


@dataclass(frozen=True, slots=True)
class _Header:
    """The rows that name the columns, and what each column is."""

    first: int
    end: int
    fields: tuple[Field | None, ...]
    topics: tuple[Topic | None, ...]


def lessons_in(grid: Grid, *, announced: bool, looks_back: bool = False) -> list[Telling]:
    """The lessons a table tells, in its order.

    Args:
        grid: the table.
        announced: True when it stands in a section of lessons.
        looks_back: True when it stands in a report on a project that is over, where labels may be guessed.
    """
    rows = [row for row in grid.rows if any(cell.text or cell.grids for cell in row)]
    if not rows:
        return []
    if nested := [
        telling
        for cell in distinct(cell for row in rows for cell in row)
        for inner in cell.grids
        for telling in lessons_in(inner, announced=announced)
    ]:
        return _numbered(nested, "table")
    announced = announced or _title_announces(rows)
    if announced or looks_back:
        rows = understood(rows)
    if points := _single_column(rows):
        return _numbered(points, "table cell")
    readings: list[tuple[Callable[[Rows, bool], list[Telling]], FoundAs]]
    readings = [(small, "table"), (turned, "table column"), (_by_rows, "table row")]
    if _is_plain(_header(rows)):
        readings.reverse()
    for reading, found_as in readings:
        if tellings := [one for one in reading(rows, announced) if one.worth]:
            return tellings if reading is _by_rows else _numbered(tellings, found_as)
    return []


def announces_itself(grid: Grid) -> bool:
    """True when the title in a table's first row says that it holds lessons."""
    rows = [row for row in grid.rows if any(cell.text for cell in row)]
    return bool(rows) and _title_announces(rows)


def _numbered(tellings: list[Telling], found_as: FoundAs) -> list[Telling]:
    for number, telling in enumerate(tellings, 1):
        telling.found_as, telling.number = found_as, number
    return tellings


def _title_announces(rows: Rows) -> bool:
    """True when the first row is one merged cell that says 经验教训 or the like."""
    first = distinct(rows[0])
    if len(first) > 1 or len(rows[0]) == 1:
        return False
    topic = topic_of(first[0].text)
    return topic is not None and topic.weight > 1


def _single_column(rows: Rows) -> list[Telling]:
    """A table of one column whose head announces lessons: each of its cells, each of their lines, is one."""
    if len(rows[0]) > 1 or len(rows) < 2:  # noqa: PLR2004  a head and a cell
        return []
    topic = topic_of(rows[0][0].text)
    if topic is None or topic.weight is Weight.WEAK or is_foreign(rows[0][0].text):
        return []
    tellings: list[Telling] = []
    for cell in distinct(row[0] for row in rows[1:]):
        for text in counted_points(cell.text) or cell.text.split("\n"):
            tellings.append(Telling(kind=topic.kind))
            tell(tellings[-1], unnumbered(text))
    return tellings


# --- One lesson a row -------------------------------------------------------------------------------------------------


def _by_rows(rows: Rows, announced: bool) -> list[Telling]:
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


def _header(rows: Rows) -> _Header | None:
    """The header: of the first rows, the one with the most known labels, with the row below that divides it."""
    best, most = -1, 0
    for at, row in enumerate(rows[:_HEADER_WITHIN]):
        cells = distinct(row)
        families = family_topics([cell.text for cell in cells])
        topics = [
            _column_topic(cell) or family for cell, family in zip(cells, families, strict=True)
        ]
        labels = [(field_of(cell.text), topic) for cell, topic in zip(cells, topics, strict=True)]
        known = [name for name, topic in labels if name or topic]
        content = [name for name, topic in labels if name in CONTENT or topic]
        # A row of values under labels in the first column has one known cell; a header has them side by side.
        if (
            content
            and len(known) > max(most, 1)
            and 2 * len(known) >= len([c for c in distinct(row) if c.text])
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
    families = family_topics([cell.text for cell in rows[end - 1]])
    for column in range(len(rows[0])):
        named = [field_of(rows[at][column].text) for at in range(end - 1, first - 1, -1)]
        fields.append(next((name for name in named if name), None))
        topics.append(_column_topic(rows[end - 1][column]) or families[column])
    return _Header(first, end, tuple(fields), tuple(topics))


def _is_plain(header: _Header | None) -> bool:
    """True when three different labels stand side by side, two of them of a lesson's parts: then columns are named."""
    fields = {name for name in header.fields if name} if header else set()
    return len(fields) >= MIN_LABELS and len(fields & CONTENT) > 1


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
    beside = zip(header.fields, header.topics, strict=True)
    if any(name in CONTENT and topic is None for name, topic in beside):
        return False  # 经验 | 说明: the second column tells of the first
    return not told & {"cause", "impact"} if "good-practice" in kinds else bool(kinds) and not told


def _parts_good_from_bad(header: _Header) -> bool:
    """True when one column is for what went well and another for what did not, so that no heading is needed."""
    topics = [topic for topic in header.topics if topic]
    good = any(topic.kind == "good-practice" and topic.weight is Weight.CERTAIN for topic in topics)
    return good and any(topic.kind == "lesson" for topic in topics)


def _is_of_lessons(header: _Header, rows: Rows, announced: bool) -> bool:
    labels = [
        folded(rows[at][column].text)
        for at in range(header.first, header.end)
        for column in range(len(rows[0]))
    ]
    others = sum(bool(OTHER_REGISTERS.fullmatch(label.strip(" *:"))) for label in labels)
    fields = {name for name in header.fields if name}
    if announced:
        tells = fields & {"event", "lesson", "advice", "measure"}
        return others <= 1 and bool(tells or any(header.topics))
    if _sorts(header) and _parts_good_from_bad(header) and not others:
        return True
    if others or (is_foreign(rows[0][0].text) and len(distinct(rows[0])) == 1):
        return False
    if "deadline" in fields and "lesson" not in fields:
        return False
    return shows_it(fields)


def _fill(telling: Telling, row: list[Cell], header: _Header) -> None:
    seen: set[int] = set()
    for cell, name in zip(row, header.fields, strict=True):
        if id(cell) in seen or name is None:
            continue
        seen.add(id(cell))
        put(telling, name, cell.text)


def _has(row: list[Cell], header: _Header, name: Field) -> bool:
    return any(cell.text for cell, of in zip(row, header.fields, strict=True) if of == name)


def _repeats_header(row: list[Cell], header: _Header) -> bool:
    """True for the header that a page break repeats, and for a row that only names a group."""
    named = [field_of(cell.text) for cell in row]
    known = [name for name in header.fields if name]
    same = sum(
        name is not None and name == of for name, of in zip(named, header.fields, strict=True)
    )
    return 2 * same > len(known) or (len(distinct(row)) == 1 and len(row) > 1)


def _by_cells(rows: Rows, header: _Header) -> Iterator[Telling]:
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
