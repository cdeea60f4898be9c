"""The glossary: what a thing is called here, in both languages. Segmenter, search and suggestions go by it.

What is saved holds for the very next question: whoever uses the glossary asks for its :meth:`Glossary.version` first.
The documents that a change touches are put on the change log in the same transaction; no other is indexed again.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb import glossary_csv
from kb.access import SYSTEM, Action, Actor
from kb.database import Database
from kb.glossary_edits import (
    Edit,
    ImportedRow,
    Loaded,
    all_entries,
    entry_of,
    import_row,
    load,
    no_entry,
    open_problems,
)
from kb.glossary_listing import EntryPage, Listing, Order
from kb.glossary_reach import documents_holding
from kb.glossary_rules import FIELDS, Entry, EntryRefused, EntryText, TakenNames, cleaned
from kb.models import Document, User, record_change
from kb.models.documents import document_readable
from kb.models.glossary import GlossaryChange, GlossaryEntry, GlossaryState
from kb.search.lexicon import Concept, segmentation_words

_STATE_ID: Final = 1
# Made once: it is asked with every question.
_VERSION: Final = select(GlossaryState.version).where(GlossaryState.id == _STATE_ID)
_IDS_IN_ONE_STATEMENT: Final = 500  # below every database's limit of parameters


@dataclass(frozen=True, slots=True)
class Saved:
    """An entry as it stands now; ``documents`` that the actor may read and that will be indexed again for it."""

    entry: Entry
    documents: int


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a table, line by line; ``documents`` as in :class:`Saved`."""

    rows: tuple[ImportedRow, ...]
    documents: int

    @property
    def counts(self) -> dict[str, int]:
        """How many lines had each outcome."""
        return Counter(row.outcome for row in self.rows)


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """Who did what to an entry, and when; for each field that differs what it said before and after."""

    action: str
    by: str
    by_name: str
    at: datetime
    fields: tuple[tuple[str, str, str], ...]


