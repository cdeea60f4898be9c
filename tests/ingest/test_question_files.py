"""Files of questions: Markdown as people type it, spreadsheets as they have them, and what is wrong with either."""

# ruff: noqa: RUF001  full-width signs are what is tested

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.course_faults import MAX_FAULTS
from ingest.question_files import QuestionsRead, read_question_text, read_questions
from ingest.question_markdown import read_question_lines
from ingest.question_tables import read_sheet
from ingest.question_words import kind_of, letters_of, truth_of, without_letter
from ingest.register_tables import Table
from kb.checks_markdown import as_markdown
from kb.course_text_rules import MAX_OPTIONS, MAX_QUESTIONS, answer_key, question_faults
from kb.course_texts import QuestionText
from kb.errors import EmptyFile, FileTooLarge, KnowledgeBaseError


def _text(text: str) -> QuestionsRead:
    return read_question_text(text.splitlines())


MARKDOWN = """# 变更控制

## ? 变更超过预算的多少必须上 CCB？
- [ ] 3 %
－［Ｘ］ 5 %
- [ ] 8 %
> 5 % 或 10 个工作日，二者有一即上。

### ？ Which of these are gates?
- [x] G1
- [√] Ｇ３
- [ ] CCB
points: 2

## 问：八成的應急儲備由發起人動用
= 錯
＞ 项目经理可在授权内动用。

## Q1. Working days after G4 for the lessons workshop
= 20
= twenty
= 20 个工作日

## 题目2：按先后排序
1. 立项 𠮷
2、设计冻结
３．上线就绪
   （含演练）🙂

## ? 找出影响分析五问
@ find: corpus:zh/方法论-变更控制流程.md#影响分析五问
＠查找：/documents/12#a
分值：３
"""

EXPECTED = [
    QuestionText(
        "single",
        "变更超过预算的多少必须上 CCB？",
        ("3 %", "5 %", "8 %"),
        (1,),
        explanation="5 % 或 10 个工作日，二者有一即上。",
    ),
    QuestionText("multiple", "Which of these are gates?", ("G1", "Ｇ３", "CCB"), (0, 1), points=2),
    QuestionText(
        "true_false",
        "八成的應急儲備由發起人動用",
        accepted=("false",),
        explanation="项目经理可在授权内动用。",
    ),
    QuestionText(
        "fill_in",
        "Working days after G4 for the lessons workshop",
        accepted=("20", "twenty", "20 个工作日"),
    ),
    QuestionText("order", "按先后排序", ("立项 𠮷", "设计冻结", "上线就绪\n（含演练）🙂")),
    QuestionText(
        "find_it",
        "找出影响分析五问",
        accepted=("corpus:zh/方法论-变更控制流程.md#影响分析五问", "/documents/12#a"),
        points=3,
    ),
]


def test_every_kind_of_question_is_read_from_markdown_in_either_language_and_width() -> None:
    read = _text(MARKDOWN)
    assert read.faults == ()
    assert list(read.questions) == EXPECTED
    assert read.total == len(EXPECTED)


