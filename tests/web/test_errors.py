"""Errors as answers: the right status, problem details for programs, a page for people, never a trace."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from kb.errors import (
    Conflict,
    DataFolderError,
    EmptyFile,
    FileTooLarge,
    InvalidInput,
    KnowledgeBaseError,
    NotAllowed,
    NotFound,
    SearchUnavailable,
)
from kb.knowledge_base import KnowledgeBase
from web.errors import status_of

CASES = [
    (NotFound(what="document", id="7"), 404),
    (NotAllowed(action="import"), 403),
    (Conflict(what="page"), 409),
    (InvalidInput(field="kind", reason="unknown"), 422),
    (EmptyFile(name="空.docx"), 422),
    (FileTooLarge(name="a.docx", size_mib=200, limit_mib=100), 413),
    (DataFolderError(path="/data", reason="No space left on device"), 503),
    (SearchUnavailable(reason="broken"), 503),
    (KnowledgeBaseError(), 500),
]


@pytest.mark.parametrize(("error", "status"), CASES, ids=lambda case: type(case).__name__)
def test_each_error_has_its_status_for_people_and_programs(
    client: TestClient,
    kb: KnowledgeBase,
    monkeypatch: pytest.MonkeyPatch,
    error: KnowledgeBaseError,
    status: int,
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(kb.documents, "get", fails)
    assert status_of(error) == status
    page = client.get("/documents/1")
    assert page.status_code == status
    assert str(error) in page.text.replace("&#34;", '"')
    assert error.advice in page.text
    answer = client.get("/api/v1/documents/1")
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == error.code
    assert problem["status"] == status
    assert problem["detail"] == str(error)
    assert problem["advice"] == error.advice
    assert problem["title"]
    fragment = client.get("/documents/1", headers={"HX-Request": "true"})
    assert "<html" not in fragment.text
    assert str(error) in fragment.text


def test_errors_are_told_in_chinese(chinese: TestClient) -> None:
    assert "没有文档“424242”。" in chinese.get("/documents/424242").text
    assert chinese.get("/api/v1/documents/424242").json()["detail"] == "没有文档“424242”。"


def test_a_bug_is_an_apology_without_a_trace(
    client: TestClient, kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(kb.documents, "get", fails)
    quiet = TestClient(client.app, raise_server_exceptions=False)
    for path in ("/documents/1", "/api/v1/documents/1"):
        answer = quiet.get(path)
        assert answer.status_code == 500
        assert "secret detail" not in answer.text
        assert "ZeroDivision" not in answer.text


def test_even_the_error_page_works_without_a_database(
    client: TestClient, kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise DataFolderError(path="/data", reason="gone")

    client.post("/sign-in", data={"name": "li.na", "password": "a long enough password"})
    monkeypatch.setattr(kb.sessions, "actor", fails)
    answer = client.get("/")
    assert answer.status_code == 503
    assert "gone" in answer.text


def test_a_wrong_method_says_which_are_right(client: TestClient) -> None:
    answer = client.delete("/documents/1")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert client.put("/api/v1/search").json()["status"] == 405


def test_a_field_that_no_form_sends_so_is_told_in_words(chinese: TestClient) -> None:
    answer = chinese.post("/notifications", data={"number": "九"})
    assert answer.status_code == 422
    assert "number不可用：缺失、过长或类型不符" in answer.text
    answer = chinese.post("/api/v1/lessons", json={})
    assert "Field required" in answer.json()["detail"]


def test_who_may_not_is_offered_to_sign_in(
    client: TestClient, kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise NotAllowed(action="read")

    monkeypatch.setattr(kb.documents, "get", fails)
    assert 'href="/sign-in?then=%2Fdocuments%2F1"' in client.get("/documents/1").text
