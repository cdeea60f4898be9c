"""Signing in and out, and the look."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from kb.config import Settings
from kb.knowledge_base import KnowledgeBase
from tests.web.conftest import PASSWORD, sign_in
from web import actors
from web.app import create_app
from web.demo import DEMO_PASSWORD


def test_a_stranger_is_told_only_that_name_and_password_do_not_match(client: TestClient) -> None:
    for name in ("li.na", "nobody", ""):
        answer = client.post("/sign-in", data={"name": name, "password": "wrong password"})
        assert answer.status_code == 422
        assert "do not match" in answer.text
        assert actors.COOKIE not in client.cookies


def test_somebody_else_cannot_be_signed_in_as_with_a_forged_cookie(
    client: TestClient, kb: KnowledgeBase
) -> None:
    sign_in(client, "li.na")
    good = client.cookies[actors.COOKIE]
    assert "李娜" in client.get("/").text
    middle = len(good) // 2
    for forged in ("li.na", good[:middle] + "x" + good[middle:], good[1:], good + "x", "", "..."):
        client.cookies.clear()
        assert "李娜" not in client.get("/", headers={"Cookie": f"{actors.COOKIE}={forged}"}).text
    assert "李娜" in client.get("/", headers={"Cookie": f"{actors.COOKIE}={good}"}).text


def test_after_signing_in_one_is_where_one_wanted_to_be(client: TestClient) -> None:
    form = {"name": " li.na ", "password": PASSWORD, "then": "/?q=风险"}
    answer = client.post("/sign-in", data=form, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/?q=%E9%A3%8E%E9%99%A9"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:x", ""]
)
def test_nobody_is_sent_to_another_site(client: TestClient, elsewhere: str) -> None:
    form = {"name": "li.na", "password": PASSWORD, "then": elsewhere}
    answer = client.post("/sign-in", data=form, follow_redirects=False)
    assert answer.headers["Location"] == "/"


def test_behind_tls_the_cookie_travels_only_over_tls(kb: KnowledgeBase, settings: Settings) -> None:
    with TestClient(create_app(settings, kb), base_url="https://kb.example") as client:
        form = {"name": "li.na", "password": PASSWORD}
        answer = client.post("/sign-in", data=form, follow_redirects=False)
        assert "Secure" in answer.headers["Set-Cookie"]


def test_signing_out_ends_it(client: TestClient) -> None:
    sign_in(client, "li.na")
    client.post("/preferences/theme", data={"theme": "dark"})
    answer = client.post("/sign-out", follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "theme" in client.cookies
    assert "李娜" not in client.get("/").text


def test_htmx_is_sent_on_in_its_own_way(client: TestClient) -> None:
    form = {"name": "li.na", "password": PASSWORD, "then": "/help"}
    answer = client.post("/sign-in", data=form, headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"] == "/help"


def test_demo_accounts_are_told_in_a_demonstration_and_nowhere_else(
    client: TestClient, kb: KnowledgeBase, settings: Settings
) -> None:
    assert DEMO_PASSWORD not in client.get("/sign-in").text
    assert "demonstration" not in client.get("/").text
    with TestClient(create_app(settings, kb, demo=True)) as demo:
        assert DEMO_PASSWORD in demo.get("/sign-in").text
        assert "demonstration" in demo.get("/").text


def test_the_look_is_kept_and_nonsense_is_not(client: TestClient) -> None:
    assert 'data-theme="auto"' in client.get("/").text
    for theme, kept in (("dark", "dark"), ("light", "light"), ("pink", "auto")):
        answer = client.post("/preferences/theme", data={"theme": theme, "then": "/help"})
        assert answer.url.path == "/help"
        assert f'data-theme="{kept}"' in answer.text
    client.cookies.set("theme", '"><script>')
    assert 'data-theme="auto"' in client.get("/").text
