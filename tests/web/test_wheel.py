"""The wheel: installed anywhere else it brings its templates, its pictures, its Chinese and its corpus along."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

FETCH = """
import json, pathlib, re, sys
from fastapi.testclient import TestClient
import web
from kb.config import Settings
from web.app import create_app

settings = Settings(data_dir=pathlib.Path(sys.argv[1]), anonymous_role="reader")
with TestClient(create_app(settings)) as client:
    page = client.get("/?lang=zh")
    styles = re.findall(r'href="(/static/[^"]+[.]css)"', page.text)
    print(json.dumps({
        "from": web.__file__,
        "status": page.status_code,
        "chinese": "前车之辙" in page.text,
        "styles": [client.get(style).status_code for style in styles],
        "templates": str(settings.templates_dir),
        "corpus": len(list((settings.corpus_dir / "documents").rglob("*.docx"))),
    }))
"""


@pytest.mark.slow
def test_a_page_can_be_fetched_from_the_wheel_alone(tmp_path: Path) -> None:
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
    ]
    subprocess.run([*build, "--wheel-dir", str(tmp_path), str(ROOT)], check=True, cwd=tmp_path)
    (wheel,) = tmp_path.glob("qianjian-*.whl")
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
        assert not [name for name in archive.namelist() if name.startswith("tests/")]
    done = subprocess.run(
        [sys.executable, "-c", FETCH, str(tmp_path / "data")],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert Path(seen["from"]).is_relative_to(installed)
    assert Path(seen["templates"]).is_relative_to(installed)
    assert (seen["status"], seen["chinese"]) == (200, True)
    assert seen["styles"]
    assert set(seen["styles"]) == {200}
    assert seen["corpus"] > 10
