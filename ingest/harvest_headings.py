"""What headings and titles announce: lessons and of which kind, something else, or a kind of document without lessons.

The tables hold one family of phrases in each line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Final

from ingest.harvest_words import EDGES, any_of, folded, unnumbered_heading
from kb.candidates_found import LessonKind

# A heading longer than this (folded characters) is a sentence that happens to hold one of the words.
_LONGEST_HEADING: Final = 60


class Weight(IntEnum):
    """How sure a heading makes us that lessons follow."""

    WEAK = 1  # 问题, 建议, review: only when what follows has the parts of a lesson
    USUAL = 2  # 问题与对策, challenges: in reports, but not in minutes and status reports
    CERTAIN = 3  # 经验教训, lessons learned


@dataclass(frozen=True, slots=True)
class Topic:
    """What a heading announces.

    Attributes:
        weight: how surely.
        kind: the kind of the lessons under it; None when it does not say.
        advises: True when what follows is advice (重来一次, next time) rather than what happened.
    """

    weight: Weight
    kind: LessonKind | None = None
    advises: bool = False


_CERTAIN: Final = any_of(r"""
    教训|反思|复盘|得与失|得失|心得|体会|启示|弯路|踩过?的?坑|引以为(鉴|戒)
    ^经验$|经验(总结|体会|启示|萃取|小结|反思|分享)|(主要|成功|实施|几点|好的?|典型|项目)经验
    经验[和与及、](不足|体会|反思|启示|问题|建议|收获|做法)|做法[和与及、](体会|经验)
    学到了?(什么|哪些|的)|失误|最(成功|满意|得意|遗憾|后悔|失败|糟糕)的?|下[次回](会|要|该|应该?)?(怎|如何)
    重来|再来一次|再做一次|做错|不满意的
    (提醒|告诉|叮嘱|送给|留给|写给).{0,8}(同事|团队|后来|接手|继任|下一|二期|三期|项目)
    做得?(还|比较|较|很|最|挺|相当)?(算|是)?(好|不好|不够|不足|差|对|不错|成功)|(好|不好)的(做法|方面|地方)|(什么|哪些).{0,6}(顺利|不顺|做对)
    值得(保留|推广)
    给(下一个|后面|后来|以后|后续|今后|其他).{0,10}|对(下一个|后面|后来|以后|后续|今后|其他|同类).{0,10}(建议|启示|提醒|忠告)
    ^以后$|^今后$
    \blessons?\b|\blearnings\b|retrospective|post-?mortem|after[- ]action|hindsight|mistakes|takeaways?|surprised us
    ^(our )?reflections?|proud of|pitfalls|what .{0,10}cost us
    if (we|i) (did|could do|had to do|were to do) (it|this|that) again
    what (really |also )?(went|worked|did ?n.t|did not|could|helped|hindered)
    what (we|i) (learn|would|should|will|want to|keep|change)|what .{1,20} taught|what changes (now|next)
    what to (reuse|keep|change|avoid)
    ^what (hurt|slowed|blocked|delayed|failed|saved|worried|frustrated|annoyed|confused)( us| the project| most)?$
    things (we )?(to|should|will|want to) (keep|continue|stop|start|repeat|avoid|change)
    (do|done|doing) (it )?(differently|again|better)|next time
    (tell|advice (to|for)|message (to|for)|for) (the next|future|later|other) (team|project|manager)s?
    ^(keep|start|stop|continue|drop|change|try|glad|sad|mad|more of|less of)( doing)?$
    ^(保持|继续|停止|开始|尝试)(做的?)?$
    总结规律|规律总结|(经验|规律)(提炼|沉淀)|提炼规律|得失分析|(项目|工作|实施)感悟|收获[和与及、]不足|不足[和与及、]收获
    where we (got|were) (un)?lucky|(do|does|worth|not worth|never) (it )?(doing|repeating|again)
    \b(insights|learnings?) (from|of|gained)\b|^(key |main )?insights$|learning points?
    (learnings?|lessons?|observations?) and reflections?|reflections? and (learning|lesson)
    key (insights|learnings)|what (we )?(got right|got wrong|missed|broke|saved us|surprised)
