"""What mails of every make have in common: who wrote to whom, and how a message becomes a document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from ingest.formats import Format
from ingest.readers.drafting import Findings, finish
from ingest.readers.html import parse_html
from ingest.readers.html_walk import html_blocks, html_text
from ingest.readers.text import text_blocks
from ingest.readers.writing import Run, blocks, inline, listing, one_line
from kb.drafts import Draft
from kb.errors import NoText

_KIB: Final = 1024


@dataclass(slots=True)
class Attachment:
    """A file that came with a message; it is named, not read."""

    name: str
    size: int


@dataclass(slots=True)
class Letter:
    """A message.

    Attributes:
        headers: what its head says, by label, in the order people read it.
        sender: name of who wrote it, or empty.
        subject: its subject, or empty.
        sent: when it was sent.
        html: its body as HTML with the character set it declares, or empty bytes.
        plain: its body as plain text, or empty.
        rich: its body as blocks of Markdown where a program made that of it.
        pictures: the pictures its HTML shows, by their address.
        attachments: the files that came with it.
    """

    headers: dict[str, str] = field(default_factory=dict)
    sender: str = ""
    subject: str = ""
    sent: datetime | None = None
    html: bytes | str = b""
    html_charset: str = ""
    plain: str = ""
    rich: Sequence[str] = ()
    pictures: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    attachments: list[Attachment] = field(default_factory=list)


def write_letter(letter: Letter, name: str, format_: Format) -> Draft:
    """Make the draft of a message: its head, its body, and the names of its attachments.

    Raises:
        NoText: there is not a word in it.
    """
    found = Findings(title=letter.subject, properties=dict(letter.headers))
    found.authors = (letter.sender,) if letter.sender else ()
    found.dated, found.dated_surely = (
        letter.sent.date() if letter.sent else None,
        letter.sent is not None,
    )
    head = [Run(f"{label}: {value}\n") for label, value in letter.headers.items()]
    body, words = _body(letter, name, found)
    if not any(char.isalnum() for char in "".join(body)) and not letter.subject:
        raise NoText(name=name, reason="the message has no text")
    files = [
        inline([Run(f"{one.name} ({max(1, round(one.size / _KIB))} KiB)")])
        for one in letter.attachments
    ]
    for one in letter.attachments:
        found.count("attachments", found=1)
        found.lose(
            f"The attachment “{one.name}” is named, not read; import it as a file of its own."
        )
    found.body = blocks([inline(head), *body, listing(files)])
    found.text = " ".join(
        [*letter.headers.values(), words, *(one.name for one in letter.attachments)]
    )
    return finish(found, name, format_)


def _body(letter: Letter, name: str, found: Findings) -> tuple[list[str], str]:
    """Return the body as blocks, and its words by another look; HTML is preferred where it says anything."""
    if letter.html:
        try:
            root = parse_html(letter.html, name, declared=letter.html_charset, found=found)
        except NoText:
            root = None
        if root is not None and html_text(root).strip():
            return html_blocks(root, found, _pictures(letter)), html_text(root)
    if letter.plain.strip():
        return text_blocks(letter.plain), letter.plain
    return list(letter.rich), ""


def _pictures(letter: Letter) -> Callable[[str], tuple[bytes, str] | None]:
    def find(address: str) -> tuple[bytes, str] | None:
        return letter.pictures.get(address) or letter.pictures.get(
            one_line(address).removeprefix("cid:")
        )

    return find
