"""One server on one data folder: a lock of the operating system, with a note about who holds it.

Two servers on one SQLite database by mistake (a second ``pmo serve`` on another port, say) would each run the importer
and the indexer, and each show its own idea of who is signed in. The lock goes with the process, however that ends: what
a dead server left in the file blocks nobody.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

from kb.errors import N_, DataFolderError
from kb.models.base import utc_now

try:
    import fcntl
except (
    ImportError
):  # Windows has no such locks; there the port is the only thing two servers meet at
    fcntl = None  # type: ignore[assignment]

FILE_NAME: Final = "server.lock"


class DataFolderInUse(DataFolderError):
    """Another server works on this folder. Data: ``path``, ``pid``, ``host``, ``since``."""

    code = "data-folder-in-use"
    sentence = N_(
        "The data folder %(path)s is in use by the server with process number %(pid)s on %(host)s, started %(since)s."
    )
    advice_template = N_(
        "Stop that server first, or set KB_DATA_DIR to another folder; nothing was changed."
    )


@contextmanager
def only_server(folder: Path) -> Iterator[None]:
    """Hold the right to be the server of ``folder``.

    Raises:
        DataFolderInUse: another process holds it.
        DataFolderError: the folder cannot be written.
    """
    path = folder / FILE_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise DataFolderError(path=str(folder), reason=error.strerror or str(error)) from error
    with file:
        if fcntl is not None:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise _in_use(folder, file) from None
            except OSError:
                pass  # a network disk without locks: better a server without this guard than none
        _note(file, pid=os.getpid(), host=socket.gethostname(), since=_now())
        yield
        _note(file)


def _note(file: IO[str], **holder: str | int) -> None:
    """Write who holds the lock. On a full disk nobody is told, and the lock holds all the same."""
    with suppress(OSError):
        file.seek(0)
        file.truncate()
        json.dump(holder, file)
        file.flush()


def _now() -> str:
    return utc_now().isoformat(timespec="seconds")


def _in_use(folder: Path, file: IO[str]) -> DataFolderInUse:
    file.seek(0)
    try:
        holder = json.load(file)
    except ValueError:  # it is just being written
        holder = {}
    told = holder if isinstance(holder, dict) else {}
    return DataFolderInUse(
        path=str(folder),
        pid=str(told.get("pid", "?")),
        host=str(told.get("host", "?")),
        since=str(told.get("since", "?")),
    )
