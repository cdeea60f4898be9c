"""The import pages, with the real importer running."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from ingest.manifests import read_rows
from kb.config import Settings
from kb.knowledge_base import KnowledgeBase
from tests.web.conftest import PASSWORD, sign_in
from web.app import create_app
from web.background import Background

FILES = [
    ("files", ("教训.md", "# 供应商延期\n\n第二货源要早定。\n".encode(), "text/markdown")),
    (
        "files",
        ("notes/plain.txt", "风险登记册与应对计划，共计三页。\n".encode("gb18030"), "text/plain"),
    ),
    ("files", ("empty.docx", b"", "application/octet-stream")),
    ("files", ("fake.docx", b"PK\x03\x04 but no more than that", "application/octet-stream")),
    ("files", ("big.txt", b"x" * (1024 * 1024 + 1), "text/plain")),
]
OUTCOMES = {
    "教训.md": "",
    "notes/plain.txt": "",
    "empty.docx": "empty-file",
    "big.txt": "file-too-large",
}


@pytest.fixture
def working(kb: KnowledgeBase, settings: Settings) -> Iterator[TestClient]:
    """A visitor of a site whose importer runs."""
    app = create_app(settings, kb, background=Background(kb))
    with TestClient(app, headers={"Accept-Language": "en"}) as opened:
        yield opened


def finished(client: TestClient, address: str) -> str:
    """The page of a job once it is over."""
    for _ in range(300):
        page = client.get(address).text
        if "hx-trigger" not in page.split('class="job"')[1].split(">")[0]:
            return page
        time.sleep(0.1)
    raise AssertionError(page)


def test_a_visitor_who_may_only_read_cannot_import(kb: KnowledgeBase, settings: Settings) -> None:
    strict = settings.model_copy(update={"anonymous_role": "reader"})
    kb.settings = strict
    with TestClient(create_app(strict, kb), headers={"Accept-Language": "en"}) as client:
        assert 'name="files"' not in client.get("/imports").text
        answer = client.post("/imports", files=FILES)
        assert answer.status_code == 403
        assert "import" in answer.text
        sign_in(client, "chen.wei")
        assert client.post("/imports", files=FILES).status_code == 403


def test_somebody_elses_import_is_a_404(client: TestClient) -> None:
    sign_in(client, "li.na")
    answer = client.post("/imports", files=FILES[:1], follow_redirects=False)
    address = answer.headers["Location"]
    assert client.get(address).status_code == 200
    client.post("/sign-out")
    for path in (address, "/imports/999999", "/imports/abc", "/imports/0"):
        assert client.get(path).status_code == 404, path
    for action in ("cancel", "retry"):
        assert client.post(f"{address}/{action}").status_code == 404


def test_every_file_gets_its_own_outcome_and_the_rest_goes_on(working: TestClient) -> None:
    answer = working.post("/imports", files=FILES, follow_redirects=False)
    assert answer.status_code == 303
    page = finished(working, answer.headers["Location"])
    assert "5 of 5" in page
    job = working.get(f"/api/v1{answer.headers['Location']}").json()
    codes = {item["path"]: item["code"] for item in job["items"]}
    assert {**codes, **OUTCOMES} == codes
    assert codes["fake.docx"]
    for item in job["items"]:
        assert bool(item["error"]) == bool(item["code"])
        assert item["outcome"] == ("failed" if item["code"] else "stored")
        if item["document"]:
            assert f'href="/documents/{item["document"]}"' in page
    assert "empty.docx is empty: it has 0 bytes." in page
    chinese = working.get(answer.headers["Location"] + "?lang=zh").text
    assert "empty.docx 是空文件" in chinese


def test_what_was_uploaded_can_be_searched_and_is_known_the_next_time(working: TestClient) -> None:
    first = working.post("/imports", files=FILES[:2], follow_redirects=False).headers["Location"]
    finished(working, first)
    for _ in range(100):
        if "教训.md" not in working.get("/", params={"q": "第二货源"}).text:
            time.sleep(0.1)
        if "供应商延期" in working.get("/", params={"q": "第二货源"}).text:
            break
    assert "供应商延期" in working.get("/", params={"q": "第二货源"}).text
    again = working.post("/imports", files=FILES[:2], follow_redirects=False).headers["Location"]
    finished(working, again)
    counts = working.get(f"/api/v1{again}").json()["counts"]
    assert (counts["unchanged"], counts["stored"]) == (2, 0)


def test_htmx_gets_the_job_as_a_block_that_stops_asking_when_it_is_done(
    working: TestClient,
) -> None:
    answer = working.post("/imports", files=FILES[:1], headers={"HX-Request": "true"})
    address = answer.headers["HX-Push-Url"]
    assert "<html" not in answer.text
    assert f'hx-get="{address}"' in answer.text
    assert "hx-get" not in finished(working, address).split('class="job"')[1].split(">")[0]


def test_an_import_can_be_stopped_and_taken_up_again(client: TestClient) -> None:
    sign_in(client, "li.na")
    address = client.post("/imports", files=FILES, follow_redirects=False).headers["Location"]
    stopped = client.post(f"{address}/cancel")
    assert "Cancelled" in stopped.text
    assert "5" in stopped.text.split('class="tabs"')[1]
    resumed = client.post(f"{address}/retry", headers={"HX-Request": "true"})
    assert "Waiting" in resumed.text


def test_no_file_is_said_so_in_the_form(client: TestClient) -> None:
    answer = client.post("/imports", files=[("files", ("", b"", "application/octet-stream"))])
    assert answer.status_code == 422
    assert "no file was given" in answer.text
    assert 'name="files"' in answer.text


def test_a_kind_or_audience_that_does_not_exist_is_said_so(client: TestClient) -> None:
    for data in ({"kind": "nonsense"}, {"audience": "martians"}):
        answer = client.post("/imports", files=FILES[:1], data=data)
        assert answer.status_code == 422, data


def test_the_list_shows_ones_own_imports(client: TestClient) -> None:
    assert "None yet." in client.get("/imports").text
    client.post("/sign-in", data={"name": "li.na", "password": PASSWORD})
    client.post("/imports", files=FILES[:2])
    assert "2 files" in client.get("/imports").text


@pytest.mark.parametrize(
    ("language", "first"), [("en", "path,title,kind"), ("zh-CN", "路径,标题,类型")]
)
def test_the_table_of_details_offered_to_be_filled_in_can_be_used_as_it_is(
    client: TestClient, tmp_path: Path, language: str, first: str
) -> None:
    client.headers["Accept-Language"] = language
    assert 'href="/imports/manifest.csv"' in client.get("/imports").text
    answer = client.get("/imports/manifest.csv")
    assert answer.text.removeprefix("\ufeff").startswith(first)
    manifest = tmp_path / "manifest.csv"
    manifest.write_bytes(answer.content)
    (path, given), (_, inside) = read_rows(manifest, "manifest.csv")
    assert path.endswith(".docx")
    assert (given.kind, given.project_code, given.dated) == (
        "summary", "CL-2018-007", date(2021, 3, 31),
    )  # fmt: skip
    assert len(given.authors) == len(given.tags) == 2
    assert (inside.kind, inside.audience) == ("minutes", "group:pmo")


def test_why_a_file_was_refused_is_told_in_the_visitors_language(working: TestClient) -> None:
    working.headers["Accept-Language"] = "zh-CN"
    answer = working.post("/imports", files=FILES[3:4], follow_redirects=False)
    page = finished(working, answer.headers["Location"])
    [error] = re.findall(r'class="item-error">(.*?)</p>', page, re.DOTALL)
    assert "fake.docx 已损坏" in error
    assert not re.search(r"[a-z]{3,} [a-z]", re.sub(r"<[^>]*>|fake\.docx", "", error))
    report = working.get(f"{answer.headers['Location']}/report.csv").text
    assert "目录已损坏" in report
