"""What hits are about: a hit on the same matter stands before one that only shares a word, and nothing else changes."""

from __future__ import annotations

import errno
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kb.search import latent
from kb.search.engine import Entry, Question
from kb.search.latent import Gists, LatentModel
from kb.search.query import About, Node, Term
from kb.search.reasons import told
from kb.search.scoring import MATTER_HITS
from kb.search.whoosh_engine import WhooshEngine
from kb.search.wording import bag, matter_of

# Each matter with the words that speak of it. “crane” and 桥 stand in two of them.
MATTERS = {
    "building": [
        "crane",
        "steel",
        "scaffold",
        "concrete",
        "beam",
        "site",
        "mason",
        "girder",
        "formwork",
    ],
    "birds": [
        "crane",
        "wetland",
        "feather",
        "nest",
        "heron",
        "migration",
        "marsh",
        "plumage",
        "beak",
    ],
    "桥梁": ["桥", "桥墩", "桥面", "混凝土", "钢筋", "承台", "支座", "伸缩缝", "预应力"],
    "网络": ["桥", "网关", "交换机", "路由器", "防火墙", "端口", "带宽", "光纤", "服务器"],
}
FIRST = 1_000  # number of the first thing that a test adds


def entry(number: int, *body: str, audience: int = 1, language: str = "en") -> Entry:
    return Entry(f"document:{number}", audience, "other", language, f"n{number}", body=tuple(body))


def library(each: int = 20) -> list[Entry]:
    """``each`` things on each matter, in words drawn from it; only some hold the word that two matters share."""
    chance = random.Random(7)  # noqa: S311
    found = []
    for place, (name, words) in enumerate(MATTERS.items()):
        language = "en" if name.isascii() else "zh"
        for number in range(each):
            text = " ".join(chance.choices(words[1:], k=8))
            if not number % 4:
                text = f"{words[0]} {text}"
            found.append(entry(place * each + number, text, language=language))
    return found


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[WhooshEngine]:
    made = WhooshEngine(tmp_path / "index", 1 << 20)
    made.rebuild(library())
    yield made
    made.close()


def about(text: str) -> About:
    return About(bag(text), matter_of(text))


def order(engine: WhooshEngine, node: Node, **rest: object) -> list[str]:
    found = engine.search(Question(node, limit=100, **rest))  # type: ignore[arg-type]
    return [match.key for match in found.matches]


def scores(engine: WhooshEngine, node: Node) -> dict[str, float]:
    return {m.key: m.score for m in engine.search(Question(node, limit=500)).matches}


@pytest.mark.parametrize(
    ("question", "same", "other"),
    [
        ("crane wetland", "heron nest marsh plumage crane", "formwork mason girder beam crane"),
        ("crane formwork", "scaffold concrete girder crane", "heron nest marsh plumage crane"),
        ("桥 钢筋", "承台 支座 桥 伸缩缝 预应力", "网关 防火墙 桥 路由器 带宽"),
        ("桥 路由器", "网关 防火墙 桥 光纤 带宽", "承台 支座 桥 伸缩缝 预应力"),
        ("橋 路由器", "網關 防火牆 橋 光纖 帶寬", "承臺 支座 橋 伸縮縫 預應力"),
    ],
)
def test_of_two_hits_with_the_same_word_the_one_on_the_matter_asked_for_comes_first(
    engine: WhooshEngine, question: str, same: str, other: str
) -> None:
    # The other one is stored last, so without knowing the matter it would come first.
    engine.apply([entry(FIRST, same), entry(FIRST + 1, other)], [])
    plain = scores(engine, bag(question))
    assert plain[f"document:{FIRST}"] == pytest.approx(plain[f"document:{FIRST + 1}"], rel=0.1)
    hits = order(engine, about(question))
    assert hits.index(f"document:{FIRST}") < hits.index(f"document:{FIRST + 1}")
    found = scores(engine, about(question))
    assert found[f"document:{FIRST}"] > found[f"document:{FIRST + 1}"] * 1.05


def test_the_highest_score_is_what_it_was_and_no_hit_comes_or_goes(engine: WhooshEngine) -> None:
    for text in ("crane heron", "桥 交换机", "crane", "concrete 混凝土"):
        plain, with_matter = scores(engine, bag(text)), scores(engine, about(text))
        assert plain.keys() == with_matter.keys()
        assert max(with_matter.values()) == pytest.approx(max(plain.values()))


def test_hits_beyond_those_looked_at_keep_their_order_behind_them(tmp_path: Path) -> None:
    engine = WhooshEngine(tmp_path / "index", 1 << 20)
    engine.rebuild(
        replace(each, body=(*each.body, "crane " * (1 + number % 7)))
        for number, each in enumerate(library(50))
    )
    plain, hits = (
        [m.key for m in engine.search(Question(node, limit=500)).matches]
        for node in (bag("crane heron"), about("crane heron"))
    )
    assert len(hits) == 200 > MATTER_HITS
    assert hits[:MATTER_HITS] != plain[:MATTER_HITS]
    assert hits[MATTER_HITS:] == plain[MATTER_HITS:]
    pages = [
        match.key
        for offset in range(0, 200, 20)
        for match in engine.search(Question(about("crane heron"), offset=offset, limit=20)).matches
    ]
    assert pages == hits
    engine.close()


