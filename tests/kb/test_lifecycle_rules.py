"""The state machine: every promise of its table, generated from it, and the arithmetic of dates."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from kb.lifecycle_rules import (
    BY_NAME,
    TRANSITIONS,
    Need,
    Party,
    Stage,
    after_approval,
    next_review,
    possible,
    stage_of,
)

WORK = {Stage.DRAFT, Stage.REVIEW}
SEEN = {Stage.PUBLISHED, Stage.DUE, Stage.ARCHIVED}


@pytest.mark.parametrize(
    ("step", "stage", "party"),
    [(step, stage, party) for step in TRANSITIONS for stage, party in product(Stage, Party)],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_a_step_is_offered_exactly_where_the_table_says(
    step: object, stage: Stage, party: Party
) -> None:
    rule = BY_NAME[step.name]  # type: ignore[attr-defined]
    offered = rule in possible(stage, {party})
    in_table = stage in rule.sources and party in rule.who
    own = party is Party.WRITER and Need.OTHER_EYES in rule.needs
    assert offered == (in_table and not own)


def test_every_stage_is_reached_and_left_and_no_step_leads_nowhere() -> None:
    reached = {step.to for step in TRANSITIONS} | {Stage.DRAFT}
    left = {stage for step in TRANSITIONS for stage in step.sources}
    assert reached - {None} == set(Stage)
    assert left == set(Stage)
    assert len(BY_NAME) == len(TRANSITIONS)


def test_what_readers_see_never_goes_back_into_a_draft() -> None:
    for step in TRANSITIONS:
        if step.sources & SEEN:
            assert step.to in SEEN, step.name
            assert not step.sources & WORK, step.name


def test_nobody_but_the_date_makes_a_page_due_and_nobody_approves_what_they_wrote() -> None:
    assert [step.name for step in TRANSITIONS if step.to is Stage.DUE] == ["fall-due"]
    assert BY_NAME["fall-due"].who == {Party.TIME}
    for role in (Party.REVIEWER, Party.CURATOR):
        names = {step.name for step in possible(Stage.REVIEW, {Party.WRITER, role})}
        assert "approve" not in names
        assert "send-back" in names


@pytest.mark.parametrize(
    ("state", "due", "stage"),
    [
        ("published", None, "published"),
        ("published", date(2026, 11, 23), "published"),
        ("published", date(2026, 11, 22), "due"),
        ("published", date(2020, 1, 1), "due"),
        ("archived", date(2020, 1, 1), "archived"),
        ("draft", date(2020, 1, 1), "draft"),
        ("review", None, "review"),
    ],
)
def test_due_is_reached_by_date_and_only_by_what_is_published(
    state: str, due: date | None, stage: str
) -> None:
    assert stage_of(state, due, date(2026, 11, 22)) == Stage(stage)


@pytest.mark.parametrize(
    ("start", "months", "day"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 11, 22), 12, date(2027, 11, 22)),
        (date(2026, 12, 31), 6, date(2027, 6, 30)),
        (date(2026, 5, 1), None, None),
    ],
)
def test_the_next_review_is_so_many_months_on(
    start: date, months: int | None, day: date | None
) -> None:
    assert next_review(start, months) == day


@pytest.mark.parametrize(
    ("reviewers", "approved", "by", "curator", "stage"),
    [
        ({"a"}, set(), "a", False, "published"),
        ({"a", "b"}, set(), "a", False, "review"),
        ({"a", "b"}, {"b"}, "a", False, "published"),
        (set(), set(), "pmo", True, "published"),
        ({"a", "b"}, set(), "pmo", True, "published"),
        ({"a", "pmo"}, set(), "pmo", True, "review"),
    ],
)
def test_all_who_were_asked_approve_or_a_curator_stands_in(
    reviewers: set[str], approved: set[str], by: str, curator: bool, stage: str
) -> None:
    assert after_approval(reviewers, approved, by=by, curator=curator) == Stage(stage)
