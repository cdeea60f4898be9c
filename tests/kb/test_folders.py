"""Folders say who may see what was imported from them: at once, for all in them, and never for more people."""

from __future__ import annotations

import itertools
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import event, update

from kb import open_kb
from kb.access import AS_PROJECT, FOR_EVERYONE, SYSTEM, Actor, Audience, Role, renamed
from kb.audience_following import set_audience
from kb.audit import AuditFilter
from kb.candidates import CandidateFilter
from kb.candidates_found import FoundLesson
from kb.config import Settings
from kb.documents import Original, Stored
from kb.drafts import Draft, Guess, Ledger, Picture
from kb.errors import InvalidInput, NotAllowed, NotFound, UnreadableFile
from kb.folder_paths import MAX_FOLDER_CHARS, clean_folder, folder_key, folder_of, upwards
from kb.folders import FolderView
from kb.import_queue import Result
from kb.importing_rules import BY_FOLDER, Entry, Overrides
from kb.knowledge_base import KnowledgeBase
from kb.models import REVIEW, Document, ImportItem, Project, audience_id_of
from kb.project_listing import ProjectFilter
from kb.project_rules import ProjectText
from kb.search.answers import SearchRequest

CODE = "CL-2031-007"
LESSON = FoundLesson(
    "先签后改",
    "lesson",
    "合同先签后改",
    "",
    "",
    "先审后签",
    "",
    "",
    "",
    "",
    1,
    "",
    "section",
    1,
    "zh",
)
LEGAL = Audience.parse("group:legal")
TEAM = Audience.parse("group:team")
CURATOR = Actor("li.na", "李娜", Role.CURATOR, frozenset({"legal"}))
BOTH = Actor("zhao.yu", "赵宇", Role.READER, frozenset({"legal", "team"}))
LAWYER = Actor("fa.lv", "法律", Role.READER, frozenset({"legal"}))
MEMBER = Actor("dui.you", "队友", Role.CURATOR, frozenset({"team"}))
READER = Actor("chen.wei", "Chen Wei", Role.READER)
ADMINISTRATOR = Actor("boss", "老板", Role.ADMINISTRATOR)
IMPORTER = Actor("wang.fang", "王芳", Role.CONTRIBUTOR)


@pytest.fixture
def kb(data_folder: Path) -> Iterator[KnowledgeBase]:
    with open_kb(Settings(data_dir=data_folder)) as opened:
        yield opened


def imported(
    kb: KnowledgeBase,
    place: str,
    *,
    audience: Audience = AS_PROJECT,
    actor: Actor = SYSTEM,
    text: str = "",
    code: str = "",
    lessons: tuple[FoundLesson, ...] = (),
) -> Stored:
    """Store what a reader made of the file at ``place``; its text is its place unless one is given."""
    body = f"# {text or place}\n\n{text or place} 钻孔取芯\n\n![照片](files/p.png)\n"
    sha256, size = kb.files.keep(body.encode())
    draft = Draft(
        title=text or place.rpartition("/")[2],
        body=body,
        language="zh",
        kind=Guess("summary"),
        format="md",
        ledger=Ledger({}, []),
        project_code=code,
        lessons=lessons,
        pictures=(Picture("p.png", "image/png", b"png"),),
    )
    original = Original(sha256, size, "a.md", "text/markdown")
    return kb.documents.store(actor, draft, place=place, original=original, audience=audience)


def reads(kb: KnowledgeBase, number: int, *actors: Actor) -> list[bool]:
    """For each of these people whether they may read the document."""
    return [bool(kb.documents.titles(actor, [number])) for actor in actors]


def project(kb: KnowledgeBase, code: str, audience: str, number: int | None = None) -> int:
    """Add or change a project."""
    text = ProjectText(code=code, name_zh=f"项目{code}", audience=audience)
    return kb.projects.save(SYSTEM, text, project_id=number)


