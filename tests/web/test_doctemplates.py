"""The pages of the template library: find, fill in, keep, hand in, make from past work."""

from __future__ import annotations

import io
import re
from datetime import date
from urllib.parse import unquote

import docx
import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook

from kb.access import SYSTEM, Actor, Audience, Role
from kb.doctemplate_answers import Answers
from kb.doctemplate_views import LibraryFilter
from kb.errors import NotFound
from kb.knowledge_base import KnowledgeBase
from kb.models import Project
from tests.ingest.office_templates import excel, texts, word
from tests.web.conftest import sign_in
from tests.web.doctemplate_library import FORM, add_past_work, add_template

ONLY_PMO = Audience(frozenset({"group:pmo"}))
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
DETAILS = {
    "title": "新章程",
    "kind": "charter",
    "phase": "initiate",
    "language": "zh",
    "audience": "everyone",
}
# Names of the boxes of FORM, as the page gives them.
BACKGROUND, STATE, DAY, BUDGET, SPONSOR = "f1", "f2", "f3", "f4", "f5"


def upload(content: bytes, name: str = "a.docx") -> dict[str, tuple[str, bytes, str]]:
    return {"files": (name, content, DOCX)}


def add_project(kb: KnowledgeBase) -> None:
    with kb.database.write() as session:
        session.add(
            Project(code="CL-2025-002", name_zh="湖滨区智慧水务平台", name_en="Lakeside Water")
        )


def test_an_anonymous_visitor_finds_sees_and_downloads_a_template(
    client: TestClient, kb: KnowledgeBase
) -> None:
    number = add_template(kb)
    library = client.get("/doctemplates").text
    assert f'href="/doctemplates/{number}"' in library
    page = client.get(f"/doctemplates/{number}").text
    assert "【背景】" in page
    assert page.count("<h1") == 1
    blank = client.get(f"/doctemplates/{number}/blank")
    assert blank.headers["content-type"] == DOCX
    assert blank.headers["content-disposition"].startswith("attachment")
    assert "【背景】" in texts(blank.content)
    example = client.get(f"/doctemplates/{number}/example/file").content
    assert "漏损只能估" in texts(example)
    assert "漏损只能估" in client.get(f"/doctemplates/{number}/example").text
    assert client.get(f"/doctemplates/{number}/file?version=1").content == FORM
    assert kb.doctemplates.get(SYSTEM, number).downloads == 2


def test_a_template_for_others_is_not_there(client: TestClient, kb: KnowledgeBase) -> None:
    number = add_template(kb, audience=ONLY_PMO)
    assert f"/doctemplates/{number}" not in client.get("/doctemplates").text
    for path in (
        "",
        "/blank",
        "/file",
        "/example",
        "/example/file",
        "/fill",
        "/edit",
        "/versions/new",
    ):
        assert client.get(f"/doctemplates/{number}{path}").status_code in {403, 404}, path
    for path in ("/fill", "/keep"):
        assert (
            client.post(f"/doctemplates/{number}{path}", data={"do": "fill"}).status_code == 404
        ), path
    assert client.get(f"/api/v1/doctemplates/{number}").status_code == 404
    assert client.post(f"/api/v1/doctemplates/{number}/fill", json={}).status_code == 404


def test_the_form_is_prefilled_filled_in_and_downloaded(
    client: TestClient, kb: KnowledgeBase
) -> None:
    add_project(kb)
    number = add_template(kb)
    page = client.get(f"/doctemplates/{number}/fill?project=CL-2025-002").text
    assert 'value="湖滨区智慧水务平台"' in page
    assert date.today().isoformat() in page  # noqa: DTZ011  the server's day
    sent = {
        "do": "fill",
        "version": "1",
        "project": "CL-2025-002",
        "f0": "湖滨区智慧水务平台",
        BACKGROUND: "漏损只能估。\n<script>alert(1)</script> & 𠮷🚀",
        STATE: "绿",
        DAY: "2026-03-05",
        BUDGET: "６７００",  # noqa: RUF001  full-width on purpose
        SPONSOR: "",
        "n1": "2",
        "r1.0.7": "规约不一致",
        "r1.0.8": "任博远",
        "r1.1.7": "",
        "r1.1.8": "",
    }
    answer = client.post(f"/doctemplates/{number}/fill", data=sent)
    assert answer.status_code == 200
    named = unquote(answer.headers["content-disposition"])
    assert f"CL-2025-002-项目章程-{date.today().isoformat()}.docx" in named  # noqa: DTZ011
    lines = texts(answer.content)
    assert lines[:4] == [
        "项目章程 湖滨区智慧水务平台",
        "漏损只能估。",
        "<script>alert(1)</script> & 𠮷🚀",
        "状态：绿，2026年3月5日，6700，",
    ]
    assert lines[4:] == ["序号", "风险", "责任人", "1", "规约不一致", "任博远"]
    assert kb.doctemplates.get(SYSTEM, number).fills == 1


