"""Health, and the description of the API."""

from __future__ import annotations

from fastapi.testclient import TestClient

from kb.config import Settings
from kb.knowledge_base import KnowledgeBase


def test_alive_and_ready(client: TestClient, documents: dict[str, int]) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ok"}


def test_without_the_database_it_is_alive_but_not_ready(
    client: TestClient, kb: KnowledgeBase, settings: Settings
) -> None:
    kb.database.close()
    for file in settings.data_dir.glob("qianjian.sqlite3*"):
        file.unlink()
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "Traceback" not in answer.text


def test_the_api_describes_itself_completely(client: TestClient) -> None:
    api = client.get("/api/v1/openapi.json").json()
    assert set(api["paths"]) == {
        "/api/v1/candidates",
        "/api/v1/candidates/{candidate_id}",
        "/api/v1/candidates/{candidate_id}/decision",
        "/api/v1/courses",
        "/api/v1/courses/{course_id}",
        "/api/v1/doctemplates",
        "/api/v1/doctemplates/{template_id}",
        "/api/v1/doctemplates/{template_id}/fill",
        "/api/v1/documents/{document_id}",
        "/api/v1/documents/{document_id}/files",
        "/api/v1/documents/{document_id}/people",
        "/api/v1/experts",
        "/api/v1/glossary",
        "/api/v1/imports",
        "/api/v1/imports/{job_id}",
        "/api/v1/lessons",
        "/api/v1/lessons/{lesson_id}",
        "/api/v1/links",
        "/api/v1/people",
        "/api/v1/people/{person_id}",
        "/api/v1/projects",
        "/api/v1/projects/{project_id}",
        "/api/v1/questions",
        "/api/v1/questions/{question_id}",
        "/api/v1/questions/{question_id}/answers",
        "/api/v1/search",
        "/api/v1/search/why",
        "/api/v1/suggest",
        "/api/v1/training/progress",
        "/healthz",
        "/readyz",
    }
    names = {each["name"] for each in api["paths"]["/api/v1/search"]["get"]["parameters"]}
    assert names == {
        "q", "kind", "language", "project", "tag", "person", "year", "from", "to", "sort", "page", "per_page",
        "expand", "without",
    }  # fmt: skip
    upload = api["paths"]["/api/v1/imports"]["post"]
    assert "multipart/form-data" in upload["requestBody"]["content"]
    assert "202" in upload["responses"]
    for path, methods in api["paths"].items():
        if path.startswith("/api/"):
            for method in methods.values():
                assert "application/problem+json" in method["responses"]["4XX"]["content"], path
    assert "Problem" in api["components"]["schemas"]
    assert "HTTPValidationError" not in api["components"]["schemas"]
