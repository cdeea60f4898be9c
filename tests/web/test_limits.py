"""How often, how much, from where: rates, sizes of requests, and headers of proxies."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from kb.access import SYSTEM
from kb.config import MIB, Settings
from kb.errors import TooManyRequests
from kb.knowledge_base import KnowledgeBase
from tests.web.conftest import PASSWORD, sign_in
from web.app import create_app
from web.gate import kinds_of
from web.limits import EXPORTS, READS, SEARCHES, SIGN_INS, UPLOADS, WRITES, Limits
from web.route_actions import PUBLIC, ROUTES


def test_a_burst_is_answered_and_a_flood_is_not() -> None:
    now = [0.0]
    limits = Limits({SEARCHES: 60}, clock=lambda: now[0])
    for _ in range(60):
        limits.take(SEARCHES, "", "198.51.100.7")
    with pytest.raises(TooManyRequests) as refused:
        limits.take(SEARCHES, "", "198.51.100.7")
    assert refused.value.data["seconds"] == 1
    limits.take(SEARCHES, "li.na", "198.51.100.7")
    limits.take(SEARCHES, "", "198.51.100.8")
    now[0] += 2.5
    for _ in range(2):
        limits.take(SEARCHES, "", "198.51.100.7")
    with pytest.raises(TooManyRequests):
        limits.take(SEARCHES, "", "198.51.100.7")


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "127.8.8.8"])
def test_this_machine_is_not_limited_and_nothing_is_where_it_is_switched_off(address: str) -> None:
    limits = Limits({SEARCHES: 1})
    for _ in range(5):
        limits.take(SEARCHES, "", address)
    off = Limits({SEARCHES: 0})
    for _ in range(5):
        off.take(SEARCHES, "", "198.51.100.7")


def test_searching_too_often_says_when_to_come_back(kb: KnowledgeBase, settings: Settings) -> None:
    few = settings.model_copy(update={"searches_per_minute": 2, "imports_per_minute": 1})
    with TestClient(create_app(few, kb)) as client:
        answers = [client.get("/api/v1/suggest?q=a").status_code for _ in range(3)]
        assert answers == [200, 200, 429]
        refused = client.get("/?q=风险")
        assert refused.status_code == 429
        assert int(refused.headers["Retry-After"]) in range(1, 61)
        assert client.get("/").status_code == 200
        files = [("files", ("a.txt", b"x", "text/plain"))]
        posted = [client.post("/api/v1/imports", files=files).status_code for _ in range(2)]
        assert posted == [202, 429]
        assert client.post("/api/v1/imports", files=files).headers["Content-Type"] == (
            "application/problem+json"
        )


def test_reading_writing_and_taking_out_are_limited_for_each_user_by_themselves(
    kb: KnowledgeBase, settings: Settings
) -> None:
    few = settings.model_copy(
        update={"reads_per_minute": 8, "writes_per_minute": 2, "exports_per_minute": 1}
    )
    with TestClient(create_app(few, kb), headers={"Accept-Language": "zh"}) as client:
        sign_in(client, "li.na")
        exported = [client.get("/projects.csv").status_code for _ in range(2)]
        assert exported == [200, 429]
        form = {"title": "管廊 🚀", "body": "𠮷"}
        posted = [client.post("/saved/424242/delete", data=form).status_code for _ in range(3)]
        assert posted == [404, 404, 429]
        # Slow machines fill the bucket again meanwhile.
        for _ in range(100):
            refused = client.get("/help")
            if refused.status_code != 200:
                break
        assert refused.status_code == 429
        assert client.get("/api/v1/glossary").headers["Retry-After"]
        assert int(refused.headers["Retry-After"]) in range(1, 61)
        assert "请等待" in refused.text
        # Others from the same address go on: their bucket is theirs.
        client.cookies.clear()
        sign_in(client, "chen.wei")
        assert client.get("/help").status_code == 200
        # Nobody is kept from signing out, and whoever looks after the server from asking how it is.
        assert [client.get("/healthz").status_code for _ in range(9)] == [200] * 9


def test_every_route_but_the_public_ones_has_a_limit() -> None:
    for route, need in ROUTES.items():
        kinds = kinds_of(route)
        assert (READS in kinds) is (need is not PUBLIC), route
        if need is not PUBLIC and route.startswith("POST"):
            assert set(kinds) & {WRITES, UPLOADS, SIGN_INS, EXPORTS}, route
        assert len(kinds) == len(set(kinds))
    assert SIGN_INS in kinds_of("POST /sign-in")


def test_a_form_larger_than_any_form_is_refused(client: TestClient, settings: Settings) -> None:
    most = (settings.max_file_mib + 16) * MIB
    large = client.post(
        "/sign-in",
        content=b"name=" + b"x" * most,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert large.status_code == 413
    streamed = client.post(
        "/api/v1/lessons",
        content=(b" " * MIB for _ in range(settings.max_file_mib + 17)),
        headers={"Content-Type": "application/json"},
    )
    assert streamed.status_code == 413
    assert streamed.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("trusted", "address", "secure"),
    [
        ("", "testclient", False),
        ("10.0.0.1", "testclient", False),
        ("testclient", "203.0.113.9", True),
        ("testclient, 198.51.100.0/24", "203.0.113.9", True),
    ],
)
def test_a_proxy_is_believed_only_when_it_is_named(
    kb: KnowledgeBase, settings: Settings, trusted: str, address: str, secure: bool
) -> None:
    told = settings.model_copy(update={"trusted_proxies": trusted})
    forwarded = {"X-Forwarded-For": "203.0.113.9, 198.51.100.4", "X-Forwarded-Proto": "https"}
    if "/" not in trusted:
        forwarded["X-Forwarded-For"] = "203.0.113.9"
    with TestClient(create_app(told, kb), headers=forwarded) as client:
        answer = client.post(
            "/sign-in", data={"name": "li.na", "password": PASSWORD}, follow_redirects=False
        )
        assert answer.status_code == 303
        assert ("Secure" in answer.headers["Set-Cookie"]) is secure
        assert ("Strict-Transport-Security" in answer.headers) is secure
    (session,) = kb.sessions.listed(SYSTEM, "li.na")
    assert session.address == address


def test_no_secret_is_written_to_the_log(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"):
        sign_in(client, "li.na")
        made = client.post("/account/tokens", data={"name": "x", "scope": ["read"], "days": 30})
        client.get("/api/v1/search?q=x", headers={"Authorization": "Bearer qj_not-a-token-of-ours"})
        client.post("/sign-in", data={"name": "li.na", "password": "a wrong one, typed in haste"})
    assert made.status_code == 200
    for secret in (PASSWORD, client.cookies["session"], "qj_not-a-token", "typed in haste"):
        assert secret not in caplog.text