""")
_USUAL: Final = any_of(r"""
    问题.{0,5}(对策|改进|措施|建议|解决|整改|应对|处理|复盘|剖析|总结|回顾|启示)
    (不足|短板|缺点|缺憾|遗憾).{0,8}(改进|措施|建议|整改|分析|对策|努力|打算)
    (主要|典型|创新|特色|好的?)做法|做法[与和及](成效|效果)|(难点|困难|挑战).{0,5}(对策|措施|应对|解决|办法|处理)
    (存在|主要|有待).{0,4}不足|^(主要)?不足(之处|方面)?$|^亮点|亮点(工作|做法)?$|亮点[和与及、]不足|检讨
    改进(点|之处|空间|事项|[与和]提高|与提升)|待改[进善]|需要?改[进善]|优缺点|^(主要|执行|实施|项目|专案|办理)?[优缺]点
    (最佳|良好|优秀)实践|值得借鉴
    (issues?|problems?|difficult(y|ies)|challenges?|obstacles?) (encountered|faced|met|we (had|met|faced))
    (issue|problem|difficult(y|ie)|challenge|obstacle)s?,? (and|&|/|with) (their |our |the )?(counter|correct|improve)
    (issue|problem|difficult(y|ie)|challenge|obstacle)s?,? (and|&|/|with) (their |our |the )?(solu|resolu|respon|reme)
    (issue|problem|difficult(y|ie)|challenge|obstacle)s?,? (and|&|/|with) (their |our |the )?(recomm|measure|lesson|how)
    (good|best) practices?|(key |main )?success(es|es and failures| factors)|^(main |key )?challenges?$
    (areas?|opportunit(y|ies)|room|potential) (for|of) improvement|things to improve|^(to )?improve(ments?)?$
    ^positives?$|^negatives?$|^(pluses|minuses|deltas?)$|setbacks?|regrets?|surprises
    薄弱环节|(存在|主要)?差距[和与及、]|痛点[和与及、]|堵点|瓶颈[和与及、]|暴露出?的?(主要)?问题|几点(思考|认识|建议|反思)
    改[进善](建议|意见|方向|措施|思路)$|(后续|今后|下一步)的?改[进善]|(对|给).{0,12}的?(建议|启示)$
    improvement (opportunit|area|potential|point|suggestion|recommendation|idea|proposal)\w*|scope for improvement
    (observation|finding|challenge|issue|problem)s?,? (and|&|/) (recommend|improve|mitigat|lesson|learning|remed)\w*
    (recommend(ation)?|suggestion|advice)s? (for|to) (future|later|follow|next|other|similar|subsequent|coming)
    shortcomings?|pain points?|bottlenecks?|failings?|(good|bad),? (and|the) |success stories
""")
_WEAK: Final = any_of(r"""
    问题|不足|困难|难点|挑战|做法|体会|改进|建议|总结|回顾|分析$
    \bissues?\b|\bproblems?\b|difficult(y|ies)|\bchallenges?\b|\brecommendations?\b|\breview\b|\bimprovements?\b
""")
# In a document that looks back on a project, these announce what went wrong in it, and what to do next time.
_LIFTED: Final = any_of(r"""
    问题|不足|困难|难点|挑战|改进|建议
    \bissues?\b|\bproblems?\b|difficult(y|ies)|\bchallenges?\b|\brecommendations?\b|\bimprovements?\b
""")
_TOPICS: Final = ((Weight.CERTAIN, _CERTAIN), (Weight.USUAL, _USUAL), (Weight.WEAK, _WEAK))

_GOOD: Final = any_of(r"""
    做得?(还|比较|较|很|最|挺|相当)?(算|是)?(好|对|不错|成功)|(?<!不)好的(做法|方面|地方|经验)|成功|亮点|优点|正面
    ^(主要|实施|典型|几点|项目|好的?)?经验(做法)?$|做法与?经验|(最佳|良好|优秀)实践|值得(推广|借鉴|保留)
    (went|worked|goes|did) (really |very |particularly )?well|what (worked|helped)|(good|best) practice|success|proud of
    (典型|创新|特色|好的?)做法|做法[与和及]成效|最(成功|满意|得意)
    ^保持|^继续|\bkeep\b|reuse|^continue|^glad|^more of|^positives?$|^pluses|^strengths?$
