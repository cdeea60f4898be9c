# ruff: noqa: RUF001  full-width letters are what is tested
from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import OperationalError

from kb.access import FOR_EVERYONE, SYSTEM, Actor, Audience, Role, anonymous
from kb.database import Database
from kb.documents import Documents
from kb.drafts import Draft, Guess
from kb.errors import DataFolderError, InvalidInput, NotAllowed
from kb.files import FileStore
from kb.insights import (
    LISTS,
    SLOW_MS,
    AskedLine,
    Insights,
    Period,
    QuestionList,
    last_weeks,
)
from kb.models import utc_now
from kb.models.insights import AskedQuestion, OpenedHit, VisitorSalt
from kb.popular_questions import POPULAR_FOR
from kb.question_log import REPEAT, SETTLE, Door, QuestionLog, question_key, typed_on, week_of

LI_NA = Actor("li.na", "李娜", Role.CONTRIBUTOR, frozenset({"orion"}))
TOM = Actor("tom", "Tom Brown", Role.READER)
CURATOR = Actor("wang", "王芳", Role.CURATOR)
NOBODY = anonymous(Role.CONTRIBUTOR)
WITHOUT_CURATORS = (LI_NA, TOM, NOBODY, anonymous(Role.NONE))


class Clock:
    """A clock that stands still until it is moved on."""

    def __init__(self) -> None:
        # The middle of the present week, so that hours and days may pass within it.
        monday = week_of(utc_now())
        self.now = datetime(monday.year, monday.month, monday.day, tzinfo=UTC) + timedelta(hours=12)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def log(database: Database, clock: Clock) -> Iterator[QuestionLog]:
    made = QuestionLog(database, keep_days=365, clock=clock)
    yield made
    made.close()


@pytest.fixture
def insights(database: Database, log: QuestionLog) -> Insights:
    return Insights(database, log)


@pytest.fixture
def documents(database: Database, files: FileStore) -> Documents:
    return Documents(database, files)


def stored(documents: Documents, title: str, audience: Audience = FOR_EVERYONE) -> int:
    draft = Draft(
        title=title, body=f"# {title}\n", language="zh", kind=Guess("lesson"), format="md"
    )
    return documents.store(SYSTEM, draft, place=f"/{title}", audience=audience).document_id


def ask(
    log: QuestionLog,
    question: str,
    actor: Actor = TOM,
    *,
    total: int = 3,
    took_ms: float = 4.0,
    door: Door = "page",
    visitor: str = "",
    best: int | None = None,
    filters: dict[str, object] | None = None,
) -> str:
    return log.record(
        actor,
        question,
        filters=filters or {},
        total=total,
        took_ms=took_ms,
        door=door,
        visitor=visitor,
        best_document=best,
    )


def people(count: int, *groups: str) -> list[Actor]:
    return [Actor(f"p{n}", f"P{n}", Role.READER, frozenset(groups)) for n in range(count)]


def asked_by_all(log: QuestionLog, question: str, actors: list[Actor], best: int | None) -> None:
    for actor in actors:
        ask(log, question, actor, best=best)
    log.flush(unsettled=True)
    log.tidy()


def kept(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(AskedQuestion.text).order_by(AskedQuestion.id)))


def this_week(clock: Clock) -> Period:
    return last_weeks(1, clock())


def listed(insights: Insights, which: QuestionList, clock: Clock) -> list[AskedLine]:
    insights.log.flush(unsettled=True)
    return list(insights.questions(CURATOR, which, last_weeks(4, clock())))


