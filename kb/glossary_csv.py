"""The glossary as a table: comma-separated values with a header, lists within a cell separated by semicolons."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Final

from kb.errors import N_, InvalidInput
from kb.glossary_rules import FORMULA_SIGNS, LISTS, EntryText, cleaned, listed
from kb.search.lexicon import Concept, Lexicon

COLUMNS: Final = (
    "zh",
    "zh_synonyms",
    "zh_hant",
    "en",
    "en_synonyms",
    "abbreviations",
    "area",
    "note",
)
_REQUIRED: Final = ("zh", "en")
MAX_ROWS: Final = 20_000
# Longer than any entry can be; the csv module's own limit would be an unexplained error.
_MAX_CELL_CHARS: Final = 100_000
# What spreadsheets of Chinese Windows write without asking, and what they write when asked for Unicode.
_ENCODINGS: Final = ("utf-8-sig", "gb18030")
# Tells a spreadsheet that the rest is UTF-8.
_SIGNATURE: Final = "\ufeff"
# Before a note that a spreadsheet would take for a formula.
_QUOTE: Final = "'"


def written(entries: Iterable[EntryText]) -> str:
    """A table of ``entries`` that a spreadsheet opens with the right characters."""
    out = io.StringIO()
    out.write(_SIGNATURE)
    table = csv.writer(out, lineterminator="\n")
    table.writerow(COLUMNS)
    for entry in entries:
        cells = {name: getattr(entry, name) for name in COLUMNS}
        row = [";".join(cells[name]) if name in LISTS else cells[name] for name in COLUMNS]
        table.writerow(_QUOTE + cell if cell.startswith(FORMULA_SIGNS) else cell for cell in row)
    return out.getvalue()


def read(content: bytes) -> Iterator[tuple[int, EntryText]]:
    """The entries in a table, cleaned, each with the number of the line it ends on; empty lines are left out.

    Only ``zh`` and ``en`` must be there; unknown columns are passed over.

    Raises:
        InvalidInput: it is no such table.
    """
    rows = csv.DictReader(io.StringIO(_decoded(content), newline=""), restval="")
    csv.field_size_limit(_MAX_CELL_CHARS)
    try:
        names = [(name or "").strip().casefold() for name in rows.fieldnames or ()]
        if not set(_REQUIRED) <= set(names):
            raise _unreadable(N_("its first line must name the columns zh and en"))
        rows.fieldnames = names
        for number, row in enumerate(rows, start=1):
            if number > MAX_ROWS:
                raise _unreadable(N_("it has too many lines"))
            cells = {name: (row.get(name) or "").removeprefix(_QUOTE) for name in COLUMNS}
            if any(cells.values()):
                yield rows.line_num, cleaned(_entry(cells))
    except csv.Error as error:
        raise _unreadable(N_("it is no comma-separated table")) from error


def lexicon(content: bytes) -> Lexicon:
    """The lexicon of a table that is not in the database.

    Raises:
        InvalidInput: it is no such table.
    """
    return Lexicon(
        Concept(line, entry.chinese, entry.english, entry.zh_hant, entry.abbreviations)
        for line, entry in read(content)
    )


def _entry(cells: dict[str, str]) -> EntryText:
    return EntryText(
        zh=cells["zh"],
        en=cells["en"],
        zh_synonyms=listed(cells["zh_synonyms"]),
        zh_hant=listed(cells["zh_hant"]),
        en_synonyms=listed(cells["en_synonyms"]),
        abbreviations=listed(cells["abbreviations"]),
        area=cells["area"],
        note=cells["note"],
    )


def _decoded(content: bytes) -> str:
    for encoding in _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _unreadable(N_("its characters cannot be read; save it as CSV UTF-8"))


def _unreadable(reason: str) -> InvalidInput:
    return InvalidInput(field=N_("the table"), reason=reason)
