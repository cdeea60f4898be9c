"""What the sheets of a workbook hold beside their cells, written as Markdown: text boxes, charts, comments."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from ingest.packages import Package
from ingest.readers.charts import chart_blocks, chart_words
from ingest.readers.drafting import Findings
from ingest.readers.drawing import drawing_words, text_blocks
from ingest.readers.elements import attribute, descendants, local
from ingest.readers.writing import Run, inline, one_line, visible
from ingest.readers.xls_records import Beside


class Extras:
    """What an .xlsx sheet holds beside its cells: text boxes, charts and comments."""

    def __init__(self, package: Package, part: str, found: Findings) -> None:
        self._package = package
        self._found = found
        self._roots = [package.xml(drawing) for drawing in package.related(part, "drawing")]
        self._charts = [
            package.xml(chart)
            for drawing in package.related(part, "drawing")
            for chart in package.related(drawing, "chart")
        ]
        for listing in (
            *package.related(part, "comments"),
            *package.related(part, "threadedComment"),
        ):
            self._comments(package.xml(listing))

    @property
    def words(self) -> str:
        """Every word of the text boxes and charts."""
        boxes = [drawing_words(body) for root in self._roots for body in _text_bodies(root)]
        return " ".join([*boxes, *map(chart_words, self._charts)])

    def blocks(self) -> list[str]:
        """Return text boxes and charts as blocks of Markdown."""
        written: list[str] = []
        for root in self._roots:
            for body in _text_bodies(root):
                written += text_blocks(body, {}, bullets=False)
                self._found.count("text boxes", found=1, carried=1)
            pictures = sum(1 for _ in descendants(root, "pic"))
            if pictures:
                self._found.count("pictures", found=pictures)
                self._found.lose("Pictures on sheets are not shown.")
        for chart in self._charts:
            written += chart_blocks(chart)
            self._found.count("charts", found=1, carried=1)
        return written

    def _comments(self, root: etree._Element) -> None:
        for comment in descendants(root, "comment", "threadedComment"):
            text = one_line(
                "".join(str(inner.text or "") for inner in descendants(comment, "t", "text"))
            )
            if text:
                self._found.count("comments", found=1, carried=1)
                self._found.notes.append(f"{attribute(comment, 'ref')}: {text}")


class OldExtras:
    """The same of an .xls sheet."""

    def __init__(self, beside: Beside, found: Findings) -> None:
        self._beside = beside
        self._found = found
        for comment in beside.comments:
            found.count("comments", found=1, carried=1)
            found.notes.append(f"{comment.cell}: {one_line(comment.text)}")
        if beside.header:
            found.properties.setdefault("page header or footer", beside.header)

    @property
    def words(self) -> str:
        """Every word of the text boxes and charts."""
        charts = [word for words in self._beside.charts for word in words]
        return " ".join([*self._beside.boxes, *charts])

    def blocks(self) -> list[str]:
        """Return text boxes and the words of charts as blocks of Markdown."""
        boxes = [visible(text) for text in self._beside.boxes]
        charts = [" · ".join(visible(word) for word in words) for words in self._beside.charts]
        for sort, texts in (("text boxes", boxes), ("charts", charts)):
            if texts:
                self._found.count(sort, found=len(texts), carried=len(texts))
        return [inline([Run(text)]) for text in (*boxes, *charts)]


def _text_bodies(root: etree._Element) -> Iterator[etree._Element]:
    for body in descendants(root, "txBody"):
        if (
            not any(local(above) == "Fallback" for above in body.iterancestors())
            and drawing_words(body).strip()
        ):
            yield body
