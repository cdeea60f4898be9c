"""Closure by a standard template: linked in a version, shown to who may read both, taken out again."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from kb.access import FOR_EVERYONE, SYSTEM, Actor, Audience, Role
from kb.database import Database
from kb.doctemplate_views import Details, TemplateFile
from kb.doctemplates import DocTemplates
from kb.documents import Documents
from kb.drafts import Draft, Guess
from kb.errors import NotAllowed, NotFound
from kb.files import FileStore
from kb.lesson_closure import LessonClosures
from kb.lesson_rules import LessonRefused, LessonText
from kb.lesson_steps import StepRefused
from kb.lessons import Lessons
from kb.models import LessonClosure

CURATOR = Actor("lu.wenzhao", "陆文昭", Role.CURATOR)
BOARD = Actor("zhou.min", "Zhou Min", Role.CURATOR, frozenset({"board"}))
TELLER = Actor("gu.xinran", "顾欣然", Role.CONTRIBUTOR)
READER = Actor("", "", Role.READER)
ONLY_BOARD = Audience(frozenset({"group:board"}))
TEXT = LessonText(
    title="开工检查单漏了旧管廊 𠮷 the utility survey",
    kind="lesson",
    language="zh",
    what_happened="检查单里没有这一项，停工31个工作日。",
    recommendation="Add a line to the checklist: radar survey.",
    phase="design",
)


@dataclass
class House:
    lessons: Lessons
    closures: LessonClosures
    templates: DocTemplates
    documents: Documents
    database: Database

    def lesson(self, verdict: str = "applicable", audience: str = "everyone") -> int:
        made = self.lessons.submit(BOARD, replace(TEXT, audience=audience))
        self.lessons.validate(BOARD, made, verdict, "看过 seen")
        return made

    def template(self, state: str = "published", audience: Audience = FOR_EVERYONE) -> int:
        details = Details("開工檢查單 Checklist", "other", "plan", "zh", purpose="开工前逐项核对")
        return self.templates.add(SYSTEM, details, file(b"one"), state=state, audience=audience)


def file(content: bytes) -> TemplateFile:
    return TemplateFile(content, "检查单.docx", "application/x", "docx", (), "# 检查单\n")


@pytest.fixture
def house(database: Database, files: FileStore) -> House:
    return House(
        Lessons(database),
        LessonClosures(database),
        DocTemplates(database, files),
        Documents(database, files),
        database,
    )


def test_a_lesson_is_closed_by_the_template_it_changed_in_the_version_it_changed(
    house: House,
) -> None:
    lesson, template = house.lesson(), house.template()
    with pytest.raises(LessonRefused) as wrong:
        house.closures.build_into_template(CURATOR, lesson, template, version=2)
    assert wrong.value.problems[0].field == "version"
    assert house.lessons.get(READER, lesson).state == "validated"
    assert not house.closures.template_in_use(template)

    house.closures.build_into_template(CURATOR, lesson, template, note=" 加了一行 ")
    house.templates.add_version(SYSTEM, template, file(b"two"))
    seen = house.lessons.get(READER, lesson)
    (closure,) = seen.closures
    assert seen.state == "built-in"
    assert (closure.subject, closure.number) == ("doctemplate", template)
    assert (closure.title, closure.version, closure.present) == ("開工檢查單 Checklist", 1, 2)
    assert closure.note == "加了一行"
    (behind,) = house.closures.lessons_behind_template(READER, template)
    assert (behind.lesson_id, behind.title, behind.version) == (lesson, TEXT.title, 1)
    assert behind.present
    assert house.closures.template_in_use(template)


def test_the_same_template_named_again_renews_the_link(house: House) -> None:
    lesson, template = house.lesson(), house.template()
    house.closures.build_into_template(CURATOR, lesson, template)
    house.templates.add_version(SYSTEM, template, file(b"two"))
    house.closures.build_into_template(CURATOR, lesson, template, note="第二版")
    (closure,) = house.lessons.get(READER, lesson).closures
    assert (closure.version, closure.note) == (2, "第二版")


def test_a_lesson_stays_closed_until_the_last_link_page_or_template_is_taken_out(
    house: House,
) -> None:
    lesson, template = house.lesson(), house.template()
    page = house.documents.store(
        SYSTEM, Draft("指南", "# 指南\n", "zh", Guess("guide"), "md"), place="/g.md"
    ).document_id
    house.closures.build_in(CURATOR, lesson, page)
    house.closures.build_into_template(CURATOR, lesson, template)
    first, second = house.lessons.get(READER, lesson).closures
    assert (first.subject, first.number) == ("document", page)
    assert len(house.closures.lessons_behind(READER, page)) == 1
    house.closures.take_out(CURATOR, lesson, first.id)
    assert house.lessons.get(READER, lesson).state == "built-in"
    house.closures.take_out(CURATOR, lesson, second.id)
    assert house.lessons.get(READER, lesson).state == "validated"
    assert house.closures.lessons_behind_template(READER, template) == ()
    assert not house.closures.template_in_use(template)


@pytest.mark.parametrize("state", ["draft", "retired"])
def test_a_template_that_is_not_in_the_library_closes_nothing(house: House, state: str) -> None:
    lesson, template = house.lesson(), house.template(state)
    with pytest.raises(NotFound):
        house.closures.build_into_template(CURATOR, lesson, template)
    assert house.lessons.get(READER, lesson).state == "validated"


def test_a_hidden_template_looks_like_none(house: House) -> None:
    lesson, hidden = house.lesson(), house.template(audience=ONLY_BOARD)
    with pytest.raises(NotFound) as secret:
        house.closures.build_into_template(CURATOR, lesson, hidden)
    with pytest.raises(NotFound) as none:
        house.closures.build_into_template(CURATOR, lesson, hidden + 1)
    assert str(secret.value).replace(str(hidden), "") == str(none.value).replace(
        str(hidden + 1), ""
    )
    house.closures.build_into_template(BOARD, lesson, hidden)
    for actor in (READER, CURATOR):
        assert house.lessons.get(actor, lesson).closures == ()
        with pytest.raises(NotFound):
            house.closures.lessons_behind_template(actor, hidden)
    assert len(house.lessons.get(BOARD, lesson).closures) == 1


def test_behind_a_template_one_sees_only_lessons_one_may_read(house: House) -> None:
    lesson, template = house.lesson(audience="group:board"), house.template()
    house.closures.build_into_template(BOARD, lesson, template)
    assert house.closures.lessons_behind_template(READER, template) == ()
    assert len(house.closures.lessons_behind_template(BOARD, template)) == 1
    # The warning before it goes does not depend on who asks.
    assert house.closures.template_in_use(template)


def test_a_template_taken_from_the_library_is_still_named_and_read(house: House) -> None:
    lesson, template = house.lesson(), house.template()
    house.closures.build_into_template(CURATOR, lesson, template)
    details = house.templates.get(SYSTEM, template).details
    house.templates.describe(SYSTEM, template, details, "retired")
    assert house.lessons.get(READER, lesson).closures[0].number == template
    assert len(house.closures.lessons_behind_template(READER, template)) == 1


def test_only_a_curator_closes_and_only_what_applies(house: House) -> None:
    template = house.template()
    with pytest.raises(NotAllowed):
        house.closures.build_into_template(TELLER, house.lesson(), template)
    with pytest.raises(StepRefused):
        house.closures.build_into_template(CURATOR, house.lesson("not-applicable"), template)


def test_a_link_to_nothing_or_to_both_is_never_stored(house: House) -> None:
    lesson, template = house.lesson(), house.template()
    page = house.documents.store(
        SYSTEM, Draft("指南", "# 指南\n", "zh", Guess("guide"), "md"), place="/g.md"
    ).document_id
    for document_id, doctemplate_id in ((None, None), (page, template)):
        with pytest.raises(IntegrityError), house.database.write() as session:
            session.add(
                LessonClosure(
                    lesson_id=lesson,
                    document_id=document_id,
                    doctemplate_id=doctemplate_id,
                    version=1,
                    by="x",
                )
            )
    with house.database.read() as session:
        assert session.scalar(select(func.count(LessonClosure.id))) == 0
