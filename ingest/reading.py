"""Files read as an installation's settings ask for it: within which limits, in how many processes.

A light module: ``pmo extract`` needs no database and no index.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ingest.limits import Limits
from ingest.workers import ReadingPool
from kb.candidates_found import FoundLesson
from kb.config import Settings
from kb.drafts import Draft
from kb.importing_rules import Overrides
from kb.markdown import Section

READERS: Final = "ingest.readers"
_EXAMINING: Final = "ingest.examining"


def limits_of(settings: Settings) -> Limits:
    """The limits for one file that an installation's settings ask for."""
    return Limits(
        file_mib=settings.max_file_mib,
        unpacked_mib=10 * settings.max_file_mib,
        file_seconds=settings.file_seconds,
    )


def open_pool(settings: Settings, *, count: int = 0, folder: Path | None = None) -> ReadingPool:
    """Reading processes as an installation's settings ask for.

    Args:
        settings: how many, and what each may take.
        count: how many instead; 0: as set.
        folder: where their temporary files go instead of the data folder.
    """
    return ReadingPool(
        count=count or settings.workers,
        seconds=settings.file_seconds,
        memory_mib=settings.file_memory_mib,
        folder=folder or settings.data_dir / "tmp",
        preload=(READERS, _EXAMINING),
    )


def read_in(
    pool: ReadingPool,
    path: Path,
    name: str,
    limits: Limits,
    *,
    given: Overrides = Overrides(),  # noqa: B008  frozen
    readers: str = READERS,
) -> tuple[Draft, list[Section]]:
    """See :func:`ingest.examining.examine`, done in one of the processes of ``pool``.

    Raises:
        FileRefused: of the kind that says why; also when it took too long or too much memory.
        PoolClosed: the processes were ended meanwhile.
    """
    draft: Draft
    sections: list[Section]
    arguments = (readers, path, name, limits, given)
    draft, sections = pool.call(_EXAMINING, "examine", *arguments, name=name)
    return draft, sections


def lessons_in(pool: ReadingPool, body: str, title: str, kind: str) -> list[FoundLesson]:
    """See :func:`ingest.examining.lessons_of`, done in one of the processes of ``pool``; raises as :func:`read_in`."""
    found: list[FoundLesson] = pool.call(_EXAMINING, "lessons_of", body, title, kind, name=title)
    return found
