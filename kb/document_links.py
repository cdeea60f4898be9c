"""Where the text of a document leads to: read out of its Markdown, and written down beside it."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

from sqlalchemy import delete
from sqlalchemy.orm import Session

from kb.models import Document, DocumentLink

# A link to a page of ours: plain Markdown with the address of the page.
LINK: Final = re.compile(
    r"(?<!!)\[(?P<label>(?:[^\[\]\\\n]|\\.){0,600})\]\((?P<address>/documents/(?P<id>\d{1,18})(?:[?#][^\s()]{0,600})?)\)"
)
# Looked up in one statement; a page with more links than this is an index of everything.
MAX_LINKS: Final = 400
_MAX_ANCHOR_CHARS: Final = 300


def linked(body: str) -> frozenset[int]:
    """Ids of the documents that a body links to, as far as one statement can ask for them."""
    found = dict.fromkeys(int(link["id"]) for link in LINK.finditer(body))
    return frozenset(list(found)[:MAX_LINKS])


def record_links(session: Session, document: Document) -> None:
    """Write down, in the caller's transaction, where the text of a document leads to now."""
    session.execute(delete(DocumentLink).where(DocumentLink.document_id == document.id))
    places = dict.fromkeys(
        (int(link["id"]), unquote(link["address"].partition("#")[2])[:_MAX_ANCHOR_CHARS])
        for link in LINK.finditer(document.body)
    )
    session.add_all(
        DocumentLink(document_id=document.id, target_id=target, anchor=anchor)
        for target, anchor in list(places)[:MAX_LINKS]
    )
