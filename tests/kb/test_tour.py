"""The tour in the front door's docstring is a program, and this runs it."""

from __future__ import annotations

import textwrap
from pathlib import Path

import kb


def test_the_tour_of_the_knowledge_base_runs(tmp_path: Path) -> None:
    assert kb.__doc__ is not None
    lines = kb.__doc__.splitlines()
    start = next(number for number, line in enumerate(lines) if line.endswith("::"))
    end = next(number for number, line in enumerate(lines) if line.startswith("Where to start"))
    tour = textwrap.dedent("\n".join(lines[start + 1 : end]))
    exec(compile(tour, "tour", "exec"), {"folder": tmp_path})  # noqa: S102
