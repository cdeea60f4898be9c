"""What the leak test asks: every GET route with addresses for it, and the tables that a new route needs a line in.

A route whose gaps have names that stand in :data:`GAPS` or :data:`WORDS` and whose parameters are of usual sorts needs
no line. One that is asked in no world stands in :data:`NOT_COMPARED` with the reason.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args, get_origin
from urllib.parse import urlencode

from fastapi import FastAPI
from pydantic import BaseModel

from tests.web.leak_world import AUDIENCES, USERS, World

# Which kind of thing stands in a gap of an address.
GAPS: Final = {
    "document_id": "document",
    "left_id": "document",
    "right_id": "document",
    "template_id": "template",
    "person_id": "person",
    "project_id": "project",
    "candidate_id": "candidate",
    "lesson_id": "lesson",
    "course_id": "course",
    "unit_id": "unit",
    "question_id": "question",
    "answer_id": "answer",
    "community_id": "community",
    "event_id": "event",
    "topic_id": "topic",
    "path_id": "path",
    "bank_id": "bank",
    "notification_id": "notification",
    "saved_id": "saved",
    "entry_id": "entry",
    "comment_id": "comment",
    "post_id": "post",
    "link_id": "link",
    "assignment_id": "path",
    "attempt_id": "attempt",
    "job_id": "job",
    "form_id": "filled",
}
# Where the same word stands for something else.
_OTHER_GAPS: Final = {
    ("/training/questions", "question_id"): "bank question",
    ("/questions/comments", "comment_id"): "question comment",
}
WORDS: Final = {
    "number": "1",
    "left": "1",
    "right": "2",
    "kind": "projects",
    "import_id": "1",
    "merge_id": "1",
    "name": "photo.png",
    "code": "NOTHING",
    "step": "publish",
}
_FORMS: Final = {
    "/documents/{document_id}/export/{form}": ("markdown", "word"),
    "/exports/{form}": ("markdown", "word"),
    "/training/transcript.{form}": ("csv", "xlsx"),
    "/training/reports.{form}": ("csv", "xlsx"),
    "/certificates/{code}/export/{form}": ("word", "markdown"),
}
# Routes that are not asked, and why.
NOT_COMPARED: Final = {
    "/healthz": "says nothing of things",
    "/readyz": "tells the state of the index to whoever runs it",
    "/sign-in": "no things",
    "/sign-in/code": "no things",
    "/sign-in/set-up": "no things",
    "/forgotten": "no things",
    "/prove": "no things",
    "/prove/oidc": "leads to another site",
    "/account/link": "leads to another site",
    "/sign-in/oidc": "leads to another site",
    "/sign-in/oidc/callback": "comes from another site",
    "/links/{secret}": "one-time links to sign in",
    "/account": "about the user's own account",
    "/admin": "administrators only: it counts everything, as it says",
    "/admin/backup/{name}": "administrators only",
    "/admin/audit": "administrators only",
    "/admin/audit.csv": "administrators only",
    "/admin/audit/{number}": "administrators only",
    "/privacy": "says nothing of things",
    "/admin/settings": "administrators only",
    "/admin/jobs": "administrators only",
    "/admin/personal": "administrators only",
    "/admin/users": "administrators only",
    "/admin/users/{user_id}": "administrators only",
    "/admin/groups": "administrators only",
    "/admin/groups/{name}": "administrators only",
}
# Routes that take a question as ``q``, beside those that say so to FastAPI.
_ASKED: Final = (
    "/",
    "/lessons",
    "/lessons/export",
    "/questions",
    "/projects",
    "/projects.csv",
    "/projects.xlsx",
    "/people",
    "/people/experts",
)
_SEARCHES: Final = frozenset({"/", "/api/v1/search"})
# Routes that read their parameters from the address by hand, with the names of these.
_LISTS: Final = ("q", "page", "tag", "project", "kind", "language", "state", "sort", "year")
_BY_HAND: Final = {
    "/": ("q", "kind", "language", "project", "year", "tag", "person", "sort", "page", "per_page"),
    "/lessons": (*_LISTS, "category", "phase", "owner", "mine", "due"),
    "/lessons/export": (*_LISTS, "category", "phase", "owner", "format"),
    "/questions": ("tab", "tag", "sort", "page"),
    "/projects": ("q", "industry", "status", "year", "manager", "tag", "sort", "dir", "page"),
    "/projects.csv": ("q", "industry", "status", "year", "manager", "tag", "sort", "dir"),
    "/people": ("q", "department", "place", "language", "mentor", "here", "page"),
    "/people/experts": ("q", "department", "place", "language"),
    "/candidates": ("state", "document", "project", "page"),
    "/saved/new": ("q", "tag", "project", "person"),
    "/search/why": ("q", "id", "subject", "tag", "kind", "expand"),
}
# What values a parameter may have, by its name; a rare word otherwise.
_VALUES: Final[dict[str, tuple[str, ...]]] = {
    "page": ("1", "2", "9999"),
    "per_page": ("1", "3", "100"),
    "limit": ("1", "3", "20"),
    "sort": ("date", "relevance", "updated", "used", "lost", "name", "started", "votes", "newest"),
    "order": ("zh", "en"),
    "dir": ("up", "down"),
    "language": ("zh", "en", ""),
    "kind": ("lesson", "summary", "project", "person", "course", "question", "page", "check"),
    "year": ("2015", "2019", "2020", "2024"),
    "state": ("submitted", "validated", "waiting", "kept", "draft", "published", "retired"),
    "status": ("running", "closed"),
    "tab": ("open", "unanswered", "mine", "to-me", "waiting"),
    "by": ("topic", "department", "place", "project", "phase", "industry", "cause"),
    "measure": ("count", "days", "cost"),
    "which": ("often", "nothing", "unopened"),
    "list": ("often", "nothing", "unopened"),
    "column": ("due", "waiting", "unowned"),
    "weeks": ("1", "12"),
    "week": ("2026-03-02",),
    "version": ("1", "2", "9"),
    "a": ("1", "2"),
    "b": ("1", "2"),
    "expand": ("on", "off"),
    "industry": ("water", "bank"),
    "department": ("PMO",),
    "phase": ("design", "test"),
    "category": ("risk", "cost"),
    "letter": ("g", "u"),
    "mentor": ("yes", "no"),
    "mine": ("yes",),
    "due": ("2027-01-01",),
    "here": ("yes", "no"),
    "risk": ("yes",),
    "group": ("pmo", "water"),
    "role": ("new-hire",),
    "format": ("csv", "xlsx", "docx", "markdown"),
    "topic": ("1", "2", "radar", "risk"),
    "subject": ("document", "lesson", "project", "question", "community", "course", "doctemplate"),
    "gaps": ("yes",),
    "user": tuple(user[0] for user in USERS),
    "owner": tuple(user[0] for user in USERS),
    "person": ("郝建平", "宋沛霖", "陆文昭", "隐名客"),
    "manager": ("hao.jianping", "song.peilin", "lu.wenzhao", "secret.agent"),
    "audience": (*AUDIENCES, "project"),
    "folder": ("/leak", "/leak/open", "/leak/nothing"),
}
# Parameters whose value is the number of a thing.
_NUMBERS: Final = {
    "document": "document",
    "template": "template",
    "course": "course",
    "path": "path",
    "form": "filled",
    "id": "document",
    "key": "document",
    "chosen": "lesson",
    "answer": "comment",
    "edit": "comment",
}
_SUBJECTS: Final = {
    "document": "document",
    "lesson": "lesson",
    "project": "project",
    "question": "question",
    "community": "community",
    "course": "course",
    "doctemplate": "template",
}


@dataclass(frozen=True, slots=True)
class Breadth:
    """How much is asked: things of each kind, questions to a search, questions to other routes, mixed parameters."""

    things: int
    questions: int
    few: int
    mixtures: int


IN_SUITE: Final = Breadth(things=1, questions=3, few=1, mixtures=1)
WIDE: Final = Breadth(things=4, questions=12, few=3, mixtures=3)


def routes_of(items: Any) -> Iterator[Any]:
    """All routes of an application with a method and a path."""
    for item in items:
        if hasattr(item, "effective_candidates"):
            yield from routes_of(item.effective_candidates())
        elif hasattr(item, "original_route"):
            yield item


def paths_of(app: FastAPI, method: str = "GET") -> list[str]:
    """The paths of all routes of a method."""
    return [route.path for route in routes_of(app.routes) if method in route.methods]


def gaps_of(path: str) -> list[str]:
    """The names of the gaps in a route's path."""
    return [name.partition(":")[0] for name in re.findall(r"{([^}]+)}", path)]


