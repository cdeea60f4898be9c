"""A random knowledge base of things for different audiences, and the same one holding only what one user may read.

The second is made from a copy of the first by taking the rows out, so that every number stays what it was and the
pages of the two can be laid side by side.
"""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from kb import open_kb
from kb.access import SYSTEM, Actor, Audience, Role, anonymous
from kb.checks_content import as_json
from kb.config import Settings
from kb.course_texts import QuestionText
from kb.documents import Original
from kb.drafts import Draft, Guess, Picture
from kb.knowledge_base import KnowledgeBase
from kb.models import (
    Answer,
    AnswerVote,
    AskedQuestion,
    BankQuestion,
    Community,
    CommunityEvent,
    CommunityLink,
    CommunityMember,
    CommunityPost,
    Course,
    CourseUnit,
    DocTemplate,
    DocTemplateVersion,
    Document,
    DocumentComment,
    DocumentLife,
    FolderAudience,
    Follow,
    GlossaryEntry,
    Group,
    LearningPath,
    Lesson,
    LessonCandidate,
    LessonClosure,
    LessonSource,
    LessonTag,
    LessonUse,
    LessonVersion,
    Notification,
    PathCourse,
    Person,
    PersonTopic,
    PopularQuestion,
    Project,
    ProjectAlias,
    ProjectMember,
    ProjectTag,
    Question,
    QuestionBank,
    QuestionComment,
    QuestionEdit,
    QuestionExpert,
    QuestionFruit,
    QuestionTag,
    QuestionVote,
    SavedSearch,
    StoredFile,
    Topic,
    TopicDocument,
    TrainingAssignment,
    UnitProgress,
    User,
    UserGroup,
    audience_id_of,
    community_readable,
    course_readable,
    doctemplate_readable,
    document_readable,
    lesson_readable,
    path_readable,
    project_readable,
    question_readable,
)
from kb.models.access import readable
from tests.web.conftest import PIXEL
from tests.web.doctemplate_library import FORM
from tests.web.leak_traces import leave_traces

# Who asks: sign-in name, role, groups. The last one only makes things, and is the one whom some are for.
USERS: Final = (
    ("li.na", "李娜", Role.CONTRIBUTOR, ("pmo",)),
    ("chen.wei", "Chen Wei", Role.READER, ("water",)),
    ("zhao.yu", "赵宇", Role.CURATOR, ("water", "pmo")),
    ("wang.fang", "王芳", Role.READER, ()),
    ("boss", "Boss 老板", Role.ADMINISTRATOR, ()),
)
AUDIENCES: Final = ("everyone", "group:pmo", "group:water", "user:li.na", "user:boss")
_ENGLISH: Final = [
    "risk",
    "schedule",
    "contractor",
    "pump",
    "pipeline",
    "migration",
    "rehearsal",
    "acceptance",
    "supplier",
    "delay",
    "radar",
    "survey",
    "budget",
    "interface",
    "testing",
    "handover",
    "quality",
    "cost",
    "concrete",
    "drill",
    "rollback",
]
_CHINESE: Final = [
    "风险",
    "进度",
    "承包商",
    "水泵",
    "管廊",
    "迁移",
    "演练",
    "验收",
    "供应商",
    "延期",
    "雷达",
    "勘察",
    "预算",
    "接口",
    "测试",
    "移交",
    "质量",
    "成本",
    "混凝土",
    "回滚",
]
_RARE: Final = "𠮷鑫淼焱垚犇骉羴麤毳蟲磊垚矗龘靐飝灥厵爩"
_SYLLABLES: Final = [
    "quor",
    "flin",
    "zent",
    "brax",
    "dolm",
    "vick",
    "strup",
    "glan",
    "hest",
    "nurp",
    "olv",
    "prax",
    "rund",
    "selk",
    "tarb",
    "umb",
]
_TAGS: Final = ("风险管理", "water", "go-live", "采购", "lessons")
_PEOPLE: Final = (
    ("hao.jianping", "郝建平", "Hao Jianping"),
    ("song.peilin", "宋沛霖", "Song Peilin"),
    ("lu.wenzhao", "陆文昭", "Lu Wenzhao"),
    ("secret.agent", "隐名客", "Quentin Hidden"),
)
# How many of each kind of thing there are.
_DOCUMENTS: Final = 34
_OF_EACH: Final = 10
_BEGIN: Final = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


