from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from kb import open_kb
from kb.access import SYSTEM
from kb.config import Settings
from kb.search.answers import SearchRequest
from web.command import command_line

# The shape that scripts rely on (DESIGN, section 4); items may carry more.
ITEM_KEYS = {"path", "outcome", "document", "error", "advice", "losses"}


@pytest.fixture(autouse=True)
def data(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KB_DATA_DIR", str(data_folder))
    return data_folder


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "资料"
    folder.mkdir()
    (folder / "总结.md").write_text("# 八号线总结\n\n盾构机停了七天。", encoding="utf-8")
    (folder / "report.txt").write_text("The tunnel flooded twice.", encoding="utf-8")
    return folder


def pmo(*arguments: str) -> Result:
    return CliRunner().invoke(command_line(arguments[0]), list(arguments))


def answer(*arguments: str) -> tuple[int, dict[str, Any]]:
    result = pmo("import", "--json", *arguments)
    return result.exit_code, json.loads(result.stdout)


def test_what_was_imported_is_told_and_can_be_found_when_the_command_returns(
    inbox: Path, data: Path
) -> None:
    code, told = answer(str(inbox))
    assert code == 0
    assert (told["total"], told["stored"], told["failed"]) == (2, 2, 0)
    assert {"job", "total", "stored", "unchanged", "duplicate", "failed", "items"} <= told.keys()
    assert {Path(item["path"]).name for item in told["items"]} == {"总结.md", "report.txt"}
    for item in told["items"]:
        assert item.keys() >= ITEM_KEYS
        assert (item["outcome"], item["error"], item["advice"]) == ("stored", None, None)
    with open_kb(Settings(data_dir=data)) as kb:
        [hit] = kb.search(SYSTEM, SearchRequest(query="盾构机")).hits
        assert hit.id in {item["document"] for item in told["items"]}


def test_what_is_imported_for_review_is_found_only_once_it_is_published(
    inbox: Path, data: Path
) -> None:
    code, told = answer("--review", str(inbox))
    assert (code, told["stored"]) == (0, 2)
    with open_kb(Settings(data_dir=data)) as kb:
        assert kb.search(SYSTEM, SearchRequest(query="盾构机")).hits == ()
        assert kb.publishing.publish_all(SYSTEM, told["job"]) == 2
        kb.indexing.catch_up()
        assert len(kb.search(SYSTEM, SearchRequest(query="盾构机")).hits) == 1


def test_a_second_run_stores_nothing_new(inbox: Path) -> None:
    answer(str(inbox))
    code, told = answer(str(inbox))
    assert (code, told["stored"], told["unchanged"]) == (0, 0, 2)


def test_one_bad_file_fails_the_command_but_not_the_others(inbox: Path) -> None:
    (inbox / "空.docx").write_bytes(b"")
    (inbox / "~$总结.docx").write_bytes(b"lock")
    code, told = answer(str(inbox))
    assert (code, told["stored"], told["failed"], told["total"]) == (1, 2, 1, 3)
    [failed] = [item for item in told["items"] if item["outcome"] == "failed"]
    assert (failed["code"], failed["document"], failed["step"]) == ("empty-file", None, "keep")
    assert failed["error"].startswith("空.docx")
    assert failed["advice"]
    assert [(Path(item["path"]).name, item["reason"]) for item in told["skipped"]] == [
        ("~$总结.docx", "lock-file")
    ]


def test_people_get_a_table_with_what_to_do(inbox: Path) -> None:
    (inbox / "空.docx").write_bytes(b"")
    result = pmo("import", str(inbox))
    assert result.exit_code == 1
    assert "Stored" in result.stdout
    assert "空.docx" in result.stdout.replace("\n", "")


def test_a_name_is_printed_and_not_interpreted(inbox: Path) -> None:
    (inbox / "[red]假[bold]\x1b[31m.docx").write_bytes(b"")
    shown = pmo("import", str(inbox)).stdout
    assert "[red]" in shown
    assert "\x1b[31m" not in shown


def test_kind_and_audience_are_those_asked_for(inbox: Path, data: Path) -> None:
    code, told = answer(str(inbox), "--kind", "lesson", "--audience", "group:pmo")
    assert code == 0
    with open_kb(Settings(data_dir=data)) as kb:
        for item in told["items"]:
            assert kb.documents.get(SYSTEM, item["document"]).kind == "lesson"
        assert kb.imports.get(SYSTEM, told["job"]).audience == "group:pmo"


def test_a_manifest_gives_the_metadata(inbox: Path, data: Path) -> None:
    rows = "path,title,kind\n总结.md,八号线,lesson\ngone.docx,,\n"
    (inbox / "清单.csv").write_text(rows, encoding="utf-8")
    code, told = answer("--manifest", str(inbox / "清单.csv"))
    assert (code, told["stored"], told["failed"]) == (1, 1, 1)
    stored, gone = told["items"]
    assert gone["code"] == "unreadable-file"
    with open_kb(Settings(data_dir=data)) as kb:
        document = kb.documents.get(SYSTEM, stored["document"])
        assert (document.title, document.kind) == ("八号线", "lesson")


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--manifest", "坏.csv"),
        ("/no/such/folder",),
        ("--kind", "总结", "."),
        ("--audience", "大家", "."),
        ("--resume", "1", "."),
    ],
)
def test_wrong_use_is_told_and_begins_nothing(
    arguments: tuple[str, ...], data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "坏.csv").write_text("path,kind\na.docx,总结报告\n", encoding="utf-8")
    data.rename(tmp_path / "elsewhere")
    assert pmo("import", *arguments).exit_code == 2
    assert not data.exists()


