"""Documents: stored once, found again, shown to those who may read them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from kb.access import FOR_EVERYONE, SYSTEM, Actor, Audience, Role, anonymous
from kb.database import Database
from kb.documents import Documents, Original
from kb.drafts import Count, Draft, Guess, Ledger, Picture
from kb.errors import NotAllowed, NotFound
from kb.files import FileStore
from kb.models import Change, DocumentSource, Person
from kb.person_matching import fill_keys

VISITOR = anonymous(Role.READER)
WRITER = anonymous(Role.CONTRIBUTOR)
PMO = Actor("li.na", "李娜", Role.CONTRIBUTOR, frozenset({"pmo"}))


@pytest.fixture
def documents(database: Database, files: FileStore) -> Documents:
    return Documents(database, files)


def draft(title: str = "北岸净水厂 项目总结 🚰", **changes: Any) -> Draft:
    values: dict[str, Any] = {
        "title": title,
        "body": "前言。\n\n# 教训 Lessons\n\n旧管廊未探明。\n\n## 建议\n\n先用探地雷达。",
        "language": "zh",
        "kind": Guess("summary", "标题含“总结”"),
        "format": "docx",
        "metadata": {"项目经理": "郝建平"},
        "project_code": "CL-2018-007",
        "project_name": "湘江北岸净水厂扩建",
        "authors": ("郝建平",),
        "tags": ("水务", "管廊", "水务"),
        "dated": date(2020, 2, 28),
        "ledger": Ledger({"characters": Count(100, 98)}, ["1 chart was not carried."]),
    }
    return Draft(**(values | changes))


def original(files: FileStore, content: bytes, name: str = "总结.docx") -> Original:
    sha256, size = files.keep(content)
    return Original(sha256, size, name, "application/octet-stream")


def test_a_stored_draft_comes_back_complete(documents: Documents, files: FileStore) -> None:
    stored = documents.store(
        WRITER, draft(), place="/p/总结.docx", original=original(files, b"one")
    )
    document = documents.get(VISITOR, stored.document_id)
    assert (stored.outcome, stored.version) == ("stored", 1)
    assert (document.title, document.kind, document.dated) == (
        "北岸净水厂 项目总结 🚰",
        "summary",
        date(2020, 2, 28),
    )
    assert document.project is not None
    assert document.project.code == "CL-2018-007"
    assert [(s.level, s.heading, s.text.strip()) for s in document.sections] == [
        (0, "", "前言。"),
        (1, "教训 Lessons", "旧管廊未探明。"),
        (2, "建议", "先用探地雷达。"),
    ]
    assert [person.name for person in document.people] == ["郝建平"]
    assert [tag.tag for tag in document.tags] == ["水务", "管廊"]
    assert document.ledger["coverage"] == 98.0
    assert document.guesses == {"kind": "标题含“总结”"}


def test_the_same_file_again_is_unchanged_elsewhere_a_duplicate_and_changed_a_new_version(
    documents: Documents, files: FileStore
) -> None:
    one, two = original(files, b"one"), original(files, b"two")
    first = documents.store(WRITER, draft(), place="/a.docx", original=one)
    again = documents.store(WRITER, draft(), place="/a.docx", original=one)
    copy = documents.store(WRITER, draft(), place="/copy.docx", original=one)
    newer = documents.store(WRITER, draft("终稿"), place="/a.docx", original=two)
    assert [stored.outcome for stored in (first, again, copy, newer)] == [
        "stored",
        "unchanged",
        "duplicate",
        "stored",
    ]
    assert {stored.document_id for stored in (first, again, copy, newer)} == {first.document_id}
    assert documents.get(VISITOR, first.document_id).title == "终稿"
    assert [v.number for v in documents.versions(VISITOR, first.document_id)] == [2, 1]


def test_what_changes_where_only_a_duplicate_lay_becomes_a_document_of_its_own(
    documents: Documents, files: FileStore
) -> None:
    one, two, three = (original(files, content) for content in (b"one", b"two", b"three"))
    first = documents.store(WRITER, draft(), place="/a.docx", original=one)
    copy = documents.store(WRITER, draft(), place="/副本.docx", original=one)
    changed = documents.store(WRITER, draft("另一份 memo"), place="/副本.docx", original=two)
    newer = documents.store(WRITER, draft("另一份 memo 2"), place="/副本.docx", original=three)
    assert (copy.outcome, copy.document_id) == ("duplicate", first.document_id)
    assert (changed.outcome, changed.version) == ("stored", 1)
    assert changed.document_id != first.document_id
    assert documents.get(VISITOR, first.document_id).title == "北岸净水厂 项目总结 🚰"
    # From now on the place is that document's own.
    assert (newer.document_id, newer.version) == (changed.document_id, 2)


LONG_ZH = "".join(f"第{i}条：竖井开挖到{i * 37}米时出现涌水，改用冻结法。\n\n" for i in range(60))
LONG_EN = "".join(f"Item {i}: the vendor slipped by {i * 31} days.\n\n" for i in range(60))


@pytest.mark.parametrize(
    ("before", "now", "outcome"),
    [
        (("周报", LONG_ZH, ""), ("周报", LONG_EN, ""), "new"),
        (("周报", LONG_ZH, ""), ("周报", LONG_ZH + "补充一条。", ""), "version"),
        (("Weekly report", LONG_EN, ""), ("Weekly report", LONG_ZH, ""), "new"),
        (("北岸水厂竣工总结", LONG_ZH, "CL-1"), ("北岸水厂竣工总结", LONG_EN, "CL-1"), "version"),
        (("北岸水厂竣工总结", LONG_ZH, "CL-1"), ("北岸水厂竣工总结", LONG_EN, "CL-2"), "new"),
        (("Ｐhase 2 𠮷祥", "短。", ""), ("phase 2 𠮷祥", "另一段。", ""), "version"),  # noqa: RUF001
        (("会议纪要 2024-03-01", "短。", ""), ("会议纪要 2024-03-01", "另一段。", ""), "new"),
    ],
)
def test_an_upload_of_the_same_name_is_a_version_only_when_it_is_the_same_thing(
    documents: Documents,
    files: FileStore,
    before: tuple[str, str, str],
    now: tuple[str, str, str],
    outcome: str,
) -> None:
    def upload(title: str, body: str, code: str) -> Any:
        made = draft(title, body=body, project_code=code, project_name="")
        content = original(files, f"{title}{body}{code}".encode())
        return documents.store(PMO, made, place="upload:li.na:报告.docx", original=content)

    first, second = upload(*before), upload(*now)
    assert ("version" if second.version == 2 else "new") == outcome
    assert (second.document_id == first.document_id) == (outcome == "version")
    assert (
        documents.get(PMO, first.document_id).body == (now if outcome == "version" else before)[1]
    )
    # What was there before is known by its content, and stays what it is.
    assert upload(*now).outcome == "unchanged"
    if outcome == "new":
        again = upload(*before)
        assert (again.outcome, again.document_id) == ("duplicate", first.document_id)


CURATOR = Actor("zhou.min", "周敏", Role.CURATOR)
READER = Actor("chen.wei", "Chen Wei", Role.READER)
OTHER = Actor("wu.di", "Wu Di", Role.CONTRIBUTOR)


def test_what_waits_for_review_is_seen_by_whoever_imported_it_and_by_curators(
    documents: Documents, files: FileStore
) -> None:
    waiting = documents.store(
        PMO, draft(), place="/a.docx", original=original(files, b"one"), state="review"
    ).document_id
    looks: tuple[Callable[[Actor, int], object], ...] = (
        documents.get,
        documents.versions,
        documents.original,
    )
    for look in looks:
        for actor in (PMO, CURATOR, SYSTEM):
            look(actor, waiting)
        for actor in (VISITOR, WRITER, READER, OTHER):
            with pytest.raises(NotFound):
                look(actor, waiting)
    assert documents.titles(CURATOR, [waiting]) == {waiting: "北岸净水厂 项目总结 🚰"}
    assert documents.titles(OTHER, [waiting]) == {}
    # Nor does it count among what is there.
    assert (documents.recent(CURATOR, 9), documents.counts(CURATOR)) == ([], {})


def test_a_curator_reviews_only_what_is_meant_for_one(
    documents: Documents, files: FileStore
) -> None:
    waiting = documents.store(
        PMO, draft(), place="/a.docx", audience=Audience.parse("group:hr"), state="review"
    ).document_id
    assert documents.get(PMO, waiting).id == waiting
    with pytest.raises(NotFound):
        documents.get(CURATOR, waiting)


def test_the_same_content_waiting_for_somebody_elses_review_is_not_told(
    documents: Documents, files: FileStore
) -> None:
    one = original(files, b"one")
    hidden = documents.store(PMO, draft(), place="/x/a.docx", original=one, state="review")
    own = documents.store(OTHER, draft(), place="/y/a.docx", original=one)
    assert (own.outcome, own.document_id == hidden.document_id) == ("stored", False)


def test_a_known_file_need_not_be_read_again(documents: Documents, files: FileStore) -> None:
    one = original(files, b"one")
    assert documents.known(WRITER, "/a.docx", one.sha256) is None
    stored = documents.store(WRITER, draft(), place="/a.docx", original=one)
    known = documents.known(WRITER, "/a.docx", one.sha256)
    copied = documents.known(WRITER, "/b.docx", one.sha256)
    assert known is not None
    assert copied is not None
    assert (known.outcome, copied.outcome) == ("unchanged", "duplicate")
    assert known.document_id == copied.document_id == stored.document_id


def test_a_duplicate_of_what_one_may_not_read_is_stored_like_anything_new(
    documents: Documents, files: FileStore
) -> None:
    one = original(files, b"one")
    hidden = documents.store(
        PMO, draft(), place="/pmo/a.docx", original=one, audience=Audience.parse("group:pmo")
    )
    seen = documents.store(WRITER, draft(), place="/mine/a.docx", original=one)
    assert seen.outcome == "stored"
    assert seen.document_id != hidden.document_id


def test_what_one_may_not_read_answers_like_what_does_not_exist(
    documents: Documents, files: FileStore
) -> None:
    picture = Picture("a" * 64 + ".png", "image/png", b"png")
    hidden = documents.store(
        PMO,
        draft(pictures=(picture,)),
        place="/pmo/a.docx",
        original=original(files, b"one"),
        audience=Audience.parse("group:pmo"),
    ).document_id
    looks: tuple[Callable[[Actor, int], object], ...] = (
        documents.get,
        documents.versions,
        documents.original,
    )
    for look in looks:
        look(PMO, hidden)
        with pytest.raises(NotFound) as refused:
            look(VISITOR, hidden)
        with pytest.raises(NotFound) as missing:
            look(VISITOR, 999)
        assert str(refused.value).replace(str(hidden), "N") == str(missing.value).replace(
            "999", "N"
        )
    assert documents.file(PMO, hidden, picture.name)[1] == "image/png"
    with pytest.raises(NotFound):
        documents.file(VISITOR, hidden, picture.name)
    assert (documents.recent(VISITOR, 10), documents.counts(VISITOR)) == ([], {})
    assert documents.counts(PMO) == {"summary": 1}
    assert len(documents.recent(SYSTEM, 10)) == 1


def test_whoever_may_not_import_stores_nothing(documents: Documents) -> None:
    with pytest.raises(NotAllowed):
        documents.store(VISITOR, draft(), place="/a.docx")
    assert documents.counts(SYSTEM) == {}


def test_every_change_is_in_the_change_log_of_the_same_transaction(
    documents: Documents, database: Database, files: FileStore
) -> None:
    one = original(files, b"one")
    stored = documents.store(WRITER, draft(), place="/a.docx", original=one)
    documents.store(WRITER, draft(), place="/a.docx", original=one)
    with database.read() as session:
        changes = session.scalars(select(Change).where(Change.subject == "document")).all()
        sources = session.scalars(select(DocumentSource)).all()
    assert [(c.subject, c.subject_id, c.action, c.done_at) for c in changes] == [
        ("document", stored.document_id, "store", None)
    ]
    assert [source.place for source in sources] == ["/a.docx"]


def test_an_author_known_to_the_register_is_matched_and_a_shared_name_is_not(
    documents: Documents, database: Database
) -> None:
    with database.write() as session:
        session.add_all(
            [
                Person(handle="hao.jianping", name_zh="郝建平", name_en="Hao Jianping"),
                Person(handle="wang.wei", name_zh="王伟"),
                Person(handle="wang.wei.2", name_zh="王伟"),
            ]
        )
        fill_keys(session)
    stored = documents.store(WRITER, draft(authors=("Hao Jianping", "王伟")), place="/a.md")
    people = documents.get(VISITOR, stored.document_id).people
    assert [(person.name, person.person_id is not None) for person in people] == [
        ("Hao Jianping", True),
        ("王伟", False),
    ]


def test_an_audience_is_kept_when_a_new_version_comes(
    documents: Documents, files: FileStore
) -> None:
    audience = Audience.parse("group:pmo")
    documents.store(
        PMO, draft(), place="/a.docx", original=original(files, b"1"), audience=audience
    )
    newer = documents.store(
        PMO, draft(), place="/a.docx", original=original(files, b"2"), audience=FOR_EVERYONE
    )
    with pytest.raises(NotFound):
        documents.get(VISITOR, newer.document_id)
