"""Pictures and attachments of pages that are written here."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select

from kb.access import Actor
from kb.database import Database
from kb.errors import N_, InvalidInput, NotAPicture
from kb.files import FileStore, register_file
from kb.models import DocumentFile
from kb.page_roles import must_write, readable_document
from kb.pictures import HEAD_BYTES, ending_of, picture_type

MAX_FILES: Final = 500
_NAME_CHARS: Final = 80
_NOT_IN_A_NAME: Final = re.compile(r"[^\w.-]+")
# What a picture is called by browsers that paste it; tells nothing.
_PASTED: Final = re.compile(r"image|clipboard|unnamed", re.IGNORECASE)
_ATTACHMENT_TYPE: Final = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A picture or attachment: its name in Markdown is ``files/<name>``."""

    name: str
    picture: bool
    media_type: str = ""


class PageFiles:
    """Use cases around the files of a page; every method is one transaction."""

    def __init__(self, database: Database, files: FileStore) -> None:
        """Work on ``database`` and ``files``."""
        self._database = database
        self._files = files

    def attach(
        self, actor: Actor, document_id: int, *, sha256: str, name: str, picture: bool
    ) -> KeptFile:
        """Give a document a file that lies in the file store, under a name its Markdown can use.

        Args:
            actor: whoever adds it.
            document_id: to which document.
            sha256: the file.
            name: what it was called.
            picture: it is to be shown; what is no picture is refused then.

        Raises:
            NotFound, NotAllowed: the document is not there, or the actor may not write it.
            NotAPicture: it was to be one and is none.
            InvalidInput: the document has too many files.
        """
        with self._files.open(sha256) as file:
            head = file.read(HEAD_BYTES)
            size = file.seek(0, 2)
        media_type = picture_type(head)
        if picture and media_type is None:
            raise NotAPicture(name=name)
        kept = _file_name(name, sha256, media_type)
        with self._database.write() as session:
            document = readable_document(session, actor, document_id)
            must_write(session, actor, document)
            count = session.scalar(
                select(func.count()).where(DocumentFile.document_id == document_id)
            )
            if (count or 0) >= MAX_FILES:
                raise InvalidInput(field=N_("files"), reason=N_("this page has too many of them"))
            register_file(session, sha256, size, media_type or _ATTACHMENT_TYPE)
            session.merge(DocumentFile(document_id=document_id, name=kept, sha256=sha256))
        return KeptFile(kept, media_type is not None, media_type or _ATTACHMENT_TYPE)

    def files(self, actor: Actor, document_id: int) -> list[str]:
        """Names of the pictures and attachments of a document.

        Raises:
            NotFound: there is no such document, or not for this actor.
        """
        with self._database.read() as session:
            readable_document(session, actor, document_id)
            return list(
                session.scalars(
                    select(DocumentFile.name)
                    .where(DocumentFile.document_id == document_id)
                    .order_by(DocumentFile.name)
                )
            )


def _file_name(name: str, sha256: str, media_type: str | None) -> str:
    """A name that is safe in Markdown and addresses, tells what it is, and never stands for two contents."""
    plain = unicodedata.normalize("NFC", name.rsplit("/", 1)[-1])
    stem, dot, ending = plain.rpartition(".")
    stem, ending = (stem, ending) if dot else (plain, "")
    if media_type is not None:
        ending = ending_of(media_type)
    stem = _NOT_IN_A_NAME.sub("-", stem).strip("-.")[:_NAME_CHARS]
    ending = _NOT_IN_A_NAME.sub("", ending)[:20]
    if not stem or _PASTED.fullmatch(stem):
        stem = "picture" if media_type else "file"
    return f"{stem}-{sha256[:8]}" + (f".{ending}" if ending else "")
