"""Events as iCalendar (RFC 5545), by the library ``icalendar``: one event as a file, a community's as a feed.

Times are written in UTC, which every calendar shows in its owner's own zone; so no rules of time zones have to travel
along. The zone the event was planned in stands in its description where it is told to people.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from icalendar import Calendar, Event, vText

from kb.community_views import EventView
from kb.markdown import plain_text

MEDIA_TYPE: Final = "text/calendar; charset=utf-8"
_PRODUCT: Final = "-//Qianjian//Communities//EN"
# How often calendars are to look again.
_REFRESH: Final = timedelta(hours=6)


def calendar(events: Iterable[tuple[EventView, str]], name: str = "") -> bytes:
    """A calendar of events, each with the whole address of its page.

    Args:
        events: what is in it, also what was called off: calendars that have it already must learn that.
        name: of the calendar, for a feed; empty for a single event.
    """
    made = Calendar()
    made.add("prodid", _PRODUCT)
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    if name:
        made.add("x-wr-calname", name)
        made.add("refresh-interval", _REFRESH, parameters={"value": "DURATION"})
    for event, page in events:
        made.add_component(_event(event, page))
    return bytes(made.to_ical())


def _event(event: EventView, page: str) -> Event:
    made = Event()
    made.add("uid", event.uid)
    made.add("sequence", event.sequence)
    made.add("dtstamp", event.updated_at)
    made.add("last-modified", event.updated_at)
    made.add("dtstart", event.starts_at)
    made.add("dtend", event.ends_at)
    made.add("summary", event.title)
    made.add("status", "CANCELLED" if event.cancelled else "CONFIRMED")
    place = " · ".join(part for part in (event.place, event.url) if part)
    if place:
        made["location"] = vText(place)
    about = "\n\n".join(part for part in (plain_text(event.about), page) if part)
    made.add("description", about)
    made.add("url", page)
    return made
