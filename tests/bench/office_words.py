"""Independent looks at office files: the words in them, found without our readers.

Office formats are looked at in their XML, web pages and mail with the standard library, PDF with poppler's
``pdftotext`` where it is installed. What nothing here can look at independently gives None.
"""

from __future__ import annotations

import email
import email.policy
import shutil
import subprocess
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

from lxml import etree

from tests.bench import word

_A: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_S: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_TEXT: Final = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_OFFICE: Final = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_FALLBACK: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_STRICT: Final = {
    b"http://purl.oclc.org/ooxml/drawingml/main": _A[1:-1].encode(),
    b"http://purl.oclc.org/ooxml/spreadsheetml/main": _S[1:-1].encode(),
}
_SECONDS: Final = 30
_XML_FAULTS: Final = (zipfile.BadZipFile, OSError, KeyError, NotImplementedError, ValueError)


def look(path: Path) -> Counter[str] | None:
    """The words of a file with how often they stand in it; None when it cannot be looked at independently."""
    found = _LOOKS.get(path.suffix.lower())
    if found is None:
        return None
    try:
        text = found(path)
    except (*_XML_FAULTS, etree.XMLSyntaxError, subprocess.SubprocessError):
        return None
    return text if isinstance(text, Counter) or text is None else word.words(text)


def _parts(path: Path, *folders: str) -> Iterator[etree._Element]:
    """The roots of the XML parts whose path begins with one of ``folders``, in the order of their names."""
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.startswith(folders)]
        for name in sorted(name for name in names if name.endswith(("xml", "html", "htm"))):
            content = archive.read(name)
            for strict, transitional in _STRICT.items():
                content = content.replace(strict, transitional)
            parser = etree.XMLParser(resolve_entities=False, recover=True, no_network=True)
            root = etree.fromstring(content, parser)
            if root is not None:
                yield root


def _slides(path: Path) -> str:
    lines = []
    for root in _parts(path, "ppt/slides/slide", "ppt/notesSlides/notesSlide"):
        for paragraph in root.iter(f"{_A}p"):
            if any(above.tag == _FALLBACK for above in paragraph.iterancestors()):
                continue
            # A field is what the program fills in itself: the number of the slide, today's date.
            pieces = [
                run.text or "" if run.tag == f"{_A}t" else " "
                for run in paragraph.iter(f"{_A}t", f"{_A}br", f"{_A}tab")
                if _tag(run.getparent()) != f"{_A}fld"
            ]
            lines.append("".join(pieces))
    return "\n".join(lines)


def _cells(path: Path) -> str:
    shared = [
        "".join(text.text or "" for text in entry.iter(f"{_S}t") if _tag(text.getparent()) != f"{_S}rPh")
        for root in _parts(path, "xl/sharedStrings")
        for entry in root.iter(f"{_S}si")
    ]  # fmt: skip
    lines = []
    for root in _parts(path, "xl/worksheets/sheet"):
        for cell in root.iter(f"{_S}c"):
            value = cell.find(f"{_S}v")
            if cell.get("t") == "s" and value is not None and value.text:
                lines.append(shared[int(value.text)])
            elif cell.get("t") == "inlineStr":
                lines.append("".join(text.text or "" for text in cell.iter(f"{_S}t")))
    return "\n".join(lines)


def _odf(path: Path) -> str:
    lines: list[str] = []
    for root in _parts(path, "content.xml"):
        for left_out in list(root.iter(f"{_TEXT}tracked-changes", f"{_OFFICE}annotation")):
            for each in list(left_out):
                left_out.remove(each)
        for paragraph in root.iter(f"{_TEXT}p", f"{_TEXT}h"):
            inner = list(paragraph.iterdescendants(f"{_TEXT}p"))
            # A paragraph in a paragraph (a note, a text box) is found by itself.
            lines.append("".join(_own_text(paragraph, set(inner))))
    return "\n".join(lines)


def _own_text(element: etree._Element, apart: set[etree._Element]) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if isinstance(child.tag, str) and child not in apart:
            if child.tag in {f"{_TEXT}s", f"{_TEXT}tab", f"{_TEXT}line-break"}:
                yield " "
            yield from _own_text(child, apart)
        yield child.tail or ""


class _Page(HTMLParser):
    """The words that a browser shows."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in {"script", "style", "title"}
        self.texts.append(" " if tag in {"br", "p", "td", "th", "li", "div", "tr"} else "")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in {"script", "style", "title"} and self._hidden > 0

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.texts.append(data)


def _markup(content: str) -> str:
    page = _Page()
    page.feed(content)
    return "".join(page.texts)


def _epub(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        pages = [name for name in archive.namelist() if name.endswith(("html", "htm"))]
        return "\n".join(
            _markup(archive.read(name).decode("utf-8", "replace"))
            for name in pages
            if not name.endswith(("nav.xhtml", "toc.xhtml"))
        )


def _html(path: Path) -> str | None:
    try:
        return _markup(path.read_bytes().decode("utf-8"))
    except UnicodeDecodeError:
        return None


def _text(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def _mail(path: Path) -> str | None:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    body = message.get_body(("plain",))
    return None if body is None else str(body.get_content())


def _pdf(path: Path) -> str | None:
    program = shutil.which("pdftotext")
    if program is None:
        return None
    done = subprocess.run(
        [program, "-enc", "UTF-8", str(path), "-"],
        capture_output=True,
        check=False,
        timeout=_SECONDS,
    )
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None


def _tag(element: etree._Element | None) -> str:
    return "" if element is None else str(element.tag)


_LOOKS: Final[dict[str, Callable[[Path], Counter[str] | str | None]]] = {
    **dict.fromkeys((".docx", ".docm", ".dotx", ".dotm"), word.look),
    **dict.fromkeys((".pptx", ".pptm", ".ppsx", ".potx"), _slides),
    **dict.fromkeys((".xlsx", ".xlsm", ".xltx"), _cells),
    **dict.fromkeys((".odt", ".ods", ".odp", ".ott"), _odf),
    **dict.fromkeys((".html", ".htm", ".xhtml"), _html),
    **dict.fromkeys((".txt", ".csv", ".tsv"), _text),
    ".epub": _epub,
    ".eml": _mail,
    ".pdf": _pdf,
}
