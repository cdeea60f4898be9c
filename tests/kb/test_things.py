"""Things that can be found, and how different sorts of them are mixed."""

from __future__ import annotations

import doctest
from collections import Counter
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kb.things
from kb.search.answers import Names
from kb.things import Thing, ThingSection, entry, key, mixed_order, parts


def test_examples_of_the_docstrings_hold() -> None:
    assert doctest.testmod(kb.things).failed == 0


@given(st.lists(st.sampled_from(["document", "person", "project", "lesson"]), max_size=60))
def test_mixing_loses_nothing_and_keeps_the_order_within_a_sort(subjects: list[str]) -> None:
    order = mixed_order(subjects)
    assert sorted(order) == list(range(len(subjects)))
    for subject in set(subjects):
        places = [place for place in order if subjects[place] == subject]
        assert places == sorted(places)


@pytest.mark.parametrize("crowd", ["person", "project"])
def test_a_crowd_of_one_sort_does_not_hide_the_documents(crowd: str) -> None:
    order = mixed_order([crowd] * 30 + ["document"] * 30)
    first = Counter(crowd if place < 30 else "document" for place in order[:10])
    assert first == {crowd: 2, "document": 8}
    assert order[0] == 0


def test_where_there_is_nothing_else_a_crowd_stays_as_it_is() -> None:
    assert mixed_order(["person"] * 25) == list(range(25))


def test_the_index_holds_every_text_of_a_thing_once() -> None:
    thing = Thing(
        subject="lesson",
        id=7,
        audience=3,
        kind="lesson",
        language="zh",
        title="管廊 𠮷 test",
        updated=datetime(2024, 1, 1, tzinfo=UTC),
        sections=(ThingSection("", "", "概述"), ThingSection("建议", "s-1", ""), ThingSection("原因", "s-2", "why")),
        dated=date(2020, 2, 3),
        project="CL-1",
        project_names=Names("净水厂", "Water plant"),
        tags=("勘察",),
        people=("郝建平",),
    )  # fmt: skip
    made = entry(thing)
    assert made.key == thing.key == key("lesson", 7)
    assert parts(made.key) == ("lesson", 7)
    assert (made.headings, made.body) == (("建议", "原因"), ("概述", "why"))
    assert (made.project, made.project_label, made.year) == ("CL-1", "净水厂\nWater plant", 2020)