class TestPermission:
    @pytest.mark.parametrize("actor", WITHOUT_CURATORS)
    def test_only_curators_see_what_was_asked(
        self, insights: Insights, clock: Clock, actor: Actor
    ) -> None:
        for which in LISTS:
            with pytest.raises(NotAllowed):
                insights.questions(actor, which, this_week(clock))
        with pytest.raises(NotAllowed):
            insights.weeks(actor, this_week(clock))
        with pytest.raises(NotAllowed):
            insights.settled(actor)
        with pytest.raises(NotAllowed):
            insights.settle(actor, "风险")
        with pytest.raises(NotAllowed):
            insights.reopen(actor, "风险")

    @pytest.mark.parametrize("question", ["猎户座项目报价", "Orion offer 报价", "𠮷野家合并 🚀"])
    def test_what_a_closed_group_asks_is_suggested_to_nobody_else(
        self, insights: Insights, documents: Documents, question: str
    ) -> None:
        secret = stored(documents, question, Audience.parse("group:orion"))
        asked_by_all(insights.log, question, people(5, "orion"), secret)
        assert insights.popular(LI_NA, question[:1]) == (question,)
        for stranger in (TOM, NOBODY, CURATOR, anonymous(Role.NONE)):
            assert insights.popular(stranger, question[:1]) == ()

    def test_only_askings_that_found_something_for_me_count_towards_the_three(
        self, insights: Insights, documents: Documents
    ) -> None:
        secret = stored(documents, "猎户座", Audience.parse("group:orion"))
        public = stored(documents, "报价的教训")
        asked_by_all(insights.log, "报价", people(2), public)
        asked_by_all(insights.log, "报价", people(6, "orion")[2:], secret)
        assert insights.popular(TOM, "报") == ()
        assert insights.popular(LI_NA, "报") == ("报价",)

    def test_a_question_is_suggested_no_longer_once_its_document_is_withdrawn(
        self, insights: Insights, database: Database, documents: Documents
    ) -> None:
        public = stored(documents, "上线演练")
        asked_by_all(insights.log, "上线前的演练", people(3), public)
        assert insights.popular(TOM, "上线") == ("上线前的演练",)
        with database.write() as session:
            session.execute(text("UPDATE documents SET state = 'draft'"))
        assert insights.popular(TOM, "上线") == ()


class TestPrivacy:
    def test_nothing_in_the_database_says_who_asked(
        self, database: Database, log: QuestionLog, tmp_path: Path
    ) -> None:
        ask(log, "供应商延期", LI_NA)
        ask(log, "late supplier", NOBODY, visitor="192.0.2.77")
        log.flush(unsettled=True)
        with database.write() as session:
            rows = session.execute(text("SELECT * FROM asked_questions")).all()
        told = repr(rows)
        assert "供应商延期" in told
        for name in ("li.na", "李娜", "192.0.2.77"):
            assert name not in told

    def test_two_questions_of_one_person_have_nothing_in_common(
        self, database: Database, log: QuestionLog
    ) -> None:
        for question in ("验收标准", "rollback", "我的薪酬"):
            ask(log, question, TOM)
        log.flush(unsettled=True)
        with database.read() as session:
            assert len(set(session.scalars(select(AskedQuestion.visitor)))) == 3

    def test_the_same_person_is_not_recognised_a_week_later(
        self, database: Database, log: QuestionLog, clock: Clock
    ) -> None:
        for _ in range(2):
            ask(log, "验收标准", TOM)
            log.flush(unsettled=True)
            clock.pass_(days=7)
            log.tidy()
        with database.read() as session:
            assert len(set(session.scalars(select(AskedQuestion.visitor)))) == 2
            # Without the key nobody can try out names.
            assert session.scalars(select(VisitorSalt)).all() == []

    def test_questions_are_deleted_when_they_are_old_enough(
        self, database: Database, clock: Clock
    ) -> None:
        log = QuestionLog(database, keep_days=30, clock=clock)
        token = ask(log, "旧问题")
        log.opened(token, 7)
        log.flush(unsettled=True)
        clock.pass_(days=29)
        ask(log, "newer question")
        log.flush(unsettled=True)
        log.tidy()
        assert kept(database) == ["旧问题", "newer question"]
        clock.pass_(days=2)
        log.tidy()
        assert kept(database) == ["newer question"]
        with database.read() as session:
            assert session.scalars(select(OpenedHit)).all() == []
        log.close()

    def test_with_zero_days_nothing_is_recorded_and_nothing_stays(
        self, database: Database, log: QuestionLog, clock: Clock
    ) -> None:
        ask(log, "以前的问题")
        log.flush(unsettled=True)
        off = QuestionLog(database, keep_days=0, clock=clock)
        assert ask(off, "风险") == ""
        off.opened("abc", 1)
        assert off.flush(unsettled=True) == 0
        off.tidy()
        off.close()
        assert kept(database) == []


