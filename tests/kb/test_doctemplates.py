"""The library: who may see, add and change templates; versions; uses; the forms people keep."""

from __future__ import annotations

from datetime import date

import pytest

from kb.access import FOR_EVERYONE, SYSTEM, Actor, Audience, Role, anonymous
from kb.database import Database
from kb.doctemplate_answers import Answers
from kb.doctemplate_fields import parse
from kb.doctemplate_forms import DocTemplateForms
from kb.doctemplate_rules import file_name, tags_of
from kb.doctemplate_things import DocTemplateThings
from kb.doctemplate_views import Details, LibraryFilter, TemplateFile
from kb.doctemplates import DocTemplates
from kb.errors import InvalidInput, NotAllowed, NotFound
from kb.files import FileStore
from kb.models import Change, Person, Project, User, audience_id_of

CURATOR = Actor("pmo", "PMO", Role.CURATOR, frozenset({"pmo"}))
READER = Actor("li.na", "李娜", Role.READER)
CONTRIBUTOR = Actor("chen.wei", "Chen Wei", Role.CONTRIBUTOR)
ONLY_PMO = Audience(frozenset({"group:pmo"}))
CHARTER = Details("项目章程", "charter", "initiate", "zh", purpose="授权项目开始", tags=("立项",))


@pytest.fixture
def library(database: Database, files: FileStore) -> DocTemplates:
    return DocTemplates(database, files)


@pytest.fixture
def forms(database: Database) -> DocTemplateForms:
    with database.write() as session:
        for actor in (CURATOR, READER, CONTRIBUTOR):
            session.add(
                User(id=actor.id, name=actor.name, password_hash="-", role=actor.role.value)
            )
    return DocTemplateForms(database)


def template_file(
    content: bytes = b"one", body: str = "# 为什么做\n\n【项目背景】\n"
) -> TemplateFile:
    fields = (parse("project.name"), parse("long:项目背景 *"))
    return TemplateFile(
        content, "章程.docx", "application/x", "docx", fields, body, (b"example", "例")
    )


def test_what_was_added_is_found_with_its_form(library: DocTemplates) -> None:
    number = library.add(CURATOR, CHARTER, template_file())
    found = library.get(anonymous(Role.READER), number)
    assert (found.details.title, found.version, found.format) == ("项目章程", 1, "docx")
    assert [field.name for field in found.fields] == ["project.name", "项目背景"]
    assert library.content(READER, number) == (b"one", "章程.docx")
    assert library.example(READER, number) == (b"example", "章程.docx")


@pytest.mark.parametrize("actor", [anonymous(Role.CONTRIBUTOR), READER, CONTRIBUTOR])
def test_only_curators_add_to_the_library(library: DocTemplates, actor: Actor) -> None:
    with pytest.raises(NotAllowed):
        library.add(actor, CHARTER, template_file())
    number = library.add(CURATOR, CHARTER, template_file())
    with pytest.raises(NotAllowed):
        library.add_version(actor, number, template_file(b"two"))
    with pytest.raises(NotAllowed):
        library.describe(actor, number, CHARTER, "retired")


def test_a_template_for_others_does_not_exist(
    library: DocTemplates, forms: DocTemplateForms
) -> None:
    number = library.add(CURATOR, CHARTER, template_file(), audience=ONLY_PMO)
    for ask in (
        lambda: library.get(READER, number),
        lambda: library.versions(READER, number),
        lambda: library.content(READER, number),
        lambda: library.example(READER, number),
        lambda: library.fields(READER, number, 1),
        lambda: library.count(READER, number, "download"),
        lambda: forms.keep(READER, number, Answers(), "", None),
    ):
        with pytest.raises(NotFound):
            ask()
    seen = library.library(READER, LibraryFilter())
    assert (seen.templates, dict(seen.kinds), dict(seen.languages), dict(seen.states)) == (
        (),
        {},
        {},
        {},
    )
    assert library.get(CURATOR, number).id == number