def test_wrong_answers_are_shown_at_their_fields_and_nothing_typed_is_lost(
    client: TestClient, kb: KnowledgeBase
) -> None:
    number = add_template(kb)
    sent = {
        "do": "fill",
        DAY: "下周",
        STATE: "紫",
        BUDGET: "很多",
        "n1": "2",
        "r1.0.7": "",
        "r1.1.7": '"><b>风险',
    }
    answer = client.post(f"/doctemplates/{number}/fill", data=sent)
    assert answer.status_code == 422
    assert "4 answers cannot be used yet" in answer.text
    assert "no date; write it as 2026-03-05" in answer.text
    assert 'value="下周"' in answer.text
    assert "&#34;&gt;&lt;b&gt;风险" in answer.text
    assert kb.doctemplates.get(SYSTEM, number).fills == 0


def test_rows_are_added_and_removed_without_scripts(client: TestClient, kb: KnowledgeBase) -> None:
    number = add_template(kb)
    path = f"/doctemplates/{number}/fill"
    assert client.get(path).text.count('class="doctemplate-row"') == 1
    more = client.post(
        path, data={"do": "add:1", "n1": "1", "r1.0.7": "甲", BACKGROUND: "留着"}
    ).text
    assert more.count('class="doctemplate-row"') == 2
    assert 'value="甲"' in more
    assert "留着" in more
    less = client.post(
        path, data={"do": "remove:1:0", "n1": "2", "r1.0.7": "甲", "r1.1.7": "乙"}
    ).text
    assert 'value="甲"' not in less
    assert 'value="乙"' in less


@pytest.mark.parametrize(
    "do", ["add", "add:99", "add:x", "remove:1", "remove:1:99", "remove:1:x", "explode", ""]
)
def test_a_button_nobody_made_does_nothing(client: TestClient, kb: KnowledgeBase, do: str) -> None:
    number = add_template(kb)
    answer = client.post(
        f"/doctemplates/{number}/fill", data={"do": do, "n1": "99999999999", "version": "-1"}
    )
    assert answer.status_code == 200


def test_an_unknown_project_is_told(client: TestClient, kb: KnowledgeBase) -> None:
    number = add_template(kb)
    assert client.get(f"/doctemplates/{number}/fill?project=NO-SUCH").status_code == 404
    taken = client.post(
        f"/doctemplates/{number}/fill", data={"do": "project", "project": "NO-SUCH"}
    )
    assert taken.status_code == 404


def test_what_was_typed_is_kept_for_whoever_signed_in(
    client: TestClient, kb: KnowledgeBase
) -> None:
    number = add_template(kb)
    assert client.post(f"/doctemplates/{number}/keep", data={}).status_code == 403
    sign_in(client, "li.na")
    kept = client.post(
        f"/doctemplates/{number}/keep",
        data={BACKGROUND: "写到一半"},
        headers={"HX-Request": "true"},
    )
    form = re.search(r'name="form" value="(\d+)"', kept.text)
    assert form is not None
    assert "写到一半" in client.get(f"/doctemplates/{number}/fill?form={form[1]}").text
    again = client.post(
        f"/doctemplates/{number}/keep", data={BACKGROUND: "写完了", "form": form[1]}
    )
    assert f'value="{form[1]}"' in again.text
    mine = client.get("/doctemplates/mine").text
    assert mine.count("/fill?form=") == 1
    sign_in(client, "chen.wei")
    assert client.get(f"/doctemplates/{number}/fill?form={form[1]}").status_code == 404
    assert client.post(f"/doctemplates/mine/{form[1]}/delete").status_code == 404
    sign_in(client, "li.na")
    client.post(f"/doctemplates/mine/{form[1]}/delete")
    assert "/fill?form=" not in client.get("/doctemplates/mine").text


