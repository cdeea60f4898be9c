"""What tests of the pages and the API share: a real knowledge base with a few documents, and a client."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from kb import open_kb
from kb.access import FOR_EVERYONE, SYSTEM, Audience, Role
from kb.config import Settings
from kb.documents import Original
from kb.drafts import Count, Draft, Guess, Ledger, Picture
from kb.knowledge_base import KnowledgeBase
from tests.web.post_office import PostOffice
from web.app import create_app

PASSWORD = "a long enough password"
# One transparent pixel.
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)


def draft(title: str, body: str, language: str, kind: str, **more: object) -> Draft:
    """A draft as a reader would make it."""
    ledger = Ledger({"characters": Count(1000, 998), "tables": Count(1, 1)}, ["One chart."])
    values: dict[str, object] = {"format": "md", "ledger": ledger, **more}
    return Draft(title=title, body=body, language=language, kind=Guess(kind), **values)  # type: ignore[arg-type]


def store(
    kb: KnowledgeBase, made: Draft, *, name: str = "", audience: Audience = FOR_EVERYONE
) -> int:
    """Store a draft, with an original when it has a file name; return the document's id."""
    original = None
    if name:
        sha256, size = kb.files.keep(made.body.encode())
        original = Original(sha256, size, name, "text/markdown")
    place = f"/test/{name or made.title}"
    return kb.documents.store(
        SYSTEM, made, place=place, original=original, audience=audience
    ).document_id


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a fresh installation."""
    return Settings(
        data_dir=tmp_path / "data",
        workers=1,
        max_file_mib=1,
        max_upload_mib=3,
        anonymous_role="contributor",
    )


@pytest.fixture(scope="session")
def with_users(opened_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with users, to be copied: hashing passwords is slow on purpose."""
    folder = tmp_path_factory.mktemp("with-users") / "data"
    shutil.copytree(opened_once, folder)
    with open_kb(Settings(data_dir=folder)) as opened:
        opened.accounts.add("li.na", "李娜", PASSWORD, Role.CONTRIBUTOR)
        opened.accounts.add("chen.wei", "Chen Wei", PASSWORD, Role.READER)
        opened.accounts.add("pmo", "Zhou Min", PASSWORD, Role.ADMINISTRATOR)
    return folder


@pytest.fixture(scope="session")
def with_documents(
    with_users: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, int]]:
    """A data folder with users and indexed documents, to be copied, and the documents' ids."""
    folder = tmp_path_factory.mktemp("with-documents") / "data"
    shutil.copytree(with_users, folder)
    with open_kb(Settings(data_dir=folder)) as opened:
        return folder, _store_documents(opened)


@pytest.fixture
def kb(request: pytest.FixtureRequest, settings: Settings) -> Iterator[KnowledgeBase]:
    """A real knowledge base with users, and with documents in tests that ask for them."""
    if "documents" in request.fixturenames:
        source = request.getfixturevalue("with_documents")[0]
    else:
        source = request.getfixturevalue("with_users")
    shutil.copytree(source, settings.data_dir)
    with open_kb(settings) as opened:
        yield opened


@pytest.fixture
def documents(with_documents: tuple[Path, dict[str, int]]) -> dict[str, int]:
    """Ids of documents in Chinese, English and both; the names say what they are."""
    return with_documents[1]


@pytest.fixture
def office() -> Iterator[PostOffice]:
    """A post office that is open."""
    made = PostOffice()
    made.controller.start()
    yield made
    made.controller.stop()


@pytest.fixture
def client(kb: KnowledgeBase, settings: Settings) -> Iterator[TestClient]:
    """An anonymous visitor who reads English."""
    with TestClient(create_app(settings, kb), headers={"Accept-Language": "en"}) as opened:
        yield opened


@pytest.fixture
def chinese(client: TestClient) -> TestClient:
    """The same visitor, reading Chinese."""
    client.headers["Accept-Language"] = "zh-CN,zh;q=0.9,en;q=0.5"
    return client


def sign_in(client: TestClient, name: str) -> None:
    """Sign ``client`` in through the form."""
    answer = client.post(
        "/sign-in", data={"name": name, "password": PASSWORD}, follow_redirects=False
    )
    assert answer.status_code == 303


def _store_documents(kb: KnowledgeBase) -> dict[str, int]:
    made = {
        "lesson": store(
            kb,
            draft(
                "地下管廊探测的教训",
                "# 地下管廊探测的教训\n\n## 背景\n\n湘江北岸净水厂扩建。\n\n## 建议\n\n"
                "开工前用探地雷达探明旧管廊，风险最大。\n\n![照片](files/photo.png)\n",
                "zh",
                "lesson",
                project_code="CL-2018-007",
                project_name="湘江北岸净水厂扩建",
                authors=("郝建平", "陆文昭"),
                tags=("风险管理", "勘察"),
                dated=date(2020, 1, 17),
                metadata={"项目经理": "郝建平"},
                notes=("金额请核对",),
                pictures=(Picture("photo.png", "image/png", PIXEL),),
            ),
            name="管廊 教训#1.md",
        ),
        "summary": store(
            kb,
            draft(
                "Core banking migration: closing report",
                "Four dress rehearsals.\n\n## Cut-over\n\nThe rollback drill took 3 h 40 min; "
                "acceptance was accepted without risk.\n\n### Parallel run\n\nSix weeks.\n",
                "en",
                "summary",
                authors=("Song Peilin",),
                tags=("banking",),
                dated=date(2026, 2, 1),
            ),
        ),
        "mixed": store(
            kb,
            draft(
                "𠮷祥项目 🚀 kick-off 会议纪要",
                "風險登記冊與 risk register 的模板。Ｐｈａｓｅ２ 验收。\n",  # noqa: RUF001  full-width on purpose
                "zh",
                "minutes",
            ),
        ),
    }
    kb.indexing.catch_up()
    return made
