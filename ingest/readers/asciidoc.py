"""AsciiDoc as Markdown: the marks that project guides use. Whatever else there is stays as it was written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ingest.charset import decode
from ingest.formats import Format
from ingest.metadata_cover import people
from ingest.readers.drafting import Findings, finish
from ingest.readers.writing import Cell, blocks, code_block, listing, quote, table, visible
from kb.drafts import Draft
from kb.markdown import escape_inline, guard_line

_HEADING: Final = re.compile(r"(?P<mark>={1,6}|#{1,6})[ \t]+(?P<text>\S.*?)(?:[ \t]+(?P=mark))?$")
_ATTRIBUTE: Final = re.compile(r":(?P<key>[\w-]+):[ \t]*(?P<value>.*)$")
_DIRECTIVE: Final = re.compile(
    r"(?:ifdef|ifndef|ifeval|endif|include|toc|kroki)::?.*$|\[[^\]]*\]$|'{3,}$|<<<$"
)
_ITEM: Final = re.compile(r"[ \t]*(?P<mark>\*{1,5}|-|\.{1,5}|\d{1,3}\.)[ \t]+(?P<text>\S.*)$")
_TITLE: Final = re.compile(r"\.(?P<text>[^\s.].*)$")
_TERM: Final = re.compile(r"(?P<term>\S.*?):{2,4}(?:[ \t]+(?P<text>.*))?$")
_LITERAL: Final = ("----", "....", "```", "++++")
_QUOTED: Final = ("____", "====", "****", "--")
_COMMENT: Final = "////"
_TABLE: Final = "|==="
_PICTURE: Final = re.compile(r"image::?(?P<target>[^\[\s]+)\[(?P<alt>[^\]]*)\]")
# What is marked within a line. Monospace and links come first, so that nothing inside them is taken for a mark.
_INLINE: Final = re.compile(
    r"`\+?(?P<code>[^`\n]+?)\+?`"
    r"|(?:link:|xref:)?(?P<href>(?:https?|ftp|mailto):[^\s\[\]]+)\[(?P<words>(?:[^\]\\]|\\.)*)\]"
    r"|(?:link|xref):(?P<local>[^\s\[\]]+)\[(?P<local_words>[^\]]*)\]"
    r"|<<(?P<anchor>[^,>]+)(?:,(?P<anchor_words>[^>]+))?>>"
    r"|(?P<bare>https?://[^\s\[\]<>]+)"
    r"|(?<![\w*])\*(?P<bold>\S(?:[^*\n]*\S)?)\*(?![\w*])"
    r"|(?<!\w)_(?P<italic>[^\s_](?:[^_\n]*[^\s_])?)_(?!\w)"
    r"|\*\*(?P<bold2>[^*\n]+)\*\*|__(?P<italic2>[^_\n]+)__"
)
_ESCAPED: Final = re.compile(r"\\(?=[*_`\[<])|pass:\[\]|\[\[[^\]]*\]\]")


def read_asciidoc(path: Path, name: str) -> Draft:
    """Read AsciiDoc: headings, lists, tables, blocks, links; attributes of its head become metadata.

    Raises:
        NoText: there is not a word in it.
    """
    decoded = decode(path.read_bytes())
    found = Findings()
    if decoded.replaced:
        found.lose(f"{decoded.replaced} bytes fit no character set and were replaced.")
    lines = visible(decoded.text.replace("\r\n", "\n").replace("\r", "\n")).split("\n")
    found.body = blocks(_Reader(lines, found).blocks())
    found.authors = people(found.properties.get("author", ""))
    return finish(found, name, Format.ASCIIDOC)


class _Reader:
    """One pass over the lines of a file."""

    def __init__(self, lines: list[str], found: Findings) -> None:
        self._lines = lines
        self._at = 0
        self._found = found

    def blocks(self) -> Iterator[str]:
        while self._at < len(self._lines):
            line = self._lines[self._at].rstrip()
            if not line or (line.startswith("//") and not line.startswith(_COMMENT)):
                self._at += 1
            elif line in (_TABLE, ",===") or line.startswith(_TABLE):
                yield self._table()
            elif (fence := _fence(line)) is not None:
                yield self._fenced(fence)
            else:
                yield self._single(line)

    def _single(self, line: str) -> str:
        """Take one line that stands for itself, or the paragraph or list it starts."""
        if attribute := _ATTRIBUTE.match(line):
            self._at += 1
            self._found.properties[attribute["key"]] = attribute["value"].strip()
            return ""
        if head := _HEADING.match(line):
            self._at += 1
            return f"{'#' * len(head['mark'])} {self._inline(head['text'])}"
        if _ITEM.match(line):
            return self._list()
        if _DIRECTIVE.match(line):
            self._at += 1
            if line.startswith("include"):
                self._found.lose("Parts the file includes from other files did not come along.")
            return ""
        if title := _TITLE.match(line):
            self._at += 1
            return f"**{self._inline(title['text'])}**"
        return self._paragraph()

    def _paragraph(self) -> str:
        lines: list[str] = []
        while self._at < len(self._lines) and (line := self._lines[self._at].rstrip()):
            if lines and (
                _fence(line) is not None
                or _ITEM.match(line)
                or _HEADING.match(line)
                or _DIRECTIVE.match(line)
            ):
                break
            self._at += 1
            broken = line.endswith(" +")
            term = _TERM.match(line) if "::" in line and not _PICTURE.search(line) else None
            text = self._inline(line.removesuffix(" +").strip())
            if term:
                text = (
                    f"**{self._inline(term['term'])}** {self._inline(term['text'] or '')}".rstrip()
                )
            lines.append(text + "  " * broken)
        return guard_line("\n".join(lines))

    def _list(self) -> str:
        """Take a list with the lists inside it; each mark of another sort is one level deeper."""
        marks: list[str] = []
        written: list[str] = []
        while self._at < len(self._lines):
            line = self._lines[self._at].rstrip()
            item = _ITEM.match(line)
            if item:
                mark = re.sub(r"\d+", "1", item["mark"])
                marks = marks[: marks.index(mark)] if mark in marks else marks
                marks.append(mark)
                numbered = 1 if mark[0] in ".1" else None
                written.append(
                    _indented(listing([self._inline(item["text"])], start=numbered), len(marks) - 1)
                )
            elif line == "+" or not line:
                if not line and not self._item_follows():
                    break
            elif (
                _HEADING.match(line)
                or _DIRECTIVE.match(line)
                or _fence(line) is not None
                or line.startswith("|===")
            ):
                break
            else:
                written[-1] += "\n" + _indented("    " + self._inline(line.strip()), len(marks) - 1)
            self._at += 1
        return "\n".join(written)

    def _item_follows(self) -> bool:
        following = next((line for line in self._lines[self._at :] if line.strip()), "")
        return _ITEM.match(following) is not None

    def _fenced(self, fence: str) -> str:
        self._at += 1
        inside = []
        while self._at < len(self._lines) and self._lines[self._at].rstrip() != fence:
            inside.append(self._lines[self._at])
            self._at += 1
        self._at += 1
        if fence.startswith(_COMMENT) or not any(line.strip() for line in inside):
            return ""
        if fence.startswith(_LITERAL):
            return code_block("\n".join(inside))
        return quote(blocks(_Reader(inside, self._found).blocks()).strip("\n"))

    def _table(self) -> str:
        """Take a table; its width is that of the first row that is written on one line."""
        self._at += 1
        cells: list[str] = []
        width = 0
        while self._at < len(self._lines) and not self._lines[self._at].startswith(_TABLE):
            line = self._lines[self._at].strip()
            self._at += 1
            found = re.split(r"(?<!\\)(?:(?<=\s)|^)[\d.+*<^>]*[a-z]?\|", line)
            if len(found) > 1:
                cells += [cell.strip() for cell in found[1:]]
                width = width or len(found) - 1
            elif cells and line:
                cells[-1] += "\n" + line
        self._at += 1
        self._found.count("tables", found=1, carried=1)
        width = width or 1
        rows = [cells[start : start + width] for start in range(0, len(cells), width)]
        return table([[Cell.of(cell) for cell in row] for row in rows])

    def _inline(self, text: str) -> str:
        text = _PICTURE.sub(self._picture, text)
        written, at = [], 0
        for mark in _INLINE.finditer(text):
            written.append(escape_inline(_ESCAPED.sub("", text[at : mark.start()])))
            written.append(self._marked(mark))
            at = mark.end()
        return "".join([*written, escape_inline(_ESCAPED.sub("", text[at:]))])

    def _marked(self, mark: re.Match[str]) -> str:
        groups = {key: value for key, value in mark.groupdict().items() if value is not None}
        if "href" in groups or "bare" in groups:
            return self._link(groups)
        if "code" in groups:
            return f"`{groups['code']}`"
        if "local" in groups:
            return self._inline(groups["local_words"]) or escape_inline(groups["local"])
        if "anchor" in groups:
            return escape_inline(groups.get("anchor_words", groups["anchor"]))
        bold = groups.get("bold") or groups.get("bold2")
        italic = groups.get("italic") or groups.get("italic2") or ""
        return f"**{self._inline(bold)}**" if bold else f"*{self._inline(italic)}*"

    def _link(self, groups: dict[str, str]) -> str:
        if "href" in groups:
            words = re.sub(r",?\s*(?:window|role)=.*$|\^$", "", groups["words"])
            return f"[{self._inline(words) or escape_inline(groups['href'])}]({groups['href']})"
        address = groups["bare"].rstrip(".,;)")
        rest = escape_inline(groups["bare"][len(address) :])
        return f"[{escape_inline(address)}]({address}){rest}"

    def _picture(self, match: re.Match[str]) -> str:
        self._found.count("pictures", found=1)
        self._found.lose("Pictures that did not come with the file are named, not shown.")
        return match["alt"].split(",")[0].strip() or match["target"].rpartition("/")[2]


def _fence(line: str) -> str | None:
    """Return the line when it opens a block that the same line closes."""
    long = line[:4] in (*_LITERAL, *_QUOTED, _COMMENT) and len(set(line)) == 1
    return line if long or line in {"--", "```"} else None


def _indented(text: str, levels: int) -> str:
    return "\n".join("    " * levels + line for line in text.split("\n"))
