"""What all of the lesson harvester needs to read words: folding, numbers in front, and text that says nothing.

Patterns are tables with one family of phrases in each line (:func:`any_of`). They are matched against folded text:
half-width, small letters, simplified characters; so each Chinese word stands there once and holds for its traditional
form as well.
"""

from __future__ import annotations

import re
from typing import Final

from kb.search.folding import fold_text

# Marks around a label or heading that do not belong to its words.
EDGES: Final = " *_:：[]【】()（）<>《》“”\"'·-–—.。?？!！→>#"
# Fewer letters than this are no lesson: 加强沟通 is four, and says nothing to anybody.
_WORTH_CHARS: Final = 6
_FEWEST_LETTERS: Final = 4  # a date or an amount is none either
# A reference to another document with more characters than this is a lesson that also names its source.
_REFERENCE_CHARS: Final = 90


def any_of(table: str) -> re.Pattern[str]:
    """One pattern out of a table with an alternative in each line."""
    return re.compile("|".join(line.strip() for line in table.split("\n") if line.strip()))


# The numbers in front of headings and points. 2021年 and 7.4% are none.
_NUMBER: Final = re.compile(
    any_of(r"""
        \s*第\s*[一二三四五六七八九十百\d]{1,4}\s*[章节条部篇点项][、.:：\s]*
        \s*[(（\[【]\s*[一二三四五六七八九十\d]{1,3}\s*[)）\]】][、.\s]*
        \s*[一二三四五六七八九十壹贰貳叁參肆伍陆陸柒捌玖拾]{1,3}[、.\uff0e]\s*
        \s*\d{1,2}(?:[.\uff0e]\d{1,2}){1,4}[.、\uff0e)）]?\s*(?![\d%])
        \s*\d{1,3}[、\uff0e)）]\s*
        \s*\d{1,3}\.(?!\d)\s*
        \s*[①-⑳㈠-㈩]\s*
        \s*(?:[a-z]|[ivxl]{2,6})[.)]\s+
        \s*[a-z]\.\d{1,2}(?:\.\d{1,2})*\s+
        \s*(?:chapter|section|part|lesson|no\.?)\s+\d{1,3}\s*(?:[-–—.:：]\s*|(?=[^\W\d]))
    """).pattern,
    re.IGNORECASE,
)
_CHAPTER: Final = re.compile(
    r"\s*(?:\d{1,2}|[一二三四五六七八九十壹贰貳叁參肆伍陆陸柒捌玖拾]{1,3})\s+(?=\S)"
)


def folded(text: str) -> str:
    """``text`` as the patterns of the harvester want it."""
    return " ".join(fold_text(text).split())


def unnumbered(text: str) -> str:
    """``text`` without the number in front: ``（一）``, ``8.1``, ``三、``, ``②``."""
    while (found := _NUMBER.match(text)) and found.end() < len(text):
        text = text[found.end() :]
    return text.strip()


def unnumbered_heading(heading: str) -> str:
    """The same for a heading, where a plain number in front is one too: ``8 经验教训``."""
    found = _CHAPTER.match(heading)
    return unnumbered(heading[found.end() :] if found else heading)


_NOTHING: Final = any_of(r"""
    (?:本项目)?暂?(?:无|没有)(?:可记录的|相关)?(?:经验教训|问题|内容)?[.。!]?
    (?:略|不适用|待补充?|待定|待填写?|同上)[.。!]?
    [/\\—–\-.…]+
    [x×*]{2,}
    (?:n/?a|none|nil|no|tbd|tbc|nothing(?: to report)?|not applicable|to be (?:completed|added|done))[.!]?
""")
_PLACEHOLDER: Final = any_of(r"""
    ^[\[【(<《{]?\s*(?:填写说明|填写要求|填表说明|请(?:填写|描述|说明|输入|在此)|在此(?:填写|处|描述)|说明:|示例|此处)
    ^[\[【(<《{]?\s*(?:(?:instructions?|describe|insert|enter)\b|please (?:describe|enter|fill)|example:)
    ^[\[【(<《{]?\s*(?:state (?:the|what)\b|what\b.{0,60}\?\s*[\])>])
    x{3,}
    ×{2,}
    lorem ipsum
""")
_REFERS: Final = any_of(r"""
    详见|参见|请见|另见|见附[件表录]|请参[阅照考]
    单独成册|另行(?:成文|编制|提交)|不再(?:赘述|重复)
    \bsee\b|refer(?:red)? to|can be found in|separate (?:document|report|file)
    (?:are|is|were|was) (?:recorded|documented|collected|kept|held|listed|published) in
""")
_SENTENCE: Final = re.compile(r"[^。！？!?;；\n]*?(?:[。！？!?;；\n]|(?<=[a-z\d)”\"])\.(?=\s|$)|$)")


def is_nothing(text: str) -> bool:
    """True for 无, N/A, what a template asks to be filled in, and what only refers to another document."""
    bare = folded(text).strip(" *_")
    if not bare or _NOTHING.fullmatch(bare) or _PLACEHOLDER.search(bare):
        return True
    if not _REFERS.search(bare) or len(bare) > _REFERENCE_CHARS:
        return False
    rest = "".join(part for part in _SENTENCE.findall(bare) if not _REFERS.search(part))
    return sum(char.isalnum() for char in rest) < _WORTH_CHARS


def is_worth(text: str) -> bool:
    """True when ``text`` says enough to be a lesson."""
    letters = sum(char.isalpha() for char in text)
    return (
        letters >= _FEWEST_LETTERS
        and sum(map(str.isalnum, text)) >= _WORTH_CHARS
        and not is_nothing(text)
    )
