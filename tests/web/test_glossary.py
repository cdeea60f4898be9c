"""The glossary through the browser and the API: two languages side by side, edited by curators only."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from kb.access import SYSTEM, Role
from kb.config import Settings
from kb.glossary_rules import EntryText
from kb.knowledge_base import KnowledgeBase
from kb.search.lexicon import CurrentLexicon
from tests.web.conftest import PASSWORD, draft, sign_in, store
from web.app import create_app
from web.pages.glossary_table import MAX_TABLE_BYTES

HTMX = {"HX-Request": "true"}
CCB, RISK, PROJECT = range(1, 4)


@pytest.fixture(autouse=True)
def _entries(kb: KnowledgeBase) -> None:
    kb.accounts.add("wang.fang", "王芳", PASSWORD, Role.CURATOR)
    for text in (
        EntryText(
            "变更控制委员会",
            "change control board",
            ("变更委员会",),
            ("變更控制委員會",),
            (),
            ("CCB",),
        ),
        EntryText("风险", "risk", area="risk", note="<b>x</b> & 注"),
        EntryText("项目", "project", zh_hant=("專案",), area="轨道交通"),
    ):
        kb.glossary.save(SYSTEM, text)


@pytest.fixture
def curator(client: TestClient) -> TestClient:
    sign_in(client, "wang.fang")
    return client


@pytest.fixture
def nobody(kb: KnowledgeBase, settings: Settings) -> Iterator[TestClient]:
    """A visitor where reading needs an account."""
    kb.settings = settings.model_copy(update={"anonymous_role": "none"})
    with TestClient(create_app(kb.settings, kb)) as opened:
        yield opened


def heads(page: str) -> list[str]:
    found = re.findall(r'class="glossary-head" href="[^"]*">([^<]*)<', page)
    return [html.unescape(text) for text in found[::2]]


def field(page: str, name: str) -> str:
    box = re.search(rf'<textarea[^>]*name="{name}"[^>]*>([^<]*)<', page)
    line = re.search(rf'<input[^>]*\sname="{name}" value="([^"]*)"', page)
    found = box or line
    assert found, name
    return html.unescape(found.group(1)).strip()


def form(**more: str) -> dict[str, str]:
    return {"zh": "过堂会", "en": "hearing session", **more}


# Who may see and do what


def test_anonymous_readers_look_through_it_and_change_nothing(client: TestClient) -> None:
    page = client.get("/glossary").text
    assert heads(page) == ["变更控制委员会", "风险", "项目"]
    assert "/glossary/new" not in page
    assert "/glossary/table" not in page
    assert "<textarea" not in client.get(f"/glossary/{RISK}").text
    assert client.get("/glossary/new").status_code == 403
    assert client.get("/glossary/table").status_code == 403
    for path, data in (
        ("/glossary", form()),
        (f"/glossary/{RISK}", form()),
        (f"/glossary/{RISK}/remove", {}),
    ):
        assert client.post(path, data=data).status_code == 403, path
    table = {"table": ("g.csv", b"zh,en\n")}
    assert client.post("/glossary/table", files=table).status_code == 403
    assert heads(client.get("/glossary").text) == heads(page)


@pytest.mark.parametrize("name", ["chen.wei", "li.na"])
def test_readers_and_contributors_do_not_curate(client: TestClient, name: str) -> None:
    sign_in(client, name)
    assert client.post("/glossary", data=form()).status_code == 403
    assert client.post(f"/glossary/{RISK}/remove").status_code == 403
    assert client.get("/glossary/new").status_code == 403


def test_who_may_not_read_is_told_of_nothing(nobody: TestClient) -> None:
    assert heads(nobody.get("/glossary").text) == []
    assert "风险" not in nobody.get("/glossary/glossary.csv").text
    assert nobody.get("/api/v1/glossary").status_code == 401
    there, not_there = nobody.get(f"/glossary/{RISK}"), nobody.get("/glossary/999")
    assert there.url.path == not_there.url.path == "/sign-in"
    assert there.text.replace(f"%2F{RISK}", "%2F999").count("风险") == 0


def test_a_page_of_another_site_cannot_change_it(curator: TestClient) -> None:
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert curator.post("/glossary", data=form(), headers=foreign).status_code == 403
    table = {"table": ("g.csv", "zh,en\n过会,x\n".encode())}
    assert curator.post("/glossary/table", files=table, headers=foreign).status_code == 403


# Looking through


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?q=ccb", ["变更控制委员会"]),
        ("?q=專案", ["项目"]),
        ("?q=fx", ["风险"]),
        ("?q=RISK", ["风险"]),
        ("?area=risk", ["风险"]),
        ("?letter=X", ["项目"]),
        ("?order=en", ["变更控制委员会", "项目", "风险"]),
        ("?q=%F0%A0%AE%B7", []),
        ("?q=<script>&area=nowhere&letter=%00&order=x&page=-3", []),
        ("?page=99999999", []),
        ("?q=" + "项" * 5_000, []),
    ],
)
def test_entries_are_searched_narrowed_and_ordered_by_the_address(
    client: TestClient, query: str, expected: list[str]
) -> None:
    answer = client.get(f"/glossary{query}")
    assert answer.status_code == 200
    assert heads(answer.text) == expected
    assert "<script>&" not in answer.text


def test_htmx_gets_the_entries_only(client: TestClient) -> None:
    block = client.get("/glossary?q=risk", headers=HTMX).text
    assert heads(block) == ["风险"]
    assert "<html" not in block
    assert "<form" not in block


def test_an_area_is_named_in_the_readers_language_and_an_own_one_as_written(
    chinese: TestClient,
) -> None:
    page = chinese.get("/glossary").text
    assert "轨道交通" in page
    assert 'value="risk">风险' in page
    assert "&lt;b&gt;x&lt;/b&gt; &amp; 注" in page


# Changing


def test_a_curator_adds_an_entry_that_holds_for_the_next_question(
    curator: TestClient, kb: KnowledgeBase
) -> None:
    store(kb, draft("过堂会纪要", "正文。", "zh", "minutes"))
    kb.indexing.catch_up()
    current = CurrentLexicon(kb.glossary)
    assert not current.get().find("过堂会")
    answer = curator.post(
        "/glossary",
        data=form(zh_synonyms="过堂\r\n过会；过会议", abbreviations="GTH"),
        follow_redirects=False,
    )
    assert answer.status_code == 303
    page = curator.get(answer.headers["location"]).text
    assert "1 document with these words is being indexed again." in page
    assert field(page, "zh_synonyms") == "过堂\n过会\n过会议"
    assert "王芳" in page
    assert current.get().find("GTH")
    assert kb.indexing.pending == 1


def test_htmx_gets_the_saved_entry_as_a_block_with_its_address(curator: TestClient) -> None:
    answer = curator.post("/glossary", data=form(), headers=HTMX)
    assert answer.status_code == 200
    assert re.fullmatch(r"/glossary/\d+", answer.headers["HX-Push-Url"])
    assert "<html" not in answer.text
    assert "Saved." in answer.text


def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(curator: TestClient) -> None:
    answer = curator.post("/glossary", data=form(en="", zh_synonyms="abc\n过堂", note="注 🚀"))
    assert answer.status_code == 422
    assert "the English name is missing" in answer.text
    assert "“abc” has no Chinese character" in html.unescape(answer.text)
    assert answer.text.count('aria-invalid="true"') == 2
    assert field(answer.text, "zh") == "过堂会"
    assert field(answer.text, "zh_synonyms") == "abc\n过堂"
    assert field(answer.text, "note") == "注 🚀"
    assert 'name="confirmed"' not in answer.text


def test_what_is_wrong_is_told_in_chinese(curator: TestClient) -> None:
    page = curator.post("/glossary?lang=zh", data=form(en="", zh_synonyms="风险")).text
    assert "缺少英文名称" in page
    assert "“风险”已是另一词条的名称" in html.unescape(page)


def test_a_name_of_another_entry_is_taken_once_it_is_confirmed(curator: TestClient) -> None:
    answer = curator.post("/glossary", data=form(zh_synonyms="风险"))
    assert answer.status_code == 422
    assert "风险 / risk" in answer.text
    assert 'name="confirmed"' in answer.text
    confirmed = curator.post("/glossary", data=form(zh_synonyms="风险", confirmed="yes"))
    assert confirmed.status_code == 200


def test_an_entry_is_changed_removed_and_brought_back(curator: TestClient) -> None:
    page = curator.get(f"/glossary/{RISK}").text
    revision = field(page, "revision")
    data = {"zh": "风险", "en": "risk", "en_synonyms": "hazard", "revision": revision}
    page = curator.post(f"/glossary/{RISK}", data=data).text
    assert field(page, "en_synonyms") == "hazard"
    assert "<ins>hazard</ins>" in page
    assert curator.post(f"/glossary/{RISK}", data=data).status_code == 409
    removed = curator.post(f"/glossary/{RISK}/remove", data={"revision": "2"})
    assert removed.status_code == 200
    page = curator.get("/glossary").text
    assert heads(page) == ["变更控制委员会", "项目"]
    assert f'href="/glossary/{RISK}"' in page
    page = curator.post(f"/glossary/{RISK}", data={**data, "revision": "3"}).text
    assert "brought back" in page
    assert "风险" in heads(curator.get("/glossary").text)


def test_an_entry_that_is_not_there_is_no_page(curator: TestClient) -> None:
    for path in ("/glossary/999", "/glossary/abc", "/glossary/99999999999999999999"):
        assert curator.get(path).status_code == 404, path
    assert curator.post("/glossary/999", data=form()).status_code == 404


# From a question that found nothing to a synonym


@pytest.mark.parametrize(("language", "word"), [("zh", "过堂会"), ("en", "hearing & more")])
def test_a_word_becomes_a_new_entry_or_a_synonym_of_one_that_exists(
    curator: TestClient, language: str, word: str
) -> None:
    new = curator.get("/glossary/new", params={language: word}).text
    assert field(new, language) == word
    assert field(new, f"add_{language}") == word
    chosen = curator.get("/glossary", params={"q": "risk", f"add_{language}": word}).text
    (address,) = set(re.findall(r'class="glossary-head" href="([^"]*)"', chosen))
    page = curator.get(html.unescape(address)).text
    assert field(page, f"{language}_synonyms") == word
    assert "Save to keep it" in page
    assert word not in html.unescape(curator.get("/glossary").text)


def test_a_word_is_offered_to_nobody_who_may_not_add_it(client: TestClient) -> None:
    page = client.get("/glossary", params={"q": "risk", "add_zh": "过堂会"}).text
    assert "过堂会" not in page
    assert "过堂会" not in client.get(f"/glossary/{RISK}", params={"zh": "过堂会"}).text


# Tables


def test_the_table_goes_out_and_comes_back_with_a_report(curator: TestClient) -> None:
    table = curator.get("/glossary/glossary.csv")
    assert table.headers["content-type"].startswith("text/csv")
    assert "attachment" in table.headers["content-disposition"]
    more = table.content + "过堂会,,,hearing session,,,,\n,,,broken,,,,\n".encode()
    page = curator.post("/glossary/table", files={"table": ("g.csv", more)}).text
    for label, count in (("Added", 1), ("Changed", 0), ("Unchanged", 3), ("Refused", 1)):
        assert f"<dt>{label}</dt><dd>{count}</dd>" in page
    assert "the Chinese name is missing" in page
    assert "过堂会" in heads(curator.get("/glossary").text)


@pytest.mark.parametrize(
    "content", [b"a,b\n1,2\n", b"PK\x03\x04", b"", "zh;en\n风;w".encode("gb18030")]
)
def test_a_wrong_file_is_refused_in_words(curator: TestClient, content: bytes) -> None:
    answer = curator.post("/glossary/table", files={"table": ("g.csv", content)})
    assert answer.status_code == 422
    assert "table cannot be used" in answer.text


def test_an_upload_without_end_is_not_read_to_its_end(curator: TestClient) -> None:
    large = b"zh,en\n" + b"x" * MAX_TABLE_BYTES
    answer = curator.post("/glossary/table", files={"table": ("g.csv", large)})
    assert answer.status_code == 413
    broken = curator.post("/glossary/table", content=b"x" * 100)
    assert broken.status_code == 415


# For programs


def test_the_api_gives_entries_with_the_version(client: TestClient, kb: KnowledgeBase) -> None:
    answer = client.get("/api/v1/glossary", params={"q": "ccb"}).json()
    (entry,) = answer["entries"]
    assert answer["version"] == kb.glossary.version()
    assert (answer["total"], answer["page"]) == (1, 1)
    assert entry["zh_synonyms"] == ["变更委员会"]
    assert entry["abbreviations"] == ["CCB"]
    assert entry["url"] == f"/glossary/{CCB}"
    second = client.get("/api/v1/glossary", params={"per_page": 2, "page": 2, "order": "en"}).json()
    assert [each["en"] for each in second["entries"]] == ["risk"]
    for wrong in ({"order": "x"}, {"page": 0}, {"per_page": 501}, {"q": "x" * 201}):
        problem = client.get("/api/v1/glossary", params=wrong)
        assert problem.status_code == 422
        assert problem.headers["content-type"] == "application/problem+json"
