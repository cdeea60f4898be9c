"""The life of a page: what readers see at each moment, who may do what, and who vouches for it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from kb import open_kb
from kb.access import FOR_EVERYONE, SYSTEM, Actor, Audience, Role, anonymous
from kb.config import Settings
from kb.documents import Original
from kb.drafts import Draft, Guess
from kb.editing_texts import Text
from kb.errors import Conflict, InvalidInput, NotAllowed, NotFound
from kb.knowledge_base import KnowledgeBase
from kb.lifecycle_rules import Stage
from kb.models import DocumentLife
from kb.page_steps import today
from kb.search.answers import SearchRequest

PASSWORD = "a long enough password"
LI_NA = Actor("li.na", "李娜", Role.CONTRIBUTOR)
WU_DI = Actor("wu.di", "Wu Di", Role.CONTRIBUTOR)
CURATOR = Actor("zhou.min", "周敏", Role.CURATOR)
OTHER_CURATOR = Actor("he.yi", "何毅", Role.CURATOR)
READER = Actor("chen.wei", "Chen Wei", Role.READER)
NOBODY = anonymous(Role.READER)
PEOPLE = (LI_NA, WU_DI, CURATOR, OTHER_CURATOR, READER)


@pytest.fixture(scope="session")
def with_people(opened_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with users, to be copied: hashing passwords is slow on purpose."""
    folder = tmp_path_factory.mktemp("with-people") / "data"
    shutil.copytree(opened_once, folder)
    with open_kb(Settings(data_dir=folder)) as opened:
        for actor in PEOPLE:
            opened.accounts.add(actor.id, actor.name, PASSWORD, actor.role, actor.groups)
    return folder


@pytest.fixture
def kb(tmp_path: Path, with_people: Path) -> Iterator[KnowledgeBase]:
    shutil.copytree(with_people, tmp_path / "data")
    with open_kb(Settings(data_dir=tmp_path / "data")) as opened:
        yield opened


def begun(kb: KnowledgeBase, body: str = "# 风险\n\n开工前识别风险。\n") -> int:
    number = kb.editing.new(
        LI_NA, title="风险管理方法 𠮷", kind="methodology", language="zh", audience=FOR_EVERYONE
    )
    save(kb, LI_NA, number, body)
    return number


def save(kb: KnowledgeBase, actor: Actor, number: int, body: str, note: str = "") -> int:
    opened = kb.editing.begin(actor, number)
    saved = kb.editing.save(actor, number, Text(opened.text.title, body, note), base=opened.newest)
    assert not saved.conflict
    return saved.number


def published(kb: KnowledgeBase, body: str = "# 风险\n\n开工前识别风险。\n") -> int:
    number = begun(kb, body)
    kb.lifecycle.take(LI_NA, number, "submit")
    assert kb.lifecycle.take(CURATOR, number, "approve") is Stage.PUBLISHED
    return number


def test_a_draft_is_seen_by_its_author_and_curators_until_it_is_published(
    kb: KnowledgeBase,
) -> None:
    number = begun(kb)
    for actor in (LI_NA, CURATOR):
        assert kb.documents.get(actor, number).state == "draft"
    for actor in (WU_DI, READER, NOBODY):
        for look in (kb.documents.get, kb.lifecycle.of, kb.page_versions.list, kb.comments.threads):
            with pytest.raises(NotFound):
                look(actor, number)
    kb.lifecycle.take(LI_NA, number, "submit")
    with pytest.raises(NotAllowed):
        kb.lifecycle.take(LI_NA, number, "approve")
    kb.lifecycle.take(CURATOR, number, "approve")
    view = kb.lifecycle.of(NOBODY, number)
    assert (view.stage, view.reviewed_by, view.owner_name) == (Stage.PUBLISHED, ("周敏",), "李娜")
    assert view.steps == ()
    kb.indexing.catch_up()
    assert [hit.id for hit in kb.search(NOBODY, SearchRequest("识别风险")).hits] == [number]


