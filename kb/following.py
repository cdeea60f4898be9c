"""Following: topics, tags, projects, questions, pages, people and communities, and being told what is new there.

Whoever changes a thing need not know who follows what: every change stands in the change log, and
:meth:`Following.catch_up`, run now and then in the background, tells the followers of what happened since. What merely
had to be indexed anew is no news.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import exists, func, select, tuple_
from sqlalchemy.orm import Session

from kb.access import SYSTEM, Action, Actor
from kb.database import Database
from kb.errors import N_, InvalidInput, NotFound
from kb.models import (
    Change,
    DocumentPerson,
    Follow,
    FollowedUpTo,
    Project,
    Topic,
    TopicDocument,
)
from kb.notifying import SUBJECTS as TOLD_SUBJECTS
from kb.notifying import notify
from kb.page_roles import actors_of, must_be_signed_in
from kb.search.answers import Names
from kb.things import Thing, ThingSource

# What can be followed; all but topics and tags are things that search finds.
SUBJECTS: Final = (
    "topic",
    "tag",
    "project",
    "question",
    "document",
    "lesson",
    "person",
    "community",
)
MAX_FOLLOWS: Final = 500
_MAX_TAG_CHARS: Final = 100
# In one transaction; an import of thousands is told in many of them.
_BATCH: Final = 100
# A change that is news wrote the moment into the thing itself, in the same transaction.
_SAME_MOMENT: Final = timedelta(seconds=5)
# Changes after which there is something to read that was not there before.
_LET_OUT: Final = ("store", "publish")
# Longer chains of topics are a cycle.
_DEEPEST: Final = 50


@dataclass(frozen=True, slots=True)
class Followed:
    """Something that is followed; ``title`` in the names it has, the same twice where it has but one."""

    subject: str
    key: str
    title: Names


class Following:
    """Use cases around following; every method is one transaction."""

    def __init__(self, database: Database, sources: Sequence[ThingSource]) -> None:
        """Keep in ``database`` who follows what of the things of ``sources``."""
        self._database = database
        self._sources = {source.subject: source for source in sources}

    def follow(self, actor: Actor, subject: str, key: str, *, on: bool) -> None:
        """Follow something, or no longer; saying it twice says it once.

        Raises:
            NotAllowed: nobody has signed in.
            NotFound: there is no such thing, or not for this actor.
            InvalidInput: the actor follows too much already.
        """
        must_be_signed_in(actor)
        with self._database.write() as session:
            row = session.get(Follow, (actor.id, subject, key))
            if not on:
                if row is not None:
                    session.delete(row)
                return
            if not self._titles(session, actor, [(subject, key)]):
                raise NotFound(what=N_("thing to follow"), id=f"{subject} {key}"[:100])
            if row is not None:
                return
            mine = select(func.count()).select_from(Follow).where(Follow.user_id == actor.id)
            if (session.scalar(mine) or 0) >= MAX_FOLLOWS:
                raise InvalidInput(field=N_("follow"), reason=N_("you follow too much already"))
            session.add(Follow(user_id=actor.id, subject=subject, key=key))

    def find(self, actor: Actor, subject: str, key: str) -> tuple[Followed, bool]:
        """Something that can be followed, and whether ``actor`` does.

        Raises:
            NotFound: there is no such thing, or not for this actor.
        """
        with self._database.read() as session:
            found = self._titles(session, actor, [(subject, key)])
            if not found:
                raise NotFound(what=N_("thing to follow"), id=f"{subject} {key}"[:100])
            row = session.get(Follow, (actor.id, subject, key)) if actor.id else None
        return found[0], row is not None

    def mine(self, actor: Actor) -> list[Followed]:
        """What ``actor`` follows, of what may still be read, by subject.

        Raises:
            NotAllowed: nobody has signed in.
        """
        must_be_signed_in(actor)
        with self._database.read() as session:
            rows = session.execute(
                select(Follow.subject, Follow.key)
                .where(Follow.user_id == actor.id)
                .order_by(Follow.at, Follow.key)
            )
            found = self._titles(session, actor, [(subject, key) for subject, key in rows])
        return sorted(found, key=lambda each: SUBJECTS.index(each.subject))

    def catch_up(self) -> int:
        """Tell followers of what changed since the last time; returns how many changes were looked at.

        The first call only remembers where the change log ends: what happened before is no news.
        """
        done = 0
        while looked := self._batch():
            done += looked
        return done

    def _batch(self) -> int:
        with self._database.read() as session:
            newest = session.scalar(select(func.max(Change.id))) or 0
            upto = session.get(FollowedUpTo, 1)
            if upto is not None and newest <= upto.change_id:
                return 0
        with self._database.write() as session:
            row = session.get(FollowedUpTo, 1)
            if row is None:
                session.add(FollowedUpTo(id=1, change_id=newest))
                return 0
            changes = session.scalars(
                select(Change).where(Change.id > row.change_id).order_by(Change.id).limit(_BATCH)
            ).all()
            if not changes:
                return 0
            row.change_id = changes[-1].id
            # Of several changes of one thing the last one is told.
            latest = {(change.subject, change.subject_id): change for change in changes}
            for subject, source in self._sources.items():
                ids = [number for of, number in latest if of == subject]
                if ids and subject in TOLD_SUBJECTS:
                    for thing in source.things(session, SYSTEM, ids):
                        self._tell(session, thing, latest[subject, thing.id])
            return len(changes)

    def _tell(self, session: Session, thing: Thing, change: Change) -> None:
        if abs(thing.updated - change.at) > _SAME_MOMENT:
            return
        places = _places(session, thing)
        users = set(
            session.scalars(
                select(Follow.user_id).where(tuple_(Follow.subject, Follow.key).in_(sorted(places)))
            )
        )
        if not users:
            return
        before = exists().where(
            Change.subject == change.subject,
            Change.subject_id == change.subject_id,
            Change.action.in_(_LET_OUT),
            Change.id < change.id,
        )
        kind = "changed" if session.scalar(select(before)) else "published"
        by = actors_of(session, {change.by}).get(change.by, SYSTEM)
        notify(session, users, kind, thing.subject, thing.id, thing.title, by)

    def _titles(
        self, session: Session, actor: Actor, wanted: Iterable[tuple[str, str]]
    ) -> list[Followed]:
        """Those of ``wanted`` that are there for ``actor``, in order."""
        wanted = list(wanted)
        numbers: dict[str, list[int]] = {}
        for subject, key in wanted:
            if key.isascii() and key.isdecimal() and len(key) < 10:  # noqa: PLR2004  digits
                numbers.setdefault(subject, []).append(int(key))
        titles: dict[tuple[str, str], Names] = {}
        if Action.READ in actor.actions:
            titles |= {
                ("tag", key): Names(key, key)
                for subject, key in wanted
                if subject == "tag" and key.strip() and len(key) <= _MAX_TAG_CHARS
            }
            for topic in session.scalars(
                select(Topic).where(Topic.id.in_(numbers.get("topic", ())))
            ):
                titles["topic", str(topic.id)] = Names(topic.name_zh, topic.name_en)
        for subject, ids in numbers.items():
            source = self._sources.get(subject)
            for thing in source.things(session, actor, ids) if source else ():
                names = thing.project_names if subject == "project" else None
                titles[subject, str(thing.id)] = names or Names(thing.title, thing.title)
        return [
            Followed(subject, key, titles[subject, key])
            for subject, key in wanted
            if subject in SUBJECTS and (subject, key) in titles
        ]


def _places(session: Session, thing: Thing) -> set[tuple[str, str]]:
    """Everything by which somebody may follow a thing; of a question its own followers are told at once, not here."""
    places = {("tag", tag) for tag in thing.tags}
    if thing.subject != "question":
        places.add((thing.subject, str(thing.id)))
    if thing.project:
        project = session.scalar(select(Project.id).where(Project.code == thing.project))
        places.add(("project", str(project)))
    if thing.subject == "document":
        people = select(DocumentPerson.person_id).where(
            DocumentPerson.document_id == thing.id, DocumentPerson.person_id.is_not(None)
        )
        places |= {("person", str(person)) for person in session.scalars(people)}
        places |= {("topic", str(topic)) for topic in _topics_above(session, thing.id)}
    return places


def _topics_above(session: Session, document_id: int) -> set[int]:
    """The topics a document is filed in, and all above them."""
    level = set(
        session.scalars(
            select(TopicDocument.topic_id).where(TopicDocument.document_id == document_id)
        )
    )
    found: set[int] = set()
    for _ in range(_DEEPEST):
        if not level - found:
            break
        found |= level
        above = session.scalars(select(Topic.parent_id).where(Topic.id.in_(level)))
        level = {parent for parent in above if parent is not None}
    return found
