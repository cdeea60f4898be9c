"""What is refused leaves a trace: counted, written once a minute, and too much of it is told to administrators."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from kb.access import SYSTEM, Audience, Role
from kb.audit import AuditFilter, AuditLine
from kb.auditing import acting_from
from kb.config import MIB, Settings
from kb.database import Database
from kb.errors import DataFolderError, NotAllowed
from kb.knowledge_base import KnowledgeBase
from kb.models import utc_now
from kb.notifications import MailWish
from kb.refusals import MANY, MAX_ROUTES, MAX_ROWS, ONE_ROW_SECONDS, Refusals
from kb.unusual import Thresholds, Unusual
from tests.web.conftest import draft, sign_in, store
from web.app import create_app

FOREIGN = {"Sec-Fetch-Site": "cross-site"}
API = "/api/v1/lessons"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Nobody reads without signing in."""
    return settings.model_copy(update={"anonymous_role": "none"})


def written(kb: KnowledgeBase, about: str = "refused-") -> list[AuditLine]:
    kb.refusals.write(at_once=True)
    rows = kb.audit.export(SYSTEM, AuditFilter())
    return [line for line in rows if line.action.startswith(about)]


def test_each_kind_of_refusal_is_written_down_with_its_route_and_nothing_that_was_sent(
    kb: KnowledgeBase, settings: Settings
) -> None:
    secret = store(
        kb,
        draft("并购计划 acquisition", "管廊 vault", "zh", "summary"),
        audience=Audience.parse("user:pmo"),
    )
    few = settings.model_copy(update={"searches_per_minute": 1})
    with TestClient(create_app(few, kb), follow_redirects=False) as client:
        cases = [
            ("sign-in-needed", "", 401, "GET", API, {}, {}),
            ("bad-token", "", 401, "GET", API, {"Authorization": "Bearer qj_风险"}, {}),
            ("foreign-site", "", 403, "POST", API, FOREIGN, {"json": {"title": "机密"}}),
            ("wrong-method", "", 405, "TRACE", "/projects", {}, {}),
            ("wrong-method", "", 405, "机密", "/projects", {}, {}),
            ("not-found", "", 404, "GET", "/机密/wp-login.php", {}, {}),
            (
                "too-large",
                "",
                413,
                "POST",
                "/sign-in",
                {"Content-Type": "application/x-www-form-urlencoded"},
                {"content": b"n=" + b"x" * ((settings.max_file_mib + 16) * MIB)},
            ),
            ("not-found", "li.na", 404, "GET", f"/documents/{secret}", {}, {}),
            ("not-found", "li.na", 404, "GET", "/documents/424242", {}, {}),
            ("not-allowed", "li.na", 403, "GET", "/admin/users/机密", {}, {}),
            ("bad-input", "li.na", 422, "POST", API, {}, {"json": {"title": "机密"}}),
            ("limit", "li.na", 429, "GET", "/api/v1/suggest?q=机密", {}, {}),
        ]
        for kind, user, status, method, path, headers, body in cases:
            if user and "session" not in client.cookies:
                sign_in(client, user)
                assert client.get("/api/v1/suggest?q=a").status_code == 200
            sent = {name: value.encode() for name, value in headers.items()}
            answer = client.request(method, path, headers=sent, **body)  # type: ignore[arg-type]
            assert answer.status_code == status, (kind, path)
        lines = written(kb)
    told = {(line.action.removeprefix("refused-"), line.by): line.detail for line in lines}
    assert told.keys() == {(kind, user) for kind, user, *_ in cases}
    assert {line.place for line in lines} == {"testclient"}
    # The thing that is hidden and the one that is not there are one and the same line.
    assert told["not-found", "li.na"] == {"count": 2, "routes": ["GET /documents/{document_id}"]}
    assert told["wrong-method", ""]["routes"] == ["OTHER /projects", "TRACE /projects"]
    assert told["not-found", ""]["routes"] == ["GET no such address"]
    assert told["not-allowed", "li.na"]["routes"] == ["GET /admin/users/{user_id}"]
    assert told["bad-input", "li.na"]["routes"] == [f"POST {API}"]
    assert "机密" not in str(lines)
    assert "acquisition" not in str(lines)
    assert not kb.audit.verify().breaks


def test_a_flood_is_a_few_rows_and_a_minute_makes_one(migrated_database: Database) -> None:
    now = [0.0]
    refusals = Refusals(migrated_database, clock=lambda: now[0])
    for number in range(20_000):
        refusals.count("limit", "", f"198.51.{number % 250}.7", f"GET /{number}")
        refusals.count("not-found", "li.na", "198.51.100.7", f"GET /{number}")
    assert refusals.write() == 0
    now[0] = ONE_ROW_SECONDS
    assert refusals.write() <= MAX_ROWS + 2
    assert refusals.write(at_once=True) == 0
    lines = list(_log(migrated_database))
    assert sum(line.detail["count"] for line in lines) == 40_000
    assert all(len(line.detail["routes"]) <= MAX_ROUTES for line in lines)
    assert max(lines, key=lambda line: line.detail["count"] * (line.by == "")).place == MANY
    with pytest.raises(ValueError, match="nothing is refused"):
        refusals.count("anything", "", "", "")


