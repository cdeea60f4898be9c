"""Office files from before 2007: by readers of our own, and by LibreOffice where those fall short.

Our readers take milliseconds and carry text, headings, lists with their numbers, tables, notes and comments. Measured
on real files they found every word LibreOffice found. LibreOffice takes two seconds, puts today's date into date
fields, but carries pictures and reads what we cannot (Works, damaged files), so it is asked where something was lost or
nothing could be read. It runs without a window, in a profile of its own that is thrown away, with macros off and with
a time-out.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ingest.formats import DESCRIPTIONS, Format
from ingest.limits import Limits
from ingest.readers import doc, ppt
from ingest.readers.docx import read_docx
from ingest.readers.pptx import read_pptx
from kb.drafts import Draft
from kb.errors import DamagedFile, FileRefused, UnsupportedFormat

_PROGRAMS: Final = ("soffice", "libreoffice")
_OPTIONS: Final = (
    "--headless",
    "--invisible",
    "--nodefault",
    "--nofirststartwizard",
    "--nolockcheck",
    "--norestore",
)
# Share of the time one file may take: what is left must be enough to read the outcome, or to read the file ourselves.
_SHARE_OF_TIME: Final = 0.6
_PROFILE: Final = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
{items}
</oor:items>
"""
_SETTING: Final = (
    '<item oor:path="/org.openoffice.Office.{path}">'
    '<prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
)
# Macros of the document never run (security level very high), and nothing is fetched from outside.
_SETTINGS: Final = (
    ("Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Common/Security/Scripting", "DisableActiveContent", "true"),
    ("Writer/Content/Update", "Link", "0"),
)


def read_doc(path: Path, name: str, limits: Limits) -> Draft:
    """Read a Word 97 to 2003 document; errors as :func:`ingest.readers.doc.read_doc`."""
    return _read(path, name, limits, _WORD)


def read_ppt(path: Path, name: str, limits: Limits) -> Draft:
    """Read a PowerPoint 97 to 2003 presentation; errors as :func:`ingest.readers.ppt.read_ppt`."""
    return _read(path, name, limits, _POWERPOINT)


def read_works(path: Path, name: str, limits: Limits) -> Draft:
    """Read a Microsoft Works document, which only LibreOffice can.

    Raises:
        UnsupportedFormat: there is no LibreOffice, or it cannot read the file either.
    """
    return _read(path, name, limits, _WORKS)


def convert(path: Path, ending: str, folder: Path, seconds: float) -> Path | None:
    """Let LibreOffice write a file in another format into ``folder``; None when it is not there or does not manage.

    Args:
        path: the file; LibreOffice gets a copy under a plain name, so that its bytes decide what it is.
        ending: the format to write, e.g. ``docx``.
        folder: where everything it writes goes; the caller throws it away.
        seconds: how long it may take.
    """
    program = next((found for one in _PROGRAMS if (found := shutil.which(one))), None)
    if program is None:
        return None
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True)
    items = "\n".join(
        _SETTING.format(path=path_, name=name, value=value) for path_, name, value in _SETTINGS
    )
    settings = profile / "user" / "registrymodifications.xcu"
    settings.write_text(_PROFILE.format(items=items), encoding="utf-8")
    source = folder / "source"
    shutil.copyfile(path, source)
    target = folder / "out"
    command = [
        program,
        f"-env:UserInstallation={profile.resolve().as_uri()}",
        *_OPTIONS,
        *("--convert-to", ending, "--outdir", str(target), str(source)),
    ]
    environment = {
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "PATH": os.environ.get("PATH", os.defpath),
    }
    if not _ran(command, environment, seconds):
        return None
    converted = target / f"source.{ending}"
    return converted if converted.is_file() and converted.stat().st_size else None


def _refuse_works(_path: Path, name: str) -> Draft:
    raise UnsupportedFormat(name=name, format=DESCRIPTIONS[Format.WORKS])


@dataclass(frozen=True, slots=True)
class _Way:
    """How one format is read: by a reader of our own, and by LibreOffice through a newer format."""

    format: Format
    own: Callable[[Path, str], Draft]
    newer: str
    read_newer: Callable[[Path, str, Limits], Draft]


def _read_docx(path: Path, name: str, _limits: Limits) -> Draft:
    return read_docx(path, name)


_WORD: Final = _Way(Format.DOC, doc.read_doc, "docx", _read_docx)
_POWERPOINT: Final = _Way(Format.PPT, ppt.read_ppt, "pptx", read_pptx)
_WORKS: Final = _Way(Format.WORKS, _refuse_works, "docx", _read_docx)


def _read(path: Path, name: str, limits: Limits, way: _Way) -> Draft:
    """Read a file ourselves; where that loses something or fails, take what LibreOffice makes of it, if it can."""
    own: Draft | None = None
    refused: DamagedFile | UnsupportedFormat | None = None
    try:
        own = way.own(path, name)
    except (DamagedFile, UnsupportedFormat) as error:
        refused = error
    if own is not None and not own.ledger.losses:
        return own
    converted = _by_libreoffice(path, name, limits, way) or own
    if converted is None:
        raise refused or DamagedFile(name=name, reason="it cannot be read")
    return converted


def _by_libreoffice(path: Path, name: str, limits: Limits, way: _Way) -> Draft | None:
    with tempfile.TemporaryDirectory(prefix="convert-", ignore_cleanup_errors=True) as folder:
        converted = convert(path, way.newer, Path(folder), limits.file_seconds * _SHARE_OF_TIME)
        if converted is None:
            return None
        try:
            draft = way.read_newer(converted, name, limits)
        except FileRefused:
            return None
    draft.format = way.format.value
    return draft


def _ran(command: list[str], environment: dict[str, str], seconds: float) -> bool:
    """Run a program in a group of its own and end the whole group when it takes too long."""
    try:
        process = subprocess.Popen(  # noqa: S603  a fixed program; the only name in it is our own
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return False
    try:
        return process.wait(seconds) == 0
    except subprocess.TimeoutExpired:
        return False
    finally:
        # It starts helpers that outlive it.
        if os.name == "posix":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.wait()
