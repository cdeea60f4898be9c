"""The pages of people: the directory, entries, experts, the map, doubts; and the API."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from starlette.datastructures import QueryParams

from kb.access import SYSTEM, Actor, Audience, Role, anonymous
from kb.knowledge_base import KnowledgeBase
from kb.models import AskedQuestion, OpenedHit
from kb.person_rules import Certificate, PersonText
from kb.registers import PersonRow
from kb.search.answers import SearchRequest
from tests.web.conftest import PIXEL, draft, sign_in, store
from web.language import languages
from web.pages.people import address, read
from web.people_labels import spoken

HAO = PersonRow("hao.jianping", "郝建平", "Hao Jianping", "交付中心", "项目经理", "长沙")
SONG = PersonRow("song.peilin", "", "Song Peilin", "Banking <Team>", "Engineer")
RARE = PersonRow("ji", "𠮷田", "", "交付中心")
LI_NA = PersonRow("li.na", "李娜", "Li Na", "PMO")
CURATOR = Actor("pmo", "Zhou Min", Role.ADMINISTRATOR)


@pytest.fixture
def ids(kb: KnowledgeBase) -> dict[str, int]:
    kb.registers.put_people(SYSTEM, [HAO, SONG, RARE, LI_NA])
    kb.indexing.catch_up()
    return {person.handle: person.id for person in kb.people.all(SYSTEM)}


def test_everybody_is_listed_by_department_in_the_readers_language(
    client: TestClient, ids: dict[str, int]
) -> None:
    page = client.get("/people").text
    assert page.index("Banking &lt;Team&gt;") < page.index("交付中心")
    assert "<strong>Hao Jianping</strong> <span>郝建平</span>" in page
    chinese = client.get("/people", headers={"Accept-Language": "zh"}).text
    assert "<strong>郝建平</strong> <span>Hao Jianping</span>" in chinese
    assert "𠮷田" in chinese
    found = client.get("/people?q=hjp", headers={"HX-Request": "true"}).text
    assert "郝建平" in found
    assert "Song Peilin" not in found
    assert "<html" not in found
    assert "Nobody fits" in client.get("/people?department=None").text
    assert ids


def test_a_person_is_shown_with_what_shows_of_them_and_nothing_of_others(
    kb: KnowledgeBase, client: TestClient, ids: dict[str, int], documents: dict[str, int]
) -> None:
    page = client.get(f"/people/{ids['hao.jianping']}").text
    assert "地下管廊探测的教训" in page
    assert "Core banking" not in page
    for topic in re.findall(r'href="(/people/\d+/expertise\?topic=[^"]+)"', page):
        assert "地下管廊探测的教训" in client.get(unescape(topic)).text
    assert "Nothing here carries this name" in client.get(f"/people/{ids['ji']}").text
    for missing in ("/people/999", "/people/1/expertise?topic=none", "/people/999/photo"):
        assert client.get(missing).status_code == 404
    assert documents
    assert kb


def test_the_score_that_is_printed_is_the_sum_of_what_is_printed(
    client: TestClient, ids: dict[str, int], documents: dict[str, int]
) -> None:
    page = client.get("/people/experts?q=旧管廊怎么探").text
    assert f'href="/people/{ids["hao.jianping"]}"' in page
    for table in re.findall(r'<table class="sum">.*?</table>', page, re.DOTALL):
        body, foot = table.split("<tfoot>")
        rows = [
            [float(cell) for cell in re.findall(r'sum-number">([\d.]+)<', row)]
            for row in re.findall(r"<tr>.*?</tr>", body.split("<tbody>")[1], re.DOTALL)
        ]
        for relevance, weight, part, fade, points in (row for row in rows if len(row) > 1):
            assert round(relevance * weight * part * fade, 3) == points
        assert f">{sum(row[-1] for row in rows):.3f}".rstrip("0").rstrip(".") + "<" in foot
    assert documents


def test_experts_are_found_in_the_other_language_and_what_is_hidden_names_nobody(
    kb: KnowledgeBase, client: TestClient, ids: dict[str, int], documents: dict[str, int]
) -> None:
    secret = Audience(frozenset({"user:pmo"}))
    made = draft(
        "Zebrafish reactor",
        "zebrafish reactor",
        "en",
        "guide",
        authors=("Li Na",),
        tags=("zebrafish",),
    )
    store(kb, made, audience=secret)
    kb.indexing.catch_up()
    chinese = client.get("/api/v1/experts", params={"q": "核心银行 迁移 演练"}).json()
    assert [one["person"]["handle"] for one in chinese["experts"]] == ["song.peilin"]
    for path in ("/people/experts?q=zebrafish", f"/people/{ids['li.na']}", "/people/map?by=tags"):
        assert "Zebrafish" not in client.get(path).text, path
    assert client.get("/api/v1/experts", params={"q": "zebrafish"}).json()["total"] == 0
    assert client.get(f"/api/v1/people/{ids['li.na']}").json()["topics"] == []
    sign_in(client, "pmo")
    assert "Li Na" in client.get("/people/experts?q=zebrafish").text
    assert client.get("/api/v1/experts", params={"q": "zebrafish"}).json()["total"] == 1
    [topic] = client.get(f"/api/v1/people/{ids['li.na']}").json()["topics"]
    evidence = topic["score"]["evidence"][0]
    assert evidence["points"] == evidence["relevance"] * evidence["weight"] * evidence["part"]
    assert documents


def test_the_map_says_what_hangs_on_one_person(
    client: TestClient, ids: dict[str, int], documents: dict[str, int]
) -> None:
    for language in ("en", "zh"):
        for query in (
            "",
            "?by=tags",
            "?by=nonsense&department=交付中心&risk=x",
            "?by=tags&risk=gap",
        ):
            answer = client.get(f"/people/map{query}", headers={"Accept-Language": language})
            assert answer.status_code == 200
    assert ids
    assert documents


def test_one_edits_ones_own_entry_and_a_curator_everybodys(
    client: TestClient, kb: KnowledgeBase, ids: dict[str, int]
) -> None:
    own, other = f"/people/{ids['li.na']}", f"/people/{ids['hao.jianping']}"
    assert client.get(f"{own}/edit").status_code == 403
    sign_in(client, "li.na")
    form = client.get(f"{own}/edit").text
    assert 'name="phone"' in form
    assert 'name="handle"' not in form
    sent = {
        "phone": "123",
        "mentor": "yes",
        "name_zh": "别人",
        "certificates": "PMP | PMI | 2028-05-31",
    }
    sent |= {"languages": "中文\nEnglish", "revision": "1"}
    assert client.post(own, data=sent, follow_redirects=False).status_code == 303
    said = kb.people.entry(CURATOR, ids["li.na"]).said
    assert (said.phone, said.mentor, said.name_zh, said.languages) == (
        "123",
        True,
        "李娜",
        ("zh", "en"),
    )
    assert client.post(own, data=sent).status_code == 409
    wrong = client.post(
        own, data={"certificates": "PMP | PMI | soon", "email": "x", "revision": "2"}
    )
    assert wrong.status_code == 422
    assert "This is no date" in wrong.text
    for path, data in (
        (other, sent),
        (f"{other}/topics", {"label": "x", "state": "hidden"}),
        ("/people", sent),
    ):
        assert client.post(path, data=data).status_code == 403, path
    assert client.get("/people/doubts").status_code == 403
    added = client.post(f"{own}/topics", data={"label": "挣值 earned value", "state": "added"})
    assert "挣值" in added.text
    assert "their own word" in added.text
    sign_in(client, "pmo")
    new = {"handle": "new.one", "name_zh": "新同事", "left_on": "2026-01-01", "revision": "0"}
    assert "Left on" in client.post("/people", data=new).text
    assert client.post("/people", data=new).status_code == 422


def test_a_photo_is_shown_as_the_picture_it_is_and_nothing_else_is_taken(
    client: TestClient, ids: dict[str, int]
) -> None:
    path = f"/people/{ids['li.na']}/photo"
    assert client.post(path, files={"photo": ("me.png", PIXEL)}).status_code == 403
    sign_in(client, "li.na")
    client.post(path, files={"photo": ("me.svg", PIXEL, "image/svg+xml")})
    shown = client.get(path)
    assert (shown.content, shown.headers["content-type"]) == (PIXEL, "image/png")
    assert "script-src" in shown.headers["content-security-policy"]
    for bad in (b"<svg/onload=alert(1)>", b"", b"GIF"):
        assert client.post(path, files={"photo": ("x.png", bad)}).status_code in {
            400,
            413,
            415,
            422,
        }
    client.post(f"{path}/remove")
    assert client.get(path).status_code == 404


def test_a_curator_decides_who_is_meant_and_joins_double_entries(
    client: TestClient, kb: KnowledgeBase, ids: dict[str, int], documents: dict[str, int]
) -> None:
    sign_in(client, "pmo")
    assert ".vcf" in client.get("/registers/people/import").text
    assert client.get("/registers/people/template.xlsx").status_code == 200
    twin = kb.people.save(CURATOR, PersonText(handle="hao.2", name_zh="郝建平", place="武汉"))
    page = client.get("/people/doubts").text
    assert "Several people have this name" in page
    assert "地下管廊探测的教训" in page
    where = f"document:{documents['lesson']}"
    client.post("/people/doubts", data={"name": "郝建平", "person": str(twin), "where": where})
    assert "地下管廊探测的教训" in client.get(f"/people/{twin}").text
    page = client.post(f"/people/{twin}/merge", data={"into": ids["hao.jianping"]}).text
    assert "Take back" in page
    assert client.get(f"/people/{twin}").url.path == f"/people/{ids['hao.jianping']}"
    undo = re.findall(r'action="(/people/merges/\d+/undo)"', page)[0]
    assert client.post(undo).url.path == f"/people/{twin}"
    client.post(f"/people/{twin}/apart", data={"other": ids["hao.jianping"]})
    page = client.get("/people/doubts", headers={"Accept-Language": "zh"}).text
    assert "没有两条记录像同一个人" in page
    for bad in ("lesson:1", "document:x", "document:" + "9" * 40):
        answer = client.post("/people/doubts", data={"name": "郝", "person": "0", "where": bad})
        assert answer.status_code == 422, bad


def test_people_are_found_by_search_in_either_of_their_names_and_by_what_they_hold(
    kb: KnowledgeBase, client: TestClient, ids: dict[str, int]
) -> None:
    hao = ids["hao.jianping"]
    said = kb.people.entry(CURATOR, hao)
    text = PersonText(
        handle="hao.jianping",
        name_zh="郝建平",
        name_en="Hao Jianping",
        title="项目经理",
        place="长沙",
        certificates=(Certificate("PMP", "PMI"),),
        interests=("老管线",),
        topics=("探地雷达",),
        aliases=("老郝",),
    )
    kb.people.save(CURATOR, text, person_id=hao, revision=said.revision)
    gone = PersonText(
        handle="gone", name_zh="钱七", left_on=datetime.now(UTC).date(), topics=("探地雷达",)
    )
    left = kb.people.save(CURATOR, gone)
    kb.indexing.catch_up()
    for asked in (
        "郝建平",
        "hao jianping",
        "Hao",
        "PMP 长沙",
        "探地雷达",
        "老管线",
        "老郝",
        "kind:person 长沙",
    ):
        answer = kb.search(anonymous(Role.READER), SearchRequest(asked))
        assert ("person", hao) in {(hit.subject, hit.id) for hit in answer.hits}, asked
    both = [hit.id for hit in kb.search(CURATOR, SearchRequest("探地雷达", kinds=("person",))).hits]
    assert both == [hao, left]
    assert "（已离职 has left）" in client.get("/?q=钱七").text
    hit = client.get("/api/v1/search", params={"q": "郝建平", "kind": "person"}).json()["hits"][0]
    assert hit["url"].startswith(f"/people/{hao}?")
    assert kb.search(anonymous(Role.NONE), SearchRequest("郝建平")).total == 0


def test_programs_read_the_directory_and_a_person(client: TestClient, ids: dict[str, int]) -> None:
    listed = client.get("/api/v1/people", params={"q": "hjp"}).json()
    assert (listed["total"], listed["people"][0]["handle"]) == (1, "hao.jianping")
    one = client.get(f"/api/v1/people/{ids['hao.jianping']}").json()
    assert (one["name_zh"], one["place"], one["left_on"]) == ("郝建平", "长沙", None)
    assert client.get("/api/v1/people/999").status_code == 404
    assert client.get("/api/v1/people?here=maybe").status_code == 422
    assert client.get("/api/v1/experts").status_code == 422


def test_who_may_not_read_finds_nobody(kb: KnowledgeBase, ids: dict[str, int]) -> None:
    assert ids
    assert kb.people.all(anonymous(Role.NONE)) == []


def test_an_address_of_the_directory_says_what_it_shows() -> None:
    asked = "q=郝&department=PMO&place=武汉&language=zh&mentor=yes&here=no&page=3"
    wanted, page = read(QueryParams(asked))
    assert read(QueryParams(address(wanted, page).partition("?")[2])) == (wanted, 3)
    assert read(QueryParams("page=x&here=maybe&mentor=1"))[1] == 1
    assert address(read(QueryParams(""))[0]) == "/people"
    assert [spoken(languages()[code], "zh") for code in ("zh", "en")] == ["中文", "Chinese"]
    assert spoken(languages()["en"], "xx") == "xx"


def test_a_hit_that_is_no_document_counts_as_opened_too(
    kb: KnowledgeBase, client: TestClient, ids: dict[str, int], documents: dict[str, int]
) -> None:
    assert ids
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


def test_who_is_asked_for_by_name_comes_before_what_they_wrote(
    kb: KnowledgeBase, ids: dict[str, int], documents: dict[str, int]
) -> None:
    assert documents
    for asked in ("郝建平", "Hao Jianping", "ＨＡＯ jianping"):  # noqa: RUF001  full-width on purpose
        found = kb.search(SYSTEM, SearchRequest(asked)).hits
        assert (found[0].subject, found[0].id) == ("person", ids["hao.jianping"]), asked
