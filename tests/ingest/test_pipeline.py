from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ingest.sources import listed, uploaded
from ingest.workers import ReadingPool
from kb import open_kb
from kb.access import SYSTEM, Actor, Audience, Role
from kb.config import Settings
from kb.errors import DataFolderError, NotFound
from kb.importing_rules import Entry, Overrides
from kb.knowledge_base import KnowledgeBase
from tests.ingest.import_runs import hostile_pool, outcomes, run

LI_NA = Actor("li.na", "李娜", Role.CONTRIBUTOR, frozenset({"pmo"}))
TOM = Actor("tom", "Tom Brown", Role.CONTRIBUTOR)


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReadingPool]:
    with hostile_pool(tmp_path_factory.mktemp("pool")) as made:
        yield made


@pytest.fixture
def kb(data_folder: Path) -> Iterator[KnowledgeBase]:
    with open_kb(Settings(data_dir=data_folder, max_file_mib=1)) as made:
        yield made


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "资料"
    folder.mkdir()
    return folder


def import_all(
    kb: KnowledgeBase, pool: ReadingPool, folder: Path, **options: object
) -> dict[str, str]:
    job_id = kb.imports.create(SYSTEM, sources=[str(folder)], **options)  # type: ignore[arg-type]
    run(kb, job_id, pool)
    return {name: item.outcome for name, item in outcomes(kb, job_id).items()}


def test_a_file_becomes_a_document_with_its_original_and_its_ledger(
    kb: KnowledgeBase, pool: ReadingPool, inbox: Path
) -> None:
    (inbox / "总结.txt").write_text("盾构机在第三标段停了七天。", encoding="utf-8")
    job_id = kb.imports.create(SYSTEM, sources=[str(inbox)])
    run(kb, job_id, pool)

    item = outcomes(kb, job_id)["总结.txt"]
    assert (item.outcome, item.step, item.document_version) == ("stored", "store", 1)
    assert (item.coverage, item.losses) == (100.0, ("1 chart was not carried.",))
    assert item.document_id is not None
    document = kb.documents.get(SYSTEM, item.document_id)
    assert document.body == "盾构机在第三标段停了七天。"
    path, name, media_type = kb.documents.original(SYSTEM, item.document_id)
    assert path.read_text(encoding="utf-8") == document.body
    assert (name, media_type) == ("总结.txt", "text/plain")


def test_the_same_again_is_unchanged_and_a_changed_file_is_a_new_version(
    kb: KnowledgeBase, pool: ReadingPool, inbox: Path
) -> None:
    (inbox / "总结.txt").write_text("初稿", encoding="utf-8")
    (inbox / "report.txt").write_text("draft", encoding="utf-8")
    assert import_all(kb, pool, inbox) == {"总结.txt": "stored", "report.txt": "stored"}
    (inbox / "总结.txt").write_text("终稿", encoding="utf-8")
    job_id = kb.imports.create(SYSTEM, sources=[str(inbox)])
    counts = run(kb, job_id, pool).counts

    items = outcomes(kb, job_id)
    assert (items["总结.txt"].outcome, items["总结.txt"].document_version) == ("stored", 2)
    assert items["report.txt"].outcome == "unchanged"
    assert (counts.stored, counts.new_versions, counts.unchanged) == (1, 1, 1)
    assert sum(kb.documents.counts(SYSTEM).values()) == 2


def test_the_same_content_under_another_name_is_a_duplicate_of_the_first(
    kb: KnowledgeBase, pool: ReadingPool, inbox: Path
) -> None:
    (inbox / "总结.txt").write_text("同一份", encoding="utf-8")
    import_all(kb, pool, inbox)
    (inbox / "总结（副本）.txt").write_text("同一份", encoding="utf-8")
    job_id = kb.imports.create(SYSTEM, sources=[str(inbox)])
    run(kb, job_id, pool)

    items = outcomes(kb, job_id)
    assert items["总结（副本）.txt"].outcome == "duplicate"
    assert items["总结（副本）.txt"].document_id == items["总结.txt"].document_id


def test_many_copies_at_once_make_one_document(
    kb: KnowledgeBase, pool: ReadingPool, inbox: Path
) -> None:
    for number in range(20):
        (inbox / f"副本{number}.txt").write_text("同一份", encoding="utf-8")
    found = list(import_all(kb, pool, inbox).values())
    assert (found.count("stored"), found.count("duplicate")) == (1, 19)
    assert sum(kb.documents.counts(SYSTEM).values()) == 1


