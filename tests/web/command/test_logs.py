"""The text log: nothing that a request brings can look like another event, or do something to a terminal."""

from __future__ import annotations

import io
import json
import logging
import socket
from contextlib import suppress

import pytest

from kb.access import SYSTEM
from kb.auditing import acting_from, record_audit
from kb.errors import InvalidInput
from kb.knowledge_base import KnowledgeBase
from kb.models.audit import AUDIT_LOG
from web.command.logs import OneLine, log_to_standard_error, log_to_syslog, printable

HOSTILE = [
    "a\r\n2026-01-01T00:00:00.000Z WARNING root: all is well",
    "\x1b[2J\x1b[31mred",
    "\u202egnp.exe\u2066",
    "a\u2028b\u2029c\x85d\x0b\x0ce",
    "\x00\x07\x08\x7f\x9b31m",
    "half \ud83d of a character",
    "zero\u200bwidth\ufeff",
    "\ue000 private \U000e0041 tag",
]


def logged(message: str, *values: object, trace: bool = False) -> str:
    told = io.StringIO()
    handler = logging.StreamHandler(told)
    handler.setFormatter(OneLine())
    record = logging.LogRecord("web.errors", logging.WARNING, "", 0, message, values, None)
    if trace:
        try:
            _fail(*values)
        except ValueError as error:
            record.exc_info = (ValueError, error, error.__traceback__)
    handler.emit(record)
    return told.getvalue()


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_an_event_is_one_line_of_what_can_be_printed(text: str) -> None:
    line = logged("GET %s", text)
    assert line.count("\n") == 1
    assert line[:-1].isprintable()
    assert " WARNING web.errors: GET " in line
    assert line[:-1].isascii() or "风" in line


def test_what_can_be_printed_stays_as_it_is_and_no_escape_can_be_forged() -> None:
    for text in ("风险 管理，risk", "風險登記冊", "１２３", "𠮷", "🚀 é ü", "a/b?c=%0A"):  # noqa: RUF001
        assert printable(text) == text
    assert printable("a\nb") != printable(r"a\nb")
    assert printable("\u202e") == r"\u202e"
    assert printable("\ud83d") == r"\ud83d"


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_every_line_of_a_trace_is_behind_a_bar(text: str) -> None:
    first, *lines = logged("POST %s", text, trace=True).rstrip("\n").split("\n")
    assert " WARNING web.errors: POST " in first
    assert len(lines) > 2
    for line in lines:
        assert line.startswith("    | ")
        assert line.isprintable()


def test_the_servers_own_loggers_write_in_this_form_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    root.handlers[:] = []
    try:
        log_to_standard_error()
        logging.getLogger("uvicorn.error").warning("Invalid HTTP request\r\nroot: %s", "\x1b[31m")
        logging.getLogger("kb.indexing").info("not worth a line")
    finally:
        root.handlers[:] = before
        root.setLevel(level)
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert r"Invalid HTTP request\r\nroot: \x1b[31m" in told


def test_warnings_and_committed_rows_of_the_audit_log_reach_syslog(kb: KnowledgeBase) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(10)
        handler = log_to_syslog(f"127.0.0.1:{server.getsockname()[1]}")
        try:
            with suppress(ZeroDivisionError), kb.database.write() as session:
                record_audit(session, SYSTEM, "sign-in", "user", "li.na")
                raise ZeroDivisionError
            with acting_from("198.51.100.7"):
                kb.audit.note(SYSTEM, "see", "document", "7\r\n风险")
            logging.getLogger("web.errors").warning("GET %s", "/\r\n\x1b[31m")
            logging.getLogger("web.errors").info("not worth a line")
            lines = [server.recv(10_000).decode() for _ in range(2)]
            server.settimeout(0.05)
            with pytest.raises(TimeoutError):
                server.recv(10_000)
        finally:
            logging.getLogger().removeHandler(handler)
            logging.getLogger(AUDIT_LOG).setLevel(logging.NOTSET)
            handler.close()
    # What was rolled back is told to nobody.
    assert all("sign-in" not in line for line in lines)
    row = json.loads(lines[0].partition(f"{AUDIT_LOG}: ")[2])
    assert (row["action"], row["from"], row["thing"]) == ("see", "198.51.100.7", "7\r\n风险")
    assert row["hash"] == kb.audit.verify().digest
    assert lines[1].endswith(r"GET /\r\n\x1b[31m")
    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize(
    "place", ["nowhere", "host:", "/no/such/socket", "[::1]:x", "host:99999999"]
)
def test_a_place_that_is_none_is_told(place: str) -> None:
    with pytest.raises(InvalidInput, match="KB_SYSLOG"):
        log_to_syslog(place)


def _fail(*values: object) -> None:
    raise ValueError(*values)
