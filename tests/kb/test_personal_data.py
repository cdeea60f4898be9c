"""What is stored about a person can be handed out whole, and taken away while the work stays."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from kb import open_kb
from kb.access import SYSTEM, Actor, Audience, Role
from kb.audit import AuditFilter
from kb.config import Settings
from kb.drafts import Draft, Guess
from kb.errors import InvalidInput, NotAllowed, NotFound
from kb.knowledge_base import KnowledgeBase
from kb.models import Base, Person, User, record_audit
from kb.search.answers import SearchRequest

LI = Actor("li.na", "李娜", Role.CURATOR)
PMO = Actor("pmo", "Zhou Min", Role.ADMINISTRATOR)
TEXTS = [
    ("管廊教训", "联系人：李娜（项目经理）。开工前探明旧管廊。"),
    ("Cut-over", "Ask Li Na or @li.na before the rehearsal; Li Nanxiang is somebody else. 🚀"),
    ("別人的 others", "王李娜娜 is left as Chinese has no gaps; li.nathan too."),
]


@pytest.fixture
def kb(data_folder: Path) -> Iterator[KnowledgeBase]:
    with open_kb(Settings(data_dir=data_folder)) as opened:
        with opened.database.write() as session:
            session.add_all(
                User(
                    id=a.id,
                    name=a.name,
                    role=a.role.value,
                    password_hash="x",
                    email=f"{a.id}@example.com",
                )
                for a in (LI, PMO)
            )
            session.flush()
            session.add(
                Person(handle="li.na", name_zh="李娜", name_en="Li Na", phone="138 0000 0000",
                       user_id="li.na", department="PMO")
            )  # fmt: skip
        for number, (title, body) in enumerate(TEXTS):
            opened.documents.store(
                LI,
                Draft(title, body, "zh", Guess("summary"), "md", authors=("李娜",)),
                place=f"/{number}.md",
                audience=Audience.parse("user:li.na, user:pmo" if number == 2 else "everyone"),
            )
        opened.comments.add(LI, 1, "我来处理 @pmo 🙂")
        opened.saved_searches.save(LI, "风险", SearchRequest(query="风险"))
        with opened.database.write() as session:
            record_audit(session, PMO, "set-role", "user", "li.na", {"role": "curator"})
        opened.indexing.catch_up()
        yield opened


def everything(kb: KnowledgeBase) -> str:
    """The whole database as text."""
    with kb.database.read() as session:
        return "\n".join(
            f"{table.name}: {json.dumps([str(cell) for cell in row], ensure_ascii=False)}"
            for table in Base.metadata.sorted_tables
            for row in session.execute(select(table))
        )


def test_everything_about_somebody_is_handed_out_but_what_proves_who_they_are(
    kb: KnowledgeBase,
) -> None:
    told = kb.personal_data.export(PMO, "li.na")
    assert json.loads(json.dumps(told)) == told
    assert told["names"] == sorted(["李娜", "Li Na", "li.na@example.com", "138 0000 0000"])
    assert {"users", "people", "documents", "document_people", "document_comments"} <= set(
        told["rows"]
    )
    assert "password_hash" not in told["rows"]["users"][0]
    assert [deed["action"] for deed in told["deeds"]].count("store") >= 3
    assert kb.personal_data.export(LI, "li.na")["who"] == ["li.na"]  # one's own
    assert kb.audit.entries(PMO, AuditFilter(action="export-person"))[1] == 2


def test_only_administrators_may_and_nobody_erases_themselves(kb: KnowledgeBase) -> None:
    with pytest.raises(NotAllowed):
        kb.personal_data.export(LI, "pmo")
    with pytest.raises(NotAllowed):
        kb.personal_data.erase(LI, "li.na", confirmed=True)
    with pytest.raises(InvalidInput):
        kb.personal_data.erase(PMO, "pmo", confirmed=True)
    with pytest.raises(NotFound):
        kb.personal_data.erase(PMO, "谁", confirmed=True)


def test_without_confirmation_it_is_told_and_nothing_is_changed(kb: KnowledgeBase) -> None:
    before = everything(kb)
    told = kb.personal_data.erase(PMO, "li.na", confirmed=False)
    assert told.changed["documents"] == 3
    assert everything(kb) == before


def test_the_name_goes_everywhere_and_the_work_stays(kb: KnowledgeBase) -> None:
    done = kb.personal_data.erase(PMO, "li.na", confirmed=True)
    kb.indexing.rebuild()
    left = everything(kb)
    for word in ("李娜（", "Li Na ", "@li.na ", "138 0000", "li.na@", '"li.na"', "user:li.na"):
        assert word not in left, word
    # Others, whose names only begin alike, keep theirs.
    for word in ("Li Nanxiang", "li.nathan", "Zhou Min", "开工前探明旧管廊"):
        assert word in left, word
    titles = {document.title for document in kb.documents.recent(SYSTEM, 9)}
    assert titles == {title for title, _ in TEXTS}
    assert kb.search(SYSTEM, SearchRequest(query="李娜（项目经理）")).hits[0].people == (
        done.pseudonym,
    )
    assert kb.search(SYSTEM, SearchRequest(query='"联系人 李娜"')).total == 0
    (person,) = kb.people.all(SYSTEM)
    assert (person.name_zh, person.phone, person.department) == (done.pseudonym, "", "")
    assert kb.accounts.actor("li.na") is None
    assert left.count("我来处理") >= 1
    assert "风险" not in [line for line in left.splitlines() if line.startswith("saved_searches")]


def test_the_log_keeps_the_deeds_under_a_pseudonym_and_still_holds(kb: KnowledgeBase) -> None:
    before = kb.audit.entries(PMO, AuditFilter(user="li.na"))[1]
    done = kb.personal_data.erase(PMO, "li.na", confirmed=True)
    token = done.pseudonym.strip("()").replace("erased-", "u-")
    lines, total = kb.audit.entries(PMO, AuditFilter(user=token))
    assert total == before > 0
    assert {line.name for line in lines} == {""}
    assert kb.audit.entries(PMO, AuditFilter(user="li.na"))[1] == 0
    assert kb.audit.verify().breaks == ()
    (last,) = kb.audit.entries(PMO, AuditFilter(action="erase-person"))[0]
    assert (last.by, last.thing) == ("pmo", token)


def test_who_may_read_what_stays_the_same_for_everybody_else(kb: KnowledgeBase) -> None:
    kb.personal_data.erase(PMO, "li.na", confirmed=True)
    assert kb.documents.get(PMO, 3).title == TEXTS[2][0]
    with pytest.raises(NotFound):
        kb.documents.get(LI, 3)
