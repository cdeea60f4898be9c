"""The search page."""

from __future__ import annotations

import re
from datetime import date

import pytest
from fastapi.testclient import TestClient

from kb.access import SYSTEM, Audience
from kb.glossary_rules import EntryText
from kb.knowledge_base import KnowledgeBase
from kb.registers import ProjectRow
from tests.web.conftest import draft, sign_in, store
from web.pages.search import history_header

HTMX = {"HX-Request": "true"}


def test_what_a_visitor_may_not_read_is_not_found(
    client: TestClient, kb: KnowledgeBase, documents: dict[str, int]
) -> None:
    store(kb, draft("保密的风险", "风险", "zh", "plan"), audience=Audience.parse("user:chen.wei"))
    kb.indexing.catch_up()
    assert "保密的" not in client.get("/", params={"q": "风险"}).text
    sign_in(client, "chen.wei")
    assert "保密的" in client.get("/", params={"q": "风险"}).text


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("探地雷达", "地下管廊探测的教训"),
        ("rollback drill", "Core banking migration: closing report"),
        ("風險登記冊", "𠮷祥项目"),
        ("Phase2", "𠮷祥项目"),
        ("𠮷祥", "𠮷祥项目"),
    ],
)
def test_a_question_in_either_language_finds_the_document_and_its_section(
    client: TestClient, documents: dict[str, int], query: str, title: str
) -> None:
    page = client.get("/", params={"q": query}).text
    assert "<mark>" in page
    assert title in re.sub(r"</?mark>", "", page.split('class="hits"')[1])


def test_a_hit_leads_to_the_section_with_the_question_along(
    client: TestClient, documents: dict[str, int]
) -> None:
    page = client.get("/", params={"q": "探地雷达"}).text
    opened = rf'href="/documents/{documents["lesson"]}\?q=%E6%8E%A2%E5%9C%B0%E9%9B%B7%E8%BE%BE&amp;s=[\w-]+#'
    assert re.search(opened, page)


def test_filters_narrow_and_chips_take_them_away(
    client: TestClient, documents: dict[str, int]
) -> None:
    both = client.get("/", params={"q": "risk 风险"}).text
    narrowed = client.get("/", params={"q": "risk 风险", "kind": "lesson"}).text
    assert "Core banking" in both.split('class="hits"')[1]
    assert "Core banking" not in narrowed.split('class="hits"')[1]
    assert 'class="chip" href="/?q=risk+%E9%A3%8E%E9%99%A9"' in narrowed
    # A new question keeps the filter.
    assert '<input type="hidden" form="ask" name="kind" value="lesson">' in narrowed


def test_htmx_gets_the_answer_alone_with_title_and_history(
    client: TestClient, documents: dict[str, int]
) -> None:
    answer = client.get("/", params={"q": "risk"}, headers=HTMX)
    assert answer.text.startswith("<title>risk · Qianjian</title>")
    assert "<html" not in answer.text
    assert answer.headers["HX-Push-Url"] == "/?q=risk"
    assert "HX-Request" in answer.headers["Vary"]


def test_htmx_rebuilding_from_history_gets_the_whole_page(
    client: TestClient, documents: dict[str, int]
) -> None:
    headers = {**HTMX, "HX-History-Restore-Request": "true"}
    assert "<html" in client.get("/", params={"q": "risk"}, headers=headers).text


@pytest.mark.parametrize(
    ("current", "new", "expected"),
    [
        ("http://a/", "/?q=ri", "HX-Push-Url"),
        ("http://a/?q=ri", "/?q=risk", "HX-Replace-Url"),
        ("http://a/?q=%E9%A3%8E", "/?q=%E9%A3%8E%E9%99%A9", "HX-Replace-Url"),
        ("http://a/?q=risk", "/?q=risk&kind=lesson", "HX-Push-Url"),
        ("http://a/?q=risk", "/?q=risk&page=2", "HX-Push-Url"),
        ("http://a/documents/1?q=risk", "/?q=risks", "HX-Push-Url"),
        ("", "/?q=risk", "HX-Push-Url"),
    ],
)
def test_back_leads_to_the_search_before_not_to_half_a_word(
    current: str, new: str, expected: str
) -> None:
    assert history_header(current, new) == expected


@pytest.mark.parametrize(
    "query",
    [
        '"unbalanced',
        "((((",
        "AND OR NOT",
        "的",
        "，。！",
        "*",
        "'; DROP TABLE documents; --",
        "<script>alert(1)</script>",
        "🚀",
        "؟مخاطر",
        "风险 " * 1500,
        "a" * 10_000,
        "\x00\x01",
    ],
)
def test_no_question_is_an_error(client: TestClient, documents: dict[str, int], query: str) -> None:
    answer = client.get("/", params={"q": query})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize(
    "parameters",
    ["from=yesterday", "page=0", "page=-3", "page=99999999999999999999", "year=二〇二〇", "year=99999",
     "sort=price", "per_page=100000", "kind=", "to=2020-13-45", "expand=maybe", "kind=none-such"],
)  # fmt: skip
def test_parameters_that_make_no_sense_are_left_out(
    client: TestClient, documents: dict[str, int], parameters: str
) -> None:
    assert client.get(f"/?q=risk&{parameters}").status_code == 200


