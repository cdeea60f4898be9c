"""What there is to import: files and folders as entries, in a fixed order, with the skipped ones named.

Names on disk are bytes and need not be text. They are kept as bytes for opening, and told to people
by :func:`shown`, which never holds a line break or anything else that could fake another name.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

from kb.access import Actor
from kb.importing_rules import Entry

# As the columns `import_items.path` and `document_sources.place` hold them.
MAX_PATH_CHARS: Final = 2000
_HASH_CHARS: Final = 64

_SYSTEM_FILES: Final = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini", ".ds_store"})
_LOCK_FILE: Final = re.compile(r"~\$.*|\.~lock\..*#|~WR[LD]\d+\.tmp", re.IGNORECASE | re.DOTALL)
# Characters without a shape of their own that change how the rest is shown.
_UNSHOWN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
# These join emoji and the letters of some scripts, and change nothing else.
_JOINERS: Final = frozenset("\u200c\u200d")


def listed(sources: Iterable[str]) -> Iterator[Entry]:
    """Every file of ``sources`` (files and folders, each folder with all below it).

    A source is taken whatever its name. Inside a folder, hidden files, lock files and what the system left are
    entries to be skipped, each with its reason. A link to a file is that file; a link to a folder that was listed
    already is skipped. What cannot be listed is an entry too: opening it fails and says why.
    """
    seen: set[tuple[int, int]] = set()
    for source in sources:
        if os.path.isdir(source):  # noqa: PTH112
            yield from _below(os.fsencode(os.path.abspath(source)), seen)  # noqa: PTH100
        else:
            yield file_entry(source)


def file_entry(source: str) -> Entry:
    """The entry of one file, whatever its name, and whether or not it is there."""
    path = os.fsencode(os.path.abspath(source))  # noqa: PTH100  links stay as given
    return _file(path, os.path.realpath(path))


def uploaded(actor: Actor, name: str, sha256: str | None, size: int) -> Entry:
    """The entry of a file that came through a browser or the API.

    Args:
        actor: whoever sent it. Its name is part of the place: two people's ``报告.docx`` are not one document.
        name: as the browser gives it, with its folder where a folder was dropped.
        sha256: under which it lies in the file store; None when it was too large to be kept.
        size: in bytes.
    """
    parts = [part for part in re.split(r"[/\\]+", name) if part not in {"", ".", ".."}]
    relative = shown("/".join(parts) or "file")
    return Entry(
        path=bounded_path(relative),
        place=bounded_place(f"upload:{actor.id}:{relative}"),
        sha256=sha256,
        size=size,
        skip=next((reason for part in parts if (reason := skip_reason(part))), ""),
    )


def shown(name: str | bytes) -> str:
    r"""``name`` as text that can be printed and stored anywhere.

    Bytes that are not UTF-8 are read as GB18030, which is what old Chinese archives and disks hold; what is
    not that either is shown as ``\xNN``. Control and direction characters are shown as ``\uNNNN``.
    """
    raw = name if isinstance(name, bytes) else name.encode("utf-8", "surrogatepass")
    for encoding, faults in (
        ("utf-8", "strict"),
        ("gb18030", "strict"),
        ("utf-8", "backslashreplace"),
    ):
        try:
            text = raw.decode(encoding, faults)
            break
        except UnicodeDecodeError:
            continue
    return "".join(_shown_character(character) for character in text)


def skip_reason(name: str) -> str:
    """Why a file or folder of this name is not opened (see ``SKIP_REASONS``); empty when it is."""
    if _LOCK_FILE.fullmatch(name):
        return "lock-file"
    if name.lower() in _SYSTEM_FILES or name.startswith("._") or name == "__MACOSX":
        return "system-file"
    return "hidden-file" if name.startswith(".") else ""


def name_of(path: str) -> str:
    """The file's own name, of a path as people know it: ``年度/a.zip!/报告.docx`` gives ``报告.docx``."""
    return path.rpartition("/")[2] or path


def bounded_place(place: str) -> str:
    """``place``, shortened with a hash of it where it is longer than a place may be."""
    if len(place) <= MAX_PATH_CHARS:
        return place
    digest = hashlib.sha256(place.encode()).hexdigest()
    return f"{place[: MAX_PATH_CHARS - _HASH_CHARS - 1]}#{digest}"


def bounded_path(path: str) -> str:
    """``path`` for people, shortened in its middle where it is longer than a path may be."""
    if len(path) <= MAX_PATH_CHARS:
        return path
    half = MAX_PATH_CHARS // 2 - 1
    return f"{path[:half]}…{path[-half:]}"


def _below(top: bytes, seen: set[tuple[int, int]]) -> Iterator[Entry]:
    # A stack and no recursion: folders may lie deeper than Python may call.
    waiting = [(top, os.path.realpath(top))]
    while waiting:
        folder, canonical = waiting.pop()
        try:
            status = os.stat(folder)  # noqa: PTH116
            with os.scandir(folder) as scan:
                children = sorted(scan, key=lambda child: child.name)
        except OSError:
            yield _file(folder, canonical)
            continue
        if (status.st_dev, status.st_ino) in seen:
            yield _skipped(folder, "link-loop")
            continue
        seen.add((status.st_dev, status.st_ino))
        folders = []
        for child in children:
            if reason := skip_reason(shown(child.name)) or _reason_of_kind(child):
                yield _skipped(child.path, reason)
                continue
            inside = os.path.join(canonical, child.name)  # noqa: PTH118
            target = os.path.realpath(inside) if child.is_symlink() else inside
            if child.is_dir():
                folders.append((child.path, target))
            else:
                yield _file(child.path, target)
        waiting.extend(reversed(folders))


def _reason_of_kind(child: os.DirEntry[bytes]) -> str:
    try:
        mode = child.stat().st_mode
    except OSError:
        return "broken-link" if child.is_symlink() else ""
    return "" if stat.S_ISREG(mode) or stat.S_ISDIR(mode) else "special-file"


def _file(path: bytes, canonical: bytes) -> Entry:
    return Entry(path=bounded_path(shown(path)), place=_place(canonical), local_path=path)


def _skipped(path: bytes, reason: str) -> Entry:
    return Entry(path=bounded_path(shown(path)), place=_place(path), local_path=path, skip=reason)


def _place(path: bytes) -> str:
    try:
        return bounded_place(path.decode("utf-8"))
    except UnicodeDecodeError:
        # The prefix keeps it apart from a file whose name really holds backslashes.
        return bounded_place("bytes:" + path.decode("utf-8", "backslashreplace"))


def _shown_character(character: str) -> str:
    unshown = unicodedata.category(character) in _UNSHOWN_CATEGORIES and character not in _JOINERS
    return f"\\u{ord(character):04x}" if unshown else character
