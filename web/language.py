"""The language of the interface: which one a visitor gets, and everything that is written differently in each.

The sentences in the source are English; ``web/locales/<language>/LC_MESSAGES/messages.po`` holds the others. They are
compiled in memory at start, so there is no second file that could be out of date.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from io import BytesIO
from math import floor
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import (
    format_date,
    format_datetime,
    format_skeleton,
    format_time,
    format_timedelta,
)
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from babel.support import NullTranslations, Translations
from starlette.requests import Request

from kb.errors import KnowledgeBaseError
from kb.importing_rules import SKIP_REASONS
from kb.imports import Item
from web.reasons import retold

LOCALES_DIR: Final = Path(__file__).parent / "locales"
DEFAULT: Final = "en"
COOKIE: Final = "language"
# From this many bytes on the next larger unit is used.
_BYTES_PER_UNIT: Final = 1024


@dataclass(frozen=True)
class Language:
    """One language of the interface.

    Attributes:
        code: ``en`` or ``zh``; what the cookie and ``?lang=`` hold.
        tag: the BCP 47 tag for the page's ``lang`` attribute.
        name: its name in itself.
        locale: decides how dates and numbers are written.
        translations: the catalogue.
    """

    code: str
    tag: str
    name: str
    locale: Locale
    translations: NullTranslations

    def gettext(self, message: str) -> str:
        """``message`` in this language; itself where the catalogue has nothing."""
        return str(self.translations.gettext(message)) if message else ""

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """The form that fits ``number``."""
        return str(self.translations.ngettext(singular, plural, number))

    def told(self, template: str, data: Mapping[str, object]) -> str:
        """An error's sentence or advice: template and words in its data translated, then put together."""
        words = {
            key: self.retold(value) if isinstance(value, str) else value
            for key, value in data.items()
        }
        return self.gettext(template) % words if template else ""

    def retold(self, sentence: str) -> str:
        """A reason or a loss that a reader told in English, in this language; see :mod:`web.reasons`."""
        return retold(sentence, self.gettext)

    def sentence(self, error: KnowledgeBaseError) -> str:
        """What happened, in this language."""
        return self.told(error.sentence, error.data)

    def advice(self, error: KnowledgeBaseError) -> str:
        """What to do now, in this language; empty where none can be given."""
        return self.told(error.advice_template, error.data)

    def item_error(self, item: Item) -> tuple[str, str]:
        """What went wrong with an item of an import and what to do now; as it was stored where it cannot be retold."""
        if item.error_code in SKIP_REASONS:
            return self.gettext(SKIP_REASONS[item.error_code]), ""
        kind = _error_kinds().get(item.error_code)
        try:
            if kind is not None:
                data = item.error_data
                return self.told(kind.sentence, data), self.told(kind.advice_template, data)
        except KeyError:
            # Stored by an earlier version, whose sentence had other gaps to fill.
            pass
        return item.error, item.advice

    def day(self, value: date) -> str:
        """A day, e.g. ``12 Mar 2026`` or ``2026年3月12日``."""
        return format_date(value, "long" if self.code == "zh" else "d MMM y", locale=self.locale)

    def moment(self, value: datetime) -> str:
        """A moment in the time zone of the machine that serves the pages."""
        return format_datetime(value.astimezone(), "medium", locale=self.locale)

    def meeting(self, value: datetime, zone: str) -> str:
        """Day and time of something that takes place, as a clock in ``zone`` (a name of the IANA database) shows it."""
        local = value.astimezone(ZoneInfo(zone))
        day = format_skeleton("yMMMEd", local, locale=self.locale)
        return f"{day} {format_time(local, 'short', locale=self.locale)}"

    def clock(self, value: datetime) -> str:
        """The time of day of a moment, where the pages are served."""
        return format_time(value.astimezone(), "medium", locale=self.locale)

    def ago(self, value: datetime) -> str:
        """How long ago a moment was, e.g. ``3 days ago``."""
        return format_timedelta(
            value - datetime.now(UTC), add_direction=True, locale=self.locale, threshold=1
        )

    def duration(self, seconds: int) -> str:
        """A length of time in its largest unit, e.g. ``3 minutes``."""
        return format_timedelta(timedelta(seconds=seconds), threshold=1.5, locale=self.locale)

    def number(self, value: float) -> str:
        """A number with this language's separators."""
        return format_decimal(value, locale=self.locale)

    def percent(self, value: float) -> str:
        """``99.987`` as ``99.98%``: rounded down, so that nothing counts as complete when something is missing."""
        return format_percent(floor(value * 100) / 10_000, format="#,##0.##%", locale=self.locale)

    def size(self, count: int) -> str:
        """A number of bytes in the largest unit that leaves at least one."""
        size, unit = float(count), "B"
        for larger in ("KiB", "MiB", "GiB"):
            if size < _BYTES_PER_UNIT:
                break
            size, unit = size / _BYTES_PER_UNIT, larger
        return f"{format_decimal(size, format='#,##0.#', locale=self.locale)} {unit}"


@cache
def _error_kinds() -> dict[str, type[KnowledgeBaseError]]:
    """Every kind of error by its stable name; those of the readers too, which are imported by then."""
    kinds: dict[str, type[KnowledgeBaseError]] = {}
    open_ = [KnowledgeBaseError]
    while open_:
        kind = open_.pop()
        kinds.setdefault(kind.code, kind)
        open_ += kind.__subclasses__()
    return kinds


@cache
def languages() -> dict[str, Language]:
    """All languages of the interface, by code."""
    return {
        "en": Language("en", "en", "English", Locale("en", "GB"), NullTranslations()),
        "zh": Language("zh", "zh-Hans", "中文", Locale("zh", script="Hans"), _catalogue("zh")),
    }


def choose(request: Request) -> Language:
    """The visitor's language: ``?lang=``, else the cookie, else the first one the browser asks for that we have."""
    known = languages()
    for code in (request.query_params.get("lang"), request.cookies.get(COOKIE)):
        if code in known:
            return known[code]
    return known[_wanted(request.headers.get("accept-language", ""), known) or DEFAULT]


def document_tag(language: str) -> str:
    """The BCP 47 tag of a text written in ``zh`` or ``en``: it selects fonts, line breaking and voices."""
    known = languages().get(language)
    return known.tag if known else language


def _wanted(header: str, known: Mapping[str, Language]) -> str | None:
    """The known language with the highest weight in an Accept-Language header."""
    ranges = []
    for position, part in enumerate(header.split(",")):
        name, _, parameter = part.strip().partition(";")
        try:
            weight = float(parameter.strip().removeprefix("q=")) if parameter else 1.0
        except ValueError:
            weight = 0.0
        code = name.strip().lower().split("-")[0]
        if code in known and weight > 0:
            ranges.append((-weight, position, code))
    return min(ranges)[2] if ranges else None


def _catalogue(code: str) -> Translations:
    compiled = BytesIO()
    with (LOCALES_DIR / code / "LC_MESSAGES" / "messages.po").open("rb") as source:
        write_mo(compiled, read_po(source, locale=code))
    compiled.seek(0)
    return Translations(compiled)
