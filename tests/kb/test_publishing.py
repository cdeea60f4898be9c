"""Review: seen by few, corrected for many at once, published in one step, and the index follows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from kb import open_kb
from kb.access import SYSTEM, Actor, Audience, Role, anonymous
from kb.config import Settings
from kb.documents import Original
from kb.drafts import Draft, Guess
from kb.errors import InvalidInput, NotAllowed, NotFound
from kb.importing_rules import Overrides
from kb.knowledge_base import KnowledgeBase
from kb.models import Change, ImportItem
from kb.search.answers import SearchRequest

LI_NA = Actor("li.na", "李娜", Role.CONTRIBUTOR)
WU_DI = Actor("wu.di", "Wu Di", Role.CONTRIBUTOR)
CURATOR = Actor("zhou.min", "周敏", Role.CURATOR)
READER = Actor("chen.wei", "Chen Wei", Role.READER)
NOBODY = anonymous(Role.READER)

TITLES = ("北岸净水厂竣工总结", "Core banking closing report", "𠮷祥項目 Ｐｈａｓｅ２ 🚀")  # noqa: RUF001


@pytest.fixture
def kb(data_folder: Path) -> Iterator[KnowledgeBase]:
    with open_kb(Settings(data_dir=data_folder)) as opened:
        yield opened


def drafted(title: str, body: str = "旧管廊未探明。 Rollback drill.") -> Draft:
    return Draft(
        title, f"{title}\n\n{body}", "zh", Guess("other", "nothing found"), "md", tags=("旧",)
    )


def imported(kb: KnowledgeBase, *, audience: str = "everyone") -> tuple[int, list[int]]:
    """A job of li.na whose documents wait for review, and their ids."""
    job_id = kb.imports.create(LI_NA, document_state="review")
    ids = []
    for title in TITLES:
        sha256, size = kb.files.keep(title.encode())
        stored = kb.documents.store(
            LI_NA,
            drafted(title),
            place=f"/年度/{title}.md",
            original=Original(sha256, size, f"{title}.md", "text/markdown"),
            audience=Audience.parse(audience),
            state="review",
        )
        ids.append(stored.document_id)
        with kb.database.write() as session:
            session.add(
                ImportItem(
                    job_id=job_id,
                    path=f"年度/{title}.md",
                    place=f"/年度/{title}.md",
                    state="done",
                    outcome="stored",
                    document_id=stored.document_id,
                )
            )
    return job_id, ids


def test_nobody_else_sees_changes_or_publishes_what_waits(kb: KnowledgeBase) -> None:
    job_id, ids = imported(kb)
    for actor in (NOBODY, READER, WU_DI):
        assert kb.publishing.waiting(actor, job_id) == ([], 0)
        with pytest.raises((NotAllowed, NotFound)):
            kb.publishing.correct(actor, ids, Overrides(kind="lesson"))
        with pytest.raises((NotAllowed, NotFound)):
            kb.publishing.publish(actor, ids)
        with pytest.raises(NotFound):
            kb.publishing.audience_of(actor, ids[0])
    assert kb.publishing.publish_all(WU_DI, job_id) == 0
    for actor in (LI_NA, CURATOR):
        assert kb.publishing.waiting(actor, job_id)[1] == 3


def test_what_waits_is_in_no_answer_and_what_is_published_is(kb: KnowledgeBase) -> None:
    job_id, ids = imported(kb)
    kb.indexing.catch_up()
    for actor in (LI_NA, CURATOR, NOBODY, SYSTEM):
        answer = kb.search(actor, SearchRequest("旧管廊"))
        assert (answer.total, answer.hits) == (0, ())
        assert list(kb.suggest(actor, "北岸")) == []
    assert kb.publishing.publish(LI_NA, ids[:1]) == 1
    kb.indexing.catch_up()
    assert [hit.id for hit in kb.search(NOBODY, SearchRequest("旧管廊")).hits] == ids[:1]
    assert kb.publishing.publish_all(CURATOR, job_id) == 2
    kb.indexing.catch_up()
    assert kb.search(NOBODY, SearchRequest("rollback drill")).total == 3
    assert kb.publishing.waiting(CURATOR, job_id) == ([], 0)
    # Again is harmless.
    assert kb.publishing.publish(LI_NA, ids) == 0


def test_many_are_corrected_at_once_with_a_change_for_each(kb: KnowledgeBase) -> None:
    job_id, ids = imported(kb)
    given = Overrides(
        kind="lesson",
        language="en",
        project_code="CL-2018-007",
        project_name="湘江北岸净水厂扩建",
        dated=date(2020, 1, 17),
        tags=("勘察", "risk"),
        audience="group:pmo",
    )
    assert kb.publishing.correct(LI_NA, ids, given, add_tags=True) == 3
    rows, _ = kb.publishing.waiting(LI_NA, job_id)
    for row in rows:
        document = row.document
        assert (document.kind, document.language, document.dated) == ("lesson", "en", given.dated)
        assert document.project is not None
        assert document.project.code == "CL-2018-007"
        assert {tag.tag for tag in document.tags} == {"旧", "勘察", "risk"}
        assert row.audience == "group:pmo"
        assert document.guesses["kind"] == "set by hand"
    assert [row.document.title for row in rows] == list(TITLES)
    with kb.database.read() as session:
        changes = session.scalars(select(Change).where(Change.action == "correct")).all()
    assert [(change.subject_id, change.by) for change in changes] == [(i, "li.na") for i in ids]
    # Nothing differs any more, so nothing is written.
    assert kb.publishing.correct(LI_NA, ids, given, add_tags=True) == 0


def test_one_that_may_not_be_corrected_leaves_all_as_they_are(kb: KnowledgeBase) -> None:
    _, ids = imported(kb)
    kb.publishing.publish(LI_NA, ids[2:])
    with pytest.raises(NotAllowed):
        kb.publishing.correct(LI_NA, ids, Overrides(kind="lesson"))
    with pytest.raises(NotFound):
        kb.publishing.correct(LI_NA, [*ids[:2], 999_999], Overrides(kind="lesson"))
    with pytest.raises(InvalidInput):
        kb.publishing.correct(LI_NA, [], Overrides(kind="lesson"))
    assert {kb.documents.get(LI_NA, number).kind for number in ids} == {"other"}


def test_a_curator_corrects_what_is_published_and_a_reader_does_not(kb: KnowledgeBase) -> None:
    _, ids = imported(kb)
    kb.publishing.publish(LI_NA, ids)
    for actor in (NOBODY, READER, LI_NA):
        with pytest.raises(NotAllowed):
            kb.publishing.correct(actor, ids[:1], Overrides(title="改"))
    assert kb.publishing.correct(CURATOR, ids[:1], Overrides(title="改"), clear=("tags",)) == 1
    document = kb.documents.get(NOBODY, ids[0])
    assert (document.title, document.tags) == ("改", [])


def test_what_people_corrected_outlasts_the_next_version_of_the_file(kb: KnowledgeBase) -> None:
    _, ids = imported(kb)
    kb.publishing.correct(LI_NA, ids[:1], Overrides(kind="lesson", tags=("勘察",)))
    sha256, size = kb.files.keep(b"new")
    newer = kb.documents.store(
        LI_NA,
        drafted("北岸净水厂竣工总结 终稿", "新的一版。"),
        place=f"/年度/{TITLES[0]}.md",
        original=Original(sha256, size, "a.md", "text/markdown"),
    )
    document = kb.documents.get(NOBODY, newer.document_id)
    assert (document.id, document.version, document.kind) == (ids[0], 2, "lesson")
    assert [tag.tag for tag in document.tags] == ["勘察"]
    assert document.title == "北岸净水厂竣工总结 终稿"


def test_a_new_file_of_a_published_document_waits_in_the_review_of_its_import(
    kb: KnowledgeBase,
) -> None:
    _, ids = imported(kb)
    kb.publishing.publish(LI_NA, ids)
    job_id = kb.imports.create(LI_NA, document_state="review")
    sha256, size = kb.files.keep("新的一版".encode())
    again = kb.documents.store(
        LI_NA,
        drafted(TITLES[0], "新的一版。"),
        place=f"/年度/{TITLES[0]}.md",
        original=Original(sha256, size, "a.md", "text/markdown"),
        state="review",
    )
    assert (again.document_id, again.version) == (ids[0], 2)
    with kb.database.write() as session:
        session.add(
            ImportItem(
                job_id=job_id,
                path="a.md",
                place="/a.md",
                state="done",
                outcome="stored",
                document_id=again.document_id,
                document_version=again.version,
            )
        )
    for actor in (WU_DI, READER, NOBODY):
        assert kb.publishing.waiting(actor, job_id) == ([], 0)
        assert "新的一版" not in kb.documents.get(actor, ids[0]).body
    for actor in (LI_NA, CURATOR):
        [row], total = kb.publishing.waiting(actor, job_id)
        assert (row.number, total, row.document.version) == (2, 1, 1)
    assert kb.publishing.publish_all(WU_DI, job_id) == 0
    assert kb.publishing.publish_all(CURATOR, job_id) == 1
    assert "新的一版" in kb.documents.get(NOBODY, ids[0]).body
    assert kb.publishing.waiting(CURATOR, job_id) == ([], 0)
