"""The register of people: spreadsheets with right and wrong columns, and vCards of three versions."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from ingest.register_columns import guess_columns, header_row
from ingest.register_of_people import PEOPLE_SCHEMA, people_register
from ingest.register_runs import first_choice, import_file, run
from ingest.register_tables import read_tables
from ingest.vcards import HEADERS, read_vcards
from kb import open_kb
from kb.access import SYSTEM, Actor, Role
from kb.config import Settings
from kb.errors import DamagedFile, InvalidInput, NotAllowed
from kb.known_names import KnownNames
from kb.register_rows import Keep

CURATOR = Actor("pmo", "周敏", Role.CURATOR)
OF_3 = """BEGIN:VCARD
VERSION:3.0
N:郝;建平;;;
FN:郝建平
N;LANGUAGE=en:Hao;Jianping
NICKNAME:老郝,Old Hao
ORG:澄岭集团;水务环境事业部
TITLE:高级项目经理
ADR;TYPE=work:;;江汉路1号;Wuhan;;;CN
EMAIL;TYPE=home:private@example.com
item1.EMAIL;TYPE=internet,pref:hao@example.com
TEL;TYPE=work:+86 27 1
TEL;TYPE=cell:+86 139 2
NOTE:a note with a colon: BEGIN\\, and
  a folded line
CATEGORIES:水处理,civil works
END:VCARD
"""
OF_4 = """BEGIN:VCARD\r
VERSION:4.0\r
FN;ALTID=1;LANGUAGE=zh:伊内斯·卡瓦略\r
FN;ALTID=1;LANGUAGE=en:Inês Carvalho\r
EMAIL:mailto:ines@example.com\r
TEL;VALUE=uri:tel:+31-10-1\r
LANG;PREF=1:pt\r
LANG:en-GB\r
EXPERTISE;LEVEL=expert:FIDIC\r
IMPP:xmpp:ines@chat.example\r
PHOTO:data:image/png;base64,AAAA\r
 AAAA\r
