"""``pmo user``: people, services, links and tokens from the terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kb import open_kb
from kb.access import SYSTEM, Role
from kb.config import Settings
from kb.errors import KnowledgeBaseError
from web.command import command_line

PASSWORD = "three new words here"


@pytest.fixture
def pmo(data: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("KB_DATA_DIR", str(data))
    return CliRunner()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def run(pmo: CliRunner, *words: str, code: int = 0, given: str | None = None) -> str:
    """What a command prints, once it ended with this code."""
    done = pmo.invoke(command_line("user"), ["user", *words], input=given)
    assert done.exit_code == code, done.output
    return done.stdout.strip()


def test_somebody_is_added_changed_and_kept_out(pmo: CliRunner, data: Path) -> None:
    first = run(pmo, "first-link")
    assert first.startswith("http://127.0.0.1:8000/links/")
    run(
        pmo,
        "add",
        "li.na",
        "--name",
        "李娜",
        "--role",
        "curator",
        given=f"{PASSWORD}\n{PASSWORD}\n",
    )
    run(pmo, "add", "boss", "--role", "administrator", "--password", PASSWORD + "!")
    run(pmo, "add", "robot", "--service")
    run(pmo, "first-link", code=1)
    run(pmo, "role", "li.na", "contributor")
    run(pmo, "group", "li.na", "pmo", "质量部")
    run(pmo, "deactivate", "robot")
    rows = {row["user"]: row for row in json.loads(run(pmo, "list", "--json"))}
    assert rows["li.na"] == {
        "user": "li.na",
        "name": "李娜",
        "role": "contributor",
        "groups": ["pmo", "质量部"],
        "kind": "person",
        "active": True,
    }
    assert not rows["robot"]["active"]
    link = run(pmo, "reset", "li.na").rpartition("/")[2]
    invited = run(pmo, "invite", "--role", "reader", "--group", "pmo").rpartition("/")[2]
    token = run(pmo, "token", "li.na", "--name", "nightly", "--scope", "import")
    with open_kb(Settings(data_dir=data)) as kb:
        assert kb.accounts.authenticate("li.na", PASSWORD)
        with pytest.raises(KnowledgeBaseError):
            kb.invitations.look(first.rpartition("/")[2] + "x")
        assert kb.invitations.look(link).user_id == "li.na"
        assert kb.invitations.look(invited).role == "reader"
        actor = kb.tokens.actor(token)
        assert actor is not None
        assert actor.role is Role.CONTRIBUTOR
        kb.sessions.begin(actor, way="password", agent="Firefox")
    assert json.loads(run(pmo, "sessions", "li.na", "--json"))[0]["agent"] == "Firefox"
    assert run(pmo, "sessions", "li.na", "--end") == ""
    with open_kb(Settings(data_dir=data)) as kb:
        assert kb.sessions.listed(SYSTEM, "li.na") == []


@pytest.mark.parametrize(
    "words",
    [
        ("reset", "nobody"),
        ("role", "nobody", "reader"),
        ("sessions", "nobody"),
        ("token", "nobody", "--name", "x"),
    ],
)
def test_nobody_is_told_in_words(pmo: CliRunner, words: tuple[str, ...]) -> None:
    done = pmo.invoke(command_line("user"), ["user", *words])
    assert isinstance(done.exception, KnowledgeBaseError)
    assert "nobody" in str(done.exception)
