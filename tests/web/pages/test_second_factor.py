"""The second factor as people meet it: set up, asked for, lost, required."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from pyotp import TOTP
from typer.testing import CliRunner

from kb.access import SYSTEM, Actor, Role
from kb.config import Settings
from kb.knowledge_base import KnowledgeBase
from kb.models import utc_now
from tests.web.conftest import PASSWORD, sign_in
from web.actors import COOKIE
from web.app import create_app
from web.command import command_line

NEW = "three new words here"
Pass = Callable[..., None]


@pytest.fixture
def clock(kb: KnowledgeBase) -> list[datetime]:
    """The clock of second factors."""
    now = [utc_now()]
    kb.second_factors._now = lambda: now[0]
    return now


def key_on(page: Response) -> TOTP:
    """The device that scans what a page shows."""
    found = re.search(r"<p><code>([A-Z2-7 ]+)</code></p>", page.text)
    assert found, page.text
    return TOTP(found[1].replace(" ", ""))


def codes_on(page: Response) -> list[str]:
    """The recovery codes that a page shows."""
    return re.findall(r"<li><code>([A-Z2-7-]{29})</code></li>", page.text)


def set_up(client: TestClient, clock: list[datetime]) -> tuple[TOTP, list[str]]:
    """Set up a device of whoever is signed in."""
    device = key_on(client.post("/account/factor/begin"))
    done = client.post("/account/factor", data={"code": device.at(clock[0])})
    clock[0] += timedelta(minutes=1)
    return device, codes_on(done)


def test_one_sets_up_a_device_and_is_asked_for_its_code_from_then_on(
    client: TestClient, kb: KnowledgeBase, clock: list[datetime]
) -> None:
    there = TestClient(client.app)
    sign_in(there, "li.na")
    sign_in(client, "li.na")
    page = client.post("/account/factor/begin")
    assert page.headers["Cache-Control"] == "no-store"
    assert "<svg" in page.text
    assert "style=" not in re.findall(r"<svg.*?</svg>", page.text, re.DOTALL)[-1]
    assert "otpauth://totp/Qianjian:li.na?secret=" in page.text
    wrong = client.post("/account/factor", data={"code": "nothing"})
    assert wrong.status_code == 422
    assert key_on(wrong).secret == key_on(page).secret
    device, codes = set_up(client, clock)
    assert len(codes) == 10
    assert "Recovery codes left: 10" in client.get("/account").text
    assert there.get("/account", follow_redirects=False).status_code == 303, "other browsers"

    client.post("/sign-out")
    form = {"name": "li.na", "password": PASSWORD, "then": "/help"}
    asked = client.post("/sign-in", data=form, follow_redirects=False)
    assert asked.headers["Location"] == "/sign-in/code"
    assert COOKIE not in client.cookies
    assert "李娜" not in client.get("/").text
    assert "one-time-code" in client.get("/sign-in/code").text
    wrong = client.post("/sign-in/code", data={"code": "123"})
    assert wrong.status_code == 422
    right = {"code": device.at(clock[0])}
    inside = client.post("/sign-in/code", data=right, follow_redirects=False)
    assert inside.headers["Location"] == "/help"
    assert "李娜" in client.get("/account").text

    again = TestClient(client.app)
    again.post("/sign-in", data=form)
    assert again.post("/sign-in/code", data=right).status_code == 422, "the same code again"
    assert again.post("/sign-in/code", data={"code": codes[0]}).is_success
    assert "Recovery codes left: 9" in client.get("/account").text
    fresh = codes_on(client.post("/account/factor/codes"))
    assert len(fresh) == 10
    kinds = [line.kind for line in kb.notifications.all(Actor("li.na", "", Role.READER))[0]]
    assert kinds == ["recovery-renewed", "recovery-used", "code-reused", "factor-set"]
    client.post("/account/password", data={"old": PASSWORD, "new": NEW})
    assert client.get("/account", follow_redirects=False).status_code == 200
    client.post("/account/factor/remove")
    assert kb.second_factors.state("li.na").since is None


def test_neither_a_link_nor_a_forged_cookie_goes_round_the_code(
    client: TestClient, kb: KnowledgeBase, clock: list[datetime]
) -> None:
    sign_in(client, "li.na")
    device, _ = set_up(client, clock)
    client.cookies.clear()
    secret = kb.invitations.reset(SYSTEM, "li.na")
    answer = client.post(f"/links/{secret}", data={"password": NEW}, follow_redirects=False)
    assert answer.headers["Location"] == "/sign-in/code"
    assert COOKIE not in client.cookies
    good = client.cookies["second-step"]
    for forged in ("", "li.na", good[1:], good + "x"):
        client.cookies.clear()
        there = client.post(
            "/sign-in/code",
            data={"code": device.at(clock[0])},
            headers={"Cookie": f"second-step={forged}"},
            follow_redirects=False,
        )
        assert there.headers["Location"] == "/sign-in"
        assert COOKIE not in client.cookies
    for _ in range(5):
        client.post("/sign-in/code", data={"code": "0"}, headers={"Cookie": f"second-step={good}"})
    waits = client.post(
        "/sign-in/code", data={"code": "0"}, headers={"Cookie": f"second-step={good}"}
    )
    assert (waits.status_code, waits.headers["Retry-After"]) == (429, "1")


def test_where_it_is_required_nobody_is_in_before_the_device_is_set_up(
    kb: KnowledgeBase, settings: Settings, clock: list[datetime]
) -> None:
    asked = settings.model_copy(
        update={"second_factor": "administrators", "anonymous_role": "none"}
    )
    kb.settings = asked
    kb._open_registers()
    kb.second_factors._now = lambda: clock[0]
    before = kb.sessions.begin(Actor("pmo", "", Role.ADMINISTRATOR), way="password")
    assert kb.sessions.actor(before) is None, "signed in before it was required"
    vouched = kb.sessions.begin(Actor("pmo", "", Role.ADMINISTRATOR), way="oidc")
    assert kb.sessions.actor(vouched), "the provider's matter"
    with TestClient(create_app(asked, kb), headers={"Accept-Language": "zh"}) as client:
        sign_in(client, "li.na")
        assert "李娜" in client.get("/account").text
        client.post("/sign-out")
        form = {"name": "pmo", "password": PASSWORD, "then": "/admin/users"}
        page = client.post("/sign-in", data=form)
        assert page.url.path == "/sign-in/set-up"
        assert client.get("/account", follow_redirects=False).status_code == 303
        assert client.post("/sign-in/set-up", data={"code": "1"}).status_code == 422
        done = client.post("/sign-in/set-up", data={"code": key_on(page).at(clock[0])})
        assert len(codes_on(done)) == 10
        assert 'href="/admin/users"' in done.text
        assert client.get("/admin/users").status_code == 200
        assert client.post("/account/factor/remove").status_code == 403

        invited = kb.invitations.invite(SYSTEM, Role.ADMINISTRATOR)
        guest = TestClient(client.app)
        named = {"name": "wu.di", "shown": "吴迪", "password": NEW}
        page = guest.post(f"/links/{invited}", data=named)
        assert page.url.path == "/sign-in/set-up"
        device = key_on(page)
        guest.post("/sign-in/set-up", data={"code": device.at(clock[0])})
        assert guest.get("/admin/users").status_code == 200


def test_an_administrator_or_the_terminal_helps_whoever_lost_everything(
    client: TestClient,
    kb: KnowledgeBase,
    clock: list[datetime],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sign_in(client, "pmo")
    li = TestClient(client.app)
    for user, browser in (("li.na", li), ("pmo", client)):
        sign_in(browser, user)
        set_up(browser, clock)
    assert "/admin/users/li.na/factor" in client.get("/admin/users/li.na").text
    assert li.post("/admin/users/pmo/factor").status_code == 403
    client.post("/admin/users/li.na/factor")
    assert kb.second_factors.state("li.na").since is None
    assert "/admin/users/li.na/factor" not in client.get("/admin/users/li.na").text
    assert li.get("/account", follow_redirects=False).status_code == 303
    sign_in(li, "li.na")
    actions = [line.action for line in kb.audit.deeds_of("pmo")]
    assert "remove-factor" in actions
    monkeypatch.setenv("KB_DATA_DIR", str(kb.settings.data_dir))
    assert CliRunner().invoke(command_line("user"), ["user", "reset-factor", "pmo"]).exit_code == 0
    assert kb.second_factors.state("pmo").since is None


def test_in_a_demonstration_nobody_can_keep_others_out(
    kb: KnowledgeBase, settings: Settings
) -> None:
    with TestClient(create_app(settings, kb, demo=True)) as client:
        sign_in(client, "li.na")
        assert "/account/factor/begin" not in client.get("/account").text
        assert client.post("/account/factor/begin").status_code == 403
