"""Manifests: a CSV or XLSX table that gives metadata for each file, one row a file.

The column ``path`` (路径) is relative to the folder the manifest lies in. The others are those of
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

from ingest.charset import decode
from ingest.sources import file_entry
from kb.errors import InvalidInput
from kb.importing_rules import Entry, Overrides

# Rows of one manifest: a table beyond this is no list of files, in an .xlsx of a few kilobytes perhaps.
MAX_ROWS: Final = 100_000
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


def read_manifest(manifest: Path) -> list[Entry]:
    """The entries a manifest lists, in its order; importing a file that is not there fails and says so.

    Raises:
        InvalidInput: it is no table, has no column ``path``, or rows cannot be used; all of them are named at once.
    """
    return [
        replace(file_entry(str(manifest.parent / path)), overrides=given)
        for path, given in read_rows(manifest, manifest.name)
    ]


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


def _folded(path: str) -> str:
    parts = unicodedata.normalize("NFC", path).casefold().replace("\\", "/").split("/")
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
