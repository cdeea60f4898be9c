"""Pages of training: learning, checks, certificates, authoring, reports; what a browser never gets to see."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook

from kb.access import SYSTEM, Audience
from kb.courses import CourseDetails
from kb.knowledge_base import KnowledgeBase
from kb.models.training_progress import CheckAttempt
from tests.web.conftest import sign_in
from tests.web.training_library import add_course, certificate_address, right_answers
from web.pages.training_checks import read_answers
from web.xlsx_tables import workbook

BOARD = Audience(frozenset({"group:board"}))
COURSE_FILE = """---
title: 风险 Risk 101
language: zh
---
说得出什么是风险。
"""


@pytest.fixture
def course(kb: KnowledgeBase, documents: dict[str, int]) -> int:
    """The tiny course; its find-it question asks for the lesson about pipes."""
    stored = add_course(kb, f"/documents/{documents['lesson']}")
    kb.indexing.catch_up()
    return stored.courses["gates"]


def test_a_hidden_course_answers_like_a_missing_one_everywhere(
    client: TestClient, kb: KnowledgeBase, course: int
) -> None:
    sign_in(client, "li.na")
    details = CourseDetails("五个关口", "zh", audience=BOARD)
    unit = kb.courses.get(SYSTEM, course).units[-1].id
    kb.courses.change(SYSTEM, course, details)
    kb.indexing.catch_up()
    for number in (course, 999):
        for path in ("", f"/units/{unit}", f"/units/{unit}/file"):
            assert client.get(f"/courses/{number}{path}").status_code == 404
        for path in ("done", "attempts", "reopen"):
            assert client.post(f"/courses/{number}/units/{unit}/{path}").status_code == 404
        assert client.get(f"/api/v1/courses/{number}").status_code == 404
    assert "五个关口" not in client.get("/courses").text
    assert client.get("/api/v1/courses").json()["courses"] == []
    assert client.get("/?q=五个关口&kind=course").text.count('href="/courses/') == 0


def test_who_may_not_write_or_see_reports_is_told_so(client: TestClient, course: int) -> None:
    sign_in(client, "chen.wei")
    for path in (
        "/courses/new", f"/courses/{course}/edit", "/training/paths/new", "/training/import",
        "/training/assignments", "/training/reports", "/training/transcript?user=li.na",
        "/training/banks/1",
    ):  # fmt: skip
        assert client.get(path).status_code == 403, path
    for path in ("/training", "/training/growth", "/training/transcript", "/courses"):
        assert client.get(path).status_code == 200, path
    for path in (f"/courses/{course}/state", "/training/assignments", "/training/banks/1"):
        assert client.post(path, data={"state": "draft"}).status_code == 403, path


def test_no_right_answer_is_in_the_page_before_it_is_handed_in(
    client: TestClient, kb: KnowledgeBase, course: int
) -> None:
    sign_in(client, "chen.wei")
    unit = kb.courses.get(SYSTEM, course).units[-1].id
    attempt = client.post(f"/courses/{course}/units/{unit}/attempts").url.path
    page = client.get(attempt).text
    assert client.post(f"/courses/{course}/units/{unit}/attempts").url.path == attempt
    assert client.get(attempt).text == page
    for secret in ("training-option-right", "超过 5% 时", "先问", "accepted", "五</"):
        assert secret not in page
    learner = kb.accounts.actor("chen.wei")
    assert learner is not None
    stored = kb.checks.get(learner, int(attempt.rsplit("/", 1)[1]))
    assert all(not one.right and not one.explanation for one in stored.questions)
    shown = re.findall(r'name="q4\.(\d)".*?<p>(\w+)</p>', page, re.DOTALL)
    assert [word for _, word in shown] != ["申请", "影响分析", "决定"]
    assert [place for place, _ in shown] == ["0", "1", "2"]


def test_answers_are_graded_once_and_told_with_their_reasons(
    client: TestClient, kb: KnowledgeBase, course: int, documents: dict[str, int]
) -> None:
    sign_in(client, "chen.wei")
    unit = kb.courses.get(SYSTEM, course).units[-1].id
    attempt = client.post(f"/courses/{course}/units/{unit}/attempts").url.path
    right = right_answers(client.get(attempt).text, f"/documents/{documents['lesson']}")
    client.post(f"{attempt}/keep", data={"q3": "五 个"})
    assert 'value="五 个"' in client.get(attempt).text
    client.get(f"/documents/{documents['lesson']}")
    assert "地下管廊探测的教训</option>" in client.get(attempt).text
    answer = client.post(attempt, data=right)
    assert "100%" in answer.text
    assert "超过 5% 时" in answer.text
    again = client.post(attempt, data={"q0": "0"})
    assert "100%" in again.text
    with kb.database.read() as session:
        assert session.query(CheckAttempt).count() == 1
    worse = client.post(f"/courses/{course}/units/{unit}/attempts").url.path
    assert worse != attempt
    page = client.post(worse, data={"q5": "/documents/9999", "q9": "x", "q4.0": "1"}).text
    assert "0% · not passed" in page
    sign_in(client, "li.na")
    assert client.get(attempt).status_code == 404
    assert client.post(attempt, data=right).status_code == 404


def test_a_form_of_answers_is_read_whatever_it_holds() -> None:
    read = read_answers([
        ("q0", "1"), ("q1", "0"), ("q1", "2"), ("q2.0", "2"), ("q2.1", "1"), ("q2.2", ""), ("q3", " "),
        ("q4", ""), ("q4.picked", "/documents/1"), ("q5", "/documents/2"), ("q5.picked", "/documents/1"),
        ("x", "1"), ("q", "1"), ("q99999", "1"), ("q6.x", "1"),
    ])  # fmt: skip
    assert read == {
        0: ["1"], 1: ["0", "2"], 2: ["1", "0"], 3: [], 4: ["/documents/1"], 5: ["/documents/2"],
    }  # fmt: skip


def test_a_certificate_is_verified_by_anybody_and_exported_by_its_owner(
    client: TestClient, kb: KnowledgeBase, course: int
) -> None:
    sign_in(client, "chen.wei")
    address = certificate_address(kb, client, course)
    assert re.fullmatch(r"/certificates/[\w-]{20}", address)
    assert "Result" in client.get(address).text
    word = client.get(f"{address}/export/word")
    assert word.status_code == 200
    with zipfile.ZipFile(io.BytesIO(word.content)) as packed:
        text = packed.read("word/document.xml").decode()
    assert "Chen Wei" in text
    assert address in text
    table = load_workbook(io.BytesIO(client.get("/training/transcript.xlsx").content)).active
    assert table is not None
    assert [cell.value for cell in table[2]][:2] == ["Chen Wei", "五个关口 <G1–G5> 🚦"]
    assert "五个关口" in client.get("/training/transcript.csv").text
    client.post("/sign-out")
    seen = client.get(address).text
    assert "Chen Wei" in seen
    assert "valid" in seen
    for private in ("Result", "Extent", "export/word", f'"/courses/{course}"'):
        assert private not in seen
    assert client.get(f"{address}/export/word").status_code == 403
    assert client.get("/certificates/AAAAAAAAAAAAAAAAAAAA").status_code == 404
    sign_in(client, "pmo")
    client.post(f"{address}/revoke", data={"reason": "Vertretung"})
    client.post("/sign-out")
    seen = client.get(address).text
    assert "taken back" in seen
    assert "Vertretung" not in seen


def test_a_film_plays_on_its_page_and_anything_else_is_a_download(client: TestClient) -> None:
    sign_in(client, "pmo")
    place = client.post("/courses", data={"title": "吊装 lifting", "language": "zh"}).url
    base = f"/courses/{int(place.path.split('/')[2])}"
    for name, played in (("吊装 ①.MP4", "video/mp4"), ("讲解.mp3", "audio/mpeg"), ("表.csv", "")):
        unit = client.post(f"{base}/units", data={"kind": "video", "title": "吊装"}).url.path
        unit = unit.removesuffix("/edit")
        client.post(f"{unit}/file", files=[("files", (name, bytes(range(200)), "x/y"))])
        shown = client.get(unit)
        tag = f'<{played.partition("/")[0]} class="training-player" controls preload="metadata" src="{unit}/file"'
        assert (tag in shown.text) == bool(played), name
        assert ("training-player" in shown.text) == bool(played), name
        assert "media-src 'self'" in shown.headers["Content-Security-Policy"]
        # A player asks for the part that it wants to show.
        part = client.get(f"{unit}/file", headers={"Range": "bytes=10-12"})
        assert (part.status_code, part.content) == (206, bytes([10, 11, 12]))
        assert part.headers["Content-Type"] == (played or "application/octet-stream")
        assert part.headers["Content-Disposition"].startswith("attachment")


def test_a_course_is_written_on_pages_alone(
    client: TestClient, kb: KnowledgeBase, documents: dict[str, int]
) -> None:
    sign_in(client, "pmo")
    place = client.post(
        "/courses", data={"title": " 新 课 ", "language": "zh", "skills": "风险：2"}
    ).url
    number = int(place.path.split("/")[2])
    assert client.post("/courses", data={"title": "", "language": "zh"}).status_code == 422
    bad = client.post("/courses", data={"title": "x", "language": "zh", "skills": "风险: viel"})
    assert bad.status_code == 422
    assert "风险: viel" in bad.text
    base = f"/courses/{number}"
    client.post(
        f"{base}/units",
        data={"kind": "page", "title": "一", "body": "# 一\n\n<script>", "minutes": "3"},
    )
    client.post(f"{base}/units", data={
        "kind": "document", "title": "二", "target": str(documents["lesson"]), "minutes": "5"})  # fmt: skip
    assert client.post(f"{base}/units", data={
        "kind": "document", "title": "三", "target": "javascript:alert(1)"}).status_code == 422  # fmt: skip
    file_unit = client.post(f"{base}/units", data={"kind": "file", "title": "附件"}).url.path
    assert client.get(file_unit.removesuffix("/edit") + "/file").status_code == 404
    client.post(
        file_unit.removesuffix("edit") + "file",
        files=[("files", ("表<1>.csv", b"a,b", "text/csv"))],
    )
    assert client.get(file_unit.removesuffix("/edit") + "/file").content == b"a,b"
    check = client.post(
        f"{base}/units", data={"kind": "check", "title": "小测", "pass_percent": "50"}
    ).url.path
    (bank,) = kb.question_banks.of_course(SYSTEM, number)
    client.post(
        f"/training/banks/{bank[0]}", data={"text": "## ? 对吗？\n= 对\n\n## ? 几个？\n= 5\n= 五"}
    )
    broken = client.post(
        f"/training/banks/{bank[0]}", data={"text": "## ? 对吗？\n\n## ? 几个？\n= 5"}
    )
    assert broken.status_code == 422
    assert "line 1" in broken.text
    assert len(kb.question_banks.get(SYSTEM, bank[0]).lines) == 2
    units = [unit.id for unit in kb.courses.get(SYSTEM, number).units]
    client.post(f"{base}/units/{units[1]}/move", data={"step": "-1"})
    client.post(f"{base}/units/{units[2]}/remove")
    client.post(
        check, data={"kind": "check", "title": "测", "needs": "一", "retries": "0", "minutes": "4"}
    )
    client.post(f"{base}/state", data={"state": "published"})
    found = kb.courses.get(SYSTEM, number)
    assert [unit.title for unit in found.units] == ["二", "一", "测"]
    assert found.units[2].check is not None
    assert found.units[2].check.retries == 0
    assert found.skills == (("风险", 2),)
    assert "<script>" not in client.get(f"{base}/units/{units[0]}").text.partition("<main")[2]
    circle = client.post(
        f"{base}/units/{units[0]}/edit", data={"kind": "page", "title": "一", "needs": "小测"}
    )
    assert circle.status_code == 422
    assert "circle" in circle.text
    client.post("/training/paths", data={
        "title": "路", "language": "zh", "role": "自由", f"place-{number}": "1", f"days-{number}": "3"})  # fmt: skip
    (path,) = kb.learning_paths.list(SYSTEM, state="draft")
    assert [(step.course.id, step.due_days) for step in path.steps] == [(number, 3)]
    client.post(f"/training/paths/{path.id}/state", data={"state": "published"})
    told = client.post(
        "/training/assignments", data={"what": f"path:{path.id}", "whom": "user:chen.wei"}
    )
    assert "Assigned to 1 person" in told.text
    wrong = client.post(
        "/training/assignments", data={"what": f"path:{path.id}", "whom": "user:nobody"}
    )
    assert wrong.status_code == 422
    assert "Chen Wei" in client.get(f"/training/reports?course={number}").text


def test_a_table_of_questions_is_reported_row_by_row_and_nothing_is_half_taken(
    client: TestClient, kb: KnowledgeBase, course: int
) -> None:
    sign_in(client, "pmo")
    bank = kb.question_banks.of_course(SYSTEM, course)[0][0]
    before = len(kb.question_banks.get(SYSTEM, bank).lines)
    header = ["题目", "题型", "选项A", "选项B", "答案"]
    rows = [
        ["谁签字？", "单选", "甲", "乙", "B"],
        ["没有答案", "单选", "甲", "乙", ""],
        ["对吗", "判断", "", "", "错"],
    ]
    book = workbook("题", header, rows)
    page = client.post(
        f"/training/banks/{bank}/look", files=[("files", ("题.xlsx", book, "application/zip"))]
    )
    assert "2 of 3 questions are good" in page.text
    assert "line 3" in page.text
    assert len(kb.question_banks.get(SYSTEM, bank).lines) == before
    hidden = dict(re.findall(r'name="(sha256|name)" value="([^"]+)"', page.text))
    client.post(f"/training/banks/{bank}/take", data=hidden)
    assert len(kb.question_banks.get(SYSTEM, bank).lines) == before + 2
    client.post(f"/training/banks/{bank}/take", data=hidden)
    assert len(kb.question_banks.get(SYSTEM, bank).lines) == before + 2
    strange = workbook("题", ["Farbe", "Größe"], [["rot", 3]])
    page = client.post(
        f"/training/banks/{bank}/look", files=[("files", ("x.xlsx", strange, "application/zip"))]
    )
    assert page.status_code == 422
    assert "x.xlsx" in page.text
    assert (
        client.post(
            f"/training/banks/{bank}/take", data={"sha256": "../x", "name": "x"}
        ).status_code
        == 404
    )


def test_a_packed_course_is_looked_at_and_stored_as_a_whole(
    client: TestClient, kb: KnowledgeBase, tmp_path: Path
) -> None:
    sign_in(client, "pmo")

    def packed(unit: str) -> bytes:
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as archive:
            archive.writestr("风险/course.md", COURSE_FILE)
            archive.writestr("风险/01-一.md", unit)
        return made.getvalue()

    good = packed(
        "---\ntitle: 什么是风险\nminutes: 5\n---\n读一读。\n\n## ? 风险可能发生吗？\n= 对\n"
    )
    page = client.post("/training/import", files=[("files", ("c.zip", good, "application/zip"))])
    assert "风险 Risk 101" in page.text
    assert kb.courses.list(SYSTEM) == []
    hidden = dict(re.findall(r'name="(sha256|name)" value="([^"]+)"', page.text))
    client.post("/training/import/store", data={**hidden, "audience": "everyone", "publish": "yes"})
    (found,) = kb.courses.list(SYSTEM)
    assert found.units[0].check is not None
    bad = packed("---\ntitle: 坏\nkind: check\n---\n## ? 没有答案\n")
    page = client.post("/training/import", files=[("files", ("c.zip", bad, "application/zip"))])
    assert page.status_code == 422
    assert "Nothing was stored" in page.text
    page = client.post("/training/import", files=[("files", ("c.zip", b"PK", "application/zip"))])
    assert page.status_code == 422
    assert client.post("/training/import").status_code == 422


def test_programs_list_courses_and_ask_for_their_own_progress(
    client: TestClient, kb: KnowledgeBase, course: int
) -> None:
    sign_in(client, "chen.wei")
    unit = kb.courses.get(SYSTEM, course).units[0].id
    client.post(f"/courses/{course}/units/{unit}/done")
    (listed,) = client.get("/api/v1/courses?language=zh").json()["courses"]
    assert (listed["id"], listed["progress"]["done"]) == (course, 1)
    assert client.get("/api/v1/courses?language=en").json()["courses"] == []
    told = client.get(f"/api/v1/courses/{course}").json()
    assert [each["done"] for each in told["units"]] == [True, False, False, False]
    assert "accepted" not in str(told)
    mine = client.get("/api/v1/training/progress").json()
    assert [(each["course"], each["percent"]) for each in mine["courses"]] == [(course, 25)]
    client.post("/sign-out")
    assert client.get("/api/v1/training/progress").status_code == 403