def test_nobody_who_may_not_read_sees_the_library(library: DocTemplates) -> None:
    library.add(CURATOR, CHARTER, template_file())
    assert not library.library(anonymous(Role.NONE), LibraryFilter()).templates


def test_a_draft_is_seen_by_its_maker_and_by_curators_only(library: DocTemplates) -> None:
    number = library.add(CONTRIBUTOR, CHARTER, template_file(), state="draft")
    assert library.get(CONTRIBUTOR, number).state == "draft"
    assert library.get(CURATOR, number).state == "draft"
    with pytest.raises(NotFound):
        library.get(READER, number)
    library.describe(CURATOR, number, CHARTER, "published")
    assert library.get(READER, number).state == "published"


def test_a_new_version_leaves_the_old_one_to_download(library: DocTemplates) -> None:
    number = library.add(CURATOR, CHARTER, template_file())
    assert library.add_version(CURATOR, number, template_file(b"two"), "五个关口") == 2
    assert library.content(READER, number)[0] == b"two"
    assert library.content(READER, number, 1)[0] == b"one"
    assert [(each.number, each.note, each.size) for each in library.versions(READER, number)] == [
        (2, "五个关口", 3),
        (1, "", 3),
    ]
    with pytest.raises(NotFound):
        library.content(READER, number, 3)


def test_uses_are_counted(library: DocTemplates) -> None:
    number = library.add(CURATOR, CHARTER, template_file())
    for what in ("download", "fill", "fill"):
        library.count(anonymous(Role.READER), number, what, "CL-2025-002")
    found = library.get(READER, number)
    assert (found.downloads, found.fills) == (1, 2)


def test_the_library_is_narrowed_by_language_kind_and_words(library: DocTemplates) -> None:
    library.add(CURATOR, CHARTER, template_file())
    english = Details("Risk Register", "risk-register", "plan", "en", purpose="What may go wrong")
    library.add(CURATOR, english, template_file())
    everything = library.library(READER, LibraryFilter())
    assert dict(everything.languages) == {"zh": 1, "en": 1}
    assert dict(everything.kinds) == {"charter": 1, "risk-register": 1}

    def titles(**narrowed: str) -> list[str]:
        found = library.library(READER, LibraryFilter(**narrowed))
        return [each.details.title for each in found.templates]

    assert titles(language="zh") == ["项目章程"]
    assert titles(kind="risk-register") == ["Risk Register"]
    assert titles(words="wrong RISK") == ["Risk Register"]
    assert titles(words="授权") == ["项目章程"]
    assert titles(state="draft") == []


@pytest.mark.parametrize(
    "details",
    [
        Details(" ", "charter", "initiate", "zh"),
        Details("x" * 301, "charter", "initiate", "zh"),
        Details("x", "novel", "initiate", "zh"),
        Details("x", "charter", "later", "zh"),
        Details("x", "charter", "initiate", "fr"),
    ],
)
def test_details_that_make_no_sense_are_refused(library: DocTemplates, details: Details) -> None:
    with pytest.raises(InvalidInput):
        library.add(CURATOR, details, template_file())


def test_search_is_told_of_what_is_in_the_library_and_of_nothing_else(
    library: DocTemplates, database: Database
) -> None:
    number = library.add(CURATOR, CHARTER, template_file())
    draft = library.add(CURATOR, CHARTER, template_file(), state="draft")
    hidden = library.add(CURATOR, CHARTER, template_file(), audience=ONLY_PMO)
    source = DocTemplateThings()
    with database.read() as session:
        assert list(source.ids_after(session, 0, 10)) == [number, hidden]
        things = source.things(session, READER, [number, draft, hidden])
        assert [thing.id for thing in things] == [number]
        assert {"授权项目开始"} <= {part.text for part in things[0].sections}
        assert "为什么做" in {part.heading for part in things[0].sections}
        assert {thing.id for thing in source.things(session, SYSTEM, [number, hidden])} == {
            number,
            hidden,
        }
    library.describe(CURATOR, number, CHARTER, "retired")
    with database.read() as session:
        assert not source.things(session, SYSTEM, [number])
        changes = session.query(Change.action).filter_by(subject="doctemplate", subject_id=number)
        assert [action for (action,) in changes] == ["store", "remove"]


