"""The Word reader against mammoth and the usual python-docx loop: words found, and time taken, in one run.

    .venv/bin/python tests/bench/word.py [FOLDER]

Words found: every word that an independent look at the XML sees (body, tables, text boxes once, footnotes and
endnotes; deletions and hidden text left out), counted as often as it stands there, against the words of each reader's
text. A Chinese character counts as a word. Files of fewer than 20 words take part in the time only.
"""

from __future__ import annotations

import html
import importlib
import io
import re
import statistics
import sys
import time
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from lxml import etree

FOLDER: Final = Path(__file__).parents[2] / ".." / "shared" / "data" / "office"
ENDINGS: Final = frozenset({".docx", ".docm", ".dotx", ".dotm"})
FEWEST_WORDS: Final = 20
ROUNDS: Final = 3  # the fastest of them counts
_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_WORD: Final = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+")
_PARTS: Final = re.compile(r"(?:[^/]*/)?(?:document\d*|footnotes|endnotes)\.xml", re.IGNORECASE)


def words(text: str) -> Counter[str]:
    """The words of a text with how often they stand in it."""
    return Counter(_WORD.findall(text))


def look(path: Path) -> Counter[str]:
    """The words an independent look at a file's XML sees; none for a file that cannot be opened."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = [archive.read(name) for name in archive.namelist() if _PARTS.fullmatch(name)]
            hiding = _hiding_styles(archive)
    except (zipfile.BadZipFile, OSError, KeyError, NotImplementedError, ValueError):
        return Counter()
    paragraphs: list[str] = []
    for part in parts:
        try:
            root = etree.fromstring(
                _transitional(part), etree.XMLParser(resolve_entities=False, recover=True)
            )
        except etree.XMLSyntaxError:
            continue
        if root is not None:
            _gather(root, [], paragraphs, hiding)
    return words("\n".join(paragraphs))


def _transitional(part: bytes) -> bytes:
    return part.replace(b"http://purl.oclc.org/ooxml/wordprocessingml/main", _W[1:-1].encode())


def _hiding_styles(archive: zipfile.ZipFile) -> frozenset[str]:
    """Styles that hide by themselves; the default style of a file hides nothing."""
    names = [name for name in archive.namelist() if name.lower().endswith("styles.xml")]
    found = set()
    for name in names:
        root = etree.fromstring(
            archive.read(name), etree.XMLParser(resolve_entities=False, recover=True)
        )
        for style in [] if root is None else root.iter(f"{_W}style"):
            mark = style.find(f"{_W}rPr/{_W}vanish")
            if (
                mark is not None
                and mark.get(f"{_W}val") not in {"0", "false"}
                and style.get(f"{_W}default") != "1"
            ):
                found.add(style.get(f"{_W}styleId") or "")
    return frozenset(found)


def _is_hidden(run: etree._Element, hiding: frozenset[str]) -> bool:
    mark = run.find(f"{_W}rPr/{_W}vanish")
    if mark is not None:
        return mark.get(f"{_W}val") not in {"0", "false"}
    style = run.find(f"{_W}rPr/{_W}rStyle")
    return style is not None and style.get(f"{_W}val") in hiding


def _gather(
    element: etree._Element, line: list[str], paragraphs: list[str], hiding: frozenset[str]
) -> None:
    for child in element:
        tag = child.tag
        if tag in {f"{_W}del", f"{_W}moveFrom", f"{_W}instrText", _FALLBACK}:
            continue
        if tag in {f"{_W}footnote", f"{_W}endnote"} and child.get(f"{_W}type") not in {
            None,
            "normal",
        }:
            continue
        if tag == f"{_W}tr" and child.find(f"{_W}trPr/{_W}del") is not None:
            continue
        if tag == f"{_W}r" and _is_hidden(child, hiding):
            continue
        if tag == f"{_W}p":
            style = child.find(f"{_W}pPr/{_W}pStyle")
            if style is not None and style.get(f"{_W}val") in hiding:
                continue
            own: list[str] = []
            _gather(child, own, paragraphs, hiding)
            paragraphs.append("".join(own))
        elif tag == f"{_W}t":
            line.append(child.text or "")
        elif tag in {f"{_W}tab", f"{_W}br", f"{_W}cr"}:
            line.append(" ")
        elif isinstance(tag, str):
            _gather(child, line, paragraphs, hiding)


def ours(path: Path) -> str:
    """Our reader's text."""
    from ingest.readers.docx import read_docx
    from kb.markdown import plain_text

    return plain_text(read_docx(path, path.name).body)