class TestTyping:
    @pytest.mark.parametrize(
        ("typed", "remains"),
        [
            (["风", "风险", "风险登记", "风险登记册"], ["风险登记册"]),
            (["r", "ris", "risk reg", "risk register"], ["risk register"]),
            (["供应商 r", "供应商 risk"], ["供应商 risk"]),
            (["Ｒ", "Ｒｉｓｋ", "risk 登記"], ["risk 登記"]),
            (["風險", "风险评估"], ["风险评估"]),
            (["𠮷", "𠮷祥"], ["𠮷祥"]),
            (["风险登记", "风险", "风险评估"], ["风险评估"]),
            (["上线演练", "演练上线"], ["上线演练", "演练上线"]),
        ],
    )
    def test_what_is_typed_on_within_seconds_leaves_one_question(
        self,
        database: Database,
        log: QuestionLog,
        clock: Clock,
        typed: list[str],
        remains: list[str],
    ) -> None:
        for question in typed:
            ask(log, question)
            clock.pass_(seconds=1)
            log.flush()
        clock.pass_(seconds=SETTLE.total_seconds())
        log.flush()
        assert kept(database) == remains

    def test_after_reading_for_a_while_a_longer_question_is_one_of_its_own(
        self, database: Database, log: QuestionLog, clock: Clock
    ) -> None:
        ask(log, "风险")
        clock.pass_(seconds=SETTLE.total_seconds() + 1)
        ask(log, "风险登记册")
        log.flush(unsettled=True)
        assert kept(database) == ["风险", "风险登记册"]

    def test_a_question_whose_hit_was_opened_counts_however_fast_it_went(
        self, database: Database, log: QuestionLog, clock: Clock
    ) -> None:
        log.opened(ask(log, "risk"), 1)
        clock.pass_(seconds=1)
        ask(log, "risk register")
        log.flush(unsettled=True)
        assert kept(database) == ["risk", "risk register"]

    def test_two_people_typing_at_once_do_not_replace_each_others_questions(
        self, database: Database, log: QuestionLog
    ) -> None:
        ask(log, "风险", TOM)
        ask(log, "风险登记", LI_NA)
        ask(log, "风险登记册", NOBODY, visitor="192.0.2.1")
        ask(log, "风险登记册 模板", NOBODY, visitor="192.0.2.2")
        log.flush(unsettled=True)
        assert len(kept(database)) == 4

    def test_turning_pages_and_reloading_is_not_asking_again(
        self, database: Database, log: QuestionLog, clock: Clock
    ) -> None:
        first = ask(log, "验收 标准")
        clock.pass_(minutes=5)
        log.flush()
        assert ask(log, "验收  标准 ") == first
        clock.pass_(seconds=REPEAT.total_seconds() + 1)
        assert ask(log, "验收 标准") != first
        log.flush(unsettled=True)
        assert len(kept(database)) == 2

    @pytest.mark.parametrize(
        "question", ["", "   ", "\u200b", "\u3000"], ids=["empty", "blanks", "invisible", "wide"]
    )
    def test_nothing_asked_is_not_recorded(self, log: QuestionLog, question: str) -> None:
        assert ask(log, question) == ""

    def test_an_endless_question_is_kept_up_to_its_beginning(
        self, database: Database, log: QuestionLog
    ) -> None:
        assert ask(log, "㍿风险 " * 3000)
        log.flush(unsettled=True)
        assert [len(one) <= 300 for one in kept(database)] == [True]

    @pytest.mark.parametrize(
        ("one", "other"),
        [("風險", "风险"), ("Ｒｉｓｋ", "risk"), (" a  b", "A b"), ("Müller", "muller")],
    )
    def test_all_ways_of_writing_a_question_are_one(self, one: str, other: str) -> None:
        assert question_key(one) == question_key(other)

    def test_typing_goes_forwards_and_backwards_but_not_sideways(self) -> None:
        assert typed_on("风", "风险")
        assert typed_on("risk", "ris")
        assert not typed_on("risk", "rollback")


