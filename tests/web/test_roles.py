"""What each role may do, made from the table of routes: every page and every call of the API, asked by every role."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from kb import open_kb
from kb.access import ROLE_ACTIONS, SYSTEM, Action, Role
from kb.config import Settings
from kb.knowledge_base import KnowledgeBase
from web.actors import COOKIE
from web.app import create_app
from web.route_actions import ACCOUNT, PUBLIC, ROUTES

# What stands in the gaps of an address: nothing that is there.
GAPS = {
    "form": "md",
    "format": "md",
    "kind": "projects",
    "step": "no-such-step",
    "name": "nothing",
    "secret": "nothing",
    "token": "nothing",
    "code": "NOTHING",
    "user_id": "nobody",
    "handle": "nobody",
    "slug": "nothing",
}
NUMBER = "999999999"
# Not asked where it is allowed, because it would do what it says to the whole site.
TOO_MUCH = re.compile(r"POST /admin/(?!users|groups)|POST /sign-out")
PEOPLE = {
    Role.NONE: "",
    Role.READER: "reader",
    Role.CONTRIBUTOR: "contributor",
    Role.CURATOR: "curator",
    Role.ADMINISTRATOR: "administrator",
}


def routes_of(app: object) -> list[str]:
    """Every route of the application that asks for somebody, as the table names it."""

    def walk(items: object) -> Iterator[str]:
        for item in items:  # type: ignore[attr-defined]
            if hasattr(item, "effective_candidates"):
                yield from walk(item.effective_candidates())
            elif hasattr(item, "original_route"):
                for method in sorted(item.methods - {"HEAD"}):
                    yield f"{method} {item.path}"

    return list(walk(app.routes))  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def site(
    with_users: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[TestClient, KnowledgeBase, dict[Role, str]]]:
    """A site where nobody reads without signing in, and what the cookie of each role holds."""
    folder = tmp_path_factory.mktemp("roles") / "data"
    shutil.copytree(with_users, folder)
    settings = Settings(data_dir=folder, anonymous_role="none", workers=1)
    with open_kb(settings) as kb:
        cookies = {Role.NONE: ""}
        for role, name in PEOPLE.items():
            if role is Role.NONE:
                continue
            kb.accounts.add(name, name.title(), "known", role, published=True)
            actor = kb.accounts.actor(name)
            assert actor is not None
            cookies[role] = kb.sessions.begin(actor, way="password")
        with TestClient(
            create_app(settings, kb), follow_redirects=False, raise_server_exceptions=False
        ) as client:
            yield client, kb, cookies


def test_every_route_stands_in_the_table_and_nothing_else_does(
    site: tuple[TestClient, KnowledgeBase, dict[Role, str]],
) -> None:
    there = routes_of(site[0].app)
    assert len(there) == len(set(there)) > 150
    assert sorted(set(there) - ROUTES.keys()) == [], "routes that web/route_actions.py lacks"
    assert sorted(ROUTES.keys() - set(there)) == [], "routes that are no longer there"


@pytest.mark.parametrize("role", PEOPLE)
def test_each_role_is_let_in_where_the_table_says_and_nowhere_else(
    site: tuple[TestClient, KnowledgeBase, dict[Role, str]], role: Role
) -> None:
    client, _, cookies = site
    headers = {"Cookie": f"{COOKIE}={cookies[role]}", "Sec-Fetch-Site": "same-origin"}
    wrong, asked = [], 0
    for route, need in ROUTES.items():
        allowed = (
            need is PUBLIC
            or (need == ACCOUNT and role is not Role.NONE)
            or need in ROLE_ACTIONS[role]
        )
        if allowed and TOO_MUCH.match(route):
            continue
        method, path = route.split(" ")
        address = re.sub(r"\{(\w+)[^}]*\}", lambda gap: GAPS.get(gap[1], NUMBER), path)
        body: dict[str, object] = (
            {"json": {}} if path.startswith("/api/") and method != "GET" else {}
        )
        answer = client.request(method, address, headers=headers, **body)  # type: ignore[arg-type]
        asked += 1
        to_sign_in = answer.headers.get("Location", "").startswith("/sign-in?next=")
        let_in = answer.status_code not in {401, 403} and not to_sign_in
        if let_in != allowed or answer.status_code >= 500:
            wrong.append(f"{route}: {answer.status_code}, allowed: {allowed}")
    assert wrong == []
    assert asked > 150


def test_each_role_may_what_the_one_before_it_may() -> None:
    ladder = [ROLE_ACTIONS[role] for role in Role]
    for less, more in pairwise(ladder):
        assert less < more
    assert ladder[-1] == frozenset(Action)


def test_a_token_is_let_in_where_both_its_owner_and_its_scope_are(
    site: tuple[TestClient, KnowledgeBase, dict[Role, str]],
) -> None:
    client, kb, _ = site
    cases = [
        ("reader", {"read"}, {"GET /": 200, "POST /api/v1/imports": 403, "GET /account": 403}),
        ("reader", {"import"}, {"GET /": 403, "POST /api/v1/imports": 403}),
        ("contributor", {"read"}, {"GET /": 200, "POST /api/v1/imports": 403}),
        ("contributor", {"import"}, {"POST /api/v1/imports": 422, "GET /": 403}),
        ("administrator", {"read", "write"}, {"GET /board": 403, "GET /admin/users": 403}),
        ("administrator", {"curate", "administer"}, {"GET /board": 200, "GET /admin/users": 200}),
    ]
    for owner, scopes, expected in cases:
        secret = kb.tokens.make(SYSTEM, owner, "test", scopes, 1)
        for route, status in expected.items():
            method, path = route.split(" ")
            headers = {"Authorization": f"Bearer {secret}"}
            found = client.request(method, path, headers=headers).status_code
            assert found == status, (owner, scopes, route)


def test_a_token_that_is_none_is_refused_and_not_taken_for_nobody(
    site: tuple[TestClient, KnowledgeBase, dict[Role, str]],
) -> None:
    client, kb, cookies = site
    secret = kb.tokens.make(SYSTEM, "reader", "gone", {"read"}, 1)
    (token,) = [one for one in kb.tokens.listed(SYSTEM, "reader") if one.name == "gone"]
    assert client.get("/api/v1/lessons", headers={"Authorization": f"bearer {secret}"}).is_success
    kb.tokens.revoke(SYSTEM, token.id)
    for shown in (secret, "qj_nothing", "", "𠮷"):
        headers = {
            "Authorization": f"Bearer {shown}".encode(),
            "Cookie": f"{COOKIE}={cookies[Role.READER]}".encode(),
        }
        answer = client.get("/api/v1/lessons", headers=headers)  # type: ignore[arg-type]
        assert answer.status_code == 401, shown
        assert answer.headers["Content-Type"] == "application/problem+json"
