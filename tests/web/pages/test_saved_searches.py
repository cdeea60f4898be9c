"""The pages of saved searches, and their feeds."""

from __future__ import annotations

import html
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from fastapi.testclient import TestClient
from lxml import etree

from kb.access import Audience
from kb.errors import SearchUnavailable
from kb.knowledge_base import KnowledgeBase
from tests.web.conftest import draft, sign_in, store
from web.language import languages

ATOM = {"a": "http://www.w3.org/2005/Atom"}
FOR_LI_NA = Audience.parse("user:li.na")
SEARCH = {"q": "风险 risk", "kind": "lesson"}
SCHEMA = Path(__file__).with_name("atom.rng")


def save(client: TestClient, name: str = "风险 & risks", search: str = "q=风险+risk") -> None:
    answer = client.post("/saved", data={"name": name, "search": search}, follow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/saved")


def number(client: TestClient) -> str:
    [found] = set(re.findall(r'action="/saved/(\d+)/delete"', client.get("/saved").text))
    return str(found)


def feed_of(client: TestClient) -> str:
    client.post(f"/saved/{number(client)}/feed")
    [found] = re.findall(r'value="(http[^"]+\.atom)"', client.get("/saved").text)
    return str(found)


def titles(client: TestClient, feed: str) -> list[str]:
    answer = client.get(feed)
    assert answer.status_code == 200
    root = etree.fromstring(answer.content)
    return [str(title.text) for title in root.iterfind("a:entry/a:title", ATOM)]


def test_a_visitor_is_asked_to_sign_in_and_comes_back_with_the_search(client: TestClient) -> None:
    for path in ("/saved", "/saved/new?q=%E9%A3%8E%E9%99%A9&kind=lesson"):
        answer = client.get(path, follow_redirects=False)
        assert answer.status_code == 303
        then = answer.headers["Location"].partition("/sign-in?then=")[2]
        assert unquote(then) == path
    assert client.post("/saved", data={"name": "x", "search": "q=x"}).status_code == 403


def test_somebody_elses_saved_search_is_a_404(client: TestClient) -> None:
    sign_in(client, "li.na")
    save(client)
    mine = number(client)
    feed_of(client)
    sign_in(client, "chen.wei")
    assert "风险" not in client.get("/saved").text
    for wanted in (mine, "999999"):
        assert client.get(f"/saved/{wanted}", follow_redirects=False).status_code == 404
        for action in ("delete", "feed", "feed/close"):
            assert client.post(f"/saved/{wanted}/{action}").status_code == 404
    sign_in(client, "li.na")
    assert number(client) == mine


def test_a_feed_shows_what_its_owner_may_read_now_and_nothing_else(
    client: TestClient, kb: KnowledgeBase, documents: dict[str, int]
) -> None:
    store(kb, draft("保密的风险", "风险", "zh", "plan"), audience=FOR_LI_NA)
    store(kb, draft("别人的风险", "风险", "zh", "plan"), audience=Audience.parse("user:chen.wei"))
    kb.indexing.catch_up()
    sign_in(client, "li.na")
    save(client)
    feed = feed_of(client)
    client.post("/sign-out")
    found = titles(client, feed)
    assert "保密的风险" in found
    assert "别人的风险" not in found
    sign_in(client, "chen.wei")
    assert titles(client, feed) == found


@pytest.mark.parametrize("token", ["x", "None", "null", "..%2F", "风险", "a" * 3000, "%00"])
def test_a_feed_cannot_be_guessed(client: TestClient, token: str) -> None:
    sign_in(client, "li.na")
    save(client)
    assert client.get(f"/saved/{token}.atom").status_code == 404


def test_a_renewed_closed_or_deleted_feed_is_gone(
    client: TestClient, documents: dict[str, int]
) -> None:
    sign_in(client, "li.na")
    save(client)
    first, second = feed_of(client), feed_of(client)
    assert first != second
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200
    client.post(f"/saved/{number(client)}/feed/close")
    assert client.get(second).status_code == 404
    third = feed_of(client)
    client.post(f"/saved/{number(client)}/delete")
    assert client.get(third).status_code == 404


def test_the_feed_is_valid_atom(
    client: TestClient, kb: KnowledgeBase, documents: dict[str, int]
) -> None:
    odd = draft(
        "坏字符 \x0b\ufffe <b>&amp;</b> 𠮷 🚀", "## 建议 一\n\n风险 <script>", "zh", "plan",
        authors=("A & B",), tags=("标 签",),
    )  # fmt: skip
    store(kb, odd)
    kb.indexing.catch_up()
    sign_in(client, "li.na")
    save(client, name="风险 <&> \x0c 名")
    answer = client.get(feed_of(client))
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    root = etree.fromstring(answer.content)
    schema = etree.RelaxNG(etree.parse(SCHEMA))
    schema.assertValid(root)
    ids = [entry.text for entry in root.iterfind("a:entry/a:id", ATOM)]
    assert len(ids) == len(set(ids)) == 4
    for link in root.iterfind(".//a:link", ATOM):
        assert str(link.get("href")).startswith("http://testserver/"), link.get("href")
    [summary] = root.xpath("//a:entry[contains(a:title,'坏字符')]/a:summary", namespaces=ATOM)
    assert summary.get("type") == "html"
    assert "<script" not in summary.text
    assert "<mark>" in summary.text


def test_the_schema_of_this_test_refuses_what_is_no_atom() -> None:
    schema = etree.RelaxNG(etree.parse(SCHEMA))
    good = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><id>http://a/</id><title>t</title>'
        "<updated>2026-01-01T00:00:00+00:00</updated><author><name>n</name></author></feed>"
    )
    assert schema.validate(etree.fromstring(good))
    for broken in (
        good.replace("<id>http://a/</id>", ""),
        good.replace("2026-01-01T00", "2026-01-01 00"),
        good.replace("<author><name>n</name></author>", ""),
        good.replace("http://a/", "/saved/1"),
        good.replace("<title>t</title>", "<titel>t</titel>"),
        good.replace(' xmlns="http://www.w3.org/2005/Atom"', ""),
    ):
        assert not schema.validate(etree.fromstring(broken)), broken


