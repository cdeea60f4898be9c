"""A backup is whole or not there; what comes back from it is what was there, on any database."""

from __future__ import annotations

import hashlib
import io
import shutil
import sqlite3
import threading
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select, text

from kb import open_kb
from kb.access import SYSTEM, Actor, Audience, Role
from kb.audit import AuditFilter
from kb.backup import BackupReport
from kb.backup_format import MANIFEST, BackupRefused, Manifest
from kb.backup_restoring import restore
from kb.config import Settings
from kb.documents import Original
from kb.drafts import Draft, Guess
from kb.errors import DataFolderError, NotAllowed
from kb.knowledge_base import KnowledgeBase
from kb.models import Base
from kb.search.answers import SearchRequest

TEXTS = {
    "zh": ("管廊教训 𠮷", "# 管廊教训\n\n开工前探明旧管廊。🚀 Ｐｈａｓｅ"),  # noqa: RUF001  full-width on purpose
    "en": ("Cut-over “rehearsal”", "# Cut-over\n\nRollback drill: 3 h 40 min.\n"),
    "mixed": ("風險 risk register", "舊管線 and budget ¥1.20"),
}


@pytest.fixture
def kb(data_folder: Path) -> Iterator[KnowledgeBase]:
    with open_kb(Settings(data_dir=data_folder)) as opened:
        for name, (title, body) in TEXTS.items():
            sha256, size = opened.files.keep(body.encode())
            opened.documents.store(
                SYSTEM,
                Draft(
                    title=title,
                    body=body,
                    language="en" if name == "en" else "zh",
                    kind=Guess("summary"),
                    format="md",
                    dated=date(2024, 2, 29),
                    project_code="P-1",
                    authors=("李娜",),
                ),
                place=f"/{name}.md",
                original=Original(sha256, size, f"{name}.md", "text/markdown"),
                audience=Audience.parse("group:pmo" if name == "mixed" else "everyone"),
            )
        yield opened


