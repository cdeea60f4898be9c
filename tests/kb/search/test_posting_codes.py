"""Posting lists as bytes: what was put in comes out, whatever it is, before and after runs are merged."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from kb.search import run_merging
from kb.search.array_file import ArrayFile, ArrayWriter
from kb.search.engine import Entry
from kb.search.posting_codes import (
    BODIES,
    HEADING_REGION,
    HEADINGS,
    LAST_BODY_CODE,
    LAST_POSITION,
    TITLES,
    coded,
    posting_sizes,
    read_positions,
    unpacked,
    written_positions,
)
from kb.search.run_building import SIGNALS, build_run
from kb.search.run_merging import Source, merge_runs
from kb.search.term_lists import TermLists

COUNTS = [(0, 0, 1), (0, 0, 127), (0, 0, 128), (1, 0, 0), (1, 0, 64), (0, 1, 39), (0, 1, 40), (1, 1, 0), (2, 0, 5),
          (0, 2, 0), (255, 255, 65_535)]  # fmt: skip


@pytest.mark.parametrize("counts", COUNTS)
def test_counts_come_back_by_code_or_by_the_list_of_high_ones(counts: tuple[int, int, int]) -> None:
    codes, high = coded(*(np.array([count]) for count in counts))
    parts = unpacked(high) if len(high) else (TITLES[codes], HEADINGS[codes], BODIES[codes])
    assert tuple(int(part[0]) for part in parts) == counts


def test_each_code_says_something_else_and_low_ones_speak_of_the_body_only() -> None:
    shapes = set(zip(TITLES.tolist(), HEADINGS.tolist(), BODIES.tolist(), strict=True))
    assert len(shapes) == 256
    low = slice(1, LAST_BODY_CODE + 1)
    assert not TITLES[low].any()
    assert not HEADINGS[low].any()


def test_counts_too_high_are_cut_without_touching_the_others() -> None:
    _, high = coded(np.array([1]), np.array([1000]), np.array([100_000]))
    assert [int(part[0]) for part in unpacked(high)] == [1, 255, 65_535]


@pytest.mark.parametrize("seed", range(5))
def test_positions_come_back_with_the_posting_they_belong_to(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    limits = (3, 70, 20_000, HEADING_REGION, LAST_POSITION)
    lists = [
        sorted({chance.randint(0, chance.choice(limits)) for _ in range(chance.randint(1, 40))})
        for _ in range(chance.randint(1, 50))
    ]
    flat = np.array([place for own in lists for place in own], np.int64)
    first = np.array([number == 0 for own in lists for number in range(len(own))])
    data, sizes = written_positions(flat, first)
    positions, owners = read_positions(data)
    assert positions.tolist() == flat.tolist()
    assert owners.tolist() == [number for number, own in enumerate(lists) for _ in own]
    by_posting = np.add.reduceat(sizes, np.flatnonzero(first))
    assert posting_sizes(data).tolist() == by_posting.tolist()


def test_no_positions_are_no_bytes() -> None:
    data, _ = written_positions(np.empty(0, np.int64), np.empty(0, bool))
    assert len(data) == len(read_positions(data)[0]) == len(posting_sizes(data)) == 0


def entries(chance: random.Random, count: int) -> list[Entry]:
    words = [
        "风险",
        "供应商延期",
        "risk",
        "G3设计",
        "𠮷",
        "😀",
        "，",
        *(f"rare{n}" for n in range(50)),
    ]
    return [
        Entry(
            f"document:{chance.randint(0, 10**12)}",
            chance.randint(1, 9),
            chance.choice(("lesson", "guide", "")),
            "zh",
            " ".join(chance.choices(words, k=chance.choice((1, 4)))),
            ("risk 风险",) * chance.choice((0, 1, 3)),
            (" ".join(chance.choices(words, k=chance.randint(0, 200))),),
            tags=tuple(chance.sample(("甲", "乙"), chance.randint(0, 2))),
        )
        for _ in range(count)
    ]


def content(path: Path) -> dict[str, object]:
    """Everything a run says, in plain numbers."""
    file = ArrayFile(path)
    file.check()
    found: dict[str, object] = {}
    for signal in SIGNALS:
        lists = TermLists(file, signal)
        for number, term in enumerate(lists.terms()):
            assert lists.find(term) == number
            counts = lists.counts(number)
            rows = [counts.ids.tolist(), counts.bodies.tolist()]
            rows += [
                [0] * len(counts.ids) if more is None else more.tolist()
                for more in (counts.headings, counts.titles)
            ]
            found[f"{signal} {term.decode()}"] = (rows, lists.positions(number).tolist())
    words = TermLists(file, "words").terms()
    found["gist"] = [words[number] for number in file["gist.terms"]]
    for name in ("gist.counts", "gist.ends", "gist.totals", "numbers", "audiences", "lengths"):
        found[name] = file[name].tolist()
    for name in ("kind", "tag"):
        values = file.facts["values"][name]
        found[name] = [
            (thing, values[code])
            for thing, code in zip(
                file[f"{name}.things"].tolist(), file[f"{name}.codes"].tolist(), strict=True
            )
        ]
    return found


@pytest.mark.parametrize("seed", range(4))
def test_merged_runs_say_what_one_run_of_what_is_left_says(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_merging, "_PORTION_POSTINGS", 40)
    monkeypatch.setattr(run_merging, "_PORTION_TERMS", 7)
    chance = random.Random(seed)  # noqa: S311
    sources, left = [], list[Entry]()
    for number in range(4):
        batch = entries(chance, chance.randint(1, 30))
        path = tmp_path / f"{number}"
        build_run(batch, path)
        kept = np.array([chance.random() < 0.6 for _ in batch]) if number % 2 else None
        sources.append(Source(ArrayFile(path), kept))
        left += [
            e for e, keep in zip(batch, [True] * 99 if kept is None else kept, strict=False) if keep
        ]
    build_run(left, tmp_path / "one")
    merge_runs(sources, tmp_path / "merged")
    assert content(tmp_path / "merged") == content(tmp_path / "one")


def test_more_things_than_a_run_can_number_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_merging, "MOST_THINGS", 5)
    build_run(entries(random.Random(1), 3), tmp_path / "one")  # noqa: S311
    source = Source(ArrayFile(tmp_path / "one"), None)
    with pytest.raises(ValueError, match="5"):
        merge_runs([source, source], tmp_path / "merged")


def listed(tmp_path: Path, terms: Sequence[str]) -> TermLists:
    build_run([Entry("document:1", 1, "", "", " ".join(terms))], tmp_path / "run")
    return TermLists(ArrayFile(tmp_path / "run"), "words")


def test_terms_are_found_by_themselves_and_by_how_they_begin(tmp_path: Path) -> None:
    lists = listed(tmp_path, [f"x{number:04}y" for number in range(500)])
    assert len(lists) == 500
    for number in (0, 63, 64, 65, 499):
        assert lists.find(b"x%04dy" % number) == number
    assert [lists.find(term) for term in (b"", b"a", b"x0064", b"x0064z", b"zz")] == [-1] * 5
    assert lists.beginning_with(b"x01", 1000) == [b"x%04dy" % number for number in range(100, 200)]
    assert lists.beginning_with(b"x01", 3) == [b"x0100y", b"x0101y", b"x0102y"]
    assert lists.beginning_with(b"q", 3) == lists.beginning_with(b"zz", 3) == []


def test_a_file_that_was_cut_or_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    writer = ArrayWriter(path)
    writer.append("one", np.arange(1000, dtype=np.uint16))
    writer.append("two", np.arange(3))
    writer.append("one", np.arange(5, dtype=np.uint16))
    writer.finish({"名": "值"})
    file = ArrayFile(path)
    assert (len(file["one"]), file["two"].tolist(), len(file["none"])) == (1005, [0, 1, 2], 0)
    assert file.facts == {"名": "值"}
    whole = path.read_bytes()
    for damaged in (whole[:-1], whole[:10], whole + b"x", b"x" * 500):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match="file is"):
            ArrayFile(path)
