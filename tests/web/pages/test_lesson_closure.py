"""Closing a lesson by a standard template: chosen, linked on both pages, taken out, warned of, hidden from others."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from kb.access import SYSTEM, Actor, Audience, Role
from kb.knowledge_base import KnowledgeBase
from kb.lesson_rules import LessonText
from tests.web.conftest import draft, sign_in, store
from tests.web.doctemplate_library import add_template

BOARD = Audience(frozenset({"group:board"}))
DETAILS = {
    "title": "项目章程",
    "kind": "charter",
    "phase": "initiate",
    "language": "zh",
    "audience": "everyone",
}


def lesson(kb: KnowledgeBase, title: str = "章程里没写谁说了算 𠮷") -> int:
    text = LessonText(
        title=title,
        kind="lesson",
        language="zh",
        what_happened="变更没有人批。Nobody could approve a change.",
        recommendation="章程里写明审批人。",
        phase="initiate",
    )
    made = kb.lessons.submit(Actor("system", "", Role.ADMINISTRATOR, sees_all=True), text)
    kb.lessons.validate(SYSTEM, made, "applicable", "适用")
    return made


def test_a_template_is_chosen_linked_shown_on_its_page_and_taken_out_again(
    client: TestClient, kb: KnowledgeBase
) -> None:
    made, template = lesson(kb), add_template(kb)
    sign_in(client, "pmo")
    chosen = client.get(f"/lessons/{made}/close?template={template}").text
    assert f'name="template" value="{template}"' in chosen
    assert "Standard template, version 1" in chosen
    answer = client.post(
        f"/lessons/{made}/close",
        data={"template": str(template), "note": "加了 <b>审批人</b> 一栏"},
        follow_redirects=False,
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/lessons/{made}")
    page = client.get(f"/lessons/{made}").text
    assert f'<a href="/doctemplates/{template}" lang="zh-Hans">项目章程</a>' in page
    assert "Standard template, version 1" in page
    assert "加了 &lt;b&gt;审批人&lt;/b&gt; 一栏" in page
    behind = client.get(f"/doctemplates/{template}").text
    assert "1 lesson behind it" in behind
    assert f'href="/lessons/{made}"' in behind
    (told,) = client.get(f"/api/v1/lessons/{made}").json()["closures"]
    assert (told["document"], told["doctemplate"]) == (None, template)
    assert (told["version"], told["url"]) == (1, f"/doctemplates/{template}")
    # A new version is handed in with the lessons in sight.
    assert f'href="/lessons/{made}"' in client.get(f"/doctemplates/{template}/versions/new").text

    closure = re.search(r'name="closure" value="(\d+)"', page)
    assert closure
    client.post(f"/lessons/{made}/take-out", data={"closure": closure[1]})
    assert kb.lessons.get(SYSTEM, made).state == "validated"
    assert f'href="/lessons/{made}"' not in client.get(f"/doctemplates/{template}").text


@pytest.mark.parametrize("field", ["document", "template"])
def test_an_address_says_what_it_is_in_whichever_field_it_was_pasted(
    client: TestClient, kb: KnowledgeBase, field: str
) -> None:
    made, template = lesson(kb), add_template(kb)
    guide = store(kb, draft("关口指南", "# 关口指南\n\n## G3\n\n量。\n", "zh", "methodology"))
    sign_in(client, "pmo")
    close = f"/lessons/{made}/close"
    address = f"http://testserver/doctemplates/{template}?version=1"
    found = client.get(close, params={field: address})
    assert f'name="template" value="{template}"' in found.text
    found = client.get(close, params={field: f"http://testserver/documents/{guide}#g3"})
    assert f'name="document" value="{guide}"' in found.text
    for nonsense in ("²", "章程", "9" * 30, "/doctemplates/x"):
        page = client.get(close, params={field: nonsense})
        assert page.status_code == 200, nonsense
        assert 'name="q"' in page.text, nonsense


def test_templates_are_offered_beside_pages_by_search(
    client: TestClient, kb: KnowledgeBase
) -> None:
    made, template = lesson(kb), add_template(kb)
    hidden = add_template(kb, name="密.docx", audience=BOARD)
    guide = store(kb, draft("项目章程指南", "# 项目章程指南\n\n项目章程。\n", "zh", "guide"))
    kb.indexing.catch_up()
    sign_in(client, "pmo")
    page = client.get(f"/lessons/{made}/close", params={"q": "项目章程"}).text
    assert f'href="/lessons/{made}/close?template={template}"' in page
    assert f'href="/lessons/{made}/close?document={guide}"' in page
    assert f"template={hidden}" not in page


@pytest.mark.parametrize("state", ["", "draft", "retired"])
def test_a_template_that_is_hidden_or_not_offered_looks_like_none(
    client: TestClient, kb: KnowledgeBase, state: str
) -> None:
    made = lesson(kb)
    hidden = add_template(kb, state=state) if state else add_template(kb, audience=BOARD)
    sign_in(client, "pmo")
    for number in (hidden, hidden + 1):
        assert client.get(f"/lessons/{made}/close?template={number}").status_code == 404
        answer = client.post(f"/lessons/{made}/close", data={"template": str(number)})
        assert answer.status_code == 404
        assert "项目章程" not in answer.text
    assert kb.lessons.get(SYSTEM, made).state == "validated"


def test_who_may_not_read_the_template_is_not_told_of_it(
    client: TestClient, kb: KnowledgeBase
) -> None:
    made, hidden = lesson(kb), add_template(kb, audience=BOARD)
    kb.lesson_closures.build_into_template(SYSTEM, made, hidden, note="董事会的章程")
    page = client.get(f"/lessons/{made}")
    assert page.status_code == 200
    for word in ("项目章程", f"/doctemplates/{hidden}"):
        assert word not in page.text
    assert client.get(f"/api/v1/lessons/{made}").json()["closures"] == []
    assert client.get(f"/doctemplates/{hidden}").status_code == 404


def test_a_template_with_lessons_behind_it_leaves_the_library_only_when_somebody_says_so(
    client: TestClient, kb: KnowledgeBase
) -> None:
    made, template = lesson(kb), add_template(kb)
    kb.lesson_closures.build_into_template(SYSTEM, made, template)
    sign_in(client, "pmo")
    edit = f"/doctemplates/{template}/edit"
    kept = client.post(edit, data={**DETAILS, "state": "published"}, follow_redirects=False)
    assert kept.status_code == 303
    warned = client.post(edit, data={**DETAILS, "title": "旧章程", "state": "retired"})
    assert warned.status_code == 422
    assert "Lessons stand behind this template" in warned.text
    assert 'name="may_go"' in warned.text
    assert 'value="旧章程"' in warned.text
    assert kb.doctemplates.get(SYSTEM, template).state == "published"
    gone = {**DETAILS, "state": "retired", "may_go": "true"}
    assert client.post(edit, data=gone, follow_redirects=False).status_code == 303
    assert kb.doctemplates.get(SYSTEM, template).state == "retired"
    other = f"/doctemplates/{add_template(kb)}/edit"
    free = client.post(other, data={**DETAILS, "state": "retired"}, follow_redirects=False)
    assert free.status_code == 303


def test_it_is_said_in_chinese(chinese: TestClient, kb: KnowledgeBase) -> None:
    made, template = lesson(kb), add_template(kb)
    sign_in(chinese, "pmo")
    assert "或标准模板：编号或地址" in chinese.get(f"/lessons/{made}/close").text
    assert "标准模板" in chinese.get(f"/lessons/{made}/close?template={template}").text
    chinese.post(f"/lessons/{made}/close", data={"template": str(template)})
    page = chinese.get(f"/lessons/{made}").text
    assert "标准模板，第1版" in page
    assert "Standard template" not in page
    assert "背后有1条经验教训" in chinese.get(f"/doctemplates/{template}").text
    warned = chinese.post(
        f"/doctemplates/{template}/edit", data={**DETAILS, "state": "retired"}
    ).text
    assert "这份模板背后有经验教训" in warned
    assert "请核对新版本" in chinese.get(f"/doctemplates/{template}/versions/new").text