""")
_BAD: Final = any_of(r"""
    教训|做得?(不|较差|差)|待改进|需改进|不好|不足|缺点|问题|(?<!不)错|失误|失败|后悔|糟糕|待改|遗憾|负面|短板|不满意|弯路|坑
    \bhurt|slowed|blocked|delayed|failed|frustrated|annoyed|confused
    wrong|not (go |work )?(so )?well|did not|didn.t|negative|mistake|failure|weakness|hindered|could
    ^stop|^drop|^sad|^mad|minuses
""")
_CHALLENGE: Final = any_of(r"挑战|困难|难点|障碍|challenge|difficult|obstacle")
_ADVISES: Final = any_of(r"""
    重来|再来一次|再做一次|下[次回]|^(改进)?建议$|改进建议|^以后$|^今后$
    给(下一个|后面|后来|以后|后续|今后|其他)|对.{2,14}(建议|提醒|忠告)
    differently|(do|done) (it )?(again|better)|next time|^recommendations?( for .*)?$
    would (tell|advise)|advice|changes now
    ^start|^try$|^change$|^尝试|^开始|if (we|i) .{4,16} again
    to (reuse|avoid)|^(to )?improve(ments?)?$|things to improve
""")
# Where problems are told as well (存在问题及改进建议), what follows is not all advice.
_TROUBLE: Final = re.compile(
    r"问题|不足|困难|难点|挑战|issue|problem|difficult|challenge|finding|observation"
)
# What may come, and what is proposed before anything has happened.
_AHEAD: Final = any_of(r"""
    预[计期想判]的?|可能(会)?(出现|遇到|存在|发生|面临)|潜在|设想|拟采取|事前
    \b(anticipated|expected|potential|possible|foreseen|foreseeable|likely|future) (issue|problem|difficult|challenge)
""")
# Lessons of other projects taken over, and how lessons are to be handled: never what was learned here.
_APPLIED: Final = any_of(r"""
    适用的|(应用|采用|借鉴|引用|落实|用)(的|了的|了)?.{0,6}(经验|教训)|(以往|旧).{0,4}(经验|教训)
    (以往|过往|历史|既往|前期|其他|类似)项目.{0,6}(经验|教训|规定)
    (经验|教训).{0,4}(的?应用|采用|管理|库|分享会|研讨会|交流会|流程|制度|编写|记录方法|检索|复用|落实|怎么写|收集)
    lessons? (applied|used|taken over|reused?|from (previous|earlier|other|past))
    (previous|earlier|past|applied|applicable|relevant|existing) lessons
    lessons?( learn(ed|t))? (process|procedure|workshop|meeting|session|management|database|repository)
""")
# What other chapters are about; a heading that says 经验教训 as well (风险管理的经验教训) is still one of lessons.
_OTHER_SUBJECTS: Final = any_of(r"""
    ^(我国|国内外?|国际|全球|行业|市场|本行业)|行业(存在|发展|现状)
    目录|目次|附件|附录|参考(文献|资料)|致谢|术语|缩略语|联系方式|填写说明|编制说明
    风险|缺陷|问题(清单|跟踪|统计|台账|列表)|常见问题|疑难解答|故障(排除|处理|代码)|问答
    待办|行动(项|计划)|参会|与会|参加(人员?|者)|出席|本周|下周|本月|下月
    变更(记录|历史|履历)|版本|修订(记录|历史)|移交|交接
    遗留(问题|事项|工作)|未(解决|关闭|决|了)(问题|事项)?|待定(事项)?|开放问题
    学习目标|练习|测验|作业|讨论题|思考题
    \bcontents\b|\bannex\w*|\bappendi\w+|\breferences?\b|\back?nowledge?ments?\b|\bglossary\b|\bagenda\b|\bmood\b
    \brisks?\b|\bdefects?\b|\bbugs?\b|\bknown issues\b|\bfaq\b|frequently asked( questions)?|\btroubleshoot\w*
    \baction (items?|list|log|points?|plan)\b|^actions?$|\bnext steps?\b|\bparticipants\b|\battend\w+|\bthis week\b
    \b(change|version|revision|document) (log|history|control)\b|\bhand(ed)?[- ]?over\b
    \bopen (points?|issues?|questions?|items?)\b|\bunresolved\b|\boutstanding\b
    \bexercises?\b|\blearning (objectives|goals)\b
