"""People: whose name is whose, who may change an entry, registers, doubts, merging."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from kb.access import SYSTEM, Actor, Role, anonymous
from kb.database import Database
from kb.documents import Documents
from kb.drafts import Draft, Guess
from kb.errors import Conflict, InvalidInput, NotAllowed, NotAPicture, NotFound
from kb.files import FileStore
from kb.models import DocumentPerson, Person, User, person_of_user
from kb.people import People
from kb.person_doubts import PersonDoubts
from kb.person_listing import PeopleFilter, PeopleLists
from kb.person_matching import sign
from kb.person_merging import PersonMerging
from kb.person_names import wanted
from kb.person_photos import MAX_BYTES, PersonPhotos
from kb.person_rules import (
    Certificate,
    PersonRefused,
    PersonText,
    certificate_line,
    read_certificate,
)
from kb.register_rows import Keep, RegisterRow

CURATOR = Actor("pmo", "周敏", Role.CURATOR)
READER = Actor("li.na", "李娜", Role.READER)
NOBODY = anonymous(Role.NONE)
PIXEL = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010806000000")


@pytest.fixture
def people(database: Database) -> People:
    return People(database)


def add(people: People, handle: str, zh: str = "", en: str = "", **more: object) -> int:
    text = PersonText(handle=handle, name_zh=zh, name_en=en, **more)  # type: ignore[arg-type]
    return people.save(CURATOR, text)


def write(documents: Documents, title: str, *authors: str) -> int:
    made = Draft(
        title=title,
        body=f"# {title}\n\n正文 body",
        language="zh",
        kind=Guess("summary"),
        format="md",
        authors=authors,
        dated=date(2024, 5, 1),
    )
    return documents.store(SYSTEM, made, place=f"/{title}").document_id


def linked(database: Database, document: int) -> list[int | None]:
    with database.read() as session:
        rows = session.query(DocumentPerson).filter(DocumentPerson.document_id == document)
        return [row.person_id for row in rows.order_by(DocumentPerson.position)]


@pytest.mark.parametrize(
    ("written", "sure"),
    [
        ("郝建平", True),
        ("Hao Jianping", True),
        ("Jianping HAO", True),
        ("HAO, Jianping", True),
        ("ＨＡＯ　Jian-ping", True),  # noqa: RUF001  full-width on purpose
        ("郝建平 Hao Jianping", True),
        ("郝建平（项目经理）", True),
        ("老郝", True),
        ("hao.jianping", True),
        ("J. Hao <Hao.J@Example.com>", True),
        ("郝剑萍", False),
        ("𠮷田", None),
        ("🚀", None),
    ],
)
def test_an_author_is_matched_in_every_spelling_and_by_sound_only_asked(
    written: str, sure: bool | None, people: People, database: Database, files: FileStore
) -> None:
    hao = add(
        people,
        "hao.jianping",
        "郝建平",
        "Hao Jianping",
        aliases=("老郝",),
        email="hao.j@example.com",
    )
    lo = add(people, "luo", "羅成業")
    documents, doubts = Documents(database, files), PersonDoubts(database)
    one = write(documents, "一", written)
    assert linked(database, one) == [hao if sure else None]
    # 郝剑萍 sounds like him but somebody with another Chinese name is somebody else.
    assert not doubts.waiting(CURATOR).names
    # Simplified and traditional are one, and what came before the person is linked when the person comes.
    assert linked(database, write(documents, "二", "罗成业")) == [lo]


def test_a_latin_name_that_only_sounds_like_somebody_waits_for_a_decision_that_is_remembered(
    people: People, database: Database, files: FileStore
) -> None:
    hao = add(people, "hjp", "郝建平")
    documents, doubts = Documents(database, files), PersonDoubts(database)
    first = write(documents, "First", "Hao Jianping")
    [case] = doubts.waiting(CURATOR).names
    assert (case.why, [one.id for one in case.candidates]) == ("pinyin", [hao])
    doubts.decide(CURATOR, "HAO Jianping", hao)
    later = write(documents, "Later", "hao jianping")
    assert linked(database, first) == linked(database, later) == [hao]
    assert not doubts.waiting(CURATOR).names
    with pytest.raises(NotAllowed):
        doubts.waiting(READER)


def test_of_three_people_of_one_name_nobody_is_guessed_and_each_document_is_decided_by_itself(
    people: People, database: Database, files: FileStore
) -> None:
    documents, doubts = Documents(database, files), PersonDoubts(database)
    first, second = write(documents, "武汉总结", "张伟"), write(documents, "杭州总结", "张伟")
    one = add(people, "zhang.wei", "张伟", "Zhang Wei", place="武汉", email="zw1@example.com")
    assert linked(database, first) == [one]
    two = add(people, "zhang.wei.2", "张伟", "Zhang Wei", place="杭州", email="zw2@example.com")
    three = add(people, "zhang.wei.3", "张伟", email="zw3@example.com")
    assert linked(database, first) == [None]
    [case] = doubts.waiting(CURATOR).names
    assert (case.why, len(case.places), [p.id for p in case.candidates]) == (
        "name",
        2,
        [one, two, three],
    )
    doubts.decide(CURATOR, "张伟", one, ("document", first))
    doubts.decide(CURATOR, "张伟", None, ("document", second))
    assert (linked(database, first), linked(database, second)) == ([one], [None])
    assert not doubts.waiting(CURATOR).names
    # An address tells them apart, and different addresses make them different people.
    assert linked(database, write(documents, "三", "张伟 zw2@example.com")) == [two]
    assert not doubts.waiting(CURATOR).pairs
    with pytest.raises(NotFound):
        doubts.decide(CURATOR, "张伟", 9999)


def test_two_entries_of_one_person_are_merged_and_taken_apart_again(
    people: People, database: Database, files: FileStore
) -> None:
    documents, merging = Documents(database, files), PersonMerging(database)
    kept = add(people, "li.na", "李娜", "", topics=("风险管理",))
    double = add(
        people, "na.li", "", "Li Na", email="li.na@example.com", certificates=(Certificate("PMP"),)
    )
    document = write(documents, "Report", "Li Na")
    doubts = PersonDoubts(database)
    [(one, other)] = doubts.waiting(CURATOR).pairs
    assert {one.id, other.id} == {kept, double}
    merge = merging.merge(CURATOR, double, kept)
    text = people.entry(READER, kept).said
    assert (text.name_en, text.email, text.certificates) == (
        "Li Na",
        "li.na@example.com",
        (Certificate("PMP"),),
    )
    assert linked(database, document) == [kept]
    assert people.leads_to(READER, double) == kept
    with pytest.raises(NotFound):
        people.entry(READER, double)
    assert merging.undo(CURATOR, merge) == double
    assert people.entry(READER, kept).said == PersonText(
        handle="li.na", name_zh="李娜", topics=("风险管理",)
    )
    assert people.entry(READER, double).said.certificates == (Certificate("PMP"),)
    assert linked(database, document) == [double]
    with pytest.raises(Conflict):
        merging.undo(CURATOR, merge)
    merging.apart(CURATOR, kept, double)
    assert not doubts.waiting(CURATOR).pairs
    with pytest.raises(NotAllowed):
        merging.merge(READER, double, kept)
    with pytest.raises(NotAllowed):
        merging.apart(READER, kept, double)
    with pytest.raises(InvalidInput):
        merging.merge(CURATOR, kept, kept)


def test_people_change_their_own_entry_but_not_who_they_are(
    people: People, database: Database
) -> None:
    with database.write() as session:
        session.add(User(id="n.li", name="李娜", role="reader", password_hash="-"))
    own = add(people, "li.na", "李娜", "Li Na", department="PMO", user_id="n.li")
    other = add(people, "wang.fang", "王芳")
    me = Actor("n.li", "李娜", Role.READER)
    text = people.entry(me, own).said
    people.save(
        me,
        replace(
            text,
            phone="123",
            mentor=True,
            name_zh="郝建平",
            department="总裁办",
            aliases=("郝建平",),
        ),
        person_id=own,
        revision=1,
    )
    entry = people.entry(me, own)
    assert entry.own
    assert (entry.said.phone, entry.said.mentor) == ("123", True)
    assert (entry.said.name_zh, entry.said.department, entry.said.aliases) == ("李娜", "PMO", ())
    with pytest.raises(Conflict):
        people.save(me, text, person_id=own, revision=1)
    for who in (me, anonymous(Role.READER)):
        with pytest.raises(NotAllowed):
            people.save(who, text, person_id=other, revision=1)
        with pytest.raises(NotAllowed):
            people.save(who, PersonText(handle="x", name_zh="新"))
    for who, number in ((NOBODY, own), (me, 9999)):
        with pytest.raises(NotFound):
            people.entry(who, number)
    with database.read() as session:
        linked_person = person_of_user(session, "n.li")
        assert linked_person is not None
        assert linked_person.id == own
        # A handle of one person is no sign-in of another.
        assert person_of_user(session, "li.na") is None
        by_handle = person_of_user(session, "wang.fang")
        assert by_handle is not None
        assert by_handle.id == other
        assert person_of_user(session, "") is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"handle": "two words"}, "handle"),
        ({"handle": "taken"}, "handle"),
        ({"name_zh": "", "name_en": " "}, "name_zh"),
        ({"email": "not an address"}, "email"),
        ({"availability": "maybe"}, "availability"),
        ({"since": 12}, "since"),
        ({"user_id": "nobody.here"}, "user_id"),
        ({"certificates": (Certificate(" "),)}, "certificates"),
        ({"interests": ("字" * 201,)}, "interests"),
    ],
)
def test_what_cannot_be_stored_is_named_by_its_field(
    change: dict[str, object], field: str, people: People
) -> None:
    add(people, "taken", "李四")
    with pytest.raises(PersonRefused) as refused:
        people.save(CURATOR, replace(PersonText(handle="new", name_zh="新"), **change))  # type: ignore[arg-type]
    assert list(refused.value.wrong) == [field]


def row(number: int, **values: object) -> RegisterRow:
    return RegisterRow(number, values)  # type: ignore[arg-type]


def test_a_register_brings_people_up_to_date_and_never_guesses_between_namesakes(
    people: People, database: Database
) -> None:
    add(people, "li.na", "李娜", email="li.na@example.com")
    add(people, "wang.1", "王芳")
    add(people, "wang.2", "王芳")
    rows = [
        row(2, name_zh="李娜", name_en="Li Na", certificates="PMP | PMI | 2028-05-31；CISSP"),
        row(3, name_zh="李娜", email="other@example.com"),
        row(4, name_zh="王芳", place="武汉"),
        row(5, name_zh="𠮷田", languages=("日本語", "English")),
        row(6, name_zh="赵六"),
        row(7, name_zh="赵六"),
        row(8, name_zh="钱七", certificates="PMP | PMI | soon"),
    ]
    told = people.put(CURATOR, rows, Keep.NOTHING)
    assert [(one.number, one.outcome) for one in told] == [
        (2, "updated"),
        (3, "added"),
        (4, "refused"),
        (5, "added"),
        (6, "refused"),
        (7, "refused"),
        (8, "refused"),
    ]
    assert len(people.all(READER)) == 3
    assert people.put(CURATOR, rows, Keep.ALL)[0].outcome == "updated"
    assert len(people.all(READER)) == 3  # one row was refused: nothing is half imported
    people.put(CURATOR, rows, Keep.GOOD)
    found = {one.handle: one for one in people.all(READER)}
    assert len(found) == 5
    assert {"li.na", "li.na.2", "wang.1", "wang.2"} < set(found)
    said = people.entry(READER, found["li.na"].id).said
    assert said.certificates == (Certificate("PMP", "PMI", date(2028, 5, 31)), Certificate("CISSP"))
    # By now there are two of that name: only the address says which.
    assert people.put(CURATOR, rows[:1], Keep.GOOD)[0].outcome == "refused"
    again = [
        row(2, name_zh="李娜", email="li.na@example.com"),
        row(3, handle="li.na", name_en="Li Na"),
    ]
    assert [one.outcome for one in people.put(CURATOR, again, Keep.GOOD)] == ["unchanged"] * 2
    with pytest.raises(NotAllowed):
        people.put(READER, rows)


def test_the_directory_is_searched_by_name_pinyin_and_initials_and_filtered(
    people: People, database: Database
) -> None:
    add(
        people,
        "hao.jianping",
        "郝建平",
        "Hao Jianping",
        department="水务",
        place="Wuhan",
        languages=("zh",),
    )
    add(
        people,
        "ines",
        "伊内斯",
        "Inês Carvalho",
        department="采购",
        languages=("葡萄牙语", "en"),
        mentor=True,
    )
    add(people, "zeng", "曾国华", left_on=date(2025, 1, 1))
    add(people, "pct", "", "100% Real_Name")
    lists = PeopleLists(database, today=lambda: date(2026, 1, 1))

    def found(**wanted: object) -> list[str]:
        listed = lists.listed(READER, PeopleFilter(**wanted))  # type: ignore[arg-type]
        assert listed.total == len(listed.people)
        return sorted(one.handle for one in listed.people)

    for query in ("郝", "建平", "Ｈao", "jianping hao", "haojian", "hjp", "hao.jian"):  # noqa: RUF001
        assert found(query=query) == ["hao.jianping"], query
    assert found(query="ines carv") == ["ines"]
    assert found(query="zengguohua") == found(query="曾") == ["zeng"]
    assert found(query="%") == found(query="_") == []
    assert found(language="pt") == found(mentor=True) == ["ines"]
    assert found(department="水务", place="Wuhan") == ["hao.jianping"]
    assert found(here="no") == ["zeng"]
    assert "zeng" not in found(here="yes")
    assert lists.listed(NOBODY, PeopleFilter()).total == 0


def test_people_of_an_earlier_version_are_found_and_linked_after_the_next_start(
    people: People, database: Database, files: FileStore
) -> None:
    document = write(Documents(database, files), "旧报告", "Jianping Hao", "老李")
    with database.write() as session:
        person = Person(handle="hao", name_zh="郝建平", name_en="Hao Jianping")
        session.add(person)
    lists = PeopleLists(database)
    assert lists.listed(READER, PeopleFilter(query="hjp")).total == 0
    people.prepare()
    assert lists.listed(READER, PeopleFilter(query="hjp")).total == 1
    assert linked(database, document) == [person.id, None]
    people.prepare()


def test_a_photo_is_a_picture_of_bounded_size_and_its_owners_or_a_curators_doing(
    people: People, database: Database, files: FileStore
) -> None:
    photos = PersonPhotos(database, files)
    own = add(people, "li.na", "李娜")
    other = add(people, "wang", "王芳")
    photos.put(READER, own, PIXEL, "me.png")
    photo = photos.open(READER, own)
    with photo.file as file:
        assert file.read() == PIXEL
    assert photo.media_type == "image/png"
    for bad in (b"<svg onload=alert(1)>", b"<html>", b"", b"BM" + bytes(40)):
        with pytest.raises(NotAPicture):
            photos.put(READER, own, bad, "x.png")
    with pytest.raises(InvalidInput):
        photos.put(READER, own, PIXEL + bytes(MAX_BYTES), "x.png")
    with pytest.raises(NotAllowed):
        photos.put(READER, other, PIXEL, "x.png")
    for who, number in ((READER, other), (NOBODY, own)):
        with pytest.raises(NotFound):
            photos.open(who, number)
    photos.remove(CURATOR, own)
    with pytest.raises(NotFound):
        photos.open(READER, own)


def test_a_page_begun_here_is_its_writers_whatever_others_are_called(
    people: People, database: Database, files: FileStore
) -> None:
    me = add(people, "li.na", "李娜")
    add(people, "li.na.2", "李娜", email="other@example.com")
    document = write(Documents(database, files), "页面")
    with database.write() as session:
        sign(session, READER, document)
    people.save(CURATOR, PersonText(handle="new", name_zh="李娜"))
    assert linked(database, document) == [me]


def test_a_certificate_is_one_line_and_back() -> None:
    for line in (
        "PMP | PMI | 2028-05-31",
        "CISSP",
        "一级建造师（市政） | 住房和城乡建设部",
        "X |  | 2028-01-01",
    ):
        assert certificate_line(read_certificate(line)) == line
    with pytest.raises(ValueError, match="soon"):
        read_certificate("PMP | PMI | soon")
    assert wanted("").keys == frozenset()
