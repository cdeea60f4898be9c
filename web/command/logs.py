"""The text log: one line on standard error for each event, whatever the event says, and to syslog where that is set.

What a request brought may stand in a message (its address, a file's name), so nothing in it may begin a new line, move
the cursor of a terminal or turn the direction of writing: everything that cannot be printed is written as its escape.
Traces keep their lines, each behind a bar that no event begins with.
"""

from __future__ import annotations

import logging
import sys
import time
from logging.handlers import SysLogHandler
from pathlib import Path
from typing import Final

from kb.errors import InvalidInput
from kb.models.audit import AUDIT_LOG

_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_TRACE_LINE: Final = "    | "


class OneLine(logging.Formatter):
    """Formats a record so that nothing in it can look like another; moments are UTC."""

    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self) -> None:
        """Use the one format there is."""
        super().__init__(_FORMAT)
        self.converter = time.gmtime

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  the library's name
        """The first line."""
        line = super().formatMessage(record)
        # Rows of the audit log are JSON, which has escapes of its own.
        return line if record.name == AUDIT_LOG and line.isprintable() else printable(line)

    def formatException(self, ei: logging._SysExcInfoType) -> str:  # noqa: N802  the library's name
        """The trace, line by line; lines within the error's own text are no more than that."""
        lines = super().formatException(ei).splitlines()
        return "\n".join(_TRACE_LINE + printable(line) for line in lines)


def log_to_standard_error(level: int = logging.WARNING) -> None:
    """Let everything that is logged in this process go to standard error in this form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine())
    handler.setLevel(level)
    root = logging.getLogger()
    root.setLevel(level)
    root.addHandler(handler)


def log_to_syslog(place: str) -> logging.Handler:
    """Send warnings, and each row of the audit log when it is committed, to syslog too.

    Args:
        place: ``host:port`` (UDP; an IPv6 address in brackets), or the path of a socket.

    Returns:
        What sends them; a server that is away loses lines and stops nothing.

    Raises:
        InvalidInput: ``place`` is neither, or there is no such host or socket.
    """
    try:
        handler = SysLogHandler(_address(place))
    except (OSError, ValueError) as error:
        raise InvalidInput(field="KB_SYSLOG", reason=str(error)) from error
    handler.append_nul = False
    handler.setFormatter(OneLine())
    handler.setLevel(logging.INFO)
    handler.addFilter(lambda record: record.name == AUDIT_LOG or record.levelno >= logging.WARNING)
    logging.getLogger(AUDIT_LOG).setLevel(logging.INFO)
    logging.getLogger().addHandler(handler)
    return handler


def _address(place: str) -> str | tuple[str, int]:
    if place.startswith("/"):
        if not Path(place).is_socket():
            message = f"{place} is no socket"
            raise ValueError(message)
        return place
    host, _, port = place.rpartition(":")
    return host.strip("[]"), int(port)


def printable(text: str) -> str:
    """``text`` with everything that cannot be printed as its escape; a backslash is doubled, so none can be forged."""
    return "".join(_escaped(character) for character in text)


def _escaped(character: str) -> str:
    if character == "\\":
        return "\\\\"
    if character.isprintable():
        return character
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
