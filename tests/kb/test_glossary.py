"""The glossary: what staff saved stays, holds at once, and re-indexes only what it touches."""

from __future__ import annotations

import csv
import io
import threading
from pathlib import Path

import pytest
from sqlalchemy import select, update

from kb.access import FOR_EVERYONE, SYSTEM, Actor, Audience, Role, anonymous
from kb.accounts import Accounts
from kb.database import Database
from kb.documents import Documents
from kb.drafts import Draft, Guess
from kb.errors import Conflict, InvalidInput, NotAllowed, NotFound
from kb.files import FileStore
from kb.glossary import Glossary
from kb.glossary_rules import EntryRefused, EntryText
from kb.models import Change, utc_now
from kb.search.lexicon import CurrentLexicon

CURATOR = Actor("wang.fang", "王芳", Role.CURATOR)
READER = anonymous(Role.READER)
NOBODY = anonymous(Role.NONE)
HEADER = "zh,zh_synonyms,zh_hant,en,en_synonyms,abbreviations,area\n"
BUNDLED = (
    HEADER
    + "变更控制委员会,变更委员会;变更评审委员会,變更控制委員會,change control board,,CCB,integration\n"
    + "风险,,風險,risk,,,risk\n"
    + "项目,,專案,project,,,general\n"
    + "5G网络,,5G網路,5G,,5G,it\n"
)
HALL = EntryText(zh="过堂会", en="hearing session", zh_synonyms=("过堂",), area="Governance")


@pytest.fixture
def glossary(database: Database) -> Glossary:
    return Glossary(database)


@pytest.fixture
def bundled(tmp_path: Path) -> Path:
    path = tmp_path / "glossary.csv"
    path.write_text(BUNDLED, encoding="utf-8")
    return path


@pytest.fixture
def documents(database: Database, files: FileStore) -> Documents:
    return Documents(database, files)


def store(
    documents: Documents,
    title: str,
    body: str = "Nothing here. 无关的正文。",
    audience: Audience = FOR_EVERYONE,
) -> int:
    draft = Draft(title=title, body=body, language="zh", kind=Guess("report"), format="md")
    return documents.store(SYSTEM, draft, place=f"/{title}", audience=audience).document_id


def queued(database: Database) -> list[int]:
    """Documents on the change log for the glossary; they are taken off it."""
    with database.write() as session:
        rows = session.execute(
            select(Change.subject, Change.subject_id).where(
                Change.action == "glossary", Change.done_at.is_(None)
            )
        ).all()
        session.execute(update(Change).values(done_at=utc_now()))
    assert {subject for subject, _ in rows} <= {"document"}
    return sorted(document_id for _, document_id in rows)


def names(glossary: Glossary, text: str = "", **more: str) -> list[str]:
    return [entry.zh for entry in glossary.entries(READER, text, **more).entries]  # type: ignore[arg-type]


def outcomes(glossary: Glossary, table: str, *, confirmed: bool = False) -> dict[str, str]:
    imported = glossary.import_csv(CURATOR, table.encode(), confirmed=confirmed)
    return {row.zh: row.outcome for row in imported.rows}


# Who may do what


@pytest.mark.parametrize("actor", [anonymous(Role.CONTRIBUTOR), READER, NOBODY])
def test_only_curators_change_the_glossary(glossary: Glossary, actor: Actor) -> None:
    saved = glossary.save(CURATOR, HALL).entry
    for attempt in (
        lambda: glossary.save(actor, HALL),
        lambda: glossary.save(actor, HALL, entry_id=saved.id),
        lambda: glossary.remove(actor, saved.id),
        lambda: glossary.import_csv(actor, BUNDLED.encode()),
        lambda: glossary.removed(actor),
    ):
        with pytest.raises(NotAllowed):
            attempt()
    assert glossary.get(CURATOR, saved.id) == saved


def test_who_may_not_read_sees_no_entry(glossary: Glossary) -> None:
    saved = glossary.save(CURATOR, HALL).entry
    assert glossary.entries(NOBODY).total == 0
    assert glossary.export_csv(NOBODY).count("\n") == 1
    for look in (glossary.get, glossary.history):
        with pytest.raises(NotFound):
            look(NOBODY, saved.id)
    assert glossary.get(READER, saved.id).zh == "过堂会"


