"""Writing in pages and API: who may, what is kept, what is refused, and that it all works without scripts."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from kb.access import SYSTEM, Audience
from kb.knowledge_base import KnowledgeBase
from tests.web.conftest import PIXEL, draft, sign_in, store

ADDRESSES = ("edit", "edit/clash", "files", "life", "versions", "versions/1", "comments")


def begin(client: TestClient, title: str = "沟通计划", audience: str = "everyone") -> str:
    """A new page's address."""
    answer = client.post(
        "/pages/new", data={"title": title, "language": "zh", "audience": audience}
    )
    assert answer.status_code == 200
    return answer.url.path.removesuffix("/edit")


def save(client: TestClient, page: str, body: str, base: int = 1, **more: str) -> str:
    answer = client.post(
        f"{page}/edit", data={"title": "沟通计划", "body": body, "base": base, **more}
    )
    assert answer.status_code == 200, answer.text
    return answer.url.path


def publish(client: TestClient, page: str) -> None:
    answer = client.post(f"{page}/life/publish", data={"note": "first"})
    assert answer.status_code == 200


def test_a_visitor_who_has_not_signed_in_writes_nothing(
    client: TestClient, documents: dict[str, int]
) -> None:
    page = f"/documents/{documents['lesson']}"
    assert client.get("/pages/new").url.path == "/sign-in"
    assert client.get(f"{page}/edit").status_code == 403
    assert client.get(f"{page}/life").status_code == 200
    for address, data in {
        "/pages/new": {"title": "x"},
        f"{page}/edit": {"title": "x", "body": "x"},
        f"{page}/draft": {"title": "x", "body": "x"},
        f"{page}/preview": {"body": "x"},
        f"{page}/comments": {"text": "x"},
        f"{page}/life/archive": {"note": "x"},
        f"{page}/care": {"owner": "pmo"},
        f"{page}/versions/1/restore": {"newest": "1"},
        "/board/care": {"ids": "1"},
    }.items():
        assert client.post(address, data=data).status_code in {403, 422}, address
    assert client.get("/board").status_code == 403
    assert client.get("/for-me", follow_redirects=False).status_code == 303
    assert "沟通" not in client.get(page).text


def test_what_is_not_for_one_answers_like_what_is_not_there(
    client: TestClient, kb: KnowledgeBase, documents: dict[str, int]
) -> None:
    hidden = store(
        kb, draft("秘密", "秘密的内容", "zh", "guide"), audience=Audience.parse("user:pmo")
    )
    sign_in(client, "li.na")
    for number in (hidden, 99_999):
        page = f"/documents/{number}"
        for address in ADDRESSES:
            answer = client.get(f"{page}/{address}")
            assert answer.status_code == 404, address
            assert "秘密" not in answer.text
        for address in ("preview", "draft", "draft/discard", "edit", "comments", "life/archive"):
            data = {"title": "x", "body": "x", "text": "x", "note": "x"}
            assert client.post(f"{page}/{address}", data=data).status_code == 404, address
        api = f"/api/v1/documents/{number}"
        assert client.get(f"{api}/people").status_code == 404
        files = [("files", ("a.png", PIXEL, "image/png"))]
        assert client.post(f"{api}/files", files=files).status_code == 404


def test_a_form_of_another_site_changes_nothing(
    client: TestClient, documents: dict[str, int]
) -> None:
    sign_in(client, "pmo")
    page = f"/documents/{documents['lesson']}"
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    for address in ("edit", "draft", "comments", "life/archive", "care", "versions/1/restore"):
        data = {"title": "x", "body": "x", "text": "x", "note": "x", "newest": "1"}
        answer = client.post(f"{page}/{address}", data=data, headers=elsewhere)
        assert answer.status_code == 403, address


