"""The lexicon: names are found however they are written, and stand for the right concepts."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from kb.glossary_csv import read
from kb.search import analysis
from kb.search.folding import fold_text
from kb.search.lexicon import Concept, CurrentLexicon, Lexicon, segmentation_words
from kb.search.spelling import american, singular, uninflected

CCB, RISK, RISK_PLAN, PROJECT, BURNDOWN, CONSTRUCTION, CONFIGURATION, IMPORT = range(1, 9)
CONCEPTS = (
    Concept(
        CCB,
        ("变更控制委员会", "变更评审委员会"),
        ("change control board", "change advisory board"),
        ("變更控制委員會",),
        ("CCB", "CAB"),
    ),
    Concept(RISK, ("风险",), ("risk",), ("風險",)),
    Concept(RISK_PLAN, ("风险管理计划",), ("risk management plan",), ("風險管理計畫",), ("RMP",)),
    Concept(PROJECT, ("项目", "工程项目"), ("project", "programme"), ("專案",)),
    Concept(BURNDOWN, ("燃尽图",), ("burndown chart", "behaviour analysis"), ("燃盡圖",)),
    Concept(CONSTRUCTION, ("施工管理",), ("construction management",), (), ("CM", "PoC", "R&D")),
    Concept(CONFIGURATION, ("配置管理",), ("configuration management",), (), ("CM", "IT", "5S")),
    Concept(IMPORT, ("会审", "5G网络", "完成-完成"), ("import", "5G", "extract, transform, load")),
)
REMOVED_LATER = Concept(9, ("改进", "𠮷祥物"), ("improvement",), ("改善",))


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon(CONCEPTS)


def bundled() -> list[Concept]:
    content = (Path(__file__).parents[3] / "corpus" / "glossary.csv").read_bytes()
    return [
        Concept(number, text.chinese, text.english, text.zh_hant, text.abbreviations)
        for number, (_, text) in enumerate(read(content), start=1)
    ]


def found(lexicon: Lexicon, text: str) -> list[tuple[str, tuple[int, ...]]]:
    return [(match.text, match.concepts) for match in lexicon.find(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("变更控制委员会怎么开会", [("变更控制委员会", (CCB,))]),
        ("變更控制委員會怎麼開會", [("變更控制委員會", (CCB,))]),
        ("《变更控制委员会》章程", [("变更控制委员会", (CCB,))]),
        ("专案风险", [("专案", (PROJECT,)), ("风险", (RISK,))]),
        ("專案的風險", [("專案", (PROJECT,)), ("風險", (RISK,))]),
        ("风 险 管 理 计 划", [("风 险 管 理 计 划", (RISK_PLAN,))]),
        ("5Ｇ網絡建設", [("5G網絡", (IMPORT,))]),  # noqa: RUF001  full-width on purpose
        ("𠮷野家项目🚀风险", [("项目", (PROJECT,)), ("风险", (RISK,))]),
        ("完成-完成关系", [("完成-完成", (IMPORT,))]),
        ("项目。风险", [("项目", (PROJECT,)), ("风险", (RISK,))]),
        ("变更控制，委员会", []),
        ("完成", []),
        ("", []),
        ("？！…", []),
        ("ﷺ مشروع 🏗️", []),
    ],
)
def test_a_chinese_name_is_found_in_every_writing(
    lexicon: Lexicon, text: str, expected: list[tuple[str, tuple[int, ...]]]
) -> None:
    assert found(lexicon, text) == expected


@pytest.mark.parametrize(
    ("text", "concepts"),
    [
        ("the Change Control Boards", [CCB]),
        ("change-control board", [CCB]),
        ("our Burn-Down Charts", [BURNDOWN]),
        ("burn down chart", [BURNDOWN]),
        ("behavior analysis", [BURNDOWN]),
        ("behavioural analyses", [BURNDOWN]),
        ("risk management planning", [RISK_PLAN]),
        ("risks of programs", [RISK, PROJECT]),
        ("imported", [IMPORT]),
        ("extract, transform & load", []),
        ("extract transform load", [IMPORT]),
        ("Extract, Transform, Load", [IMPORT]),
        ("the importance of importers", []),
        ("change (control) board", []),
        ("change; control board", []),
        ("asterisk", []),
        ("项目risk评估", [PROJECT, RISK]),
    ],
)
def test_an_english_name_tolerates_endings_hyphens_and_both_spellings(
    lexicon: Lexicon, text: str, concepts: list[int]
) -> None:
    assert [each for match in lexicon.find(text) for each in match.concepts] == concepts


@pytest.mark.parametrize(
    ("text", "concepts"),
    [
        ("CCB会议", [(CCB,)]),
        ("ＣＣＢ会议", [(CCB,)]),
        ("two CCBs", [(CCB,)]),
        ("ccb", [(CCB,)]),
        (" ccb ", [(CCB,)]),
        ("the ccb meets", []),
        ("CM", [(CONSTRUCTION, CONFIGURATION)]),
        ("a PoC", [(CONSTRUCTION,)]),
        ("R&D 5S", [(CONSTRUCTION,), (CONFIGURATION,)]),
        ("it is late", []),
        ("IT is late", [(CONFIGURATION,)]),
        ("IS IT LATE", []),
        ("IT外包", [(CONFIGURATION,)]),
        ("CCBX", []),
        ("CCB/CAB", [(CCB,), (CCB,)]),
    ],
)
def test_an_abbreviation_is_one_in_capitals_or_when_it_is_the_whole_question(
    lexicon: Lexicon, text: str, concepts: list[tuple[int, ...]]
) -> None:
    assert [match.concepts for match in lexicon.find(text)] == concepts


def test_the_longest_names_win_and_the_others_are_there_on_request(lexicon: Lexicon) -> None:
    assert found(lexicon, "工程项目风险管理计划书") == [
        ("工程项目", (PROJECT,)),
        ("风险管理计划", (RISK_PLAN,)),
    ]
    every = [match.text for match in lexicon.find("工程项目风险管理计划书", overlapping=True)]
    assert every == ["工程项目", "项目", "风险管理计划", "风险"]


def test_a_name_across_two_words_of_the_segmenter_is_none(lexicon: Lexicon) -> None:
    text = "大会审议"
    assert found(lexicon, text) == [("会审", (IMPORT,))]
    words = [token for token in analysis.tokens(text) if token.signal == "words"]
    edges = {token.start for token in words} | {token.end for token in words}
    assert lexicon.find(text, edges=edges) == ()
    assert lexicon.find("会审", edges={0, 2})


def test_a_match_says_where_it_stands_and_what_else_the_thing_is_called(lexicon: Lexicon) -> None:
    text = "ﬁnal變更控制委員會"  # one character that folds to two stands before it
    (match,) = lexicon.find(text)
    assert fold_text(text)[match.start : match.end] == "变更控制委员会"
    assert match.language == "zh"
    assert match.synonyms == ("变更评审委员会",)
    assert match.translations == ("change control board", "change advisory board")
    assert match.abbreviations == ("CCB", "CAB")
    (short,) = lexicon.find("CAB")
    assert short.language == ""
    assert short.synonyms == ()
    assert short.translations == (*match.translations, "变更控制委员会", "变更评审委员会")
    assert short.abbreviations == ("CCB",)


def test_a_name_that_the_question_finds_anyway_is_no_synonym(lexicon: Lexicon) -> None:
    (match,) = lexicon.find("Projects")
    assert match.synonyms == ("programme",)
    assert match.translations == ("项目", "工程项目", "專案")
    (taiwanese,) = lexicon.find("專案")
    assert taiwanese.synonyms == ("项目", "工程项目")
    (mainland,) = lexicon.find("项目")
    assert mainland.synonyms == ("工程项目", "專案")


def test_a_word_of_taiwan_that_means_something_else_on_the_mainland_keeps_that_meaning() -> None:
    other = Concept(10, ("改善",), ("betterment",))
    lexicon = Lexicon([*CONCEPTS, REMOVED_LATER, other])
    assert found(lexicon, "改善") == [("改善", (10,))]
    (match,) = lexicon.find("改进")
    assert match.synonyms == ("𠮷祥物",)
    assert found(Lexicon([REMOVED_LATER]), "改善") == [("改善", (9,))]


def test_the_segmenter_gets_the_chinese_names_as_it_meets_them() -> None:
    words = Lexicon([*CONCEPTS, REMOVED_LATER]).words()
    assert words >= {"变更控制委员会", "专案", "风险管理计划", "𠮷祥物"}
    assert "风险管理计画" not in words
    assert not any(char.isascii() for word in words for char in word)
    assert "會" not in "".join(words)
    assert segmentation_words(CONCEPTS[0]) == {"变更控制委员会", "变更评审委员会"}


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("fxgl", "风险管理计划"),
        ("fengxian", "风险"),
        ("Feng Xian", "风险"),
        ("风", "风险"),
        ("風險管", "风险管理计划"),
        ("zhuanan", "專案"),
        ("ccb", "CCB"),
        ("Change con", "change control board"),
        ("burn-d", "burndown chart"),
        ("𠮷", "𠮷祥物"),
        ("5gw", "5G网络"),
    ],
)
def test_a_name_is_suggested_for_what_begins_it_in_letters_pinyin_or_initials(
    typed: str, first: str
) -> None:
    lexicon = Lexicon([*CONCEPTS, REMOVED_LATER])
    assert lexicon.complete(typed)[0].text == first


def test_suggestions_are_few_different_and_none_without_a_letter(lexicon: Lexicon) -> None:
    assert lexicon.complete("") == lexicon.complete(" -") == lexicon.complete("zzz") == ()
    texts = [name.text for name in lexicon.complete("c", limit=3)]
    assert len(texts) == len(set(texts)) == 3
    assert lexicon.complete("c", limit=0) == ()
    concept = lexicon.concept(lexicon.complete("fxgl")[0].id)
    assert concept.id == RISK_PLAN


@pytest.mark.parametrize(
    ("british", "same"),
    [
        ("organisation", "organization"),
        ("prioritised", "prioritized"),
        ("analyse", "analyze"),
        ("analyses", "analysis"),
        ("behaviours", "behaviors"),
        ("centres", "centers"),
        ("catalogue", "catalog"),
        ("modelling", "modeling"),
        ("programmes", "programs"),
        ("licence", "license"),
        ("risk", "risk"),
        ("basis", "basis"),
    ],
)
def test_british_and_american_spellings_are_alike(british: str, same: str) -> None:
    assert american(british) == american(same)


def test_forms_of_one_word_are_alike_and_other_words_are_not() -> None:
    for words in (("schedule", "schedules", "scheduling", "scheduled"), ("plan", "planning")):
        assert len({uninflected(word) for word in words}) == 1
    assert uninflected("importance") != uninflected("import")
    kept = ["process", "status", "analysis", "bus"]
    assert [singular(word) for word in kept] == kept
    assert [singular(word) for word in ("policies", "boxes", "risks")] == ["policy", "box", "risk"]


def test_every_name_of_the_bundled_glossary_is_found_by_itself() -> None:
    concepts = bundled()
    lexicon = Lexicon(concepts)
    assert len(lexicon) == len(concepts) > 800
    for concept in concepts:
        for name in (*concept.zh, *concept.en, *concept.abbreviations):
            assert any(
                concept.id in match.concepts and fold_text(match.text) == fold_text(name)
                for match in lexicon.find(name)
            ), name


def test_3000_concepts_are_indexed_within_a_second_and_a_question_takes_under_a_millisecond() -> (
    None
):
    concepts = bundled()
    # Made-up names: what was analysed for the other tests would be remembered.
    more = [
        Concept(
            each.id + 10_000,
            tuple(f"{name}甲" for name in each.zh),
            tuple(f"{name} alpha{each.id}" for name in each.en),
            tuple(f"{name}甲" for name in each.zh_hant),
            tuple(f"{name}A" for name in each.abbreviations),
        )
        for each in concepts
    ] + concepts[: 3_000 - len(concepts)]
    started = time.process_time()
    lexicon = Lexicon(more)
    assert time.process_time() - started < 1.0
    question = "我们在变更控制委员会上如何评审专案的风险管理计划甲和供应商延期造成的成本超支以及 scope creep 问题"
    assert len(question) >= 50
    lexicon.find(question)
    started = time.process_time()
    for _ in range(100):
        lexicon.find(question)
    assert (time.process_time() - started) / 100 < 0.001


class Reader:
    """A glossary that can be changed."""

    def __init__(self) -> None:
        self.number = 1
        self.entries: Sequence[Concept] = CONCEPTS
        self.reads = 0

    def version(self) -> int:
        return self.number

    def concepts(self) -> tuple[int, Sequence[Concept]]:
        self.reads += 1
        return self.number, self.entries


def test_the_current_lexicon_follows_the_glossary_and_is_built_once_for_each_version() -> None:
    reader, fed = Reader(), []
    current = CurrentLexicon(reader, on_change=lambda lexicon: fed.append(lexicon.words()))
    assert current.get() is current.get()
    assert reader.reads == 1
    reader.entries, reader.number = (*CONCEPTS, REMOVED_LATER), 2
    assert current.get().find("改进")
    assert "改进" in fed[-1]
    assert len(fed) == reader.reads == 2


def test_the_rest_of_a_question_needs_not_ask_for_the_glossary_again() -> None:
    reader = Reader()
    current = CurrentLexicon(reader)
    assert current.known() is current.get()
    reader.entries, reader.number = (*CONCEPTS, REMOVED_LATER), 2
    assert not current.known().find("改进")
    assert current.get() is current.known()
    assert current.known().find("改进")


def test_many_threads_get_one_and_the_same_lexicon() -> None:
    reader = Reader()
    current = CurrentLexicon(reader)
    start, got = threading.Barrier(8), []

    def ask() -> None:
        start.wait()
        got.append(current.get())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 8
    assert len({id(lexicon) for lexicon in got}) == reader.reads == 1


def test_a_question_of_any_length_and_kind_is_answered_in_time(lexicon: Lexicon) -> None:
    for text in ("项目" * 5_000, "risk " * 2_000, "(" * 10_000, "a" * 10_000, "CCB/" * 2_500):
        started = time.process_time()
        lexicon.find(text)
        assert time.process_time() - started < 2.0, text[:10]
