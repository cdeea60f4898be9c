"""The interface in two languages: the catalogue is complete, errors are told, dates and numbers are right."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from kb.errors import FileTooLarge, KnowledgeBaseError, NotAllowed, NotFound
from web import labels
from web.language import LOCALES_DIR, Language, languages

ROOT = Path(__file__).parents[2]
SOURCES = ("kb", "ingest", "web", "templates")
KEYWORDS = {"N_": None, "_": None, "gettext": None, "ngettext": (1, 2)}


@pytest.fixture(scope="module")
def chinese() -> Language:
    return languages()["zh"]


def messages_in_the_source() -> set[object]:
    """Every message that the program may want to say."""
    found: set[object] = set()
    for folder in SOURCES:
        for _, _, message, _, _ in extract_from_dir(
            ROOT / folder,
            method_map=[("**.py", "python"), ("**.html", "jinja2")],
            options_map={"**.html": {"trimmed": "true"}},
            keywords=KEYWORDS,
        ):
            found.add(message)
    return found


def catalogue() -> Catalog:
    """The Chinese catalogue as it lies in the repository."""
    with (LOCALES_DIR / "zh" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale="zh")


def test_every_message_has_its_chinese_and_no_chinese_is_left_over() -> None:
    known = catalogue()
    wanted = messages_in_the_source()
    assert len(wanted) > 200
    translated = {
        message.id
        for message in known
        if message.id
        and all(message.string if isinstance(message.string, tuple) else [message.string])
    }
    assert wanted - translated == set(), "missing; how to add them stands in web/locales/babel.cfg"
    assert translated - wanted == set(), "said nowhere any more"
    assert not [message.id for message in known if message.fuzzy]
    assert not known.obsolete


def test_no_translation_loses_or_invents_a_gap() -> None:
    for message in catalogue():
        assert not list(message.check()), message.id


def test_every_error_can_be_told_in_chinese(chinese: Language) -> None:
    told = chinese.sentence(NotFound(what="document", id="7"))
    assert told == "没有文档“7”。"
    assert chinese.sentence(NotAllowed(action="import")) == "您没有权限：导入。"
    assert chinese.advice(FileTooLarge(name="a%b.docx", size_mib=300, limit_mib=100))
    assert "a%b.docx" in chinese.sentence(
        FileTooLarge(name="a%b.docx", size_mib=300, limit_mib=100)
    )
    kinds = [KnowledgeBaseError]
    for kind in kinds:
        kinds += kind.__subclasses__()
        assert chinese.gettext(kind.sentence) != kind.sentence, kind


def test_every_label_has_its_chinese(chinese: Language) -> None:
    same_in_both = {"Markdown"}
    for table in (labels.KINDS, labels.PURPOSES, labels.LANGUAGES, labels.FACETS, labels.OUTCOMES,
                  labels.JOB_STATES, labels.LEDGER_COUNTS, labels.FORMATS, labels.SUGGESTIONS):  # fmt: skip
        for message in table.values():
            assert chinese.gettext(message) != message or message in same_in_both


def test_dates_numbers_and_sizes_are_written_as_each_language_does(chinese: Language) -> None:
    english = languages()["en"]
    day = date(2026, 3, 5)
    assert (english.day(day), chinese.day(day)) == ("5 Mar 2026", "2026年3月5日")
    assert english.number(1234567) == "1,234,567"
    assert english.size(0) == "0 B"
    assert english.size(1536) == "1.5 KiB"
    assert chinese.size(100 * 1024 * 1024) == "100 MiB"
    assert english.percent(99.996) == "99.99%"
    assert english.percent(100) == "100%"
    assert (english.duration(180), chinese.duration(180)) == ("3 minutes", "3分钟")
    assert english.duration(0) == "0 seconds"