@pytest.mark.parametrize(
    ("place", "folder"),
    [
        ("upload:li.na:合同/保密/报价.docx", "合同/保密"),
        ("upload:li.na:报价.docx", ""),
        ("upload::合同/a: b/c.md", "合同/a: b"),
        ("/srv/PMO/合同/a.docx", "/srv/PMO/合同"),
        ("/srv/PMO/2024.ZIP!/合同/a.docx", "/srv/PMO/合同"),
        ("upload:li.na:年度.zip!/合同/保密/a.docx", "合同/保密"),
        ("upload:li.na:外.zip!/内.zip!/合同/a.docx", "合同"),
        ("/srv/注意!/a.docx", "/srv/注意!"),
        ("bytes:/srv/\\xff/a.docx", "/srv/xff"),
        ("C:\\PMO\\合同\\a.docx", "C:/PMO/合同"),
        ("\\\\nas\\PMO\\a.docx", "/nas/PMO"),
        ("/srv/../srv/./合同//a.docx", "/srv/srv/合同"),
        ("/Cafe\u0301/𠮷 🚀/a.md", "/Café/𠮷 🚀"),
        ("/合 同 /ＨＲ/a.md", "/合 同/ＨＲ"),  # noqa: RUF001  full-width on purpose
        ("corpus:zh/lessons/a.md", ""),
        ("manifest:合同/a.docx", ""),
        ("/a.md", ""),
    ],
)
def test_the_folder_of_a_file_is_where_it_lay_within_what_was_handed_in(
    place: str, folder: str
) -> None:
    assert folder_of(place) == folder
    assert clean_folder(folder) == folder


def test_folders_are_the_same_in_any_case_and_form_and_never_too_long_to_be_kept() -> None:
    assert folder_key(clean_folder("C:\\HR\\Straße\\")) == folder_key(clean_folder("c:/hr/STRASSE"))
    assert list(upwards("/a/b")) == ["/a/b", "/a"]
    assert list(upwards("")) == list(upwards("/")) == []
    deep = clean_folder("深/" * 1000)
    assert deep
    assert len(deep) <= MAX_FOLDER_CHARS
    assert clean_folder("ß" * 590) == ""


def test_who_may_see_both_may_see_what_both_hold_and_nobody_else() -> None:
    """Every pair of audiences against every sort of person: within is exactly the two together."""
    audiences = [
        Audience.parse(text)
        for text in (
            "everyone",
            "group:legal",
            "group:team",
            "group:legal,group:team",
            "group:legal,user:chen.wei",
            "user:li.na",
            "group:a&b,user:zhao.yu",
        )
    ]
    people = [CURATOR, BOTH, LAWYER, MEMBER, READER, ADMINISTRATOR]
    for one, two in itertools.product(audiences, repeat=2):
        met = one.within(two)
        assert Audience.parse(met.key) == met
        assert met == two.within(one)
        assert one.covers(met)
        assert two.covers(met)
        for actor in people:
            assert met.admits(actor) == (one.admits(actor) and two.admits(actor)), (one, two, actor)
    assert LEGAL.within(TEAM).key == "group:legal&group:team"
    assert renamed("group:legal&group:team,user:a", "group:legal", "group:z") == (
        "group:team&group:z,user:a"
    )
    # What would take three groups at once is for nobody rather than for too many.
    three = LEGAL.within(TEAM).within(Audience.parse("group:hr"))
    assert not any(three.admits(actor) for actor in people)
    many = Audience(frozenset(f"group:{'g' * 80}{number}" for number in range(60)))
    assert len(many.within(Audience(frozenset({"group:x", "group:y"}))).key) < 4000


def test_a_folder_s_audience_holds_for_all_below_it_and_the_nearest_wins(kb: KnowledgeBase) -> None:
    inside = imported(kb, "upload:a:合同/保密/报价.docx").document_id
    deeper = imported(kb, "upload:b:年度.zip!/合同/保密/2024/甲.docx").document_id
    beside = imported(kb, "upload:a:合同/保密2/乙.docx").document_id
    own = imported(kb, "upload:a:合同/保密/公告.docx", audience=FOR_EVERYONE).document_id
    everything = [inside, deeper, beside, own]
    before = kb.indexing.pending
    kb.folders.set_audience(CURATOR, "合同\\保密/", LEGAL)
    assert kb.indexing.pending == before + 2
    assert [reads(kb, one, READER)[0] for one in everything] == [False, False, True, True]
    assert all(reads(kb, one, LAWYER)[0] for one in everything)
    # An administrator is let in by a group, as everywhere.
    assert reads(kb, inside, ADMINISTRATOR) == [False]
    kb.indexing.catch_up()
    for actor, count in ((READER, 2), (LAWYER, 4)):
        assert kb.search(actor, SearchRequest(query="钻孔取芯")).total == count

    kb.folders.set_audience(CURATOR, "合同/保密/2024", FOR_EVERYONE)
    assert reads(kb, deeper, READER) == [True]
    kb.folders.set_audience(CURATOR, "合同", Audience.parse("user:li.na"))
    assert [reads(kb, one, LAWYER)[0] for one in everything] == [True, True, False, True]
    # Two spellings are one folder, and taking the rule away brings the one above into force.
    kb.folders.remove(CURATOR, "合同/保密/")
    assert [reads(kb, one, LAWYER)[0] for one in everything] == [False, True, False, True]
    kb.folders.remove(CURATOR, "合同")
    assert all(reads(kb, one, READER)[0] for one in everything)
    assert kb.publishing.audience_of(SYSTEM, inside) == "project"


