"""What of an import somebody may see: the report names files, and files name what is confidential.

Whoever started an import sees all of it. To others a file is shown when they may read the document it became, or, where
it became none, when the folder it lay in is not for others only.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, true
from sqlalchemy.orm import Session

from kb.access import Action, Actor
from kb.folder_paths import folder_key, upwards
from kb.models import Document, FolderAudience, ImportItem, ImportJob, document_readable
from kb.models.access import readable


def item_visible(session: Session, actor: Actor) -> ColumnElement[bool]:
    """Condition: the file of an import may be shown to ``actor``, who may see the import."""
    if actor.sees_all:
        return true()
    return or_(_own_item(actor), _telling_nothing_hidden(session, actor))


def job_visible(session: Session, actor: Actor) -> ColumnElement[bool]:
    """Condition: the import may be shown to ``actor``: it is theirs, or they look after it and may see some of it."""
    allowed = actor.actions
    if actor.sees_all:
        return true()
    own = ImportJob.by == actor.id if actor.id else false()
    nobodys = ImportJob.by == "" if Action.IMPORT in allowed else false()
    others = true() if Action.CURATE in allowed else nobodys
    items = ImportItem.job_id == ImportJob.id
    some = exists().where(items, _telling_nothing_hidden(session, actor))
    return or_(own, and_(others, or_(~exists().where(items), some)))


def _own_item(actor: Actor) -> ColumnElement[bool]:
    if not actor.id:
        return false()
    return ImportItem.job_id.in_(select(ImportJob.id).where(ImportJob.by == actor.id))


def _telling_nothing_hidden(session: Session, actor: Actor) -> ColumnElement[bool]:
    read = ImportItem.document_id.in_(select(Document.id).where(document_readable(actor)))
    hidden = _hidden_folders(session, actor)
    open_ = or_(ImportItem.folder.is_(None), ImportItem.folder.not_in(hidden)) if hidden else true()
    return or_(read, ImportItem.document_id.is_(None) & open_)


def _hidden_folders(session: Session, actor: Actor) -> list[str]:
    """Folders of files that became no document and whose audience is not known to ``actor``."""
    rows = session.execute(select(FolderAudience.key, readable(actor, FolderAudience.audience_id)))
    known = {key: bool(may) for key, may in rows}
    if all(known.values()):
        return []
    folders = session.scalars(
        select(ImportItem.folder).where(ImportItem.document_id.is_(None)).distinct()
    )
    return [folder for folder in folders if folder and not _may_know(folder, known)]


def _may_know(folder: str, known: dict[str, bool]) -> bool:
    return next((known[key] for key in upwards(folder_key(folder)) if key in known), True)
