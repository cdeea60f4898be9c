"""The README says what the program does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from kb.config import Settings
from web.command import COMMANDS

README: Final = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def _shown(default: object) -> str:
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    if isinstance(default, Path) and default.is_absolute():
        return "bundled"
    return f"`{default}`" if default not in {"", None} else "empty"


def test_the_table_of_settings_is_the_settings() -> None:
    table = re.findall(r"^\| `(KB_\w+)` \| (.*?) \| (.*?) \|$", README, re.MULTILINE)
    expected = [
        (f"KB_{name.upper()}", _shown(field.default), field.description)
        for name, field in Settings.model_fields.items()
    ]
    assert table == expected


def test_the_table_of_commands_is_the_commands() -> None:
    described = set(re.findall(r"^\| `pmo (\w+)", README, re.MULTILINE))
    assert described == set(COMMANDS)


def test_the_two_commands_of_the_start_are_targets_of_the_makefile() -> None:
    makefile = (Path(__file__).parents[1] / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\w+)", README, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
