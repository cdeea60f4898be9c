"""One's own account, the pages of users and groups, and links that work once, as people see them."""

from __future__ import annotations

import html
import re

import pytest
from fastapi.testclient import TestClient

from kb.access import SYSTEM, Role
from kb.config import Settings
from kb.knowledge_base import KnowledgeBase
from tests.web.conftest import PASSWORD, sign_in
from web.actors import COOKIE, SECURE_COOKIE
from web.app import create_app

NEW = "three new words here"


def shown_once(page: str) -> str:
    """What a page shows this once."""
    found = re.search(r'<div class="secret-once".*?<code>([^<]+)</code>', page, re.DOTALL)
    assert found, page
    return html.unescape(found[1])


def test_one_changes_name_address_and_password_and_stays_signed_in(
    client: TestClient, kb: KnowledgeBase
) -> None:
    there = TestClient(client.app)
    sign_in(there, "li.na")
    sign_in(client, "li.na")
    page = client.post("/account", data={"name": "李娜 🚀", "email": "li@example.com"}).text
    assert "Saved." in page
    assert "李娜 🚀" in page
    assert client.post("/account", data={"name": "", "email": "x"}).status_code == 422
    wrong = client.post("/account/password", data={"old": "wrong", "new": NEW})
    assert wrong.status_code == 422
    assert NEW not in wrong.text
    before = client.cookies[COOKIE]
    client.post("/account/password", data={"old": PASSWORD, "new": NEW})
    assert client.cookies[COOKIE] != before
    assert client.get("/account", follow_redirects=False).status_code == 200
    answer = there.get("/account", follow_redirects=False)
    assert answer.headers["Location"] == "/sign-in?next=%2Faccount"
    assert kb.accounts.authenticate("li.na", NEW)


def test_browsers_are_listed_and_signed_out_one_by_one_or_all(client: TestClient) -> None:
    others = [TestClient(client.app, headers={"User-Agent": f"Other {n}"}) for n in range(3)]
    for one in (client, *others):
        sign_in(one, "li.na")
    page = client.get("/account").text
    assert page.count("this browser") == 1
    number = re.findall(r"/account/sessions/(\d+)", page)[0]
    client.post(f"/account/sessions/{number}")
    assert len(re.findall(r"/account/sessions/(\d+)", client.get("/account").text)) == 2
    client.post("/account/sessions")
    assert re.findall(r"/account/sessions/(\d+)", client.get("/account").text) == []
    assert "this browser" in client.get("/account").text
    stranger = TestClient(client.app)
    sign_in(stranger, "chen.wei")
    assert stranger.post(f"/account/sessions/{number}").status_code == 404


def test_a_token_is_shown_once_and_works_until_it_is_revoked(client: TestClient) -> None:
    sign_in(client, "li.na")
    made = client.post("/account/tokens", data={"name": "夜间导入", "scope": ["read"], "days": 30})
    secret = shown_once(made.text)
    assert made.headers["Cache-Control"] == "no-store"
    page = client.get("/account").text
    assert secret not in page
    assert "夜间导入" in page
    program = TestClient(client.app, headers={"Authorization": f"Bearer {secret}"})
    assert program.get("/api/v1/search?q=x").status_code == 200
    assert program.post("/api/v1/lessons", json={}).status_code == 403
    number = re.search(r"/account/tokens/(\d+)", page)
    assert number
    client.post(f"/account/tokens/{number[1]}")
    assert program.get("/api/v1/search?q=x").status_code == 401
    empty = client.post("/account/tokens", data={"name": "x", "days": 30})
    assert empty.status_code == 422


def test_how_hard_a_password_is_to_guess_is_told_while_it_is_typed(
    client: TestClient, kb: KnowledgeBase
) -> None:
    secret = kb.invitations.invite(SYSTEM, Role.READER)
    page = client.get(f"/links/{secret}").text
    assert 'hx-post="/password-strength"' in page
    assert 'hx-params="password"' in page
    asked = {"HX-Request": "true"}
    for password, told in (
        ("password1", "Very easy to guess"),
        ("correct horse battery", "Very hard to guess"),
        ("x" * 300, "it is too long"),
        ("", ""),
    ):
        answer = client.post("/password-strength", data={"password": password}, headers=asked)
        assert told in answer.text
        assert password not in answer.text or not password
        assert ("<meter" in answer.text) == bool(password)
        assert answer.headers["Cache-Control"] == "no-store"
    sign_in(client, "li.na")
    client.headers["Accept-Language"] = "zh"
    known = client.post("/password-strength", data={"new": "li.na 李娜 李娜 li.na"}, headers=asked)
    assert "非常容易猜到" in known.text
    assert "别人知道的本人信息" in known.text


