"""No leak: for every user each answer is that of a knowledge base which holds only what this user may read.

Random worlds of things for different audiences are laid beside copies without what a user may not read
(:mod:`tests.web.leak_world`); every GET route is asked in both. ``KB_LEAK_ROUNDS`` asks for more worlds than the suite
has time for.
"""

from __future__ import annotations

import difflib
import json
import os
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote_plus, urlencode

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from kb import open_kb
from tests.web.leak_world import (
    World,
    full_world,
    reduced_world,
    settings_of,
    unreadable_words,
)
from web.actors import COOKIE
from web.app import create_app

ROUNDS: Final = int(os.environ.get("KB_LEAK_ROUNDS", "1"))
# How many things of each kind are asked for, and how many questions are put, where the suite has little time.
_THINGS: Final = 2 if ROUNDS == 1 else 12
_QUESTIONS: Final = 4 if ROUNDS == 1 else 40

_FEW: Final = 1 if ROUNDS == 1 else 8

# Which kind of thing stands in a gap of an address.
_GAPS: Final = {
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
}
_WORDS: Final = {
    "number": "1",
    "left": "1",
    "right": "2",
    "kind": "projects",
    "job_id": "1",
    "import_id": "1",
    "attempt_id": "1",
    "name": "photo.png",
    "code": "NOTHING",
}
_FORMS: Final = {
    "/documents/{document_id}/export/{form}": "md",
    "/exports/{form}": "md",
    "/training/transcript.{form}": "csv",
    "/training/reports.{form}": "csv",
    "/certificates/{code}/export/{form}": "pdf",
}
# Routes that are not asked, and why.
NOT_COMPARED: Final = {
    "/healthz": "says nothing of things",
    "/readyz": "tells the state of the index to whoever runs it",
    "/sign-in": "no things",
    "/sign-in/oidc": "leads to another site",
    "/sign-in/oidc/callback": "comes from another site",
    "/links/{secret}": "one-time links to sign in",
    "/account": "about the user's own account",
    "/projects.xlsx": "the same rows as projects.csv; a workbook holds the time it was made",
    "/registers/{kind}/template.xlsx": "an empty form; a workbook holds the time it was made",
    "/admin": "administrators only: it counts everything, as it says",
    "/admin/backup/{name}": "administrators only",
    "/admin/audit": "administrators only",
    "/admin/audit.csv": "administrators only",
    "/admin/settings": "administrators only",
    "/admin/jobs": "administrators only",
    "/admin/personal": "administrators only",
    "/admin/users": "administrators only",
    "/admin/users/{user_id}": "administrators only",
    "/admin/groups": "administrators only",
    "/admin/groups/{name}": "administrators only",
}
# Routes that take a question, by the name of its parameter, and further parameters.
_ASKED: Final = {
    "/": "q",
    "/api/v1/search": "q",
    "/api/v1/suggest": "q",
    "/api/v1/links": "q",
    "/api/v1/people": "q",
    "/api/v1/experts": "q",
    "/api/v1/projects": "q",
    "/api/v1/glossary": "q",
    "/api/v1/lessons": "q",
    "/api/v1/courses": "q",
    "/api/v1/doctemplates": "q",
    "/doctemplates": "q",
    "/lessons": "q",
    "/lessons/export": "q",
    "/questions": "q",
    "/questions/new": "q",
    "/projects": "q",
    "/projects.csv": "q",
    "/people": "q",
    "/people/experts": "q",
    "/courses": "q",
    "/glossary": "q",
}
# Addresses with parameters that are no questions.
_FURTHER: Final = (
    "/people/map?by=topic",
    "/people/map?by=department",
    "/people/map?by=place",
    "/api/v1/search?q=risk+%E9%A3%8E%E9%99%A9&sort=date&per_page=5&page=2",
    "/api/v1/search?q=risk+%E9%A3%8E%E9%99%A9&sort=relevance",
    "/projects?sort=name",
    "/lessons/analysis?by=project",
    "/lessons/analysis?by=industry",
    "/insights?list=unanswered",
)
# Reasons for a score that come from what is learned of words.
_LEARNED: Final = frozenset({"matter", "more"})
# Of these the order and the passages shown follow scores, which other people's things may move.
_RANKED: Final = re.compile(r"^(/|/api/v1/(search(/why)?|suggest))$")
# These show only the best few by score, so which ones may be moved too: here the status is compared, and no word may
# appear that stands only in what the user may not read (as everywhere).
_BEST_FEW: Final = re.compile(
    r"^(/api/v1/(links|experts)|/people/experts|/questions/new|/questions/\d+/experts|/documents/\d+/similar"
    r"|/search/(similar|why))$"
)
_RELATED: Final = re.compile(r"<h2>Related</h2>.*?</section>", re.DOTALL)
# What is new with each answer, whatever is asked.
_VOLATILE: Final = re.compile(
    r"""([?&]|&amp;)(s|token)=[\w-]+ | name="(origin|token|seen|form)"\ value="[^"]*"
    | /static/[\w.-]+/ | \d+(\.\d+)?(&nbsp;|\s|\u00a0)?(ms|毫秒) | \d\d:\d\d(:\d\d(\.\d+)?)?
    | \d+\ (second|minute)s?\ ago | just\ now | DTSTAMP:\w+ | (?<=,)\d+\.\d(?=,0,20) """,
    re.VERBOSE,
)
_SCORES: Final = frozenset({"score", "took_ms", "share", "snippet", "points", "total_score"})


