"""Review before publishing, reports, manifests and comparison, through the pages with the real importer running."""

from __future__ import annotations

import csv
import io
import time
import zipfile
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from kb.access import SYSTEM, Audience, Role
from kb.config import Settings
from kb.importing_rules import Overrides
from kb.knowledge_base import KnowledgeBase
from tests.web.conftest import draft, sign_in, store
from web.app import create_app
from web.background import Background

LONG = "".join(f"第{i}条：竖井开挖到{i * 37}米时出现涌水，改用冻结法施工。\n\n" for i in range(60))
FILES = [
    ("files", ("年度/涌水.md", f"# 竖井涌水的处理\n\n{LONG}".encode(), "text/markdown")),
    (
        "files",
        ("vendor.md", b"# Vendor slippage\n\nThe second source came late.\n", "text/markdown"),
    ),
    ("files", ("=空.docx", b"", "application/octet-stream")),
]


@pytest.fixture
def client(kb: KnowledgeBase, settings: Settings) -> Iterator[TestClient]:
    """A visitor of a site whose importer runs and where the anonymous only read."""
    strict = settings.model_copy(update={"anonymous_role": "reader"})
    kb.settings = strict
    app = create_app(strict, kb, background=Background(kb))
    with TestClient(app, headers={"Accept-Language": "en"}) as opened:
        yield opened


def imported(client: TestClient, **more: object) -> str:
    """The address of a job of whoever is signed in, once it is over."""
    answer = client.post("/imports", follow_redirects=False, **more)  # type: ignore[arg-type]
    assert answer.status_code == 303, answer.text
    address: str = answer.headers["Location"]
    for _ in range(300):
        if client.get(f"/api/v1{address}").json()["state"] == "done":
            return address
        time.sleep(0.1)
    raise AssertionError(client.get(address).text)


def waiting(client: TestClient, address: str) -> list[int]:
    """Ids of the documents that an import of the test's files made."""
    items = client.get(f"/api/v1{address}").json()["items"]
    return [item["document"] for item in items if item["document"]]


def found(client: TestClient, question: str) -> int:
    total: int = client.get("/api/v1/search", params={"q": question}).json()["total"]
    return total


def test_what_waits_for_review_is_hidden_from_the_anonymous_and_from_others(
    client: TestClient, kb: KnowledgeBase
) -> None:
    kb.accounts.add("wu.di", "Wu Di", "a long enough password", Role.CONTRIBUTOR)
    sign_in(client, "li.na")
    address = imported(client, files=FILES, data={"review": "true"})
    ids = waiting(client, address)
    assert len(ids) == 2
    kb.indexing.catch_up()
    assert found(client, "涌水") == 0
    assert "Waiting for review" in client.get(f"/documents/{ids[0]}").text
    for name in ("", "wu.di", "chen.wei"):
        client.post("/sign-out")
        if name:
            sign_in(client, name)
        for path in (
            f"{address}/review",
            f"{address}/report.csv",
            f"{address}/report.json",
            f"/documents/{ids[0]}",
            f"/documents/{ids[0]}/original",
            f"/documents/{ids[0]}/details",
            f"/documents/{ids[0]}/compare/{ids[1]}",
            f"/api/v1/documents/{ids[0]}",
        ):
            assert client.get(path).status_code == 404, (name, path)
        sent = client.post(f"{address}/review", data={"action": "publish", "ids": ids})
        assert sent.status_code in {403, 404}
        changed = client.post(f"/documents/{ids[0]}/details", data={"title": "x"})
        assert changed.status_code in {403, 404}
        assert found(client, "涌水") == 0
        assert "竖井涌水" not in client.get("/").text


