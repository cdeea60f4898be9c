"""Finding whom to ask, in a real browser: a Chinese question, answered by who wrote about it in English."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect

from kb import open_kb
from kb.access import SYSTEM
from kb.config import Settings
from kb.registers import PersonRow
from tests.web.browser.conftest import OpenPage
from tests.web.conftest import PASSWORD

SONG = PersonRow("song.peilin", "宋培林", "Song Peilin", "金融系统", "项目经理", "Hangzhou")
HAO = PersonRow("hao.jianping", "郝建平", "Hao Jianping", "水务环境", "项目经理", "Wuhan")
LI_NA = PersonRow("li.na", "李娜", "Li Na", "PMO", "", "Wuhan")


def test_a_chinese_question_finds_the_expert_whose_evidence_is_in_english(
    open_page: OpenPage, site: Path
) -> None:
    with open_kb(Settings(data_dir=site)) as kb:
        kb.registers.put_people(SYSTEM, [SONG, HAO, LI_NA])
    page = open_page("/people", locale="zh-CN")
    page.locator("#people-q").fill("spl")
    expect(page.locator(".people > li")).to_have_count(1)
    page.get_by_role("link", name="找专家").locator("visible=true").first.click()
    page.locator("#experts-q").fill("上线前怎么演练回退")
    page.locator("#experts-q").press("Enter")
    expert = page.locator(".expert").first
    expect(expert).to_contain_text("宋培林")
    expect(expert.locator(".deeds")).to_contain_text("Core banking migration: closing report")
    expect(page).to_have_url(re.compile(r"/people/experts\?q="))
    # The score opens, and what it adds up is what it says.
    expert.locator(".expert-why > summary").click()
    points = expert.locator("tbody tr td:last-child").all_inner_texts()
    shown = expert.locator(".expert-score strong").inner_text()
    assert round(sum(map(float, points)), 3) == float(shown)
    expert.locator(".deeds a").first.click()
    expect(page.locator("h1")).to_contain_text("Core banking migration")
    page.goto("/people/map?by=tags")
    expect(page.locator("h1")).to_have_text("知识地图")


def test_one_says_what_one_knows_on_ones_own_page_on_a_telephone_without_scripts(
    open_page: OpenPage, site: Path
) -> None:
    with open_kb(Settings(data_dir=site)) as kb:
        kb.registers.put_people(SYSTEM, [LI_NA])
    page = open_page("/sign-in", viewport={"width": 390, "height": 844}, java_script_enabled=False)
    page.locator("main input[name=name]").fill("li.na")
    page.locator("main input[name=password]").fill(PASSWORD)
    page.locator("main button.button-main").click()
    page.goto("/people")
    page.get_by_role("link", name="My entry").click()
    page.locator("input[name=label]").fill("挣值 earned value")
    page.get_by_role("button", name="Add").click()
    expect(page.locator(".topic-score")).to_contain_text("earned value")
    page.get_by_role("button", name="Take back").click()
    expect(page.locator(".topic-score")).to_have_count(0)