def test_reviewers_send_back_with_a_reason_and_all_of_them_approve(kb: KnowledgeBase) -> None:
    number = begun(kb)
    kb.lifecycle.set_care(LI_NA, number, owner="li.na", reviewers=["chen.wei", "wu.di"], months=6)
    # Asked to review it, they may read it.
    assert kb.documents.get(READER, number).id == number
    kb.lifecycle.take(LI_NA, number, "submit")
    with pytest.raises(InvalidInput):
        kb.lifecycle.take(READER, number, "send-back", note="  ")
    assert kb.lifecycle.take(READER, number, "send-back", note="缺少例子") is Stage.DRAFT
    assert kb.lifecycle.history(LI_NA, number)[0].note == "缺少例子"
    save(kb, LI_NA, number, "有例子。")
    kb.lifecycle.take(LI_NA, number, "submit")
    assert kb.lifecycle.take(READER, number, "approve") is Stage.REVIEW
    assert kb.documents.get(LI_NA, number).state == "review"
    assert kb.lifecycle.take(WU_DI, number, "approve") is Stage.PUBLISHED
    assert set(kb.lifecycle.of(NOBODY, number).reviewed_by) == {"Chen Wei", "Wu Di"}


def test_an_approval_counts_for_the_text_that_was_read(kb: KnowledgeBase) -> None:
    number = begun(kb)
    kb.lifecycle.set_care(LI_NA, number, owner="li.na", reviewers=["chen.wei", "wu.di"], months=6)
    kb.lifecycle.take(LI_NA, number, "submit")
    seen = kb.lifecycle.of(READER, number).works[0].number
    kb.lifecycle.take(READER, number, "approve", number=seen)
    save(kb, LI_NA, number, "换了一个结论。")
    with pytest.raises(Conflict):
        kb.lifecycle.take(WU_DI, number, "approve", number=seen)
    assert kb.lifecycle.take(WU_DI, number, "approve") is Stage.REVIEW


def test_a_review_never_hides_what_is_published(kb: KnowledgeBase) -> None:
    number = published(kb)
    save(kb, WU_DI, number, "# 风险\n\n新的写法。\n", "更清楚")
    for stage in ("draft", "review"):
        found = kb.documents.get(NOBODY, number)
        assert (found.state, "识别风险" in found.body, found.version) == ("published", True, 2)
        assert kb.lifecycle.of(NOBODY, number).works == ()
        assert kb.lifecycle.of(READER, number).works == ()
        assert [v.number for v in kb.page_versions.list(NOBODY, number)] == [2]
        with pytest.raises(NotFound):
            kb.page_versions.get(READER, number, 3)
        if stage == "draft":
            kb.lifecycle.take(WU_DI, number, "submit")
    [work] = kb.lifecycle.of(CURATOR, number).works
    assert (work.stage, work.by, work.note, work.number) == (Stage.REVIEW, "Wu Di", "更清楚", 3)
    kb.lifecycle.take(CURATOR, number, "approve")
    found = kb.documents.get(NOBODY, number)
    assert (found.version, found.body) == (3, "# 风险\n\n新的写法。\n")
    assert kb.lifecycle.of(CURATOR, number).works == ()
    assert found.corrected == ["kind", "language"]


def test_a_curator_publishes_alone_only_with_a_reason_and_readers_are_told(
    kb: KnowledgeBase,
) -> None:
    number = begun(kb)
    for actor in (LI_NA, WU_DI, READER):
        with pytest.raises((NotAllowed, NotFound)):
            kb.lifecycle.take(actor, number, "publish", note="now")
    with pytest.raises(InvalidInput):
        kb.lifecycle.take(CURATOR, number, "publish")
    kb.lifecycle.take(CURATOR, number, "publish", note="只有我一个人")
    view = kb.lifecycle.of(NOBODY, number)
    assert (view.reviewed_by, view.published_by) == ((), "周敏")


def test_a_page_falls_due_by_date_and_still_right_renews_it(kb: KnowledgeBase) -> None:
    number = published(kb)
    assert kb.lifecycle.of(NOBODY, number).stage is Stage.PUBLISHED
    overdue(kb, number)
    view = kb.lifecycle.of(READER, number)
    assert (view.stage, view.overdue, view.steps) == (Stage.DUE, True, ())
    assert [entry.document_id for entry in kb.board.column(CURATOR, "overdue")] == [number]
    assert [entry.document_id for entry in kb.board.mine(LI_NA).overdue] == [number]
    with pytest.raises(NotAllowed):
        kb.lifecycle.take(READER, number, "confirm")
    assert kb.lifecycle.take(LI_NA, number, "confirm") is Stage.PUBLISHED
    view = kb.lifecycle.of(NOBODY, number)
    assert view.confirmed_by == "李娜"
    assert view.review_due is not None
    assert view.review_due > today()
    assert kb.board.counts(CURATOR)["overdue"] == 0


