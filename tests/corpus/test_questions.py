"""The bundled questions and the bundled community load as they are, once, and say only what the registers know."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from ingest.bundled_questions import load_questions
from ingest.register_of_people import people_register
from ingest.register_of_projects import projects_register
from ingest.register_runs import import_file
from kb import open_kb
from kb.access import SYSTEM, Role
from kb.config import Settings
from kb.question_lists import QuestionFilter

CORPUS = Path(__file__).parents[2] / "corpus"
SUNDAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def held() -> dict[str, Any]:
    """What the file holds."""
    read = yaml.safe_load((CORPUS / "questions.yaml").read_text(encoding="utf-8"))
    assert isinstance(read, dict)
    return read


def test_they_are_in_both_languages_and_some_wait_for_an_answer(held: dict[str, Any]) -> None:
    questions = held["questions"]
    assert len({each["key"] for each in questions}) == len(questions)
    assert any(not each["answers"] for each in questions)
    for each in questions:
        assert sum(bool(answer.get("accepted")) for answer in each["answers"]) <= 1, each["key"]
        assert each["asked_by"] not in each["experts"], each["key"]


def test_loading_them_twice_is_loading_them_once(held: dict[str, Any], tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    with open_kb(settings) as kb:
        for name, register in (("people", people_register), ("projects", projects_register)):
            import_file(register(kb), kb.database, SYSTEM, CORPUS / f"{name}.csv")
        for user in ("curator", "contributor", "reader"):
            kb.accounts.add(user, user, "a long enough password", Role.CONTRIBUTOR)
        for _ in range(2):
            assert load_questions(kb, CORPUS / "questions.yaml", SUNDAY) == len(held["questions"])
        lines, total = kb.question_lists.listed(SYSTEM, QuestionFilter())
        assert total == len(held["questions"])
        assert {line.language for line in lines} == {"zh", "en"}
        assert {line.title: line.answers for line in lines} == {
            each["title"]: len(each["answers"]) for each in held["questions"]
        }
        first = kb.question_views.get(SYSTEM, min(line.id for line in lines))
        assert first.asked_by == "顾欣然 Gu Xinran"
        assert all(line.project_code for line in lines)
        (community,) = kb.community_views.all(SYSTEM)
        view = kb.community_views.get(SYSTEM, community.id)
        assert (len(view.members), len(view.posts)) == (3, 1)
        events = kb.community_views.events(SYSTEM, community.id)
        assert [event.starts_at.date() for event in events] == [date(2026, 12, 14)]  # a Monday