@pytest.mark.parametrize("arguments", [("/no/such/folder",), (".", "--kind", "总结"), ()])
def test_a_folder_that_cannot_be_watched_is_wrong_use(
    arguments: tuple[str, ...], data: Path, tmp_path: Path
) -> None:
    data.rename(tmp_path / "elsewhere")
    assert pmo("watch", *arguments).exit_code == 2
    assert not data.exists()


def test_an_interrupted_import_says_how_to_go_on_and_does(data: Path, tmp_path: Path) -> None:
    inbox = tmp_path / "many"
    inbox.mkdir()
    for number in range(400):
        text = f"# 第 {number} 号\n\n第 {number} 次会议的纪要。" + "进度正常。" * 500
        (inbox / f"{number}.md").write_text(text, encoding="utf-8")
    script = "from tests.web.command.test_importing import pmo_main; pmo_main()"
    command = [sys.executable, "-c", script, "import", "--json", str(inbox)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while not list(data.glob("files/*/*")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, complaint = process.communicate(timeout=60)

    assert process.returncode == 1, complaint.decode()
    told = json.loads(out)
    assert told["state"] == "paused"
    assert told["left"] > 0
    assert f"pmo import --resume {told['job']}" in " ".join(complaint.decode().split())
    code, told = answer("--resume", str(told["job"]))
    assert (code, told["stored"], told["left"]) == (0, 400, 0)


def pmo_main() -> None:
    """The command as a process of its own."""
    command_line("import")()


class TestExtract:
    def test_markdown_is_what_the_document_would_hold(
        self, inbox: Path, data: Path, tmp_path: Path
    ) -> None:
        data.rename(tmp_path / "elsewhere")
        result = pmo("extract", str(inbox / "总结.md"))
        assert result.exit_code == 0
        assert result.stdout.strip() == "# 八号线总结\n\n盾构机停了七天。"
        assert not data.exists()

    def test_text_is_every_word_and_nothing_else(self, inbox: Path) -> None:
        result = pmo("extract", str(inbox / "总结.md"), "--format", "text")
        assert result.stdout.split() == ["八号线总结", "盾构机停了七天。"]

    def test_json_tells_everything_the_reader_saw(self, inbox: Path) -> None:
        told = json.loads(pmo("extract", str(inbox / "总结.md"), "--format", "json").stdout)
        assert {"title", "language", "kind", "metadata", "sections", "ledger"} <= told.keys()
        assert told["title"] == "八号线总结"
        assert told["language"] == "zh"
        [section] = told["sections"]
        assert section.keys() == {"heading", "level", "anchor", "text"}
        assert (section["heading"], section["text"]) == ("八号线总结", "盾构机停了七天。")
        assert told["ledger"]["coverage"] == 100.0

    def test_a_file_that_cannot_be_read_is_a_sentence_and_an_advice(self, inbox: Path) -> None:
        (inbox / "坏.docx").write_bytes(b"PK\x03\x04 cut off")
        result = pmo("extract", str(inbox / "坏.docx"))
        assert result.exit_code == 1
        assert result.stdout == ""
        assert "坏.docx" in result.stderr
        assert "Traceback" not in result.stderr

    def test_a_file_that_is_not_there_is_wrong_use(self, inbox: Path) -> None:
        assert pmo("extract", str(inbox / "没有.docx")).exit_code == 2

    def test_no_temporary_file_is_left(
        self, inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
        (tmp_path / "tmp").mkdir()
        pmo("extract", str(inbox / "总结.md"))
        assert not list((tmp_path / "tmp").iterdir())
