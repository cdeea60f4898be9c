"""Signing in by LDAP: found by name, tried with the password, in the groups of the directory."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import ldap3
import pytest
from fastapi.testclient import TestClient
from ldap3.core.exceptions import LDAPSocketOpenError
from pydantic import SecretStr

from kb.config import Settings
from kb.errors import InvalidInput, SignInUnavailable
from kb.knowledge_base import KnowledgeBase
from kb.models import UserSession, utc_now
from web import ldap_sign_in
from web.app import create_app
from web.ldap_sign_in import person

BASE = "ou=people,dc=example,dc=com"
PEOPLE: dict[str, dict[str, Any]] = {
    f"uid=zhao.lei,{BASE}": {
        "uid": "zhao.lei",
        "cn": "Zhao Lei",
        "displayName": "赵磊",
        "mail": "zhao@example.com",
        "entryUUID": "11-22",
        "userPassword": "right one",
        "memberOf": ["cn=pmo,ou=groups,dc=example,dc=com", "cn=质量 部,dc=example,dc=com"],
        "objectClass": "person",
    },
    f"uid=twin,ou=a,{BASE}": {"uid": "twin", "userPassword": "right one", "objectClass": "person"},
    f"uid=twin,ou=b,{BASE}": {"uid": "twin", "userPassword": "right one", "objectClass": "person"},
    "cn=search,dc=example,dc=com": {
        "cn": "search",
        "userPassword": "asks",
        "objectClass": "person",
    },
}
SEARCHES = {
    "ldap_url": "ldaps://directory.example.com",
    "ldap_base": BASE,
    "ldap_bind_dn": "cn=search,dc=example,dc=com",
    "ldap_bind_password": SecretStr("asks"),
}
BY_DN = {
    "ldap_url": "ldaps://directory.example.com",
    "ldap_user_dn": f"uid={{name}},{BASE}",
}


def connect(_: Settings, dn: str, password: str) -> Any:
    """A connection to a directory that ldap3 keeps in memory."""
    server = ldap3.Server("directory.example.com", get_info=ldap3.NONE)
    made = ldap3.Connection(
        server, user=dn, password=password, client_strategy=ldap3.MOCK_SYNC, check_names=False
    )
    for name, attributes in PEOPLE.items():
        made.strategy.add_entry(name, attributes)
    return made


@pytest.mark.parametrize("how", [SEARCHES, BY_DN])
def test_the_directory_says_who_it_is(settings: Settings, how: dict[str, Any]) -> None:
    found = person(settings.model_copy(update=how), "zhao.lei", "right one", connect)
    assert found is not None
    assert (found.subject, found.user_id, found.name) == ("11-22", "zhao.lei", "赵磊")
    assert found.email == "zhao@example.com"
    assert found.groups == {"pmo", "质量 部"}


@pytest.mark.parametrize("how", [SEARCHES, BY_DN])
@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("zhao.lei", "wrong"),
        ("zhao.lei", ""),
        ("", "right one"),
        ("nobody", "right one"),
        ("twin", "right one"),
        ("*", "right one"),
        ("zhao*", "right one"),
        ("zhao.lei)(uid=*", "right one"),
        ("zhao.lei,ou=x", "right one"),
        ("𠮷\x00", "right one"),
    ],
)
def test_nobody_is_let_in_by_a_wrong_password_or_a_name_that_asks_for_more(
    settings: Settings, how: dict[str, Any], name: str, password: str
) -> None:
    assert person(settings.model_copy(update=how), name, password, connect) is None


def test_what_cannot_be_asked_is_told_without_what_was_typed(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> Any:
        raise LDAPSocketOpenError("cannot reach it with right one")

    with pytest.raises(SignInUnavailable) as refused:
        person(settings.model_copy(update=SEARCHES), "zhao.lei", "right one", broken)
    assert "right one" not in str(refused.value) + caplog.text
    locked = {**SEARCHES, "ldap_bind_password": SecretStr("wrong")}
    with pytest.raises(SignInUnavailable):
        person(settings.model_copy(update=locked), "zhao.lei", "right one", connect)
    lost = {**SEARCHES, "ldap_base": ""}
    with pytest.raises(InvalidInput):
        person(settings.model_copy(update=lost), "zhao.lei", "right one", connect)


def test_the_form_asks_the_directory_and_keeps_no_password(
    kb: KnowledgeBase, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ldap_sign_in, "_connected", connect)
    kb.settings = settings.model_copy(update={**SEARCHES, "ldap_roles": "pmo=curator"})
    with TestClient(create_app(kb.settings, kb), follow_redirects=False) as client:
        wrong = client.post("/sign-in", data={"name": "zhao.lei", "password": "wrong"})
        assert wrong.status_code == 422
        right = client.post("/sign-in", data={"name": "zhao.lei", "password": "right one"})
        assert right.status_code == 303
        assert "赵磊" in client.get("/").text
        with kb.database.write() as session:
            session.query(UserSession).one().proved_at = utc_now() - timedelta(hours=1)
        back = client.post("/account/sessions").headers["Location"]
        assert back == "/prove?then=%2Faccount%23sessions"
        assert 'name="name" value="zhao.lei"' in client.get(back).text
        for name, password, status in (
            ("zhao.lei", "wrong", 422),
            ("li.na", "a long enough password", 422),
            ("zhao.lei", "right one", 303),
        ):
            proof = {"name": name, "password": password, "then": "/account"}
            assert client.post("/prove", data=proof).status_code == status
        assert client.post("/account/sessions").headers["Location"].startswith("/account?saved")
        # Accounts with a password of ours go on working.
        form = {"name": "li.na", "password": "a long enough password"}
        assert client.post("/sign-in", data=form).status_code == 303
        for _ in range(6):
            client.post("/sign-in", data={"name": "zhao.lei", "password": "wrong"})
        again = client.post("/sign-in", data={"name": "zhao.lei", "password": "right one"})
        assert again.status_code == 429
    actor = kb.accounts.actor("zhao.lei")
    assert actor is not None
    assert actor.role.value == "curator"
    assert actor.groups == {"pmo", "质量-部"}
    assert not kb.accounts.has_password("zhao.lei")
