"""Events of communities: planning, changing, who comes, who came, and calendars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form
from markupsafe import Markup
from starlette.responses import Response

from kb.access import Action
from kb.community_rules import EVENT, LINK_KINDS, USUAL_ZONE, ZONES, EventText
from kb.community_views import Attendance, CommunityView, EventView, Link
from kb.errors import N_, InvalidInput
from kb.models import utc_now
from web import calendars
from web.pages.communities import HERE, link_address
from web.pages.questions import new_token, shown
from web.visit import Id, Visit, Visiting

router = APIRouter(include_in_schema=False)

# What stands in the form of a new event: a week from now, an hour and a half.
_AHEAD: Final = timedelta(days=7)
_LASTS: Final = timedelta(minutes=90)
_FORMAT: Final = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, slots=True)
class EventPage:
    """Context of ``communities/event.html``.

    Attributes:
        local: beginning and end as a clock in the event's zone shows them.
        links: its material and recordings, with their addresses.
    """

    event: EventView
    community: CommunityView
    about: Markup
    local: tuple[datetime, datetime]
    attendances: tuple[Attendance, ...]
    links: tuple[tuple[Link, str], ...]
    link_kinds: tuple[str, ...]
    problem: str


@dataclass(frozen=True, slots=True)
class EventFormPage:
    """Context of ``communities/event_form.html``; ``event_id`` is 0 for a new one; times as the fields take them."""

    community_id: int
    community: str
    event_id: int
    values: dict[str, str]
    zones: tuple[str, ...]
    token: str
    problem: str
    advice: str


@dataclass(frozen=True, slots=True)
class SentEvent:
    """What the form of an event sends."""

    title: Annotated[str, Form()] = ""
    starts: Annotated[str, Form()] = ""
    ends: Annotated[str, Form()] = ""
    time_zone: Annotated[str, Form()] = USUAL_ZONE
    about: Annotated[str, Form()] = ""
    place: Annotated[str, Form()] = ""
    url: Annotated[str, Form()] = ""
    token: Annotated[str, Form()] = ""

    @property
    def text(self) -> EventText:
        """The event in it.

        Raises:
            InvalidInput: beginning or end is no time.
        """
        return EventText(
            title=self.title,
            starts=_time(self.starts, N_("beginning")),
            ends=_time(self.ends, N_("end")),
            time_zone=self.time_zone,
            about=self.about,
            place=self.place,
            url=self.url,
        )

    @property
    def values(self) -> dict[str, str]:
        """What stands in the fields again."""
        return {
            "title": self.title,
            "starts": self.starts,
            "ends": self.ends,
            "time_zone": self.time_zone,
            "about": self.about,
            "place": self.place,
            "url": self.url,
        }


Sent = Annotated[SentEvent, Depends()]


@router.get("/communities/{community_id:int}/events/new")
def new(visit: Visiting, community_id: Id) -> Response:
    """The form for a new event."""
    community = visit.kb.community_views.get(visit.actor, community_id)
    if not community.organises:
        visit.actor.must(Action.CURATE)
    begins = (utc_now() + _AHEAD).astimezone(ZoneInfo(USUAL_ZONE))
    begins = begins.replace(hour=14, minute=0, second=0, microsecond=0, tzinfo=None)
    values = SentEvent(
        starts=begins.strftime(_FORMAT), ends=(begins + _LASTS).strftime(_FORMAT)
    ).values
    return _form(visit, community, values)


@router.post("/communities/{community_id:int}/events")
def plan(visit: Visiting, community_id: Id, sent: Sent) -> Response:
    """Plan an event."""
    try:
        number = visit.kb.community_events.plan(
            visit.actor, community_id, sent.text, token=sent.token[:100]
        )
    except InvalidInput as error:
        community = visit.kb.community_views.get(visit.actor, community_id)
        return _form(visit, community, sent.values, error=error, token=sent.token)
    return visit.redirect(f"{HERE}/events/{number}")


@router.get("/communities/events/{event_id:int}")
def event(visit: Visiting, event_id: Id) -> Response:
    """One event."""
    visit.kb.notifications.looked_at(visit.actor, EVENT, event_id)
    return _event(visit, event_id)


@router.get("/communities/events/{event_id:int}/edit")
def edit(visit: Visiting, event_id: Id) -> Response:
    """The form of an event that is there."""
    found = visit.kb.community_views.event(visit.actor, event_id)
    community = visit.kb.community_views.get(visit.actor, found.community_id)
    if not community.organises:
        visit.actor.must(Action.CURATE)
    starts, ends = _local(found)
    values = SentEvent(
        title=found.title,
        starts=starts.strftime(_FORMAT),
        ends=ends.strftime(_FORMAT),
        time_zone=found.time_zone,
        about=found.about,
        place=found.place,
        url=found.url,
    ).values
    return _form(visit, community, values, event_id=event_id)


@router.post("/communities/events/{event_id:int}/edit")
def save(visit: Visiting, event_id: Id, sent: Sent) -> Response:
    """Move an event, or say otherwise what it is."""
    try:
        visit.kb.community_events.change(visit.actor, event_id, sent.text)
    except InvalidInput as error:
        found = visit.kb.community_views.event(visit.actor, event_id)
        community = visit.kb.community_views.get(visit.actor, found.community_id)
        return _form(visit, community, sent.values, event_id=event_id, error=error)
    return visit.redirect(f"{HERE}/events/{event_id}")


@router.post("/communities/events/{event_id:int}/cancel")
def call_off(visit: Visiting, event_id: Id) -> Response:
    """Call an event off."""
    visit.kb.community_events.call_off(visit.actor, event_id)
    return visit.redirect(f"{HERE}/events/{event_id}")


@router.post("/communities/events/{event_id:int}/come")
def come(visit: Visiting, event_id: Id, going: Annotated[bool, Form()] = True) -> Response:
    """Say whether one means to come."""
    try:
        visit.kb.community_events.come(visit.actor, event_id, going=going)
    except InvalidInput as error:
        return _event(visit, event_id, problem=visit.language.sentence(error))
    return (
        _event(visit, event_id) if visit.fragment else visit.redirect(f"{HERE}/events/{event_id}")
    )


@router.post("/communities/events/{event_id:int}/came")
def came(
    visit: Visiting, event_id: Id, user: Annotated[Sequence[str] | None, Form()] = None
) -> Response:
    """Note who was there."""
    visit.kb.community_events.note_who_came(visit.actor, event_id, frozenset(user or ()))
    return visit.redirect(f"{HERE}/events/{event_id}")


@router.get("/communities/events/{event_id:int}/event.ics")
def event_file(visit: Visiting, event_id: Id) -> Response:
    """One event for a calendar."""
    found = visit.kb.community_views.event(visit.actor, event_id)
    body = calendars.calendar([(found, _page(visit, found))])
    name = quote(f"{found.title}.ics")
    return Response(
        body,
        media_type=calendars.MEDIA_TYPE,
        headers={
            "Content-Disposition": f"attachment; filename=event.ics; filename*=UTF-8''{name}",
            "Cache-Control": "private, no-cache",
        },
    )


@router.post("/communities/{community_id:int}/calendar")
def open_calendar(visit: Visiting, community_id: Id) -> Response:
    """Make the visitor's own address of the calendar; an earlier one ends."""
    visit.kb.community_events.open_calendar(visit.actor, community_id)
    return visit.redirect(f"{HERE}/{community_id}#calendar")