def kind_in(path: str, gap: str) -> str:
    """The kind of thing that stands in a gap of a route's path; empty where it is no thing."""
    start = "/".join(path.split("/")[:3])
    return _OTHER_GAPS.get((start, gap)) or GAPS.get(gap, "")


def fields_of(route: Any, sort: Literal["query_params", "body_params"]) -> list[tuple[str, Any]]:
    """Names and types of what a route takes in its address or in a form, of all it depends on."""

    def walk(dependant: Any) -> Iterator[tuple[str, Any]]:
        for field in getattr(dependant, sort):
            kind = field.field_info.annotation
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                for name, inner in kind.model_fields.items():
                    yield inner.alias or name, inner.annotation
            else:
                yield field.alias, kind
        for inner in dependant.dependencies:
            yield from walk(inner)

    dependant = getattr(route, "dependant", None) or route.original_route.dependant
    return list(walk(dependant))


def value_for(name: str, kind: Any, world: World, chance: random.Random) -> str:
    """A value that somebody may send as the parameter or field ``name``."""
    if get_origin(kind) is not Literal:
        kind = next((each for each in get_args(kind) if get_origin(each) is Literal), kind)
    if get_origin(kind) is Literal:
        values = get_args(kind)
    elif kind is bool:
        values = ("true", "false")
    elif name in _NUMBERS:
        values = tuple(range(1, world.numbers[_NUMBERS[name]] + 1))
    elif name == "project":
        values = tuple(world.codes)
    else:
        words = ("risk", "风险", chance.choice(world.markers))
        values = _VALUES.get(name) or (tuple(range(1, 10)) if kind is int else words)
    return str(chance.choice(values))


