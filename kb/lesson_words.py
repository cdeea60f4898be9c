"""Free words of reports and registers as the words that lessons are kept in: phase, category, cause in a word.

What is in no table stays as it was written, because a phase or category of one's own is allowed; a cause is only ever
suggested, from words that nearly always mean it.
"""

from __future__ import annotations

import re
from typing import Final

from kb.candidates_found import folded
from kb.markdown import escape
from kb.search.folding import HAN

# A word of the lessons, and what reports and registers write for it: folded, and found as a whole or at the beginning.
_PHASES: Final = {
    "initiation": "g1 立项 启动 立项阶段 启动阶段 可研 可行性研究 initiation initiating concept formulation",
    "planning": "g2 规划 计划 方案 策划 planning plan approval definition phase-a phasea phase-b phaseb",
    "design": "g3 设计 设计冻结 design design-freeze phase-c phasec",
    "procurement": "采购 招标 招投标 合同 procurement tender purchasing contract",
    "implementation": (
        "实施 执行 施工 开发 建设 安装 implementation execution executing construction build development phase-d phased"
    ),
    "test": "测试 调试 联调 试运行 验证 test testing commissioning integration verification",
    "go-live": "g4 上线 投产 切换 移交 交付 go-live golive cut-over cutover launch deployment",
    "closing": "g5 收尾 验收 结项 总结 closing closure acceptance close-out closeout phase-f phasef",
    "operation": "运维 运营 维护 质保 operation operations maintenance warranty phase-e phasee",
}
_CATEGORIES: Final = {
    "integration": "整合 整体 集成管理 整合管理 integration governance 治理 变更 变更管理 change",
    "scope": "范围 需求 范围管理 scope requirements",
    "schedule": "进度 时间 工期 进度管理 时间管理 schedule time",
    "cost": "成本 费用 预算 成本管理 cost budget finance",
    "quality": "质量 质量管理 测试 quality test testing",
    "resources": "资源 人力 团队 人员 资源管理 人力资源 resources resource people staff team hr",
    "communication": "沟通 沟通管理 communication communications reporting",
    "risk": "风险 风险管理 risk",
    "procurement": "采购 合同 供应商 分包 采购管理 procurement supplier vendor contract purchasing",
    "stakeholders": "干系人 相关方 客户 利益相关者 干系人管理 stakeholder stakeholders customer",
}
_CAUSES: Final = {
    "requirements": r"需求|验收标准|没有定义|未定义|requirement|criteria|undefined|not defined|ambiguous",
    "interfaces": r"接口|界面|专业之间|interface|integration between",
    "estimate": r"估算|低估|工期不足|underestimat|estimat|too optimistic",
    "supplier": r"供应商|分包|供货|厂家|supplier|vendor|subcontract|manufacturer",
    "communication": r"沟通|通知|告知|communicat|inform(?:ed|ing)|misunderst",
    "people": r"人手|技能|培训|到位|staff|skill|training|key users?|workload",
    "method": r"流程|规程|检查单|没有标准|评审|procedure|process|checklist|review",
    "technology": r"软件|固件|硬件|缺陷|software|firmware|hardware|defect|design flaw",
    "site": r"现场|地质|地勘|钻孔|天气|许可|勘察|site|weather|permit|ground|survey",
    "data": r"数据|重复率|主数据|data quality|duplicate|master data|migration",
    "decision": r"决策|审批|拖延|decision|approv|escalat",
}


def phase_of(text: str) -> str:
    """The phase that ``text`` names, itself where it is no known one; empty for words that say there is none."""
    return _known(text, _PHASES)


def category_of(text: str) -> str:
    """The category that ``text`` names, itself where it is no known one."""
    return _known(text, _CATEGORIES)


def cause_of(text: str) -> str:
    """The cause in a word that ``text`` speaks of most and first; empty where it speaks of none."""
    best, most = "", 0
    for cause, pattern in _CAUSES.items():
        count = len(re.findall(pattern, text, re.IGNORECASE))
        if count > most:
            best, most = cause, count
    return best


def language_of(text: str) -> str:
    """``zh`` where Chinese characters outnumber other words, else ``en``."""
    return "zh" if len(_HAN_CHAR.findall(text)) > len(_LATIN_WORD.findall(text)) else "en"


def as_markdown(text: str) -> str:
    """Plain words of a report or register as Markdown that shows exactly them; each line is a paragraph."""
    return "\n\n".join(escape(line) for line in text.splitlines() if line.strip())


_HAN_CHAR: Final = re.compile(f"[{HAN}]")
_LATIN_WORD: Final = re.compile(r"[^\W\d_" + HAN + r"]{2,}")
_UNSAID: Final = frozenset(
    map(
        folded,
        ("N/A", "none", "-", "无", "不适用", "Not Specified", "Not Applicable", "未知", "unknown"),
    )
)


def _known(text: str, table: dict[str, str]) -> str:
    plain = folded(text)
    if not plain or plain in _UNSAID:
        return ""
    for word, known in table.items():
        if plain == word or plain in {folded(each) for each in known.split()}:
            return word
    # “G3 设计冻结”, “Implementation » Phase C”: the first known word of several.
    for piece in re.split(r"[\s,;/»>、，；:：（()）]+", text):
        for word, known in table.items():
            if folded(piece) in {word, *(folded(each) for each in known.split())}:
                return word
    return " ".join(text.split())


# Words that say a number is a gain; without one it is taken for a loss, as impacts of lessons mostly are.
_GAINED: Final = re.compile(
    r"节省|节约|提前|省下|少花|saved?|saving|early|earlier|gained|ahead", re.IGNORECASE
)
_DAYS: Final = re.compile(
    r"(\d{1,4}(?:\.\d{1,2})?)\s*(?:个)?\s*(工作日|自然日|天|日|周|working days?|calendar days?|days?|weeks?)",
    re.IGNORECASE,
)
_MONEY: Final = re.compile(
    r"(?:(CNY|EUR|USD|SGD|RMB|€|\$|¥)\s*)?(\d[\d,]*(?:\.\d+)?)\s*(亿元?|万元|元|m\b|million|k\b|CNY|EUR|USD|SGD|欧元|美元)?",
    re.IGNORECASE,
)
_DAYS_OF_A_WEEK: Final = 5
_TIMES: Final = {"亿": 1e8, "亿元": 1e8, "万元": 1e4, "m": 1e6, "million": 1e6, "k": 1e3}
_CURRENCIES: Final = {
    "€": "EUR",
    "欧元": "EUR",
    "$": "USD",
    "美元": "USD",
    "¥": "CNY",
    "rmb": "CNY",
}


def days_of(text: str) -> float | None:
    """Working days that an impact tells, minus for lost ones; None where it tells none."""
    found = _DAYS.search(text)
    if found is None:
        return None
    number = float(found[1]) * (
        _DAYS_OF_A_WEEK if found[2] == "周" or found[2].lower().startswith("week") else 1
    )
    return number if _GAINED.search(text) else -number


def money_of(text: str) -> tuple[float | None, str]:
    """Money that an impact tells, minus for lost, and its currency; None where it tells none.

    A number counts only where a currency or a unit of money stands beside it.
    """
    for before, number, after in _MONEY.findall(text):
        name = before or (after if after.lower() not in _TIMES else "")
        if not before and not after:
            continue
        amount = float(number.replace(",", "")) * _TIMES.get(after.lower(), 1.0)
        currency = _CURRENCIES.get(name.lower(), name.upper() if name.isascii() and name else "CNY")
        return (amount if _GAINED.search(text) else -amount), currency
    return None, ""
