"""The home page."""

from __future__ import annotations

from fastapi.testclient import TestClient

from kb.access import Audience
from kb.knowledge_base import KnowledgeBase
from tests.web.conftest import draft, sign_in, store


def test_a_visitor_sees_what_is_new_and_where_to_start(
    client: TestClient, documents: dict[str, int]
) -> None:
    page = client.get("/").text
    assert "地下管廊探测的教训" in page
    assert "Core banking migration" in page
    assert 'href="/?kind=lesson"' in page
    assert "3 documents" in page


def test_what_is_for_others_is_neither_listed_nor_counted(
    client: TestClient, kb: KnowledgeBase, documents: dict[str, int]
) -> None:
    store(
        kb, draft("Secret offer", "Price.", "en", "plan"), audience=Audience.parse("user:chen.wei")
    )
    assert "Secret offer" not in client.get("/").text
    assert "3 documents" in client.get("/").text
    sign_in(client, "chen.wei")
    page = client.get("/").text
    assert "Secret offer" in page
    assert "4 documents" in page


def test_an_empty_knowledge_base_invites_to_import(client: TestClient) -> None:
    page = client.get("/").text
    assert "Nothing has been stored yet" in page
    assert 'href="/imports"' in page


def test_the_page_is_chinese_for_a_chinese_browser(
    chinese: TestClient, documents: dict[str, int]
) -> None:
    answer = chinese.get("/")
    assert answer.headers["Content-Language"] == "zh-Hans"
    assert "启动项目之前" in answer.text
    assert "3 份中英文资料" in answer.text


def test_lang_in_the_address_wins_and_is_remembered(client: TestClient) -> None:
    assert "搜索" in client.get("/?lang=zh").text
    assert '<html lang="zh-Hans"' in client.get("/").text
    assert '<html lang="en"' in client.get("/?lang=en").text
    assert '<html lang="en"' in client.get("/").text


def test_a_language_we_do_not_speak_gets_english(client: TestClient) -> None:
    for header in ("fr-FR,fr;q=0.9", "", "x;q=abc, zh;q=0", "*"):
        page = client.get("/", headers={"Accept-Language": header}).text
        assert '<html lang="en"' in page, header


def test_emptying_the_box_brings_the_home_block_back(
    client: TestClient, documents: dict[str, int]
) -> None:
    answer = client.get("/?q=", headers={"HX-Request": "true"})
    assert "<html" not in answer.text
    assert "Everything by kind" in answer.text
    assert answer.headers["HX-Push-Url"] == "/"
