"""The queue of candidate lessons: the page with and without htmx, and the API."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient
from starlette.datastructures import QueryParams

from ingest.harvest import harvest
from kb.access import SYSTEM, Audience
from kb.candidates import CandidateFilter, CandidateState
from kb.config import Settings
from kb.drafts import Draft, Guess
from kb.knowledge_base import KnowledgeBase
from tests.web.conftest import sign_in, store
from web.app import create_app
from web.pages.candidates import address, read

BODY = """# 净水厂扩建 总结报告

## 8 经验教训

### 8.1 管廊 <b>未探明</b> & 停工

现象：承台开挖时挖出旧管廊，停工46天。

原因：地勘只布了4个钻孔。

建议：开工前用探地雷达。

### 8.2 Survey in an empty yard 🚢

The first wireless survey was done without containers. Next time we survey with containers stacked.
"""
SECRET = Audience(frozenset({"group:board"}))


@pytest.fixture
def report(kb: KnowledgeBase) -> int:
    """A document with two candidate lessons, and one that nobody here may read, with one."""
    draft = Draft(
        "净水厂扩建 总结报告", BODY, "zh", Guess("report"), "md", project_code="CL-2018-007"
    )
    secret = Draft(
        "秘密",
        "# 秘密\n\n## 教训\n\n- 不该让人看见的一条教训。\n",
        "zh",
        Guess("report"),
        "md",
        project_code="CL-2022-014",
    )
    store(kb, replace(secret, lessons=tuple(harvest(secret.body))), audience=SECRET)
    return store(kb, replace(draft, lessons=tuple(harvest(draft.body))))


@pytest.fixture
def strict(kb: KnowledgeBase, settings: Settings) -> Iterator[TestClient]:
    """A visitor of a site where nobody reads without signing in."""
    closed = settings.model_copy(update={"anonymous_role": "none"})
    kb.settings = closed
    with TestClient(create_app(closed, kb), headers={"Accept-Language": "en"}) as opened:
        yield opened


def states(kb: KnowledgeBase, document: int) -> dict[str, CandidateState]:
    found = {}
    for state in ("waiting", "kept", "rejected", "gone"):
        asked = CandidateFilter(state, document)
        for candidate in kb.candidates.queue(SYSTEM, asked)[0]:
            found[candidate.title] = candidate.state
    return found


def ids(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'id="candidate-(\d+)"', page)]


def test_who_may_not_read_sees_no_queue_and_decides_nothing(
    strict: TestClient, kb: KnowledgeBase, report: int
) -> None:
    page = strict.get("/candidates")
    assert page.url.path == "/sign-in"
    assert "管廊" not in page.text
    assert strict.get("/api/v1/candidates").status_code == 401
    assert strict.post("/candidates/1", data={"decision": "kept"}).url.path == "/sign-in"
    answer = strict.post("/api/v1/candidates/1/decision", json={"decision": "kept"})
    assert answer.status_code == 401
    assert strict.get("/api/v1/candidates/1").status_code == 401
    assert set(states(kb, report).values()) == {"waiting"}


def test_what_stands_in_a_document_of_others_is_not_there(
    client: TestClient, kb: KnowledgeBase, report: int
) -> None:
    sign_in(client, "pmo")
    hidden = report - 1
    page = client.get("/candidates").text
    assert "不该让人看见" not in page
    assert "CL-2022-014" not in page
    assert client.get("/api/v1/candidates").json()["counts"]["waiting"] == 2
    assert client.get(f"/candidates?document={hidden}").status_code == 404
    assert client.get(f"/api/v1/candidates?document={hidden}").json()["total"] == 0
    secret = 1  # the first one that was ever recorded
    assert client.get(f"/api/v1/candidates/{secret}").status_code == 404
    for answer in (
        client.post(f"/candidates/{secret}", data={"decision": "rejected"}),
        client.post(f"/api/v1/candidates/{secret}/decision", json={"decision": "rejected"}),
        client.post("/candidates/999999", data={"decision": "rejected"}),
    ):
        assert answer.status_code == 404
    assert list(states(kb, hidden).values()) == ["waiting"]


def test_a_reader_reads_the_queue_and_has_no_buttons(client: TestClient, report: int) -> None:
    sign_in(client, "chen.wei")
    page = client.get("/candidates").text
    assert len(ids(page)) == 2
    assert "data-key" not in page
    number = ids(page)[0]
    assert client.post(f"/candidates/{number}", data={"decision": "kept"}).status_code == 403


def test_a_candidate_is_shown_with_its_words_and_leads_to_its_section(
    client: TestClient, report: int
) -> None:
    page = client.get("/candidates").text
    assert "管廊 未探明 &amp; 停工" in page
    assert "地勘只布了4个钻孔。" in page
    assert "Next time we survey with containers stacked." in page
    assert "section “8 经验教训”, sub-section 1" in page
    link = re.search(rf'href="(/documents/{report}#[^"]+)"', page)
    assert link
    anchor = link[1].split("#")[1]
    assert f'id="{anchor}"' in client.get(f"/documents/{report}").text


def test_without_javascript_a_form_decides_and_leads_back_to_the_same_list(
    client: TestClient, kb: KnowledgeBase, report: int
) -> None:
    sign_in(client, "pmo")
    here = f"/candidates?document={report}"
    first, second = ids(client.get(here).text)
    answer = client.post(
        f"/candidates/{first}", data={"decision": "kept", "then": here}, follow_redirects=False
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, here)
    client.post(f"/candidates/{second}", data={"decision": "rejected", "then": here})
    assert sorted(states(kb, report).values()) == ["kept", "rejected"]
    assert ids(client.get("/candidates?state=kept").text) == [first]
    assert "</svg>pmo</span>" in client.get("/candidates?state=kept").text
    client.post(f"/candidates/{first}", data={"decision": "waiting", "then": here})
    assert ids(client.get("/candidates").text) == [first]


def test_htmx_gets_the_list_without_the_one_that_was_decided(
    client: TestClient, report: int
) -> None:
    sign_in(client, "pmo")
    first, second = ids(client.get("/candidates").text)
    answer = client.post(
        f"/candidates/{first}",
        data={"decision": "rejected", "then": "/candidates"},
        headers={"HX-Request": "true"},
    )
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert ids(answer.text) == [second]
    assert answer.text.count('data-key="a"') == 1


@pytest.mark.parametrize("then", ["https://elsewhere.example/", "//elsewhere.example", "/\\x"])
def test_nobody_is_sent_to_another_site(client: TestClient, report: int, then: str) -> None:
    sign_in(client, "pmo")
    number = ids(client.get("/candidates").text)[0]
    answer = client.post(
        f"/candidates/{number}", data={"decision": "kept", "then": then}, follow_redirects=False
    )
    assert answer.headers["Location"] == "/"


def test_a_decision_that_is_none_is_refused_and_changes_nothing(
    client: TestClient, kb: KnowledgeBase, report: int
) -> None:
    sign_in(client, "pmo")
    number = ids(client.get("/candidates").text)[0]
    assert client.post(f"/candidates/{number}", data={"decision": "gone"}).status_code == 422
    assert client.post(f"/candidates/{number}").status_code == 422
    bad = client.post(f"/api/v1/candidates/{number}/decision", json={"decision": "gone"})
    assert bad.status_code == 422
    assert bad.headers["Content-Type"] == "application/problem+json"
    assert set(states(kb, report).values()) == {"waiting"}


@pytest.mark.parametrize(
    "path",
    [
        "/candidates?state=nonsense",
        "/candidates?page=0",
        "/candidates?page=99999999999999999999",
        "/candidates?document=abc&project=%F0%A0%AE%B7",
        "/candidates?page=7",
        "/candidates?document=²",
    ],
)
def test_an_address_that_makes_no_sense_still_shows_a_list(
    client: TestClient, report: int, path: str
) -> None:
    assert client.get(path).status_code == 200


def test_the_list_is_narrowed_by_project_and_document(client: TestClient, report: int) -> None:
    page = client.get("/candidates?project=CL-2018-007").text
    assert len(ids(page)) == 2
    assert ids(client.get("/candidates?project=CL-2099-001").text) == []
    assert "净水厂扩建 总结报告" in client.get(f"/candidates?document={report}&state=kept").text


@pytest.mark.parametrize(
    "asked",
    [
        CandidateFilter(),
        CandidateFilter("kept", 7, "CL-2018-007"),
        CandidateFilter("rejected", None, "𠮷祥 & Söhne?"),
    ],
)
@pytest.mark.parametrize("page", [1, 3])
def test_an_address_says_which_list_it_is(asked: CandidateFilter, page: int) -> None:
    assert read(QueryParams(address(asked, page).partition("?")[2])) == (asked, page)


def test_the_page_speaks_chinese(chinese: TestClient, report: int) -> None:
    sign_in(chinese, "pmo")
    page = chinese.get("/candidates").text
    for words in ("候选教训", "根本原因", "建议", "采纳", "合并", "不采用", "小节 1"):
        assert words in page, words
    for english in ("Candidate lessons", "Recommendation", "sub-section"):
        assert english not in page


def test_the_api_lists_tells_one_and_decides(client: TestClient, report: int) -> None:
    sign_in(client, "pmo")
    listed = client.get("/api/v1/candidates", params={"document": report, "per_page": 1}).json()
    assert (listed["total"], len(listed["candidates"])) == (2, 1)
    one = listed["candidates"][0]
    assert (one["cause"], one["recommendation"]) == ("地勘只布了4个钻孔。", "开工前用探地雷达。")
    assert one["source_url"].startswith(f"/documents/{report}#8-1-")
    assert client.get(f"/api/v1/candidates/{one['id']}").json() == one
    decided = client.post(
        f"/api/v1/candidates/{one['id']}/decision", json={"decision": "kept"}
    ).json()
    assert (decided["state"], decided["decided_by"]) == ("kept", "pmo")
    counts = client.get("/api/v1/candidates?state=kept").json()["counts"]
    assert counts == {"waiting": 1, "kept": 1, "rejected": 0, "gone": 0}
    assert client.get("/api/v1/candidates?state=nonsense").status_code == 422
    assert client.get(f"/api/v1/candidates/{2**63}").status_code in {404, 422}
