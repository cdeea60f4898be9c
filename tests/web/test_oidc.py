"""Signing in by OpenID Connect, against a real provider that listens on this machine."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from pydantic import SecretStr

from kb.access import SYSTEM, Role
from kb.config import Settings
from kb.knowledge_base import KnowledgeBase
from kb.models import UserSession, utc_now
from tests.web.conftest import sign_in
from tests.web.oidc_provider import CLIENT, SECRET, OidcProvider
from web.actors import COOKIE
from web.app import create_app

LI = {"sub": "42", "preferred_username": "li.na@corp", "name": "李娜", "email": "li@example.com"}


@pytest.fixture(scope="module")
def running() -> Iterator[OidcProvider]:
    provider = OidcProvider()
    provider.start()
    yield provider
    provider.stop()


@pytest.fixture
def provider(running: OidcProvider) -> OidcProvider:
    running.person, running.told_apart, running.wrong = {**LI, "groups": ["pmo"]}, {}, ""
    return running


@pytest.fixture
def single(kb: KnowledgeBase, settings: Settings, provider: OidcProvider) -> Iterator[TestClient]:
    """A visitor of a site that people sign in to by the provider."""
    kb.settings = settings.model_copy(
        update={
            "anonymous_role": "none",
            "oidc_discovery_url": f"{provider.issuer}/.well-known/openid-configuration",
            "oidc_client_id": CLIENT,
            "oidc_client_secret": SecretStr(SECRET),
            "oidc_label": "公司账号",
            "oidc_roles": "pmo=curator",
        }
    )
    with TestClient(create_app(kb.settings, kb), follow_redirects=False) as client:
        yield client


def through(client: TestClient, start: str = "/sign-in/oidc?then=/help") -> Response:
    """Go to the provider as a browser does, and come back with its answer."""
    sent = client.get(start)
    assert sent.status_code == 303, sent.text
    back = httpx.get(sent.headers["Location"]).headers["Location"]
    return client.get(back.removeprefix("http://testserver"))


def test_whom_the_provider_vouches_for_is_let_in_with_its_groups_and_role(
    single: TestClient, kb: KnowledgeBase
) -> None:
    assert "公司账号" in single.get("/sign-in").text
    answer = through(single)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/help")
    assert "李娜" in single.get("/").text
    # The name was taken by somebody who signs in by password.
    actor = kb.accounts.actor("li.na-2")
    assert actor is not None
    assert actor.role is Role.CURATOR
    assert actor.groups == {"pmo"}
    (session,) = kb.sessions.listed(SYSTEM, "li.na-2")
    assert session.way == "oidc"
    single.cookies.clear()
    through(single)
    assert kb.accounts.actor("li.na-3") is None


def test_groups_that_only_the_user_info_tells_count_too(
    single: TestClient, kb: KnowledgeBase, provider: OidcProvider
) -> None:
    provider.person = {**LI, "preferred_username": "wu.di"}
    provider.told_apart = {"sub": "somebody else", "groups": ["pmo"]}
    through(single)
    actor = kb.accounts.actor("wu.di")
    assert actor is not None
    assert actor.groups == frozenset()
    provider.told_apart = {"sub": "42", "groups": ["pmo"]}
    single.cookies.clear()
    through(single)
    actor = kb.accounts.actor("wu.di")
    assert actor is not None
    assert actor.groups == {"pmo"}


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ("refuses", 503),
        ("mixed up", 422),
        ("issuer", 422),
        ("audience", 422),
        ("party", 422),
        ("expired", 422),
        ("nonce", 422),
        ("key", 422),
        ("unsigned", 422),
        ("symmetric", 422),
    ],
)
def test_a_provider_that_does_anything_wrong_lets_nobody_in(  # noqa: PLR0917
    single: TestClient,
    kb: KnowledgeBase,
    provider: OidcProvider,
    wrong: str,
    status: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    provider.wrong = wrong
    before = len(kb.accounts.all())
    with caplog.at_level(logging.DEBUG):
        answer = through(single)
    assert answer.status_code == status
    assert COOKIE not in single.cookies
    assert len(kb.accounts.all()) == before
    assert SECRET not in caplog.text


def test_an_answer_counts_only_in_the_browser_that_asked_and_only_once(
    single: TestClient, kb: KnowledgeBase
) -> None:
    asked = single.get("/sign-in/oidc").headers["Location"]
    back = httpx.get(asked).headers["Location"].removeprefix("http://testserver")
    mine = dict(single.cookies)
    single.cookies.clear()
    assert single.get(back).status_code == 422
    foreign = {**mine, "single-sign-on": "forged"}
    assert (
        single.get(
            back, headers={"Cookie": f"single-sign-on={foreign['single-sign-on']}"}
        ).status_code
        == 422
    )
    state = parse_qs(urlsplit(asked).query)["state"][0]
    single.get("/sign-in/oidc")
    assert single.get(back).status_code == 422, "the answer to another attempt"
    assert state not in single.get("/sign-in/oidc").headers["Location"]
    assert COOKIE not in single.cookies


def test_a_provider_that_is_down_is_told_in_words(
    single: TestClient, provider: OidcProvider
) -> None:
    provider.wrong = "down"
    answer = single.get("/sign-in/oidc", headers={"Accept-Language": "en"})
    assert answer.status_code == 503
    assert "the provider does not answer" in answer.text


def test_nobody_is_sent_to_another_site_afterwards(single: TestClient) -> None:
    assert through(single, "/sign-in/oidc?then=//evil.example").headers["Location"] == "/"


def test_an_account_made_here_is_linked_and_then_opened_by_the_provider(
    single: TestClient, kb: KnowledgeBase
) -> None:
    single.headers["Sec-Fetch-Site"] = "same-origin"
    sign_in(single, "chen.wei")
    assert through(single, "/account/link").headers["Location"] == "/account"
    single.post("/sign-out")
    through(single)
    assert "chen.wei" in single.get("/account").text
    assert kb.accounts.actor("li.na-2") is None


def test_who_came_by_the_provider_shows_there_again_who_it_is(
    single: TestClient, kb: KnowledgeBase, provider: OidcProvider
) -> None:
    through(single)

    def long_ago() -> None:
        with kb.database.write() as session:
            for row in session.query(UserSession):
                row.proved_at = utc_now() - timedelta(hours=1)

    long_ago()
    form = {"name": "导入", "scope": ["read"], "days": 30}
    asked = single.post("/account/tokens", data=form).headers["Location"]
    assert asked == "/prove?then=%2Faccount%23tokens"
    page = single.get(asked).text
    assert "公司账号" in page
    assert 'name="password"' not in page
    start = "/prove/oidc?then=/account%23tokens"
    wanted = parse_qs(urlsplit(single.get(start).headers["Location"]).query)
    assert (wanted["prompt"], wanted["max_age"]) == (["login"], ["0"])
    # A provider that did not ask anew does not say when it did.
    assert through(single, start).status_code == 422
    provider.person["auth_time"] = int(time.time()) - 3600
    assert through(single, start).status_code == 422
    provider.person |= {"auth_time": int(time.time()), "sub": "43"}
    assert through(single, start).status_code == 422, "somebody else"
    assert single.post("/account/tokens", data=form).status_code == 303
    provider.person["sub"] = "42"
    assert through(single, start).headers["Location"] == "/account#tokens"
    assert single.post("/account/tokens", data=form).status_code == 200


def test_without_a_provider_there_is_no_such_page(client: TestClient) -> None:
    assert client.get("/sign-in/oidc").status_code == 404
    assert "/sign-in/oidc" not in client.get("/sign-in").text
