"""The page of folders: who may see what was imported from them, set by whoever may, and told to nobody else."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from kb.access import AS_PROJECT, SYSTEM, Audience, Role
from kb.config import Settings
from kb.documents import Original
from kb.import_queue import Result
from kb.importing_rules import BY_FOLDER
from kb.knowledge_base import KnowledgeBase
from tests.web.conftest import PASSWORD, draft, sign_in
from tests.web.pages.test_imports import finished
from web.app import create_app
from web.background import Background
from web.pages.folders import PER_PAGE

FORM = {"folder": "合同/保密", "audience": "group:legal"}


@pytest.fixture
def curated(kb: KnowledgeBase, client: TestClient) -> TestClient:
    """A curator of the group legal, where three documents lie in folders."""
    kb.accounts.add("fa.wu", "法务", PASSWORD, Role.CURATOR, groups=["legal"])
    kb.accounts.add("dui.you", "队友", PASSWORD, Role.CURATOR, groups=["team"])
    for folder in ("合同", "合同/保密", "<b>其他"):
        sha256, size = kb.files.keep(folder.encode())
        original = Original(sha256, size, "a.md", "text/markdown")
        place = f"upload:a:{folder}/{folder[:2]}.md"
        made = draft(folder, folder, "zh", "summary")
        kb.documents.store(SYSTEM, made, place=place, original=original, audience=AS_PROJECT)
    sign_in(client, "fa.wu")
    return client


def test_a_curator_sets_a_folder_s_audience_and_takes_it_away(
    kb: KnowledgeBase, curated: TestClient
) -> None:
    page = curated.get("/folders").text
    assert "&lt;b&gt;其他" in page
    assert re.findall(r"folders-depth-\d", page) == ["folders-depth-0"] * 2 + ["folders-depth-1"]
    assert 'href="/folders/one?folder=%E5%90%88%E5%90%8C%2F%E4%BF%9D%E5%AF%86"' in page
    one = curated.get("/folders/one", params={"folder": "合同\\保密\\"}).text
    assert 'name="folder" value="合同/保密"' in one
    assert "Who may see a document, in this order" in one
    answer = curated.post("/folders", data=FORM, follow_redirects=False)
    assert answer.status_code == 303
    one = curated.get(answer.headers["location"]).text
    assert "legal · set for this folder" in one
    assert "Without it, nothing narrows who may see what lies here." in one
    page = curated.get("/folders").text
    assert "folders-set" in page
    below = curated.get("/folders/one", params={"folder": "合同/保密/2024"}).text
    assert "as “合同/保密”" in below
    # Whoever may not read a thing of it is told nothing, and whoever may not curate gets no page at all.
    sign_in(curated, "dui.you")
    assert "保密" not in curated.get("/folders").text
    mine = {**FORM, "audience": "group:team"}
    assert curated.post("/folders", data=mine).status_code == 404
    assert curated.post("/folders/remove", data=FORM).status_code == 404
    sign_in(curated, "li.na")
    for path in ("/folders", "/folders/one?folder=x"):
        assert curated.get(path).status_code == 403
        assert 'href="/folders"' not in curated.get("/imports").text
    sign_in(curated, "fa.wu")
    assert curated.post("/folders/remove", data=FORM, follow_redirects=False).status_code == 303
    assert "folders-set" not in curated.get("/folders").text


def test_whoever_would_shut_themselves_out_is_asked_first(
    kb: KnowledgeBase, curated: TestClient
) -> None:
    form = {"folder": "合同", "audience": "group:team"}
    asked = curated.post("/folders", data=form)
    assert asked.status_code == 422
    assert "could not take it back" in asked.text
    assert 'value="group:team"' in asked.text
    assert kb.documents.recent(SYSTEM, 9)[0].audience_inherited
    assert "合同" in curated.get("/folders").text
    answer = curated.post("/folders", data={**form, "sure": "yes"}, follow_redirects=False)
    assert answer.headers["location"] == "/folders"
    page = curated.get("/folders").text
    assert "合同" not in page.partition("<h1>")[2]
    for wrong in ("", "nobody", "project"):
        refused = curated.post("/folders", data={"folder": "其他", "audience": wrong})
        assert (refused.status_code, 'role="alert"' in refused.text) == (422, True)
    assert curated.post("/folders", data={"folder": "..", "audience": "everyone"}).status_code in {
        400,
        422,
    }
    gone = curated.get("/folders/one?folder=", follow_redirects=False)
    assert gone.headers["location"] == "/folders"


def test_a_long_list_is_told_by_pages_and_narrowed_by_words(
    kb: KnowledgeBase, curated: TestClient
) -> None:
    for number in range(PER_PAGE + 1):
        kb.folders.set_audience(SYSTEM, f"年度/{number:03}", Audience.parse("everyone"))
    page = curated.get("/folders").text
    assert page.count('class="folders-name"') == PER_PAGE
    assert "/folders?page=2" in page
    found = curated.get("/folders", params={"q": "年度/20", "page": "99"}).text
    assert found.count('class="folders-name"') == 1
    assert "No folders here." in curated.get("/folders", params={"q": "无此"}).text


def test_an_upload_into_a_confidential_folder_says_so_to_who_sent_it_and_nothing_to_others(
    kb: KnowledgeBase, settings: Settings, curated: TestClient
) -> None:
    curated.post("/folders", data=FORM)
    app = create_app(settings, kb, background=Background(kb))
    with TestClient(app, headers={"Accept-Language": "en"}) as client:
        sign_in(client, "li.na")
        files = [
            ("files", (f"{folder}/{name}", text.encode(), "text/markdown"))
            for folder, name, text in (
                ("合同/保密", "薪酬.md", "# 薪酬方案\n\n甲乙丙丁。\n"),
                ("合同", "公告.md", "# 公告\n\n放假三天。\n"),
            )
        ]
        sent = client.post("/imports", files=files, follow_redirects=False)
        address = sent.headers["location"]
        page = finished(client, address)
        assert page.count(BY_FOLDER) == 1
        assert "合同/保密/薪酬.md" in page
        # What was sent in is told by its name; what it became is for others.
        assert page.count('class="item-path" href="/documents/') == 1
        report = client.get(f"{address}/report.csv").text
        assert BY_FOLDER in report
        for name, seen in (("fa.wu", True), ("dui.you", False)):
            sign_in(client, name)
            told = client.get(address).text + client.get(f"{address}/report.json").text
            told += client.get(f"/api/v1{address}").text + client.get("/imports").text
            assert ("薪酬" in told) == seen
            assert ("2 files" in told) == seen


def test_the_review_of_an_import_names_audiences_and_offers_them(
    kb: KnowledgeBase, curated: TestClient
) -> None:
    curated.post("/folders", data=FORM)
    sent = curated.post(
        "/imports",
        files=[("files", ("合同/保密/草案.md", "# 草案\n\n一二三。\n".encode(), "text/markdown"))],
        data={"review": "true"},
        follow_redirects=False,
    )
    number = int(sent.headers["location"].rpartition("/")[2])
    job = kb.imports.queue.claim("r", number)
    assert job is not None
    (item,) = kb.imports.queue.take(job, 9)
    made = draft("草案", "一二三", "zh", "summary")
    stored = kb.documents.store(
        job.actor, made, place=item.place, audience=job.audience, state=job.document_state
    )
    result = Result("stored", "store", document_id=stored.document_id, version=1)
    kb.imports.queue.record(job, item, result)
    page = curated.get(f"/imports/{number}/review").text
    assert re.search(
        r'<td>legal<span class="review-path">As its project or folder</span></td>', page
    )
    assert 'value="group:legal"' in page
    assert '<input type="checkbox" value="" data-alone> Leave as it is' in page
    form = {"action": "correct", "ids": str(stored.document_id), "audience": "everyone"}
    assert curated.post(f"/imports/{number}/review", data=form).status_code == 200
    assert "<td>Everyone</td>" in curated.get(f"/imports/{number}/review").text
