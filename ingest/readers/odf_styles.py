"""What the styles of OpenDocument files say of the text: bold, italic, struck out, hidden, numbered lists."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from lxml import etree

from ingest.readers.elements import attribute, child, children, descendants, number
from ingest.readers.writing import Run

_MAX_PARENTS: Final = 20  # a style may name itself as its parent


@dataclass(frozen=True, slots=True)
class _Style:
    """What a style changes; None leaves it as it is."""

    bold: bool | None
    italic: bool | None
    strike: bool | None
    hidden: bool | None
    parent: str


class Styles:
    """The styles of one file, from any number of parts; later parts win."""

    def __init__(self, *roots: etree._Element) -> None:
        self._styles: dict[str, _Style] = {}
        self._numbered: dict[tuple[str, int], int] = {}
        for root in roots:
            self._learn(root)

    def looks(self, style: str, base: Run) -> Run:
        """Return ``base`` with the looks of a style and of those it comes from."""
        for known in reversed(self._chain(style)):
            base = replace(
                base,
                bold=base.bold if known.bold is None else known.bold,
                italic=base.italic if known.italic is None else known.italic,
                strike=base.strike if known.strike is None else known.strike,
            )
        return base

    def hides(self, style: str) -> bool:
        """True when text of this style is not shown."""
        return any(known.hidden for known in self._chain(style))

    def first_number(self, style: str, level: int) -> int | None:
        """Return where a list of this style counts from at a level; None when it does not count."""
        return self._numbered.get((style, level))

    def _learn(self, root: etree._Element) -> None:
        for style in descendants(root, "style"):
            text = child(style, "text-properties")
            line = attribute(text, "text-line-through-style")
            self._styles[attribute(style, "name")] = _Style(
                bold=_either(attribute(text, "font-weight"), "bold", "normal"),
                italic=_either(attribute(text, "font-style"), "italic", "normal"),
                strike=line != "none" if line else None,
                hidden=_either(attribute(text, "display"), "none", "true"),
                parent=attribute(style, "parent-style-name"),
            )
        for style in descendants(root, "list-style"):
            for level in children(style, "list-level-style-number"):
                if attribute(level, "num-format"):
                    key = (attribute(style, "name"), number(attribute(level, "level"), 1))
                    self._numbered[key] = number(attribute(level, "start-value"), 1)

    def _chain(self, style: str) -> list[_Style]:
        chain: list[_Style] = []
        while style in self._styles and len(chain) < _MAX_PARENTS:
            chain.append(self._styles[style])
            style = chain[-1].parent
        return chain


def _either(value: str, yes: str, no: str) -> bool | None:
    return value == yes if value in {yes, no} else None