def test_nothing_found_says_what_to_try(client: TestClient, documents: dict[str, int]) -> None:
    page = client.get("/", params={"q": "zzzqqq", "kind": "lesson"}).text
    assert "No track here yet" in page
    assert 'href="/?q=zzzqqq"' in page


def test_kinds_and_languages_are_told_in_the_readers_language(
    chinese: TestClient, documents: dict[str, int]
) -> None:
    page = chinese.get("/", params={"q": "风险"}).text
    facets = page.split('class="found"')[0]
    assert "经验教训" in facets
    assert "中文" in facets


def test_projects_are_named_in_the_readers_language(
    client: TestClient, kb: KnowledgeBase, documents: dict[str, int]
) -> None:
    row = ProjectRow("CL-2018-007", "湘江北岸净水厂扩建", "Xiangjiang Water Plant")
    kb.registers.put_projects(SYSTEM, [row])
    english = client.get("/", params={"q": "管廊", "project": "CL-2018-007"}).text
    assert english.count("CL-2018-007 Xiangjiang Water Plant") == 2  # the facet and the chip
    assert '<span class="meta-name">Xiangjiang Water Plant</span>' in english
    client.headers["Accept-Language"] = "zh"
    chinese = client.get("/", params={"q": "管廊", "project": "CL-2018-007"}).text
    assert chinese.count("CL-2018-007 湘江北岸净水厂扩建") == 2
    assert "Xiangjiang" not in chinese


def test_what_was_left_out_of_a_question_is_told_in_the_readers_language(
    chinese: TestClient, documents: dict[str, int]
) -> None:
    page = chinese.get("/", params={"q": 'kind:banana<b> "风险'}).text
    assert "“banana&lt;b&gt;”不是已知的文档类型" in page
    assert "有一个引号没有成对" in page
    assert "quotation mark" not in page


def test_a_slip_is_pointed_out_with_a_link(client: TestClient, documents: dict[str, int]) -> None:
    page = client.get("/", params={"q": "rollbcak drill"}).text
    assert 'href="/?q=rollback+drill"><em>rollback drill</em>' in page
    page = client.get("/", params={"q": "fengxianguanli"}).text
    assert "<em>风险管理</em>" in page


def test_who_finds_nothing_is_helped_on(
    client: TestClient, kb: KnowledgeBase, documents: dict[str, int]
) -> None:
    kb.glossary.save(SYSTEM, EntryText("风险", "risk"))
    page = client.get("/", params={"q": '"管廊 风险 不存在"'}).text
    nothing = page.split('class="nothing"')[1]
    assert 'href="/?q=%E7%AE%A1%E5%BB%8A+%E9%A3%8E%E9%99%A9+%E4%B8%8D%E5%AD%98%E5%9C%A8"' in nothing
    assert 'href="/?person=%E9%83%9D%E5%BB%BA%E5%B9%B3"' in nothing
    assert 'href="/glossary/1"' in nothing
    assert "风险 · risk" in nothing


def test_a_word_can_be_searched_only_as_it_is_written(
    client: TestClient, kb: KnowledgeBase, documents: dict[str, int]
) -> None:
    kb.glossary.save(SYSTEM, EntryText("风险", "risk"))
    page = client.get("/", params={"q": "风险"}).text
    off = "/?q=%E9%A3%8E%E9%99%A9&amp;without=%E9%A3%8E%E9%99%A9"
    assert f'class="expansion-off" href="{off}"' in page
    assert "Core banking" in page.split('class="hits"')[1]
    page = client.get(off.replace("&amp;", "&")).text
    assert "Core banking" not in page.split('class="hits"')[1]
    assert 'href="/?q=%E9%A3%8E%E9%99%A9" rel="nofollow">also by its other names</a>' in page


def test_ready_made_dates_are_told_from_the_readers_day(
    client: TestClient, documents: dict[str, int]
) -> None:
    page = client.get("/", params={"q": "risk"}).text
    year = date.today().year  # noqa: DTZ011  the reader's day
    assert f'href="/?q=risk&amp;from={year}-01-01"' in page
    assert f'href="/?q=risk&amp;from={year - 1}-01-01&amp;to={year - 1}-12-31"' in page
    page = client.get("/", params={"q": "risk", "from": "去年", "to": "last year"}).text
    chosen = page.split("Last year")[0].rsplit("<li>", 1)[1]
    assert 'aria-current="true"' in chosen
