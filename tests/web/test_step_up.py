"""Before deeds that are hard to undo, whoever signed in a while ago shows again who they are."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import unquote

import pytest
from fastapi.testclient import TestClient

from kb.access import SYSTEM, Actor, Role
from kb.knowledge_base import KnowledgeBase
from kb.models import UserSession, utc_now
from kb.sessions import PROOF_COUNTS, Sessions
from tests.web.conftest import PASSWORD, sign_in
from web.route_actions import ROUTES
from web.step_up import FRESH

# What is done with a proof of its own, or does no harm; everything else that changes accounts asks for one.
NOT_ASKED = {
    "POST /account/password",  # asks for the present one
    "POST /account/tokens/{token_id}",  # takes something away
    "POST /admin/users/links/{link_id}",  # takes something away
}


def let_pass(kb: KnowledgeBase, user: str, minutes: int) -> None:
    """Let the sessions of ``user`` have begun so long ago."""
    with kb.database.write() as session:
        for row in session.query(UserSession).filter_by(user_id=user):
            row.proved_at = utc_now() - timedelta(minutes=minutes)


def test_every_deed_in_the_table_waits_for_a_proof_and_leads_back_to_its_page(
    client: TestClient, kb: KnowledgeBase
) -> None:
    assert FRESH.keys() <= ROUTES.keys()
    accounts = re.compile(r"POST /(account|admin/(users|personal|backup))\b")
    assert {route for route in ROUTES if accounts.match(route)} - FRESH.keys() == NOT_ASKED
    sign_in(client, "pmo")
    asked = {"follow_redirects": False}
    for passed, waits in ((14, False), (16, True)):
        let_pass(kb, "pmo", passed)
        for route, page in FRESH.items():
            if not waits and "/backup" in route:
                continue
            method, path = route.split()
            address = path.format(
                user_id="nobody", step="role", session_id=999_999, name="nothing.tar"
            )
            answer = client.request(method, address, **asked)  # type: ignore[arg-type]
            place = answer.headers.get("Location", "")
            assert place.startswith("/prove?then=") is waits, (route, answer.status_code)
            if waits:
                assert unquote(place.partition("=")[2]) == page.format(user_id="nobody")
    assert client.get("/account").status_code == 200, "reading goes on"
    sent = client.post("/account/tokens", headers={"HX-Request": "true"})
    assert sent.headers["HX-Redirect"] == "/prove?then=%2Faccount%23tokens"


def test_the_password_proves_it_for_a_while_in_this_browser_only(
    client: TestClient, kb: KnowledgeBase
) -> None:
    there = TestClient(client.app)
    for browser in (client, there):
        sign_in(browser, "li.na")
    let_pass(kb, "li.na", 60)
    form = {"name": "导入", "scope": ["read"], "days": 30}
    page = client.post("/account/tokens", data=form)
    assert page.url.path == "/prove"
    assert 'autocomplete="current-password"' in page.text
    assert kb.tokens.listed(SYSTEM, "li.na") == []
    proof = {"password": "wrong password", "then": "/account#tokens"}
    assert client.post("/prove", data=proof).status_code == 422
    assert client.post("/account/tokens", data=form).url.path == "/prove"
    proof["password"] = PASSWORD
    back = client.post("/prove", data=proof, follow_redirects=False)
    assert back.headers["Location"] == "/account#tokens"
    assert "secret-once" in client.post("/account/tokens", data=form).text
    assert there.post("/account/tokens", data=form).url.path == "/prove"
    elsewhere = {"password": PASSWORD, "then": "https://evil.example/"}
    back = there.post("/prove", data=elsewhere, follow_redirects=False)
    assert back.headers["Location"] == "/"
    let_pass(kb, "li.na", 60)
    for _ in range(5):
        client.post("/prove", data={"password": "wrong password"})
    waits = client.post("/prove", data={"password": PASSWORD})
    assert (waits.status_code, waits.headers["Retry-After"]) == (429, "1")
    stranger = TestClient(client.app)
    assert stranger.post("/prove", data=proof, follow_redirects=False).status_code == 303
    assert not any(PASSWORD in answer.text for answer in (page, waits))


def test_a_program_with_a_token_is_not_asked(client: TestClient, kb: KnowledgeBase) -> None:
    secret = kb.tokens.make(SYSTEM, "pmo", "programs", {"administer"}, 1)
    program = TestClient(client.app, headers={"Authorization": f"Bearer {secret}"})
    answer = program.post("/admin/users/li.na/groups", data={"group": ["pmo"]})
    assert answer.url.path == "/admin/users/li.na"


@pytest.mark.parametrize("kept", [True, False])
def test_sessions_from_before_this_was_kept_count_from_their_beginning(
    kb: KnowledgeBase, kept: bool
) -> None:
    now = [utc_now()]
    sessions = Sessions(kb.database, 10, 10, lambda: now[0])
    secret = sessions.begin(Actor("li.na", "", Role.READER), way="password")
    if not kept:
        with kb.database.write() as session:
            session.query(UserSession).one().proved_at = None
    sessions.must_have_proved(secret)
    now[0] += PROOF_COUNTS
    with pytest.raises(Exception, match="show again who you are"):
        sessions.must_have_proved(secret)
