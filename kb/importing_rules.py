"""Importing, decided in pure functions: what an entry is, whose metadata wins, when a job is free to be taken over.

Values in, values out; :mod:`kb.imports` and :mod:`kb.import_queue` act on them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from kb.access import Audience
from kb.drafts import KINDS, Draft, Guess
from kb.errors import N_, FileRefused, InvalidInput

# A runner says every HEARTBEAT that it is alive. LEASE is several of those, so that a machine that swaps or a database
# that is busy for a moment does not lose its job to another process.
HEARTBEAT: Final = timedelta(seconds=5)
LEASE: Final = timedelta(seconds=30)

# A file that was being read each of so many times when the whole importing process died is the likely cause of it:
# it is given up, so that it cannot stop the batch for good. Higher than the restarts an unlucky evening may bring.
MAX_ATTEMPTS: Final = 5

# Files that are listed in the report but never opened, each with its reason.
SKIP_REASONS: Final[dict[str, str]] = {
    "hidden-file": N_("Hidden: its name begins with a dot."),
    "lock-file": N_("A lock file that Office leaves while a document is open; it holds no text."),
    "system-file": N_("Made by the operating system; it holds no text."),
    "link-loop": N_("A link to a folder that is in this import already."),
    "broken-link": N_("A link that leads nowhere."),
    "special-file": N_("Not a file: a device, socket or pipe."),
}

# Told of a file that fewer people may see because of the folder it lay in.
BY_FOLDER: Final = N_("Only for those whom its folder is for.")

_LIST: Final = re.compile(r"[;；、,，|\n]+")
# Codes such as CL-2018-007, P0042, 2021/17: no spaces, at least one digit, Latin letters only.
_PROJECT_CODE: Final = re.compile(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9._/#-]{1,40}")
_DATE: Final = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")


@dataclass(frozen=True, slots=True)
class Overrides:
    """Metadata given along with a file; whatever is set wins over what the reader finds in it.

    Attributes:
        title: the document's title.
        kind: one of :data:`kb.drafts.KINDS`.
        language: ``zh`` or ``en``.
        project_code: code of the project it belongs to.
        project_name: name of that project.
        authors: names of the people who wrote it.
        dated: the day it was written.
        tags: words to mark it with.
        audience: who may see it, as :meth:`kb.access.Audience.parse` reads it.
    """

    title: str = ""
    kind: str = ""
    language: str = ""
    project_code: str = ""
    project_name: str = ""
    authors: tuple[str, ...] = ()
    dated: date | None = None
    tags: tuple[str, ...] = ()
    audience: str = ""

    @classmethod
    def parse(cls, row: Mapping[str, str]) -> Overrides:
        """Read one row of a manifest: title, kind, language, project, author, date, tags, audience.

        Lists are separated by ``;``, ``、``, ``,`` or ``|``. ``project`` is a code or a name, whichever it looks like;
        ``project_code`` and ``project_name`` say so expressly. Unknown columns are left alone.

        Raises:
            InvalidInput: the kind, language, date or audience cannot be used.
        """
        value = {name.strip().lower(): (text or "").strip() for name, text in row.items() if name}
        kind, language = value.get("kind", ""), value.get("language", "").lower()
        if kind and kind not in KINDS:
            raise InvalidInput(field="kind", reason=f"“{kind}” is none of {', '.join(KINDS)}")
        if language and language not in ("zh", "en"):
            raise InvalidInput(field="language", reason=f"“{language}” is neither zh nor en")
        audience = value.get("audience", "")
        if audience:
            audience = Audience.parse(audience, follows=True).key
        project = value.get("project", "")
        looks_like_code = bool(_PROJECT_CODE.fullmatch(project))
        return cls(
            title=value.get("title", ""),
            kind=kind,
            language=language,
            project_code=value.get("project_code", "") or (project if looks_like_code else ""),
            project_name=value.get("project_name", "") or ("" if looks_like_code else project),
            authors=_listed(value.get("author", "") or value.get("authors", "")),
            dated=_day(value.get("date", "")),
            tags=_listed(value.get("tags", "")),
            audience=audience,
        )

    def over(self, other: Overrides) -> Overrides:
        """What is set here, and else what is set in ``other``."""
        named = (each.name for each in fields(self))
        return replace(other, **{name: value for name in named if (value := getattr(self, name))})

    def as_json(self) -> dict[str, Any]:
        """What is set, as JSON holds it."""
        found: dict[str, Any] = {}
        for name in (each.name for each in fields(self)):
            value = getattr(self, name)
            if isinstance(value, date):
                found[name] = value.isoformat()
            elif value:
                found[name] = list(value) if isinstance(value, tuple) else value
        return found

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Overrides:
        """The reverse of :meth:`as_json`."""
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in stored.items()
        }
        if "dated" in values:
            values["dated"] = date.fromisoformat(values["dated"])
        return cls(**values)


def with_overrides(draft: Draft, given: Overrides, kind: str = "") -> Draft:
    """``draft`` as it is to be stored: what was given for this file wins, then the job's ``kind``, then the reader."""
    changes: dict[str, Any] = {
        name: value
        for name in (
            "title",
            "language",
            "project_code",
            "project_name",
            "authors",
            "dated",
            "tags",
        )
        if (value := getattr(given, name))
    }
    if chosen := given.kind or kind:
        changes["kind"] = Guess(chosen, evidence=N_("given with the import"))
    return replace(draft, **changes)


