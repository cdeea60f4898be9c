"""The Word reader: a .docx, .docm, .dotx or .dotm file becomes a draft, with everything that Word shows of it.

The XML is walked part by part. Start with :func:`read_docx`; then :mod:`ingest.readers.docx_story` (blocks),
:mod:`ingest.readers.docx_line` (the inside of a paragraph), :mod:`ingest.readers.docx_numbering` (computed numbers),
:mod:`ingest.readers.docx_markdown` (writing) and :mod:`ingest.readers.docx_ledger` (what was lost). Macros are never
looked at.
"""

from __future__ import annotations

import pathlib
from dataclasses import dataclass
from typing import Final

from lxml import etree

from ingest.formats import Format
from ingest.metadata import Described, describe
from ingest.readers.docx_headings import mark_headings
from ingest.readers.docx_ledger import Found, carried_characters, look, missing
from ingest.readers.docx_markdown import Writer
from ingest.readers.docx_model import Block, Paragraph, Table
from ingest.readers.docx_names import r, w
from ingest.readers.docx_notes import Comments, Notes, told
from ingest.readers.docx_numbering import Numbering
from ingest.readers.docx_package import WordPackage
from ingest.readers.docx_story import Context, Story
from ingest.readers.docx_styles import Styles
from ingest.readers.drafting import Findings
from ingest.readers.properties import take_office_open
from kb.drafts import Count, Draft, Ledger
from kb.errors import HostileFile, NoText
from kb.markdown import escape, plain_text

# What the ledger counts, with the words a loss is told in.
_SORTS: Final = (
    ("tables", "tables"),
    ("pictures", "pictures"),
    ("text_boxes", "text boxes"),
    ("footnotes", "footnotes and endnotes"),
    ("comments", "comments"),
    ("insertions", "tracked insertions"),
    ("headers", "page headers and footers"),
    ("charts", "charts"),
    ("diagrams", "diagrams"),
    ("embedded_files", "embedded files"),
    ("equations", "equations"),
)
_NOTE_PARTS: Final = (("footnote", "footnotes"), ("endnote", "endnotes"))


def read_docx(path: pathlib.Path, name: str) -> Draft:
    """Read a Word file.

    Args:
        path: where its bytes are.
        name: how people know it, perhaps with folders; used in errors, and to guess title and kind by.

    Raises:
        EmptyFile: it has no bytes.
        EncryptedFile: it is protected with a password.
        MislabelledFile: it is no Word file of the years since 2007.
        DamagedFile: its archive or its document part cannot be read.
        HostileFile: it is built to exhaust memory, declares XML entities, or nests without reason.
        NoText: there is not a word in it.
    """
    package = WordPackage(path, name)
    try:
        return _Reading(package).draft()
    except RecursionError as error:
        raise HostileFile(name=name, reason="its parts nest too deep") from error


@dataclass(frozen=True, slots=True)
class _Body:
    """The document as Markdown and as plain text, with its comments."""

    markdown: str
    plain: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Headers:
    """Words of page headers and footers."""

    header: str = ""
    footer: str = ""