def test_a_file_of_a_confidential_folder_is_never_open_not_for_a_moment(kb: KnowledgeBase) -> None:
    kb.folders.set_audience(CURATOR, "合同/保密", LEGAL)
    with kb.database.write() as session:
        legal = audience_id_of(session, LEGAL)
    written: list[int] = []

    def note(_mapper: object, _connection: object, row: Document | Project) -> None:
        written.append(row.audience_id or 0)

    for model, moment in itertools.product((Document, Project), ("after_insert", "after_update")):
        event.listen(model, moment, note)
    try:
        stored = imported(
            kb, "upload:a:合同/保密/机密.docx", code=CODE, lessons=(LESSON,), actor=IMPORTER
        )
    finally:
        for model, moment in itertools.product(
            (Document, Project), ("after_insert", "after_update")
        ):
            event.remove(model, moment, note)
    assert set(written) == {legal}
    number = stored.document_id
    assert stored.by_folder
    assert reads(kb, number, READER, IMPORTER, LAWYER) == [False, False, True]
    kb.indexing.catch_up()
    asks: list[Callable[[Actor], object]] = [
        lambda actor: kb.documents.get(actor, number),
        lambda actor: kb.documents.file(actor, number, "p.png"),
        lambda actor: kb.documents.original(actor, number),
    ]
    for actor in (READER, IMPORTER, MEMBER):
        for ask in asks:
            with pytest.raises(NotFound):
                ask(actor)
        found = kb.search(actor, SearchRequest(query=f"机密 先签后改 {CODE}"))
        assert found.total == 0
        told = (kb.projects.listed(actor, ProjectFilter()), found, kb.suggest(actor, CODE[:4]))
        assert CODE not in repr(told).replace(f"query='机密 先签后改 {CODE}'", "")
    for actor, count in ((MEMBER, 0), (CURATOR, 1)):
        assert kb.candidates.queue(actor, CandidateFilter())[1] == count


def test_a_review_draft_of_a_confidential_folder_is_for_its_curators_only(
    kb: KnowledgeBase,
) -> None:
    kb.folders.set_audience(CURATOR, "合同", LEGAL)
    draft = Draft("草案", "# 草案", "zh", Guess("summary"), "md")
    made = kb.documents.store(
        IMPORTER, draft, place="upload:wang.fang:合同/草案.md", audience=AS_PROJECT, state=REVIEW
    ).document_id
    # Whoever handed it in looks after it until it is published.
    assert reads(kb, made, CURATOR, MEMBER, LAWYER, IMPORTER) == [True, False, False, True]
    kb.publishing.publish(CURATOR, [made])
    assert reads(kb, made, CURATOR, MEMBER, LAWYER, IMPORTER) == [True, False, True, False]