def test_many_are_corrected_and_published_without_any_script(
    client: TestClient, kb: KnowledgeBase
) -> None:
    sign_in(client, "li.na")
    address = imported(client, files=FILES, data={"review": "true"})
    ids = waiting(client, address)
    assert f'href="{address}/review"' in client.get(address).text
    page = client.get(f"{address}/review").text
    assert "竖井涌水的处理" in page
    assert "等待审阅" in client.get(f"{address}/review?lang=zh").text
    client.cookies.delete("language")
    assert " checked" not in page
    assert client.get(f"{address}/review?chosen=all").text.count(" checked") == 2
    client.post("/sign-out")
    sign_in(client, "pmo")
    fields = {
        "kind": "lesson",
        "project": "CL-2018-007",
        "tags": "涌水、risk",
        "date": "2021-03-31",
    }
    answer = client.post(f"{address}/review", data={"action": "correct", "ids": ids, **fields})
    assert "2 documents were corrected." in answer.text
    assert "CL-2018-007" in answer.text
    answer = client.post(f"{address}/review", data={"action": "publish", "ids": ids[:1]})
    assert "1 document was published." in answer.text
    answer = client.post(f"{address}/review", data={"action": "publish-all"})
    assert "Nothing waits for review here." in answer.text
    kb.indexing.catch_up()
    client.post("/sign-out")
    answer = client.get("/api/v1/search", params={"q": "涌水", "project": "CL-2018-007"}).json()
    assert [(hit["id"], hit["kind"]) for hit in answer["hits"]] == [(ids[0], "lesson")]