def test_a_page_is_written_reviewed_and_published_without_scripts(
    client: TestClient, kb: KnowledgeBase
) -> None:
    sign_in(client, "li.na")
    page = begin(client)
    preview = client.post(
        f"{page}/edit", data={"title": "t", "body": "**粗**", "base": 1, "action": "preview"}
    )
    assert "<strong>粗</strong>" in preview.text
    assert save(client, page, "# 例会\n\n每周一次。", action="submit") == page
    assert "In review" in client.get(page).text
    sign_in(client, "chen.wei")
    assert client.get(page).status_code == 404
    sign_in(client, "pmo")
    answer = client.post(f"{page}/life/approve", data={"number": "2"})
    assert answer.url.path == f"{page}/life"
    client.post("/sign-out")
    told = client.get(page).text
    assert "Reviewed by Zhou Min" in told
    assert "Next review" in told


def test_a_text_that_was_changed_meanwhile_is_kept_and_joined(client: TestClient) -> None:
    sign_in(client, "pmo")
    page = begin(client)
    save(client, page, "一\n\n二\n\n三")
    publish(client, page)
    sign_in(client, "li.na")
    save(client, page, "一\n\n二 改\n\n三", base=2)
    sign_in(client, "pmo")
    assert save(client, page, "一\n\n二 变\n\n三 new", base=2) == f"{page}/edit/clash"
    clash = client.get(f"{page}/edit/clash").text
    assert "李娜" in clash
    [part] = set(re.findall(r'name="(part-\d+)"', clash))
    joined = client.post(f"{page}/edit/clash", data={part: "both"})
    assert joined.url.path == f"{page}/edit"
    assert "一\n\n二 变\n\n三 new\n\n二 改\n\n三" in joined.text or "二 变" in joined.text
    assert "二 改" in joined.text


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "<img src=x onerror=alert(1)>",
        '<a href="data:text/html,x">x</a>',
        "![x](https://elsewhere.example/x.png)",
        '<style>body{display:none}</style><iframe src="//x"></iframe>',
    ],
)
def test_script_in_markdown_is_shown_as_text_or_not_at_all(client: TestClient, body: str) -> None:
    sign_in(client, "pmo")
    page = begin(client)
    save(client, page, body)
    for address in (page, f"{page}/edit", f"{page}/versions/2"):
        shown = (
            client.get(address).text.partition('<div class="prose"')[2]
            or client.get(address).text.partition('class="prose')[2]
        )
        shown = shown.partition("</div>")[0]
        assert not re.search(
            r"<(script|style|iframe)|\sonerror=|href=\"(javascript|data):|src=\"http", shown
        )
    fragment = client.post(f"{page}/preview", data={"body": body}, headers={"HX-Request": "true"})
    assert not re.search(
        r"<(script|style|iframe)|<[^>]*\sonerror=|href=\"(javascript|data):|src=\"http",
        fragment.text,
    )


def test_titles_of_links_are_told_to_those_who_may_read_them(
    client: TestClient, kb: KnowledgeBase
) -> None:
    hidden = store(kb, draft("秘密计划", "x", "zh", "guide"), audience=Audience.parse("user:pmo"))
    sign_in(client, "pmo")
    page = begin(client)
    save(client, page, f"见 [秘密计划](/documents/{hidden})。")
    publish(client, page)
    assert f'href="/documents/{hidden}"' in client.get(page).text
    assert "秘密计划" in client.get(page).text
    client.post("/sign-out")
    for address in (page, f"{page}/versions/2", f"/api/v1{page}"):
        assert "秘密计划" not in client.get(address).text, address
    assert "a document that is not for you" in client.get(page).text


