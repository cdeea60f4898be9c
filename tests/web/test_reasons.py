"""Whatever a reader or an archive says of a file can be told in Chinese."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.formats import DESCRIPTIONS
from kb.errors import DamagedFile, HostileFile, UnsupportedFormat
from web.language import languages
from web.reasons import retold

ROOT = Path(__file__).parents[2]
ZH = languages()["zh"]
# Told to the person at a terminal, or taken from elsewhere as they come.
NOT_OURS = {"it would fetch its 1 from elsewhere"}
_ASCII_SENTENCE = re.compile(r"[A-Za-z]{4,} [a-z]")


def reasons_in_the_source() -> Iterator[str]:
    """Every text given as `reason=` or `empty=` to a refusal in ingest, with 1 where something is filled in."""
    refusals = {"DamagedFile", "HostileFile", "NoText", "UnreadableFile", "ReaderCrashed", "finish"}
    for path in sorted((ROOT / "ingest").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") not in refusals:
                continue
            for keyword in node.keywords:
                if keyword.arg in {"reason", "empty"}:
                    yield from texts(keyword.value)


def texts(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(
            str(part.value) if isinstance(part, ast.Constant) else "1" for part in node.values
        )
    elif isinstance(node, ast.IfExp):
        yield from texts(node.body)
        yield from texts(node.orelse)


def test_every_reason_of_a_refusal_has_its_chinese() -> None:
    found = {text.replace("1 declares", "its part 1 declares").replace("1 is not", "its part 1 is not")
             if text.startswith("1 ") else text for text in reasons_in_the_source() if text}  # fmt: skip
    assert len(found) > 30
    assert {text for text in found - NOT_OURS if ZH.retold(text) == text} == set()


@pytest.mark.parametrize("description", DESCRIPTIONS.values())
def test_every_format_has_its_chinese(description: str) -> None:
    assert ZH.retold(description) != description or description in {"Markdown", "AsciiDoc"}


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            HostileFile(
                name="总结.docx", reason="its part docProps/core.xml declares XML entities"
            ),
            "部件 docProps/core.xml 声明了 XML 实体",
        ),
        (
            DamagedFile(name="a.xls", reason="its stream “Workbook” is missing or broken"),
            "“Workbook”",
        ),
        (UnsupportedFormat(name="a.cdr", format="unknown data"), "无法识别的数据"),
    ],
)
def test_names_and_figures_stay_as_they_are(error: DamagedFile, told: str) -> None:
    sentence = ZH.sentence(error)
    assert told in sentence
    assert not _ASCII_SENTENCE.search(sentence)


def test_a_reason_within_a_reason_is_told_too() -> None:
    told = ZH.retold(
        "The embedded file a.bin (Package) is named but not read: "
        "a.bin is of a format that is not read here: unknown data."
    )
    assert told.startswith("嵌入文件 a.bin (Package) 只列出名称，没有读取：")


@pytest.mark.parametrize(
    "sentence", ["", "没有的话", "100%", "its part", "%(name)s", "\ud83d\udcc9"]
)
def test_what_is_not_known_stays_as_it_is(sentence: str) -> None:
    assert ZH.retold(sentence) == sentence
    assert retold(sentence, lambda text: text) == sentence
