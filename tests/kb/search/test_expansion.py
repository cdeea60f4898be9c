"""What the words of a question are also called, from the real dictionary."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.search.dictionary import Dictionary
from kb.search.expansion import Expander
from kb.search.lexicon import Concept, Lexicon
from kb.search.query import About, Bag, Best, Every, Node, Slot, Term, Together
from kb.search.wording import bag, names_subject, sharpness_of

GLOSSARY = Lexicon(
    [
        Concept(1, ("变更控制委员会",), ("change control board",), abbreviations=("CCB",)),
        Concept(2, ("保修",), ("warranty",)),
    ]
)


@pytest.fixture(scope="module")
def dictionary(opened_once: Path) -> Iterator[Dictionary]:
    """The real one; making it takes some seconds."""
    made = Dictionary(opened_once / "cache")
    yield made
    made.close()


@pytest.fixture
def expander(dictionary: Dictionary) -> Expander:
    return Expander(lambda: GLOSSARY, dictionary)


def looked_for(node: Node) -> set[str]:
    """The terms anywhere in a tree."""
    match node:
        case About(node=bag):
            return looked_for(bag)
        case Best(nodes=nodes) | Every(must=nodes):
            return set().union(*map(looked_for, nodes))
        case Bag(slots=slots):
            return set().union(*map(terms_of, slots))
    return set()


def terms_of(slot: Slot) -> set[str]:
    terms = [
        part
        for term in slot.terms
        for part in (term.terms if isinstance(term, Together) else (term,))
    ]
    return {term.text for term in terms}


@pytest.mark.parametrize(
    ("question", "also"),
    [
        ("保修", {"warranti", "保证"}),
        ("报价延期", {"delay", "延迟"}),
        ("報價延期", {"delay", "延迟"}),
        ("warranty", {"保修"}),
        ("CCB 会议", {"meet", "变更", "控制"}),
        ("\uff23\uff23\uff22\u3000會議", {"meet", "变更", "控制"}),
        ("𠮷😀 supplier 风险", {"供应", "risk"}),
    ],
)
def test_a_question_also_looks_for_what_its_words_are_called_elsewhere(
    expander: Expander, question: str, also: set[str]
) -> None:
    assert also <= looked_for(expander.widening().words(question))


@pytest.mark.parametrize(("question", "word"), [("保修期限", "保修"), ("申请保修", "保修")])
def test_a_word_that_was_switched_off_stands_for_nothing_but_itself(
    expander: Expander, question: str, word: str
) -> None:
    on = expander.widening()
    off = expander.widening(without=[word])
    assert {"warranti", "保证"} <= looked_for(on.words(question))
    assert not {"warranti", "保证"} & looked_for(off.words(question))
    assert word in {each.term for each in on.expansions}
    assert word not in {each.term for each in off.expansions}


def test_near_words_are_near_and_the_word_itself_is_not_among_them(dictionary: Dictionary) -> None:
    near = dictionary.near(["保修", "延期", "情况", "没有这个词"])
    assert set(near) == {"保修", "延期", "情况"}
    assert "保证" in {each.text for each in near["保修"]}
    assert "推迟" in {each.text for each in near["延期"]}
    for word, found in near.items():
        assert word not in {each.text for each in found}
        assert [each.weight for each in found] == sorted((e.weight for e in found), reverse=True)


@pytest.mark.parametrize(
    ("word", "glosses"),
    [
        ("爫", set()),  # “claw” radical in Chinese characters
        ("臣", {"i", "your servant"}),  # Kangxi radical 131
        ("东方", {"east", "orient"}),  # two-character surname
        ("建平", set()),  # Jianping county in Chaoyang
        ("海淀", set()),  # Haidian inner district of Beijing
        ("建平县", {"jianping county"}),
        ("笔画", {"strokes chinese character"}),
    ],
)
def test_what_only_describes_a_character_or_places_a_name_is_no_translation(
    dictionary: Dictionary, word: str, glosses: set[str]
) -> None:
    found = {" ".join(each.words) for each in dictionary.english([word]).get(word, ())}
    assert found == glosses


def test_a_place_that_is_no_translation_is_not_taken_apart_either(expander: Expander) -> None:
    found = expander.expand("建平介绍满州的风险")
    assert {each.term for each in found.expansions} == {"介绍", "风险"}


def test_near_words_stay_out_of_what_is_asked_for_as_a_whole(expander: Expander) -> None:
    widening = expander.widening()
    literal = bag("保修")
    assert "保证" not in str(widening.side_by_side("保修", literal, "anywhere"))


@pytest.mark.parametrize(
    "question",
    [
        "谁负责验收？", "誰負責驗收", "项目在哪一年结束", "一共投资多少亿元？", "有幾個里程碑", "什么时候上线",
        "Who signed the contract?", "HOW MANY suppliers were late", "\uff57\uff48\uff45\uff4e did it start",
        "采购合同 when",
    ],
)  # fmt: skip
def test_who_asks_for_a_fact_lets_the_rare_words_decide(expander: Expander, question: str) -> None:
    assert sharpness_of(question) > 0
    assert {slot.sharpness for slot in bag(question).slots if isinstance(slot.terms[0], Term)} == {
        sharpness_of(question)
    }
    assert expander.widening().words(question) is not None


@pytest.mark.parametrize(
    "question",
    [
        "为什么延期",
        "凭什么加价",
        "几乎延期",
        "项目如何启动",
        "How to start",
        "somewhat late",
        "however",
        "风险 risk",
        "",
    ],
)
def test_who_names_a_subject_asks_for_no_fact(question: str) -> None:
    assert sharpness_of(question) == 0


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("风险管理", True), ("為什麼需要里程碑", True), ("开展 kick-off 会议", True), ("Change control board", True),
        ("谁负责验收", False), ("施工多久", False), ("竣工时间？", False), ("2022年验收", False), ("参加人数", False),
        ("Who signed the contract", False),
        ("一个项目的供应商、进度、成本、风险、验收、合同、质量、变更怎样一起管理", False),
    ],
)  # fmt: skip
def test_short_questions_name_a_subject_unless_they_ask_for_a_fact_or_a_figure(
    expander: Expander, question: str, names: bool
) -> None:
    assert names_subject(question) is names
    own = [slot for slot in bag(question).slots if isinstance(slot.terms[0], Term)]
    assert {slot.subject for slot in own} == {names}
    wide = str(expander.widening().words(question))
    assert ("subject=True" in wide) is names
