"""E-books (.epub): the pages of the spine, one after the other."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from lxml import etree

from ingest.formats import Format
from ingest.limits import Limits
from ingest.packages import Package, open_package
from ingest.readers.drafting import Findings, finish
from ingest.readers.elements import attribute, children, descendants, local
from ingest.readers.html import parse_html
from ingest.readers.html_walk import html_blocks, html_text
from ingest.readers.properties import settle, take
from ingest.readers.writing import blocks
from kb.drafts import Draft
from kb.errors import DamagedFile, EncryptedFile, NoText

_PAGES: Final = frozenset({"application/xhtml+xml", "text/html", "application/x-dtbook+xml"})
_METADATA: Final = {
    "title": "title",
    "creator": "creator",
    "subject": "keywords",
    "publisher": "publisher",
    "date": "created",
    "description": "description",
    "language": "language",
}
# Fonts may be scrambled, which is no protection of the text.
_FONT_SCRAMBLING: Final = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")


def read_epub(path: Path, name: str, limits: Limits) -> Draft:
    """Read an e-book.

    Raises:
        DamagedFile: it has no list of pages, or it is broken.
        EncryptedFile: its pages are locked to a shop's reader.
        HostileFile: it is built to exhaust.
        NoText: there is not a word in it.
    """
    with open_package(path, name, limits) as package:
        _must_be_open(package)
        book = _book(package)
        root = package.xml(book)
        found = Findings()
        for element in children(next(descendants(root, "metadata"), None)):
            take(_METADATA.get(local(element)), "".join(map(str, element.itertext())), found)
        settle(found)
        found.title = found.properties.get("title", "")
        parts: list[str] = []
        words: list[str] = []
        for page in _spine(root, posixpath.dirname(book), package, found):
            try:
                tree = parse_html(package.read(page), name, found=found)
            except NoText:
                continue
            parts += html_blocks(tree, found, _pictures(package, page))
            words.append(html_text(tree))
        found.body, found.text = blocks(parts), " ".join(words)
        return finish(found, name, Format.EPUB)


def _book(package: Package) -> str:
    container = "META-INF/container.xml"
    if container in package:
        for file in descendants(package.xml(container), "rootfile"):
            place = unquote(attribute(file, "full-path"))
            if place in package:
                return place
    raise DamagedFile(name=package.name, reason="the list of its pages is missing")


def _spine(root: etree._Element, folder: str, package: Package, found: Findings) -> list[str]:
    """Return the pages in reading order; those the list names and the file lacks are named as lost."""
    items = {attribute(item, "id"): item for item in descendants(root, "item")}
    pages = []
    for reference in descendants(root, "itemref"):
        item = items.get(attribute(reference, "idref"))
        if (
            item is None
            or attribute(item, "media-type") not in _PAGES
            or "nav" in attribute(item, "properties").split()
        ):
            continue
        place = posixpath.normpath(posixpath.join(folder, unquote(attribute(item, "href"))))
        if place in package:
            pages.append(place)
        else:
            found.lose(f"The page “{place}” is missing from the file.")
    return pages


def _must_be_open(package: Package) -> None:
    listing = "META-INF/encryption.xml"
    if listing in package:
        for method in descendants(package.xml(listing), "EncryptionMethod"):
            if attribute(method, "Algorithm") not in _FONT_SCRAMBLING:
                raise EncryptedFile(name=package.name)


def _pictures(package: Package, page: str) -> Callable[[str], tuple[bytes, str] | None]:
    def find(address: str) -> tuple[bytes, str] | None:
        target = urlsplit(address)
        place = posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(target.path)))
        ending = place.rpartition(".")[2].lower()
        if target.scheme or place not in package:
            return None
        return package.read(place), f"image/{_ENDINGS.get(ending, ending)}"

    return find


_ENDINGS: Final = {"jpg": "jpeg", "svg": "svg+xml"}