""")
# Chapters about a document rather than of its matter.
_INTRODUCTION: Final = any_of(r"""
    概况|概述|背景|简介|介绍|目的|说明|参与|范围|方法|总体情况|基本情况|结论|结语|前言|引言|编制|摘要|小结|签[字署]|审批
    introduct|background|purpose|scope|summary|overview|approach|method|participant|description|conclusion|about|sign|approval
""")
_REGISTER_WORDS: Final = re.compile(
    r"登记册?|清单|列表|表|记录|管理|回顾|情况|项目|与|及|和|、|lists?|logs?|registers?|review|and|of|the|for"
)
_TOPIC_WORDS: Final = any_of(r"""
    经验|教训|问题|不足|困难|难点|挑战|障碍|做法|体会|改进|改善|建议|总结|回顾|分析|反思|复盘|启示|心得|亮点|优点|缺点
    措施|对策|办法|方案|做得|做对|做错|哪些|什么|事情?|地方|方面|之处|成功|重来(一次)?|再来一次|如果|最佳|良好|实践
    存在|主要|典型|重点|遇到|发现|解决|整改|应对|有待|待|需要?|值得|推广|借鉴|保留|几点|若干|吸取|我们?|项目|过程|实施
    会|怎么|如何|好|不|够|差|较|很|最|对|错|的|了|与|和|及|、|中|点
    偏差|差距|薄弱|环节|瓶颈|痛点|短板|暴露|收获|感悟|思考|认识|规律|提炼|后续|今后|下一步|以后|方向|意见|思路|事项?|原因|情况
    \b(lessons?|learn\w*|what|where|we|i|would|should|could|will|did|do|doing|done|not|didn.t|n.t|went|go|got|worked|work)\b
    \b(wrong|right|well|good|bad|best|worst|better|again|differently|practices?|success(es)?|challenges?|issues?|problems?)\b
    \b(difficult\w*|obstacles?|improve\w*|recommend\w*|suggest\w*|key|main|major|areas?|things?|for|of|to|in|the|our|and)\b
    \b(or|with|next|time|retrospective|review|keep|start|stop|continue|drop|change|try|tell|teams?|others?|advice|message)\b
    \b(mistakes?|takeaways?|positives?|negatives?|encountered|faced|met|solutions?|resolutions?|(counter-?)?measures?)\b
    \b((un)?lucky|opportunit\w+|observations?|findings?|mitigations?|future|later|similar|projects?|phases?|insights?|gone|have)\b
    \b(had|if|more|less|shortcomings?|pain points?|wins?|highlights?|lowlights?|was|were|it|this|points?)\b
    \b(identified|during)\b
""")
_BILINGUAL: Final = re.compile(
    r"(?<=[\u3400-\u9fff])\s*[/|]?\s*(?=[a-z])|(?<=[a-z])\s*[/|]?\s*(?=[\u3400-\u9fff])"
)
_NUMBERED_LESSON: Final = re.compile(
    r"((lesson|教训|经验|启示)\s*(\d{1,2}|[一二三四五六七八九十]{1,3})|l[il]-\d{1,4})\s*([-–—:.、]\s*|\s)\S"
)
_KIND_VALUES: Final[dict[LessonKind, re.Pattern[str]]] = {
    "challenge": any_of(r"挑战|困难|challenge"),
    "good-practice": any_of(r"""
        经验|正面|成功|亮点|好的?做法|最佳实践|优点
        ^\+$|positive|good|success|best|went well|keep|strength
    """),
    "lesson": any_of(r"""
        教训|负面|问题|不足
        ^[-\u2212]$|negative|wrong|problem|issue|lesson|weakness|improve
    """),
}
_CATEGORY: Final = any_of(r"""
    .{0,12}(方面|层面|角度|类|维度|条线|专业)|.{1,6}管理上?|(g[1-5]|.{2,6}阶段).{0,8}
    (其他|其它|综合|技术|商务|合同|采购|进度|质量|成本|费用|安全|沟通|人员|团队|客户|供应商)([与和、].{1,4})?
    (设计|施工|测试|实施|运维|培训|组织|需求|计划|范围|资源|数据|集成|验收)([与和、].{1,4})?
    others?|misc(ellaneous)?|general
    (technical|technology|commercial|contract|procurement|schedul(e|ing)|quality|cost|budget)( management| (and|&) \w+)?
    (safety|communications?|people|team|customer|client|supplier|vendor|design|construction)( management| (and|&) \w+)?
    (test(ing)?|training|organi[sz]ation|requirements?|planning|scope|resources?|data)( management| (and|&) \w+)?
    (project |integration |process |security )?(management|integration|process|security)( (and|&) \w+)?
