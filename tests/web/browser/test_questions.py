"""The whole way of a question in a real browser: asked while what tells the same appears, answered, made a lesson."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.web.browser.conftest import OpenPage
from tests.web.browser.test_writing import signed_in

TITLE = "How do we find old utility tunnels with 探地雷达 before digging?"


def test_ask_answer_accept_and_turn_it_into_a_lesson(open_page: OpenPage) -> None:
    asker = signed_in(open_page, "chen.wei", "/questions/new")
    # What tells the same appears while one types, also where it is written in the other language.
    asker.locator("#field-title").press_sequentially(TITLE, delay=5)
    expect(asker.locator("#ask-before")).to_contain_text("地下管廊探测的教训")
    asker.locator("#field-body").fill("We start in **March** beside the old pumping station.")
    asker.locator("#field-tags").fill("勘察")
    asker.get_by_role("button", name="Ask", exact=True).click()
    expect(asker.locator("h1")).to_have_text(TITLE)
    place = re.sub(r"^https?://[^/]+", "", asker.url)

    expert = signed_in(open_page, "li.na", place)
    expert.locator("#field-answer").fill("Walk the line twice with the radar; mark what you find.")
    expert.get_by_role("button", name="Answer", exact=True).click()
    expect(expert.locator(".ask-answer")).to_contain_text("Walk the line twice")

    # The asker is told, accepts, and the one who answered hears of that.
    asker.goto("/questions")
    expect(asker.locator(".bell-count")).to_have_text("1")
    asker.goto("/notifications")
    asker.get_by_role("link", name=TITLE).click()
    asker.get_by_role("button", name="Accept", exact=True).click()
    expect(asker.locator(".ask-accepted")).to_be_visible()
    asker.get_by_role("button", name="Helped").click()
    expect(asker.locator(".ask-vote")).to_have_attribute("aria-pressed", "true")
    expert.goto("/notifications")
    expect(expert.locator(".told")).to_contain_text("Chen Wei accepted your answer")

    # One click fills the form of a lesson; both ends lead to each other.
    expert.goto(place)
    expert.get_by_role("link", name="Make a lesson of it").click()
    expect(expert.locator("#field-recommendation")).to_have_value(re.compile("Walk the line twice"))
    expert.locator("#field-phase").select_option("planning")
    expert.locator("#the-form button.button-main").first.click()
    if expert.get_by_text("it may have been told before").count():
        expert.locator("#the-form button.button-main").first.click()
    expect(expert).to_have_url(re.compile(r"/lessons/\d+$"))
    expert.locator(f"a[href='{place}']").click()
    expect(expert.locator(".ask-fruits")).to_contain_text(TITLE)