class Glossary:
    """Use cases around the glossary; every method is one transaction. Safe to share between threads."""

    def __init__(self, database: Database) -> None:
        """Keep the glossary in ``database``."""
        self._database = database
        self._read: tuple[int, Sequence[Entry], Listing | None] | None = None

    def version(self) -> int:
        """A number that every change raises. Cheap enough to be asked for with every question."""
        with self._database.read() as session:
            return _version(session)

    def concepts(self) -> tuple[int, Sequence[Concept]]:
        """A version, and the concepts in force at it, for :class:`kb.search.lexicon.CurrentLexicon`."""
        version, entries = self._entries()
        return version, [entry.concept for entry in entries if entry.active]

    def entries(
        self,
        actor: Actor,
        text: str = "",
        *,
        area: str = "",
        letter: str = "",
        order: Order = "zh",
        page: int = 1,
        per_page: int = 50,
    ) -> EntryPage:
        """One page of what fits; see :meth:`kb.glossary_listing.Listing.page`. Empty for who may not read."""
        listing = self._listing() if _may_read(actor) else Listing(())
        return listing.page(text, area, letter, order, page=page, per_page=per_page)

    def removed(self, actor: Actor) -> list[Entry]:
        """Entries that were removed, latest first.

        Raises:
            NotAllowed: the actor may not curate.
        """
        actor.must(Action.CURATE)
        gone = (entry for entry in self._entries()[1] if not entry.active)
        return sorted(gone, key=lambda entry: entry.updated_at, reverse=True)

    def get(self, actor: Actor, entry_id: int) -> Entry:
        """An entry, also one that was removed.

        Raises:
            NotFound: there is none, or the actor may not read.
        """
        with self._database.read() as session:
            row = session.get(GlossaryEntry, entry_id) if _may_read(actor) else None
        if row is None:
            raise no_entry(entry_id)
        return entry_of(row)

    def history(self, actor: Actor, entry_id: int, limit: int = 20) -> list[HistoryLine]:
        """The latest changes of an entry, newest first.

        Raises:
            NotFound: there is no such entry, or the actor may not read.
        """
        self.get(actor, entry_id)
        with self._database.read() as session:
            rows = session.execute(
                select(GlossaryChange, User.name)
                .outerjoin(User, User.id == GlossaryChange.by)
                .where(GlossaryChange.entry_id == entry_id)
                .order_by(GlossaryChange.id.desc())
                .limit(limit)
            ).all()
        return [
            HistoryLine(change.action, change.by, name or "", change.at, _differences(change))
            for change, name in rows
        ]

    def save(
        self,
        actor: Actor,
        text: EntryText,
        *,
        entry_id: int | None = None,
        revision: int | None = None,
        confirmed: bool = False,
    ) -> Saved:
        """Add an entry, or change ``entry_id``; one that was removed comes back.

        Args:
            actor: who saves.
            text: all the entry says; cleaned before it is stored.
            entry_id: the entry to change; None for a new one.
            revision: the one the change was made on; None to change whatever is there.
            confirmed: the names that other entries have are meant.

        Raises:
            NotAllowed: the actor may not curate.
            EntryRefused: it cannot be saved as it is.
            NotFound: there is no entry ``entry_id``.
            Conflict: the entry is past ``revision``.
        """
        actor.must(Action.CURATE)
        text = cleaned(text)
        with self._changing(actor) as edit:
            row = edit.row(entry_id, revision) if entry_id is not None else None
            wrong = open_problems(text, TakenNames(edit.before), entry_id, confirmed=confirmed)
            if wrong:
                raise EntryRefused(wrong)
            row = edit.put(row, text)
        return Saved(entry_of(row), edit.documents)

    def remove(self, actor: Actor, entry_id: int, revision: int | None = None) -> Saved:
        """Take an entry out of force. It stays known as removed, so that no later delivery brings it back.

        Raises:
            NotAllowed: the actor may not curate.
            NotFound: there is no such entry.
            Conflict: the entry is past ``revision``.
        """
        actor.must(Action.CURATE)
        with self._changing(actor) as edit:
            row = edit.row(entry_id, revision)
            edit.remove(row)
        return Saved(entry_of(row), edit.documents)

    def export_csv(self, actor: Actor) -> str:
        """All entries in force as a table, by area and English name; see :mod:`kb.glossary_csv`."""
        found = [entry for entry in self._entries()[1] if entry.active and _may_read(actor)]
        found.sort(key=lambda entry: (entry.area, entry.en.casefold()))
        return glossary_csv.written(found)

    def import_csv(self, actor: Actor, content: bytes, *, confirmed: bool = False) -> Imported:
        """Add the entries of a table, or change those with the same usual name; lines that cannot be are reported.

        Raises:
            NotAllowed: the actor may not curate.
            InvalidInput: it is no table of entries.
        """
        actor.must(Action.CURATE)
        lines = list(glossary_csv.read(content))
        with self._changing(actor) as edit:
            taken = TakenNames(edit.before)
            rows = [
                import_row(edit, taken, line, text, confirmed=confirmed) for line, text in lines
            ]
        return Imported(tuple(rows), edit.documents)

    def load_bundled(self, path: Path) -> Loaded:
        """Bring in the glossary that is delivered with the product; the same file again costs only its hash.

        What somebody here added, changed or removed stays as it is.

        Raises:
            InvalidInput: it is no table of entries.
        """
        content = path.read_bytes()
        sha256 = hashlib.sha256(content).hexdigest()
        with self._database.read() as session:
            state = session.get(GlossaryState, _STATE_ID)
            if state is not None and state.loaded_sha256 == sha256:
                return Loaded()
        texts = [text for _, text in glossary_csv.read(content)]
        with self._changing(SYSTEM) as edit:
            loaded = load(edit, texts)
            edit.state.loaded_sha256 = sha256
            edit.log(None, "load", {}, {"added": loaded.added, "updated": loaded.updated})
        return loaded

    @contextmanager
    def _changing(self, actor: Actor) -> Iterator[Edit]:
        """One change of the glossary: at its end the version is raised and the documents it touches are recorded."""
        with self._database.write() as session:
            # Whoever changes the glossary at the same time waits here.
            state = session.get(GlossaryState, _STATE_ID, with_for_update=True)
            if state is None:
                state = GlossaryState(id=_STATE_ID, version=0, loaded_sha256="")
                session.add(state)
            before = all_entries(session)
            edit = Edit(session, actor, state, before)
            yield edit
            if edit.changed:
                state.version += 1
                session.flush()
                touched = documents_holding(session, _words(before) ^ _words(all_entries(session)))
                for document_id in touched:
                    record_change(session, actor, "document", document_id, "glossary")
                edit.documents = _readable_count(session, actor, touched)

    def _entries(self) -> tuple[int, Sequence[Entry]]:
        with self._database.read() as session:
            version, known = _version(session), self._read
            if known is not None and known[0] == version:
                return version, known[1]
            entries = all_entries(session)
        self._read = (version, entries, None)
        return version, entries

    def _listing(self) -> Listing:
        version, entries = self._entries()
        known = self._read
        if known is not None and known[0] == version and known[2] is not None:
            return known[2]
        listing = Listing(entry for entry in entries if entry.active)
        self._read = (version, entries, listing)
        return listing


def _may_read(actor: Actor) -> bool:
    return bool(actor.principals) or actor.sees_all


def _version(session: Session) -> int:
    return session.scalar(_VERSION) or 0


def _differences(change: GlossaryChange) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (name, _shown(change.before.get(name)), _shown(change.after.get(name)))
        for name in FIELDS
        if name in change.after or name in change.before
    )


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else "; ".join(value or ())


def _words(entries: Iterable[Entry]) -> frozenset[str]:
    """All words of the segmenter's dictionary that come from the glossary."""
    active = (segmentation_words(entry.concept) for entry in entries if entry.active)
    return frozenset().union(*active)


def _readable_count(session: Session, actor: Actor, ids: Sequence[int]) -> int:
    """How many of these documents the actor may read: it must not learn of others."""
    return sum(
        session.scalar(
            select(func.count()).where(
                document_readable(actor),
                Document.id.in_(ids[first : first + _IDS_IN_ONE_STATEMENT]),
            )
        )
        or 0
        for first in range(0, len(ids), _IDS_IN_ONE_STATEMENT)
    )
