"""The readers: each makes a :class:`kb.drafts.Draft` of a file of its format.

:func:`read` is the door: it checks the size, lets :mod:`ingest.formats` tell what the bytes are, and calls the reader.
:data:`READERS` is the table of formats; a reader's module is imported when its first file comes. Shared by
them: :mod:`ingest.readers.writing` (Markdown), :mod:`ingest.readers.drafting` (title, language, ledger),
:mod:`ingest.packages` (zip and XML, safely).

Whatever is wrong with a file is told with an error of :class:`kb.errors.FileRefused`; any other
exception is a bug of ours.
"""

from __future__ import annotations

import importlib
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Final, cast

from ingest.formats import DESCRIPTIONS, Format, promised, sniff
from ingest.harvest import harvest
from ingest.limits import DEFAULT_LIMITS, MIB, Limits
from kb.drafts import Draft
from kb.errors import (
    DamagedFile,
    EmptyFile,
    EncryptedFile,
    FileTooLarge,
    MislabelledFile,
    NoText,
    UnsupportedFormat,
)

# For each format that is read, where its reader is: module and function. Those of the second table need limits too.
READERS: Final[dict[Format, tuple[str, str]]] = {
    Format.DOCX: ("docx", "read_docx"),
    Format.HTML: ("html", "read_html"),
    Format.MARKDOWN: ("markdown", "read_markdown"),
    Format.ASCIIDOC: ("asciidoc", "read_asciidoc"),
    Format.TEXT: ("text", "read_text"),
    Format.CSV: ("text", "read_csv"),
    Format.XLS: ("sheets", "read_xls"),
    Format.PDF: ("pdf", "read_pdf"),
    Format.RTF: ("rtf", "read_rtf"),
    Format.EML: ("mail", "read_eml"),
    Format.MHTML: ("mail", "read_mhtml"),
    Format.MSG: ("msg", "read_msg"),
}
LIMITED_READERS: Final[dict[Format, tuple[str, str]]] = {
    Format.PPTX: ("pptx", "read_pptx"),
    Format.XLSX: ("sheets", "read_xlsx"),
    Format.XLSB: ("sheets", "read_xlsb"),
    Format.ODT: ("odf", "read_odt"),
    Format.ODS: ("odf", "read_ods"),
    Format.ODP: ("odf", "read_odp"),
    Format.EPUB: ("epub", "read_epub"),
    Format.DOC: ("legacy", "read_doc"),
    Format.PPT: ("legacy", "read_ppt"),
    Format.WORKS: ("legacy", "read_works"),
}

# Formats that come in an OLE2 container.
_OLE2: Final = frozenset({Format.DOC, Format.XLS, Format.PPT, Format.MSG, Format.WORKS})


def read(path: Path | str, name: str, limits: Limits = DEFAULT_LIMITS) -> Draft:
    """Read a file of any format that is read here.

    Args:
        path: where its bytes are.
        name: how people know it; the last resort for the title, and used in every error.
        limits: how large it may be, and what may come out of it.

    Raises:
        FileRefused: of the kind that says why; see :mod:`kb.errors`.
        OSError: the bytes cannot be got at.
    """
    path = Path(path)
    size = path.stat().st_size
    if not size:
        raise EmptyFile(name=name)
    if size > limits.file_mib * MIB:
        raise FileTooLarge(name=name, size_mib=round(size / MIB), limit_mib=limits.file_mib)
    format_ = sniff(path, name)
    if format_ in READERS:
        draft = _reader(*READERS[format_])(path, name)
    elif format_ in LIMITED_READERS:
        draft = _reader(*LIMITED_READERS[format_])(path, name, limits)
    else:
        raise _refusal(format_, name, path)
    draft.lessons = tuple(harvest(draft.body, title=draft.title, kind=draft.kind.value))
    return draft


def _reader(module: str, function: str) -> Callable[..., Draft]:
    found = getattr(importlib.import_module(f"ingest.readers.{module}"), function)
    return cast("Callable[..., Draft]", found)


def _refusal(
    format_: Format, name: str, path: Path
) -> EncryptedFile | NoText | DamagedFile | MislabelledFile | UnsupportedFormat:
    """Why a file of a format nobody reads is refused, given what its name promised."""
    wanted = promised(name)
    if format_ is Format.ENCRYPTED_OFFICE:
        return EncryptedFile(name=name)
    if format_ is Format.ZIP and not zipfile.is_zipfile(path):
        return DamagedFile(name=name, reason="it is cut off or its directory of parts is broken")
    if format_ is Format.OTHER_OFFICE and wanted & _OLE2:
        return DamagedFile(
            name=name, reason="its directory of streams is broken, or holds no document"
        )
    if format_ is Format.IMAGE and format_ in wanted:
        return NoText(name=name, reason="it is a picture")
    if not wanted or format_ in wanted:
        return UnsupportedFormat(name=name, format=DESCRIPTIONS[format_])
    return MislabelledFile(name=name, format=DESCRIPTIONS[format_])
