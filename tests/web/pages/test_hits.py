"""Why a hit is one, and what else is like it."""

from __future__ import annotations

import re
from typing import get_args, get_type_hints

import pytest
from fastapi.testclient import TestClient

from kb.access import Audience
from kb.knowledge_base import KnowledgeBase
from kb.search.answers import ReasonHow, WordReason
from tests.web.conftest import draft, sign_in, store
from web.api.search import WhyReasonAnswer
from web.language import languages
from web.pages.hits import HOW, places, rarity

HTMX = {"HX-Request": "true"}


def test_every_way_of_counting_has_its_words_in_both_languages_and_in_the_interface() -> None:
    told = {how: text for how in get_args(ReasonHow) if (text := HOW.get(how))}
    assert set(get_args(ReasonHow)) - set(told) == {"word"}  # which needs no telling
    for text in told.values():
        assert languages()["zh"].gettext(text) != text
    assert set(get_args(get_type_hints(WhyReasonAnswer)["how"])) == set(get_args(ReasonHow))


def test_what_a_visitor_may_not_read_has_neither_reasons_nor_likenesses(
    client: TestClient, kb: KnowledgeBase, documents: dict[str, int]
) -> None:
    hidden = store(
        kb,
        draft(
            "保密的地下管廊探测", "湘江北岸净水厂扩建，开工前用探地雷达探明旧管廊。", "zh", "plan"
        ),
        audience=Audience.parse("user:chen.wei"),
    )
    kb.indexing.catch_up()
    for path in (f"/search/why?q=管廊&id={hidden}", f"/documents/{hidden}/similar"):
        assert client.get(path).status_code == 404
        assert client.get(path, headers=HTMX).status_code == 404
        assert "保密的" not in client.get(path).text
    assert client.get("/search/why?q=管廊&id=4040").status_code == 404
    assert "保密的" not in client.get(f"/documents/{documents['lesson']}/similar").text
    sign_in(client, "chen.wei")
    assert client.get(f"/search/why?q=管廊&id={hidden}").status_code == 200
    assert "保密的" in client.get(f"/documents/{documents['lesson']}/similar").text


def test_each_hit_leads_to_its_reasons_and_its_likenesses(
    client: TestClient, documents: dict[str, int]
) -> None:
    page = client.get("/", params={"q": "管廊", "kind": "lesson"}).text
    why = f"/search/why?q=%E7%AE%A1%E5%BB%8A&amp;kind=lesson&amp;id={documents['lesson']}"
    assert f'hx-get="{why}"' in page
    assert f'<a href="{why}">' in page
    assert f'href="/documents/{documents["lesson"]}/similar"' in page
    assert 'hx-get="/search/why' not in client.get("/", params={"kind": "lesson"}).text


def test_the_reasons_are_a_page_and_for_htmx_a_table(
    client: TestClient, documents: dict[str, int]
) -> None:
    path = f"/search/why?q=探地雷达 风险 xyzzy&id={documents['lesson']}"
    page, table = client.get(path).text, client.get(path, headers=HTMX).text
    assert "<h1>Why this hit</h1>" in page
    assert 'href="/?q=' in page
    for html in (page, table):
        words = re.findall(r"<th scope=\"row\"><b>([^<]*)</b>", html)
        assert {"雷达", "风险"} <= set(words)
        assert "Not in this document: xyzzy" in html
        assert "1 time in the text" in html
    assert "<html" not in table
    shares = [float(each) for each in re.findall(r'<meter[^>]*value="([\d.]+)"', table)]
    assert sum(shares) == pytest.approx(100, abs=0.5)
    assert shares == sorted(shares, reverse=True)


def test_reasons_are_told_in_chinese_too(chinese: TestClient, documents: dict[str, int]) -> None:
    page = chinese.get(f"/search/why?q=風險&id={documents['lesson']}").text
    assert "为何命中" in page
    assert "<b>風險</b>" in page
    assert "在正文里" in page


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ("q=rollback", "does not find this document"),
        ("", "no word was asked for"),
        ("q=管廊&kind=plan", "does not find this document"),
        ("q=管廊&sort=date", "You sort by date"),
        ("q=(((", "does not find"),
        ("q=%F0%9F%98%80", "does not find"),
    ],
)
def test_every_search_has_an_answer(
    client: TestClient, documents: dict[str, int], parameters: str, told: str
) -> None:
    assert told in client.get(f"/search/why?{parameters}&id={documents['lesson']}").text


@pytest.mark.parametrize("number", ["", "x", "0", "-1", "9" * 30, "1.5"])
def test_without_a_document_there_is_nothing_to_tell(client: TestClient, number: str) -> None:
    assert client.get("/search/why", params={"q": "a", "id": number}).status_code == 404


def test_documents_like_one_are_listed_and_the_way_back(
    client: TestClient, kb: KnowledgeBase, documents: dict[str, int]
) -> None:
    store(
        kb,
        draft("旧管廊探测指南", "湘江北岸净水厂扩建：开工前用探地雷达探明旧管廊。", "zh", "guide"),
    )
    kb.indexing.catch_up()
    page = client.get(f"/documents/{documents['lesson']}/similar").text
    assert "旧管廊探测指南" in page
    assert f'href="/documents/{documents["lesson"]}"' in page
    assert "Why this hit" not in page
    alone = client.get(f"/documents/{documents['summary']}/similar").text
    assert "Nothing here is like it." in alone or 'class="hits"' in alone


def test_how_rare_a_word_is_is_said_in_words() -> None:
    english, chinese = languages()["en"], languages()["zh"]
    reason = WordReason("x", (), "word", 1.0, title=1, headings=2, body=1, holding=12)
    assert rarity(reason, 12_000, english) == "very rare: in 12 of 12,000 documents"
    assert rarity(reason, 100, english).startswith("common")
    assert rarity(reason, 12, chinese) == "几乎到处都有：12 份文档里有 12 份"
    assert rarity(reason, 0, english) == ""
    assert places(reason, english) == ("in the title", "2 times in headings", "1 time in the text")
