"""Every form, filled in at random by every role: no failure of ours, and whatever is refused is refused in words.

Routes come from the table of routes and fields from what each handler takes, so a new form is filled in without a line
here. The cases are the same in every run; ``make fuzz`` asks more of them (``KB_FUZZ_EXAMPLES`` for each form and
role).
"""

from __future__ import annotations

import gc
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote_from_bytes
from zlib import crc32

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kb import open_kb
from kb.access import ROLE_ACTIONS, SYSTEM, Action, Role
from kb.config import Settings
from web.actors import COOKIE
from web.app import create_app
from web.route_actions import ACCOUNT, API_PREFIX, PUBLIC, ROUTES

EXAMPLES: Final = int(os.environ.get("KB_FUZZ_EXAMPLES", "1"))
BOUNDARY: Final = "x🚀x".encode().hex()
# Texts that have broken programs before.
HOSTILE: Final = (
    "",
    " ",
    "\x00",
    "风险\x00管理",
    "\ud83d",
    "\udfff半",
    "\uffff\u202e\u200b\r\nSet-Cookie: a=b",
    "9" * 400,
    "-1",
    "0",
    "1",
    "9223372036854775808",
    "1e309",
    "NaN",
    "0000-00-00",
    "99999-12-31",
    "2024-02-30",
    "二〇二四年二月三十日",
    "１２３",  # noqa: RUF001  full-width on purpose
    "𠮷👨‍👩‍👧‍👦",
    "地下管廊探测",
    "'; DROP TABLE documents; --",
    "../../etc/passwd",
    "//evil.example",
    "javascript:alert(1)",
    "[" * 300,
    "<script>" + "a" * 3000,
    "user:li.na, group:",
    "everyone",
    "true",
    "file:///etc/passwd",
    "字" * 20_000,
    '{"a":',
    "=cmd|' /C calc'!A0",
)
# What stands in the gaps of an address; 1 is a document that is there.
GAPS: Final = {"name": "nothing", "kind": "projects", "step": "publish", "code": "NOTHING"}
NUMBER: Final = "1"
# Not sent: they work on the whole site beside the answer, or end the session that everything else is sent with.
LEFT_OUT: Final = re.compile(r"POST /(admin/(backup|index|check)|sign-out|account/sessions|api/)")
PEOPLE: Final = {
    Role.NONE: "",
    Role.READER: "reader",
    Role.CONTRIBUTOR: "li.na",
    Role.CURATOR: "curator",
    Role.ADMINISTRATOR: "pmo",
}


