"""Importing in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.web.browser.conftest import OpenPage


def outcome(page: Page, path: str) -> str:
    """The outcome shown for a file, once the job is over."""
    expect(page.locator("h1 .state")).to_have_text("Finished", timeout=30_000)
    return page.locator(".item", has_text=path).locator(".state").inner_text()


def test_files_are_chosen_sent_and_watched_until_they_are_done(
    open_page: OpenPage, tmp_path: Path
) -> None:
    good, empty = tmp_path / "迁移演练.md", tmp_path / "空.docx"
    good.write_text("# 迁移演练\n\n四次演练之后才切换。\n", encoding="utf-8")
    empty.write_bytes(b"")
    page = open_page("/imports")
    page.locator("input[name=files]").set_input_files([good, empty])
    expect(page.locator(".chosen-count")).to_have_text("2 files chosen")
    page.locator(".upload button.button-main").click()
    expect(page).to_have_url(re.compile(r"/imports/\d+$"))
    assert outcome(page, "迁移演练.md") == "Stored"
    assert outcome(page, "空.docx") == "Failed"
    expect(page.locator(".item-failed .item-error")).to_contain_text("it has 0 bytes")
    # Nothing is asked any more once it is over.
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(2500)
    assert asked == []
    page.locator(".item a", has_text="迁移演练.md").click()
    expect(page.locator(".document-head h1")).to_have_text("迁移演练")


def test_a_folder_keeps_its_paths(open_page: OpenPage, tmp_path: Path) -> None:
    (tmp_path / "项目甲" / "总结").mkdir(parents=True)
    (tmp_path / "项目甲" / "总结" / "a.txt").write_text("甲项目的总结。", encoding="utf-8")
    (tmp_path / "项目甲" / "b.txt").write_text("Minutes of project A.", encoding="utf-8")
    page = open_page("/imports")
    page.locator("[data-folder]").set_input_files(tmp_path / "项目甲")
    expect(page.locator(".chosen-count")).to_have_text("2 files chosen")
    page.locator(".upload button.button-main").click()
    assert outcome(page, "项目甲/总结/a.txt") == "Stored"
    assert outcome(page, "项目甲/b.txt") == "Stored"


def test_files_can_be_dropped(open_page: OpenPage) -> None:
    page = open_page("/imports")
    dropped = page.evaluate_handle(
        """() => {
            const data = new DataTransfer();
            data.items.add(new File(["拖进来的文字。"], "拖放.txt", {type: "text/plain"}));
            return data;
        }"""
    )
    page.dispatch_event(".drop", "dragover", {"dataTransfer": dropped})
    expect(page.locator(".drop")).to_have_class(re.compile("over"))
    page.dispatch_event(".drop", "drop", {"dataTransfer": dropped})
    expect(page.locator(".chosen-names li")).to_have_text("拖放.txt")
    page.locator(".upload button.button-main").click()
    assert outcome(page, "拖放.txt") == "Stored"


def test_without_a_file_the_form_says_so(open_page: OpenPage) -> None:
    page = open_page("/imports", provoked="422")
    page.locator(".upload button.button-main").click()
    expect(page.locator(".problem")).to_contain_text("no file was given")
    expect(page.locator(".drop")).to_be_visible()


def test_the_plain_form_works_without_scripts(open_page: OpenPage, tmp_path: Path) -> None:
    file = tmp_path / "plain.txt"
    file.write_text("Sent by a plain form.", encoding="utf-8")
    page = open_page("/imports", java_script_enabled=False)
    page.locator("input[name=files]").set_input_files(file)
    page.locator(".upload button.button-main").click()
    expect(page).to_have_url(re.compile(r"/imports/\d+$"))
    for _ in range(60):
        if page.locator("h1 .state").inner_text() == "Finished":
            break
        page.wait_for_timeout(250)
        page.reload()
    assert outcome(page, "plain.txt") == "Stored"


def test_many_files_are_chosen_by_words_and_in_ranges_and_corrected_together(
    open_page: OpenPage, tmp_path: Path
) -> None:
    files = []
    for number in range(12):
        file = tmp_path / f"{'总结' if number < 7 else 'minutes'} {number:02}.md"
        file.write_text(f"# 第 {number} 份\n\n正文 {number} 各不相同。\n", encoding="utf-8")
        files.append(file)
    page = open_page("/imports")
    page.locator("input[name=files]").set_input_files(files)
    page.get_by_label("Review before publishing").check()
    page.locator(".upload button.button-main").click()
    assert outcome(page, "总结 00.md") == "Stored"
    page.get_by_role("link", name="Review and publish").click()
    rows = page.locator(".review-table tbody tr")
    expect(rows).to_have_count(12)
    count, boxes = page.locator("[data-review-count]"), page.locator("input[name=ids]")
    expect(count).to_have_text("0 chosen")
    expect(page.locator("[value=correct]")).to_be_disabled()

    page.locator("[data-review-filter]").fill("MINUTES")
    expect(page.locator(".review-table tbody tr:visible")).to_have_count(5)
    page.locator("[data-review-all]").check()
    expect(count).to_have_text("5 chosen")
    page.locator("[data-review-filter]").press("Enter")
    expect(rows).to_have_count(12)
    page.locator("select[name=kind]").select_option("lesson")
    page.locator("[value=correct]").click()
    expect(page.locator(".told")).to_have_text("5 documents were corrected.")
    # They stay chosen, to be published next.
    expect(count).to_have_text("5 chosen")
    page.locator("[value=publish]").click()
    expect(rows).to_have_count(7)

    boxes.nth(1).click()
    boxes.nth(4).click(modifiers=["Shift"])
    expect(count).to_have_text("4 chosen")
