"""Audiences as rows: each distinct set of principals once, things point to it.

A thing's audience is one small number. Whether an actor may read it is one ``IN`` over the audiences that admit the
actor, the same few numbers for SQL and for the search index.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    ForeignKey,
    String,
    bindparam,
    select,
    true,
    union,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column

from kb.access import Actor, Audience, both_of, renamed
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


class AudiencePair(Base):
    """Two principals of which an audience admits those who belong to both."""

    __tablename__ = "audience_pairs"

    audience_id: Mapped[int] = mapped_column(ForeignKey("audiences.id"), primary_key=True)
    first: Mapped[str] = mapped_column(String(120), primary_key=True, index=True)
    second: Mapped[str] = mapped_column(String(120), primary_key=True, index=True)


def audience_id_of(session: Session, audience: Audience) -> int:
    """The id of ``audience``, whose row is added when it is the first of its kind."""
    known = select(AudienceRow.id).where(AudienceRow.key == audience.key)
    found = session.scalar(known)
    if found is not None:
        return found
    row = AudienceRow(key=audience.key)
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        # On PostgreSQL somebody else may have added it since.
        return session.execute(known).scalar_one()
    for name in audience.principals:
        first, *second = both_of(name)
        session.add(
            AudiencePair(audience_id=row.id, first=first, second=second[0])
            if second
            else AudiencePrincipal(audience_id=row.id, principal=name)
        )
    session.flush()
    return row.id


def audience_of(session: Session, audience_id: int) -> Audience:
    """The audience with this number."""
    key = session.scalar(select(AudienceRow.key).where(AudienceRow.id == audience_id)) or ""
    return Audience(frozenset(key.split(",")))


def rename_principal(session: Session, before: str, after: str) -> None:
    """Write another name wherever audiences hold ``before``; they keep their numbers."""
    holding = union(
        select(AudiencePrincipal.audience_id).where(AudiencePrincipal.principal == before),
        select(AudiencePair.audience_id).where(
            (AudiencePair.first == before) | (AudiencePair.second == before)
        ),
    )
    for audience in session.scalars(select(AudienceRow).where(AudienceRow.id.in_(holding))).all():
        audience.key = renamed(audience.key, before, after)
    for column in (AudiencePrincipal.principal, AudiencePair.first, AudiencePair.second):
        session.execute(update(column.class_).where(column == before).values({column.key: after}))


def _admitting(principals: Sequence[str] | BindParameter[Sequence[str]]) -> CompoundSelect[int]:
    """Numbers of the audiences that admit whoever belongs to ``principals``."""
    return union(
        select(AudiencePrincipal.audience_id).where(AudiencePrincipal.principal.in_(principals)),
        select(AudiencePair.audience_id).where(
            AudiencePair.first.in_(principals), AudiencePair.second.in_(principals)
        ),
    )


def readable(actor: Actor, audience_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Condition: the row whose ``audience_id`` column is given may be read by ``actor``."""
    return true() if actor.sees_all else audience_id.in_(_admitting(sorted(actor.principals)))


# For statements that are made once and executed with every question: making one takes several times as long as
# executing it. ``principals`` are those of the actor.
_ADMITTING: Final = _admitting(bindparam("principals", expanding=True))


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
    rows = session.execute(
        select(AudienceRow.id, AudienceRow.key).where(AudienceRow.id.in_(sorted(asked)))
    )
    admitted = {number: Audience(frozenset(key.split(","))) for number, key in rows}
    return frozenset(
        (wide, narrow)
        for wide, narrow in pairs
        if wide is None or wide == narrow or admitted[wide].covers(admitted[narrow])
    )
