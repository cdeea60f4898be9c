"""A small library of templates for tests of the pages: real files, made with the libraries people use."""

from __future__ import annotations

from ingest.doctemplates import fill, inspect, media_type, text_of
from kb.access import FOR_EVERYONE, SYSTEM, Audience
from kb.doctemplate_answers import Answers
from kb.doctemplate_views import Details, TemplateFile
from kb.documents import Original
from kb.drafts import Draft, Guess
from kb.knowledge_base import KnowledgeBase
from kb.models.doctemplates import PUBLISHED
from tests.ingest.office_templates import word

FORM = word(
    "项目章程 {{ project.name }}",
    "{{ long:背景 * # 为什么做 }}",
    "状态：{{ choice:状态 | 绿 | 红 }}，{{ date:日期 = today }}，{{ number:预算 }}，{{ person:发起人 }}",
    rows=[
        ["序号", "风险", "责任人"],
        ["{{ rownumber:风险[] }}", "{{ 风险[].描述 }}", "{{ person:风险[].人 }}"],
    ],
)


def add_template(
    kb: KnowledgeBase,
    content: bytes = FORM,
    name: str = "章程.docx",
    *,
    audience: Audience = FOR_EVERYONE,
    state: str = PUBLISHED,
) -> int:
    """Put a template with an example into the library and return its id."""
    found = inspect(content, name, "zh")
    example = fill(
        content, name, found.fields, Answers({"背景": "漏损只能估"}), "zh", mark_open=False
    )
    file = TemplateFile(
        content,
        name,
        media_type(found.format),
        found.format,
        found.fields,
        found.body,
        (example, text_of(example, name)[1]),
    )
    details = Details(
        "项目章程", "charter", "initiate", "zh", purpose="授权项目开始", owner="hao.jianping"
    )
    return kb.doctemplates.add(SYSTEM, details, file, audience=audience, state=state)


def add_past_work(kb: KnowledgeBase, *, audience: Audience = FOR_EVERYONE) -> int:
    """Store a Word report of a project and return the document's id."""
    content = word(
        "东港冷链物流中心（CL-2024-005）总结", "2025-11-07 验收，费用9,120万元，联系 a.b@c.example"
    )
    sha256, size = kb.files.keep(content)
    draft = Draft(
        title="东港冷链物流中心总结",
        body="总结",
        language="zh",
        kind=Guess("summary"),
        format="docx",
        project_code="CL-2024-005",
        project_name="东港冷链物流中心",
    )
    original = Original(sha256, size, "总结.docx", media_type("docx"))
    return kb.documents.store(
        SYSTEM, draft, place="/past/总结.docx", original=original, audience=audience
    ).document_id
