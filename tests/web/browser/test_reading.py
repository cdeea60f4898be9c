"""Reading a document in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.web.browser.conftest import OpenPage


@pytest.fixture
def ids(with_documents: tuple[Path, dict[str, int]]) -> dict[str, int]:
    return with_documents[1]


def test_a_hit_opens_at_its_section_with_the_words_marked(
    open_page: OpenPage, ids: dict[str, int]
) -> None:
    page = open_page("/?q=探地雷达")
    page.locator(".hit h2 a").first.click()
    expect(page).to_have_url(re.compile(rf"/documents/{ids['lesson']}\?q=.*#"))
    marked = "[...CSS.highlights.get('found')].map(range => range.toString())"
    assert "探地雷达" in "".join(page.evaluate(marked))
    expect(page.locator(".prose :target")).to_contain_text("建议")
    page.locator(".back a").click()
    expect(page.locator("#q")).to_have_value("探地雷达")


def test_latin_words_are_marked_whole(open_page: OpenPage, ids: dict[str, int]) -> None:
    page = open_page(f"/documents/{ids['summary']}?q=acceptance risk")
    marked = "[...CSS.highlights.get('found')].map(range => range.toString())"
    assert set(page.evaluate(marked)) == {"acceptance", "accepted", "risk"}


def test_the_contents_follow_the_reading(open_page: OpenPage, ids: dict[str, int]) -> None:
    page = open_page(f"/documents/{ids['summary']}", viewport={"width": 1440, "height": 400})
    lines = page.locator("[data-contents] a")
    expect(lines).to_have_count(2)
    lines.nth(1).click()
    expect(lines.nth(1)).to_have_attribute("aria-current", "true")
    expect(page).to_have_url(re.compile("#"))


def test_a_section_offers_a_link_to_itself(open_page: OpenPage, ids: dict[str, int]) -> None:
    page = open_page(
        f"/documents/{ids['summary']}?q=risk", permissions=["clipboard-read", "clipboard-write"]
    )
    page.locator(".prose h2").hover()
    page.locator(".prose h2 .anchor").click()
    expect(page.locator(".anchor[data-done]")).to_have_attribute("data-done", "Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert re.search(rf"/documents/{ids['summary']}#[^?]+$", copied)


def test_on_a_phone_the_contents_are_folded_and_nothing_sticks_out(
    open_page: OpenPage, ids: dict[str, int]
) -> None:
    page = open_page("/")
    for width in (320, 390, 768, 1024, 1440):
        page.set_viewport_size({"width": width, "height": 800})
        for path in (
            "/",
            "/?q=risk+风险",
            f"/documents/{ids['lesson']}",
            "/imports",
            "/sign-in",
            "/help",
        ):
            page.goto(path)
            overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert overflow <= 0, (path, width)
            if path.startswith("/documents") and width < 400:
                expect(page.locator("[data-contents] a").first).to_be_hidden()
                page.locator(".contents summary").click()
                expect(page.locator("[data-contents] a").first).to_be_visible()


def test_the_original_is_downloaded(open_page: OpenPage, ids: dict[str, int]) -> None:
    page = open_page(f"/documents/{ids['lesson']}")
    with page.expect_download() as download:
        page.locator("a[download]", has_text="Download the original").click()
    assert download.value.suggested_filename == "管廊 教训#1.md"
