"""The pages of lessons: told, judged, built in, applied, taken out, with what others may not see left out."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace

import docx
import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook
from starlette.datastructures import QueryParams

from ingest.harvest import harvest
from kb.access import SYSTEM, Actor, Role
from kb.config import Settings
from kb.knowledge_base import KnowledgeBase
from kb.lesson_listing import LessonFilter
from kb.lesson_rules import LessonText
from kb.models import Project
from tests.web.conftest import draft, sign_in, store
from web.app import create_app
from web.lesson_address import address, read

CURATOR = Actor("pmo", "Zhou Min", Role.ADMINISTRATOR)
FORM = {
    "title": "四个钻孔没钻到 <b>旧管廊</b> & 停工",
    "kind": "lesson",
    "language": "zh",
    "what_happened": "# 现场\n\n挖出旧管廊。<script>alert(1)</script> [x](javascript:alert(1))",
    "recommendation": "先雷达，后钻孔。",
    "phase": "design",
    "category": "risk",
    "impact_days": "４６",  # noqa: RUF001  full-width on purpose
    "impact_days_sign": "lost",
    "impact_money": "1,200.5",
    "impact_money_sign": "gained",
    "currency": "cny",
    "tags": "地勘；管廊, 𠮷祥",
    "token": "t1",
}
STEP = {
    "note": "x",
    "verdict": "applicable",
    "chosen": "1",
    "document": "1",
    "project": "CL-2018-007",
    "outcome": "helped",
}
REPORT = """# 净水厂扩建 总结报告

## 8 经验教训

### 8.1 管廊未探明

现象：承台开挖时挖出旧管廊，停工46天。

原因：地勘只布了4个钻孔。

