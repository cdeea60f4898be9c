# ruff: noqa: RUF001  full-width on purpose
"""Projects: matched, adopted, merged, listed; nobody learns of one that is not for them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from kb.access import FOR_EVERYONE, SYSTEM, Actor, Audience, Role
from kb.database import Database
from kb.errors import Conflict, NotAllowed, NotFound
from kb.models import (
    Change,
    Document,
    Person,
    Project,
    audience_id_of,
    find_or_add_project,
)
from kb.project_likeness import Names, doubts, likeness
from kb.project_listing import ProjectFilter
from kb.project_names import code_key, name_key, name_parts
from kb.project_rules import Member, ProjectText, read_member, state_of
from kb.project_things import ProjectThings
from kb.projects import ProjectRefused, Projects
from kb.register_rows import Keep, RegisterRow, Value

CURATOR = Actor("zhou.min", "Zhou Min", Role.CURATOR)
READER = Actor("chen.wei", "Chen Wei", Role.READER)


def row(number: int = 2, **values: Value) -> RegisterRow:
    return RegisterRow(number, values)


def document(database: Database, code: str, name: str, audience: Audience = FOR_EVERYONE) -> int:
    """A published document that names a project as its cover table would; the id of the project."""
    with database.write() as session:
        audience_id = audience_id_of(session, audience)
        project = find_or_add_project(session, code, name, audience_id=audience_id)
        session.add(
            Document(
                title=f"{name or code} 总结",
                kind="summary",
                language="zh",
                body="",
                state="published",
                audience_id=audience_id,
                project_id=project.id if project else None,
                corrected=[],
            )
        )
        assert project is not None
        return project.id


@pytest.fixture
def projects(database: Database) -> Projects:
    return Projects(database)


@pytest.fixture
def plant(projects: Projects) -> int:
    """A registered project."""
    return projects.save(
        CURATOR,
        ProjectText(
            code="CL-2018-007",
            name_zh="湘江北岸净水厂扩建",
            name_en="Xiangjiang North Bank Water Plant Expansion",
            aliases=("湘江水厂", "XJ-07"),
        ),
    )


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("CL-2018-007", ""),
        ("ＣＬ－２０１８－００７", ""),
        ("cl 2018 007", ""),
        ("CL2018007", ""),
        ("CL_2018/007", "随便什么名字"),
        ("", "湘江北岸净水厂扩建"),
        ("", "湘江北岸 净水厂扩建项目"),
        ("", "湘江北岸淨水廠擴建工程"),
        ("", "XIANGJIANG north bank water plant expansion project"),
        ("", "湘江北岸净水厂扩建（Xiangjiang North Bank Water Plant Expansion）"),
        ("", "湘江北岸净水厂扩建 Xiangjiang North Bank Water Plant Expansion"),
        ("", "湘江北岸净水厂扩建 (CL-2018-007)"),
        ("", "ＸＪ－０７"),
        ("XJ 07", ""),
        ("", "湘江水廠"),
    ],
)
def test_a_document_joins_the_project_it_means_however_it_writes_it(
    database: Database, plant: int, code: str, name: str
) -> None:
    assert document(database, code, name) == plant


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("CL-2018-070", ""),
        ("CL-201-8007", ""),
        ("CL-9", "湘江北岸净水厂扩建"),
        ("", "湘江北岸净水厂扩建二期"),
        ("", "湘江南岸净水厂扩建"),
        ("", "𠮷祥净水厂扩建 🚀"),
        ("", "项目"),
    ],
)
def test_a_document_that_may_mean_another_project_is_never_joined(
    database: Database, plant: int, code: str, name: str
) -> None:
    other = document(database, code, name)
    assert other != plant
    assert document(database, code, name) == other


def test_a_name_that_two_projects_have_joins_neither(
    database: Database, projects: Projects
) -> None:
    one = projects.save(CURATOR, ProjectText(code="A-1", name_zh="办公楼装修"))
    two = projects.save(CURATOR, ProjectText(code="B-1", name_zh="办公楼装修"))
    waiting = document(database, "", "办公楼装修")
    assert waiting not in {one, two}
    assert document(database, "", "办公楼装修项目") == waiting
    assert document(database, "B-1", "办公楼装修") == two
    pairs = {frozenset((doubt.first.id, doubt.second.id)) for doubt in projects.doubts(CURATOR)}
    assert {frozenset((one, waiting)), frozenset((two, waiting))} <= pairs


def test_a_row_that_comes_after_the_reports_adopts_the_project_they_named(
    database: Database, projects: Projects
) -> None:
    by_zh = document(database, "", "东港冷链物流中心项目")
    by_en = document(database, "", "Donggang Cold-chain Logistics Centre")
    outcomes = projects.put(
        CURATOR,
        [
            row(
                code="CL-2024-005",
                name_zh="東港冷鏈物流中心",
                name_en="Donggang Cold-Chain Logistics Centre",
                started=date(2024, 3, 4),
            )
        ],
    )
    assert [each.outcome for each in outcomes] == ["updated"]
    view = projects.get(READER, by_zh)
    assert (view.id, view.text.code, view.registered) == (outcomes[0].id, "CL-2024-005", True)
    assert projects.get(READER, by_en).id == view.id
    assert len(view.documents) == 2
    again = projects.put(CURATOR, [row(code="cl 2024 005", name_zh="東港冷鏈物流中心")])
    assert again[0].outcome == "unchanged"
    assert projects.get(READER, view.id).text.code == "CL-2024-005"


def test_rows_that_share_a_name_adopt_nothing(database: Database, projects: Projects) -> None:
    named = document(database, "", "机房搬迁")
    outcomes = projects.put(
        CURATOR, [row(2, code="A-1", name_zh="机房搬迁"), row(3, code="A-2", name_zh="机房搬迁")]
    )
    assert [each.outcome for each in outcomes] == ["added", "added"]
    assert projects.get(READER, named).registered is False


def test_a_later_report_with_a_code_gives_it_to_the_project_known_by_name(
    database: Database, projects: Projects
) -> None:
    named = document(database, "", "云梦光储一体化电站")
    assert document(database, "CL-2023-006", "云梦光储一体化电站项目") == named
    assert projects.get(READER, named).text.code == "CL-2023-006"
    assert projects.get(READER, named).registered is False


def test_a_dry_run_writes_nothing_and_says_what_an_import_would(
    database: Database, projects: Projects, plant: int
) -> None:
    rows = [
        row(2, code="CL-2018-007", customer="长沙清源水务"),
        row(3, code="NEW-1", name_en="New one"),
        row(4, code="BAD-1", name_en="Bad", started=date(2024, 1, 1), ended=date(2023, 1, 1)),
    ]
    would = projects.put(CURATOR, rows, Keep.NOTHING)
    assert [each.outcome for each in would] == ["updated", "added", "refused"]
    assert (would[2].field, would[2].id) == ("ended", 0)
    assert projects.get(READER, plant).text.customer == ""
    assert projects.listed(READER, ProjectFilter()).total == 1
    projects.put(CURATOR, rows, Keep.ALL)
    assert projects.listed(READER, ProjectFilter()).total == 1
    projects.put(CURATOR, rows, Keep.GOOD)
    assert projects.listed(READER, ProjectFilter()).total == 2
    assert projects.get(READER, plant).text.customer == "长沙清源水务"


def test_a_row_leaves_what_it_does_not_say_and_keeps_members_it_does_not_name(
    projects: Projects, plant: int
) -> None:
    projects.put(
        CURATOR, [row(code="CL-2018-007", members=("尹淑云（设计经理）",), team_size=Decimal(24))]
    )
    projects.put(CURATOR, [row(code="CL-2018-007", members=("白仲林：采购",))])
    text = projects.get(READER, plant).text
    assert text.members == (Member("尹淑云", "设计经理"), Member("白仲林", "采购"))
    assert (text.team_size, text.name_zh) == (24, "湘江北岸净水厂扩建")


def test_people_of_the_register_are_kept_by_handle(database: Database, projects: Projects) -> None:
    with database.write() as session:
        session.add(Person(handle="yin.shuyun", name_zh="尹淑云", name_en="Yin Shuyun"))
        session.add(Person(handle="hao.jianping", name_zh="郝建平", name_en="Hao Jianping"))
    number = projects.save(
        CURATOR,
        ProjectText(
            code="A-1",
            name_en="One",
            manager="郝建平",
            members=(Member("Shuyun YIN", "Design manager"), Member("外部顾问", "顾问")),
        ),
    )
    view = projects.get(READER, number)
    assert view.text.manager == "hao.jianping"
    assert [one.person.handle for one in view.people] == ["hao.jianping", "yin.shuyun", "外部顾问"]
    assert view.people[1].person.name_zh == "尹淑云"


def test_merging_moves_the_papers_keeps_the_names_and_loses_nothing(
    database: Database, projects: Projects, plant: int
) -> None:
    variant = document(database, "", "湘江净水厂（二次招标）")
    projects.put(
        CURATOR,
        [row(code="XJ-OLD", name_zh="湘江净水厂旧编号", customer="长沙清源水务", tags=("地勘",))],
    )
    old = projects.by_code(CURATOR, "XJ-OLD")
    assert projects.merge(CURATOR, variant, plant) == plant
    assert projects.merge(CURATOR, old, plant) == plant
    view = projects.get(READER, variant)
    assert (view.id, len(view.documents)) == (plant, 1)
    assert view.text.customer == "长沙清源水务"
    assert view.text.tags == ("地勘",)
    assert {"XJ-OLD", "湘江净水厂旧编号", "湘江净水厂（二次招标）"} <= set(view.text.aliases)
    assert [merged.facts["name_zh"] for merged in view.merged] == [
        "湘江净水厂（二次招标）",
        "湘江净水厂旧编号",
    ]
    assert document(database, "xj-old", "") == plant
    assert document(database, "", "湘江净水厂(二次招标)") == plant
    assert projects.listed(READER, ProjectFilter()).total == 1
    with database.read() as session:
        changes = session.execute(select(Change.subject, Change.action, Change.subject_id)).all()
    assert ("project", "remove", variant) in changes
    assert any(subject == "document" for subject, _, _ in changes)


def test_a_merge_of_one_with_itself_and_of_unknown_ones_is_refused(
    projects: Projects, plant: int
) -> None:
    with pytest.raises(Exception, match="one project already"):
        projects.merge(CURATOR, plant, plant)
    with pytest.raises(NotFound):
        projects.merge(CURATOR, plant, 999)
    with pytest.raises(NotAllowed):
        projects.merge(READER, plant, plant)


def test_a_project_not_for_me_is_as_if_it_were_not_there(
    database: Database, projects: Projects
) -> None:
    secret = projects.save(
        CURATOR, ProjectText(code="M-1", name_zh="并购", audience="group:board, user:zhou.min")
    )
    assert projects.get(CURATOR, secret).text.audience == "group:board,user:zhou.min"
    with pytest.raises(NotFound):
        projects.get(READER, secret)
    with pytest.raises(NotFound):
        projects.by_code(READER, "M-1")
    assert projects.listed(READER, ProjectFilter()).total == 0
    assert projects.listed(READER, ProjectFilter(query="并购")).facets["status"] == []
    with database.read() as session:
        source = ProjectThings()
        assert source.things(session, READER, [secret]) == []
        assert [thing.id for thing in source.things(session, SYSTEM, [secret])] == [secret]


def test_a_project_that_a_secret_report_named_is_known_to_its_readers_only(
    database: Database, projects: Projects
) -> None:
    named = document(database, "", "并购甲公司", Audience.parse("group:board"))
    board = Actor("li.na", "李娜", Role.READER, frozenset({"board"}))
    assert projects.get(board, named).text.name_zh == "并购甲公司"
    with pytest.raises(NotFound):
        projects.get(READER, named)
    document(database, "", "并购甲公司", Audience.parse("user:chen.wei"))
    view = projects.get(READER, named)
    assert len(view.documents) == 1


def test_a_form_is_checked_and_a_taken_code_is_refused_however_it_is_written(
    projects: Projects, plant: int
) -> None:
    for text, field in (
        (ProjectText(code="", name_en="x"), "code"),
        (ProjectText(code="A"), "name_zh"),
        (ProjectText(code="A", name_zh="长" * 301), "name_zh"),
        (ProjectText(code="A", name_en="x", budget=Decimal(-1)), "budget"),
        (ProjectText(code="A", name_en="x", audience="somebody"), "audience"),
        (ProjectText(code="ｃｌ-2018-007", name_en="x"), "code"),
    ):
        with pytest.raises(ProjectRefused) as refused:
            projects.save(CURATOR, text)
        assert field in refused.value.wrong
    with pytest.raises(NotAllowed):
        projects.save(READER, ProjectText(code="A", name_en="x"))


def test_the_second_of_two_editors_is_told(projects: Projects, plant: int) -> None:
    text, revision = projects.text(CURATOR, plant)
    projects.save(CURATOR, text, project_id=plant, revision=revision)
    projects.put(CURATOR, [row(code="CL-2018-007", customer="别人填的")])
    with pytest.raises(Conflict):
        projects.save(CURATOR, text, project_id=plant, revision=revision)
    assert projects.get(READER, plant).text.customer == "别人填的"


def test_the_list_is_searched_folded_narrowed_and_counted(
    database: Database, projects: Projects
) -> None:
    with database.write() as session:
        session.add(Person(handle="hao.jianping", name_zh="郝建平", name_en="Hao Jianping"))
    projects.put(
        CURATOR,
        [
            row(
                2,
                code="A-1",
                name_zh="净水厂",
                industry="water/civil",
                status="closed, late",
                started=date(2018, 3, 1),
                manager="郝建平",
            ),
            row(
                3,
                code="A-2",
                name_en="Water tower",
                industry="water",
                status="running",
                started=date(2024, 3, 1),
            ),
            row(4, code="A-3", name_zh="𠮷祥大厦 🚀", tags=("管廊",), status="closed"),
        ],
    )

    def codes(**asked: object) -> list[str]:
        return [line.code for line in projects.listed(READER, ProjectFilter(**asked)).lines]  # type: ignore[arg-type]

    assert codes() == ["A-2", "A-1", "A-3"]
    assert codes(query="淨水廠") == ["A-1"]
    assert codes(query="ＷＡＴＥＲ a-2") == ["A-2"]
    assert codes(query="hao jianping") == ["A-1"]
    assert codes(query="𠮷祥") == codes(query="管廊") == codes(tag="管廊") == ["A-3"]
    assert codes(status="closed", industry="civil") == ["A-1"]
    assert codes(manager="hao.jianping") == codes(year="2018") == ["A-1"]
    assert codes(sort="code", descending=False) == ["A-1", "A-2", "A-3"]
    found = projects.listed(READER, ProjectFilter(status="closed"))
    assert dict(found.facets["industry"]) == {"water": 1, "civil": 1}
    assert dict(found.facets["status"]) == {"closed": 2, "running": 1}
    assert projects.listed(Actor("", "", Role.NONE), ProjectFilter()).total == 0


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("湘江北岸净水厂扩建", "湘江净水厂扩建", True),
        ("湘江北岸净水厂扩建", "湘江北岸净水厂扩建一标段", False),
        ("东湖泵站一期", "东湖泵站二期", False),
        ("Metro phase 1", "Metro phase 2", False),
        ("Singapore Tuas AGV Integration", "Tuas AGV integration project", True),
        ("Rongxi Hospital Information System", "Rongxi Hosptal Information Systems", True),
        ("蓉西医院信息系统上线", "Rongxi Hospital Information System", False),
        ("川南220千伏变电站改造", "川南110千伏变电站改造", False),
        ("净水厂", "变电站", False),
    ],
)
def test_only_names_that_may_be_one_are_offered(one: str, other: str, alike: bool) -> None:
    found = likeness(Names(1, "A", (one,), True), Names(2, "B", (other,), False))
    assert (found is not None) is alike


def test_a_pair_that_was_told_apart_is_not_offered_again(
    database: Database, projects: Projects, plant: int
) -> None:
    other = document(database, "", "湘江净水厂扩建")
    assert [doubt.percent >= 80 for doubt in projects.doubts(CURATOR, other)] == [True]
    assert projects.doubts(READER, other)
    projects.keep_apart(CURATOR, plant, other)
    projects.keep_apart(CURATOR, other, plant)
    assert projects.doubts(CURATOR) == []
    with pytest.raises(NotAllowed):
        projects.keep_apart(READER, other, plant)


def test_two_registered_projects_are_doubtful_only_with_the_same_name() -> None:
    one = Names(1, "A-1", ("湘江北岸净水厂扩建",), True)
    assert doubts([one, Names(2, "A-2", ("湘江净水厂扩建",), True)], []) == []
    assert len(doubts([one, Names(2, "A-2", ("湘江北岸淨水廠擴建",), True)], [])) == 1


@pytest.mark.parametrize(
    ("text", "member"),
    [
        ("尹淑云（设计经理）", Member("尹淑云", "设计经理")),
        ("Yin Shuyun (Design manager)", Member("Yin Shuyun", "Design manager")),
        ("yin.shuyun: 设计", Member("yin.shuyun", "设计")),
        (" 尹淑云：设计 ", Member("尹淑云", "设计")),
        ("法拉·诺丁", Member("法拉·诺丁")),
    ],
)
def test_a_member_is_read_with_a_role(text: str, member: Member) -> None:
    assert read_member(text) == member


def test_keys_and_states() -> None:
    assert code_key("ＣＬ－2018－007") == code_key("cl 2018/007") == "cl-2018-007"
    assert code_key("🚀") == "🚀"
    assert name_key("項目") == name_key("项目") != ""
    assert name_key("一期") != name_key("二期")
    assert list(name_parts("名（Name） 甲")) == ["名（Name） 甲", "名", "Name", "甲"]
    assert state_of("closed, on time") == "closed"
    assert state_of("收尾中") == "收尾中"


def test_a_project_is_found_with_its_people_and_other_names(
    database: Database, projects: Projects, plant: int
) -> None:
    with database.write() as session:
        session.add(Person(handle="hao.jianping", name_zh="郝建平", name_en="Hao Jianping"))
    projects.put(
        CURATOR, [row(code="CL-2018-007", manager="hao.jianping", summary_zh="旧管廊停工46天。")]
    )
    with database.read() as session:
        source = ProjectThings()
        assert source.ids_after(session, 0, 10) == [plant]
        thing = source.things(session, READER, [plant])[0]
    assert thing.title == "湘江北岸净水厂扩建 Xiangjiang North Bank Water Plant Expansion"
    assert thing.people == ("郝建平", "Hao Jianping")
    text = "\n".join(section.text for section in thing.sections)
    assert "旧管廊" in text
    assert "湘江水厂" in text


def test_rows_older_than_the_keys_are_found_too(database: Database) -> None:
    with database.write() as session:
        old = Project(code="净水厂", name_zh="净水厂", name_en="")
        session.add(old)
        session.flush()
        session.execute(
            Project.__table__.update().values(code_key="", name_zh_key="", name_en_key="")  # type: ignore[attr-defined]
        )
        number = old.id
    assert document(database, "", "淨水廠") == number
