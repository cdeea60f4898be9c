"""The labels of a lesson's fields, as they stand over columns, before a colon, or as sub-headings, in both languages.

:func:`field_of` is the whole of it; the tables hold one family of labels in each line.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal

from ingest.harvest_words import EDGES, any_of, folded, unnumbered

# ``context`` is told before what happened, ``measure`` is what was done, ``lesson`` what follows from it; ``skip`` is
# known and not wanted (numbers, dates, states); ``deadline`` likewise, and a sign of a list of actions.
Field = Literal[
    "title",
    "event",
    "context",
    "cause",
    "impact",
    "advice",
    "measure",
    "lesson",
    "owner",
    "phase",
    "kind",
    "category",
    "deadline",
    "skip",
]
# The fields that tell a lesson.
CONTENT: Final[frozenset[Field]] = frozenset(
    {"event", "context", "cause", "impact", "advice", "measure", "lesson"}
)
_LONGEST_LABEL: Final = 40

# The first table that has a label decides: 解决措施 is a measure before it is advice.
_LABELS: Final[dict[Field, re.Pattern[str]]] = {
    "skip": any_of(r"""
        序号|编号|项次|号|备注|来源|附件|金额|优先级|(预防|处理)?费用
        (完成|关闭|处理|整改|当前)?(状态|进展|情况反馈|结果反馈)
        (发生|提出|填写)?(时间|日期)|说明人|提出人|记录人|填[写报表]人
        项目(编号|名称|经理)?
        no\.?|nr\.?|#|id|ref\.?|number|status|state|date|priority|source|project
        remarks?|comments?|notes?|reported by|author
    """),
    "deadline": any_of(r"""
        (计划|要求|预计|实际)?完成(日期|时间|期限|时限)|计划完成
        截止(日期|时间)?|期限|时限
        due( date)?|deadline|by when|target date
    """),
    "owner": any_of(r"""
        责任(人|部门|单位|方|者)|权责(单位|部门)|负责(人|部门|单位)|跟进人|谁
        (整改|落实|牵头|主办)(人|部门|单位|责任人)
        (action |lesson |process )?owner|responsibility|assigned to|assignee|who
        responsible( person| party| for it)?
    """),
    "phase": any_of(r"""
        (项目|所属|发生|所处|适用|实施)?的?(阶段|关口|环节)
        (project |lifecycle )?(phase|stage|gate)
    """),
    "kind": any_of(r"""
        (经验|教训)?的?(类型|性质)|经验/教训|正面/负面
        (lesson )?type|kind|positive/negative|\+/-
    """),
    "category": any_of(r"""
        类别|分类|领域|方面|专业|模块|范围|部位|子系统
        category|(knowledge )?area|field|discipline|workstream|process
    """),
    "title": any_of(r"""
        (经验|教训|经验教训|问题|案例|事件|事项)?的?(标题|名称|主题|题目)|事项|案例|要点
        (lesson |issue |problem )?(title|name)|topic|subject|theme|headline|item|point
    """),
    "context": any_of(r"""
        (事件|事情|项目|问题)?背景(情况|说明)?
        (原定|预期|原计划|计划)的?(目标|结果|安排)|原来的?(目标|计划)(是什么)?
        context|background|discussion|situation before|what (did we plan|was (planned|expected|supposed to happen))
    """),
    "cause": any_of(r"""
        (问题|根本|主要|产生|发生|直接|深层|深层次|形成|主客观)?的?(产生|发生)?(原因|根因|成因|肇因|根源|起因|缘由|症结)(分析|剖析|说明)?
        为什么.{0,10}|为何.{0,8}
        (root |probable |main |underlying |direct )?causes?( analysis)?|root cause\(s\)|reasons?( why)?
        why( (it|we|they|nobody|no one|this|did|was|were|had|not)\b.{0,40})?
    """),
    "impact": any_of(r"""
        (造成|产生|带来|项目|对项目)?的?(影响|后果|结果|损失|代价|效果|成效|实际效果)(分析|说明|描述|及损失|与损失)?
        (project )?(impacts?|consequences?|effects?|results?|outcomes?|benefits?)( on (the )?project)?
        loss(es)?|damage|costs?
        what it cost|so what
    """),
    "lesson": any_of(r"""
        (主要|吸取的|得到的)?(经验|教训|经验教训|启示|体会|启发|反思|心得|收获)(总结|描述|内容)?
        经验启示|改进启示|经验与启示|教训与启示|经验总结|(我们)?学到了?什么
        lessons?( learn(ed|t)| identified)?|(key )?learnings?|take-?aways?|insights?|what we learn(ed|t)
    """),
    "measure": any_of(r"""
        处理|处置
        (已?采取|解决|处理|整改|应急|当时|纠正|处置|应对|因应)的?(措施|办法|方法|方案|过程|情况|对策|经过)
        actions? taken|corrective actions?|resolutions?|solutions?|fix|workaround|response
        (应对|处理|解决|克服)的?(过程|做法|经过|思路)
        what (we|was) (did|done)( about it)?|how (it was|we) (solved|resolved|fixed)( it)?
    """),
    "advice": any_of(r"""
        防范|预防|(改善|改进|精进|因应)作为
        (改进|改善|预防|防范|优化|后续|今后|相应|主要|具体|下一步|以后|推广|管理)?的?(措施|对策|建议|办法|意见)([及和与]?建议|措施|方案)?
        (纠正预防|改进和预防|改进与预防)(措施|建议)
        (改进|改善|改进方向|改进点)([及和与]?建议|措施|方案)?|解法
        对策与建议|建议[和与及](措施|对策)
        (今后|以后|下次|将来|后续)(该|应该|应|要|会)?(怎么|如何)(做|改进|办|避免)|如何(改进|避免|预防)
        (对|给|供).{0,10}(项目|工作|团队|工程|专案|同类|后续|今后|以后)的?(建议|启示|意见|改进建议)
        (recommendations?|advice|suggestions?) (for|to) .{3,30}
        recommend(ations?|ed( actions?)?)|actions?|(counter-?)?measures?|advice|remedy|follow-?up
        improvements?|suggest(ions?|ed)( improvements?)?|(proposed|suggested) (improvements?|actions?|measures?)
        (for )?next time|in future|now what|what (next|to do( differently| next time)?)
        what (will|would|should|can|could) (we|you|i|be) (do|done|change)( differently| next time)?
        preventi(on|ve (actions?|measures?))|how to (avoid|prevent)( it)?
    """),
    "event": any_of(r"""
        (存在|主要|出现|发生|遇到|碰到|遭遇|面临|发现|具体|突出|典型|暴露|实际)?出?[的了]?(主要|具体)?(问题|事件|情况|现象|事实|经过|过程|做法)的?(描述|说明|简述|概述|现象|经过|内容|表现|情况|概况|点)?
        (存在|主要|突出)?的?(不足|困难|难点|偏差|事由|表现|缺点|事故|障碍)(描述|说明|经过|表现|点)?
        (事情|事件)的?经过|(实际|到底|究竟)?发生了什么|发生过程|怎么回事|内容|描述|说明|详情|详细(内容|描述|说明|情况)|具体(内容|说明)
        what
        what (actually )?happened|what we (did|saw|observed)
        (the )?(problems?|issues?|events?|incidents?)( (description|statement|summary|encountered|faced))?
        (event |lesson )?description|observations?|situation|facts?|findings?|symptoms?|details?|story
        difficult(y|ies)|challenges?( faced)?|success|practice|driving event
    """),
}
_ANY_LABEL: Final = re.compile("|".join(pattern.pattern for pattern in _LABELS.values()))
_BRACKETED: Final = re.compile(r"\([^()]{0,30}\)")
_TRAILING_COUNT: Final = re.compile(
    r"(?<=\D)\s*(?:[一二三四五六七八九十]{1,3}|\d{1,3}|no\.? ?\d{1,3})$"
)
_BILINGUAL: Final = re.compile(
    r"(?<=[\u3400-\u9fff])\s*[/|]?\s*(?=[a-z#])|(?<=[a-z.#])\s*[/|]?\s*(?=[\u3400-\u9fff])|\s*[/|]\s*"
)
# “教训与防范”, “cause and effect”.
_JOINED: Final = re.compile(r"\s*[与和及、&]\s*|\s+and\s+")


@lru_cache(maxsize=10_000)
def field_of(label: str) -> Field | None:
    """The field a label names, in either language or both (``问题 Issue``); None when it names none."""
    if len(label) > _LONGEST_LABEL:
        return None
    bare = folded(label).strip(EDGES)
    for form in (bare, _BRACKETED.sub("", bare).strip(EDGES)):
        if found := _field_of_plain(form) or _field_of_plain(unnumbered(form)):
            return found
    return _field_of_halves(bare, _BILINGUAL) or _field_of_halves(bare, _JOINED)


def _field_of_halves(label: str, between: re.Pattern[str]) -> Field | None:
    parts = [part.strip(EDGES) for part in between.split(label) if part]
    named = [_field_of_plain(part) for part in parts] if len(parts) > 1 else []
    known = [name for name in named if name]
    if len(named) < 2 or len(known) < len(named):  # noqa: PLR2004  it has one half, or one half is something else
        return None
    # “原因/措施” is a column for both; what it starts with decides. “lesson / recommendation” is advice.
    return known[-1] if known[0] == "lesson" else known[0]


def counted(label: str) -> bool:
    """True for a label with a number, which starts a new lesson: ``问题3``, ``教训一``, ``Lesson 2``."""
    return bool(_TRAILING_COUNT.search(folded(label).strip(EDGES)))


def _field_of_plain(label: str) -> Field | None:
    for form in (label, _TRAILING_COUNT.sub("", label)):
        if not _ANY_LABEL.fullmatch(form):
            continue
        for name, pattern in _LABELS.items():
            if form and pattern.fullmatch(form):
                return name
    return None