def test_a_file_that_is_no_picture_is_refused_in_a_plain_sentence(
    client: TestClient, documents: dict[str, int]
) -> None:
    sign_in(client, "li.na")
    page = f"/documents/{documents['summary']}"
    wrong = [("files", ("photo.png", b"<script>alert(1)</script>", "image/png"))]
    answer = client.post(f"/api/v1{page}/files", files=wrong, data={"as": "picture"})
    assert answer.status_code == 422
    assert answer.json()["detail"] == "photo.png is no picture that can be shown in a page."
    assert "PNG" in answer.json()["advice"]
    answer = client.post(f"{page}/files", files=wrong, data={"as": "picture"})
    assert (answer.status_code, "no picture" in answer.text) == (422, True)
    right = [("files", ("现场 照片.png", PIXEL, "image/png"))]
    [kept] = client.post(f"/api/v1{page}/files", files=right, data={"as": "picture"}).json()
    assert kept["markdown"].startswith("![现场 照片")
    assert client.get(kept["url"]).content == PIXEL
    attached = [("files", ("表.xlsx", b"PK", "application/zip"))]
    [kept] = client.post(f"/api/v1{page}/files", files=attached).json()
    assert (kept["picture"], kept["markdown"][0]) == (False, "[")
    assert "attachment" in client.get(kept["url"]).headers["Content-Disposition"]


def test_a_giant_page_is_refused_and_nothing_is_lost(client: TestClient) -> None:
    sign_in(client, "li.na")
    page = begin(client)
    answer = client.post(f"{page}/edit", data={"title": "t", "body": "x" * 500_001, "base": 1})
    assert answer.status_code == 422
    assert "500,001" in answer.text
    assert "x" * 500_001 in answer.text


def test_links_are_offered_by_name_and_only_what_one_may_read(
    client: TestClient, kb: KnowledgeBase, documents: dict[str, int]
) -> None:
    store(kb, draft("管廊秘密", "x", "zh", "guide"), audience=Audience.parse("user:pmo"))
    kb.indexing.catch_up()
    found = client.get("/api/v1/links", params={"q": "管廊"}).json()
    assert found[0]["url"] == f"/documents/{documents['lesson']}"
    assert "管廊秘密" not in [each["text"] for each in found]
    sign_in(client, "pmo")
    found = client.get("/api/v1/links", params={"q": "管廊"}).json()
    assert "管廊秘密" in [each["text"] for each in found]


def test_comments_are_written_answered_and_settled_without_scripts(
    client: TestClient, documents: dict[str, int]
) -> None:
    sign_in(client, "chen.wei")
    page = f"/documents/{documents['lesson']}"
    told = client.post(f"{page}/comments", data={"text": "<b>@李娜</b> 请看", "section": "建议"})
    assert told.url.path == page
    assert "&lt;b&gt;" in told.text
    assert '<span class="mention">@李娜</span>' in told.text
    sign_in(client, "li.na")
    mine = client.get("/for-me").text
    [comment] = set(re.findall(r"#comment-(\d+)", mine))
    assert "new</span>" in mine
    client.get(page)
    assert "new</span>" not in client.get("/for-me").text
    assert client.post(f"/comments/{comment}/edit", data={"text": "x"}).status_code == 403
    client.post(f"{page}/comments", data={"text": "好", "thread": comment})
    client.post(f"/comments/{comment}/resolve", data={"done": "true"})
    assert "settled by 李娜" in client.get(page).text


def test_the_board_gives_many_pages_an_owner_at_once(client: TestClient, kb: KnowledgeBase) -> None:
    ids = [store(kb, draft(title, "x", "zh", "methodology")) for title in ("甲", "乙")]
    sign_in(client, "pmo")
    assert "甲" in client.get("/board?column=unowned").text
    answer = client.post(
        "/board/care",
        data={
            "ids": [str(i) for i in ids],
            "new_owner": "li.na",
            "months": "6",
            "column": "unowned",
        },
    )
    assert answer.status_code == 200
    assert {kb.lifecycle.of(SYSTEM, number).owner for number in ids} == {"li.na"}
    wrong = client.post("/board/care", data={"ids": str(ids[0]), "new_owner": "nobody.here"})
    assert wrong.status_code == 422


def test_the_api_tells_how_fresh_a_document_is(client: TestClient) -> None:
    sign_in(client, "pmo")
    page = begin(client)
    save(client, page, "x")
    publish(client, page)
    told = client.get(f"/api/v1{page}").json()
    assert (told["stage"], told["owner"], told["reviewed_by"]) == ("published", "pmo", [])
    assert told["review_due"] > told["published_at"][:10]
