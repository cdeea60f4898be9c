"""One spelling for what should be found alike, with the way back to the original text."""

# ruff: noqa: RUF001  full-width forms are what is tested

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.search.folding import fold, fold_text, simplified


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("變電站", "变电站"),
        ("計畫", "计划"),
        ("瞭解", "了解"),
        ("反覆藉助", "反复借助"),
        ("ＰＭＯ　２０２４", "pmo 2024"),
        ("Café", "cafe"),
        ("Straße", "STRASSE"),
        ("㎏", "kg"),
        ("ﬁnish", "Finish"),
        ("soft\u00adhyphen", "softhyphen"),
        ("零\u200b宽", "零宽"),
        ("team’s", "team's"),
        ("e\u0301tude", "étude"),
        ("（一）", "(一)"),
    ],
)
def test_spellings_that_mean_the_same_fold_to_the_same(one: str, other: str) -> None:
    assert fold_text(one) == fold_text(other)


@pytest.mark.parametrize(
    "text", ["𠮷野家", "😀", "項目", "Ünïcode½…㈱ﬁ", "\u200b\ufeff", "", "a\u0301b", "ＡＢＣ", "𝐀𝐁"]
)
def test_offsets_lead_back_to_the_original(text: str) -> None:
    folded = fold(text)
    for start in range(len(folded.text)):
        first, last = folded.original(start, start + 1)
        assert 0 <= first < last <= len(text)
        assert folded.text[start] in fold_text(text[first:last])


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_piece_of_a_text_folds_to_the_same_piece(one: str, other: str) -> None:
    assert fold_text(one) + fold_text(other) == fold_text(one + other)


@given(st.text(alphabet="項目计划計畫乾隆了瞭Ab１½é \u200b😀𠮷", max_size=30))
def test_the_segmenters_text_has_the_same_offsets(text: str) -> None:
    assert len(simplified(text)) == len(fold(text).text)


def test_the_segmenter_sees_whole_words_of_traditional_text() -> None:
    assert simplified("計畫") == "计划"
    assert simplified("畫家") == simplified("画家") == "画家"
    assert simplified("乾隆") == "乾隆"
