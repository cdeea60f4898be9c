"""Filling in a Word file: its placeholders found, its rows repeated, its answers put in place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from lxml import etree

from ingest.readers.docx_names import A_NS, w
from ingest.writers.docx_paragraphs import (
    Places,
    fresh_copy,
    paragraphs,
    replace_in,
    row_of,
    split_lines,
    stories,
    text_of,
)
from ingest.writers.filling import Filling, Row
from ingest.writers.office_files import OfficeFile
from kb.doctemplate_fields import Fault, Field, Mark, collect, has_braces, marks
from kb.errors import N_

_DRAWN_TEXT: Final = f"{{{A_NS}}}t"
_ROW: Final = w("tr")
# The paragraph style of texts that tell how to fill in; they can be left out of the finished document.
GUIDANCE_STYLE: Final = "Guidance"


def docx_fields(file: OfficeFile) -> tuple[tuple[Field, ...], list[Fault]]:
    """The fields of a Word file, and everything that is wrong with its placeholders, with the places."""
    found: list[tuple[Field, etree._Element, Places]] = []
    faults: list[Fault] = []
    for story in stories(file):
        places = Places(story.root)
        rows: dict[etree._Element, str] = {}
        for paragraph in paragraphs(story.root):
            for mark in marks(text_of(paragraph)):
                fault = mark if isinstance(mark, Fault) else _row_fault(mark.field, paragraph, rows)
                if fault:
                    faults.append(places.name(fault, paragraph))
                if isinstance(mark, Mark):
                    found.append((mark.field, paragraph, places))
        faults.extend(_loops_in_loops(rows, places))
    fields, contradictions = collect(field for field, _, _ in found)
    for field, fault in contradictions:
        _, paragraph, places = next(each for each in found if each[0] is field)
        faults.append(places.name(fault, paragraph))
    faults.extend(_drawn_faults(file))
    return fields, faults


def fill_docx(file: OfficeFile, filling: Filling) -> None:
    """Put the answers into the file, and take the guidance out where it is not wanted."""
    if not filling.guidance:
        _drop_guidance(file)
    for story in stories(file):
        if not any(has_braces(text_of(paragraph)) for paragraph in paragraphs(story.root)):
            continue
        file.touch(story.part)
        # Each paragraph is filled once: braces that somebody gave as an answer stay what they are.
        filled: set[etree._Element] = set()
        for row, group in _rows(story.root).items():
            filled.update(_repeat(row, group, filling))
        for paragraph in list(paragraphs(story.root)):
            if paragraph not in filled:
                filled.update(_fill(paragraph, filling))


def _row_fault(
    field: Field, paragraph: etree._Element, rows: dict[etree._Element, str]
) -> Fault | None:
    """What is wrong with where a repeating placeholder stands; ``rows`` remembers the list of each row."""
    if not field.group:
        return None
    row = row_of(paragraph)
    if row is None:
        return Fault(
            N_("“%(name)s[]” repeats a table row, and here is none"), {"name": field.group}
        )
    if rows.setdefault(row, field.group) != field.group:
        return Fault(
            N_("one row repeats for “%(one)s[]” and “%(other)s[]”; it can for one list only"),
            {"one": rows[row], "other": field.group},
        )
    return None


def _loops_in_loops(rows: dict[etree._Element, str], places: Places) -> Iterator[Fault]:
    for row in rows:
        if any(outer in rows for outer in row.iterancestors(_ROW)):
            fault = Fault(
                N_("a repeating row stands inside another one; there are no loops in loops")
            )
            yield places.name(fault, next(iter(paragraphs(row))))


def _drawn_faults(file: OfficeFile) -> Iterator[Fault]:
    """Placeholders in charts and diagrams, whose texts are no paragraphs of the document."""
    for part in file.parts:
        if not part.lower().endswith(".xml") or not part.lower().startswith(
            ("word/charts/", "word/diagrams/")
        ):
            continue
        for text in file.xml(part).iter(_DRAWN_TEXT):
            if has_braces(text.text or ""):
                yield Fault(N_("a placeholder in a chart or diagram cannot be filled")).at(
                    N_("part %(part)s, “%(text)s”"), part=part, text=(text.text or "")[:60]
                )


def _drop_guidance(file: OfficeFile) -> None:
    for story in stories(file):
        for paragraph in list(paragraphs(story.root)):
            style = paragraph.find(f"{w('pPr')}/{w('pStyle')}")
            if style is None or style.get(w("val")) != GUIDANCE_STYLE:
                continue
            file.touch(story.part)
            parent = paragraph.getparent()
            # A cell needs a paragraph, if an empty one.
            if parent is not None and sum(child.tag == paragraph.tag for child in parent) > 1:
                parent.remove(paragraph)
            else:
                replace_in(paragraph, [(0, len(text_of(paragraph)), "")])


def _rows(root: etree._Element) -> dict[etree._Element, str]:
    """The rows that repeat, with their list."""
    found: dict[etree._Element, str] = {}
    for paragraph in paragraphs(root):
        for mark in marks(text_of(paragraph)):
            row = row_of(paragraph)
            if isinstance(mark, Mark) and mark.field.group and row is not None:
                found.setdefault(row, mark.field.group)
    return found


def _repeat(row: etree._Element, group: str, filling: Filling) -> Iterator[etree._Element]:
    """Fill a row once for each answered one; yields the paragraphs that are done."""
    answers = filling.rows(group)
    copies = [row, *(fresh_copy(row) for _ in answers[1:])]
    for copy in reversed(copies[1:]):
        row.addnext(copy)
    answered_rows: Sequence[Mapping[str, str] | None] = answers or [None]
    for number, (copy, answered) in enumerate(zip(copies, answered_rows, strict=True), 1):
        for paragraph in list(paragraphs(copy)):
            yield from _fill(paragraph, filling, Row(group, number, answered))


def _fill(
    paragraph: etree._Element, filling: Filling, row: Row | None = None
) -> Sequence[etree._Element]:
    """Fill one paragraph; returns it and the ones it became."""
    text = text_of(paragraph)
    if not has_braces(text):
        return [paragraph]
    asked = [mark for mark in marks(text) if isinstance(mark, Mark)]
    changes = [(mark.start, mark.end, filling.text(mark.field, row)) for mark in asked]
    alone = len(asked) == 1 and not (text[: asked[0].start] + text[asked[0].end :]).strip()
    if alone and filling.type(asked[0].field) == "long":
        lines = [line for line in changes[0][2].split("\n") if line.strip()]
        return split_lines(paragraph, lines or [""])
    replace_in(paragraph, changes)
    return [paragraph]
