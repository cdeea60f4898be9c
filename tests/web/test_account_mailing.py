"""Mails about accounts: links that leave by mail, a password that was forgotten, and news of one's own account."""

from __future__ import annotations

import logging
import re
from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest
from fastapi.testclient import TestClient

from kb.access import SYSTEM, Actor, Role
from kb.config import Settings
from kb.directory_users import Person
from kb.knowledge_base import KnowledgeBase
from kb.models import AccountLetter, ApiToken, User, utc_now
from kb.notifications import MailWish
from tests.web.conftest import PASSWORD, sign_in
from tests.web.post_office import PostOffice, to
from web.account_mailing import AccountMailer

LI_NA = Actor("li.na", "李娜", Role.CONTRIBUTOR)
PMO = Actor("pmo", "Zhou Min", Role.ADMINISTRATOR)
NEW = "three new words here"


def set_mail(kb: KnowledgeBase, office: PostOffice, **more: object) -> None:
    """Let mails of ``kb`` go to ``office``, and give 李娜 an address and a language."""
    kb.settings = Settings(data_dir=kb.settings.data_dir, **to(office, **more))  # type: ignore[arg-type]
    kb.notifications.wish_mail(LI_NA, MailWish("li.na@example.com", "none", "zh"))


def path_in(letter: EmailMessage) -> str:
    """The path of the link in a letter."""
    found = re.search(r"https://kb\.example\.com(/links/\S+)", letter.get_content())
    assert found, letter.get_content()
    return found[1]


def test_a_forgotten_password_is_replaced_by_a_link_sent_to_its_owner(
    client: TestClient, kb: KnowledgeBase, office: PostOffice, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="web")
    assert client.get("/forgotten").status_code == 404
    assert "/forgotten" not in client.get("/sign-in").text
    set_mail(kb, office)
    clock = [utc_now()]
    send = AccountMailer(kb, lambda: clock[0]).send_due
    assert "/forgotten" in client.get("/sign-in").text
    # Where a request claims to come to is no part of a link.
    asked = {"Host": "evil.example"}
    answers = [
        client.post("/forgotten", data={"name": name}, headers=asked)
        for name in (" LI.NA@example.com ", "li.na", "nobody", "pmo", "𠮷", "x\x00y", "")
    ]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert (send(), send()) == (1, 0)
    with kb.database.read() as session:
        assert session.query(AccountLetter).count() == 0, "wishes of nobody are forgotten"
    ((address, letter),) = office.letters
    assert address == "li.na@example.com"
    assert "新密码" in letter["Subject"]
    assert "password" not in letter.get_content()
    assert PASSWORD not in letter.get_content()
    assert path_in(letter).removeprefix("/links/") not in caplog.text
    assert client.post(path_in(letter), data={"password": NEW}).is_success
    assert "李娜" in client.get("/account").text
    assert kb.accounts.authenticate("li.na", NEW)
    assert client.get(path_in(letter)).status_code == 404
    assert send() == 1
    assert "您的密码已更改" in office.letters[-1][1]["Subject"]


def test_nobody_s_letter_box_is_flooded_and_links_die_early(
    client: TestClient, kb: KnowledgeBase, office: PostOffice
) -> None:
    set_mail(kb, office)
    clock = [utc_now()]
    kb.invitations._now = lambda: clock[0]
    send = AccountMailer(kb, lambda: clock[0]).send_due
    sent = []
    for minutes in (0, 1, 6, 6, 6, 6, 6, 24 * 60):
        clock[0] += timedelta(minutes=minutes)
        with kb.database.write() as session:
            session.add(AccountLetter(kind="forgotten", title="li.na", at=clock[0]))
        sent.append(send())
    assert sent == [1, 0, 1, 1, 1, 1, 0, 1]
    assert client.get(path_in(office.letters[0][1])).status_code == 404
    last = path_in(office.letters[-1][1])
    assert client.get(last).status_code == 200
    clock[0] += timedelta(minutes=61)
    assert client.get(last).status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"active": False},
        {"password_hash": ""},
        {"kind": "service"},
        {"email": ""},
    ],
)
def test_who_may_not_come_in_by_password_gets_no_link(
    kb: KnowledgeBase, office: PostOffice, change: dict[str, object]
) -> None:
    set_mail(kb, office)
    with kb.database.write() as session:
        for name, value in change.items():
            setattr(session.get_one(User, "li.na"), name, value)
    kb.account_letters.wish_link("li.na")
    assert AccountMailer(kb).send_due() == 0
    assert office.letters == []


