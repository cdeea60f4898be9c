"""The shell: headers on every answer, and no unsafe request from another site's page."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from kb.knowledge_base import KnowledgeBase
from tests.web.conftest import PASSWORD
from web.security import SECURITY_HEADERS, comes_from_elsewhere


def test_every_answer_carries_the_headers(
    client: TestClient,
    kb: KnowledgeBase,
    documents: dict[str, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("boom")

    quiet = TestClient(client.app, raise_server_exceptions=False)
    paths = [
        "/",
        "/?q=risk",
        "/nothing",
        "/api/v1/search",
        "/api/v1/nothing",
        "/healthz",
        "/documents/1/original",
    ]
    answers = [quiet.get(path) for path in paths]
    monkeypatch.setattr(kb.documents, "counts", broken)
    answers.append(quiet.get("/"))
    assert answers[-1].status_code == 500
    for answer in answers:
        for name, value in SECURITY_HEADERS.items():
            found = answer.headers[name]
            assert found == value or "sandbox" in found, answer.url
        assert "unsafe" not in answer.headers["Content-Security-Policy"].split("style-src")[0]


@pytest.mark.parametrize(
    ("method", "headers", "refused"),
    [
        ("POST", {"sec-fetch-site": "same-origin"}, False),
        ("POST", {"sec-fetch-site": "none"}, False),
        ("POST", {"sec-fetch-site": "cross-site"}, True),
        ("POST", {"sec-fetch-site": "same-site"}, True),
        ("POST", {"sec-fetch-site": "cross-site", "origin": "https://kb", "host": "kb"}, True),
        ("POST", {"origin": "https://kb.example", "host": "kb.example"}, False),
        ("POST", {"origin": "http://kb.example:8000", "host": "kb.example:8000"}, False),
        ("POST", {"origin": "https://evil.example", "host": "kb.example"}, True),
        ("POST", {"origin": "null", "host": "kb.example"}, True),
        ("DELETE", {"origin": "https://kb.example.evil", "host": "kb.example"}, True),
        ("POST", {"host": "kb.example"}, False),
        ("GET", {"sec-fetch-site": "cross-site"}, False),
        ("HEAD", {"sec-fetch-site": "cross-site"}, False),
    ],
)
def test_only_pages_of_another_site_are_refused(
    method: str, headers: dict[str, str], refused: bool
) -> None:
    assert comes_from_elsewhere(method, headers) is refused


def test_a_form_on_another_site_changes_nothing(client: TestClient) -> None:
    elsewhere = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    form = {"name": "li.na", "password": PASSWORD}
    answer = client.post("/sign-in", data=form, headers=elsewhere, follow_redirects=False)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    files = [("files", ("a.txt", b"x", "text/plain"))]
    answer = client.post("/api/v1/imports", files=files, headers=elsewhere)
    assert answer.status_code == 403
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "None yet." in client.get("/imports").text