def test_nearly_the_same_is_said_so_with_the_likeness(
    kb: KnowledgeBase, pool: ReadingPool, inbox: Path
) -> None:
    text = "".join(f"第 {n} 条：{n * 37 % 101} 号井的管线在开工前没有探明。" for n in range(60))
    (inbox / "终稿.txt").write_text(text, encoding="utf-8")
    import_all(kb, pool, inbox)
    (inbox / "最终稿.txt").write_text(text + "附：签字页。", encoding="utf-8")
    job_id = kb.imports.create(SYSTEM, sources=[str(inbox)])
    run(kb, job_id, pool)

    items = outcomes(kb, job_id)
    [near] = items["最终稿.txt"].near
    assert (near.document_id, near.title) == (items["终稿.txt"].document_id, "终稿.txt")
    assert 90 <= near.likeness < 100
    assert items["终稿.txt"].near == ()


@pytest.mark.parametrize(
    ("content", "code", "step", "kept"),
    [
        (b"", "empty-file", "keep", False),
        (b"x" * (1024 * 1024 + 1), "file-too-large", "keep", False),
        ("!damaged 截断".encode(), "damaged-file", "read", True),
        (b"!hang", "read-timed-out", "read", True),
        (b"!exit 3", "reader-crashed", "read", True),
        (b"!bug", "import-fault", "read", True),
    ],
)
def test_a_file_that_fails_says_at_which_step_and_its_original_is_kept(
    *,
    kb: KnowledgeBase,
    pool: ReadingPool,
    inbox: Path,
    content: bytes,
    code: str,
    step: str,
    kept: bool,
) -> None:
    (inbox / "坏.txt").write_bytes(content)
    job_id = kb.imports.create(SYSTEM, sources=[str(inbox)])
    run(kb, job_id, pool)

    item = outcomes(kb, job_id)["坏.txt"]
    assert (item.outcome, item.error_code, item.step) == ("failed", code, step)
    assert "坏.txt" in item.error
    assert item.advice
    assert [kb.files.path(sha256).read_bytes() for sha256 in kb.files.hashes()] == (
        [content] if kept else []
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_one_may_not_read_says_so(kb: KnowledgeBase, pool: ReadingPool, inbox: Path) -> None:
    (inbox / "机密.txt").write_text("x", encoding="utf-8")
    (inbox / "机密.txt").chmod(0)
    assert import_all(kb, pool, inbox) == {"机密.txt": "failed"}


def test_a_file_that_is_gone_or_no_file_any_more_says_so(
    kb: KnowledgeBase, pool: ReadingPool, inbox: Path
) -> None:
    for name in ("gone.txt", "管道.txt", "目录.txt"):
        (inbox / name).write_text(name, encoding="utf-8")
    entries = list(listed([str(inbox)]))
    for name in ("gone.txt", "管道.txt", "目录.txt"):
        (inbox / name).unlink()
    os.mkfifo(inbox / "管道.txt")
    (inbox / "目录.txt").mkdir()
    job_id = kb.imports.create(SYSTEM, entries)
    run(kb, job_id, pool)
    assert {name: item.error_code for name, item in outcomes(kb, job_id).items()} == {
        "gone.txt": "unreadable-file",
        "管道.txt": "unreadable-file",
        "目录.txt": "unreadable-file",
    }


def test_what_is_given_along_with_a_file_wins_over_what_is_in_it(
    kb: KnowledgeBase, pool: ReadingPool, inbox: Path
) -> None:
    (inbox / "总结.txt").write_text("八号线", encoding="utf-8")
    row = {
        "title": "地铁 8 号线总结",
        "kind": "summary",
        "project": "CL-2018-007",
        "author": "李娜；Tom Brown",
        "date": "2021-03-31",
        "tags": "地铁, 盾构",
        "audience": "group:pmo",
    }
    [entry] = listed([str(inbox)])
    job_id = kb.imports.create(
        SYSTEM, [replace(entry, overrides=Overrides.parse(row))], kind="report"
    )
    run(kb, job_id, pool)

    document_id = outcomes(kb, job_id)["总结.txt"].document_id
    assert document_id is not None
    with pytest.raises(NotFound):
        kb.documents.get(TOM, document_id)
    document = kb.documents.get(LI_NA, document_id)
    assert (document.title, document.kind) == ("地铁 8 号线总结", "summary")
    assert document.project is not None
    assert document.project.code == "CL-2018-007"
    assert [person.name for person in document.people] == ["李娜", "Tom Brown"]
    assert {tag.tag for tag in document.tags} == {"地铁", "盾构"}
    assert document.dated == date(2021, 3, 31)


def test_kind_and_audience_of_the_job_hold_for_files_without_their_own(
    kb: KnowledgeBase, pool: ReadingPool, inbox: Path
) -> None:
    (inbox / "lesson.txt").write_text("we dug too early", encoding="utf-8")
    job_id = kb.imports.create(
        LI_NA, sources=[str(inbox)], kind="lesson", audience=Audience.parse("group:pmo")
    )
    run(kb, job_id, pool)
    document_id = outcomes(kb, job_id)["lesson.txt"].document_id
    assert document_id is not None
    assert kb.documents.get(LI_NA, document_id).kind == "lesson"
    with pytest.raises(NotFound):
        kb.documents.get(TOM, document_id)


def test_uploads_are_read_from_the_file_store(kb: KnowledgeBase, pool: ReadingPool) -> None:
    sha256, size = kb.files.keep("上传的文件".encode())
    empty, _ = kb.files.keep(b"")
    entries = [
        uploaded(LI_NA, "年度/总结.txt", sha256, size),
        uploaded(LI_NA, "空.txt", empty, 0),
        uploaded(LI_NA, "huge.txt", None, 5 * 1024 * 1024),
        uploaded(LI_NA, "~$总结.docx", sha256, size),
    ]
    job_id = kb.imports.create(LI_NA, entries)
    run(kb, job_id, pool)
    found = {name: item.outcome for name, item in outcomes(kb, job_id).items()}
    assert found == {
        "总结.txt": "stored",
        "空.txt": "failed",
        "huge.txt": "failed",
        "~$总结.docx": "skipped",
    }
    assert outcomes(kb, job_id)["huge.txt"].error_code == "file-too-large"


def test_two_people_uploading_the_same_name_do_not_overwrite_each_other(
    kb: KnowledgeBase, pool: ReadingPool
) -> None:
    ids = []
    for actor, text in ((LI_NA, "李娜的周报"), (TOM, "Tom's weekly report")):
        job_id = kb.imports.create(
            actor, [uploaded(actor, "周报.txt", *kb.files.keep(text.encode()))]
        )
        run(kb, job_id, pool)
        ids.append(outcomes(kb, job_id)["周报.txt"].document_id)
    assert len(set(ids)) == 2


def test_names_that_are_not_text_are_read_and_shown(
    kb: KnowledgeBase, pool: ReadingPool, inbox: Path
) -> None:
    for name in ("项目总结.txt".encode("gb18030"), "两\n行.txt".encode(), "🚇𠮷.txt".encode()):
        Path(os.fsdecode(os.fsencode(inbox) + b"/" + name)).write_bytes(name[:-4].hex().encode())
    assert import_all(kb, pool, inbox) == {
        "项目总结.txt": "stored",
        "两\\u000a行.txt": "stored",
        "🚇𠮷.txt": "stored",
    }


def test_a_full_disk_blames_no_file_and_loses_none(
    kb: KnowledgeBase, pool: ReadingPool, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (inbox / "总结.txt").write_text("盘满", encoding="utf-8")

    def full(*_: object) -> None:
        raise DataFolderError(path="data", reason="No space left on device")

    job_id = kb.imports.create(SYSTEM, sources=[str(inbox)])
    with monkeypatch.context() as patch:
        patch.setattr(kb.files, "keep", full)
        with pytest.raises(DataFolderError):
            run(kb, job_id, pool)
    job = kb.imports.get(SYSTEM, job_id)
    assert (job.state, job.counts.left, job.counts.failed) == ("paused", 1, 0)
    assert "No space left" in job.error

    assert kb.imports.retry_failed(SYSTEM, job_id).state == "queued"
    assert run(kb, job_id, pool).counts.stored == 1


def test_an_unknown_fault_is_told_and_the_rest_goes_on(
    kb: KnowledgeBase, pool: ReadingPool, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("甲.txt", "b.txt"):
        (inbox / name).write_text(name, encoding="utf-8")
    real = kb.documents.store

    def faulty(actor: Actor, draft: object, **rest: object) -> object:
        if rest["place"] == str((inbox / "b.txt").resolve()):
            raise ValueError("a fault of ours")
        return real(actor, draft, **rest)  # type: ignore[arg-type]

    monkeypatch.setattr(kb.documents, "store", faulty)
    job_id = kb.imports.create(SYSTEM, sources=[str(inbox)])
    run(kb, job_id, pool)
    items = outcomes(kb, job_id)
    assert items["甲.txt"].outcome == "stored"
    assert (items["b.txt"].error_code, items["b.txt"].step) == ("import-fault", "store")


def test_an_entry_may_have_its_own_place(kb: KnowledgeBase, pool: ReadingPool, inbox: Path) -> None:
    (inbox / "a.txt").write_text("v1", encoding="utf-8")
    path = os.fsencode(inbox / "a.txt")
    entry = Entry(path="zh/a.txt", place="corpus:zh/a.txt", local_path=path)
    first = kb.imports.create(SYSTEM, [entry])
    run(kb, first, pool)
    again = kb.imports.create(SYSTEM, [entry])
    assert run(kb, again, pool).counts.unchanged == 1


def zipped(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


INNER = zipped({"纪要.txt": "会议纪要".encode(), "空.txt": b""})
ARCHIVE = zipped(
    {
        "年度/总结.txt": "年度总结".encode(),
        "年度/~$总结.txt": b"lock",
        "../../逃.txt": "逃不出去".encode(),
        "内/inner.zip": INNER,
    }
)


@pytest.mark.parametrize("way", ["folder", "upload"])
def test_an_archive_is_replaced_by_its_files_to_any_depth(
    kb: KnowledgeBase, pool: ReadingPool, inbox: Path, way: str
) -> None:
    if way == "folder":
        (inbox / "资料.zip").write_bytes(ARCHIVE)
        job_id = kb.imports.create(SYSTEM, sources=[str(inbox)])
    else:
        job_id = kb.imports.create(SYSTEM, [uploaded(SYSTEM, "资料.zip", *kb.files.keep(ARCHIVE))])
    counts = run(kb, job_id, pool).counts

    items = {
        item.path.rpartition("资料.zip")[2]: item for item in kb.imports.all_items(SYSTEM, job_id)
    }
    assert {path: item.outcome for path, item in items.items()} == {
        "!/年度/总结.txt": "stored",
        "!/年度/~$总结.txt": "skipped",
        "!/逃.txt": "stored",
        "!/内/inner.zip!/纪要.txt": "stored",
        "!/内/inner.zip!/空.txt": "failed",
    }
    assert items["!/内/inner.zip!/空.txt"].error_code == "empty-file"
    assert (counts.total, counts.stored, counts.failed, counts.skipped) == (4, 3, 1, 1)
    document_id = items["!/内/inner.zip!/纪要.txt"].document_id
    assert document_id is not None
    path, name, _ = kb.documents.original(SYSTEM, document_id)
    assert (name, path.read_bytes()) == ("纪要.txt", "会议纪要".encode())
    assert not list((pool.folder).glob("reading-*/000*"))


def test_an_archive_again_stores_only_what_changed_in_it(
    kb: KnowledgeBase, pool: ReadingPool, inbox: Path
) -> None:
    (inbox / "a.zip").write_bytes(zipped({"甲.txt": "甲".encode(), "b.txt": b"v1"}))
    import_all(kb, pool, inbox)
    (inbox / "a.zip").write_bytes(zipped({"甲.txt": "甲".encode(), "b.txt": b"v2"}))
    job_id = kb.imports.create(SYSTEM, sources=[str(inbox)])
    run(kb, job_id, pool)
    found = {name: (i.outcome, i.document_version) for name, i in outcomes(kb, job_id).items()}
    assert found == {"甲.txt": ("unchanged", 1), "b.txt": ("stored", 2)}


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (zipped({}), "no-text", "坏.zip holds no text: there is no file in the archive"),
        (ARCHIVE[:-30], "damaged-file", "坏.zip is damaged"),
    ],
)
def test_an_archive_that_cannot_be_opened_is_one_failed_file_whose_original_is_kept(
    *,
    kb: KnowledgeBase,
    pool: ReadingPool,
    inbox: Path,
    content: bytes,
    code: str,
    words: str,
) -> None:
    (inbox / "坏.zip").write_bytes(content)
    (inbox / "好.txt").write_text("其余照常", encoding="utf-8")
    job_id = kb.imports.create(SYSTEM, sources=[str(inbox)])
    run(kb, job_id, pool)
    items = outcomes(kb, job_id)
    assert items["好.txt"].outcome == "stored"
    item = items["坏.zip"]
    assert (item.outcome, item.error_code) == ("failed", code)
    assert item.error.startswith(words)
    assert content in [kb.files.path(sha256).read_bytes() for sha256 in kb.files.hashes()]


def test_a_bomb_in_an_archive_is_one_failed_file_and_its_neighbours_are_stored(
    kb: KnowledgeBase, pool: ReadingPool, inbox: Path
) -> None:
    bomb = zipped({"零.txt": b"\0" * 40_000_000, "好.txt": "其余照常".encode()})
    (inbox / "b.zip").write_bytes(bomb)
    assert import_all(kb, pool, inbox) == {"零.txt": "failed", "好.txt": "stored"}