def test_only_hits_that_the_asker_may_see_count(engine: WhooshEngine) -> None:
    hidden = entry(FIRST, "crane heron nest " * 5, audience=2)
    before = engine.search(Question(about("crane heron"), audiences=frozenset({1}), limit=100))
    engine.apply([hidden], [])
    after = engine.search(Question(about("crane heron"), audiences=frozenset({1}), limit=100))
    assert hidden.key not in {match.key for match in after.matches}
    assert after.total == before.total
    # The best score is that of a hit one may see, not that of the better one that is hidden.
    plain = engine.search(Question(bag("crane heron"), audiences=frozenset({1})))
    assert after.matches[0].score == pytest.approx(plain.matches[0].score)


def test_what_is_taken_away_is_no_hit_and_the_rest_is_found_as_before(engine: WhooshEngine) -> None:
    engine.apply([entry(FIRST, "crane heron nest"), entry(FIRST + 1, "crane beam girder")], [])
    hits = order(engine, about("crane marsh"))
    engine.apply([], [hits[0], "document:2"])
    left = scores(engine, about("crane marsh"))
    assert sorted(left) == sorted(set(hits) - {hits[0], "document:2"})
    plain = scores(engine, bag("crane marsh"))
    assert max(left.values()) == pytest.approx(max(plain.values()))
    assert left != plain


def test_why_a_hit_is_one_says_what_the_matter_adds_and_adds_up(engine: WhooshEngine) -> None:
    for text in ("crane heron", "桥 路由器"):
        question = Question(about(text), limit=100)
        for match in engine.search(question).matches:
            explained = engine.explain(question, match.key)
            assert explained is not None
            assert explained.score == pytest.approx(match.score)
            assert sum(r.score for r in explained.reasons) == pytest.approx(match.score, rel=1e-4)
        best = engine.explain(question, order(engine, about(text))[0])
        assert best is not None
        assert "matter" in {reason.how for reason in best.reasons}
        assert "more" not in {reason.how for reason in best.reasons}
        reasons = told(best, text, (), ("",)).reasons
        assert "matter" in {reason.how for reason in reasons}
        assert sum(reason.share for reason in reasons) == pytest.approx(1.0, rel=1e-3)


@pytest.mark.parametrize(
    "text",
    [
        "谁负责桥墩",
        "which crane",
        "桥墩有多少",
        "supplier delay steel crane nest beak heron",
        "的",
        "",
        "😀",
    ],
)
def test_facts_and_long_questions_are_left_as_they_are(text: str) -> None:
    assert matter_of(text) == ()


def test_short_questions_name_a_matter_by_their_telling_words() -> None:
    assert matter_of("the Cranes of the marsh") == (
        Term("words", "crane", 1.0),
        Term("words", "marsh", 1.0),
    )
    assert Term("words", "路由器", 1.0) in matter_of("路由器的端口")
    assert matter_of("風險登記冊") == matter_of("风险登记册") != ()
    assert matter_of("\uff23rane 𠮷") == matter_of("crane 𠮷") != ()


def test_the_same_things_teach_the_same_in_whatever_order(tmp_path: Path) -> None:
    things = library()
    answers = []
    for name, entries in (("one", things), ("two", things[::-1]), ("again", things)):
        engine = WhooshEngine(tmp_path / name, 1 << 20)
        engine.rebuild(entries)
        answers.append(scores(engine, about("crane heron")))
        engine.close()
    assert answers[0] == answers[2]
    assert answers[0] == pytest.approx(answers[1], rel=1e-3)


def test_a_few_things_teach_nothing_and_more_are_learned_from_later(tmp_path: Path) -> None:
    engine = WhooshEngine(tmp_path / "index", 1 << 20)
    things = library()
    engine.rebuild(things[: latent.LEAST_THINGS - 1])
    assert not engine.learn()
    assert scores(engine, about("crane")) == scores(engine, bag("crane"))
    engine.apply(things, [])
    assert engine.learn()
    assert not engine.learn()  # nothing is new
    assert scores(engine, about("crane heron")) != scores(engine, bag("crane heron"))
    engine.apply([replace(each, key=f"document:{FIRST + n}") for n, each in enumerate(things)], [])
    assert engine.learn()
    other = WhooshEngine(tmp_path / "index", 1 << 20)  # as another process would
    assert scores(other, about("crane heron")) == scores(engine, about("crane heron"))
    engine.apply(
        [], [f"document:{FIRST + n}" for n in range(80)] + [f"document:{n}" for n in range(40)]
    )
    assert engine.learn() is False
    assert not list((tmp_path / "index").glob("*/latent.arrays"))
    engine.close()
    other.close()


