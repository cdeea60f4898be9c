"""The bundled corpus: complete, in agreement with its registers, and all of it readable."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Final

import pytest

from ingest.register_of_projects import projects_register
from ingest.register_runs import import_file
from kb import open_kb
from kb.access import SYSTEM
from kb.config import Settings
from kb.drafts import KINDS
from kb.project_rules import read_member

CORPUS: Final = Path(__file__).parents[2] / "corpus"
DOCUMENTS: Final = CORPUS / "documents"


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


MANIFEST: Final = [row for path in DOCUMENTS.glob("*/manifest.csv") for row in _rows(path)]
PEOPLE: Final = {row["id"]: row for row in _rows(CORPUS / "people.csv")}
PROJECTS: Final = {row["code"]: row for row in _rows(CORPUS / "projects.csv")}


def test_every_file_stands_in_a_manifest_once_and_every_line_has_its_file() -> None:
    listed = sorted(row["path"] for row in MANIFEST)
    there = sorted(
        path.relative_to(DOCUMENTS).as_posix()
        for path in DOCUMENTS.rglob("*")
        if path.is_file() and path.name != "manifest.csv"
    )
    assert listed == there


def test_both_languages_and_all_main_kinds_are_there() -> None:
    languages = Counter(row["language"] for row in MANIFEST)
    kinds = Counter(row["kind"] for row in MANIFEST)
    assert min(languages["zh"], languages["en"]) >= 20
    assert {"summary", "lesson", "methodology", "training", "plan", "minutes"} <= set(kinds)
    assert kinds["summary"] >= 15


@pytest.mark.parametrize("row", MANIFEST, ids=lambda row: row["path"])
def test_a_line_agrees_with_the_registers(row: dict[str, str]) -> None:
    assert row["kind"] in KINDS
    assert row["author"] in PEOPLE
    assert not row["project"] or row["project"] in PROJECTS
    written = date.fromisoformat(row["date"])
    assert date(2016, 3, 1) <= written <= date(2026, 11, 30)
    if row["project"]:
        assert written >= date.fromisoformat(PROJECTS[row["project"]]["start"])


def test_the_managers_of_all_projects_are_people_of_the_register() -> None:
    assert {row["manager"] for row in PROJECTS.values()} <= set(PEOPLE)


def test_the_members_of_all_projects_are_people_of_the_register() -> None:
    for row in PROJECTS.values():
        members = [read_member(entry) for entry in row["members"].split(";") if entry]
        assert {member.person for member in members} <= set(PEOPLE), row["code"]
        assert all(member.role for member in members), row["code"]
        assert row["type"], row["code"]
        assert int(row["effort_days"]) > int(row["team_size"]) > 0, row["code"]


def test_the_register_of_projects_is_imported_without_a_problem(data_folder: Path) -> None:
    with open_kb(Settings(data_dir=data_folder)) as kb:
        done = import_file(projects_register(kb), kb.database, SYSTEM, CORPUS / "projects.csv")
        assert (done.problems, done.counts["added"]) == ([], len(PROJECTS))
        plant = kb.projects.get(SYSTEM, kb.projects.by_code(SYSTEM, "CL-2020-011")).text
    assert plant.currency == "EUR"
    assert plant.budget == 9_600_000
    assert plant.planned_end == date(2021, 12, 17)
    assert plant.ended == date(2022, 3, 25)
