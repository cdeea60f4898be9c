"""What readers see of DocTemplates: the values a use case takes and gives, put together from the rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from kb.access import Actor
from kb.doctemplate_fields import Field, from_json
from kb.models import AudienceRow, Document, Person, document_readable
from kb.models.doctemplates import PUBLISHED, DocTemplate, DocTemplateVersion


@dataclass(frozen=True, slots=True)
class TemplateFile:
    """A file that was looked into and can be a version.

    Attributes:
        content: its bytes; name: how it is downloaded; media_type: of it.
        format: ``docx`` or ``xlsx``.
        fields: of its form; body: its text as Markdown.
        example: bytes of a filled example and its text as Markdown, where there is one.
    """

    content: bytes
    name: str
    media_type: str
    format: str
    fields: tuple[Field, ...]
    body: str
    example: tuple[bytes, str] | None = None


@dataclass(frozen=True, slots=True)
class Details:
    """What people say of a template; the fields are those of :class:`kb.models.doctemplates.DocTemplate`.

    ``guide`` is the id of a document, or the place a bundled one was imported from.
    """

    title: str
    kind: str
    phase: str
    language: str
    purpose: str = ""
    when_to_use: str = ""
    owner: str = ""
    tags: tuple[str, ...] = ()
    guide: int | str | None = None


@dataclass(frozen=True, slots=True)
class TemplateView:
    """A template with its present version.

    Attributes:
        owner_names: Chinese and English name of the owner, where the register of people has one by that handle.
        audience: who may see it, as :attr:`kb.access.Audience.key`.
        guide: id and title of the document that explains the method, where the reader may see it.
        source: the same of the document it was made from.
    """

    id: int
    details: Details
    state: str
    version: int
    by: str
    downloads: int
    fills: int
    created_at: datetime
    updated_at: datetime
    format: str
    name: str
    sha256: str
    fields: tuple[Field, ...]
    body: str
    example_sha256: str | None
    example_body: str
    owner_names: tuple[str, str] = ("", "")
    audience: str = ""
    guide: tuple[int, str] | None = None
    source: tuple[int, str] | None = None


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version in the list of versions; ``size`` of its file in bytes."""

    number: int
    name: str
    note: str
    by: str
    at: datetime
    size: int


@dataclass(frozen=True, slots=True)
class BundledState:
    """A bundled template in the library: its file's hash, and whether nobody has given it another one."""

    id: int
    sha256: str
    untouched: bool


@dataclass(frozen=True, slots=True)
class LibraryFilter:
    """Which templates are asked for; empty values leave everything in."""

    language: str = ""
    kind: str = ""
    state: str = PUBLISHED
    words: str = ""


@dataclass(frozen=True, slots=True)
class Library:
    """The templates asked for, in the order of the phases, and how many there are of each language and kind."""

    templates: tuple[TemplateView, ...]
    languages: Mapping[str, int] = field(default_factory=dict)
    kinds: Mapping[str, int] = field(default_factory=dict)
    states: Mapping[str, int] = field(default_factory=dict)


def views_of(session: Session, actor: Actor, rows: Sequence[DocTemplate]) -> Iterator[TemplateView]:
    """The templates with their present versions, and of what they point to what ``actor`` may read."""
    present = {
        version.template_id: version
        for version in session.scalars(
            select(DocTemplateVersion)
            .join(DocTemplate, DocTemplate.id == DocTemplateVersion.template_id)
            .where(
                DocTemplateVersion.number == DocTemplate.version,
                DocTemplate.id.in_([row.id for row in rows]),
            )
        )
    }
    wanted = {number for row in rows for number in (row.guide_id, row.source_id) if number}
    linked = session.execute(
        select(Document.id, Document.title).where(document_readable(actor), Document.id.in_(wanted))
    )
    titles = {number: title for number, title in linked}  # noqa: C416  dict(rows) is not typed
    keys = session.execute(
        select(AudienceRow.id, AudienceRow.key).where(
            AudienceRow.id.in_({row.audience_id for row in rows})
        )
    )
    audiences = {number: key for number, key in keys}  # noqa: C416  dict(rows) is not typed
    owners = {
        person.handle: (person.name_zh, person.name_en)
        for person in session.scalars(
            select(Person).where(Person.handle.in_({row.owner for row in rows}))
        )
    }
    for row in rows:
        view = _view(row, present[row.id], titles)
        names = owners.get(row.owner, ("", ""))
        yield replace(view, owner_names=names, audience=audiences[row.audience_id])


def _view(
    row: DocTemplate,
    version: DocTemplateVersion,
    titles: Mapping[int, str],
) -> TemplateView:
    def linked(number: int | None) -> tuple[int, str] | None:
        return (number, titles[number]) if number in titles and number else None

    return TemplateView(
        id=row.id,
        details=Details(
            title=row.title,
            kind=row.kind,
            phase=row.phase,
            language=row.language,
            purpose=row.purpose,
            when_to_use=row.when_to_use,
            owner=row.owner,
            tags=tuple(str(tag) for tag in row.tags),
            guide=row.guide_id,
        ),
        state=row.state,
        version=row.version,
        by=row.by,
        downloads=row.downloads,
        fills=row.fills,
        created_at=row.created_at,
        updated_at=row.updated_at,
        format=version.format,
        name=version.name,
        sha256=version.sha256,
        fields=from_json(version.fields),
        body=version.body,
        example_sha256=version.example_sha256,
        example_body=version.example_body,
        guide=linked(row.guide_id),
        source=linked(row.source_id),
    )


def counts_by(session: Session, rows: Select[DocTemplate], column: str) -> dict[str, int]:
    """How many of the rows have each value of a column."""
    by = getattr(DocTemplate, column)
    found = session.execute(rows.with_only_columns(by, func.count()).group_by(by).order_by(None))
    return {value: count for value, count in found}  # noqa: C416  dict(rows) is not typed