@pytest.fixture(scope="module")
def site(
    with_documents: tuple[Path, dict[str, int]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[TestClient, dict[Role, str]]]:
    """A site with documents, and what the cookie of each role holds."""
    folder = tmp_path_factory.mktemp("forms") / "data"
    shutil.copytree(with_documents[0], folder)
    unlimited: dict[str, Any] = {
        f"{kind}_per_minute": 0 for kind in ("searches", "imports", "reads", "writes", "exports")
    }
    configured = Settings(
        data_dir=folder, workers=1, max_file_mib=1, anonymous_role="reader", **unlimited
    )
    with open_kb(configured) as kb:
        cookies = {Role.NONE: ""}
        for role, name in PEOPLE.items():
            if name in {"reader", "curator"}:
                kb.accounts.add(name, name.title(), "known", role, by=SYSTEM, published=True)
            actor = kb.accounts.actor(name) if name else None
            if actor is not None:
                cookies[role] = kb.sessions.begin(actor, way="password")
        client = TestClient(
            create_app(configured, kb), follow_redirects=False, raise_server_exceptions=False
        )
        yield client, cookies


def fields_of(app: Any) -> dict[str, list[str]]:
    """For each form's route the names of the fields that its handler takes."""
    found: dict[str, list[str]] = {}

    def walk(items: Any) -> None:
        for item in items:
            if hasattr(item, "effective_candidates"):
                walk(item.effective_candidates())
            elif hasattr(item, "original_route") and "POST" in item.methods:
                found[f"POST {item.path}"] = sorted(_names(item.dependant))

    walk(app.routes)
    return found


def _names(dependant: Any) -> set[str]:
    own = {field.alias for field in dependant.body_params}
    # A form that is a class of its own names its fields itself.
    for field in dependant.body_params:
        own |= set(getattr(field.field_info.annotation, "model_fields", ()))
    return own.union(*(_names(each) for each in dependant.dependencies))


def _named_in_templates() -> list[str]:
    """Fields of all forms: what handlers that read a form by hand may look for."""
    folder = Path(__file__).resolve().parents[2] / "templates"
    texts = (path.read_text(encoding="utf-8") for path in folder.rglob("*.html"))
    return sorted({name for text in texts for name in re.findall(r'\bname="(\w+)"', text)})


def bodies(names: list[str], others: list[str]) -> st.SearchStrategy[tuple[bytes, str]]:
    """Bodies with these fields, some missing, some doubled, with others between; and their content types."""
    value = st.sampled_from(HOSTILE) | st.text(max_size=30)
    usual = st.tuples(*(st.lists(value, min_size=0, max_size=2) for _ in names))
    more = st.lists(st.tuples(st.sampled_from(others), value), max_size=6)
    pairs = st.builds(
        lambda found, rest: [
            *((name, each) for name, values in zip(names, found, strict=True) for each in values),
            *rest,
        ],
        usual,
        more,
    )
    return st.builds(_encoded, pairs, st.sampled_from(("form", "form", "files", "broken")))


def _encoded(pairs: list[tuple[str, str]], way: str) -> tuple[bytes, str]:
    raw = [(name.encode(), text.encode("utf-8", "surrogatepass")) for name, text in pairs]
    if way == "form":
        told = b"&".join(name + b"=" + quote_from_bytes(text).encode() for name, text in raw)
        return told, "application/x-www-form-urlencoded"
    parts = b"".join(
        b'--%b\r\nContent-Disposition: form-data; name="%b"%b\r\n\r\n%b\r\n'
        % (BOUNDARY.encode(), name, b'; filename="a.md"' if name in _FILES else b"", text)
        for name, text in raw
    )
    end = b"" if way == "broken" else b"--%b--\r\n" % BOUNDARY.encode()
    return parts + end, f"multipart/form-data; boundary={BOUNDARY}"


_FILES: Final = frozenset({b"file", b"files", b"photo", b"table", b"manifest", b"example"})


# The framework leaves the file of a form that breaks off to be closed when it is forgotten.
@pytest.mark.filterwarnings("ignore:Unclosed file:ResourceWarning")
@pytest.mark.parametrize("role", PEOPLE)
def test_no_form_filled_in_anyhow_is_a_failure_of_ours(
    site: tuple[TestClient, dict[Role, str]], role: Role
) -> None:
    client, cookies = site
    fields, others = fields_of(client.app), _named_in_templates()
    headers = {
        "Cookie": f"{COOKIE}={cookies[role]}",
        "Accept-Language": "zh" if role is Role.CURATOR else "en",
    }
    broken: list[str] = []
    statuses: list[int] = []
    for route, names in sorted(fields.items()):
        need = ROUTES[route]
        let_in = need is PUBLIC or (need == ACCOUNT and role is not Role.NONE)
        if LEFT_OUT.match(route) or not (let_in or need in _actions(role)):
            continue
        if (
            EXAMPLES == 1
            and role is not Role.ADMINISTRATOR
            and crc32(f"{role}{route}".encode()) % 3
        ):
            continue  # the suite has time for a third of what lesser roles may send
        address = re.sub(r"\{(\w+)[^}]*\}", lambda gap: GAPS.get(gap[1], NUMBER), route[5:])

        for status, text, body in _sent(client, address, headers, bodies(names, others)):
            statuses.append(status)
            if wrong := _wrong(status, text):
                broken.append(f"{route} {status} {wrong} {body[:500]!r}")
    # While that may be passed over.
    gc.collect()
    assert broken == [], "\n".join(broken)
    print(f"{len(statuses)} forms as {role}")
    assert len(statuses) > 5
    # Some are taken and some are refused; only one of the two would show nothing.
    assert {status // 100 for status in statuses} >= {3, 4}


def _sent(
    client: TestClient,
    address: str,
    headers: dict[str, str],
    made: st.SearchStrategy[tuple[bytes, str]],
) -> list[tuple[int, str, bytes]]:
    """Send bodies to one address: status and text of each answer, and what was sent."""
    answers: list[tuple[int, str, bytes]] = []

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(made)
    def send(body: tuple[bytes, str]) -> None:
        content, kind = body
        answer = client.post(address, content=content, headers={**headers, "Content-Type": kind})
        answers.append((answer.status_code, answer.text, content))

    send()
    return answers


def _actions(role: Role) -> frozenset[Action]:
    return ROLE_ACTIONS[Role.READER if role is Role.NONE else role]


def _wrong(status: int, text: str) -> str:
    """What is wrong with an answer; empty when nothing is."""
    if status >= 500:
        return "failed"
    if "Traceback" in text or "sqlalchemy" in text.lower():
        return "tells what is inside"
    if status >= 400 and not re.search(r"<h1|class=\"problem|role=\"alert\"|<p", text):
        return "says nothing"
    return ""


def test_every_form_of_a_page_is_filled_in(site: tuple[TestClient, dict[Role, str]]) -> None:
    fields = fields_of(site[0].app)
    posted = {route for route in ROUTES if route.startswith("POST ")}
    assert posted == fields.keys()
    left_out = {route for route in posted if LEFT_OUT.match(route)}
    assert len(left_out) < 20
    assert {route for route in left_out if f" {API_PREFIX}" not in route} == {
        "POST /account/sessions",
        "POST /account/sessions/{session_id}",
        "POST /admin/backup/download",
        "POST /admin/backup/keep",
        "POST /admin/check",
        "POST /admin/index/rebuild",
        "POST /sign-out",
    }
    assert len(_named_in_templates()) > 100
    assert {"title", "audience"} <= set(fields["POST /pages/new"])