def routes_of(items: Any) -> Iterator[str]:
    """The paths of all GET routes."""
    for item in items:
        if hasattr(item, "effective_candidates"):
            yield from routes_of(item.effective_candidates())
        elif hasattr(item, "original_route") and "GET" in item.methods:
            yield item.path


def gaps_of(path: str) -> list[str]:
    """The names of the gaps in a route's path."""
    return [name.partition(":")[0] for name in re.findall(r"{([^}]+)}", path)]


def questions_of(world: World, chance: random.Random) -> list[str]:
    """Questions: rare words that somebody may read or not, whole, begun, misspelt and mixed with common ones."""
    made = [
        "",
        "risk",
        "风险",
        "pump rehearsal 验收",
        "radar OR 雷达",
        "contractor delay 延期 预算 测试",
    ]
    for marker in chance.sample(world.markers, _QUESTIONS):
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
            )
        )
    return made


def addresses(
    app: FastAPI, world: World, user: str, chance: random.Random
) -> Iterator[tuple[str, str]]:
    """Every route with an address to ask for it, in an order without meaning."""
    questions = questions_of(world, chance)
    for path in routes_of(app.routes):
        if path in NOT_COMPARED:
            continue
        if path in _ASKED:
            whole = {"per_page": 100} if path in {"/", "/api/v1/search"} else {}
            few = (
                questions
                if path in {"/", "/api/v1/search", "/api/v1/suggest"}
                else chance.sample(questions, _FEW)
            )
            for question in few:
                yield path, f"{path}?{urlencode({_ASKED[path]: question, **whole})}"
        names = gaps_of(path)
        if not names:
            yield path, path
            continue
        kinds = [_GAPS[name] for name in names if name in _GAPS]
        # A big number is that of nothing.
        most = max((world.numbers.get(kind, 1) for kind in kinds), default=1)
        numbers = [*chance.sample(range(1, most + 1), min(most, _THINGS)), 99_999]
        if not kinds:
            numbers = [1]
        for number in numbers:
            filled = path
            for name in names:
                value = str(number) if name in _GAPS else _WORDS.get(name, "nothing")
                value = _FORMS.get(path, value) if name == "form" else value
                if name == "right_id":
                    value = str(chance.randint(1, most))
                elif name == "unit_id":
                    value = str(2 * number)
                filled = re.sub(rf"{{{name}(:\w+)?}}", value, filled)
            yield path, filled
    yield from _filters(world, chance)
    yield from _by_number(world, user, chance, questions)


