"""Static files: kept for long under the hash of their content, and exactly those that were vendored."""

from __future__ import annotations

import hashlib
import re

from fastapi.testclient import TestClient

from web.assets import STATIC_DIR, Assets

ROW = re.compile(
    r"^\| (\S+) \| (\S+) \| ([\d.]+) \| ([^|]+) \| [^|]+ \| ([0-9a-f]{64}) \|$", re.MULTILINE
)


def test_vendored_files_are_the_ones_in_the_table_with_their_licence_beside() -> None:
    vendor = STATIC_DIR / "vendor"
    rows = ROW.findall((vendor / "README.md").read_text(encoding="utf-8"))
    listed = {file for file, *_ in rows}
    there = {path.relative_to(vendor).as_posix() for path in vendor.rglob("*") if path.is_file()}
    assert listed == {name for name in there if "LICENSE" not in name and name != "README.md"}
    for file, _, _, _, digest in rows:
        assert hashlib.sha256((vendor / file).read_bytes()).hexdigest() == digest, file
        assert (vendor / file).with_name("LICENSE").is_file(), file


def test_the_address_holds_the_hash_and_may_be_kept_for_a_year(client: TestClient) -> None:
    page = client.get("/").text
    addresses = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', page))
    assert len(addresses) > 8
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert "immutable" in answer.headers["Cache-Control"]
    script = next(address for address in addresses if address.endswith("main.js"))
    assert client.get(script).headers["Content-Type"].startswith("text/javascript")


def test_an_address_of_an_older_version_is_answered_but_not_kept(client: TestClient) -> None:
    answer = client.get("/static/0123456789abcdef/css/base.css")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-cache"


def test_nothing_but_listed_files_is_served(client: TestClient) -> None:
    version = Assets().version
    for name in ("../app.py", "%2e%2e/app.py", "css", "css/", "", "css/none.css", "..%2fapp.py"):
        assert client.get(f"/static/{version}/{name}").status_code == 404, name


def test_every_icon_that_a_template_names_is_in_the_sprite(client: TestClient) -> None:
    sprite = (STATIC_DIR / "vendor/lucide/icons.svg").read_text(encoding="utf-8")
    known = set(re.findall(r'<symbol id="([^"]+)"', sprite))
    from web import labels

    templates = STATIC_DIR.parents[1] / "templates"
    named = set(labels.KIND_ICONS.values()) | {"link"}
    for file in templates.rglob("*.html"):
        named |= set(re.findall(r'icon\("([^"]+)"', file.read_text(encoding="utf-8")))
    assert named - known == set()


def test_style_sheets_and_scripts_name_no_other_host() -> None:
    for file in STATIC_DIR.rglob("*"):
        if file.suffix in {".css", ".js"} and "vendor" not in file.parts:
            text = file.read_text(encoding="utf-8")
            assert not re.search(r"(?:https?:)?//[a-z]", re.sub(r"// .*|/\*.*?\*/", "", text)), file