def test_a_form_is_kept_for_its_owner_only(library: DocTemplates, forms: DocTemplateForms) -> None:
    number = library.add(CURATOR, CHARTER, template_file())
    answers = Answers({"项目背景": "漏损\n只能估"}, {"R": [{"x": "𠮷"}]})
    form = forms.keep(READER, number, answers, "CL-2025-002", None)
    assert forms.keep(READER, number, answers, "CL-2025-002", form) == form
    assert forms.get(READER, form).answers == answers
    assert [each.template_title for each in forms.mine(READER)] == ["项目章程"]
    assert forms.mine(CONTRIBUTOR) == ()
    for ask in (
        lambda: forms.get(CONTRIBUTOR, form),
        lambda: forms.keep(CONTRIBUTOR, number, answers, "", form),
        lambda: forms.drop(CONTRIBUTOR, form),
    ):
        with pytest.raises(NotFound):
            ask()
    with pytest.raises(NotAllowed):
        forms.keep(anonymous(Role.READER), number, answers, "", None)
    forms.drop(READER, form)
    assert forms.mine(READER) == ()


def test_a_form_of_a_template_that_was_closed_to_its_owner_is_not_shown(
    library: DocTemplates, forms: DocTemplateForms
) -> None:
    number = library.add(CURATOR, CHARTER, template_file())
    form = forms.keep(READER, number, Answers(), "", None)
    library.describe(CURATOR, number, CHARTER, "published", ONLY_PMO)
    assert forms.mine(READER) == ()
    with pytest.raises(NotFound):
        forms.get(READER, form)


def test_a_form_knows_project_person_and_day_in_the_language_of_the_template(
    forms: DocTemplateForms, database: Database
) -> None:
    with database.write() as session:
        session.add(Person(handle="yin.shuyun", name_zh="尹淑云", name_en="Yin Shuyun"))
        session.add(
            Project(
                code="CL-2025-002",
                name_zh="湖滨区智慧水务平台",
                name_en="Lakeside Water",
                customer="湖滨水务",
                manager="yin.shuyun",
                started=date(2025, 2, 17),
            )
        )
        session.add(
            Project(code="SECRET", name_zh="密", audience_id=audience_id_of(session, ONLY_PMO))
        )
    known = forms.known(READER, "CL-2025-002", "zh", date(2026, 9, 1))
    assert known["project.name"] == "湖滨区智慧水务平台"
    assert known["project.manager"] == "尹淑云"
    assert known["project.started"] == "2025-02-17"
    assert (known["me.name"], known["today"]) == ("李娜", "2026-09-01")
    assert (
        forms.known(READER, "CL-2025-002", "en", date(2026, 9, 1))["project.manager"]
        == "Yin Shuyun"
    )
    assert [code for code, _ in forms.offered(READER, "zh").projects] == ["CL-2025-002"]
    for code in ("SECRET", "NO-SUCH"):
        with pytest.raises(NotFound):
            forms.known(READER, code, "zh", date(2026, 9, 1))
    assert forms.offered(anonymous(Role.NONE), "zh").people == ()


def test_a_finished_file_has_a_name_every_system_takes() -> None:
    named = file_name('章程: "甲/乙" <3>', "CL-1", date(2026, 9, 1), "docx")
    assert named == "CL-1-章程 甲 乙 3-2026-09-01.docx"
    assert len(file_name("长" * 500, "", date(2026, 9, 1), "xlsx")) < 130


def test_tags_are_parted_by_either_comma() -> None:
    assert tags_of("立项，G1; 授权、立项") == ["立项", "G1", "授权"]


def test_everyone_is_the_audience_unless_said(library: DocTemplates) -> None:
    number = library.add(CURATOR, CHARTER, template_file())
    assert library.get(READER, number).audience == FOR_EVERYONE.key
