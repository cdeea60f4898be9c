"""Comments: on a page or a section, for its readers; who is mentioned is told, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kb import open_kb
from kb.access import FOR_EVERYONE, Actor, Audience, Role, anonymous
from kb.config import Settings
from kb.editing_texts import Text
from kb.errors import InvalidInput, NotAllowed, NotFound
from kb.knowledge_base import KnowledgeBase
from kb.mentions import mentioned, pieces

PASSWORD = "a long enough password"
LI_NA = Actor("li.na", "李娜", Role.CONTRIBUTOR)
CURATOR = Actor("zhou.min", "周敏", Role.CURATOR)
READER = Actor("chen.wei", "Chen Wei", Role.READER)
NOBODY = anonymous(Role.READER)
USERS = {"li.na": "李娜", "chen.wei": "Chen Wei", "li": "李"}


@pytest.fixture
def kb(data_folder: Path) -> Iterator[KnowledgeBase]:
    with open_kb(Settings(data_dir=data_folder)) as opened:
        for actor in (LI_NA, CURATOR, READER):
            opened.accounts.add(actor.id, actor.name, PASSWORD, actor.role)
        yield opened


def page(kb: KnowledgeBase, audience: Audience = FOR_EVERYONE) -> int:
    number = kb.editing.new(
        CURATOR, title="沟通计划", kind="guide", language="zh", audience=audience
    )
    kb.editing.save(CURATOR, number, Text("沟通计划", "# 例会\n\n每周一次。\n"), base=1)
    kb.lifecycle.take(CURATOR, number, "publish", note="first")
    return number


@pytest.mark.parametrize(
    ("text", "users"),
    [
        ("@李娜请看", ["li.na"]),
        ("@李 和 @chen.wei,", ["li", "chen.wei"]),
        ("＠李娜", ["li.na"]),  # noqa: RUF001  full-width is meant
        ("@li.", ["li"]),
        ("a@li.na", []),
        ("@li.name", []),
        ("@Chen Wei @CHEN.WEI", ["chen.wei", "chen.wei"]),
        ("@nobody 🚀 @", []),
        ("请@李娜", ["li.na"]),
    ],
)
def test_mentions_are_the_longest_names_that_the_text_goes_on_with(
    text: str, users: list[str]
) -> None:
    assert [span.user for span in mentioned(text, USERS)] == users
    assert "".join(part for part, _ in pieces(text, USERS)) == text


def test_a_reader_comments_on_a_section_answers_and_settles(kb: KnowledgeBase) -> None:
    number = page(kb)
    anchor = kb.documents.get(NOBODY, number).sections[0].anchor
    first = kb.comments.add(READER, number, "太频繁？", anchor=anchor)
    kb.comments.add(LI_NA, number, "同意", thread=first)
    [thread] = kb.comments.threads(NOBODY, number)
    assert (thread.heading, thread.first.by, [a.text for a in thread.answers]) == (
        "例会",
        "Chen Wei",
        ["同意"],
    )
    kb.comments.resolve(LI_NA, first, done=True)
    assert kb.comments.threads(NOBODY, number)[0].resolved_by == "李娜"
    kb.comments.resolve(LI_NA, first, done=False)
    assert kb.comments.threads(NOBODY, number)[0].resolved_at is None
    kb.editing.save(CURATOR, number, Text("沟通计划", "没有小节了"), base=2)
    kb.lifecycle.take(CURATOR, number, "publish", note="x")
    assert kb.comments.threads(NOBODY, number)[0].lost


def test_one_changes_and_deletes_only_ones_own_and_curators_delete_any(kb: KnowledgeBase) -> None:
    number = page(kb)
    own = kb.comments.add(READER, number, "一")
    for actor in (LI_NA, NOBODY, CURATOR):
        with pytest.raises(NotAllowed):
            kb.comments.edit(actor, own, "二")
    for actor in (LI_NA, NOBODY):
        with pytest.raises(NotAllowed):
            kb.comments.delete(actor, own)
    kb.comments.edit(READER, own, "二")
    assert kb.comments.threads(NOBODY, number)[0].first.edited
    kb.comments.add(LI_NA, number, "回", thread=own)
    kb.comments.delete(CURATOR, own)
    [thread] = kb.comments.threads(NOBODY, number)
    assert (thread.first.deleted, thread.first.text, thread.answers[0].text) == (True, "", "回")
    with pytest.raises(NotFound):
        kb.comments.edit(READER, own, "again")


def test_comments_need_a_name_a_text_and_a_place(kb: KnowledgeBase) -> None:
    number = page(kb)
    with pytest.raises(NotAllowed):
        kb.comments.add(NOBODY, number, "?")
    for text in ("", "  \n", "字" * 5_001):
        with pytest.raises(InvalidInput):
            kb.comments.add(READER, number, text)
    with pytest.raises(NotFound):
        kb.comments.add(READER, number, "x", anchor="nowhere")
    with pytest.raises(NotFound):
        kb.comments.add(READER, number, "x", thread=99)
    elsewhere = kb.comments.add(READER, page(kb), "x")
    with pytest.raises(NotFound):
        kb.comments.add(READER, number, "x", thread=elsewhere)


def test_only_those_who_may_read_the_page_are_told_and_offered(kb: KnowledgeBase) -> None:
    number = page(kb, Audience.parse("user:zhou.min, user:li.na"))
    with pytest.raises(NotFound):
        kb.comments.threads(READER, number)
    comment = kb.comments.add(CURATOR, number, "@李娜 @chen.wei @zhou.min 请看")
    assert [m.comment_id for m in kb.comments.mentions(LI_NA)] == [comment]
    assert kb.comments.mentions(READER) == []
    assert kb.comments.mentions(CURATOR) == []
    offered = {user for user, _ in kb.comments.people(LI_NA, number, "")}
    assert offered == {"li.na", "zhou.min"}
    with pytest.raises(NotFound):
        kb.comments.people(READER, number, "")
    assert not kb.comments.mentions(LI_NA)[0].seen
    kb.comments.seen(LI_NA, number)
    assert kb.comments.mentions(LI_NA)[0].seen
    kb.comments.edit(CURATOR, comment, "不用了")
    assert kb.comments.mentions(LI_NA) == []
