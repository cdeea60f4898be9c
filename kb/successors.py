"""Pages that took the place of others are found by the titles of those too."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased

from kb.models import ARCHIVED, Document, DocumentLife

_Old = aliased(Document)
# Made once: it is asked with every page of hits.
_FORMER: Final = (
    select(Document.id, _Old.title)
    .join(DocumentLife, DocumentLife.superseded_by == Document.id)
    .join(_Old, _Old.id == DocumentLife.document_id)
    .where(
        Document.id.in_(bindparam("ids", expanding=True)),
        _Old.state == ARCHIVED,
        _Old.audience_id == Document.audience_id,
    )
    .order_by(_Old.id)
)


def former_titles(session: Session, ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    """Titles of the pages that each of these documents took the place of, where that is no secret.

    Only those with the very audience of the successor: whoever finds one by such a title might have read it.
    """
    found: dict[int, tuple[str, ...]] = {}
    for number, title in session.execute(_FORMER, {"ids": sorted(ids)}):
        found[number] = (*found.get(number, ()), title)
    return found
