"""Numbers and amounts as people type them into spreadsheets, in Chinese and in English.

``1,200`` · ``1.2万`` · ``9.6 m`` · ``(350)`` · ``¥1 200.50`` · ``SGD 14.2 million`` · ``12%`` · ``46个工作日``
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

# Larger than any budget; what is beyond is a slip of the keyboard. Fits the Numeric(18, 2) of the tables.
MOST: Final = Decimal(10) ** 15

_TIMES: Final[dict[str, int]] = {
    "千": 10**3,
    "万": 10**4,
    "萬": 10**4,
    "十万": 10**5,
    "百万": 10**6,
    "百萬": 10**6,
    "千万": 10**7,
    "千萬": 10**7,
    "亿": 10**8,
    "億": 10**8,
    "k": 10**3,
    "thousand": 10**3,
    "thousands": 10**3,
    "'000": 10**3,
    "m": 10**6,
    "mn": 10**6,
    "mio": 10**6,
    "million": 10**6,
    "millions": 10**6,
    "bn": 10**9,
    "billion": 10**9,
}
_CODES: Final = ("CNY", "EUR", "USD", "SGD", "HKD", "GBP", "JPY", "TWD", "AUD", "CAD", "CHF", "KRW")
_CURRENCIES: Final[dict[str, str]] = {
    "人民币": "CNY",
    "人民幣": "CNY",
    "元人民币": "CNY",
    "元": "CNY",
    "rmb": "CNY",
    "¥": "CNY",
    "￥": "CNY",
    "欧元": "EUR",
    "歐元": "EUR",
    "€": "EUR",
    "美元": "USD",
    "美金": "USD",
    "us$": "USD",
    "$": "USD",
    "新加坡元": "SGD",
    "新元": "SGD",
    "坡币": "SGD",
    "s$": "SGD",
    "港元": "HKD",
    "港币": "HKD",
    "hk$": "HKD",
    "英镑": "GBP",
    "£": "GBP",
    "日元": "JPY",
    **{code.lower(): code for code in _CODES},
}
_UNITS: Final = (
    "个工作日|个人天|人天|人日|工作日|个月|人|名|天|日|个|"
    "working days?|person-days?|man-days?|days?|persons?|people|pd"
)


def _longest_first(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_NUMBER: Final = re.compile(
    rf"(?P<before>{_longest_first(_CURRENCIES)})?\s*"
    r"(?P<figure>[-+]?\d[\d,' ]*(?:\.\d+)?)\s*"
    rf"(?P<times>{_longest_first(_TIMES)})?\s*"
    rf"(?P<after>{_longest_first(_CURRENCIES)})?\s*"
    rf"(?P<unit>%|{_UNITS})?"
)
_DECIMAL_COMMA: Final = re.compile(r"[-+]?\d+,\d{1,2}")
_THOUSANDS: Final = re.compile(r"[-+]?\d{1,3}(?:[,' ]\d{3})*(?:\.\d+)?|[-+]?\d+(?:\.\d+)?")
_HEADER_UNIT: Final = re.compile(r"[(\[]\s*([^()\[\]]{1,20}?)\s*[)\]]")


@dataclass(frozen=True, slots=True)
class Amount:
    """A number and the currency beside it; empty where there is none. ``scaled`` when 万, m or the like was said."""

    number: Decimal
    currency: str = ""
    scaled: bool = False


@dataclass(frozen=True, slots=True)
class HeaderUnit:
    """What a header says of its numbers: 预算（万元） is 10,000 and CNY."""

    times: int = 1
    currency: str = ""


def read_amount(text: str) -> Amount | None:
    """The amount that a text is; None when it is anything else, or larger than :data:`MOST`."""
    plain = unicodedata.normalize("NFKC", text).replace("\u2212", "-").strip().lower()
    negative = plain.startswith("(") and plain.endswith(")")
    found = _NUMBER.fullmatch(plain[1:-1].strip() if negative else plain)
    if found is None:
        return None
    figure = found["figure"].strip()
    if _DECIMAL_COMMA.fullmatch(figure):
        figure = figure.replace(",", ".")
    elif not _THOUSANDS.fullmatch(figure):
        return None
    try:
        number = Decimal(re.sub(r"[,' ]", "", figure))
    except InvalidOperation:
        return None
    number *= _TIMES.get(found["times"] or "", 1)
    if found["unit"] == "%":
        number /= 100
    if abs(number) > MOST:
        return None
    currency = _CURRENCIES.get(found["before"] or found["after"] or "", "")
    return Amount(-number if negative else number, currency, bool(found["times"]))


def read_currency(text: str) -> str:
    """The code of a currency by its code, sign or name; empty where it is none known here."""
    return _CURRENCIES.get(unicodedata.normalize("NFKC", text).strip().lower(), "")


def header_unit(header: str) -> HeaderUnit:
    """The unit that a header gives in brackets."""
    for inner in _HEADER_UNIT.findall(unicodedata.normalize("NFKC", header).lower()):
        unit = inner.removeprefix("单位").removeprefix("unit").removeprefix("in ").strip(" :")
        amount = (
            read_amount(unit)
            or read_amount(f"1{unit}")
            or read_amount(f"{unit} 1")
            or _worded(unit)
        )
        if amount is not None:
            return HeaderUnit(int(amount.number) or 1, amount.currency)
    return HeaderUnit()


def _worded(unit: str) -> Amount | None:
    """``EUR million``, ``k EUR``: the currency and the times in either order."""
    words = unit.split()
    if len(words) != 2:  # noqa: PLR2004  the two of them
        return None
    return read_amount(f"1 {words[0]} {words[1]}") or read_amount(f"1 {words[1]} {words[0]}")
