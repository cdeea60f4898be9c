"""The lesson harvester: what a report says it has learned, taken out of it piece by piece.

Reports tell their lessons under a heading (经验教训, 问题与对策, Lessons learned, What went wrong …), one in each
sub-section, list item, table row or paragraph, or in a table whose columns give them away (问题, 原因, 措施 …)
wherever it stands. Nothing is judged here: a person decides on each of them later, so a clear sign is needed, but not a
proof. What tells how things stand or ought to be done (registers of risks, lists of actions, minutes, status
reports, methods, courses, templates) holds no lessons.

Start with :func:`harvest`. A body becomes a tree in :mod:`ingest.harvest_outline`. What titles say of a document is in
:mod:`ingest.harvest_titles`, what headings announce in :mod:`ingest.harvest_headings` and, for headings that mean
something only beside each other, :mod:`ingest.harvest_families`; the labels of fields are in
:mod:`ingest.harvest_labels` and, guessed, :mod:`ingest.harvest_columns`. Tables are read in
:mod:`ingest.harvest_tables`, :mod:`ingest.harvest_cards` and :mod:`ingest.harvest_forms`, lists and paragraphs in
:mod:`ingest.harvest_points` and :mod:`ingest.harvest_boxes`, sentences in :mod:`ingest.harvest_text`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from ingest.harvest_boxes import boxed_in
from ingest.harvest_families import family_topics
from ingest.harvest_forms import form_lessons
from ingest.harvest_grid import Grid
from ingest.harvest_headings import (
    Topic,
    Weight,
    is_category,
    is_foreign,
    is_introduction,
    is_numbered_lesson,
    is_of_trouble,
    is_pure_topic,
    topic_of,
)
from ingest.harvest_outline import Node, Paragraph, outline
from ingest.harvest_points import (
    counts_points,
    is_one_practice,
    of_labels,
    of_parts,
    one_lesson,
    tells_one,
)
from ingest.harvest_tables import announces_itself, lessons_in
from ingest.harvest_text import Telling, short_title, told_apart
from ingest.harvest_titles import is_closing, is_of_lessons, is_running, is_teaching
from ingest.harvest_words import unnumbered_heading
from kb.candidates_found import FoundLesson, LessonKind

# Kinds of documents (kb.drafts.KINDS) in which nothing has happened yet, or only as an example.
_NUMBERED: Final = Topic(Weight.CERTAIN)
_NOTHING_HAPPENED: Final = frozenset({"methodology", "guide", "template", "training", "plan"})


def harvest(body: str, *, title: str = "", kind: str = "") -> list[FoundLesson]:
    """The lessons that a document tells, in its order.

    Args:
        body: Markdown.
        title: of the document; its first heading where this is empty.
        kind: of the document, one of :data:`kb.drafts.KINDS`, or empty.

    Returns:
        The lessons; none for documents that teach, prescribe or plan. The same words twice are one lesson.
    """
    root = outline(body)
    head = _head(root)
    names = [name for name in (title, head.heading if head else "") if name]
    if kind in _NOTHING_HAPPENED or any(map(is_teaching, names)):
        return []
    running = kind == "minutes" or any(map(is_running, names))
    walk = _Walk(
        head,
        Weight.CERTAIN if running else Weight.WEAK,
        is_lesson=kind == "lesson",
        looks_back=not running and any(map(is_closing, names)),
    )
    walk.name(root)
    if not root.children:
        walk.memo(root, title)
    else:
        walk.look(root)
        if not walk.found and any(map(is_of_lessons, names)):
            walk.chapters(head or root)
    return _unique(walk.found)


def _head(root: Node) -> Node | None:
    """The heading that is the document's title: the only one of its level, or one with nothing below it."""
    first = root.children[0] if root.children else None
    if first is None or (root.parts and len(root.children) > 1):
        return None
    alone = len(root.children) == 1 and bool(first.children)
    return first if alone or not (first.parts or first.children) else None


def _unique(found: list[FoundLesson]) -> list[FoundLesson]:
    once: dict[str, FoundLesson] = {}
    for lesson in found:
        once.setdefault(lesson.fingerprint, lesson)
    return [replace(lesson, position=position) for position, lesson in enumerate(once.values(), 1)]


