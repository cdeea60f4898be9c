"""Folders as documents were imported from them, and who may see what lies in each.

What is set for a folder holds at once for every document in it that says nothing of its own, see
:mod:`kb.audience_following`. A folder is known to whoever may read one document in it, and to whoever its documents are
for: nobody else sees its name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from kb.access import EVERYONE, Action, Actor, Audience
from kb.audience_following import folder_changed, nearest_rule
from kb.auditing import record_audit
from kb.database import Database
from kb.errors import N_, InvalidInput, NotFound
from kb.folder_paths import MAX_FOLDER_CHARS, clean_folder, folder_key, folder_of, upwards
from kb.models import (
    AudienceRow,
    Document,
    DocumentSource,
    FolderAudience,
    ImportItem,
    audience_id_of,
    document_readable,
    utc_now,
)
from kb.models.access import readable

SUBJECT: Final = "folder"
_ROOT: Final = "/"


@dataclass(frozen=True, slots=True)
class FolderView:
    """A folder with what the asker may know of it.

    Attributes:
        folder: as it is written; ``depth`` counts those above it that are listed too.
        documents: how many documents the asker may read that lie in it, with all below it.
        own: how many of them lie in the folder itself.
        audience: key of what is set for it; empty where nothing is.
        above: the folder above it whose audience holds here, ``above_audience`` that; empty where there is none.
    """

    folder: str
    depth: int = 0
    documents: int = 0
    own: int = 0
    audience: str = ""
    above: str = ""
    above_audience: str = ""

    @property
    def in_force(self) -> str:
        """Key of the audience that holds for what lies in it and says nothing of its own."""
        return self.audience or self.above_audience or EVERYONE


class Folders:
    """Use cases around folders; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Work on the documents of ``database``."""
        self._database = database

    def listed(self, actor: Actor) -> list[FolderView]:
        """Every folder the actor may know of, those above before those in them.

        Raises:
            NotAllowed: the actor may not curate.
        """
        actor.must(Action.CURATE)
        self._fill()
        with self._database.read() as session:
            return _tree(_counts(session, actor), _rules(session, actor))

    def one(self, actor: Actor, folder: str) -> FolderView:
        """A folder by its path, also one that nothing lies in yet.

        Raises:
            NotAllowed: the actor may not curate.
            InvalidInput: this is no folder.
        """
        actor.must(Action.CURATE)
        cleaned = _checked(folder)
        key = folder_key(cleaned)
        with self._database.read() as session:
            counts, rules = _counts(session, actor), _rules(session, actor)
        inside = {one: count for one, count in counts.items() if key in upwards(folder_key(one))}
        same = next((one for one in inside if folder_key(one) == key), cleaned)
        own = sum(count for one, count in inside.items() if folder_key(one) == key)
        view = FolderView(folder=same, documents=sum(inside.values()), own=own)
        return _ruled(view, rules)

    def set_audience(self, actor: Actor, folder: str, audience: Audience) -> None:
        """Let what lies in a folder be for ``audience`` from now on, unless a folder in it says otherwise.

        Raises:
            NotAllowed: the actor may not curate.
            NotFound: what holds for the folder now is not for this actor.
            InvalidInput: this is no folder.
        """
        actor.must(Action.CURATE)
        cleaned = _checked(folder)
        self._fill()
        with self._database.write() as session:
            audience_id = audience_id_of(session, audience)
            rule = _own_rule(session, actor, cleaned)
            if rule is None:
                rule = FolderAudience(key=folder_key(cleaned), folder=cleaned)
                session.add(rule)
            rule.audience_id, rule.by, rule.at = audience_id, actor.id, utc_now()
            session.flush()
            moved = folder_changed(session, actor, rule.key)
            detail = {"audience": rule.audience_id, "documents": moved}
            record_audit(session, actor, "set-audience", SUBJECT, rule.id, detail)

    def remove(self, actor: Actor, folder: str) -> None:
        """Let a folder say nothing any more: what holds for the one above it holds for it too.

        Raises:
            NotAllowed: the actor may not curate.
            NotFound: nothing is set for it, or that is not for this actor.
            InvalidInput: this is no folder.
        """
        actor.must(Action.CURATE)
        cleaned = _checked(folder)
        with self._database.write() as session:
            rule = _own_rule(session, actor, cleaned)
            if rule is None:
                raise NotFound(what=SUBJECT, id=cleaned)
            number, key = rule.id, rule.key
            session.delete(rule)
            session.flush()
            moved = folder_changed(session, actor, key)
            record_audit(session, actor, "remove", SUBJECT, number, {"documents": moved})

    def _fill(self) -> None:
        """Give rows that are older than the column their folder; nothing is left to do after the first time."""
        with self._database.read() as session:
            old = session.scalar(select(Document.id).where(Document.folder.is_(None)).limit(1))
            told = session.scalar(select(ImportItem.id).where(ImportItem.folder.is_(None)).limit(1))
        if old is None and told is None:
            return
        with self._database.write() as session:
            _fill_rows(session)


def _fill_rows(session: Session) -> None:
    places = session.execute(
        select(Document.id, DocumentSource.place)
        .join(DocumentSource, DocumentSource.document_id == Document.id)
        .where(Document.folder.is_(None), DocumentSource.own)
    ).all()
    items = session.execute(
        select(ImportItem.id, ImportItem.place).where(ImportItem.folder.is_(None))
    ).all()
    for model, rows in ((Document, places), (ImportItem, items)):
        told = [{"id": number, "folder": folder_of(place)} for number, place in rows]
        if told:
            session.execute(update(model), told)
    session.execute(update(Document).where(Document.folder.is_(None)).values(folder=""))


def _checked(folder: str) -> str:
    if len(folder) > MAX_FOLDER_CHARS:
        raise InvalidInput(field=N_("folder"), reason=N_("it is too long"))
    cleaned = clean_folder(folder)
    if not cleaned:
        raise InvalidInput(field=N_("folder"), reason=N_("it is empty"))
    return cleaned


def _own_rule(session: Session, actor: Actor, folder: str) -> FolderAudience | None:
    """What is set for the very folder; whoever may not know what holds for it now may not change it."""
    rule = nearest_rule(session, folder)
    if rule is None:
        return None
    known = select(FolderAudience.id).where(
        FolderAudience.id == rule.id, readable(actor, FolderAudience.audience_id)
    )
    if session.scalar(known) is None:
        raise NotFound(what=SUBJECT, id=folder)
    return rule if rule.key == folder_key(folder) else None


def _counts(session: Session, actor: Actor) -> dict[str, int]:
    """How many documents the actor may read in each folder itself."""
    rows = session.execute(
        select(Document.folder, func.count())
        .where(document_readable(actor), Document.folder != "")
        .group_by(Document.folder)
        .order_by(Document.folder)
    )
    return {folder: count for folder, count in rows if folder}


def _rules(session: Session, actor: Actor) -> dict[str, tuple[str, str]]:
    """For the key of each folder that says something the actor may know: the folder, and for whom it is."""
    rows = session.execute(
        select(FolderAudience.key, FolderAudience.folder, AudienceRow.key)
        .join(AudienceRow, AudienceRow.id == FolderAudience.audience_id)
        .where(readable(actor, FolderAudience.audience_id))
    )
    return {key: (folder, audience) for key, folder, audience in rows}


def _ruled(view: FolderView, rules: dict[str, tuple[str, str]]) -> FolderView:
    own, *over = upwards(folder_key(view.folder))
    above = next((rules[key] for key in over if key in rules), ("", ""))
    return replace(
        view,
        audience=rules[own][1] if own in rules else "",
        above=above[0],
        above_audience=above[1],
    )


def _tree(counts: dict[str, int], rules: dict[str, tuple[str, str]]) -> list[FolderView]:
    """All folders of these and above them, but for the way from the root of a disk to where documents begin."""
    written: dict[str, str] = {}
    own: dict[str, int] = {}
    below: dict[str, int] = {}
    for folder, count in [*((folder, 0) for folder, _ in rules.values()), *counts.items()]:
        key = folder_key(folder)
        own[key] = own.get(key, 0) + count
        for one, path in zip(upwards(key), upwards(folder), strict=True):
            written.setdefault(one, path)
            below[one] = below.get(one, 0) + count
    kept = _kept(written, own, rules)
    return [
        _ruled(
            FolderView(
                folder=written[key],
                depth=sum(over in kept for over in upwards(key)) - 1,
                documents=below[key],
                own=own.get(key, 0),
            ),
            rules,
        )
        for key in sorted(kept, key=lambda key: key.split("/"))
    ]


def _kept(written: Iterable[str], own: dict[str, int], rules: Collection[str]) -> set[str]:
    kept = set(written)
    children: dict[str, int] = {}
    for key in kept:
        parent = key.rpartition("/")[0]
        children[parent] = children.get(parent, 0) + 1
    for key in sorted(kept, key=len):
        disk = key.startswith(_ROOT) or key.partition("/")[0].endswith(":")
        alone = children.get(key) == 1 and not own.get(key) and key not in rules
        if disk and alone and not any(over in kept for over in list(upwards(key))[1:]):
            kept.discard(key)
    return kept