建议：开工前用探地雷达。
"""


@pytest.fixture(autouse=True)
def projects(kb: KnowledgeBase) -> None:
    """Two projects to name."""
    with kb.database.write() as session:
        for code in ("CL-2018-007", "CL-2022-003"):
            session.add(Project(code=code, name_zh=f"项目 {code}", name_en=f"Project {code}"))


def submitted(client: TestClient, **changed: str) -> int:
    """A lesson told through the form by whoever is signed in."""
    answer = client.post(
        "/lessons", data={**FORM, "seen": "yes", **changed}, follow_redirects=False
    )
    assert answer.status_code == 303, answer.text
    return int(answer.headers["Location"].split("/")[-1])


def validated(
    kb: KnowledgeBase, title: str = "测试状态要像使用状态", audience: str = "everyone"
) -> int:
    text = LessonText(
        title=title,
        kind="lesson",
        language="zh",
        what_happened="空场做的测试不算数。",
        recommendation="堆满再测。",
        phase="test",
        impact_days=-6,
        cause="method",
        audience=audience,
    )
    made = kb.lessons.submit(Actor("system", "", Role.ADMINISTRATOR, sees_all=True), text)
    kb.lessons.validate(SYSTEM, made, "applicable", "适用")
    return made


def test_who_has_not_signed_in_reads_and_changes_nothing(
    client: TestClient, kb: KnowledgeBase
) -> None:
    made = validated(kb)
    page = client.get(f"/lessons/{made}")
    assert page.status_code == 200
    assert "测试状态要像使用状态" in client.get("/lessons").text
    for form in ("/edit", "/supersede", "/close", "/validate", "/reopen", "/uses"):
        assert f'/lessons/{made}{form}"' not in page.text
    for path in ("/lessons/board", f"/lessons/{made}/edit", f"/lessons/{made}/close"):
        assert client.get(path).status_code == 403, path
    for path in ("validate", "reopen", "reinstate", "supersede", "close", "uses"):
        answer = client.post(f"/lessons/{made}/{path}", data=STEP)
        assert answer.status_code in {403, 409}, path
    assert client.post("/lessons", data=FORM).status_code == 403
    assert client.post("/lessons/before", data=FORM).status_code == 403
    assert kb.lessons.get(SYSTEM, made).state == "validated"


def test_a_lesson_of_others_is_not_there(client: TestClient, kb: KnowledgeBase) -> None:
    hidden = validated(kb, "董事会的教训", "group:board")
    sign_in(client, "pmo")
    assert "董事会" not in client.get("/lessons").text
    assert "董事会" not in client.get("/lessons/export?format=csv").text
    assert "董事会" not in client.get("/lessons/analysis").text
    for path in ("", "/edit", "/supersede", "/close"):
        assert client.get(f"/lessons/{hidden}{path}").status_code == 404, path
    assert client.post(f"/lessons/{hidden}/validate", data=STEP).status_code == 404
    assert client.get(f"/api/v1/lessons/{hidden}").status_code == 404
    assert client.get("/api/v1/lessons").json()["total"] == 0
    near = client.post("/lessons/before", data={**FORM, "title": "董事会的教训 空场做的测试不算数"})
    assert f"/lessons/{hidden}" not in near.text


def test_what_is_told_is_shown_safely_and_only_to_its_teller_and_curators(
    client: TestClient, kb: KnowledgeBase
) -> None:
    sign_in(client, "li.na")
    made = submitted(client)
    page = client.get(f"/lessons/{made}").text
    assert "<script>alert" not in page
    assert not re.search(r"=['\"]?javascript:", page)
    assert "四个钻孔没钻到 &lt;b&gt;旧管廊&lt;/b&gt; &amp; 停工" in page
    assert page.count("<h1") == 1
    assert "\N{MINUS SIGN}46" in page
    assert "+1,200.5 CNY" in page
    assert list(kb.lessons.get(CURATOR, made).text.tags) == ["地勘", "管廊", "𠮷祥"]
    sign_in(client, "chen.wei")
    assert client.get(f"/lessons/{made}").status_code == 404
    assert "旧管廊" not in client.get("/lessons").text


def test_a_form_sent_twice_leads_to_one_lesson(client: TestClient) -> None:
    sign_in(client, "li.na")
    assert submitted(client) == submitted(client)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"title": ""}, "title"),
        ({"phase": ""}, "phase"),
        ({"impact_days": "-5"}, "impact_days"),
        ({"impact_days": "viele"}, "impact_days"),
        ({"impact_days": "1e99"}, "impact_days"),
        ({"impact_days": "nan"}, "impact_days"),
        ({"impact_money": "5", "currency": "元"}, "currency"),
        ({"happened_on": "gestern"}, "happened_on"),
        ({"project": "CL-9999"}, "project"),
        ({"audience": "<x>"}, "audience"),
    ],
)
def test_what_cannot_be_taken_is_marked_and_nothing_typed_is_lost(
    client: TestClient, changed: dict[str, str], field: str
) -> None:
    sign_in(client, "li.na")
    answer = client.post("/lessons", data={**FORM, "seen": "yes", **changed})
    assert answer.status_code == 422
    assert f'id="wrong-{field}"' in answer.text
    assert "先雷达，后钻孔。" in answer.text
    assert 'value="地勘；管廊, 𠮷祥"' in answer.text
    assert client.get("/api/v1/lessons").json()["total"] == 0


def test_without_javascript_a_lesson_told_before_is_shown_before_it_is_stored(
    client: TestClient, kb: KnowledgeBase
) -> None:
    made = validated(kb)
    sign_in(client, "li.na")
    same = {
        **FORM,
        "title": "测试状态要像使用状态",
        "what_happened": "空场做的测试不算数。",
        "recommendation": "堆满再测。",
    }
    first = client.post("/lessons", data=same)
    assert first.status_code == 200
    assert f'href="/lessons/{made}"' in first.text
    assert 'name="seen" value="yes"' in first.text
    assert (
        client.post("/lessons", data={**same, "seen": "yes"}, follow_redirects=False).status_code
        == 303
    )


def test_while_it_is_typed_the_same_in_the_other_language_appears(
    client: TestClient, kb: KnowledgeBase
) -> None:
    kb.glossary.load_bundled(kb.settings.corpus_dir / "glossary.csv")
    kb.lexicon.get()
    made = validated(kb, "渗透测试排在上线前三周，来不及整改")
    sign_in(client, "li.na")
    answer = client.post(
        "/lessons/before",
        data={"title": "Penetration test three weeks before go-live", "language": "en"},
        headers={"HX-Request": "true"},
    )
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert f'href="/lessons/{made}"' in answer.text
    nothing = client.post("/lessons/before", data={"title": "食堂的咖啡太凉了没有人喝"})
    assert "Nothing like it has been told yet." in nothing.text


def test_two_who_edit_at_once_see_both_texts(client: TestClient, kb: KnowledgeBase) -> None:
    sign_in(client, "pmo")
    made = submitted(client)
    theirs = replace(kb.lessons.get(CURATOR, made).text, title="别人先改的标题")
    kb.lessons.correct(CURATOR, made, theirs, 1)
    answer = client.post(f"/lessons/{made}", data={**FORM, "title": "我的标题", "revision": "1"})
    assert answer.status_code == 409
    assert "别人先改的标题" in answer.text
    assert 'value="我的标题"' in answer.text
    assert 'name="revision" value="2"' in answer.text
    mine = {**FORM, "title": "我的标题", "revision": "2"}
    kept = client.post(f"/lessons/{made}", data=mine, follow_redirects=False)
    assert kept.status_code == 303
    assert kb.lessons.get(CURATOR, made).text.title == "我的标题"


def test_from_told_to_closed_to_applied_without_javascript(
    client: TestClient, kb: KnowledgeBase
) -> None:
    guide = store(
        kb, draft("关口指南", "# 关口指南\n\n## G3 设计冻结\n\n不超过五个。\n", "zh", "methodology")
    )
    sign_in(client, "pmo")
    made = submitted(client)
    empty = client.post(f"/lessons/{made}/validate", data={"verdict": "applicable"})
    assert empty.status_code == 422
    assert 'id="wrong-validate-note"' in empty.text
    client.post(f"/lessons/{made}/validate", data={"verdict": "applicable", "note": "动土的都适用"})
    assert "动土的都适用" in client.get(f"/lessons/{made}").text
    chosen = client.get(f"/lessons/{made}/close?document=http://testserver/documents/{guide}%23x")
    anchor = re.search(r'name="anchor" value="([^"]*g3[^"]*)"', chosen.text)
    assert anchor
    client.post(
        f"/lessons/{made}/close", data={"document": str(guide), "anchor": anchor[1], "note": "上限"}
    )
    page = client.get(f"/lessons/{made}").text
    assert f'href="/documents/{guide}#{anchor[1]}"' in page or "G3 设计冻结" in page
    assert kb.lessons.get(CURATOR, made).state == "built-in"
    use = {"project": "CL-2022-003", "outcome": "helped", "note": "省了"}
    wrong = client.post(f"/lessons/{made}/uses", data={**use, "days_saved": "-1"})
    assert wrong.status_code == 422
    assert 'id="wrong-use-days_saved"' in wrong.text
    client.post(f"/lessons/{made}/uses", data={**use, "days_saved": "2.5"})
    page = client.get(f"/lessons/{made}").text
    assert "2.5 working days saved" in page
    assert "2.5 working days saved" in client.get("/lessons").text
    client.post(f"/lessons/{made}/uses/remove", data={"project": "CL-2022-003"})
    assert kb.lessons.get(CURATOR, made).counts.total == 0


def test_a_candidate_is_corrected_accepted_and_found_in_its_place(
    client: TestClient, kb: KnowledgeBase
) -> None:
    body = draft(
        "净水厂总结",
        REPORT,
        "zh",
        "report",
        project_code="CL-2018-007",
        lessons=tuple(harvest(REPORT)),
    )
    document = store(kb, body)
    sign_in(client, "pmo")
    number = int(re.findall(r'id="candidate-(\d+)"', client.get("/candidates").text)[0])
    form = client.get(f"/candidates/{number}/edit")
    assert "地勘只布了4个钻孔。" in form.text
    answer = client.post(
        f"/candidates/{number}/accept",
        data={**FORM, "title": "改过的标题", "project": "CL-2018-007", "then": "/candidates"},
        follow_redirects=False,
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/candidates")
    (row,) = client.get("/api/v1/lessons").json()["lessons"]
    told = client.get(f"/api/v1/lessons/{row['id']}").json()
    assert told["title"] == "改过的标题"
    assert told["sources"][0]["url"].startswith(f"/documents/{document}#8-1")
    assert f'/lessons/{row["id"]}"' in client.get("/candidates?state=kept").text


def test_a_candidate_is_merged_by_number_and_a_wrong_number_says_so(
    client: TestClient, kb: KnowledgeBase
) -> None:
    store(kb, draft("净水厂总结", REPORT, "zh", "report", lessons=tuple(harvest(REPORT))))
    made = validated(kb)
    sign_in(client, "pmo")
    number = int(re.findall(r'id="candidate-(\d+)"', client.get("/candidates").text)[0])
    assert client.get(f"/candidates/{number}/merge").status_code == 200
    for chosen in ("", "abc", "999", "9" * 30):
        wrong = client.post(f"/candidates/{number}/merge", data={"chosen": chosen})
        assert wrong.status_code == 422, chosen
    client.post(f"/candidates/{number}/merge", data={"chosen": f"http://testserver/lessons/{made}"})
    assert len(kb.lessons.get(CURATOR, made).sources) == 1
    assert re.findall(r'id="candidate-(\d+)"', client.get("/candidates").text) == []


@pytest.mark.parametrize("title", ["=HYPERLINK(1)", "+1", "-1", "@x", "＝1", "\t=1"])  # noqa: RUF001
def test_what_is_taken_out_computes_nothing(client: TestClient, title: str) -> None:
    sign_in(client, "pmo")
    submitted(client, title=f"{title} 公式")
    rows = list(
        csv.reader(io.StringIO(client.get("/lessons/export?format=csv").text.lstrip("\ufeff")))
    )
    assert rows[1][0].startswith("'") or rows[1][0][0] not in "=+-@＝"  # noqa: RUF001
    book = load_workbook(io.BytesIO(client.get("/lessons/export?format=xlsx").content))
    sheet = book[book.sheetnames[0]]
    assert [cell.coordinate for row in sheet for cell in row if cell.data_type == "f"] == []
    assert sheet["I2"].value == -46
    told = client.get("/lessons/export?format=md")
    assert "## " in told.text
    assert "#### 现场" in told.text
    word = docx.Document(io.BytesIO(client.get("/lessons/export?format=docx").content))
    # One lesson is a document with its title; several would be the chapters of a book.
    assert [word.paragraphs[0].text] == re.findall(r"(?m)^## (.*)$", told.text)
    assert client.get("/lessons/export?format=exe").status_code == 422


@pytest.mark.parametrize(
    "path",
    [
        "/lessons?state=nonsense",
        "/lessons?page=99999999999999&sort=x&due=never&id=%C2%B2",
        "/lessons/analysis?by=x&measure=y&year=²",
        "/lessons/analysis?project=%F0%A0%AE%B7&industry=&year=2018",
        "/lessons?words=100%25_%5C&category=𠮷",
    ],
)
def test_an_address_that_makes_no_sense_still_shows_a_page(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    "asked",
    [
        LessonFilter(),
        LessonFilter(state="built-in", category="采购", project="CL-2018-007", sort="used"),
        LessonFilter(words="𠮷 & Söhne?", mine=True, ids=(3, 7)),
    ],
)
@pytest.mark.parametrize("page", [1, 3])
def test_an_address_says_which_list_it_is(asked: LessonFilter, page: int) -> None:
    assert read(QueryParams(address(asked, page).partition("?")[2])) == (asked, page)


def test_the_pages_speak_chinese(chinese: TestClient, kb: KnowledgeBase) -> None:
    made = validated(kb)
    sign_in(chinese, "pmo")
    for path, words, foreign in (
        ("/lessons", "写一条经验教训", "Tell a lesson"),
        (f"/lessons/{made}", "我用过它", "I applied it"),
        ("/lessons/new", "按时间顺序写", "In the order of time"),
        ("/lessons/board", "等待专家认定", "Waiting for an expert"),
        ("/lessons/analysis", "问题从哪里来", "Where the trouble"),
    ):
        page = chinese.get(path).text
        assert words in page, path
        assert foreign not in page, path


@pytest.fixture
def strict(kb: KnowledgeBase, settings: Settings) -> Iterator[TestClient]:
    """A visitor of a site where nobody reads without signing in."""
    closed = settings.model_copy(update={"anonymous_role": "none"})
    kb.settings = closed
    with TestClient(create_app(closed, kb), headers={"Accept-Language": "en"}) as opened:
        yield opened


def test_who_may_not_read_sees_no_lesson_anywhere(strict: TestClient, kb: KnowledgeBase) -> None:
    made = validated(kb)
    for path in (
        f"/lessons/{made}",
        "/lessons",
        "/lessons/analysis",
        "/lessons/export?format=md",
        "/api/v1/lessons",
    ):
        answer = strict.get(path)
        assert answer.status_code == 401 or answer.url.path == "/sign-in", path
        assert "测试状态" not in answer.text, path
        assert "Method or check missing" not in answer.text, path


def test_a_program_tells_and_reads_a_lesson(client: TestClient) -> None:
    body = {
        "title": "480 moves per hour",
        "language": "en",
        "what_happened": "Nobody had defined it.",
        "recommendation": "Define it.",
        "phase": "procurement",
        "impact_days": -20,
        "token": "abc",
    }
    assert client.post("/api/v1/lessons", json=body).status_code == 403
    sign_in(client, "li.na")
    made = client.post("/api/v1/lessons", json=body)
    assert made.status_code == 201
    again = client.post("/api/v1/lessons", json=body)
    assert again.json()["id"] == made.json()["id"]
    assert client.get(made.headers["Location"]).json()["state"] == "submitted"
    wrong = client.post("/api/v1/lessons", json={**body, "impact_days": 1e12, "token": ""})
    assert (wrong.status_code, wrong.headers["Content-Type"]) == (422, "application/problem+json")
    assert client.get("/api/v1/lessons?state=nonsense").status_code == 422
    assert client.get("/api/v1/lessons?q=480&sort=used").json()["total"] == 1