class _Reading:
    """One file being read."""

    def __init__(self, package: WordPackage) -> None:
        self._package = package
        styles = Styles(self._related_root("styles"))
        self._context = Context(
            package=package,
            styles=styles,
            numbering=Numbering(self._related_root("numbering"), styles),
            notes=Notes(),
            comments=Comments(),
        )
        self._stories: dict[str, Story] = {}
        self._found = Found()
        for sort, relation in _NOTE_PARTS:
            for part in package.related(package.main, relation):
                self._context.notes.learn(sort, part, package.xml(part))
        for part in package.related(package.main, "comments"):
            self._context.comments.learn(part, package.xml(part))

    def draft(self) -> Draft:
        context = self._context
        story = Story(context, self._package.main, self._package.root)
        body = self._package.root.find(w("body"))
        blocks = story.blocks(body) if body is not None else []
        mark_headings(blocks, context.styles.body_size)
        markdown = Writer(self._note_blocks).write(blocks)
        plain = plain_text(markdown)
        notes = self._comments()
        headers = self._headers()
        if not _has_words(plain) and (
            words := "\n\n".join(filter(None, (headers.header, headers.footer, *notes)))
        ):
            # Words stand only in the margins: they are the document then.
            markdown = "\n\n".join(escape(line) for line in words.split("\n\n")) + "\n" + markdown
            plain = plain_text(markdown)
        if not _has_words(plain):
            raise NoText(
                name=self._package.name,
                reason="it holds only pictures" if context.pictures else "its pages are blank",
            )
        findings = Findings()
        take_office_open(self._package.package, findings)
        described = describe(
            body=markdown,
            name=self._package.name,
            properties=findings.properties,
            title=_title(blocks),
        )
        return self._assembled(_Body(markdown, plain, tuple(notes)), headers, findings, described)

    def _assembled(
        self, body: _Body, headers: _Headers, findings: Findings, described: Described
    ) -> Draft:
        metadata = dict(described.metadata)
        for label, words in (("header", headers.header), ("footer", headers.footer)):
            if words:
                metadata.setdefault(label, words)
        for label, value in findings.properties.items():
            metadata.setdefault(label, value)
        return Draft(
            title=described.title,
            body=body.markdown,
            language=described.language,
            kind=described.kind,
            format=Format.DOCX.value,
            metadata=metadata,
            project_code=described.project_code,
            project_name=described.project_name,
            authors=described.authors or findings.authors,
            tags=findings.tags,
            dated=described.dated or findings.dated,
            notes=body.notes,
            pictures=tuple(self._context.pictures.values()),
            ledger=self._ledger(body.plain),
        )

    def _note_blocks(self, label: str) -> list[Block]:
        note = self._context.notes.by_label[label]
        story = self._stories.get(note.part)
        if story is None:
            root = note.element.getroottree().getroot()
            story = self._stories[note.part] = Story(self._context, note.part, root)
        self._context.tally.carry("footnotes")
        return story.apart(note.element)

    def _comments(self) -> list[str]:
        comments = self._context.comments
        notes = []
        for comment in comments.known.values():
            story = Story(self._context, comments.part, comment.element)
            words = _words(story.apart(comment.element))
            if words:
                notes.append(told(comment, words))
                self._context.tally.carry("comments")
                self._found.add("comments")
        return notes

    def _headers(self) -> _Headers:
        """The words of the headers and footers that sections use, each once."""
        said: dict[str, list[str]] = {"header": [], "footer": []}
        seen: set[str] = set()
        relations = self._package.relations(self._package.main)
        for reference in self._package.root.iter(w("headerReference"), w("footerReference")):
            relation = relations.get(reference.get(r("id")) or "")
            if relation is None or relation.external or relation.target in seen:
                continue
            seen.add(relation.target)
            root = self._package.xml(relation.target)
            words = (
                _words(Story(self._apart(), relation.target, root).blocks(root))
                if root is not None
                else ""
            )
            if words:
                self._found.add("headers")
                self._context.tally.carry("headers")
                place = said["header" if reference.tag == w("headerReference") else "footer"]
                if words not in place:
                    place.append(words)
        return _Headers(" · ".join(said["header"]), " · ".join(said["footer"]))

    def _apart(self) -> Context:
        """A context whose counts and pictures are not the document's: a header's logo is no picture of the body."""
        context = self._context
        return Context(
            context.package, context.styles, context.numbering, context.notes, Comments()
        )

    def _ledger(self, plain: str) -> Ledger:
        found, tally = self._found, self._context.tally
        hiding = self._context.styles.hiding()
        look(self._package.root.find(w("body")), found, hiding)
        for note in self._context.notes.by_label.values():
            look(note.element, found, hiding)
        carried = {
            "characters": carried_characters(found, plain),
            **{
                sort: min(number, found.counts.get(sort, 0))
                for sort, number in tally.carried.items()
            },
        }
        counts = {"characters": Count(found.characters, carried["characters"])}
        for sort, _ in _SORTS:
            if found.counts.get(sort):
                counts[sort] = Count(found.counts[sort], carried.get(sort, 0))
        losses = [
            *self._package.losses,
            *tally.losses,
            *missing(_SORTS, found.counts, carried, tally.named),
        ]
        if carried["characters"] < found.characters:
            lost = found.characters - carried["characters"]
            losses.append(f"{lost} of {found.characters} characters did not reach the document.")
        return Ledger(counts=counts, losses=losses)

    def _related_root(self, kind: str) -> etree._Element | None:
        parts = self._package.related(self._package.main, kind)
        usual = f"word/{kind}.xml"
        return self._package.xml(parts[0] if parts else usual)


def _has_words(text: str) -> bool:
    return any(char.isalnum() for char in text)


def _words(blocks: list[Block]) -> str:
    """The words of blocks on one line."""
    words = []
    for block in blocks:
        if isinstance(block, Paragraph):
            words.append((block.label + block.text).strip())
        elif isinstance(block, Table):
            words += [_words(cell.blocks) for row in block.rows for cell in row.cells]
    return " ".join(word for word in words if word)


def _title(blocks: list[Block]) -> str:
    """The text of the first paragraph that has the style of a title."""
    return next(
        (one.text for one in blocks if isinstance(one, Paragraph) and one.title and one.text), ""
    )