def _filters(world: World, chance: random.Random) -> Iterator[tuple[str, str]]:
    """Filters by words that somebody may know of or not."""
    ascii_ones = [marker for marker in world.markers if marker.isascii()]
    for marker in chance.sample(world.markers, _THINGS):
        for path in ("/", "/api/v1/search"):
            for name in ("tag", "project", "person"):
                yield path, f"{path}?{urlencode({name: marker})}"
        yield "/api/v1/projects", f"/api/v1/projects?{urlencode({'tag': marker})}"
        yield "/api/v1/lessons", f"/api/v1/lessons?{urlencode({'phase': marker})}"
        yield "/questions", f"/questions?{urlencode({'tag': marker})}"
        yield "/lessons", f"/lessons?{urlencode({'tag': marker})}"
        yield "/follow", f"/follow?{urlencode({'subject': 'tag', 'key': marker})}"
    for marker in chance.sample(ascii_ones, _THINGS):
        for path in ("/", "/api/v1/search"):
            yield path, f"{path}?{urlencode({'q': 'risk', 'project': f'P-{marker}'})}"
        yield "/projects/by-code/{code:path}", f"/projects/by-code/P-{marker}"
        yield "/api/v1/suggest", f"/api/v1/suggest?{urlencode({'q': marker[:4]})}"
        yield "/questions/new", f"/questions/new?{urlencode({'project': f'P-{marker}'})}"
    for place in _FURTHER:
        yield place.partition("?")[0], place


