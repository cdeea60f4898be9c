"""DocTemplates as files: looked into when they are handed in, filled in when they are used.

:func:`inspect` is the gate: what it lets through, :func:`fill` can always fill. Placeholders are told in
:mod:`kb.doctemplate_fields`; the formats are handled in :mod:`ingest.writers`.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from ingest.formats import Format
from ingest.readers import read
from ingest.writers.docx_filling import docx_fields, fill_docx
from ingest.writers.filling import Filling
from ingest.writers.office_files import MEDIA_TYPES, TEMPLATE_LIMITS, detached, open_office
from ingest.writers.xlsx_filling import fill_xlsx, xlsx_fields
from kb.doctemplate_answers import Answers
from kb.doctemplate_fields import BadPlaceholders, Field
from kb.errors import NoText

# Pictures of a template are in its file; the text shown of it goes without.
_PICTURE: Final = re.compile(r"!\[[^\]]*\]\(files/[^)]*\)")

__all__ = ["Inspected", "detached", "fill", "inspect", "media_type", "text_of"]


@dataclass(frozen=True, slots=True)
class Inspected:
    """A file that can be a template.

    Attributes:
        format: ``docx`` or ``xlsx``.
        title: what it calls itself.
        language: ``zh`` or ``en``.
        fields: of its form.
        body: its text as Markdown, with the labels of the fields where the placeholders stand.
    """

    format: str
    title: str
    language: str
    fields: tuple[Field, ...]
    body: str


def inspect(content: bytes, name: str, language: str = "") -> Inspected:
    """Look into a file that is to become a template.

    Args:
        content: its bytes.
        name: how people know it.
        language: of the template, where somebody said so.

    Raises:
        FileRefused: it is no .docx or .xlsx, carries macros, is encrypted, damaged, too large or hostile.
        BadPlaceholders: its placeholders cannot be filled; the error holds every place.
    """
    file = open_office(content, name)
    fields, faults = docx_fields(file) if file.format is Format.DOCX else xlsx_fields(file)
    if faults:
        raise BadPlaceholders(name=name, faults=faults)
    draft_language = language or _language(content, name, fields)
    blank = fill(content, name, fields, Answers(), draft_language, mark_open=True)
    title, body, _ = text_of(blank, name)
    return Inspected(file.format.value, title, draft_language, fields, body)


def fill(
    content: bytes,
    name: str,
    fields: tuple[Field, ...],
    answers: Answers,
    language: str,
    *,
    mark_open: bool = True,
    guidance: bool = True,
) -> bytes:
    """A template with its answers in place.

    Args:
        content: a file that :func:`inspect` let through.
        name: how people know it.
        fields: as inspected.
        answers: checked ones; see :func:`kb.doctemplate_answers.checked`.
        language: of the template: how dates are written.
        mark_open: whether a field without an answer shows its label in brackets, or nothing.
        guidance: whether the paragraphs that say how to fill in stay.

    Raises:
        FileRefused: the file is none that was let through.
    """
    file = open_office(content, name)
    filling = Filling.of(fields, answers, language, mark_open=mark_open, guidance=guidance)
    if file.format is Format.DOCX:
        fill_docx(file, filling)
    else:
        fill_xlsx(file, filling)
    return file.bytes()


def text_of(content: bytes, name: str) -> tuple[str, str, str]:
    """Title, Markdown and language of a file, as the readers see it.

    Raises:
        FileRefused: it cannot be read, or there is not a word in it.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder) / ("file" + Path(name).suffix[:10])
        path.write_bytes(content)
        draft = read(path, name, TEMPLATE_LIMITS)
    return draft.title, _PICTURE.sub("", draft.body), draft.language


def _language(content: bytes, name: str, fields: tuple[Field, ...]) -> str:
    """The language of what stands beside the placeholders; of their names where nothing does."""
    for mark_open in (False, True):
        with suppress(NoText):
            return text_of(fill(content, name, fields, Answers(), "en", mark_open=mark_open), name)[
                2
            ]
    raise NoText(name=name, reason="it is blank")


def media_type(format_: str) -> str:
    """The media type of ``docx`` or ``xlsx``."""
    return MEDIA_TYPES[Format(format_)]
