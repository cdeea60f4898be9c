"""The pages of people."""

from __future__ import annotations

import re
from html import unescape

from fastapi.testclient import TestClient
from sqlalchemy import select

from kb.access import SYSTEM, Role, anonymous
from kb.knowledge_base import KnowledgeBase
from kb.models import AskedQuestion, OpenedHit
from kb.registers import PersonRow
from kb.search.answers import SearchRequest

HAO = PersonRow("hao.jianping", "郝建平", "Hao Jianping", "交付中心", "项目经理", "长沙")
SONG = PersonRow("song.peilin", "", "Song Peilin", "Banking <Team>", "Engineer")
RARE = PersonRow("ji", "𠮷田", "", "交付中心")


def register(kb: KnowledgeBase) -> dict[str, int]:
    kb.registers.put_people(SYSTEM, [HAO, SONG, RARE])
    kb.indexing.catch_up()
    return {person.handle: person.id for person in kb.people.all(SYSTEM)}


def test_everybody_is_listed_by_department_in_the_readers_language(
    kb: KnowledgeBase, client: TestClient
) -> None:
    register(kb)
    page = client.get("/people").text
    assert page.index("Banking &lt;Team&gt;") < page.index("交付中心")
    assert "<strong>Hao Jianping</strong> <span>郝建平</span>" in page
    chinese = client.get("/people", headers={"Accept-Language": "zh"}).text
    assert "<strong>郝建平</strong> <span>Hao Jianping</span>" in chinese
    assert "𠮷田" in chinese


def test_a_person_is_shown_with_what_they_wrote_and_nothing_of_others(
    kb: KnowledgeBase, client: TestClient, documents: dict[str, int]
) -> None:
    ids = register(kb)
    page = client.get(f"/people/{ids['hao.jianping']}").text
    assert "地下管廊探测的教训" in page
    assert "Core banking" not in page
    assert "Nothing here carries this name" in client.get(f"/people/{ids['ji']}").text
    assert client.get("/people/999").status_code == 404
    assert documents


def test_people_are_found_by_search_in_either_of_their_names(
    kb: KnowledgeBase, client: TestClient
) -> None:
    ids = register(kb)
    for asked in ("郝建平", "hao jianping", "Hao", "kind:person 长沙", "类型:人员 项目经理"):
        answer = kb.search(anonymous(Role.READER), SearchRequest(asked))
        assert ("person", ids["hao.jianping"]) in {(hit.subject, hit.id) for hit in answer.hits}, (
            asked
        )
    hit = client.get("/api/v1/search", params={"q": "郝建平", "kind": "person"}).json()["hits"][0]
    assert hit["url"].startswith(f"/people/{ids['hao.jianping']}?")
    assert kb.search(anonymous(Role.NONE), SearchRequest("郝建平")).total == 0


def test_who_may_not_read_finds_nobody(kb: KnowledgeBase) -> None:
    register(kb)
    assert kb.people.all(anonymous(Role.NONE)) == []


def test_a_hit_that_is_no_document_counts_as_opened_too(
    kb: KnowledgeBase, client: TestClient, documents: dict[str, int]
) -> None:
    register(kb)
    for asked, page in (("郝建平", r"/people/\d+"), ("湘江北岸净水厂扩建", r"/projects/\d+")):
        found = re.findall(
            rf'href="({page}\?[^"]*s=[\w-]+)', client.get("/", params={"q": asked}).text
        )
        assert client.get(unescape(found[0])).status_code == 200
    kb.insights.log.flush(unsettled=True)
    with kb.database.read() as session:
        opened = session.scalars(
            select(AskedQuestion.text).join(OpenedHit, OpenedHit.question_id == AskedQuestion.id)
        )
        assert set(opened) == {"郝建平", "湘江北岸净水厂扩建"}
    assert documents
