"""Notifications: who is told of what, how often, and what the pages show of it."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from kb.access import SYSTEM, Actor, Audience, Role
from kb.errors import InvalidInput, NotAllowed, NotFound
from kb.knowledge_base import KnowledgeBase
from kb.models import Document, audience_id_of
from kb.notifications import MailWish, is_address
from kb.notifying import KINDS, notify
from tests.web.conftest import draft, sign_in, store
from web import notification_labels as labels

LI_NA = Actor("li.na", "李娜", Role.CONTRIBUTOR)
CHEN = Actor("chen.wei", "Chen Wei", Role.READER)
PMO = Actor("pmo", "Zhou Min", Role.ADMINISTRATOR)


def tell(kb: KnowledgeBase, users: set[str], number: int, by: Actor, kind: str = "changed") -> None:
    """One transaction in which something happens to a document."""
    with kb.database.write() as session:
        notify(session, users, kind, "document", number, "地下管廊 𠮷 <b>", by)


def test_nobody_is_told_twice_nor_of_what_they_did_or_may_not_read(
    kb: KnowledgeBase, documents: dict[str, int]
) -> None:
    number = documents["lesson"]
    tell(kb, {"li.na", "chen.wei", "nobody.here", ""}, number, LI_NA)
    assert (kb.notifications.unread(LI_NA), kb.notifications.unread(CHEN)) == (0, 1)
    tell(kb, {"chen.wei"}, number, PMO)
    (told,), total = kb.notifications.all(CHEN)
    assert (total, told.by, told.title) == (1, "Zhou Min", "地下管廊 𠮷 <b>")
    with (
        kb.database.write() as session
    ):  # told once more particularly, the other one says nothing new
        notify(session, {"li.na"}, "mentioned", "document", number, "t", PMO)
        notify(session, {"li.na"}, "changed", "document", number, "t", PMO)
    assert [line.kind for line in kb.notifications.all(LI_NA)[0]] == ["mentioned"]
    secret = store(
        kb, draft("秘密", "# 秘密\n", "zh", "report"), audience=Audience.parse("user:pmo")
    )
    tell(kb, {"li.na", "chen.wei", "pmo"}, secret, SYSTEM)
    assert kb.notifications.unread(CHEN) == 1
    assert [line.by for line in kb.notifications.all(PMO)[0]] == [""]


def test_what_may_not_be_read_any_more_is_neither_listed_nor_counted(
    kb: KnowledgeBase, documents: dict[str, int]
) -> None:
    tell(kb, {"chen.wei"}, documents["lesson"], PMO)
    (told,), _ = kb.notifications.all(CHEN)
    with kb.database.write() as session:
        document = session.get_one(Document, documents["lesson"])
        document.audience_id = audience_id_of(session, Audience.parse("user:pmo"))
    assert kb.notifications.unread(CHEN) == 0
    assert kb.notifications.all(CHEN) == ([], 0)
    with pytest.raises(NotFound):
        kb.notifications.one(CHEN, told.id)


def test_a_notification_is_looked_at_alone_all_at_once_or_with_its_thing(
    kb: KnowledgeBase, documents: dict[str, int]
) -> None:
    for name in ("lesson", "summary", "mixed"):
        tell(kb, {"chen.wei"}, documents[name], PMO)
    newest = kb.notifications.all(CHEN)[0][0]
    kb.notifications.mark(LI_NA, [newest.id])
    assert kb.notifications.unread(CHEN) == 3
    kb.notifications.mark(CHEN, [newest.id])
    kb.notifications.looked_at(CHEN, "document", documents["lesson"])
    assert kb.notifications.unread(CHEN) == 1
    kb.notifications.mark(CHEN)
    assert kb.notifications.unread(CHEN) == 0
    tell(kb, {"chen.wei"}, documents["lesson"], PMO)  # news again
    assert kb.notifications.unread(CHEN) == 1
    with pytest.raises(NotAllowed):
        kb.notifications.all(Actor("", "", Role.READER))


def test_every_kind_has_its_sentence_and_a_mistake_in_the_program_is_loud(
    kb: KnowledgeBase,
) -> None:
    assert set(labels.SENTENCES) == set(labels.ICONS) == KINDS
    for kind, subject in (("nonsense", "document"), ("changed", "nonsense")):
        with kb.database.write() as session, pytest.raises(ValueError, match="nonsense"):
            notify(session, {"pmo"}, kind, subject, 1, "t", SYSTEM)


def test_the_bell_counts_and_the_list_leads_to_the_thing(
    client: TestClient, kb: KnowledgeBase, documents: dict[str, int]
) -> None:
    assert (
        client.get("/notifications", follow_redirects=False)
        .headers["Location"]
        .startswith("/sign-in")
    )
    assert client.post("/notifications").status_code == 403
    assert 'href="/notifications"' not in client.get("/help").text
    sign_in(client, "chen.wei")
    assert "bell-count" not in client.get("/help").text
    tell(kb, {"chen.wei", "li.na"}, documents["lesson"], PMO)
    assert '<span class="bell-count">1</span>' in client.get("/help").text
    page = client.get("/notifications").text
    assert "地下管廊 𠮷 &lt;b&gt;" in page
    (number,) = re.findall(r'href="/notifications/(\d+)"', page)
    other = client.get(f"/notifications/{int(number) + 1}")
    assert other.status_code == 404
    answer = client.get(f"/notifications/{number}", follow_redirects=False)
    assert answer.headers["Location"] == f"/documents/{documents['lesson']}"
    assert "bell-count" not in client.get("/help").text
    assert client.get(f"/notifications?page={10**9}").status_code == 200
    tell(kb, {"chen.wei"}, documents["mixed"], PMO)
    told = client.post("/notifications", headers={"HX-Request": "true"}).text
    assert "<html" not in told
    assert "told-new" not in told


@pytest.mark.parametrize(
    ("address", "right"),
    [
        ("li.na@example.com", True),
        ("李娜@例子.公司", True),
        ("", True),
        ("li na@example.com", False),
        ("a@b@c", False),
        ("@example.com", False),
        ("a@x\r\nBcc: y@z", False),
        ("a" * 320 + "@b", False),
    ],
)
def test_mail_goes_only_where_there_can_be_a_letter_box(
    kb: KnowledgeBase, address: str, *, right: bool
) -> None:
    assert is_address(address) == (right and bool(address))
    wish = MailWish(address, "at-once", "zh")
    if right:
        kb.notifications.wish_mail(CHEN, wish)
        assert kb.notifications.mail_wish(CHEN) == wish
    else:
        with pytest.raises(InvalidInput):
            kb.notifications.wish_mail(CHEN, wish)
        assert kb.notifications.mail_wish(CHEN) == MailWish("", "daily", "")


def test_the_form_keeps_the_wish_and_tells_what_is_wrong(chinese: TestClient) -> None:
    sign_in(chinese, "chen.wei")
    wrong = chinese.post("/notifications/mail", data={"address": "nowhere", "pace": "daily"})
    assert wrong.status_code == 422
    assert "格式应为 name@example.com" in wrong.text
    chinese.post(
        "/notifications/mail", data={"address": "c@example.com", "pace": "none", "language": "en"}
    )
    page = chinese.get("/notifications").text
    assert 'value="c@example.com"' in page
    assert '<option value="none" selected>不发邮件</option>' in page
    assert "本站没有设置邮件服务器" in page