def test_what_a_server_does_not_take_waits_and_leaves_no_link_behind(
    kb: KnowledgeBase, office: PostOffice
) -> None:
    set_mail(kb, office)
    clock = [utc_now()]
    send = AccountMailer(kb, lambda: clock[0]).send_due
    kb.account_letters.wish_link("li.na")
    office.refused = {"li.na@example.com"}
    assert send() == 0
    assert kb.invitations.open_links(SYSTEM) == []
    office.refused = set()
    assert send() == 0, "not before the pause is over"
    clock[0] += timedelta(minutes=2)
    assert send() == 1
    set_mail(kb, office, smtp_port=9)
    kb.invitations.withdraw(SYSTEM, kb.invitations.open_links(SYSTEM)[0].id)
    kb.account_letters.wish_link("li.na")
    clock[0] += timedelta(minutes=2)
    assert send() == 0
    assert kb.invitations.open_links(SYSTEM) == []


def test_links_of_an_administrator_go_by_mail_where_they_can_and_are_shown_where_not(
    client: TestClient, kb: KnowledgeBase, office: PostOffice
) -> None:
    sign_in(client, "pmo")
    set_mail(kb, office)
    form = {"role": "curator", "email": "wu.di@example.com", "days": 14}
    invited = client.post("/admin/users/invite", data=form).text
    assert "sent to wu.di@example.com" in invited
    assert "secret-once" not in invited
    reset = client.post("/admin/users/li.na/reset").text
    assert "sent to li.na@example.com" in reset
    assert "secret-once" not in reset
    invitation, new = (letter.get_content() for _, letter in office.letters)
    assert "make yourself an account" in invitation
    assert "创建自己的账号" in invitation
    assert "请用此链接为账号“li.na”设置新密码" in new
    guest = TestClient(client.app)
    accepted = {"name": "wu.di", "shown": "吴迪", "password": NEW}
    assert guest.post(path_in(office.letters[0][1]), data=accepted).is_success
    assert "吴迪" in guest.get("/account").text
    office.refused = {"li.na@example.com"}
    for page in (
        client.post("/admin/users/li.na/reset").text,
        client.post("/admin/users/chen.wei/reset").text,  # has no address
    ):
        assert "secret-once" in page
        assert "was sent" not in page


def test_the_owner_is_told_of_every_change_of_what_opens_the_account(
    client: TestClient, kb: KnowledgeBase, office: PostOffice
) -> None:
    set_mail(kb, office)
    send = AccountMailer(kb).send_due
    sign_in(client, "li.na")
    client.post("/account/password", data={"old": PASSWORD, "new": NEW})
    client.post("/account/tokens", data={"name": "夜间导入 𠮷", "scope": ["read"], "days": 30})
    kb.tokens.make(PMO, "li.na", "by somebody else", {"read"}, 30)
    kb.directory_users.link(LI_NA, Person("https://id.example", "42", "li.na", "李娜"))
    client.post("/account", data={"name": "李娜", "email": "thief@example.com"})
    assert send() == 5
    assert {address for address, _ in office.letters} == {"li.na@example.com"}
    subjects = [letter["Subject"].removeprefix("前鉴：") for _, letter in office.letters]
    assert subjects == [
        "您的密码已更改",
        "创建了一个代表您的令牌",
        "创建了一个代表您的令牌",
        "您的账号现在也可以通过单点登录打开",
        "您的邮件地址已更改",
    ]
    texts = [letter.get_content() for _, letter in office.letters]
    assert "夜间导入 𠮷" in texts[1]
    assert all("https://kb.example.com/account" in text for text in texts)
    assert not any(NEW in text or "qj_" in text for text in texts)
    page = client.get("/notifications").text
    for sentence in ("Your password was changed", "A token was made", "was changed"):
        assert sentence in page
    number = re.findall(r"/notifications/(\d+)", page)[0]
    opened = client.get(f"/notifications/{number}", follow_redirects=False)
    assert opened.headers["Location"] == "/account"
    other = TestClient(client.app, headers={"Accept-Language": "en"})
    sign_in(other, "chen.wei")
    assert "was changed" not in other.get("/notifications").text
    assert other.get(f"/notifications/{number}").status_code == 404


def test_a_token_s_end_is_told_once_a_week_before(kb: KnowledgeBase) -> None:
    kb.accounts.add_service(SYSTEM, "robot", "夜间导入", Role.READER)
    clock: list[datetime] = [utc_now()]
    kb.tokens._now = lambda: clock[0]
    for owner, name, days in (
        ("li.na", "long", 30),
        ("li.na", "short", 5),
        ("robot", "of the service", 30),
        ("li.na", "revoked", 30),
    ):
        kb.tokens.make(PMO, owner, name, {"read"}, days)
    with kb.database.read() as session:
        revoked = session.query(ApiToken).filter_by(name="revoked").one().id
    kb.tokens.revoke(PMO, revoked)
    told = []
    for days in (0, 22, 2, 2, 5):
        clock[0] += timedelta(days=days)
        told.append(kb.tokens.warn())
    assert told == [0, 0, 2, 0, 0]
    ends = [
        (actor.id, line.title)
        for actor in (LI_NA, PMO)
        for line in kb.notifications.all(actor)[0]
        if line.kind == "token-ends"
    ]
    assert ends == [("li.na", "long"), ("pmo", "of the service")]
