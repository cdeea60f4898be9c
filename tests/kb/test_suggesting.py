"""Suggestions: everything somebody may know of, by any way of typing it, and nothing else."""

# ruff: noqa: RUF001  full-width forms are what is tested

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import String, delete, update

from kb.access import FOR_EVERYONE, SYSTEM, Actor, Audience, Role, anonymous
from kb.database import Database
from kb.documents import Documents
from kb.drafts import Draft, Guess
from kb.files import FileStore
from kb.glossary import Glossary
from kb.glossary_rules import EntryText
from kb.models import (
    Community,
    Course,
    Document,
    Lesson,
    Question,
    audience_id_of,
    record_change,
)
from kb.models.base import Base, utc_now
from kb.models.doctemplates import DocTemplate
from kb.models.insights import PopularQuestion
from kb.registers import PersonRow, ProjectRow, Registers
from kb.search.answers import Names
from kb.search.names import compact
from kb.suggesting import (
    LARGE_TABLE_SECONDS,
    MOST_CHANGED,
    QUESTIONS_SECONDS,
    THINGS_SECONDS,
    Suggesting,
)

READER = anonymous(Role.READER)
PMO = Actor("li.na", "李娜", Role.READER, frozenset({"pmo"}))
NOBODY = anonymous(Role.NONE)
FOR_PMO = Audience.parse("group:pmo")


