"""Pages about a question and a community that are there, for tests that look at every page."""

from __future__ import annotations

from fastapi.testclient import TestClient


def talk_pages(client: TestClient, document_id: int) -> tuple[str, ...]:
    """The pages of a question that was asked, changed, answered and commented on, and of a community that meets."""
    asked = {"title": "风险 risk 谁管？", "body": "x", "tags": "风险管理", "seen": "yes"}
    client.post("/questions/similar", data=asked)
    question = client.post("/questions", data=asked).url.path
    client.post(f"{question}/edit", data={**asked, "body": "y", "revision": "1"})
    client.post(f"{question}/answers", data={"body": "**项目经理**"})
    client.post(f"{question}/comments", data={"text": "谢谢"})
    community = client.post("/communities", data={"name": "风险圈", "about": "x"}).url.path
    client.post(f"{community}/posts", data={"title": "一", "body": "二"})
    client.post(f"{community}/links", data={"target": str(document_id), "kind": "material"})
    meeting = {
        "title": "会",
        "starts": "2031-01-01T09:00",
        "ends": "2031-01-01T10:00",
        "place": "P",
    }
    event = client.post(f"{community}/events", data=meeting).url.path
    return (
        question,
        f"{question}/edit",
        f"{question}/history",
        f"{question}/experts",
        "/answers/1/edit",
        community,
        f"{community}/edit",
        f"{community}/events/new",
        event,
        f"{event}/edit",
        f"/follow?subject=document&key={document_id}",
    )
