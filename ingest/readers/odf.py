"""OpenDocument: texts (.odt), presentations (.odp) and spreadsheets (.ods), read from their XML."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lxml import etree

from ingest.formats import Format
from ingest.limits import Limits
from ingest.packages import Package, open_package
from ingest.readers.drafting import Findings, finish, page_name
from ingest.readers.elements import attribute, child, children, descendants, local, number
from ingest.readers.grid import MAX_COLUMNS, MAX_ROWS, Grid, write_grid
from ingest.readers.odf_styles import Styles
from ingest.readers.odf_text import TextReader, words
from ingest.readers.properties import take_open_document
from ingest.readers.writing import Run, blocks, heading, one_line, quote
from kb.drafts import Draft
from kb.errors import DamagedFile, EncryptedFile


def read_odt(path: Path, name: str, limits: Limits) -> Draft:
    """Read an OpenDocument text.

    Raises:
        DamagedFile: its content is missing or broken.
        EncryptedFile: it is protected with a password.
        HostileFile: it is built to exhaust.
        NoText: there is not a word in it.
    """
    with _opened(path, name, limits) as (package, body, found, reader):
        found.body = blocks([*reader.blocks(body), *reader.footnotes()])
        found.text = " ".join([words(body), *reader.equations])
        _margins(package, found)
        return finish(found, name, Format.ODT)


def read_odp(path: Path, name: str, limits: Limits) -> Draft:
    """Read an OpenDocument presentation: each page is a section, its notes a quotation; errors as :func:`read_odt`."""
    with _opened(path, name, limits) as (_, body, found, reader):
        parts: list[str] = []
        texts: list[str] = []
        for position, page in enumerate(children(body, "page"), 1):
            texts.append(words(page))
            parts += _page(page, position, reader)
        found.body = blocks(parts)
        found.text = " ".join([*texts, *reader.equations])
        return finish(found, name, Format.ODP)


def read_ods(path: Path, name: str, limits: Limits) -> Draft:
    """Read an OpenDocument spreadsheet: each sheet is a section; errors as :func:`read_odt`."""
    with _opened(path, name, limits) as (_, body, found, _):
        parts: list[str] = []
        cells: list[str] = []
        for sheet in children(body, "table"):
            grid = _grid(sheet)
            cells += [text for row in grid.rows for text in row]
            written = write_grid(grid, found)
            parts += written if len(written) > 1 else []
            found.body = "\n\n".join(parts)
        found.body = blocks(parts)
        found.text = " ".join(cells)
        return finish(found, name, Format.ODS, empty="no cell of its sheets is filled")


@contextmanager
def _opened(
    path: Path, name: str, limits: Limits
) -> Iterator[tuple[Package, etree._Element, Findings, TextReader]]:
    """Open a file and give its package, the element with its content, and what reads into what."""
    with open_package(path, name, limits) as package:
        if _encrypted(package):
            raise EncryptedFile(name=name)
        if "content.xml" not in package:
            raise DamagedFile(name=name, reason="its content is missing")
        root = package.xml("content.xml")
        body = next(
            children(child(root, "body"), "text", "presentation", "spreadsheet", "drawing"), None
        )
        if body is None:
            raise DamagedFile(name=name, reason="its content is missing")
        found = Findings()
        take_open_document(package, found)
        styles = [package.xml("styles.xml")] if "styles.xml" in package else []
        yield package, body, found, TextReader(package, found, Styles(*styles, root))


def _encrypted(package: Package) -> bool:
    manifest = "META-INF/manifest.xml"
    if manifest not in package:
        return False
    return next(descendants(package.xml(manifest), "encryption-data"), None) is not None


def _margins(package: Package, found: Findings) -> None:
    """Note the texts of page headers and footers as properties."""
    if "styles.xml" not in package:
        return
    for page in descendants(package.xml("styles.xml"), "master-page"):
        for margin in children(page, "header", "footer"):
            text = one_line(words(margin))
            if text:
                found.properties.setdefault(local(margin), text)


def _page(page: etree._Element, position: int, reader: TextReader) -> list[str]:
    shapes = [shape for shape in children(page) if local(shape) != "notes"]
    title = next((shape for shape in shapes if attribute(shape, "class") == "title"), None)
    heading_ = heading(2, _title(title, reader)) if title is not None else ""
    content = [block for shape in shapes if shape is not title for block in reader.shape(shape)]
    notes = [block for note in children(page, "notes") for block in reader.blocks(note)]
    quoted = quote("\n\n".join(notes)) if notes else ""
    return [
        heading_ or heading(2, [Run(page_name(position, words(page), english="Slide"))]),
        *content,
        quoted,
    ]


def _title(shape: etree._Element, reader: TextReader) -> Iterator[Run]:
    for paragraph in descendants(shape, "p", "h"):
        yield from reader.runs(paragraph)
        yield Run(" ")


def _grid(sheet: etree._Element) -> Grid:
    """Return a sheet's cells; empty rows at its end are repeated a million times and are not."""
    rows: list[list[str]] = []
    total = 0
    for row in descendants(sheet, "table-row"):
        cells = _cells(row)
        repeated = max(1, number(attribute(row, "number-rows-repeated"), 1))
        total += repeated if cells else 0
        copies = repeated if cells else 1
        rows += [cells] * min(copies, MAX_ROWS + 1 - len(rows))
    return Grid(attribute(sheet, "name"), rows, total_rows=total)


def _cells(row: etree._Element) -> list[str]:
    cells: list[str] = []
    for cell in children(row, "table-cell", "covered-table-cell"):
        text = "\n".join(one_line(words(paragraph)) for paragraph in children(cell, "p"))
        copies = max(1, number(attribute(cell, "number-columns-repeated"), 1))
        cells += [text] * min(copies, MAX_COLUMNS + 1 - len(cells))
    while cells and not cells[-1]:
        cells.pop()
    return cells