@pytest.mark.parametrize("first", ["project", "folder"])
def test_where_project_and_folder_both_say_something_only_who_is_in_both_reads_it(
    kb: KnowledgeBase, first: str
) -> None:
    number = project(kb, CODE, "everyone")
    made = imported(kb, "/srv/人事/薪酬/甲.xlsx", code=CODE).document_id
    everybody = [READER, LAWYER, MEMBER, BOTH]
    before = reads(kb, made, *everybody)

    def say(what: str) -> list[bool]:
        if what == "project":
            project(kb, CODE, "group:team", number)
        else:
            kb.folders.set_audience(SYSTEM, "/srv/人事", LEGAL)
        return reads(kb, made, *everybody)

    second = "folder" if first == "project" else "project"
    for now in (say(first), say(second)):
        assert all(was or not may for was, may in zip(before, now, strict=True))
        before = now
    assert before == [False, False, False, True]
    kb.indexing.catch_up()
    for actor, count in ((BOTH, 1), (LAWYER, 0), (MEMBER, 0)):
        assert kb.search(actor, SearchRequest(query="钻孔取芯")).total == count
    # A group's new name is written into what is joined, and the group is in use.
    boss = Actor("boss", "老板", Role.ADMINISTRATOR)
    kb.groups.rename(boss, "legal", "法务", "法务部")
    now_called = Actor("zhao.yu", "赵宇", Role.READER, frozenset({"法务", "team"}))
    assert reads(kb, made, now_called, BOTH) == [True, False]
    assert {view.name: view.audiences for view in kb.groups.listed(boss)} == {"法务": 2, "team": 2}
    # What only documents say of a project keeps nobody out and lets nobody in.
    loose = imported(kb, "/srv/人事/薪酬/乙.xlsx", code="CL-2044-044").document_id
    open_ = imported(kb, "/srv/公开/丙.xlsx", code="CL-2044-044").document_id
    assert reads(kb, loose, READER, now_called) == [False, True]
    assert reads(kb, open_, READER) == [True]


def test_a_project_known_from_documents_only_is_hidden_along_with_them(kb: KnowledgeBase) -> None:
    made = imported(kb, "upload:a:合同/甲.docx", code=CODE).document_id
    assert kb.projects.listed(READER, ProjectFilter()).total == 1
    kb.folders.set_audience(CURATOR, "合同", LEGAL)
    assert kb.projects.listed(READER, ProjectFilter()).total == 0
    assert kb.projects.listed(LAWYER, ProjectFilter()).total == 1
    kb.folders.remove(CURATOR, "合同")
    assert kb.projects.listed(READER, ProjectFilter()).total == 1
    assert reads(kb, made, READER) == [True]


def test_what_is_set_on_the_thing_itself_wins_and_can_be_given_back(kb: KnowledgeBase) -> None:
    kb.folders.set_audience(CURATOR, "/srv/合同", LEGAL)
    made = imported(kb, "/srv/合同/甲.docx", audience=FOR_EVERYONE)
    assert not made.by_folder
    assert reads(kb, made.document_id, READER) == [True]
    kb.publishing.correct(SYSTEM, [made.document_id], Overrides(audience="project"))
    assert reads(kb, made.document_id, READER) == [False]


def test_a_new_version_stays_where_it_lies_and_a_copy_never_opens_anything(
    kb: KnowledgeBase,
) -> None:
    kb.folders.set_audience(CURATOR, "/srv/保密", LEGAL)
    first = imported(kb, "/srv/保密/甲.docx", text="甲").document_id
    again = imported(kb, "/srv/保密/甲.docx", text="甲 第二版")
    assert (again.document_id, again.version, again.by_folder) == (first, 2, True)
    # Copied to where everybody may look: it stays what it was.
    copied = imported(kb, "/srv/公开/甲.docx", text="甲 第二版")
    assert (copied.outcome, copied.document_id) == ("duplicate", first)
    assert reads(kb, first, READER) == [False]
    # Moved to where only some may look: it follows, but an upload's name is no place.
    open_ = imported(kb, "/srv/公开/乙.docx", text="乙").document_id
    imported(kb, "upload:wang.fang:srv/乙.docx", text="乙", actor=IMPORTER)
    sly = Actor("wang.fang", "王芳", Role.CONTRIBUTOR)
    kb.folders.set_audience(CURATOR, "藏", LEGAL)
    assert imported(kb, "upload:wang.fang:藏/乙.docx", text="乙", actor=sly).outcome == "duplicate"
    assert reads(kb, open_, READER) == [True]
    assert imported(kb, "/srv/保密/乙.docx", text="乙").outcome == "duplicate"
    assert reads(kb, open_, READER, LAWYER) == [False, True]
    # What is set later for a folder where a copy lies holds too, and both hold while both are set.
    kb.folders.set_audience(SYSTEM, "/srv/公开", TEAM)
    assert reads(kb, open_, LAWYER, MEMBER, BOTH) == [False, False, True]
    kb.folders.remove(CURATOR, "/srv/保密")
    assert reads(kb, open_, READER, LAWYER, MEMBER) == [False, False, True]
    kb.folders.remove(SYSTEM, "/srv/公开")
    assert reads(kb, open_, READER) == [True]