class _Walk:
    """One way through a document; ``found`` is what was picked up."""

    def __init__(
        self, head: Node | None, least: Weight, *, is_lesson: bool, looks_back: bool
    ) -> None:
        """Go by headings of at least this weight; ``head`` is the title of a document that may itself be one lesson.

        In a document that ``looks_back`` on a whole project, 存在的问题 and Recommendations announce what it learned.
        """
        self.found: list[FoundLesson] = []
        self._head = head
        self._least = least
        self._is_lesson = is_lesson
        self._looks_back = looks_back
        self._families: dict[int, Topic] = {}

    def name(self, node: Node) -> None:
        """Find out which headings are members of a family, all the way down."""
        for child, topic in zip(
            node.children,
            family_topics([child.heading for child in node.children]),
            strict=True,
        ):
            if topic and topic.weight >= self._least:
                self._families[id(child)] = topic
            self.name(child)

    def _topic(self, node: Node) -> Topic | None:
        """What the heading of a part announces, by itself or as one of a family."""
        topic = topic_of(node.heading)
        family = self._families.get(id(node))
        if family and (topic is None or topic.weight < family.weight):
            return family
        if (
            topic
            and topic.weight is Weight.WEAK
            and self._looks_back
            and is_of_trouble(node.heading)
        ):
            return replace(topic, weight=Weight.USUAL)
        return topic

    def memo(self, root: Node, title: str) -> None:
        """Look for lessons in a text without any heading, where only its title or first line can announce them."""
        first = root.parts[0] if root.parts else None
        line = first.text if isinstance(first, Paragraph) else ""
        reason = next((name for name in (title, line) if _is_certain(name)), "")
        points = counts_points(root.parts) or not all(isinstance(p, Paragraph) for p in root.parts)
        if reason and points:
            self._add_all(of_parts(root.parts), topic_of(reason), root, reason)
        else:
            self.look(root)

    def look(self, node: Node) -> None:
        """Look for lessons in a part of the document that has not announced any."""
        is_title = node.level == 0 or node is self._head
        if not is_title and is_foreign(node.heading):
            # 附件四: a table in it may say by its own title that it holds lessons.
            self._tables([grid for grid in _grids(node) if announces_itself(grid)], node)
            return
        if is_numbered_lesson(node.heading) and not is_title:
            self._leaf(node, _NUMBERED, node.heading, 0)
            return
        topic = self._topic(node)
        if topic and topic.weight >= self._least and not (is_title and node.children):
            if topic.weight > Weight.WEAK:
                self._section(node, topic, node)
                return
            self._take_structured(node, topic)
        elif self._least is Weight.WEAK:
            if tells_one(node, sure=is_title and self._is_lesson):
                self._add(one_lesson(node), None, node, node.heading)
                return
            self._tables(_grids(node), node)
            self._add_all(of_labels(node.parts), None, node, node.heading)
        self._unannounced(node, topic, is_title=is_title)
        for child in node.children:
            self.look(child)

    def chapters(self, node: Node) -> None:
        """Take every chapter of a document that is called a collection of lessons, but for those about the document."""
        for child in node.children:
            if not (is_foreign(child.heading) or is_introduction(child.heading)):
                self._section(child, _NUMBERED, child)

    def _unannounced(self, node: Node, topic: Topic | None, *, is_title: bool) -> None:
        """Take what stands before the first chapter of a collection, and what is marked as a lesson by itself."""
        if topic is None:
            self._add_all(boxed_in(node.parts), None, node, node.heading)
        elif is_title and topic.weight is Weight.CERTAIN:
            tellings = of_parts([part for part in node.parts if not isinstance(part, Paragraph)])
            self._add_all(tellings, topic, node, node.heading)

    def _tables(self, grids: list[Grid], node: Node) -> None:
        """Look for lessons in tables that no heading announces: by their columns, or by the labels of a form."""
        for grid in grids:
            tellings = lessons_in(grid, announced=False, looks_back=self._looks_back)
            self._add_all(tellings, None, node, "")
            for label, topic, telling in [] if tellings else form_lessons(grid):
                self._add(telling, topic, node, " ".join(label.split()))

    def _take_structured(self, node: Node, topic: Topic) -> None:
        """Under headings such as 问题 or Review: only what tells what happened and why, part by part."""
        if tells_one(node, sure=True):
            self._add(one_lesson(node), topic, node, node.heading)
            return
        tables = [part for part in node.parts if isinstance(part, Grid)]
        tellings = [telling for grid in tables for telling in lessons_in(grid, announced=False)]
        prose = [part for part in node.parts if not isinstance(part, Grid)]
        tellings += [telling for telling in of_parts(prose) if telling.structured]
        self._add_all(tellings, topic, node, node.heading)
        for child in [
            child for child in node.children if not child.children and not self._topic(child)
        ]:
            telling = one_lesson(child)
            if telling.structured and not is_foreign(child.heading):
                self._add(telling, topic, child, node.heading)

    def _section(self, node: Node, topic: Topic, announcer: Node) -> None:
        """Take the lessons of a section that announced them."""
        reason = announcer.heading
        if tells_one(node, sure=True) and node is not announcer:
            self._add(one_lesson(node), topic, node, reason)
            return
        if node is announcer and is_one_practice(node):
            self._add(one_lesson(node), topic, node, reason)
            return
        parts = node.parts
        if node.children and not counts_points(
            parts
        ):  # what stands above the sub-sections introduces them
            parts = [part for part in parts if not isinstance(part, Paragraph)]
        self._add_all(of_parts(parts), topic, node, reason)
        for number, child in enumerate(node.children, 1):
            if is_foreign(child.heading, within=True):
                continue
            below = self._families.get(id(child)) or (
                topic_of(child.heading) if is_pure_topic(child.heading) else None
            )
            if below:
                self._section(
                    child, _within(topic, below), child if below.weight > 1 else announcer
                )
            elif is_category(child.heading) or (child.children and not tells_one(child, sure=True)):
                self._section(child, topic, announcer)
            else:
                self._leaf(child, topic, reason, number)

    def _leaf(self, node: Node, topic: Topic, reason: str, number: int) -> None:
        """Take one sub-section of a section of lessons: mostly one lesson, named by its heading."""
        tables = [
            telling
            for part in node.parts
            if isinstance(part, Grid)
            for telling in lessons_in(part, announced=True)
        ]
        if tables:
            for telling in tables:
                telling.title = telling.title or (
                    unnumbered_heading(node.heading) if len(tables) == 1 else ""
                )
            self._add_all(tables, topic, node, reason)
            return
        telling = one_lesson(node)
        telling.found_as, telling.number = "sub-section", number
        self._add(telling, topic, node, reason)

    def _add_all(
        self, tellings: list[Telling], topic: Topic | None, node: Node, reason: str
    ) -> None:
        for telling in tellings:
            self._add(telling, topic, node, reason)

    def _add(self, telling: Telling, topic: Topic | None, node: Node, reason: str) -> None:
        if telling.worth:
            self.found.append(_found(telling, topic, node, reason))


