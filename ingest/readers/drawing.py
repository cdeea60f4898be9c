"""Text of DrawingML, the language of slides, charts and SmartArt: paragraphs, runs, bullets."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from lxml import etree

from ingest.packages import Relationship
from ingest.readers.elements import (
    attribute,
    child,
    children,
    descendants,
    local,
    number,
    qualified,
)
from ingest.readers.writing import Run, inline

_MAX_LEVEL: Final = 8  # of bullets; PowerPoint has nine levels, counted from 0
_TEXT: Final = frozenset({"t", "v"})  # a:t and m:t hold words, c:v the values of charts


def paragraph_runs(paragraph: etree._Element, links: Mapping[str, Relationship]) -> Iterator[Run]:
    """Yield the runs of an ``a:p``; links that lead out of the file keep their address."""
    for element in children(paragraph):
        name = local(element)
        if name in {"r", "fld"}:
            text = "".join(str(inner.text or "") for inner in children(element, "t"))
            yield _run(text.replace("\v", "\n"), child(element, "rPr"), links)
        elif name == "br":
            yield Run("\n")
        elif name in {"AlternateContent", "m", "oMath", "oMathPara"}:
            chosen = child(element, "Choice") if name == "AlternateContent" else element
            yield Run("".join(str(inner.text or "") for inner in descendants(chosen, "t")))


def text_blocks(
    body: etree._Element | None, links: Mapping[str, Relationship], *, bullets: bool
) -> list[str]:
    """Return the paragraphs of a text body as blocks of Markdown.

    Args:
        body: an ``a:txBody`` or ``p:txBody``.
        links: the relationships of its part.
        bullets: True where paragraphs have bullets unless they say otherwise (the placeholders for lists).
    """
    written: list[str] = []
    items: list[str] = []
    counters: dict[int, int] = {}
    paragraphs = list(children(body, "p"))
    several = sum(1 for paragraph in paragraphs if drawing_words(paragraph).strip()) > 1
    for paragraph in paragraphs:
        text = inline(paragraph_runs(paragraph, links))
        if not text:
            continue
        looks = child(paragraph, "pPr")
        level = min(max(number(attribute(looks, "lvl")), 0), _MAX_LEVEL)
        mark = _mark(looks, level, counters, bullets=bullets and several)
        if not mark:
            written += ["\n".join(items), text]
            items = []
            counters.clear()
            continue
        # A level that nothing stands above would be read as code.
        depth = min(level, _depth(items) + 1)
        items.append(" " * 4 * depth + mark + text.replace("\n", "\n" + " " * 4 * (depth + 1)))
    return [block for block in [*written, "\n".join(items)] if block]


def drawing_words(root: etree._Element | None, margins: Collection[str] = ()) -> str:
    """Return every word of the text elements below ``root``, each once.

    Second copies for older programs are left out, and the placeholders named in ``margins``.
    """
    words: list[str] = []
    stack = [root] if root is not None else []
    while stack:
        element = stack.pop()
        name = local(element)
        if name == "Fallback" or (name == "sp" and margins and placeholder(element) in margins):
            continue
        if name in _TEXT and element.text:
            words.append(str(element.text))
        elif name == "p":
            words.append(" ")
        stack.extend(reversed(element))
    return "".join(words)


def placeholder(shape: etree._Element) -> str:
    """Return the type of a shape's placeholder: empty for a plain one, ``none`` for a shape that is none."""
    for element in children(shape):
        if local(element).startswith("nv"):
            found = child(element, "nvPr", "ph")
            if found is not None:
                return attribute(found, "type")
    return "none"


def _run(text: str, looks: etree._Element | None, links: Mapping[str, Relationship]) -> Run:
    click = child(looks, "hlinkClick")
    link = links.get(qualified(click, "id")) if click is not None else None
    return Run(
        text,
        bold=attribute(looks, "b") in {"1", "true"},
        italic=attribute(looks, "i") in {"1", "true"},
        strike=attribute(looks, "strike") in {"sngStrike", "dblStrike"},
        href=link.target if link and link.external else "",
    )


def _mark(
    looks: etree._Element | None, level: int, counters: dict[int, int], *, bullets: bool
) -> str:
    """Return what a paragraph's list item begins with, or an empty string for a plain paragraph."""
    if child(looks, "buNone") is not None:
        return ""
    numbering = child(looks, "buAutoNum")
    if numbering is not None:
        for deeper in [key for key in counters if key > level]:
            del counters[deeper]
        counters[level] = counters.get(level, number(attribute(numbering, "startAt"), 1) - 1) + 1
        return f"{counters[level]}. "
    has_bullet = any(child(looks, name) is not None for name in ("buChar", "buBlip"))
    return "- " if has_bullet or bullets else ""


def _depth(items: list[str]) -> int:
    if not items:
        return -1
    return (len(items[-1]) - len(items[-1].lstrip(" "))) // 4