def test_links_of_the_feed_lead_where_they_say(
    client: TestClient, documents: dict[str, int]
) -> None:
    sign_in(client, "li.na")
    save(client, search="q=探地雷达")
    root = etree.fromstring(client.get(feed_of(client)).content)
    client.post("/sign-out")
    links = {str(link.get("href")) for link in root.iterfind(".//a:link", ATOM)}
    assert any(f"/documents/{documents['lesson']}?q=" in link for link in links)
    for link in links:
        assert client.get(link).status_code == 200, link


def test_addresses_in_the_feed_are_those_of_the_site_it_was_fetched_from(
    client: TestClient, documents: dict[str, int]
) -> None:
    sign_in(client, "li.na")
    save(client)
    path = feed_of(client).removeprefix("http://testserver")
    text = client.get(path, headers={"Host": "pmo.example:8443"}).text
    assert "http://pmo.example:8443/documents/" in text
    assert "testserver" not in text


def test_an_unchanged_feed_is_not_sent_twice(
    client: TestClient, kb: KnowledgeBase, documents: dict[str, int]
) -> None:
    sign_in(client, "li.na")
    save(client)
    feed = feed_of(client)
    tag = client.get(feed).headers["ETag"]
    for header in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = client.get(feed, headers={"If-None-Match": header})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    assert client.get(feed, headers={"If-None-Match": '"other"'}).status_code == 200
    store(kb, draft("新的风险", "风险", "zh", "plan"))
    kb.indexing.catch_up()
    changed = client.get(feed, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag
    assert "新的风险" in changed.text


def test_a_search_is_saved_from_its_address_under_a_name(
    client: TestClient, documents: dict[str, int]
) -> None:
    sign_in(client, "li.na")
    form = client.get("/saved/new", params={**SEARCH, "page": "3"}).text
    search = html.unescape(re.findall(r'name="search" value="([^"]*)"', form)[0])
    assert "风险 risk · Lesson learned" in form
    save(client, "我的 <b>风险</b>", search)
    page = client.get("/saved").text
    assert "我的 &lt;b&gt;风险&lt;/b&gt;" in page
    answer = client.get(f"/saved/{number(client)}", follow_redirects=False)
    assert unquote(answer.headers["Location"]) == "/?q=风险+risk&kind=lesson&page=3".replace(
        "&page=3", ""
    )


@pytest.mark.parametrize(
    "data", [{}, {"name": "名字"}, {"search": "q=x"}, {"name": "x" * 201, "search": "q=x"}]
)
def test_what_is_missing_is_said_in_the_form(client: TestClient, data: dict[str, str]) -> None:
    sign_in(client, "li.na")
    answer = client.post("/saved", data=data)
    assert answer.status_code == 422
    assert 'name="search"' in answer.text
    assert 'role="alert"' in answer.text


def test_new_results_are_counted_until_one_looks(
    client: TestClient, kb: KnowledgeBase, documents: dict[str, int]
) -> None:
    sign_in(client, "li.na")
    save(client)
    assert "nothing new" in client.get("/saved?lang=en").text
    for title in ("新的风险 一", "New risk", "別人的風險", "四号风险"):
        store(kb, draft(title, "风险 risk", "zh", "plan"))
    store(kb, draft("别人的 risk", "风险", "zh", "plan"), audience=Audience.parse("user:chen.wei"))
    kb.indexing.catch_up()
    page = client.get("/saved").text
    assert "4 new" in page
    assert "四号风险" in page
    assert "新的风险 一" not in page
    assert "别人的 risk" not in page
    chinese = languages()["zh"]
    assert chinese.ngettext("%(num)s new", "", 4) % {"num": 4} in client.get("/saved?lang=zh").text
    client.get(f"/saved/{number(client)}")
    assert "nothing new" in client.get("/saved?lang=en").text


def test_the_list_can_be_seen_and_cleared_while_search_is_down(
    client: TestClient, kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object) -> None:
        raise SearchUnavailable(reason="the index is gone")

    sign_in(client, "li.na")
    save(client)
    store(kb, draft("新的风险", "风险", "zh", "plan"))
    monkeypatch.setattr(kb.saved_searches, "_ask", down)
    assert "cannot be asked just now" in client.get("/saved").text
    client.post(f"/saved/{number(client)}/delete")
    assert "None yet." in client.get("/saved").text


def test_htmx_gets_the_block_alone(client: TestClient) -> None:
    sign_in(client, "li.na")
    text = client.get("/saved", headers={"HX-Request": "true"}).text
    assert text.startswith("<title>Saved searches · Qianjian</title>")
    assert "<html" not in text
