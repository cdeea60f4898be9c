"""Documents as Word files: the HTML of a body written with the styles of a house style file.

Start with :func:`write_word`. :mod:`ingest.writers.word_blocks` writes paragraphs, lists and tables,
:mod:`ingest.writers.word_runs` what stands within a paragraph, :mod:`ingest.writers.word_lists` the numbers of lists,
:mod:`ingest.writers.word_notes` footnotes. python-docx opens the house style and packs the result; what it has no words
for (footnotes, bookmarks, merged cells of any shape) is written as XML.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import docx
from docx.document import Document
from docx.opc.exceptions import PackageNotFoundError
from lxml import html as lxml_html

from ingest.writers.word_blocks import Blocks
from ingest.writers.word_lists import Lists
from ingest.writers.word_notes import Notes
from ingest.writers.word_runs import Runs
from ingest.writers.word_styles import Styles
from kb.errors import InvalidInput

# Core properties of Office hold no more, in characters.
_PROPERTY_CHARS: Final = 255


@dataclass(frozen=True, slots=True)
class Page:
    """One document to write.

    Attributes:
        title: becomes the title, or in a book of several a heading of the first level.
        language: BCP 47 tag, for the spelling checker.
        html: the body as :func:`kb.markdown.render` shows it, pictures under ``files/``.
        facts: lines under the title: label and value.
        picture: gives the bytes of a picture by its name, None where it cannot be had.
        site: address that links to other pages of ours are put behind (``http://host:8000``); empty leaves their words.
    """

    title: str
    language: str
    html: str
    facts: Sequence[tuple[str, str]] = ()
    picture: Callable[[str], bytes | None] = lambda _name: None
    site: str = ""


@dataclass(frozen=True, slots=True)
class Properties:
    """What the file says of itself."""

    title: str
    authors: Sequence[str] = ()
    keywords: Sequence[str] = ()
    modified: datetime | None = None


def write_word(pages: Sequence[Page], properties: Properties, style: Path) -> bytes:
    """Write documents into one Word file.

    Args:
        pages: one document, or several as a book: each begins on a page of its own, its headings one level lower.
        properties: what the file says of itself.
        style: the house style: a .docx whose styles, page and headers are taken; its text is left out.

    Raises:
        InvalidInput: the house style is no Word file.
    """
    document = _opened(style)
    _say(document, properties)
    styles = Styles(document)
    book = len(pages) > 1
    if book:
        styles.paragraph(document, "Title").add_run(properties.title)
    lists, notes = Lists(document), Notes(document)
    for number, page in enumerate(pages):
        title = styles.paragraph(document, "Heading 1" if book else "Title")
        title.paragraph_format.page_break_before = bool(number) or book
        title.add_run(page.title)
        for label, value in page.facts:
            fact = styles.paragraph(document, "Subtitle")
            fact.add_run(f"{label}: {value}" if label else value)
        root = lxml_html.fragment_fromstring(
            page.html or "<p></p>",
            create_parent="div",
            # The usual parser leaves out, without a word, what stands in more than 256 elements.
            parser=lxml_html.HTMLParser(huge_tree=True),
        )
        _drop_title(root, page.title)
        runs = Runs(document, styles, notes, page, f"p{number}-")
        notes.begin(root, runs)
        Blocks(document, styles, lists, runs, deeper=1 if book else 0).write(root, document)
    notes.finish()
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def _opened(style: Path) -> Document:
    try:
        document = docx.Document(str(style))
    except (PackageNotFoundError, KeyError, ValueError) as error:
        raise InvalidInput(field="house style", reason=f"{style.name} is no Word file") from error
    body = document.element.body
    for element in list(body):
        # The last one holds the page set-up, with the headers and footers.
        if not element.tag.endswith("}sectPr"):
            body.remove(element)
    return document


def _drop_title(root: lxml_html.HtmlElement, title: str) -> None:
    """Take a first heading away that only says the title again."""
    first = next(iter(root), None)
    heading = first is not None and re.fullmatch(r"h[1-6]", str(first.tag)) is not None
    if first is not None and heading and " ".join(first.text_content().split()) == title.strip():
        first.drop_tree()


def _say(document: Document, properties: Properties) -> None:
    core = document.core_properties
    core.title = properties.title[:_PROPERTY_CHARS]
    core.author = ", ".join(properties.authors)[:_PROPERTY_CHARS]
    core.keywords = ", ".join(properties.keywords)[:_PROPERTY_CHARS]
    core.comments = ""
    core.last_modified_by = ""
    if properties.modified is not None:
        core.created = core.modified = properties.modified.replace(tzinfo=None)
