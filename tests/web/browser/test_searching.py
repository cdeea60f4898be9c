"""Searching in a real browser."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.web.browser.conftest import OpenPage


def test_answers_come_while_typing_and_back_leads_home(open_page: OpenPage) -> None:
    page = open_page("/")
    box = page.locator("#q")
    box.press_sequentially("rollback", delay=40)
    expect(page.locator(".hit h2").first).to_contain_text("Core banking")
    expect(page).to_have_url(re.compile(r"/\?q=rollback$"))
    expect(page).to_have_title("rollback · Qianjian")
    expect(page.locator("#status")).to_have_text("1 result")
    expect(box).to_be_focused()
    box.press_sequentially(" drill", delay=40)
    expect(page).to_have_url(re.compile(r"/\?q=rollback\+drill$"))
    page.go_back()
    expect(page).to_have_url(re.compile(r"/$"))
    expect(page.locator(".intro h1")).to_be_visible()
    expect(page.locator("#q")).to_have_value("")


def test_a_word_being_composed_is_not_asked_before_it_is_chosen(open_page: OpenPage) -> None:
    page = open_page("/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "q=" in request.url else None)
    page.locator("#q").focus()
    keyboard = page.context.new_cdp_session(page)
    for letters in ("g", "gu", "guan", "guanl"):
        length = len(letters)
        composed = {"text": letters, "selectionStart": length, "selectionEnd": length}
        keyboard.send("Input.imeSetComposition", composed)
        page.wait_for_timeout(150)
    page.wait_for_timeout(400)
    assert asked == []
    keyboard.send("Input.insertText", {"text": "管廊"})
    expect(page.locator(".hit h2").first).to_contain_text("地下管廊探测的教训")
    expect(page.locator("#q")).to_have_value("管廊")


def test_filters_are_chosen_several_at_once_and_taken_away(open_page: OpenPage) -> None:
    page = open_page("/?q=risk+风险")
    hits = page.locator(".hit")
    expect(hits).to_have_count(3)
    page.locator(".choice", has_text="Lesson learned").click()
    expect(hits).to_have_count(1)
    page.locator(".choice", has_text="Any time").wait_for()
    page.goto("/?q=risk+风险&kind=lesson")
    expect(page.locator(".choice[aria-current]", has_text="Lesson learned")).to_be_visible()
    page.goto("/?q=risk+风险&kind=lesson&kind=minutes")
    expect(hits).to_have_count(2)
    expect(page.locator(".chip .icon")).to_have_count(2)
    page.locator(".chip", has_text="Minutes").click()
    expect(hits).to_have_count(1)
    page.go_back()
    expect(hits).to_have_count(2)
    page.locator(".chip", has_text="Remove all").click()
    expect(hits).to_have_count(3)


def test_a_new_question_keeps_the_filters(open_page: OpenPage) -> None:
    page = open_page("/?q=风险&kind=lesson")
    page.locator("#q").fill("管廊")
    expect(page).to_have_url(re.compile(r"q=%E7%AE%A1%E5%BB%8A&kind=lesson"))
    expect(page.locator(".chip", has_text="Lesson learned")).to_be_visible()


def test_dates_narrow(open_page: OpenPage) -> None:
    page = open_page("/?q=risk+风险")
    page.locator(".facets summary", has_text="Between two days").click()
    page.locator("input[name=from]").fill("2019-06-01")
    page.locator("input[name=to]").fill("2020-12-31")
    page.locator(".dates button").click()
    expect(page.locator(".hit")).to_have_count(1)
    expect(page).to_have_url(re.compile("from=2019-06-01&to=2020-12-31"))


def test_the_slash_key_leads_to_the_box_from_everywhere(open_page: OpenPage) -> None:
    for path, box in (("/", "#q"), ("/?q=risk", "#q"), ("/help", "#top-q")):
        page = open_page(path)
        page.keyboard.press("/")
        expect(page.locator(box)).to_be_focused()
        page.keyboard.type("a/b")
        expect(page.locator(box)).to_have_value("a/b")


def test_suggestions_are_walked_through_with_the_arrow_keys(open_page: OpenPage) -> None:
    page = open_page("/help")
    box = page.locator("#top-q")
    box.press_sequentially("管廊", delay=30)
    options = page.locator("#top-q-list [role=option]")
    expect(options.first).to_contain_text("地下管廊探测的教训")
    expect(box).to_have_attribute("aria-expanded", "true")
    box.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", "top-q-list-0")
    box.press("ArrowUp")
    expect(options.first).to_have_attribute("aria-selected", "false")
    box.press("Escape")
    expect(page.locator("#top-q-list")).to_be_hidden()
    expect(box).to_have_value("管廊")
    box.press_sequentially("探")
    expect(options.first).to_be_visible()
    box.press("ArrowDown")
    box.press("Enter")
    expect(page.locator(".document-head h1")).to_have_text("地下管廊探测的教训")


def test_an_example_asks_and_fills_the_box(open_page: OpenPage) -> None:
    page = open_page("/")
    page.locator(".examples a", has_text="data migration rollback").click()
    expect(page.locator(".found-count")).to_be_visible()
    expect(page.locator("#q")).to_have_value("data migration rollback")


def test_a_search_that_fails_says_so_and_keeps_the_page(open_page: OpenPage) -> None:
    page = open_page("/?q=risk", provoked="503")
    problem = '<p class="error-sentence">Search cannot answer now.</p>'
    page.route(
        "**/?q=rollback*",
        lambda route: route.fulfill(status=503, body=problem, content_type="text/html"),
    )
    page.locator("#q").fill("rollback")
    expect(page.locator("#notice")).to_contain_text("Search cannot answer now.")
    expect(page.locator(".hit").first).to_be_visible()
    page.unroute("**/?q=rollback*")
    page.locator("#q").fill("rollback drill")
    expect(page.locator("#notice")).to_be_empty()


def test_everything_works_without_scripts(open_page: OpenPage) -> None:
    page = open_page("/", java_script_enabled=False)
    page.locator("#q").fill("risk 风险")
    page.locator("#q").press("Enter")
    expect(page.locator(".hit")).to_have_count(3)
    page.locator(".choice", has_text="Lesson learned").click()
    expect(page.locator(".hit")).to_have_count(1)
    page.locator("#q").fill("管廊")
    page.locator("#q").press("Enter")
    expect(page).to_have_url(re.compile("kind=lesson"))
    page.locator(".hit h2 a").click()
    expect(page.locator(".document-head h1")).to_have_text("地下管廊探测的教训")


def test_pinyin_offers_names_and_choosing_one_narrows(open_page: OpenPage) -> None:
    page = open_page("/")
    box = page.locator("#q")
    box.press_sequentially("haojp", delay=30)
    option = page.locator("#q-list [role=option]").first
    expect(option).to_contain_text("郝建平")
    expect(option).to_contain_text("Person")
    option.click()
    expect(page).to_have_url(re.compile(r"/\?person=%E9%83%9D%E5%BB%BA%E5%B9%B3$"))
    expect(page.locator(".hit")).to_have_count(1)


def test_why_a_hit_is_one_opens_in_its_place(open_page: OpenPage) -> None:
    page = open_page("/?q=管廊&kind=lesson")
    page.locator(".why summary").click()
    expect(page.locator(".why-table tbody th").first).to_contain_text("管廊")
    expect(page).to_have_title("管廊 · Qianjian")
    expect(page).to_have_url(re.compile("kind=lesson$"))
    plain = open_page("/?q=管廊&kind=lesson", java_script_enabled=False)
    plain.locator(".why summary").click()
    plain.locator(".why a").click()
    expect(plain.locator("h1")).to_have_text("Why this hit")
    expect(plain.locator(".why-table tbody th").first).to_contain_text("管廊")
    plain.locator(".back a").click()
    expect(plain).to_have_url(re.compile("kind=lesson$"))


def test_a_hit_leads_to_others_like_it(open_page: OpenPage) -> None:
    page = open_page("/?q=管廊&kind=lesson")
    page.locator(".hit-similar").click()
    expect(page.locator("h1")).to_have_text("More like this")
