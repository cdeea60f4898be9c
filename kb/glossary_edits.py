"""Edits of the glossary within one transaction: of one entry, by the lines of a table, by a delivery."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.access import Actor
from kb.auditing import record_audit
from kb.errors import N_, Conflict, NotFound
from kb.glossary_rules import FIELDS, Entry, EntryText, Problem, TakenNames, problems
from kb.models import utc_now
from kb.models.glossary import GlossaryChange, GlossaryEntry, GlossaryState

BUNDLED: Final = "bundled"
OWN: Final = "own"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of the entries of a delivery.

    Attributes:
        added: how many are new.
        updated: how many say something else than in the delivery before.
        kept: how many somebody here has changed or removed; they stay so.
        taken: how many were left out because an entry of the house has their name.
    """

    added: int = 0
    updated: int = 0
    kept: int = 0
    taken: int = 0


@dataclass(frozen=True, slots=True)
class ImportedRow:
    """What became of one line of a table."""

    line: int
    zh: str
    en: str
    outcome: Literal["added", "changed", "unchanged", "refused"]
    problems: tuple[Problem, ...] = ()


class Edit:
    """What one actor does to entries within one transaction.

    Attributes:
        before: all entries as they were.
        changed: whether anything has been changed so far.
        documents: how many documents, of those the actor may read, it touches; known at the end.
    """

    def __init__(
        self, session: Session, actor: Actor, state: GlossaryState, before: Sequence[Entry]
    ) -> None:
        self.session = session
        self.actor = actor
        self.state = state
        self.before = before
        self.changed = False
        self.documents = 0

    def row(self, entry_id: int, revision: int | None = None) -> GlossaryEntry:
        """The row of an entry.

        Raises:
            NotFound: there is none.
            Conflict: it is past ``revision``.
        """
        row = self.session.get(GlossaryEntry, entry_id)
        if row is None:
            raise no_entry(entry_id)
        if revision is not None and row.revision != revision:
            raise Conflict(what=f"{row.zh} / {row.en}")
        return row

    def put(
        self, row: GlossaryEntry | None, text: EntryText, *, delivered_as: str = ""
    ) -> GlossaryEntry:
        """Let ``row``, or a new one, say ``text``; nothing happens when it does so already.

        What was ``delivered_as`` something is logged once for the whole delivery.
        """
        said = _said(row) if row is not None else {}
        after = {name: _plain(getattr(text, name)) for name in FIELDS}
        if row is not None and row.active and said == after:
            return row
        action = "add" if row is None else "change" if row.active else "restore"
        if row is None:
            row = GlossaryEntry(delivered_as=delivered_as, revision=0)
            self.session.add(row)
        for name, value in after.items():
            setattr(row, name, value)
        row.active = True
        self._stamp(row, BUNDLED if delivered_as else OWN)
        if not delivered_as:
            differing = [
                name for name in FIELDS if (said.get(name) or None) != (after[name] or None)
            ]
            self.session.flush()
            self.log(
                row.id,
                action,
                {name: said[name] for name in differing if name in said},
                {name: after[name] for name in differing},
            )
        return row

    def remove(self, row: GlossaryEntry) -> None:
        """Take an entry out of force."""
        if row.active:
            row.active = False
            self._stamp(row, OWN)
            self.log(row.id, "remove", {}, {})

    def log(
        self, entry_id: int | None, action: str, before: dict[str, Any], after: dict[str, Any]
    ) -> None:
        """Write down what was done."""
        self.changed = True
        record_audit(self.session, self.actor, action, "glossary", entry_id or "")
        self.session.add(
            GlossaryChange(
                entry_id=entry_id, action=action, by=self.actor.id, before=before, after=after
            )
        )

    def _stamp(self, row: GlossaryEntry, origin: str) -> None:
        self.changed = True
        row.origin = origin
        row.revision += 1
        row.updated_at = utc_now()
        row.updated_by = self.actor.id


