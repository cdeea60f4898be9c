"""Folders that documents were imported from, as one text each: where a file lay within what was handed in.

Folders are told apart by :func:`folder_key`, which knows no case: Windows and most network drives know none either,
and two rules of which one says ``HR`` and the other ``hr`` would be a trap.

::

    >>> folder_of("upload:li.na:合同/保密/报价.docx"), folder_of("/srv/PMO/2024.zip!/合同/a.docx")
    ('合同/保密', '/srv/PMO/合同')
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

# Long enough for 20 levels of Chinese names; shorter than what PostgreSQL can index (2,704 bytes, 4 for a character).
MAX_FOLDER_CHARS: Final = 600
# Folding may make a name longer (ß becomes ss), rarely by more than this.
MAX_KEY_CHARS: Final = 650

_STROKES: Final = re.compile(r"[/\\]+")
# What stands before the path in a place (kb.models.DocumentSource): an upload and whose it is, or odd bytes of a disk.
_BEFORE: Final = re.compile(r"upload:[^:]*:|bytes:")
# What lay nowhere: a table's row without its file, the bundled collection.
_NOWHERE: Final = re.compile(r"[a-z]{2,}:")
# A zip within a path, see ingest.archives: its own name is no folder, as if it had been unpacked where it lies.
_ZIP: Final = re.compile(r"[^/]*\.zip!/", re.IGNORECASE)


def folder_of(place: str) -> str:
    """The folder of what lies at ``place``; empty where it lies in none."""
    path, uploads = _BEFORE.subn("", place, count=1)
    if not uploads and _NOWHERE.match(place):
        return ""
    return clean_folder(_ZIP.sub("", path).replace("\\", "/").rpartition("/")[0])


def clean_folder(text: str) -> str:
    """A folder as it is kept: NFC, ``/`` between names, no empty ones, no ``.`` and ``..``, not too long.

    What is too deep to be kept counts as lying in the folder above.
    """
    normal = unicodedata.normalize("NFC", text)
    names = [
        name for part in _STROKES.split(normal) if (name := part.strip()) not in {"", ".", ".."}
    ]
    kept = "/" if _STROKES.match(normal) else ""
    for name in names:
        longer = f"{kept}{name}" if kept in {"", "/"} else f"{kept}/{name}"
        if len(longer) > MAX_FOLDER_CHARS or len(_folded(longer)) > MAX_KEY_CHARS:
            break
        kept = longer
    return "" if kept == "/" else kept


def folder_key(folder: str) -> str:
    """By what a cleaned folder is known, in whatever case it was written."""
    return _folded(folder)


def upwards(folder: str) -> Iterator[str]:
    """The folder itself and those above it, the nearest first; works on keys too."""
    while folder and folder != "/":
        yield folder
        folder = folder.rpartition("/")[0]


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text.casefold())