@dataclass(frozen=True, slots=True)
class Entry:
    """One file to import.

    Attributes:
        path: how people know it; printable text.
        place: the identity of where it lies: the same place again is the same document.
        local_path: where its bytes lie now; empty when they are in the file store under ``sha256``.
        sha256: hash of its content, when it is in the file store already.
        size: in bytes, when known.
        overrides: metadata given along with it.
        skip: when it is not to be opened: one of :data:`SKIP_REASONS`.
        error: when it is known already that it cannot be had, e.g. a damaged member of an archive.
        note: something to know of it that is no error, as a message id.
    """

    path: str
    place: str
    local_path: bytes = b""
    sha256: str | None = None
    size: int | None = None
    overrides: Overrides = field(default_factory=Overrides)
    skip: str = ""
    error: FileRefused | None = None
    note: str = ""


def may_be_taken_over(
    *, runner_is_dead: bool, heartbeat_at: datetime | None, now: datetime
) -> bool:
    """True when a running job has lost its runner: it is known to be dead, or has been silent for :data:`LEASE`."""
    return runner_is_dead or heartbeat_at is None or now - heartbeat_at > LEASE


def seconds_left(*, left: int, finished_lately: int, window: timedelta) -> int | None:
    """How long ``left`` files will take when ``finished_lately`` were done in ``window``; None when nobody can say."""
    if not left:
        return 0
    if not finished_lately or window <= timedelta(0):
        return None
    return round(left * window.total_seconds() / finished_lately)


def refusal(code: str, data: Mapping[str, str | int]) -> FileRefused:
    """The error that was told as ``(code, data)``; plain :class:`FileRefused` for a code unknown here."""
    kinds: dict[str, type[FileRefused]] = {kind.code: kind for kind in _with_heirs(FileRefused)}
    return kinds.get(code, FileRefused)(**data)


def _with_heirs(kind: type[FileRefused]) -> Iterator[type[FileRefused]]:
    yield kind
    for heir in kind.__subclasses__():
        yield from _with_heirs(heir)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in _LIST.split(text) if part.strip()))


def _day(text: str) -> date | None:
    if not text:
        return None
    found = _DATE.match(text)
    try:
        if found is None:
            raise ValueError(text)  # noqa: TRY301  one message for both ways a date can be wrong
        return date(*(int(part) for part in found.groups()))
    except ValueError:
        raise InvalidInput(
            field="date", reason=f"“{text}” is not a day such as 2021-03-31"
        ) from None
