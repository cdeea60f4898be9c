"""What the title of a document says of it: that it teaches or plans, reports from week to week, or looks back."""

from __future__ import annotations

from typing import Final

from ingest.harvest_words import any_of, folded

# They tell how things are to be done, what is planned or offered, or what somebody is like: no project learned from it.
_TEACHING: Final = any_of(r"""
    ^(培训|训练|讲义|教程|课程|方法论|指南|制度|模板|样例|作业指导)([^:\w]|讲义|教材|课件|材料)?\s*[:—–-]
    (讲义|教材|课件|教程|指南|指引|指导书|规程|流程|制度|办法|规范|手册|要点|模板|样表|计划书?|方案|方法|细则|要求|须知)\s*(\(.{0,20}\))?$
    \((模板|样例|template|draft form)\)|怎样|如何(写|开|做|召开|编写|总结)|怎么(写|开|做)|调查问卷
    ^(procedure|guide(line)?s?|training|course|template|manual|handbook|method(ology)?|policy|checklist|exercise)\s*[:—–-]
    \b(templates?|guide(line)?s?|handbook|manual|procedure|plan|policy|method(ology)?|course|checklist|tutorial|form)\s*(\(.{0,20}\))?$
    ^(running|writing|holding|planning|moderating|preparing|conducting|recording|capturing) (an?|the|your|good|useful)\b
    \bhow to\b|questionnaire|\bsurvey report\b
    ^(proposal|offer|tender|quotation|bid)\b|\b(proposal|tender|appraisal|performance review)$
    绩效|考核表|面谈记录|满意度|投标|标书|报价|建议书|简历
    发布说明|更新(日志|说明)|招聘|方案比选|\brelease notes\b|\bwhat.s new\b|\bvacancy\b
    (现状|趋势|行业|市场|政策|产业).{0,6}(研究|分析|综述)|白皮书|蓝皮书|调研报告|论文|听课|学习笔记|读书(笔记|心得)
    \bwhite ?paper\b|\bmarket (study|analysis|research)\b|\bthesis\b|literature review
    course notes|\blecture\b|\bcurriculum\b
    可行性(研究|分析|报告)|可研报告|立项(报告|申请|建议|材料)|开题|启动(会|大会|说明|材料|报告)|(会议)?议程|(目录)$|\(目录\)$
    \bfeasibility\b|\bagenda\b|\bkick-?off\b|business case|terms of reference|request for proposals?
""")
# They tell how things stand from week to week; their problems are open ones. Lessons only under a heading that says so.
_RUNNING: Final = any_of(r"""
    纪要|会议记录|周报|月报|日报|季报|旬报|简报|(进展|状态|进度)(报告|汇报)|测试报告
    风险(登记|清单|台账|管理表)|缺陷(清单|列表|统计|台账|报告|记录|登记)|问题(清单|台账|跟踪)|变更(清单|记录|台账)
    \bminutes\b|status report|progress report|test report|change log
    \b(weekly|monthly) (report|status|review|meeting|update)
    (risk|issue|defect|bug|action) (log|register|list|report|tracker)
""")
# They look back on a whole project.
_CLOSING: Final = any_of(r"""
    项目.{0,12}(总结|回顾)|总结(报告|材料)|(竣工|实施|建设|工程|推广|上线|试点|交付).{0,4}总结|工作总结
    结项|结题|结案|收尾|复盘|后评[估价]|成果报告|终验报告
    close-?out|\bclosure\b|\bclosing (report|review|memo)|end[- ]of[- ](project|phase|programme)|wrap-?up
    post[- ](implementation|project|completion)|project review|completion report|project final report
""")
# They are collections of lessons, whatever their chapters are called.
_OF_LESSONS: Final = any_of(r"""
    (经验教训|教训)(总结|报告|汇总|汇编|登记册?|清单|集)?$|(经验教训|教训)(总结|报告|汇总|汇编|登记)
    lessons? (learn(ed|t)|identified)
""")
_NOT_CLOSING: Final = any_of(r"测试|会议|培训|学习|检查|审计|test|audit|training|executive")
_ABOUT_LESSONS: Final = any_of(r"教训|复盘|lessons|retrospective|post-?mortem")


def is_teaching(title: str) -> bool:
    """True for documents that teach, prescribe or plan, by their title."""
    return bool(_TEACHING.search(folded(title)))


def is_running(title: str) -> bool:
    """True for minutes, status reports and registers of open things, by their title."""
    bare = folded(title)
    return bool(_RUNNING.search(bare)) and not _ABOUT_LESSONS.search(bare)


def is_closing(title: str) -> bool:
    """True for documents that look back on a project or phase as a whole, by their title."""
    bare = folded(title)
    return bool(_CLOSING.search(bare)) and not _NOT_CLOSING.search(bare)


def is_of_lessons(title: str) -> bool:
    """True for documents that hold nothing but lessons, by their title: Lessons learned report, 经验教训汇编."""
    return bool(_OF_LESSONS.search(folded(title)))
