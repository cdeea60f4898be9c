"""Footnotes, endnotes and comments: which were referred to, in which order, and what they say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from ingest.readers.docx_names import w

QUOTE_CHARS: Final = 60  # of the words a comment is about that are quoted with it
_SEPARATORS: Final = frozenset({"separator", "continuationSeparator", "continuationNotice"})


@dataclass(slots=True)
class Note:
    """A footnote or endnote: the part it stands in, its element, and its label once somebody referred to it."""

    part: str
    element: etree._Element
    label: str = ""


class Notes:
    """The footnotes and endnotes of a file."""

    def __init__(self) -> None:
        self._notes: dict[tuple[str, str], Note] = {}
        self._counts = {"footnote": 0, "endnote": 0}
        self.by_label: dict[str, Note] = {}

    def learn(self, sort: str, part: str, root: etree._Element | None) -> None:
        """Take in ``footnotes.xml`` or ``endnotes.xml``; ``sort`` is ``footnote`` or ``endnote``."""
        if root is None:
            return
        for element in root.iter(w(sort)):
            if element.get(w("type")) not in _SEPARATORS:
                self._notes.setdefault((sort, element.get(w("id")) or ""), Note(part, element))

    def label(self, sort: str, note_id: str) -> str:
        """The label for a mark in the text: ``1``, ``2`` … for footnotes, ``e1`` … for endnotes; empty for no note."""
        note = self._notes.get((sort, note_id))
        if note is None:
            return ""
        if not note.label:
            self._counts[sort] += 1
            note.label = f"{'e' if sort == 'endnote' else ''}{self._counts[sort]}"
            self.by_label[note.label] = note
        return note.label


@dataclass(slots=True)
class Comment:
    """A comment: who wrote it when, what it says, and the beginning of the words it is about."""

    author: str
    day: str
    element: etree._Element
    about: str = ""
    shown: bool = False


@dataclass(slots=True)
class Comments:
    """The comments of a file, and those whose words are being read now."""

    part: str = ""
    known: dict[str, Comment] = field(default_factory=dict)
    _open: set[str] = field(default_factory=set)

    def learn(self, part: str, root: etree._Element | None) -> None:
        """Take in ``comments.xml``."""
        if root is None:
            return
        self.part = part
        for element in root.iter(w("comment")):
            day = (element.get(w("date")) or "").partition("T")[0]
            self.known.setdefault(
                element.get(w("id")) or "",
                Comment((element.get(w("author")) or "").strip(), day, element),
            )

    def mark(self, comment_id: str, *, opens: bool) -> None:
        """The words a comment is about begin or end here."""
        if opens and comment_id in self.known:
            self._open.add(comment_id)
        else:
            self._open.discard(comment_id)

    def refer(self, comment_id: str) -> None:
        """The comment's own mark stands here: it was not deleted."""
        if comment_id in self.known:
            self.known[comment_id].shown = True
        self._open.discard(comment_id)

    def hear(self, text: str) -> None:
        """Words were read that open comments are about."""
        for comment_id in self._open:
            comment = self.known[comment_id]
            if len(comment.about) <= QUOTE_CHARS:
                comment.about += text


def told(comment: Comment, words: str) -> str:
    """A comment as one line: ``李娜 2024-03-01 “延期两周”: 原因是什么？``."""
    about = " ".join(comment.about.split())
    if len(about) > QUOTE_CHARS:
        about = about[:QUOTE_CHARS] + "…"
    head = " ".join(filter(None, (comment.author, comment.day, f"“{about}”" if about else "")))
    return f"{head}: {words}" if head else words
