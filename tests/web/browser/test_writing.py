"""Writing, reviewing and discussing pages in a real browser."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from kb import open_kb
from kb.config import Settings
from kb.models import DocumentLife
from kb.page_steps import today
from tests.web.browser.conftest import OpenPage
from tests.web.conftest import PASSWORD, PIXEL

BODY = "# 例会\n\n每周一次。\n\n# 报告\n\n每月一次。\n"


def signed_in(open_page: OpenPage, user: str, then: str = "/", **options: object) -> Page:
    """A browser of its own, signed in."""
    page = open_page("/sign-in", **options)
    page.locator("[name=name]").fill(user)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    expect(page.locator(".who")).to_be_visible()
    page.goto(then)
    return page


def begun(page: Page, title: str, body: str = BODY) -> str:
    """A new page with a text in its editor; gives its address."""
    page.goto("/pages/new")
    page.locator("main [name=title]").fill(title)
    page.locator("main button").click()
    expect(page.locator("[data-body]")).to_be_visible()
    page.locator("[data-body]").fill(body)
    return re.sub(r"^https?://[^/]+|/edit$", "", page.url)


def a_year_goes_by(site: Path, number: int) -> None:
    with open_kb(Settings(data_dir=site)) as kb, kb.database.write() as session:
        session.get_one(DocumentLife, number).review_due = today() - timedelta(days=3)


def test_write_review_publish_overdue_restore(open_page: OpenPage, site: Path) -> None:
    author = signed_in(open_page, "li.na")
    address = begun(author, "沟通计划 communication")
    author.locator("[name=note]").fill("第一版")
    author.get_by_role("button", name="Save and send for review").click()
    expect(author.locator(".waiting-note")).to_contain_text("In review")

    reviewer = signed_in(open_page, "pmo", "/board")
    reviewer.get_by_role("link", name="沟通计划 communication").click()
    reviewer.get_by_role("button", name="Approve").click()
    expect(reviewer.locator(".fresh")).to_contain_text("Reviewed by Zhou Min")

    reader = signed_in(open_page, "chen.wei", address)
    expect(reader.locator(".fresh")).to_contain_text("Next review")
    expect(reader.get_by_role("link", name="Edit")).to_have_count(0)

    # A second version waits while readers go on seeing the first.
    author.goto(f"{address}/edit")
    author.locator("[data-body]").fill(BODY.replace("每周一次", "每天一次"))
    author.get_by_role("button", name="Save", exact=True).click()
    expect(author.locator(".waiting-note")).to_contain_text("readers see what is below")
    expect(author.locator(".prose")).to_contain_text("每周一次")
    author.get_by_role("link", name="What it changes").click()
    expect(author.locator("ins")).to_have_text("天")
    reviewer.goto(f"{address}/life")
    reviewer.locator("[name=note]").first.fill("改得对")
    reviewer.get_by_role("button", name="Publish without review").click()
    reader.reload()
    expect(reader.locator(".prose")).to_contain_text("每天一次")

    a_year_goes_by(site, int(address.rpartition("/")[2]))
    reader.reload()
    expect(reader.locator(".fresh-overdue")).to_contain_text("Review overdue")
    author.goto("/for-me")
    author.get_by_role("link", name="沟通计划 communication").first.click()
    author.get_by_role("button", name="Still right").click()
    reader.reload()
    expect(reader.locator(".fresh-overdue")).to_have_count(0)
    expect(reader.locator(".fresh")).to_contain_text("李娜 confirmed it")

    author.goto(f"{address}/versions/2")
    author.get_by_role("button", name="Restore as a new version").click()
    reviewer.goto(f"{address}/life")
    reviewer.locator("[name=note]").first.fill("恢复")
    reviewer.get_by_role("button", name="Publish without review").click()
    reader.reload()
    expect(reader.locator(".prose")).to_contain_text("每周一次")


def test_two_editors_in_conflict_lose_nothing(open_page: OpenPage) -> None:
    first = signed_in(open_page, "pmo")
    address = begun(first, "风险登记")
    first.get_by_role("button", name="Save", exact=True).click()
    expect(first.locator(".prose")).to_contain_text("每月一次")
    first.goto(f"{address}/life")
    first.locator("[name=note]").first.fill("开始")
    first.get_by_role("button", name="Publish without review").click()

    second = signed_in(open_page, "li.na", f"{address}/edit")
    first.goto(f"{address}/edit")
    first.locator("[data-body]").fill(BODY.replace("每周一次", "每周两次").replace("每月", "每季"))
    second.locator("[data-body]").fill(BODY.replace("每周一次", "每周三次"))
    first.get_by_role("button", name="Save", exact=True).click()
    expect(first.locator(".waiting-note")).to_be_visible()
    second.get_by_role("button", name="Save", exact=True).click()
    expect(second.locator("h1")).to_have_text("Two changes of one page")
    expect(second.locator(".clash-conflict")).to_contain_text("三")
    expect(second.locator(".clash-conflict")).to_contain_text("两")
    second.get_by_label("both, one after the other").check()
    second.get_by_role("button", name="Join and go on").click()
    joined = second.locator("[data-body]")
    for words in ("每周三次", "每周两次", "每季一次"):
        expect(joined).to_have_value(re.compile(words))
    second.get_by_role("button", name="Save", exact=True).click()
    expect(second.locator(".waiting-note")).to_be_visible()


def test_a_draft_survives_closing_the_browser_and_the_preview_follows(
    open_page: OpenPage,
) -> None:
    page = signed_in(open_page, "li.na")
    address = begun(page, "半途")
    page.locator("[data-body]").press("Control+End")
    page.keyboard.type("\n**马上**")
    expect(page.locator("#edit-preview strong")).to_have_text("马上")
    expect(page.locator("[data-state]")).to_contain_text("Draft kept")
    page.keyboard.type("还有一句")
    page.context.close()
    again = signed_in(open_page, "li.na", f"{address}/edit")
    expect(again.locator("[data-body]")).to_have_value(re.compile("马上"))
    again.get_by_role("button", name="Go back to what is saved").click()
    expect(again.locator("[data-body]")).to_have_value("")


def test_links_by_name_pictures_and_tables_come_into_the_text(
    open_page: OpenPage, documents: dict[str, int]
) -> None:
    page = signed_in(open_page, "li.na")
    begun(page, "带图的页面", "参见 ")
    field = page.locator("[data-body]")
    field.press("Control+End")
    page.keyboard.type("[[管廊")
    expect(page.locator(".edit-write .suggestion").first).to_contain_text("管廊")
    page.keyboard.press("Enter")
    expect(field).to_have_value(re.compile(rf"\(/documents/{documents['lesson']}\)"))
    picture = {"name": "现场.png", "mimeType": "image/png", "buffer": PIXEL}
    page.locator('[data-add="picture"]').set_input_files(picture)  # type: ignore[arg-type]
    expect(field).to_have_value(re.compile(r"!\[现场\.png\]\(files/现场-[0-9a-f]{8}\.png\)"))
    expect(page.locator("#edit-preview img")).to_be_visible()
    page.locator('[data-insert="table"]').click()
    expect(page.locator("#edit-preview table")).to_be_visible()


def test_what_is_no_picture_is_refused_with_a_sentence(open_page: OpenPage) -> None:
    page = signed_in(open_page, "li.na", provoked="422")
    begun(page, "坏图片", "x")
    wrong = {"name": "bad.png", "mimeType": "image/png", "buffer": b"<script>"}
    with page.expect_response(re.compile("/files$")) as answered:
        page.locator('[data-add="picture"]').set_input_files(wrong)  # type: ignore[arg-type]
    assert answered.value.status == 422
    expect(page.locator("[data-problem]")).to_contain_text("bad.png is no picture")
    expect(page.locator("[data-body]")).to_have_value("x")


@pytest.mark.parametrize("width", [320, 1280])
def test_a_section_is_commented_on_and_somebody_mentioned(
    open_page: OpenPage, documents: dict[str, int], width: int
) -> None:
    address = f"/documents/{documents['summary']}"
    page = signed_in(open_page, "chen.wei", address, viewport={"width": width, "height": 800})
    page.locator(".prose h2 .section-comment").first.click()
    expect(page.locator(".comment-form select")).not_to_have_value("")
    text = page.locator("#comment-text")
    text.press_sequentially(f"Is {width} right? @李")
    page.locator(".comment-form .suggestion").first.click()
    expect(text).to_have_value(re.compile("@li.na "))
    page.locator(".comment-form button").click()
    comment = page.locator(".thread", has_text=f"Is {width} right?")
    expect(comment.locator(".thread-place")).to_be_visible()
    expect(comment.locator(".mention")).to_have_text("@li.na")
    comment.get_by_role("button", name="Settled").click()
    expect(page.locator(".thread-done", has_text=f"Is {width} right?")).to_be_visible()
    overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert overflow <= 0