def test_only_who_may_know_what_holds_now_may_change_it(kb: KnowledgeBase) -> None:
    made = imported(kb, "upload:a:合同/公告/甲.docx").document_id
    imported(kb, "upload:a:合同/公告/乙.docx", audience=FOR_EVERYONE)
    kb.folders.set_audience(CURATOR, "合同", LEGAL)
    for actor in (READER, IMPORTER, LAWYER):
        for ask in (
            kb.folders.listed,
            lambda actor: kb.folders.one(actor, "合同"),
            lambda actor: kb.folders.set_audience(actor, "合同", FOR_EVERYONE),
            lambda actor: kb.folders.remove(actor, "合同"),
        ):
            with pytest.raises(NotAllowed):
                ask(actor)
    # Another curator sees the folder by what may be read in it, and cannot open the rest of it.
    for folder in ("合同", "合同/公告", "合同/公告/深"):
        with pytest.raises(NotFound):
            kb.folders.set_audience(MEMBER, folder, FOR_EVERYONE)
        with pytest.raises(NotFound):
            kb.folders.remove(MEMBER, folder)
    assert reads(kb, made, MEMBER) == [False]
    for folder in ("", " / ", "../..", "深" * 700):
        with pytest.raises(InvalidInput):
            kb.folders.set_audience(CURATOR, folder, LEGAL)


def test_the_list_is_that_of_a_knowledge_base_without_what_one_may_not_read(
    kb: KnowledgeBase,
) -> None:
    for place in ("合同/公告/甲", "合同/公告/乙", "合同/Ⅱ/丙", "其他/丁"):
        imported(kb, f"upload:a:{place}.docx")
    for place in ("/srv/share/PMO/a/1", "/srv/share/PMO/b/2"):
        imported(kb, f"{place}.docx")
    imported(kb, "手写.md")
    before = kb.folders.listed(MEMBER)
    assert [(one.folder, one.depth, one.own, one.documents) for one in before] == [
        ("/srv/share/PMO", 0, 0, 2),
        ("/srv/share/PMO/a", 1, 1, 1),
        ("/srv/share/PMO/b", 1, 1, 1),
        ("其他", 0, 1, 1),
        ("合同", 0, 0, 3),
        ("合同/Ⅱ", 1, 1, 1),
        ("合同/公告", 1, 2, 2),
    ]
    kb.folders.set_audience(CURATOR, "合同/公告/机密", LEGAL)
    imported(kb, "upload:a:合同/公告/机密/戊.docx")
    kb.folders.set_audience(CURATOR, "空的", LEGAL)
    assert kb.folders.listed(MEMBER) == before
    assert kb.folders.one(MEMBER, "合同/公告/机密") == FolderView("合同/公告/机密")
    mine = {one.folder: one for one in kb.folders.listed(CURATOR)}
    assert mine["空的"].audience == "group:legal"
    assert mine["合同"].documents == 4
    kb.folders.set_audience(CURATOR, "合同", Audience.parse("group:legal,group:team"))
    seen = {one.folder: one for one in kb.folders.listed(MEMBER)}
    assert (seen["合同/公告"].above, seen["合同/公告"].in_force) == (
        "合同",
        "group:legal,group:team",
    )
    assert "机密" not in repr(seen)


def test_what_was_stored_before_folders_were_kept_lies_in_its_folder_too(kb: KnowledgeBase) -> None:
    made = imported(kb, "/srv/保密/旧.docx").document_id
    entry = Entry(path="/srv/保密/坏.docx", place="/srv/保密/坏.docx")
    job = kb.imports.create(SYSTEM, [entry])
    with kb.database.write() as session:
        session.execute(update(Document).values(folder=None))
        session.execute(update(ImportItem).values(folder=None))
    kb.folders.set_audience(CURATOR, "/srv/保密", LEGAL)
    assert reads(kb, made, READER, LAWYER) == [False, True]
    assert kb.imports.get(CURATOR, job).counts.total == 1
    with pytest.raises(NotFound):
        kb.imports.get(MEMBER, job)


