"""Requests that would change something, for the leak test: every unsafe route with plausible fields."""

from __future__ import annotations

import random
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from sqlalchemy import event
from sqlalchemy.orm import Session

from kb.access import ROLE_ACTIONS, Role
from kb.knowledge_base import KnowledgeBase
from tests.web.leak_routes import WORDS, fields_of, gaps_of, kind_in, routes_of, value_for
from tests.web.leak_world import World
from web.route_actions import ACCOUNT, PUBLIC, ROUTES

# Tables of the kinds of things that stand in gaps.
_TABLES: Final = {
    "document": "documents",
    "lesson": "lessons",
    "project": "projects",
    "template": "doctemplates",
    "question": "questions",
    "answer": "answers",
    "community": "communities",
    "event": "community_events",
    "course": "courses",
    "unit": "course_units",
    "path": "learning_paths",
    "bank": "question_banks",
    "candidate": "lesson_candidates",
    "comment": "document_comments",
    "notification": "notifications",
    "post": "community_posts",
    "link": "community_links",
    "attempt": "check_attempts",
    "filled": "doctemplate_forms",
    "bank question": "bank_questions",
    "question comment": "question_comments",
}
# Fields of forms that are read by hand, of all routes together: what a route does not know it does not look at.
_BY_HAND: Final = (
    "title", "name", "body", "text", "what_happened", "recommendation", "kind", "language", "audience", "project",
    "state", "note", "token", "revision", "q", "document", "lesson", "template", "guide", "target", "course", "path",
    "unit", "principal", "closure", "outcome", "tags", "owner", "needs", "chosen", "by", "summary", "role", "version",
)  # fmt: skip
_FILE: Final = ("a.md", b"# A page", "text/markdown")
# These belong to whoever signs in, not to things.
_NOT_ASKED: Final = re.compile(
    r"^(/sign|/forgotten|/password-strength|/prove|/account|/links/\{|/preferences|/admin)"
)
# Rows that tell of requests and not of things.
_NO_THINGS: Final = re.compile(
    r"\b(user_sessions|audit_\w+|visitor_salts|api_tokens)\b|^UPDATE users SET seen_at"
)
_WRITES: Final = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)


def hidden_numbers(full: Path, reduced: Path) -> dict[str, list[int]]:
    """For each kind the ids that are in the first world and not in the second."""
    found = {}
    for kind, table in _TABLES.items():
        there, left = (_ids(folder, table) for folder in (full, reduced))
        found[kind] = sorted(there - left)
    return found


def unsafe(
    app: FastAPI,
    world: World,
    roles: tuple[Role, Role],
    hidden: Mapping[str, Sequence[int]],
    seed: int,
) -> Iterator[tuple[str, str, str, dict[str, Any], bool]]:
    """Method, route, address, contents of a request to each unsafe route that one role is let in to, not the other.

    The last value says whether the address names something hidden: then nothing at all may come of it.
    """
    chance = random.Random(seed)  # noqa: S311  no secret
    for route in routes_of(app.routes):
        for method in sorted(route.methods - {"GET", "HEAD", "OPTIONS"}):
            need = ROUTES[f"{method} {route.path}"]
            role, but = (ROLE_ACTIONS[each] for each in roles)
            let_in = need is not PUBLIC and need != ACCOUNT and need in role - but
            if not let_in or _NOT_ASKED.match(route.path):
                continue
            place, is_hidden = _filled(route.path, world, hidden, chance)
            yield method, route.path, place, _contents(route, world, chance), is_hidden


@contextmanager
def unwritten(kb: KnowledgeBase) -> Iterator[list[str]]:
    """Within, nothing is kept of what is written; gives the statements that would have changed something."""
    database = kb.database
    written: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if _WRITES.match(statement) and not _NO_THINGS.search(statement):
            written.append(statement)

    @contextmanager
    def write() -> Iterator[Session]:
        with database._sessions() as session:
            session.connection(execution_options={"qianjian_write": True})
            yield session
            session.flush()

    event.listen(database.engine, "before_cursor_execute", note)
    database.write = write  # type: ignore[method-assign]
    try:
        yield written
    finally:
        del database.write
        event.remove(database.engine, "before_cursor_execute", note)


def _ids(folder: Path, table: str) -> set[int]:
    (path,) = folder.glob("*.sqlite3")
    connection = sqlite3.connect(path)
    found = {row[0] for row in connection.execute(f"SELECT id FROM {table}")}  # noqa: S608
    connection.close()
    return found


def _filled(
    path: str, world: World, hidden: Mapping[str, Sequence[int]], chance: random.Random
) -> tuple[str, bool]:
    is_hidden = False
    for name in gaps_of(path):
        kind = kind_in(path, name)
        if hidden.get(kind):
            value, is_hidden = str(chance.choice(hidden[kind])), True
        elif kind in world.numbers:
            value = str(chance.randint(1, world.numbers[kind]))
        else:
            value = WORDS.get(name, "nothing")
        path = re.sub(rf"{{{name}(:\w+)?}}", value, path)
    return path, is_hidden


def _contents(route: Any, world: World, chance: random.Random) -> dict[str, Any]:
    fields = fields_of(route, "body_params")
    if route.path.startswith("/api/"):
        return {"json": {name: _typed(name, kind, world, chance) for name, kind in fields}}
    if not fields:
        fields = [(name, str) for name in _BY_HAND]
    sent = {name: value_for(name, kind, world, chance) for name, kind in fields}
    if "file" in route.path or "import" in route.path or "photo" in route.path:
        return {"data": sent, "files": [(name, _FILE) for name in ("file", "files", "photo")]}
    return {"data": sent}


def _typed(name: str, kind: Any, world: World, chance: random.Random) -> Any:
    """A value for a field of JSON, of the type that is asked for."""
    value = value_for(name, kind, world, chance)
    told = str(kind)
    if "dict" in told or "Mapping" in told:
        return {}
    if "list" in told or "tuple" in told:
        return [value]
    if "int" in told or "float" in told:
        return 1
    if "bool" in told:
        return value == "true"
    return value
