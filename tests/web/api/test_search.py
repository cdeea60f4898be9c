"""``GET /api/v1/search`` and ``/api/v1/suggest``: the contract that scripts rely on."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from kb.access import SYSTEM, Audience
from kb.config import Settings
from kb.glossary_rules import EntryText
from kb.knowledge_base import KnowledgeBase
from kb.registers import ProjectRow
from tests.web.conftest import draft, sign_in, store
from web.app import create_app


def test_a_visitor_who_may_not_read_finds_nothing(
    kb: KnowledgeBase, settings: Settings, documents: dict[str, int]
) -> None:
    strict = settings.model_copy(update={"anonymous_role": "none"})
    kb.settings = strict
    with TestClient(create_app(strict, kb)) as client:
        for path in ("/api/v1/search?q=risk", "/api/v1/suggest?q=Core"):
            answer = client.get(path)
            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            assert answer.json()["code"] == "sign-in-needed"
        sign_in(client, "chen.wei")
        assert client.get("/api/v1/search?q=risk").json()["total"] > 0


def test_what_is_for_others_is_neither_found_counted_nor_suggested(
    client: TestClient, kb: KnowledgeBase, documents: dict[str, int]
) -> None:
    secret = draft("Secret risk offer", "risk", "en", "plan", tags=("secret-tag",))
    store(kb, secret, audience=Audience.parse("user:chen.wei"))
    kb.indexing.catch_up()
    text = client.get("/api/v1/search?q=risk").text + client.get("/api/v1/suggest?q=Secret").text
    assert "Secret risk" not in text
    assert "secret-tag" not in text
    sign_in(client, "chen.wei")
    text = client.get("/api/v1/search?q=risk").text + client.get("/api/v1/suggest?q=Secret").text
    assert text.count("Secret ") >= 2


def test_the_answer_has_the_form_of_the_contract(
    client: TestClient, documents: dict[str, int]
) -> None:
    answer = client.get("/api/v1/search", params={"q": "探地雷达"}).json()
    assert {"query", "total", "took_ms", "hits", "facets", "did_you_mean", "expansions"} <= set(
        answer
    )
    hit = answer["hits"][0]
    fields = {"id", "kind", "title", "url", "score", "language", "snippet", "section", "updated"}
    assert fields <= set(hit)
    assert hit["id"] == documents["lesson"]
    assert hit["section"]["heading"] == "建议"
    assert hit["url"].endswith("#" + hit["section"]["anchor"])
    assert answer["facets"]["kind"] == [{"value": "lesson", "label": "Lesson learned", "count": 1}]


def test_a_snippet_is_html_with_mark_only(
    client: TestClient, kb: KnowledgeBase, documents: dict[str, int]
) -> None:
    body = "Use <b>risk</b> & <script>alert(1)</script> risk < 3."
    store(kb, draft("<i>risk</i>", body, "en", "other"))
    kb.indexing.catch_up()
    for hit in client.get("/api/v1/search?q=risk").json()["hits"]:
        assert "<mark>" in hit["snippet"]
        assert not re.search(r"<(?!/?mark>)", hit["snippet"])


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ("kind=lesson", {"lesson"}),
        ("kind=lesson&kind=summary", {"lesson", "summary"}),
        ("language=zh", {"lesson", "mixed"}),
        ("project=CL-2018-007", {"lesson"}),
        ("tag=风险管理", {"lesson"}),
        ("person=郝建平", {"lesson"}),
        ("person=Song Peilin&person=陆文昭", {"lesson", "summary"}),
        ("year=2020", {"lesson"}),
        ("from=2020-01-01&to=2020-12-31", {"lesson"}),
        ("from=2021-01-01", {"summary"}),
        ("kind=lesson&language=en", set()),
        ("kind=nonsense", set()),
        ("q=risk&expand=off&kind=summary", {"summary"}),
    ],
)
def test_each_filter_narrows(
    client: TestClient, documents: dict[str, int], parameters: str, expected: set[str]
) -> None:
    found = {hit["id"] for hit in client.get(f"/api/v1/search?{parameters}").json()["hits"]}
    assert found == {documents[name] for name in expected}


def test_pages_do_not_overlap_and_together_are_complete(
    client: TestClient, documents: dict[str, int]
) -> None:
    pages = [
        client.get(f"/api/v1/search?per_page=1&sort=date&page={number}").json()
        for number in (1, 2, 3, 4)
    ]
    hits = [(hit["subject"], hit["id"]) for page in pages for hit in page["hits"]]
    # The lesson names a project, which is found like everything else.
    assert len(hits) == len(set(hits)) == 4
    assert [subject for subject, _ in hits].count("project") == 1
    assert {number for subject, number in hits if subject == "document"} == set(documents.values())
    assert {page["total"] for page in pages} == {4}
    assert hits[0] == ("document", documents["summary"])


def test_labels_are_in_the_language_asked_for(
    chinese: TestClient, documents: dict[str, int]
) -> None:
    facets = chinese.get("/api/v1/search?q=风险").json()["facets"]
    assert "经验教训" in [value["label"] for value in facets["kind"]]
    assert {"value": "zh", "label": "中文", "count": 2} in facets["language"]


@pytest.mark.parametrize(
    "parameters", ["page=0", "per_page=101", "from=tomorrow", "sort=price", "year=abc", "expand=1"]
)
def test_parameters_that_make_no_sense_are_a_problem_that_says_so(
    client: TestClient, parameters: str
) -> None:
    answer = client.get(f"/api/v1/search?{parameters}")
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert set(problem) == {"type", "title", "status", "detail", "advice", "code"}
    assert parameters.split("=", maxsplit=1)[0] in problem["detail"]


@pytest.mark.parametrize(
    "query", ["(((", '"', "*", "a" * 10_000, "的", "🚀", "\x00", "x:y:z", "NOT"]
)
def test_any_question_gets_an_answer(
    client: TestClient, documents: dict[str, int], query: str
) -> None:
    for path in ("search", "suggest"):
        assert client.get(f"/api/v1/{path}", params={"q": query}).status_code == 200


def test_suggestions_lead_to_documents_and_projects(
    client: TestClient, documents: dict[str, int]
) -> None:
    found = client.get("/api/v1/suggest", params={"q": "管廊"}).json()["suggestions"]
    assert found[0] == {
        "text": "地下管廊探测的教训",
        "kind": "document",
        "url": f"/documents/{documents['lesson']}",
    }
    found = client.get("/api/v1/suggest", params={"q": "CL-2018"}).json()["suggestions"]
    assert [each["kind"] for each in found] == ["project"]
    assert client.get("/api/v1/suggest?q=").json()["suggestions"] == []


def test_suggestions_of_all_kinds_say_where_they_lead(
    client: TestClient, kb: KnowledgeBase, documents: dict[str, int]
) -> None:
    kb.glossary.save(SYSTEM, EntryText("风险登记册", "risk register"))

    def offered(typed: str) -> dict[str, tuple[str, str]]:
        found = client.get("/api/v1/suggest", params={"q": typed}).json()["suggestions"]
        return {each["text"]: (each["kind"], each["url"]) for each in found}

    assert offered("haojp") == {"郝建平": ("person", "/?person=%E9%83%9D%E5%BB%BA%E5%B9%B3")}
    assert offered("xjba")["CL-2018-007 湘江北岸净水厂扩建"] == ("project", "/?project=CL-2018-007")
    shown = offered("fengx")
    assert shown["风险管理"] == ("tag", "/?tag=%E9%A3%8E%E9%99%A9%E7%AE%A1%E7%90%86")
    assert shown["风险登记册"] == ("term", "")
    lesson = f"/documents/{documents['lesson']}"
    assert offered("dxgl")["地下管廊探测的教训"] == ("document", lesson)
    row = ProjectRow("CL-2018-007", "湘江北岸净水厂扩建", "Xiangjiang Water Plant")
    kb.registers.put_projects(SYSTEM, [row])
    assert "CL-2018-007 Xiangjiang Water Plant" in offered("CL-2018")


def test_suggestions_hold_nothing_of_others(
    client: TestClient, kb: KnowledgeBase, documents: dict[str, int]
) -> None:
    hidden = draft(
        "裁员计划", "正文", "zh", "plan", authors=("赵总",), tags=("裁员",), project_code="CL-X"
    )
    store(kb, hidden, audience=Audience.parse("user:chen.wei"))
    for typed in ("裁员", "cyjh", "zhaozong", "CL-X", "caiyuan"):
        assert client.get("/api/v1/suggest", params={"q": typed}).json()["suggestions"] == []
    sign_in(client, "chen.wei")
    assert len(client.get("/api/v1/suggest?q=cyjh").json()["suggestions"]) == 1


def test_why_a_document_is_a_hit(
    client: TestClient, kb: KnowledgeBase, documents: dict[str, int]
) -> None:
    hidden = store(
        kb, draft("保密", "风险", "zh", "plan"), audience=Audience.parse("user:chen.wei")
    )
    kb.indexing.catch_up()
    assert client.get(f"/api/v1/search/why?q=风险&id={hidden}").status_code == 404
    assert client.get("/api/v1/search/why?q=风险&id=0").status_code == 422
    assert client.get("/api/v1/search/why?q=风险").status_code == 422
    told = client.get(f"/api/v1/search/why?q=勘探 管廊 xyzzy&id={documents['lesson']}").json()
    assert (told["found"], told["documents"], told["missing"]) == (
        True,
        4,  # three documents and the project that one of them names
        ["勘探", "xyzzy"],
    )
    assert told["reasons"][0]["word"] == "管廊"
    assert told["reasons"][0]["documents"] == 1
    assert sum(each["share"] for each in told["reasons"]) == pytest.approx(1, abs=0.01)
    assert client.get("/api/v1/search/why?q=rollback&id=1").json()["found"] is False


def test_dates_may_be_told_from_today_and_notes_are_told_in_the_readers_language(
    chinese: TestClient, documents: dict[str, int]
) -> None:
    answer = chinese.get("/api/v1/search", params={"q": "kind:banana", "from": "since 2019"})
    assert answer.status_code == 200
    assert answer.json()["ignored"][0].startswith("“banana”不是已知的文档类型")
    assert chinese.get("/api/v1/search?from=1.1.19").status_code == 422


def test_another_spelling_is_offered(client: TestClient, documents: dict[str, int]) -> None:
    assert client.get("/api/v1/search?q=rollbcak").json()["did_you_mean"] == "rollback"
    assert client.get("/api/v1/search?q=rollback").json()["did_you_mean"] is None
