"""Popular questions: which may be suggested to others, counted now and then, so that suggesting takes a millisecond.

A question may be suggested because of a document: at least three people asked it within one week, and what each of them
found first was this document. It is suggested to whoever may read the document. Thus what a closed group asks about
what only it may read stays in the group, and whatever is suggested finds something for the one it is suggested to.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from kb.access import Actor
from kb.models import Document
from kb.models.access import readable
from kb.models.insights import AskedQuestion, PopularQuestion

# So many people, within one week (the longest that anybody is recognised), not longer ago than this.
POPULAR_ASKERS: Final = 3
POPULAR_FOR: Final = timedelta(days=90)
_PUBLISHED: Final = "published"
_LAST_CHARACTER: Final = "\U0010ffff"


def count_popular(session: Session, now: datetime) -> None:
    """Count anew from the question log, in the caller's transaction."""
    askers = func.count(AskedQuestion.visitor.distinct())
    weekly = (
        select(
            AskedQuestion.key,
            AskedQuestion.best_document,
            askers.label("askers"),
            func.max(AskedQuestion.id).label("latest"),
        )
        .where(
            AskedQuestion.asked_at >= now - POPULAR_FOR,
            AskedQuestion.narrowed.is_(False),
            AskedQuestion.door != "command",
            AskedQuestion.best_document.is_not(None),
        )
        .group_by(AskedQuestion.key, AskedQuestion.best_document, AskedQuestion.week)
        .having(askers >= POPULAR_ASKERS)
        .subquery()
    )
    popular = (
        select(
            weekly.c.key,
            weekly.c.best_document,
            func.sum(weekly.c.askers).label("askers"),
            func.max(weekly.c.latest).label("latest"),
        )
        .group_by(weekly.c.key, weekly.c.best_document)
        .subquery()
    )
    rows = session.execute(
        select(popular.c.key, popular.c.best_document, popular.c.askers, AskedQuestion.text).join(
            AskedQuestion, AskedQuestion.id == popular.c.latest
        )
    ).all()
    session.execute(delete(PopularQuestion))
    session.add_all(
        PopularQuestion(key=key, document_id=document_id, askers=int(count), text=text)
        for key, document_id, count, text in rows
    )


def suggested(session: Session, actor: Actor, key: str, limit: int) -> Iterable[str]:
    """Questions that begin with ``key`` and lead to documents that ``actor`` may read now; most asked first."""
    begins = [PopularQuestion.key != key]
    if key:
        begins += [PopularQuestion.key >= key, PopularQuestion.key < key + _LAST_CHARACTER]
    rows = session.execute(
        select(PopularQuestion.key, PopularQuestion.text)
        .join(Document, Document.id == PopularQuestion.document_id)
        .where(*begins, Document.state == _PUBLISHED, readable(actor, Document.audience_id))
        .order_by(PopularQuestion.askers.desc(), PopularQuestion.key)
    )
    found: dict[str, str] = {}
    for each, text in rows:
        if len(found) >= limit:
            break
        found.setdefault(each, text)
    return found.values()