@dataclass(slots=True)
class World:
    """A full knowledge base on disk.

    Attributes:
        markers: rare words, each in the texts of one thing.
        numbers: for each kind of thing the highest id.
        cookies: for each user what the session cookie holds.
        codes: codes of projects, and one that no project has.
    """

    folder: Path
    seed: int
    markers: list[str] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)


def full_world(source: Path, folder: Path, seed: int) -> World:
    """Fill a copy of the empty data folder ``source`` with random things; the same ``seed`` gives the same."""
    shutil.copytree(source, folder)
    world = World(folder, seed)
    with open_kb(settings_of(folder)) as kb:
        _Making(kb, world).all()
        for name, *_ in USERS[:-1]:
            actor = kb.accounts.actor(name)
            assert actor is not None
            world.cookies[name] = kb.sessions.begin(actor, way="password")
    return world


def settings_of(folder: Path) -> Settings:
    """Settings of both worlds: whoever has not signed in may read."""
    return Settings(
        data_dir=folder,
        workers=1,
        anonymous_role="reader",
        public_url="http://testserver",
        searches_per_minute=0,
        reads_per_minute=0,
        writes_per_minute=0,
        exports_per_minute=0,
    )


def reduced_world(world: World, folder: Path, user: str) -> int:
    """Copy a world without what ``user`` (empty: nobody signed in) may not read; how many things that were."""
    shutil.copytree(world.folder, folder)
    shutil.rmtree(folder / "index", ignore_errors=True)
    with open_kb(settings_of(folder)) as kb:
        actor = kb.accounts.actor(user) if user else anonymous(Role.READER)
        assert actor is not None
        with kb.database.read() as session:
            hidden = {
                subject: _unreadable(session, column, condition)
                for subject, (column, condition) in _readable(actor).items()
            }
    (path,) = folder.glob("*.sqlite3")
    return _without(path, hidden, user)


def unreadable_words(world: World, reduced: Path) -> list[str]:
    """The rare words that stand nowhere in the database of the reduced world."""
    (path,) = reduced.glob("*.sqlite3")
    connection = sqlite3.connect(path)
    tables = [
        row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")
    ]
    told = "\n".join(
        str(row)
        for table in tables
        for row in connection.execute(f'SELECT * FROM "{table}"')  # noqa: S608
    )
    connection.close()
    return [word for word in world.markers if word not in told]


def _readable(
    actor: Actor,
) -> dict[str, tuple[InstrumentedAttribute[int], ColumnElement[bool]]]:
    return {
        "document": (Document.id, document_readable(actor)),
        "lesson": (Lesson.id, lesson_readable(actor)),
        "project": (Project.id, project_readable(actor)),
        "doctemplate": (DocTemplate.id, doctemplate_readable(actor)),
        "question": (Question.id, question_readable(actor)),
        "community": (Community.id, community_readable(actor)),
        "course": (Course.id, course_readable(actor)),
        "path": (LearningPath.id, path_readable(actor)),
        "folder": (FolderAudience.id, readable(actor, FolderAudience.audience_id)),
    }


def _unreadable(
    session: Session, column: InstrumentedAttribute[int], condition: ColumnElement[bool]
) -> list[int]:
    seen = set(session.scalars(select(column).where(condition)))
    return [number for number in session.scalars(select(column)) if number not in seen]


