"""The bundled lessons: in both languages, in agreement with the registers, built in and applied."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Final

import pytest

from ingest.bundled import load_bundled
from ingest.bundled_lessons import load_lessons
from kb import open_kb
from kb.access import Actor, Role, anonymous
from kb.config import Settings
from kb.lesson_listing import LessonFilter
from kb.lesson_rules import CATEGORIES, CAUSES, PHASES
from kb.lesson_steps import STEPS

CORPUS: Final = Path(__file__).parents[2] / "corpus"


def _rows(name: str) -> list[dict[str, str]]:
    with (CORPUS / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


ROWS: Final = _rows("lessons.csv")
PEOPLE: Final = {row["id"] for row in _rows("people.csv")}
PROJECTS: Final = {row["code"]: row for row in _rows("projects.csv")}


def test_there_are_a_dozen_in_each_language() -> None:
    languages = Counter(row["language"] for row in ROWS)
    assert min(languages["zh"], languages["en"]) >= 12
    assert len({row["id"] for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_a_lesson_agrees_with_the_registers(row: dict[str, str]) -> None:
    assert row["owner"] in PEOPLE
    assert row["project"] in PROJECTS
    assert row["phase"] in PHASES
    assert row["category"] in CATEGORIES
    assert row["cause"] in {*CAUSES, ""}
    assert bool(row["verdict"]) == bool(row["expert"])
    assert row["expert"] in {*PEOPLE, ""}
    assert date.fromisoformat(row["happened_on"]) >= date.fromisoformat(
        PROJECTS[row["project"]]["start"]
    )
    for use in filter(None, row["uses"].split(";;")):
        project, person, *_ = use.split("|")
        assert person in PEOPLE
        # Applied later than it was learned.
        assert (
            PROJECTS[project]["actual_end"] > PROJECTS[row["project"]]["start"]
            or not PROJECTS[project]["actual_end"]
        )


@pytest.mark.slow
def test_a_first_start_brings_them_once_with_sources_uses_and_what_they_changed(
    data_folder: Path,
) -> None:
    with open_kb(Settings(data_dir=data_folder, workers=1)) as kb:
        load_bundled(kb)
        reader = anonymous(Role.READER)
        curator = Actor("lu.wenzhao", "", Role.CURATOR)
        lists = kb.lesson_lists
        total = lists.page(curator, LessonFilter())[1]
        assert total == len(ROWS)
        before = [
            len(kb.lessons.history(curator, each.id))
            for each in lists.page(curator, LessonFilter(), per_page=200)[0]
        ]
        load_lessons(kb, CORPUS / "lessons.csv")
        assert lists.page(curator, LessonFilter())[1] == total
        after = [
            len(kb.lessons.history(curator, each.id))
            for each in lists.page(curator, LessonFilter(), per_page=200)[0]
        ]
        assert sorted(before) == sorted(after)
        built, count = lists.page(reader, LessonFilter(state="built-in"))
        assert count >= 10
        assert all(kb.lessons.get(reader, each.id).closures for each in built)
        told = lists.page(reader, LessonFilter(), per_page=200)[0]
        assert all(kb.lessons.get(reader, each.id).sources for each in told)
        totals = kb.lesson_reuse.totals(reader)
        assert totals.lessons >= 10
        assert totals.days_saved > 100
        assert {step.start for step in STEPS} >= {each.state for each in told}
        assert kb.indexing.catch_up() >= 0
