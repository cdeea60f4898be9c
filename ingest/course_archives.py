"""A packed folder of courses: unpacked with every care, then read as a folder is."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Final

from ingest.archives import SEPARATOR, members
from ingest.course_files import CoursesRead, read_courses
from ingest.limits import DEFAULT_LIMITS, Limits

_CHUNK: Final = 1024 * 1024


def read_course_archive(
    path: Path, name: str, folder: Path, limits: Limits = DEFAULT_LIMITS
) -> CoursesRead:
    """Read the courses and paths of a zip archive.

    Args:
        path: where the archive lies.
        name: how people know it.
        folder: an empty folder to unpack into.
        limits: how much may come out of it.

    Raises:
        FileRefused: it is no zip archive, it is encrypted, hostile or damaged, or one of its files could not be had.
    """
    root = folder / "files"
    root.mkdir()
    for member in members(path, name, folder, limits):
        if member.error is not None:
            raise member.error
        inside = PurePosixPath(member.path.removeprefix(name).removeprefix(SEPARATOR))
        # What archives of archives hold is no course; names that lead out of the folder have been made safe.
        if member.stream is None or SEPARATOR in str(inside) or ".." in inside.parts:
            continue
        target = root.joinpath(*inside.parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as out:
            while chunk := member.stream.read(_CHUNK):
                out.write(chunk)
    return read_courses(root)