def overdue(kb: KnowledgeBase, number: int) -> None:
    """A year goes by."""
    with kb.database.write() as session:
        session.get_one(DocumentLife, number).review_due = today() - timedelta(days=1)


def test_a_superseded_page_is_read_but_not_found_and_points_to_its_successor(
    kb: KnowledgeBase,
) -> None:
    old, new = published(kb, "旧的做法。"), published(kb, "新的做法。")
    with pytest.raises(InvalidInput):
        kb.lifecycle.take(CURATOR, old, "supersede", successor=old)
    with pytest.raises(NotFound):
        kb.lifecycle.take(CURATOR, old, "supersede", successor=99_999)
    kb.lifecycle.take(CURATOR, old, "supersede", successor=new)
    with pytest.raises(InvalidInput):
        kb.lifecycle.take(CURATOR, new, "supersede", successor=old)
    kb.indexing.catch_up()
    assert kb.documents.get(NOBODY, old).state == "archived"
    assert kb.lifecycle.of(NOBODY, old).successor == (new, "风险管理方法 𠮷")
    assert kb.lifecycle.of(NOBODY, new).predecessors == ((old, "风险管理方法 𠮷"),)
    hits = {hit.id for hit in kb.search(NOBODY, SearchRequest("做法")).hits}
    assert hits == {new}
    with pytest.raises(NotAllowed):
        kb.editing.begin(CURATOR, old)
    kb.lifecycle.take(CURATOR, old, "reopen", note="还在用")
    assert kb.lifecycle.of(NOBODY, old).successor is None


def test_the_successor_is_found_by_the_name_of_what_it_replaces(kb: KnowledgeBase) -> None:
    new = published(kb, "新的做法。")
    old = kb.editing.new(
        LI_NA, title="Stage gate handbook", kind="guide", language="en", audience=FOR_EVERYONE
    )
    save(kb, LI_NA, old, "Old words.")
    kb.lifecycle.take(CURATOR, old, "publish", note="first")
    kb.lifecycle.take(CURATOR, old, "supersede", successor=new)
    kb.indexing.catch_up()
    assert [hit.id for hit in kb.search(NOBODY, SearchRequest("stage gate handbook")).hits] == [new]


def test_who_looks_after_a_page_must_be_able_to_read_it(kb: KnowledgeBase) -> None:
    number = kb.editing.new(
        CURATOR,
        title="Only for us",
        kind="guide",
        language="en",
        audience=Audience.parse("user:zhou.min, user:li.na"),
    )
    for given in ({"owner": "chen.wei", "reviewers": []}, {"owner": "", "reviewers": ["nobody"]}):
        with pytest.raises(InvalidInput):
            kb.lifecycle.set_care(CURATOR, number, months=12, **given)  # type: ignore[arg-type]
    kb.lifecycle.set_care(CURATOR, number, owner="li.na", reviewers=[], months=None)
    assert kb.lifecycle.of(CURATOR, number).owner == "li.na"


def test_a_discarded_draft_that_nobody_saw_is_gone_and_a_pending_one_is_kept_as_a_version(
    kb: KnowledgeBase,
) -> None:
    number = begun(kb)
    kb.editing.keep_draft(LI_NA, number, Text("t", "unsaved"), base=2)
    kb.comments.add(LI_NA, number, "a remark")
    assert kb.lifecycle.take(LI_NA, number, "discard") is None
    with pytest.raises(NotFound):
        kb.documents.get(SYSTEM, number)
    number = published(kb)
    save(kb, WU_DI, number, "never mind")
    with pytest.raises(NotAllowed):
        kb.lifecycle.take(READER, number, "discard")
    kb.lifecycle.take(WU_DI, number, "discard")
    assert kb.lifecycle.of(CURATOR, number).works == ()
    assert kb.page_versions.get(CURATOR, number, 3).body == "never mind"
    assert kb.documents.get(NOBODY, number).version == 2


def stored(kb: KnowledgeBase, body: str, state: str, actor: Actor = LI_NA) -> int:
    sha256, size = kb.files.keep(body.encode())
    draft = Draft("总结", body, "zh", Guess("summary"), "md", authors=("郝建平",))
    place = "/年度/总结.md"
    original = Original(sha256, size, "总结.md", "text/markdown")
    return kb.documents.store(actor, draft, place=place, original=original, state=state).document_id


