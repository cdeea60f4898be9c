"""What may be stored of a lesson, what free words mean, how much use lifts it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from kb.lesson_likeness import ALIKE, concepts, held_text, likenesses
from kb.lesson_rules import LessonRefused, LessonText, checked, problems, tidied
from kb.lesson_use_rules import MOST_BOOST, checked_use, reuse_boost
from kb.lesson_words import (
    as_markdown,
    category_of,
    cause_of,
    days_of,
    language_of,
    money_of,
    phase_of,
)
from kb.markdown import plain_text

FULL = LessonText(
    title="四个钻孔没钻到旧管廊 🚧",
    kind="lesson",
    language="zh",
    what_happened="挖出旧管廊。",
    recommendation="先雷达，后钻孔。",
    phase="design",
    impact_days=-46,
    impact_money=-6_120_000,
    currency="CNY",
    on_risk_register=False,
    happened_on=date(2018, 12, 4),
    tags=("地勘", "𠮷祥"),
)


def test_a_lesson_survives_being_kept_as_a_version() -> None:
    assert LessonText.from_json(FULL.as_json()) == FULL
    assert LessonText.from_json({"title": "t", "gone": 1}) == LessonText(title="t")


@pytest.mark.parametrize("name", ["title", "what_happened", "recommendation", "phase"])
def test_a_lesson_that_is_told_says_what_is_starred(name: str) -> None:
    bare = replace(FULL, **{name: " \u3000 "})  # type: ignore[arg-type]
    assert name in {each.field for each in problems(tidied(bare), "submit")}
    assert problems(tidied(FULL), "submit") == ()


def test_what_is_harvested_may_have_gaps_until_an_expert_looks_at_it() -> None:
    found = replace(FULL, phase="", recommendation="")
    assert problems(found, "harvest") == ()
    assert {each.field for each in problems(found, "validate")} == {"phase", "recommendation"}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"impact_days": 1e9}, "impact_days"),
        ({"impact_days": float("nan")}, "impact_days"),
        ({"impact_days": float("-inf")}, "impact_days"),
        ({"impact_money": -1e15}, "impact_money"),
        ({"currency": ""}, "currency"),
        ({"currency": "人民币"}, "currency"),
        ({"impact_quality": 7}, "impact_quality"),
        ({"kind": "secret"}, "kind"),
        ({"language": "fr"}, "language"),
        ({"audience": "nobody?"}, "audience"),
        ({"title": "长" * 301}, "title"),
        ({"what_happened": "x" * 40_001}, "what_happened"),
        ({"tags": tuple(f"t{n}" for n in range(31))}, "tags"),
        ({"tags": ("长" * 101,)}, "tags"),
    ],
)
def test_what_is_absurd_is_refused_with_its_field(changed: dict[str, object], field: str) -> None:
    with pytest.raises(LessonRefused) as refused:
        checked(replace(FULL, **changed), "submit")  # type: ignore[arg-type]
    assert [each.field for each in refused.value.problems] == [field]


@pytest.mark.parametrize(
    ("outcome", "days", "field"),
    [
        ("helped", -1.0, "days_saved"),
        ("helped", float("nan"), "days_saved"),
        ("adapted", 1e6, "days_saved"),
        ("not-helped", 3.0, "days_saved"),
        ("great", None, "outcome"),
    ],
)
def test_a_use_cannot_save_absurd_days(outcome: str, days: float | None, field: str) -> None:
    with pytest.raises(LessonRefused) as refused:
        checked_use(outcome, "", days)
    assert refused.value.problems[0].field == field


def test_a_use_may_save_half_a_day() -> None:
    assert checked_use("helped", " 好 ", 0.5) == ("helped", "好", 0.5)
    assert checked_use("not-helped", "", None) == ("not-helped", "", 0.0)


def test_use_lifts_a_lesson_a_little_and_never_beyond_its_bound() -> None:
    assert reuse_boost(0, 0, 0) == 1.0
    assert reuse_boost(0, 0, 9) == 1.0
    for helped, adapted, against in product(range(12), repeat=3):
        boost = reuse_boost(helped, adapted, against)
        assert 1.0 <= boost <= 1.0 + MOST_BOOST
        assert reuse_boost(helped + 1, adapted, against) > boost
        # What did not help never raises it; nor does an adapted use count as much as one that helped.
        assert reuse_boost(helped, adapted, against + 1) <= boost
        assert reuse_boost(helped + 1, adapted, against) >= reuse_boost(
            helped, adapted + 1, against
        )


@pytest.mark.parametrize(
    ("text", "phase"),
    [
        ("G3 设计冻结", "design"),
        ("上线", "go-live"),
        ("Ｇ１", "initiation"),  # noqa: RUF001  full-width on purpose
        ("Implementation » Phase D", "implementation"),
        ("Not Specified", ""),
        ("N/A", ""),
        ("", ""),
        ("移模阶段", "移模阶段"),
    ],
)
def test_a_phase_is_known_by_its_names_and_else_kept(text: str, phase: str) -> None:
    assert phase_of(text) == phase


def test_free_words_become_categories_and_causes() -> None:
    assert (category_of("成本管理"), category_of("Risk"), category_of("安全")) == (
        "cost",
        "risk",
        "安全",
    )
    assert cause_of("接口没有约定，界面不清") == "interfaces"
    assert cause_of("The supplier's vendor did not deliver.") == "supplier"
    assert cause_of("🚧") == ""


@pytest.mark.parametrize(
    ("text", "days", "money"),
    [
        ("停工46个工作日，612万元", -46, (-6_120_000, "CNY")),
        ("saved 2.5 days", 2.5, (None, "")),
        ("7 weeks, EUR 0.41 m", -35, (-410_000, "EUR")),
        ("节省 450 万元", None, (4_500_000, "CNY")),
        ("30 名员工", None, (None, "")),
    ],
)
def test_an_impact_in_words_becomes_numbers(
    text: str, days: float | None, money: tuple[float | None, str]
) -> None:
    assert days_of(text) == days
    assert money_of(text) == money


@pytest.mark.parametrize(
    "text", ["# no heading\n* no list *", "<b>5*3</b> | `x`", "第一行\n1. 第二行 𠮷"]
)
def test_plain_words_stay_the_same_words_as_markdown(text: str) -> None:
    shown = plain_text(as_markdown(text))
    assert shown.split() == text.split()


def test_the_language_is_that_of_most_words() -> None:
    assert language_of("带着 open points 通过设计冻结") == "zh"
    assert language_of("The 澄岭 method was used") == "en"


def test_two_tellings_of_one_event_are_alike_and_others_are_not() -> None:
    held = [
        held_text("旧管廊停工", "开挖时挖出旧管廊，停工46天"),
        held_text("Trade union missing", "The union was not on the stakeholder map"),
        held_text("空場做的無線測試不算數", "空場測試"),
    ]
    same = likenesses(concepts("挖出图上没有的旧管廊，现场停工", ()), held)
    assert same[0] >= ALIKE > max(same[1:])
    traditional = likenesses(concepts("空场无线测试", ()), held)
    assert traditional[2] >= ALIKE > max(traditional[:2])
    assert likenesses(concepts("食堂 coffee", ()), held) == [0.0, 0.0, 0.0]
    assert likenesses(concepts("anything", ()), []) == []
