"""Equations as readable text: fractions with a slash, roots and sums with their signs, indices raised and lowered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from lxml import etree

from ingest.readers.docx_model import LOWERED, RAISED, Piece
from ingest.readers.docx_names import M_NS, m, w

_MATH: Final = f"{{{M_NS}}}"
_ROOTS: Final = {"3": "∛", "4": "∜"}


def math_pieces(element: etree._Element) -> list[Piece]:
    """The pieces of an equation (``m:oMath`` or ``m:oMathPara``)."""
    return _inside(element)


def _inside(element: etree._Element | None) -> list[Piece]:
    pieces: list[Piece] = []
    if element is None:
        return pieces
    for child in element:
        tag = child.tag
        if not isinstance(tag, str):
            continue
        if tag in _TEXTS:
            pieces.append(Piece(child.text or ""))
        elif tag in _SKIPPED or tag.endswith("Pr"):
            continue
        else:
            writer = _WRITERS.get(tag)
            pieces += writer(child) if writer else _inside(child)
            if tag == m("oMath") and child.getnext() is not None:
                pieces.append(Piece(" "))
    return pieces


def _part(element: etree._Element, name: str) -> list[Piece]:
    return _inside(element.find(_MATH + name))


def _property(element: etree._Element, name: str, otherwise: str) -> str:
    """The value of a property; present without a value means empty."""
    found = element.find(f"{_MATH}{str(element.tag).rpartition('}')[2]}Pr/{_MATH}{name}")
    return otherwise if found is None else (found.get(m("val")) or "")


def _plain(pieces: list[Piece]) -> str:
    return "".join(piece.text for piece in pieces).strip()


def _grouped(pieces: list[Piece]) -> list[Piece]:
    """Parentheses around what would otherwise be read wrongly."""
    text = _plain(pieces)
    if (
        len(text) <= 1
        or text.isalnum()
        or (text[0] == "(" and text[-1] == ")" and text.count("(") == 1)
    ):
        return pieces
    return [Piece("("), *pieces, Piece(")")]


def _script(pieces: list[Piece], look: int, sign: str) -> list[Piece]:
    """An index; one that has indices itself is written with a sign, since signs cannot be raised twice."""
    if not _plain(pieces):
        return []
    if any(piece.look for piece in pieces):
        return [Piece(sign), *_grouped(pieces)]
    return [Piece(piece.text, look) for piece in pieces]


def _fraction(element: etree._Element) -> list[Piece]:
    above, below = _part(element, "num"), _part(element, "den")
    if _property(element, "type", "bar") == "noBar":
        return [Piece("("), *above, Piece(" "), *below, Piece(")")]
    return [*_grouped(above), Piece("/"), *_grouped(below)]


def _raised(element: etree._Element) -> list[Piece]:
    return _part(element, "e") + _script(_part(element, "sup"), RAISED, "^")


def _lowered(element: etree._Element) -> list[Piece]:
    return _part(element, "e") + _script(_part(element, "sub"), LOWERED, "_")


def _both(element: etree._Element) -> list[Piece]:
    indices = _script(_part(element, "sub"), LOWERED, "_") + _script(
        _part(element, "sup"), RAISED, "^"
    )
    return (
        indices + _part(element, "e") if element.tag == m("sPre") else _part(element, "e") + indices
    )


def _root(element: etree._Element) -> list[Piece]:
    degree = _plain(_part(element, "deg"))
    sign = (
        [Piece(_ROOTS[degree])]
        if degree in _ROOTS
        else [*([Piece(degree, RAISED)] if degree else []), Piece("√")]
    )
    return [*sign, *_grouped(_part(element, "e"))]


def _nary(element: etree._Element) -> list[Piece]:
    sign = _property(element, "chr", "∫") or "∫"
    return [
        Piece(sign),
        *_script(_part(element, "sub"), LOWERED, "_"),
        *_script(_part(element, "sup"), RAISED, "^"),
        Piece(" "),
        *_part(element, "e"),
    ]


def _delimited(element: etree._Element) -> list[Piece]:
    pieces = [Piece(_property(element, "begChr", "("))]
    for at, inner in enumerate(element.iterchildren(m("e"))):
        if at:
            pieces.append(Piece(_property(element, "sepChr", "|") or " "))
        pieces += _inside(inner)
    return [*pieces, Piece(_property(element, "endChr", ")"))]


def _function(element: etree._Element) -> list[Piece]:
    return [*_part(element, "fName"), Piece(" "), *_part(element, "e")]


def _limit(element: etree._Element) -> list[Piece]:
    look = LOWERED if element.tag == m("limLow") else RAISED
    return _part(element, "e") + _script(
        _part(element, "lim"), look, "_" if look == LOWERED else "^"
    )


def _accent(element: etree._Element) -> list[Piece]:
    return [*_part(element, "e"), Piece(_property(element, "chr", "\u0302"))]


def _bar(element: etree._Element) -> list[Piece]:
    return [
        *_part(element, "e"),
        Piece("\u0305" if _property(element, "pos", "bot") == "top" else "\u0332"),
    ]


def _matrix(element: etree._Element) -> list[Piece]:
    pieces: list[Piece] = [Piece("[")]
    for at, row in enumerate(element.iterchildren(m("mr"))):
        pieces += [Piece("; ")] if at else []
        for column, cell in enumerate(row.iterchildren(m("e"))):
            pieces += [Piece(", ")] if column else []
            pieces += _inside(cell)
    return [*pieces, Piece("]")]


def _stacked(element: etree._Element) -> list[Piece]:
    pieces: list[Piece] = []
    for at, row in enumerate(element.iterchildren(m("e"))):
        pieces += [Piece("; ")] if at else []
        pieces += _inside(row)
    return pieces


_TEXTS: Final = frozenset({m("t"), w("t")})
_SKIPPED: Final = frozenset({w("del"), w("moveFrom"), w("rPr"), m("rPr")})
_WRITERS: Final[dict[str, Callable[[etree._Element], list[Piece]]]] = {
    m("f"): _fraction,
    m("sSup"): _raised,
    m("sSub"): _lowered,
    m("sSubSup"): _both,
    m("sPre"): _both,
    m("rad"): _root,
    m("nary"): _nary,
    m("d"): _delimited,
    m("func"): _function,
    m("limLow"): _limit,
    m("limUpp"): _limit,
    m("acc"): _accent,
    m("bar"): _bar,
    m("m"): _matrix,
    m("eqArr"): _stacked,
}