def test_an_import_for_review_leaves_the_published_document_as_it_is(kb: KnowledgeBase) -> None:
    number = stored(kb, "第一版。", "published")
    assert stored(kb, "第二版 探地雷达。", "review") == number
    found = kb.documents.get(NOBODY, number)
    assert (found.state, found.body, found.version) == ("published", "第一版。", 1)
    for actor in (WU_DI, READER, NOBODY):
        assert kb.lifecycle.of(actor, number).works == ()
        with pytest.raises(NotFound):
            kb.page_versions.get(actor, number, 2)
        with pytest.raises(NotAllowed):
            kb.lifecycle.take(actor, number, "release", origin="file")
    [work] = kb.lifecycle.of(LI_NA, number).works
    assert (work.origin, work.number) == ("file", 2)
    assert "release" in work.steps
    kb.lifecycle.take(LI_NA, number, "release", origin="file")
    found = kb.documents.get(NOBODY, number)
    assert (found.body, found.version) == ("第二版 探地雷达。", 2)
    assert [person.name for person in found.people] == ["郝建平"]
    assert [section.text for section in found.sections] == ["第二版 探地雷达。"]
    # The same file again is known.
    assert stored(kb, "第二版 探地雷达。", "review") == number
    assert kb.lifecycle.of(LI_NA, number).works == ()


def test_a_new_file_does_not_overwrite_what_was_written_here(kb: KnowledgeBase) -> None:
    number = stored(kb, "第一版。", "published")
    save(kb, CURATOR, number, "第一版，改正。")
    kb.lifecycle.take(CURATOR, number, "publish", note="错字")
    stored(kb, "第二版。", "published")
    assert kb.documents.get(NOBODY, number).body == "第一版，改正。"
    [work] = kb.lifecycle.of(CURATOR, number).works
    assert (work.origin, work.stage) == ("file", Stage.REVIEW)
    kb.lifecycle.take(CURATOR, number, "approve", origin="file")
    assert kb.documents.get(NOBODY, number).body == "第二版。"


def test_a_version_begun_before_another_was_published_is_not_put_over_it(
    kb: KnowledgeBase,
) -> None:
    number = stored(kb, "一\n\n二\n\n三", "published")
    save(kb, WU_DI, number, "一 改\n\n二\n\n三")
    kb.lifecycle.take(WU_DI, number, "submit")
    stored(kb, "一\n\n二\n\n三 new", "published")
    assert kb.lifecycle.of(CURATOR, number).works[0].stale
    with pytest.raises(Conflict):
        kb.lifecycle.take(CURATOR, number, "approve")
    clash = kb.editing.clash(WU_DI, number)
    assert clash is not None
    kb.editing.joined(WU_DI, number, {})
    opened = kb.editing.begin(WU_DI, number)
    assert opened.text.body == "一 改\n\n二\n\n三 new"
    kb.editing.save(WU_DI, number, opened.text, base=opened.newest, joined=opened.published)
    kb.lifecycle.take(CURATOR, number, "approve")
    assert kb.documents.get(NOBODY, number).body == "一 改\n\n二\n\n三 new"


def test_the_board_counts_what_waits_and_only_curators_see_it(kb: KnowledgeBase) -> None:
    first, second = published(kb), begun(kb)
    kb.lifecycle.take(LI_NA, second, "submit")
    stored(kb, "旧报告。", "published")
    for actor in (LI_NA, READER, NOBODY):
        with pytest.raises(NotAllowed):
            kb.board.counts(actor)
    counts = kb.board.counts(CURATOR)
    assert counts == {"waiting": 1, "overdue": 0, "soon": 0, "forgotten": 0, "unowned": 0}
    kb.lifecycle.set_care_of(CURATOR, [first], owner="", months=1)
    assert kb.board.counts(CURATOR)["unowned"] == 1
    assert kb.board.counts(CURATOR)["soon"] in {0, 1}
    [line] = [line for line in kb.board.owners(CURATOR) if line.owner == "li.na"]
    assert (line.pages, line.waiting) == (1, 1)
    kb.lifecycle.set_care(CURATOR, second, owner="li.na", reviewers=["chen.wei"], months=6)
    assert [e.document_id for e in kb.board.mine(READER).to_review] == [second]
    assert [e.document_id for e in kb.board.mine(LI_NA).submitted] == [second]
    with pytest.raises(NotAllowed):
        kb.board.mine(NOBODY)
