"""The registers of people and projects."""

from __future__ import annotations

import pytest

from kb.access import SYSTEM, Role, anonymous
from kb.database import Database
from kb.errors import NotAllowed
from kb.models import find_or_add_project
from kb.registers import PersonRow, ProjectRow, Registers


def test_a_row_given_again_brings_its_project_up_to_date(database: Database) -> None:
    registers = Registers(database)
    registers.put_projects(
        SYSTEM, [ProjectRow("CL-1", "净水厂", "Water plant"), ProjectRow("CL-2")]
    )
    registers.put_projects(SYSTEM, [ProjectRow("CL-1", "净水厂扩建", "Water plant")])
    assert [(p.code, p.name_zh) for p in registers.projects(SYSTEM)] == [
        ("CL-1", "净水厂扩建"),
        ("CL-2", ""),
    ]


def test_only_curators_write_registers_and_who_may_not_read_sees_none(database: Database) -> None:
    registers = Registers(database)
    with pytest.raises(NotAllowed):
        registers.put_people(anonymous(Role.CONTRIBUTOR), [PersonRow("li.na", "李娜")])
    registers.put_projects(anonymous(Role.CURATOR), [ProjectRow("CL-1")])
    assert registers.projects(anonymous(Role.NONE)) == []
    assert len(registers.projects(anonymous(Role.READER))) == 1


@pytest.mark.parametrize(
    ("code", "name", "found"),
    [
        ("CL-1", "", "CL-1"),
        ("", "净水厂", "CL-1"),
        ("", "Water plant", "CL-1"),
        ("CL-9", "净水厂", "CL-9"),
        ("", "没有登记的项目", "没有登记的项目"),
        (" ", " ", None),
    ],
)
def test_a_document_finds_its_project_by_code_or_exact_name(
    database: Database, code: str, name: str, found: str | None
) -> None:
    Registers(database).put_projects(SYSTEM, [ProjectRow("CL-1", "净水厂", "Water plant")])
    with database.write() as session:
        project = find_or_add_project(session, code, name)
        assert (project.code if project else None) == found
