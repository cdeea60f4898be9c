"""Every file of the measured collections becomes a draft or a refusal, within its time."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest

from ingest.readers import read
from kb.errors import FileRefused

DATA = Path(__file__).parents[4] / "shared" / "data"
OFFICE = DATA / "office"
DOMAIN = DATA / "domain"
SECONDS = 20  # the slowest met takes 2; a busy machine is five times as slow

pytestmark = [
    pytest.mark.measure,
    pytest.mark.skipif(not DATA.is_dir(), reason="the data is not there"),
]


def outcomes(folder: Path, pattern: str) -> tuple[Counter[str], dict[str, str]]:
    """How many files of each outcome, and what went wrong with those that have none."""
    counted: Counter[str] = Counter()
    wrong: dict[str, str] = {}
    for path in sorted(folder.rglob(pattern)):
        if not path.is_file() or path.name in {"INDEX.tsv", "PROVENANCE.md"}:
            continue
        begun = time.monotonic()
        try:
            read(path, path.name)
            counted["read"] += 1
        except FileRefused as refused:
            counted[refused.code] += 1
            if not refused.advice:
                wrong[path.name] = "is refused without advice"
        except Exception as fault:  # noqa: BLE001  the point of the test is to list them all
            wrong[path.name] = repr(fault)
        if time.monotonic() - begun > SECONDS:
            wrong[path.name] = f"took more than {SECONDS} seconds"
    return counted, wrong


def test_every_office_file_has_an_outcome() -> None:
    counted, wrong = outcomes(OFFICE, "*.*")
    assert not wrong
    assert counted.total() >= 879
    assert counted["read"] >= 0.8 * counted.total()


def test_every_prose_file_is_read() -> None:
    counted, wrong = outcomes(DOMAIN, "*.*")
    assert not wrong
    # Three index pages hold nothing but front matter.
    assert set(counted) <= {"read", "no-text"}
    assert counted["no-text"] <= 3
