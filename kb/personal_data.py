"""Everything that is stored about a person: handed out, or taken away while their work stays.

Erasing puts a pseudonym in the place of the person wherever rows or texts name them: who wrote, decided, asked; authors
of documents; names within texts of pages, comments, questions. What is of use to nobody else goes as a whole
(:data:`kb.personal_traces.PRIVATE`), and so do questions of the question log that hold the name. The audit log keeps
its rows; whose token it was is forgotten. Original files are not rewritten: which ones may hold the name is told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Table, delete, select, update
from sqlalchemy.orm import Session

from kb.access import Action, Actor
from kb.audit import Audit
from kb.audit_sightings import singular
from kb.database import Database
from kb.errors import N_, InvalidInput
from kb.models import (
    AuditName,
    Change,
    Person,
    User,
    record_audit,
    rename_principal,
)
from kb.models.audit import new_token
from kb.models.base import utc_now
from kb.personal_traces import (
    PRIVATE,
    Traces,
    actor_columns,
    naming_rows,
    own_rows,
    replaced,
    shown,
    tables,
    text_columns,
    traces_of,
)

_LOGGED: Final = frozenset({"asked_questions", "popular_questions", "settled_questions"})
_PERSON: Final = "person"
# Contact and the like: nothing of it is work.
_BLANK: Final[dict[str, Any]] = {
    "department": "", "title": "", "place": "", "languages": [], "interests": [], "email": "", "phone": "", "chat": "",
    "photo_sha256": None, "availability": "", "availability_note": "", "mentor": False, "since": None,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Erasure:
    """What erasing somebody does, or would do.

    Attributes:
        who: the names that go.
        pseudonym: what stands in their place.
        changed, deleted: rows of each table.
        originals: numbers of documents whose original file may hold the name; it is left as it is.
    """

    who: tuple[str, ...]
    pseudonym: str
    changed: dict[str, int] = field(default_factory=dict)
    deleted: dict[str, int] = field(default_factory=dict)
    originals: tuple[int, ...] = ()


class PersonalData:
    """Use cases around what is stored of one person, for administrators."""

    def __init__(self, database: Database, audit: Audit, subjects: Sequence[str]) -> None:
        """Look through ``database`` and the log ``audit``; ``subjects`` are those that search finds."""
        self._database = database
        self._audit = audit
        self._subjects = frozenset(subjects)

    def export(self, actor: Actor, who: str) -> dict[str, Any]:
        """Everything stored about whoever has the sign-in name or handle ``who``, as JSON has forms for.

        Raises:
            NotAllowed: the actor is no administrator, and it is not about themselves.
            NotFound: nobody has this name.
        """
        if actor.id != who or not who:
            actor.must(Action.ADMINISTER)
        found: dict[str, Any] = {}
        with self._database.write() as session:
            traces = traces_of(session, who)
            for table in tables():
                rows = _rows(session, table, traces)
                if rows:
                    found[table.name] = [
                        {name: _plain(value) for name, value in shown(row).items()} for row in rows
                    ]
            record_audit(session, actor, "export-person", "user", who)
        deeds = [
            {"at": line.at.isoformat(), "from": line.place, "action": line.action,
             "subject": line.subject, "thing": line.thing, "detail": line.detail}
            for line in self._audit.deeds_of(traces.user_id)
        ] if traces.user_id else []  # fmt: skip
        return {
            "who": sorted(traces.handles),
            "names": sorted(traces.names),
            "made_at": utc_now().isoformat(timespec="seconds"),
            "rows": found,
            "deeds": deeds,
        }

    def erase(self, actor: Actor, who: str, *, confirmed: bool) -> Erasure:
        """Take a person out, keeping their work; unless ``confirmed``, only tell what that would do.

        Raises:
            NotAllowed: the actor is no administrator.
            NotFound: nobody has this name.
            InvalidInput: it is the actor.
        """
        actor.must(Action.ADMINISTER)
        with self._database.write() as session:
            traces = traces_of(session, who)
            if actor.id in traces.handles:
                raise InvalidInput(field=N_("person"), reason=N_("nobody can erase themselves"))
            erasing = _Erasing(session, traces, self._subjects)
            done = erasing.run()
            if confirmed:
                record_audit(session, actor, "erase-person", _PERSON, erasing.token)
            else:
                session.rollback()
        return done


class _Erasing:
    """One erasing, within one transaction."""

    def __init__(self, session: Session, traces: Traces, subjects: frozenset[str]) -> None:
        self._session = session
        self._traces = traces
        self._subjects = subjects
        self._changed: Counter[str] = Counter()
        self._deleted: Counter[str] = Counter()
        self._touched: set[tuple[str, int]] = set()
        token = session.scalar(select(AuditName.token).where(AuditName.user_id == traces.user_id))
        self.token = token or new_token()
        self._handle = f"erased-{self.token.partition('-')[2]}"
        self._name = f"({self._handle})"

    def run(self) -> Erasure:
        """Do it."""
        traces = self._traces
        originals = self._originals()
        if traces.user_id:
            # First: what others point to must be there before they point to it.
            self._session.add(
                User(id=self._handle, name=self._name, role="none", password_hash="", active=False)
            )
            self._session.flush()
        for table in reversed(list(tables())):
            self._delete_private(table)
        for table in tables():
            self._change(table)
        self._blank_person()
        self._audiences()
        if traces.user_id:
            self._session.execute(delete(User).where(User.id == traces.user_id))
        self._session.execute(delete(AuditName).where(AuditName.user_id.in_(traces.handles)))
        for subject, number in sorted(self._touched):
            self._session.add(
                Change(subject=subject, subject_id=number, action="mend", by=self._handle)
            )
        self._session.flush()
        return Erasure(
            who=tuple(sorted(traces.handles | traces.names)),
            pseudonym=self._name,
            changed=dict(self._changed),
            deleted=dict(self._deleted),
            originals=originals,
        )

    def _delete_private(self, table: Table) -> None:
        condition = None
        if table.name in PRIVATE:
            condition = own_rows(table, self._traces)
        elif table.name in _LOGGED:
            condition = naming_rows(table, self._traces)
        if condition is not None:
            gone = self._session.execute(delete(table).where(condition))
            self._deleted[table.name] += gone.rowcount  # type: ignore[attr-defined]

    def _change(self, table: Table) -> None:
        """Put the pseudonym into every row that names the person."""
        keys = list(table.primary_key.columns)
        for row in _rows(self._session, table, self._traces):
            if table.name == User.__tablename__ and row["id"] == self._traces.user_id:
                continue
            new = self._without(table, row)
            if new:
                same = [key == row[key.name] for key in keys]
                self._session.execute(update(table).where(*same).values(new))
                self._changed[table.name] += 1
                self._touch(table, row)

    def _without(self, table: Table, row: dict[str, Any]) -> dict[str, Any]:
        actors = {column.name for column in actor_columns(table)}
        new: dict[str, Any] = {}
        for column in text_columns(table):
            value = row[column.name]
            if column.name in actors:
                if value in self._traces.handles:
                    new[column.name] = self._handle
            else:
                changed = replaced(value, self._traces, self._handle, self._name)
                if changed != value:
                    new[column.name] = changed
        if table.name == "document_people" and row["person_id"] == self._traces.person_id != 0:
            new["name"] = self._name
        return new

    def _touch(self, table: Table, row: dict[str, Any]) -> None:
        """Remember what the search index must read again."""
        own = _PERSON if table.name == Person.__tablename__ else singular(table.name)
        for subject in self._subjects:
            number = row.get("id") if subject == own else row.get(f"{subject}_id")
            if isinstance(number, int):
                self._touched.add((subject, number))

    def _blank_person(self) -> None:
        if not self._traces.person_id:
            return
        names = {"handle": self._handle, "name_zh": self._name, "name_en": self._name}
        self._session.execute(
            update(Person)
            .where(Person.id == self._traces.person_id)
            .values({**names, **_BLANK, "updated_at": utc_now()})
        )
        self._touched.add((_PERSON, self._traces.person_id))

    def _audiences(self) -> None:
        for handle in self._traces.handles:
            rename_principal(self._session, f"user:{handle}", f"user:{self._handle}")

    def _originals(self) -> tuple[int, ...]:
        by_name = {table.name: table for table in tables()}
        documents, people = by_name["documents"], by_name["document_people"]
        named = naming_rows(documents, self._traces)
        told = own_rows(people, self._traces)
        found: set[int] = set()
        if named is not None:
            found |= set(self._session.scalars(select(documents.c.id).where(named)))
        if told is not None:
            found |= set(self._session.scalars(select(people.c.document_id).where(told)))
        kept = select(documents.c.id).where(
            documents.c.id.in_(found), documents.c.original_sha256.is_not(None)
        )
        return tuple(sorted(self._session.scalars(kept)))


def _rows(session: Session, table: Table, traces: Traces) -> list[dict[str, Any]]:
    """Rows that are the person's, or name them."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    keys = [column.name for column in table.primary_key.columns]
    for condition in (own_rows(table, traces), naming_rows(table, traces)):
        if condition is not None:
            for row in session.execute(select(table).where(condition)).mappings():
                found[tuple(row[key] for key in keys)] = dict(row)
    return list(found.values())


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | int | float | bool | list | dict):
        return value
    return value.hex() if isinstance(value, bytes) else str(value)
