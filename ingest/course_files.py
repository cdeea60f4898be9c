"""A folder of courses and paths, read as a whole or not at all.

::

    zh/pmo-start/course.md          settings of the course; its text is the summary where that is not set
    zh/pmo-start/01-company.md      the units, in the order of their numbers (:mod:`ingest.course_units`)
    zh/pmo-start/07-final.md
    zh/paths/new-hire.yaml          a path

A course is every folder with ``course.md`` or ``course.yaml``; paths are the files of folders named ``paths``. Links
and find-it answers name places, see :mod:`kb.course_texts`. Settings of a course: title, language, summary, and if
wanted id (else the folder's name), teachers, topics, prerequisites, updated. Settings of a path: title, language,
role, summary, courses (ids, or ``{course: …, due: days}``), and if wanted id, prerequisites, due. Chinese keys count
as well. A file called README.md is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ingest.charset import decode
from ingest.course_faults import MAX_FAULTS, Fault
from ingest.course_front import Settings, read_settings, split_front
from ingest.course_heads import COURSE_KEYS, PATH_KEYS, course_of, path_of
from ingest.course_units import UnitRead, draw_fault, read_unit
from ingest.readers.writing import visible
from kb.course_texts import CoursesText, CourseText, PathText, UnitText, cycle_among
from kb.errors import N_

MAX_FILES: Final = 2_000
MAX_BYTES: Final = 1024 * 1024  # of one file; a unit has 10 KiB
MAX_DEPTH: Final = 5
MAX_UNITS: Final = 200
_HEADS: Final = ("course.md", "course.yaml", "course.yml")
_UNIT_NAME: Final = re.compile(r"(\d{1,4})[-_ .、].+\.md", re.IGNORECASE)
_PATHS: Final = frozenset({"paths", "路径"})
_PASSED_OVER: Final = frozenset({"readme.md", "thumbs.db", "desktop.ini"})

_NOTHING: Final = N_(
    "there is no course in this folder: a course is a folder with a file course.md"
)
_TOO_MANY_FILES: Final = N_("the folder has more than %(most)s files")
_UNREADABLE: Final = N_("the file cannot be read")
_TOO_LARGE: Final = N_("the file has more than %(most)s KiB")
_NOT_EXPECTED: Final = N_("this file belongs to no course")
_NAME_ADVICE: Final = N_(
    "Name units 01-….md, 02-….md, put paths into a folder “paths”, and take other files out."
)
_SAME_NUMBER: Final = N_("two units have the number %(number)s")
_NO_UNITS: Final = N_("the course has no units")
_TOO_MANY_UNITS: Final = N_("the course has more than %(most)s units")
_SAME_ID: Final = N_("another one has the id “%(id)s” too")
_CIRCLE: Final = N_("courses or paths wait for one another: %(circle)s")


@dataclass(frozen=True, slots=True)
class CoursesRead:
    """What a folder says.

    Attributes:
        texts: courses and paths; None when anything is wrong.
        faults: everything that is wrong, by file and line.
    """

    texts: CoursesText | None
    faults: tuple[Fault, ...]


def read_courses(folder: Path) -> CoursesRead:
    """Read all courses and paths in a folder and the folders in it; links out of it are not followed.

    Raises:
        OSError: the folder itself cannot be listed.
    """
    reader = _Folder(folder)
    reader.read()
    faults = sorted(reader.faults, key=lambda fault: (fault.file, fault.line))[:MAX_FAULTS]
    texts = None if faults else CoursesText(tuple(reader.courses), tuple(reader.paths))
    return CoursesRead(texts, tuple(faults))


class _Folder:
    """Collects what the files of a folder say, and what is wrong."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.courses: list[CourseText] = []
        self.paths: list[PathText] = []
        self.faults: list[Fault] = []
        self._heads: dict[str, str] = {}  # the file of each course or path, for faults found later

    def read(self) -> None:
        """Everything below the root."""
        by_folder: dict[Path, list[Path]] = {}
        for count, path in enumerate(_files(self.root), start=1):
            if count > MAX_FILES:
                self._fault(_TOO_MANY_FILES, "", 0, most=MAX_FILES)
                return
            by_folder.setdefault(path.parent, []).append(path)
        for folder, files in by_folder.items():
            names = {path.name.lower(): path for path in files}
            head = next((names[name] for name in _HEADS if name in names), None)
            if head is not None:
                self._course(head, [path for path in files if path != head])
            elif folder.name.lower() in _PATHS:
                for path in files:
                    self._path(path)
            else:
                for path in files:
                    self._strange(path)
        if not (self.courses or self.paths or self.faults):
            self._fault(_NOTHING, "", 0)
        self._circles()

    def _course(self, head: Path, files: Sequence[Path]) -> None:
        file = self._name(head)
        settings, body = self._settings(head, COURSE_KEYS)
        course = replace(course_of(settings, body, head.parent.name), units=self._units(files))
        self._one_of_a_kind("course", course.id, settings)
        self.faults += settings.faults
        if not course.units:
            self._fault(_NO_UNITS, file, 0)
        elif len(course.units) > MAX_UNITS:
            self._fault(_TOO_MANY_UNITS, file, 0, most=MAX_UNITS)
        self.courses.append(course)

    def _path(self, path: Path) -> None:
        if path.suffix.lower() not in {".yaml", ".yml", ".md"}:
            self._strange(path)
            return
        settings, body = self._settings(path, PATH_KEYS)
        made = path_of(settings, body, path.stem)
        self._one_of_a_kind("path", made.id, settings)
        self.faults += settings.faults
        self.paths.append(made)

    def _one_of_a_kind(self, sort: str, name: str, settings: Settings) -> None:
        if f"{sort}:{name}" in self._heads:
            settings.fault(_SAME_ID, "id", id=name)
        self._heads[f"{sort}:{name}"] = settings.file

    def _units(self, files: Sequence[Path]) -> tuple[UnitText, ...]:
        numbered: dict[int, UnitRead] = {}
        found = [(match, path) for path in files if (match := _UNIT_NAME.fullmatch(path.name))]
        for path in set(files) - {path for _, path in found}:
            self._strange(path)
        for match, path in sorted(found, key=lambda pair: (int(pair[0][1]), pair[1].name)):
            number = int(match[1])
            if number in numbered:
                self._fault(_SAME_NUMBER, self._name(path), 0, number=number)
                continue
            read = read_unit(self._lines(path), self._name(path), path.stem)
            self.faults += read.faults
            numbered[number] = self._complete(read, numbered.values(), self._name(path))
        return tuple(read.unit for read in numbered.values())

    def _complete(self, read: UnitRead, before: Iterable[UnitRead], file: str) -> UnitRead:
        """A unit with its whole bank."""
        unit = read.unit
        if unit.check is None:
            return read
        bank = unit.check.bank
        if read.with_bank:
            asked = [each.unit.check.bank for each in before if each.unit.check]
            bank += tuple(question for questions in asked for question in questions)
            bank = tuple(dict.fromkeys(bank))
        check = replace(unit.check, bank=bank)
        wrong = draw_fault(check, file, read.line_of_check)
        if wrong is not None and not read.faults:
            self.faults.append(wrong)
        return replace(read, unit=replace(unit, check=check))

    def _settings(self, path: Path, known: Mapping[str, str]) -> tuple[Settings, str]:
        """The settings of a file and the text below them."""
        lines = self._lines(path)
        if path.suffix.lower() != ".md":
            return read_settings(lines, self._name(path), known), ""
        front, below, faults = split_front(lines, self._name(path))
        settings = read_settings(front, self._name(path), known)
        settings.faults += faults
        return settings, "\n".join(lines[below:]).strip()

    def _circles(self) -> None:
        for sort, before in (
            ("course", {course.id: course.prerequisites for course in self.courses}),
            ("path", {path.id: path.prerequisites for path in self.paths}),
        ):
            circle = cycle_among(before)
            if circle:
                told = " → ".join(circle)
                self._fault(_CIRCLE, self._heads.get(f"{sort}:{circle[0]}", ""), 0, circle=told)

    def _lines(self, path: Path) -> list[str]:
        try:
            if path.stat().st_size > MAX_BYTES:
                self._fault(_TOO_LARGE, self._name(path), 0, most=MAX_BYTES // 1024)
                return []
            content = path.read_bytes()
        except OSError:
            self._fault(_UNREADABLE, self._name(path), 0)
            return []
        return [line.rstrip() for line in visible(decode(content).text).split("\n")]

    def _strange(self, path: Path) -> None:
        if path.name.lower() not in _PASSED_OVER:
            self.faults.append(Fault(_NOT_EXPECTED, file=self._name(path), advice=_NAME_ADVICE))

    def _fault(self, reason: str, file: str, line: int, **data: str | int) -> None:
        self.faults.append(Fault(reason, file=file, line=line, data=data))

    def _name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()


def _files(folder: Path, depth: int = 0) -> Iterator[Path]:
    """Regular files, folder by folder in the order of their names; hidden ones and links are passed over."""
    inner = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "__MACOSX")) or path.is_symlink():
            continue
        if path.is_dir():
            inner.append(path)
        elif path.is_file():
            yield path
    if depth < MAX_DEPTH:
        for path in inner:
            yield from _files(path, depth + 1)