def test_all_that_wait_are_corrected_at_once_those_of_other_pages_too(
    client: TestClient, kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.pages.import_review.PER_PAGE", 2)
    sign_in(client, "li.na")
    files = [
        ("files", (f"年度/{n:02} 总结.md", f"# 第 {n} 号\n\n正文 {n}。".encode(), "text/markdown"))
        for n in range(5)
    ]
    address = imported(client, files=files, data={"review": "true"})
    shown = client.get(f"{address}/review").text
    assert shown.count('name="ids"') == 2
    assert "Correct all 5 documents" in shown
    data = {"action": "correct-all", "kind": "minutes", "tags": "年度"}
    assert "5 documents were corrected." in client.post(f"{address}/review", data=data).text
    for number in waiting(client, address):
        assert kb.documents.get(SYSTEM, number).kind == "minutes"


@pytest.mark.parametrize(
    "data",
    [
        {"action": "publish"},
        {"action": "correct-all"},
        {"action": "correct-all", "kind": "nonsense"},
        {"action": "correct"},
        {"action": "correct", "kind": "nonsense"},
        {"action": "correct", "date": "gestern"},
        {"action": "correct", "audience": "martians"},
    ],
)
def test_what_cannot_be_used_is_said_in_the_review(
    client: TestClient, data: dict[str, str]
) -> None:
    sign_in(client, "li.na")
    address = imported(client, files=FILES[:1], data={"review": "1"})
    answer = client.post(f"{address}/review", data=data)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert "竖井涌水的处理" in answer.text


def test_a_curator_corrects_the_details_of_what_is_published_and_a_reader_does_not(
    client: TestClient, kb: KnowledgeBase
) -> None:
    number = store(kb, draft("管廊 lessons 𠮷", "正文。", "zh", "other", tags=("旧",)))
    address = f"/documents/{number}/details"
    assert client.get(address).status_code == 403
    assert "Correct details" not in client.get(f"/documents/{number}").text
    sign_in(client, "li.na")
    assert client.get(address).status_code == 403
    assert client.post(address, data={"title": "x"}).status_code == 403
    sign_in(client, "pmo")
    assert address in client.get(f"/documents/{number}").text
    assert "管廊 lessons 𠮷" in client.get(address).text
    form = {
        "title": "管廊的教训",
        "kind": "lesson",
        "language": "zh",
        "project": "湘江北岸净水厂扩建",
        "audience": "everyone",
        "tags": "",
        "date": "2020-01-17",
    }
    assert client.post(address, data=form, follow_redirects=False).status_code == 303
    told = client.get(f"/api/v1/documents/{number}").json()
    assert (told["title"], told["kind"], told["dated"], told["tags"]) == (
        "管廊的教训",
        "lesson",
        "2020-01-17",
        [],
    )
    assert told["project"]["name_zh"] == "湘江北岸净水厂扩建"
    assert client.post(address, data={**form, "title": " "}).status_code == 422
    elsewhere = client.post(
        address, data={**form, "then": "//evil.example/"}, follow_redirects=False
    )
    assert elsewhere.headers["Location"] == "/"


def test_the_report_is_a_table_that_no_spreadsheet_computes(client: TestClient) -> None:
    sign_in(client, "li.na")
    address = imported(client, files=FILES)
    answer = client.get(f"{address}/report.csv?lang=zh")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.text.startswith("\ufeff")
    rows = {row["file"]: row for row in csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff")))}
    assert rows.keys() == {"年度/涌水.md", "vendor.md", "'=空.docx"}
    assert rows["'=空.docx"]["outcome"] == "failed"
    assert "0 字节" in rows["'=空.docx"]["error"] or "空文件" in rows["'=空.docx"]["error"]
    assert rows["年度/涌水.md"]["coverage_percent"] == "100.0"
    told = client.get(f"{address}/report.json").json()
    assert told == client.get(f"/api/v1{address}?per_page=3").json()
    assert "Step: taking it in." in client.get(address).text


def test_what_is_nearly_the_same_is_named_with_a_comparison(
    client: TestClient, kb: KnowledgeBase
) -> None:
    body = f"# 竖井涌水的处理\n\n{LONG}".replace("第7条", "第七条")
    hidden = store(
        kb, draft("别人的", body, "zh", "other"), audience=Audience.parse("group:hr"), name="x.md"
    )
    sign_in(client, "li.na")
    first = waiting(client, imported(client, files=FILES[:1]))[0]
    changed = body.replace("冻结法施工", "冻结法").encode()
    address = imported(client, files=[("files", ("终稿.md", changed, "text/markdown"))])
    second = waiting(client, address)[0]
    page = client.get(address).text
    assert f"/documents/{first}/compare/{second}" in page
    assert "% like" in page
    [near] = client.get(f"/api/v1{address}").json()["items"][0]["near"]
    assert near["document"] == first
    assert 60 <= near["likeness"] < 100
    compared = client.get(f"/documents/{first}/compare/{second}").text
    assert "<del>施工</del>" in compared
    assert client.get(f"/documents/{first}/compare/{hidden}").status_code == 404
    assert client.get(f"/documents/{hidden}/compare/{first}").status_code == 404
    same = client.get(f"/documents/{first}/compare/{first}").text
    assert "No difference in the text." in same


def test_a_near_document_that_one_may_not_read_any_more_is_not_named(
    client: TestClient, kb: KnowledgeBase
) -> None:
    sign_in(client, "li.na")
    first = waiting(client, imported(client, files=FILES[:1]))[0]
    changed = FILES[0][1][1].replace("冻结法".encode(), "注浆法".encode())
    address = imported(client, files=[("files", ("终稿.md", changed, "text/markdown"))])
    assert client.get(f"/api/v1{address}").json()["items"][0]["near"]
    kb.publishing.correct(SYSTEM, [first], Overrides(audience="group:hr"))
    assert client.get(f"/api/v1{address}").json()["items"][0]["near"] == []
    assert "% like" not in client.get(address).text
    assert "竖井涌水" not in client.get(f"{address}/report.csv").text


MANIFEST = (
    "路径,标题,类型,项目,标签\n"
    "涌水.md,竖井涌水(定稿),经验教训,CL-2018-007,涌水、risk\n"
    "Lost/报告.docx,丢失,,,\n"
)


@pytest.mark.parametrize("door", ["/imports", "/api/v1/imports"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_manifest_gives_the_details_and_says_what_does_not_fit(
    client: TestClient, door: str, encoding: str
) -> None:
    sign_in(client, "li.na")
    parts = [*FILES[:2], ("manifest", ("清单.csv", MANIFEST.encode(encoding), "text/csv"))]
    number = (
        client.post(door, files=parts, follow_redirects=False).headers["Location"].split("/")[-1]
    )
    for _ in range(300):
        job = client.get(f"/api/v1/imports/{number}").json()
        if job["state"] == "done":
            break
        time.sleep(0.1)
    assert job["manifest"] == "清单.csv"
    items = {item["path"]: item for item in job["items"]}
    document = client.get(f"/api/v1/documents/{items['年度/涌水.md']['document']}").json()
    assert (document["title"], document["kind"]) == ("竖井涌水(定稿)", "lesson")
    assert document["project"]["code"] == "CL-2018-007"
    assert set(document["tags"]) == {"涌水", "risk"}
    assert items["年度/涌水.md"]["note"] == ""
    assert "no row" in items["vendor.md"]["note"]
    lost = items["Lost/报告.docx"]
    assert (lost["outcome"], lost["code"]) == ("failed", "unreadable-file")
    assert "not handed in" in lost["error"]
    # Trying again does not make it another error.
    client.post(f"/imports/{number}/retry")
    for _ in range(300):
        job = client.get(f"/api/v1/imports/{number}").json()
        if job["state"] == "done":
            break
        time.sleep(0.1)
    assert {item["code"] for item in job["items"]} == {"", "unreadable-file"}


@pytest.mark.parametrize("prefix", ["", "归档.zip/", "归档.zip!/"])
def test_a_manifest_gives_the_details_of_files_in_a_zip(client: TestClient, prefix: str) -> None:
    sign_in(client, "li.na")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("年度/涌水.md", f"# 竖井涌水的处理\n\n{LONG}")
        archive.writestr("vendor.md", "# Vendor slippage\n\nThe second source came late.\n")
    rows = f"路径,标题,类型\n{prefix}年度/涌水.md,竖井涌水(定稿),经验教训\n{prefix}丢失.docx,,\n"
    parts = [
        ("files", ("归档.zip", packed.getvalue(), "application/zip")),
        ("manifest", ("清单.csv", rows.encode(), "text/csv")),
    ]
    address = imported(client, files=parts)
    items = {
        item["path"].rpartition("/")[2]: item
        for item in client.get(f"/api/v1{address}").json()["items"]
    }
    assert items.keys() == {"涌水.md", "vendor.md", "丢失.docx"}
    document = client.get(f"/api/v1/documents/{items['涌水.md']['document']}").json()
    assert (document["title"], document["kind"]) == ("竖井涌水(定稿)", "lesson")
    assert "no row" in items["vendor.md"]["note"]
    assert (items["丢失.docx"]["outcome"], items["丢失.docx"]["code"]) == (
        "failed",
        "unreadable-file",
    )


def test_a_manifest_that_cannot_be_used_starts_nothing(client: TestClient) -> None:
    sign_in(client, "li.na")
    for content in (
        b"a,b\n1,2\n",
        "路径,类型\na.md,胡说\n".encode(),
        b"",
        b"x" * (1024 * 1024 + 1),
    ):
        parts = [*FILES[:1], ("manifest", ("m.csv", content, "text/csv"))]
        answer = client.post("/imports", files=parts)
        assert answer.status_code == 422, content[:20]
        assert 'role="alert"' in answer.text
    assert "None yet." in client.get("/imports").text


def test_lessons_found_in_a_report_come_through_the_reading_process(client: TestClient) -> None:
    sign_in(client, "li.na")
    report = "# 北岸水厂 closing report\n\n## 经验教训 Lessons learned\n\n- 第二货源要早定。\n- Test the rollback.\n"
    files = [("files", ("总结.md", report.encode(), "text/markdown"))]
    address = imported(client, files=files, data={"review": "true"})
    assert len(waiting(client, address)) == 1
    assert "第二货源要早定" in client.get("/candidates").text
    # They wait with their document.
    client.post("/sign-out")
    sign_in(client, "chen.wei")
    assert "第二货源要早定" not in client.get("/candidates").text


def test_a_published_document_renewed_for_review_waits_with_its_new_version(
    client: TestClient, kb: KnowledgeBase
) -> None:
    sign_in(client, "li.na")
    first = waiting(client, imported(client, files=FILES[:1]))[0]
    changed = FILES[0][1][1].replace("冻结法".encode(), "注浆法".encode(), 3)
    files = [("files", ("年度/涌水.md", changed, "text/markdown"))]
    address = imported(client, files=files, data={"review": "true"})
    assert waiting(client, address) == [first]
    client.post("/sign-out")
    # Readers go on seeing what they see.
    assert client.get(f"/api/v1/documents/{first}").json()["version"] == 1
    kb.indexing.catch_up()
    assert found(client, '"改用注浆法"') == 0
    sign_in(client, "li.na")
    client.post(f"{address}/review", data={"action": "publish-all"})
    client.post("/sign-out")
    assert client.get(f"/api/v1/documents/{first}").json()["version"] == 2
