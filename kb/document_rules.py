"""What becomes of a file that is to be stored, in pure functions: new, a new version, unchanged, or a duplicate.

A path in a folder is the identity of what lies there: the same path with other content is a new version. The name
of an upload is not: everybody has a ``周报.docx``. There, only a text that is much the same, or one that says itself
that it is the same thing, succeeds what was uploaded under that name before.

::

    >>> is_generic("项目周报 2024年第3期"), is_generic("北岸净水厂项目总结")
    (True, False)
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

# Percent from which an upload is a new version of what had its name. Versions of one report share well over three
# quarters of their text, reports filled into one template rarely half. Higher than LIKE_ENOUGH, because a version too
# many hides a text behind another, while a document too many is shown beside it as nearly the same.
VERSION_LIKENESS: Final = 75

# With less left of a title than this, in letters, it names a sort of document and not one document.
_MIN_OWN_LETTERS: Final = 2
_UPLOAD: Final = "upload:"

# What stands in titles of any project.
_GENERIC_HAN: Final = """
    新建 文本文档 工作表 演示文稿 文档 文檔 无标题 無標題 未命名 模板 范本 範本
    会议纪要 會議紀要 会议记录 會議記錄 纪要 紀要 例会 例會 会议 會議
    经验教训 經驗教訓 教训 教訓 总结 總結 结项 結項 复盘 復盤 汇报 匯報 报告 報告
    周报 週報 月报 月報 日报 日報 季报 季報 年报 年報 进度 進度 状态 狀態
    计划书 计划 計劃 方案 说明书 说明 說明 手册 手冊 清单 清單 登记册 登記冊 台账
    培训 培訓 材料 附件 封面 目录 目錄 项目 項目 工程 工作 管理 年度 季度
    最终 最終 终稿 終稿 初稿 草稿 修订 修訂 副本 版本 本周 上周 本月 上月 关于 第 的 之 及
"""
_GENERIC_LATIN: Final = """
    a an and of on the for project projects report reports reporting summary summaries minutes meeting meetings
    weekly monthly daily quarterly annual status progress plan planning template templates lessons lesson learned
    learnt document documents doc new untitled microsoft word excel powerpoint workbook sheet presentation slide
    slides page draft final copy version rev revised update notes note closing closure kick off kickoff agenda
    training guide manual list register log form file attachment week month quarter year v q w
    january february march april may june july august september october november december
    jan feb mar apr jun jul aug sep sept oct nov dec
"""
_GENERIC_HAN_WORDS: Final = re.compile(
    "|".join(sorted(map(re.escape, _GENERIC_HAN.split()), key=len, reverse=True))
)
_GENERIC_WORDS: Final = frozenset(_GENERIC_LATIN.split())
_ORDINALS: Final = re.compile(r"[\d\u3007零一二三四五六七八九十百]+[年月日周週期版稿份季号號次]*")
_LATIN: Final = re.compile(r"[^\W\d_\u2e80-\U0003ffff]+")


@dataclass(frozen=True, slots=True)
class Seen:
    """What is recorded for a place: the document, the content seen there last, and whether the place is its own."""

    document_id: int
    sha256: str
    own: bool = True


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with a file: ``create`` a document, ``renew`` one, or leave one as it is."""

    action: Literal["create", "renew", "unchanged", "duplicate"]
    document_id: int | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """What a text says of itself; ``project`` is the code or name of its project, empty where it names none."""

    title: str
    project: str


def decide(
    sha256: str,
    seen: Seen | None,
    same_content: int | None,
    *,
    by_name: bool = False,
    succeeds: bool = False,
) -> Decision:
    """Is this file new, a new version, unchanged, or a duplicate?

    Args:
        sha256: hash of the file's content.
        seen: what is recorded for the very place the file lies at, if anything.
        same_content: a document, readable by the actor, whose original has this content, if any.
        by_name: the place is only the name of an upload, see :func:`is_upload`.
        succeeds: for such a place, whether the text is a version of what had the name before.
    """
    if seen is not None and seen.sha256 == sha256:
        return Decision("unchanged", seen.document_id)
    # Where a duplicate lay, the other document is not to be overwritten by whatever comes next.
    if seen is not None and seen.own and not by_name:
        return Decision("renew", seen.document_id)
    if same_content is not None:
        return Decision("duplicate", same_content)
    if seen is not None and seen.own and succeeds:
        return Decision("renew", seen.document_id)
    return Decision("create")


def is_upload(place: str) -> bool:
    """True for the place of an upload (``upload:<user>:<path>``), which is a name and not a place on a disk."""
    return place.startswith(_UPLOAD)


def is_version(percent: int | None, before: Identity, now: Identity) -> bool:
    """Whether an upload is a version of what had its name before.

    Args:
        percent: how alike the texts are (:func:`kb.likeness_rules.likeness`); None when too short to tell.
        before: what the stored text says of itself.
        now: what the new one says of itself.
    """
    if percent is not None and percent >= VERSION_LIKENESS:
        return True
    same = _letters(before.title) == _letters(now.title)
    return (
        same and _letters(before.project) == _letters(now.project) and not is_generic(before.title)
    )


def is_generic(title: str) -> bool:
    """True for a title that names a sort of document (``周报``, ``Minutes 2024-03-01``) and not one document."""
    folded = unicodedata.normalize("NFKC", title).casefold()
    rest = _GENERIC_HAN_WORDS.sub(" ", _ORDINALS.sub(" ", folded))
    words = _LATIN.sub(lambda word: "" if word[0] in _GENERIC_WORDS else word[0], rest)
    return len(_letters(words)) < _MIN_OWN_LETTERS


def _letters(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(filter(str.isalnum, folded))
