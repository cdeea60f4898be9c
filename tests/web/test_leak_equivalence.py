"""No leak: for every user each answer is that of a knowledge base which holds only what this user may read.

Random worlds of things for different audiences are laid beside copies without what a user may not read
(:mod:`tests.web.leak_world`); every GET route is asked in both (:mod:`tests.web.leak_routes`), as a page and as a
fragment. ``KB_LEAK_ROUNDS`` asks for so many worlds, each for all users and much wider than the suite has time for.


The same is shown of what would change something, and of an index that lags behind.
"""

from __future__ import annotations

import os
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote_plus

import pytest
from sqlalchemy import select

from kb import open_kb
from kb.access import SYSTEM, Actor, Audience, Role
from kb.errors import NotFound
from kb.knowledge_base import KnowledgeBase
from kb.models import (
    Community,
    Course,
    DocTemplate,
    Document,
    Lesson,
    Project,
    Question,
    audience_id_of,
    record_change,
)
from kb.search.answers import SearchRequest
from kb.things import key, parts
from tests.web.leak_answers import difference, told
from tests.web.leak_asking import Asking, asking
from tests.web.leak_routes import (
    IN_SUITE,
    NOT_COMPARED,
    WIDE,
    addresses,
    gaps_of,
    paths_of,
    questions_of,
)
from tests.web.leak_unsafe import hidden_numbers, unsafe, unwritten
from tests.web.leak_world import (
    USERS,
    World,
    full_world,
    reduced_world,
    settings_of,
    unreadable_words,
)

ROUNDS: Final = int(os.environ.get("KB_LEAK_ROUNDS", "1"))
_WIDE: Final = "KB_LEAK_ROUNDS" in os.environ
# Whoever asks in the suite: nobody, and the one with most rights who does not see everything.
_USERS: Final = ("", "zhao.yu")
_LIKE_NEW_QUESTIONS: Final = frozenset({"/questions", "/questions/similar"})
# What is refused may take this much longer than what is not there, in statements: nobody can measure that from outside.
_STATEMENTS: Final = 3
_FRAGMENT: Final = {"HX-Request": "true"}
# Of so many addresses one is asked for as a fragment too.
_FRAGMENT_OF: Final = 2 if _WIDE else 8


@pytest.fixture(scope="module")
def everything(opened_once: Path, tmp_path_factory: pytest.TempPathFactory) -> World:
    """The world that the suite asks."""
    return full_world(opened_once, tmp_path_factory.mktemp("leak") / "full", seed=7)


@pytest.fixture(scope="module")
def asked(everything: World) -> Iterator[Asking]:
    """The application that is asked."""
    with asking(everything) as opened:
        yield opened


