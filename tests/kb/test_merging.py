"""Two texts made from one: what touches different places is joined, what touches the same is never lost."""

from __future__ import annotations

import random

import pytest

from kb.comparison import weave
from kb.merging import conflicts, join, resolved

BASE = "# 标题\n\n第一段。\n\nSecond paragraph.\n\n𠮷第三段 🚀"


@pytest.mark.parametrize(
    ("mine", "theirs", "joined"),
    [
        (BASE, BASE, BASE),
        (BASE.replace("第一段", "首段"), BASE, BASE.replace("第一段", "首段")),
        (BASE, BASE.replace("Second", "2nd"), BASE.replace("Second", "2nd")),
        (
            BASE.replace("第一段", "首段"),
            BASE.replace("🚀", "🛰"),
            BASE.replace("第一段", "首段").replace("🚀", "🛰"),
        ),
        (BASE.replace("第一段", "同"), BASE.replace("第一段", "同"), BASE.replace("第一段", "同")),
        (
            BASE.replace("第一段。\n\n", ""),
            BASE + "\n尾",
            BASE.replace("第一段。\n\n", "") + "\n尾",
        ),
        ("", BASE, ""),
    ],
)
def test_changes_in_different_places_are_joined_without_asking(
    mine: str, theirs: str, joined: str
) -> None:
    parts = join(BASE, mine, theirs)
    assert conflicts(parts) == ()
    assert resolved(parts, {}) == joined


def test_changes_in_the_same_place_are_both_kept_until_somebody_chooses() -> None:
    parts = join(BASE, BASE.replace("第一段", "甲"), BASE.replace("第一段", "乙"))
    [place] = conflicts(parts)
    both = resolved(parts, {})
    assert "甲。\n\n乙。" in both
    assert "甲。" in resolved(parts, {place: "mine"})
    assert "乙" not in resolved(parts, {place: "mine"})
    assert resolved(parts, {place: "theirs"}) == BASE.replace("第一段", "乙")


def test_no_line_that_either_wrote_is_lost_whatever_they_did() -> None:
    chance = random.Random(5)  # noqa: S311  no secret
    for _ in range(300):
        base = [chance.choice(["甲", "乙", "丙", "", "same"]) for _ in range(12)]

        def changed(name: str, base: list[str] = base) -> list[str]:
            lines = list(base)
            for number in range(chance.randrange(4)):
                at = chance.randrange(len(lines) + 1)
                lines[at : at + chance.randrange(3)] = [f"{name}{number}"]
            return lines

        mine, theirs = changed("我"), changed("他")
        parts = join("\n".join(base), "\n".join(mine), "\n".join(theirs))
        result = resolved(parts, {}).split("\n")
        written = {line for line in (*mine, *theirs) if line[:1] in "我他" and line}
        assert written <= set(result)
        assert "\n".join("\n".join(p.mine) for p in parts if p.mine) == "\n".join(mine)


def test_two_wordings_are_woven_word_by_word_in_chinese_and_english() -> None:
    told = [
        (part.text, part.kind) for part in weave("工期六个月 of work", "工期七个月 of hard work")
    ]
    assert ("六", "removed") in told
    assert ("七", "added") in told
    assert "".join(t for t, k in told if k != "removed") == "工期七个月 of hard work"
    assert "".join(t for t, k in told if k != "added") == "工期六个月 of work"
