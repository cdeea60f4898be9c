"""The form of a backup: one zip file that any database of this house can be filled from.

::

    tables/<name>.jsonl     the rows of one table: a line with the names of its columns, then a line for each row
    files/<sha256>          each stored file
    manifest.json           last: what made it, when, and the SHA-256 and size of everything above

Cells are JSON. What JSON has no form for is written as an object whose one key says what it is; a cell that
holds JSON itself is written so too, so that no value can be taken for another.

Left out: the search index, which is rebuilt, and the secret of the installation, which is made anew: whoever finds a
backup must not be able to sign in to the living site. The hashes of passwords and of tokens are in it, so it is to be
kept like the database itself; it is written for the eyes of its owner alone.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from kb.errors import N_, KnowledgeBaseError

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
TABLES: Final = "tables/"
FILES: Final = "files/"
CHUNK: Final = 1024 * 1024

_MOMENT: Final = "moment"
_DAY: Final = "day"
_BYTES: Final = "bytes"
_NUMBER: Final = "number"
_JSON: Final = "json"


class BackupRefused(KnowledgeBaseError):
    """A backup cannot be made or taken up. Data: ``path``, ``reason``."""

    code = "backup-refused"
    sentence = N_("%(path)s cannot be used: %(reason)s.")
    advice_template = N_("Nothing was changed.")


@dataclass(frozen=True, slots=True)
class Part:
    """One entry of the zip file: its SHA-256 and its size in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself.

    Attributes:
        version: of the program that made it; ``revision`` of its tables.
        made_at: when, ISO 8601, UTC.
        tables: rows of each table.
        parts: every entry but the manifest.
        missing: hashes of files that rows name and that were not there.
        audit: number and hash of the newest row of the audit log.
    """

    version: str
    revision: str
    made_at: str
    tables: Mapping[str, int]
    parts: Mapping[str, Part]
    missing: tuple[str, ...] = ()
    audit: tuple[int, str] = (0, "")
    format: int = field(default=FORMAT)

    def as_json(self) -> bytes:
        """The manifest as it is written."""
        return json.dumps(asdict(self), indent=1, sort_keys=True).encode("ascii")

    @classmethod
    def parse(cls, text: bytes) -> Manifest:
        """Read a manifest.

        Raises:
            ValueError: it is none, or of a format that this program does not know.
        """
        told = json.loads(text)
        if not isinstance(told, dict) or told.get("format") != FORMAT:
            message = "it was made by a newer version of this program, or is no backup"
            raise ValueError(message)
        try:
            return cls(
                version=str(told["version"]),
                revision=str(told["revision"]),
                made_at=str(told["made_at"]),
                tables={str(name): int(rows) for name, rows in told["tables"].items()},
                parts={
                    str(name): Part(part["sha256"], part["size"])
                    for name, part in told["parts"].items()
                },
                missing=tuple(told["missing"]),
                audit=(int(told["audit"][0]), str(told["audit"][1])),
            )
        except (KeyError, TypeError, AttributeError, IndexError) as error:
            message = "its manifest is incomplete"
            raise ValueError(message) from error


def written(row: Iterable[object]) -> bytes:
    """One line for a row, or for the names of columns."""
    return (
        json.dumps([_cell(value) for value in row], separators=(",", ":")).encode("ascii") + b"\n"
    )


def read(line: bytes) -> list[Any]:
    """The cells of a line."""
    return [_value(cell) for cell in json.loads(line)]


def _cell(value: object) -> object:
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=UTC)
        return {_MOMENT: moment.astimezone(UTC).isoformat()}
    if isinstance(value, date):
        return {_DAY: value.isoformat()}
    if isinstance(value, bytes | memoryview):
        return {_BYTES: base64.b64encode(bytes(value)).decode("ascii")}
    if isinstance(value, Decimal):
        return {_NUMBER: str(value)}
    return {_JSON: value}


def _value(cell: Any) -> Any:
    if not isinstance(cell, dict):
        return cell
    ((tag, value),) = cell.items()
    match tag:
        case "moment":
            return datetime.fromisoformat(value)
        case "day":
            return date.fromisoformat(value)
        case "bytes":
            return base64.b64decode(value)
        case "number":
            return Decimal(value)
        case "json":
            return value
    message = f"an unknown kind of cell: {tag}"
    raise ValueError(message)
