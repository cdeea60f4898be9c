"""E-mails (.eml) and saved web pages (.mht, .mhtml), which are packed the same way (MIME)."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from datetime import datetime
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from pathlib import Path
from typing import Final

from ingest.charset import decode
from ingest.formats import Format
from ingest.readers.drafting import Findings, finish
from ingest.readers.html import parse_html
from ingest.readers.html_walk import html_blocks, html_text
from ingest.readers.letters import Attachment, Letter, write_letter
from ingest.readers.writing import blocks, one_line, visible
from kb.drafts import Draft
from kb.errors import DamagedFile, HostileFile, NoText

_SHOWN_HEADERS: Final = ("From", "To", "Cc", "Date", "Subject")
_MAX_PARTS: Final = 2_000  # of one message; a digest of a year's mails has 500
_UNNAMED: Final = "unnamed"


def read_eml(path: Path, name: str) -> Draft:
    """Read an e-mail: head and body; attachments are named.

    Raises:
        DamagedFile: it is no message at all.
        HostileFile: it holds more parts than any mail program makes.
        NoText: there is not a word in it.
    """
    message, parts = _parsed(path, name)
    letter = Letter(subject=_header(message, "Subject"), sent=_sent(message))
    letter.headers = {
        label: value for label in _SHOWN_HEADERS if (value := _header(message, label))
    }
    people = getaddresses([letter.headers.get("From", "")])
    letter.sender = next((person or address for person, address in people), "")
    for part in parts:
        _take(part, letter)
    return write_letter(letter, name, Format.EML)


def read_mhtml(path: Path, name: str) -> Draft:
    """Read a saved web page with its pictures; errors as :func:`read_eml`."""
    message, parts = _parsed(path, name)
    found = Findings(title=_header(message, "Subject"))
    words: list[str] = []
    sent = _sent(message)
    found.dated, found.dated_surely = sent.date() if sent else None, sent is not None
    pictures: dict[str, tuple[bytes, str]] = {}
    pages: list[Message] = []
    for part in parts:
        if part.get_content_type() in {"text/html", "application/xhtml+xml"}:
            pages.append(part)
        elif part.get_content_maintype() == "image":
            for address in _addresses(part):
                pictures[address] = (_payload(part), part.get_content_type())
    written: list[str] = []
    for page in pages:  # a page of frames is saved as several
        try:
            root = parse_html(
                _payload(page), name, declared=page.get_content_charset() or "", found=found
            )
        except NoText:
            continue
        written += html_blocks(root, found, pictures.get)
        words.append(html_text(root))
    found.body, found.text = blocks(written), " ".join(words)
    return finish(found, name, Format.MHTML)


def _parsed(path: Path, name: str) -> tuple[Message, list[Message]]:
    """Return a message and its parts that hold something themselves."""
    content = path.read_bytes()
    if content.startswith(b"\xef\xbb\xbf"):
        content = content[3:]
    try:
        # The newer policy parses every header and stops at those that real mails get wrong.
        message = email.message_from_bytes(content, policy=email.policy.compat32)
        parts = list(_leaves(message, name))
    except (MessageError, ValueError, LookupError) as error:
        raise DamagedFile(name=name, reason="its parts cannot be told apart") from error
    except RecursionError as error:
        raise HostileFile(name=name, reason="its parts are nested too deeply") from error
    return message, parts


def _leaves(message: Message, name: str) -> Iterator[Message]:
    """Yield the parts of a message; a message within it is one part, an attachment."""
    stack, seen = [message], 0
    while stack:
        part = stack.pop()
        seen += 1
        if seen > _MAX_PARTS:
            raise HostileFile(name=name, reason=f"it holds more than {_MAX_PARTS} parts")
        inner = part.get_payload()
        if isinstance(inner, list) and part.get_content_maintype() == "multipart":
            stack.extend(one for one in reversed(inner) if isinstance(one, Message))
        else:
            yield part


def _take(part: Message, letter: Letter) -> None:
    """Put one part where it belongs: body, picture of the body, or attachment."""
    kind = part.get_content_type()
    filename = one_line(_decoded_header(part.get_filename() or ""))
    attached = part.get_content_disposition() == "attachment"
    if kind == "text/html" and not attached and not letter.html:
        letter.html, letter.html_charset = _payload(part), part.get_content_charset() or ""
    elif kind == "text/plain" and not attached and not filename:
        text = decode(_payload(part), declared=part.get_content_charset() or "").text
        letter.plain = f"{letter.plain}\n\n{text}" if letter.plain else text
    elif (
        kind.startswith("image/")
        and not attached
        and (part["Content-ID"] or part["Content-Location"])
    ):
        for address in _addresses(part):
            letter.pictures[address] = (_payload(part), kind)
    elif kind == "message/rfc822":
        inner = part.get_payload()
        subject = (
            _header(inner[0], "Subject")
            if isinstance(inner, list) and inner and isinstance(inner[0], Message)
            else ""
        )
        letter.attachments.append(
            Attachment(filename or f"{subject or _UNNAMED}.eml", len(part.as_bytes()))
        )
    elif (
        kind not in {"text/html", "application/pgp-signature", "application/pkcs7-signature"}
        or attached
    ):
        letter.attachments.append(Attachment(filename or _UNNAMED, len(_payload(part))))


def _payload(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _addresses(part: Message) -> list[str]:
    """Return the addresses a page may call a part by."""
    id_ = str(part["Content-ID"] or "").strip().strip("<>")
    place = str(part["Content-Location"] or "").strip()
    return [
        address
        for address in (id_, f"cid:{id_}" if id_ else "", place, place.rpartition("/")[2])
        if address
    ]


def _header(message: Message, label: str) -> str:
    # What the message itself gives has lost the bytes that no rule allows.
    raw = (value for key, value in message.raw_items() if key.lower() == label.lower())
    return one_line(visible(_decoded_header(next(raw, None))))


def _decoded_header(value: object) -> str:
    """Decode a header: encoded words by the set they name, raw bytes (common against the rules) by their looks."""
    if value is None:
        return ""
    text = ""
    try:
        pieces = decode_header(str(value))
    except (ValueError, MessageError):
        pieces = [(str(value), None)]
    for piece, charset in pieces:
        raw = piece if isinstance(piece, bytes) else piece.encode("utf-8", "surrogateescape")
        text += (
            decode(raw, declared=charset or "").text
            if charset or not raw.isascii()
            else raw.decode("ascii")
        )
    return text


def _sent(message: Message) -> datetime | None:
    try:
        return parsedate_to_datetime(str(message["Date"]))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