# The delivered glossary


def test_the_delivered_glossary_is_loaded_once_and_a_new_one_brings_what_is_new(
    glossary: Glossary, bundled: Path
) -> None:
    assert glossary.load_bundled(bundled).added == 4
    version = glossary.version()
    assert glossary.load_bundled(bundled).added == 0
    assert glossary.version() == version
    bundled.write_text(
        BUNDLED.replace("risk,,,risk", "risk,hazard,,risk") + "范围,,範圍,scope,,,scope\n",
        encoding="utf-8",
    )
    loaded = glossary.load_bundled(bundled)
    assert (loaded.added, loaded.updated, loaded.kept, loaded.taken) == (1, 1, 0, 0)
    assert glossary.entries(READER, "hazard").entries[0].origin == "bundled"


def test_what_staff_changed_or_removed_or_added_survives_every_delivery(
    glossary: Glossary, bundled: Path
) -> None:
    glossary.load_bundled(bundled)
    (risk,) = glossary.entries(READER, "风险").entries
    glossary.save(CURATOR, EntryText(zh="风险", en="risk", note="我们的说法"), entry_id=risk.id)
    (project,) = glossary.entries(READER, "项目").entries
    glossary.remove(CURATOR, project.id)
    glossary.save(CURATOR, EntryText(zh="范围", en="project scope"))
    bundled.write_text(
        BUNDLED.replace("risk,,,risk", "risk,hazard,,risk").replace("project,,", "project,job,")
        + "范围,,範圍,scope,,,scope\n",
        encoding="utf-8",
    )
    loaded = glossary.load_bundled(bundled)
    assert (loaded.added, loaded.updated, loaded.kept, loaded.taken) == (0, 0, 2, 1)
    assert glossary.get(READER, risk.id).note == "我们的说法"
    assert glossary.get(READER, risk.id).en_synonyms == ()
    assert names(glossary, "项目") == []
    assert glossary.entries(READER, "范围").entries[0].en == "project scope"


def test_the_bundled_glossary_loads_whole(glossary: Glossary) -> None:
    path = Path(__file__).parents[2] / "corpus" / "glossary.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    loaded = glossary.load_bundled(path)
    assert (loaded.added, loaded.taken) == (len(rows), 0)
    page = glossary.entries(READER, "fxgl")
    assert "风险管理" in [entry.zh for entry in page.entries]
    assert glossary.entries(READER, "CCB").entries[0].zh == "变更控制委员会"


def test_a_broken_delivery_changes_nothing(glossary: Glossary, bundled: Path) -> None:
    bundled.write_bytes(b"\xff\xfe\x00 no table")
    with pytest.raises(InvalidInput):
        glossary.load_bundled(bundled)
    assert glossary.version() == 0


# Saving


def test_an_entry_is_cleaned_and_stored_with_who_and_when(glossary: Glossary) -> None:
    text = EntryText(
        zh=" 过堂会\u3000",
        en="hearing   session",
        zh_synonyms=("过堂", "過堂会", "过堂会", "过堂"),
        zh_hant=("過堂會", "過堂會"),
        en_synonyms=("Hearing Session", "ＱＧＡ meeting"),  # noqa: RUF001  full-width on purpose
        abbreviations=("GTH", "gth"),
        area=" Governance ",
        note="第一行\r\n第二行 🚀",
    )
    entry = glossary.save(CURATOR, text).entry
    assert (entry.zh, entry.en) == ("过堂会", "hearing session")
    assert entry.zh_synonyms == ("过堂",)
    assert entry.zh_hant == ("過堂會",)
    assert entry.en_synonyms == ("QGA meeting",)
    assert entry.abbreviations == ("GTH",)
    assert (entry.area, entry.note) == ("governance", "第一行\n第二行 🚀")
    assert (entry.origin, entry.updated_by, entry.revision) == ("own", "wang.fang", 1)
    assert glossary.get(READER, entry.id) == entry