class Clock:
    """A clock that is set by hand, in seconds."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class House:
    """A few documents, registers and a glossary, and what suggests from them."""

    def __init__(self, database: Database, files: FileStore) -> None:
        self.database = database
        self.clock = Clock()
        self.glossary = Glossary(database)
        self.registers = Registers(database)
        self._documents = Documents(database, files)
        self.suggesting = Suggesting(database, self.glossary, self.clock)

    def put(self, title: str, audience: Audience = FOR_EVERYONE, **rest: object) -> int:
        facts = {"language": "zh", "kind": Guess("lesson"), "format": "md", "body": title, **rest}
        draft = Draft(title=title, **facts)  # type: ignore[arg-type]
        stored = self._documents.store(SYSTEM, draft, place=f"/notes/{title}.md", audience=audience)
        return stored.document_id

    def popular(self, text: str, document_id: int, askers: int = 5) -> None:
        with self.database.write() as session:
            session.add(
                PopularQuestion(key=text, text=text, document_id=document_id, askers=askers)
            )

    def kinds(self, typed: str, actor: Actor = READER, limit: int = 8) -> dict[str, str]:
        return {s.text: s.kind for s in self.suggesting.suggest(actor, typed, limit)}


@pytest.fixture
def house(database: Database, files: FileStore) -> Iterator[House]:
    made = House(database, files)
    made.registers.put_people(
        SYSTEM,
        [PersonRow("hao.jianping", "郝建平", "Hao Jianping"), PersonRow("zhao.zong", "赵总")],
    )
    made.registers.put_projects(
        SYSTEM,
        [
            ProjectRow("CL-2018-007", "湘江净水厂扩建", "Xiangjiang Water Plant"),
            ProjectRow("CL-2099-001", "没有文档的项目", "Nothing written"),
        ],
    )
    made.put("风险管理登记册", authors=("郝建平",), tags=("风险管理",), project_code="CL-2018-007")
    made.put(
        "Risk management: closing report",
        language="en",
        authors=("Song Peilin",),
        tags=("banking",),
    )
    made.put("重庆银行行长会议 🚀", dated=date(2020, 1, 1), tags=("風險管理",))
    made.put(
        "风控机密预算", FOR_PMO, authors=("赵总",), tags=("风险保密",), project_code="CL-SECRET",
        project_name="机密项目",
    )  # fmt: skip
    made.glossary.save(
        SYSTEM,
        EntryText(
            "变更控制委员会",
            "change control board",
            zh_hant=("變更控制委員會",),
            abbreviations=("CCB",),
        ),
    )
    yield made
    made.suggesting.close()


def test_somebody_who_may_not_read_is_offered_nothing(house: House) -> None:
    for typed in ("风险", "fxgl", "ccb", "变更", "郝", "CL", "banking"):
        assert house.suggesting.suggest(NOBODY, typed) == ()
    assert house.suggesting.sounding(NOBODY, "bgkzwyh") == ()


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("风控", "风控机密预算"),
        ("fkjm", "风控机密预算"),
        ("机密", "风控机密预算"),
        ("风险保", "风险保密"),
        ("fxbm", "风险保密"),
        ("赵", "赵总"),
        ("zhaozong", "赵总"),
        ("secret", "CL-SECRET 机密项目"),
        ("jmxm", "CL-SECRET 机密项目"),
    ],
)
def test_what_only_hidden_documents_carry_is_offered_to_nobody_else(
    house: House, typed: str, text: str
) -> None:
    assert text in house.kinds(typed, PMO)
    assert text in house.kinds(typed, SYSTEM)
    assert text not in house.kinds(typed, READER)
    assert house.suggesting.sounding(READER, "fkjmys") == ()
    assert [s.text for s in house.suggesting.sounding(PMO, "fkjmys")] == ["风控机密预算"]


def test_projects_and_people_of_the_register_show_only_with_something_readable(
    house: House,
) -> None:
    assert house.kinds("没有文档") == {}
    assert house.kinds("CL-2018") == {"CL-2018-007 湘江净水厂扩建": "project"}
    assert house.kinds("郝") == {"郝建平": "person"}


def test_a_question_is_offered_to_whoever_may_read_what_it_leads_to(house: House) -> None:
    secret = house.put("预算表", FOR_PMO)
    open_ = house.put("登记册怎么填", tags=())
    house.popular("预算还剩多少", secret)
    house.popular("登记册谁来填", open_)
    assert house.kinds("预算还", READER) == {}
    assert house.kinds("预算还", PMO) == {"预算还剩多少": "question"}
    assert house.kinds("djcsl", READER) == {"登记册谁来填": "question"}
    house.suggesting.warm_up()
    with house.database.write() as session:
        session.execute(delete(PopularQuestion))
    assert house.kinds("登记册谁", READER) == {}


def test_a_change_of_permission_holds_at_once_even_without_a_word_in_the_change_log(
    house: House,
) -> None:
    number = house.put("临时公开的纪要", tags=("临时",), authors=("钱多",), project_code="CL-TEMP")
    typed = ("临时", "钱", "CL-TEMP", "lsgk")
    assert all(house.kinds(each) for each in typed)
    with house.database.write() as session:
        session.execute(
            update(Document)
            .where(Document.id == number)
            .values(audience_id=audience_id_of(session, FOR_PMO))
        )
    assert [house.kinds(each) for each in typed] == [{}, {}, {}, {}]
    assert all(house.kinds(each, PMO) for each in typed)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("fxgl", {"风险管理登记册": "document", "风险管理": "tag"}),
        ("風險", {"风险管理登记册": "document", "风险管理": "tag"}),
        ("haojp", {"郝建平": "person"}),
        ("Hao Jian", {"郝建平": "person"}),
        ("song", {"Song Peilin": "person"}),
        ("xiangjiang", {"CL-2018-007 湘江净水厂扩建": "project"}),
        ("ccb", {"变更控制委员会": "term", "change control board": "term"}),
        ("bgkz", {"变更控制委员会": "term"}),
        ("變更", {"变更控制委员会": "term"}),
        ("ＲＩＳＫ　ｍａｎ", {"Risk management: closing report": "document"}),
        ("closing", {"Risk management: closing report": "document"}),
        ("hangzhang", {"重庆银行行长会议 🚀": "document"}),
        ("bank", {"banking": "tag"}),
        ("🚀", {}),
        ("%", {}),
        ("' OR 1=1 --", {}),
    ],
)
def test_names_of_all_kinds_are_offered(house: House, typed: str, expected: dict[str, str]) -> None:
    shown = house.kinds(typed)
    assert {text: kind for text, kind in shown.items() if text in expected} == expected
    if not expected:
        assert shown == {}


def test_a_suggestion_has_what_the_page_needs(house: House) -> None:
    [project] = house.suggesting.suggest(READER, "CL-2018")
    assert (project.code, project.names) == (
        "CL-2018-007",
        Names("湘江净水厂扩建", "Xiangjiang Water Plant"),
    )
    [document] = house.suggesting.suggest(READER, "重庆")
    assert (document.kind, document.id, document.code) == ("document", 3, "")
    term = house.suggesting.suggest(READER, "变更")[0]
    assert (term.kind, term.id) == ("term", 1)


def test_a_word_already_whole_is_not_offered_again_but_a_thing_of_that_name_is(
    house: House,
) -> None:
    assert "change control board" not in house.kinds("Change Control Board")
    assert house.kinds("郝建平") == {"郝建平": "person"}


def test_titles_do_not_push_everything_else_out(house: House) -> None:
    for number in range(30):
        house.put(f"变更控制第{number}次会议", tags=(f"变更{number}",))
    shown = house.suggesting.suggest(READER, "变更", limit=8)
    assert len(shown) == 8
    assert {each.kind for each in shown} == {"document", "tag", "term"}
    assert len(house.suggesting.suggest(READER, "变更", limit=1)) == 1
    assert house.suggesting.suggest(READER, "变更", limit=0) == ()
    assert len(house.suggesting.suggest(READER, "变更", limit=10_000)) == 20


def test_a_tag_that_is_also_a_term_is_shown_once(house: House) -> None:
    house.glossary.save(SYSTEM, EntryText("风险管理", "risk management"))
    assert house.kinds("fxgl")["风险管理"] == "term"
    assert len([s for s in house.suggesting.suggest(READER, "fxgl") if s.text == "风险管理"]) == 1


def test_the_same_title_is_shown_once(house: House) -> None:
    house._documents.store(
        SYSTEM, Draft("风险管理登记册", "另一份", "zh", Guess("guide"), "md"), place="/other.md"
    )
    assert [s.text for s in house.suggesting.suggest(READER, "风险管理登")] == ["风险管理登记册"]


def test_what_is_stored_renamed_or_taken_out_shows_with_the_next_letter(house: House) -> None:
    assert house.kinds("钻孔") == {}
    number = house.put("钻孔记录", tags=("勘察",))
    assert house.kinds("zkjl") == {"钻孔记录": "document"}
    with house.database.write() as session:
        session.execute(update(Document).where(Document.id == number).values(title="勘探记录"))
        record_change(session, SYSTEM, "document", number, "store")
    assert house.kinds("zkjl") == {}
    assert house.kinds("ktjl") == {"勘探记录": "document"}
    with house.database.write() as session:
        session.execute(update(Document).where(Document.id == number).values(state="withdrawn"))
    assert house.kinds("ktjl") == {}


def test_tags_of_old_and_new_documents_count_together(house: House) -> None:
    house.suggesting.warm_up()
    house.put("新的", tags=("风险管理",))
    assert house.kinds("风险管理")["风险管理"] == "tag"


def test_a_large_import_is_taken_over_beside_and_the_old_names_serve_meanwhile(
    house: House,
) -> None:
    house.suggesting.warm_up()
    for number in range(MOST_CHANGED + 30):
        house.put(f"批量导入第{number}号")
    assert house.kinds("fxgldjc") == {"风险管理登记册": "document"}
    house.suggesting.close()
    assert len(house.kinds("批量导入")) == 8


def test_names_that_change_without_documents_show_after_a_while(house: House) -> None:
    assert house.kinds("newname") == {}
    house.registers.put_projects(SYSTEM, [ProjectRow("CL-2018-007", "湘江", "Newname Works")])
    house.clock.now = LARGE_TABLE_SECONDS + 1
    house.kinds("newname")
    house.suggesting.close()
    assert house.kinds("newname") == {"CL-2018-007 湘江": "project"}
    house.popular("网闸怎么接", 1)
    assert house.kinds("网闸") == {}
    house.clock.now += QUESTIONS_SECONDS + 1
    assert house.kinds("网闸") == {"网闸怎么接": "question"}


def test_an_edit_of_the_glossary_shows_at_once(house: House) -> None:
    assert house.kinds("zzfx") == {}
    house.glossary.save(SYSTEM, EntryText("挣值分析", "earned value analysis"))
    assert house.kinds("zzfx") == {"挣值分析": "term"}


def test_pinyin_of_a_whole_name_is_that_name(house: House) -> None:
    assert house.kinds("风险管") == {
        "风险管理登记册": "document",
        "风险管理": "tag",
        "風險管理": "tag",
    }
    assert [compact(s.text) for s in house.suggesting.sounding(READER, "fengxianguanli")] == [
        "风险管理"
    ]
    assert [compact(s.text) for s in house.suggesting.sounding(READER, "FXGL")] == ["风险管理"]
    assert [s.text for s in house.suggesting.sounding(READER, "haojp")] == ["郝建平"]
    assert house.suggesting.sounding(READER, "fengxian") == ()
    assert house.suggesting.sounding(READER, "xjjscgj") == ()


def test_any_text_is_answered(house: House) -> None:
    for typed in (
        "a" * 10_000,
        "风" * 10_000,
        "(" * 5_000,
        "\x00",
        "zhuang" * 2_000,
        "مرحبا",
        "😀" * 99,
    ):
        house.suggesting.suggest(READER, typed)


def row(model: type[Base], title: str, audience: int, **facts: object) -> Base:
    """A thing called ``title``, with nothing in its other texts."""
    columns = model.__table__.columns
    empty = {
        column.name: ""
        for column in columns
        if isinstance(column.type, String) and not column.nullable and column.default is None
    }
    name = "title" if "title" in columns else "name"
    return model(**empty | {name: title, "language": "zh", "audience_id": audience} | facts)


def test_titles_of_lessons_templates_courses_and_questions_are_offered_to_their_readers(
    house: House,
) -> None:
    with house.database.write() as session:
        everyone, pmo = audience_id_of(session, FOR_EVERYONE), audience_id_of(session, FOR_PMO)
        for audience, mark in ((everyone, ""), (pmo, "保密")):
            session.add_all(
                [
                    row(Lesson, f"龙门吊基础返工{mark}", audience, validated_at=utc_now()),
                    row(DocTemplate, f"龙门吊交接单{mark}", audience, state="published"),
                    row(Community, f"龍門吊社区{mark}", audience),
                    row(Course, f"龙门吊培训{mark}", audience, state="published"),
                    row(Question, f"龙门吊谁会修{mark}？", audience),
                ]
            )
        session.add(row(Lesson, "龙门吊草稿", everyone))
    everybodys = {
        "龙门吊基础返工": "lesson",
        "龙门吊交接单": "doctemplate",
        "龍門吊社区": "community",
        "龙门吊培训": "course",
        "龙门吊谁会修？": "asked",
    }
    for typed in ("龙门吊", "龍門", "longmend", "lmd"):
        assert house.kinds(typed) == everybodys, typed
    both = {title.replace("？", "") for title in everybodys}
    offered = {title.replace("？", "") for title in house.kinds("龙门吊", PMO, 20)}
    assert offered == {title + mark for title in both for mark in ("", "保密")}

    with house.database.write() as session:
        session.execute(update(Lesson).values(audience_id=pmo))
    # The table is of before; what is offered is looked up.
    assert "龙门吊基础返工" not in house.kinds("龙门吊")
    with house.database.write() as session:
        session.execute(update(Lesson).values(audience_id=everyone, title="龙门吊新名🏗"))
        record_change(session, SYSTEM, "lesson", 1, "store")
    house.clock.now += THINGS_SECONDS
    assert house.kinds("新名") == {"龙门吊新名🏗": "lesson"}
