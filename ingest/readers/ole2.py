"""Opening OLE2 containers (.doc, .xls, .ppt, .msg): every way such a file can be broken becomes one error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import olefile

from kb.errors import DamagedFile

# What olefile and the struct arithmetic of the readers raise on broken containers.
OLE2_FAULTS: Final = (
    OSError,
    ValueError,
    IndexError,
    KeyError,
    TypeError,
    AttributeError,
    OverflowError,
    RecursionError,
)


@contextmanager
def open_ole2(path: Path, name: str) -> Iterator[olefile.OleFileIO]:
    """Open an OLE2 container.

    Raises:
        DamagedFile: its directory or allocation tables are broken.
    """
    try:
        container = olefile.OleFileIO(path)
    except OLE2_FAULTS as error:
        raise DamagedFile(name=name, reason="its directory of streams is broken") from error
    with container:
        yield container


def stream(container: olefile.OleFileIO, path: str | list[str], name: str) -> bytes:
    """Return the bytes of a stream.

    Raises:
        DamagedFile: it is missing or broken.
    """
    shown = path if isinstance(path, str) else "/".join(path)
    try:
        with container.openstream(path) as opened:
            content = opened.read()
    except OLE2_FAULTS as error:
        raise DamagedFile(name=name, reason=f"its stream “{shown}” is missing or broken") from error
    return bytes(content)