# Rows that say where something is told and mean nothing without it, though their column may be empty.
_GO_ALONG: Final = {
    ("lesson_sources", "document_id"),
    ("lesson_sources", "project_id"),
    ("lesson_sources", "candidate_id"),
    ("lesson_closures", "document_id"),
    ("lesson_closures", "doctemplate_id"),
    ("community_links", "document_id"),
    ("community_links", "event_id"),
    ("document_comments", "thread"),
    ("question_comments", "answer_id"),
    ("question_edits", "answer_id"),
    ("training_assignments", "path_id"),
    ("training_assignments", "course_id"),
}
# Tables that name things by subject and number.
_NAMED: Final = (
    ("notifications", "subject", "number"),
    ("question_fruits", "subject", "number"),
    ("changes", "subject", "subject_id"),
    ("follows", "subject", "key"),
    ("audit_entries", "subject", "thing"),
)


def _without(path: Path, hidden: dict[str, list[int]], user: str) -> int:
    """Delete those things and, as long as anything points to what is gone, that too."""
    tables = {
        "document": "documents",
        "lesson": "lessons",
        "project": "projects",
        "doctemplate": "doctemplates",
        "question": "questions",
        "community": "communities",
        "course": "courses",
        "path": "learning_paths",
        "folder": "folder_audiences",
    }
    gone = 0
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA foreign_keys=OFF")
    triggers = "SELECT name FROM sqlite_master WHERE type='trigger'"
    for trigger in connection.execute(triggers).fetchall():
        connection.execute(f'DROP TRIGGER "{trigger[0]}"')
    events = [
        row[0]
        for row in connection.execute("SELECT id, community_id FROM community_events")
        if row[1] in hidden["community"]
    ]
    for subject, numbers in {**hidden, "event": events}.items():
        for number in numbers:
            if subject in tables:
                connection.execute(f"DELETE FROM {tables[subject]} WHERE id=?", (number,))  # noqa: S608
            for table, kind, key in _NAMED:
                connection.execute(
                    f"DELETE FROM {table} WHERE {kind}=? AND {key}=?",  # noqa: S608
                    (subject, str(number) if table == "follows" else number),
                )
            gone += 1
    for number in hidden["document"]:
        connection.execute("DELETE FROM popular_questions WHERE document_id=?", (number,))
        connection.execute("DELETE FROM opened_hits WHERE document_id=?", (number,))
    _without_mentions(connection, hidden, user)
    while broken := connection.execute("PRAGMA foreign_key_check").fetchall():
        for table, row, _parent, key in broken:
            column = next(
                found[3]
                for found in connection.execute(f"PRAGMA foreign_key_list({table})")
                if found[0] == key
            )
            must = any(
                found[1] == column and (found[3] or found[5])
                for found in connection.execute(f"PRAGMA table_info({table})")
            )
            if row is None:
                message = f"{table} has no row numbers"
                raise AssertionError(message)
            if must or (table, column) in _GO_ALONG:
                connection.execute(f"DELETE FROM {table} WHERE rowid=?", (row,))  # noqa: S608
            else:
                connection.execute(f"UPDATE {table} SET {column}=NULL WHERE rowid=?", (row,))  # noqa: S608
    connection.commit()
    connection.close()
    return gone


def _without_mentions(
    connection: sqlite3.Connection, hidden: dict[str, list[int]], user: str
) -> None:
    """Take away what names them in a text, or should not outlast them for anybody else."""
    for item, near in connection.execute("SELECT id, near FROM import_items").fetchall():
        kept = [one for one in json.loads(near) if one["document"] not in hidden["document"]]
        connection.execute("UPDATE import_items SET near=? WHERE id=?", (json.dumps(kept), item))
    # Of other people's imports only what became something to be read is told.
    others = "SELECT id FROM import_jobs WHERE by<>?"
    for number in hidden["document"]:
        connection.execute(
            f"DELETE FROM import_items WHERE document_id=? AND job_id IN ({others})",  # noqa: S608
            (number, user),
        )
    nothing_left = f"id IN ({others}) AND id NOT IN (SELECT job_id FROM import_items)"  # noqa: S608
    connection.execute(f"DELETE FROM import_jobs WHERE {nothing_left}", (user,))  # noqa: S608
    for number in hidden["course"]:
        # One's own certificate stays, whatever becomes of the course.
        connection.execute(
            "DELETE FROM certificates WHERE course_id=? AND user_id<>?", (number, user)
        )


