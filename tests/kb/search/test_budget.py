"""Questions that would take for ever are answered by a part of them, and it is said how much was left out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kb.search import whoosh_matching
from kb.search.budget import Budget
from kb.search.engine import Entry, Question
from kb.search.query import Bag, Every, Node, Piece, Prefix, Run, Slot, Some, Term
from kb.search.whoosh_engine import WhooshEngine

THINGS = 50


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WhooshEngine]:
    made = WhooshEngine(tmp_path_factory.mktemp("index"), 1 << 20)
    made.rebuild(
        Entry(
            f"document:{n}",
            1,
            "",
            "",
            f"rare{n}",
            body=(
                "common " + " ".join(f"w{number}" for number in range(n, n + 150)) + " 风险管理",
            ),
        )
        for n in range(THINGS)
    )
    yield made
    made.close()


def slot(text: str) -> Slot:
    return Slot((Term("words", text),))


TREES: dict[str, Node] = {
    "a list of thousands of words": Bag(tuple(slot(f"w{n}") for n in range(5_000))),
    "a slot of thousands of words": Bag(
        (Slot(tuple(Term("words", f"w{n}") for n in range(5_000))),)
    ),
    "thousands of prefixes": Some(tuple(Prefix("words", f"w{n}") for n in range(3_000))),
    "prefixes of everything": Some((Prefix("words", "w"),) * 3_000),
    "thousands of phrases": Some(
        (Run((Piece(Term("grams", "风险"), 0), Piece(Term("grams", "险管"), 1)), ()),) * 3_000
    ),
    "a condition after what took all the time": Every(
        (Some((Prefix("words", "w"),) * 3_000), Bag((slot("common"),)))
    ),
    "alternatives of alternatives": Some(
        tuple(Some((Every((Bag((slot("common"),)),)),) * 50) for _ in range(200))
    ),
}


@pytest.mark.parametrize("what", TREES)
def test_a_tree_of_any_size_is_answered_and_what_was_left_out_is_told(
    engine: WhooshEngine, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whoosh_matching, "Budget", lambda: Budget(150_000))
    found = engine.search(Question(TREES[what]))
    assert found.left_out > 0
    assert found.total > 0


def test_the_same_question_is_cut_at_the_same_place_and_explained_as_it_was_answered(
    engine: WhooshEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whoosh_matching, "Budget", lambda: Budget(150_000, seconds=600))
    question = Question(TREES["a list of thousands of words"])
    first, again = engine.search(question), engine.search(question)
    assert first == again
    explained = engine.explain(question, first.matches[0].key)
    assert explained is not None
    assert explained.score == pytest.approx(first.matches[0].score)


def test_of_very_many_words_the_most_frequent_are_left_out(
    engine: WhooshEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whoosh_matching, "Budget", lambda: Budget(20_000))
    question = Question(Bag((*(slot("common") for _ in range(200)), slot("rare7"))))
    found = engine.search(question)
    assert found.left_out > 0
    assert found.matches[0].key == "document:7"


def test_time_that_is_up_is_answered_too(
    engine: WhooshEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whoosh_matching, "Budget", lambda: Budget(seconds=0))
    found = engine.search(Question(Bag((slot("common"),)), facets=("kind",)))
    assert (found.total, found.matches, found.left_out) == (0, (), 1)


def test_what_people_ask_is_never_cut(engine: WhooshEngine) -> None:
    question = Question(Bag(tuple(slot(f"w{n}") for n in range(300))))
    assert engine.search(question).left_out == 0
