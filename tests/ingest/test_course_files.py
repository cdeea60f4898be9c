"""Folders of courses: read as a whole, or told with everything that is wrong, by file and line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.course_files import CoursesRead, read_courses
from ingest.course_units import read_unit
from kb.course_texts import (
    CheckText,
    QuestionText,
    StepText,
    cycle_among,
    is_place,
    places_in,
    with_addresses,
)

COURSE = "---\ntitle: 入门\nlanguage: zh\nsummary: 学会看关口。\n---\n"
UNIT = "---\ntitle: 关口\nminutes: 5\n---\n正文。\n\n## ? 几个？\n= 5\n> 五个。\n"
GOOD = {
    "zh/start/course.md": (
        "---\nid: start-zh\n标题：入门：第一周\n语言: 中文\nteachers: [tong.mei, lu.wenzhao]\n"
        "主题: 变更控制、风险\nprerequisites: other\nupdated: 2026-09-01\n---\n学会看关口，𠮷。\n"
    ),
    "zh/start/01-关口.md": UNIT,
    "zh/start/02-doc.md": (
        "---\nkind: document\ntarget: corpus:zh/方法论-变更控制流程.md\n---\n"
        "# 变更 Change control 🙂\n\n先读。" + "读" * 250 + "\n"
    ),
    "zh/start/10-final.md": (
        "---\ntitle: 结业\nkind: 测验\n测验: {题库: units, 抽题: 2, 及格: 70 %, 重考: 3, 限时: 15}\n---\n"
        "## ? 对否\n= 对\n> 是。\n"
    ),
    "zh/start/README.md": "for editors",
    "zh/paths/new.yaml": (
        "title: 新人\nlanguage: zh\nrole: new-hire\nsummary: 两门课。\n"
        "courses:\n  - start-zh\n  - {course: other, due: 20}\ndue: 30\n"
    ),
    "en/paths/pm.md": (
        "---\ntitle: PM\nlanguage: EN\nrole: project-manager\ncourses: [other]\n"
        "prerequisites: [new]\n---\nOne course.\n"
    ),
    ".hidden/x.md": "not looked at",
}


def _read(folder: Path, files: Mapping[str, str | bytes]) -> CoursesRead:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_courses(folder)


def test_courses_units_checks_and_paths_are_read_in_either_language(tmp_path: Path) -> None:
    read = _read(tmp_path, GOOD)
    assert [str(fault) for fault in read.faults] == []
    assert read.texts is not None
    (course,) = read.texts.courses
    assert (course.id, course.language, course.title) == ("start-zh", "zh", "入门：第一周")
    assert course.summary == "学会看关口，𠮷。"
    assert course.teachers == ("tong.mei", "lu.wenzhao")
    assert course.topics == ("变更控制", "风险")
    assert (course.prerequisites, course.updated) == (("other",), "2026-09-01")
    gates, document, final = course.units
    asked = QuestionText("fill_in", "几个？", accepted=("5",), explanation="五个。")
    assert (gates.id, gates.kind, gates.minutes, gates.body) == ("01-关口", "page", 5, "正文。")
    assert gates.check == CheckText((asked,))
    assert (document.kind, document.target) == ("document", "corpus:zh/方法论-变更控制流程.md")
    assert document.title == "变更 Change control 🙂"
    assert document.body.startswith("先读。")
    assert (document.minutes, document.check) == (1, None)
    truth = QuestionText("true_false", "对否", accepted=("true",), explanation="是。")
    assert final.kind == "check"
    assert final.check == CheckText((truth, asked), 2, 70, 3, 15)
    assert course.minutes == 5 + 1 + final.minutes
    by_id = {path.id: path for path in read.texts.paths}
    assert by_id["new"].steps == (StepText("start-zh"), StepText("other", 20))
    assert (by_id["new"].role, by_id["new"].due_days) == ("new-hire", 30)
    assert (by_id["pm"].language, by_id["pm"].prerequisites) == ("en", ("new",))
    assert by_id["pm"].summary == "One course."


@pytest.mark.parametrize(
    ("name", "content", "line", "reason"),
    [
        (
            "c/course.md",
            "---\ntitle: 入门\nlanguage: fr\nsummary: x\n---\n",
            3,
            "neither zh nor en",
        ),
        ("c/course.md", "---\nlanguage: zh\nsummary: x\n---\n", 1, "“title” is missing"),
        ("c/course.md", "---\ntitle: [a\nlanguage: zh\n---\n", 3, "no list of settings"),
        ("c/course.md", "---\ntitle: a\nlanguage: zh\nsummary: s\n", 1, "never closed"),
        ("c/course.md", COURSE.replace("summary", "sumary"), 4, "“sumary” is not known"),
        ("c/course.md", COURSE.replace("入门", "入门\ntitle: 两次"), 3, "stands there twice"),
        ("c/course.md", COURSE.replace("入门", "入门\nid: a b"), 3, "other signs than"),
        ("c/course.md", COURSE.replace("入门", "{a: 1}"), 2, "is no text"),
        ("c/course.md", COURSE.replace("入门", "字" * 201), 2, "201 characters"),
        ("c/course.md", COURSE.replace("入门", "&a x\nid: *a"), 1, "no list of settings"),
        ("c/course.md", COURSE.replace("入门", "a\nprerequisites: c"), 0, "wait for one another"),
        ("c/01-a.md", UNIT.replace("minutes: 5", "minutes: 一会儿"), 3, "no whole number from 1"),
        ("c/01-a.md", UNIT.replace("minutes: 5", "minutes: 0"), 3, "no whole number from 1"),
        ("c/01-a.md", UNIT.replace("minutes: 5", "kind: 讲座"), 3, "no kind of unit"),
        ("c/01-a.md", UNIT.replace("minutes: 5", "kind: video"), 1, "needs the setting “target”"),
        ("c/01-a.md", UNIT.replace("minutes: 5", "target: /documents/1"), 3, "has no target"),
        (
            "c/01-a.md",
            UNIT.replace("minutes: 5", "kind: file\ntarget: javascript:alert(1)"),
            4,
            "neither a place nor an address",
        ),
        ("c/01-a.md", UNIT.replace("minutes: 5", "check: 80"), 3, "no list of settings"),
        ("c/01-a.md", UNIT.replace("minutes: 5", "check: {pass: 101}"), 3, "from 1 to 100"),
        ("c/01-a.md", UNIT.replace("minutes: 5", "check: {passs: 1}"), 3, "not known"),
        ("c/01-a.md", UNIT.replace("minutes: 5", "check: {draw: 2}"), 3, "from a bank of 1"),
        ("c/01-a.md", UNIT.replace("minutes: 5", "check: {bank: all}"), 3, "is no bank"),
        ("c/01-a.md", UNIT.replace("正文。\n", ""), 5, "the page has no words"),
        ("c/01-a.md", UNIT.replace("= 5", "错行"), 7, "the question has no answer"),
        ("c/01-a.md", "正文。\n", 1, "no title"),
        ("c/01-a.md", "---\ntitle: t\nkind: check\n---\n", 1, "no questions"),
        ("c/01-b.md", UNIT, 0, "have the number 1"),
        ("c/a.md", UNIT, 0, "belongs to no course"),
        ("c/01-a.docx", b"PK", 0, "belongs to no course"),
        ("stray.md", UNIT, 0, "belongs to no course"),
        ("c/01-a.md", b"x" * (1024 * 1024 + 1), 0, "more than 1024 KiB"),
        ("paths/p.yaml", "title: t\nlanguage: en\nrole: pmo\nsummary: s\n", 1, "has no courses"),
        (
            "paths/p.yaml",
            "title: t\nlanguage: en\nrole: pmo\nsummary: s\ncourses: [a b]\n",
            5,
            "no course of the form",
        ),
        (
            "paths/p.yaml",
            "title: t\nlanguage: en\nrole: pmo\nsummary: s\ncourses: [{course: c, due: soon}]\n",
            5,
            "“due” is no whole number",
        ),
        ("paths/p.txt", "title: t\n", 0, "belongs to no course"),
        ("d/course.md", COURSE, 0, "the course has no units"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_line_and_nothing_is_half_read(
    tmp_path: Path, name: str, content: str | bytes, line: int, reason: str
) -> None:
    read = _read(tmp_path, {"c/course.md": COURSE, "c/01-a.md": UNIT, name: content})
    told = [(fault.file, fault.line) for fault in read.faults if reason in str(fault)]
    assert told == [(name, line)], [str(fault) for fault in read.faults]
    assert read.texts is None


def test_everything_that_is_wrong_is_told_at_once_in_the_order_of_files_and_lines(
    tmp_path: Path,
) -> None:
    read = _read(
        tmp_path,
        {
            "c/course.md": COURSE.replace("zh", "fr").replace("summary", "sumary"),
            "c/01-a.md": UNIT.replace("5\n---", "x\n---").replace("= 5", ""),
            "d/course.md": COURSE.replace("入门", "入门\nid: c"),
            "d/01-a.md": UNIT,
        },
    )
    assert [(fault.file, fault.line) for fault in read.faults] == [
        ("c/01-a.md", 3),
        ("c/01-a.md", 7),
        ("c/course.md", 1),
        ("c/course.md", 3),
        ("c/course.md", 4),
        ("d/course.md", 3),
    ]


def test_an_empty_folder_and_links_out_of_it_are_no_courses(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "course.md").write_text(COURSE, encoding="utf-8")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link").symlink_to(outside)
    (inside / "course.md").symlink_to(outside / "course.md")
    read = read_courses(inside)
    assert [str(fault) for fault in read.faults] == [
        "there is no course in this folder: a course is a folder with a file course.md."
    ]


def test_a_code_block_is_no_question_and_a_repeated_title_is_said_once() -> None:
    read = read_unit(
        ["# 题 ##", "", "```", "## ? no", "```", "", "text", "## ? yes", "= a"], "u.md", "u"
    )
    assert not read.faults
    assert (read.unit.title, read.unit.body) == ("题", "```\n## ? no\n```\n\ntext")
    assert read.unit.check is not None
    assert len(read.unit.check.bank) == 1


def test_places_in_links_become_addresses_and_unknown_ones_leave_their_words() -> None:
    text = (
        "看 [变更](corpus:zh/方法论-变更控制流程.md#影响分析五问)、[卡片](<corpus:en/a b (1).md#What happened>)、"
        "[the plan](project:CL-2020-004), [web](https://example.org), ![p](corpus:x) "
        "[编码](corpus:zh/%E6%96%B9.md)"
    )
    places = places_in(text)
    assert places == (
        "corpus:zh/方法论-变更控制流程.md#影响分析五问",
        "corpus:en/a b (1).md#What happened",
        "project:CL-2020-004",
        "corpus:zh/方.md",
    )
    known = {places[0]: "/documents/1#a", places[1]: "/documents/2#b"}
    assert with_addresses(text, known.get) == (
        "看 [变更](/documents/1#a)、[卡片](/documents/2#b)、the plan, [web](https://example.org), "
        "![p](corpus:x) 编码"
    )
    assert [is_place(each) for each in ("unit:a/b", "lesson:zh-01", "/documents/1", "file:x")] == [
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("before", "circle"),
    [
        ({}, ()),
        ({"a": ["b"], "b": ["c"]}, ()),
        ({"a": ["b", "c"], "b": ["c"], "c": []}, ()),
        ({"甲": ["甲"]}, ("甲", "甲")),
        ({"a": ["b"], "b": ["c"], "c": ["b"]}, ("b", "c", "b")),
        ({str(n): [str(n + 1)] for n in range(5_000)}, ()),
    ],
)
def test_things_that_wait_for_one_another_in_a_circle_are_found(
    before: Mapping[str, list[str]], circle: tuple[str, ...]
) -> None:
    assert cycle_among(before) == circle


_LINES = st.sampled_from(
    ["---", "title: a", "标题：甲：乙", "kind: check", "check: {draw: 9}", "check:", "  pass: x", "- a", "? b", "{",
     "&a b", "*a", "!!python/object:os.system x", "date: 2026-13-45", "minutes: 1_0", "minutes: 0x1F", "## ? q", "= 对",
     "```", "# t", "", "\t", "a: [", "1: 2", "? [a]", ": b", "<<: *a", "minutes: 9999999999999999999"]
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(_LINES, st.text(max_size=15)), max_size=20))
def test_no_file_makes_the_reader_fail(lines: list[str]) -> None:
    read = read_unit("\n".join(lines).split("\n"), "u.md", "u")
    assert all(str(fault) for fault in read.faults)
    if not read.faults:
        assert read.unit.title