@router.get("/communities/calendars/{token}.ics")
def feed(visit: Visiting, token: str) -> Response:
    """All events of a community, for whoever knows the address, in the name of the member it was made for."""
    actor, community_id = visit.kb.community_events.of_calendar(token)
    events = visit.kb.community_views.events(actor, community_id)
    name = visit.kb.community_views.get(actor, community_id).text.name
    body = calendars.calendar([(each, _page(visit, each)) for each in events], name)
    return Response(
        body, media_type=calendars.MEDIA_TYPE, headers={"Cache-Control": "private, no-cache"}
    )


def _page(visit: Visit, event: EventView) -> str:
    base = visit.site.settings.public_url.rstrip("/") or str(visit.request.base_url).rstrip("/")
    return f"{base}{HERE}/events/{event.id}"


def _event(visit: Visit, event_id: int, *, problem: str = "") -> Response:
    found = visit.kb.community_views.event(visit.actor, event_id)
    community = visit.kb.community_views.get(visit.actor, found.community_id)
    page = EventPage(
        event=found,
        community=community,
        about=shown(visit, found.about),
        local=_local(found),
        attendances=tuple(visit.kb.community_views.attendances(visit.actor, event_id)),
        links=tuple(
            (each, link_address(each)) for each in community.links if each.event_id == event_id
        ),
        link_kinds=LINK_KINDS,
        problem=problem,
    )
    status = 422 if problem else 200
    return visit.page("communities/event.html", page, block="content", status=status)


def _form(
    visit: Visit,
    community: CommunityView,
    values: dict[str, str],
    *,
    event_id: int = 0,
    error: InvalidInput | None = None,
    token: str = "",
) -> Response:
    zones = ZONES if values["time_zone"] in ZONES else (*ZONES, values["time_zone"])
    page = EventFormPage(
        community_id=community.id,
        community=community.text.name,
        event_id=event_id,
        values=values,
        zones=zones,
        token=token or new_token(),
        problem=visit.language.sentence(error) if error else "",
        advice=visit.language.advice(error) if error else "",
    )
    return visit.page("communities/event_form.html", page, status=422 if error else 200)


def _local(event: EventView) -> tuple[datetime, datetime]:
    zone = ZoneInfo(event.time_zone)
    return event.starts_at.astimezone(zone), event.ends_at.astimezone(zone)


def _time(text: str, field: str) -> datetime:
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=None)
    except ValueError:
        raise InvalidInput(field=field, reason=N_("write it as 2026-03-31T14:00")) from None
