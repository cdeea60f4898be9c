"""The engine contract, kept by every engine."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from kb.search.answers import FACETS
from kb.search.engine import Entry, Found, Question, SearchEngine
from kb.search.language import understand
from kb.search.query import Bag, Fact, Run, Slot, Term, Together
from kb.search.whoosh_engine import WhooshEngine
from kb.search.wording import bag
from tests.kb.search.reference_engine import ReferenceEngine

ENGINES: dict[str, Callable[[Path], SearchEngine]] = {
    "whoosh": lambda folder: WhooshEngine(folder / "index", 1 << 22),
    "whoosh-without-cache": lambda folder: WhooshEngine(folder / "index", 0),
    "reference": lambda _folder: ReferenceEngine(),
}


@pytest.fixture(params=sorted(ENGINES))
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SearchEngine]:
    made = ENGINES[request.param](tmp_path)
    made.rebuild([])
    yield made
    made.close()


def entry(number: int, title: str = "", *body: str, **facts: object) -> Entry:
    known = {"audience": 1, "kind": "lesson", "language": "zh", **facts}
    return Entry(key=f"document:{number}", title=title, body=body, **known)  # type: ignore[arg-type]


def ask(engine: SearchEngine, text: str, **rest: object) -> list[str]:
    found = engine.search(Question(understand(text).node, limit=100, **rest))  # type: ignore[arg-type]
    assert found.total == len(found.matches)
    return [match.key.removeprefix("document:") for match in found.matches]


LIBRARY = (
    entry(
        1, "变电站改造的教训", "供应商延期交货，里程碑推迟两周。", "下次先锁定产能。",
        tags=("电力", "采购"), people=("李娜",), year=2021, dated=date(2021, 5, 1),
        project="CL-2021-009", project_label="川南220千伏变电站改造\nChuannan substation",
    ),
    entry(
        2, "Supplier delay", "The supplier delivered late; we agreed on penalties.", language="en",
        people=("Wang Wei",), year=2020, dated=date(2020, 3, 1),
    ),
    entry(
        3, "风险登记册填写指南", "项目经理每周更新风险登记册。", kind="guide", tags=("风险",),
        year=2020, dated=date(2020, 6, 1),
    ),
    entry(
        4, "医院信息系统上线总结", "风险：切换窗口只有四小时。供应商驻场。", kind="summary",
        people=("李娜", "Wang Wei"),
    ),
    entry(5, "機房建設總結", "PUE1.62，專案風險與進度。編號CL-2018-007。", kind="summary"),
    entry(
        6, "机密预算", "供应商的报价与风险准备金。", audience=2, kind="plan",
        dated=date(2022, 1, 1), year=2022,
    ),
    entry(7, "𠮷野家門店", "一家店😀，G3设计冻结，店员只有三人"),
)  # fmt: skip


@pytest.fixture
def library(engine: SearchEngine) -> SearchEngine:
    engine.apply(LIBRARY, [])
    return engine


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("风险 AND 供应商", "46"),
        ("风险 且 供应商", "46"),
        ("(供应商 NOT 风险) OR 登记册", "13"),
        ("（供应商 非 风险） 或 登记册", "13"),
        ("供应商 NOT (风险 OR 延期)", ""),
        ("“风险登记册”", "3"),
        ("「登记册填写」", "3"),
        ('"登记风险"', ""),
        ('"supplier delivered"', "2"),
        ('"delivered supplier"', ""),
        ("suppliers AND penalty", "2"),
        ("title:供应商", ""),
        ("标题：登记册", "3"),
        ('title:"supplier delay"', "2"),
        ("里程碑推迟 AND 锁定产能", "1"),
        ('"推迟两周下次先锁"', ""),
        ("PUE AND 1.62", "5"),
        ('"PUE1.62"', "5"),
        ("风险 AND 专案", "5"),
        ('"專案風險"', "5"),
        ("CL-2018-007 AND 进度", "5"),
        ('"2018-007"', "5"),
        ("𠮷野 AND 门店", "7"),
        ('"G3设计冻结"', "7"),
        ('"Ｇ３設計"', "7"),
        ("deliv* AND supp*", "2"),
        ("店*", "7"),
        ("店", "7"),
        ("作者:李娜 NOT 医院", "1"),
        ("author:wang", "24"),
        ("项目:变电站", "1"),
        ("project:chuannan", "1"),
        ("标签:电力 OR 标签:风险", "13"),
        ("类型:总结 风险", "45"),
        ("language:english", "2"),
        ("年份:2020..2021", "123"),
        ("日期:2020-04..2021 NOT 供应商", "3"),
        ("date:[2020-06-01 TO 2020-06-01]", "3"),
    ],
)
def test_operators_fields_and_phrases_mean_what_they_say(
    library: SearchEngine, text: str, numbers: str
) -> None:
    assert "".join(sorted(ask(library, text))) == numbers


def test_any_run_of_two_or_more_characters_that_stands_in_a_document_finds_it(
    library: SearchEngine,
) -> None:
    for text, number in (
        ("机房建设总结", "5"),
        ("風險與進度", "5"),
        ("风险登记册填写指南", "3"),
        ("一家店", "7"),
        ("供应商延期交货", "1"),
    ):
        for length in (2, 3, 4):
            for start in range(len(text) - length + 1):
                run = text[start : start + length]
                assert number in ask(library, f'"{run}"'), run
                assert number in ask(library, run), run


def test_the_most_fitting_thing_comes_first(library: SearchEngine) -> None:
    assert ask(library, "供应商延期")[0] == "1"
    assert ask(library, "late supplier")[0] == "2"
    assert ask(library, "風險登記冊")[0] == "3"


def test_a_word_of_the_title_counts_more_than_one_of_the_body(engine: SearchEngine) -> None:
    engine.apply(
        [
            entry(1, "验收标准", "甲乙丙丁戊己庚辛"),
            entry(2, "甲乙丙丁", "戊己庚辛验收标准"),
            entry(3, "别的", "不相干"),
        ],
        [],
    )
    assert ask(engine, "验收标准") == ["1", "2"]


def test_a_hidden_thing_shows_in_no_hit_no_total_and_no_facet(library: SearchEngine) -> None:
    seen = library.search(
        Question(bag("供应商 风险 预算 机密"), audiences=frozenset({1}), facets=FACETS, limit=100)
    )
    assert "document:6" not in [match.key for match in seen.matches]
    assert dict(seen.facets["kind"]).get("plan") is None
    assert dict(seen.facets["year"]).get("2022") is None
    for text in ("机密预算", "机密*", "类型:计划", "年份:2022", "NOT 供应商", "报价 OR 准备金"):
        assert "6" not in ask(library, text, audiences=frozenset({1})), text
    everybody = library.search(Question(audiences=frozenset({1})))
    assert everybody.total == len(LIBRARY) - 1
    assert library.search(Question(audiences=frozenset())).total == 0
    assert library.search(Question(audiences=frozenset({99}))).total == 0


def test_how_many_hits_a_list_of_words_has_does_not_depend_on_hidden_things(
    engine: SearchEngine,
) -> None:
    words = ("甲方验收", "乙方进度", "丙方成本", "丁方质量", "戊方安全")
    visible = [entry(n, f"第{n}号", words[n % 5], words[n // 5 % 5]) for n in range(60)]
    hidden = [entry(1000 + n, f"第{n}号", *words, audience=2) for n in range(60)]
    question = Question(bag(" ".join(words)), audiences=frozenset({1}))
    engine.apply(visible, [])
    alone = engine.search(question).total
    engine.apply(hidden, [])
    assert engine.search(question).total == alone


def test_a_facet_is_counted_under_all_filters_but_its_own(library: SearchEngine) -> None:
    found = library.search(
        Question(
            filters={"kind": ("lesson",), "person": ("李娜",)}, facets=("kind", "person", "tag")
        )
    )
    assert [match.key for match in found.matches] == ["document:1"]
    assert dict(found.facets["kind"]) == {"lesson": 1, "summary": 1}
    assert dict(found.facets["person"]) == {"李娜": 1, "Wang Wei": 1}
    assert dict(found.facets["tag"]) == {"电力": 1, "采购": 1}


def test_values_of_one_filter_are_joined_by_or_and_filters_by_and(library: SearchEngine) -> None:
    either = library.search(Question(filters={"kind": ("guide", "plan")}))
    assert {match.key for match in either.matches} == {"document:3", "document:6"}
    both = library.search(Question(filters={"kind": ("guide", "plan"), "year": ("2022",)}))
    assert [match.key for match in both.matches] == ["document:6"]
    assert library.search(Question(filters={"kind": ("nonsense",)})).total == 0
    assert library.search(Question(filters={"no such facet": ("x",)})).total == 0
    assert library.search(Question(facets=("no such facet",))).facets == {"no such facet": ()}


def test_dates_filter_from_and_to_inclusive(library: SearchEngine) -> None:
    found = library.search(Question(date_from=date(2020, 3, 1), date_to=date(2020, 6, 1)))
    assert [match.key for match in found.matches] == ["document:3", "document:2"]


def test_newest_come_first_by_date_and_without_a_question(library: SearchEngine) -> None:
    order = ["6", "1", "3", "2", "7", "5", "4"]
    assert ask(library, "") == order
    by_date = library.search(Question(bag("供应商"), sort="date"))
    assert [m.key for m in by_date.matches if m.key in {"document:6", "document:1"}] == [
        "document:6",
        "document:1",
    ]


def test_pages_are_cut_from_one_order(library: SearchEngine) -> None:
    node = bag("供应商 风险 总结 supplier")
    whole = library.search(Question(node, limit=100))
    cut = [
        match
        for offset in range(0, 8, 2)
        for match in library.search(Question(node, offset=offset, limit=2)).matches
    ]
    assert tuple(cut) == whole.matches
    assert library.search(Question(node, offset=50, limit=10)).matches == ()
    assert library.search(Question(node, offset=50, limit=10)).total == whole.total


def test_the_last_writing_of_a_key_is_the_only_one(library: SearchEngine) -> None:
    library.apply(
        [entry(1, "全新的标题", "全新的内容"), entry(1, "更新的标题", "更新的内容")],
        ["document:2", "document:404"],
    )
    library.apply([entry(1, "更新的标题", "更新的内容")], ["document:2"])
    assert library.state().documents == len(LIBRARY) - 1
    assert ask(library, "变电站改造") == []
    assert ask(library, "supplier") == []
    assert ask(library, '"更新的内容"') == ["1"]
    assert ask(library, "title:更新") == ["1"]


def test_removing_and_writing_one_key_in_one_batch_leaves_it_written(library: SearchEngine) -> None:
    library.apply([entry(2, "回来了", "还在")], ["document:2"])
    assert ask(library, "title:回来了") == ["2"]


def test_rebuilding_replaces_everything(library: SearchEngine) -> None:
    before = library.state().generation
    library.rebuild(iter([entry(9, "唯一的文档", "内容")]))
    assert library.state().documents == 1
    assert library.state().rebuild_reason == ""
    assert ask(library, "") == ["9"]
    library.apply([entry(10, "后来的文档", "内容")], [])
    assert set(ask(library, "")) == {"9", "10"}
    assert before >= 0


def test_things_can_be_left_out_or_let_in_whatever_their_audience(library: SearchEngine) -> None:
    found = set(ask(library, "供应商"))
    assert "1" in found
    one = frozenset({"document:1"})
    assert set(ask(library, "供应商", without=one)) == found - {"1"}
    also = one | {"document:99", "nothing", "person:1"}
    assert ask(library, "供应商", audiences=frozenset(), also=also) == ["1"]
    assert ask(library, "供应商", audiences=frozenset(), also=also, without=one) == []
    assert ask(library, "没有的词", audiences=frozenset(), also=also) == []
    assert set(ask(library, "供应商", also=also)) == found
    library.apply([], ["document:1"])
    assert ask(library, "供应商", audiences=frozenset(), also=also) == []


def test_idf_is_high_for_rare_terms_and_nothing_for_unknown_ones(library: SearchEngine) -> None:
    rare, common, unknown = library.idf(
        [Term("words", "登记册"), Term("words", "供应商"), Term("words", "不存在")]
    )
    assert rare > common > 0
    assert unknown == 0
    term = [Term("words", "登记册")]
    holding = frozenset(f"document:{number}" for number in ask(library, "登记册"))
    assert library.idf(term, without=holding) == (0.0,)


def test_several_terms_of_one_slot_count_as_one(engine: SearchEngine) -> None:
    engine.apply(
        [
            entry(1, "a", "变更 x"),
            entry(2, "b", "change x"),
            entry(3, "c", "变更 change"),
            entry(4, "d", "x x"),
        ],
        [],
    )
    both = Bag((Slot((Term("words", "变更"), Term("words", "chang", 0.5))),))
    scores = {m.key: m.score for m in engine.search(Question(both)).matches}
    assert scores["document:3"] > scores["document:1"] > scores["document:2"] > 0
    assert "document:4" not in scores


def test_words_that_stand_together_as_asked_count_more_than_the_same_words_apart(
    engine: SearchEngine,
) -> None:
    engine.apply(
        [
            entry(1, "Notes", "The control of a change board is kept by hand.", language="en"),
            entry(2, "Notes", "A board keeps by hand the change control of it.", language="en"),
            entry(3, "Notes", "A code keeps by hand the conduct of the board.", language="en"),
            entry(4, "Notes", "The code of conduct keeps by hand of the board.", language="en"),
            entry(5, "", "Notes on the board,", "and by hand", language="en"),
        ],
        [],
    )
    assert ask(engine, "change control") == ["2", "1"]
    assert ask(engine, "code of conduct") == ["4", "3"]
    pair = Together((Term("words", "board"), Term("words", "hand")), reach=3)
    # Further away in the first, and from one text into the next in the last, they do not stand together.
    near = engine.search(Question(Bag((Slot((pair,)),))))
    assert [match.key for match in near.matches] == ["document:2"]


def test_the_rare_words_of_a_question_can_be_made_to_decide(engine: SearchEngine) -> None:
    common = [entry(number, "", "供应商 报价 采购 合同") for number in range(10, 30)]
    engine.apply([entry(1, "", "供应商 报价 采购"), entry(2, "", "防汛"), *common], [])
    terms = [Term("words", word) for word in ("供应商", "报价", "采购", "防汛")]

    def ratio(sharpness: float) -> float:
        slots = tuple(Slot((term,), sharpness=sharpness) for term in terms)
        scores = {m.key: m.score for m in engine.search(Question(Bag(slots), limit=99)).matches}
        return scores["document:2"] / scores["document:1"]

    idf_common, idf_rare = engine.idf(terms)[0], engine.idf(terms)[3]
    assert idf_rare > idf_common
    assert ratio(0.5) / ratio(0.0) == pytest.approx((idf_rare / idf_common) ** 0.5, rel=1e-5)


@pytest.mark.parametrize(
    ("subject", "first", "later"),
    [
        ("风险登记册", "风险登记册记录每个风险。", "其他说明。" * 20),
        ("risk register", "The risk register holds each risk.", "Other words follow here. " * 20),
    ],
)
def test_who_names_a_subject_finds_first_what_begins_with_it(
    engine: SearchEngine, subject: str, first: str, later: str
) -> None:
    # The same words, only elsewhere; the newer one comes first among equals.
    engine.apply([entry(1, "", first + later), entry(2, "", later + first)], [])
    assert ask(engine, subject) == ["1", "2"]
    fact = f"什么 {subject}" if subject[0] > "\u2e80" else f"what {subject}"
    scores = [m.score for m in engine.search(Question(bag(fact))).matches]
    assert scores[0] == pytest.approx(scores[1])


def test_who_names_a_subject_finds_first_what_says_it_again(engine: SearchEngine) -> None:
    other = "其他 事情 " * 20
    engine.apply([entry(1, "", other + "验收"), entry(2, "", other + "验收 " * 8)], [])

    def ratio(question: str) -> float:
        slots = [s for s in bag(question).slots if s.terms == (Term("words", "验收"),)]
        found = engine.search(Question(Bag(tuple(slots)))).matches
        scores = {match.key: match.score for match in found}
        return scores["document:2"] / scores["document:1"]

    assert ratio("验收") > ratio("谁 验收") > 1


def test_an_empty_index_answers_every_question(engine: SearchEngine) -> None:
    for text in ("", "风险", '"风险"', "风险 AND NOT 成本", "kind:lesson", "a*b*", "sched*"):
        assert engine.search(Question(understand(text).node, facets=FACETS)).total == 0
    assert engine.idf([Term("words", "x")]) == (0.0,)


def test_nodes_without_anything_in_them_match_nothing(library: SearchEngine) -> None:
    for node in (Bag(()), Bag((Slot(()),)), Run((), ()), Fact("tag", ())):
        assert library.search(Question(node)).total == 0


_CHINESE = "风险 供应商 进度 验收 標準 成本 变更控制 里程碑 项目管理 的 ， 。 😀 𠮷 220千伏"
_ENGLISH = "milestone supplier delays G3 the PUE1.62"
WORDS = [*_CHINESE.split(), *_ENGLISH.split(), "\n", "lessons learned"]


def _random_entries(chance: random.Random, count: int) -> list[Entry]:
    def text(most: int) -> str:
        return " ".join(chance.choice(WORDS) if chance.random() < 0.7 else "".join(chance.choices(WORDS, k=2))
                        for _ in range(chance.randint(0, most)))  # fmt: skip

    return [
        Entry(
            key=f"document:{chance.randint(0, 60)}",
            audience=chance.randint(1, 3),
            kind=chance.choice(("lesson", "guide", "")),
            language=chance.choice(("zh", "en")),
            title=text(4),
            headings=tuple(text(3) for _ in range(chance.randint(0, 3))),
            body=tuple(text(40) for _ in range(chance.randint(0, 4))),
            project=chance.choice(("", "P-1", "P-2")),
            project_label="甲项目",
            year=chance.choice((None, 2020, 2021)),
            dated=chance.choice((None, date(2020, 1, 1), date(2021, 1, 1))),
            tags=tuple(chance.sample(("甲", "乙", "丙"), chance.randint(0, 3))),
            people=tuple(chance.sample(("李娜", "Li Na"), chance.randint(0, 2))),
        )
        for _ in range(count)
    ]


QUESTIONS = (
    "风险 供应商 进度", "supplier delays 里程碑", "变更控制 AND 风险", "(风险 NOT 成本) OR title:验收", '"项目管理"',
    "mile* 风险", "多少 supplier the delays 风险", "which lessons learned",
    "标准", "标签:甲 风险", "220千伏 NOT supplier", "lessons", '"lessons learned" 风险', "年份:2020 风险", "险", "",
    "供应商 OR (进度 AND NOT 验收) OR 作者:li", "𠮷 风险", "项目:甲 AND 语言:中文", "的 风险 the",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_the_whoosh_engine_agrees_with_the_reference_on_hits_totals_facets_and_scores(
    tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311
    real, oracle = WhooshEngine(tmp_path / "index", 1 << 20), ReferenceEngine()
    for each in (real, oracle):
        each.rebuild([])
    for _ in range(12):
        upserts = _random_entries(chance, chance.randint(1, 12))
        removals = [f"document:{chance.randint(0, 60)}" for _ in range(chance.randint(0, 3))]
        for each in (real, oracle):
            each.apply(upserts, removals)
        if chance.random() < 0.3:
            while real.tidy():
                pass
        for text in chance.sample(QUESTIONS, 6):
            question = Question(
                understand(text).node,
                filters=chance.choice(
                    ({}, {"kind": ("lesson",)}, {"tag": ("甲", "乙"), "year": ("2020",)})
                ),
                date_from=chance.choice((None, None, date(2020, 6, 1))),
                audiences=chance.choice((None, frozenset({1}), frozenset({1, 2}))),
                facets=FACETS,
                sort=chance.choice(("relevance", "relevance", "date")),
                limit=chance.choice((3, 100)),
            )
            _same(real.search(question), oracle.search(question))
    assert real.state().documents == oracle.state().documents
    real.close()


def _same(real: Found, oracle: Found) -> None:
    assert real.total == oracle.total
    assert real.facets == oracle.facets
    ours, theirs = real.matches, oracle.matches
    assert [m.score for m in ours] == pytest.approx([m.score for m in theirs], rel=1e-4, abs=1e-6)
    # Scores that differ only in rounding may change places.
    tail = theirs[-1].score if theirs else 0.0
    sure = {m.key for m in theirs if m.score > tail * 1.0001}
    assert sure <= {m.key for m in ours}
    if not any(m.score for m in theirs):
        assert [m.key for m in ours] == [m.key for m in theirs]


def test_trees_of_any_depth_are_answered(library: SearchEngine) -> None:
    text = "(" * 15 + "风险" + " OR 供应商)" * 15
    assert set(ask(library, text)) == {"1", "3", "4", "5", "6"}


EXPLAINED = (
    "供应商延期",
    "late supplier penalties 風險",
    "“风险登记册” 供应商",
    "(供应商 NOT 医院) OR 登记册",
    "风险 AND (进度 OR 供应商) NOT 机密",
    "deliv* supplier 风险",
    "title:登记册 风险",
    "Ｇ３設計 😀 𠮷野家",
    "类型:总结 风险",
    "店",
)


@pytest.mark.parametrize("text", EXPLAINED)
def test_the_reasons_of_a_score_add_up_to_it(library: SearchEngine, text: str) -> None:
    question = Question(understand(text).node, limit=100)
    matches = library.search(question).matches
    assert matches
    for match in matches:
        told = library.explain(question, match.key)
        assert told is not None
        assert told.score == pytest.approx(match.score, rel=1e-4)
        assert sum(each.score for each in told.reasons) == pytest.approx(match.score, rel=1e-4)
        assert told.things == len(LIBRARY)
        scores = [each.score for each in told.reasons]
        assert scores == sorted(scores, reverse=True)
        assert all(scores)


def test_a_reason_says_which_word_stands_where_and_in_how_many_things(
    library: SearchEngine,
) -> None:
    told = library.explain(Question(understand("登记册 供应商").node), "document:3")
    assert told is not None
    whole = next(
        each
        for each in told.reasons
        if each.asked == Slot((Term("words", "登记册"),), subject=True)
    )
    [stands] = whole.standing
    assert (stands.term.text, stands.title, stands.headings, stands.body) == ("登记册", 1, 0, 1)
    assert (whole.how, whole.holding) == ("word", 1)
    assert not any("供应" in str(each.asked) for each in told.reasons)
    phrase = library.explain(Question(understand("“风险登记册”").node), "document:3")
    assert phrase is not None
    assert {each.how for each in phrase.reasons} == {"side by side"}
    begun = library.explain(Question(understand("deliv*").node), "document:2")
    assert begun is not None
    assert {each.how for each in begun.reasons} == {"beginning"}


def test_words_that_count_together_are_told_as_one(library: SearchEngine) -> None:
    slot = Slot((Term("words", "supplier"), Term("words", "供应商", 0.5)))
    for key, text in (("document:2", "supplier"), ("document:1", "供应商")):
        told = library.explain(Question(Bag((slot,))), key)
        assert told is not None
        assert [[each.term.text for each in reason.standing] for reason in told.reasons] == [[text]]
    both = Slot((Together((Term("words", "supplier"), Term("words", "late"))),))
    told = library.explain(Question(Bag((both,))), "document:2")
    assert told is not None
    assert [each.term.text for each in told.reasons[0].standing] == ["supplier", "late"]


def test_nothing_is_explained_that_is_no_hit_or_belongs_to_others(library: SearchEngine) -> None:
    question = Question(understand("供应商 风险").node)
    assert library.explain(question, "document:6") is not None
    hidden = Question(question.node, audiences=frozenset({1}))
    assert library.explain(hidden, "document:6") is None
    told = library.explain(hidden, "document:1")
    everything = library.explain(question, "document:1")
    assert told is not None
    assert everything is not None
    assert told.things == len(LIBRARY) - 1
    assert max(r.holding for r in told.reasons) < max(r.holding for r in everything.reasons)
    assert library.explain(question, "document:404") is None
    assert library.explain(Question(understand("医院").node), "document:1") is None
    assert (
        library.explain(Question(question.node, filters={"kind": ("guide",)}), "document:1") is None
    )
    assert (
        library.explain(Question(question.node, date_from=date(2022, 1, 1)), "document:1") is None
    )
    assert (
        library.explain(Question(question.node, without=frozenset({"document:1"})), "document:1")
        is None
    )
    alone = library.explain(Question(understand("作者:李娜").node), "document:1")
    assert alone is not None
    assert (alone.score, alone.reasons) == (0.0, ())


def test_all_words_are_listed_once_with_how_many_things_hold_them(library: SearchEngine) -> None:
    words = list(library.words())
    assert len(words) == len(dict(words))
    counted = dict(words)
    assert counted["供应商"] == 3
    assert counted["supplier"] == 1
    assert "登记册" in counted
    library.apply([entry(8, "供应商名录")], [])
    assert dict(library.words())["供应商"] == 4


def test_both_engines_give_the_same_reasons(tmp_path: Path) -> None:
    whoosh, reference = ENGINES["whoosh"](tmp_path), ENGINES["reference"](tmp_path)
    for engine in (whoosh, reference):
        engine.rebuild([])
        engine.apply(LIBRARY, [])
    for text in EXPLAINED:
        question = Question(understand(text).node, audiences=frozenset({1}), limit=100)
        for match in reference.search(question).matches:
            own, other = (each.explain(question, match.key) for each in (whoosh, reference))
            assert own is not None
            assert other is not None
            key = lambda r: (str(r.asked), r.how)  # noqa: E731
            for one, two in zip(
                sorted(own.reasons, key=key), sorted(other.reasons, key=key), strict=True
            ):
                assert one.score == pytest.approx(two.score, rel=1e-3)
                assert (one.how, one.holding, set(one.standing)) == (
                    two.how,
                    two.holding,
                    set(two.standing),
                )
    whoosh.close()
