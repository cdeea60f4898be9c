"""A new hire goes through a path, finds what a question asks for, and somebody else verifies the certificate."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from kb import open_kb
from kb.config import Settings
from tests.web.browser.conftest import OpenPage
from tests.web.conftest import PASSWORD
from tests.web.training_library import add_course


@pytest.fixture(scope="module")
def site(site: Path, with_documents: tuple[Path, dict[str, int]]) -> Path:
    """The usual site, with a path of one course for everybody."""
    with open_kb(Settings(data_dir=site)) as kb:
        add_course(kb, f"/documents/{with_documents[1]['lesson']}")
        kb.indexing.catch_up()
    return site


def test_a_new_hire_finishes_a_path_and_the_certificate_is_verified(open_page: OpenPage) -> None:
    page = open_page("/sign-in?then=/training?language=zh", viewport={"width": 390, "height": 844})
    page.fill("#main input[name=name]", "chen.wei")
    page.fill("#main input[name=password]", PASSWORD)
    page.locator("main button.button-main").click()
    page.get_by_role("link", name="新员工入门").click()
    page.get_by_role("link", name="Begin").click()
    page.get_by_role("heading", name="为什么有关口", level=1).wait_for()
    for _ in range(2):
        page.get_by_role("button", name="Done, go on").click()
    # The next day: where one was is one click away, on the home of training.
    page.goto("/training")
    page.locator(".training-card-now a").click()
    page.get_by_role("heading", name="看一遍", level=1).wait_for()
    page.get_by_role("button", name="Done, go on").click()
    page.get_by_role("button", name="Begin the check").click()
    attempt = page.url

    question = page.locator(".training-question")
    question.nth(0).get_by_label("变更控制委员会").check()
    question.nth(1).get_by_label("G1").check()
    question.nth(1).get_by_label("G5").check()
    question.nth(2).get_by_label("True").check()
    question.nth(3).locator("input").fill("五")
    for at, word in enumerate(("申请", "影响分析", "决定"), 1):
        row = page.locator(".training-option", has_text=word)
        row.locator("select").select_option(str(at))
    # The page that was found in the real search is offered to be picked.
    page.get_by_role("button", name="Keep my answers").click()
    page.goto("/?q=地下管廊")
    page.locator(".hits a", has_text="管廊").first.click()
    page.wait_for_url("**/documents/*")
    page.goto(attempt)
    page.locator(".training-picked select").select_option(label="地下管廊探测的教训")
    page.get_by_role("button", name="Hand in").click()
    page.locator(".training-result-passed").wait_for()
    assert "100%" in page.locator(".training-result").inner_text()
    page.get_by_role("link", name="Certificate").click()
    page.get_by_text("This certificate is valid.").wait_for()
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")

    somebody = open_page(urlsplit(page.url).path, locale="zh-CN")
    somebody.get_by_text("此证书有效。").wait_for()
    assert "Chen Wei" in somebody.locator(".certificate").inner_text()
    assert somebody.locator("text=成绩").count() == 0
    page.goto("/training?language=zh")
    page.get_by_role("heading", name="Finished").wait_for()