def _grids(node: Node) -> list[Grid]:
    return [part for part in node.parts if isinstance(part, Grid)]


def _is_certain(name: str) -> bool:
    """True when a title or first line says beyond doubt that lessons follow."""
    topic = topic_of(name)
    return topic is not None and topic.weight is Weight.CERTAIN


def _within(topic: Topic, below: Topic) -> Topic:
    return Topic(max(topic.weight, below.weight), below.kind or topic.kind, below.advises)


def _found(telling: Telling, topic: Topic | None, node: Node, reason: str) -> FoundLesson:
    happened = telling.text("context", "event")
    cause = telling.text("cause")
    advice = telling.text("lesson", "advice", "measure")
    if not happened and telling.has("lesson"):
        happened, advice = telling.text("lesson"), telling.text("advice", "measure")
    if topic and topic.advises and not advice:
        happened, advice = "", happened
    elif happened and not advice and not telling.labelled:
        happened, why, advice = told_apart(happened)
        cause = cause or why
    words = f"{happened}{cause}{advice}"
    return FoundLesson(
        title=telling.title or short_title(happened or advice or cause),
        kind=telling.kind or _kind(topic),
        what_happened=happened,
        cause=cause,
        impact=telling.text("impact"),
        recommendation=advice,
        owner=telling.text("owner").replace("\n", ", "),
        phase=telling.text("phase").replace("\n", ", "),
        heading=node.heading,
        anchor=node.anchor,
        position=0,
        section=reason,
        found_as=telling.found_as,
        number=telling.number,
        language=_language(words),
    )


def _kind(topic: Topic | None) -> LessonKind:
    return (topic.kind if topic else None) or "lesson"


def _language(text: str) -> str:
    """The language of most words, counting a Han character as half a word."""
    han = sum("\u3400" <= char <= "\u9fff" for char in text)
    latin = sum(word.isascii() and word.isalpha() for word in text.split())
    return "zh" if han > 2 * latin else "en"
