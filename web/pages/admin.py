"""The administrator's overview: health, room, the search index, backups, and what a check finds."""

from __future__ import annotations

import logging
import platform
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response

from kb.access import Action, Actor
from kb.backup import ENDING
from kb.checking_findings import Finding
from kb.errors import KnowledgeBaseError, NotFound
from kb.knowledge_base import KnowledgeBase
from kb.models import utc_now
from kb.search.engine import EngineState
from kb.storage import StorageUse
from web.visit import Visit, Visiting

router = APIRouter(include_in_schema=False)
_log = logging.getLogger(__name__)

# Below this share of the disk free, the overview warns.
_LITTLE_ROOM: Final = 0.05
_ZIP: Final = "application/zip"


@dataclass(frozen=True, slots=True)
class FoundLine:
    """One finding of a check in the reader's language."""

    sentence: str
    advice: str
    mended: bool
    note: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """Context of ``admin/home.html``.

    Attributes:
        section: of the administration, for its navigation.
        versions: of what this runs on, by name.
        database: where it is, without a password; ``revision`` of its tables.
        pending: changes that the index has not caught up with.
        rebuilding: the index is being built anew now.
        backups: name, size and moment of those that are kept; ``folder`` is where.
        making: a backup is being made now.
        findings: of the check that was just made; None when none was.
    """

    section: str
    versions: tuple[tuple[str, str], ...]
    database: str
    revision: str
    little_room: bool
    storage: StorageUse
    index: EngineState
    pending: int
    rebuilding: bool
    backups: tuple[tuple[str, int, datetime], ...]
    folder: str
    making: bool
    findings: tuple[FoundLine, ...] | None


@router.get("/admin")
def overview(visit: Visiting) -> Response:
    """How things stand."""
    return _shown(visit)


@router.post("/admin/check")
def check(visit: Visiting) -> Response:
    """Look for what is wrong, without reading every file and without mending: that is the command's."""
    visit.actor.must(Action.ADMINISTER)
    found = visit.kb.checkup.run(read_files=False)
    return _shown(visit, tuple(_line(visit, finding) for finding in found))


@router.post("/admin/index/rebuild")
def rebuild(visit: Visiting) -> Response:
    """Build the index anew beside the present one; the page does not wait for it."""
    visit.actor.must(Action.ADMINISTER)
    if not visit.kb.indexing.rebuilding:
        visit.kb.audit.note(visit.actor, "rebuild-index", "installation")
        run_beside("rebuild", visit.kb.indexing.rebuild)
    return visit.redirect("/admin#index")


@router.post("/admin/backup/keep")
def keep_backup(visit: Visiting) -> Response:
    """Make a backup in the folder; the page does not wait for it."""
    visit.actor.must(Action.BACK_UP)
    if not _is_running("backup"):
        kb, actor = visit.kb, visit.actor
        run_beside("backup", lambda: _keep(kb, actor))
    return visit.redirect("/admin#backup")


@router.post("/admin/backup/download")
def download_backup(visit: Visiting) -> Response:
    """Make a backup and send it; nothing of it stays here."""
    visit.actor.must(Action.BACK_UP)
    name = _new_name()
    path = _folder(visit.kb) / f".{name}"
    visit.kb.backups.make(visit.actor, path)
    return FileResponse(
        path,
        media_type=_ZIP,
        filename=name,
        background=BackgroundTask(path.unlink, missing_ok=True),
    )


@router.get("/admin/backup/{name}")
def kept_backup(visit: Visiting, name: str) -> Response:
    """A backup that was kept."""
    folder = _folder(visit.kb)
    if name not in {kept for kept, _, _ in visit.kb.backups.kept(visit.actor, folder)}:
        raise NotFound(what="backup", id=name)
    return FileResponse(folder / name, media_type=_ZIP, filename=name)


def _shown(visit: Visit, findings: tuple[FoundLine, ...] | None = None) -> Response:
    kb = visit.kb
    use = kb.storage.use(visit.actor)
    folder = _folder(kb)
    page = Overview(
        section="home",
        versions=(
            ("Qianjian", version("qianjian")),
            ("Python", platform.python_version()),
            (kb.database.engine.dialect.name, ".".join(map(str, _server_version(kb)))),
        ),
        database=kb.database.where,
        revision=kb.database.revision(),
        little_room=use.free < _LITTLE_ROOM * use.total,
        storage=use,
        index=kb.indexing.state(),
        pending=kb.indexing.pending,
        rebuilding=kb.indexing.rebuilding or _is_running("rebuild"),
        backups=tuple(kb.backups.kept(visit.actor, folder)),
        folder=str(folder),
        making=_is_running("backup"),
        findings=findings,
    )
    return visit.page("admin/home.html", page, block="content")


def _server_version(kb: KnowledgeBase) -> tuple[int | str, ...]:
    return kb.database.engine.dialect.server_version_info or ()


def _line(visit: Visit, finding: Finding) -> FoundLine:
    told = visit.language.told
    return FoundLine(
        told(finding.sentence, finding.data),
        told(finding.advice, finding.data),
        finding.mended,
        finding.note,
    )


def _folder(kb: KnowledgeBase) -> Path:
    folder = kb.settings.data_dir / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _new_name() -> str:
    return f"{utc_now():%Y-%m-%d-%H%M%S}{ENDING}"


def _keep(kb: KnowledgeBase, actor: Actor) -> None:
    kb.backups.make(actor, _folder(kb) / _new_name())


def run_beside(name: str, work: Callable[[], object]) -> None:
    """Do something long in a thread of its own; what goes wrong stands in the log, and the page shows no result."""

    def run() -> None:
        try:
            work()
        except KnowledgeBaseError:
            _log.exception("%s failed", name)

    threading.Thread(target=run, name=f"admin-{name}", daemon=True).start()


def _is_running(name: str) -> bool:
    return any(thread.name == f"admin-{name}" for thread in threading.enumerate())
