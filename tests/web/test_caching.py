"""What browsers may keep of an answer, and what kinds of bodies are taken."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from kb.access import Audience
from kb.knowledge_base import KnowledgeBase
from tests.web.conftest import draft, sign_in, store
from web.bodies import HANDED_IN, JSON, is_json, taken_at
from web.caching import NOT_KEPT
from web.route_actions import API_PREFIX, ROUTES

FORM = "application/x-www-form-urlencoded"


def kept(client: TestClient, path: str, status: int = 200) -> str:
    answer = client.get(path, follow_redirects=False)
    assert answer.status_code == status, path
    return answer.headers.get("Cache-Control", "")


def test_what_is_shown_to_somebody_who_has_signed_in_is_kept_nowhere(
    client: TestClient, documents: dict[str, int]
) -> None:
    page = f"/documents/{documents['lesson']}"
    picture = re.search(rf'src="({page}/files/[^"]+)"', client.get(page).text)
    assert picture is not None
    # For everybody who comes: kept by the browser alone, and asked about again.
    assert kept(client, page) == kept(client, "/") == "private, no-cache"
    assert kept(client, f"{API_PREFIX}{page}") == NOT_KEPT
    asset = re.search(r'href="(/static/[^"]+\.css)"', client.get("/").text)
    assert asset is not None
    sign_in(client, "li.na")
    for path in (page, "/", "/?q=风险", "/account", "/people", "/notifications", "/help"):
        assert "no-store" in kept(client, path), path
    assert kept(client, f"{page}/original") == kept(client, picture[1]) == "private, no-cache"
    assert kept(client, "/admin", 403) == kept(client, "/documents/424242", 404) == NOT_KEPT
    assert kept(client, "/sign-in/oidc", 404) == NOT_KEPT
    assert "immutable" in kept(client, asset[1])
    # A file for everyone is asked about again and not sent again.
    tag = client.get(picture[1]).headers["ETag"]
    assert client.get(picture[1], headers={"If-None-Match": tag}).status_code in {200, 304}


def test_what_is_not_for_everyone_is_kept_nowhere_whatever_its_form(
    client: TestClient, kb: KnowledgeBase
) -> None:
    secret = store(
        kb,
        draft("并购计划 acquisition", "# 机密\n\n管廊。", "zh", "summary"),
        name="机密.md",
        audience=Audience.parse("user:li.na"),
    )
    sign_in(client, "li.na")
    for path in ("", "/original", "/export/markdown", "/versions/1"):
        assert "no-store" in kept(client, f"/documents/{secret}{path}"), path
    assert kept(client, f"{API_PREFIX}/documents/{secret}") == NOT_KEPT


def test_an_answer_for_programs_is_never_shown_by_a_browser(client: TestClient) -> None:
    for path in ("/search?q=风险", "/nothing", "/documents/424242", "/openapi.json"):
        answer = client.get(f"{API_PREFIX}{path}")
        assert answer.headers["Content-Disposition"] == 'attachment; filename="api.json"'
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Content-Disposition" not in client.get("/").headers


@pytest.mark.parametrize(
    ("path", "kind", "taken"),
    [
        ("/api/v1/lessons", JSON, True),
        ("/api/v1/lessons", "application/merge-patch+json; charset=utf-8", True),
        ("/api/v1/lessons", "APPLICATION/JSON", True),
        ("/api/v1/lessons", "", False),
        ("/api/v1/lessons", "text/plain", False),
        ("/api/v1/lessons", FORM, False),
        ("/api/v1/lessons", "text/json+xml", False),
        ("/api/v1/lessons", "application/xml", False),
        ("/api/v1/lessons", "机密/🚀", False),
        ("/api/v1/imports", "multipart/form-data; boundary=x", True),
        ("/api/v1/imports", JSON, False),
        ("/sign-in", FORM, True),
        ("/sign-in", "multipart/form-data; boundary=x", True),
        ("/sign-in", "text/plain", False),
        ("/sign-in", JSON, False),
        ("/sign-in", "", False),
    ],
)
def test_a_body_of_a_type_that_is_not_taken_is_answered_so(
    client: TestClient, path: str, kind: str, taken: bool
) -> None:
    headers = {"Content-Type": kind.encode(), "Accept-Language": b"en"} if kind else {}
    answer = client.post(path, content=b"x", headers=headers, follow_redirects=False)  # type: ignore[arg-type]
    assert (answer.status_code != 415) is taken
    assert 400 <= answer.status_code < 500
    if not taken:
        assert answer.headers["Accept"]
        assert "not taken" in answer.text
    if path.startswith(API_PREFIX):
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_no_body_has_no_type(client: TestClient) -> None:
    assert client.post("/sign-out", follow_redirects=False).status_code == 303
    assert client.post("/api/v1/lessons").status_code == 422


def test_the_description_says_which_types_are_taken(client: TestClient) -> None:
    described = client.get(f"{API_PREFIX}/openapi.json").json()["paths"]
    with_body = {
        f"{method.upper()} {path}": operation
        for path, operations in described.items()
        for method, operation in operations.items()
        if "requestBody" in operation
    }
    assert len(with_body) > 5
    assert with_body.keys() & HANDED_IN
    for route, operation in with_body.items():
        assert set(operation["requestBody"]["content"]) == taken_at(route), route
        assert "application/problem+json" in operation["responses"]["415"]["content"]
    assert ROUTES.keys() >= HANDED_IN
    assert is_json("application/problem+json")
    assert not is_json("text/html")
