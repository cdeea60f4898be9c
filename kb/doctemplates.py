"""DocTemplates: the library of standard templates, their versions, and how often they are used.

Files are looked into before they come here (see :mod:`ingest.doctemplates`); this subject keeps what was found. The
forms people have begun are in :mod:`kb.doctemplate_forms`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kb.access import FOR_EVERYONE, SYSTEM, Action, Actor, Audience
from kb.database import Database
from kb.doctemplate_fields import Field, from_json
from kb.doctemplate_rules import MAX_TEXT_CHARS, SUBJECT, check_details
from kb.doctemplate_views import (
    BundledState,
    Details,
    Library,
    LibraryFilter,
    TemplateFile,
    TemplateView,
    VersionLine,
    counts_by,
    views_of,
)
from kb.errors import N_, InvalidInput, NotFound
from kb.files import FileStore, register_file
from kb.models import (
    Document,
    DocumentSource,
    StoredFile,
    audience_id_of,
    document_readable,
    record_change,
    utc_now,
)
from kb.models.doctemplates import (
    DRAFT,
    PUBLISHED,
    RETIRED,
    DocTemplate,
    DocTemplateUse,
    DocTemplateVersion,
    doctemplate_readable,
)

STATES: Final = (DRAFT, PUBLISHED, RETIRED)
# What is counted of a template, and the column that counts it.
USES: Final[Mapping[str, str]] = {"download": "downloads", "fill": "fills"}


class DocTemplates:
    """Use cases around the library; every method is one transaction."""

    def __init__(self, database: Database, files: FileStore) -> None:
        """Keep templates in ``database`` and their files in ``files``."""
        self._database = database
        self._files = files

    def add(
        self,
        actor: Actor,
        details: Details,
        file: TemplateFile,
        *,
        audience: Audience = FOR_EVERYONE,
        state: str = PUBLISHED,
        place: str | None = None,
        source_id: int | None = None,
    ) -> int:
        """Put a template into the library and return its id.

        Args:
            actor: a curator; a draft may also be made by whoever may import.
            details: what it is and when it is used.
            file: its first version.
            audience: who may see it.
            state: ``published``, or ``draft`` for one that still has to be looked at.
            place: names a bundled template.
            source_id: the document it was made from.

        Raises:
            NotAllowed: the actor may do neither.
            InvalidInput: a detail cannot be used.
            NotFound: there is no such guide or source, or not for this actor.
        """
        actor.must(Action.IMPORT if state == DRAFT else Action.CURATE)
        _check(details, state)
        kept = self._keep(file)
        with self._database.write() as session:
            row = DocTemplate(
                state=state,
                audience_id=audience_id_of(session, audience),
                place=place,
                source_id=_readable_document(session, actor, source_id),
                version=0,
                by=actor.id,
            )
            _describe(session, actor, row, details)
            session.add(row)
            session.flush()
            _add_version(session, actor, row, file, kept=kept)
            record_change(session, actor, SUBJECT, row.id, "store")
            return row.id

    def add_version(
        self, actor: Actor, template_id: int, file: TemplateFile, note: str = ""
    ) -> int:
        """Replace the file of a template and return the number of the new version; earlier ones stay.

        Raises:
            NotAllowed: the actor may not curate.
            NotFound: there is no such template, or not for this actor.
        """
        actor.must(Action.CURATE)
        kept = self._keep(file)
        with self._database.write() as session:
            row = _one(session, actor, template_id)
            _add_version(session, actor, row, file, kept=kept, note=note[:MAX_TEXT_CHARS])
            record_change(session, actor, SUBJECT, row.id, "store")
            return row.version

    def describe(
        self,
        actor: Actor,
        template_id: int,
        details: Details,
        state: str,
        audience: Audience | None = None,
    ) -> None:
        """Change what is said of a template, whether it is offered, and (where given) to whom.

        Raises:
            NotAllowed: the actor may not curate.
            InvalidInput: a detail cannot be used.
            NotFound: there is no such template or guide, or not for this actor.
        """
        actor.must(Action.CURATE)
        _check(details, state)
        with self._database.write() as session:
            row = _one(session, actor, template_id)
            _describe(session, actor, row, details)
            row.state = state
            if audience is not None:
                row.audience_id = audience_id_of(session, audience)
            row.updated_at = utc_now()
            record_change(
                session, actor, SUBJECT, row.id, "store" if state == PUBLISHED else "remove"
            )

    def library(self, actor: Actor, asked: LibraryFilter) -> Library:
        """The templates that ``asked`` narrows to, of what ``actor`` may see."""
        with self._database.read() as session:
            base = select(DocTemplate).where(doctemplate_readable(actor))
            narrowed = base.where(DocTemplate.state == asked.state)
            chosen = narrowed
            if asked.language:
                chosen = chosen.where(DocTemplate.language == asked.language)
            if asked.kind:
                chosen = chosen.where(DocTemplate.kind == asked.kind)
            for word in asked.words.split():
                like = f"%{word}%"
                chosen = chosen.where(
                    DocTemplate.title.ilike(like) | DocTemplate.purpose.ilike(like)
                )
            rows = session.scalars(chosen.order_by(DocTemplate.title)).all()
            return Library(
                templates=tuple(views_of(session, actor, rows)),
                languages=counts_by(session, narrowed, "language"),
                kinds=counts_by(session, narrowed, "kind"),
                states=counts_by(session, base, "state"),
            )

    def get(self, actor: Actor, template_id: int) -> TemplateView:
        """One template.

        Raises:
            NotFound: there is none, or not for this actor.
        """
        with self._database.read() as session:
            return next(views_of(session, actor, [_one(session, actor, template_id)]))

    def versions(self, actor: Actor, template_id: int) -> tuple[VersionLine, ...]:
        """The versions of a template, newest first.

        Raises:
            NotFound: there is no such template, or not for this actor.
        """
        with self._database.read() as session:
            row = _one(session, actor, template_id)
            found = session.execute(
                select(DocTemplateVersion, StoredFile.size)
                .join(StoredFile, StoredFile.sha256 == DocTemplateVersion.sha256)
                .where(DocTemplateVersion.template_id == row.id)
                .order_by(DocTemplateVersion.number.desc())
            )
            return tuple(
                VersionLine(each.number, each.name, each.note, each.by, each.at, size)
                for each, size in found
            )

    def content(
        self, actor: Actor, template_id: int, number: int | None = None
    ) -> tuple[bytes, str]:
        """The bytes and the name of a version's file; of the present one by default.

        Raises:
            NotFound: there is no such version, or not for this actor.
        """
        with self._database.read() as session:
            row = _one(session, actor, template_id)
            version = session.get(DocTemplateVersion, (row.id, number or row.version))
            if version is None:
                raise NotFound(what=N_("version"), id=str(number))
        with self._files.open(version.sha256) as file:
            return file.read(), version.name

    def fields(self, actor: Actor, template_id: int, number: int) -> tuple[Field, ...]:
        """The fields of a version.

        Raises:
            NotFound: there is no such version, or not for this actor.
        """
        with self._database.read() as session:
            row = _one(session, actor, template_id)
            version = session.get(DocTemplateVersion, (row.id, number))
            if version is None:
                raise NotFound(what=N_("version"), id=str(number))
            return from_json(version.fields)

    def example(self, actor: Actor, template_id: int) -> tuple[bytes, str]:
        """The bytes and the name of the filled example.

        Raises:
            NotFound: there is none, or not for this actor.
        """
        found = self.get(actor, template_id)
        if found.example_sha256 is None:
            raise NotFound(what=N_("example"), id=template_id)
        with self._files.open(found.example_sha256) as file:
            return file.read(), found.name

    def count(self, actor: Actor, template_id: int, what: str, project: str = "") -> None:
        """Count a use: ``download`` or ``fill``.

        Raises:
            NotFound: there is no such template, or not for this actor.
        """
        column = USES[what]
        with self._database.write() as session:
            row = _one(session, actor, template_id)
            session.add(
                DocTemplateUse(
                    template_id=row.id,
                    version=row.version,
                    what=what,
                    project=project[:100],
                    by=actor.id,
                )
            )
            session.execute(
                update(DocTemplate)
                .where(DocTemplate.id == row.id)
                .values({column: getattr(DocTemplate, column) + 1})
            )

    def bundled(self) -> dict[str, BundledState]:
        """The bundled templates that are in the library, by place."""
        with self._database.read() as session:
            rows = session.execute(
                select(DocTemplate, DocTemplateVersion)
                .join(
                    DocTemplateVersion,
                    (DocTemplateVersion.template_id == DocTemplate.id)
                    & (DocTemplateVersion.number == DocTemplate.version),
                )
                .where(DocTemplate.place.is_not(None))
            )
            return {
                row.place or "": BundledState(row.id, version.sha256, version.by == SYSTEM.id)
                for row, version in rows
            }

    def _keep(self, file: TemplateFile) -> tuple[tuple[str, int], tuple[str, int] | None]:
        return self._files.keep(file.content), self._files.keep(
            file.example[0]
        ) if file.example else None


def _check(details: Details, state: str) -> None:
    check_details(details.title, details.kind, details.phase, details.language)
    if state not in STATES:
        raise InvalidInput(field="state", reason=f"“{state}” is none of {', '.join(STATES)}")


def _one(session: Session, actor: Actor, template_id: int) -> DocTemplate:
    row = session.scalar(
        select(DocTemplate).where(doctemplate_readable(actor), DocTemplate.id == template_id)
    )
    if row is None:
        raise NotFound(what=N_("template"), id=template_id)
    return row


def _describe(session: Session, actor: Actor, row: DocTemplate, details: Details) -> None:
    row.title = " ".join(details.title.split())
    row.kind, row.phase, row.language = details.kind, details.phase, details.language
    row.purpose = details.purpose.strip()[:MAX_TEXT_CHARS]
    row.when_to_use = details.when_to_use.strip()[:MAX_TEXT_CHARS]
    row.owner = details.owner.strip()[:200]
    row.tags = list(details.tags)
    if isinstance(details.guide, str):
        row.guide_id = session.scalar(
            select(DocumentSource.document_id).where(DocumentSource.place == details.guide)
        )
    elif details.guide is not None or _may_read(session, actor, row.guide_id):
        # A guide that the actor cannot see is not in the form; it stays.
        row.guide_id = _readable_document(session, actor, details.guide)


def _may_read(session: Session, actor: Actor, document_id: int | None) -> bool:
    wanted = select(Document.id).where(document_readable(actor), Document.id == document_id)
    return session.scalar(wanted) is not None


def _readable_document(session: Session, actor: Actor, document_id: int | None) -> int | None:
    if document_id is None:
        return None
    found = session.scalar(
        select(Document.id).where(document_readable(actor), Document.id == document_id)
    )
    if found is None:
        raise NotFound(what="document", id=document_id)
    return found


def _add_version(
    session: Session,
    actor: Actor,
    row: DocTemplate,
    file: TemplateFile,
    *,
    kept: tuple[tuple[str, int], tuple[str, int] | None],
    note: str = "",
) -> None:
    (sha256, size), example = kept
    register_file(session, sha256, size, file.media_type)
    if example:
        register_file(session, *example, file.media_type)
    row.version += 1
    row.updated_at = utc_now()
    session.add(
        DocTemplateVersion(
            template_id=row.id,
            number=row.version,
            format=file.format,
            sha256=sha256,
            name=file.name[-300:],
            fields=[each.as_json() for each in file.fields],
            body=file.body,
            example_sha256=example[0] if example else None,
            example_body=file.example[1] if file.example else "",
            note=note,
            by=actor.id,
        )
    )
