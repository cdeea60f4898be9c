"""Files of a folder that is for some people only, on their way through a real import."""

from __future__ import annotations

import zipfile
from pathlib import Path

from kb import open_kb
from kb.access import AS_PROJECT, FOR_EVERYONE, SYSTEM, Actor, Audience, Role
from kb.config import Settings
from kb.importing_rules import BY_FOLDER
from tests.ingest.import_runs import hostile_pool, outcomes, run

READER = Actor("chen.wei", "Chen Wei", Role.READER)
LAWYER = Actor("fa.lv", "法律", Role.READER, frozenset({"legal"}))


def test_what_lies_in_a_confidential_folder_is_for_its_audience_in_zips_and_sub_folders_too(
    data_folder: Path, tmp_path: Path
) -> None:
    share = tmp_path / "资料"
    secret = share / "合同" / "保密"
    (secret / "2024").mkdir(parents=True)
    for path, text in (
        (secret / "报价.txt", "报价"),
        (secret / "2024" / "terms.txt", "terms"),
        (share / "合同" / "公告.txt", "公告"),
        (secret / "坏.txt", "!damaged"),
    ):
        path.write_text(text, encoding="utf-8")
    with zipfile.ZipFile(secret / "归档.zip", "w") as archive:
        archive.writestr("旧/会议.txt", "会议")
    with (
        open_kb(Settings(data_dir=data_folder)) as kb,
        hostile_pool(tmp_path / "pool") as pool,
    ):
        kb.folders.set_audience(SYSTEM, str(secret), Audience.parse("group:legal"))
        job = kb.imports.create(SYSTEM, sources=[str(share)], audience=AS_PROJECT)
        assert run(kb, job, pool).counts.stored == 4
        found = outcomes(kb, job)
        ids = {name: item.document_id for name, item in found.items() if item.document_id}
        hidden = {name for name, item in found.items() if item.note == BY_FOLDER}
        assert hidden == {"报价.txt", "terms.txt", "会议.txt"}
        for actor, seen in ((READER, ids.keys() - hidden), (LAWYER, ids.keys())):
            readable = kb.documents.titles(actor, ids.values())
            assert {name for name, number in ids.items() if number in readable} == set(seen)
        folders = {view.folder: view.documents for view in kb.folders.listed(SYSTEM)}
        assert folders[str(secret)] == 3
        assert folders[str(secret / "旧")] == 1

        # What is said with the import is set on the documents themselves.
        (secret / "公开.txt").write_text("公开", encoding="utf-8")
        job = kb.imports.create(SYSTEM, sources=[str(share)], audience=FOR_EVERYONE)
        run(kb, job, pool)
        opened = outcomes(kb, job)
        assert opened["公开.txt"].note == ""
        assert kb.documents.titles(READER, [opened["公开.txt"].document_id or 0])
        assert opened["报价.txt"].outcome == "unchanged"
        assert not kb.documents.titles(READER, [ids["报价.txt"]])
        # A new version stays what its folder says.
        (secret / "报价.txt").write_text("报价 第二版", encoding="utf-8")
        job = kb.imports.create(SYSTEM, sources=[str(secret)], audience=AS_PROJECT)
        run(kb, job, pool)
        assert outcomes(kb, job)["报价.txt"].document_version == 2
        assert not kb.documents.titles(READER, [ids["报价.txt"]])
