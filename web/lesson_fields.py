"""The fields of a lesson's form: what was typed becomes a lesson, and a lesson what stands in the form."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from kb.errors import N_
from kb.lesson_rules import TEXT_FIELDS, LessonText, Problem

_DAYS: Final = ("happened_on", "review_on")
_AMOUNTS: Final = ("impact_days", "impact_money")
# In the form an amount is a number and a word beside it: a sign is easily forgotten, or typed and meant otherwise.
LOST, GAINED = "lost", "gained"
NAMES: Final = (
    *TEXT_FIELDS,
    *_DAYS,
    *_AMOUNTS,
    *(f"{name}_sign" for name in _AMOUNTS),
    "impact_quality",
    "on_risk_register",
    "tags",
)
_SEPARATORS: Final = str.maketrans({"；": ";", "，": ";", "、": ";", ",": ";", "\n": ";"})


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed: the lesson as far as it can be read, and what cannot."""

    text: LessonText
    problems: tuple[Problem, ...]


def typed(form: Mapping[str, str]) -> Typed:
    """Read a form; a field that is not sent is empty."""
    values: dict[str, Any] = {name: form.get(name, "") for name in TEXT_FIELDS}
    values["audience"] = values["audience"].strip() or "everyone"
    found: list[Problem] = []
    for name in _AMOUNTS:
        try:
            amount = _amount(form.get(name, ""))
        except ValueError:
            found.append(
                Problem(name, N_("write a number, without a sign, and choose lost or gained"))
            )
            continue
        lost = form.get(f"{name}_sign", LOST) != GAINED
        values[name] = -amount if amount and lost else amount
    for name in _DAYS:
        try:
            values[name] = date.fromisoformat(form.get(name, "").strip() or "0001-01-01")
        except ValueError:
            found.append(Problem(name, N_("write a day as 2026-03-31")))
            continue
        if not form.get(name, "").strip():
            values[name] = None
    quality = form.get("impact_quality", "").strip()
    values["impact_quality"] = _quality(quality)
    values["on_risk_register"] = {"yes": True, "no": False}.get(form.get("on_risk_register", ""))
    values["tags"] = tuple(form.get("tags", "").translate(_SEPARATORS).split(";"))
    return Typed(LessonText(**values), tuple(found))


def filled(text: LessonText) -> dict[str, str]:
    """What stands in the form for a lesson."""
    values = {name: str(getattr(text, name)) for name in TEXT_FIELDS}
    for name in _DAYS:
        day = getattr(text, name)
        values[name] = day.isoformat() if day else ""
    for name in _AMOUNTS:
        amount = getattr(text, name)
        values[name] = "" if amount is None else f"{abs(amount):.10g}"
        values[f"{name}_sign"] = GAINED if amount is not None and amount > 0 else LOST
    values["impact_quality"] = "" if text.impact_quality is None else str(text.impact_quality)
    values["on_risk_register"] = {True: "yes", False: "no", None: ""}[text.on_risk_register]
    values["tags"] = "; ".join(text.tags)
    return values


def number(text: str) -> float | None:
    """A number as people type it, full-width or with separators; None for nothing.

    Raises:
        ValueError: it is none.
    """
    plain = unicodedata.normalize("NFKC", text).strip().replace(",", "")
    return float(plain) if plain else None


def _amount(text: str) -> float | None:
    found = number(text)
    if found is not None and not found >= 0:
        message = "a sign is chosen, not typed"
        raise ValueError(message)
    return found


def _quality(text: str) -> int | None:
    try:
        return int(text) if text else None
    except ValueError:
        return None
