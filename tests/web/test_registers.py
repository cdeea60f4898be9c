"""Importing a register through its pages: columns, dry run, errors, result; never half."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook

from kb.access import SYSTEM
from kb.errors import Conflict
from kb.knowledge_base import KnowledgeBase
from kb.project_listing import ProjectFilter
from kb.registers import PersonRow
from tests.web.conftest import sign_in

TABLE = (
    "2024年在建项目,,,\n"
    "项目编号,工程,项目负责人,预算（万元）\n"
    "A-1,东湖泵站,郝建平,120\n"
    "A-2,<script>alert(1)</script>,Hao Jianping,约80\n"
    "A-3,=1+1,𠮷某 🚀,90\n"
)


@pytest.fixture(autouse=True)
def people(kb: KnowledgeBase) -> None:
    kb.registers.put_people(SYSTEM, [PersonRow("hao.jianping", "郝建平", "Hao Jianping")])


def hand_in(client: TestClient, text: str = TABLE, name: str = "登记表.csv") -> tuple[str, str]:
    """Upload a table; the address of its import, and the page."""
    answer = client.post(
        "/registers/projects/import", files=[("files", (name, text.encode("gb18030"), "text/csv"))]
    )
    return answer.url.path, answer.text


def codes(kb: KnowledgeBase) -> list[str]:
    return sorted(line.code for line in kb.projects.listed(SYSTEM, ProjectFilter()).lines)


def test_a_register_is_remapped_checked_and_its_good_rows_imported(
    client: TestClient, kb: KnowledgeBase
) -> None:
    sign_in(client, "pmo")
    place, page = hand_in(client)
    assert "<script>alert" not in page
    assert re.findall(r'<option value="(\w+)" selected', page) == ["1", "code", "manager", "budget"]
    answer = client.post(
        f"{place}/columns", data={"field": ["code", "", "manager", "budget"], "header": "1"}
    )
    assert answer.status_code == 422
    assert "no column was chosen for it" in answer.text
    answer = client.post(
        f"{place}/columns",
        data={"field": ["code", "name_zh", "manager", "budget"], "header": "1"},
    )
    assert answer.status_code == 200
    assert "What would happen" in answer.text
    assert "约80" in answer.text
    assert "<script>alert" not in answer.text
    assert codes(kb) == []
    errors = list(csv.reader(io.StringIO(client.get(f"{place}/errors.csv").text.lstrip("\ufeff"))))
    assert errors[1][:4] == ["4", "预算（万元）", "约80", "this is no number"]
    answer = client.post(f"{place}/run", data={"keep": "all"})
    assert "What would happen" in answer.text
    assert codes(kb) == []
    answer = client.post(f"{place}/run", data={"keep": "good"})
    assert "Imported" in answer.text
    assert codes(kb) == ["A-1", "A-3"]
    lines = {line.code: line for line in kb.projects.listed(SYSTEM, ProjectFilter()).lines}
    assert (lines["A-1"].budget, lines["A-1"].manager.handle) == (
        Decimal(1_200_000),
        "hao.jianping",
    )
    assert lines["A-3"].name_zh == "=1+1"
    assert list(csv.reader(io.StringIO(client.get(f"{place}/errors.csv").text)))[1][2] == "约80"
    assert client.post(f"{place}/run", data={"keep": "good"}).status_code == 409
    assert "登记表.csv" in client.get("/registers/projects/import").text


def test_the_same_file_again_changes_nothing_and_says_so(
    client: TestClient, kb: KnowledgeBase
) -> None:
    sign_in(client, "pmo")
    text = "code,name\nA-1,One\nA-2,Two\n"
    for expected in ("added", "unchanged"):
        place, _ = hand_in(client, text)
        client.post(f"{place}/columns", data={"field": ["code", "name_en"]})
        page = client.post(f"{place}/run", data={"keep": "all"}).text
        assert re.search(rf'class="register-{expected}"><dt>[^<]*</dt><dd>2</dd>', page)


def test_an_import_is_for_whoever_began_it_and_only_for_curators(
    client: TestClient, kb: KnowledgeBase
) -> None:
    assert client.get("/registers/projects/import").status_code == 403
    assert (
        client.post("/registers/projects/import", files=[("files", ("a.csv", b"a,b"))]).status_code
        == 403
    )
    sign_in(client, "li.na")
    assert client.get("/registers/projects/import").status_code == 403
    sha256, size = kb.files.keep(b"code,name\nA-1,One\n")
    theirs = kb.register_imports.begin(SYSTEM, "projects", ("a.csv", sha256, size))
    assert client.get(f"/registers/projects/import/{theirs}").status_code == 403
    sign_in(client, "pmo")
    assert client.get("/registers/nonsense/import").status_code == 404
    assert client.get(f"/registers/lessons/import/{theirs}").status_code == 404
    assert client.get("/registers/projects/import/999999").status_code == 404


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b""),
        ("a.csv", "没有表格的一段话。".encode()),
        ("a.pdf", b"%PDF-1.7"),
        ("a.xlsx", b"PK\x03\x04 broken"),
        ("a.csv", b"code,name\n" + b"A-1,x\n" * 200_000),
    ],
)
def test_a_file_that_is_no_register_is_refused_with_advice(
    client: TestClient, name: str, content: bytes
) -> None:
    sign_in(client, "pmo")
    answer = client.post("/registers/projects/import", files=[("files", (name, content))])
    assert answer.status_code in {413, 422}
    assert 'role="alert"' in answer.text
    assert "Read the table" in answer.text


def test_another_header_row_can_be_chosen(client: TestClient) -> None:
    sign_in(client, "pmo")
    place, _ = hand_in(client)
    page = client.get(f"{place}?header=0").text
    assert "2024年在建项目" in page
    assert client.get(f"{place}?header=99&sheet=99").status_code == 200


def test_a_form_that_was_tampered_with_breaks_nothing(
    client: TestClient, kb: KnowledgeBase
) -> None:
    sign_in(client, "pmo")
    place, _ = hand_in(client)
    for data in (
        {"field": ["code", "code"], "header": "1"},
        {"field": ["nonsense", "name_zh"], "header": "1"},
        {"field": ["code", "name_zh"], "header": "99", "sheet": "7"},
        {"field": ["code"] + [""] * 500 + ["name_zh"], "header": "1"},
        {},
    ):
        assert client.post(f"{place}/columns", data=data).status_code in {200, 422}
    assert client.post(f"{place}/run", data={"keep": "nothing"}).status_code in {200, 409, 422}
    assert codes(kb) == []


def test_giving_up_leaves_nothing_behind(client: TestClient, kb: KnowledgeBase) -> None:
    sign_in(client, "pmo")
    place, _ = hand_in(client)
    answer = client.post(f"{place}/cancel", follow_redirects=False)
    assert answer.headers["Location"] == "/registers/projects/import"
    assert "登记表.csv" not in client.get("/registers/projects/import").text
    assert client.get(place, follow_redirects=False).status_code == 303
    assert client.post(f"{place}/run", data={"keep": "good"}).status_code == 409


def test_a_button_pressed_twice_at_once_puts_the_rows_once(kb: KnowledgeBase) -> None:
    sha256, size = kb.files.keep(b"code,name\nA-1,One\n")
    number = kb.register_imports.begin(SYSTEM, "projects", ("a.csv", sha256, size))
    with pytest.raises(Conflict):
        kb.register_imports.claim(SYSTEM, number)
    kb.register_imports.choose(SYSTEM, number, (0, 0), {"code": 0}, confirmed=True)
    kb.register_imports.claim(SYSTEM, number)
    with pytest.raises(Conflict):
        kb.register_imports.claim(SYSTEM, number)
    kb.register_imports.release(SYSTEM, number)
    assert kb.register_imports.claim(SYSTEM, number).state == "running"


def test_the_empty_table_is_one_that_can_be_imported(client: TestClient) -> None:
    sign_in(client, "pmo")
    content = client.get("/registers/projects/template.xlsx").content
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    assert sheet.cell(1, 1).value == "Project code"
    answer = client.post("/registers/projects/import", files=[("files", ("t.xlsx", content))])
    selected = re.findall(r'<option value="(\w+)" selected', answer.text)
    assert selected[0] == "0"
    assert len(set(selected[1:])) == len(selected[1:]) == sheet.max_column


def test_the_pages_speak_chinese(chinese: TestClient) -> None:
    sign_in(chinese, "pmo")
    assert "下载空白表格" in chinese.get("/registers/projects/import").text
    place, page = hand_in(chinese)
    assert "每一列是什么？" in page
    page = chinese.post(
        f"{place}/columns", data={"field": ["code", "name_zh", "", "budget"], "header": "1"}
    ).text
    assert "这不是数字" in page
    assert "this is no number" not in page
