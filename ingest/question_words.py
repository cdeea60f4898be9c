"""The words people write for kinds of questions, for true and false, and for options, in Chinese and English."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from kb.course_texts import FALSE, TRUE, QuestionKind
from kb.search.folding import fold_text

KIND_WORDS: Final[dict[QuestionKind, tuple[str, ...]]] = {
    "single": (
        "单选", "单选题", "单项选择", "单项选择题", "选择题", "single", "single choice", "one", "choice",
    ),
    "multiple": (
        "多选", "多选题", "多项选择", "多项选择题", "不定项选择题", "multiple", "multiple choice", "several",
        "multi", "multiple answer", "multiple response",
    ),
    "true_false": (
        "判断", "判断题", "是非", "是非题", "对错题", "true_false", "true/false", "true or false", "t/f",
        "yes/no", "boolean",
    ),
    "fill_in": (
        "填空", "填空题", "简答", "fill_in", "fill-in", "fill in", "fill in the blank", "blank", "short answer",
        "text",
    ),
    "order": ("排序", "排序题", "顺序题", "order", "ordering", "sequence", "sort", "ranking"),
    "find_it": (
        "查找", "查找题", "检索题", "找一找", "寻找题", "find_it", "find-it", "find it", "find", "search", "lookup",
    ),
}  # fmt: skip

_TRUE_WORDS: Final = (
    "true", "t", "yes", "y", "right", "correct", "对", "是", "正确", "真", "√", "✓", "✔", "1",
)  # fmt: skip
_FALSE_WORDS: Final = (
    "false", "f", "no", "n", "wrong", "incorrect", "错", "否", "错误", "不对", "不是", "非", "假", "×", "✗", "✘",
    "x", "0",
)  # fmt: skip
_LETTERS: Final = re.compile(r"[(（\[【]?([A-L])[)）\]】]?(?:[\s,;:.、/&+>→\-]|AND|和|及)*")
_OPTION_MARK: Final = re.compile(r"\s*[(（\[【]?([A-LＡ-Ｌ])[)）\]】.．、:：]\s*")  # noqa: RUF001


def kind_of(word: str) -> QuestionKind | None:
    """The kind that a word stands for; None for a word that is none."""
    return _KINDS.get(_key(word))


def truth_of(word: str) -> str | None:
    """:data:`TRUE` or :data:`FALSE` for what people write for them; None for anything else."""
    key = fold_text(word.strip()).rstrip(".。!")
    if key in _FOLDED_TRUE:
        return TRUE
    return FALSE if key in _FOLDED_FALSE else None


def letters_of(answer: str) -> tuple[int, ...] | None:
    """The positions (A is 0) of the options an answer names: ``AC``, ``A、C``, (full-width too), ``b > a > c``.

    None where the answer is something else than letters A to L.
    """
    text = unicodedata.normalize("NFKC", answer).strip().upper()
    found: list[int] = []
    position = 0
    while position < len(text):
        match = _LETTERS.match(text, position)
        if match is None:
            return None
        found.append(ord(match[1]) - ord("A"))
        position = match.end()
    return tuple(found) or None


def without_letter(option: str) -> tuple[str, int | None]:
    """An option without the letter in front of it, and the position that letter stands for: ``B. no`` is (no, 1)."""
    match = _OPTION_MARK.match(option)
    if match is None:
        return option.strip(), None
    return option[match.end() :].strip(), ord(unicodedata.normalize("NFKC", match[1])) - ord("A")


def _key(word: str) -> str:
    return "".join(sign for sign in fold_text(word) if sign.isalnum())


_KINDS: Final = {_key(word): kind for kind, words in KIND_WORDS.items() for word in words}
_FOLDED_TRUE: Final = frozenset(map(fold_text, _TRUE_WORDS))
_FOLDED_FALSE: Final = frozenset(map(fold_text, _FALSE_WORDS))
