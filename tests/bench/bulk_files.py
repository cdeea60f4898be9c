"""Project documents made for measuring, by the thousand: Word and Markdown, Chinese and English."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

_ZH_SUBJECTS: Final = [
    "管线",
    "竖井",
    "供应商",
    "接口",
    "验收",
    "数据迁移",
    "关键用户",
    "进度",
    "预算",
    "合同",
    "回退方案",
    "培训",
    "噪声",
    "交通导改",
]
_ZH_EVENTS: Final = [
    "停了七天",
    "返工两次",
    "提前完成",
    "未经确认",
    "由监理签认",
    "需要重新报批",
    "超出估算",
    "与图纸不符",
    "转入下一阶段",
]
_EN_SUBJECTS: Final = [
    "the interface",
    "the vendor",
    "the cut-over",
    "the key users",
    "the baseline",
    "the test data",
    "the permit",
    "the estimate",
    "the steering committee",
    "the rollback",
]
_EN_EVENTS: Final = [
    "slipped by two weeks",
    "was accepted late",
    "had no owner",
    "was rehearsed twice",
    "cost more than planned",
    "was closed without evidence",
    "came from the second source",
]
_SENTENCES: Final = 90
_TYPES: Final = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'wordprocessingml.document.main+xml"/></Types>'
)
_RELATIONS: Final = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    'officeDocument" Target="word/document.xml"/></Relationships>'
)
_NAMESPACE: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def make(folder: Path, count: int) -> None:
    """Write ``count`` files into sub-folders of 500: Word and Markdown, Chinese and English in turn."""
    for number in range(count):
        chance = random.Random(number)  # noqa: S311  the same files at each run
        below = folder / f"{number // 500:02} 年度归档"
        below.mkdir(parents=True, exist_ok=True)
        title, lines = _text(chance, number, chinese=number % 4 < 2)
        if number % 2:
            body = "\n\n".join([f"# {title}", *lines])
            (below / f"{number:05} 报告.md").write_text(body, encoding="utf-8")
        else:
            (below / f"{number:05} report.docx").write_bytes(_word(title, lines))


def _text(chance: random.Random, number: int, *, chinese: bool) -> tuple[str, list[str]]:
    subjects, events = (_ZH_SUBJECTS, _ZH_EVENTS) if chinese else (_EN_SUBJECTS, _EN_EVENTS)
    lines = []
    for _ in range(_SENTENCES // 5):
        said = [
            f"{chance.choice(subjects)}{'' if chinese else ' '}{chance.choice(events)} {chance.randrange(10_000)}"
            for _ in range(5)
        ]
        lines.append(("，" if chinese else ", ").join(said) + ("。" if chinese else "."))
    return (f"第{number}号项目总结" if chinese else f"Closing report {number}"), lines


def _word(title: str, lines: list[str]) -> bytes:
    heading = '<w:pPr><w:outlineLvl w:val="0"/></w:pPr>'
    paragraphs = [(heading, title), *(("", line) for line in lines)]
    body = "".join(
        f"<w:p>{look}<w:r><w:t>{escape(text)}</w:t></w:r></w:p>" for look, text in paragraphs
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("_rels/.rels", _RELATIONS)
        archive.writestr(
            "word/document.xml",
            f'<?xml version="1.0"?><w:document xmlns:w="{_NAMESPACE}"><w:body>{body}</w:body></w:document>',
        )
    return packed.getvalue()
