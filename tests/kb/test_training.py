"""Courses, paths, progress and certificates: what learners and curators are promised."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from kb.access import FOR_EVERYONE, SYSTEM, Actor, Audience, Role
from kb.certificates import Certificates
from kb.checks import Checks
from kb.course_evidence import CourseEvidence
from kb.course_texts import (
    CheckText,
    CoursesText,
    CourseText,
    PathText,
    QuestionText,
    StepText,
    UnitText,
)
from kb.course_things import CourseThings
from kb.courses import CourseDetails, Courses
from kb.courses_from_texts import CourseFiles
from kb.courses_units import UnitDraft
from kb.database import Database
from kb.documents import Documents, Original
from kb.drafts import Draft, Guess
from kb.errors import InvalidInput, NotAllowed, NotFound
from kb.files import FileStore
from kb.learning_paths import LearningPaths, PathDetails
from kb.models import (
    Document,
    Notification,
    Person,
    TrainingAssignment,
    UnitProgress,
    User,
    UserGroup,
)
from kb.skills import Skills
from kb.training import Training
from kb.training_assigning import Assignments
from kb.training_reports import TrainingReports
from kb.training_rules import CyclicNeeds, NotYet

CURATOR = Actor("pmo", "Zhou Min", Role.CURATOR)
LI = Actor("li.na", "李娜", Role.READER, frozenset({"new"}))
WEI = Actor("chen.wei", "Chen Wei", Role.READER)
NOBODY = Actor("", "", Role.READER)
BOARD = Audience(frozenset({"group:board"}))

CHECK = CheckText((QuestionText("true_false", "关口是 G4？", accepted=("true",), points=2),))
GATES = CourseText(
    "gates-zh",
    "zh",
    "五个关口 G1–G5",
    "说得出每个关口放行什么。",
    (
        UnitText("01-why", "page", "为什么有关口", 5, "## 前车之鉴\n\n𠮷祥项目 🚀 没有关口。"),
        UnitText("02-method", "document", "方法论", 15, "请先读它。", "corpus:zh/方法.md"),
        UnitText("03-check", "check", "小测", 5, check=CHECK),
    ),
    teachers=("lu.wenzhao",),
    topics=("关口",),
)
RISK = CourseText(
    "risk-en",
    "en",
    "Risk for beginners",
    "What a risk is.",
    (UnitText("01", "page", "One page", 10, "Read [the gates](course:gates-zh), [x](lesson:no)."),),
    topics=("risk",),
    prerequisites=("gates-zh",),
)
PATH = PathText(
    "new-hire-zh",
    "zh",
    "新员工入门",
    "new-hire",
    "两周。",
    (StepText("gates-zh", 7), StepText("risk-en")),
    due_days=14,
)
TEXTS = CoursesText((GATES, RISK), (PATH,))


class House:
    """The subjects of training on one database."""

    def __init__(self, database: Database, files: FileStore) -> None:
        self.database, self.store = database, files
        self.documents = Documents(database, files)
        self.courses = Courses(database, files)
        self.files = CourseFiles(database)
        self.paths = LearningPaths(database)
        self.training = Training(database)
        self.checks = Checks(database)
        self.certificates = Certificates(database)
        self.assignments = Assignments(database)
        self.reports = TrainingReports(database)
        self.skills = Skills(database)

    def document(self, audience: Audience = FOR_EVERYONE) -> int:
        draft = Draft("方法", "# 方法\n\n## 关口\n\n五个。", "zh", Guess("methodology"), "md")
        original = Original(*self.store.keep(draft.body.encode()), "方法.md", "text/markdown")
        stored = self.documents.store(
            SYSTEM, draft, place="corpus:zh/方法.md", original=original, audience=audience
        )
        return stored.document_id

    def load(self) -> tuple[int, int, int]:
        stored = self.files.store(CURATOR, TEXTS, audience=FOR_EVERYONE)
        return stored.courses["gates-zh"], stored.courses["risk-en"], stored.paths["new-hire-zh"]

    def pass_check(self, actor: Actor, course: int, answer: str = "true") -> int:
        unit = self.courses.get(actor, course).units[-1].id
        attempt = self.checks.begin(actor, course, unit)
        self.checks.submit(actor, attempt, {0: [answer]})
        return attempt


@pytest.fixture
def house(database: Database, files: FileStore) -> House:
    """Three users, two of them in groups, one teacher."""
    with database.write() as session:
        for actor in (CURATOR, LI, WEI):
            session.add(User(id=actor.id, name=actor.name, role=actor.role, password_hash=""))
        session.add(Person(handle="lu.wenzhao", name_zh="陆文昭", name_en="Lu Wenzhao"))
        session.flush()
        session.add(UserGroup(user_id="li.na", group="new"))
    return House(database, files)


def test_a_learner_goes_from_unit_to_unit_and_gets_one_certificate(house: House) -> None:
    house.document()
    course, risk, path = house.load()
    with pytest.raises(NotYet, match="五个关口"):
        house.training.open(LI, risk, house.courses.get(LI, risk).units[0].id)
    before = house.courses.get(LI, course)
    assert (before.standing.done, before.standing.total, before.standing.minutes_left) == (0, 3, 25)
    assert before.next_unit is not None
    assert before.next_unit.key == "01-why"
    first, second, check = before.units
    assert second.target is not None
    assert second.target.title == "方法"
    assert "🚀" in house.training.open(LI, course, first.id).unit.body
    house.training.finish(LI, course, first.id)
    house.training.open(LI, course, second.id)
    assert [one.id for one in house.training.begun(LI)] == [course]
    now = house.training.begun(LI)[0]
    assert (now.next_unit and now.next_unit.key, now.standing.percent) == ("02-method", 33)
    with pytest.raises(InvalidInput, match="check"):
        house.training.finish(LI, course, check.id)
    house.training.finish(LI, course, second.id)
    house.pass_check(LI, course, "false")
    assert not house.courses.get(LI, course).certificate
    house.pass_check(LI, course)
    done = house.courses.get(LI, course)
    assert done.standing.complete
    assert done.certificate
    house.training.finish(LI, course, first.id)
    house.training.finish(LI, risk, house.courses.get(LI, risk).units[0].id)
    held = house.certificates.of_user(LI, "li.na")
    assert [one.title for one in held] == ["新员工入门", "Risk for beginners", "五个关口 G1–G5"]
    assert held[2].score == 1
    assert house.paths.get(LI, path).certificate == held[0].code


def test_a_certificate_shows_name_title_and_day_to_others_and_can_be_taken_back(
    house: House,
) -> None:
    course, _, _ = house.load()
    for unit in house.courses.get(LI, course).units[:1]:
        house.training.finish(LI, course, unit.id)
    house.pass_check(LI, course)
    code = house.courses.get(LI, course).certificate
    seen = house.certificates.verify(NOBODY, code)
    assert (seen.name, seen.title, seen.valid) == ("李娜", "五个关口 G1–G5", True)
    assert (seen.course_id, seen.score, seen.minutes, seen.own) == (0, None, 0, False)
    assert house.certificates.verify(LI, code).own
    for code_, actor in (("nothing", NOBODY), (code, Actor("", "", Role.NONE))):
        with pytest.raises(NotFound):
            house.certificates.verify(actor, code_)
    with pytest.raises(NotAllowed):
        house.certificates.revoke(WEI, code, "x")
    with pytest.raises(NotAllowed):
        house.certificates.of_user(WEI, "li.na")
    with pytest.raises(InvalidInput):
        house.certificates.revoke(CURATOR, code, " ")
    house.certificates.revoke(CURATOR, code, "copied")
    assert not house.certificates.verify(NOBODY, code).valid
    assert house.certificates.verify(NOBODY, code).reason == ""
    assert not house.courses.get(LI, course).certificate


def test_changing_moving_taking_out_and_withdrawing_never_takes_progress_away(house: House) -> None:
    house.document()
    course, _, _ = house.load()
    first, second, _ = house.courses.get(LI, course).units
    house.training.finish(LI, course, first.id)
    house.training.open(LI, course, second.id)
    house.courses.change_unit(CURATOR, course, first.id, UnitDraft("page", "新题目", 7, "新文"))
    house.courses.move_unit(CURATOR, course, first.id, 1)
    changed = house.courses.get(LI, course)
    assert [unit.key for unit in changed.units] == ["02-method", "01-why", "03-check"]
    assert changed.unit(first.id).standing.done
    assert changed.standing.done == 1
    house.courses.remove_unit(CURATOR, course, first.id)
    assert house.courses.get(LI, course).standing.done == 0
    house.load()
    again = house.courses.get(LI, course)
    assert [unit.id for unit in again.units[:2]] == [first.id, second.id]
    assert again.unit(first.id).title == "为什么有关口"
    assert again.standing.done == 1
    house.courses.set_state(CURATOR, course, "withdrawn")
    assert house.courses.get(LI, course).standing.done == 1
    assert house.training.begun(LI) == []
    with house.database.read() as session:
        assert session.scalar(select(func.count()).select_from(UnitProgress)) == 2


def test_a_unit_whose_document_is_hidden_does_not_block_and_its_owner_is_told(
    house: House,
) -> None:
    house.document(BOARD)
    course, _, _ = house.load()
    with house.database.write() as session:
        row = session.get_one(Person, 1)
        row.user_id = "pmo"
    details = CourseDetails("五个关口", "zh", owner="pmo")
    house.courses.change(CURATOR, course, details)
    seen = house.courses.get(LI, course)
    closed = seen.units[1]
    assert closed.target is not None
    assert not closed.target.available
    assert closed.target.title == ""
    assert closed.target.address == ""
    assert (seen.standing.total, seen.standing.unavailable) == (2, 1)
    house.training.open(LI, course, closed.id)
    house.training.open(WEI, course, closed.id)
    with house.database.read() as session:
        told = session.scalars(select(Notification)).all()
    assert [(one.user_id, one.kind, one.number) for one in told] == [("pmo", "unit-closed", course)]
    with pytest.raises(InvalidInput):
        house.training.finish(LI, course, closed.id)
    house.training.finish(LI, course, seen.units[0].id)
    house.pass_check(LI, course)
    assert house.courses.get(LI, course).certificate


def test_a_circle_is_refused_and_named_wherever_it_is_made(house: House) -> None:
    course, risk, path = house.load()
    with pytest.raises(
        CyclicNeeds, match=r"Risk for beginners → .*关口.* → Risk for beginners|关口"
    ):
        house.courses.change(CURATOR, course, CourseDetails("关口", "zh", needs=(risk,)))
    assert house.courses.get(CURATOR, course).title == "五个关口 G1–G5"
    rows = house.courses.get(CURATOR, course).units
    draft = UnitDraft("page", "一", 5, needs=("03-check",))
    house.courses.change_unit(CURATOR, course, rows[0].id, draft)
    with pytest.raises(CyclicNeeds, match="一"):
        house.courses.change_unit(
            CURATOR, course, rows[2].id, UnitDraft("check", "三", 5, needs=("01-why",))
        )
    other = house.paths.create(CURATOR, PathDetails("B", "zh", "pmo", needs=(path,)))
    steps = ((course, 0),)
    with pytest.raises(CyclicNeeds, match="B"):
        house.paths.change(
            CURATOR, path, PathDetails("A", "zh", "pmo", courses=steps, needs=(other,))
        )
    one = CourseText("a", "en", "A", "", RISK.units, prerequisites=("b",))
    two = CourseText("b", "en", "B", "", RISK.units, prerequisites=("a",))
    with pytest.raises(CyclicNeeds, match="A → B → A"):
        house.files.store(CURATOR, CoursesText((one, two)), audience=FOR_EVERYONE)
    assert "a" not in house.files.known()


def test_a_hidden_course_answers_like_a_missing_one(house: House) -> None:
    course, _, path = house.load()
    hidden = house.courses.create(CURATOR, CourseDetails("秘密", "zh", audience=FOR_EVERYONE))
    unit = house.courses.add_unit(CURATOR, hidden, UnitDraft("page", "x", 5, "y"))
    for number in (hidden, 9999):
        for call in (
            lambda n: house.courses.get(LI, n),
            lambda n: house.training.open(LI, n, unit),
            lambda n: house.training.finish(LI, n, unit),
            lambda n: house.checks.begin(LI, n, unit),
            lambda n: house.courses.file(LI, n, unit),
        ):
            with pytest.raises(NotFound):
                call(number)
    assert [one.id for one in house.courses.list(LI, state="draft")] == []
    board = CourseDetails("只给董事会", "zh", teachers=("lu.wenzhao",), audience=BOARD)
    with house.database.read() as session:
        (taught,) = CourseEvidence().evidence(session, LI)
        assert (taught.kind, taught.person, taught.tags) == ("taught", 1, ("关口",))
        assert CourseEvidence().evidence(session, LI, people=[9]) == []
        assert CourseEvidence().evidence(session, LI, numbers=[hidden]) == []
    house.courses.change(Actor("pmo", "", Role.CURATOR, frozenset({"board"})), course, board)
    assert course not in [one.id for one in house.courses.list(LI)]
    assert [step.course.id for step in house.paths.get(LI, path).steps] != [course]
    with house.database.read() as session:
        things = CourseThings()
        assert things.ids_after(session, 0, 10) == [course, course + 1]
        assert [one.id for one in things.things(session, LI, [course, hidden])] == []
        (found,) = things.things(session, SYSTEM, [course])
        assert [each.heading for each in found.sections[1:]] == ["为什么有关口", "方法论", "小测"]
        assert "G4" not in str(found)
        assert CourseEvidence().evidence(session, LI) == []
        assert len(CourseEvidence().evidence(session, SYSTEM)) == 1
    for actor in (LI, NOBODY):
        with pytest.raises(NotAllowed):
            house.courses.create(actor, CourseDetails("x", "zh"))
    with pytest.raises(NotAllowed):
        house.training.finish(NOBODY, house.courses.list(LI)[0].id, 1)


def test_what_is_assigned_has_a_day_and_is_told_and_reported(house: House) -> None:
    course, risk, path = house.load()
    assert house.assignments.assign(CURATOR, "group:new", path_id=path) == 1
    for wrong in ("group:nobody", "user:x", "li.na"):
        with pytest.raises(InvalidInput):
            house.assignments.assign(CURATOR, wrong, path_id=path)
    with pytest.raises(InvalidInput):
        house.assignments.assign(CURATOR, "user:li.na", path_id=path, due_on=date(2020, 1, 1))
    with pytest.raises(NotAllowed):
        house.assignments.assign(LI, "user:li.na", path_id=path)
    today = datetime.now(UTC).date()
    (mine,) = house.assignments.mine(LI)
    assert (mine.title, mine.due_on, mine.overdue) == (
        "新员工入门", today + timedelta(days=14), False,
    )  # fmt: skip
    assert house.assignments.mine(WEI) == () == house.assignments.mine(NOBODY)
    seen = house.paths.get(LI, path)
    assert seen.assigned
    assert [step.due_on for step in seen.steps] == [
        today + timedelta(days=7),
        today + timedelta(days=14),
    ]
    house.assignments.assign(CURATOR, "user:li.na", course_id=course, due_on=today)
    with house.database.write() as session:
        told = {
            (one.user_id, one.kind, one.subject) for one in session.scalars(select(Notification))
        }
        assert told == {("li.na", "assigned", "path"), ("li.na", "assigned", "course")}
        yesterday = today - timedelta(days=1)
        session.execute(
            update(TrainingAssignment)
            .where(TrainingAssignment.course_id == course)
            .values(due_on=yesterday)
        )
    lines = house.reports.lines(CURATOR, group="new")
    assert [(one.user_id, one.course_id, one.overdue) for one in lines] == [
        ("li.na", course, True), ("li.na", risk, False),
    ]  # fmt: skip
    assert house.reports.lines(CURATOR, group="none") == []
    now = datetime.now(UTC)
    assert [house.assignments.remind(now) for _ in range(2)] == [1, 0]
    # The path is due in two weeks: a week before, and the day after it.
    for days, people in ((6, 0), (8, 1), (9, 0), (14, 0), (16, 1), (17, 0), (90, 0)):
        assert house.assignments.remind(now + timedelta(days=days)) == people, days
    with pytest.raises(NotAllowed):
        house.reports.lines(LI)
    with pytest.raises(NotAllowed):
        house.reports.transcript(WEI, "li.na")
    assert [one.course_id for one in house.reports.transcript(LI, "li.na")] == [course, risk]
    house.assignments.end(CURATOR, house.assignments.all(CURATOR)[0].id)
    assert len(house.assignments.mine(LI)) == 1


def test_growth_names_the_gap_and_the_courses_that_close_it(house: House) -> None:
    course, risk, _ = house.load()
    house.skills.want(CURATOR, "new-hire", [("关 口", 1), ("RISK", 2), ("risk", 1)])
    with pytest.raises(NotAllowed):
        house.skills.want(LI, "new-hire", [])
    house.courses.change(
        CURATOR,
        risk,
        CourseDetails("Risk", "en", needs=(course,), skills=(("Ｒisk", 2),)),  # noqa: RUF001  full-width
    )
    lines = {one.skill: one for one in house.skills.growth(LI, "new-hire")}
    assert [one.id for one in lines["关 口"].courses] == [course]
    assert [one.id for one in lines["RISK"].courses] == [risk]
    house.training.finish(LI, course, house.courses.get(LI, course).units[0].id)
    house.pass_check(LI, course)
    lines = {one.skill: one for one in house.skills.growth(LI, "new-hire")}
    assert lines["关 口"].met
    assert lines["关 口"].by == ((course, "五个关口 G1–G5"),)
    assert not lines["RISK"].met
    with pytest.raises(NotAllowed):
        house.skills.growth(WEI, "new-hire", "li.na")
    assert house.skills.growth(CURATOR, "new-hire", "li.na")[0].skill in lines


def test_what_was_done_at_work_counts_as_a_skill(house: House) -> None:
    told = {"Risk": 7.0, "关口": 1.5, "scope": 20.0}
    skills = Skills(house.database, lambda _actor, user: told if user == "li.na" else {})
    skills.want(CURATOR, "pmo", [("risk", 3), ("关口", 1), ("Scope", 3)])
    found = {one.skill: (one.shown, one.expertise, one.met) for one in skills.growth(LI, "pmo")}
    assert found == {"risk": (2, True, False), "关口": (0, False, False), "Scope": (3, True, True)}
    assert all(not one.shown for one in skills.growth(WEI, "pmo"))
    assert all(not one.shown for one in skills.growth(NOBODY, "pmo"))


def test_links_of_units_lead_to_pages_and_what_leads_nowhere_is_told(house: House) -> None:
    stored = house.files.store(CURATOR, TEXTS, audience=FOR_EVERYONE)
    gates = stored.courses["gates-zh"]
    assert stored.unknown == (("gates-zh", "corpus:zh/方法.md"), ("risk-en", "lesson:no"))
    body = house.courses.get(CURATOR, stored.courses["risk-en"], bodies=True).units[0].body
    assert body == f"Read [the gates](/courses/{gates}), x."
    document = house.document()
    # What came later is found without storing the course again.
    target = house.courses.get(LI, gates).units[1].target
    assert target is not None
    assert target.title == "方法"
    house.load()
    assert house.courses.get(LI, gates).units[1].target_text == f"/documents/{document}"
    with house.database.write() as session:
        session.execute(update(Document).values(state="draft"))
    assert not house.courses.get(LI, gates).units[1].standing.available
