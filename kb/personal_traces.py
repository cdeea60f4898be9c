"""Where in the database a person is named: by sign-in name, by number, by name within texts.

Nothing here lists tables. A column tells by its name what it holds, so that a table that is added tomorrow is looked
through as well; a test fills every kind of row and looks for what was left.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import JSON, Column, ColumnElement, String, Table, Text, cast, or_, select
from sqlalchemy.orm import Session

from kb.errors import NotFound
from kb.models import Base, Person, User
from kb.models.people import PersonName
from kb.search.folding import fold_text

# Columns that hold a sign-in name, besides those that end in `_by`.
_ACTOR_COLUMNS: Final = frozenset({"by", "owner", "author", "user_id", "handle"})
# The log keeps its tokens. Its table of names, and audiences, whose keys have an order, are looked after apart.
_LEFT_ALONE: Final = frozenset(
    {
        "audit_entries",
        "audit_anchors",
        "audit_names",
        "audiences",
        "audience_pairs",
        "audience_principals",
    }
)
# What is of no use to anybody but the person, or proves who they are: it goes as a whole.
PRIVATE: Final = frozenset(
    {
        "account_letters",
        "account_links",
        "api_tokens",
        "comment_mentions",
        "doctemplate_forms",
        "editing_drafts",
        "follows",
        "mail_choices",
        "notifications",
        "person_certificates",
        "person_keys",
        "person_names",
        "person_topics",
        "recovery_codes",
        "saved_searches",
        "second_factors",
        "user_groups",
        "user_identities",
        "user_sessions",
    }
)
# What is shown to nobody, not even to the person: what they prove who they are with.
_SECRETS: Final = re.compile(r"password_hash|secret|token")
# A shorter name stands in too many texts that mean something else.
_MIN_CHARS: Final = 2
_HAN: Final = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")


@dataclass(frozen=True, slots=True)
class Traces:
    """Who is meant, and by which words.

    Attributes:
        user_id: sign-in name; empty for somebody who cannot sign in.
        person_id: number in the register of people; 0 for somebody who is not in it.
        handles: sign-in name and handle: compared as wholes, in columns that hold such.
        names: names as people write them: looked for in texts too.
    """

    user_id: str
    person_id: int
    handles: frozenset[str]
    names: frozenset[str]

    @property
    def in_texts(self) -> tuple[str, ...]:
        """Names that mean nobody else where they stand in a text, the longest first."""
        wanted = {name for name in self.names if _is_telling(name)}
        return tuple(sorted(wanted, key=lambda name: (-len(name), name)))


def traces_of(session: Session, who: str) -> Traces:
    """Find out who is meant by a sign-in name or a handle.

    Raises:
        NotFound: nobody has it.
    """
    user = session.get(User, who)
    person = session.scalar(select(Person).where(or_(Person.user_id == who, Person.handle == who)))
    if user is None and person is not None and person.user_id:
        user = session.get(User, person.user_id)
    if user is None and person is None:
        raise NotFound(what="person", id=who)
    names: set[str] = set()
    handles: set[str] = set()
    if user is not None:
        names |= {user.name, user.email}
        handles.add(user.id)
    if person is not None:
        names |= {person.name_zh, person.name_en, person.email, person.phone, person.chat}
        names |= set(
            session.scalars(select(PersonName.name).where(PersonName.person_id == person.id))
        )
        handles.add(person.handle)
    return Traces(
        user_id=user.id if user else "",
        person_id=person.id if person else 0,
        handles=frozenset(handles),
        names=frozenset(name.strip() for name in names if name.strip()),
    )


def tables() -> Iterator[Table]:
    """All tables that are looked through, those first that others point to."""
    for table in Base.metadata.sorted_tables:
        if table.name not in _LEFT_ALONE:
            yield table


def actor_columns(table: Table) -> list[Column[Any]]:
    """Columns that hold a sign-in name or a handle."""
    return [
        column
        for column in table.columns
        if (
            isinstance(column.type, String)
            and (column.name in _ACTOR_COLUMNS or column.name.endswith("_by"))
        )
        or (table.name == User.__tablename__ and column.name == "id")
    ]


def person_columns(table: Table) -> list[Column[Any]]:
    """Columns that hold a number of the register of people."""
    return [
        column
        for column in table.columns
        if any(key.target_fullname == "people.id" for key in column.foreign_keys)
        or (table.name == Person.__tablename__ and column.name == "id")
    ]


def text_columns(table: Table) -> list[Column[Any]]:
    """Columns with texts in which names may stand."""
    return [
        column
        for column in table.columns
        if isinstance(column.type, String | JSON) and not _SECRETS.search(column.name)
    ]


def own_rows(table: Table, traces: Traces) -> ColumnElement[bool] | None:
    """Condition: the row is somebody's by sign-in name or number; None where the table knows neither."""
    found: list[ColumnElement[bool]] = [
        column.in_(sorted(traces.handles)) for column in actor_columns(table)
    ]
    if traces.person_id:
        found += [column == traces.person_id for column in person_columns(table)]
    return or_(*found) if found else None


