"""Photos of people: pictures by their first bytes, of bounded size, given out under that type and no other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO, Final

from sqlalchemy.orm import Session

from kb.access import Action, Actor
from kb.database import Database
from kb.errors import N_, InvalidInput, NotAllowed, NotAPicture, NotFound
from kb.expertise_rows import own_id
from kb.files import FileStore, register_file
from kb.models import Person, record_change, utc_now
from kb.person_rows import SUBJECT
from kb.pictures import HEAD_BYTES, picture_type

# A photo for a page of 200 pixels; what telephones make is larger, but nobody needs that here.
MAX_BYTES: Final = 3 * 1024 * 1024
# BMP and AVIF are pictures too, but not every browser shows them.
_TYPES: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


@dataclass(frozen=True, slots=True)
class Photo:
    """An open photo, to be closed by whoever got it; ``sha256`` names its content."""

    file: BinaryIO
    media_type: str
    sha256: str


class PersonPhotos:
    """Use cases around photos; every method is one transaction."""

    def __init__(self, database: Database, files: FileStore) -> None:
        """Keep them in ``files``."""
        self._database = database
        self._files = files

    def put(self, actor: Actor, person_id: int, content: bytes, name: str) -> None:
        """Give somebody a photo; ``name`` is what the file was called.

        Raises:
            NotFound: there is no such person.
            NotAllowed: it is somebody else's entry, and the actor may not curate people.
            NotAPicture: it is no PNG, JPEG, GIF or WebP.
            InvalidInput: it is larger than :data:`MAX_BYTES`.
        """
        if len(content) > MAX_BYTES:
            raise InvalidInput(field=N_("photo"), reason=N_("it has more than 3 MiB"))
        media_type = picture_type(content[:HEAD_BYTES])
        if media_type not in _TYPES:
            raise NotAPicture(name=name)
        sha256, size = self._files.keep(content)
        with self._database.write() as session:
            person = self._editable(session, actor, person_id)
            register_file(session, sha256, size, media_type or "")
            person.photo_sha256, person.updated_at = sha256, utc_now()
            record_change(session, actor, SUBJECT, person.id, "store")

    def remove(self, actor: Actor, person_id: int) -> None:
        """Take somebody's photo away; there need not be one.

        Raises:
            NotFound, NotAllowed: as in :meth:`put`.
        """
        with self._database.write() as session:
            person = self._editable(session, actor, person_id)
            person.photo_sha256, person.updated_at = None, utc_now()
            record_change(session, actor, SUBJECT, person.id, "store")

    def open(self, actor: Actor, person_id: int) -> Photo:
        """Somebody's photo.

        Raises:
            NotFound: there is no such person or photo, or the actor may not read.
        """
        with self._database.read() as session:
            may = actor.sees_all or actor.principals
            person = session.get(Person, person_id) if may else None
        if person is None or person.photo_sha256 is None:
            raise NotFound(what=N_("photo"), id=person_id)
        file = self._files.open(person.photo_sha256)
        media_type = picture_type(file.read(HEAD_BYTES))
        file.seek(0)
        if media_type not in _TYPES:  # whatever was stored once: only pictures leave as pictures
            file.close()
            raise NotFound(what=N_("photo"), id=person_id)
        return Photo(file, media_type or "", person.photo_sha256)

    def _editable(self, session: Session, actor: Actor, person_id: int) -> Person:
        may = actor.sees_all or actor.principals
        person = session.get(Person, person_id) if may else None
        if person is None or person.merged_into is not None:
            raise NotFound(what="person", id=person_id)
        if Action.CURATE_PEOPLE not in actor.actions and (
            not actor.id or own_id(session, actor) != person.id
        ):
            raise NotAllowed(action=Action.CURATE_PEOPLE.value)
        return person
