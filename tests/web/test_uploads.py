"""Uploads: streamed, bounded, and named as people know their files."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from kb.config import Settings
from web.uploads import MAX_FIELD_BYTES, clean_path

MIB = 1024 * 1024


def items(client: TestClient, answer: object) -> list[dict[str, object]]:
    """The items of the job that an upload became."""
    found: list[dict[str, object]] = client.get(answer.headers["Location"]).json()["items"]  # type: ignore[attr-defined]
    return found


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("报告.docx", "报告.docx"),
        ("dir/子/报告.docx", "dir/子/报告.docx"),
        ("..\\..\\windows\\a.txt", "windows/a.txt"),
        ("../../etc/passwd", "etc/passwd"),
        ("/absolute/a.txt", "absolute/a.txt"),
        ("./a//b.txt", "a/b.txt"),
        ("🚀\u202egnp.exe", "🚀\ufffdgnp.exe"),
        ("a\nb.txt", "a\ufffdb.txt"),
        ("..", ""),
        ("长" * 2000 + ".docx", "长" * 995 + ".docx"),
    ],
)
def test_names_cannot_lead_astray(name: str, shown: str) -> None:
    assert clean_path(name) == shown


def test_a_file_over_the_limit_is_not_kept_but_named(
    client: TestClient, settings: Settings
) -> None:
    files = [
        ("files", ("small.txt", b"x", "text/plain")),
        ("files", ("exact.txt", b"e" * MIB, "text/plain")),
        ("files", ("large.txt", b"l" * (MIB + 1), "text/plain")),
    ]
    answer = client.post("/api/v1/imports", files=files)
    assert answer.status_code == 202
    assert [item["size"] for item in items(client, answer)] == [1, MIB, MIB + 1]
    kept = [path.stat().st_size for path in settings.files_dir.rglob("*") if path.is_file()]
    assert sorted(kept) == [1, MIB]


def test_more_than_is_taken_at_once_is_refused_whether_announced_or_not(
    client: TestClient,
) -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'
    kind = {"Content-Type": "multipart/form-data; boundary=b"}

    def endless() -> Iterator[bytes]:
        yield head
        for _ in range(100):
            yield b"x" * MIB

    assert client.post("/api/v1/imports", content=endless(), headers=kind).status_code == 413
    body = head + b"x" * (4 * MIB) + b"\r\n--b--\r\n"
    assert client.post("/imports", content=body, headers=kind).status_code == 413
    form = {"kind": "x" * (MAX_FIELD_BYTES + 1)}
    assert client.post("/api/v1/imports", data=form, files={"files": b"x"}).status_code == 413


def test_an_upload_that_breaks_off_is_said_so(client: TestClient) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\nhalf'
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    whole = body + b"\r\n--b\r\n"
    for broken in (
        body,
        whole + body[5:],
        b"",
        b"no form at all",
        b"--b\r\nbroken header\r\n\r\n--b--",
    ):
        answer = client.post("/api/v1/imports", content=broken, headers=kind)
        assert answer.status_code == 422, broken
        assert answer.json()["code"] == "invalid-input"


def test_names_of_old_chinese_programs_are_understood(client: TestClient) -> None:
    body = (
        b'--b\r\nContent-Disposition: form-data; name="files"; filename="'
        + "项目总结.txt".encode("gb18030")
        + b'"\r\n\r\nx\r\n--b--\r\n'
    )
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = client.post("/api/v1/imports", content=body, headers=kind)
    assert items(client, answer)[0]["path"] == "项目总结.txt"


def test_an_empty_file_is_a_file(client: TestClient) -> None:
    answer = client.post("/api/v1/imports", files={"files": ("empty.md", b"")})
    assert items(client, answer)[0]["size"] == 0
