"""Standard templates in a real browser: find one, fill it in, download the result and open it with python-docx."""

from __future__ import annotations

import shutil
from pathlib import Path

import docx
import pytest
from playwright.sync_api import expect

from kb import open_kb
from kb.config import Settings
from tests.web.browser.conftest import OpenPage
from tests.web.conftest import PASSWORD
from tests.web.doctemplate_library import add_template


@pytest.fixture(scope="session")
def with_documents(
    with_documents: tuple[Path, dict[str, int]], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, int]]:
    """The usual documents, and a template in the library."""
    folder = tmp_path_factory.mktemp("with-template") / "data"
    shutil.copytree(with_documents[0], folder)
    with open_kb(Settings(data_dir=folder)) as kb:
        return folder, {**with_documents[1], "template": add_template(kb)}


@pytest.mark.parametrize("scripts", [True, False])
def test_a_template_is_found_filled_in_and_opened(
    open_page: OpenPage, tmp_path: Path, scripts: bool
) -> None:
    page = open_page("/doctemplates", java_script_enabled=scripts, accept_downloads=True)
    page.get_by_role("link", name="项目章程", exact=True).click()
    page.locator(".doctemplate-buttons").get_by_role("link", name="Fill in").click()
    page.get_by_label("背景").fill("漏损只能按季度估算。\n爆管要等用户报修。")
    page.get_by_label("状态").select_option("绿")
    page.get_by_label("日期").fill("2026-03-05")
    page.get_by_label("描述").fill("六家规约不一致 & <b>")
    page.get_by_role("button", name="Add a row").click()
    expect(page.locator(".doctemplate-row")).to_have_count(2)
    page.get_by_label("描述").nth(1).fill("第二行 𠮷")
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Download as Word document").click()
    target = tmp_path / "result.docx"
    downloading.value.save_as(target)
    assert downloading.value.suggested_filename.endswith(".docx")
    document = docx.Document(str(target))
    lines = [paragraph.text for paragraph in document.paragraphs]
    assert lines[1:3] == ["漏损只能按季度估算。", "爆管要等用户报修。"]
    assert "状态：绿，2026年3月5日" in lines[3]
    rows = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert [row[:2] for row in rows[1:]] == [["1", "六家规约不一致 & <b>"], ["2", "第二行 𠮷"]]


def test_what_is_typed_is_kept_by_itself(open_page: OpenPage) -> None:
    page = open_page("/sign-in?then=/doctemplates")
    page.get_by_label("Name").fill("li.na")
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="项目章程", exact=True).click()
    page.locator(".doctemplate-buttons").get_by_role("link", name="Fill in").click()
    page.get_by_label("背景").press_sequentially("写到一半")
    expect(page.locator("#doctemplate-kept")).to_contain_text("Kept in")
    page.get_by_label("背景").press_sequentially("，又写了几个字")
    page.wait_for_timeout(2500)
    page.goto("/doctemplates/mine")
    expect(page.locator(".doctemplate-mine li")).to_have_count(1)
    page.locator(".doctemplate-mine a").click()
    expect(page.get_by_label("背景")).to_have_value("写到一半，又写了几个字")


@pytest.mark.parametrize("path", ["/doctemplates", "/doctemplates/1", "/doctemplates/1/fill"])
def test_a_phone_shows_everything_without_scrolling_sideways(
    open_page: OpenPage, path: str
) -> None:
    page = open_page(path, viewport={"width": 390, "height": 844}, locale="zh-CN")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
