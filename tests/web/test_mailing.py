"""Mails: what leaves, to whom, how often; and that nothing breaks and nothing leaks when it cannot leave."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

import pytest

from kb.access import Actor, Audience, Role
from kb.config import Settings
from kb.knowledge_base import KnowledgeBase
from kb.mail_digests import wait_after
from kb.models import Document, audience_id_of, utc_now
from kb.notifications import MailWish, Pace
from kb.notifying import notify
from tests.web.post_office import SECRET, PostOffice, to
from web.mailing import Mailer

CHEN = Actor("chen.wei", "Chen Wei", Role.READER)
PMO = Actor("pmo", "Zhou Min", Role.ADMINISTRATOR)
LI_NA = Actor("li.na", "李娜", Role.CONTRIBUTOR)


def mailer(kb: KnowledgeBase, clock: list[datetime], **values: object) -> Mailer:
    """A mailer of ``kb`` with other settings."""
    kb.settings = Settings(data_dir=kb.settings.data_dir, **values)  # type: ignore[arg-type]
    return Mailer(kb, lambda: clock[0])


def tell(kb: KnowledgeBase, user: str, number: int, title: str) -> None:
    with kb.database.write() as session:
        notify(session, {user}, "changed", "document", number, title, PMO)


def wish(kb: KnowledgeBase, actor: Actor, pace: Pace, language: str = "") -> None:
    kb.notifications.wish_mail(actor, MailWish(f"{actor.id}@example.com", pace, language))


def test_a_digest_leaves_once_in_the_reader_s_language_with_links(
    kb: KnowledgeBase, documents: dict[str, int], office: PostOffice
) -> None:
    clock = [utc_now()]
    send = mailer(kb, clock, **to(office)).send_due
    assert send() == 0
    tell(kb, "chen.wei", documents["lesson"], "管廊 𠮷\r\nBcc: all@example.com")
    tell(kb, "chen.wei", documents["mixed"], "kick-off 🚀")
    assert send() == 0  # nobody knows an address
    wish(kb, CHEN, "at-once", "zh")
    assert (send(), send()) == (1, 0)
    ((address, letter),) = office.letters
    text = letter.get_content()
    assert address == "chen.wei@example.com"
    assert (letter["To"].addresses[0].addr_spec, letter["Bcc"]) == ("chen.wei@example.com", None)
    assert letter["Auto-Submitted"] == "auto-generated"
    assert "2" in letter["Subject"]
    assert "您关注的内容有更新" in text
    assert "管廊 𠮷 Bcc: all@example.com" in text
    assert f"https://kb.example.com/documents/{documents['lesson']}" in text
    assert "Changed under" not in text
    wish(kb, CHEN, "at-once")
    tell(kb, "chen.wei", documents["mixed"], "kick-off 🚀")
    assert send() == 1
    both = office.letters[-1][1].get_content()
    assert "您关注的内容有更新" in both
    assert "Changed under what you follow" in both


def test_daily_means_one_mail_a_day_and_none_means_none(
    kb: KnowledgeBase, documents: dict[str, int], office: PostOffice
) -> None:
    clock = [utc_now()]
    send = mailer(kb, clock, **to(office)).send_due
    wish(kb, CHEN, "daily", "en")
    wish(kb, LI_NA, "none")
    sent = []
    for hours in (0, 1, 22, 2, 24):
        clock[0] += timedelta(hours=hours)
        for user in ("chen.wei", "li.na"):
            tell(kb, user, documents["lesson"], "news")
        sent.append(send())
    assert sent == [1, 0, 0, 1, 1]
    assert {address for address, _ in office.letters} == {"chen.wei@example.com"}


def test_nothing_leaves_that_was_seen_or_may_not_be_read_any_more(
    kb: KnowledgeBase, documents: dict[str, int], office: PostOffice
) -> None:
    clock = [utc_now()]
    send = mailer(kb, clock, **to(office)).send_due
    wish(kb, CHEN, "at-once")
    tell(kb, "chen.wei", documents["lesson"], "seen")
    kb.notifications.mark(CHEN)
    tell(kb, "chen.wei", documents["mixed"], "hidden meanwhile")
    with kb.database.write() as session:
        hidden = session.get_one(Document, documents["mixed"])
        hidden.audience_id = audience_id_of(session, Audience.parse("user:pmo"))
    assert send() == 0
    tell(kb, "chen.wei", documents["summary"], "old")
    clock[0] += timedelta(days=8)
    assert send() == 0
    assert office.letters == []


def test_one_refused_letter_box_keeps_nobody_else_s_mail_back_and_is_tried_later(
    kb: KnowledgeBase, documents: dict[str, int], office: PostOffice
) -> None:
    clock = [utc_now()]
    send = mailer(kb, clock, **to(office)).send_due
    for actor in (CHEN, LI_NA):
        wish(kb, actor, "at-once")
        tell(kb, actor.id, documents["lesson"], "news")
    office.refused = {"chen.wei@example.com"}
    assert send() == 1
    office.refused = set()
    assert send() == 0
    clock[0] += wait_after(0)
    assert send() == 1
    assert [address for address, _ in office.letters] == [
        "li.na@example.com",
        "chen.wei@example.com",
    ]


@pytest.mark.parametrize(
    "broken",
    [
        {"smtp_password": "a wrong password"},
        {"smtp_password": "密码 that cannot be sent"},
        {"smtp_tls": "starttls"},
        {"smtp_tls": "tls"},
        {"smtp_port": 9},
    ],
)
def test_a_server_that_cannot_be_used_breaks_nothing_and_no_secret_is_logged(
    kb: KnowledgeBase,
    documents: dict[str, int],
    office: PostOffice,
    caplog: pytest.LogCaptureFixture,
    broken: dict[str, object],
) -> None:
    caplog.set_level(logging.DEBUG, logger="web")
    clock = [utc_now()]
    bad = mailer(kb, clock, **to(office, **broken))
    wish(kb, CHEN, "at-once")
    tell(kb, "chen.wei", documents["lesson"], "a confidential title")
    assert bad.send_due() == 0
    warnings = len(caplog.records)
    assert bad.send_due() == 0  # not before the pause is over
    assert len(caplog.records) == warnings
    assert office.letters == []
    clock[0] += wait_after(0)
    good = mailer(kb, clock, **to(office))
    assert good.send_due() == 1
    for secret in (SECRET, "a wrong password", "密码", "confidential"):
        assert secret not in caplog.text


def test_without_a_server_nothing_is_tried(kb: KnowledgeBase, documents: dict[str, int]) -> None:
    clock = [utc_now()]
    wish(kb, CHEN, "at-once")
    tell(kb, "chen.wei", documents["lesson"], "news")
    assert mailer(kb, clock).send_due() == 0
    assert kb.notifications.unread(CHEN) == 1
