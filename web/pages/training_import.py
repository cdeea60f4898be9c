"""Courses from a packed folder: read as a whole, looked at, then stored as a whole. For authors."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Form
from starlette.responses import Response

from ingest.course_archives import read_course_archive
from ingest.course_files import CoursesRead
from ingest.limits import Limits
from kb.access import FOR_EVERYONE, Action, Audience
from kb.courses_from_texts import Stored
from kb.errors import N_, FileRefused, InvalidInput, KnowledgeBaseError, NotFound
from web.errors import status_of
from web.pages.training_banks import FaultView, told_faults
from web.uploads import Received
from web.visit import Visit, Visiting

router = APIRouter(include_in_schema=False)

_SHA256: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class ImportPage:
    """Context of ``training/import.html``.

    Attributes:
        file: name of the file that was read; ``sha256`` where it lies, empty when it cannot be stored as it is.
        read: what it holds; None before one was handed in.
        known: names of those courses and paths that are stored already and would be renewed.
        stored: what was stored, at the end.
    """

    file: str
    sha256: str
    read: CoursesRead | None
    faults: tuple[FaultView, ...]
    known: frozenset[str]
    stored: Stored | None
    audience: str


@router.get("/training/import")
def begin(visit: Visiting) -> Response:
    """The form to hand in a packed folder."""
    visit.actor.must(Action.AUTHOR_COURSES)
    return _page(visit)


@router.post("/training/import")
def look(visit: Visiting, upload: Received) -> Response:
    """Read a packed folder and show what would be stored; nothing is stored yet."""
    visit.actor.must(Action.AUTHOR_COURSES)
    given = next(iter(upload.files), None)
    if given is None or given.sha256 is None:
        reason = N_("no file was given") if given is None else N_("the file is too large")
        return _page(visit, error=InvalidInput(field=N_("file"), reason=reason))
    return _look(visit, given.path.rsplit("/", 1)[-1], given.sha256)


@router.post("/training/import/store")
def store(
    visit: Visiting,
    sha256: Annotated[str, Form()],
    name: Annotated[str, Form()],
    audience: Annotated[str, Form()] = "",
    publish: Annotated[str, Form()] = "",
) -> Response:
    """Store what was looked at: all of it or nothing."""
    visit.actor.must(Action.AUTHOR_COURSES)
    if not _SHA256.fullmatch(sha256):
        raise NotFound(what="file", id=name[:100])
    try:
        read = _read(visit, name, sha256)
        if read.texts is None:
            return _look(visit, name, sha256)
        given = Audience.parse(audience) if audience.strip() else FOR_EVERYONE
        stored = visit.kb.course_files.store(
            visit.actor, read.texts, audience=given, publish=bool(publish)
        )
    except KnowledgeBaseError as error:
        return _page(visit, name, error=error)
    return _page(visit, name, stored=stored)


def _look(visit: Visit, name: str, sha256: str) -> Response:
    try:
        read = _read(visit, name, sha256)
    except (FileRefused, InvalidInput) as error:
        return _page(visit, name, error=error)
    return _page(visit, name, sha256, read)


def _read(visit: Visit, name: str, sha256: str) -> CoursesRead:
    limits = Limits(file_mib=visit.site.settings.max_file_mib)
    with tempfile.TemporaryDirectory(prefix="courses-", ignore_cleanup_errors=True) as folder:
        return read_course_archive(visit.kb.files.path(sha256), name, Path(folder), limits)


def _page(
    visit: Visit,
    name: str = "",
    sha256: str = "",
    read: CoursesRead | None = None,
    *,
    stored: Stored | None = None,
    error: KnowledgeBaseError | None = None,
) -> Response:
    faults = told_faults(visit.language, read.faults) if read else ()
    if error is not None:
        say = visit.language
        faults = (FaultView(name, say.sentence(error), "", say.advice(error)),)
    page = ImportPage(
        file=name,
        sha256="" if faults else sha256,
        read=read,
        faults=faults,
        known=visit.kb.course_files.known() if read else frozenset(),
        stored=stored,
        audience="everyone",
    )
    status = status_of(error) if error else 422 if faults else 200
    return visit.page("training/import.html", page, status=status)
