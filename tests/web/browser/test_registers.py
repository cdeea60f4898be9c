"""Importing a register in a browser: upload, remap, errors, import; and the list it ends in."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.web.browser.conftest import OpenPage
from tests.web.conftest import PASSWORD

TABLE = (
    "在建项目登记表,,,\n"
    "项目编号,工程,开工日期,预算(万元)\n"
    "BR-1,东湖泵站改造,2024年3月5日,120\n"
    "BR-2,Tunnel 𠮷 🚀,昨天,80\n"
)


def test_a_register_is_uploaded_remapped_checked_and_imported(open_page: OpenPage) -> None:
    page = open_page("/sign-in?then=/projects")
    page.fill("main input[name=name]", "pmo")
    page.fill("main input[name=password]", PASSWORD)
    page.click("main button.button-main")
    page.click("text=Import a register")
    page.set_input_files(
        "input[name=files]",
        {"name": "登记表.csv", "mimeType": "text/csv", "buffer": TABLE.encode("gb18030")},
    )
    page.click("text=Read the table")

    expect(page.get_by_role("heading", level=1)).to_have_text("Which column is what?")
    name = page.get_by_label("Column 工程 is taken for")
    expect(name).to_have_value("")
    expect(page.get_by_label("Column 开工日期 is taken for")).to_have_value("started")
    name.select_option("name_zh")
    page.click("text=Check the rows")

    expect(page.get_by_role("heading", level=1)).to_have_text("What would happen")
    wrong = page.locator("table tbody tr")
    expect(wrong).to_have_count(1)
    expect(wrong).to_contain_text("昨天")
    expect(wrong).to_contain_text("this is no date")
    page.click("text=Import 1 good row")

    expect(page.get_by_role("heading", level=1)).to_have_text("Imported")
    page.click("text=To the list")
    page.fill("#projects-q", "泵站")
    expect(page.locator(".projects-table tbody tr")).to_have_count(1)
    page.click("text=东湖泵站改造")
    expect(page.get_by_role("heading", level=1)).to_have_text("东湖泵站改造")
    expect(page.locator(".facts")).to_contain_text("CNY 1,200,000")


def test_the_list_is_sorted_and_narrowed_without_a_script(open_page: OpenPage) -> None:
    page = open_page("/projects", java_script_enabled=False)
    page.fill("#projects-q", "2018")
    page.click("main form button")
    expect(page.locator(".projects-table tbody tr")).to_have_count(1)
    page.click("th >> text=Project code")
    expect(page.locator("th.projects-code")).to_have_attribute("aria-sort", "ascending")