def questions_of(world: World, chance: random.Random, breadth: Breadth) -> list[str]:
    """Questions: rare words that somebody may read or not, whole, begun, misspelt and mixed with common ones."""
    made = [
        "",
        "risk",
        "pump rehearsal 验收",
        "radar OR 雷达",
        "contractor delay 延期 预算 测试",
    ]
    for marker in chance.sample(world.markers, breadth.questions):
        place = chance.randrange(1, len(marker))
        slip = marker[:place] + marker[place + 1 :]
        made += chance.choice(
            (
                [marker],
                [marker[:-1]],
                [slip],
                [f"风险 {marker}"],
                [f'"{marker}" pump'],
                [f"{marker} {slip}"],
                [f"title:{marker}", f"标签:{marker}"],
                [f"pump -{marker}"],
                [f"{marker[:2]}*"],
                [f"project:{marker}", f"项目:{marker} 风险", f"作者:{marker}"],
            )
        )
    return made


def addresses(
    app: FastAPI, world: World, user: str, chance: random.Random, breadth: Breadth
) -> Iterator[tuple[str, str]]:
    """Every route with an address to ask for it, in an order without meaning."""
    questions = questions_of(world, chance, breadth)
    for route in routes_of(app.routes):
        path = route.path
        if "GET" not in route.methods or path in NOT_COMPARED:
            continue
        fields = fields_of(route, "query_params")
        names = dict(fields) | dict.fromkeys(_BY_HAND.get(path, ()), str)
        numbers = _filled(path, world, chance, breadth)
        for filled in numbers:
            yield path, filled
        if not gaps_of(path) and ("q" in names or path in _ASKED):
            whole = {"per_page": 100} if path in _SEARCHES else {}
            most = questions if path in _SEARCHES or path.endswith("suggest") else None
            for question in most or chance.sample(questions, breadth.few):
                yield path, f"{path}?{urlencode({'q': question, **whole})}"
        for _ in range(breadth.mixtures if names else 0):
            some = chance.sample(sorted(names), chance.randint(1, min(3, len(names))))
            told = {name: value_for(name, names[name], world, chance) for name in some}
            yield path, f"{chance.choice(numbers)}?{urlencode(told)}"
    yield from _filters(world, chance, breadth)
    yield from _by_number(world, user, chance, questions, breadth)
    yield from _own(world, user)


def _filled(path: str, world: World, chance: random.Random, breadth: Breadth) -> list[str]:
    """A route's path with numbers in its gaps: of things that are there, and one that nothing has."""
    names = gaps_of(path)
    if not names:
        return [path]
    kinds = [GAPS[name] for name in names if name in GAPS]
    most = max((world.numbers.get(kind, 1) for kind in kinds), default=1)
    numbers = [*chance.sample(range(1, most + 1), min(most, breadth.things)), 99_999]
    made = []
    for number in numbers if kinds else [1]:
        filled = path
        for name in names:
            value = str(number) if name in GAPS else WORDS.get(name, "nothing")
            if name == "form":
                value = chance.choice(_FORMS[path])
            elif name in {"right_id", "document_id"} and "{" + name != re.findall(r"{\w+", path)[0]:
                value = str(chance.randint(1, world.numbers["document"]))
            elif name == "unit_id":
                value = str(2 * number + chance.randint(0, 1))
            filled = re.sub(rf"{{{name}(:\w+)?}}", value, filled)
        made.append(filled)
    return made


