"""The whole API, asked what its own description allows and what it forbids: no failure of ours, answers as described.

Each operation is asked twice: by somebody who has not signed in (a contributor here), and with an administrator's
token. The cases are the same in every run; ``make fuzz`` asks more of them (``KB_FUZZ_EXAMPLES`` says how many).
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.python import asgi
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from kb import open_kb
from kb.access import SCOPE_ACTIONS, Role
from kb.config import Settings
from web.app import create_app

# For each operation, visitor and kind of data; 3 keep the whole file near 30 s of processor time.
EXAMPLES: Final = int(os.environ.get("KB_FUZZ_EXAMPLES", "3"))
CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
# Without a parameter or a body nothing can be wrong.
NOTHING_TO_FORBID: Final = {"GET /api/v1/training/progress", "GET /healthz", "GET /readyz"}
JSON_OF_PROBLEMS: Final = "application/problem+json"
DEEP: Final = 200_000
# Texts that have broken programs before: NUL, half a character, what numbers and dates are not, and deep nesting.
HOSTILE: Final = (
    "\x00",
    "风险\x00管理",
    "%00",
    "%ff%fe",
    "%ed%a0%80",
    "\uffff\u202e\u200b",
    "9" * 400,
    "-1",
    "9223372036854775808",
    "1e309",
    "NaN",
    "0000-00-00",
    "99999-12-31",
    "二〇二四年二月三十日",
    "１２３",  # noqa: RUF001  full-width on purpose
    "𠮷👨‍👩‍👧‍👦",
    "'; DROP TABLE documents; --",
    "../../etc/passwd",
    "(" * 300,
    '"' * 301,
)


@pytest.fixture(scope="module")
def served(
    with_documents: tuple[Path, dict[str, int]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Any, dict[str, str]]]:
    """The application on a knowledge base with documents, and the header that shows an administrator's token."""
    folder = tmp_path_factory.mktemp("fuzzed") / "data"
    shutil.copytree(with_documents[0], folder)
    configured = Settings(
        data_dir=folder,
        workers=1,
        max_file_mib=1,
        max_upload_mib=3,
        anonymous_role="contributor",
        searches_per_minute=0,
        imports_per_minute=0,
        reads_per_minute=0,
        writes_per_minute=0,
        exports_per_minute=0,
    )
    with open_kb(configured) as kb:
        owner = kb.accounts.actor("pmo")
        assert owner is not None
        assert owner.role is Role.ADMINISTRATOR
        token = kb.tokens.make(owner, "pmo", "fuzzing", SCOPE_ACTIONS, 1)
        yield create_app(configured, kb), {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("visitor", ["anonymous", "administrator"])
@pytest.mark.parametrize("mode", list(GenerationMode), ids=str)
def test_the_whole_api_answers_as_it_is_described(
    served: tuple[Any, dict[str, str]], visitor: str, mode: GenerationMode
) -> None:
    app, token = served
    headers = token if visitor == "administrator" else {}
    checks = [*CHECKS, negative_data_rejection] if mode is GenerationMode.NEGATIVE else CHECKS
    asked: list[str] = []
    cases: list[int] = []
    broken: list[str] = []
    with asgi.get_client(app) as client:
        schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app)
        for found in schema.get_all_operations():
            assert isinstance(found, Ok), found
            operation = found.ok()
            asked.append(operation.label)
            if mode is GenerationMode.NEGATIVE and operation.label in NOTHING_TO_FORBID:
                continue

            @settings(
                max_examples=EXAMPLES,
                derandomize=True,
                database=None,
                deadline=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(operation.as_strategy(generation_mode=mode))
            def ask(case: Case[Any]) -> None:
                answer = case.call(session=client, headers=headers)
                cases.append(answer.status_code)
                case.validate_response(answer, checks=checks)

            try:
                ask()
            except Exception as error:  # noqa: BLE001  every operation is asked, then all failures are told
                broken.append(f"{operation.label}\n{error}")
    assert len(asked) == sum(len(methods) for methods in app.openapi()["paths"].values())
    assert not broken, "\n\n".join(broken)
    print(f"{len(asked)} operations, {len(cases)} cases, {visitor}, {mode}")
    # Both kinds of data reach what they are for.
    assert (200 in cases) if mode is GenerationMode.POSITIVE else (422 in cases)


def test_no_hostile_text_in_any_place_of_any_call_is_a_failure_of_ours(
    served: tuple[Any, dict[str, str]],
) -> None:
    app, token = served
    client = TestClient(app, headers=token)
    for path, methods in app.openapi()["paths"].items():
        for method, operation in methods.items():
            names = [p["name"] for p in operation.get("parameters", ()) if p["in"] == "query"]
            for text in HOSTILE:
                # Once in the address, once with an address that can be; a slash would be another address.
                for gap in (quote(text, safe="%"), "1"):
                    address = gap.join(re.split(r"\{\w+\}", path))
                    if gap != "1" and address == path:
                        continue
                    answer = client.request(
                        method,
                        address,
                        params=dict.fromkeys(names, text),
                        json=_body(operation, text),
                    )
                    assert answer.status_code < 500, (method, address, text)
                    if answer.status_code >= 400:
                        assert answer.headers["content-type"] == JSON_OF_PROBLEMS


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b'{"title": "\\ud800", "body": "\\udfff"}', "application/json"),
        (b"[" * DEEP, "application/json"),
        (b'{"a":' * DEEP, "application/json"),
        (b"\xff\xfe\x00", "application/json"),
        (b'{"title": ' + b"9" * 5000 + b"}", "application/json"),
        (b'{"title": NaN, "body": 1e999}', "application/json"),
        (b"", "application/json"),
        (b"null", "application/json"),
        (b"<a/>", "application/xml"),
        (b"no form", "multipart/form-data"),
        (b"--x\r\n\r\n", "multipart/form-data; boundary=x"),
        (
            b'--x\r\nContent-Disposition: form-data; name="files"; filename="',
            "multipart/form-data; boundary=x",
        ),
        (
            b"--x\r\nContent-Disposition: \xff\x00\r\n\r\na\r\n--x--",
            "multipart/form-data; boundary=x",
        ),
        (b"--" + b"y" * 5000, "multipart/form-data; boundary=" + "y" * 5000),
    ],
    ids=lambda value: str(value)[:24],
)
def test_no_body_that_is_broken_is_a_failure_of_ours(
    served: tuple[Any, dict[str, str]], content: bytes, kind: str
) -> None:
    app, token = served
    client = TestClient(app, headers=token)
    for path, methods in app.openapi()["paths"].items():
        if "post" in methods:
            address = re.sub(r"\{\w+\}", "1", path)
            answer = client.post(address, content=content, headers={"Content-Type": kind})
            assert 400 <= answer.status_code < 500, (address, answer.text)
            assert answer.headers["content-type"] == JSON_OF_PROBLEMS


def _body(operation: dict[str, Any], text: str) -> dict[str, str] | None:
    """A body with the text in each of its fields whose names are common to what is written."""
    kinds = operation.get("requestBody", {}).get("content", {})
    fields = (
        "title",
        "body",
        "text",
        "kind",
        "decision",
        "note",
        "dated",
        "language",
        "audience",
        "answers",
    )
    return dict.fromkeys(fields, text) if "application/json" in kinds else None