@pytest.fixture(scope="module")
def reduced(everything: World, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Where the same world is without what a user may not read, made when it is first asked for."""
    made: dict[str, Path] = {}

    def of(user: str) -> Path:
        if user not in made:
            folder = tmp_path_factory.mktemp("leak-reduced") / "data"
            assert reduced_world(everything, folder, user) > 0
            made[user] = folder
        return made[user]

    return of


def _compared(
    asked: Asking, world: World, reduced: Path, user: str, chance: random.Random
) -> tuple[Counter[str], int, list[str]]:
    """Ask both worlds everything as ``user``: comparisons by route, how many questions, and the differences."""
    compared: Counter[str] = Counter()
    differences = []
    hidden = unreadable_words(world, reduced)
    assert hidden, "everything may be read: nothing is tested"
    rare = re.compile("|".join(map(re.escape, hidden)))
    breadth = WIDE if _WIDE else IN_SUITE
    with asked.bases((world.folder, reduced), world, user):
        places = list(dict.fromkeys(addresses(asked.app, world, user, chance, breadth)))
        if not user and not _WIDE:
            places = chance.sample(places, len(places) // 3)
        for route, place in places:
            path = place.partition("?")[0]
            page = not path.startswith("/api/") and chance.randrange(_FRAGMENT_OF) == 0
            for headers in ({}, _FRAGMENT) if page else ({},):
                answers = asked.ask(place, headers)
                both = [told(path, answer) for answer in answers]
                compared[route] += 1
                known = unquote_plus(place) + answers[1].text
                unasked = sorted(
                    {word for word in rare.findall(answers[0].text) if word not in known}
                )
                more = asked.statements[0] - asked.statements[1]
                slower = answers[1].status_code >= 400 and abs(more) > _STATEMENTS
                if both[0] != both[1] or unasked or slower:
                    shown = f"    {unasked}" if unasked else difference(both[0], both[1])
                    shown += f"\n    {more} statements more" if slower else ""
                    differences.append(
                        f"{user or 'anonymous'} {route} {place} {headers or ''}\n{shown}"
                    )
    return compared, len({place for _, place in places if "?" in place}), differences


@pytest.mark.timeout(7200 if _WIDE else 300)
@pytest.mark.parametrize("round_", range(ROUNDS))
def test_every_answer_is_that_of_a_knowledge_base_with_only_what_one_may_read(
    *,
    round_: int,
    opened_once: Path,
    everything: World,
    asked: Asking,
    reduced: Callable[[str], Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    began = time.perf_counter()
    world = full_world(opened_once, tmp_path / "full", seed=7 + round_) if round_ else everything
    users = ["", *world.cookies] if _WIDE else list(_USERS)
    compared: Counter[str] = Counter()
    questions, differences = 0, []
    for seed, user in enumerate(users, 100 * (round_ + 1)):
        folder = tmp_path / f"reduced-{user}" if round_ else reduced(user)
        if round_:
            assert reduced_world(world, folder, user) > 0
        chance = random.Random(seed)  # noqa: S311  no secret
        more, number, found = _compared(asked, world, folder, user, chance)
        compared += more
        questions += number
        differences += found
        _note(differences, round_)
    missing = set(paths_of(asked.app)) - set(compared) - set(NOT_COMPARED)
    assert not missing, f"neither asked nor named in NOT_COMPARED: {sorted(missing)}"
    with capsys.disabled():
        print(
            f"\nleak equivalence, world {round_}: {len(users)} users, {questions} questions, {len(compared)} routes, "
            f"{compared.total()} comparisons, {len(differences)} differences, {time.perf_counter() - began:.0f} s"
        )
    assert not differences, "\n\n".join(differences[:20])


def _note(differences: Sequence[str], round_: int) -> None:
    """Write the differences down where somebody wants to read them while the rest is asked."""
    out = os.environ.get("KB_LEAK_REPORT")
    if out:
        Path(f"{out}.{round_}").write_text("\n\n".join(differences), encoding="utf-8")


@pytest.mark.timeout(3600 if _WIDE else 300)
def test_what_one_may_not_read_refuses_a_change_like_what_is_not_there(
    everything: World,
    asked: Asking,
    reduced: Callable[[str], Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    differences, requests, hidden_ones = [], 0, 0
    roles = {name: role for name, _, role, _ in USERS}
    # In the suite a contributor is asked for what a reader may not do; a curator, who may do most, for everything.
    for user, but in (
        ("chen.wei", Role.NONE),
        ("li.na", Role.NONE if _WIDE else Role.READER),
        ("zhao.yu", Role.NONE),
    ):
        folders = (everything.folder, reduced(user))
        hidden = hidden_numbers(*folders)
        with asked.bases(folders, everything, user), ExitStack() as stack:
            written = [stack.enter_context(unwritten(kb)) for kb in asked.opened]
            for seed in range(20 if _WIDE else 1):
                for method, route, place, contents, is_hidden in unsafe(
                    asked.app, everything, (roles[user], but), hidden, seed
                ):
                    for statements in written:
                        statements.clear()
                    # What is asked is answered with what was asked before that is like it: the best few.
                    path = "/questions/new" if route in _LIKE_NEW_QUESTIONS else place
                    both = [
                        told(path, answer) for answer in asked.ask(place, method=method, **contents)
                    ]
                    requests, hidden_ones = requests + 1, hidden_ones + is_hidden
                    changed = written[0] if is_hidden else []
                    if not gaps_of(route):
                        # What is new gets the next number, which tells how many there are, and is no secret.
                        both = [_without_new_number(one) for one in both]
                    if both[0] != both[1] or changed:
                        shown = f"    {changed}" if changed else difference(both[0], both[1])
                        differences.append(f"{user} {method} {route} {place} {contents}\n{shown}")
    with capsys.disabled():
        print(
            f"\nleak equivalence, unsafe: {requests} requests, {hidden_ones} of them to hidden things, "
            f"{len(differences)} differences"
        )
    assert hidden_ones > 100
    assert not differences, "\n\n".join(differences[:20])


def _without_new_number(answer: tuple[Any, ...]) -> tuple[Any, ...]:
    headers = tuple(
        (name, re.sub(r"/\d+", "/new", value) if name == "location" else value)
        for name, value in answer[1]
    )
    return (answer[0], headers, *answer[2:])


def test_an_index_that_lags_behind_tells_nothing_that_a_new_one_would_not(
    opened_once: Path, tmp_path: Path
) -> None:
    """Things of every kind are taken from a reader; what is asked before the index knows is answered as afterwards."""
    world = full_world(opened_once, tmp_path / "full", seed=70)
    reader = Actor("chen.wei", "Chen Wei", Role.READER, frozenset({"water"}))
    chance = random.Random(7)  # noqa: S311  no secret
    with open_kb(settings_of(world.folder)) as kb:
        kb._second_thoughts._clock = lambda: 0.0
        kb.warm_up()
        questions = questions_of(world, chance, WIDE)
        before = [_told_by_index(kb, reader, text) for text in questions]
        taken = _taken_away(kb)
        stale = [_told_by_index(kb, reader, text) for text in questions]
        alike = {key: _alike(kb, reader, key) for key in taken}
        assert kb.indexing.pending
        kb.indexing.catch_up()
        fresh = [_told_by_index(kb, reader, text) for text in questions]
        assert stale == fresh
        assert alike == {key: _alike(kb, reader, key) for key in taken}
        # Each kind was there before, and what was taken of it is in no answer since.
        told = {one for answer in before for one in answer[0]}
        assert {key.partition(":")[0] for key in taken & told} == set(_AUDIENCE_OF)
        assert not taken & {one for answer in stale for one in answer[0]}
        assert set(alike.values()) == {"not-found"}


# The table of each kind of thing that search finds and that has an audience.
_AUDIENCE_OF: Final[dict[str, Any]] = {
    "document": Document,
    "lesson": Lesson,
    "project": Project,
    "doctemplate": DocTemplate,
    "course": Course,
    "question": Question,
    "community": Community,
}


def _taken_away(kb: KnowledgeBase) -> set[str]:
    """Give half of the things of each kind to the administrator alone, and do not index that."""
    taken = set()
    with kb.database.write() as session:
        nobody = audience_id_of(session, Audience.parse("user:boss"))
        for subject, table in _AUDIENCE_OF.items():
            for row in session.scalars(select(table).where(table.id % 2 == 0)):
                row.audience_id = nobody
                record_change(session, SYSTEM, subject, row.id, "store")
                taken.add(key(subject, row.id))
    return taken


def _told_by_index(kb: KnowledgeBase, actor: Actor, text: str) -> tuple[Any, ...]:
    """Whatever of an answer comes out of the index, scores aside."""
    found = kb.search(actor, SearchRequest(text, per_page=100))
    like = [
        {key(hit.subject, hit.id) for hit in kb.similar(actor, one.id, 5, one.subject)}
        for one in found.hits[:1]
    ]
    return (
        frozenset(key(hit.subject, hit.id) for hit in found.hits),
        found.total,
        found.facets,
        found.did_you_mean,
        found.help,
        [len(one) for one in like],
        {each.text for each in kb.suggest(actor, text)},
    )


def _alike(kb: KnowledgeBase, actor: Actor, name: str) -> str:
    subject, number = parts(name)
    try:
        kb.similar(actor, number, 5, subject)
        kb.why(actor, SearchRequest("risk"), number, subject)
    except NotFound as error:
        return error.code
    return "told"
