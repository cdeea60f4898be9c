"""Manifests: a CSV or XLSX table that gives metadata for each file, one row a file.

The column ``path`` (路径) is relative to the folder the manifest lies in; a file in an archive is named by its path
there, with or without that of the archive (``年度.zip/报告.docx``). The others are those of
:meth:`kb.importing_rules.Overrides.parse`, under their English or Chinese names; further columns are
left alone. An empty cell leaves the matter to the reader of the file.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Final

import python_calamine

from ingest.archives import SEPARATOR
from ingest.charset import decode
from ingest.sources import bounded_path, bounded_place, file_entry, name_of, shown
from kb.errors import N_, InvalidInput, UnreadableFile
from kb.importing_rules import Entry, Overrides

# Rows of one manifest: a table beyond this is no list of files, in an .xlsx of a few kilobytes perhaps.
MAX_ROWS: Final = 100_000
NO_ROW: Final = N_("The manifest has no row for it; its details are those found in the file.")
NOT_HANDED_IN: Final = N_("it was not handed in with the manifest")
_PROBLEMS_TOLD: Final = 10
_ZIP: Final = b"PK\x03\x04"

_COLUMNS: Final[dict[str, str]] = {
    "路径": "path",
    "文件": "path",
    "文件名": "path",
    "file": "path",
    "标题": "title",
    "类型": "kind",
    "文档类型": "kind",
    "语言": "language",
    "项目": "project",
    "项目编号": "project_code",
    "项目名称": "project_name",
    "作者": "author",
    "编制人": "author",
    "authors": "author",
    "日期": "date",
    "标签": "tags",
    "关键词": "tags",
    "可见范围": "audience",
}
_KINDS: Final[dict[str, str]] = {
    "总结": "summary",
    "项目总结": "summary",
    "经验教训": "lesson",
    "教训": "lesson",
    "方法论": "methodology",
    "方法": "methodology",
    "指南": "guide",
    "模板": "template",
    "培训": "training",
    "计划": "plan",
    "报告": "report",
    "会议纪要": "minutes",
    "纪要": "minutes",
    "其他": "other",
}
_LANGUAGES: Final[dict[str, str]] = {"中文": "zh", "英文": "en"}


@dataclass(frozen=True, slots=True)
class Matched:
    """A manifest set against the files that were handed in with it.

    Attributes:
        given: for each of the files, what its row says of it; None where it has no row.
        without_file: the paths of the rows that none of the files belongs to, in the order of the manifest.
    """

    given: tuple[Overrides | None, ...]
    without_file: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """What a manifest on disk lists: files, and rows for what lies in those of them that are archives."""

    entries: tuple[Entry, ...]
    inside: tuple[tuple[str, Overrides], ...] = ()


def read_manifest(manifest: Path) -> Listing:
    """What a manifest lists, in its order; importing a file that is not there fails and says so.

    Raises:
        InvalidInput: it is no table, has no column ``path``, or rows cannot be used; all of them are named at once.
    """
    entries: dict[str, Entry] = {}
    inside: list[tuple[str, Overrides]] = []
    for path, given in read_rows(manifest, manifest.name):
        archive = _archive_of(manifest.parent, path)
        entry = file_entry(str(archive or manifest.parent / path))
        if archive is None:
            entries[entry.place] = replace(entry, overrides=given)
        else:
            entries.setdefault(entry.place, entry)
            inside.append((path, given))
    return Listing(tuple(entries.values()), tuple(inside))


def in_archive(
    entries: Iterable[Entry], rows: Sequence[tuple[str, Overrides]], *, listed: bool
) -> tuple[Entry, ...]:
    """The files of an archive with what the rows of the job's manifest say of them.

    What a row says of the archive itself holds for all its files, unless the file has a row of its own.

    Args:
        entries: the files, with what is said of the archive.
        rows: those rows that belong to none of the files that the job began with.
        listed: there is a manifest, so that a file it says nothing of is noted.
    """
    files = list(entries)
    found = matched(rows, [entry.path for entry in files])
    return tuple(
        replace(entry, overrides=given.over(entry.overrides))
        if given is not None
        else replace(entry, note=NO_ROW)
        if listed and entry.overrides == Overrides()
        else entry
        for entry, given in zip(files, found.given, strict=True)
    )


def without_file(rows: Sequence[tuple[str, Overrides]], paths: Sequence[str]) -> tuple[Entry, ...]:
    """Rows that none of the ``paths`` belongs to, as entries that say so.

    A row for a name that several archives hold belongs to each of them: it is no row without a file.
    """
    ends: set[str] = set()
    for path in paths:
        parts = _folded(path).split("/")
        ends |= {"/".join(parts[start:]) for start in range(len(parts))}
    missing = []
    for path in dict.fromkeys(path for path, _ in rows):
        if _folded(path) in ends:
            continue
        name = shown(path)
        error = UnreadableFile(name=name_of(name), reason=NOT_HANDED_IN)
        missing.append(
            Entry(path=bounded_path(name), place=bounded_place(f"manifest:{name}"), error=error)
        )
    return tuple(missing)


def read_rows(manifest: Path, name: str) -> list[tuple[str, Overrides]]:
    """The path of each row with what the row says of the file there.

    Args:
        manifest: where the table lies.
        name: how people know it.

    Raises:
        InvalidInput: it is no table, has no column ``path``, or rows cannot be used; all of them are named at once.
    """
    rows: list[tuple[str, Overrides]] = []
    problems: list[str] = []
    for number, row in enumerate(_rows(manifest, name), start=2):
        try:
            rows.append(_given(row))
        except InvalidInput as error:
            problems.append(f"row {number}: {error.data['field']}: {error.data['reason']}")
    if problems:
        more = len(problems) - _PROBLEMS_TOLD
        told = problems[:_PROBLEMS_TOLD] + ([f"and {more} more rows"] if more > 0 else [])
        raise InvalidInput(field=name, reason="; ".join(told))
    return rows


def matched(rows: Sequence[tuple[str, Overrides]], paths: Sequence[str]) -> Matched:
    """Set the rows of a manifest against the paths of an upload.

    A row belongs to the file of the same path, else to the only one whose path ends with it: browsers put the name of
    the chosen folder in front. Case, the form of letters and the direction of strokes do not count. The last of several
    rows for one file counts.
    """
    folded = [_folded(path) for path in paths]
    by_path = {path: number for number, path in enumerate(folded)}
    by_end: dict[str, list[int]] = {}
    for number, path in enumerate(folded):
        parts = path.split("/")
        for start in range(1, len(parts)):
            by_end.setdefault("/".join(parts[start:]), []).append(number)
    given: list[Overrides | None] = [None] * len(paths)
    without_file = []
    for path, overrides in rows:
        wanted = _folded(path)
        ends = by_end.get(wanted, [])
        found = by_path.get(wanted, ends[0] if len(ends) == 1 else None)
        if found is None:
            without_file.append(path)
        else:
            given[found] = overrides
    return Matched(tuple(given), tuple(dict.fromkeys(without_file)))


def _archive_of(folder: Path, path: str) -> Path | None:
    """The file on the way to ``path`` that must be an archive; None when ``path`` may be a file of its own."""
    if (folder / path).exists():
        return None
    above = (folder / _steps(path)).parents
    return next((each for each in above if folder in each.parents and each.is_file()), None)


def _steps(path: str) -> str:
    return path.replace(SEPARATOR, "/")


def _folded(path: str) -> str:
    path = _steps(path.replace("\\", "/"))
    parts = unicodedata.normalize("NFC", path).casefold().split("/")
    return "/".join(part.strip() for part in parts if part.strip() not in {"", ".", ".."})


def _given(row: Mapping[str, str]) -> tuple[str, Overrides]:
    path = row["path"].replace("\\", "/")
    if not path:
        raise InvalidInput(field="path", reason="it is empty")
    kind, language = row.get("kind", ""), row.get("language", "")
    given = Overrides.parse(
        {**row, "kind": _KINDS.get(kind, kind), "language": _LANGUAGES.get(language, language)}
    )
    return path, given


def _rows(manifest: Path, name: str) -> Iterator[dict[str, str]]:
    """The rows below the header, by the English names of their columns; rows without a word are left out."""
    table = iter(_table(manifest, name))
    header = [_column(cell) for cell in next(table, [])]
    if "path" not in header:
        raise InvalidInput(field=name, reason="it has no column “path” (路径)")
    for row in islice(table, MAX_ROWS):
        yield dict(zip(header, (cell.strip() for cell in row), strict=False))


def _column(title: str) -> str:
    name = title.strip().lower()
    return _COLUMNS.get(name, name)


def _table(manifest: Path, name: str) -> Iterable[list[str]]:
    content = manifest.read_bytes()
    if content.startswith(_ZIP):
        try:
            sheet = python_calamine.load_workbook(io.BytesIO(content)).get_sheet_by_index(0)
        except python_calamine.CalamineError as error:
            raise InvalidInput(field=name, reason=f"it is no workbook ({error})") from error
        return ([_cell(value) for value in row] for row in sheet.to_python())
    text = decode(content).text
    first = text.partition("\n")[0]
    # Excel writes ; where the comma is the decimal sign, and tabs as “Unicode text”.
    delimiter = max(",;\t", key=first.count)
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
