"""Checks: what an answer is worth, what is drawn, how often one may try, what happens twice or too late."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from kb.access import FOR_EVERYONE, SYSTEM, Actor, Role
from kb.checks import GRACE, Checks
from kb.checks_banks import QuestionBanks
from kb.checks_content import Drawn, draw
from kb.checks_grading import PAGE_ONLY, Found, credit, outcome, plain
from kb.checks_markdown import as_markdown
from kb.course_texts import CheckText, CoursesText, CourseText, QuestionText, UnitText
from kb.courses import Courses
from kb.courses_from_texts import CourseFiles
from kb.database import Database
from kb.documents import Documents
from kb.drafts import Draft, Guess
from kb.errors import InvalidInput, NotAllowed, NotFound
from kb.files import FileStore
from kb.models import CheckAnswer, CheckAttempt, CourseUnit, DocumentLife, User
from kb.training_places import read_address
from kb.training_reports import TrainingReports
from kb.training_rules import NoAttempt, UnitStanding, standing, waits_for

LI = Actor("li.na", "李娜", Role.READER)
WEI = Actor("chen.wei", "Chen Wei", Role.READER)
CURATOR = Actor("pmo", "周敏", Role.CURATOR)

SINGLE = QuestionText("single", "谁？", ("甲", "乙", "丙"), (1,))
MULTIPLE = QuestionText("multiple", "哪些？", ("a", "b", "c", "d"), (0, 2))
TRUTH = QuestionText("true_false", "Is it?", accepted=("true",))
FILL = QuestionText("fill_in", "几天？", accepted=("10 个工作日", "ten days"))
ORDER = QuestionText("order", "次序", ("一", "二", "三", "四"))
FIND = QuestionText("find_it", "在哪？", accepted=("/documents/1#关口",))


@pytest.mark.parametrize(
    ("question", "answer", "worth"),
    [
        (SINGLE, ["1"], 1), (SINGLE, ["0"], 0), (SINGLE, ["0", "1"], 0), (SINGLE, [], 0),
        (MULTIPLE, ["0", "2"], 1), (MULTIPLE, ["0"], 0.5), (MULTIPLE, ["0", "1"], 0),
        (MULTIPLE, ["0", "2", "1"], 0.5), (MULTIPLE, ["0", "1", "2", "3"], 0), (MULTIPLE, ["1", "3"], 0),
        (TRUTH, ["true"], 1), (TRUTH, ["false"], 0),
        (FILL, ["１０個工作日。"], 1), (FILL, [" TEN  Days "], 1), (FILL, ["十天"], 0), (FILL, ["10"], 0),
        (ORDER, ["0", "1", "2", "3"], 1), (ORDER, ["1", "2", "3", "0"], 2 / 3),
        (ORDER, ["3", "2", "1", "0"], 0), (ORDER, ["0", "1"], 0),
        (QuestionText("fill_in", "?", accepted=("５％",)), ["5%"], 1),  # noqa: RUF001  full-width
        (QuestionText("fill_in", "?", accepted=("𠮷",)), ["𠮷 🚦"], 0),
        (QuestionText("multiple", "?", ("a",), ()), ["0"], 0),
    ],
)  # fmt: skip
def test_an_answer_is_worth_what_the_rules_say(
    question: QuestionText, answer: list[str], worth: float
) -> None:
    assert credit(question, answer) == pytest.approx(worth)


def test_a_page_is_found_by_its_address_its_section_and_what_took_its_place() -> None:
    right = Found("document", 1, "关口")
    for given, worth in (
        (right, 1), (Found("document", 1), PAGE_ONLY), (Found("document", 1, "x"), PAGE_ONLY),
        (Found("document", 2, "关口"), 0), (Found("lesson", 1, "关口"), 0),
        (Found("document", 1, "", moved=True), 1), (None, 0),
    ):  # fmt: skip
        assert credit(FIND, ["x"], given, [Found("document", 9), right]) == worth, given
    assert credit(FIND, ["x"], Found("document", 1, "anything"), [Found("document", 1)]) == 1
    for text, found in (
        ("/documents/12", Found("document", 12)),
        ("https://kb.example/documents/12?q=风险#1-%E5%85%B3%E5%8F%A3", Found("document", 12, "1-关口")),
        (" /lessons/3#root-cause ", Found("lesson", 3, "root-cause")),
        ("/documents/12/versions/3", Found("document", 12)),
        ("documents/12", None), ("/documents/x", None), ("javascript:/documents/1", None), ("", None),
    ):  # fmt: skip
        assert read_address(text) == found, text


def test_a_mark_is_reached_or_not() -> None:
    third = QuestionText("order", "?", ("a", "b", "c", "d"), points=3)
    assert outcome([TRUTH, third], [1.0, 1 / 3], 50).passed
    assert not outcome([TRUTH, third], [1.0, 1 / 3], 51).passed
    assert outcome([TRUTH, third], [0.0, 0.0], 1).score == 0
    assert not outcome([], [], 1).passed
    assert plain("。！") == "。!"


def test_the_same_seed_draws_the_same_and_an_order_is_never_shown_solved() -> None:
    bank = [(number, ORDER if number % 2 else SINGLE) for number in range(10)]
    assert draw(bank, 4, 7) == draw(bank, 4, 7)
    assert len({tuple(one.id for one in draw(bank, 4, seed)) for seed in range(20)}) > 10
    assert (
        [one.id for one in draw(bank, 0, 1)]
        == list(range(10))
        == [one.id for one in draw(bank, 99, 1)]
    )
    for seed in range(60):
        for one in draw(bank, 4, seed):
            assert one.question.kind != "order" or one.shown != (0, 1, 2, 3)
    shown = Drawn(1, MULTIPLE, (2, 0, 3, 1))
    assert shown.options == ("c", "a", "d", "b")
    assert shown.answer(["0", "0", "1", "9", "-1", "x"]) == ("2", "0")
    assert Drawn(1, FILL, ()).answer([" 十天 ", "b"]) == ("十天",)


def test_where_one_goes_on_and_what_counts() -> None:
    first = UnitStanding("a", 5, done=True)
    hidden = UnitStanding("b", 10, available=False)
    third = UnitStanding("c", 20, needs=("b", "a"))
    fourth = UnitStanding("d", 40, needs=("c",), started=True)
    last = UnitStanding("e", 1, started=True)
    found = standing([first, hidden, third, fourth, last])
    assert (found.done, found.total, found.unavailable, found.minutes_left) == (1, 4, 1, 61)
    assert (found.next_key, found.percent, found.complete) == ("e", 25, False)
    assert waits_for(fourth, [first, hidden, third, fourth]) == ("c",)
    assert not standing([hidden]).complete
    assert standing([first, hidden]).complete
    # What was done when it could be opened stays done.
    assert standing([UnitStanding("x", 5, available=False, done=True)]).complete


def test_questions_are_written_as_they_are_read() -> None:
    from ingest.question_files import read_question_text

    questions = (
        SINGLE, MULTIPLE, TRUTH, FILL, ORDER, FIND,
        QuestionText("multiple", "只有一个对\n\n| a | b |\n|---|---|\n| 1 | 2 |", ("甲", "乙"), (0,), points=3),
        QuestionText("fill_in", "Is it?", accepted=("yes",), explanation="一\n\n二"),
    )  # fmt: skip
    read = read_question_text(as_markdown(questions).splitlines())
    assert [str(fault) for fault in read.faults] == []
    assert read.questions == questions


class Room:
    """One course with a check, and who takes it."""

    def __init__(self, database: Database, files: FileStore) -> None:
        self.database = database
        self.checks = Checks(database)
        self.banks = QuestionBanks(database)
        self.courses = Courses(database, files)
        self.reports = TrainingReports(database)
        check = CheckText((TRUTH, FIND), pass_percent=70, retries=1, minutes=10)
        text = CourseText("c", "zh", "课", "", (UnitText("u", "check", "测", 5, check=check),))
        stored = CourseFiles(database).store(SYSTEM, CoursesText((text,)), audience=FOR_EVERYONE)
        self.course = stored.courses["c"]
        (self.unit,) = [one.id for one in self.courses.get(SYSTEM, self.course).units]

    def begin(self, actor: Actor = LI) -> int:
        return self.checks.begin(actor, self.course, self.unit)

    def later(self, **moved: timedelta) -> None:
        """Move the attempts into the past."""
        with self.database.write() as session:
            for row in session.scalars(select(CheckAttempt)):
                for name, by in moved.items():
                    value = getattr(row, name)
                    setattr(row, name, value - by if value else None)


@pytest.fixture
def room(database: Database, files: FileStore) -> Room:
    """A course whose find-it question asks for document 1, and its readers."""
    with database.write() as session:
        for actor in (LI, WEI, CURATOR):
            session.add(User(id=actor.id, name=actor.name, role=actor.role, password_hash=""))
    documents = Documents(database, files)
    for number in (1, 2):
        body = f"# {number}\n\n## 关口\n\n五个。"
        documents.store(
            SYSTEM, Draft(f"{number}", body, "zh", Guess("guide"), "md"), place=f"{number}"
        )
    return Room(database, files)


def test_what_is_handed_in_twice_or_late_is_one_attempt_and_nothing_is_lost(room: Room) -> None:
    first = room.begin()
    assert room.begin() == first
    room.checks.keep(LI, first, {0: ["false"]})
    assert room.checks.get(LI, first).questions[0].answer == ("false",)
    room.later(due_at=timedelta(minutes=10) + GRACE, started_at=timedelta(minutes=11))
    late = room.checks.submit(LI, first, {0: ["true"], 1: ["/documents/1#关口"]})
    assert (late.score, late.passed, late.late) == (1.0, False, True)
    again = room.checks.submit(LI, first, {})
    assert again == late
    room.checks.keep(LI, first, {})
    told = room.checks.get(LI, first)
    assert [one.answer for one in told.questions] == [("true",), ("/documents/1#关口",)]
    assert [one.credit for one in told.questions] == [1.0, 1.0]
    with room.database.read() as session:
        assert session.scalar(select(func.count()).select_from(CheckAnswer)) == 2
    for actor in (WEI, Actor("", "", Role.READER)):
        with pytest.raises(NotFound):
            room.checks.get(actor, first)
        with pytest.raises(NotFound):
            room.checks.submit(actor, first, {})
    with pytest.raises(NotAllowed):
        room.begin(Actor("", "", Role.READER))


def test_attempts_are_limited_spaced_and_keep_the_questions_they_had(room: Room) -> None:
    first = room.begin()
    bank = room.banks.of_course(CURATOR, room.course)[0][0]
    room.banks.put(CURATOR, bank, [FILL])
    assert [one.kind for one in room.checks.get(LI, first).questions] == ["true_false", "find_it"]
    room.checks.submit(LI, first, {0: ["false"], 1: ["/documents/1"]})
    assert room.checks.get(LI, first).line.score == PAGE_ONLY / 2
    with room.database.write() as session:
        session.execute(update(CourseUnit).values(wait_minutes=60))
    with pytest.raises(NoAttempt, match="early"):
        room.begin()
    room.later(submitted_at=timedelta(hours=1))
    second = room.begin()
    assert [one.kind for one in room.checks.get(LI, second).questions] == ["fill_in"]
    room.checks.submit(LI, second, {0: ["nie"]})
    room.later(submitted_at=timedelta(hours=1))
    with pytest.raises(NoAttempt, match="used"):
        room.begin()
    state = room.checks.standing(LI, room.course, room.unit)
    assert (state.left, state.open_id, [one.number for one in state.attempts]) == (0, 0, [2, 1])
    assert not room.courses.get(LI, room.course).certificate
    room.banks.put(CURATOR, bank, [])
    with pytest.raises(NoAttempt, match="no questions"):
        room.begin(WEI)


def test_a_find_it_question_follows_what_took_the_place_of_the_page(room: Room) -> None:
    with room.database.write() as session:
        session.merge(DocumentLife(
            document_id=1, author="", owner="", reviewed_by=[], published_by="", confirmed_by="",
            superseded_by=2,
        ))  # fmt: skip
    attempt = room.begin()
    room.checks.opened(LI, "/documents/2", "二")
    room.checks.opened(LI, "/documents/2", "二")
    room.checks.opened(WEI, "/documents/1", "一")
    assert room.checks.get(LI, attempt).opened == (("/documents/2", "二"),)
    line = room.checks.submit(LI, attempt, {0: ["true"], 1: ["https://x.example/documents/2"]})
    assert (line.score, line.passed) == (1.0, True)
    assert room.courses.get(LI, room.course).certificate


def test_a_failed_search_is_a_gap_until_it_is_settled(room: Room) -> None:
    room.checks.submit(LI, room.begin(), {0: ["true"], 1: ["/documents/2"]})
    (gap,) = room.reports.failed(CURATOR, only_searches=True)
    assert (gap.question.text, gap.asked, gap.credit) == ("在哪？", 1, 0.0)
    assert [one.credit for one in room.reports.failed(CURATOR)] == [0.0, 1.0]
    for actor in (LI, WEI):
        with pytest.raises(NotAllowed):
            room.reports.failed(actor)
        with pytest.raises(NotAllowed):
            room.reports.settle_search(actor, gap.id)
        with pytest.raises(NotAllowed):
            room.banks.get(actor, gap.bank_id)
    room.reports.settle_search(CURATOR, gap.id)
    assert room.reports.failed(CURATOR, only_searches=True) == []
    with pytest.raises(InvalidInput):
        room.banks.put(CURATOR, gap.bank_id, [FILL] * 1001)
