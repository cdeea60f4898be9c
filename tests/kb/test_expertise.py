"""Expertise: scores that can be worked out by hand, nothing of what the viewer may not read, and the map of it all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import pytest

from kb.access import FOR_EVERYONE, SYSTEM, Actor, Audience, Role, anonymous
from kb.database import Database
from kb.document_evidence import DocumentEvidence
from kb.documents import Documents
from kb.drafts import Draft, Guess
from kb.errors import InvalidInput, NotAllowed, NotFound
from kb.evidence import Evidence
from kb.expertise import Expertise, PersonExpertise
from kb.expertise_rules import HALF_LIFE_DAYS, WEIGHTS, fade, once_each, points, score
from kb.expertise_topics import TopicNames
from kb.experts import ExpertFilter, Experts
from kb.files import FileStore
from kb.knowledge_map import KnowledgeMaps, risk_of
from kb.lesson_evidence import LessonEvidence
from kb.lesson_reuse import LessonReuse
from kb.lesson_rules import LessonText
from kb.lessons import Lessons
from kb.models import ReviewVote, utc_now
from kb.people import People
from kb.person_rules import PersonText
from kb.project_evidence import ProjectEvidence
from kb.project_rules import Member, ProjectText
from kb.projects import Projects
from kb.search.answers import Hit, Names, SearchAnswer, SearchRequest
from kb.search.lexicon import Concept, Lexicon
from kb.topics import Topics

TODAY: Final = date(2026, 11, 22)
CURATOR = Actor("pmo", "周敏", Role.CURATOR, frozenset({"secret"}))
READER = Actor("r.eader", "读者", Role.READER)
INSIDER = Actor("i.nsider", "内部", Role.READER, frozenset({"secret"}))
SECRET = Audience(frozenset({"group:secret"}))
LEXICON = Lexicon(
    [
        Concept(7, zh=("数据迁移",), en=("data migration",)),
        Concept(8, zh=("渗透测试",), en=("penetration test",), abbreviations=("PT",)),
    ]
)
WATER, ENERGY = "水务", "能源"


@dataclass
class House:
    """A knowledge base of its own, with people, documents, a lesson and a project."""

    database: Database
    documents: Documents
    expertise: Expertise
    maps: KnowledgeMaps
    people: dict[str, int]
    things: dict[str, int]

    def experts(self, *hits: tuple[str, int, float]) -> Experts:
        """Experts whose search finds these hits."""

        def search(_actor: Actor, request: SearchRequest) -> SearchAnswer:
            found = tuple(_hit(*hit) for hit in hits)
            return SearchAnswer(request.query, len(found), 0.0, found, {})

        return Experts(self.database, SOURCES, lambda: LEXICON, search, today=lambda: TODAY)


SOURCES: Final = (DocumentEvidence(), LessonEvidence(), ProjectEvidence(lambda: TODAY))


def _hit(subject: str, number: int, found: float) -> Hit:
    return Hit(
        subject=subject,
        id=number,
        kind="person" if subject == "person" else "summary",
        title="",
        title_html="",
        score=found,
        language="zh",
        snippet="",
        section=None,
        updated=utc_now(),
        dated=None,
        project_code="",
        project_names=Names("", ""),
        people=(),
        tags=(),
    )


@pytest.fixture
def house(database: Database, files: FileStore) -> House:
    register = People(database)
    people = {
        handle: register.save(
            CURATOR,
            PersonText(
                handle=handle, name_zh=zh, department=department, languages=languages, left_on=left
            ),
        )
        for handle, zh, department, languages, left in (
            ("xu", "许若兰", WATER, ("zh", "en"), None),
            ("deng", "邓凯峰", WATER, ("zh",), None),
            ("luo", "罗成业", ENERGY, ("zh",), date(2026, 6, 30)),
        )
    }
    documents = Documents(database, files)
    things = {
        name: documents.store(
            SYSTEM,
            Draft(
                title=name,
                body=f"# {name}\n\ntext",
                language="en",
                kind=Guess(kind),
                format="md",
                authors=authors,
                tags=tags,
                dated=dated,
            ),
            place=f"/{name}",
            audience=audience,
        ).document_id
        for name, kind, authors, tags, dated, audience in (
            ("method", "methodology", ("邓凯峰",), ("数据迁移",), date(2023, 11, 23), FOR_EVERYONE),
            (
                "report",
                "summary",
                ("许若兰", "邓凯峰"),
                ("Data Migration",),
                date(2025, 5, 23),
                FOR_EVERYONE,
            ),
            ("minutes", "minutes", ("许若兰",), ("數據遷移",), TODAY, FOR_EVERYONE),
            ("secret", "summary", ("许若兰",), ("data migration",), TODAY, SECRET),
            ("test", "guide", ("罗成业",), ("PT",), TODAY, FOR_EVERYONE),
        )
    }
    project = Projects(database).save(
        CURATOR,
        ProjectText(
            code="CL-1",
            name_zh="门诊",
            manager="xu",
            started=date(2023, 1, 1),
            ended=date(2023, 11, 23),
            members=(Member("deng", "数据架构师"), Member("deng", "Sponsor")),
            tags=("数据迁移",),
        ),
    )
    things["project"] = project
    return House(
        database,
        documents,
        Expertise(database, SOURCES, lambda: LEXICON, today=lambda: TODAY),
        KnowledgeMaps(database, SOURCES, lambda: LEXICON, today=lambda: TODAY),
        people,
        things,
    )


def told(known: PersonExpertise) -> dict[str, float]:
    return {one.topic.names.zh: one.score.total for one in known.topics}


def test_a_score_is_what_one_works_out_by_hand(house: House) -> None:
    one = house.expertise.of_topic(READER, house.people["xu"], "g:7")
    printed = [
        (
            p.evidence.kind,
            p.evidence.title,
            p.relevance,
            p.weight,
            p.evidence.part,
            p.fade,
            p.points,
        )
        for p in one.score.points
    ]
    # Three tags in two languages and two scripts are one topic. Half of a deed is left after three years (1095.75
    # days): of the project's 1095 days 0.5 ^ 0.9993 = 0.500, of the report's 548 days 0.5 ^ 0.5001 = 0.707.
    assert printed == [
        ("wrote", "report", 1.0, 3.0, 1.0, 0.707, 2.121),
        ("led", "CL-1 门诊", 1.0, 4.0, 1.0, 0.5, 2.0),
        ("wrote", "minutes", 1.0, 3.0, 0.3, 1.0, 0.9),
    ]
    assert one.score.total == 5.021 == round(2.121 + 2.0 + 0.9, 3)
    assert (one.score.own_word, one.score.factors) == (0.0, {})


def test_an_expert_for_a_question_is_what_one_works_out_by_hand(house: House) -> None:
    things, people = house.things, house.people
    ask = house.experts(
        ("document", things["report"], 8.0),
        ("person", people["deng"], 20.0),
        ("document", things["method"], 6.0),
        ("project", things["project"], 4.0),
        ("document", things["minutes"], 2.0),
    ).ask
    answer = ask(READER, "数据怎么迁")
    # The minutes have a quarter of the best hit's score: too little to vote.
    assert (answer.total, answer.voting) == (2, 3)
    deng, xu = answer.experts
    assert (deng.who.id, xu.who.id) == (people["deng"], people["xu"])
    assert [
        (p.relevance, p.weight, p.evidence.part, p.fade, p.points) for p in deng.score.points
    ] == [
        (1.0, 3.0, 1.0, 0.707, 2.121),
        (0.75, 3.0, 1.0, 0.5, 1.125),
        (0.5, 4.0, 0.5, 0.5, 0.5),  # two roles in a project are one deed, at the greater part
    ]
    assert deng.score.own_word == 1.0
    assert deng.score.total == round(2.121 + 1.125 + 0.5 + 1.0, 3)
    assert xu.score.total == round(2.121 + 0.5 * 4.0 * 0.5, 3)
    assert dict(answer.choices)["language"] == [("zh", 2), ("en", 1)]
    # Filters leave the scores as they are.
    for wanted in (ExpertFilter(language="en"), ExpertFilter(WATER, "", "en")):
        assert [one.score for one in ask(READER, "q", wanted).experts] == [xu.score]
    assert ask(READER, "q", ExpertFilter(place="Wuhan")).total == 0
    assert ask(READER, "  ").total == 0
    assert ask(READER, "q", limit=1).total == 2


def test_evidence_one_may_not_read_counts_for_nobody_but_those_who_may(house: House) -> None:
    xu, secret = house.people["xu"], house.things["secret"]
    open_, inside = house.expertise.of_person(READER, xu), house.expertise.of_person(INSIDER, xu)
    assert "secret" not in {each.title for each in open_.evidence}
    assert "secret" in {each.title for each in inside.evidence}
    assert told(inside)["数据迁移"] == round(told(open_)["数据迁移"] + 3.0, 3)
    ask = house.experts(("document", secret, 5.0)).ask
    assert ask(READER, "q").total == 0
    assert [one.who.id for one in ask(INSIDER, "q").experts] == [xu]
    # Who comes first, and how many things there are, tells nothing of it either.
    rows = {
        who: next(r for r in house.maps.draw(who, "tags").rows if r.topic.key == "g:7")
        for who in (READER, INSIDER)
    }
    assert rows[INSIDER].things == rows[READER].things + 1 == 5
    assert rows[INSIDER].cells[xu].score > rows[READER].cells[xu].score
    nobody = anonymous(Role.NONE)
    assert house.maps.draw(nobody).everybody == 0
    with pytest.raises(NotFound):
        house.expertise.of_person(nobody, xu)


def test_people_confirm_hide_and_add_topics_and_hidden_stays_hidden_to_others(house: House) -> None:
    xu, me = house.people["xu"], Actor("xu", "许若兰", Role.READER)
    before = told(house.expertise.of_person(READER, xu))["数据迁移"]
    house.expertise.say(me, xu, "data migration", "confirmed")
    one = house.expertise.of_topic(READER, xu, "g:7")
    assert (one.state, one.score.factors) == ("confirmed", {"confirmed": 1.25})
    assert one.score.total == round(before * 1.25, 3)
    ask = house.experts(("document", house.things["report"], 8.0)).ask
    assert ask(READER, "数据迁移的坑").experts[0].score.factors == {"confirmed": 1.25}
    house.expertise.say(me, xu, "數據遷移", "hidden")
    assert "数据迁移" not in told(house.expertise.of_person(READER, xu))
    assert "数据迁移" in told(house.expertise.of_person(me, xu))
    with pytest.raises(NotFound):
        house.expertise.of_topic(READER, xu, "g:7")
    deng = house.people["deng"]
    for question in ("数据迁移的坑", "anything else"):
        assert [one.who.id for one in ask(READER, question).experts] == [deng]
        assert xu in {one.who.id for one in ask(me, question).experts}
    assert all(xu not in row.cells for row in house.maps.draw(CURATOR, "tags").rows)
    house.expertise.say(me, xu, "数据迁移", "")
    house.expertise.say(me, xu, "𠮷祥 🚀", "added")
    assert told(house.expertise.of_person(READER, xu)) == {"数据迁移": before, "𠮷祥 🚀": 1.0}
    for who in (CURATOR, READER, anonymous(Role.READER)):
        with pytest.raises(NotAllowed):
            house.expertise.say(who, xu, "x", "hidden")
    for label, state in (("", "added"), ("!!!", "added"), ("x" * 201, "added"), ("x", "famous")):
        with pytest.raises(InvalidInput):
            house.expertise.say(me, xu, label, state)


def test_who_has_left_counts_less_and_what_they_alone_knew_turns_red(house: House) -> None:
    luo = house.people["luo"]
    one = house.expertise.of_topic(READER, luo, "g:8")
    assert (one.score.total, one.score.factors) == (0.75, {"left": 0.25})
    expert = (
        house.experts(("document", house.things["test"], 1.0)).ask(READER, "pentest").experts[0]
    )
    assert (expert.left, expert.score.total) == (True, 0.75)
    house.documents.store(
        SYSTEM,
        Draft("more", "# more\n\nx", "en", Guess("guide"), "md", tags=("渗透测试", "无主")),
        place="/more",
    )
    house.documents.store(
        SYSTEM, Draft("gap", "# gap\n\nx", "en", Guess("guide"), "md", tags=("无主",)), place="/gap"
    )
    drawn = house.maps.draw(READER, "tags")
    assert {row.topic.names.zh: row.risk for row in drawn.rows} == {
        "数据迁移": "shared",
        "渗透测试": "lost",
        "无主": "gap",
    }
    assert drawn.people[-1].id == luo
    assert drawn.rows[0].risk == "lost"
    assert house.maps.draw(READER, "tags", department=ENERGY).everybody == 1
    lost = house.maps.draw(READER, "tags", risk="lost")
    assert ([row.topic.names.zh for row in lost.rows], lost.risks) == (["渗透测试"], drawn.risks)


def test_the_map_follows_the_tree_of_topics_and_counts_what_lies_below(house: House) -> None:
    topics = Topics(house.database)
    top = topics.add(CURATOR, Names("方法", "Methods"))
    below = topics.add(CURATOR, Names("迁移", "Migration"), parent=top)
    topics.add(CURATOR, Names("空", "Empty"))
    topics.file(CURATOR, below, house.things["method"])
    topics.file(CURATOR, below, house.things["secret"])
    rows = house.maps.draw(READER).rows
    assert [(row.topic.names.en, row.depth, row.things, row.risk) for row in rows] == [
        ("Methods", 0, 1, "single"),
        ("Migration", 1, 1, "single"),
        ("Empty", 0, 0, "empty"),
    ]
    assert rows[0].cells[house.people["deng"]].score == 1.5
    assert [row.things for row in house.maps.draw(INSIDER).rows] == [2, 2, 0]


@pytest.mark.parametrize(
    ("active", "gone", "wanted", "risk"),
    [
        ([3.0, 2.0], [], 1, "shared"),
        ([9.0, 2.0], [], 1, "leaning"),
        ([3.0, 1.0], [], 1, "single"),
        ([1.0], [9.0], 1, "lost"),
        ([1.0], [], 1, "gap"),
        ([], [], 0, "empty"),
    ],
)
def test_the_risk_of_a_topic(
    active: list[float], gone: list[float], wanted: int, risk: str
) -> None:
    assert risk_of(active, gone, wanted) == risk


def test_a_deed_fades_by_half_in_its_half_life_and_counts_once() -> None:
    assert fade(TODAY, TODAY) == 1.0 == fade(date(2030, 1, 1), TODAY)
    assert fade(date.fromordinal(TODAY.toordinal() - round(HALF_LIFE_DAYS)), TODAY) == 0.5
    assert fade(date(1990, 1, 1), TODAY) == 0.0
    deed = Evidence(1, "led", "project", 5, "t", TODAY, part=0.2)
    whole = Evidence(1, "led", "project", 5, "t", TODAY, part=1.0)
    other = Evidence(1, "wrote", "project", 5, "t", TODAY)
    assert once_each([deed, whole, other]) == (whole, other)
    assert score([points(deed, TODAY)]).total == round(WEIGHTS["led"] * 0.2, 3)


def test_a_topic_is_known_by_any_of_its_names_in_either_language() -> None:
    names = TopicNames(LEXICON)
    for label in (
        "数据迁移",
        "數據遷移",
        "Data  Migration",
        "data migrations",
        "数据迁移 data migration",
    ):
        found = names.of(label)
        assert found is not None
        assert (found.key, found.names) == ("g:7", Names("数据迁移", "data migration")), label
    rare = names.of("𠮷祥 🚀")
    assert rare is not None
    assert rare.key == "𠮷祥"
    assert names.of("🚀") is None
    assert names.within("数据迁移前要做 penetration tests 吗") == {"g:7", "g:8"}


def test_lessons_show_who_told_validated_and_applied_them(house: House) -> None:
    lessons = Lessons(house.database)
    xu, deng = Actor("xu", "", Role.CURATOR), Actor("deng", "", Role.CURATOR)
    text = LessonText(
        kind="lesson",
        language="zh",
        title="重复记录先清洗",
        what_happened="重复 7.4%",
        root_cause="没有人核对",
        cause="planning",
        early_signs="抽样就能看见",
        recommendation="先清洗",
        impact_days=3.0,
        phase="execution",
        category="quality",
        project_type="software",
        evidence="台账",
        owner="xu",
        happened_on=date(2021, 7, 3),
        review_on=date(2027, 1, 1),
        tags=("数据迁移",),
        project="CL-1",
    )
    lesson = lessons.submit(xu, text)
    source = LessonEvidence()

    def kinds(who: Actor) -> set[tuple[str, int]]:
        with house.database.read() as session:
            return {(one.kind, one.person) for one in source.evidence(session, who)}

    assert kinds(READER) == set()
    lessons.validate(deng, lesson, "applicable", "看过")
    LessonReuse(house.database).record(
        Actor("luo", "", Role.CONTRIBUTOR), lesson, "CL-1", "not-helped", note="不适用"
    )
    ids = house.people
    assert kinds(READER) == {
        ("wrote", ids["xu"]),
        ("validated", ids["deng"]),
        ("applied", ids["luo"]),
    }
    with house.database.read() as session:
        applied = source.evidence(session, READER, people=[ids["luo"]], numbers=[lesson])[0]
        assert (applied.part, applied.role, applied.dated) == (0.5, "CL-1", date(2023, 11, 23))
        assert source.evidence(session, READER, numbers=[lesson + 1]) == []
    with house.database.write() as session:
        session.add(ReviewVote(document_id=house.things["method"], number=1, user_id="xu"))
    known = house.expertise.of_person(READER, ids["xu"])
    assert ("validated", "method") in {(one.kind, one.title) for one in known.evidence}
