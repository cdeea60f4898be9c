"""Projects: pages, exports and API, for readers and for those who may change them."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from typing import Any

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook
from starlette.datastructures import QueryParams

from kb.access import SYSTEM
from kb.knowledge_base import KnowledgeBase
from kb.project_listing import ProjectFilter
from kb.project_rules import ProjectText
from kb.registers import PersonRow
from tests.web.conftest import draft, sign_in, store
from web.language import languages
from web.pages.projects import address, read
from web.project_labels import own_part, status_text


@pytest.fixture
def plant(kb: KnowledgeBase, documents: dict[str, int]) -> int:
    """The project of a bundled document, registered."""
    kb.registers.put_people(SYSTEM, [PersonRow("hao.jianping", "郝建平", "Hao Jianping")])
    number = kb.projects.by_code(SYSTEM, "CL-2018-007")
    text = ProjectText(
        code="CL-2018-007",
        name_zh="湘江北岸净水厂扩建",
        name_en="Xiangjiang Water Plant",
        industry="water",
        status="closed, on time",
        manager="hao.jianping",
        tags=("地勘",),
        summary_zh="旧管廊停工46天。",
    )
    kb.projects.save(SYSTEM, text, project_id=number)
    kb.indexing.catch_up()
    return number


def form(**values: str) -> dict[str, str]:
    return {"code": "A-1", "name_zh": "泵站", "audience": "everyone", **values}


def test_anybody_who_may_read_sees_the_list_and_the_page(client: TestClient, plant: int) -> None:
    page = client.get("/projects").text
    assert "Xiangjiang Water Plant" in page
    assert "Hao Jianping" in page
    assert "New project" not in page
    page = client.get(f"/projects/{plant}").text
    for words in ("地下管廊探测的教训", "Closed, on time", "Hao Jianping", "旧管廊停工46天。"):
        assert words in page, words
    assert client.get("/projects/99999").status_code == 404
    assert client.get(f"/projects/{2**63 - 1}").status_code == 404


def test_the_pages_speak_chinese(chinese: TestClient, plant: int) -> None:
    sign_in(chinese, "pmo")
    page = chinese.get("/projects").text
    for words in ("项目经理", "所有行业", "导入登记表", "已结项，按期", "水务"):
        assert words in page, words
    for english in ("All industries", "Import a register", "Closed"):
        assert english not in page
    page = chinese.get(f"/projects/{plant}").text
    for words in ("可以请教这些人", "基本情况", "郝建平", "湘江北岸净水厂扩建"):
        assert words in page, words


def test_who_may_not_curate_changes_nothing(
    client: TestClient, kb: KnowledgeBase, plant: int
) -> None:
    sign_in(client, "li.na")
    for path in ("/projects/new", f"/projects/{plant}/edit", "/projects/doubts"):
        assert client.get(path).status_code == 403, path
    for path, data in (
        ("/projects", form()),
        (f"/projects/{plant}", form()),
        (f"/projects/{plant}/merge", {"into": "1"}),
        (f"/projects/{plant}/apart", {"other": "1"}),
    ):
        assert client.post(path, data=data).status_code == 403, path
    assert kb.projects.get(SYSTEM, plant).text.code == "CL-2018-007"


def test_a_project_is_added_changed_and_found(client: TestClient, kb: KnowledgeBase) -> None:
    sign_in(client, "pmo")
    answer = client.post(
        "/projects",
        data=form(
            budget="1.2万",
            started="2024-03-05",
            members="尹淑云：设计\nLi Na (Test)",
            tags="地勘\n𠮷 🚀",
            summary_zh="<script>alert(1)</script>",
        ),
        follow_redirects=False,
    )
    assert answer.status_code == 303
    page = client.get(answer.headers["Location"]).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    number = int(answer.headers["Location"].rpartition("/")[2])
    text = kb.projects.get(SYSTEM, number).text
    assert (text.budget, text.tags) == (Decimal(12_000), ("地勘", "𠮷 🚀"))
    assert [(one.person, one.role) for one in text.members] == [
        ("尹淑云", "设计"),
        ("Li Na", "Test"),
    ]
    edit = client.get(f"/projects/{number}/edit").text
    assert "Li Na: Test" in edit
    kb.indexing.catch_up()
    hits = client.get("/api/v1/search?q=泵站&kind=project").json()["hits"]
    assert [hit["url"].partition("?")[0] for hit in hits] == [f"/projects/{number}"]


def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(
    client: TestClient, plant: int
) -> None:
    sign_in(client, "pmo")
    answer = client.post(
        "/projects",
        data=form(code="cl-2018-007", customer="东湖水务"),
    )
    assert answer.status_code == 422
    assert "Another project has this code." in answer.text
    assert "东湖水务" in answer.text
    answer = client.post("/projects", data=form(started="yesterday", team_size="2.5", name_zh=""))
    assert answer.status_code == 422
    for words in ("This is no date", "This is no number."):
        assert words in answer.text


def test_the_second_of_two_editors_keeps_what_was_typed(
    client: TestClient, kb: KnowledgeBase, plant: int
) -> None:
    sign_in(client, "pmo")
    revision = str(kb.projects.text(SYSTEM, plant)[1])
    first = form(code="CL-2018-007", customer="甲", revision=revision)
    assert client.post(f"/projects/{plant}", data=first).status_code == 200
    second = client.post(f"/projects/{plant}", data={**first, "customer": "乙"})
    assert second.status_code == 409
    assert "乙" in second.text
    assert "Somebody else saved this project" in second.text
    assert kb.projects.get(SYSTEM, plant).text.customer == "甲"


def test_doubtful_projects_are_merged_or_told_apart_and_old_addresses_lead_on(
    client: TestClient, kb: KnowledgeBase, plant: int
) -> None:
    store(kb, draft("总结", "正文。", "zh", "summary", project_name="湘江净水厂扩建"))
    store(kb, draft("总结二", "正文。", "zh", "summary", project_name="湘江北岸水厂扩建"))
    sign_in(client, "pmo")
    named = kb.projects.by_code(SYSTEM, "湘江净水厂扩建")
    other = kb.projects.by_code(SYSTEM, "湘江北岸水厂扩建")
    page = client.get("/projects/doubts").text
    assert page.count("The same: merge") >= 2
    assert "Perhaps the same project" in client.get(f"/projects/{named}").text
    merged = client.post(f"/projects/{named}/merge", data={"into": plant}, follow_redirects=False)
    assert merged.headers["Location"] == f"/projects/{plant}"
    old = client.get(f"/projects/{named}", follow_redirects=False)
    assert (old.status_code, old.headers["Location"]) == (301, f"/projects/{plant}")
    page = client.get(f"/projects/{plant}").text
    assert "“湘江净水厂扩建” was merged into this" in page
    client.post(f"/projects/{other}/apart", data={"other": plant})
    assert "Perhaps the same project" not in client.get(f"/projects/{other}").text


def test_the_list_is_taken_out_without_a_formula_in_it_and_in_again(
    client: TestClient, kb: KnowledgeBase, plant: int
) -> None:
    evil = '=HYPERLINK("http://x";"y")'
    kb.projects.save(SYSTEM, ProjectText(code="E-1", name_en=evil, customer="@SUM(A1)"))
    lines = list(csv.reader(io.StringIO(client.get("/projects.csv").text.lstrip("\ufeff"))))
    assert lines[0][:3] == ["Project code", "Chinese name", "Project name"]
    rows = {line[0]: line for line in lines[1:]}
    assert rows["E-1"][2:4] == [f"'{evil}", "'@SUM(A1)"]
    book = load_workbook(io.BytesIO(client.get("/projects.xlsx?q=E-1").content))
    sheet = book.active
    assert sheet is not None
    cells = {cell.value: cell.data_type for row in sheet.iter_rows() for cell in row}
    assert cells[evil] == "s"
    assert "CL-2018-007" not in cells
    only = client.get("/projects.csv?industry=water").text
    assert "E-1" not in only


def test_what_is_exported_is_unchanged_when_it_is_imported(
    client: TestClient, kb: KnowledgeBase, plant: int
) -> None:
    kb.projects.save(SYSTEM, ProjectText(code="E-1", name_en="=1+1", budget=None))
    sign_in(client, "pmo")
    for path in ("/projects.csv", "/projects.xlsx"):
        content = client.get(path).content
        answer = client.post("/registers/projects/import", files=[("files", (path, content))])
        number = answer.url.path
        page = client.post(f"{number}/columns", data=columns_of(answer.text)).text
        assert '<div class="register-unchanged"><dt>Unchanged</dt><dd>2</dd>' in page, path


def columns_of(page: str) -> dict[str, Any]:
    """The form of the columns as it stands on the page."""
    fields = []
    for select in re.findall(r'<select name="field".*?</select>', page, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', select)
        fields.append(chosen[1] if chosen else "")
    header = re.search(r'name="header" value="(\d+)"', page)
    return {"field": fields, "sheet": "0", "header": header[1] if header else "0"}


def test_the_api_lists_and_tells_projects(client: TestClient, plant: int) -> None:
    found = client.get("/api/v1/projects", params={"q": "淨水廠"}).json()
    assert (found["total"], found["projects"][0]["code"]) == (1, "CL-2018-007")
    one = client.get(f"/api/v1/projects/{plant}").json()
    assert (one["manager"], one["documents"], one["tags"]) == ("hao.jianping", 1, ["地勘"])
    assert client.get("/api/v1/projects/99999").status_code == 404
    assert client.get("/api/v1/projects?sort=nonsense").status_code == 422


@pytest.mark.parametrize(
    "path",
    [
        "/projects?sort=nonsense&dir=sideways&page=0",
        "/projects?page=99999999999999999999",
        "/projects?page=²",
        "/projects?industry=%F0%A0%AE%B7&status=x&year=abcd&manager=nobody&tag=x",
        "/projects?q=%00%27%22%3Cscript%3E",
        "/projects?sort=budget",
        "/projects?sort=ended&dir=asc",
    ],
)
def test_an_address_that_makes_no_sense_still_shows_a_list(
    client: TestClient, plant: int, path: str
) -> None:
    assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    "asked",
    [
        ProjectFilter(),
        ProjectFilter(
            "𠮷祥 & Söhne?", "water", "closed", "2018", "hao.jianping", "地勘", "code", False
        ),
    ],
)
@pytest.mark.parametrize("page", [1, 3])
def test_an_address_says_which_list_it_is(asked: ProjectFilter, page: int) -> None:
    assert read(QueryParams(address(asked, page).partition("?")[2])) == (asked, page)


def test_a_code_in_an_address_leads_to_the_project(client: TestClient, plant: int) -> None:
    answer = client.get("/projects/by-code/cl 2018 007", follow_redirects=False)
    assert answer.headers["Location"] == f"/projects/{plant}"
    assert client.get("/projects/by-code/X-9").status_code == 404


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("设计经理 Design manager", "设计经理", "Design manager"),
        ("Westhaven Terminals B.V.", "Westhaven Terminals B.V.", "Westhaven Terminals B.V."),
        ("长沙 清源 水务", "长沙 清源 水务", "长沙 清源 水务"),
        ("A 甲 B", "A 甲 B", "A 甲 B"),
        ("", "", ""),
    ],
)
def test_of_a_text_in_both_languages_each_reader_gets_a_half(text: str, zh: str, en: str) -> None:
    assert own_part(languages()["zh"], text) == zh
    assert own_part(languages()["en"], text) == en


def test_a_status_nobody_foresaw_is_shown_as_it_is() -> None:
    assert status_text(languages()["zh"], "收尾中") == "收尾中"
    assert status_text(languages()["en"], "running, amber") == "Under way, amber"
    assert status_text(languages()["zh"], "closed, after a dispute") == "已结项，after a dispute"
