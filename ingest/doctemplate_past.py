"""A template from past work: what in a Word file belongs to one project, and the file with placeholders there."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

from lxml import etree

from ingest.formats import Format
from ingest.readers.docx_names import w
from ingest.writers.docx_paragraphs import paragraphs, replace_in, stories, text_of
from ingest.writers.office_files import OfficeFile, open_office
from kb.doctemplate_fields import has_braces
from kb.doctemplate_stripping import Found, Known, findings, replacements
from kb.errors import UnsupportedFormat

# Properties that name people, customers or projects; what else a program writes there stays.
_PROPERTIES: Final = frozenset(
    {
        "creator", "lastModifiedBy", "title", "subject", "keywords", "description", "category",
        "Company", "Manager", "contentStatus", "HyperlinkBase", "TitlesOfParts", "HeadingPairs",
    }
)  # fmt: skip
_AUTHORED: Final = (w("author"), w("initials"), w("date"))
_TEMPLATE_AUTHOR: Final = "-"
_BRACES: Final = re.compile(r"\{[{%]+|[}%]+\}")


@dataclass(frozen=True, slots=True)
class PastWork:
    """What a Word file would lose on its way to a template.

    Attributes:
        found: what is found in its texts.
        pictures: how many pictures it has; they stay, and somebody has to look at them.
        comments: how many comments and tracked changes stay, with their authors' names taken off.
    """

    found: tuple[Found, ...]
    pictures: int
    comments: int


def look_at(content: bytes, name: str, known: Known, language: str) -> PastWork:
    """Find what could be stripped.

    Raises:
        FileRefused: it is no Word file that could be a template.
    """
    file = _open(content, name)
    texts = [text_of(each) for story in stories(file) for each in paragraphs(story.root)]
    authored = sum(
        1 for story in stories(file) for each in story.root.iter() if each.get(w("author"))
    )
    pictures = sum("/media/" in part.lower() for part in file.parts)
    return PastWork(tuple(findings(texts, known, language)), pictures, authored)


def strip(
    content: bytes, name: str, known: Known, language: str, kept: Collection[tuple[str, str]]
) -> bytes:
    """The file with placeholders for what is found, but for what is ``kept`` (by kind and text).

    Authors, dates of comments and the file's properties are always taken out.

    Raises:
        FileRefused: it is no Word file that could be a template.
    """
    file = _open(content, name)
    parts = list(stories(file))
    texts = [text_of(each) for story in parts for each in paragraphs(story.root)]
    chosen = {
        (each.kind, each.text): each.placeholder
        for each in findings(texts, known, language)
        if (each.kind, each.text) not in kept
    }
    for story in parts:
        for paragraph in list(paragraphs(story.root)):
            text = text_of(paragraph)
            changes = replacements(text, known, chosen)
            if has_braces(text):
                # Braces that stood in the report are no placeholders.
                replace_in(paragraph, [*_unbraced(text, changes), *changes])
            elif changes:
                replace_in(paragraph, changes)
        for element in story.root.iter():
            for attribute in _AUTHORED:
                if isinstance(element.tag, str) and attribute in element.attrib:
                    _take_off(element, attribute)
        file.touch(story.part)
    _clear_properties(file)
    return file.bytes()


def _open(content: bytes, name: str) -> OfficeFile:
    file = open_office(content, name)
    if file.format is not Format.DOCX:
        raise UnsupportedFormat(name=name, format="an Excel workbook")
    return file


def _unbraced(text: str, changes: Sequence[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Several braces of the report itself become one."""
    return [
        (match.start(), match.end(), "{" if match[0].startswith("{") else "}")
        for match in _BRACES.finditer(text)
        if all(match.end() <= start or match.start() >= end for start, end, _ in changes)
    ]


def _take_off(element: etree._Element, attribute: str) -> None:
    if attribute == w("date"):
        del element.attrib[attribute]
    else:
        element.set(attribute, _TEMPLATE_AUTHOR)


def _clear_properties(file: OfficeFile) -> None:
    for part in file.parts:
        clear = _CLEARED.get(part.lower())
        if clear:
            clear(file.xml(part))
            file.touch(part)


def _clear_named(root: etree._Element) -> None:
    for element in list(root):
        if isinstance(element.tag, str) and element.tag.rpartition("}")[2] in _PROPERTIES:
            root.remove(element)


def _clear_all(root: etree._Element) -> None:
    for element in list(root):
        root.remove(element)


def _clear_settings(root: etree._Element) -> None:
    """Marks of who edited when, and mail-merge data with names."""
    for name in ("rsids", "mailMerge"):
        for element in root.findall(w(name)):
            root.remove(element)


_CLEARED: Final[dict[str, Callable[[etree._Element], None]]] = {
    "docprops/core.xml": _clear_named,
    "docprops/app.xml": _clear_named,
    "docprops/custom.xml": _clear_all,
    "word/people.xml": _clear_all,
    "word/settings.xml": _clear_settings,
}