def _by_number(
    world: World, user: str, chance: random.Random, questions: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """What is told of a thing by parameters, and feeds."""
    for subject in (
        "document",
        "lesson",
        "project",
        "question",
        "community",
        "course",
        "doctemplate",
    ):
        most = world.numbers["template" if subject == "doctemplate" else subject]
        for number in chance.sample(range(1, most + 1), min(most, _THINGS)):
            key = urlencode({"subject": subject, "id": number})
            yield "/search/similar", f"/search/similar?{key}"
            for path in ("/search/why", "/api/v1/search/why"):
                yield path, f"{path}?{key}&{urlencode({'q': chance.choice(questions[1:])})}"
            yield "/follow", f"/follow?{urlencode({'subject': subject, 'key': number})}"
    for number in chance.sample(range(1, world.numbers["document"] + 1), _THINGS):
        yield "/exports/{form}", f"/exports/md?document={number}&document=1&title=x"
        yield "/lessons/new", f"/lessons/new?document={number}"
        yield "/api/v1/candidates", f"/api/v1/candidates?document={number}"
        yield "/lessons/{lesson_id:int}/close", f"/lessons/1/close?document={number}"
    for number in range(1, 1 + min(_THINGS, world.numbers["course"])):
        yield "/training/reports", f"/training/reports?course={number}"
        yield "/training/assignments", f"/training/assignments?course={number}"
        if user:
            # Whoever knows the secret of somebody's calendar reads in their name; these are the user's own.
            place = f"/communities/calendars/calendar-{number}-{user}.ics"
            yield "/communities/calendars/{token}.ics", place
    if user:
        yield "/saved/{token}.atom", f"/saved/feed-{user}.atom"


def told(path: str, answer: Any) -> tuple[int, str, str, Any]:
    """An answer as it is compared: status, where it leads to, its type, and its text without what is new each time."""
    kind = answer.headers.get("content-type", "")
    leads = _VOLATILE.sub("", answer.headers.get("location", ""))
    ranked = bool(_RANKED.match(path))
    body: Any
    if answer.is_success and _BEST_FEW.match(path):
        body = None
    elif "json" in kind:
        body = _plain(json.loads(answer.content), ranked=ranked)
    elif re.match(r"text/|application/(atom|xml)", kind):
        body = _RELATED.sub("", _VOLATILE.sub("", answer.text))
        if ranked:
            body = sorted(Counter(_shown(body)).items())
    else:
        body = len(answer.content) if "zip" in kind or "pdf" in kind else answer.content
    return answer.status_code, leads, kind, body


def _shown(html: str) -> list[str]:
    """Lines of a page of hits, without the passages, which are chosen and cut by the weight of words."""
    html = re.sub(r'<p class="[^"]*(snippet|passage)[^"]*".*?</p>', "", html, flags=re.DOTALL)
    lines = (line.strip() for line in html.splitlines())
    return [line for line in lines if line]


def _plain(value: Any, *, ranked: bool) -> Any:
    if isinstance(value, dict):
        return {
            k: _plain(v, ranked=ranked) for k, v in value.items() if not ranked or k not in _SCORES
        }
    if isinstance(value, list):
        # What is learned of words from everything is told among the reasons, and only moves scores.
        kept = [
            each for each in value if not (isinstance(each, dict) and each.get("how") in _LEARNED)
        ]
        made = [_plain(each, ranked=ranked) for each in kept]
        return sorted(made, key=lambda each: json.dumps(each, sort_keys=True)) if ranked else made
    if isinstance(value, str):
        return _VOLATILE.sub("", value)
    return value


def _asked(
    folders: Sequence[Path], world: World, user: str, seed: int
) -> tuple[Counter[str], int, list[str]]:
    """Ask both worlds everything as ``user``: comparisons by route, how many questions, and the differences."""
    compared: Counter[str] = Counter()
    differences = []
    with ExitStack() as stack:
        clients = []
        for folder in folders:
            settings = settings_of(folder)
            kb = stack.enter_context(open_kb(settings))
            # Help that comes too late is left out; here nothing is ever late.
            kb._second_thoughts._clock = lambda: 0.0
            kb.indexing.rebuild()
            kb.warm_up()
            app = create_app(settings, kb)
            client = stack.enter_context(
                TestClient(app, headers={"Accept-Language": "en"}, follow_redirects=False)
            )
            if user:
                client.cookies.set(COOKIE, world.cookies[user])
            clients.append(client)
        hidden = unreadable_words(world, folders[1])
        assert hidden, "everything may be read: nothing is tested"
        rare = re.compile("|".join(map(re.escape, hidden)))
        places = list(addresses(app, world, user, random.Random(seed)))  # noqa: S311
        for route, place in dict.fromkeys(places):
            path = place.partition("?")[0]
            answers = [client.get(place) for client in clients]
            both = [told(path, answer) for answer in answers]
            compared[route] += 1
            known = unquote_plus(place) + answers[1].text
            unasked = sorted({word for word in rare.findall(answers[0].text) if word not in known})
            if both[0] != both[1] or unasked:
                shown = f"    {unasked}" if unasked else _difference(*both)
                differences.append(f"{user or 'anonymous'} {route} {place}\n{shown}")
        missing = set(routes_of(app.routes)) - set(compared) - set(NOT_COMPARED)
    assert not missing, f"neither asked nor named in NOT_COMPARED: {sorted(missing)}"
    return compared, len({place for _, place in places if "?" in place}), differences


def _difference(full: tuple[Any, ...], reduced: tuple[Any, ...]) -> str:
    if full[:3] != reduced[:3]:
        return f"    {full[:3]} != {reduced[:3]}"
    sides = []
    for body in (full[3], reduced[3]):
        text = (
            body
            if isinstance(body, str)
            else json.dumps(body, ensure_ascii=False, indent=1, default=str)
        )
        sides.append([line.strip() for line in text.splitlines() if line.strip()])
    lines = list(difflib.unified_diff(sides[0], sides[1], "all", "readable", n=0, lineterm=""))
    return "\n".join(f"    {line[:220]}" for line in lines[2:14])


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_every_answer_is_that_of_a_knowledge_base_with_only_what_one_may_read(
    round_: int, opened_once: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = full_world(opened_once, tmp_path / "full", seed=7 + round_)
    users = ["", *world.cookies]
    if ROUNDS == 1:
        users = ["", "zhao.yu"]
    compared: Counter[str] = Counter()
    asked, differences = 0, []
    for seed, user in enumerate(users, 100 * (round_ + 1)):
        reduced = tmp_path / f"reduced-{user}"
        # Opening an answer notes that it was opened: each user finds the full world as it was made.
        assert reduced_world(world, reduced, user) > 0
        more, number, found = _asked((world.folder, reduced), world, user, seed)
        compared += more
        asked += number
        differences += found
    with capsys.disabled():
        print(
            f"\nleak equivalence, world {round_}: {len(users)} users, {asked} questions, {len(compared)} endpoints, "
            f"{compared.total()} comparisons, {len(differences)} differences"
        )
    out = os.environ.get("KB_LEAK_REPORT")
    if out:
        Path(out).write_text("\n\n".join(differences), encoding="utf-8")
    assert not differences, "\n\n".join(differences[:20])
