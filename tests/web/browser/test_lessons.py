"""The story of a lesson in a real browser: found in a report, accepted, judged, built into a page, applied."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.web.browser.conftest import OpenPage
from tests.web.conftest import PASSWORD

REPORT = """# 净水厂二期 总结报告

## 8 经验教训

### 8.1 旧管廊没有探明

现象：承台开挖时挖出旧管廊，停工46个工作日。

原因：地勘只布了4个钻孔。

影响：停工46个工作日，612万元。

建议：开工前用探地雷达。

### 8.2 Survey in an empty yard

The first wireless survey was done without containers. Next time we survey with containers stacked.
"""
GUIDE = "# 勘察指南\n\n## 地下障碍\n\n先查档案，再用雷达。\n"


def signed_in(open_page: OpenPage, **options: object) -> Page:
    page = open_page("/sign-in", **options)
    page.locator("main input[name=name]").fill("pmo")
    page.locator("main input[name=password]").fill(PASSWORD)
    page.locator("main button.button-main").click()
    expect(page.locator(".who-name")).to_be_visible()
    return page


def imported(page: Page, *files: Path) -> None:
    page.goto("/imports")
    page.locator("input[name=files]").set_input_files(files)
    page.locator(".upload button.button-main").click()
    expect(page.locator("h1 .state")).to_have_text("Finished", timeout=60_000)


def test_from_a_report_to_a_closed_lesson_that_a_project_applied(
    open_page: OpenPage, tmp_path: Path
) -> None:
    report, guide = tmp_path / "二期总结.md", tmp_path / "勘察指南.md"
    report.write_text(f"---\nproject: CL-2018-007\n---\n\n{REPORT}", encoding="utf-8")
    guide.write_text(f"---\nkind: methodology\n---\n\n{GUIDE}", encoding="utf-8")
    page = signed_in(open_page)
    imported(page, report, guide)

    # Keys: the second one is rejected, the first one corrected and accepted.
    page.goto("/candidates")
    cards = page.locator(".candidate", has_text=re.compile("旧管廊没有探明|empty yard"))
    expect(cards).to_have_count(2)
    cards.nth(1).focus()
    page.keyboard.press("r")
    expect(cards).to_have_count(1)
    cards.nth(0).focus()
    page.keyboard.press("e")
    expect(page).to_have_url(re.compile(r"/candidates/\d+/edit"))
    page.locator("#field-title").fill("四个钻孔没钻到旧管廊，停工46个工作日")
    page.locator("#field-phase").select_option("design")
    page.locator(".lesson-save .button-main").click()
    expect(page).to_have_url(re.compile(r"/candidates$"))
    expect(cards).to_have_count(0)

    page.goto("/lessons?words=旧管廊")
    page.locator(".lesson-row h2 a", has_text="四个钻孔").click()
    expect(page.locator(".lesson-impact")).to_contain_text("46")
    page.locator("input[value=applicable]").check()
    page.locator(".lesson-desk textarea[name=note]").fill("凡是动土的项目都适用")
    page.locator(".lesson-desk button", has_text="Validate").click()
    expect(page.locator(".lesson-expert")).to_contain_text("凡是动土的项目都适用")

    # Closed only by naming what it changed.
    page.locator("a", has_text="Close it: link what it changed").click()
    page.locator("#close-q").fill("勘察指南 地下障碍")
    page.locator("main .lessons-search button").click()
    page.locator(".lesson-offers a", has_text="勘察指南").click()
    page.locator("label", has_text="地下障碍").locator("input").check()
    page.locator("button", has_text="Close the lesson").click()
    expect(page.locator(".lesson-head .state").first).to_have_text("Built in")
    expect(page.locator("#closures-title")).to_be_visible()

    page.locator(".lesson-use > summary").click()
    page.locator(".lesson-use select[name=project]").select_option(index=1)
    page.locator(".lesson-use input[value=helped]").check()
    page.locator(".lesson-use input[name=days_saved]").fill("2.5")
    page.locator(".lesson-use form.stacked button").click()
    expect(page.locator(".lesson-counts")).to_contain_text("2.5 working days saved")
    page.goto("/lessons/analysis?measure=days")
    expect(page.locator(".pareto-bar").first).to_be_visible()


def test_while_one_types_what_was_told_before_appears(open_page: OpenPage) -> None:
    page = signed_in(open_page)
    page.goto("/lessons/new")
    page.locator("#field-title").fill("空场做的无线覆盖测试不算数")
    page.locator("#field-what_happened").fill("堆满集装箱以后信号不够，要重测。")
    page.locator("#field-recommendation").fill("按使用状态测试。")
    page.locator("#field-phase").select_option("test")
    page.locator(".lesson-save .button-main").click()
    expect(page.locator(".lesson-head h1")).to_have_text("空场做的无线覆盖测试不算数")
    page.goto("/lessons/new")
    page.locator("#field-title").press_sequentially("空场的无线覆盖测试没有用", delay=20)
    expect(page.locator("#before")).to_contain_text("空场做的无线覆盖测试不算数")


def test_the_queue_works_without_scripts(open_page: OpenPage, tmp_path: Path) -> None:
    report = tmp_path / "三期总结.md"
    report.write_text(REPORT.replace("二期", "三期").replace("管廊", "电缆沟"), encoding="utf-8")
    page = signed_in(open_page, java_script_enabled=False)
    page.goto("/imports")
    page.locator("input[name=files]").set_input_files(report)
    page.locator(".upload button.button-main").click()
    for _ in range(120):
        if page.locator("h1 .state").inner_text() == "Finished":
            break
        page.wait_for_timeout(250)
        page.reload()
    page.goto("/candidates")
    card = page.locator(".candidate", has_text="旧电缆沟没有探明")
    card.locator("button", has_text="Accept as lesson").click()
    expect(card).to_have_count(0)
    page.goto("/candidates?state=kept")
    card.locator("a", has_text="Open the lesson").click()
    expect(page.locator(".lesson-head h1")).to_have_text("旧电缆沟没有探明")
    expect(page.locator(".lesson-banner").first).to_contain_text("Still to be filled in")