def _filters(world: World, chance: random.Random, breadth: Breadth) -> Iterator[tuple[str, str]]:
    """Filters by words that somebody may know of or not."""
    ascii_ones = [marker for marker in world.markers if marker.isascii()]
    for marker in chance.sample(world.markers, breadth.things):
        for path in _SEARCHES:
            for name in ("tag", "project", "person"):
                yield path, f"{path}?{urlencode({name: marker})}"
        yield "/api/v1/projects", f"/api/v1/projects?{urlencode({'tag': marker})}"
        yield "/api/v1/lessons", f"/api/v1/lessons?{urlencode({'phase': marker})}"
        yield "/questions", f"/questions?{urlencode({'tag': marker})}"
        yield "/lessons", f"/lessons?{urlencode({'tag': marker})}"
        yield "/follow", f"/follow?{urlencode({'subject': 'tag', 'key': marker})}"
    for marker in chance.sample(ascii_ones, breadth.things):
        for path in _SEARCHES:
            yield path, f"{path}?{urlencode({'q': 'risk', 'project': f'P-{marker}'})}"
        yield "/projects/by-code/{code:path}", f"/projects/by-code/P-{marker}"
        yield "/api/v1/suggest", f"/api/v1/suggest?{urlencode({'q': marker[:4]})}"
        yield "/questions/new", f"/questions/new?{urlencode({'project': f'P-{marker}'})}"
    for place in (
        "/people/map?by=topic",
        "/people/map?by=department",
        "/api/v1/search?q=risk+%E9%A3%8E%E9%99%A9&sort=date&per_page=5&page=2",
        "/api/v1/search?q=risk&per_page=7&page=99",
        "/lessons/analysis?by=project",
        # What was found once: orders and the length of short lists tell too.
        "/api/v1/lessons?sort=used",
        "/api/v1/suggest?q=um",
        "/api/v1/suggest?q=gl",
    ):
        yield place.partition("?")[0], place


def _by_number(
    world: World, user: str, chance: random.Random, questions: Sequence[str], breadth: Breadth
) -> Iterator[tuple[str, str]]:
    """What is told of a thing by parameters."""
    for subject, kind in _SUBJECTS.items():
        most = world.numbers[kind]
        for number in chance.sample(range(1, most + 1), min(most, breadth.things)):
            key = urlencode({"subject": subject, "id": number})
            yield "/search/similar", f"/search/similar?{key}"
            for path in ("/search/why", "/api/v1/search/why"):
                yield path, f"{path}?{key}&{urlencode({'q': chance.choice(questions[1:])})}"
            yield "/follow", f"/follow?{urlencode({'subject': subject, 'key': number})}"
    for number in chance.sample(range(1, world.numbers["document"] + 1), breadth.things):
        for form in ("markdown", "word"):
            yield "/exports/{form}", f"/exports/{form}?document={number}&document=1&title=x"
        yield "/lessons/new", f"/lessons/new?document={number}"
        yield "/api/v1/candidates", f"/api/v1/candidates?document={number}"
        yield "/lessons/{lesson_id:int}/close", f"/lessons/1/close?document={number}"
    for number in range(1, 1 + min(breadth.things, world.numbers["course"])):
        yield "/training/reports", f"/training/reports?course={number}"
        yield "/training/assignments", f"/training/assignments?course={number}"


def _own(world: World, user: str) -> Iterator[tuple[str, str]]:
    """What only this user has an address of: feeds, calendars, certificates."""
    if not user:
        return
    yield "/saved/{token}.atom", f"/saved/feed-{user}.atom"
    for number in (1, 2):
        # Whoever knows the secret of somebody's calendar reads in their name; these are the user's own.
        place = f"/communities/calendars/calendar-{number}-{user}.ics"
        yield "/communities/calendars/{token}.ics", place
    for number in (1, 2):
        yield "/certificates/{code}", f"/certificates/certificate-{number}-{user}"
        place = f"/certificates/certificate-{number}-{user}/export/markdown"
        yield "/certificates/{code}/export/{form}", place
