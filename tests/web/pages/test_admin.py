"""Administration: only for administrators, no secret shown, and every button does what it says."""

from __future__ import annotations

import io
import json
import re
import time
import zipfile

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from kb.access import SYSTEM
from kb.audit import AuditFilter
from kb.config import Settings
from kb.knowledge_base import KnowledgeBase
from tests.web.conftest import sign_in
from web.pages.admin_settings import lines

PAGES = (
    "/admin",
    "/admin/settings",
    "/admin/jobs",
    "/admin/audit",
    "/admin/audit.csv",
    "/admin/personal",
)
POSTS = (
    "/admin/check",
    "/admin/index/rebuild",
    "/admin/backup/keep",
    "/admin/backup/download",
    "/admin/audit/verify",
    "/admin/jobs/1/retry",
    "/admin/personal/export",
    "/admin/personal/erase",
)


def test_nobody_but_administrators_gets_in(client: TestClient, kb: KnowledgeBase) -> None:
    for name in ("", "chen.wei", "li.na"):
        if name:
            sign_in(client, name)
        for path in PAGES:
            assert client.get(path).status_code in {401, 403}, (name, path)
        for path in POSTS:
            answer = client.post(path, data={"who": "li.na", "again": "li.na"})
            assert answer.status_code in {401, 403}, (name, path)
    assert kb.accounts.actor("li.na") is not None
    sign_in(client, "pmo")
    for path in PAGES:
        assert client.get(path).status_code == 200, path


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_every_page_is_there_in_both_languages(
    client: TestClient, documents: dict[str, int], language: str
) -> None:
    client.headers["Accept-Language"] = language
    sign_in(client, "pmo")
    for path, words in {
        "/admin": ("Search index", "搜索索引"),
        "/admin/settings": ("Settings", "设置"),
        "/admin/jobs": ("Imports", "导入"),
        "/admin/audit": ("Audit log", "审计日志"),
        "/admin/personal": ("Personal data", "个人数据"),
    }.items():
        text = client.get(path).text
        assert words[language != "en"] in text, path
    checked = client.post("/admin/audit/verify").text
    assert ("The chain holds" in checked) or ("记录链完整" in checked)
    assert client.post("/admin/check").status_code == 200


def test_the_log_is_filtered_and_its_table_is_safe_to_open(
    client: TestClient, kb: KnowledgeBase, documents: dict[str, int]
) -> None:
    sign_in(client, "pmo")
    page = client.get("/admin/audit?user=pmo&action=sign-in").text
    assert page.count('audit-row"') == 1
    assert "Zhou Min" in page
    assert client.get("/admin/audit?from=2999-01-01").text.count('audit-row"') == 0
    for odd in (
        "page=0",
        "page=x",
        "page=²",
        "from=gestern",
        "user=" + "长" * 500,
        "page=99999999",
    ):
        assert client.get(f"/admin/audit?{odd}").status_code == 200, odd
    with kb.database.write() as session:
        from kb.auditing import record_audit

        record_audit(session, SYSTEM, "export", "search", "=HYPERLINK(1)")
    table = client.get("/admin/audit.csv").text
    assert "'=HYPERLINK" in table
    assert kb.audit.entries(SYSTEM, AuditFilter(action="export", subject="audit"))[1] == 1


def test_settings_are_shown_and_secrets_are_not() -> None:
    shown = lines(
        Settings(
            secret_key=SecretStr("geheim-1"),
            database_url="postgresql+psycopg://kb:geheim-2@db.example.com/kb",
            smtp_password=SecretStr("geheim-3"),
        )
    )
    assert len(shown) == len(Settings.model_fields)
    assert "geheim" not in repr(shown)
    values = {line.name: line.value for line in shown}
    assert values["KB_DATABASE_URL"] == "postgresql+psycopg://kb:***@db.example.com/kb"


def test_a_backup_is_sent_or_kept(client: TestClient, kb: KnowledgeBase) -> None:
    sign_in(client, "pmo")
    answer = client.post("/admin/backup/download")
    assert answer.headers["content-disposition"].startswith("attachment")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert "manifest.json" in archive.namelist()
    folder = kb.settings.data_dir / "backups"
    assert list(folder.iterdir()) == []
    client.post("/admin/backup/keep")
    for _ in range(200):
        kept = kb.backups.kept(SYSTEM, folder)
        if kept:
            break
        time.sleep(0.05)
    assert kept[0][0] in client.get("/admin").text
    assert client.get(f"/admin/backup/{kept[0][0]}").content[:2] == b"PK"
    for odd in ("..%2fsecret", "secret", ".x"):
        assert client.get(f"/admin/backup/{odd}").status_code == 404
    sign_in(client, "li.na")
    assert client.get(f"/admin/backup/{kept[0][0]}").status_code == 403


def test_a_person_is_handed_out_and_erased_after_typing_the_name_again(
    client: TestClient, kb: KnowledgeBase
) -> None:
    sign_in(client, "pmo")
    told = json.loads(client.post("/admin/personal/export", data={"who": "li.na"}).text)
    assert "李娜" in told["names"]
    assert client.post("/admin/personal/export", data={"who": "谁"}).status_code == 422
    plan = client.post("/admin/personal/erase", data={"who": "li.na"}).text
    assert re.search(r"erased-[0-9a-f]{16}", plan)
    wrong = client.post("/admin/personal/erase", data={"who": "li.na", "again": "li.nb"})
    assert wrong.status_code == 422
    assert kb.accounts.actor("li.na") is not None
    done = client.post("/admin/personal/erase", data={"who": "li.na", "again": "li.na"})
    assert "Done" in done.text
    assert kb.accounts.actor("li.na") is None
    assert "李娜" not in client.get("/admin/users").text


def test_the_index_is_rebuilt_beside_and_searching_goes_on(
    client: TestClient, kb: KnowledgeBase, documents: dict[str, int]
) -> None:
    sign_in(client, "pmo")
    kb._engine.apply((), [f"document:{documents['lesson']}"])
    assert client.get("/api/v1/search?q=探地雷达").json()["total"] == 0
    assert client.post("/admin/index/rebuild", follow_redirects=False).status_code == 303
    for _ in range(200):
        if "admin-busy" not in client.get("/admin").text:
            break
        time.sleep(0.05)
    assert client.get("/api/v1/search?q=探地雷达").json()["total"] == 1
