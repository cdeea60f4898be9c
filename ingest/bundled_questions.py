"""The bundled questions with their answers, and the bundled community: put into a demonstration, once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

import yaml

from kb.access import SYSTEM, Actor, Role
from kb.community_rules import USUAL_ZONE, CommunityText, EventText
from kb.knowledge_base import KnowledgeBase
from kb.question_rules import QuestionText

# Nobody meets on a Saturday or Sunday: the Monday after, counted from the Monday before.
_SATURDAY, _MONDAY = 5, 7
_TOKEN: Final = "bundled:"  # noqa: S105  the name of a form, no secret


def load_questions(kb: KnowledgeBase, path: Path, today: date | None = None) -> int:
    """Put in what the file holds and is not there yet; returns how many questions there are in it.

    Args:
        kb: where to; people and projects that are named have to be there, and the users of communities.
        path: of ``questions.yaml``.
        today: the day from which events are planned ahead; by default the present one.
    """
    held = yaml.safe_load(path.read_text(encoding="utf-8"))
    handles = {person.handle: person.id for person in kb.people.all(SYSTEM)}
    for each in held["questions"]:
        _ask(kb, each, handles)
    for each in held["communities"]:
        _begin(kb, each, today or datetime.now(UTC).date())
    return len(held["questions"])


def _ask(kb: KnowledgeBase, each: Mapping[str, Any], handles: Mapping[str, int]) -> None:
    asker = _actor(each["asked_by"])
    text = QuestionText(
        title=each["title"],
        body=each["body"],
        tags=tuple(each["tags"]),
        project=each.get("project", ""),
    )
    token = f"{_TOKEN}{each['key']}"
    experts = [handles[handle] for handle in each["experts"]]
    number = kb.questions.ask(asker, text, experts=experts, token=token)
    view = kb.question_views.get(asker, number)
    if view.answers or view.closed_at:
        return  # it was loaded before, and people have gone on with it
    for place, answer in enumerate(each["answers"]):
        made = kb.question_answers.answer(
            _actor(answer["by"]), number, answer["body"], token=f"{token}:{place}"
        )
        if answer.get("accepted"):
            kb.question_answers.accept(asker, made, on=True)


def _begin(kb: KnowledgeBase, each: Mapping[str, Any], today: date) -> None:
    organiser = _actor(each["organiser"])
    token = f"{_TOKEN}{each['key']}"
    text = CommunityText(each["name"], each["about"])
    number = kb.communities.begin(organiser, text, token=token)
    if kb.community_views.get(organiser, number).posts:
        return
    for member in each["members"]:
        kb.communities.join(_actor(member), number, on=True)
    for place, event in enumerate(each["events"]):
        day = today + timedelta(days=event["days_ahead"])
        day += timedelta(days=max(_MONDAY - day.weekday(), 0) if day.weekday() >= _SATURDAY else 0)
        starts = datetime.combine(day, time.fromisoformat(event["at"]))
        planned = EventText(
            title=event["title"],
            starts=starts,
            ends=starts + timedelta(minutes=event["minutes"]),
            time_zone=event.get("time_zone", USUAL_ZONE),
            about=event["about"],
            place=event["place"],
            url=event["url"],
        )
        kb.community_events.plan(organiser, number, planned, token=f"{token}:{place}")
    for place, post in enumerate(each["posts"]):
        kb.communities.post(
            _actor(post["by"]), number, post["title"], post["body"], token=f"{token}:{place}"
        )


def _actor(name: str) -> Actor:
    """Somebody of the invented company, as if they had signed in; or a user of the demonstration."""
    return Actor(name, name, Role.CONTRIBUTOR)