def test_a_form_begun_with_an_old_version_keeps_its_answers_by_name(
    client: TestClient, kb: KnowledgeBase
) -> None:
    number = add_template(kb)
    sign_in(client, "pmo")
    changed = word("{{ text:新的一项 }}", "{{ long:背景 }}")
    client.post(f"/doctemplates/{number}/versions", files=upload(changed), data={"note": "加一项"})
    answer = client.post(
        f"/doctemplates/{number}/fill",
        data={"do": "add:9", "version": "1", BACKGROUND: "旧版里写的"},
    )
    assert re.search(r'<textarea id="f1"[^>]*>旧版里写的</textarea>', answer.text)


def test_a_curator_hands_in_a_template_and_a_new_version(
    client: TestClient, kb: KnowledgeBase
) -> None:
    sign_in(client, "pmo")
    added = client.post(
        "/doctemplates", data={**DETAILS, "tags": "立项，G1"}, files=upload(FORM, "我的章程.docx")
    )
    assert added.status_code == 200
    number = int(added.url.path.rpartition("/")[2])
    assert kb.doctemplates.get(SYSTEM, number).details.tags == ("立项", "G1")
    client.post(
        f"/doctemplates/{number}/versions", files=upload(word("{{ 新 }}")), data={"note": "精简"}
    )
    assert "精简" in client.get(f"/doctemplates/{number}").text
    assert texts(client.get(f"/doctemplates/{number}/file?version=1").content) == texts(FORM)
    edited = client.post(
        f"/doctemplates/{number}/edit", data={**DETAILS, "title": "改名", "state": "retired"}
    )
    assert edited.status_code == 200
    assert kb.doctemplates.get(SYSTEM, number).state == "retired"
    assert "改名" not in client.get("/doctemplates").text
    wrong = client.post(
        f"/doctemplates/{number}/edit",
        data={**DETAILS, "title": "x", "state": "gone", "guide": "abc"},
    )
    assert wrong.status_code == 422


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_template_with_bad_placeholders_is_refused_with_every_place(
    client: TestClient, kb: KnowledgeBase, language: str
) -> None:
    sign_in(client, "pmo")
    client.headers["Accept-Language"] = language
    bad = word("完整", "{{ 客户", rows=[["{{ data:日 }}"]])
    answer = client.post("/doctemplates", data=DETAILS, files=upload(bad))
    assert answer.status_code == 422
    told = ["paragraph 2, “{{ 客户”", "table 1, row 1, cell 1", "no type “data”"]
    if language == "zh-CN":
        told = ["第 2 段，“{{ 客户”", "第 1 个表格第 1 行第 1 格", "没有“data”这种类型"]
    for each in told:
        assert each in answer.text
    assert not kb.doctemplates.library(SYSTEM, LibraryFilter()).templates
    assert 'value="新章程"' in answer.text


@pytest.mark.parametrize(
    "content", [b"", b"not a docx", b"%PDF-1.7", FORM[:300], b"x" * (1024 * 1024 + 1)]
)
def test_what_is_no_template_is_told_in_the_form(client: TestClient, content: bytes) -> None:
    sign_in(client, "pmo")
    answer = client.post("/doctemplates", data=DETAILS, files=upload(content))
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


def test_readers_and_contributors_do_not_change_the_library(
    client: TestClient, kb: KnowledgeBase
) -> None:
    number = add_template(kb)
    for name in ("chen.wei", "li.na"):
        sign_in(client, name)
        assert client.get("/doctemplates/new").status_code == 403
        assert client.post("/doctemplates", data=DETAILS, files=upload(FORM)).status_code == 403
        assert (
            client.post(f"/doctemplates/{number}/versions", files=upload(FORM)).status_code == 403
        )
        assert client.get(f"/doctemplates/{number}/edit").status_code == 403
        assert client.post(f"/doctemplates/{number}/edit", data=DETAILS).status_code == 403


def test_past_work_becomes_a_draft_without_what_was_ticked(
    client: TestClient, kb: KnowledgeBase
) -> None:
    document = add_past_work(kb, audience=ONLY_PMO)
    path = f"/doctemplates/past/{document}"
    assert client.get(path).status_code == 404
    assert client.post(path, data={}).status_code == 404
    kb.accounts.add(
        "pm", "PM", "a long enough password", Role.CONTRIBUTOR, groups=frozenset({"pmo"})
    )
    sign_in(client, "pm")
    page = client.get(path).text
    boxes = dict(re.findall(r'name="t(\d+)" value="([^"]+)"', page))
    assert set(boxes.values()) == {
        "CL-2024-005",
        "东港冷链物流中心",
        "2025-11-07",
        "9,120万元",
        "a.b@c.example",
    }
    ticked = {f"s{at}": "on" for at, text in boxes.items() if text != "2025-11-07"}
    hidden = {f"t{at}": text for at, text in boxes.items()}
    made = client.post(
        path, data={**ticked, **hidden, "title": "总结模板", "kind": "closing-report"}
    )
    number = int(made.url.path.rpartition("/")[2])
    found = kb.doctemplates.get(SYSTEM, number)
    assert (found.state, found.details.kind, found.audience) == (
        "draft",
        "closing-report",
        "group:pmo",
    )
    lines = texts(kb.doctemplates.content(SYSTEM, number)[0])
    assert lines == [
        "{{ project.name }}（{{ project.code }}）总结",
        "2025-11-07 验收，费用{{ text:金额 1 }}，联系 {{ text:邮箱 1 }}",
    ]
    sign_in(client, "chen.wei")
    assert client.get(f"/doctemplates/{number}").status_code == 404