def test_every_move_is_in_the_log_and_in_the_index(kb: KnowledgeBase) -> None:
    made = [imported(kb, f"upload:a:合同/{number}.docx").document_id for number in range(3)]
    kb.indexing.catch_up()
    kb.folders.set_audience(CURATOR, "合同", LEGAL)
    boss = Actor("boss", "老板", Role.ADMINISTRATOR)
    lines, _ = kb.audit.entries(boss, AuditFilter(user="li.na"))
    assert {line.thing for line in lines if line.subject == "document"} == set(map(str, made))
    (rule,) = [line for line in lines if line.subject == "folder"]
    assert (rule.action, rule.detail["documents"]) == ("set-audience", 3)
    assert kb.indexing.pending == 3
    # Nothing is done where nothing changes.
    kb.folders.set_audience(CURATOR, "合同", LEGAL)
    assert kb.indexing.pending == 3


def test_the_report_of_an_import_tells_others_nothing_of_what_is_not_for_them(
    kb: KnowledgeBase,
) -> None:
    kb.folders.set_audience(CURATOR, "合同/保密", LEGAL)
    paths = ["合同/公告.docx", "合同/保密/甲.docx", "合同/保密/坏.docx", "合同/保密/~$锁.docx"]
    entries = [
        Entry(path, f"upload:wang.fang:{path}", sha256="0" * 64, size=5, skip=skip)
        for path, skip in zip(paths, ("", "", "", "lock-file"), strict=True)
    ]
    job = kb.imports.create(IMPORTER, entries, audience=AS_PROJECT)
    claimed = kb.imports.queue.claim("r", job)
    assert claimed is not None
    for item in kb.imports.queue.take(claimed, 9):
        if "坏" in item.path:
            error = UnreadableFile(name=item.path, reason="坏")
            kb.imports.queue.record(claimed, item, Result("failed", "read", error=error))
            continue
        stored = imported(kb, item.place, actor=IMPORTER)
        note = BY_FOLDER if stored.by_folder else ""
        kb.imports.queue.record(
            claimed, item, Result("stored", "store", document_id=stored.document_id, note=note)
        )
    kb.imports.queue.finish(claimed)
    notes = {item.path: item.note for item in kb.imports.all_items(IMPORTER, job)}
    assert {path for path, note in notes.items() if note == BY_FOLDER} == {"合同/保密/甲.docx"}
    told = {
        actor.id: (kb.imports.get(actor, job).counts, kb.imports.items(actor, job)[1])
        for actor in (IMPORTER, CURATOR, MEMBER)
    }
    assert told["li.na"] == told["wang.fang"]
    counts, shown = told["wang.fang"]
    assert (counts.total, counts.stored, counts.failed, counts.skipped, shown) == (3, 2, 1, 1, 4)
    counts, shown = told["dui.you"]
    assert (counts.total, counts.stored, counts.failed, counts.skipped, shown) == (1, 1, 0, 0, 1)
    assert "保密" not in repr(list(kb.imports.all_items(MEMBER, job)))
    assert [one.counts.total for one in kb.imports.recent(MEMBER)] == [1]
    hidden = kb.imports.create(IMPORTER, entries[1:], audience=AS_PROJECT)
    assert [one.id for one in kb.imports.recent(MEMBER)] == [job]
    assert [one.id for one in kb.imports.recent(CURATOR)] == [hidden, job]


@pytest.mark.skipif(not shutil.which("pg_ctl"), reason="no PostgreSQL here")
@pytest.mark.slow
def test_on_postgresql_no_file_is_stored_by_what_was_set_before(
    tmp_path: Path, postgresql: str
) -> None:
    """Several transactions write there at once: a rule waits for files that are being stored, and moves them too."""
    with open_kb(Settings(data_dir=tmp_path / "data", database_url=postgresql)) as kb:
        imported(kb, "/srv/保密/甲.docx")
        setting = threading.Thread(
            target=kb.folders.set_audience, args=(CURATOR, "/srv/保密", LEGAL)
        )
        with kb.database.write() as session:
            late = Document(
                title="迟到", kind="summary", language="zh", body="", folder="/srv/保密"
            )
            set_audience(session, late, AS_PROJECT)
            session.add(late)
            session.flush()
            setting.start()
            setting.join(timeout=0.5)
            assert setting.is_alive()
        setting.join()
        assert kb.documents.counts(LAWYER) == {"summary": 2}
        assert kb.documents.counts(READER) == {}
        now = imported(kb, "/srv/保密/乙.docx").document_id
        assert reads(kb, now, READER, LAWYER) == [False, True]