@pytest.mark.parametrize(
    ("text", "field", "reason"),
    [
        (EntryText("", "risk"), "zh", "missing"),
        (EntryText("风险", " "), "en", "missing"),
        (EntryText("risk", "risk"), "zh", "no Chinese character"),
        (EntryText("风险", "风险"), "en", "is Chinese"),
        (EntryText("风险", "123"), "en", "no letter"),
        (EntryText("风险;风险点", "risk"), "zh", "several names"),
        (EntryText("风险；风险点", "risk"), "zh", "several names"),
        (EntryText("险" * 41, "risk"), "zh", "40 characters"),
        (EntryText("险" * 40, "r" * 121), "en", "120 characters"),
        (EntryText("风险", "risk", en_synonyms=("危险",)), "en_synonyms", "is Chinese"),
        (EntryText("风险", "risk", zh_hant=("risk",)), "zh_hant", "no Chinese character"),
        (EntryText("风险", "risk", zh_synonyms=("风\u200b险" * 21,)), "zh_synonyms", "40"),
        (EntryText("风险", "risk", abbreviations=("rsk",)), "abbreviations", "capital"),
        (EntryText("风险", "risk", abbreviations=("A B",)), "abbreviations", "no spaces"),
        (EntryText("风险", "risk", abbreviations=("环评",)), "abbreviations", "capital"),
        (EntryText("风险", "=risk()"), "en", "begins with a sign"),
        (EntryText("风\x00险", "risk"), "zh", "printed"),
        (EntryText("风险", "risk", note="n" * 1_001), "note", "1000"),
        (EntryText("风险", "risk", note="\x07"), "note", "printed"),
        (EntryText("风险", "risk", area="a" * 41), "area", "40"),
        (
            EntryText("风险", "risk", en_synonyms=tuple(f"risk {n}" for n in range(31))),
            "en_synonyms",
            "30 names",
        ),
    ],
)
def test_what_cannot_be_a_name_is_refused_in_words(
    glossary: Glossary, text: EntryText, field: str, reason: str
) -> None:
    with pytest.raises(EntryRefused) as refused:
        glossary.save(CURATOR, text, confirmed=True)
    problem = refused.value.problems[0]
    assert problem.field == field
    assert reason in problem.reason % problem.data
    assert glossary.version() == 0


@pytest.mark.parametrize("name", ["𠮷祥物", "5G网络", "S曲线", "工业4.0", "完成-完成", "Ａ股"])
def test_unusual_chinese_names_are_taken(glossary: Glossary, name: str) -> None:
    assert glossary.save(CURATOR, EntryText(name, "something else")).entry.id


@pytest.mark.parametrize(
    "text",
    [
        EntryText("变更委员会", "board of changes"),
        EntryText("變更控制委員會", "board of changes"),
        EntryText("会", "Change-Control Boards", en_synonyms=("change-control board",)),
        EntryText("会", "board", zh_synonyms=("变更评审委员会",)),
    ],
)
def test_a_name_that_another_entry_has_must_be_confirmed(
    glossary: Glossary, bundled: Path, text: EntryText
) -> None:
    glossary.load_bundled(bundled)
    with pytest.raises(EntryRefused) as refused:
        glossary.save(CURATOR, text)
    assert all(problem.confirmable for problem in refused.value.problems)
    assert "变更控制委员会 / change control board" in str(refused.value)
    assert glossary.save(CURATOR, text, confirmed=True).entry.active


def test_the_same_abbreviation_may_stand_for_several_things(
    glossary: Glossary, bundled: Path
) -> None:
    glossary.load_bundled(bundled)
    text = EntryText("催化裂化锅炉", "catalytic cracking boiler", abbreviations=("CCB",))
    saved = glossary.save(CURATOR, text).entry
    (match,) = CurrentLexicon(glossary).get().find("CCB")
    assert len(match.concepts) == 2
    assert saved.id in match.concepts


def test_two_people_on_one_entry_do_not_overwrite_each_other(glossary: Glossary) -> None:
    entry = glossary.save(CURATOR, HALL).entry
    changed = EntryText("过堂会", "hearing")
    glossary.save(CURATOR, changed, entry_id=entry.id, revision=entry.revision)
    with pytest.raises(Conflict):
        glossary.save(CURATOR, HALL, entry_id=entry.id, revision=entry.revision)
    with pytest.raises(Conflict):
        glossary.remove(CURATOR, entry.id, entry.revision)
    assert glossary.get(READER, entry.id).en == "hearing"
    with pytest.raises(NotFound):
        glossary.save(CURATOR, HALL, entry_id=9_999)


