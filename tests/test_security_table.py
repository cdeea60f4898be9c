"""SECURITY.md keeps its table of the ASVS: every requirement is there once, and what shows it exists."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Final

import pytest
from pydantic import SecretStr

from kb.config import Settings

ROOT: Final = Path(__file__).resolve().parent.parent
# Every section of ASVS 4.0.3 and its requirements of level 1 or 2; those it dropped or keeps for level 3 are not.
NUMBERS: Final[dict[str, str]] = {
    "1.1": "1-7", "1.2": "1-4", "1.4": "1 4 5", "1.5": "1-4", "1.6": "1-4", "1.7": "1-2", "1.8": "1-2", "1.9": "1-2",
    "1.10": "1", "1.11": "1-2", "1.12": "2", "1.14": "1-6",
    "2.1": "1-12", "2.2": "1-3", "2.3": "1-3", "2.4": "1-6", "2.5": "1-7", "2.6": "1-3", "2.7": "1-6", "2.8": "1-7",
    "2.9": "1-3", "2.10": "1-4",
    "3.1": "1", "3.2": "1-4", "3.3": "1-4", "3.4": "1-5", "3.5": "1-3", "3.7": "1",
    "4.1": "1-3 5", "4.2": "1-2", "4.3": "1-3",
    "5.1": "1-5", "5.2": "1-8", "5.3": "1-10", "5.4": "1-3", "5.5": "1-4",
    "6.1": "1-3", "6.2": "1-6", "6.3": "1-2", "6.4": "1-2",
    "7.1": "1-4", "7.2": "1-2", "7.3": "1 3 4", "7.4": "1-3",
    "8.1": "1-4", "8.2": "1-3", "8.3": "1-8",
    "9.1": "1-3", "9.2": "1-4",
    "10.2": "1-2", "10.3": "1-3",
    "11.1": "1-8",
    "12.1": "1-3", "12.2": "1", "12.3": "1-6", "12.4": "1-2", "12.5": "1-2", "12.6": "1",
    "13.1": "1 3-5", "13.2": "1-3 5 6", "13.3": "1-2", "13.4": "1-2",
    "14.1": "1-4", "14.2": "1-6", "14.3": "2 3", "14.4": "1-7", "14.5": "1-4",
}  # fmt: skip
STATES: Final = ("met", "not applicable", "open")


@pytest.fixture(scope="module")
def rows() -> list[list[str]]:
    """Number, about, status, how, shown by."""
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    lines = re.findall(r"^\| (\d+\.\d+\.\d+ \|.*) \|$", text, re.MULTILINE)
    return [[cell.strip() for cell in line.split("|")] for line in lines]


def test_every_requirement_of_both_levels_stands_there_once(rows: list[list[str]]) -> None:
    wanted = [
        f"{section}.{number}"
        for section, ranges in NUMBERS.items()
        for part in ranges.split()
        for number in range(int(part.split("-")[0]), int(part.split("-")[-1]) + 1)
    ]
    assert [row[0] for row in rows] == wanted
    assert len(wanted) == 260


def test_each_claim_has_a_status_and_what_is_met_names_what_shows_it(rows: list[list[str]]) -> None:
    for number, _, status, how, shown in rows:
        assert status in STATES, number
        assert shown or status != "met", number
        assert how or status != "open", number
        for name in re.findall(r"`([^`]+)`", shown):
            assert (ROOT / name).is_file(), (number, name)


def test_the_figures_above_the_table_are_those_of_the_table(rows: list[list[str]]) -> None:
    counted = Counter((f"V{row[0].split('.')[0]}", row[2]) for row in rows)
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| (V\d+) [^|]* \| (\d+) \| (\d+) \| (\d+) \|$", text, re.MULTILINE)
    assert len(told) == 14
    for chapter, *figures in told:
        assert [int(figure) for figure in figures] == [counted[chapter, state] for state in STATES]
    whole = re.search(r"^\| All (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", text, re.MULTILINE)
    assert whole is not None
    totals = [sum(1 for row in rows if row[2] == state) for state in STATES]
    assert [int(each) for each in whole.groups()] == [len(rows), *totals]


def test_what_is_said_beside_the_table_names_what_is_there() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    before = text.split("## OWASP", maxsplit=1)[0]
    files = re.findall(r"`((?:kb|web|ingest|tests)/[\w/.]+|requirements\.lock)`", before)
    assert len(files) > 20
    for name in files:
        assert (ROOT / name).is_file(), name
    known = {f"KB_{name.upper()}" for name in Settings.model_fields}
    named = set(re.findall(r"`(KB_\w+)`", before))
    assert named <= known
    # Every setting that is a secret is in the table of secrets.
    secrets = text.split("## Secrets:", maxsplit=1)[1].split("\n## ", maxsplit=1)[0]
    for name, value in Settings.model_fields.items():
        if value.annotation is SecretStr:
            assert f"`KB_{name.upper()}`" in secrets, name


def test_every_attacker_and_class_of_data_has_an_answer() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    for heading, columns in (("Who attacks what", 4), ("Data, by how much", 3)):
        part = text.split(f"## {heading}", maxsplit=1)[1].split("\n## ", maxsplit=1)[0]
        rows = [line.strip("|").split("|") for line in part.splitlines() if line.startswith("| ")]
        assert len(rows) > 5
        for row in rows:
            assert len(row) == columns, row
            assert all(cell.strip() for cell in row), row
