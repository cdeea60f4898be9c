"""Pages that took the place of others are found by the titles of those too."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from kb.models import ARCHIVED, Document, DocumentLife


def former_titles(session: Session, ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    """Titles of the pages that each of these documents took the place of, where that is no secret.

    Only those with the very audience of the successor: whoever finds one by such a title might have read it.
    """
    old = aliased(Document)
    rows = session.execute(
        select(Document.id, old.title)
        .join(DocumentLife, DocumentLife.superseded_by == Document.id)
        .join(old, old.id == DocumentLife.document_id)
        .where(
            Document.id.in_(sorted(ids)),
            old.state == ARCHIVED,
            old.audience_id == Document.audience_id,
        )
        .order_by(old.id)
    )
    found: dict[int, tuple[str, ...]] = {}
    for number, title in rows:
        found[number] = (*found.get(number, ()), title)
    return found
