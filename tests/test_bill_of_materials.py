"""What the product is made of: complete, with licences that may be used, and hashes that are right."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any, Final

import pytest

from tests.bill_of_materials import LOCK, ROOT, VENDOR, VENDORED_ROW, bill_of_materials, locked

# The LGPL may be used by what is not under it; what is built with a package of these would have to be.
_NOT_TAKEN: Final = re.compile(r"(?<!L)GPL|(?<!Lesser )General Public|SSPL|BUSL", re.IGNORECASE)


@pytest.fixture(scope="module")
def bill() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(bill_of_materials())
    return made


def test_every_locked_package_and_every_file_of_the_pages_stands_in_it(
    bill: dict[str, Any],
) -> None:
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    named = {each["purl"] for each in bill["components"]}
    lines = re.findall(r"^([a-z0-9][\w.-]*)==(\S+)", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    assert {f"pkg:pypi/{name}" for name, _ in lines} == {
        purl.split("@")[0] for purl in named if purl.startswith("pkg:pypi")
    }
    files = {file for file, *_ in VENDORED_ROW.findall((VENDOR / "README.md").read_text("utf-8"))}
    there = [each for each in bill["components"] if each["purl"].startswith("pkg:npm")]
    assert len(there) == len(files) > 2
    for each in there:
        path = ROOT / each["externalReferences"][0]["url"]
        assert each["hashes"] == [
            {"alg": "SHA-256", "content": hashlib.sha256(path.read_bytes()).hexdigest()}
        ]
        assert each["licenses"]


def test_what_needs_what_is_told(bill: dict[str, Any]) -> None:
    needs = {each["ref"]: set(each.get("dependsOn", ())) for each in bill["dependencies"]}
    assert {"pypi:fastapi", "npm:htmx.org"} <= needs["qianjian"]
    assert "pypi:starlette" in needs["pypi:fastapi"]
    refs = {each["bom-ref"] for each in bill["components"]}
    assert set().union(*needs.values()) <= refs


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_every_package_has_a_licence_that_may_be_used(name: str) -> None:
    packages = locked(ROOT / name)
    assert len(packages) > 50
    absent = {package.name for package in packages if not package.licence}
    # Of Windows, and of versions of Python that have not what they bring.
    assert len(absent) < 8, absent
    for package in packages:
        assert not _NOT_TAKEN.search(package.licence), package


def test_licences_that_may_not_be_used_are_known_by_their_names() -> None:
    for licence in (
        "GPL-3.0-only",
        "AGPL-3.0",
        "GNU General Public License v2 (GPLv2)",
        "SSPL-1.0",
    ):
        assert _NOT_TAKEN.search(licence), licence
    for licence in ("LGPL-3.0-only", "GNU Lesser General Public License v3 (LGPLv3)", "MIT"):
        assert not _NOT_TAKEN.search(licence), licence
