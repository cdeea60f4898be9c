"""What the columns of a table of questions are called, in Chinese and English."""

from __future__ import annotations

from typing import Final

from ingest.question_words import KIND_WORDS
from ingest.registers import Field, FieldType, RegisterSchema
from kb.course_text_rules import MAX_EXPLANATION, MAX_OPTION, MAX_OPTIONS, MAX_QUESTION

_LETTERS: Final = "ABCDEFGHIJKL"
OPTION_FIELDS: Final = tuple(f"option_{letter.lower()}" for letter in _LETTERS)
_CELL: Final = MAX_OPTION * MAX_OPTIONS
SCHEMA: Final = RegisterSchema(
    (
        Field(
            "question",
            "题目",
            "Question",
            FieldType.LONG_TEXT,
            max_length=MAX_QUESTION,
            synonyms=("题干", "问题", "试题", "题目内容", "试题内容", "stem", "question text"),
        ),
        Field(
            "kind",
            "题型",
            "Kind",
            FieldType.CHOICE,
            synonyms=("题目类型", "试题类型", "类型", "question type", "type"),
            choices={str(kind): words for kind, words in KIND_WORDS.items()},
        ),
        Field(
            "options",
            "选项",
            "Options",
            FieldType.LONG_TEXT,
            max_length=_CELL,
            synonyms=("备选项", "备选答案", "候选项", "choices", "answers"),
        ),
        *(
            Field(
                name,
                f"选项{letter}",
                f"Option {letter}",
                FieldType.LONG_TEXT,
                max_length=MAX_OPTION,
                synonyms=(
                    letter,
                    f"{letter}选项",
                    f"{letter}项",
                    f"choice {letter}",
                    f"选项{number}",
                    f"option {number}",
                ),
            )
            for number, (name, letter) in enumerate(
                zip(OPTION_FIELDS, _LETTERS, strict=True), start=1
            )
        ),
        Field(
            "answer",
            "答案",
            "Answer",
            FieldType.LONG_TEXT,
            max_length=_CELL,
            synonyms=(
                "正确答案",
                "标准答案",
                "参考答案",
                "正确选项",
                "correct answer",
                "right answer",
                "correct",
                "key",
            ),
        ),
        Field(
            "explanation",
            "解析",
            "Explanation",
            FieldType.LONG_TEXT,
            max_length=MAX_EXPLANATION,
            synonyms=("答案解析", "试题解析", "解释", "说明", "rationale", "feedback", "comment"),
        ),
        Field(
            "points",
            "分值",
            "Points",
            FieldType.NUMBER,
            synonyms=("分数", "得分", "score", "mark", "marks", "weight"),
        ),
    )
)
NEEDED: Final = ("question", "answer")
