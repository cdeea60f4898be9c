"""Another spelling of a question: only where something stands nowhere, only with words the asker may know of."""

# ruff: noqa: RUF001  full-width forms are what is tested

from __future__ import annotations

import time

import pytest

from kb.search.analysis import stem
from kb.search.chinese_slips import ChineseWords
from kb.search.corrections import EnglishWords, Vocabulary, revised
from kb.search.folding import fold_text

READABLE = (
    "风险管理登记册。需求变更控制流程，供应商延期怎么办，里程碑验收标准，变更控制委员会。"
    " supplier delays; the risk register of the project management plan; we receive acceptance; schedule"
)
HIDDEN = ("裁员计划", "风烟管理", "supplies", "manatee")
CHINESE = (
    "风险", "管理", "风险管理", "登记册", "需求变更", "需求", "变更", "变更控制", "变更控制委员会", "供应商",
    "延期", "里程碑", "验收标准", "怎么办", "裁员计划", "风烟管理", "风烟",
)  # fmt: skip
ENGLISH = "supplier supplies delays delay risk register project management manatee plan receive acceptance schedule"


class Reader:
    """Somebody who may read only :data:`READABLE`."""

    def __init__(self) -> None:
        self.looked_up: list[str] = []

    def stands(self, text: str) -> bool:
        self.looked_up.append(text)
        folded = fold_text(text)
        if folded.isascii():
            words = {stem(word.strip(";.")) for word in READABLE.split() if word.isascii()}
            return stem(folded) in words
        return folded in READABLE

    def writes(self, word: str) -> bool:
        return word in READABLE.replace(";", " ").split()

    def is_word(self, text: str) -> bool:
        return text in {"cabaret", "supplied", "莱索托", "成熟度", "变更", "需求"}


VOCABULARY = Vocabulary(
    EnglishWords(dict.fromkeys(ENGLISH.split(), 5)), ChineseWords(dict.fromkeys(CHINESE, 5))
)


def meant(text: str, *, eager: bool = True) -> str | None:
    return revised(text, VOCABULARY, Reader(), eager=eager)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("mangement", "management"),
        ("mangaement plan", "management plan"),
        ("recieve", "receive"),
        ("suplier delasy", "supplier delays"),
        ("riskregister", "risk register"),
        ("Mangement 😀", "management 😀"),
        ("ｍａｎｇｅｍｅｎｔ", "management"),
        ("风验管理", "风险管理"),
        ("風驗管理", "风险管理"),
        ("需求辩更", "需求变更"),
        ("供应伤延期怎么办", "供应商延期怎么办"),
        ("理程碑", "里程碑"),
        ("验收标转", "验收标准"),
        ("需求更变", "需求变更"),
        ("变更控控制", "变更控制"),
        ("变更控制委会", "变更控制委员会"),
        ("风验管理 registr", "风险管理 register"),
        ("标题:风验管理", "标题:风险管理"),
        ("risk AND mangement", "risk AND management"),
        ("“需求辩更” 延期", "“需求变更” 延期"),
    ],
)
def test_slips_of_either_language_are_mended_where_they_stand(typed: str, expected: str) -> None:
    assert meant(typed) == expected


@pytest.mark.parametrize(
    "typed",
    [
        "", "risk", "风险管理", "供应商延期怎么办", "風險管理", "suppliers", "delayed", "managment", "CL-2018-007",
        "😀", "的", "the", "AND OR", "rsk", "xyzzyplugh", "魑魅魍魉", "kind:leson", "作者:李哪", "مرحبا", "𠮷野家",
        "2019", "a*",
    ],
)  # fmt: skip
def test_what_stands_somewhere_is_kept_and_what_is_like_nothing_too(typed: str) -> None:
    assert meant(typed) is None


@pytest.mark.parametrize("typed", ["suppliex", "裁员计化", "manatea", "裁元计划", "风烟官理"])
def test_a_word_that_only_others_may_read_is_never_offered(typed: str) -> None:
    assert not any(word in (meant(typed) or "") for word in HIDDEN)
    assert meant("裁元计划") is None


def test_a_word_that_only_others_may_read_does_not_count_as_known() -> None:
    assert meant("supplies delays") == "supplier delays"
    assert meant("风烟管理") == "风险管理"


def test_where_enough_was_found_only_what_is_all_but_sure_is_mended() -> None:
    assert meant("需求辩更", eager=False) == "需求变更"
    assert meant("mangement plan", eager=False) == "management plan"
    assert meant("登计册", eager=False) == "登记册"
    assert meant("登书册", eager=False) is None
    assert meant("登书册", eager=True) == "登记册"
    assert meant("需求更变", eager=False) is None


@pytest.mark.parametrize(
    "typed",
    [
        "What about cabaret",
        "the plans of Suplier",
        "suplxxer",
        "莱索托的成熟度",
        "徐消费延期",
        "苏镜宇的风险",
    ],
)
def test_a_name_or_a_word_that_stands_nowhere_is_no_slip_where_enough_was_found(typed: str) -> None:
    assert meant(typed, eager=False) is None


def test_a_long_question_is_looked_over_in_part() -> None:
    reader = Reader()
    began = time.perf_counter()
    revised("风验" * 5_000, VOCABULARY, reader)
    revised("mangement " * 1_000, VOCABULARY, reader)
    assert time.perf_counter() - began < 2
    assert len(reader.looked_up) < 200


def test_nothing_is_meant_by_anything_where_no_words_are_known() -> None:
    nothing = Vocabulary(EnglishWords({}), ChineseWords({}))
    for text in ("mangement", "风验管理", "a" * 500):
        assert revised(text, nothing, Reader()) is None