def test_what_cannot_be_written_now_is_written_later(
    migrated_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals = Refusals(migrated_database)
    refusals.count("limit", "", "198.51.100.7", "GET /")

    def full() -> None:
        raise DataFolderError(path="/data", reason="database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(migrated_database, "write", full)
        with pytest.raises(DataFolderError):
            refusals.write(at_once=True)
    assert refusals.write(at_once=True) == 1


def test_administrators_are_told_once_of_what_is_unusual_and_nobody_else_is(
    client: TestClient, kb: KnowledgeBase
) -> None:
    thresholds = Thresholds(minutes=60, refusals=10, readings=5)
    later = [timedelta()]
    unusual = Unusual(kb.database, thresholds, now=lambda: utc_now() + later[0])
    administrator, reader = kb.accounts.actor("pmo"), kb.accounts.actor("li.na")
    assert administrator is not None
    assert reader is not None

    def refuse(times: int, kind: str, user: str, place: str) -> None:
        for _ in range(times):
            kb.refusals.count(kind, user, place, "GET /documents/{document_id}")
        kb.refusals.write(at_once=True)

    refuse(9, "not-found", "li.na", "198.51.100.7")
    refuse(500, "sign-in-needed", "", "198.51.100.8")
    assert unusual.look() == 0
    refuse(1, "limit", "li.na", "198.51.100.9")
    assert unusual.look() == 1
    assert unusual.look() == 0
    with acting_from("203.0.113.5"):
        for _ in range(10):
            kb.accounts.failed("nobody", "203.0.113.5")
    assert unusual.look() == 1
    for number in range(1, 6):
        kb.sightings.exported(reader, "document", str(number), "md")
    assert unusual.look() == 1
    later[0] = timedelta(hours=2)
    assert unusual.look() == 0
    later[0] = timedelta()
    # From many places a little each: 10 and 10 from before, 40 now, are 5 × 12.
    many = Unusual(kb.database, replace(thresholds, refusals=12))
    for number in range(40):
        refuse(1, "bad-token", "", f"203.0.113.{number + 10}")
    assert many.look() == 1

    alerts = written(kb, "alert")
    assert [(line.subject, line.thing, line.detail["about"]) for line in alerts] == [
        ("user", "li.na", "refused"),
        ("place", "203.0.113.5", "refused"),
        ("user", "li.na", "read"),
        ("installation", "", "refused"),
    ]
    told, total = kb.notifications.all(administrator)
    assert total == 4
    assert {(one.kind, one.subject) for one in told} == {("unusual", "alert")}
    assert {one.number for one in told} == {line.id for line in alerts}
    assert kb.notifications.all(reader)[1] == 0
    # A mail of today has left already; this one does not wait for tomorrow's.
    kb.notifications.wish_mail(administrator, MailWish("pmo@example.com", "daily", "zh"))
    kb.mail_digests.sent("pmo", [], utc_now())
    (digest,) = kb.mail_digests.due(utc_now())
    assert (digest.user, len(digest.told)) == ("pmo", 4)
    # Who is no administrator any more reads nothing of it.
    kb.accounts.set_role(SYSTEM, "li.na", Role.ADMINISTRATOR)
    kb.accounts.set_role(SYSTEM, "pmo", Role.CURATOR)
    former = kb.accounts.actor("pmo")
    assert former is not None
    assert kb.notifications.all(former)[1] == 0
    with pytest.raises(NotAllowed):
        kb.unusual.lately(former)

    sign_in(client, "li.na")
    _alerts_are_shown(client, alerts[0].id)


def test_switched_off_nobody_is_told(migrated_database: Database) -> None:
    refusals = Refusals(migrated_database)
    for _ in range(1000):
        refusals.count("limit", "", "198.51.100.7", "GET /")
    refusals.write(at_once=True)
    off = Thresholds(minutes=60, refusals=0, readings=0)
    assert Unusual(migrated_database, off).look() == 0


@pytest.fixture
def migrated_database(kb: KnowledgeBase) -> Database:
    return kb.database


def _log(database: Database) -> list[AuditLine]:
    from kb.audit import Audit

    rows = Audit(database, 0).export(SYSTEM, AuditFilter())
    return [line for line in rows if line.action.startswith("refused-")]


def _alerts_are_shown(client: TestClient, number: int) -> None:
    page = client.get(f"/admin/audit/{number}")
    assert page.url.path == "/admin/audit"
    assert "4 alerts" in page.text
    assert "198.51.100.7" in page.text
    assert "was refused: token that is none" in page.text
    page = client.get("/admin/audit", headers={"Accept-Language": "zh"})
    assert "异常活动" in page.text
    assert "被拒绝：令牌无效" in page.text
