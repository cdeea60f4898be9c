"""The life of a lesson: every row of the table does what it says, and what is in no row cannot be done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import get_args

import pytest

from kb.access import SYSTEM, Actor, Role
from kb.database import Database
from kb.documents import Documents
from kb.drafts import Draft, Guess
from kb.errors import KnowledgeBaseError, NotAllowed
from kb.files import FileStore
from kb.lesson_acceptance import LessonAcceptance
from kb.lesson_closure import LessonClosures
from kb.lesson_rules import STATES, VERDICTS, LessonText
from kb.lesson_steps import STEPS, Move, StepRefused, may, possible, step
from kb.lessons import Lessons
from kb.models import LessonCandidate

CURATOR = Actor("lu.wenzhao", "陆文昭", Role.CURATOR)
TELLER = Actor("gu.xinran", "顾欣然", Role.CONTRIBUTOR)
OTHER = Actor("pan.zhihao", "潘志豪", Role.CONTRIBUTOR)
MOVES: tuple[Move, ...] = get_args(Move)
TEXT = LessonText(
    title="地坪平整度 6 毫米，堆垛机不能验收 𠮷",
    kind="lesson",
    what_happened="The floor was out of tolerance: 6 mm over 2 m. 停了31个工作日。",
    recommendation="货架安装前用激光扫描整个地坪。",
    phase="procurement",
)


@dataclass
class House:
    """A knowledge base with a lesson in some state, and what the steps need."""

    database: Database
    lessons: Lessons
    closures: LessonClosures
    acceptance: LessonAcceptance
    page: int
    successor: int

    def lesson(self, state: str, verdict: str) -> int:
        """A lesson told by ``TELLER`` in this state."""
        made = self.lessons.submit(TELLER, TEXT)
        if state == "submitted":
            return made
        if state == "superseded" and not verdict:
            self.lessons.supersede(CURATOR, made, self.successor)
            return made
        # Only what applies can have been built in; another verdict there is for the table alone.
        self.lessons.validate(CURATOR, made, verdict, "看过现场 seen on site")
        if state == "built-in":
            self.closures.build_in(CURATOR, made, self.page)
        if state == "superseded":
            self.lessons.supersede(CURATOR, made, self.successor)
        return made

    def candidate(self) -> int:
        with self.database.write() as session:
            row = LessonCandidate(
                document_id=self.page,
                fingerprint="f" * 64,
                title="地坪",
                kind="lesson",
                what_happened="不平",
                cause="",
                impact="",
                recommendation="",
                owner="",
                phase="",
                heading="",
                anchor="",
                position=1,
                section="",
                found_as="section",
                number=0,
                language="zh",
                version=1,
            )
            session.add(row)
            session.flush()
            return row.id

    def take(self, actor: Actor, move: Move, lesson: int) -> None:
        """The step ``move``, with everything it asks for."""
        view = self.lessons.get(SYSTEM, lesson)
        if move == "correct":
            self.lessons.correct(actor, lesson, TEXT, view.revision)
        elif move == "validate":
            self.lessons.validate(actor, lesson, "applicable", "ok")
        elif move == "reopen":
            self.lessons.reopen(actor, lesson, "again")
        elif move == "build-in":
            self.closures.build_in(actor, lesson, self.page)
        elif move == "take-out":
            closure = view.closures[0].id if view.closures else 0
            self.closures.take_out(actor, lesson, closure)
        elif move == "supersede":
            self.lessons.supersede(actor, lesson, self.successor)
        elif move == "reinstate":
            self.lessons.reinstate(actor, lesson)
        else:
            self.acceptance.merge(actor, self.candidate(), lesson)


@pytest.fixture
def house(database: Database, files: FileStore) -> House:
    documents = Documents(database, files)
    lessons = Lessons(database)
    page = documents.store(
        SYSTEM,
        Draft("关口指南", "# 关口指南\n\n## G3\n\n地坪先量。\n", "zh", Guess("methodology"), "md"),
        place="/guide.md",
    ).document_id
    successor = lessons.submit(TELLER, TEXT)
    return House(
        database, lessons, LessonClosures(database), LessonAcceptance(database), page, successor
    )


def rows() -> Iterator[tuple[str, str, Move]]:
    """Every state a lesson can be in, with every verdict it can have there, and every step."""
    for state, verdict, move in product(STATES, ("", *VERDICTS), MOVES):
        judged = bool(verdict)
        if state == "submitted" and judged:
            continue
        if state == "validated" and not judged:
            continue
        if state == "built-in" and verdict not in {"applicable", "needs-action"}:
            continue
        yield state, verdict, move


@pytest.mark.parametrize(("state", "verdict", "move"), list(rows()))
def test_every_step_leads_where_the_table_says_and_no_other_is_possible(
    house: House, state: str, verdict: str, move: Move
) -> None:
    lesson = house.lesson(state, verdict)
    try:
        known = step(state, move, verdict)
    except StepRefused:
        with pytest.raises(StepRefused):
            house.take(CURATOR, move, lesson)
        assert house.lessons.get(CURATOR, lesson).state == state
        assert move not in possible(state, verdict, frozenset({"curator"}))
        return
    before = len(house.lessons.history(CURATOR, lesson))
    house.take(CURATOR, move, lesson)
    assert house.lessons.get(CURATOR, lesson).state == known.end
    assert len(house.lessons.history(CURATOR, lesson)) == before + 1
    assert move in possible(state, verdict, frozenset({"curator"}))


@pytest.mark.parametrize("row", STEPS, ids=lambda row: f"{row.move} {row.start}")
@pytest.mark.parametrize("actor", [TELLER, OTHER], ids=["teller", "other"])
def test_only_who_stands_in_the_table_may_take_a_step(
    house: House, row: object, actor: Actor
) -> None:
    taken = next(each for each in STEPS if each is row)
    verdict = next(iter(sorted(taken.verdicts)), "")
    if taken.start in {"validated", "built-in"} and not verdict:
        verdict = "applicable"
    lesson = house.lesson(taken.start, verdict)
    rights = frozenset({"submitter"} if actor is TELLER else set[str]())
    if may(taken, rights):  # type: ignore[arg-type]
        house.take(actor, taken.move, lesson)
        assert house.lessons.get(SYSTEM, lesson).state == taken.end
    else:
        # Somebody else's lesson is not there at all before an expert has looked at it.
        with pytest.raises(KnowledgeBaseError) as refused:
            house.take(actor, taken.move, lesson)
        hidden = actor is OTHER and house.lessons.get(SYSTEM, lesson).validated_at is None
        # Only curators merge, whichever lesson it is: they are told so before anything is looked at.
        expected = "not-found" if hidden and taken.move != "merge" else "not-allowed"
        assert refused.value.code == expected
        assert house.lessons.get(SYSTEM, lesson).state == taken.start


def test_a_reader_takes_no_step(house: House) -> None:
    lesson = house.lesson("validated", "applicable")
    reader = Actor("chen.wei", "Chen Wei", Role.READER)
    for move in MOVES:
        with pytest.raises((NotAllowed, StepRefused)):
            house.take(reader, move, lesson)
    assert house.lessons.get(reader, lesson).moves == ()
