"""`pmo backup`, `restore`, `check` and `person`: what they print and how they exit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from kb.access import SYSTEM
from kb.errors import KnowledgeBaseError
from kb.knowledge_base import KnowledgeBase
from tests.web.conftest import draft, store
from web.command import command_line


def run(*words: str) -> Result:
    return CliRunner().invoke(command_line(words[0]), list(words))


def test_a_backup_is_made_checked_and_restored_elsewhere(
    kb: KnowledgeBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = store(kb, draft("备份 backup", "管廊", "zh", "summary"), name="备份.md")
    monkeypatch.setenv("KB_DATA_DIR", str(kb.settings.data_dir))
    kb.indexing.catch_up()
    file = tmp_path / "b.zip"

    made = run("backup", str(file), "--json")
    assert (made.exit_code, json.loads(made.stdout)["files"]) == (0, 1)
    checked = run("check", "--json")
    told = json.loads(checked.stdout)
    assert (checked.exit_code, told["ok"], told["findings"]) == (0, True, [])

    original = Path(kb.documents.original(SYSTEM, number)[0])
    original.unlink()
    broken = run("check", "--quick")
    assert broken.exit_code == 1
    assert "is missing; it belongs to: documents 1" in broken.stdout
    assert run("backup", str(tmp_path / "c.zip")).exit_code == 1

    with pytest.raises(KnowledgeBaseError, match="empty"):  # which `main` tells in a sentence
        raise run("restore", str(file)).exception or AssertionError
    monkeypatch.setenv("KB_DATA_DIR", str(tmp_path / "新"))
    back = run("restore", str(file), "--json")
    assert (back.exit_code, json.loads(back.stdout)["files"]) == (0, 1)


def test_a_person_is_told_first_and_erased_when_meant(
    kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KB_DATA_DIR", str(kb.settings.data_dir))
    assert "李娜" in json.loads(run("person", "export", "li.na").stdout)["names"]
    told = run("person", "erase", "li.na")
    assert "would become" in told.stdout
    assert kb.accounts.actor("li.na") is not None
    assert "became" in run("person", "erase", "li.na", "--yes").stdout
    assert kb.accounts.actor("li.na") is None