def test_saving_what_stands_already_is_no_change(glossary: Glossary, database: Database) -> None:
    entry = glossary.save(CURATOR, HALL).entry
    version = glossary.version()
    again = glossary.save(CURATOR, HALL, entry_id=entry.id).entry
    assert (again, glossary.version()) == (entry, version)
    assert len(glossary.history(READER, entry.id)) == 1


def test_the_history_says_who_changed_what(glossary: Glossary, database: Database) -> None:
    Accounts(database).add(CURATOR.id, "王芳", "long enough password", Role.CURATOR)
    entry = glossary.save(CURATOR, HALL).entry
    glossary.save(
        CURATOR, EntryText("过堂会", "hearing", zh_synonyms=("过堂", "过会")), entry_id=entry.id
    )
    glossary.remove(CURATOR, entry.id)
    glossary.save(CURATOR, EntryText("过堂会", "hearing"), entry_id=entry.id)
    lines = glossary.history(READER, entry.id)
    assert [line.action for line in lines] == ["restore", "remove", "change", "add"]
    assert {line.by_name for line in lines} == {"王芳"}
    assert lines[2].fields == (
        ("en", "hearing session", "hearing"),
        ("zh_synonyms", "过堂", "过堂; 过会"),
        ("area", "governance", ""),
    )


def test_a_removed_entry_names_nothing_any_more_and_can_be_brought_back(glossary: Glossary) -> None:
    entry = glossary.save(CURATOR, HALL).entry
    current = CurrentLexicon(glossary)
    assert current.get().find("过堂会")
    glossary.remove(CURATOR, entry.id)
    assert not current.get().find("过堂会")
    assert names(glossary) == []
    assert [each.id for each in glossary.removed(CURATOR)] == [entry.id]
    assert glossary.save(CURATOR, EntryText("过堂会", "session")).entry.id != entry.id


# Taking effect


def test_a_saved_name_holds_for_the_next_question_in_every_process(
    glossary: Glossary, database: Database
) -> None:
    elsewhere = CurrentLexicon(Glossary(Database(database.url)))
    assert not elsewhere.get().find("过堂会怎么开")
    entry = glossary.save(CURATOR, HALL).entry
    (match,) = elsewhere.get().find("过堂会怎么开")
    assert match.translations == ("hearing session",)
    glossary.save(CURATOR, EntryText("过堂会", "hearing"), entry_id=entry.id)
    assert elsewhere.get().find("过堂会怎么开")[0].translations == ("hearing",)


def test_every_change_raises_the_version(glossary: Glossary, bundled: Path) -> None:
    seen = [glossary.version()]
    for change in (
        lambda: glossary.load_bundled(bundled),
        lambda: glossary.save(CURATOR, HALL),
        lambda: glossary.save(CURATOR, EntryText("过堂会", "hearing"), entry_id=5),
        lambda: glossary.import_csv(CURATOR, (HEADER + "范围,,,scope,,,\n").encode()),
        lambda: glossary.remove(CURATOR, 5),
    ):
        change()
        seen.append(glossary.version())
    assert seen == sorted(set(seen))


