"""Words are found where they stand, as a regular expression of all of them would find them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.search.analysis import stem
from kb.search.folding import HAN, fold_text
from kb.search.word_places import WordPlaces


def places(wanted: str, text: str) -> list[str]:
    """What is found of the ``wanted`` words, as it is written in the folded ``text``."""
    words = fold_text(wanted).split()
    han = {word for word in words if re.fullmatch(f"[{HAN}]+", word)}
    stems = {stem(word) for word in words if word not in han}
    folded = fold_text(text)
    found = WordPlaces(han, stems, stem).find(folded)
    assert [each.word for each in found if each.word in han | stems] == [e.word for e in found]
    return [folded[each.start : each.end] for each in found]


@pytest.mark.parametrize(
    ("wanted", "text", "found"),
    [
        ("供应商 供应 风险", "供应商延期的風險，供应紧张", ["供应商", "风险", "供应"]),
        ("险管 风险", "风险管理", ["风险"]),
        ("管理 理风", "管理风险", ["管理"]),
        ("delivery", "Deliveries, deliver; redelivery", ["deliveries"]),
        ("risk", "ＲＩＳＫ risky 3risks x_risk", ["risk", "risks", "risk"]),  # noqa: RUF001
        ("deliver", "delivering delivery's", ["delivering"]),
        ("cl-2018-007 cl", "CL-2018-007 cl-2018-0071 cl", ["cl-2018-007", "cl", "cl"]),
        ("1.2", "1.2 1.23 11.2 1.2.3 版本1.2版", ["1.2", "1.2"]),
        ("𠮷野家", "在𠮷野家😀𠮷野家", ["𠮷野家", "𠮷野家"]),
        ("risk 风险", "项目risk风险risk", ["risk", "风险", "risk"]),
        ("o'neil", "O’Neil's neil", ["o'neil"]),
        ("的", "", []),
        ("", "风险 risk", []),
    ],
)
def test_words_are_found_whole_longest_first_and_by_their_stems(
    wanted: str, text: str, found: list[str]
) -> None:
    assert places(wanted, text) == found


def test_without_words_there_is_nothing_to_look_for() -> None:
    assert not WordPlaces((), (), stem)
    assert WordPlaces({"风险"}, (), stem)
    assert WordPlaces((), {"risk"}, stem)


_LETTER = rf"[^\W\d_{HAN}]"


def by_expression(han: set[str], stems: set[str], text: str) -> list[tuple[int, int]]:
    """The same by one regular expression: slow, and plainly what is meant."""

    def any_of(words: set[str]) -> str:
        return "|".join(re.escape(word) for word in sorted(words, key=lambda w: (-len(w), w)))

    codes = {word for word in stems if not word.isalpha()}
    heads = {word[: max(len(word) - 1, 2)] for word in stems if word.isalpha()}
    parts = [
        f"(?:{any_of(han)})" if han else "",
        rf"(?<![^\W_{HAN}])(?:{any_of(codes)})(?![^\W_{HAN}]|\.\d)" if codes else "",
        rf"(?P<letters>(?<!{_LETTER})(?:{any_of(heads)}){_LETTER}*(?:'{_LETTER}+)*)"
        if heads
        else "",
    ]
    pattern = re.compile("|".join(filter(None, parts)) or r"(?!)")
    return [
        match.span()
        for match in pattern.finditer(text)
        if match.lastgroup != "letters" or stem(match.group()) in stems
    ]


han_words = st.text("风险管理供应商", min_size=1, max_size=3)
other_words = st.sampled_from(
    ["risk", "risks", "rise", "deliver", "delivery", "cl-7", "cl-7.1", "7", "o'neil", "ri"]
)
texts = st.lists(
    st.one_of(han_words, other_words, st.sampled_from([" ", "-", ".", "'", "_", "7", "x", "\n"]))
).map("".join)


@given(han=st.sets(han_words, max_size=5), words=st.sets(other_words, max_size=5), text=texts)
def test_the_same_is_found_as_by_one_expression(han: set[str], words: set[str], text: str) -> None:
    stems = {stem(word) for word in words}
    found = [(each.start, each.end) for each in WordPlaces(han, stems, stem).find(text)]
    assert found == by_expression(han, stems, text)