def everything(kb: KnowledgeBase) -> dict[str, list[tuple[object, ...]]]:
    with kb.database.read() as session:
        return {
            table.name: [
                tuple(row)
                for row in session.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in Base.metadata.sorted_tables
        }


def restored(folder: Path, backup: Path, url: str = "") -> Settings:
    settings = Settings(data_dir=folder, database_url=url)
    restore(settings, backup)
    return settings


def test_what_comes_back_is_what_was_there(kb: KnowledgeBase, tmp_path: Path) -> None:
    report = kb.backups.make(SYSTEM, tmp_path / "b.zip")
    assert report.files == 3
    assert not report.missing
    before = everything(kb)
    settings = restored(tmp_path / "新", report.path)
    assert not (settings.data_dir / "secret").exists()
    with open_kb(settings) as again:
        assert everything(again) == before
        assert again.audit.verify().breaks == ()
        for title, body in TEXTS.values():
            (document,) = [d for d in again.documents.recent(SYSTEM, 9) if d.title == title]
            path, _, _ = again.documents.original(SYSTEM, document.id)[:3]
            assert path.read_bytes() == body.encode()
        # Made with the first question, in seconds.
        shutil.copytree(
            kb.settings.data_dir / "cache", settings.data_dir / "cache", dirs_exist_ok=True
        )
        again.indexing.catch_up()
        hits = again.search(SYSTEM, SearchRequest(query="旧管廊")).hits
        assert hits[0].title == TEXTS["zh"][0]
        again.documents.store(  # numbers go on where they were
            SYSTEM, Draft("新", "新文", "zh", Guess("summary"), "md"), place="/new.md"
        )


def test_a_backup_is_one_state_while_others_write(
    kb: KnowledgeBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write() -> None:
        with kb.database.write() as session:
            session.execute(text("UPDATE documents SET title = 'changed 已改'"))
            session.execute(text("UPDATE document_versions SET title = 'changed 已改'"))

    monkeypatch.setattr("kb.backup._write_table", _writing_between(write))
    report = kb.backups.make(SYSTEM, tmp_path / "b.zip")
    with open_kb(restored(tmp_path / "new", report.path)) as again:
        titles = {d.title for d in again.documents.recent(SYSTEM, 9)}
    assert titles == {title for title, _ in TEXTS.values()}
    assert {d.title for d in kb.documents.recent(SYSTEM, 9)} == {"changed 已改"}


def _writing_between(write: object) -> object:
    """The writing of tables, with a writer that commits after the first one."""
    from kb import backup

    real, written = backup._write_table, list[str]()

    def between(archive: object, content: object, connection: object, table: object) -> int:
        number = real(archive, content, connection, table)  # type: ignore[arg-type]
        if not written:
            thread = threading.Thread(target=write)  # type: ignore[arg-type]
            thread.start()
            thread.join(20)
            assert not thread.is_alive(), "a writer had to wait for the backup"
        written.append("")
        return number

    return between


def test_only_administrators_make_backups_and_it_is_written_down(
    kb: KnowledgeBase, tmp_path: Path
) -> None:
    with pytest.raises(NotAllowed):
        kb.backups.make(Actor("li.na", "李娜", Role.CURATOR), tmp_path / "b.zip")
    kb.backups.make(Actor("pmo", "PMO", Role.ADMINISTRATOR), tmp_path / "b.zip")
    assert (tmp_path / "b.zip").stat().st_mode & 0o777 == 0o600
    lines, total = kb.audit.entries(SYSTEM, AuditFilter(action="backup"))
    assert (total, lines[0].by) == (1, "pmo")


def test_a_file_that_is_there_is_never_overwritten(kb: KnowledgeBase, tmp_path: Path) -> None:
    target = tmp_path / "b.zip"
    target.write_text("precious")
    with pytest.raises(BackupRefused, match="already"):
        kb.backups.make(SYSTEM, target)
    assert target.read_text() == "precious"


def test_files_that_are_gone_or_damaged_are_told_and_the_rest_is_saved(
    kb: KnowledgeBase, tmp_path: Path
) -> None:
    gone, spoilt = (hashlib.sha256(TEXTS[n][1].encode()).hexdigest() for n in ("zh", "en"))
    kb.files.path(gone).unlink()
    kb.files.path(spoilt).write_bytes(b"bit rot")
    report = kb.backups.make(SYSTEM, tmp_path / "b.zip")
    assert (report.missing, report.damaged, report.files) == ((gone,), (spoilt,), 2)


def test_a_full_disk_leaves_no_backup_and_no_rest(
    kb: KnowledgeBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", full)
    with pytest.raises(DataFolderError, match="No space left"):
        kb.backups.make(SYSTEM, folder / "b.zip")
    assert list(folder.iterdir()) == []


@pytest.fixture
def backup(kb: KnowledgeBase, tmp_path: Path) -> BackupReport:
    return kb.backups.make(SYSTEM, tmp_path / "b.zip")


def test_nothing_is_restored_over_anything(backup: BackupReport, tmp_path: Path) -> None:
    folder = tmp_path / "taken"
    folder.mkdir()
    (folder / "note.txt").write_text("mine")
    with pytest.raises(BackupRefused, match="empty"):
        restored(folder, backup.path)
    assert [path.name for path in folder.iterdir()] == ["note.txt"]
    elsewhere = tmp_path / "other.sqlite3"
    elsewhere.write_bytes(b"")
    with pytest.raises(BackupRefused, match="tables already"):
        restored(tmp_path / "free", backup.path, f"sqlite:///{elsewhere}")


def _flipped(content: bytes) -> bytes:
    """The same with one byte of a stored file changed, and the zip's own sum made right again."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename.startswith("files/"):
                data = data[:-1] + bytes([data[-1] ^ 1])
            new.writestr(entry.filename, data)
    return made.getvalue()


def _with(content: bytes, name: str) -> bytes:
    made = io.BytesIO(content)
    with zipfile.ZipFile(made, "a") as archive:
        archive.writestr(name, "more")
    return made.getvalue()


def test_a_backup_that_is_not_as_it_was_made_is_refused_before_anything_is_written(
    backup: BackupReport, tmp_path: Path
) -> None:
    whole = backup.path.read_bytes()
    newer = _manifest(whole).as_json().replace(b'"format": 1', b'"format": 2')
    table: list[tuple[bytes, str]] = [
        (b"", "no whole backup"),
        ("不是备份 no backup".encode(), "no whole backup"),
        (whole[: len(whole) // 2], "no whole backup"),
        (whole[:200] + b"\0" + whole[201:], "damaged|no whole backup"),
        (_flipped(whole), "damaged"),
        (_with(whole, "files/../../evil"), "added"),
        (_replaced(whole, MANIFEST, newer), "newer version"),
        (_replaced(whole, MANIFEST, b"{}"), "no backup"),
    ]
    for number, (content, reason) in enumerate(table):
        path = tmp_path / f"{number}.zip"
        path.write_bytes(content)
        with pytest.raises(BackupRefused, match=reason):
            restored(tmp_path / "target", path)
        assert not (tmp_path / "target").exists()


def _manifest(content: bytes) -> Manifest:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return Manifest.parse(archive.read(MANIFEST))


def _replaced(content: bytes, name: str, data: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        for entry in old.infolist():
            new.writestr(entry.filename, data if entry.filename == name else old.read(entry))
    return made.getvalue()


def test_a_restore_that_fails_half_way_leaves_the_place_empty(
    backup: BackupReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise DataFolderError(path="x", reason="No space left on device")

    folder = tmp_path / "target"
    with monkeypatch.context() as patched:
        patched.setattr("kb.files.FileStore.keep", full)
        with pytest.raises(DataFolderError, match="No space"):
            restored(folder, backup.path)
    assert not folder.exists()
    restored(folder, backup.path)


def test_a_backup_of_an_older_version_is_brought_up(
    backup: BackupReport, kb: KnowledgeBase, tmp_path: Path
) -> None:
    """The rows go into the tables they were made in, and those are migrated."""
    whole = backup.path.read_bytes()
    manifest = _manifest(whole)
    old = tmp_path / "old.sqlite3"
    from kb.database import Database

    database = Database(f"sqlite:///{old}")
    with database.unchecked() as connection:
        database.upgrade(connection, "0001")
        connection.commit()
    database.close()
    with sqlite3.connect(old) as plain:
        columns = {
            name: [row[1] for row in plain.execute(f"PRAGMA table_info({name})")]
            for (name,) in plain.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
    path = tmp_path / "old.zip"
    path.write_bytes(_as_of_first_revision(whole, manifest, columns))
    with open_kb(restored(tmp_path / "target", path)) as again:
        assert {d.title for d in again.documents.recent(SYSTEM, 9)} == {
            title for title, _ in TEXTS.values()
        }
        assert again.database.revision() == kb.database.revision()


def _as_of_first_revision(whole: bytes, manifest: Manifest, columns: dict[str, list[str]]) -> bytes:
    from dataclasses import replace

    from kb.backup_format import Part, read, written

    made, parts, tables = io.BytesIO(), {}, {}
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(made, "w") as new:
        for name in manifest.parts:
            data, table = old.read(name), name.removeprefix("tables/").removesuffix(".jsonl")
            if name.startswith("tables/"):
                if table not in columns:
                    continue
                head, *rows = [read(line) for line in data.splitlines()]
                kept = [at for at, column in enumerate(head) if column in columns[table]]
                data = b"".join(written([row[at] for at in kept]) for row in (head, *rows))
                tables[table] = len(rows)
            new.writestr(name, data)
            parts[name] = Part(hashlib.sha256(data).hexdigest(), len(data))
        told = replace(manifest, revision="0001", parts=parts, tables=tables)
        new.writestr(MANIFEST, told.as_json())
    return made.getvalue()


@pytest.mark.skipif(not shutil.which("pg_ctl"), reason="no PostgreSQL here")
@pytest.mark.slow
def test_the_same_backup_goes_to_postgresql_and_back(
    kb: KnowledgeBase, tmp_path: Path, postgresql: str
) -> None:
    report = kb.backups.make(SYSTEM, tmp_path / "b.zip")
    before = everything(kb)
    settings = restored(tmp_path / "pg", report.path, postgresql)
    with open_kb(settings) as there:
        assert everything(there) == before
        stored = there.documents.store(
            SYSTEM, Draft("新", "新文", "zh", Guess("summary"), "md"), place="/new.md"
        )
        assert stored.document_id == 4
        assert there.audit.verify().breaks == ()
        back = there.backups.make(SYSTEM, tmp_path / "back.zip")
        then = everything(there)
    with pytest.raises(BackupRefused, match="tables already"):
        restored(tmp_path / "again", report.path, postgresql)
    with open_kb(restored(tmp_path / "back", back.path)) as again:
        assert everything(again) == then
