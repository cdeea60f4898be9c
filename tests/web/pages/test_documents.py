"""The document page and its files."""

from __future__ import annotations

import re
import shutil

import pytest
from fastapi.testclient import TestClient

from kb.access import Audience
from kb.config import Settings
from kb.knowledge_base import KnowledgeBase
from tests.web.conftest import PIXEL, draft, sign_in, store


def test_a_document_for_others_answers_like_one_that_does_not_exist(
    client: TestClient, kb: KnowledgeBase
) -> None:
    hidden = store(
        kb,
        draft("Secret", "Price.", "en", "plan"),
        name="s.md",
        audience=Audience.parse("user:chen.wei"),
    )
    missing = hidden + 1000
    for tail in ("", "/original", "/files/a.png"):
        answers = [client.get(f"/documents/{number}{tail}") for number in (hidden, missing)]
        assert [answer.status_code for answer in answers] == [404, 404]
        texts = [
            re.sub(rf"(documents(?:/|%2F)|“){number}\b", r"\1N", answer.text)
            for number, answer in zip((hidden, missing), answers, strict=True)
        ]
        assert texts[0] == texts[1]
    sign_in(client, "chen.wei")
    assert client.get(f"/documents/{hidden}").status_code == 200


@pytest.mark.parametrize("number", ["abc", "0", "-1", "1.5", "99999999999999999999999", "风险"])
def test_a_wrong_id_is_a_404_page(client: TestClient, number: str) -> None:
    answer = client.get(f"/documents/{number}")
    assert answer.status_code == 404
    assert "Nothing here" in answer.text
    assert "Traceback" not in answer.text


def test_a_document_shows_its_text_and_what_is_known_about_it(
    client: TestClient, documents: dict[str, int]
) -> None:
    page = client.get(f"/documents/{documents['lesson']}").text
    expected = ["探地雷达", "CL-2018-007", "郝建平", "风险管理", "项目经理", "金额请核对", "99.8%"]
    for shown in (*expected, "One chart.", "17 Jan 2020"):
        assert shown in page, shown
    assert '<article class="prose" lang="zh-Hans"' in page


def test_the_title_stands_there_once_and_keeps_its_anchor(
    client: TestClient, documents: dict[str, int]
) -> None:
    page = client.get(f"/documents/{documents['lesson']}").text
    assert page.count("<h1") == 1
    article = page.split("<article")[1].split("</article>")[0]
    assert "地下管廊探测的教训" not in article


def test_the_contents_lead_to_headings_that_are_there(
    client: TestClient, documents: dict[str, int]
) -> None:
    page = client.get(f"/documents/{documents['summary']}").text
    anchors = re.findall(r'class="depth-\d"><a href="#([^"]+)"', page)
    assert len(anchors) == 2
    for anchor in anchors:
        assert f'id="{anchor}"' in page


def test_the_words_that_led_here_are_handed_to_the_page_as_they_are_written(
    client: TestClient, documents: dict[str, int]
) -> None:
    page = client.get(f"/documents/{documents['mixed']}", params={"q": "风险登记册 phase2"}).text
    marks = re.search(r"data-marks='([^']*)'", page)
    assert marks is not None
    words = marks[1].encode().decode("unicode_escape")
    assert "風險" in words
    assert "Ｐｈａｓｅ" in words  # noqa: RUF001  full-width on purpose
    assert 'href="/?q=%E9%A3%8E' in page


def test_the_original_is_downloaded_under_its_name_and_can_run_nothing(
    client: TestClient, documents: dict[str, int]
) -> None:
    answer = client.get(f"/documents/{documents['lesson']}/original")
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename*=UTF-8''%E7%AE%A1%E5%BB%8A%20%E6%95%99%E8%AE%AD%231.md"
    )
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "探地雷达" in answer.text


def test_a_picture_is_shown_in_the_page(client: TestClient, documents: dict[str, int]) -> None:
    address = f"/documents/{documents['lesson']}/files/photo.png"
    assert address in client.get(f"/documents/{documents['lesson']}").text
    answer = client.get(address)
    assert answer.content == PIXEL
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Content-Disposition"].startswith("inline")


@pytest.mark.parametrize("name", ["../../secret", "%2e%2e%2fsecret", "..%5csecret", "none.png"])
def test_no_name_leads_out_of_the_documents_files(
    client: TestClient, documents: dict[str, int], name: str
) -> None:
    assert client.get(f"/documents/{documents['lesson']}/files/{name}").status_code == 404


def test_a_document_written_here_has_no_original(
    client: TestClient, documents: dict[str, int]
) -> None:
    assert client.get(f"/documents/{documents['summary']}/original").status_code == 404
    assert "Download the original" not in client.get(f"/documents/{documents['summary']}").text


def test_a_file_that_is_gone_from_the_disk_is_a_404_not_a_broken_answer(
    client: TestClient, documents: dict[str, int], settings: Settings
) -> None:
    shutil.rmtree(settings.files_dir)
    for tail in ("original", "files/photo.png"):
        assert client.get(f"/documents/{documents['lesson']}/{tail}").status_code == 404
    assert client.get(f"/documents/{documents['lesson']}").status_code == 200


def test_script_in_a_document_is_not_handed_on(client: TestClient, kb: KnowledgeBase) -> None:
    number = store(
        kb,
        draft(
            "<script>alert(1)</script>",
            '<script>alert(2)</script>\n\n<img src=x onerror="alert(3)">\n\n[x](javascript:alert(4))\n',
            "en",
            "other",
            metadata={"<b>x": "<img src=x onerror=alert(5)>"},
            notes=("<script>alert(6)</script>",),
        ),
    )
    page = client.get(f"/documents/{number}").text
    assert "<script>alert" not in page
    assert "onerror=" not in page.replace("onerror=alert(5)&gt;", "")
    assert 'href="javascript:' not in page
