"""Candidate lessons: recorded once, decided once, seen by those who may read their document."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from kb.access import FOR_EVERYONE, SYSTEM, Actor, Audience, Role, anonymous
from kb.candidates import CandidateFilter, Candidates
from kb.candidates_found import FoundLesson
from kb.database import Database
from kb.documents import Documents
from kb.drafts import Draft, Guess
from kb.errors import InvalidInput, NotAllowed, NotFound
from kb.files import FileStore
from kb.models.candidates import LessonCandidate, record_candidates

CURATOR = Actor("lu.wenzhao", "陆文昭", Role.CURATOR)
READER = anonymous(Role.READER)
NOBODY = anonymous(Role.NONE)
HIDDEN = Audience(frozenset({"group:pmo"}))
PMO = Actor("shen.yiqing", "沈一清", Role.CURATOR, frozenset({"pmo"}))

GALLERY = FoundLesson(
    title="地下管廊未探明",
    kind="lesson",
    what_happened="滤站承台开挖到4.9米时挖出旧管廊，停工46个工作日。",
    cause="地勘只布了4个钻孔。",
    impact="612万元",
    recommendation="开工前用探地雷达。",
    owner="郝建平",
    phase="G3",
    heading="8.1 地下管廊未探明",
    anchor="8-1-地下管廊未探明",
    position=1,
    section="8 经验教训",
    found_as="sub-section",
    number=1,
    language="zh",
)
SURVEY = replace(
    GALLERY,
    title="Survey in an empty yard",
    what_happened="The first wireless survey was done without containers. 🚢",
    cause="",
    impact="",
    recommendation="Survey in the state of use.",
    owner="",
    phase="",
    position=2,
    number=2,
    language="en",
)
UNION = replace(
    GALLERY,
    title="𠮷祥里的工會不在名單上",
    what_happened="專案停了七週才知道要先談。",
    cause="關係人圖是照組織圖畫的。",
    recommendation="",
    position=3,
    number=3,
)


@pytest.fixture
def candidates(database: Database) -> Candidates:
    return Candidates(database)


@pytest.fixture
def documents(database: Database, files: FileStore) -> Documents:
    return Documents(database, files)


def stored(
    documents: Documents,
    place: str = "/总结.md",
    *,
    audience: Audience = FOR_EVERYONE,
    lessons: tuple[FoundLesson, ...] = (),
    project: str = "CL-2018-007",
) -> int:
    draft = Draft(
        title=f"总结 {place}",
        body="# 8 经验教训\n\n## 8.1 地下管廊未探明\n\n停工。",
        language="zh",
        kind=Guess("summary"),
        format="md",
        project_code=project,
        lessons=lessons,
    )
    return documents.store(SYSTEM, draft, place=place, audience=audience).document_id


def record(database: Database, document_id: int, version: int, *found: FoundLesson) -> None:
    with database.write() as session:
        record_candidates(session, document_id, version, found)


def titles(candidates: Candidates, actor: Actor = CURATOR, **asked: object) -> list[str]:
    found, total = candidates.queue(actor, replace(CandidateFilter(), **asked), per_page=100)  # type: ignore[arg-type]
    assert total == len(found)
    return [candidate.title for candidate in found]


def test_what_is_stored_with_a_document_waits_with_all_its_words_and_its_place(
    documents: Documents, candidates: Candidates
) -> None:
    document_id = stored(documents, lessons=(GALLERY, SURVEY))
    found, total = candidates.queue(READER, CandidateFilter())
    assert total == 2
    first = found[0]
    assert (first.title, first.kind, first.what_happened, first.cause) == (
        GALLERY.title,
        "lesson",
        GALLERY.what_happened,
        GALLERY.cause,
    )
    assert (first.impact, first.recommendation, first.owner, first.phase) == (
        "612万元",
        "开工前用探地雷达。",
        "郝建平",
        "G3",
    )
    assert (first.document_id, first.anchor, first.project_code, first.state) == (
        document_id,
        GALLERY.anchor,
        "CL-2018-007",
        "waiting",
    )
    assert first.evidence == "section “8 经验教训”, sub-section 1"


@pytest.mark.parametrize(
    "same",
    [
        GALLERY,
        replace(GALLERY, what_happened=GALLERY.what_happened.replace("，", "，  \n ")),
        replace(GALLERY, what_happened=GALLERY.what_happened.replace("4.9", "４．９")),  # noqa: RUF001
        replace(GALLERY, heading="9.2 地下管廊未探明", anchor="9-2", position=7, owner="尹淑云"),
    ],
)
def test_importing_again_makes_no_double(
    database: Database, documents: Documents, candidates: Candidates, same: FoundLesson
) -> None:
    document_id = stored(documents)
    record(database, document_id, 1, GALLERY)
    record(database, document_id, 2, same, same)
    [candidate], total = candidates.queue(CURATOR, CandidateFilter())
    assert total == 1
    assert (candidate.anchor, candidate.version) == (same.anchor, 2)


@pytest.mark.parametrize("decision", ["kept", "rejected"])
def test_what_was_decided_does_not_come_back_with_a_new_version(
    database: Database, documents: Documents, candidates: Candidates, decision: str
) -> None:
    document_id = stored(documents)
    record(database, document_id, 1, GALLERY, SURVEY)
    first = candidates.queue(CURATOR, CandidateFilter())[0][0]
    candidates.decide(CURATOR, first.id, decision)
    record(database, document_id, 2, GALLERY, SURVEY)
    corrected = replace(GALLERY, what_happened=GALLERY.what_happened.replace("46", "47"))
    record(database, document_id, 3, corrected, SURVEY)
    assert titles(candidates) == [SURVEY.title]
    kept = candidates.get(CURATOR, first.id)
    assert (kept.state, kept.decided_by, kept.version) == (decision, "lu.wenzhao", 3)
    assert kept.what_happened == GALLERY.what_happened
    record(database, document_id, 4)
    assert candidates.get(CURATOR, first.id).state == decision


def test_a_waiting_one_follows_corrections_and_is_gone_with_its_text_and_back_with_it(
    database: Database, documents: Documents, candidates: Candidates
) -> None:
    document_id = stored(documents)
    record(database, document_id, 1, GALLERY, UNION)
    corrected = replace(GALLERY, what_happened=GALLERY.what_happened.replace("46", "47"))
    record(database, document_id, 2, corrected, SURVEY)
    assert titles(candidates) == [GALLERY.title, SURVEY.title]
    assert "47" in candidates.queue(CURATOR, CandidateFilter())[0][0].what_happened
    assert titles(candidates, state="gone") == [UNION.title]
    record(database, document_id, 3, UNION)
    assert titles(candidates) == [UNION.title]
    assert titles(candidates, state="gone") == [GALLERY.title, SURVEY.title]
    with database.read() as session:
        assert len(session.scalars(select(LessonCandidate)).all()) == 3


def test_two_lessons_that_only_begin_alike_stay_two(
    database: Database, documents: Documents, candidates: Candidates
) -> None:
    document_id = stored(documents)
    other = replace(
        GALLERY,
        title="地下电缆未探明",
        what_happened="泵房基坑挖断一根旧电缆，全厂停电两小时。",
        cause="没有去查1990年以前的图。",
        recommendation="开工前到档案馆查旧图。",
    )
    record(database, document_id, 1, GALLERY)
    record(database, document_id, 2, other)
    assert titles(candidates) == ["地下电缆未探明"]
    assert titles(candidates, state="gone") == [GALLERY.title]


def test_the_same_words_in_two_documents_are_two_candidates(
    database: Database, documents: Documents, candidates: Candidates
) -> None:
    one, two = stored(documents, "/a.md"), stored(documents, "/b.md")
    record(database, one, 1, GALLERY)
    record(database, two, 1, GALLERY)
    assert titles(candidates) == [GALLERY.title] * 2
    assert titles(candidates, document_id=one) == [GALLERY.title]


def test_a_candidate_of_a_document_one_may_not_read_is_not_there_in_any_way(
    database: Database, documents: Documents, candidates: Candidates
) -> None:
    hidden = stored(documents, "/hidden.md", audience=HIDDEN, project="CL-2022-014")
    open_ = stored(documents, "/open.md")
    record(database, hidden, 1, SURVEY)
    record(database, open_, 1, GALLERY)
    secret = candidates.queue(PMO, CandidateFilter(document_id=hidden))[0][0]
    for actor in (READER, CURATOR):
        assert titles(candidates, actor) == [GALLERY.title]
        assert titles(candidates, actor, document_id=hidden) == []
        assert candidates.counts(actor, CandidateFilter())["waiting"] == 1
        assert candidates.projects(actor, "waiting") == [("CL-2018-007", 1)]
        with pytest.raises(NotFound) as told:
            candidates.get(actor, secret.id)
        with pytest.raises(NotFound) as none:
            candidates.get(actor, 999_999)
        assert told.value.sentence == none.value.sentence
    with pytest.raises(NotFound):
        candidates.decide(CURATOR, secret.id, "rejected")
    assert titles(candidates, NOBODY) == []
    assert sorted(titles(candidates, PMO)) == sorted([GALLERY.title, SURVEY.title])
    assert candidates.projects(PMO, "waiting") == [("CL-2018-007", 1), ("CL-2022-014", 1)]


@pytest.mark.parametrize("role", [Role.NONE, Role.READER, Role.CONTRIBUTOR])
def test_only_who_curates_decides(
    database: Database, documents: Documents, candidates: Candidates, role: Role
) -> None:
    record(database, stored(documents), 1, GALLERY)
    candidate = candidates.queue(CURATOR, CandidateFilter())[0][0]
    for candidate_id in (candidate.id, 999_999):
        with pytest.raises(NotAllowed):
            candidates.decide(anonymous(role), candidate_id, "kept")
    assert titles(candidates) == [GALLERY.title]


def test_a_decision_is_counted_shown_with_who_and_when_and_can_be_taken_back(
    database: Database, documents: Documents, candidates: Candidates
) -> None:
    record(database, stored(documents), 1, GALLERY, SURVEY, UNION)
    first, second, _third = candidates.queue(CURATOR, CandidateFilter())[0]
    assert candidates.decide(CURATOR, first.id, "kept").decided_at is not None
    candidates.decide(CURATOR, second.id, "rejected")
    assert candidates.counts(CURATOR, CandidateFilter(state="kept")) == {
        "waiting": 1,
        "kept": 1,
        "rejected": 1,
        "gone": 0,
    }
    back = candidates.decide(PMO, first.id, "waiting")
    assert (back.state, back.decided_by, back.decided_at) == ("waiting", "", None)
    assert candidates.counts(CURATOR, CandidateFilter(project="CL-2018-007"))["waiting"] == 2
    assert candidates.counts(CURATOR, CandidateFilter(project="CL-2099-001"))["waiting"] == 0
    with pytest.raises(InvalidInput):
        candidates.decide(CURATOR, first.id, "accepted")


def test_pages_hold_every_candidate_once(
    database: Database, documents: Documents, candidates: Candidates
) -> None:
    many = [
        replace(
            GALLERY, title=f"教训 {at}", what_happened=f"{at} " + chr(0x4E00 + at) * 30, position=at
        )
        for at in range(25)
    ]
    record(database, stored(documents), 1, *many)
    pages = [
        candidates.queue(CURATOR, CandidateFilter(), page=page, per_page=10)
        for page in (1, 2, 3, 4)
    ]
    assert [total for _, total in pages] == [25] * 4
    shown = [candidate.title for found, _ in pages for candidate in found]
    assert shown == [lesson.title for lesson in many]


def test_a_register_of_thousands_of_rows_is_recorded_quickly_and_once(
    database: Database, documents: Documents, candidates: Candidates
) -> None:
    many = [replace(GALLERY, what_happened=f"{at} {chr(0x4E00 + at) * 40}") for at in range(2000)]
    document_id = stored(documents)
    record(database, document_id, 1, *many)
    record(database, document_id, 2, *many, SURVEY)
    assert candidates.counts(CURATOR, CandidateFilter())["waiting"] == 2001
