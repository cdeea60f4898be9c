"""``POST /api/v1/imports`` and ``GET /api/v1/imports/{job}``."""

from __future__ import annotations

from fastapi.testclient import TestClient

from kb.config import Settings
from kb.knowledge_base import KnowledgeBase
from tests.web.conftest import sign_in
from web.app import create_app

FILES = [
    ("files", ("项目总结/教训.md", "# 教训\n\n早定第二货源。\n".encode(), "text/markdown")),
    ("files", ("b.txt", b"plain", "text/plain")),
]


def test_a_visitor_who_may_not_import_is_told_so(kb: KnowledgeBase, settings: Settings) -> None:
    strict = settings.model_copy(update={"anonymous_role": "reader"})
    kb.settings = strict
    with TestClient(create_app(strict, kb)) as client:
        answer = client.post("/api/v1/imports", files=FILES)
        assert answer.status_code == 403
        assert answer.json()["code"] == "not-allowed"


def test_somebody_elses_job_is_not_there(client: TestClient) -> None:
    sign_in(client, "li.na")
    address = client.post("/api/v1/imports", files=FILES).headers["Location"]
    assert client.get(address).status_code == 200
    client.post("/sign-out")
    assert client.get(address).status_code == 404
    assert client.get("/api/v1/imports/424242").status_code == 404


def test_files_are_accepted_as_a_job_to_ask_about(client: TestClient) -> None:
    answer = client.post("/api/v1/imports", files=FILES)
    assert answer.status_code == 202
    job = client.get(answer.headers["Location"]).json()
    assert job == answer.json()
    assert job["state"] == "queued"
    assert job["counts"]["total"] == 2
    assert [item["path"] for item in job["items"]] == ["项目总结/教训.md", "b.txt"]
    assert client.get(job["url"]).status_code == 200


def test_items_come_in_pages_and_by_outcome(client: TestClient) -> None:
    address = client.post("/api/v1/imports", files=FILES).headers["Location"]
    second = client.get(f"{address}?per_page=1&page=2").json()
    assert [item["path"] for item in second["items"]] == ["b.txt"]
    assert second["items_total"] == 2
    assert client.get(f"{address}?outcome=failed").json()["items"] == []


def test_a_body_that_is_no_upload_is_a_problem(client: TestClient) -> None:
    cases = [
        (b"{}", "application/json", 415, "unsupported-media-type"),
        (b"", "", 422, "invalid-input"),
        (b"x", "multipart/form-data", 422, "invalid-input"),
    ]
    for body, kind, status, code in cases:
        answer = client.post("/api/v1/imports", content=body, headers={"Content-Type": kind})
        assert answer.status_code == status, kind
        assert answer.json()["code"] == code
    assert client.post("/api/v1/imports", files={"other": b"x"}).status_code == 422
