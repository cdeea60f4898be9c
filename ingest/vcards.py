"""vCards (.vcf, versions 2.1, 3.0 and 4.0) read as a table with the headers of the register of people.

A reader of its own: vobject (Apache-2.0, 0.9.9) reads the three versions, but one broken line makes it refuse the whole
file, and it brings pytz, six and python-dateutil along.

Sources: RFC 2426 (3.0), RFC 6350 (4.0), RFC 6715 (interests), the versit specification of 1996 (2.1).
"""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ingest.charset import decode
from kb.errors import N_, DamagedFile
from kb.search.folding import HAN

HEADERS: Final = (
    "name_zh",
    "name_en",
    "aliases",
    "department",
    "title",
    "place",
    "languages",
    "email",
    "phone",
    "chat",
    "interests",
    "topics",
)
# Cards of one file, and lines of one card, that are read; a photo is one line.
MAX_CARDS: Final = 5_000
MAX_LINES: Final = 500
_NO_CARD: Final = N_("there is no card in it")
_TOO_MANY: Final = N_("it has more than 5,000 cards")
_BEGIN: Final = re.compile(r"BEGIN\s*:\s*VCARD\s*", re.IGNORECASE)
_END: Final = re.compile(r"END\s*:\s*VCARD\s*", re.IGNORECASE)
_IS_CARD: Final = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*BEGIN\s*:\s*VCARD\s*$", re.IGNORECASE | re.MULTILINE
)
_PROPERTY: Final = re.compile(r'(?:[\w-]+\.)?([\w-]+)((?:;(?:"[^"]*"|[^":;])*)*):(.*)', re.DOTALL)
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_APART: Final = re.compile(r"(?<!\\);")
_COMMA: Final = re.compile(r"(?<!\\),")
_HAS_HAN: Final = re.compile(f"[{HAN}]")
_CHATS: Final = ("IMPP", "X-WECHAT", "X-QQ", "X-SKYPE", "X-TEAMS", "X-DINGTALK")
_WHOLE: Final = {"TITLE": "title", "ROLE": "title", **dict.fromkeys(_CHATS, "chat")}
_LISTS: Final = {
    "NICKNAME": "aliases",
    "INTEREST": "interests",
    "HOBBY": "interests",
    "CATEGORIES": "interests",
    "EXPERTISE": "topics",
}
# Those of which a card may have several, one preferred: the header, and what stands before the value in version 4.0.
_PREFERRED: Final = {"EMAIL": ("email", "mailto:"), "TEL": ("phone", "tel:")}
_TOWN: Final = 3  # of an address: box, extended address, street, town


@dataclass(frozen=True, slots=True)
class _Property:
    """One line of a card: its name in capitals, its parameters in capitals, its value as it stands."""

    name: str
    parameters: str
    value: str


def is_vcards(head: bytes) -> bool:
    """Whether a file that begins so holds vCards."""
    return bool(_IS_CARD.match(head))


def read_vcards(content: bytes, name: str) -> list[list[str | None]]:
    """The headers, then one row for each card; a card that never ends is read up to the next one.

    Args:
        content: of the file.
        name: how people know it.

    Raises:
        DamagedFile: there is no card in it, or there are too many.
    """
    cards = list(_cards(decode(content).text))
    if not cards:
        raise DamagedFile(name=name, reason=_NO_CARD)
    if len(cards) > MAX_CARDS:
        raise DamagedFile(name=name, reason=_TOO_MANY)
    # A byte that decoding could not keep is in no value with a character set of its own: those are quoted-printable.
    return [list(HEADERS), *(_row(card) for card in cards)]


def _cards(text: str) -> Iterator[list[_Property]]:
    card: list[_Property] | None = None
    for line in _lines(text):
        if _BEGIN.fullmatch(line):
            if card is not None:
                yield card
            card = []
        elif _END.fullmatch(line):
            if card is not None:
                yield card
            card = None
        elif card is not None and len(card) < MAX_LINES and (found := _PROPERTY.fullmatch(line)):
            card.append(_Property(found[1].upper(), found[2].upper(), found[3]))
    if card is not None:
        yield card


