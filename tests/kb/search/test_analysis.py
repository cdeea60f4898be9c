"""Text to terms: what is found by which words, and where it stands."""

# ruff: noqa: RUF001  full-width forms are what is tested

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.search.analysis import MAX_TERM_CHARS, stem, tokens, units
from kb.search.folding import fold

TEXTS = (
    "川南220千伏变电站改造，PUE1.62",
    "CL-2018-007 G3设计冻结",
    "專案管理辦公室（ＰＭＯ）",
    "𠮷野家😀大桥",
    "項 目 總 結",
    "The team’s lessons learned: v2.7.4, 1,236.5元",
    "½ e\u0301 ㎏",
)


def words(text: str) -> set[str]:
    return {token.text for token in tokens(text) if token.signal == "words"}


def grams(text: str) -> set[str]:
    return {token.text for token in tokens(text) if token.signal == "grams"}


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("CL-2018-007", {"cl", "2018", "007", "cl-2018-007"}),
        ("G3设计冻结", {"g3", "设计", "冻结"}),
        ("220千伏变电站", {"220", "千伏", "变电站", "变电"}),
        ("PUE1.62", {"pue", "1.62", "pue1.62"}),
        ("220kV", {"220", "kv", "220kv"}),
        ("1,236.5元", {"1236.5", "元"}),
        ("v2.7.4", {"v2.7.4"}),
        ("delivered deliveries", {"deliv", "deliveri"}),
        ("Teams’ Ｔｅａｍ", {"team"}),
        ("專案管理", {"专案", "管理"}),
        ("項 目 總 結 報 告", {"项目", "总结"}),
        ("𠮷野家", {"𠮷", "野家"}),
        ("2019-03-15", {"2019", "03", "15", "2019-03-15"}),
    ],
)
def test_words_of_codes_numbers_and_both_languages(text: str, held: set[str]) -> None:
    assert held <= words(text)


@pytest.mark.parametrize(
    ("text", "held", "not_held"),
    [
        ("变电站", {"变电", "电站", "站"}, {"变", "电"}),
        ("G3设计", {"g3设", "设计"}, set()),
        ("220 千伏", {"220千", "千伏"}, set()),
        ("项目，管理", {"项目", "管理"}, {"目管"}),
        ("项 目 总 结", {"项目", "目总", "总结"}, set()),
        ("甲\n乙", {"甲", "乙"}, {"甲乙"}),
        ("risk management", set(), {"riskmanagement"}),
        ("𠮷野", {"𠮷野"}, set()),
    ],
)
def test_pairs_of_neighbours(text: str, held: set[str], not_held: set[str]) -> None:
    found = grams(text)
    assert held <= found
    assert not held & not_held
    assert not found & not_held


@pytest.mark.parametrize("text", TEXTS)
def test_every_term_points_at_where_it_stands(text: str) -> None:
    folded = fold(text)
    for token in tokens(text):
        first, last = folded.original(token.start, token.end)
        assert 0 <= first < last <= len(text)
        piece = folded.text[token.start : token.end].replace(" ", "").replace(",", "")
        assert token.plain.replace("-", "") in piece.replace("-", "") or token.signal == "words"


def test_the_same_word_twice_has_two_places() -> None:
    places = [
        token.start
        for token in tokens("验收后再验收")
        if token.text == "验收" and token.signal == "words"
    ]
    assert places == [0, 4]


def test_positions_count_units_and_gaps_keep_phrases_apart() -> None:
    at = {unit.text: unit.position for unit in units("供应商，delay of G3设计. Next")}
    assert at["应"] == at["供"] + 1
    assert at["delay"] > at["商"] + 1
    assert at["of"] == at["delay"] + 1
    assert at["设"] == at["g3"] + 1
    assert at["next"] > at["计"] + 1


@given(st.text(max_size=60))
def test_any_text_can_be_analysed(text: str) -> None:
    folded = fold(text)
    for token in tokens(text):
        assert token.text
        assert len(token.text) <= 2 * MAX_TERM_CHARS
        assert 0 <= token.start < token.end <= len(folded.text)


def test_endless_words_are_cut() -> None:
    assert (
        max(len(token.text) for token in tokens("x" * 5000 + "项目" + "9" * 5000))
        <= 2 * MAX_TERM_CHARS
    )


def test_threads_get_what_one_thread_gets() -> None:
    alone = [list(tokens(text)) for text in TEXTS]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda text: list(tokens(text)), TEXTS * 20))
    assert together == alone * 20
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(stem, ["deliveries"] * 200)) == {"deliveri"}


def test_loading_the_dictionary_says_nothing_and_writes_only_where_it_may(tmp_path: Path) -> None:
    code = (
        "import pathlib, sys, tempfile\n"
        "tempfile.tempdir = sys.argv[1]\n"
        "from kb.search import analysis\n"
        "if len(sys.argv) > 2: analysis.keep_dictionary_in(pathlib.Path(sys.argv[2]))\n"
        "assert any(token.text == '管理' for token in analysis.tokens('项目管理'))\n"
    )
    temporary, kept = tmp_path / "tmp", tmp_path / "cache"
    temporary.mkdir()
    for arguments in ([temporary], [temporary, kept], [temporary, kept]):
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code, *map(str, arguments)],
            capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3],
        )  # fmt: skip
        assert done.stdout == done.stderr == ""
        assert list(temporary.iterdir()) == []
    assert [path.name for path in kept.iterdir()] == ["jieba.cache"]
