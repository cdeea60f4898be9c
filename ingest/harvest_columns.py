"""Labels of columns that no list foresees, understood by their head: ``今后应采取的做法``, ``How we dealt with it``.

A Chinese label ends with what it is about, an English one holds the word. That is a guess, so it is made only in tables
which a heading or title announced as lessons or which stand in a report that looks back on a project, and only for
labels that :mod:`ingest.harvest_labels` does not know.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from ingest.harvest_grid import Cell
from ingest.harvest_labels import CONTENT, Field, field_of
from ingest.harvest_words import EDGES, any_of, folded

_LONGEST_LABEL: Final = 24  # Han characters; twice as many of Latin script
_HEADER_WITHIN: Final = 3
_FEWEST: Final = 2  # labels that a row must have to be taken for a header

# The first that matches decides. Ahead of all: what is only in registers of other things.
_OTHER: Final = any_of(r"""
    风险|概率|缺陷|用例|状态|日期|时间|编号|序号|版本|金额|费用|优先级|等级|得分|附件|证据
    \brisks?\b|probab|likelihood|defect|\btests?\b|status|\bdate\b|priority|severity|version|evidence|\bby\b
""")
_HEADS: Final[tuple[tuple[Field, re.Pattern[str]], ...]] = (
    (
        "owner",
        any_of(r"""
            (责任|权责|负责|牵头|主办|跟进|经办).{0,4}$
            \bowner|responsible|accountable
        """),
    ),
    (
        "cause",
        any_of(r"""
            (原因|成因|根因|肇因|诱因|缘由|因素|症结|根源)(分析|说明|描述|探讨)?$|^为(什么|何)
            \bcauses?\b|\breasons?\b|\bwhy\b
        """),
    ),
    (
        "lesson",
        any_of(r"""
            (教训|经验|启示|体会|心得|感悟|收获|反思)$|学到.{0,4}$
            \blearn(ed|t|ing|ings)?\b|\blessons?\b|take-?aways?|insights?
        """),
    ),
    (
        "advice",
        any_of(r"""
            (建议|忠告|提醒)(事项)?$
            (今后|后续|以后|将来|下次|下一步|未来|再发|防止|避免|预防|防范|改进|改善|精进|优化|提升).{0,12}$
            recommend|prevent|avoid|improve|\bnext\b|future|differently|suggest|\bshould\b
        """),
    ),
    (
        "measure",
        any_of(r"""
            (措施|对策|办法|方法|方案|做法|作为|举措|手段|行动|处理|处置|整改|解决|应对|因应|方式)(情况|过程|经过)?$
            deal(t|ing)? with|solv|resol|fix|respon|remed|workaround|handl|\bdid about\b|mitigat|counter-?measure
        """),
    ),
    (
        "impact",
        any_of(r"""
            (影响|后果|损失|代价|结果|效果|成效|损害)(程度|描述|说明)?$
            impact|effect|consequence|\bcosts?\b|result|outcome|damage
        """),
    ),
    (
        "event",
        any_of(r"""
            ^实际(结果|情况|完成|值)?$|^actual
            (问题|事件|情况|现象|事项|事实|经过|描述|表现|困难|不足|偏差|异常|事故|内容|概述|简述|难点|挑战|情形)$
            issue|problem|event|happen|observ|finding|challenge|difficult|incident|situation|description
        """),
    ),
)
# Labels that harvest_labels knows, and that announce nothing by themselves.
_PLAIN: Final[dict[Field, str]] = {
    "owner": "责任人",
    "cause": "原因",
    "lesson": "心得",
    "advice": "措施",
    "measure": "处理",
    "impact": "影响",
    "event": "事件",
}


def understood(rows: Sequence[list[Cell]]) -> list[list[Cell]]:
    """The rows of a table with the labels of its header, or of its first column, in words that are known."""
    at = max(
        range(min(len(rows), _HEADER_WITHIN)),
        key=lambda row: (_known(rows[row]), -row),
        default=0,
    )
    result = [list(row) for row in rows]
    first = [row[0] for row in rows[1:]]
    if rows and _known(rows[at]) >= _FEWEST:
        result[at] = _replaced(rows[at], _labelled)
    elif len(first) > 1 and _known(first) == len(first):
        for row in result[1:]:
            row[:1] = _replaced(row[:1], _labelled)
    return result


def _known(cells: Sequence[Cell]) -> int:
    """How many different cells are labels, known or understood; 0 where none is of a lesson's parts."""
    named = [_named(cell.text) for cell in dict.fromkeys(cells)]
    return (
        sum(name is not None for name in named) if CONTENT.intersection(filter(None, named)) else 0
    )


def _named(label: str) -> Field | None:
    return field_of(label) or _guessed(label)


def _guessed(label: str) -> Field | None:
    bare = folded(label).strip(EDGES)
    width = sum(1 if char > "\u2e7f" else 0.5 for char in bare)
    if not bare or width > _LONGEST_LABEL or "\n" in label.strip() or _OTHER.search(bare):
        return None
    return next((name for name, pattern in _HEADS if pattern.search(bare)), None)


def _labelled(cell: Cell) -> Cell:
    if field_of(cell.text):
        return cell
    name = _guessed(cell.text)
    return Cell(_PLAIN[name]) if name else cell


def _replaced(cells: list[Cell], by: Callable[[Cell], Cell]) -> list[Cell]:
    """Each cell replaced, one that stands in several places by the same one."""
    new = {id(cell): by(cell) for cell in cells}
    return [new[id(cell)] for cell in cells]
