"""The lesson harvester: what it takes, what it leaves, and what it makes of the words."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.harvest import harvest
from kb.markdown import sections

REPORT = "# 净水厂扩建 总结报告\n\n## 概况\n\n按期完成。\n\n"


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("5 经验教训", "lesson"),
        ("伍、經驗教訓", "lesson"),
        ("五、问题与对策", "lesson"),
        ("（三）存在问题及改进措施", "lesson"),
        ("不足与反思", "lesson"),
        ("做得好的地方", "good-practice"),
        ("成功经验", "good-practice"),
        ("我们做得不好的地方", "lesson"),
        ("6 Lessons learned", "lesson"),
        ("Chapter 6 Lessons", "lesson"),
        ("What went well", "good-practice"),
        ("What did not go well", "lesson"),
        ("Challenges", "challenge"),
        ("Problems encountered and solutions", "lesson"),
        ("Retrospective", "lesson"),
        ("Ｌｅｓｓｏｎｓ　ｌｅａｒｎｅｄ 经验教训", "lesson"),  # noqa: RUF001
        ("踩过的坑 🕳️", "lesson"),
    ],
)
def test_a_heading_announces_lessons_and_their_kind(heading: str, kind: str) -> None:
    [lesson] = harvest(f"{REPORT}## {heading}\n\n- 滤站下面的旧管廊没有探明，停工46天。\n")
    assert lesson.what_happened == "滤站下面的旧管廊没有探明，停工46天。"
    assert (lesson.kind, lesson.heading) == (kind, " ".join(heading.split()))
    assert lesson.evidence == f"section “{lesson.heading}”, list item 1"
    assert lesson.anchor in {section.anchor for section in sections(f"## {heading}\n")}


@pytest.mark.parametrize(
    "heading",
    [
        "风险登记册",
        "Risk register",
        "目录",
        "Action items",
        "适用的以往经验教训",
        "经验教训管理",
        "Lessons from previous projects",
        "Lessons learned workshop",
        "遗留问题",
        "Open issues",
        "附件",
        "项目概况",
        "费用",
    ],
)
def test_other_headings_announce_none(heading: str) -> None:
    assert harvest(f"{REPORT}## {heading}\n\n- 滤站下面的旧管廊没有探明，停工46天。\n") == []


@pytest.mark.parametrize(
    "text",
    [
        "无。",
        "暂无",
        "N/A",
        "—",
        "（请填写）",
        "【填写说明：每条教训写明问题、原因和建议】",
        "[Describe the lesson]",
        "XXXXXXXX",
        "详见附件三《经验教训登记册》。",
        "本项目经验教训已单独成册，此处不再赘述。",
        "See the lessons register in PMO-LL-114.",
        "加强沟通",
    ],
)
def test_what_says_nothing_is_no_lesson(text: str) -> None:
    assert harvest(f"{REPORT}## 经验教训\n\n- {text}\n") == []
    assert harvest(f"{REPORT}## 经验教训\n\n{text}\n") == []
    assert (
        harvest(f"{REPORT}## 经验教训\n\n| 问题 | 原因 |\n|---|---|\n| {text} | {text} |\n") == []
    )


@pytest.mark.parametrize(
    "title",
    [
        "培训讲义：怎样写一条经验教训",
        "项目收尾报告（模板）",
        "经验教训管理办法",
        "Procedure: capturing lessons",
        "Running a lessons workshop",
        "Project management plan",
        "2024年度绩效面谈记录",
    ],
)
def test_documents_that_teach_plan_or_judge_people_hold_none(title: str) -> None:
    text = "## 经验教训\n\n- 滤站下面的旧管廊没有探明，停工46天。\n"
    assert harvest(f"# {title}\n\n{text}") == []
    assert harvest(f"# 资料\n\n{text}", title=title) == []
    assert len(harvest(f"# 资料\n\n{text}")) == 1


@pytest.mark.parametrize("kind", ["methodology", "training", "template", "guide", "plan"])
def test_the_kind_of_a_document_can_rule_lessons_out(kind: str) -> None:
    body = f"{REPORT}## 经验教训\n\n- 滤站下面的旧管廊没有探明，停工46天。\n"
    assert harvest(body, kind=kind) == []
    assert len(harvest(body, kind="report")) == 1


def test_minutes_hold_lessons_only_under_a_heading_that_says_so() -> None:
    issues = "## 存在问题及措施\n\n- 门联锁变更金额待核，周五前补报价单。\n\n"
    lessons = "## 经验教训\n\n- 滤站下面的旧管廊没有探明，停工46天。\n"
    found = harvest(f"# 第八次例会会议纪要\n\n{issues}{lessons}")
    assert [lesson.heading for lesson in found] == ["经验教训"]
    assert len(harvest(f"# 净水厂总结报告\n\n{issues}{lessons}")) == 2
    assert len(harvest(f"# 经验教训研讨会会议纪要\n\n{issues}{lessons}")) == 2


@pytest.mark.parametrize(
    ("text", "cause", "impact", "recommendation"),
    [
        (
            "现象：挖出旧管廊，停工。原因：只布了四个孔。影响：46天。建议：用探地雷达。",
            "只布了四个孔。",
            "46天。",
            "用探地雷达。",
        ),
        (
            "【问题】挖出旧管廊，停工。\n【原因】只布了四个孔。\n【后果】46天。\n【对策】用探地雷达。",
            "只布了四个孔。",
            "46天。",
            "用探地雷达。",
        ),
        (
            "**現象**：挖出舊管廊，停工。**原因**：只佈了四個孔。**影響**：46天。**改善建議**：用透地雷達。",
            "只佈了四個孔。",
            "46天。",
            "用透地雷達。",
        ),
        (
            "The digger hit the gallery. Root cause: four holes only. Impact: 46 days. Recommendation: use radar.",
            "four holes only.",
            "46 days.",
            "use radar.",
        ),
        (
            "挖出旧管廊，停工46天。原因是只布了四个孔。建议先用探地雷达。",
            "原因是只布了四个孔。",
            "",
            "建议先用探地雷达。",
        ),
        (
            "The digger hit the gallery. Next time we use radar first.",
            "",
            "",
            "Next time we use radar first.",
        ),
        ("时间：2018年12月；地点：滤站三号承台，挖出旧管廊。", "", "", ""),
    ],
)
def test_labels_and_openings_of_sentences_fill_the_fields(
    text: str, cause: str, impact: str, recommendation: str
) -> None:
    [lesson] = harvest(f"{REPORT}## 经验教训\n\n- {text.replace(chr(10), chr(10) + '    ')}\n")
    assert (lesson.cause, lesson.impact, lesson.recommendation) == (cause, impact, recommendation)
    assert lesson.what_happened
    assert lesson.title


def test_a_table_is_read_whatever_the_order_of_its_columns() -> None:
    columns = {
        "问题 Issue": "挖出旧管廊，停工",
        "原因": "只布了四个孔",
        "影响": "46天",
        "改进措施": "用探地雷达",
        "责任人": "郝建平",
        "阶段": "G3",
        "状态": "关闭",
        "序号": "1",
    }
    seen = set()
    names = list(columns)
    for shift in range(len(names)):
        order = names[shift:] + names[:shift]
        table = "\n".join(
            f"| {' | '.join(row)} |"
            for row in (order, ["---"] * len(order), [columns[name] for name in order])
        )
        [lesson] = harvest(f"{REPORT}## 施工情况\n\n{table}\n")
        seen.add(
            (
                lesson.what_happened,
                lesson.cause,
                lesson.impact,
                lesson.recommendation,
                lesson.owner,
                lesson.phase,
            )
        )
        assert lesson.evidence == "columns of the table, table row 1"
    assert seen == {("挖出旧管廊，停工", "只布了四个孔", "46天", "用探地雷达", "郝建平", "G3")}


def test_a_merged_problem_with_two_causes_is_one_lesson() -> None:
    table = (
        "<table><tr><th>问题</th><th>原因</th><th>措施</th></tr>"
        '<tr><td rowspan="2">挖出旧管廊，停工46天</td><td>孔太少</td><td>用雷达</td></tr>'
        "<tr><td>没有查档案</td><td>查旧图</td></tr>"
        "<tr><td>接口没有关完就冻结</td><td>没有人念</td><td>超过5个不开会</td></tr></table>"
    )
    first, second = harvest(f"{REPORT}## 经验教训\n\n{table}\n")
    assert (first.cause, first.recommendation) == ("孔太少\n没有查档案", "用雷达\n查旧图")
    assert second.what_happened == "接口没有关完就冻结"


@pytest.mark.parametrize(
    "head",
    [
        "| 风险描述 | 原因 | 概率 | 应对措施 |",
        "| Issue | Cause | Probability | Mitigation |",
        "| 缺陷编号 | 问题描述 | 原因 | 处理措施 |",
        "| 问题 | 原因 | 措施 | 完成期限 |",
        "| 问题 | 解答 | 原因 | 编号 |",
        "| 版本 | 变更原因 | 变更内容 | 责任人 |",
        "| 科目 | 预算 | 决算 | 差额 |",
    ],
)
def test_tables_of_other_registers_are_left_where_no_lessons_were_announced(head: str) -> None:
    table = f"{head}\n|---|---|---|---|\n| 挖出旧管廊停工 | 只布了四个孔 | 用探地雷达扫 | 郝建平负责 |\n"
    assert harvest(f"{REPORT}## 施工情况\n\n{table}") == []


def test_a_new_numbering_and_spacing_is_the_same_lesson_and_other_words_are_not() -> None:
    body = f"{REPORT}## 8 经验教训\n\n### 8.1 管廊未探明\n\n现象：停工 46 天。原因：孔太少。\n"
    again = (
        body.replace("8", "9").replace("停工 46 天", "停工46天").replace("现象：", "**现象**： ")
    )
    other = body.replace("46", "47")
    [one], [same], [changed] = harvest(body), harvest(again), harvest(other)
    assert one.fingerprint == same.fingerprint != changed.fingerprint
    assert replace(one, owner="郝建平", position=9).fingerprint == one.fingerprint


def test_the_same_words_twice_are_one_lesson() -> None:
    item = "- 滤站下面的旧管廊没有探明，停工46天。\n"
    assert len(harvest(f"{REPORT}## 经验教训\n\n{item}{item}")) == 1


def test_a_found_lesson_travels_between_processes() -> None:
    found = harvest(f"{REPORT}## 经验教训\n\n- 𠮷祥里的配电箱钥匙没有签好 🔑，等了三个上午。\n")
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301  made here


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("滤站下面的旧管廊没有探明。", "zh"),
        ("泵重6.2吨，the crane was rated for 5 t only，吊装前一天才发现。", "zh"),
        ("The gallery under the filter hall was not found (旧管廊).", "en"),
    ],
)
def test_a_lesson_knows_its_language(text: str, language: str) -> None:
    [lesson] = harvest(f"{REPORT}## 经验教训\n\n- {text}\n")
    assert lesson.language == language


PIECES = (
    "# 报告",
    "## 经验教训",
    "### ",
    "- 问题：",
    "| 问题 | 原因 |",
    "|---|---|",
    "| a | b |",
    "原因：",
    "一是",
    "<table><tr><td>",
    "</td></tr></table>",
    '<td rowspan="99">',
    "**",
    "1. ",
    "    - ",
    "```",
    "𠮷🚰",
    "\x00",
    "\n",
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("\n".join))
def test_no_body_makes_it_fail(body: str) -> None:
    for lesson in harvest(body):
        assert lesson.title


@pytest.mark.parametrize(
    "body",
    [
        "问题：管廊没有探明，停工很久。\n原因：钻孔太少。\n" * 4000,
        "管廊没有探明，停工很久，钻孔太少，" * 8000,
        "| 问题 | 原因 | 措施 |\n|---|---|---|\n"
        + "| 管廊没有探明 | 钻孔太少 | 探地雷达 |\n" * 3000,
        "<table><tr><td>" * 200 + "x" + "</td></tr></table>" * 200,
        '<table><tr><td rowspan="9999" colspan="9999">问题</td></tr></table>',
        "**" * 30_000,
        "a:" * 30_000,
    ],
    ids=["labels", "one sentence", "rows", "nested tables", "spans", "bold", "colons"],
)
@pytest.mark.timeout(20)
def test_a_huge_body_takes_seconds_not_minutes(body: str) -> None:
    harvest(f"{REPORT}## 经验教训\n\n{body}")
