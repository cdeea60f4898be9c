"""Answers to the form of a DocTemplate: checked, prefilled, and written as they stand in the finished file.

Everything here is a pure function. Answers are kept as the texts that people gave, by the names of the fields, so that
a draft survives a new version of its template.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from kb.doctemplate_fields import Field
from kb.errors import N_

MAX_ANSWER_CHARS: Final = 20_000
MAX_ROWS: Final = 500
# All answers of one form together, in characters: a long report; more is a mistake or an attack.
MAX_TOTAL_CHARS: Final = 1_000_000
# What XML 1.0 cannot hold, which includes half surrogates.
_UNHOLDABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_DATE: Final = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_NUMBER: Final = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,9})?")
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

# Where an answer stands: list, row in it, field; list and row are "" and 0 outside of lists.
Place = tuple[str, int, str]


@dataclass(frozen=True, slots=True)
class Answers:
    """What was answered: ``values`` by field, ``rows`` by list, each row by field."""

    values: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, Sequence[Mapping[str, str]]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "values": dict(self.values),
            "rows": {group: [dict(row) for row in rows] for group, rows in self.rows.items()},
        }


@dataclass(frozen=True, slots=True)
class Problem:
    """Why one answer cannot be used: a message template and its data."""

    why: str
    data: Mapping[str, str | int] = field(default_factory=dict)


def answers_from_json(stored: Mapping[str, Any]) -> Answers:
    """The answers that :meth:`Answers.as_json` wrote, or a program sent; what has another shape is left out."""
    values, rows = stored.get("values"), stored.get("rows")
    return Answers(
        _texts(values),
        {
            str(group): [_texts(row) for row in each]
            for group, each in (rows.items() if isinstance(rows, dict) else ())
            if isinstance(each, list)
        },
    )


def checked(fields: Iterable[Field], given: Answers) -> tuple[Answers, dict[Place, Problem]]:
    """The answers in one form of writing (dates as ISO, numbers plain), and what is wrong with which.

    An answer with a problem stays as it was given, so that a form can show it again. Rows without a single answer and
    answers to fields that are not there are left out.
    """
    values: dict[str, str] = {}
    rows: dict[str, list[dict[str, str]]] = {}
    problems: dict[Place, Problem] = {}
    parted: dict[str, list[Field]] = {}
    for each in fields:
        parted.setdefault(each.group, []).append(each)
    for each in parted.pop("", []):
        values[each.name] = _checked(
            each, given.values.get(each.name, ""), ("", 0, each.name), problems
        )
    for group, members in parted.items():
        asked = [each for each in members if each.type != "rownumber"]
        kept = [
            row
            for row in given.rows.get(group, ())
            if any(row.get(e.name, "").strip() for e in asked)
        ]
        if len(kept) > MAX_ROWS:
            problems[group, 0, ""] = Problem(
                N_("there are more than %(most)s rows"), {"most": MAX_ROWS}
            )
        rows[group] = [
            {
                e.name: _checked(e, row.get(e.name, ""), (group, number, e.name), problems)
                for e in asked
            }
            for number, row in enumerate(kept[:MAX_ROWS])
        ]
    size = sum(map(len, values.values()))
    size += sum(len(text) for each in rows.values() for row in each for text in row.values())
    if size > MAX_TOTAL_CHARS:
        problems["", 0, ""] = Problem(
            N_("all answers together are longer than %(most)s characters"),
            {"most": MAX_TOTAL_CHARS},
        )
    return Answers(values, rows), problems


def prefilled(fields: Iterable[Field], given: Answers, known: Mapping[str, str]) -> Answers:
    """The answers with ``known`` values (by source) where a field takes one and nothing was answered yet."""
    values = dict(given.values)
    for each in fields:
        if not each.group and each.source and not values.get(each.name, "").strip():
            values[each.name] = known.get(each.source, "")
    return Answers(values, given.rows)


def written(asked: Field, text: str, language: str) -> str:
    """An answer as it stands in a file in ``zh`` or ``en``: dates in that language's way, all else as given."""
    if asked.type != "date" or not text:
        return text
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def clean(text: str) -> str:
    """A text that XML can hold, with one kind of line break."""
    return _UNHOLDABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def number_of(text: str) -> float | None:
    """The number a text writes, also in full-width digits and with separators; None when it is none."""
    plain = unicodedata.normalize("NFKC", text).replace(",", "").replace(" ", "").replace("_", "")
    if not _NUMBER.fullmatch(plain):
        return None
    number = float(plain)
    return number if math.isfinite(number) else None


def date_of(text: str) -> date | None:
    """The day a text names, as ``2026-03-05``, ``2026/3/5`` or ``2026年3月5日``; None when it is none."""
    found = _DATE.fullmatch(unicodedata.normalize("NFKC", text).strip())
    try:
        return date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None


def _checked(asked: Field, text: str, place: Place, problems: dict[Place, Problem]) -> str:
    text = clean(text).strip()
    if asked.type != "long":
        text = " ".join(text.split("\n")) if asked.type != "text" else text
    if not text:
        if asked.required:
            problems[place] = Problem(N_("an answer is needed"))
        return ""
    if len(text) > MAX_ANSWER_CHARS:
        problems[place] = Problem(N_("longer than %(most)s characters"), {"most": MAX_ANSWER_CHARS})
        return text[:MAX_ANSWER_CHARS]
    plain, why = _plain(asked, text)
    if why:
        problems[place] = Problem(why)
    return plain


def _plain(asked: Field, text: str) -> tuple[str, str]:
    """An answer in the one form of writing, and what is wrong with it or empty."""
    if asked.type == "date":
        day = date_of(text)
        return (day.isoformat(), "") if day else (text, N_("no date; write it as 2026-03-05"))
    if asked.type == "number":
        if number_of(text) is None:
            return text, N_("no number")
        return re.sub(r"[,_ ]", "", unicodedata.normalize("NFKC", text)), ""
    if asked.type == "choice" and text not in asked.choices:
        return text, N_("none of what can be chosen")
    return text, ""


def _texts(row: object) -> dict[str, str]:
    if not isinstance(row, dict):
        return {}
    return {
        str(name): str(value)
        for name, value in row.items()
        if isinstance(value, str | int | float) and not isinstance(value, bool)
    }
