"""Communities of practice: joining, posts, events, calendars, links, attendance; and what hides."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from icalendar import Calendar

from kb.access import Actor, Role
from kb.community_rules import CommunityText, EventText, checked_url, document_of
from kb.errors import Conflict, InvalidInput, NotAllowed, NotFound
from kb.knowledge_base import KnowledgeBase
from kb.models import utc_now
from kb.search.answers import SearchRequest
from tests.web.conftest import sign_in

LI_NA = Actor("li.na", "李娜", Role.CONTRIBUTOR)
CHEN = Actor("chen.wei", "Chen Wei", Role.READER)
PMO = Actor("pmo", "Zhou Min", Role.ADMINISTRATOR)
RISK = CommunityText("风险管理社区 Risk circle", "每月一次，谈**风险登记册**。")
SOON = (utc_now() + timedelta(days=9)).replace(
    hour=14, minute=0, second=0, microsecond=0, tzinfo=None
)
MEETING = EventText(
    "分享：探地雷达；费用, 工期 \\ 与风险 𠮷 🚀 " + "很长的标题" * 8,
    SOON,
    SOON + timedelta(minutes=90),
    about="带上登记册\n第二行; 逗号, 反斜杠 \\",
    place="长沙总部 302",
    url="https://meet.example.com/r?x=1,2",
)


def test_members_write_organisers_plan_and_everybody_else_only_reads(kb: KnowledgeBase) -> None:
    number = kb.communities.begin(LI_NA, RISK, token="a")
    assert kb.communities.begin(LI_NA, RISK, token="a") == number
    assert kb.communities.begin(LI_NA, RISK) == number
    for step in (
        lambda: kb.communities.begin(CHEN, RISK),
        lambda: kb.communities.post(CHEN, number, "T", "x"),
        lambda: kb.communities.link(CHEN, number, "https://x.example", kind="material"),
        lambda: kb.community_events.plan(CHEN, number, MEETING),
        lambda: kb.communities.edit(CHEN, number, RISK, 1),
        lambda: kb.communities.join(Actor("", "", Role.READER), number, on=True),
    ):
        with pytest.raises(NotAllowed):
            step()
    for _ in range(2):
        kb.communities.join(CHEN, number, on=True)
    post = kb.communities.post(CHEN, number, "第一帖", "大家好")
    assert kb.communities.post(CHEN, number, "第一帖", "大家好") == post
    event = kb.community_events.plan(LI_NA, number, MEETING)
    assert kb.community_events.plan(LI_NA, number, MEETING) == event
    found = kb.community_views.get(CHEN, number)
    assert [(member.user, member.organiser) for member in found.members] == [
        ("li.na", True),
        ("chen.wei", False),
    ]
    assert (len(found.posts), len(found.coming), found.past) == (1, 1, ())
    assert [line.kind for line in kb.notifications.all(LI_NA)[0]] == ["posted"]
    assert [line.kind for line in kb.notifications.all(CHEN)[0]] == ["event-planned"]
    with pytest.raises(InvalidInput, match="nobody would be left"):
        kb.communities.join(LI_NA, number, on=False)
    kb.communities.make_organiser(LI_NA, number, "chen.wei", on=True)
    kb.communities.join(LI_NA, number, on=False)
    assert [member.user for member in kb.community_views.get(CHEN, number).members] == ["chen.wei"]
    kb.communities.edit(CHEN, number, replace(RISK, name="新名"), 1)
    with pytest.raises(Conflict):
        kb.communities.edit(CHEN, number, RISK, 1)


@pytest.mark.parametrize(
    "text",
    [
        replace(MEETING, title=" "),
        replace(MEETING, ends=MEETING.starts),
        replace(MEETING, ends=MEETING.starts + timedelta(days=15)),
        replace(MEETING, time_zone="Mars/Olympus"),
        replace(MEETING, time_zone="../../etc/passwd"),
        replace(MEETING, url="javascript:alert(1)"),
        replace(MEETING, place="x" * 301),
    ],
)
def test_an_event_that_cannot_be_is_refused(kb: KnowledgeBase, text: EventText) -> None:
    number = kb.communities.begin(LI_NA, RISK)
    with pytest.raises(InvalidInput):
        kb.community_events.plan(LI_NA, number, text)
    assert kb.community_views.get(LI_NA, number).coming == ()


def test_a_calendar_reads_back_what_was_planned_and_keeps_to_rfc_5545(
    client: TestClient, kb: KnowledgeBase
) -> None:
    number = kb.communities.begin(LI_NA, RISK)
    event = kb.community_events.plan(LI_NA, number, MEETING)
    answer = client.get(f"/communities/events/{event}/event.ics")
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    raw = answer.content
    assert b"\n" not in raw.replace(b"\r\n", b"")  # lines end with CR LF
    lines = raw.split(b"\r\n")
    assert max(map(len, lines)) <= 75  # octets, not characters
    for line in lines:
        line.decode()  # no character is cut in two
    text = raw.replace(b"\r\n ", b"").decode()
    assert "SUMMARY:分享：探地雷达；费用\\, 工期 \\\\ 与风险 𠮷 🚀" in text
    assert "带上登记册\\n第二行\\; 逗号\\, 反斜杠 \\\\" in text
    assert "BEGIN:VTIMEZONE" not in text
    (read,) = Calendar.from_ical(raw).walk("VEVENT")
    starts = datetime.combine(SOON.date(), SOON.time(), UTC) - timedelta(
        hours=8
    )  # Shanghai is at +8
    assert read.decoded("dtstart") == starts
    assert read.decoded("dtend") - read.decoded("dtstart") == timedelta(minutes=90)
    assert str(read["summary"]) == " ".join(MEETING.title.split())
    assert f"DTSTART:{starts:%Y%m%dT%H%M%SZ}" in text
    first = (str(read["uid"]), read.decoded("sequence"))
    kb.community_events.change(LI_NA, event, replace(MEETING, time_zone="Africa/Nairobi"))
    kb.community_events.call_off(LI_NA, event)
    kb.community_events.call_off(LI_NA, event)
    (again,) = Calendar.from_ical(
        client.get(f"/communities/events/{event}/event.ics").content
    ).walk("VEVENT")
    assert (str(again["uid"]), again.decoded("sequence")) == (first[0], first[1] + 2)
    assert str(again["status"]) == "CANCELLED"
    assert again.decoded("dtstart") == starts + timedelta(hours=5)


def test_the_feed_of_a_community_belongs_to_one_member_and_ends_with_a_new_address(
    client: TestClient, kb: KnowledgeBase
) -> None:
    number = kb.communities.begin(LI_NA, RISK)
    kb.community_events.plan(LI_NA, number, MEETING)
    with pytest.raises(NotAllowed):
        kb.community_events.open_calendar(CHEN, number)
    old = kb.community_events.open_calendar(LI_NA, number)
    body = client.get(f"/communities/calendars/{old}.ics").content
    assert b"X-WR-CALNAME" in body
    assert len(Calendar.from_ical(body).walk("VEVENT")) == 1
    new = kb.community_events.open_calendar(LI_NA, number)
    assert client.get(f"/communities/calendars/{old}.ics").status_code == 404
    sign_in(client, "li.na")
    assert f"/communities/calendars/{new}.ics" in client.get(f"/communities/{number}").text
    sign_in(client, "pmo")
    assert new not in client.get(f"/communities/{number}").text
    kb.communities.make_organiser(LI_NA, number, "li.na", on=True)
    kb.communities.edit(LI_NA, number, replace(RISK, audience="user:pmo"), 1)
    assert client.get(f"/communities/calendars/{new}.ics").status_code == 404


def test_who_means_to_come_and_who_came_is_noted(client: TestClient, kb: KnowledgeBase) -> None:
    number = kb.communities.begin(LI_NA, RISK)
    event = kb.community_events.plan(LI_NA, number, MEETING)
    with pytest.raises(NotAllowed):
        kb.community_events.come(CHEN, event, going=True)
    kb.communities.join(CHEN, number, on=True)
    for _ in range(2):
        kb.community_events.come(CHEN, event, going=True)
    assert kb.community_views.event(CHEN, event).going == 1
    with pytest.raises(NotAllowed):
        kb.community_events.note_who_came(CHEN, event, frozenset({"chen.wei"}))
    sign_in(client, "li.na")
    client.post(f"/communities/events/{event}/came", data={"user": ["chen.wei", "nobody"]})
    came = {each.user: each.came for each in kb.community_views.attendances(LI_NA, event)}
    assert came == {"chen.wei": True, "li.na": False}
    kb.community_events.call_off(LI_NA, event)
    with pytest.raises(InvalidInput):
        kb.community_events.come(CHEN, event, going=False)


@pytest.mark.parametrize(
    "target",
    [
        "javascript:alert(1)",
        "ftp://x.example",
        "//x.example",
        "/etc/passwd",
        "https://",
        "http://a b",
        "",
    ],
)
def test_links_lead_to_pages_of_this_site_or_to_web_addresses_only(
    kb: KnowledgeBase, target: str
) -> None:
    number = kb.communities.begin(LI_NA, RISK)
    assert document_of(target) is None
    with pytest.raises(InvalidInput):
        checked_url(target)
    with pytest.raises(InvalidInput):
        kb.communities.link(LI_NA, number, target, kind="material")
    with pytest.raises(NotFound):
        kb.communities.link(LI_NA, number, "/documents/999", kind="material")
    assert kb.community_views.get(LI_NA, number).links == ()


def test_a_hidden_community_is_not_there_in_pages_lists_search_or_calendars(
    client: TestClient, kb: KnowledgeBase, documents: dict[str, int]
) -> None:
    hidden = kb.communities.begin(PMO, replace(RISK, name="机密圈", audience="user:pmo"))
    event = kb.community_events.plan(PMO, hidden, MEETING)
    post = kb.communities.post(PMO, hidden, "机密帖", "x")
    shown = kb.communities.begin(PMO, RISK)
    kb.communities.link(PMO, shown, str(documents["lesson"]), kind="material")
    kb.indexing.catch_up()
    sign_in(client, "li.na")
    for path in (
        f"/communities/{hidden}",
        f"/communities/{hidden}/edit",
        f"/communities/{hidden}/events/new",
        f"/communities/events/{event}",
        f"/communities/events/{event}/event.ics",
    ):
        assert client.get(path).status_code == 404, path
    for path in (
        f"/communities/{hidden}/join",
        f"/communities/{hidden}/posts",
        f"/communities/posts/{post}/delete",
        f"/communities/events/{event}/come",
    ):
        assert client.post(path, data={"title": "x", "body": "x"}).status_code == 404, path
    page = client.get("/communities").text
    assert "机密圈" not in page
    assert "风险管理社区" in page
    found = kb.search(LI_NA, SearchRequest("risk register", kinds=("community",))).hits
    assert [hit.id for hit in found] == [shown]
    assert f"/documents/{documents['lesson']}" in client.get(f"/communities/{shown}").text


def test_the_pages_work_without_scripts_in_chinese(chinese: TestClient, kb: KnowledgeBase) -> None:
    sign_in(chinese, "li.na")
    made = chinese.post(
        "/communities", data={"name": "测试社区", "about": "**谈**测试", "token": "t"}
    )
    place = made.url.path
    assert "<strong>谈</strong>" in made.text
    refused = chinese.post(f"{place}/posts", data={"title": "题目", "body": ""})
    assert refused.status_code == 422
    assert 'value="题目"' in refused.text
    wrong = chinese.post(
        f"{place}/events", data={"title": "会", "starts": "明天", "ends": "2030-01-01T10:00"}
    )
    assert wrong.status_code == 422
    assert "2026-03-31T14:00" in wrong.text
    sent = {
        "title": "会",
        "starts": "2030-01-01T09:00",
        "ends": "2030-01-01T10:00",
        "place": "线上",
    }
    event = chinese.post(f"{place}/events", data=sent)
    assert event.status_code == 200
    assert "2030年1月1日" in event.text
    assert "09:00" in event.text
    assert chinese.get(f"{event.url.path}/edit").status_code == 200
    came = chinese.post(
        f"{event.url.path}/come", data={"going": "true"}, headers={"HX-Request": "true"}
    )
    assert 'aria-pressed="true"' in came.text
    linked = chinese.post(
        f"{place}/links",
        data={"target": "https://v.example/1", "kind": "recording", "title": "录像"},
    )
    assert "录像" in linked.text
    assert chinese.get(f"{place}/edit").status_code == 200
    for path in ("/communities/events/999", "/communities/999", "/communities/calendars/x.ics"):
        assert chinese.get(path).status_code == 404
