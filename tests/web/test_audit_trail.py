"""Readings of what is not for everyone, and exports, are written down with who and from where."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from kb.access import SYSTEM, Actor, Audience, Role
from kb.audit import AuditFilter
from kb.errors import DataFolderError
from kb.knowledge_base import KnowledgeBase
from tests.web.conftest import draft, sign_in, store

PMO = Actor("pmo", "Zhou Min", Role.ADMINISTRATOR)
Told = list[tuple[str, str, str, str]]


def told(kb: KnowledgeBase, action: str) -> Told:
    lines = kb.audit.export(PMO, AuditFilter(action=action))
    return [(line.by, line.place, line.subject, line.thing) for line in lines]


def test_who_reads_what_is_not_for_everyone_is_written_down_once_for_a_reading(
    client: TestClient, kb: KnowledgeBase
) -> None:
    secret = store(
        kb,
        draft("并购计划 acquisition", "# 机密\n\n管廊。", "zh", "summary"),
        name="机密.md",
        audience=Audience.parse("user:li.na, user:pmo"),
    )
    public = store(kb, draft("公开 public", "给所有人。", "zh", "summary"), name="公开.md")
    for path in (f"/documents/{secret}", f"/api/v1/documents/{secret}"):
        assert client.get(path).status_code == 404
    assert told(kb, "see") == []
    sign_in(client, "li.na")
    for path in (
        f"/documents/{secret}",
        f"/api/v1/documents/{secret}",
        f"/documents/{secret}/versions/1",
        f"/documents/{public}",
        "/",
    ):
        assert client.get(path).status_code == 200, path
    assert told(kb, "see") == [("li.na", "testclient", "document", str(secret))]
    sign_in(client, "pmo")
    client.get(f"/documents/{public}/compare/{secret}")
    assert told(kb, "see")[1:] == [("pmo", "testclient", "document", str(secret))]


def test_whatever_is_saved_as_a_file_is_an_export(client: TestClient, kb: KnowledgeBase) -> None:
    public = store(kb, draft("公开 public", "给所有人。", "zh", "summary"), name="公开.md")
    for path in (
        f"/documents/{public}/export/markdown",
        f"/documents/{public}/export/markdown",
        "/glossary/glossary.csv",
        "/projects.csv",
    ):
        assert client.get(path).status_code == 200, path
    assert told(kb, "export")[:3] == [
        ("", "testclient", "document", str(public)),
        ("", "testclient", "glossary", ""),
        ("", "testclient", "project", ""),
    ]


def test_what_cannot_be_written_down_is_not_shown(
    client: TestClient, kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = store(
        kb,
        draft("机密 secret", "管廊 vault", "zh", "summary"),
        audience=Audience.parse("user:li.na"),
    )
    sign_in(client, "li.na")

    def fails(*_: object) -> bool:
        raise DataFolderError(path="/data", reason="database or disk is full")

    monkeypatch.setattr(kb.sightings, "saw", fails)
    answer = client.get(f"/documents/{secret}")
    assert answer.status_code == 503
    assert "vault" not in answer.text
    assert "database or disk is full" in answer.text
    assert kb.documents.get(SYSTEM, secret).title