END:VCARD\r
"""
OF_21 = """BEGIN:VCARD
VERSION:2.1
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E7=BD=97;=E6=88=90=E4=B8=9A;;;
FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E7=BD=97=
=E6=88=90=E4=B8=9A
TITLE;CHARSET=GBK;ENCODING=QUOTED-PRINTABLE:=CF=EE=C4=BF=BE=AD=C0=ED
TEL;CELL:139
END:VCARD
"""


_COMMON = "handle name_zh name_en department title place languages email phone chat"


def cards(text: str) -> list[dict[str, str]]:
    header, *rows = read_vcards(text.encode(), "people.vcf")
    assert header == list(HEADERS)
    return [
        {name: value for name, value in zip(HEADERS, row, strict=True) if value} for row in rows
    ]


def test_vcards_of_every_version_say_the_same_things_in_their_own_way() -> None:
    assert cards(OF_3 + OF_4 + OF_21) == [
        {
            "name_zh": "郝建平",
            "name_en": "Jianping Hao",
            "aliases": "老郝; Old Hao",
            "department": "水务环境事业部",
            "title": "高级项目经理",
            "place": "Wuhan",
            "email": "hao@example.com",
            "phone": "+86 139 2",
            "interests": "水处理; civil works",
        },
        {
            "name_zh": "伊内斯·卡瓦略",
            "name_en": "Inês Carvalho",
            "languages": "pt; en",
            "email": "ines@example.com",
            "phone": "+31-10-1",
            "chat": "xmpp:ines@chat.example",
            "topics": "FIDIC",
        },
        {"name_zh": "罗成业", "title": "项目经理", "phone": "139"},
    ]


def test_a_broken_card_spoils_no_other_and_a_file_without_one_is_refused() -> None:
    broken = "BEGIN:VCARD\nFN:𠮷田 🚀\nno colon here\n;:\n:x\n"
    assert [card.get("name_zh") for card in cards(broken + OF_3 + "BEGIN:VCARD\nEND:VCARD\n")] == [
        "𠮷田🚀",
        "郝建平",
        None,
    ]
    for text in ("", "FN:nobody\n", "BEGIN:VCALENDAR\nEND:VCALENDAR\n"):
        with pytest.raises(DamagedFile):
            read_vcards(text.encode(), "x.vcf")


def test_headers_in_either_language_are_known(tmp_path: Path) -> None:
    chinese = tmp_path / "zh.csv"
    chinese.write_text(
        "工号,姓名,英文名,所属部门,岗位,城市,会说的语言,邮箱,手机,企业微信,资质,入职年份,离职日期,导师\n"
        "li.na,李娜,Li Na,PMO,经理,杭州,中文、英语,l@example.com,1,@l,PMP,2015年,2026/3/1,是\n",
        encoding="gbk",
    )
    english = tmp_path / "en.csv"
    english.write_text(
        "User name;Full name;Division;Job title;Office;Speaks;E-mail;Mobile;Skills;Last day\n"
        "li.na;Li Na;PMO;PM;Hangzhou;zh|en;l@example.com;1;risk;2026-03-01\n",
        encoding="utf-8",
    )
    for path, wanted in (
        (
            chinese,
            f"{_COMMON} certificates since left_on mentor",
        ),
        (
            english,
            "handle name_en department title place languages email phone topics left_on",
        ),
    ):
        [table] = read_tables(path, path.name)
        row = header_row(PEOPLE_SCHEMA, table)
        guessed = guess_columns(PEOPLE_SCHEMA, table, row, KnownNames())
        found = {guess.column: name for name, guess in guessed.items()}
        assert [found[column] for column in sorted(found)] == wanted.split()


def test_a_list_of_staff_is_imported_whole_or_not_at_all_and_wrong_columns_are_told(
    data_folder: Path, tmp_path: Path
) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["在册人员名单 2026"])
    sheet.append(["人员代号", "姓名", "邮箱", "是否导师", "离职日期", "可否请教"])
    sheet.append(["li.na", "李娜", "li.na@example.com", "是", None, "可以请教"])
    sheet.append(["wang", "王芳", "no address", "maybe", "31.31.2026", "perhaps"])
    sheet.append(["li.na", "又一个", None, None, None, None])
    sheet.append([None, None, "x@example.com", None, None, None])
    path = tmp_path / "staff.xlsx"
    book.save(path)
    cards_file = tmp_path / "cards.vcf"
    cards_file.write_text(OF_3 + OF_4 + OF_21, encoding="utf-8")
    fruit = tmp_path / "fruit.csv"
    fruit.write_text("Apples,Pears\n1,2\n", encoding="utf-8")
    with open_kb(Settings(data_dir=data_folder)) as kb:
        register = people_register(kb)
        tables = read_tables(path, path.name)
        choice = first_choice(register, tables, kb.database, CURATOR)
        told = run(register, kb.database, CURATOR, tables, choice, keep=Keep.ALL)
        assert not told.kept
        assert kb.people.all(SYSTEM) == []
        assert {(one.row, one.column) for one in told.problems} >= {
            (4, "是否导师"),
            (4, "离职日期"),
            (4, "可否请教"),
        }
        assert {one.row for one in told.problems} == {4, 5, 6}
        good = run(register, kb.database, CURATOR, tables, choice, keep=Keep.GOOD)
        assert good.counts["added"] == 1
        [li_na] = kb.people.all(SYSTEM)
        said = kb.people.entry(CURATOR, li_na.id).said
        assert (said.mentor, said.availability, said.left_on) == (True, "open", None)
        wrong = read_tables(fruit, fruit.name)
        fruit_choice = first_choice(register, wrong, kb.database, CURATOR)
        with pytest.raises(InvalidInput):
            run(register, kb.database, CURATOR, wrong, fruit_choice, keep=Keep.ALL)
        import_file(register, kb.database, CURATOR, cards_file)
        handles = [person.handle for person in kb.people.all(SYSTEM)]
        assert sorted(handles) == ["ines.carvalho", "jianping.hao", "li.na", "luo.chengye"]
        again = import_file(register, kb.database, CURATOR, cards_file)
        assert again.counts["unchanged"] == 3
        with pytest.raises(NotAllowed):
            import_file(register, kb.database, Actor("r", "", Role.READER), cards_file)


def test_the_bundled_people_hold_what_the_directory_shows(data_folder: Path) -> None:
    with open_kb(Settings(data_dir=data_folder)) as kb:
        path = Path(kb.settings.corpus_dir) / "people.csv"
        done = import_file(people_register(kb), kb.database, SYSTEM, path)
        assert (done.kept, done.counts["added"], done.problems) == (True, 24, [])
        entries = {
            one.handle: kb.people.entry(SYSTEM, one.id).said for one in kb.people.all(SYSTEM)
        }
    assert sum(one.left_on is not None for one in entries.values()) == 1
    assert sorted(h for h, one in entries.items() if one.mentor) == ["daniel.okafor", "lu.wenzhao"]
    assert entries["hao.jianping"].certificates[1].valid_until == date(2026, 3, 31)
    assert all(one.topics or handle == "shi.guangyao" for handle, one in entries.items())
    assert entries["ines.carvalho"].languages == ("en",)
