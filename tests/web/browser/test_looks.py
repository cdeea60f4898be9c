"""Language, light and dark, keyboard, in a real browser."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.web.browser.conftest import OpenPage


def ground(page: Page) -> str:
    """The colour of the page's ground."""
    return str(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))


def test_dark_follows_the_system_until_one_chooses(open_page: OpenPage) -> None:
    light = ground(open_page("/", color_scheme="light"))
    page = open_page("/", color_scheme="dark")
    assert ground(page) != light
    page.get_by_role("button", name="Switch to light").click()
    assert ground(page) == light
    page.wait_for_load_state("networkidle")
    page.reload()
    assert ground(page) == light
    page.get_by_role("button", name="System").click()
    assert ground(page) != light


def test_the_look_can_be_chosen_without_scripts(open_page: OpenPage) -> None:
    page = open_page("/?q=risk", java_script_enabled=False)
    page.get_by_role("button", name="Switch to dark").click()
    expect(page).to_have_url(re.compile(r"/\?q=risk$"))
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_language_is_switched_on_the_same_page_and_kept(open_page: OpenPage) -> None:
    page = open_page("/?q=risk&kind=summary")
    page.get_by_role("link", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(page.locator(".chip").first).to_contain_text("项目总结")
    expect(page.locator("#q")).to_have_value("risk")
    page.goto("/help")
    expect(page.locator("h1")).to_have_text("帮助")
    page.get_by_role("link", name="English").click()
    expect(page.locator("h1")).to_have_text("Help")


def test_a_chinese_browser_gets_chinese(open_page: OpenPage) -> None:
    page = open_page("/", locale="zh-CN")
    expect(page.locator(".intro h1")).to_contain_text("前车之辙")


def test_the_first_stop_of_the_keyboard_skips_to_the_content(open_page: OpenPage) -> None:
    page = open_page("/help")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_a_page_that_is_not_there_looks_like_the_others(open_page: OpenPage) -> None:
    page = open_page("/documents/424242", provoked="404")
    expect(page.locator("h1")).to_have_text("Nothing here")
    expect(page.locator(".brand")).to_be_visible()


def test_signing_in_and_out(open_page: OpenPage) -> None:
    page = open_page("/help")
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("Name").fill("li.na")
    page.get_by_label("Password").fill("a long enough password")
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile("/help$"))
    expect(page.locator(".who-name")).to_contain_text("李娜")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
