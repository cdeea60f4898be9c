"""What differs between two texts."""

from __future__ import annotations

import time

import pytest

from kb.comparison import MAX_LINES, Comparison, Line, Piece, compare


def lines(text: str) -> list[Line]:
    return [
        Line(each.lstrip("# "), len(each) - len(each.lstrip("#"))) for each in text.splitlines()
    ]


def marked(found: Comparison) -> list[tuple[str, str, str]]:
    """Each row as its kind and both lines, with what differs in brackets."""
    return [(row.kind, bracketed(row.left), bracketed(row.right)) for row in found.rows]


def bracketed(pieces: tuple[Piece, ...]) -> str:
    return "".join(f"[{piece.text}]" if piece.changed else piece.text for piece in pieces)


def numbered(text: str, count: int = 4000) -> str:
    """``text`` on so many lines, each with its own numbers."""
    return "".join(text.format(n, n * 37, n % 7, n % 5) + "\n" for n in range(count))


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("工期六个月。", "工期七个月。", [("changed", "工期[六]个月。", "工期[七]个月。")]),
        (
            "The vendor slipped by six days.",
            "The vendor slipped by nine days.",
            [
                (
                    "changed",
                    "The vendor slipped by [six] days.",
                    "The vendor slipped by [nine] days.",
                )
            ],
        ),
        (
            "Ｐhase 2 由𠮷祥负责 🚀",  # noqa: RUF001
            "Ｐhase 3 由𠮷田负责 🚀",  # noqa: RUF001
            [("changed", "Ｐhase [2] 由𠮷[祥]负责 🚀", "Ｐhase [3] 由𠮷[田]负责 🚀")],  # noqa: RUF001
        ),
        (
            "一\n二\n三",
            "一\n三\n四",
            [
                ("same", "一", "一"),
                ("removed", "[二]", ""),
                ("same", "三", "三"),
                ("added", "", "[四]"),
            ],
        ),
        ("風險登記冊", "風險登記冊", [("same", "風險登記冊", "風險登記冊")]),
        ("", "", []),
    ],
)
def test_a_difference_is_marked_word_by_word(
    left: str, right: str, expected: list[tuple[str, str, str]]
) -> None:
    assert marked(compare(lines(left), lines(right))) == expected


def test_a_line_faces_the_one_that_says_much_the_same() -> None:
    found = compare(
        lines("# 教训\n地下管廊在开工前没有探明。"),
        lines("# 教训\n全新的一段，讲供应商。\n地下管廊在开工之前没有探明。"),
    )
    assert [kind for kind, _, _ in marked(found)] == ["same", "added", "changed"]
    assert found.rows[0].left_level == 1


def test_what_is_the_same_is_shortened_but_for_its_neighbourhood() -> None:
    same = "\n".join(f"第 {number} 条" for number in range(40))
    found = compare(lines(f"{same}\n旧"), lines(f"{same}\nnew"))
    assert [row.kind for row in found.rows] == ["skipped", "same", "same", "removed", "added"]
    assert found.rows[0].count == 38
    assert found.differs
    assert not compare(lines(same), lines(same)).differs


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("一\n" * 6000, "二\n" * 6000),
        (numbered("{2}\t{3}"), numbered("{3}\t{2}")),
        (numbered("第{0}条：涌水{1}。"), numbered("第{0}条：塌方{1}1。")),
        ("甲乙" * 50_000, "乙甲丙" * 40_000),
        (numbered("甲乙丙丁" * 200 + "{0}", 200), numbered("丁丙乙甲" * 200 + "{0}", 200)),
    ],
    ids=["repeated", "table", "each line", "one long line", "long lines"],
)
def test_big_texts_are_compared_in_bounded_time(left: str, right: str) -> None:
    began = time.perf_counter()
    found = compare(lines(left), lines(right))
    assert time.perf_counter() - began < 10
    assert found.differs
    assert found.complete == (left.count("\n") <= MAX_LINES and len(found.rows) < 3000)