def import_row(
    edit: Edit, taken: TakenNames, line: int, text: EntryText, *, confirmed: bool
) -> ImportedRow:
    """Add the entry on a line of a table, or change the one that has one of its usual names.

    Args:
        edit: what it is a part of.
        taken: names of all entries; brought up to date.
        line: number of the line.
        text: what the line says, cleaned.
        confirmed: the names that other entries have are meant.
    """
    owners = {taken.headed("zh", text.zh), taken.headed("en", text.en)} - {None}
    if len(owners) > 1:
        reason = N_("its two names belong to different entries")
        return _refused(line, text, (Problem("zh", reason, {}),))
    entry_id = owners.pop() if owners else None
    wrong = open_problems(text, taken, entry_id, confirmed=confirmed)
    if wrong:
        return _refused(line, text, wrong)
    row = edit.row(entry_id) if entry_id is not None else None
    revision = row.revision if row is not None else 0
    row = edit.put(row, text)
    taken.add(row.id, text)
    outcome: Literal["added", "changed", "unchanged"] = (
        "added" if not revision else "changed" if row.revision != revision else "unchanged"
    )
    return ImportedRow(line, text.zh, text.en, outcome)


def load(edit: Edit, texts: Iterable[EntryText]) -> Loaded:
    """Bring in a delivery: cleaned entries, known again by their Chinese head."""
    rows = {
        row.delivered_as: row
        for row in edit.session.scalars(
            select(GlossaryEntry).where(GlossaryEntry.delivered_as != "")
        )
    }
    taken = TakenNames(edit.before)
    added = updated = kept = clashing = 0
    for number, text in enumerate(texts, start=1):
        row = rows.get(text.zh)
        if row is not None and row.origin != BUNDLED:
            kept += 1
        elif problems(text, taken, row.id if row is not None else None):
            clashing += 1
        else:
            revision = row.revision if row is not None else 0
            row = edit.put(row, text, delivered_as=text.zh)
            # What is new has no number before all of it is written.
            taken.add(row.id or -number, text)
            added += not revision
            updated += 0 < revision < row.revision
    return Loaded(added, updated, kept, clashing)


def open_problems(
    text: EntryText, taken: TakenNames, entry_id: int | None, *, confirmed: bool
) -> tuple[Problem, ...]:
    """What keeps a cleaned entry from being saved, without what was ``confirmed``."""
    found = problems(text, taken, entry_id)
    return tuple(problem for problem in found if not (confirmed and problem.confirmable))


def no_entry(entry_id: int) -> NotFound:
    """The error for an entry that is not there."""
    return NotFound(what=N_("glossary entry"), id=entry_id)


def all_entries(session: Session) -> Sequence[Entry]:
    """Every entry, also those removed."""
    return tuple(
        entry_of(row) for row in session.scalars(select(GlossaryEntry).order_by(GlossaryEntry.id))
    )


def entry_of(row: GlossaryEntry) -> Entry:
    """A row as plain data."""
    return Entry(
        id=row.id,
        zh=row.zh,
        en=row.en,
        zh_synonyms=tuple(row.zh_synonyms),
        zh_hant=tuple(row.zh_hant),
        en_synonyms=tuple(row.en_synonyms),
        abbreviations=tuple(row.abbreviations),
        area=row.area,
        note=row.note,
        origin=row.origin,
        active=row.active,
        revision=row.revision,
        updated_at=row.updated_at,
        updated_by=row.updated_by,
    )


def _refused(line: int, text: EntryText, wrong: tuple[Problem, ...]) -> ImportedRow:
    return ImportedRow(line, text.zh, text.en, "refused", wrong)


def _said(row: GlossaryEntry) -> dict[str, Any]:
    return {name: _plain(getattr(row, name)) for name in FIELDS}


def _plain(value: Any) -> Any:
    """As JSON holds it."""
    return value if isinstance(value, str) else list(value)
