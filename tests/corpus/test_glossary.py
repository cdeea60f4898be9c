"""The bundled glossary: what five programs (segmenter, synonyms, translation, abbreviations, pinyin) rely on."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import opencc
import pytest

GLOSSARY = Path(__file__).parents[2] / "corpus" / "glossary.csv"

HEADER = ["zh", "zh_synonyms", "zh_hant", "en", "en_synonyms", "abbreviations", "area"]

AREAS = frozenset(
    """
    integration scope schedule cost quality resource communication risk procurement stakeholder
    governance agile lessons people it construction manufacturing logistics healthcare finance
    energy water contract testing data security training documents general
    """.split()  # noqa: SIM905
)

# Abbreviations that practitioners really use for two or three things; any other one names one concept.
AMBIGUOUS = frozenset(
    "AC CI CM DR ES FS MSA PDM PM PMP PO POC PQ PR PV RBS SME TOC".split()  # noqa: SIM905
)

HAN = re.compile("[\u3400-\u9fff]")
ABBREVIATION = re.compile(r"(?=(?:[^A-Z0-9]*[A-Z0-9]){2})[A-Z0-9][A-Za-z0-9&/]*")

TO_SIMPLIFIED = opencc.OpenCC("t2s")
TO_TRADITIONAL = tuple(opencc.OpenCC(name) for name in ("s2t", "s2tw", "s2hk"))


@dataclass(frozen=True)
class Entry:
    """One row: one concept with its names."""

    zh: str
    zh_synonyms: tuple[str, ...]
    zh_hant: tuple[str, ...]
    en: str
    en_synonyms: tuple[str, ...]
    abbreviations: tuple[str, ...]
    area: str

    @property
    def chinese(self) -> tuple[str, ...]:
        return (self.zh, *self.zh_synonyms)

    @property
    def english(self) -> tuple[str, ...]:
        return (self.en, *self.en_synonyms)


def rows() -> list[dict[str, str]]:
    with GLOSSARY.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, strict=True))


def listed(cell: str) -> tuple[str, ...]:
    return tuple(cell.split(";")) if cell else ()


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    return [
        Entry(
            zh=row["zh"],
            zh_synonyms=listed(row["zh_synonyms"]),
            zh_hant=listed(row["zh_hant"]),
            en=row["en"],
            en_synonyms=listed(row["en_synonyms"]),
            abbreviations=listed(row["abbreviations"]),
            area=row["area"],
        )
        for row in rows()
    ]


def repeated(names: Iterator[str]) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1]


def has_simplified_character(text: str) -> bool:
    """Conversion looks at phrases (核准 keeps 准, 準備 does not), so a character may also be right in its place."""
    in_place = [converter.convert(text) for converter in TO_TRADITIONAL]
    return any(
        all(version[place] != character for version in in_place)
        and TO_TRADITIONAL[0].convert(character) != character
        for place, character in enumerate(text)
    )


def test_the_file_is_plain_utf8_with_the_agreed_header() -> None:
    raw = GLOSSARY.read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in raw
    assert raw.endswith(b"\n")
    assert raw.decode("utf-8").splitlines()[0].split(",") == HEADER
    assert all(set(row) == set(HEADER) for row in rows())
    assert all(value is not None for row in rows() for value in row.values())


def test_there_are_at_least_800_entries_in_known_areas(entries: list[Entry]) -> None:
    assert len(entries) >= 800
    assert {entry.area for entry in entries} == AREAS


def test_every_entry_has_a_chinese_and_an_english_head(entries: list[Entry]) -> None:
    assert [entry for entry in entries if not entry.zh or not entry.en] == []
    assert [entry for entry in entries if ";" in entry.zh or ";" in entry.en] == []


def test_no_two_entries_have_the_same_head(entries: list[Entry]) -> None:
    assert repeated(TO_SIMPLIFIED.convert(entry.zh) for entry in entries) == []
    assert repeated(entry.en.casefold() for entry in entries) == []


def test_a_name_stands_for_one_concept(entries: list[Entry]) -> None:
    """Otherwise two concepts become synonyms of each other through the name they share."""
    assert (
        repeated(TO_SIMPLIFIED.convert(name) for entry in entries for name in entry.chinese) == []
    )
    assert repeated(name.casefold() for entry in entries for name in entry.english) == []


def test_an_abbreviation_stands_for_one_concept_unless_it_is_known_to_be_ambiguous(
    entries: list[Entry],
) -> None:
    shared = repeated(
        name.upper() for entry in entries for name in set(map(str.upper, entry.abbreviations))
    )
    assert set(shared) == AMBIGUOUS


def test_cells_hold_no_stray_spaces_and_no_full_width_separators() -> None:
    for row in rows():
        for column, cell in row.items():
            assert cell == unicodedata.normalize("NFKC", cell), (column, cell)
            assert cell == " ".join(cell.split()), (column, cell)
            assert not re.search(r"\s;|;\s|;;|^;|;$|、|。|,\S", cell), (column, cell)
            assert not re.search(rf"{HAN.pattern}\s|\s{HAN.pattern}", cell), (column, cell)


def test_chinese_names_are_simplified_words_of_two_characters_or_more(entries: list[Entry]) -> None:
    for entry in entries:
        for name in entry.chinese:
            assert len(name) >= 2, entry
            assert HAN.search(name), entry
            assert TO_SIMPLIFIED.convert(name) == name, entry


def test_traditional_names_are_traditional_and_differ_from_the_simplified_ones(
    entries: list[Entry],
) -> None:
    for entry in entries:
        assert not set(entry.zh_hant) & set(entry.chinese), entry
        assert repeated(iter(entry.zh_hant)) == [], entry
        for name in entry.zh_hant:
            assert len(name) >= 2, entry
            assert HAN.search(name), entry
            assert not has_simplified_character(name), (name, entry)


def test_a_chinese_head_with_other_characters_in_traditional_writing_says_so(
    entries: list[Entry],
) -> None:
    for entry in entries:
        if not entry.zh_hant:
            assert entry.zh in {converter.convert(entry.zh) for converter in TO_TRADITIONAL}, entry


def test_english_names_are_english(entries: list[Entry]) -> None:
    for entry in entries:
        for name in entry.english:
            assert name.isascii(), entry
            assert len(name) >= 2, entry
            assert re.search("[A-Za-z]", name), entry


def test_abbreviations_look_like_abbreviations(entries: list[Entry]) -> None:
    for entry in entries:
        for name in entry.abbreviations:
            assert ABBREVIATION.fullmatch(name), entry
        assert repeated(iter(entry.abbreviations)) == [], entry


def test_entries_stand_in_order_of_area_and_english_so_that_differences_read_well(
    entries: list[Entry],
) -> None:
    order = [(entry.area, entry.en.casefold()) for entry in entries]
    assert order == sorted(order)


@pytest.mark.parametrize(
    ("abbreviation", "zh", "hant", "en"),
    [
        ("CCB", "变更控制委员会", "變更控制委員會", "change control board"),
        ("WBS", "工作分解结构", "工作分解結構", "work breakdown structure"),
        ("EVM", "挣值管理", "實獲值管理", "earned value management"),
        ("PMO", "项目管理办公室", "專案管理辦公室", "project management office"),
        ("UAT", "用户验收测试", "使用者驗收測試", "user acceptance test"),
        ("SLA", "服务水平协议", "服務水準協議", "service level agreement"),
        ("EOT", "延长工期", "延長工期", "extension of time"),
        ("MES", "制造执行系统", "製造執行系統", "manufacturing execution system"),
    ],
)
def test_a_practitioners_abbreviation_leads_to_its_names_in_every_writing(
    entries: list[Entry], abbreviation: str, zh: str, hant: str, en: str
) -> None:
    (entry,) = [entry for entry in entries if abbreviation in entry.abbreviations]
    assert entry.zh == zh
    assert hant in entry.zh_hant
    assert entry.en == en
