"""The help page."""

from __future__ import annotations

from fastapi.testclient import TestClient

from web.pages.help import SYNTAX


def test_the_help_page_explains_in_both_languages_and_its_examples_can_be_tried(
    client: TestClient, documents: dict[str, int]
) -> None:
    page = client.get("/help").text
    assert "Up to 1 MiB" in page
    assert "怎样提问" in client.get("/help?lang=zh").text
    for query, _ in SYNTAX:
        assert client.get("/", params={"q": query}).status_code == 200
