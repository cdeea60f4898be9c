"""The smallest pieces of Markdown: escaping a literal text, and reading one run of text back.

Both halves speak the dialect of Python-Markdown with its tables (a backslash escapes the marks of
:data:`ESCAPABLE`; ``<`` and ``&`` are written as entities), which every other Markdown reader understands too.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection
from typing import Final

ESCAPABLE: Final = "\\`*_{}[]()>#+-.!|"

# HTML tags that are tags here; anything else between angle brackets is text (`<项目名称>`, `List<String>`).
TAGS: Final = frozenset([
    "a", "abbr", "b", "blockquote", "br", "caption", "cite", "code", "col", "colgroup", "dd", "del",
    "details", "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6",
    "hr", "i", "img", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "rp", "rt", "ruby", "s", "samp",
    "small", "span", "strike", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th",
    "thead", "tr", "u", "ul", "var",
])  # fmt: skip
TAG_PATTERN: Final = (
    r"<(/?(?:" + "|".join(sorted(TAGS, key=len, reverse=True)) + r")"
    r"(?=[\s/>])(?:[^<>\"']|\"[^\"<>]{0,4000}\"|'[^'<>]{0,4000}'){0,500})>"
)

NOTE_MARK: Final = re.compile(r"\[\^([^\]\s\[]{1,200})\]")

_CONTROLS: Final = dict.fromkeys((*range(32), 127)) | {
    ord(space): " " for space in "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u2028\u2029"
}
_INLINE: Final = re.compile(r"[\\`*_\[\]|]")
_ENTITY_LIKE: Final = re.compile(r"&(?=#?\w+;)")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
# What would make a line something else than text: heading, list item, quotation, rule, fence.
_LINE_START: Final = re.compile(
    r"(?P<mark>#(?=#{0,5}(?:\s|$))|[-+](?=[\s-]|$)|>)|(?P<number>\d+)(?=[.)](?:\s|$))|(?P<fence>~(?=~~)|=(?==*\s*$))"
)


def escape(text: str) -> str:
    """Write a literal text as Markdown that shows exactly its words, on one line.

    Line breaks and tabs become spaces, other control characters go. The result may stand alone as a paragraph, in a
    list item, in a heading or in a cell of a pipe table.
    """
    return guard_line(escape_inline(text).strip())


def escape_inline(text: str) -> str:
    """Escape a part of a line; :func:`guard_line` must look at the whole line afterwards."""
    text = _SURROGATE.sub("\ufffd", text.translate(_CONTROLS))
    text = _INLINE.sub(r"\\\g<0>", text)
    if text.endswith("#"):  # a heading's closing signs would go
        text = f"{text[:-1]}\\#"
    if "&" in text:
        text = _ENTITY_LIKE.sub("&amp;", text)
    return text.replace("<", "&lt;")


def guard_line(line: str) -> str:
    """Keep a line of finished Markdown from being read as a heading, list item, quotation, rule or fence."""
    found = _LINE_START.match(line)
    if found is None:
        return line
    if found["number"] is not None:
        return f"{found['number']}\\{line[found.end() :]}"
    if found["fence"] is not None:
        return f"&#{ord(line[0])};{line[1:]}"
    return f"\\{line}"


# Without one of these a run of Markdown is its own plain text.
SPECIAL: Final = re.compile(r"[\\`*_\[<&]")
_TOKEN: Final = re.compile(
    r"\\(?P<escaped>[" + re.escape(ESCAPABLE) + r"])"
    r"|(?P<ticks>`+)"
    r"|(?P<note>" + NOTE_MARK.pattern.replace("(", "(?:") + r")"
    r"|(?P<open>!?\[)"
    r"|(?P<close>\])"
    r"|<(?P<link>[A-Za-z][A-Za-z0-9+.-]{0,30}:(?://)?[^<>\s]{1,2000}|[^<>@\s]{1,200}@[^<>@\s]{1,200})>"
    r"|(?P<tag>" + TAG_PATTERN + r")"
    r"|(?P<entity>&(?:\#\d{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)"
    r"|(?P<marks>\*+|_+)",
    re.IGNORECASE,
)
_COMMENT: Final = re.compile(r"<!--.*?-->", re.DOTALL)
_DESTINATION: Final = re.compile(
    r"\(\s{0,9}(?:<[^<>\n]{0,4000}>|[^\s()<]{0,4000}(?:\([^\s()]{0,1000}\)[^\s()]{0,1000}){0,9})"
    r"(?:\s{1,9}(?:\"[^\"]{0,1000}\"|'[^']{0,1000}'))?\s{0,9}\)"
)
_REFERENCE: Final = re.compile(r" ?\[([^\[\]]{0,300})\]")
_ALT: Final = re.compile(r"\balt\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)


def inline_text(
    markdown: str, references: Collection[str] = (), footnotes: Collection[str] = ()
) -> str:
    """Give the words one run of Markdown (a paragraph, a cell, a heading) shows.

    Marks of emphasis, links and code go; the text of links, the alternative text of pictures and everything that only
    looks like a mark stay.

    Args:
        markdown: the run; may hold line breaks.
        references: lower-case labels of the link references the document defines.
        footnotes: labels of the footnotes the document defines; their marks in the text go.
    """
    if not SPECIAL.search(markdown):
        return markdown
    if "<!--" in markdown:
        markdown = _COMMENT.sub("", markdown)
    return _InlineReader(markdown, references, footnotes).text()


class _InlineReader:
    """One pass over one run of Markdown; ``out`` holds the pieces of its plain text."""

    def __init__(
        self, source: str, references: Collection[str], footnotes: Collection[str]
    ) -> None:
        self.source = source
        self.references = references
        self.footnotes = footnotes
        self.out: list[str] = []
        self.brackets: list[int] = []  # places in `out` of opening brackets that still wait
        self.marks: list[
            tuple[int, str, bool, bool]
        ] = []  # place in `out`, run, may open, may close
        self.unclosed_ticks: set[int] = (
            set()
        )  # lengths of backtick runs known to have no partner ahead

    def text(self) -> str:
        source, out, at = self.source, self.out, 0
        while found := _TOKEN.search(source, at):
            out.append(source[at : found.start()])
            at = self._take(found)
        out.append(source[at:])
        self._pair_marks()
        return "".join(out)

    def _take(self, found: re.Match[str]) -> int:
        """Append what one token shows and return where reading goes on."""
        kind, token, end = found.lastgroup, found.group(), found.end()
        if kind == "escaped":
            self.out.append(token[1])
        elif kind == "ticks":
            return self._code(token, end)
        elif kind == "note":
            known = token[2:-1] in self.footnotes
            self.out.append("" if known else token)
        elif kind == "open":
            self.brackets.append(len(self.out))
            self.out.append(token)
        elif kind == "close":
            return self._link(end)
        elif kind == "link":
            self.out.append(token[1:-1])
        elif kind == "entity":
            self.out.append(html.unescape(token))
        elif kind == "marks":
            self._mark(token, found.start(), end)
        else:
            self.out.append(_shown_by_tag(token))
        return end

    def _code(self, ticks: str, end: int) -> int:
        if len(ticks) not in self.unclosed_ticks:
            closing = re.compile(rf"(?<!`){ticks}(?!`)").search(self.source, end)
            if closing:
                self.out.append(self.source[end : closing.start()].strip())
                return closing.end()
            self.unclosed_ticks.add(len(ticks))
        self.out.append(ticks)
        return end

    def _link(self, end: int) -> int:
        if not self.brackets:
            self.out.append("]")
            return end
        opened = self.brackets.pop()
        if destination := _DESTINATION.match(self.source, end):
            if self.out[opened] == "![":  # a picture's description is no part of the word beside it
                self.out.append(" ")
            self.out[opened] = " " if self.out[opened] == "![" else ""
            return destination.end()
        label = "".join(self.out[opened + 1 :]) if self.references else ""
        if self.references and (reference := _REFERENCE.match(self.source, end)):
            if (reference[1] or label).strip().lower() in self.references:
                self.out[opened] = ""
                return reference.end()
        elif label and label.strip().lower() in self.references:
            self.out[opened] = ""
            return end
        self.out.append("]")
        return end

    def _mark(self, run: str, start: int, end: int) -> None:
        before = self.source[start - 1] if start else " "
        after = self.source[end] if end < len(self.source) else " "
        opens, closes = not after.isspace(), not before.isspace()
        if run[0] == "_":  # within a word an underscore is just an underscore
            opens, closes = opens and not _is_word(before), closes and not _is_word(after)
        self.marks.append((len(self.out), run, opens, closes))
        self.out.append(run)

    def _pair_marks(self) -> None:
        """Take away the marks of emphasis that have a partner; what is left over is text."""
        waiting: dict[str, list[list[int]]] = {"*": [], "_": []}
        for place, run, opens, closes in self.marks:
            rest, stack = len(run), waiting[run[0]]
            while closes and rest and stack:
                used = min(2, rest, stack[-1][1])
                rest -= used
                stack[-1][1] -= used
                self.out[stack[-1][0]] = run[0] * stack[-1][1]
                if not stack[-1][1]:
                    stack.pop()
            self.out[place] = run[0] * rest
            if opens and rest:
                stack.append([place, rest])


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _shown_by_tag(tag: str) -> str:
    name = re.match(r"</?\s*(\w+)", tag)
    if name is None:
        return ""
    word = name[1].lower()
    if word == "img":
        alt = _ALT.search(tag)
        return f" {html.unescape(alt[1] or alt[2] or '')} " if alt else ""
    if word in {"td", "th"}:
        return "\t" if tag.startswith("</") else ""
    if word in _BREAKING:
        return "\n"
    return ""


_BREAKING: Final = frozenset([
    "br", "p", "div", "li", "tr", "table", "ul", "ol", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5",
    "h6", "hr", "dt", "dd", "caption", "details", "summary", "figure", "figcaption",
])  # fmt: skip


def html_text(markup: str) -> str:
    """Give the words of a piece of HTML: cells end in a tab, rows and paragraphs in a line break."""
    parts: list[str] = []
    at = 0
    for found in _HTML_TAG.finditer(markup):
        parts.append(markup[at : found.start()])
        parts.append(_shown_by_tag(found.group()) if found.group(1) else "")
        at = found.end()
    parts.append(markup[at:])
    return html.unescape("".join(parts))


_HTML_TAG: Final = re.compile(TAG_PATTERN + r"|<!--.*?-->", re.IGNORECASE | re.DOTALL)
