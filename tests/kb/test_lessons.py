"""Lessons as records: told, seen by those who may, put right, merged, used, built in, counted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import pytest
from sqlalchemy import select

from kb.access import FOR_EVERYONE, SYSTEM, Actor, Audience, Role, anonymous
from kb.candidates_found import FoundLesson
from kb.database import Database
from kb.documents import Documents
from kb.drafts import Draft, Guess
from kb.errors import NotAllowed, NotFound
from kb.files import FileStore
from kb.lesson_acceptance import LessonAcceptance
from kb.lesson_analysis import OTHERS, AnalysisFilter, LessonAnalysis, Told, bars
from kb.lesson_closure import LessonClosures
from kb.lesson_listing import LessonFilter, LessonLists
from kb.lesson_precedents import LessonPrecedents
from kb.lesson_register import LessonRegister
from kb.lesson_reuse import LessonReuse
from kb.lesson_rules import LessonRefused, LessonText
from kb.lesson_sources import SourceRef
from kb.lesson_things import LessonThings
from kb.lessons import Lessons
from kb.models import Change, LessonCandidate, Project
from kb.register_rows import Keep, RegisterRow

CURATOR = Actor("lu.wenzhao", "陆文昭", Role.CURATOR)
TELLER = Actor("gu.xinran", "顾欣然", Role.CONTRIBUTOR)
OTHER = Actor("pan.zhihao", "潘志豪", Role.CONTRIBUTOR)
BOARD = Actor("shen.yiqing", "沈一清", Role.CURATOR, frozenset({"board"}))
READER = anonymous(Role.READER)
SECRET = Audience(frozenset({"group:board"}))
TEXT = LessonText(
    title="四个钻孔没钻到旧管廊",
    kind="lesson",
    language="zh",
    what_happened="滤站基坑挖出旧管廊，停工46个工作日。",
    recommendation="先雷达，后钻孔。",
    root_cause="没有人被要求回答土里有什么。",
    cause="site",
    category="risk",
    phase="design",
    impact_days=-46,
    project="CL-2018-007",
    tags=("地勘",),
)


@dataclass
class House:
    database: Database
    documents: Documents
    lessons: Lessons
    lists: LessonLists
    reuse: LessonReuse
    closures: LessonClosures
    acceptance: LessonAcceptance
    register: LessonRegister

    def page(self, title: str, body: str, audience: Audience = FOR_EVERYONE) -> int:
        draft = Draft(title, body, "zh", Guess("methodology"), "md", project_code="CL-2018-007")
        return self.documents.store(
            SYSTEM, draft, place=f"/{title}.md", audience=audience
        ).document_id

    def validated(self, text: LessonText = TEXT) -> int:
        made = self.lessons.submit(TELLER, text)
        self.lessons.validate(
            CURATOR if text.audience == "everyone" else BOARD, made, "applicable", "好"
        )
        return made


@pytest.fixture
def house(database: Database, files: FileStore) -> House:
    with database.write() as session:
        for code in ("CL-2018-007", "CL-2022-003", "CL-2024-005"):
            session.add(Project(code=code, name_zh=f"项目{code}", name_en=code, industry="water"))
    return House(
        database,
        Documents(database, files),
        Lessons(database),
        LessonLists(database),
        LessonReuse(database),
        LessonClosures(database),
        LessonAcceptance(database),
        LessonRegister(database),
    )


def test_before_an_expert_has_looked_only_its_teller_and_curators_see_it(house: House) -> None:
    made = house.lessons.submit(TELLER, TEXT)
    for actor in (TELLER, CURATOR):
        assert house.lessons.get(actor, made).text.title == TEXT.title
        assert house.lists.page(actor, LessonFilter())[1] == 1
    for actor in (OTHER, READER):
        with pytest.raises(NotFound):
            house.lessons.get(actor, made)
        assert house.lists.page(actor, LessonFilter()) == ([], 0)
        assert house.lists.counts(actor, LessonFilter())["state"] == []
    with house.database.read() as session:
        assert LessonThings().things(session, SYSTEM, [made]) == []
        assert LessonThings().ids_after(session, 0, 10) == []
    house.lessons.validate(CURATOR, made, "needs-action", "写进模板")
    assert house.lessons.get(READER, made).expert_note == "写进模板"
    with house.database.read() as session:
        (thing,) = LessonThings().things(session, READER, [made])
        assert (thing.kind, thing.project, thing.tags) == ("lesson", "CL-2018-007", ("地勘",))
        assert thing.sections[0].anchor == "what-happened"
        changes = session.scalars(select(Change.action).where(Change.subject == "lesson")).all()
    assert changes == ["remove", "store"]


def test_a_lesson_of_a_few_is_not_there_for_others_even_when_validated(house: House) -> None:
    made = house.lessons.submit(BOARD, replace(TEXT, audience="group:board"))
    house.lessons.validate(BOARD, made, "applicable", "ok")
    for actor in (CURATOR, TELLER, READER):
        with pytest.raises(NotFound):
            house.lessons.get(actor, made)
        assert house.lists.page(actor, LessonFilter())[1] == 0
    assert house.lessons.get(BOARD, made).text.audience == "group:board"


def test_who_has_not_signed_in_or_only_reads_tells_nothing(house: House) -> None:
    for actor in (READER, anonymous(Role.CONTRIBUTOR), Actor("chen", "", Role.READER)):
        with pytest.raises(NotAllowed):
            house.lessons.submit(actor, TEXT)
    assert house.lists.page(SYSTEM, LessonFilter())[1] == 0


def test_a_form_sent_twice_makes_one_lesson(house: House) -> None:
    first = house.lessons.submit(TELLER, TEXT, token="abc")
    assert house.lessons.submit(TELLER, TEXT, token="abc") == first
    assert house.lessons.submit(OTHER, TEXT, token="abc") != first
    assert house.lists.page(CURATOR, LessonFilter())[1] == 2


def test_two_who_edit_at_once_both_keep_their_words(house: House) -> None:
    made = house.lessons.submit(TELLER, TEXT)
    first = house.lessons.correct(TELLER, made, replace(TEXT, title="甲的标题"), 1)
    second = house.lessons.correct(CURATOR, made, replace(TEXT, title="乙的标题"), 1)
    assert (first.kept, second.kept) == (True, False)
    assert house.lessons.get(CURATOR, made).text.title == "甲的标题"
    events = {each.event: each.text.title for each in house.lessons.history(CURATOR, made)}
    assert events == {"submit": TEXT.title, "correct": "甲的标题", "set-aside": "乙的标题"}
    again = house.lessons.correct(CURATOR, made, replace(TEXT, title="乙的标题"), second.revision)
    assert again.kept
    assert house.lessons.get(CURATOR, made).text.title == "乙的标题"


def test_submitted_and_validated_words_are_both_kept(house: House) -> None:
    made = house.lessons.submit(TELLER, TEXT)
    house.lessons.correct(CURATOR, made, replace(TEXT, recommendation="雷达加22个孔。"), 1)
    house.lessons.validate(CURATOR, made, "applicable", "ok")
    told = [(each.event, each.text.recommendation) for each in house.lessons.history(CURATOR, made)]
    assert told == [
        ("validate", "雷达加22个孔。"),
        ("correct", "雷达加22个孔。"),
        ("submit", "先雷达，后钻孔。"),
    ]


def test_what_has_gaps_cannot_be_validated(house: House) -> None:
    outcome = house.register.put(
        CURATOR, [RegisterRow(2, {"title": "Floor not flat", "what_happened": "6 mm"})]
    )
    made = outcome[0].id
    assert house.lessons.get(CURATOR, made).gaps == ("recommendation", "phase")
    with pytest.raises(LessonRefused) as refused:
        house.lessons.validate(CURATOR, made, "applicable", "")
    assert {each.field for each in refused.value.problems} == {"recommendation", "phase", "note"}


def test_a_source_that_one_may_not_read_is_hidden_and_not_counted(house: House) -> None:
    open_page = house.page("公开", "# 公开\n\n## 甲\n\n文字\n")
    secret = house.page("秘密", "# 秘密\n\n## 乙\n\n文字\n", SECRET)
    sources = [SourceRef(open_page, "甲", "甲"), SourceRef(secret, "乙", "乙")]
    with pytest.raises(NotFound):
        house.lessons.submit(TELLER, TEXT, sources=sources)
    made = house.lessons.submit(BOARD, TEXT, sources=sources)
    house.lessons.validate(BOARD, made, "applicable", "ok")
    assert len(house.lessons.get(BOARD, made).sources) == 2
    assert [each.document_title for each in house.lessons.get(READER, made).sources] == ["公开"]


def test_a_project_that_one_may_not_know_is_hidden_and_survives_a_correction(house: House) -> None:
    with house.database.write() as session:
        from kb.models import audience_id_of

        session.add(
            Project(
                code="X-1", name_zh="密", name_en="", audience_id=audience_id_of(session, SECRET)
            )
        )
    made = house.lessons.submit(BOARD, replace(TEXT, project="X-1"))
    house.lessons.validate(BOARD, made, "applicable", "ok")
    seen = house.lessons.get(CURATOR, made)
    assert (seen.text.project, seen.projects) == ("", ())
    assert [each.text.project for each in house.lessons.history(CURATOR, made)] == ["", ""]
    assert house.lists.page(READER, LessonFilter())[0][0].project_code == ""
    assert house.lists.counts(READER, LessonFilter())["project"] == []
    house.lessons.correct(CURATOR, made, replace(seen.text, title="新标题"), seen.revision)
    assert house.lessons.get(BOARD, made).text.project == "X-1"
    with pytest.raises(LessonRefused):
        house.reuse.record(TELLER, made, "X-1", "helped")


def test_merging_keeps_both_sources_and_moves_the_uses(house: House) -> None:
    first, second = house.page("甲报告", "# 甲\n"), house.page("乙报告", "# 乙\n")
    one = house.lessons.submit(TELLER, TEXT, sources=[SourceRef(first)])
    other = house.lessons.submit(
        TELLER,
        replace(TEXT, project="CL-2022-003"),
        sources=[SourceRef(second), SourceRef(told="册 7")],
    )
    for made in (one, other):
        house.lessons.validate(CURATOR, made, "applicable", "ok")
    house.reuse.record(TELLER, other, "CL-2024-005", "helped", days_saved=1.5)
    house.lessons.supersede(CURATOR, other, one)
    kept = house.lessons.get(READER, one)
    assert {each.document_title or each.told for each in kept.sources} >= {
        "甲报告",
        "乙报告",
        "册 7",
    }
    assert set(kept.projects) == {"CL-2018-007", "CL-2022-003"}
    assert (kept.counts.helped, kept.counts.days_saved) == (1, 1.5)
    gone = house.lessons.get(READER, other)
    assert (gone.state, gone.successor) == ("superseded", (one, TEXT.title))
    assert kept.predecessors == ((other, TEXT.title),)
    with pytest.raises(LessonRefused):
        house.lessons.supersede(CURATOR, one, one)


def test_merging_carries_no_words_to_readers_they_were_not_written_for(house: House) -> None:
    secret = replace(TEXT, title="董事会才能看的标题", audience="group:board")
    hidden = house.lessons.submit(BOARD, secret, sources=[SourceRef(told="密级登记册 3")])
    house.lessons.validate(BOARD, hidden, "applicable", "ok")
    house.reuse.record(BOARD, hidden, "CL-2022-003", "helped", note="机密做法")
    open_one = house.validated()
    house.lessons.supersede(BOARD, hidden, open_one)
    seen = str(house.lessons.get(READER, open_one)) + str(house.lessons.history(READER, open_one))
    for words in ("董事会", "密级登记册", "机密做法"):
        assert words not in seen


def test_use_is_told_once_by_each_person_and_project_and_can_be_changed(house: House) -> None:
    made = house.validated()
    house.reuse.record(TELLER, made, "CL-2022-003", "helped", note="好", days_saved=2.5)
    house.reuse.record(OTHER, made, "CL-2022-003", "adapted")
    house.reuse.record(TELLER, made, "CL-2022-003", "not-helped", note="其实没用")
    counts = house.lessons.get(READER, made).counts
    assert (counts.helped, counts.adapted, counts.not_helped, counts.days_saved) == (0, 1, 1, 0.0)
    totals = house.reuse.totals(READER)
    assert (totals.lessons, totals.uses, totals.projects) == (1, 1, 1)
    house.reuse.remove(TELLER, made, "CL-2022-003")
    with pytest.raises(NotFound):
        house.reuse.remove(TELLER, made, "CL-2022-003")
    assert house.lessons.get(READER, made).counts.total == 1


@pytest.mark.parametrize("actor", [READER, Actor("chen", "", Role.READER)])
def test_who_only_reads_tells_of_no_use(house: House, actor: Actor) -> None:
    made = house.validated()
    with pytest.raises(NotAllowed):
        house.reuse.record(actor, made, "CL-2022-003", "helped")


def test_use_of_a_lesson_of_others_is_neither_told_nor_counted(house: House) -> None:
    made = house.lessons.submit(BOARD, replace(TEXT, audience="group:board"))
    house.lessons.validate(BOARD, made, "applicable", "ok")
    with pytest.raises(NotFound):
        house.reuse.record(TELLER, made, "CL-2022-003", "helped")
    house.reuse.record(BOARD, made, "CL-2022-003", "helped", days_saved=9)
    assert house.reuse.totals(READER).uses == 0
    assert house.reuse.totals(BOARD).days_saved == 9


def test_a_lesson_is_built_in_only_by_what_it_changed(house: House) -> None:
    guide = house.page("关口指南", "# 关口指南\n\n## G3\n\n未关闭点不超过五个。\n")
    made = house.validated()
    with pytest.raises(LessonRefused):
        house.closures.build_in(CURATOR, made, guide, anchor="没有这一节")
    with pytest.raises(LessonRefused):
        house.closures.build_in(CURATOR, made, guide, version=9)
    with pytest.raises(NotFound):
        house.closures.build_in(CURATOR, made, 999)
    assert house.lessons.get(READER, made).state == "validated"
    house.closures.build_in(CURATOR, made, guide, anchor="g3", note="写了上限")
    seen = house.lessons.get(READER, made)
    assert (seen.state, seen.closures[0].heading, seen.closures[0].version) == ("built-in", "G3", 1)
    (behind,) = house.closures.lessons_behind(READER, guide)
    assert (behind.lesson_id, behind.anchor, behind.present) == (made, "g3", True)
    assert house.closures.sections_with_lessons(guide) == {"g3"}
    house.closures.take_out(CURATOR, made, seen.closures[0].id)
    assert house.lessons.get(READER, made).state == "validated"
    assert house.closures.sections_with_lessons(guide) == set()


def test_behind_a_document_one_sees_only_lessons_one_may_read(house: House) -> None:
    guide = house.page("指南", "# 指南\n\n## 甲\n\n字\n")
    made = house.lessons.submit(BOARD, replace(TEXT, audience="group:board"))
    house.lessons.validate(BOARD, made, "applicable", "ok")
    house.closures.build_in(BOARD, made, guide, anchor="甲")
    assert house.closures.lessons_behind(READER, guide) == ()
    assert len(house.closures.lessons_behind(BOARD, guide)) == 1
    hidden = house.page("密", "# 密\n", SECRET)
    with pytest.raises(NotFound):
        house.closures.lessons_behind(READER, hidden)
    open_one = house.validated()
    house.closures.build_in(BOARD, open_one, hidden)
    assert house.lessons.get(READER, open_one).closures == ()


def candidate(house: House, document: int, title: str = "旧管廊停工") -> int:
    found = FoundLesson(
        title, "lesson", "挖出旧管廊，停工46天。", "地勘只布了4个孔 * 见图", "46个工作日，612万元",
        "先用雷达。", "郝建平", "G3", "8.1 管廊", "8-1", 1, "8 经验教训", "sub-section", 1, "zh",
    )  # fmt: skip
    with house.database.write() as session:
        row = LessonCandidate(
            document_id=document,
            fingerprint=found.fingerprint,
            version=1,
            **{name: getattr(found, name) for name in (
                "title", "kind", "what_happened", "cause", "impact", "recommendation", "owner", "phase",
                "heading", "anchor", "position", "section", "found_as", "number", "language",
            )},
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row.id


def test_a_candidate_is_accepted_once_with_its_words_and_its_source(house: House) -> None:
    number = candidate(house, house.page("总结", "# 总结\n\n## 8.1 管廊\n\n字\n"))
    done = house.acceptance.accept(CURATOR, number)
    assert done.new
    assert house.acceptance.accept(CURATOR, number) == replace(done, new=False)
    seen = house.lessons.get(CURATOR, done.lesson_id)
    text = seen.text
    assert (text.impact_days, text.impact_money, text.phase, text.cause) == (
        -46, -6_120_000, "design", "site",
    )  # fmt: skip
    assert "46个工作日，612万元" in text.what_happened
    assert "\\*" in text.root_cause
    assert [(each.anchor, each.heading) for each in seen.sources] == [("8-1", "8.1 管廊")]
    assert house.acceptance.became(CURATOR, [number]) == {number: done.lesson_id}
    with house.database.read() as session:
        row = session.get_one(LessonCandidate, number)
    assert (row.state, row.decided_by) == ("kept", CURATOR.id)


def test_what_is_accepted_from_a_document_of_few_stays_for_those_few(house: House) -> None:
    number = candidate(house, house.page("密", "# 密\n", SECRET))
    for actor in (CURATOR, TELLER):
        with pytest.raises((NotFound, NotAllowed)):
            house.acceptance.accept(actor, number)
    done = house.acceptance.accept(BOARD, number)
    assert house.lessons.get(BOARD, done.lesson_id).text.audience == "group:board"
    with pytest.raises(NotFound):
        house.lessons.get(CURATOR, done.lesson_id)


def test_a_candidate_merged_into_a_lesson_is_one_more_source_of_it(house: House) -> None:
    made = house.validated()
    number = candidate(house, house.page("总结", "# 总结\n"))
    house.acceptance.merge(CURATOR, number, made)
    house.acceptance.merge(CURATOR, number, made)
    assert [each.document_title for each in house.lessons.get(READER, made).sources] == ["总结"]
    assert house.acceptance.became(CURATOR, [number]) == {number: made}
    with pytest.raises(NotFound):
        house.acceptance.merge(CURATOR, number, 999)


def test_it_happened_before_is_said_of_lessons_and_candidates_one_may_read(house: House) -> None:
    precedents = LessonPrecedents(house.database, lambda _text: ())
    made = house.validated()
    house.validated(replace(TEXT, title="无线测试", what_happened="空场测试不算数。", project=""))
    candidate(house, house.page("总结", "# 总结\n"))
    candidate(house, house.page("密", "# 密\n", SECRET), "机密的旧管廊停工")
    found = precedents.before(CURATOR, "挖出旧管廊，现场停工")
    assert [(each.sort, each.id) for each in found.found if each.sort == "lesson"] == [
        ("lesson", made)
    ]
    assert {each.title for each in found.found} == {TEXT.title, "旧管廊停工"}
    assert found.projects == ("CL-2018-007",)
    assert precedents.before(READER, "挖出旧管廊，现场停工").found[0].id == made
    assert precedents.before(CURATOR, "管").found == ()
    own = precedents.before(CURATOR, TEXT.title, TEXT.what_happened, without_lesson=made)
    assert made not in {each.id for each in own.found if each.sort == "lesson"}


def test_a_register_comes_in_twice_and_people_s_words_stay(house: House) -> None:
    rows = [
        RegisterRow(2, {"number": "1", "title": "地坪不平", "what_happened": "=6毫米", "project": "CL-2018-007"}),
        RegisterRow(3, {"number": "2", "title": "Union 𠮷", "recommendation": "Ask.", "project": "Westhaven"}),
        RegisterRow(4, {"title": "长" * 301, "what_happened": "x"}),
    ]  # fmt: skip
    dry = house.register.put(CURATOR, rows, Keep.NOTHING)
    assert [each.outcome for each in dry] == ["added", "added", "refused"]
    assert house.lists.page(CURATOR, LessonFilter())[1] == 0
    first = house.register.put(CURATOR, rows, Keep.GOOD)
    assert [each.outcome for each in house.register.put(CURATOR, rows, Keep.GOOD)] == [
        "unchanged", "unchanged", "refused",
    ]  # fmt: skip
    told = house.lessons.get(CURATOR, first[1].id)
    assert [each.told for each in told.sources] == ["2 · Westhaven"]
    assert told.text.language == "en"
    changed = [RegisterRow(2, {**rows[0].values, "recommendation": "先量"})]
    assert house.register.put(CURATOR, changed, Keep.GOOD)[0].outcome == "updated"
    seen = house.lessons.get(CURATOR, first[0].id)
    house.lessons.correct(
        CURATOR,
        first[0].id,
        replace(seen.text, recommendation="人写的", phase="test"),
        seen.revision,
    )
    assert house.register.put(CURATOR, changed, Keep.GOOD)[0].outcome == "unchanged"
    assert house.lessons.get(CURATOR, first[0].id).text.recommendation == "人写的"
    with pytest.raises(NotAllowed):
        house.register.put(TELLER, rows)


def test_lists_are_narrowed_and_counted(house: House) -> None:
    one = house.validated()
    house.validated(
        replace(TEXT, title="100%_完成", kind="good-practice", category="cost", project="")
    )
    house.lessons.submit(TELLER, replace(TEXT, review_on=date(2020, 1, 1)))
    assert house.lists.page(READER, LessonFilter(project="CL-2018-007"))[0][0].id == one
    assert house.lists.page(READER, LessonFilter(words="100%_"))[1] == 1
    assert house.lists.page(READER, LessonFilter(words="管廊 停工"))[1] == 2
    assert house.lists.page(READER, LessonFilter(tag="地勘"))[1] == 2
    assert house.lists.page(TELLER, LessonFilter(mine=True))[1] == 3
    counts = house.lists.counts(CURATOR, LessonFilter(category="cost"))
    assert dict(counts["category"]) == {"risk": 2, "cost": 1}
    assert dict(counts["state"]) == {"validated": 1}
    with pytest.raises(NotAllowed):
        house.lists.board(READER, date(2026, 11, 22))
    lanes = {lane.name: lane.total for lane in house.lists.board(CURATOR, date(2026, 11, 22))}
    assert lanes == {"waiting": 1, "needs-action": 0, "due": 0}


def test_the_pareto_counts_days_lost_and_leaves_out_what_is_no_trouble(house: House) -> None:
    house.validated()
    house.validated(replace(TEXT, cause="interfaces", impact_days=-5, project=""))
    house.validated(replace(TEXT, cause="interfaces", impact_days=None))
    house.validated(replace(TEXT, kind="good-practice", impact_days=-99))
    analysis = LessonAnalysis(house.database)
    by_count = analysis.pareto(READER, "cause", "count", AnalysisFilter())
    assert [(bar.value, bar.count) for bar in by_count.bars] == [("interfaces", 2), ("site", 1)]
    by_days = analysis.pareto(READER, "cause", "days", AnalysisFilter())
    assert [(bar.value, bar.days) for bar in by_days.bars] == [("site", 46.0), ("interfaces", 5.0)]
    assert by_days.bars[-1].cumulative == pytest.approx(100)
    narrow = analysis.pareto(READER, "cause", "count", AnalysisFilter(project="CL-2018-007"))
    assert narrow.lessons == 2
    assert analysis.pareto(anonymous(Role.NONE), "cause", "count", AnalysisFilter()).bars == ()


def test_many_values_end_in_one_bar_of_the_rest() -> None:
    told = [Told(f"原因{n}", "", "", float(n), "", "", 2026) for n in range(20)]
    drawn = bars(told, "cause", "days")
    assert (len(drawn), drawn[-1].value, drawn[-1].count) == (13, OTHERS, 8)
    assert drawn[-1].cumulative == pytest.approx(100)
    assert bars([], "cause", "days") == ()
