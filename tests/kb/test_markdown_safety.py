# ruff: noqa: RUF001  full-width signs are part of what is tested
"""Whatever is written as Markdown, the page it becomes runs nothing, sends nothing and loads nothing from elsewhere."""

from __future__ import annotations

import re
import time
from html.parser import HTMLParser
from typing import Final

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from kb.markdown import render

FILES: Final = "/documents/7/files/"
# What a page of ours may be made of; forms, frames, styles and scripts are not among it.
HARMLESS: Final = frozenset(
    """
    a abbr b blockquote br caption code col colgroup dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i img ins kbd li
    mark ol p pre s section small span strike strong sub summary sup table tbody td tfoot th thead tr u ul
    """.split()  # noqa: SIM905  a list would be a page long
)
ATTRIBUTES: Final = frozenset(
    "align alt class colspan height href id loading rel rowspan src start title type width".split()  # noqa: SIM905
)
WORDS: Final = (
    "风险",
    "Risk",
    "ＡＢＣ",
    "𠮷👍",
    "&lt;",
    "&#106;avascript:",
    "\u202e",
    "\u00ad",
    "\u3000",
)
TAGS: Final = (
    "script", "ScRiPt", "svg", "math", "iframe", "object", "embed", "style", "link", "meta", "base", "form", "input",
    "button", "textarea", "template", "noscript", "xmp", "table", "td", "a", "img", "b", "sup", "u", "br",
)  # fmt: skip
HANDLERS: Final = (
    "onerror=alert(1)", 'onclick="alert(1)"', "onload='x'", "style='background:url(javascript:1)'", "srcdoc=<script>",
    "formaction=javascript:1", "xlink:href=javascript:1", "id=search", "class=evil", "name=x", "rowspan=9",
    "\x0confocus=1",
)  # fmt: skip
ADDRESSES: Final = (
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:1", "&#x6A;avascript:1", "\x01javascript:1",
    "vbscript:1",
    "data:text/html,<script>", "data:image/svg+xml;base64,PHN2Zz4=", "//evil.example/x.png", "https://evil.example/x.png",
    "files/ab.png", "files/../../x", "ｊａｖａｓｃｒｉｐｔ:1", "https://例子.中国/风险", "mailto:a@b.c", "blob:x", "file:///etc/passwd",
)  # fmt: skip
MARKS: Final = (
    "*", "_", "`", "```", "\n", "\n\n", "    ", "> ", "- ", "1. ", "| ", "|---|",
    "#", "\\", "[", "]", "(", ")", "<", ">", '"', "'", "<!--", "-->", "]]>", "<![CDATA[", "</",
)  # fmt: skip


def _fragments() -> st.SearchStrategy[str]:
    opened = st.builds(
        lambda tag, more, end: f"<{tag} {more}{end}",
        st.sampled_from(TAGS),
        st.lists(
            st.one_of(
                st.sampled_from(HANDLERS),
                st.builds(
                    lambda name, quote, to: f"{name}={quote}{to}{quote}",
                    st.sampled_from(("href", "src", "HREF", "action", "data")),
                    st.sampled_from(('"', "'", "")),
                    st.sampled_from(ADDRESSES),
                ),
            ),
            max_size=3,
        ).map(" ".join),
        st.sampled_from((">", "/>", "", ">" * 2, " \n>")),
    )
    return st.one_of(
        opened,
        st.sampled_from(TAGS).map(lambda tag: f"</{tag}>"),
        st.sampled_from(ADDRESSES).map(lambda to: f"[x]({to})"),
        st.sampled_from(ADDRESSES).map(lambda to: f"![图]({to} 'y')"),
        st.sampled_from(ADDRESSES).map(lambda to: f"<{to}>"),
        st.sampled_from(ADDRESSES).map(lambda to: f"[r]\n\n[r]: {to}\n"),
        st.sampled_from(HANDLERS).map(lambda more: f"[^n]\n\n[^n]: <img {more}>\n"),
        st.sampled_from((*WORDS, *MARKS)),
    )


@seed(20261122)
@settings(max_examples=250, deadline=None, database=None)
@given(st.lists(_fragments(), max_size=14).map("".join))
def test_no_markdown_whatever_it_holds_becomes_a_page_that_does_anything(body: str) -> None:
    page = render(body, FILES)
    faults = _faults(page)
    assert faults == [], (body, page)


def test_the_watchman_sees_what_would_do_harm() -> None:
    for harm in (
        "<script>1</script>", '<a href="javascript:1">x</a>', '<a href=" data:x">x</a>', '<b onclick="1">x</b>',
        "<form></form>",
        '<td style="x">', '<img src="https://evil.example/x.png">', "<svg/onload=1>", '<img src="//evil.example/x">',
    ):  # fmt: skip
        assert _faults(harm), harm


@pytest.mark.parametrize(
    "piece",
    ["> ", "- ", "<b>", "<table><tr><td>", "[", "*a ", "![", "((", "`", "<!--", "<a href='"],
)
def test_what_is_nested_without_end_takes_no_time(piece: str) -> None:
    began = time.thread_time()
    page = render(piece * 3_000 + "风险", FILES)
    # On a busy machine, of the processor alone: a hundred times what it takes.
    assert time.thread_time() - began < 10
    assert _faults(page) == []
    # And the next page knows nothing of it.
    assert render("1\\. 甲 *乙*", FILES) == "<p>1. 甲 <em>乙</em></p>\n"


_AROUND: Final = "".join(map(chr, range(33)))


class _Watchman(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in HARMLESS:
            self.faults.append(f"<{tag}>")
        for name, value in attrs:
            # As a browser reads it: without breaks of lines anywhere, and controls and spaces around it.
            to = re.sub(r"[\t\r\n]", "", value or "").strip(_AROUND).lower()
            if name not in ATTRIBUTES:
                self.faults.append(f"{tag} {name}")
            if name == "src" and not to.startswith(FILES) and tag == "img":
                self.faults.append(f"loads {value}")
            scheme = re.match(r"([a-z][a-z0-9+.-]*):", to)
            if name == "href" and scheme and scheme[1] not in {"http", "https", "mailto"}:
                self.faults.append(f"leads to {value}")


def _faults(page: str) -> list[str]:
    watchman = _Watchman()
    watchman.feed(page)
    watchman.close()
    return watchman.faults
