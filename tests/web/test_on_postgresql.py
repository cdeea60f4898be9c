"""Pages and calls on PostgreSQL, which is stricter than SQLite: no failure of ours, whatever stands in a field."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from zlib import crc32

import pytest
from fastapi.testclient import TestClient

from kb import open_kb
from kb.access import SYSTEM, Role
from kb.config import Settings
from kb.database import storable
from tests.web.conftest import draft, store
from tests.web.test_form_fuzzing import EXAMPLES, GAPS, NUMBER
from web.actors import COOKIE
from web.app import create_app
from web.route_actions import ROUTES

# Not asked: it makes a backup of everything, and what leaves this site.
LEFT_OUT = re.compile(r"GET /(admin/backup|sign-in/oidc)")
# NUL, which PostgreSQL cannot hold, in fields that are looked up and in fields that are kept.
NUL = "风险\x00管理"
FIELDS = ("q", "tag", "user", "person", "project", "department", "page", "year", "title", "name")


def test_no_parameter_of_a_statement_holds_nul() -> None:
    assert storable("a\x00b") == "a\N{REPLACEMENT CHARACTER}b"
    assert storable({"a": "\x00", "b": 1, "c": b"\x00"}) == {
        "a": "\N{REPLACEMENT CHARACTER}",
        "b": 1,
        "c": b"\x00",
    }
    assert storable([("风险", None), ("\x00",)]) == [("风险", None), ("\N{REPLACEMENT CHARACTER}",)]


@pytest.mark.skipif(not shutil.which("pg_ctl"), reason="no PostgreSQL here")
@pytest.mark.slow
def test_pages_are_answered_and_every_field_may_hold_anything(
    tmp_path: Path, postgresql: str
) -> None:
    unlimited = dict.fromkeys(("searches", "imports", "reads", "writes", "exports"), 0)
    settings = Settings(
        data_dir=tmp_path / "data",
        database_url=postgresql,
        workers=1,
        **{f"{kind}_per_minute": most for kind, most in unlimited.items()},  # type: ignore[arg-type]
    )
    with open_kb(settings) as kb:
        kb.accounts.add("pmo", "周敏", "known", Role.ADMINISTRATOR, published=True)
        actor = kb.accounts.actor("pmo")
        assert actor is not None
        store(kb, draft("管廊 𠮷 risk", "# 管廊\n\n开工前探明。", "zh", "summary"), name="管廊.md")
        kb.indexing.catch_up()
        cookie = f"{COOKIE}={kb.sessions.begin(actor, way='password')}"
        client = TestClient(
            create_app(settings, kb),
            headers={"Cookie": cookie},
            follow_redirects=False,
            raise_server_exceptions=False,
        )
        failed = []
        for route in ROUTES:
            method, path = route.split(" ")
            if method != "GET" or LEFT_OUT.match(route):
                continue
            if EXAMPLES == 1 and crc32(route.encode()) % 3 and route != "GET /training":
                continue  # the suite has time for a third; `make fuzz` asks all
            address = re.sub(r"\{(\w+)[^}]*\}", lambda gap: GAPS.get(gap[1], NUMBER), path)
            status = client.get(address, params=dict.fromkeys(FIELDS, NUL)).status_code
            if status >= 500:
                failed.append((route, status))
        assert failed == []
        form = dict.fromkeys((*FIELDS, "body", "text", "kind"), NUL)
        for path in ("/pages/new", "/questions", "/documents/1/comments", "/sign-in", "/topics"):
            assert client.post(path, data=form).status_code < 500, path
        made = client.post("/pages/new", data={"title": NUL, "kind": "guide"})
        number = re.search(r"/documents/(\d+)", made.headers["Location"])
        assert number is not None
        kept = kb.documents.get(SYSTEM, int(number[1]))
        assert kept.title == "风险\N{REPLACEMENT CHARACTER}管理"