def naming_rows(table: Table, traces: Traces) -> ColumnElement[bool] | None:
    """Condition: a text of the row may hold one of the names; None where there is no text or no name."""
    found: list[ColumnElement[bool]] = []
    for column in text_columns(table):
        plain = cast(column, Text)
        found += [plain.contains(word, autoescape=True) for word in _written(traces)]
        found += [column.in_(sorted(traces.names))] if isinstance(column.type, String) else []
    return or_(*found) if found else None


def shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as it is handed out: without what proves who somebody is."""
    return {name: value for name, value in row.items() if not _SECRETS.search(name)}


def replaced(value: Any, traces: Traces, handle: str, name: str) -> Any:
    """A value of a text column without the person's names: ``name`` in their place, ``handle`` for sign-in names."""
    if isinstance(value, str):
        return _replaced_text(value, traces, handle, name)
    if isinstance(value, list):
        return [_replaced_within(each, traces, handle, name) for each in value]
    if isinstance(value, dict):
        return {key: _replaced_within(each, traces, handle, name) for key, each in value.items()}
    return value


def _replaced_within(value: Any, traces: Traces, handle: str, name: str) -> Any:
    """As :func:`replaced`; in JSON a sign-in name that stands alone is one: an actor, an answer to “who”."""
    alone = isinstance(value, str) and value in traces.handles
    return handle if alone else replaced(value, traces, handle, name)


def _replaced_text(text: str, traces: Traces, handle: str, name: str) -> str:
    if text in traces.names:
        return name
    for known in traces.in_texts:
        text = re.sub(_bounded(known), lambda _: name, text)
    for known in traces.handles:
        text = re.sub(rf"@{_bounded(known)}", f"@{handle}", text)
        text = re.sub(rf"\buser:{re.escape(known)}(?![\w.-])", f"user:{handle}", text)
    return text


def _bounded(word: str) -> str:
    """A pattern for a word that is not the beginning or end of a longer one; Chinese has no gaps between words."""
    front = "" if _HAN.match(word[0]) else r"(?<!\w)"
    back = "" if _HAN.match(word[-1]) else r"(?!\w)"
    return f"{front}{re.escape(word)}{back}"


def _written(traces: Traces) -> Iterator[str]:
    """The names as they may stand in a column: as they are, folded, and as JSON writes them."""
    for word in (*traces.in_texts, *(f"@{handle}" for handle in traces.handles)):
        yield from {word, fold_text(word), json.dumps(word)[1:-1]}
    for handle in traces.handles:
        yield from (f"user:{handle}", f'"{handle}"')


def _is_telling(name: str) -> bool:
    if _HAN.search(name):
        return len(name) >= _MIN_CHARS
    return " " in name or "@" in name or sum(c.isdigit() for c in name) > len(name) / 2 > _MIN_CHARS