def _lines(text: str) -> Iterator[str]:
    """Lines put together again that were folded, by a blank (3.0, 4.0) or by an equals sign (quoted-printable)."""
    whole: list[str] = []
    quoted = False
    for line in text.splitlines():
        if quoted:
            whole.append(line)
        elif line[:1] in {" ", "\t"} and whole:
            whole.append(line[1:])
        else:
            if whole:
                yield "".join(whole)
            whole = [line]
        soft = line.endswith("=") and "QUOTED-PRINTABLE" in whole[0].partition(":")[0].upper()
        quoted = soft
        if soft:
            whole[-1] = whole[-1][:-1]
    if whole:
        yield "".join(whole)


def _row(card: Sequence[_Property]) -> list[str | None]:
    values: dict[str, list[str]] = {header: [] for header in HEADERS}
    for each in card:
        parts = [_plain(part) for part in _APART.split(_decoded(each))]
        whole = "; ".join(filter(None, parts))
        if each.name in _WHOLE:
            values[_WHOLE[each.name]].append(whole)
        elif each.name in _LISTS:
            values[_LISTS[each.name]] += _listed(each)
        elif each.name in _PREFERRED:
            header, scheme = _PREFERRED[each.name]
            _first(values[header], each, whole.removeprefix(scheme))
        else:
            _structured(values, each.name, parts)
    return [_cell(header, values[header]) for header in HEADERS]


def _structured(values: dict[str, list[str]], name: str, parts: Sequence[str]) -> None:
    """What is made of parts, or goes to one header or another."""
    if name == "FN":
        _name(values, " ".join(parts))
    elif name == "N" and any(parts[:2]):
        _name(values, _joined(parts), at_last=True)
    elif name == "ORG":
        values["department"] += [part for part in parts[1:] if part][-1:] or parts[:1]
    elif name == "ADR" and len(parts) > _TOWN:
        values["place"].append(parts[_TOWN])
    elif name == "LANG":
        values["languages"].append(parts[0].split("-")[0])


def _cell(header: str, found: Sequence[str]) -> str | None:
    kept = [each for each in dict.fromkeys(one.strip() for one in found) if each]
    if header in {"aliases", "languages", "interests", "topics"}:
        return "; ".join(kept) or None
    return kept[0] if kept else None


def _name(values: dict[str, list[str]], text: str, *, at_last: bool = False) -> None:
    """A name under the language it is written in; ``at_last``: only where nothing better is known."""
    header = "name_zh" if _HAS_HAN.search(text) else "name_en"
    if header == "name_zh":
        text = "".join(text.split()) if not re.search("[A-Za-z]", text) else text
    if text and not (at_last and values[header]):
        values[header].append(text)


def _joined(parts: Sequence[str]) -> str:
    """Family and given name: 王 and 芳 are 王芳, Wang and Fang are Wang Fang."""
    family, given = (*parts, "", "")[:2]
    return family + given if _HAS_HAN.search(family + given) else f"{given} {family}".strip()


def _first(values: list[str], each: _Property, text: str) -> None:
    """The preferred one first, or a mobile phone."""
    if "PREF" in each.parameters or ("CELL" in each.parameters and values):
        values.insert(0, text)
    else:
        values.append(text)


def _listed(each: _Property) -> list[str]:
    return [_plain(part).strip() for part in _COMMA.split(_decoded(each))]


def _decoded(each: _Property) -> str:
    if "QUOTED-PRINTABLE" not in each.parameters:
        return each.value
    raw = quopri.decodestring(each.value.encode("utf-8", "surrogateescape"))
    declared = re.search(r"CHARSET=\"?([\w-]+)", each.parameters)
    return decode(raw, declared=declared[1] if declared else "").text


def _plain(value: str) -> str:
    return _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], value).strip()
