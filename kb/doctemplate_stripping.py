"""Making a template of past work: finding the names and figures in a text that belong to one project only.

:func:`findings` is a pure function of texts and what the registers know; :mod:`ingest.doctemplate_past` puts the
placeholders in their places.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

# The kinds of findings, in the order of their importance: where two overlap, the earlier one wins.
KINDS: Final = (
    "email",
    "phone",
    "code",
    "project",
    "customer",
    "person",
    "money",
    "date",
    "number",
)
# Kinds that are stripped unless somebody unticks them; figures with units are often part of a rule that stays.
STRIPPED_AT_FIRST: Final = frozenset(KINDS) - {"number"}
MAX_FINDINGS: Final = 250

_LABELS: Final = {
    "email": {"zh": "邮箱", "en": "Mail address"},
    "phone": {"zh": "电话", "en": "Telephone"},
    "code": {"zh": "相关项目编号", "en": "Related project code"},
    "project": {"zh": "相关项目", "en": "Related project"},
    "customer": {"zh": "相关客户", "en": "Related customer"},
    "person": {"zh": "人员", "en": "Person"},
    "money": {"zh": "金额", "en": "Amount"},
    "date": {"zh": "日期", "en": "Date"},
    "number": {"zh": "数值", "en": "Figure"},
}
_TYPES: Final = {"date": "date", "person": "person"}
_MONTHS: Final = (
    "Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|"
    "Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?"
)
_CURRENCY: Final = r"(?:CNY|RMB|EUR|SGD|USD|HKD|GBP|JPY|S\$|[¥￥€$£])"
_AMOUNT: Final = r"\d[\d,]*(?:\.\d+)?"
_PATTERNS: Final[dict[str, re.Pattern[str]]] = {
    "email": re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    "phone": re.compile(
        r"(?<![\d.-])(?:\+\d{1,3}[ -]?\d{1,4}(?:[ -]?\d{2,4}){2,4}"
        r"|1[3-9]\d[ -]?\d{4}[ -]?\d{4}|0\d{2,3}-\d{7,8})(?![\d-])"
    ),
    "code": re.compile(r"(?<![A-Za-z0-9-])[A-Z]{2,6}-\d{4}-\d{2,4}(?![\d-])"),
    "money": re.compile(
        rf"{_CURRENCY}\s?{_AMOUNT}(?:\s?(?:million|billion|thousand|m|bn|k|万元?|亿元?)(?![A-Za-z]))?"
        rf"|{_AMOUNT}\s?(?:[百千]?万|亿)?(?:元|美元|欧元|新元)"
    ),
    "date": re.compile(
        r"\d{4}\s?[年/.-]\s?\d{1,2}\s?[月/.-]\s?\d{1,2}日?(?!\d)|\d{4}年\d{1,2}月|"
        rf"\d{{1,2}} (?:{_MONTHS})\.? \d{{4}}|(?:{_MONTHS})\.? \d{{1,2}}, \d{{4}}|(?:{_MONTHS}) \d{{4}}"
    ),
    "number": re.compile(
        rf"{_AMOUNT}\s?(?:%|个?工作日|天|周|个月|毫米|公里|米|吨|台|套|人天|"
        r"mm|km|°C|working days?|days?|weeks?|months?)(?![A-Za-z])"
    ),
}
# A single Chinese character is never a name, two Latin letters rarely.
_SHORTEST: Final = 2


@dataclass(frozen=True, slots=True)
class Known:
    """What the registers know: the document's own project first, then everything else.

    Attributes:
        own: source (``project.code`` …) and the text the document uses for it.
        names: kind (``project``, ``customer``, ``person``, ``code``) and text.
    """

    own: tuple[tuple[str, str], ...] = ()
    names: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """One text that is found and may be stripped.

    Attributes:
        kind: one of :data:`KINDS`.
        text: as it stands in the document.
        count: how often.
        context: the words around its first place.
        placeholder: what would stand there instead, with its braces.
        label: the name of the field that makes.
    """

    kind: str
    text: str
    count: int
    context: str
    placeholder: str
    label: str


def findings(texts: Sequence[str], known: Known, language: str) -> list[Found]:
    """What could be stripped from the paragraphs of a document, each text once, the kinds in their order."""
    counts: dict[tuple[str, str], int] = {}
    contexts: dict[tuple[str, str], str] = {}
    for text in texts:
        for start, end, kind in spans(text, known):
            key = kind, text[start:end]
            counts[key] = counts.get(key, 0) + 1
            contexts.setdefault(key, _around(text, start, end))
    own = {text: source for source, text in known.own}
    numbers: dict[str, int] = {}
    found: list[Found] = []
    for kind, text in sorted(counts, key=lambda key: KINDS.index(key[0])):
        if text in own:
            placeholder, label = f"{{{{ {own[text]} }}}}", own[text]
        else:
            numbers[kind] = numbers.get(kind, 0) + 1
            label = f"{_LABELS[kind]['zh' if language == 'zh' else 'en']} {numbers[kind]}"
            type_ = _TYPES.get(kind, "text")
            placeholder = f"{{{{ {type_}:{label} }}}}"
        key = kind, text
        found.append(Found(kind, text, counts[key], contexts[key], placeholder, label))
    return found[:MAX_FINDINGS]


def spans(text: str, known: Known) -> list[tuple[int, int, str]]:
    """Where in a text something is found: from, up to, kind; in order, nothing overlapping."""
    candidates = [
        (match.start(), match.end(), kind)
        for kind, pattern in _PATTERNS.items()
        for match in pattern.finditer(text)
    ]
    names = [*((_kind_of(source), name) for source, name in known.own), *known.names]
    for kind, name in names:
        if len(name) >= _SHORTEST:
            candidates += [(*span, kind) for span in _occurrences(text, name)]
    # The longest first: 湖滨区智慧水务平台 before 湖滨; then by importance.
    candidates.sort(key=lambda each: (each[0] - each[1], KINDS.index(each[2]), each[0]))
    taken: list[tuple[int, int, str]] = []
    for start, end, kind in candidates:
        if all(end <= other[0] or start >= other[1] for other in taken):
            taken.append((start, end, kind))
    return sorted(taken)


def replacements(
    text: str, known: Known, chosen: dict[tuple[str, str], str]
) -> list[tuple[int, int, str]]:
    """The stretches of a text that are replaced; ``chosen`` gives the placeholder by kind and text."""
    return [
        (start, end, chosen[kind, text[start:end]])
        for start, end, kind in spans(text, known)
        if (kind, text[start:end]) in chosen
    ]


def _occurrences(text: str, name: str) -> Iterator[tuple[int, int]]:
    """Where a name stands; one in Latin letters only as whole words."""
    latin = name[0].isascii() or name[-1].isascii()
    at = text.find(name)
    while at >= 0:
        end = at + len(name)
        before, after = text[at - 1 : at], text[end : end + 1]
        inside = (before.isascii() and before.isalnum() and name[0].isascii()) or (
            after.isascii() and after.isalnum() and name[-1].isascii()
        )
        if not (latin and inside):
            yield at, end
        at = text.find(name, end)


def _kind_of(source: str) -> str:
    field = source.partition(".")[2]
    return {"code": "code", "customer": "customer", "manager": "person"}.get(field, "project")


def _around(text: str, start: int, end: int) -> str:
    """Up to twenty characters on each side."""
    reach = 20
    before = ("…" if start > reach else "") + text[max(start - reach, 0) : start]
    after = text[end : end + reach] + ("…" if len(text) > end + reach else "")
    return " ".join(f"{before}{text[start:end]}{after}".split())
