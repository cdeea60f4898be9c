"""What courses, checks and paths say, as plain data: between those who read files and those who store courses.

A :class:`CourseText` is a course of :class:`UnitText`, which are pages, documents, files, videos or checks. A unit of
any kind may end with a :class:`CheckText`; one of kind ``check`` is nothing else. A :class:`PathText` puts courses in
an order for a role. All are frozen, made of strings and numbers, and equal when they say the same.

**Places.** Files cannot know which number a document gets when it is stored. So a text names things by places, in the
addresses of its ordinary Markdown links and in the answers of find-it questions::

    corpus:zh/方法论-变更控制流程.md               a document of the corpus (``document_sources.place``)
    corpus:zh/方法论-变更控制流程.md#影响分析五问   its section with this heading
    corpus:doctemplates/zh/变更申请单.docx         a standard template (``doc_templates.place``)
    lesson:zh-04                                   a lesson of corpus/lessons.csv, by its id
    project:CL-2020-004                            a project, by its code
    person:lu.wenzhao                              a person, by the handle
    course:pmo-start-zh                            a course, by its id
    unit:pmo-start-zh/02-gates                     a unit of a course

A place with blanks or brackets is written ``<in angle brackets>`` in a link. Addresses of pages (``/documents/12``,
``https://…``) may stand there as well. :func:`with_addresses` turns places into addresses when a course is stored::

    >>> with_addresses("See [the plan](project:CL-2020-004).", {"project:CL-2020-004": "/projects/4"}.get)
    'See [the plan](/projects/4).'
    >>> with_addresses("See [the plan](project:CL-1999-001).", {}.get)
    'See the plan.'
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, get_args
from urllib.parse import unquote

UnitKind = Literal["page", "document", "file", "video", "check"]
QuestionKind = Literal["single", "multiple", "true_false", "fill_in", "order", "find_it"]
UNIT_KINDS: Final[tuple[UnitKind, ...]] = get_args(UnitKind)
QUESTION_KINDS: Final[tuple[QuestionKind, ...]] = get_args(QuestionKind)
# For whom a path is. Labels for people are the web's business.
ROLES: Final = ("new-hire", "project-manager", "pmo", "sponsor")

TRUE: Final = "true"
FALSE: Final = "false"

_PLACE: Final = r"(?:corpus|lesson|project|person|course|unit):"
_LINK: Final = re.compile(
    r"(?<!!)\[(?P<label>(?:[^\[\]\\]|\\.){1,600})\]"
    rf"\((?:<(?P<bracketed>{_PLACE}[^<>\n]{{1,600}})>|(?P<bare>{_PLACE}[^\s()<>]{{1,600}}))\)"
)
_IS_PLACE: Final = re.compile(_PLACE)


@dataclass(frozen=True, slots=True)
class QuestionText:
    """One question of a check.

    Attributes:
        kind: how it is answered.
        text: the question, Markdown.
        options: single, multiple: what can be chosen, Markdown; order: what is to be put in order, in the right one.
            Whoever shows them shuffles. Empty for the other kinds.
        right: single, multiple: the positions (from 0) of the right ones among ``options``.
        accepted: true_false: (:data:`TRUE`,) or (:data:`FALSE`,); fill_in: every answer that counts, compared without
            regard to case, width and spaces; find_it: the places or addresses of pages or sections, any of which is
            right. Empty for the other kinds.
        explanation: told after the answer, Markdown.
        points: what it counts.
    """

    kind: QuestionKind
    text: str
    options: tuple[str, ...] = ()
    right: tuple[int, ...] = ()
    accepted: tuple[str, ...] = ()
    explanation: str = ""
    points: int = 1


@dataclass(frozen=True, slots=True)
class CheckText:
    """Questions and the rules for passing.

    Attributes:
        bank: all its questions.
        draw: how many are drawn at random for each attempt; 0 for all of them, in their order.
        pass_percent: percent of the points drawn that passes, 1 to 100.
        retries: attempts after the first; None for as many as one likes.
        minutes: time limit of an attempt; 0 for none.
    """

    bank: tuple[QuestionText, ...]
    draw: int = 0
    pass_percent: int = 80
    retries: int | None = None
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class UnitText:
    """A part of a course.

    Attributes:
        id: short, stable, one of a kind in its course: ``02-gates``.
        kind: what it is made of.
        title: on one line.
        minutes: estimated time, 1 or more.
        body: Markdown: the page itself, or what introduces the document, file, video or check.
        target: document, file, video: a place (see the module) or an address; empty for the others.
        check: its questions; never None for kind ``check``.
    """

    id: str
    kind: UnitKind
    title: str
    minutes: int
    body: str = ""
    target: str = ""
    check: CheckText | None = None


@dataclass(frozen=True, slots=True)
class CourseText:
    """A course.

    Attributes:
        id: short, stable, one of a kind in all languages: ``pmo-start-zh``.
        language: ``zh`` or ``en``.
        title: on one line.
        summary: what one can do afterwards, a few sentences of plain text.
        units: in their order.
        teachers: handles of people who wrote or teach it.
        topics: skills it gives, as the topics of people are written: ``change control``.
        prerequisites: ids of courses to be finished before.
        updated: ISO date of its text; empty if not told.
    """

    id: str
    language: str
    title: str
    summary: str
    units: tuple[UnitText, ...]
    teachers: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    prerequisites: tuple[str, ...] = ()
    updated: str = ""

    @property
    def minutes(self) -> int:
        """Estimated time for all units."""
        return sum(unit.minutes for unit in self.units)


@dataclass(frozen=True, slots=True)
class StepText:
    """A course on a path; ``due_days`` after the path was assigned it should be finished, 0 for no date."""

    course: str
    due_days: int = 0


@dataclass(frozen=True, slots=True)
class PathText:
    """A learning path: courses in an order, for a role.

    Attributes:
        id: short, stable, one of a kind in all languages.
        language: ``zh`` or ``en``.
        title: on one line.
        role: one of :data:`ROLES`, or any other word.
        summary: a few sentences of plain text.
        steps: the courses in their order.
        prerequisites: ids of paths to be finished before.
        due_days: after the path was assigned, it should be finished as a whole; 0 for no date.
    """

    id: str
    language: str
    title: str
    role: str
    summary: str
    steps: tuple[StepText, ...]
    prerequisites: tuple[str, ...] = ()
    due_days: int = 0


@dataclass(frozen=True, slots=True)
class CoursesText:
    """What a folder of courses holds."""

    courses: tuple[CourseText, ...] = ()
    paths: tuple[PathText, ...] = field(default=())


def is_place(target: str) -> bool:
    """True for a place as described above, which has no address before it is looked up."""
    return _IS_PLACE.match(target) is not None


def places_in(text: str) -> tuple[str, ...]:
    """The places that the links of a Markdown text lead to, in their order, each once."""
    return tuple(dict.fromkeys(_place(link) for link in _LINK.finditer(text)))


def with_addresses(text: str, address_of: Callable[[str], str | None]) -> str:
    """``text`` with the places in its links turned into addresses.

    Args:
        text: Markdown.
        address_of: the address of a place; None where there is none: then only the words of the link stay.
    """

    def linked(link: re.Match[str]) -> str:
        address = address_of(_place(link))
        return f"[{link['label']}]({address})" if address else link["label"]

    return _LINK.sub(linked, text)


def cycle_among(before: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """Things that wait for one another in a circle, the first named again at the end; empty if none do.

    Args:
        before: for each thing those that must be finished before it; what is not a key waits for nothing.
    """
    done: set[str] = set()
    for start in before:
        # A walk with its own stack: a chain of prerequisites may be longer than Python's calls go deep.
        way: list[str] = []
        waiting = [(start, False)]
        while waiting:
            thing, left = waiting.pop()
            if left:
                way.pop()
                done.add(thing)
            elif thing in way:
                return (*way[way.index(thing) :], thing)
            elif thing not in done:
                way.append(thing)
                waiting.append((thing, True))
                waiting += [(each, False) for each in before.get(thing, ())]
    return ()


def _place(link: re.Match[str]) -> str:
    bare: str | None = link["bare"]
    return unquote(bare) if bare is not None else str(link["bracketed"])