class TestNeverInTheWay:
    def test_recording_touches_no_database(self, database: Database, log: QuestionLog) -> None:
        ask(log, "warm")
        statements: list[str] = []

        @event.listens_for(database.engine, "before_cursor_execute")
        def _note(_c: object, _k: object, statement: str, *_rest: object) -> None:
            if threading.current_thread() is threading.main_thread():
                statements.append(statement)

        for number in range(100):
            log.opened(ask(log, f"问题 {number}"), number)
        assert statements == []

    def test_a_database_that_cannot_be_written_costs_no_search_and_no_question(
        self, database: Database, log: QuestionLog, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        token = ask(log, "磁盘满了")
        log.opened(token, 5)

        def full(*_: object) -> None:
            raise OperationalError("insert", {}, Exception("disk full"))

        with monkeypatch.context() as broken:
            broken.setattr("kb.question_log._row", full)
            with pytest.raises(DataFolderError):
                log.flush(unsettled=True)
            assert ask(log, "still searching", LI_NA)
        assert log.flush(unsettled=True) == 2
        assert kept(database) == ["磁盘满了", "still searching"]
        with database.read() as session:
            assert session.scalars(select(OpenedHit.document_id)).all() == [5]

    def test_whatever_breaks_the_search_gets_its_answer(
        self, log: QuestionLog, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(_text: str) -> str:
            raise RuntimeError

        monkeypatch.setattr("kb.question_log.question_key", broken)
        assert ask(log, "风险") == ""

    def test_memory_is_bounded_when_nothing_can_be_written(
        self, log: QuestionLog, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("kb.question_log.MAX_WAITING", 3)
        tokens = [ask(log, f"{number} 号问题") for number in range(5)]
        assert [bool(token) for token in tokens] == [True, True, True, False, False]

    def test_questions_reach_the_database_by_themselves(
        self, database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("kb.question_log.WRITE_SECONDS", 0.02)
        log = QuestionLog(database, keep_days=365, clock=clock)
        ask(log, "自己写下去")
        clock.pass_(seconds=SETTLE.total_seconds())
        until = time.monotonic() + 10
        while not kept(database) and time.monotonic() < until:
            time.sleep(0.02)
        assert kept(database) == ["自己写下去"]
        log.close()

    def test_closing_writes_what_was_waiting_and_ends_the_thread(
        self, database: Database, log: QuestionLog
    ) -> None:
        ask(log, "last words 最后")
        log.close()
        log.close()
        assert kept(database) == ["last words 最后"]
        assert "question-log" not in [thread.name for thread in threading.enumerate()]

    def test_many_threads_ask_and_open_at_once(self, database: Database, log: QuestionLog) -> None:
        def work(actor: Actor) -> None:
            for number in range(50):
                log.opened(ask(log, f"{actor.id} 问 {number}", actor), number + 1)
                if number % 10 == 0:
                    log.flush(unsettled=True)

        threads = [threading.Thread(target=work, args=(actor,)) for actor in people(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        log.flush(unsettled=True)
        assert len(kept(database)) == 400
        with database.read() as session:
            assert len(session.scalars(select(OpenedHit)).all()) == 400


class TestOpened:
    def test_a_hit_opened_before_and_after_the_question_is_written_counts_once_each(
        self, database: Database, log: QuestionLog
    ) -> None:
        token = ask(log, "管廊")
        log.opened(token, 4)
        log.flush(unsettled=True)
        for document_id in (4, 9, 9):
            log.opened(token, document_id)
        log.flush(unsettled=True)
        with database.read() as session:
            assert sorted(session.scalars(select(OpenedHit.document_id))) == [4, 9]

    @pytest.mark.parametrize("token", ["", "nonsense", "x" * 5000, "' OR 1=1 --", "风险"])
    def test_a_token_that_belongs_to_nothing_is_forgotten(
        self, database: Database, log: QuestionLog, token: str
    ) -> None:
        log.opened(token, 1)
        log.flush(unsettled=True)
        with database.read() as session:
            assert session.scalars(select(OpenedHit)).all() == []


class TestLists:
    def test_each_question_is_in_the_lists_it_belongs_to(
        self, insights: Insights, clock: Clock
    ) -> None:
        log = insights.log
        for actor in people(3):
            ask(log, "挣值分析", actor, total=0)
        log.opened(ask(log, "rollback drill"), 1)
        ask(log, "供应商 delay")
        ask(log, "全部文档", took_ms=SLOW_MS)
        log.opened(ask(log, "慢但有用 slow", took_ms=SLOW_MS + 1), 1)

        def texts(which: QuestionList) -> list[str]:
            return [line.text for line in listed(insights, which, clock)]

        assert texts("often")[0] == "挣值分析"
        assert len(texts("often")) == 5
        assert texts("nothing") == ["挣值分析"]
        assert texts("unopened") == ["全部文档", "供应商 delay"]
        assert texts("slow") == ["慢但有用 slow", "全部文档"]

    def test_ways_of_writing_are_one_line_told_as_it_was_written_last(
        self, insights: Insights, clock: Clock
    ) -> None:
        for actor, question in zip(people(4), ["风险", "風險", "ＣＣＢ", "ccb"], strict=True):
            ask(insights.log, question, actor)
        lines = {line.text: (line.asked, line.askers) for line in listed(insights, "often", clock)}
        assert lines == {"風險": (2, 2), "ccb": (2, 2)}

    def test_one_person_asking_for_weeks_is_one_asker(
        self, insights: Insights, clock: Clock
    ) -> None:
        clock.pass_(weeks=-3)
        for _ in range(4):
            for _ in range(2):
                ask(insights.log, "模板在哪里", TOM)
                clock.pass_(days=1)
            clock.pass_(days=5)
        clock.pass_(weeks=-1)
        [line] = listed(insights, "often", clock)
        assert (line.asked, line.askers) == (8, 1)

    def test_nothing_found_under_filters_is_no_gap(self, insights: Insights, clock: Clock) -> None:
        ask(insights.log, "验收", total=0, filters={"kind": ["plan"]})
        assert listed(insights, "nothing", clock) == []

    def test_programs_open_no_hits_so_theirs_are_not_missed(
        self, insights: Insights, clock: Clock
    ) -> None:
        ask(insights.log, "风险", door="api")
        ask(insights.log, "risk", door="command")
        assert listed(insights, "unopened", clock) == []

    def test_a_settled_question_comes_back_only_when_it_is_asked_anew(
        self, insights: Insights, clock: Clock
    ) -> None:
        clock.now = utc_now() - timedelta(minutes=5)
        ask(insights.log, "掙值分析", total=0)
        ask(insights.log, "earned value", total=0)
        assert len(listed(insights, "nothing", clock)) == 2
        insights.settle(CURATOR, " 挣值分析 ")
        assert [line.text for line in listed(insights, "nothing", clock)] == ["earned value"]
        assert [(one.text, one.by) for one in insights.settled(CURATOR)] == [("挣值分析", "wang")]
        clock.now = utc_now() + timedelta(seconds=1)
        ask(insights.log, "挣值分析", LI_NA, total=0)
        again = {line.text: line.asked for line in listed(insights, "nothing", clock)}
        assert again == {"earned value": 1, "挣值分析": 1}

    def test_settling_can_be_taken_back_and_done_twice(
        self, insights: Insights, clock: Clock
    ) -> None:
        clock.now = utc_now() - timedelta(minutes=5)
        ask(insights.log, "挣值", total=0)
        insights.log.flush(unsettled=True)
        insights.settle(CURATOR, "挣值")
        insights.settle(CURATOR, "挣值")
        assert listed(insights, "nothing", clock) == []
        insights.reopen(CURATOR, "挣值")
        insights.reopen(CURATOR, "挣值")
        assert len(listed(insights, "nothing", clock)) == 1
        with pytest.raises(InvalidInput):
            insights.settle(CURATOR, " \u200b")

    def test_weeks_begin_on_monday_and_add_up(self, insights: Insights, clock: Clock) -> None:
        ask(insights.log, "这周", total=0)
        clock.pass_(weeks=-1)
        ask(insights.log, "last week", took_ms=900)
        insights.log.flush(unsettled=True)
        now, before = insights.weeks(CURATOR, last_weeks(4, clock() + timedelta(weeks=1)))
        assert (now.week - before.week).days == 7
        assert now.week.weekday() == 0
        assert (now.asked, now.nothing, now.unopened, now.slow) == (1, 1, 0, 0)
        assert (before.asked, before.nothing, before.unopened, before.slow) == (1, 0, 1, 1)
        only = insights.weeks(CURATOR, Period(before.week, before.week))
        assert only == (before,)

    def test_the_weeks_of_a_period_end_with_the_present_one(self) -> None:
        sunday = datetime(2026, 3, 1, 23, 59, tzinfo=UTC)
        assert week_of(sunday) == date(2026, 2, 23)
        assert week_of(sunday + timedelta(minutes=1)) == date(2026, 3, 2)
        assert last_weeks(2, sunday) == Period(date(2026, 2, 16), date(2026, 2, 23))

    def test_pages_of_a_list_hold_each_question_once(
        self, insights: Insights, clock: Clock
    ) -> None:
        for number in range(7):
            ask(insights.log, f"{number} 号 question", total=0)
        insights.log.flush(unsettled=True)
        pages = [
            insights.questions(CURATOR, "nothing", last_weeks(1, clock()), page=page, per_page=3)
            for page in (1, 2, 3, 4)
        ]
        assert [len(page) for page in pages] == [3, 3, 1, 0]
        assert len({line.key for page in pages for line in page}) == 7


class TestPopular:
    def test_what_is_popular_is_forgotten_with_the_questions(
        self, insights: Insights, documents: Documents, clock: Clock
    ) -> None:
        asked_by_all(insights.log, "验收标准", people(3), stored(documents, "验收"))
        assert insights.popular(TOM) == ("验收标准",)
        clock.pass_(days=POPULAR_FOR.days + 1)
        insights.log.tidy()
        assert insights.popular(TOM) == ()

    def test_people_led_to_different_documents_do_not_add_up(
        self, insights: Insights, documents: Documents
    ) -> None:
        for actor in people(3):
            ask(insights.log, "我的项目 budget", actor, best=stored(documents, actor.name))
        insights.log.flush(unsettled=True)
        insights.log.tidy()
        assert insights.popular(TOM, "我的") == ()

    def test_three_people_in_one_week_make_a_question_popular(
        self, insights: Insights, documents: Documents
    ) -> None:
        found = stored(documents, "验收")
        asked_by_all(insights.log, "验收标准怎么写", people(2), found)
        assert insights.popular(TOM, "验收") == ()
        asked_by_all(insights.log, "驗收標準怎麼寫", people(3)[2:], found)
        for typed in ("验收", "驗", "验收标准怎么"):
            assert insights.popular(TOM, typed) == ("驗收標準怎麼寫",)
        assert insights.popular(TOM, "标准") == ()
        # What stands there in full already need not be suggested.
        assert insights.popular(TOM, "验收标准怎么写") == ()

    def test_one_person_asking_every_week_makes_nothing_popular(
        self, insights: Insights, documents: Documents, clock: Clock
    ) -> None:
        found = stored(documents, "薪酬")
        clock.pass_(weeks=-6)
        for _ in range(6):
            ask(insights.log, "总监的薪酬", TOM, best=found)
            insights.log.flush(unsettled=True)
            clock.pass_(weeks=1)
        insights.log.tidy()
        assert insights.popular(TOM, "总监") == ()

    def test_what_found_nothing_or_came_from_a_program_or_is_long_ago_is_not_suggested(
        self, insights: Insights, documents: Documents, clock: Clock
    ) -> None:
        found = stored(documents, "risk")
        for actor in people(4):
            ask(insights.log, "risk nothing", actor, total=0)
            ask(insights.log, "risk narrowed", actor, best=found, filters={"kind": ["plan"]})
            ask(insights.log, "risk command", actor, best=found, door="command")
        clock.pass_(days=-POPULAR_FOR.days - 7)
        for actor in people(4):
            ask(insights.log, "risk long ago", actor, best=found)
        insights.log.flush(unsettled=True)
        clock.pass_(days=POPULAR_FOR.days + 7)
        insights.log.tidy()
        assert insights.popular(TOM, "risk") == ()

    def test_the_most_asked_come_first_and_no_more_than_wanted(
        self, insights: Insights, documents: Documents
    ) -> None:
        found = stored(documents, "登记册")
        for question, count in (("risk register", 3), ("risk 登记册", 5), ("RISK matrix", 4)):
            asked_by_all(insights.log, question, people(count), found)
        wanted = ("risk 登记册", "RISK matrix", "risk register")
        assert insights.popular(TOM, "Ri") == wanted
        assert insights.popular(TOM, "ri", limit=2) == wanted[:2]
        assert insights.popular(TOM) == wanted
        assert insights.popular(TOM, "ri", limit=0) == ()

    @pytest.mark.parametrize("prefix", ["%", "_", "'", "\\", "𠮷", "🚀", "\U0010ffff", "a" * 5000])
    def test_any_prefix_is_a_prefix_and_nothing_else(
        self, insights: Insights, documents: Documents, prefix: str
    ) -> None:
        asked_by_all(insights.log, "普通问题", people(3), stored(documents, "x"))
        assert insights.popular(TOM, prefix) == ()
        question = f"{prefix[:20]} 怎么办"
        asked_by_all(insights.log, question, people(3), stored(documents, "y"))
        assert insights.popular(TOM, prefix[:20]) == (question,)
