"""Documents on their way out: as a Word file in the house style, as PDF, as Markdown with its pictures.

What is exported is what the caller has read for somebody; nothing is looked up here but the files of those documents.
"""

from __future__ import annotations

import io
import json
import re
import shutil
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Final

from ingest.readers.legacy import convert
from ingest.writers.word import Page, Properties, write_word
from kb.access import Actor
from kb.config import Settings
from kb.errors import NotFound
from kb.knowledge_base import KnowledgeBase

# How long LibreOffice may take for one PDF, in seconds: it starts in two, and a book of a thousand pages takes twenty.
PDF_SECONDS: Final = 90.0
# Names within archives, in characters: what every file system takes, also in Chinese.
_NAME_CHARS: Final = 60
_NOT_IN_NAMES: Final = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|\ud800-\udfff]+")
_LINKED_FILE: Final = re.compile(r"(?<=\]\()files/([\w.-]{1,200})|(?<=src=\")files/([\w.-]{1,200})")


@dataclass(frozen=True, slots=True)
class Exported:
    """One document to export.

    Attributes:
        document: its id, by which its files are found; None for what has none.
        body, html: its text as Markdown, and as pages show it.
        facts: what is told under the title, label and value, in the language of the reader.
        front: what is told at the head of a Markdown file, name and value.
    """

    document: int | None
    title: str
    language: str
    body: str
    html: str
    facts: Sequence[tuple[str, str]] = ()
    front: Sequence[tuple[str, object]] = ()
    authors: Sequence[str] = ()
    tags: Sequence[str] = ()
    updated: datetime | None = None


def can_make_pdf() -> bool:
    """Whether there is a converter to PDF on this machine."""
    return shutil.which("soffice") is not None or shutil.which("libreoffice") is not None


def word_file(
    kb: KnowledgeBase, actor: Actor, title: str, parts: Sequence[Exported], site: str = ""
) -> bytes:
    """One Word file: a document, or several as a book called ``title``; ``site`` is where its links to pages lead.

    Raises:
        InvalidInput: the house style that is set is no Word file.
    """
    pages = [
        Page(
            part.title,
            part.language,
            part.html,
            part.facts,
            partial(_file, kb, actor, part),
            site,
        )
        for part in parts
    ]
    properties = Properties(
        title,
        tuple(dict.fromkeys(author for part in parts for author in part.authors)),
        tuple(dict.fromkeys(tag for part in parts for tag in part.tags)),
        max((part.updated for part in parts if part.updated), default=None),
    )
    return write_word(pages, properties, house_style(kb.settings))


def house_style(settings: Settings) -> Path:
    """The Word file whose styles exports take: the one set, else the bundled one."""
    return settings.house_style or settings.corpus_dir / "house-style.docx"


def pdf_file(word: bytes) -> bytes | None:
    """A Word file as PDF; None where there is no converter, or it does not manage."""
    with tempfile.TemporaryDirectory(prefix="export-", ignore_cleanup_errors=True) as folder:
        source = Path(folder) / "export.docx"
        source.write_bytes(word)
        made = convert(source, "pdf", Path(folder), PDF_SECONDS)
        return made.read_bytes() if made is not None else None


def markdown_archive(kb: KnowledgeBase, actor: Actor, parts: Sequence[Exported]) -> bytes:
    """A zip with a Markdown file for each document and the pictures they show, which imports again as it is."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        taken: set[str] = set()
        for part in parts:
            archive.writestr(_free(file_name(part.title), taken) + ".md", _markdown(part))
        kept: set[str] = set()
        for part in parts:
            for found in _LINKED_FILE.finditer(part.body):
                name = found[1] or found[2]
                content = None if name in kept else _file(kb, actor, part, name)
                if content is not None:
                    kept.add(name)
                    archive.writestr(f"files/{name}", content)
    return made.getvalue()


def file_name(title: str) -> str:
    """A title as the name of a file, without its ending."""
    bare = " ".join(_NOT_IN_NAMES.sub(" ", title).split()).strip(". ")
    return bare[:_NAME_CHARS].rstrip(". ") or "document"


def _markdown(part: Exported) -> str:
    head = [("title", part.title), ("language", part.language), *part.front]
    lines = [f"{name}: {_yaml(value)}" for name, value in head if value]
    return "\n".join(("---", *lines, "---", "", part.body.rstrip(), ""))


def _yaml(value: object) -> str:
    """A value of the head; JSON is YAML, and needs no second library."""
    plain = value.isoformat() if isinstance(value, date) else value
    return json.dumps(plain, ensure_ascii=False)


def _free(name: str, taken: set[str]) -> str:
    free, number = name, 1
    while free.casefold() in taken:
        number += 1
        free = f"{name} {number}"
    taken.add(free.casefold())
    return free


def _file(kb: KnowledgeBase, actor: Actor, part: Exported, name: str) -> bytes | None:
    if part.document is None:
        return None
    try:
        path, _ = kb.documents.file(actor, part.document, name)
        return path.read_bytes()
    except (NotFound, OSError):
        return None  # what is missing is told by its alternative text