def test_a_new_model_is_seen_by_whoever_has_the_index_open(tmp_path: Path) -> None:
    writer, reader = (WhooshEngine(tmp_path / "index", 1 << 20) for _ in range(2))
    writer.rebuild([])
    writer.apply(library(), [])
    plain = scores(reader, about("crane heron"))
    assert plain == scores(reader, bag("crane heron"))
    assert writer.learn()
    assert scores(reader, about("crane heron")) == scores(writer, about("crane heron")) != plain
    writer.close()
    reader.close()


def test_where_nothing_can_be_written_questions_are_answered_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tried = 0

    def full(_model: LatentModel, _path: Path) -> None:
        nonlocal tried
        tried += 1
        raise OSError(errno.ENOSPC, "No space left on device")

    engine = WhooshEngine(tmp_path / "index", 1 << 20)
    engine.rebuild([])
    engine.apply(library(), [])
    with monkeypatch.context() as patch:
        patch.setattr(LatentModel, "write", full)
        assert [engine.learn() for _ in range(3)] == [False] * 3
    assert tried == 1
    assert "No space left" in caplog.text
    assert scores(engine, about("crane heron")) == scores(engine, bag("crane heron"))
    engine.apply([entry(FIRST, "crane")], [])
    assert engine.learn()
    engine.close()


@pytest.mark.parametrize("damage", [b"", b"not a model", None])
def test_a_damaged_model_is_told_and_done_without_and_learned_anew(
    tmp_path: Path, damage: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    engine = WhooshEngine(tmp_path / "index", 1 << 20)
    engine.rebuild(library())
    learned = scores(engine, about("crane heron"))
    [path] = (tmp_path / "index").glob("*/latent.arrays")
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2] ^= 0xFF  # one byte of the numbers
    path.unlink()
    path.write_bytes(bytes(whole) if damage is None else damage)
    for _ in range(2):
        assert scores(engine, about("crane heron")) == scores(engine, bag("crane heron"))
    assert sum("cannot be read" in record.message for record in caplog.records) == 1
    assert engine.state().rebuild_reason == ""
    assert engine.learn()
    assert scores(engine, about("crane heron")) == pytest.approx(learned)
    engine.close()


def test_directions_are_those_of_the_full_decomposition(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latent, "DIMENSIONS", 4)
    chance = np.random.default_rng(3)
    terms = [f"t{n:02}".encode() for n in range(40)]
    rows = [np.sort(chance.choice(10, 5, replace=False)) + 10 * (n % 4) for n in range(120)]
    gists = Gists(np.concatenate(rows), np.ones(600, np.uint16), np.arange(121) * 5)
    holding = np.bincount(gists.terms, minlength=40)
    model = latent.train(gists, terms, holding, 120)
    assert model is not None
    matrix = np.zeros((40, 120))
    for thing, row in enumerate(rows):
        matrix[row, thing] = np.log(1 + 120 / holding[row])
    matrix /= np.linalg.norm(matrix, axis=0)
    left = np.linalg.svd(matrix, full_matrices=False)[0][:, : model.dimensions]
    agreement = np.linalg.svd(left.T @ model.vectors, compute_uv=False)
    assert agreement == pytest.approx(np.ones(model.dimensions), abs=1e-3)
    asked = model.asked([("t03", 1.0), ("unknown", 2.0)])
    assert asked is not None
    near = model.directions(gists) @ asked
    on_it = np.arange(120) % 4 == 0
    assert near[on_it].min() > near[~on_it].max() + 0.1
    assert model.asked([("unknown", 1.0)]) is None


def test_things_that_repeat_each_other_teach_no_more_than_there_is(tmp_path: Path) -> None:
    gists = Gists(np.tile([0, 1], 60), np.ones(120, np.uint16), np.arange(61) * 2)
    model = latent.train(gists, [b"one", b"two"], np.array([60, 60]), 60)
    assert model is not None
    assert model.dimensions == 1
    model.write(tmp_path / "model")
    again = LatentModel.read(tmp_path / "model")
    assert (again.things, again.row(b"two"), again.row(b"three")) == (60, 1, -1)
    assert np.array_equal(again.vectors, model.vectors)


def test_more_things_than_are_learned_from_are_sampled_the_same_each_time() -> None:
    many = latent.sampled(latent.MOST_THINGS * 2)
    assert len(np.unique(many)) == latent.MOST_THINGS
    assert np.array_equal(many, latent.sampled(latent.MOST_THINGS * 2))
    assert _ascending(many)
    assert np.array_equal(latent.sampled(3), [0, 1, 2])


def _ascending(numbers: latent.Numbers) -> bool:
    return bool(np.all(np.diff(numbers) > 0))