def test_a_form_from_another_site_is_refused(client: TestClient, kb: KnowledgeBase) -> None:
    number = add_template(kb)
    answer = client.post(
        f"/doctemplates/{number}/fill", data={}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403


def test_more_than_a_form_is_refused(client: TestClient, kb: KnowledgeBase) -> None:
    number = add_template(kb)
    headers = {
        "Content-Length": "99000000",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    answer = client.post(f"/doctemplates/{number}/fill", content=b"a", headers=headers)
    assert answer.status_code == 413


def test_programs_fill_in_by_name(client: TestClient, kb: KnowledgeBase) -> None:
    add_project(kb)
    number = add_template(kb)
    listed = client.get("/api/v1/doctemplates?language=zh").json()
    assert [each["title"] for each in listed["doctemplates"]] == ["项目章程"]
    whole = client.get(f"/api/v1/doctemplates/{number}").json()
    assert {"name": "背景", "required": True, "type": "long"}.items() <= whole["fields"][1].items()
    answers = {
        "project": "CL-2025-002",
        "values": {"背景": "x", "日期": "2026-01-02"},
        "rows": {"风险": [{"描述": "=1"}]},
    }
    made = client.post(f"/api/v1/doctemplates/{number}/fill", json=answers)
    assert made.headers["content-type"] == DOCX
    assert "项目章程 湖滨区智慧水务平台" in texts(made.content)
    wrong = client.post(f"/api/v1/doctemplates/{number}/fill", json={"values": {"背景": ""}})
    assert wrong.status_code == 422
    assert wrong.json()["code"] == "invalid-input"
    assert "背景" in wrong.json()["detail"]


def test_a_sheet_is_filled_in_too(client: TestClient, kb: KnowledgeBase) -> None:
    number = add_template(
        kb, excel({"A1": "{{ project.name }}", "A2": "风险", "A3": "{{ R[].风险 }}"}), "册.xlsx"
    )
    sent = {"do": "fill", "f0": "=HYPERLINK(1)", "n1": "1", "r1.0.1": "+1"}
    answer = client.post(f"/doctemplates/{number}/fill", data=sent)
    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    assert (sheet["A1"].value, sheet["A1"].data_type) == ("=HYPERLINK(1)", "s")
    assert sheet["A3"].value == "+1"


def test_a_template_is_found_by_search(client: TestClient, kb: KnowledgeBase) -> None:
    number = add_template(kb)
    add_template(kb, audience=ONLY_PMO)
    kb.indexing.catch_up()
    hits = client.get("/api/v1/search?q=项目章程&kind=template").json()["hits"]
    assert [hit["url"].partition("?")[0] for hit in hits] == [f"/doctemplates/{number}"]


def test_a_chinese_reader_reads_chinese(chinese: TestClient, kb: KnowledgeBase) -> None:
    number = add_template(kb)
    assert "标准模板" in chinese.get("/doctemplates").text
    page = chinese.get(f"/doctemplates/{number}/fill").text
    assert "添加一行" in page
    assert "下载Word 文档" in page


def test_a_form_that_was_thrown_away_is_gone(kb: KnowledgeBase) -> None:
    with pytest.raises(NotFound):
        kb.doctemplate_forms.keep(
            Actor("li.na", "李娜", Role.READER), add_template(kb), Answers(), "", 99
        )


def test_the_result_opens_in_word(client: TestClient, kb: KnowledgeBase) -> None:
    number = add_template(kb)
    made = client.post(
        f"/doctemplates/{number}/fill", data={"do": "fill", BACKGROUND: "x", "mark_open": "on"}
    )
    document = docx.Document(io.BytesIO(made.content))
    assert "【发起人】" in document.paragraphs[2].text
