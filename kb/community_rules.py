"""What may be said of a community, its events and its links; everything here is pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kb.access import Audience
from kb.errors import N_, InvalidInput
from kb.models.communities import NAME_CHARS
from kb.written_texts import clean, language_of

SUBJECT: Final = "community"
EVENT: Final = "event"
MAX_ABOUT_CHARS: Final = 20_000
MAX_PLACE_CHARS: Final = 300
MAX_URL_CHARS: Final = 1_000
# Longer ones are typing mistakes in a date.
LONGEST_EVENT: Final = timedelta(days=14)
# Where the company sits; offered first.
USUAL_ZONE: Final = "Asia/Shanghai"
ZONES: Final = (
    "Asia/Shanghai",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Asia/Dubai",
    "Africa/Nairobi",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Lisbon",
    "America/Sao_Paulo",
    "America/New_York",
    "UTC",
)
LinkKind = Literal["material", "recording"]
LINK_KINDS: Final[tuple[LinkKind, ...]] = ("material", "recording")
_DOCUMENT: Final = re.compile(r"(?:https?://[^/]+)?/documents/(\d{1,9})(?:[?#].*)?|(\d{1,9})")


@dataclass(frozen=True, slots=True)
class CommunityText:
    """What is said of a community; ``about`` is Markdown, ``topic_id`` a topic of the tree or None."""

    name: str
    about: str = ""
    topic_id: int | None = None
    audience: str = "everyone"


@dataclass(frozen=True, slots=True)
class EventText:
    """What is said of an event; ``starts`` and ``ends`` are times of day as a clock in ``time_zone`` shows them."""

    title: str
    starts: datetime
    ends: datetime
    time_zone: str = USUAL_ZONE
    about: str = ""
    place: str = ""
    url: str = ""


def checked_community(text: CommunityText) -> CommunityText:
    """``text`` tidied, when it may be stored.

    Raises:
        InvalidInput: it may not.
    """
    name = _name(text.name)
    about = clean(text.about, MAX_ABOUT_CHARS, N_("about"))
    Audience.parse(text.audience)
    return replace(text, name=name, about=about)


def checked_event(text: EventText) -> tuple[EventText, datetime, datetime]:
    """``text`` tidied, with its beginning and end as moments.

    Raises:
        InvalidInput: it may not be stored: no title, no such time zone, it ends before it begins or lasts too long.
    """
    title = _name(text.title)
    about = clean(text.about, MAX_ABOUT_CHARS, N_("about"))
    place = clean(text.place, MAX_PLACE_CHARS, N_("place"))
    url = checked_url(text.url) if text.url.strip() else ""
    try:
        zone = ZoneInfo(text.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidInput(field=N_("time zone"), reason=N_("there is none of this name")) from None
    starts = text.starts.replace(tzinfo=zone).astimezone(UTC)
    ends = text.ends.replace(tzinfo=zone).astimezone(UTC)
    if ends <= starts:
        raise InvalidInput(field=N_("end"), reason=N_("it is not after the beginning"))
    if ends - starts > LONGEST_EVENT:
        raise InvalidInput(
            field=N_("end"), reason=N_("it is more than two weeks after the beginning")
        )
    return replace(text, title=title, about=about, place=place, url=url), starts, ends


def checked_url(text: str) -> str:
    """An address elsewhere.

    Raises:
        InvalidInput: it is no http(s) address.
    """
    url = text.strip()
    try:
        parts = urlsplit(url)
        right = parts.scheme.lower() in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        right = False
    plain = url.isprintable() and not any(sign.isspace() or sign in '<>"' for sign in url)
    if not (right and plain and len(url) <= MAX_URL_CHARS):
        raise InvalidInput(field=N_("link"), reason=N_("it has to begin with https:// or http://"))
    return url


def document_of(text: str) -> int | None:
    """The number of the document that an address or a number names; None for an address elsewhere.

    ::

        >>> document_of("/documents/12#a"), document_of("12"), document_of("https://x.example/v")
        (12, 12, None)
    """
    found = _DOCUMENT.fullmatch(text.strip())
    return int(found[1] or found[2]) if found else None


def language_of_community(text: CommunityText) -> str:
    """The language that its name and its text are in."""
    return language_of(f"{text.name}\n{text.about}")


def _name(text: str) -> str:
    name = " ".join(text.replace("\0", "").split())
    if not name or len(name) > NAME_CHARS:
        raise InvalidInput(field=N_("name"), reason=N_("it is empty or too long"))
    return name
