"""The register of lessons: columns are guessed in both languages, and a large register of others comes in."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from ingest.limits import DEFAULT_LIMITS
from ingest.register_kinds import register_kind
from ingest.register_runs import first_choice, import_file
from ingest.register_tables import read_tables
from ingest.registers import Keep
from kb import open_kb
from kb.access import SYSTEM, Actor, Role
from kb.config import Settings
from kb.lesson_listing import LessonFilter

NASA = Path(__file__).parents[3] / "shared/data/domain/nasa-llis/llis_dev.csv"
CURATOR = Actor("lu.wenzhao", "", Role.CURATOR)
CHINESE = """序号,教训名称,问题描述,原因分析,改进措施,项目阶段,延误天数,损失金额,项目编号,关键词
1,旧管廊没有探明,停工,地勘只布了4个钻孔,先用雷达,G3 设计冻结,46,612万元,CL-2018-007,地勘；管廊
2,𠮷祥工會,停七周,,,启动,,,,
"""
ENGLISH = """Ref,Lesson Title,Issue Description,Root Cause,Recommended Action,Stage,Delay (days),Project
LL-1,Penetration test too late,Eleven findings,Copied schedule,Test earlier,Test,40,CL-2022-014
"""


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        (
            CHINESE,
            {
                "number": 0,
                "title": 1,
                "what_happened": 2,
                "root_cause": 3,
                "recommendation": 4,
                "phase": 5,
                "impact_days": 6,
                "impact_money": 7,
                "project": 8,
                "tags": 9,
            },
        ),
        (
            ENGLISH,
            {
                "number": 0,
                "title": 1,
                "what_happened": 2,
                "root_cause": 3,
                "recommendation": 4,
                "phase": 5,
                "impact_days": 6,
                "project": 7,
            },
        ),
    ],
)
def test_the_columns_of_a_register_are_guessed(
    tmp_path: Path, data_folder: Path, text: str, columns: dict[str, int]
) -> None:
    file = tmp_path / "登记册.csv"
    file.write_text(text, encoding="utf-8-sig")
    with open_kb(Settings(data_dir=data_folder)) as kb:
        kind = register_kind(kb, "lessons")
        tables = read_tables(file, file.name, DEFAULT_LIMITS)
        assert dict(first_choice(kind, tables, kb.database, SYSTEM).columns or {}) == columns
        done = import_file(kind, kb.database, CURATOR, file, keep=Keep.GOOD)
        assert done.counts["refused"] == 0
        found = kb.lesson_lists.page(CURATOR, LessonFilter())[0]
        assert len(found) == done.counts["added"]
        first = kb.lessons.get(CURATOR, min(each.id for each in found))
        assert first.text.impact_days in {-46, -40}


@pytest.mark.measure
def test_a_public_register_of_a_thousand_lessons_comes_in(data_folder: Path) -> None:
    if not NASA.exists():
        pytest.skip("the data beside the project is not there")
    with open_kb(Settings(data_dir=data_folder)) as kb:
        kind = register_kind(kb, "lessons")
        began = time.perf_counter()
        tables = read_tables(NASA, NASA.name, DEFAULT_LIMITS)
        chosen = first_choice(kind, tables, kb.database, SYSTEM)
        done = import_file(kind, kb.database, CURATOR, NASA, keep=Keep.GOOD)
        seconds = time.perf_counter() - began
        print(f"columns {chosen.columns}; {done.counts}; {seconds:.1f} s")
        assert done.counts["added"] == 1046
