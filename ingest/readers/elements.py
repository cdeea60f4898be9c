"""Walking the XML of office files by local names.

Office Open XML comes in two sets of namespaces (transitional and strict) that mean the same,
OpenDocument in two as well. Local names are equal in both and never ambiguous where the readers
look, so namespaces are left aside.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree


def local(element: etree._Element) -> str:
    """Return an element's name without its namespace; empty for what is no element."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def children(element: etree._Element | None, *names: str) -> Iterator[etree._Element]:
    """Yield the child elements with one of these local names, or all when none is given."""
    if element is None:
        return
    for child in element:
        name = local(child)
        if name and (not names or name in names):
            yield child


def child(element: etree._Element | None, *path: str) -> etree._Element | None:
    """Return the first element reached by following local names downwards, or None."""
    for name in path:
        element = next(children(element, name), None)
        if element is None:
            return None
    return element


def descendants(element: etree._Element | None, *names: str) -> Iterator[etree._Element]:
    """Yield the elements below with one of these local names, in document order."""
    if element is not None:
        for inner in element.iterdescendants():
            if local(inner) in names:
                yield inner


def attribute(element: etree._Element | None, name: str, default: str = "") -> str:
    """Return the attribute with this local name, whatever its namespace."""
    if element is None:
        return default
    for key, value in element.attrib.items():
        if str(key).rpartition("}")[2] == name:
            return str(value)
    return default


def qualified(element: etree._Element, name: str) -> str:
    """Return the attribute with this local name that stands in a namespace (``r:id`` beside ``id``)."""
    for key, value in element.attrib.items():
        if str(key).endswith("}" + name):
            return str(value)
    return ""


def number(text: str, default: int = 0) -> int:
    """Return a whole number an attribute holds; ``default`` for anything else or anything absurdly long."""
    digits = text.removeprefix("-").removeprefix("+")
    return int(text) if digits.isdecimal() and len(digits) <= 9 else default  # noqa: PLR2004
