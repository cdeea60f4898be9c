"""Processes of this machine, asked about by their numbers."""

from __future__ import annotations

import os


def is_alive(process: int) -> bool:
    """True when there is, or may be, a process with this number on this machine."""
    if os.name != "posix":
        return True  # asking with signal 0 would end it
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
