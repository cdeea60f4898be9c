"""Audiences as rows: each distinct set of principals once, things point to it.

A thing's audience is one small number. Whether an actor may read it is one ``IN`` over the audiences that admit the
actor, the same few numbers for SQL and for the search index.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy import ColumnElement, ForeignKey, Select, String, bindparam, select, true
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column

from kb.access import EVERYONE, Actor, Audience
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


# For statements that are made once and executed with every question: making one takes several times as long as
# executing it. ``principals`` are those of the actor.
_ADMITTING: Final = (
    select(AudiencePrincipal.audience_id)
    .where(AudiencePrincipal.principal.in_(bindparam("principals", expanding=True)))
    .distinct()
)


def prepared_readable(
    audience_id: InstrumentedAttribute[int], *, sees_all: bool
) -> ColumnElement[bool]:
    """The condition of :func:`readable` for a statement that is made once and executed with :func:`principals_of`."""
    return true() if sees_all else audience_id.in_(_ADMITTING)


def principals_of(actor: Actor) -> dict[str, object]:
    """What a statement with :func:`prepared_readable` wants to know of an actor."""
    return {} if actor.sees_all else {"principals": sorted(actor.principals)}


def readable_audiences(session: Session, actor: Actor) -> frozenset[int] | None:
    """Ids of the audiences that admit ``actor``; None when it sees all."""
    if actor.sees_all:
        return None
    return frozenset(session.scalars(_ADMITTING, principals_of(actor)))


def covering(
    session: Session, pairs: Collection[tuple[int | None, int]]
) -> frozenset[tuple[int | None, int]]:
    """Those pairs of audiences of which everybody in the second is in the first too; no audience is everybody."""
    asked = {number for pair in pairs for number in pair if number is not None}
    admitted: dict[int, set[str]] = {number: set() for number in asked}
    for number, principal in session.execute(
        select(AudiencePrincipal.audience_id, AudiencePrincipal.principal).where(
            AudiencePrincipal.audience_id.in_(sorted(asked))
        )
    ):
        admitted[number].add(principal)
    return frozenset(
        (wide, narrow)
        for wide, narrow in pairs
        if wide is None
        or wide == narrow
        or EVERYONE in admitted[wide]
        or (admitted[narrow] and admitted[narrow] <= admitted[wide])
    )
