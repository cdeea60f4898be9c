"""The pages of topics."""

from __future__ import annotations

from fastapi.testclient import TestClient

from kb.access import SYSTEM
from kb.knowledge_base import KnowledgeBase
from kb.search.answers import Names
from tests.web.conftest import sign_in


def test_a_curator_builds_a_book_and_readers_read_it(
    kb: KnowledgeBase, client: TestClient, documents: dict[str, int]
) -> None:
    sign_in(client, "pmo")
    top = client.post("/topics", data={"name_zh": "方法论", "name_en": "Methodology"}).url.path
    client.post("/topics", data={"name_zh": "风险 <b>", "parent": top.rpartition("/")[2]})
    client.post(f"{top}/documents", data={"document": str(documents["summary"])})
    address = f"http://testserver/documents/{documents['lesson']}?q=x#y"
    client.post(f"{top}/documents", data={"document": address})
    client.post(f"{top}/documents/{documents['lesson']}/step", data={"by": "up"})
    client.post("/sign-out")
    page = client.get(top).text
    assert page.index("地下管廊探测的教训") < page.index("Core banking migration")
    assert "风险 &lt;b&gt;" in page
    assert "Arrange this topic" not in page
    book = client.get(f"{top}/book").text
    assert "开工前用探地雷达探明旧管廊" in book
    assert "Four dress rehearsals" in book
    # Once in the contents, once over its text; the heading in the text that says it again is left out.
    assert book.count("地下管廊探测的教训") == 2
    shown = client.get(f"/documents/{documents['lesson']}").text
    assert 'rel="next"' in shown
    assert "Methodology" in shown
    tree = client.get("/topics", headers={"Accept-Language": "zh"}).text
    assert "方法论" in tree


def test_readers_arrange_nothing(kb: KnowledgeBase, client: TestClient, documents: dict[str, int]) -> None:  # fmt: skip
    topic = kb.topics.add(SYSTEM, Names("风险"))
    kb.topics.file(SYSTEM, topic, documents["lesson"])
    for path in (
        "/topics",
        f"/topics/{topic}",
        f"/topics/{topic}/step",
        f"/topics/{topic}/remove",
        f"/topics/{topic}/documents/{documents['lesson']}/remove",
        f"/topics/{topic}/documents/{documents['lesson']}/step",
    ):
        assert client.post(path, data={"name_zh": "x"}).status_code == 403, path
    answer = client.post(f"/topics/{topic}/documents", data={"document": "1"})
    assert answer.status_code == 403
    assert client.get("/links/broken").status_code == 403
    assert client.get("/topics/999").status_code == 404


def test_nonsense_is_refused_with_a_sentence(kb: KnowledgeBase, client: TestClient) -> None:
    topic = kb.topics.add(SYSTEM, Names("风险"))
    sign_in(client, "pmo")
    for document in ("", "abc", "9" * 40, "-1"):
        answer = client.post(f"/topics/{topic}/documents", data={"document": document})
        assert answer.status_code == 422, document
    assert client.post("/topics", data={"name_zh": " "}).status_code == 422
    assert "leads somewhere" in client.get("/links/broken").text
