"""What office files say of themselves in their properties: title, authors, keywords, dates, company."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

import olefile
from lxml import etree

from ingest.metadata_cover import people
from ingest.packages import Package
from ingest.readers.drafting import Findings
from ingest.readers.elements import attribute, children, descendants, local
from ingest.readers.ole2 import OLE2_FAULTS
from ingest.readers.property_sets import DOCUMENT_SUMMARY, SUMMARY, property_set
from ingest.readers.writing import one_line
from kb.errors import DamagedFile

# Properties taken over, by the local name of their element, with the label they get.
_CORE: Final = {
    "title": "title",
    "subject": "subject",
    "creator": "creator",
    "initial-creator": "creator",
    "description": "description",
    "keywords": "keywords",
    "keyword": "keywords",
    "category": "category",
    "lastModifiedBy": "last modified by",
    "created": "created",
    "creation-date": "created",
    "modified": "modified",
    "date": "modified",
    "language": "language",
    "publisher": "publisher",
}
_APP: Final = {"Company": "company", "Manager": "manager", "Application": "application"}
# Programs write themselves in as the author.
_NOT_PEOPLE: Final = re.compile(
    r"(?:microsoft|windows|office|user|admin\w*|administrator|owner|unknown|author|python-(?:docx|pptx)|openpyxl|xuser"
    r"|微软用户|用户|作者|未知|雨林木风|pc|hp|lenovo|dell|asus)(?:\b.*)?",
    re.IGNORECASE,
)


def take_office_open(package: Package, found: Findings) -> None:
    """Note the core, application and custom properties of an Office Open XML file; broken ones are none."""
    for part, names in (("docProps/core.xml", _CORE), ("docProps/app.xml", _APP)):
        for element in children(_root(package, part)):
            take(names.get(local(element)), "".join(map(str, element.itertext())), found)
    for prop in children(_root(package, "docProps/custom.xml")):
        take(attribute(prop, "name"), "".join(map(str, prop.itertext())), found)
    settle(found)


def take_open_document(package: Package, found: Findings) -> None:
    """Note the properties of an OpenDocument file."""
    root = _root(package, "meta.xml")
    meta = next(descendants(root, "meta"), None)
    for element in children(meta):
        text = "".join(map(str, element.itertext()))
        if local(element) == "user-defined":
            take(attribute(element, "name"), text, found)
        else:
            take(_CORE.get(local(element)), text, found)
    settle(found)


def take_ole2(container: olefile.OleFileIO, found: Findings) -> None:
    """Note the summary information of an OLE2 file; a broken one is none."""
    for name, labels in (
        ("\x05SummaryInformation", SUMMARY),
        ("\x05DocumentSummaryInformation", DOCUMENT_SUMMARY),
    ):
        try:
            with container.openstream(name) as stream:
                content = bytes(stream.read())
        except OLE2_FAULTS:
            continue
        for label, text in property_set(content, labels).items():
            take(label, text, found)
    settle(found)


def take(label: str | None, value: str, found: Findings) -> None:
    """Note one property; the first value of a label stays."""
    text = one_line(value)
    if label and text:
        found.properties.setdefault(one_line(label), text)


def settle(found: Findings) -> None:
    """Take authors, tags and date from the properties noted so far."""
    known = found.properties
    found.authors = found.authors or tuple(
        name for name in people(known.get("creator", "")) if not _NOT_PEOPLE.fullmatch(name)
    )
    words = re.split(r"[;；,，、]", known.get("keywords", ""))
    found.tags = found.tags or tuple(dict.fromkeys(word.strip() for word in words if word.strip()))
    found.dated = found.dated or day(known.get("modified", "")) or day(known.get("created", ""))


def day(text: str) -> date | None:
    """Return the day at the start of an ISO date and time, or None."""
    match = re.match(r"(\d{4})-(\d{2})-(\d{2})", text)
    if not match:
        return None
    try:
        found = date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None
    # 1601, 1899 and 1980 are the zeros of calendars, not days somebody wrote something.
    return found if found.year > 1980 else None  # noqa: PLR2004


def _root(package: Package, part: str) -> etree._Element | None:
    if part not in package:
        return None
    try:
        return package.xml(part)
    except DamagedFile:
        return None
