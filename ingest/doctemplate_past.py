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
from ingest.writers.office_files import OfficeFile, detached, open_office
from kb.doctemplate_fields import has_braces
from kb.doctemplate_stripping import Found, Known, findings, replacements, spans
from kb.errors import UnsupportedFormat

# Properties that name people, customers or projects; what else a program writes there stays.
_PROPERTIES: Final = frozenset(
    {
        "creator", "lastModifiedBy", "title", "subject", "keywords", "description", "category",
        "Company", "Manager", "contentStatus", "identifier", "version", "HyperlinkBase",
        "TitlesOfParts", "HeadingPairs",
    }
)  # fmt: skip
_AUTHORED: Final = (w("author"), w("initials"), w("date"))
_TEMPLATE_AUTHOR: Final = "-"
_HIDDEN_TEXTS: Final = frozenset({w("delText"), w("instrText"), w("delInstrText")})
# Of pictures and tables, in whatever namespace their element is.
_DESCRIPTIONS: Final = ("descr", "title", "alt", w("tooltip"))
_EMBEDDED: Final = ("word/embeddings/", "word/charts/chart", "word/diagrams/data")
_CUSTOM_DATA: Final = re.compile(r"customxml/item\d+\.xml")
_BRACES: Final = re.compile(r"\{[{%]+|[}%]+\}")


@dataclass(frozen=True, slots=True)
class PastWork:
    """What a Word file would lose on its way to a template.

    Attributes:
        found: what is found in its texts.
        pictures: how many pictures it has; they stay, and somebody has to look at them.
        comments: how many comments and tracked changes stay, with their authors' names taken off.
        embedded: how many charts, diagrams and files within the file stay as they are.
    """

    found: tuple[Found, ...]
    pictures: int
    comments: int
    embedded: int


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
    embedded = sum(part.lower().startswith(_EMBEDDED) for part in file.parts)
    return PastWork(tuple(findings(texts, known, language)), pictures, authored, embedded)


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
        _strip_hidden(story.root, known, kept)
        file.touch(story.part)
    _clear_properties(file)
    _clear_links(file, known, kept)
    return file.bytes()


def _open(content: bytes, name: str) -> OfficeFile:
    file = open_office(detached(content, name), name)
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


def _strip_hidden(root: etree._Element, known: Known, kept: Collection[tuple[str, str]]) -> None:
    """What no page shows: authors, deleted words, field codes, descriptions of pictures, bindings to properties."""
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        for attribute in _AUTHORED:
            if attribute in element.attrib:
                _take_off(element, attribute)
        if element.tag in _HIDDEN_TEXTS:
            element.text = _without(element.text or "", known, kept)
        for attribute in _DESCRIPTIONS:
            if attribute in element.attrib:
                element.set(attribute, _without(element.get(attribute, ""), known, kept))
    # A control that is bound to a property shows, once opened in Word, what stands there, and not the placeholder.
    for binding in list(root.iter(w("dataBinding"))):
        parent = binding.getparent()
        if parent is not None:
            parent.remove(binding)


def _without(text: str, known: Known, kept: Collection[tuple[str, str]]) -> str:
    """A text that nobody was shown, without anything that could name the project."""
    for start, end, kind in reversed(spans(text, known)):
        if (kind, text[start:end]) not in kept:
            text = text[:start] + text[end:]
    return text


def _clear_links(file: OfficeFile, known: Known, kept: Collection[tuple[str, str]]) -> None:
    """Addresses that links lead to, and data that controls were bound to."""
    for part in file.parts:
        if part.lower().endswith(".rels"):
            for link in file.xml(part):
                if isinstance(link.tag, str) and link.get("TargetMode") == "External":
                    target = link.get("Target", "")
                    mail = target.startswith("mailto:")
                    link.set("Target", "mailto:" if mail else _without(target, known, kept))
                    file.touch(part)
        elif _CUSTOM_DATA.fullmatch(part.lower()):
            for element in file.xml(part).iter():
                if isinstance(element.tag, str) and element.text:
                    element.text = None
                    file.touch(part)


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