def test_a_question_may_go_on_over_lines_hold_code_and_say_its_kind() -> None:
    text = """## ? What does this do?

```
## ? no question
= no answer
```
Think.
kind: multiple
- [x] one
  and a half
- [ ] two
> first line

> - second
"""
    (question,) = _text(text).questions
    assert question.kind == "multiple"
    assert question.text.endswith("= no answer\n```\nThink.")
    assert question.options == ("one\nand a half", "two")
    assert question.explanation == "first line\n\n- second"
    (word,) = _text("## ? Say yes in French or English\n= yes\n题型：填空\n").questions
    assert (word.kind, word.accepted) == ("fill_in", ("yes",))
    (figure,) = _text("## ? 37 - 36\n= 1\n").questions
    assert figure.kind == "fill_in"


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("## ? q\n- [y] a\n- [x] b", 2, "between the brackets"),
        ("## ? q\n- [×] 错的\n- [x] b", 2, "between the brackets"),
        ("## ? q\n", 1, "the question has no answer"),
        ("## ?\n= a", 1, "the question has no words"),
        ("## ? q\n- [ ] a\n- [ ] b", 1, "no option is marked as right"),
        ("## ? q\n- [x] a", 1, "at least two options"),
        ("## ? q\n- [x] a\n- [ ]  a", 1, "stands there twice"),
        ("## ? q\n- [x] a\n= b", 1, "mixes answers"),
        ("## ? q\n1. a\n3. b", 1, "not numbered 1, 2, 3"),
        ("## ? q\n= 对\n= 错\nkind: true_false", 1, "neither true nor false"),
        ("## ? q\n= a\n题型：单选", 1, "does not fit the answers"),
        ("## ? q\n= a\n题型：猜谜", 3, "no kind of question"),
        ("## ? q\n= a\npoints: many", 3, "no whole number"),
        ("## ? q\n= a\npoints: 0", 1, "counts 1 to"),
        ("## ? q\n= a\nnonsense", 3, "no answer, explanation or setting"),
        ("## ? q\n= a\n=  ", 1, "an accepted answer has no words"),
        ("## ? q\n@ find: //evil.example/x", 1, "no page of this knowledge base"),
        ("## ? q\n@ find:", 1, "no accepted answer"),
        ("## ? " + "字" * 2_001 + "\n= a", 1, "the question has"),
        ("## ? q\n- [x] " + "a" * 501 + "\n- [ ] b", 1, "an option has"),
        ("## ? q\n= a\n> " + "a" * 4_001, 1, "the explanation has"),
        ("## ? q\n" + "".join(f"= {n}\n" for n in range(21)), 1, "accepted answers"),
        ("## ? q\n- [x] 0\n" + "".join(f"- [ ] {n}\n" for n in range(1, 13)), 1, "options;"),
        ("no question at all", 0, "there is no question in it"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_the_other_questions_stay(
    text: str, line: int, reason: str
) -> None:
    read = _text(text)
    assert not read.questions
    found = [(fault.line, str(fault)) for fault in read.faults]
    assert len(found) == 1, found
    assert found[0][0] == line
    assert reason in found[0][1]
    if line:
        beside = _text(f"## ? 好的一题\n= 答案\n\n{text}\n\n## ? good too\n= 对")
        assert [question.text for question in beside.questions] == ["好的一题", "good too"]
        assert [fault.line for fault in beside.faults] == [line + 3]


def test_another_heading_among_the_questions_is_told_and_ends_the_one_above() -> None:
    text = "## ? q\n= a\n## 标题\n= b".splitlines()
    questions, faults = read_question_lines(text)
    assert [question.accepted for question in questions] == [("a",)]
    assert [(fault.line, fault.value) for fault in faults] == [(3, "## 标题"), (4, "= b")]


def test_headings_may_part_the_questions_of_a_file() -> None:
    read = _text("# 题库\n\n## 一、判断题\n\n### ? 甲\n= 对\n\n## 二、填空题\n\n### ? 乙\n= 丙\n")
    assert not read.faults
    assert [question.text for question in read.questions] == ["甲", "乙"]


def test_what_is_written_as_markdown_reads_back_the_same() -> None:
    odd = [
        QuestionText("single", "a\n\n- [x] b\n## ? c", ("= d\n\n> e", "points: 2\nf"), (1,)),
        QuestionText("multiple", "题", ("甲", "乙"), (0,), explanation="因\n\n> 果", points=3),
        QuestionText("fill_in", "q", accepted=("对",)),
        QuestionText("order", "```\n## ? x\n```", ("1. 一", "@ find: 二", "三 𠮷🙂")),
        QuestionText("find_it", "找", accepted=("corpus:a b.md#c d", "/documents/1")),
        QuestionText("true_false", "真", accepted=("false",)),
    ]
    assert [list(question_faults(question)) for question in odd] == [[]] * len(odd)
    read = _text(as_markdown(odd))
    assert read.faults == ()
    assert list(read.questions) == odd


def test_no_more_questions_and_faults_are_taken_than_can_be_shown() -> None:
    many = _text("## ? q\n= a\n" * (MAX_QUESTIONS + 5))
    assert len(many.questions) == MAX_QUESTIONS
    assert "more than" in str(many.faults[0])
    assert len(_text("## ? q\n" + "= a\n?\n" * 2_000).faults) == MAX_FAULTS


def _sheet(*rows: list[object], name: str = "") -> Table:
    return Table(name, [list(row) for row in rows])  # type: ignore[arg-type]


def test_a_chinese_table_with_a_column_for_each_option_is_read() -> None:
    read = read_sheet(
        _sheet(
            ["序号", "题型", "题目", "选项A", "选项B", "选项（C）", "选项D", "正确答案", "答案解析", "分值（分）"],
            [1, "单选题", "变更控制委员会何时开会？", "周一", "周四", "周五", None, "Ｂ", "每周四。", 2],
            [2, "多選題", "哪些是关口？", "Ａ．G1", "B、G3", "CCB", "G5", "Ａ、B，Ｄ", None, None],
            [3, "判断题", "关口有六个。", None, None, None, None, "×", "五个。", "1"],
            [4, "填空", "经验萃取会在 G4 后多少个工作日内？", None, None, None, None, 20, None, None],
            [5, "排序题", "先后", "收尾", "立项", "设计冻结", None, "B→C→A", None, None],
            [6, "查找题", "找五问", None, None, None, None, "@找：corpus:zh/方法论-变更控制流程.md", None, None],
            [7, "判断题", "对否", "正确", "错误", None, None, "A", None, None],
        )
    )  # fmt: skip
    assert read.faults == ()
    kinds = [question.kind for question in read.questions]
    assert kinds == [
        "single", "multiple", "true_false", "fill_in", "order", "find_it", "true_false",
    ]  # fmt: skip
    single, several, truth, blank, order, find, letter = read.questions
    assert (single.options, single.right, single.points) == (("周一", "周四", "周五"), (1,), 2)
    assert (several.options, several.right) == (("G1", "G3", "CCB", "G5"), (0, 1, 3))
    assert (truth.accepted, truth.explanation) == (("false",), "五个。")
    assert blank.accepted == ("20",)
    assert order.options == ("立项", "设计冻结", "收尾")
    assert find.accepted == ("corpus:zh/方法论-变更控制流程.md",)
    assert letter.accepted == ("true",)


def test_an_english_table_with_options_in_one_cell_and_no_kinds_is_read() -> None:
    read = read_sheet(
        _sheet(
            ["Questions of the month"],
            ["Question text", "Choices", "Correct answer", "Rationale"],
            ["Who decides above 5 %?", "the manager\nthe board\nthe sponsor", "the board", "CCB"],
            ["Gates?", "A. G1 B. G3 C. CCB", "A and B", None],
            ["5 gates?", None, "TRUE", None],
            ["Share?", None, "5 %|five percent", None],
            ["How many?", "3|8|15", "8", None],
            ["Find it", None, "/documents/7#what-happened", None],
        )
    )
    assert read.faults == ()
    told = [(q.kind, q.options, q.right, q.accepted) for q in read.questions]
    assert told == [
        ("single", ("the manager", "the board", "the sponsor"), (1,), ()),
        ("multiple", ("G1", "G3", "CCB"), (0, 1), ()),
        ("true_false", (), (), ("true",)),
        ("fill_in", (), (), ("5 %", "five percent")),
        ("single", ("3", "8", "15"), (1,), ()),
        ("find_it", (), (), ("/documents/7#what-happened",)),
    ]


def test_bad_rows_are_told_one_by_one_with_row_column_and_value() -> None:
    read = read_sheet(
        _sheet(
            ["题目", "题型", "选项A", "选项B", "答案", "分值"],
            ["好题", "单选", "甲", "乙", "A", 1],
            ["没有这个选项", "单选", "甲", "乙", "D", 1],
            ["两个答案", "单选", "甲", "乙", "AB", 1],
            ["题型不明", "猜谜", "甲", "乙", "A", 1],
            ["不是判断", "判断", None, None, "也许", 1],
            [None, "单选", "甲", "乙", "A", 1],
            ["分值", "单选", "甲", "乙", "A", "两"],
            ["半分", "单选", "甲", "乙", "A", 0.5],
            ["排序", "排序", "甲", "乙", "A", 1],
            [None, None, None, None, None, None],
        ),
        language="zh",
    )
    assert [question.text for question in read.questions] == ["好题"]
    assert [(fault.line, fault.column) for fault in read.faults] == [
        (3, ""), (4, ""), (5, "题型"), (6, ""), (7, ""), (8, "分值"), (9, ""), (10, ""),
    ]  # fmt: skip
    assert read.faults[0].value == "D"
    assert read.total == 9


@pytest.mark.parametrize(
    ("header", "missing"),
    [
        (["题目", "选项A", "选项B"], "答案"),
        (["姓名", "部门"], "题目, 答案"),
        (["foo", "Answer"], "题目"),
    ],
)
def test_a_table_with_wrong_columns_is_refused_with_those_that_are_missing(
    header: list[object], missing: str
) -> None:
    read = read_sheet(_sheet(header, ["甲", "乙", "丙"][: len(header)]), language="zh")  # type: ignore[arg-type]
    assert not read.questions
    (fault,) = read.faults
    assert fault.data["columns"] == missing


def test_a_workbook_with_a_sheet_for_each_kind_is_read_and_other_sheets_are_passed_over(
    tmp_path: Path,
) -> None:
    book = openpyxl.Workbook()
    book.active.title = "判断题"
    book.active.append(["题干", "答案"])
    book.active.append(["周报每周五中午前交。", "是"])
    book.active.append(["坏题", "？"])
    second = book.create_sheet("填空题")
    second.append(["题干", "答案"])
    second.append(["标准项目的应急储备", "8 %；８%"])
    book.create_sheet("说明").append(["填写", "请先读"])
    path = tmp_path / "题库.xlsx"
    book.save(path)
    read = read_questions(path, "题库.xlsx", language="zh")
    assert [question.accepted for question in read.questions] == [("true",), ("8 %", "８%")]
    assert [(fault.file, fault.line) for fault in read.faults] == [("判断题", 3)]


def test_files_of_every_sort_are_told_apart(tmp_path: Path) -> None:
    for name, content in {
        "a.md": b"## ? q\n= a\n",
        "b.txt": "## ？ 问\n＝ 答\n".encode("gb18030"),
        "c.csv": "题目,答案\n问,答\n".encode("gb18030"),
        "d.txt": "题目\t答案\n问\t答\n".encode("utf-16"),
        "e.csv": "\ufeffQuestion;Answer\nq;a\n".encode(),
    }.items():
        path = tmp_path / name
        path.write_bytes(content)
        read = read_questions(path, name)
        assert len(read.questions) == 1, name
        assert not read.faults, name
    (tmp_path / "empty.md").touch()
    with pytest.raises(EmptyFile):
        read_questions(tmp_path / "empty.md", "empty.md")
    (tmp_path / "large.md").write_bytes(b"x" * (8 * 1024 * 1024 + 1))
    with pytest.raises(FileTooLarge):
        read_questions(tmp_path / "large.md", "large.md")


def test_words_are_known_in_both_languages_and_widths() -> None:
    assert [kind_of(word) for word in ("單選題", "Multiple choice", "True/False", "Find-it", "猜")] == [
        "single", "multiple", "true_false", "find_it", None,
    ]  # fmt: skip
    assert [truth_of(word) for word in ("對", "否", "ＴＲＵＥ", "x", "也许", "")] == [
        "true", "false", "true", "false", None, None,
    ]  # fmt: skip
    assert [letters_of(word) for word in ("ＡＣ", "(b)(d)", "A > C > B", "A+", "对", "")] == [
        (0, 2), (1, 3), (0, 2, 1), (0,), None, None,
    ]  # fmt: skip
    assert [without_letter(option) for option in ("Ｂ．否", "（C）x", "A plan", "Agile", "🄐x")] == [
        ("否", 1), ("x", 2), ("A plan", None), ("Agile", None), ("🄐x", None),
    ]  # fmt: skip
    assert answer_key(" 20 个工作日。") == answer_key("２０個工作日")
    assert answer_key("。") == "。"


_PIECES = st.sampled_from(
    ["## ? ", "## ？问", "- [x] a", "- [ ] 乙", "= 对", "＝ b", "1. 一", "2、二", "@ find: ", "@ /documents/1", "> 因",
     "points: 2", "kind: 多选", "```", "  go on", "", "## 标题", "\u3000\u3000", "分值：九", "题型：", "𠮷🙂", "\x00"]
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(st.lists(st.one_of(_PIECES, st.text(max_size=20)), max_size=25))
def test_no_text_makes_the_reader_fail_and_no_bad_question_gets_through(lines: list[str]) -> None:
    read = read_question_text("\n".join(lines).split("\n"))
    assert all(not question_faults(question) for question in read.questions)
    assert read.questions or read.faults
    assert all(str(fault) for fault in read.faults)


_CELLS = st.one_of(
    st.none(), st.text(max_size=12), st.integers(), st.floats(), st.booleans(), st.dates(),
    st.sampled_from(["A", "Ａ、Ｂ", "对", "单选题", "排序", "判断", "a|b", "A. x B. y", "corpus:x", "1,2", "→"]),
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(st.lists(st.lists(_CELLS, min_size=6, max_size=6), min_size=1, max_size=5))
def test_no_row_makes_the_reader_fail_and_each_is_taken_or_told(rows: list[list[object]]) -> None:
    read = read_sheet(_sheet(["题目", "题型", "选项A", "选项", "答案", "分值"], *rows))
    assert all(not question_faults(question) for question in read.questions)
    assert len(read.questions) + len({fault.line for fault in read.faults}) >= read.total
    assert all(len(question.options) <= MAX_OPTIONS for question in read.questions)


@settings(max_examples=40, deadline=None)
@given(st.binary(min_size=1, max_size=300), st.sampled_from(["q.md", "q.csv", "q.xlsx", "q.txt"]))
def test_any_bytes_are_read_or_refused_in_words(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str
) -> None:
    path = tmp_path_factory.getbasetemp() / f"any-{name}"
    path.write_bytes(content)
    try:
        read = read_questions(path, name)
    except KnowledgeBaseError:
        return
    assert read.questions or read.faults
