"""Facts about things as arrays: read from a file, joined and thinned out, they say what the entries said."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from kb.search.array_file import ArrayFile, ArrayWriter
from kb.search.columns import Columns, fact_row
from kb.search.engine import Entry


def entries(seed: int, count: int) -> list[Entry]:
    chance = random.Random(seed)  # noqa: S311
    return [
        Entry(
            f"{chance.choice(('document', 'lesson', 'person'))}:{chance.randint(0, 10**9)}",
            chance.randint(1, 4),
            chance.choice(("lesson", "guide", "")),
            chance.choice(("zh", "en")),
            "",
            project=chance.choice(("", "CL-1", "CL-2")),
            project_label="迁移项目\nMigration",
            year=chance.choice((None, 2020, 2021)),
            dated=chance.choice((None, date(2020, 1, 1), date(2021, 6, 30))),
            tags=tuple(chance.sample(("甲", "乙", "丙"), chance.randint(0, 3))),
            people=tuple(chance.sample(("李娜", "Li Na"), chance.randint(0, 2))),
        )
        for _ in range(count)
    ]


def columns(of: Sequence[Entry]) -> Columns:
    return Columns.of([fact_row(entry, [1, 2, 3, 4, 5, 6]) for entry in of])


def said(found: Columns) -> list[object]:
    """What the columns say of each thing, whatever the numbers of values are."""
    rows: list[object] = []
    for thing in range(len(found)):
        facets = {
            name: sorted(facet.values[c] for c in facet.codes[facet.things == thing])
            for name, facet in found.facets.items()
        }
        dated, audience = int(found.dated[thing]), int(found.audiences[thing])
        rows.append((found.key(thing), audience, dated, found.lengths[:, thing].tolist(), facets))
    return rows


def test_columns_come_back_from_a_file(tmp_path: Path) -> None:
    made = columns(entries(1, 50))
    writer = ArrayWriter(tmp_path / "file")
    for name, values in made.arrays().items():
        writer.append(name, values)
    writer.finish(made.facts())
    read = Columns.read(ArrayFile(tmp_path / "file"))
    assert said(read) == said(made)
    assert read.project_labels == made.project_labels


@pytest.mark.parametrize("seed", range(4))
def test_joined_and_thinned_out_columns_say_what_those_of_what_is_left_say(seed: int) -> None:
    parts = [entries(seed * 10 + n, n * 7) for n in range(4)]
    joined = Columns.joined([columns(part) for part in parts])
    everything = [entry for part in parts for entry in part]
    assert said(joined) == said(columns(everything))
    chance = random.Random(seed)  # noqa: S311
    kept = np.array([chance.random() < 0.4 for _ in everything])
    left = [entry for entry, keep in zip(everything, kept, strict=True) if keep]
    assert said(joined.taken(kept)) == said(columns(left))


@pytest.mark.parametrize("share", [0.02, 0.5, 1.0])
def test_counts_are_the_same_for_few_hits_and_for_many(share: float) -> None:
    of = entries(5, 400)
    made = columns(of)
    chance = random.Random(6)  # noqa: S311
    hits = np.array([n for n in range(len(of)) if chance.random() < share], dtype=np.int64)
    counted = Counter(tag for hit in hits for tag in of[hit].tags)
    expected = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    assert list(made.facets["tag"].counts(hits, len(made))) == expected


def test_a_key_is_found_by_subject_and_number() -> None:
    made = columns([Entry(key, 1, "", "", "") for key in ("document:7", "lesson:7", "document:8")])
    assert made.with_key("lesson:7").tolist() == [False, True, False]
    for unknown in ("person:7", "lesson:9", "lesson:", "lesson:七", "", "lesson"):
        assert not made.with_key(unknown).any()


def test_newest_first_then_the_highest_number_then_the_subject() -> None:
    rows = [
        ("b:1", None),
        ("a:1", None),
        ("a:2", None),
        ("a:3", date(2020, 1, 1)),
        ("a:1", date(2021, 1, 1)),
    ]
    made = columns([Entry(key, 1, "", "", "", dated=day) for key, day in rows])
    order = np.argsort(-made.recency(np.arange(len(rows))))
    assert order.tolist() == [4, 3, 2, 1, 0]