def test_somebody_is_invited_and_comes_in(client: TestClient, kb: KnowledgeBase) -> None:
    sign_in(client, "pmo")
    kb.groups.add(SYSTEM, "质量部")
    form = {"role": "curator", "group": ["质量部"], "days": 14}
    address = shown_once(client.post("/admin/users/invite", data=form).text)
    path = address.removeprefix("http://testserver")
    guest = TestClient(client.app, headers={"Accept-Language": "zh-CN"})
    page = guest.get(path).text
    assert "您受邀成为：策展人。" in page
    assert 'autocomplete="new-password"' in page
    weak = guest.post(
        path, data={"name": "wu.di", "shown": "吴迪", "password": "passwordpassword1"}
    )
    assert weak.status_code == 422
    assert 'value="吴迪"' in weak.text
    guest.post(path, data={"name": "wu.di", "shown": "吴迪", "password": NEW})
    assert "吴迪" in guest.get("/account").text
    actor = kb.accounts.actor("wu.di")
    assert actor is not None
    assert actor.role is Role.CURATOR
    assert actor.groups == {"质量部"}
    for again in (guest.get(path), guest.get("/links/nothing"), guest.get("/links/𠮷")):
        assert again.status_code == 404


def test_an_administrator_handles_users_and_services(client: TestClient, kb: KnowledgeBase) -> None:
    sign_in(client, "pmo")
    li = TestClient(client.app)
    sign_in(li, "li.na")
    client.post("/admin/users/li.na/role", data={"role": "reader"})
    client.post("/admin/users/li.na/groups", data={"group": ["pmo"]})
    assert li.get("/account", follow_redirects=False).status_code == 303
    page = client.get("/admin/users/li.na").text
    assert "李娜" in page
    path = shown_once(client.post("/admin/users/li.na/reset").text).removeprefix(
        "http://testserver"
    )
    li.post(path, data={"password": NEW})
    assert li.get("/account").status_code == 200
    client.post("/admin/users/li.na/deactivate")
    assert li.get("/account", follow_redirects=False).status_code == 303
    assert "deactivated" in client.get("/admin/users").text
    client.post("/admin/users/li.na/activate")
    client.post("/admin/users", data={"name": "robot", "shown": "夜间导入", "role": "contributor"})
    form = {"name": "nightly", "scope": ["import", "read"], "days": 90}
    secret = shown_once(client.post("/admin/users/robot/token", data=form).text)
    program = TestClient(client.app, headers={"Authorization": f"Bearer {secret}"})
    assert program.get("/api/v1/search?q=x").status_code == 200
    assert client.post("/admin/users/pmo/role", data={"role": "reader"}).status_code == 422
    for path in ("/admin/users/nobody", "/admin/users/li.na/nonsense"):
        found = client.post(path) if path.endswith("nonsense") else client.get(path)
        assert found.status_code == 404
    assert kb.accounts.actor("pmo")


def test_groups_are_made_filled_renamed_and_removed(client: TestClient, kb: KnowledgeBase) -> None:
    sign_in(client, "pmo")
    assert client.post("/admin/groups", data={"name": "质量部", "title": "Quality"}).is_success
    assert client.post("/admin/groups", data={"name": "质量部"}).status_code == 422
    form = {"new": "质量组", "title": "Quality", "member": ["li.na", "chen.wei"]}
    page = client.post("/admin/groups/质量部", data=form)
    assert page.url.path.endswith("/admin/groups/质量组")
    actor = kb.accounts.actor("li.na")
    assert actor is not None
    assert actor.groups == {"质量组"}
    assert client.get("/admin/groups/质量部").status_code == 404
    client.post("/admin/groups/质量组/remove")
    assert "质量组" not in client.get("/admin/groups").text


def test_guessing_is_slowed_down_and_said_so(client: TestClient) -> None:
    form = {"name": "li.na", "password": "wrong password"}
    answers = [client.post("/sign-in", data=form) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert answers[-1].headers["Retry-After"] == "1"
    assert "Wait 1 seconds" in answers[-1].text


@pytest.mark.parametrize("demo", [False, True])
def test_without_a_setting_only_a_demonstration_is_read_without_signing_in(
    kb: KnowledgeBase, settings: Settings, demo: bool
) -> None:
    kb.settings = settings.model_copy(update={"anonymous_role": ""})
    with TestClient(create_app(kb.settings, kb, demo=demo), follow_redirects=False) as visitor:
        assert visitor.get("/?q=风险").status_code == (200 if demo else 303)
        assert visitor.get("/api/v1/search?q=x").status_code == (200 if demo else 401)
        assert visitor.get("/healthz").status_code == 200
        assert visitor.get("/sign-in?next=/help").status_code == 200
        if not demo:
            sent = visitor.get("/?q=风险", headers={"HX-Request": "true"})
            assert (
                sent.headers["HX-Redirect"]
                == "/sign-in?next=%2F%3Fq%3D%25E9%25A3%258E%25E9%2599%25A9"
            )


def test_behind_tls_the_cookie_is_for_this_host_only(kb: KnowledgeBase, settings: Settings) -> None:
    with TestClient(create_app(settings, kb), base_url="https://kb.example") as client:
        sign_in(client, "li.na")
        assert SECURE_COOKIE in client.cookies
        answer = client.get("/account")
        assert answer.status_code == 200
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