class _Making:
    """Makes the things, one kind after another, with one source of chance."""

    def __init__(self, kb: KnowledgeBase, world: World) -> None:
        self._kb = kb
        self._world = world
        self._chance = random.Random(world.seed)  # noqa: S311  no secret
        self._at = _BEGIN
        self._audiences: list[int] = []

    def all(self) -> None:
        """Make everything and index it."""
        with self._kb.database.write() as session:
            self._register(session)
        self._documents()
        with self._kb.database.write() as session:
            self._around_documents(session)
            self._lessons(session)
            self._templates(session)
            self._questions(session)
            self._communities(session)
            self._courses(session)
            self._told(session)
            leave_traces(session, self._world, self._chance, [user[0] for user in USERS])
            self._world.codes = [*session.scalars(select(Project.code)), "P-nothing"]
        self._kb.people.prepare()
        self._kb.indexing.rebuild()

    def _marker(self) -> str:
        """A new rare word, in one language or the other."""
        pick = self._chance
        made = (
            "".join(pick.sample(_SYLLABLES, 3))
            if pick.random() < 0.5
            else "".join(pick.sample(_RARE, 3))
        )
        self._world.markers.append(made)
        return made

    def _text(self, words: int = 12) -> str:
        pick = self._chance
        pools = pick.choice(((_ENGLISH,), (_CHINESE,), (_ENGLISH, _CHINESE)))
        return " ".join([*(pick.choice(pick.choice(pools)) for _ in range(words)), self._marker()])

    def _when(self) -> datetime:
        self._at += timedelta(hours=self._chance.randint(1, 9))
        return self._at

    def _audience(self) -> int:
        return self._chance.choice(self._audiences)

    def _user(self) -> str:
        return self._chance.choice(USERS)[0]

    def _some(self, kind: str) -> int:
        return self._chance.randint(1, self._world.numbers[kind])

    def _register(self, session: Session) -> None:
        for group in ("pmo", "water"):
            session.add(Group(name=group))
        for name, shown, role, groups in USERS:
            session.add(User(id=name, name=shown, role=role.value, password_hash="!"))
            session.flush()
            session.add_all(UserGroup(user_id=name, group=group) for group in groups)
        self._audiences = [audience_id_of(session, Audience.parse(text)) for text in AUDIENCES]
        for number, (handle, chinese, english) in enumerate(_PEOPLE, 1):
            session.add(
                Person(
                    id=number, handle=handle, name_zh=chinese, name_en=english, updated_at=_BEGIN
                )
            )
        session.add(
            Person(id=5, handle="li.na", name_zh="李娜", user_id="li.na", updated_at=_BEGIN)
        )
        session.add(GlossaryEntry(zh="管廊", en="utility tunnel", updated_at=_BEGIN))
        session.flush()
        session.add(
            PersonTopic(person_id=1, topic="radar", label="radar", state="added", at=_BEGIN)
        )
        for number in range(1, 9):
            marker = self._marker()
            session.add(
                Project(
                    id=number,
                    code=f"P-{marker}" if marker.isascii() else f"P-{number}",
                    name_zh=f"{self._chance.choice(_CHINESE)}{marker}项目",
                    name_en=f"{self._chance.choice(_ENGLISH)} {marker}",
                    customer=f"Customer {self._marker()}",
                    industry=self._chance.choice(("water", "bank", f"trade {self._marker()}")),
                    manager=self._chance.choice(_PEOPLE)[0],
                    type=self._chance.choice(("build", self._marker())),
                    status=self._chance.choice(("running", "closed")),
                    started=date(2020 + number, 1, 1),
                    summary_en=self._text(),
                    audience_id=None if number == 1 else self._audience(),
                    merged_into=1 if number == 8 else None,
                    updated_at=self._when(),
                )
            )
            session.flush()
            session.add(ProjectAlias(project_id=number, name=self._marker(), key=f"alias{number}"))
            session.add(ProjectTag(project_id=number, tag=self._marker()))
            for place in range(2):
                session.add(
                    ProjectMember(
                        project_id=number,
                        position=place,
                        person=self._chance.choice(_PEOPLE)[0],
                        role=f"role {place} {self._marker()}",
                    )
                )
        for number in range(1, 4):
            session.add(
                Topic(id=number, name_en=f"Topic {number}", parent_id=1 if number > 1 else None)
            )
            session.flush()
        self._world.numbers |= {"project": 8, "topic": 3, "person": 5}

    def _documents(self) -> None:
        with self._kb.database.read() as session:
            codes = list(session.scalars(select(Project.code).where(Project.merged_into.is_(None))))
        pick = self._chance
        self._world.numbers["document"] = _DOCUMENTS
        folders = self._folders()
        for number in range(1, _DOCUMENTS + 1):
            place = f"{pick.choice(folders)}/{number}.md"
            audience = Audience.parse(
                pick.choice((*AUDIENCES, "project", "everyone")), follows=True
            )
            state = pick.choice(("published",) * 6 + ("review",))
            kept = pick.random() < 0.4
            project = pick.choice(["", *codes])
            for _version in range(2 if kept and pick.random() < 0.5 else 1):
                made = self._draft(number, project)
                original = None
                if kept:
                    sha256, size = self._kb.files.keep(made.body.encode())
                    original = Original(sha256, size, f"{number}.md", "text/markdown")
                self._kb.documents.store(
                    SYSTEM, made, place=place, original=original, audience=audience, state=state
                )

    def _folders(self) -> list[str]:
        """Folders of documents: some within others, some with an audience, some that nothing lies in."""
        made = ["/leak", "/leak/open"]
        for number in range(9):
            made.append(f"{made[number % 4]}/{self._marker()}")
            if number % 3:
                audience = Audience.parse(self._chance.choice(AUDIENCES))
                self._kb.folders.set_audience(SYSTEM, made[-1], audience)
        return made[:-2]

    def _draft(self, number: int, project: str) -> Draft:
        pick = self._chance
        links = " ".join(
            f"[{self._marker()}](/documents/{self._some('document')})" for _ in range(2)
        )
        picture = "![photo](files/photo.png)" if number % 4 == 0 else ""
        return Draft(
            title=f"{self._text(2)} {number}",
            body=f"{self._text(20)}\n\n## {self._text(2)}\n\n{self._text(20)} {links}\n\n{picture}\n",
            language=pick.choice(("zh", "en")),
            kind=Guess(pick.choice(("lesson", "summary", "minutes", "guide"))),
            format="md",
            project_code=project,
            authors=tuple(pick.choice(_PEOPLE)[1] for _ in range(pick.randint(0, 2))),
            tags=(pick.choice(_TAGS), self._marker()),
            dated=date(2015 + pick.randint(0, 10), 5, 6),
            notes=(self._marker(),),
            pictures=(Picture("photo.png", "image/png", PIXEL),) if picture else (),
        )

    def _around_documents(self, session: Session) -> None:
        pick = self._chance
        for number in range(1, _DOCUMENTS + 1):
            document = session.get_one(Document, number)
            document.updated_at = document.created_at = self._when()
            if pick.random() < 0.6:
                place = TopicDocument(
                    topic_id=self._some("topic"), document_id=number, position=number
                )
                session.add(place)
            superseded = self._some("document") if pick.random() < 0.2 else None
            if superseded and superseded != number and document.state == "published":
                document.state = "archived"
            else:
                superseded = None
            session.add(
                DocumentLife(
                    document_id=number,
                    owner=pick.choice(("", self._user())),
                    superseded_by=superseded,
                    published_at=self._at,
                    review_due=pick.choice((None, date(2026, 1, 1))),
                )
            )
            for _ in range(pick.randint(0, 2)):
                session.add(
                    DocumentComment(
                        document_id=number, text=self._text(4), by=self._user(), at=self._when()
                    )
                )
            if pick.random() < 0.5:
                session.add(
                    LessonCandidate(
                        id=number,
                        document_id=number,
                        fingerprint=f"f{number}",
                        title=self._text(3),
                        kind="lesson",
                        what_happened=self._text(8),
                        cause="",
                        impact="",
                        recommendation=self._text(5),
                        owner="",
                        phase="",
                        heading="",
                        anchor="",
                        position=0,
                        section="",
                        found_as="table",
                        number=1,
                        language="en",
                        version=1,
                        found_at=self._when(),
                    )
                )
            if pick.random() < 0.5:
                asked = self._text(2)
                session.add(PopularQuestion(key=asked, document_id=number, text=asked, askers=5))
                session.add(
                    AskedQuestion(
                        token=f"t{number}",
                        week=date(2026, 3, 2),
                        text=asked,
                        key=asked,
                        narrowed=False,
                        total=1,
                        took_ms=1,
                        door="page",
                        visitor=f"v{number}",
                        best_document=number,
                        asked_at=self._when(),
                    )
                )
        self._world.numbers["candidate"] = _DOCUMENTS

    def _lessons(self, session: Session) -> None:
        pick = self._chance
        empty = dict.fromkeys(
            [
                "root_cause",
                "early_signs",
                "currency",
                "project_type",
                "project_size",
                "technology",
                "supplier",
                "evidence",
            ],
            "",
        )
        for number in range(1, _OF_EACH * 2 + 1):
            valid = pick.random() < 0.8
            content = {"title": self._text(3), "kind": "lesson", "language": "en"}
            session.add(
                Lesson(
                    id=number,
                    state=pick.choice(("validated", "built-in")) if valid else "submitted",
                    verdict=pick.choice(("applicable", "needs-action")) if valid else "",
                    validated_at=self._when() if valid else None,
                    audience_id=self._audience(),
                    project_id=pick.choice((None, self._some("project"))),
                    superseded_by=None,
                    what_happened=self._text(),
                    recommendation=self._text(),
                    cause=pick.choice(("supplier", "data")),
                    phase=pick.choice(("design", "test", self._marker())),
                    category=pick.choice(("risk", "cost")),
                    impact_days=float(pick.randint(1, 40)),
                    owner=pick.choice(_PEOPLE)[0],
                    submitted_by=self._user(),
                    submitted_at=self._when(),
                    updated_at=self._when(),
                    review_on=date(2026, 1, 1),
                    **content,
                    **empty,
                )
            )
            session.flush()
            session.add(LessonTag(lesson_id=number, tag=pick.choice((*_TAGS, self._marker()))))
            session.add(
                LessonVersion(
                    lesson_id=number,
                    number=1,
                    event="submit",
                    content={**content, "what_happened": self._text(5)},
                    by="boss",
                    at=self._when(),
                )
            )
            for _ in range(pick.randint(0, 2)):
                session.add(
                    LessonSource(
                        lesson_id=number,
                        document_id=self._some("document"),
                        heading=self._marker(),
                        by="boss",
                        at=self._when(),
                    )
                )
            for project in pick.sample(range(1, 8), pick.randint(0, 3)):
                session.add(
                    LessonUse(
                        lesson_id=number,
                        project_id=project,
                        by=self._user(),
                        outcome=pick.choice(("avoided", "helped")),
                        note=self._marker(),
                        days_saved=3.0,
                        at=self._when(),
                    )
                )
            if pick.random() < 0.4:
                session.add(
                    LessonClosure(
                        lesson_id=number,
                        document_id=self._some("document"),
                        version=1,
                        heading=self._marker(),
                        by="boss",
                        at=self._when(),
                    )
                )
        self._world.numbers["lesson"] = _OF_EACH * 2

    def _templates(self, session: Session) -> None:
        pick = self._chance
        sha256, size = self._kb.files.keep(FORM)
        media = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
        session.add(StoredFile(sha256=sha256, size=size, media_type=media))
        session.flush()
        for number in range(1, _OF_EACH + 1):
            session.add(
                DocTemplate(
                    id=number,
                    title=self._text(2),
                    kind="charter",
                    phase="initiate",
                    language=pick.choice(("zh", "en")),
                    purpose=self._text(4),
                    tags=[self._marker()],
                    state=pick.choice(("published", "published", "retired", "draft")),
                    audience_id=self._audience(),
                    guide_id=pick.choice((None, self._some("document"))),
                    source_id=pick.choice((None, self._some("document"))),
                    by="boss",
                    created_at=self._when(),
                    updated_at=self._when(),
                )
            )
            session.flush()
            session.add(
                DocTemplateVersion(
                    template_id=number,
                    number=1,
                    format="docx",
                    sha256=sha256,
                    name=f"t{number}.docx",
                    fields=[],
                    body=self._text(5),
                    at=self._when(),
                )
            )
        for lesson in pick.sample(range(1, _OF_EACH + 1), 4):
            session.add(
                LessonClosure(
                    lesson_id=lesson,
                    doctemplate_id=self._chance.randint(1, _OF_EACH),
                    version=1,
                    note=self._marker(),
                    by="boss",
                    at=self._when(),
                )
            )
        self._world.numbers["template"] = _OF_EACH

    def _questions(self, session: Session) -> None:
        pick = self._chance
        for number in range(1, _OF_EACH + 1):
            session.add(
                Question(
                    id=number,
                    audience_id=self._audience(),
                    project_id=pick.choice((None, self._some("project"))),
                    title=self._text(3),
                    body=self._text(),
                    language=pick.choice(("zh", "en")),
                    asked_by=self._user(),
                    asked_at=self._when(),
                    updated_at=self._when(),
                    duplicate_of=pick.randint(1, number - 1)
                    if number > 3 and pick.random() < 0.3
                    else None,
                )
            )
            session.flush()
            session.add(QuestionTag(question_id=number, tag=pick.choice((*_TAGS, self._marker()))))
            session.add(
                Answer(
                    id=number,
                    question_id=number,
                    body=self._text(),
                    by=self._user(),
                    at=self._when(),
                    accepted_at=pick.choice((None, self._when())),
                )
            )
            session.flush()
            session.add(AnswerVote(answer_id=number, user_id=self._user()))
            session.add(QuestionVote(question_id=number, user_id=self._user()))
            session.add(
                QuestionEdit(question_id=number, body=self._text(3), by="boss", at=self._when())
            )
            session.add(
                QuestionComment(
                    question_id=number, text=self._text(3), by=self._user(), at=self._when()
                )
            )
            session.add(
                QuestionExpert(
                    question_id=number, person_id=self._some("person"), by="boss", at=self._when()
                )
            )
            fruit = pick.choice(("document", "lesson"))
            session.add(
                QuestionFruit(
                    question_id=number, subject=fruit, number=self._some(fruit), by="boss"
                )
            )
        self._world.numbers |= {"question": _OF_EACH, "answer": _OF_EACH}

    def _communities(self, session: Session) -> None:
        pick = self._chance
        for number in range(1, _OF_EACH + 1):
            session.add(
                Community(
                    id=number,
                    audience_id=self._audience(),
                    topic_id=self._some("topic"),
                    name=self._text(2),
                    about=self._text(),
                    language="en",
                    by="boss",
                    at=self._when(),
                    updated_at=self._when(),
                )
            )
            session.flush()
            starts = datetime(2031, 1, number, 9, tzinfo=UTC)
            session.add(
                CommunityEvent(
                    id=number,
                    community_id=number,
                    uid=f"e{number}",
                    title=self._text(2),
                    place=self._marker(),
                    starts_at=starts,
                    ends_at=starts + timedelta(hours=1),
                    time_zone="Asia/Shanghai",
                    by="boss",
                    at=self._when(),
                    updated_at=self._when(),
                )
            )
            session.add(
                CommunityPost(
                    community_id=number,
                    title=self._text(2),
                    body=self._text(),
                    by="boss",
                    at=self._when(),
                )
            )
            for user in pick.sample([user[0] for user in USERS], 3):
                token = f"calendar-{number}-{user}"
                session.add(
                    CommunityMember(
                        community_id=number,
                        user_id=user,
                        organiser=pick.random() < 0.3,
                        feed_token=token,
                        at=self._when(),
                    )
                )
            session.add(
                CommunityLink(
                    community_id=number,
                    kind="material",
                    document_id=self._some("document"),
                    by="boss",
                    at=self._when(),
                )
            )
        self._world.numbers |= {"community": _OF_EACH, "event": _OF_EACH}

    def _courses(self, session: Session) -> None:
        pick = self._chance
        question = as_json(QuestionText("true_false", "G4?", accepted=("true",)))
        for number in range(1, _OF_EACH + 1):
            session.add(
                Course(
                    id=number,
                    title=self._text(2),
                    summary=self._text(4),
                    language=pick.choice(("zh", "en")),
                    state=pick.choice(("published", "published", "published", "draft")),
                    audience_id=self._audience(),
                    twin_id=None if number < 3 else pick.randint(1, number - 1),
                    needs=[] if number < 3 else [pick.randint(1, number - 1)],
                    skills=[{"skill": "radar", "level": 1}],
                    teachers=[pick.choice(_PEOPLE)[0]],
                    created_at=self._when(),
                    updated_at=self._when(),
                )
            )
            session.flush()
            session.add(QuestionBank(id=number, course_id=number, title=self._marker()))
            session.flush()
            session.add(BankQuestion(id=number, bank_id=number, position=0, content=question))
            for place, kind in enumerate(("page", "document")):
                session.add(
                    CourseUnit(
                        id=number * 2 + place,
                        course_id=number,
                        key=f"{place:02}",
                        position=place,
                        kind=kind,
                        title=self._text(2),
                        body=self._text(5),
                        target=f"/documents/{self._some('document')}" if place else "",
                    )
                )
            session.flush()
            for user in pick.sample([user[0] for user in USERS], 2):
                session.add(UnitProgress(user_id=user, unit_id=number * 2, done_at=self._when()))
        for number in range(1, 5):
            session.add(
                LearningPath(
                    id=number,
                    title=self._text(2),
                    summary=self._text(3),
                    role="new-hire",
                    language="en",
                    state="published",
                    audience_id=self._audience(),
                    needs=[] if number == 1 else [number - 1],
                    updated_at=self._when(),
                )
            )
            session.flush()
            for place, course in enumerate(pick.sample(range(1, _OF_EACH + 1), 3)):
                session.add(PathCourse(path_id=number, course_id=course, position=place))
            session.add(
                TrainingAssignment(
                    principal=pick.choice(("everyone", "group:pmo", "user:chen.wei")),
                    path_id=number,
                    by="boss",
                    at=self._when(),
                )
            )
        self._world.numbers |= {
            "course": _OF_EACH,
            "bank": _OF_EACH,
            "unit": _OF_EACH * 2 + 1,
            "path": 4,
        }

    def _told(self, session: Session) -> None:
        """Notifications, follows and saved searches, also of what was readable once and is not any more."""
        pick = self._chance
        number = 0
        for user, *_ in USERS:
            for subject in ("document", "lesson", "question", "community", "event", "course"):
                for chosen in pick.sample(range(1, _OF_EACH + 1), 2):
                    number += 1
                    session.add(
                        Notification(
                            id=number,
                            user_id=user,
                            kind="commented" if subject != "event" else "event-planned",
                            subject=subject,
                            number=chosen,
                            title=self._text(2),
                            by="boss",
                            at=self._when(),
                        )
                    )
            for subject in ("document", "project", "question", "community", "person"):
                session.add(Follow(user_id=user, subject=subject, key=str(self._some(subject))))
            session.add(Follow(user_id=user, subject="tag", key=pick.choice(_TAGS)))
            session.add(
                SavedSearch(
                    user_id=user,
                    name="mine",
                    request={"query": "risk"},
                    looked_at=_BEGIN,
                    feed_token=f"feed-{user}",
                )
            )
        self._world.numbers |= {"notification": number, "saved": len(USERS)}