""")


@lru_cache(maxsize=10_000)
def topic_of(heading: str) -> Topic | None:
    """What a heading announces, or None when it announces no lessons (see also :func:`is_foreign`)."""
    bare = _bare(heading)
    found = _topic_of(bare)
    halves = _BILINGUAL.split(bare)
    if len(halves) > 1 and not (found and found.kind):
        # “Keep 保持”: what only stands alone is found in one half.
        named = [topic for half in halves if (topic := _topic_of(half.strip(EDGES)))]
        found = max([*([found] if found else []), *named], key=_certainty, default=None)
    return found


def _certainty(topic: Topic) -> tuple[int, bool, bool]:
    return topic.weight, topic.kind is not None, topic.advises


def _topic_of(bare: str) -> Topic | None:
    if not bare or len(bare) > _LONGEST_HEADING or _APPLIED.search(bare) or _AHEAD.search(bare):
        return None
    for weight, pattern in _TOPICS:
        if pattern.search(bare):
            if weight < Weight.CERTAIN and _OTHER_SUBJECTS.search(bare):
                return None
            advises = bool(_ADVISES.search(bare)) and not _TROUBLE.search(bare)
            return Topic(weight, _kind_of(bare), advises)
    return None


@lru_cache(maxsize=10_000)
def is_pure_topic(heading: str) -> bool:
    """True when a heading says nothing but that lessons follow: 存在的不足, but not 试车用水不足."""
    return sum(char.isalnum() for char in _TOPIC_WORDS.sub("", _bare(heading))) <= 1


@lru_cache(maxsize=10_000)
def is_foreign(heading: str, *, within: bool = False) -> bool:
    """True for headings of what is no lesson: risks, defects, actions, contents, lessons of others.

    Args:
        heading: the heading.
        within: True for a sub-heading of a section of lessons, which is foreign only when it says nothing else:
            风险登记册 is, 风险没有人跟踪 names a lesson.
    """
    bare = _bare(heading)
    if _APPLIED.search(bare) or _AHEAD.search(bare):
        return True
    if not _OTHER_SUBJECTS.search(bare) or _CERTAIN.search(bare):
        return False
    left = _REGISTER_WORDS.sub("", _OTHER_SUBJECTS.sub("", bare)) if within else ""
    return not any(char.isalnum() for char in left)


def is_numbered_lesson(heading: str) -> bool:
    """True for ``Lesson 2 – Defrost water needs a drain`` and ``教训一：…``, each a chapter of its own."""
    return bool(_NUMBERED_LESSON.match(folded(heading)))


def is_introduction(heading: str) -> bool:
    """True for chapters about a document: background, purpose, method, summary."""
    return bool(_INTRODUCTION.search(_bare(heading)))


def is_category(heading: str) -> bool:
    """True for a heading that groups lessons (``进度管理方面``, ``Procurement``) rather than naming one."""
    return bool(_CATEGORY.fullmatch(_bare(heading)))


def kind_of_value(value: str) -> LessonKind | None:
    """The kind that a cell such as ``经验`` or ``negative`` names; None when it names none, or both."""
    named = [kind for kind, pattern in _KIND_VALUES.items() if pattern.search(folded(value))]
    return named[0] if len(named) == 1 else None


def is_of_trouble(heading: str) -> bool:
    """True for a heading that names problems or advice and nothing else: 存在的问题, Recommendations."""
    return bool(_LIFTED.search(_bare(heading))) and is_pure_topic(heading)


def _bare(heading: str) -> str:
    return unnumbered_heading(folded(heading)).strip(EDGES)


def _kind_of(bare: str) -> LessonKind | None:
    good, bad = bool(_GOOD.search(bare)), bool(_BAD.search(bare))
    if good != bad:
        return "good-practice" if good else "lesson"
    return "challenge" if _CHALLENGE.search(bare) and not good else None
