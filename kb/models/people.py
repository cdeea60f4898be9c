"""People: the register that authors of documents are matched to, with what is known of each."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    String,
    Text,
    UniqueConstraint,
    and_,
    case,
    false,
    or_,
    select,
    text,
)
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column

from kb.models.base import Base, utc_now

NAME_CHARS: Final = 200


class Person(Base):
    """Somebody of the organisation. ``handle`` is a short stable name such as ``li.na``.

    ``user_id`` is the sign-in of the same human being, see :func:`person_of_user`. ``languages`` holds codes (``zh``),
    ``interests`` texts. ``availability`` is one of :data:`kb.person_rules.AVAILABILITIES` or empty. Whoever has left is
    kept, with ``left_on``. ``merged_into`` names the person that this one turned out to be: the row stays, so that its
    address and its names still lead there.
    """

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    handle: Mapped[str] = mapped_column(String(100), unique=True)
    name_zh: Mapped[str] = mapped_column(String(NAME_CHARS), default="")
    name_en: Mapped[str] = mapped_column(String(NAME_CHARS), default="")
    department: Mapped[str] = mapped_column(String(200), default="")
    title: Mapped[str] = mapped_column(String(200), default="")
    place: Mapped[str] = mapped_column(String(200), default="")
    updated_at: Mapped[datetime] = mapped_column(
        default=utc_now, server_default="2000-01-01 00:00:00"
    )

    user_id: Mapped[str | None] = mapped_column(ForeignKey("users.id"), unique=True)
    languages: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    interests: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    email: Mapped[str] = mapped_column(String(200), default="", server_default="")
    phone: Mapped[str] = mapped_column(String(100), default="", server_default="")
    chat: Mapped[str] = mapped_column(String(200), default="", server_default="")
    photo_sha256: Mapped[str | None] = mapped_column(ForeignKey("stored_files.sha256"))
    availability: Mapped[str] = mapped_column(String(20), default="", server_default="")
    availability_note: Mapped[str] = mapped_column(String(300), default="", server_default="")
    mentor: Mapped[bool] = mapped_column(default=False, server_default=false())
    since: Mapped[int | None]
    left_on: Mapped[date | None]
    merged_into: Mapped[int | None] = mapped_column(index=True)
    revision: Mapped[int] = mapped_column(default=1, server_default=text("1"))


class PersonName(Base):
    """Another name of a person, as written somewhere; ``key`` as :func:`kb.person_names.name_key` makes it."""

    __tablename__ = "person_names"
    __table_args__ = (UniqueConstraint("person_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    name: Mapped[str] = mapped_column(String(NAME_CHARS))
    key: Mapped[str] = mapped_column(String(300), index=True)
    by: Mapped[str] = mapped_column(String(100), default="")
    at: Mapped[datetime] = mapped_column(default=utc_now)


class PersonKey(Base):
    """What a person is looked up by, made from names, pinyin, handle and e-mail by :mod:`kb.person_names`."""

    __tablename__ = "person_keys"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    key: Mapped[str] = mapped_column(String(300), primary_key=True, index=True)


class PersonCertificate(Base):
    """A certificate somebody holds; ``valid_until`` is empty for one that does not run out."""

    __tablename__ = "person_certificates"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    name: Mapped[str] = mapped_column(String(200))
    issuer: Mapped[str] = mapped_column(String(200), default="")
    valid_until: Mapped[date | None]


class PersonTopic(Base):
    """What a person says of a topic: ``confirmed``, ``hidden`` from others, or ``added`` without evidence.

    ``topic`` is the key that :mod:`kb.expertise_topics` has for it, ``label`` how it was written.
    """

    __tablename__ = "person_topics"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    topic: Mapped[str] = mapped_column(String(200), primary_key=True, index=True)
    label: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(20))
    by: Mapped[str] = mapped_column(String(100), default="")
    at: Mapped[datetime] = mapped_column(default=utc_now)


class NameDecision(Base):
    """Who is meant by a name, as a curator decided: everywhere (``subject`` empty), or in one thing.

    ``person_id`` is empty where the name is nobody of the register.
    """

    __tablename__ = "name_decisions"
    __table_args__ = (UniqueConstraint("key", "subject", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(300))
    name: Mapped[str] = mapped_column(String(NAME_CHARS))
    subject: Mapped[str] = mapped_column(String(40), default="")
    number: Mapped[int] = mapped_column(default=0)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(default=utc_now)


class PersonMerge(Base):
    """The person ``merged_id`` was found to be ``into_id``: what was moved, so that it can be taken back."""

    __tablename__ = "person_merges"

    id: Mapped[int] = mapped_column(primary_key=True)
    merged_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    into_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    moved: Mapped[dict[str, Any]] = mapped_column(default=dict)
    note: Mapped[str] = mapped_column(Text, default="")
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(default=utc_now)
    undone_at: Mapped[datetime | None]


class PeopleApart(Base):
    """Two people who look like one and are not, as somebody decided; ``first_id`` is the smaller."""

    __tablename__ = "people_apart"

    first_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    second_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(default=utc_now)


def person_of_user(session: Session, user_id: str) -> Person | None:
    """The person who signs in as ``user_id``; None for a sign-in that is nobody of the register.

    Somebody linked to the sign-in, else somebody whose handle is its name and who is linked to no other.
    """
    if not user_id:
        return None
    return session.scalar(
        select(Person)
        .where(is_person_of(user_id), Person.merged_into.is_(None))
        .order_by(case((Person.user_id == user_id, 0), else_=1))
        .limit(1)
    )


def is_person_of(
    user_id: str | InstrumentedAttribute[str] | ColumnElement[str],
) -> ColumnElement[bool]:
    """Condition, for joins: the row of people is whoever signs in as ``user_id``, a text or a column."""
    return or_(Person.user_id == user_id, and_(Person.user_id.is_(None), Person.handle == user_id))
