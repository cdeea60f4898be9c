"""A tiny course of every kind of unit and question, with a path: for tests of the pages."""

from __future__ import annotations

from fastapi.testclient import TestClient

from kb.access import FOR_EVERYONE, SYSTEM, Actor, Audience
from kb.course_texts import (
    CheckText,
    CoursesText,
    CourseText,
    PathText,
    QuestionText,
    StepText,
    UnitText,
)
from kb.courses_from_texts import Stored
from kb.knowledge_base import KnowledgeBase

QUESTIONS = (
    QuestionText(
        "single", "谁拍板？", ("项目经理", "变更控制委员会"), (1,), explanation="超过 5% 时。"
    ),
    QuestionText("multiple", "Which are gates?", ("G1", "G5", "G9"), (0, 1), points=2),
    QuestionText("true_false", "G4 放行上线。", accepted=("true",)),
    QuestionText("fill_in", "几个关口？", accepted=("5", "五")),
    QuestionText("order", "按次序", ("申请", "影响分析", "决定"), explanation="*先问*。"),
)


def course_text(find: str) -> CourseText:
    """The course; ``find`` is the address that its find-it question asks for."""
    asked = QuestionText("find_it", "哪一页讲管廊？", accepted=(find,))
    return CourseText(
        "gates",
        "zh",
        "五个关口 <G1–G5> 🚦",
        "说得出每个关口放行什么。",
        (
            UnitText("01", "page", "为什么有关口", 5, "## 前车之鉴\n\n没有关口就停不下来。"),
            UnitText("02", "document", "先读教训", 10, "请读它。", find.partition("#")[0]),
            UnitText("03", "video", "看一遍", 5, target="https://video.example/1"),
            UnitText(
                "04", "check", "小测", 5, check=CheckText((*QUESTIONS, asked), pass_percent=60)
            ),
        ),
        teachers=("hao.jianping",),
        topics=("变更控制",),
    )


def add_course(
    kb: KnowledgeBase, find: str, audience: Audience = FOR_EVERYONE, actor: Actor = SYSTEM
) -> Stored:
    """Store the course and a path for new hires; ids under ``gates`` and ``new``."""
    path = PathText(
        "new", "zh", "新员工入门", "new-hire", "两周。", (StepText("gates", 7),), due_days=14
    )
    texts = CoursesText((course_text(find),), (path,))
    return kb.course_files.store(actor, texts, audience=audience)


def training_pages(kb: KnowledgeBase, client: TestClient, document: int) -> tuple[str, ...]:
    """Addresses of every page of training, for whoever is signed in and may do everything."""
    stored = add_course(kb, f"/documents/{document}")
    number, path = stored.courses["gates"], stored.paths["new"]
    course = f"/courses/{number}"
    units = kb.courses.get(SYSTEM, number).units
    check = f"{course}/units/{units[-1].id}"
    client.post("/training/growth", data={"role": "new-hire", "skills": "变更控制: 2\nrisk"})
    client.post("/training/assignments", data={"what": f"path:{path}", "whom": "everyone"})
    open_, done = (
        client.post(f"{check}/attempts").url.path,
        client.post(f"{course}/units/{units[0].id}/done").url.path,
    )
    client.get(open_)
    client.post(open_, data={"q0": "0", "q2": "true", "q5": f"/documents/{document}"})
    return (
        course,
        done,
        check,
        open_,
        f"{course}/edit",
        f"{course}/units/new?kind=document",
        f"{check}/edit",
        f"/training/banks/{kb.question_banks.of_course(SYSTEM, number)[0][0]}",
        f"/training/paths/{path}",
        f"/training/paths/{path}/edit",
        "/training/reports?gaps=1",
        "/training/growth?role=new-hire",
        certificate_address(kb, client, number),
    )


def certificate_address(kb: KnowledgeBase, client: TestClient, number: int) -> str:
    """Let whoever is signed in finish the course with all that counts, and give the address of the certificate."""
    units = kb.courses.get(SYSTEM, number).units
    for unit in units[:-1]:
        client.post(f"/courses/{number}/units/{unit.id}/done")
    attempt = client.post(f"/courses/{number}/units/{units[-1].id}/attempts").url.path
    client.post(attempt, data=right_answers(client.get(attempt).text, units[1].target_text))
    page = client.get(f"/courses/{number}").text
    return "/certificates/" + page.partition('href="/certificates/')[2].partition('"')[0]


def right_answers(page: str, find: str) -> dict[str, str | list[str]]:
    """The form of an attempt, filled in as somebody who knows would: options are found by their words."""

    def place(question: int, option: str) -> str:
        part = page.split("<fieldset")[question + 1]
        before = part.partition(f"<p>{option}</p>")[0]
        value = before.rpartition(f'name="q{question}')[2]
        return value.partition('value="')[2].partition('"')[0] or value[1:].partition('"')[0]

    return {
        "q0": place(0, "变更控制委员会"),
        "q1": [place(1, "G1"), place(1, "G5")],
        "q2": "true",
        "q3": " ５ ",  # noqa: RUF001  full-width
        **{
            f"q4.{_order(page, word)}": str(at)
            for at, word in enumerate(("申请", "影响分析", "决定"), 1)
        },
        "q5": find,
    }


def _order(page: str, option: str) -> str:
    before = page.split("<fieldset")[5].partition(f"<p>{option}</p>")[0]
    return before.rpartition('name="q4.')[2].partition('"')[0]
