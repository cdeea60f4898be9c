"""The page about what people asked, and its table."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import timedelta

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient

from kb.access import Actor, Role, anonymous
from kb.config import Settings
from kb.knowledge_base import KnowledgeBase
from kb.models import utc_now
from kb.question_log import QuestionLog
from tests.web.conftest import PASSWORD, sign_in
from web.app import create_app
from web.csv_tables import guarded
from web.language import languages

TOM = Actor("tom", "Tom Brown", Role.READER)
ADDRESSES = ("/insights", "/insights?list=settled", "/insights?list=slow&weeks=52", "/insights.csv")


@pytest.fixture(autouse=True)
def _curator(kb: KnowledgeBase) -> None:
    kb.accounts.add("wang.fang", "王芳", PASSWORD, Role.CURATOR)


def ask(kb: KnowledgeBase, question: str, *, total: int = 0, took_ms: float = 3.0) -> str:
    token = kb.insights.log.record(
        TOM, question, filters={}, total=total, took_ms=took_ms, door="page"
    )
    kb.insights.log.flush(unsettled=True)
    return token


def questions(page: str) -> list[str]:
    return [
        html.unescape(text) for text in re.findall(r'class="question-text"[^>]*>([^<]*)<', page)
    ]


@pytest.mark.parametrize("address", ADDRESSES)
def test_only_curators_see_what_people_asked(
    client: TestClient, kb: KnowledgeBase, address: str
) -> None:
    ask(kb, "裁员计划 layoffs")
    assert client.get(address).status_code == 403
    for name, status in (("chen.wei", 403), ("li.na", 403), ("wang.fang", 200)):
        sign_in(client, name)
        answer = client.get(address)
        assert answer.status_code == status, name
        if status == 403:
            assert "裁员" not in answer.text


def test_only_curators_settle(client: TestClient, kb: KnowledgeBase) -> None:
    ask(kb, "挣值分析")
    for path in ("/insights/settle", "/insights/reopen"):
        assert client.post(path, data={"question": "挣值分析"}).status_code == 403
        sign_in(client, "li.na")
        assert client.post(path, data={"question": "挣值分析"}).status_code == 403
        client.post("/sign-out")
    foreign = {"Sec-Fetch-Site": "cross-site"}
    sign_in(client, "wang.fang")
    assert (
        client.post("/insights/settle", data={"question": "x"}, headers=foreign).status_code == 403
    )


def test_nobodys_name_stands_on_the_page(client: TestClient, kb: KnowledgeBase) -> None:
    ask(kb, "挣值分析")
    sign_in(client, "wang.fang")
    for address in ADDRESSES:
        text = client.get(address).text
        assert "Tom Brown" not in text
        assert "user:tom" not in text


def test_each_list_holds_its_questions_and_can_be_read_in_chinese(
    client: TestClient, kb: KnowledgeBase
) -> None:
    sign_in(client, "wang.fang")
    assert "No questions here." in client.get("/insights").text
    ask(kb, "挣值分析 <b>")
    kb.insights.log.opened(ask(kb, "rollback drill", total=4), 1)
    ask(kb, "𠮷野家 🚀", total=2, took_ms=1500)
    shown = {
        name: questions(client.get("/insights", params={"list": name}).text)
        for name in ("often", "nothing", "unopened", "slow", "settled", "nonsense")
    }
    assert len(shown["often"]) == 3
    assert shown["nothing"] == shown["nonsense"] == ["挣值分析 <b>"]
    assert shown["unopened"] == ["𠮷野家 🚀"]
    assert shown["slow"] == ["𠮷野家 🚀"]
    assert shown["settled"] == []
    page = client.get("/insights?lang=zh").text
    for told in ("What people asked", "Found nothing", "By week", "Settled"):
        chinese = languages()["zh"].gettext(told)
        assert chinese != told
        assert chinese in page
        assert told not in page


def test_a_settled_question_is_gone_from_the_list_and_can_be_brought_back(
    client: TestClient, kb: KnowledgeBase
) -> None:
    ask(kb, "挣值分析")
    ask(kb, "earned value")
    sign_in(client, "wang.fang")
    then = "/insights?list=nothing&weeks=4"
    answer = client.post(
        "/insights/settle", data={"question": "掙值分析", "then": then}, follow_redirects=False
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, then)
    assert questions(client.get(then).text) == ["earned value"]
    assert questions(client.get("/insights?list=settled").text) == ["掙值分析"]
    client.post("/insights/reopen", data={"question": "挣值分析"})
    assert set(questions(client.get(then).text)) == {"挣值分析", "earned value"}
    outside = client.post(
        "/insights/settle",
        data={"question": "x", "then": "https://example.org/"},
        follow_redirects=False,
    )
    assert outside.headers["Location"] == "/"


def test_a_question_leads_to_the_search_and_only_to_pages_that_exist(
    client: TestClient, kb: KnowledgeBase, settings: Settings
) -> None:
    ask(kb, "挣值 EVM")
    ask(kb, "earned value & more")
    sign_in(client, "wang.fang")
    page = html.unescape(client.get("/insights").text)
    assert 'href="/?q=earned+value+%26+more"' in page
    for path in ("/documents/new", "/glossary/new"):
        assert (client.get(path).status_code == 200) == (path in page), path

    grown = create_app(settings, kb)
    router = APIRouter()
    for path in ("/glossary/new", "/documents/new"):
        router.add_api_route(path, lambda: "here")
    grown.include_router(router)
    with TestClient(grown, headers={"Accept-Language": "en"}) as later:
        sign_in(later, "wang.fang")
        page = html.unescape(later.get("/insights").text)
    assert 'href="/glossary/new?zh=%E6%8C%A3%E5%80%BC+EVM"' in page
    assert 'href="/glossary/new?en=earned+value+%26+more"' in page
    assert 'href="/documents/new?title=%E6%8C%A3%E5%80%BC+EVM"' in page


def test_a_week_can_be_looked_at_alone(client: TestClient, kb: KnowledgeBase) -> None:
    ask(kb, "这周的问题")
    before = utc_now() - timedelta(weeks=2)
    earlier = QuestionLog(kb.database, 365, clock=lambda: before)
    earlier.record(TOM, "two weeks ago", filters={}, total=0, took_ms=1.0, door="page")
    earlier.close()
    sign_in(client, "wang.fang")
    page = client.get("/insights").text
    assert set(questions(page)) == {"这周的问题", "two weeks ago"}
    weeks = re.findall(r'href="(/insights\?list=nothing&amp;week=[\d-]+)"', page)
    assert len(weeks) == 2
    assert [questions(client.get(html.unescape(week)).text) for week in weeks] == [
        ["这周的问题"],
        ["two weeks ago"],
    ]


@pytest.mark.parametrize(
    "query",
    [
        *("week=nonsense", "week=9999-12-31", "week=0001-01-01", "weeks=-4", "weeks=abc"),
        *("page=0", "page=99999999", "list="),
    ],
)
def test_an_address_that_makes_no_sense_still_answers(client: TestClient, query: str) -> None:
    sign_in(client, "wang.fang")
    assert client.get(f"/insights?{query}").status_code == 200
    assert client.get(f"/insights.csv?{query}").status_code == 200


def test_htmx_gets_the_block_alone(client: TestClient) -> None:
    sign_in(client, "wang.fang")
    text = client.get("/insights", headers={"HX-Request": "true"}).text
    assert text.startswith("<title>What people asked · Qianjian</title>")
    assert "<html" not in text


HOSTILE = (
    '=HYPERLINK("http://example.org","click")',
    "=1+1",
    "+1-2",
    "-cmd|' /C calc'!A0",
    "@SUM(A1:A9)",
    "＝2+1",  # noqa: RUF001
    "＠SUM(A1)",  # noqa: RUF001
    "＋8",
)


def test_no_question_becomes_a_formula_in_the_table(client: TestClient, kb: KnowledgeBase) -> None:
    harmless = ("风险, “引号”", 'quote " and, comma', "5-3=2", "𠮷 🚀")
    for question in (*HOSTILE, *harmless):
        ask(kb, question)
    sign_in(client, "wang.fang")
    answer = client.get("/insights.csv?list=nothing")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    cells = {row[0] for row in rows[1:]}
    assert cells == {f"'{question}" for question in HOSTILE} | set(harmless)
    assert {len(row) for row in rows} == {8}


@pytest.mark.parametrize("beginning", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "－"])  # noqa: RUF001
def test_whatever_may_begin_a_formula_gets_an_apostrophe(beginning: str) -> None:
    assert guarded(f"{beginning}A1") == f"'{beginning}A1"
    assert guarded(f"A1{beginning}") == f"A1{beginning}"
    assert guarded("") == ""


def test_when_nothing_is_recorded_the_page_says_so(client: TestClient, kb: KnowledgeBase) -> None:
    sign_in(client, "wang.fang")
    assert "Questions are not recorded" not in client.get("/insights").text
    kb.insights.log.keep_days = 0
    assert "Questions are not recorded" in client.get("/insights").text
    assert kb.insights.log.record(
        anonymous(Role.READER), "风险", filters={}, total=0, took_ms=1.0, door="page"
    ) == ""  # fmt: skip