def by_mammoth(path: Path) -> str:
    """The text of mammoth's HTML."""
    mammoth = importlib.import_module("mammoth")
    with path.open("rb") as stream:
        markup = mammoth.convert_to_html(stream).value
    spaced = re.sub(r"</?(?:p|td|th|tr|li|h\d|br|table|ul|ol)\b[^>]*>", " ", markup)
    return html.unescape(re.sub(r"<[^>]*>", "", spaced))


def by_python_docx(path: Path) -> str:
    """The usual loop over paragraphs and the cells of tables."""
    import docx

    document = docx.Document(io.BytesIO(path.read_bytes()))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in document.paragraphs] + cells)


READERS: Final[dict[str, Callable[[Path], str]]] = {
    "ours": ours,
    "mammoth to HTML": by_mammoth,
    "python-docx loop": by_python_docx,
}


@dataclass
class Result:
    """What one reader did with all files."""

    recalls: dict[Path, float] = field(default_factory=dict)
    milliseconds: dict[Path, float] = field(default_factory=dict)
    refused: dict[Path, str] = field(default_factory=dict)


def files(folder: Path) -> Iterator[Path]:
    """The Word files below a folder."""
    yield from sorted(path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS)


def measure(
    folder: Path, readers: dict[str, Callable[[Path], str]], rounds: int = ROUNDS
) -> dict[str, Result]:
    """Let each reader read each file, one after the other, and compare the words."""
    results = {name: Result() for name in readers}
    for path in files(folder):
        seen = look(path)
        for name, read in readers.items():
            result = results[name]
            try:
                times = []
                for _ in range(rounds):
                    start = time.perf_counter()
                    text = read(path)
                    times.append((time.perf_counter() - start) * 1000)
            except Exception as error:  # noqa: BLE001  other programs raise whatever they meet
                if seen.total() >= FEWEST_WORDS:
                    result.refused[path] = type(error).__name__
                continue
            result.milliseconds[path] = min(times)
            if seen.total() >= FEWEST_WORDS:
                result.recalls[path] = (seen & words(text)).total() / seen.total()
    return results


def main(folder: Path = FOLDER) -> None:
    """Measure and print the table."""
    warnings.simplefilter("ignore")
    results = measure(folder, READERS)
    common = set.intersection(*(set(result.milliseconds) for result in results.values()))
    size = sum(path.stat().st_size for path in common) / 1024 / 1024
    print(f"{len(common)} files all three read, {size:.1f} MiB")
    print(
        "reader | files with words | mean recall | ≥ .999 | < .99 | < .9 | refused"
        " | median ms | mean ms | p95 ms | s/MiB"
    )
    for name, result in results.items():
        recalls = list(result.recalls.values())
        times = sorted(result.milliseconds[path] for path in common)
        print(
            name,
            len(recalls),
            f"{statistics.mean(recalls):.5f}",
            sum(recall >= 0.999 for recall in recalls),
            sum(recall < 0.99 for recall in recalls),
            sum(recall < 0.9 for recall in recalls),
            len(result.refused),
            f"{statistics.median(times):.2f}",
            f"{statistics.mean(times):.2f}",
            f"{times[int(len(times) * 0.95)]:.2f}",
            f"{sum(times) / 1000 / size:.3f}",
            sep=" | ",
        )
    for path, recall in sorted(results["ours"].recalls.items(), key=lambda item: item[1])[:10]:
        print(f"  ours {recall:.4f} {path.parent.name}/{path.name}")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
