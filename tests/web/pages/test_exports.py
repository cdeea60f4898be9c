"""Documents to take away."""

from __future__ import annotations

import io
import zipfile
from urllib.parse import unquote

import docx
import pytest
from fastapi.testclient import TestClient

import web.pages.exports
from kb.access import Audience
from kb.knowledge_base import KnowledgeBase
from tests.web.conftest import draft, store


def test_a_document_comes_as_word_with_its_facts_in_the_readers_language(
    chinese: TestClient, documents: dict[str, int]
) -> None:
    answer = chinese.get(f"/documents/{documents['lesson']}/export/word")
    assert answer.headers["Content-Type"].endswith("wordprocessingml.document")
    name = answer.headers["Content-Disposition"].partition("UTF-8''")[2]
    assert unquote(name) == "地下管廊探测的教训.docx"
    text = "\n".join(each.text for each in docx.Document(io.BytesIO(answer.content)).paragraphs)
    assert text.count("地下管廊探测的教训") == 1
    assert "作者: 郝建平、陆文昭" in text
    assert "开工前用探地雷达探明旧管廊，风险最大。" in text


def test_the_markdown_archive_has_the_pictures_and_tells_what_an_import_reads(
    client: TestClient, documents: dict[str, int]
) -> None:
    answer = client.get(f"/documents/{documents['lesson']}/export/markdown")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert sorted(archive.namelist()) == ["files/photo.png", "地下管廊探测的教训.md"]
        text = archive.read("地下管廊探测的教训.md").decode()
    head, _, body = text.removeprefix("---\n").partition("\n---\n")
    assert 'project: "CL-2018-007"' in head
    assert 'tags: ["勘察", "风险管理"]' in head or 'tags: ["风险管理", "勘察"]' in head
    assert 'date: "2020-01-17"' in head
    assert "## 建议" in body


def test_several_documents_are_one_book_in_the_order_asked_for(
    client: TestClient, documents: dict[str, int]
) -> None:
    asked = {"document": [str(documents["summary"]), str(documents["mixed"])], "title": "选集 Book"}
    answer = client.get("/exports/word", params=asked)
    chapters = [
        each.text
        for each in docx.Document(io.BytesIO(answer.content)).paragraphs
        if each.style and each.style.name == "Heading 1"
    ]
    assert chapters == ["Core banking migration: closing report", "𠮷祥项目 🚀 kick-off 会议纪要"]
    assert client.get("/exports/word").status_code == 422
    many = {"document": [str(documents["summary"])] * 201}
    assert client.get("/exports/word", params=many).status_code == 422


def test_what_may_not_be_read_is_not_exported(
    kb: KnowledgeBase, client: TestClient, documents: dict[str, int]
) -> None:
    secret = store(kb, draft("机密", "正文", "zh", "plan"), audience=Audience.parse("group:pmo"))
    for form in ("word", "markdown", "pdf"):
        assert client.get(f"/documents/{secret}/export/{form}").status_code == 404
        asked = {"document": [str(documents["lesson"]), str(secret)]}
        assert client.get(f"/exports/{form}", params=asked).status_code == 404
    assert client.get(f"/documents/{documents['lesson']}/export/exe").status_code == 404


def test_without_a_converter_pdf_is_refused_with_advice(
    client: TestClient, documents: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web.pages.exports, "pdf_file", lambda _word: None)
    answer = client.get(f"/documents/{documents['lesson']}/export/pdf")
    assert answer.status_code == 422
    assert "take Word instead" in answer.text
