# ruff: noqa: RUF001  full-width signs are part of what is tested
"""Plain text and comma-separated values: words, paragraphs and headings as their writer meant them."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.errors import NoText
from kb.markdown import plain_text, sections
from tests.ingest.readers.office_files import draft, words


@pytest.mark.parametrize(
    "text",
    [
        "项目在 2023 年上线，节约 １２０ 万元。",
        "專案經理負責協調 𠮷 👍",
        "a * b * c_d [x](y) <tag> &amp; `code` | pipe",
        "# not a heading? 1. nor a list",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
def test_text_comes_through_as_it_is_in_every_character_set(
    tmp_path: Path, text: str, encoding: str
) -> None:
    assert words(draft(tmp_path, "a.txt", text.encode(encoding))) == text


def test_traditional_text_in_big5_comes_through(tmp_path: Path) -> None:
    text = "專案結案報告：經驗教訓與改善建議"
    assert words(draft(tmp_path, "a.txt", text.encode("big5"))) == text


def test_numbered_lines_become_headings_and_sentences_do_not(tmp_path: Path) -> None:
    text = (
        "第一章 项目概况\n\n一、背景\n本项目于 2021 年启动。\n（一）范围\n两个厂区。\n"
        "1.2 Schedule\nEight months.\n二、我们认为，这一点很重要。\n"
    )
    found = [(one.level, one.heading) for one in sections(draft(tmp_path, "a.txt", text).body)]
    assert found == [
        (1, "第一章 项目概况"),
        (2, "一、背景"),
        (3, "（一）范围"),
        (3, "1.2 Schedule"),
    ]


def test_a_heading_underlined_with_signs_is_one(tmp_path: Path) -> None:
    found = draft(tmp_path, "a.txt", "Lessons learned\n===============\n\nWe tested late.")
    assert [(one.heading, one.text) for one in sections(found.body)] == [
        ("Lessons learned", "We tested late.")
    ]


def test_lines_wrapped_by_a_program_are_joined_and_others_stay_lines(tmp_path: Path) -> None:
    wrapped = (
        "The supplier delivered the second batch three weeks later than\n"
        "agreed in the contract, which moved the acceptance test into the\n"
        "holidays and cost two weekends."
    )
    assert "\n" not in plain_text(draft(tmp_path, "a.txt", wrapped).body).strip()
    assert (
        plain_text(draft(tmp_path, "b.txt", "甲方：某公司\n乙方：某集团").body).strip()
        == "甲方：某公司\n乙方：某集团"
    )


def test_columns_made_of_spaces_are_kept_as_they_stand(tmp_path: Path) -> None:
    found = draft(tmp_path, "a.txt", "任务      天数\n设计      5\n开发      20\n")
    assert "设计      5" in found.body


def test_bytes_that_fit_nowhere_are_a_named_loss(tmp_path: Path) -> None:
    content = ("项目管理的经验教训" * 30).encode() + b"\xff\xff" + "结束".encode()
    found = draft(tmp_path, "a.txt", content)
    assert found.ledger.losses
    assert "结束" in words(found)


@pytest.mark.parametrize("text", ["   \n\n", "---\n***\n", "。。。"])
def test_a_file_without_a_word_has_no_text(tmp_path: Path, text: str) -> None:
    with pytest.raises(NoText):
        draft(tmp_path, "a.txt", text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", '编号,描述,措施\n1,"延期, 两周",每周检查\n2,超支,\n'),
        ("a.csv", "编号;描述;措施\n1;延期, 两周;每周检查\n2;超支;\n"),
        ("a.tsv", "编号\t描述\t措施\n1\t延期, 两周\t每周检查\n2\t超支\t\n"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_separated_values_are_one_table_whatever_separates_them(
    tmp_path: Path, name: str, text: str, encoding: str
) -> None:
    found = draft(tmp_path, name, text.encode(encoding))
    assert found.format == "csv"
    assert plain_text(found.body) == "编号\t描述\t措施\n1\t延期, 两周\t每周检查\n2\t超支\t"
    assert found.ledger.counts["tables"].carried == 1


def test_a_cell_of_several_lines_stays_one_cell(tmp_path: Path) -> None:
    found = draft(tmp_path, "a.csv", 'Lesson,Action\n"late\ndelivery|cost","check\nweekly"\n')
    assert "| late<br>delivery\\|cost | check<br>weekly |" in found.body


def test_a_huge_table_is_cut_and_the_ledger_says_so(tmp_path: Path) -> None:
    found = draft(tmp_path, "a.csv", "n,名称\n" + "".join(f"{n},第{n}行\n" for n in range(6000)))
    assert found.ledger.losses == ["Of the 6001 rows of the table, the first 5000 were carried."]
    assert found.ledger.coverage < 100


def test_a_table_of_empty_cells_has_no_text(tmp_path: Path) -> None:
    with pytest.raises(NoText):
        draft(tmp_path, "a.csv", ",,\n,,\n")
