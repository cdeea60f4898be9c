"""The words the lesson harvester goes by: headings that announce lessons, labels of fields, and what is no lesson.

All patterns are matched against folded text (:func:`folded`): half-width, small letters, simplified characters. So each
Chinese word stands here once and holds for 經驗教訓 as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Literal

from kb.candidates_found import LessonKind
from kb.search.folding import fold_text

# ``context`` is told before what happened, ``measure`` is what was done, ``lesson`` what follows from it, ``skip`` is
# known and not wanted (numbers, dates, states), ``deadline`` likewise, and a sign of a list of actions.
Field = Literal[
    "title", "event", "context", "cause", "impact", "advice", "measure", "lesson", "owner", "phase", "kind",
    "category", "deadline", "skip",
]  # fmt: skip
CONTENT: Final[frozenset[Field]] = frozenset(
    {"event", "context", "cause", "impact", "advice", "measure", "lesson"}
)
# A heading longer than this (folded characters) is a sentence that happens to hold one of the words.
_LONGEST_HEADING: Final = 60


class Weight(IntEnum):
    """How sure a heading makes us that lessons follow."""

    WEAK = 1  # “问题”, “建议”: only when what follows has the parts of a lesson
    USUAL = 2  # “问题与对策”, “challenges”: in reports, but not in minutes and status reports
    CERTAIN = 3  # “经验教训”, “lessons learned”


@dataclass(frozen=True, slots=True)
class Topic:
    """What a heading announces.

    Attributes:
        weight: how surely.
        kind: the kind of the lessons under it; None when it does not say.
        advises: True when what follows is advice (“重来一次”, “next time”) rather than what happened.
    """

    weight: Weight
    kind: LessonKind | None = None
    advises: bool = False


_NUMBER: Final = re.compile(
    r"\s*(?:第\s*[一二三四五六七八九十百\d]{1,4}\s*[章节条部篇点项][、.:：\s]*"
    r"|[(（\[【]\s*[一二三四五六七八九十\d]{1,3}\s*[)）\]】][、.\s]*"
    r"|[一二三四五六七八九十壹贰貳叁參肆伍陆陸柒捌玖拾]{1,3}[、.．]\s*"
    r"|\d{1,2}(?:[.．]\d{1,2}){1,4}[.、．)）]?\s*(?![\d%])|\d{1,3}[、．)）]\s*|\d{1,3}\.(?!\d)\s*"
    r"|[①-⑳㈠-㈩]\s*|[a-z][.)]\s+)",
    re.I,
)
_CHAPTER: Final = re.compile(r"\s*(?:\d{1,2}|[一二三四五六七八九十壹贰貳叁參肆伍陆陸柒捌玖拾]{1,3})\s+(?=\S)")


def folded(text: str) -> str:
    """``text`` as the patterns here want it."""
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


# --- Labels of fields -------------------------------------------------------------------------------------------------

_LABELS: Final[tuple[tuple[Field, str], ...]] = (
    ("skip", r"序号|编号|项次|号|(?:完成|关闭|处理|整改|当前)?(?:状态|进展|情况反馈|结果反馈)|备注|说明人|填(?:写|报|表)人|提出人|记录人|"
     r"发生?日期|(?:发生|提出|填写)?(?:时间|日期)|来源|项目(?:编号|名称|经理)?|附件|金额|(?:预防|处理)?费用|优先级|"
     r"no\.?|nr\.?|#|id|ref\.?|number|status|state|date|remarks?|comments?|notes?|priority|source|reported by|author|project"),
    ("deadline", r"(?:计划|要求|预计|实际)?完成(?:日期|时间|期限|时限)|计划完成|截止(?:日期|时间)?|期限|时限|"
     r"due(?: date)?|deadline|by when|target date"),
    ("owner", r"责任(?:人|部门|单位|方|者)|负责(?:人|部门|单位)|(?:整改|落实|牵头|主办)(?:人|部门|单位|责任人)|跟进人|谁|"
     r"(?:action |lesson |process )?owner|responsible(?: person| party| for it)?|responsibility|assigned to|assignee|who"),
    ("phase", r"(?:项目|所属|发生|所处|适用|实施)?(?:的)?(?:阶段|关口|环节)|(?:project |lifecycle )?(?:phase|stage|gate)"),
    ("kind", r"(?:经验|教训)?(?:的)?(?:类型|性质)|经验/教训|正面/负面|(?:lesson )?type|kind|positive/negative|\+/-"),
    ("category", r"类别|分类|领域|方面|专业|模块|范围|部位|子系统|category|area|field|discipline|workstream|process|knowledge area"),
    ("title", r"(?:经验|教训|经验教训|问题|案例|事件|事项)?(?:的)?(?:标题|名称|主题|题目)|事项|案例|要点|"
     r"(?:lesson |issue |problem )?(?:title|name)|topic|subject|theme|headline|item|point"),
    ("context", r"(?:事件|事情|项目|问题)?背景(?:情况|说明)?|context|background|situation before"),
    ("cause", r"(?:问题|根本|主要|产生|发生|直接|深层|深层次|形成|主客观)?(?:的)?(?:产生|发生)?(?:原因|根因|成因|根源|起因|缘由|症结)(?:分析|剖析|说明)?|"
     r"为什么(?:会?发生)?|为何|(?:root |probable |main |underlying |direct )?causes?(?: analysis)?|root cause\(s\)|reasons?(?: why)?|"
     r"why(?: (?:did )?it happen(?:ed)?| it (?:went wrong|worked)| was that)?|why\?"),
    ("impact", r"(?:造成|产生|带来|项目|对项目)?(?:的)?(?:影响|后果|结果|损失|代价|效果|成效|实际效果)(?:分析|说明|描述|及损失|与损失)?|代价|"
     r"(?:project )?(?:impacts?|consequences?|effects?|results?|outcomes?|loss(?:es)?|damage|cost|benefits?)(?: on (?:the )?project)?|what it cost"),
    ("lesson", r"(?:主要|吸取的|得到的)?(?:经验|教训|经验教训|启示|经验启示|体会|启发|反思|心得|收获|改进启示|经验与启示|教训与启示|经验总结)(?:总结|描述|内容)?|学到(?:了)?什么|"
     r"lessons?(?: learn(?:ed|t)| identified)?|learnings?|key learnings?|take-?aways?|insights?|what we learn(?:ed|t)"),
    ("measure", r"(?:已采取|采取|解决|处理|整改|应急|当时|纠正|处置|应对)(?:的)?(?:的)?(?:措施|办法|方法|方案|过程|情况|对策|经过)|"
     r"(?:actions? taken|corrective actions?|resolutions?|solutions?|what (?:we|was) (?:did|done)(?: about it)?|how (?:it was|we) (?:solved|resolved|fixed)(?: it)?|fix|workaround|response)"),
    ("advice", r"(?:改进|改善|预防|防范|优化|后续|今后|相应|主要|具体|下一步|以后|推广|管理|纠正预防|改进和预防|改进与预防)?(?:的)?"
     r"(?:措施|对策|建议|办法|改进|改善|改进方向|意见|改进点)(?:建议|及建议|和建议|与建议|措施|方案)?|对策与建议|建议(?:和|与|及)(?:措施|对策)|改进(?:和|与|及)建议|解法|"
     r"(?:今后|以后|下次|将来|后续)(?:该|应该|应|要|会)?(?:怎么|如何)(?:做|改进|办|避免)|如何(?:改进|避免|预防)|"
     r"recommend(?:ations?|ed(?: actions?)?)|actions?|counter-?measures?|measures?|improvements?|suggest(?:ions?|ed)(?: improvements?)?|advice|"
     r"(?:for )?next time|what (?:next|to do(?: differently| next time)?)|preventi(?:on|ve (?:actions?|measures?))|follow-?up|"
     r"(?:proposed|suggested) (?:improvements?|actions?|measures?)|how to (?:avoid|prevent)(?: it)?|in future|remedy"),
    ("event", r"(?:存在|主要|出现|发生|遇到|碰到|发现|具体|突出|典型|暴露|实际)?(?:出)?(?:的|了)?(?:主要|具体)?"
     r"(?:问题|事件|情况|现象|事实|经过|过程|做法|不足|困难|难点|偏差|事由|表现|缺点|事故|障碍)(?:的)?(?:描述|说明|简述|概述|现象|经过|内容|表现|情况|概况|点)?|"
     r"(?:事情|事件)(?:的)?经过|发生了什么|发生过程|怎么回事|内容|描述|详细(?:内容|描述|说明)|"
     r"what (?:actually )?happened|(?:the )?(?:problems?|issues?|events?|incidents?)(?: (?:description|statement|summary|encountered|faced))?|"
     r"(?:event |lesson )?description|observations?|situation|facts?|findings?|symptoms?|difficult(?:y|ies)|challenges?(?: faced)?|details?|story|success|"
     r"what we (?:did|saw|observed)|practice|driving event"),
)  # fmt: skip
_LABEL_PATTERNS: Final = tuple((name, re.compile(pattern)) for name, pattern in _LABELS)
_LABEL_EDGES: Final = " *_:：[]【】()（）<>《》“”\"'·-–—.。?？!！→>#"
_BRACKETED: Final = re.compile(r"[(（][^()（）]{0,30}[)）]")
_TRAILING_COUNT: Final = re.compile(r"(?<=\D)\s*(?:[一二三四五六七八九十]{1,3}|\d{1,3}|no\.? ?\d{1,3})$")
_BILINGUAL: Final = re.compile(r"(?<=[\u3400-\u9fff])\s*[/|]?\s*(?=[a-z#])|(?<=[a-z.#])\s*[/|]?\s*(?=[\u3400-\u9fff])|\s*[/|]\s*")
_LONGEST_LABEL: Final = 40


def field_of(label: str) -> Field | None:
    """The field a label names, in either language or both (``问题 Issue``); None when it names none."""
    if len(label) > _LONGEST_LABEL:
        return None
    bare = folded(label).strip(_LABEL_EDGES)
    for form in (bare, _BRACKETED.sub("", bare).strip(_LABEL_EDGES)):
        if found := _field_of_plain(form) or _field_of_plain(unnumbered(form)):
            return found
    parts = [part for part in _BILINGUAL.split(bare) if part]
    if len(parts) > 1:
        named = [_field_of_plain(part.strip(_LABEL_EDGES)) for part in parts]
        known = [name for name in named if name]
        # “原因/措施” is a column for both; what it starts with decides. “lesson / recommendation” is advice.
        if len(known) == len(parts):
            return known[-1] if known[0] == "lesson" else known[0]
    return None


def _field_of_plain(label: str) -> Field | None:
    for form in (label, _TRAILING_COUNT.sub("", label)):
        for name, pattern in _LABEL_PATTERNS:
            if form and pattern.fullmatch(form):
                return name
    return None


def counted(label: str) -> bool:
    """True for a label with a number, which starts a new lesson: ``问题3``, ``教训一``, ``Lesson 2``."""
    bare = folded(label).strip(_LABEL_EDGES)
    return bool(_TRAILING_COUNT.search(bare))


# --- Headings ---------------------------------------------------------------------------------------------------------

_NO_TOPIC: Final = re.compile(
    r"目录|目次|风险|缺陷|待办|行动(?:项|计划)|附件|附录|参考(?:文献|资料)|参会|与会|参加(?:人|者)|出席|致谢|术语|缩略语|变更(?:记录|历史|履历)|版本|修订(?:记录|历史)"
    r"|常见问题|疑难解答|故障(?:排除|处理|代码)|适用的|(?:应用|采用|借鉴|引用|落实)(?:的|了的)?.{0,6}(?:经验|教训)|(?:以往|过往|历史|既往|前期|其他|类似)项目.{0,6}(?:经验|教训)"
    r"|以往.{0,4}经验|(?:经验|教训).{0,4}(?:应用|采用|管理|库|分享会|研讨会|交流会|流程|制度|编写|记录方法|检索|复用|落实|怎么写|收集)|遗留(?:问题|事项|工作)|未(?:解决|关闭|决)|开放问题"
    r"|问题(?:清单|跟踪|统计|台账|列表)|本周|下周|本月|下月|联系方式|填写说明|编制说明|学习目标|练习|测验|作业|讨论题|思考题|问答"
    r"|\bcontents\b|\brisks?\b|\bdefects?\b|\bbugs?\b|\baction (?:items?|list|log|points?|plan)\b|^actions?$|\bnext steps?\b|\bannex|\bappendi|\breferences?\b|\bparticipants\b"
    r"|\battend|\back?nowledge?ments?\b|\bglossary\b|\b(?:change|version|revision|document) (?:log|history|control)\b|\bfaq\b|frequently asked|\btroubleshoot"
    r"|lessons? (?:applied|used|taken over|reused?|from (?:previous|earlier|other|past))|(?:previous|earlier|past|applied|applicable|relevant|existing) lessons"
    r"|lessons?(?: learn(?:ed|t))? (?:process|procedure|workshop|meeting|session|management|database|repository)|\bopen (?:points?|issues?|questions?|items?)\b|\bthis week\b|\bknown issues\b"
    r"|\bexercise|\blearning (?:objectives|goals)\b|\bmood\b|\bagenda\b|\bhow to\b|\bunresolved\b|\boutstanding\b"
)
_TOPICS: Final[tuple[tuple[Weight, str], ...]] = (
    (Weight.CERTAIN,
     r"教训|经验(?:总结|体会|启示|萃取|小结|反思|分享)|经验(?:和|与|及|、)(?:不足|体会|反思|启示|问题|建议|收获|做法)|(?:主要|成功|实施|几点|好的?|典型|项目)经验|^经验$|做法(?:和|与|及|、)(?:体会|经验)"
     r"|反思|复盘|重来|再来一次|再做一次|做得?(?:比较|较|很|最)?(?:好|不好|不够|不足|差|对|不错|成功)|哪些做(?:对|错)|(?:好|不好)的(?:做法|方面|地方)|得与失|得失|心得|体会|启示|(?:什么|哪些).{0,6}(?:顺利|不顺)"
     r"|\blessons?\b|what (?:(?:really |also )?(?:went|worked|did ?n.t|did not|we (?:learn|would|should|will|want to)|could|helped|hindered)|surprised us)|\blearnings\b|retrospective|post-?mortem|after[- ]action"
     r"|(?:do|done|doing) (?:it )?(?:differently|again|better)|hindsight|^(?:keep|start|stop|continue|drop|try|glad|sad|mad|more of|less of)(?: doing)?$|next time|mistakes|takeaways?"),
    (Weight.USUAL,
     r"问题.{0,5}(?:对策|改进|措施|建议|解决|整改|应对|处理|复盘|剖析|总结|回顾|启示)|(?:不足|短板|缺点|缺憾|遗憾).{0,5}(?:改进|措施|建议|整改|分析|对策)|(?:难点|困难|挑战).{0,5}(?:对策|措施|应对|解决|办法|处理)"
     r"|(?:存在|主要|有待).{0,4}不足|^(?:主要)?不足(?:之处|方面)?$|^亮点|亮点(?:工作|做法)?$|亮点(?:和|与|及|、)不足|检讨|改进(?:点|之处|空间|事项|与提高|和提高|与提升)|待改进|需(?:要)?改进|有待改进|优缺点|^优点|^缺点|最佳实践|良好实践|优秀实践|值得(?:推广|借鉴)|总结与展望.*问题"
     r"|(?:issues?|problems?|difficult(?:y|ies)|challenges?|obstacles?)(?: (?:encountered|faced|met|we (?:had|met|faced)))?,? (?:and|&|/|with) (?:their |our |the )?(?:counter-?measures?|correct\w+|resolutions?|solutions?|responses?|improve\w+|measures?|recommend\w+|lessons?|remed\w+|how)"
     r"|(?:problems?|difficult(?:y|ies)|challenges?|obstacles?) (?:encountered|faced|met|we (?:had|met|faced))|good practices?|best practices?|(?:key |main )?success(?:es|es and failures| factors)|^(?:main |key )?challenges?$"
     r"|(?:areas?|opportunit(?:y|ies)|room|potential) (?:for|of) improvement|things to improve|^(?:to )?improve(?:ments?)?$|^positives?$|^negatives?$|strengths? and weakness|^(?:pluses|minuses|deltas?)$|setbacks?|regrets?|surprises"),
    (Weight.WEAK,
     r"问题|不足|困难|难点|挑战|做法|体会|改进|建议|总结|回顾|分析$|\bissues?\b|\bproblems?\b|difficult(?:y|ies)|\brecommendations?\b|\breview\b|\bimprovements?\b|\bchallenges?\b"),
)  # fmt: skip
_TOPIC_PATTERNS: Final = tuple((weight, re.compile(pattern)) for weight, pattern in _TOPICS)
_GOOD: Final = re.compile(
    r"做得?(?:比较|较|很|最)?(?:好|对|不错|成功)|(?<!不)好的(?:做法|方面|地方|经验)|成功|亮点|优点|^(?:主要|实施|典型|几点|项目|好的?)?经验(?:做法)?$|做法与?经验|(?:最佳|良好|优秀)实践|值得(?:推广|借鉴)|正面"
    r"|(?:went|worked|goes|did) (?:really |very |particularly )?well|what (?:worked|helped)|good practice|best practice|success|^keep|^continue|^glad|^more of|^positives?$|^pluses|^strengths?$"
)
_BAD: Final = re.compile(
    r"教训|做得?(?:不|较差|差)|不好|不足|缺点|问题|错|遗憾|负面|短板|wrong|not (?:go |work )?(?:so )?well|didn.t|did not|negative|mistake|^stop|^drop|^sad|^mad|minuses|hindered|failure|weakness|could"
)
_CHALLENGE: Final = re.compile(r"挑战|困难|难点|障碍|challenge|difficult|obstacle")
_ADVISES: Final = re.compile(
    r"重来|再来一次|再做一次|^(?:改进)?建议$|改进建议|differently|(?:do|done) (?:it )?(?:again|better)|next time|^recommendations?$|^start|^try$|^(?:to )?improve(?:ments?)?$|things to improve"
)


def topic_of(heading: str) -> Topic | None:
    """What a heading announces, or None when it announces no lessons (see also :func:`is_foreign`)."""
    bare = unnumbered_heading(folded(heading)).strip(_LABEL_EDGES)
    if not bare or len(bare) > _LONGEST_HEADING or is_foreign(heading):
        return None
    for weight, pattern in _TOPIC_PATTERNS:
        if pattern.search(bare):
            return Topic(weight, _kind_of_heading(bare), bool(_ADVISES.search(bare)))
    return None


def _kind_of_heading(bare: str) -> LessonKind | None:
    good, bad = bool(_GOOD.search(bare)), bool(_BAD.search(bare))
    if good != bad:
        return "good-practice" if good else "lesson"
    return "challenge" if _CHALLENGE.search(bare) and not good else None


def is_foreign(heading: str) -> bool:
    """True for headings of what is no lesson, whatever stands around it: risks, defects, actions, contents."""
    return bool(_NO_TOPIC.search(unnumbered_heading(folded(heading))))


_KIND_VALUES: Final[tuple[tuple[LessonKind, re.Pattern[str]], ...]] = (
    ("challenge", re.compile(r"挑战|困难|challenge")),
    ("good-practice", re.compile(r"经验|正面|成功|亮点|好的?做法|最佳实践|优点|^\+$|positive|good|success|best|went well|keep|strength")),
    ("lesson", re.compile(r"教训|负面|问题|不足|^[-−]$|negative|wrong|problem|issue|lesson|weakness|improve")),
)  # fmt: skip


def kind_of_value(value: str) -> LessonKind | None:
    """The kind that a cell such as ``经验`` or ``negative`` names; None when it names none, or both."""
    bare = folded(value)
    named = [kind for kind, pattern in _KIND_VALUES if pattern.search(bare)]
    return named[0] if len(named) == 1 else None


_CATEGORY: Final = re.compile(
    r".{0,12}(?:方面|层面|角度|类|维度|条线|专业)|.{1,6}管理(?:上)?|(?:其他|其它|综合|技术|商务|合同|采购|进度|质量|成本|费用|安全|沟通|人员|团队|客户|供应商|设计|施工|测试|实施|运维|培训|组织|需求|计划|范围|资源|数据|集成|验收)"
    r"(?:与.{1,4}|和.{1,4}|、.{1,4})?|(?:g[1-5]|.{2,6}阶段).{0,8}|others?|misc(?:ellaneous)?|general|(?:project )?(?:technical|technology|commercial|contract|procurement|schedule|scheduling|quality|cost|budget|safety|"
    r"communication|people|team|customer|client|supplier|vendor|design|construction|testing|test|training|organi[sz]ation|requirements?|planning|scope|resources?|data|integration|process|management|security)(?:s| management)?(?: (?:and|&) \w+)?"
)


def is_category(heading: str) -> bool:
    """True for a heading that groups lessons (``进度管理方面``, ``Procurement``) rather than naming one."""
    return bool(_CATEGORY.fullmatch(unnumbered_heading(folded(heading)).strip(_LABEL_EDGES)))


# --- Kinds of document ------------------------------------------------------------------------------------------------

# They tell how lessons are to be written, or what is planned: nothing in them happened.
_TEACHING: Final = re.compile(
    r"^(?:培训|训练|讲义|教程|课程|方法论|指南|制度|模板|样例|作业指导|procedure|guide(?:line)?s?|training|course|template|manual|handbook|method(?:ology)?|policy|checklist|exercise)(?:[^:：\w]|讲义|教材|课件|材料)?\s*[:：—–-]"
    r"|(?:讲义|教材|课件|教程|指南|指引|指导书|规程|流程|制度|办法|规范|手册|模板|样表|计划|计划书|方案|方法|细则|要求|须知|templates?|guide(?:line)?s?|handbook|manual|procedure|plan|policy|method(?:ology)?|course|checklist|tutorial|form)\s*(?:[(（].{0,20}[)）])?$"
    r"|[(（](?:模板|样例|template|draft form)[)）]|怎样|如何(?:写|开|做|召开|编写|总结)|怎么(?:写|开|做)|\bhow to\b|调查问卷|questionnaire"
)
# They tell how things stand, from week to week: their problems are open ones. Lessons only under a heading that says so.
_RUNNING: Final = re.compile(
    r"纪要|会议记录|周报|月报|日报|季报|旬报|简报|(?:进展|状态|进度)(?:报告|汇报)|风险(?:登记|清单|台账|管理表)|缺陷|问题(?:清单|台账|跟踪)|变更(?:清单|记录|台账)|测试报告"
    r"|\bminutes\b|status report|\bweekly\b|\bmonthly\b|progress report|risk (?:log|register)|issue (?:log|register)|\bdefects?\b|\bbugs?\b|test report|change log"
)
_ABOUT_LESSONS: Final = re.compile(r"经验教训|教训|复盘|lessons|retrospective|post-?mortem")


def is_teaching(title: str) -> bool:
    """True for documents that teach, prescribe or plan, by their title."""
    return bool(_TEACHING.search(folded(title)))


def is_running(title: str) -> bool:
    """True for minutes, status reports and registers of open things, by their title."""
    bare = folded(title)
    return bool(_RUNNING.search(bare)) and not _ABOUT_LESSONS.search(bare)


# --- What stands in place of a lesson ---------------------------------------------------------------------------------

_NOTHING: Final = re.compile(
    r"(?:(?:本项目)?(?:暂)?(?:无|没有)(?:可记录的|相关)?(?:经验教训|问题|内容)?|略|不适用|待补充?|待定|待填写?|同上|[/／\\—–\-.…]+|[x×*＊]{2,}|n/?a|none|nil|no|tbd|tbc|nothing(?: to report)?|not applicable|to be (?:completed|added|done))[。.!]?",
)
_PLACEHOLDER: Final = re.compile(
    r"^[\[【(（<《{]?\s*(?:填写说明|填写要求|填表说明|请(?:填写|描述|说明|输入|在此)|在此(?:填写|处|描述)|说明[:：]|示例|此处|instructions?\b|describe\b|insert\b|enter\b|please (?:describe|enter|fill)|example[:：]|state (?:the|what)\b|what\b.{0,60}\?\s*[\])>])|x{3,}|×{2,}|lorem ipsum"
)
_REFERS: Final = re.compile(
    r"(?:详见|参见|请见|另见|见附[件表录]|请参[阅照考]|单独成册|另行(?:成文|编制|提交)|不再(?:赘述|重复)|\bsee\b|refer(?:red)? to|(?:are|is|were|was) (?:recorded|documented|collected|kept|held|listed|published) in|can be found in|separate (?:document|report|file))"
)
# A reference with more words than this beside it is a lesson that also names its source.
_REFERENCE_CHARS: Final = 90
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


# Fewer letters than this are no lesson: 加强沟通 is four, and says nothing to anybody.
_WORTH_CHARS: Final = 6


def is_worth(text: str) -> bool:
    """True when ``text`` says enough to be a lesson."""
    letters = [char for char in text if char.isalnum()]
    return len(letters) >= _WORTH_CHARS and not is_nothing(text)
