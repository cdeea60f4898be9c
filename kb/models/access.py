"""Audiences as rows: each distinct set of principals once, things point to it.

A thing's audience is one small number. Whether an actor may read it is one ``IN`` over the audiences that admit the
actor, the same few numbers for SQL and for the search index.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, ForeignKey, Select, String, select, true
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column

from kb.access import Actor, Audience
from kb.models.base import Base


class AudienceRow(Base):
    """One distinct audience; ``key`` is :attr:`kb.access.Audience.key`."""

    __tablename__ = "audiences"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(4000), unique=True)


class AudiencePrincipal(Base):
    """One principal that an audience admits."""

    __tablename__ = "audience_principals"

    audience_id: Mapped[int] = mapped_column(ForeignKey("audiences.id"), primary_key=True)
    principal: Mapped[str] = mapped_column(String(120), primary_key=True, index=True)


def audience_id_of(session: Session, audience: Audience) -> int:
    """The id of ``audience``, whose row is added when it is the first of its kind."""
    found = session.scalar(select(AudienceRow.id).where(AudienceRow.key == audience.key))
    if found is not None:
        return found
    row = AudienceRow(key=audience.key)
    session.add(row)
    session.flush()
    session.add_all(
        AudiencePrincipal(audience_id=row.id, principal=name) for name in audience.principals
    )
    session.flush()
    return row.id


def _admitting(actor: Actor) -> Select[int]:
    return (
        select(AudiencePrincipal.audience_id)
        .where(AudiencePrincipal.principal.in_(sorted(actor.principals)))
        .distinct()
    )


def readable(actor: Actor, audience_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Condition: the row whose ``audience_id`` column is given may be read by ``actor``."""
    return true() if actor.sees_all else audience_id.in_(_admitting(actor))


def readable_audiences(session: Session, actor: Actor) -> frozenset[int] | None:
    """Ids of the audiences that admit ``actor``; None when it sees all."""
    return None if actor.sees_all else frozenset(session.scalars(_admitting(actor)))