def test_people_who_save_at_the_same_time_wait_for_each_other(glossary: Glossary) -> None:
    start, refused = threading.Barrier(6), []

    def save() -> None:
        start.wait()
        try:
            glossary.save(CURATOR, HALL)
        except EntryRefused as error:
            refused.append(error)

    threads = [threading.Thread(target=save) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (glossary.version(), len(refused)) == (1, 5)
    assert names(glossary) == ["过堂会"]


# What is indexed again


@pytest.fixture
def library(documents: Documents, database: Database) -> dict[str, int]:
    """Documents that hold 过堂会 somewhere and somehow, and some that do not."""
    ids = {
        "title": store(documents, "过堂会纪要"),
        "heading": store(documents, "a", "## 关于过堂会\n\n正文。"),
        "text": store(documents, "b", "周三开了过堂会。"),
        "traditional": store(documents, "c", "週三開了過堂會。"),
        "compatible": store(documents, "d", "周三开了过\u200b堂会。"),
        "spaced": store(documents, "过 堂 会 纪 要"),
        "other": store(documents, "e", "周三过了一堂课会计课。"),
        "synonym": store(documents, "f", "过堂而已。"),
        "english": store(documents, "g", "The hearing session, and change control."),
    }
    queued(database)
    return ids


def ids_of(library: dict[str, int], wanted: str) -> list[int]:
    return sorted(library[name] for name in wanted.split())


HOLD_IT = "title heading text traditional compatible spaced"


def test_a_new_chinese_name_indexes_again_what_holds_it_however_written_and_nothing_else(
    glossary: Glossary, database: Database, library: dict[str, int]
) -> None:
    saved = glossary.save(CURATOR, EntryText("过堂会", "hearing session"))
    assert queued(database) == ids_of(library, HOLD_IT)
    assert saved.documents == 6
    glossary.save(CURATOR, HALL, entry_id=saved.entry.id)
    assert queued(database) == ids_of(library, HOLD_IT + " synonym")


def test_a_change_of_english_names_abbreviations_area_or_note_indexes_nothing_again(
    glossary: Glossary, database: Database, library: dict[str, int]
) -> None:
    entry = glossary.save(CURATOR, HALL).entry
    queued(database)
    text = EntryText("过堂会", "hearing", ("过堂",), (), ("the session",), ("GTH",), "risk", "x")
    glossary.save(CURATOR, text, entry_id=entry.id)
    assert queued(database) == []


def test_a_name_that_goes_indexes_its_documents_again_unless_another_entry_keeps_it(
    glossary: Glossary, database: Database, library: dict[str, int]
) -> None:
    first = glossary.save(CURATOR, EntryText("过堂会", "hearing session")).entry
    second = glossary.save(CURATOR, EntryText("听证", "hearing", ("过堂会",)), confirmed=True).entry
    queued(database)
    glossary.remove(CURATOR, first.id)
    assert queued(database) == []
    glossary.remove(CURATOR, second.id)
    assert queued(database) == ids_of(library, HOLD_IT)


def test_a_table_with_many_names_indexes_again_what_holds_any_of_them(
    glossary: Glossary, database: Database, library: dict[str, int]
) -> None:
    lines = "".join(f"无关词条{chr(0x4E00 + n)},,,thing {n},,,\n" for n in range(20))
    imported = glossary.import_csv(
        CURATOR, (HEADER + lines + "过堂会,,,hearing session,,,\n").encode()
    )
    assert queued(database) == ids_of(library, HOLD_IT)
    assert imported.documents == 6


def test_the_count_of_documents_tells_nobody_of_those_they_may_not_read(
    glossary: Glossary, database: Database, documents: Documents
) -> None:
    secret = store(documents, "过堂会名单", audience=Audience(frozenset({"group:board"})))
    queued(database)
    assert glossary.save(CURATOR, HALL).documents == 0
    assert queued(database) == [secret]


def test_a_refused_change_puts_nothing_on_the_log(
    glossary: Glossary, database: Database, library: dict[str, int]
) -> None:
    with pytest.raises(EntryRefused):
        glossary.save(CURATOR, EntryText("过堂会", ""))
    assert queued(database) == []


# Looking through


def test_entries_are_found_by_any_name_in_any_writing_and_by_pinyin(
    glossary: Glossary, bundled: Path
) -> None:
    glossary.load_bundled(bundled)
    for text in (
        "變更評審",
        "ccb",
        "ＣＣＢ",  # noqa: RUF001  full-width on purpose
        "Change  Control",
        "bgkzwyh",
        "biangeng kongzhi",
        "会",
    ):
        assert names(glossary, text) == ["变更控制委员会"], text
    for text in ("专案", "專案", "xm", "proj"):
        assert names(glossary, text) == ["项目"], text
    assert names(glossary, "𠮷") == names(glossary, "%") == names(glossary, "'; DROP TABLE") == []


def test_entries_stand_in_the_order_of_either_language_by_area_and_letter(
    glossary: Glossary, bundled: Path
) -> None:
    glossary.load_bundled(bundled)
    assert names(glossary) == ["5G网络", "变更控制委员会", "风险", "项目"]
    assert names(glossary, order="en") == ["5G网络", "变更控制委员会", "项目", "风险"]
    assert names(glossary, area="risk") == ["风险"]
    assert names(glossary, letter="B") == ["变更控制委员会"]
    assert names(glossary, letter="C", order="en") == ["变更控制委员会"]
    assert names(glossary, letter="#") == ["5G网络"]
    page = glossary.entries(READER, area="risk")
    assert page.letters == ("F",)
    assert dict(page.areas) == {"general": 1, "integration": 1, "it": 1, "risk": 1}
    second = glossary.entries(READER, page=2, per_page=3)
    assert ([entry.zh for entry in second.entries], second.total) == (["项目"], 4)
    assert glossary.entries(READER, page=9).entries == ()


def test_what_is_called_exactly_so_comes_first(glossary: Glossary) -> None:
    for zh, en in (("项目风险", "project risk"), ("风险源", "risk source"), ("风险", "risk")):
        glossary.save(CURATOR, EntryText(zh, en))
    assert names(glossary, "风险") == ["风险", "风险源", "项目风险"]


# Tables


def test_an_exported_table_comes_back_unchanged(glossary: Glossary, bundled: Path) -> None:
    glossary.load_bundled(bundled)
    glossary.save(CURATOR, EntryText("过堂会", "hearing, formal", note='-1 "quoted"\n第二行'))
    table = glossary.export_csv(READER)
    assert table.startswith("\ufeff")
    assert "\n-1" not in table
    assert ",\"'-1" in table
    version = glossary.version()
    assert set(outcomes(glossary, table).values()) == {"unchanged"}
    assert glossary.version() == version
    rows = list(csv.DictReader(io.StringIO(table.removeprefix("\ufeff"))))
    assert len(rows) == 5
    assert rows[0]["zh"] == "过堂会"


def test_each_line_of_a_table_gets_its_own_outcome(glossary: Glossary, bundled: Path) -> None:
    glossary.load_bundled(bundled)
    table = (
        HEADER
        + "风险,危险,風險,risk,hazard,,risk\n"  # changed
        + "项目,,專案,project,,,general\n"  # unchanged
        + "范围,,範圍,scope,,,scope\n"  # added
        + ",,,nothing,,,\n"  # refused
        + "项目,,,risk,,,\n"  # refused: two entries
        + "变更委员会,,,another board,,,\n"  # refused: a synonym of another entry
        + "范围蔓延;镀金,,,scope creep,,,\n"  # refused
        + "\n"
        + "进度,,,schedule,,,\n"  # added
    )
    imported = glossary.import_csv(CURATOR, table.encode("gb18030"))
    assert [(row.line, row.outcome) for row in imported.rows] == [
        (2, "changed"),
        (3, "unchanged"),
        (4, "added"),
        (5, "refused"),
        (6, "refused"),
        (7, "refused"),
        (8, "refused"),
        (10, "added"),
    ]
    assert imported.counts["refused"] == 4
    assert glossary.entries(READER, "hazard").total == 1
    assert names(glossary, "scope") == ["范围"]
    assert outcomes(glossary, table, confirmed=True)["变更委员会"] == "added"


def test_a_name_given_twice_in_one_table_is_noticed(glossary: Glossary) -> None:
    table = HEADER + "范围,项目边界,,scope,,,\n界限,项目边界,,limit,,,\n范围,,,scope,,,\n"
    imported = glossary.import_csv(CURATOR, table.encode())
    assert [row.outcome for row in imported.rows] == ["added", "refused", "changed"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"a,b\n1,2\n",
        b"zh;en\n\xe9\xa3\x8e;risk\n",
        b"\xff\xfe\x00\x00",
        b"PK\x03\x04 a workbook",
        b'zh,en\n"' + b"x" * 200_000,
        ("zh,en\n" + "风,w\n" * 20_001).encode(),
    ],
)
def test_what_is_no_table_of_entries_is_refused_whole(glossary: Glossary, content: bytes) -> None:
    with pytest.raises(InvalidInput):
        glossary.import_csv(CURATOR, content)
    assert glossary.version() == 0
