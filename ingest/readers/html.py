"""Web pages (.html, .htm, .xhtml): character set, properties and body.

:func:`parse_html` also serves mails and e-books; :mod:`ingest.readers.html_walk` writes the tree as Markdown.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from lxml import etree
from lxml import html as lxml_html

from ingest.charset import decode
from ingest.formats import Format
from ingest.metadata_cover import people
from ingest.readers.drafting import Findings, finish
from ingest.readers.html_walk import html_blocks, html_text
from ingest.readers.properties import take
from ingest.readers.writing import (
    blocks,
    one_line,
)
from kb.drafts import Draft
from kb.errors import NoText

_META_CHARSET: Final = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_XML_CHARSET: Final = re.compile(rb"""<\?xml[^>]+encoding\s*=\s*["']([\w.:-]+)""", re.IGNORECASE)
_DECLARED_WITHIN: Final = (
    8192  # bytes; browsers look at the first 1,024, Word writes its styles first
)
_METAS: Final = {"author", "keywords", "description", "date", "generator"}


def read_html(path: Path, name: str) -> Draft:
    """Read a web page: headings, paragraphs, lists, tables and links; scripts, styles and navigation are left out.

    Raises:
        NoText: there is not a word in it.
    """
    data = path.read_bytes()
    found = Findings()
    root = parse_html(data, name, found=found)
    _properties(root, found)
    found.body = blocks(html_blocks(root, found))
    found.text = html_text(root)
    return finish(found, name, Format.HTML)


def parse_html(
    data: bytes | str, name: str, *, declared: str = "", found: Findings | None = None
) -> lxml_html.HtmlElement:
    """Parse HTML of any make; the character set is decided from the bytes and what they declare.

    Raises:
        NoText: there is nothing to parse.
    """
    if isinstance(data, bytes):
        decoded = decode(data, declared=declared or declared_charset(data))
        text = decoded.text
        if decoded.replaced and found is not None:
            found.lose(f"{decoded.replaced} bytes fit no character set and were replaced.")
    else:
        text = data
    text = re.sub(r"[\x00-\x08\x0b\x0e-\x1f]", "", text)
    parser = lxml_html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True
    )
    try:
        root = lxml_html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, ValueError) as error:
        raise NoText(name=name, reason="the page is blank") from error
    if not isinstance(root, lxml_html.HtmlElement):
        raise NoText(name=name, reason="the page is blank")
    return root


def declared_charset(data: bytes) -> str:
    """Return the character set HTML declares for itself, or an empty string."""
    head = data[:_DECLARED_WITHIN]
    match = _META_CHARSET.search(head) or _XML_CHARSET.search(head)
    return match.group(1).decode("ascii", "ignore") if match else ""


def _properties(root: etree._Element, found: Findings) -> None:
    title = root.find(".//title")
    take("title", "".join(title.itertext()) if title is not None else "", found)
    for meta in root.iter("meta"):
        key, value = (meta.get("name") or "").lower(), one_line(meta.get("content") or "")
        if key in _METAS and value:
            found.properties[key] = value
    found.authors = people(found.properties.get("author", ""))
    words = re.split(r"[,，;；、]", found.properties.get("keywords", ""))
    found.tags = tuple(dict.fromkeys(word.strip() for word in words if word.strip()))
