from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest
import typer
from typer.testing import CliRunner

from web.command import COMMANDS, command_line

# What takes long to load, and which of these commands cannot do without it.
HEAVY = {"fastapi", "uvicorn", "sqlalchemy", "whoosh", "jieba", "numpy", "pypinyin", "lxml"}
LIGHT = {
    "--help": HEAVY,
    "extract --help": HEAVY,
    "import --help": {"fastapi", "uvicorn"},
    "search --help": {"fastapi", "uvicorn"},
}


def lines(app: typer.Typer) -> dict[str, str]:
    """The first line of help of each command."""
    commands = typer.main.get_group(app).commands
    return {
        name: cast("str", command.help).strip().partition("\n")[0]
        for name, command in commands.items()
    }


@pytest.mark.parametrize("name", COMMANDS)
def test_what_a_command_is_announced_with_is_what_it_says_of_itself(name: str) -> None:
    own = typer.Typer()
    own.callback()(lambda: None)
    importlib.import_module(f"web.command.{COMMANDS[name][0]}").register(own)
    assert lines(own)[name] == COMMANDS[name][1]
    assert set(lines(own)) == {
        other for other in COMMANDS if COMMANDS[other][0] == COMMANDS[name][0]
    }


@pytest.mark.parametrize("called", ["", "extract", "no-such-command"])
def test_help_lists_every_command_whichever_was_called(called: str) -> None:
    assert set(lines(command_line(called))) == set(COMMANDS)


def test_a_command_that_does_not_exist_is_wrong_use() -> None:
    told = CliRunner().invoke(command_line("extrakt"), ["extrakt"])
    assert told.exit_code == 2
    assert "extrakt" in told.stderr


@pytest.mark.parametrize("call", LIGHT)
def test_a_command_loads_nothing_that_it_does_not_need(call: str, tmp_path: Path) -> None:
    script = (
        "import sys, atexit; sys.argv[0] = 'pmo';"
        "atexit.register(lambda: print('LOADED', *sys.modules));"
        "from web.command import main; main()"
    )
    command = [sys.executable, "-c", script, *call.split()]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    loaded = set(done.stdout.rpartition("LOADED")[2].split())
    assert "typer" in loaded
    assert not loaded & LIGHT[call]
