"""DocTemplates as things that search can find: those that are in the library."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.access import Actor
from kb.doctemplate_rules import SUBJECT
from kb.markdown import sections
from kb.models.access import readable
from kb.models.doctemplates import PUBLISHED, DocTemplate, DocTemplateVersion
from kb.things import Thing, ThingSection

KIND: Final = "template"


class DocTemplateThings:
    """The source of DocTemplates; see :class:`kb.things.ThingSource`."""

    subject: Final = SUBJECT

    def ids_after(self, session: Session, last: int, limit: int) -> Sequence[int]:
        """Ids of published templates after ``last``, in order."""
        return session.scalars(
            select(DocTemplate.id)
            .where(DocTemplate.id > last, DocTemplate.state == PUBLISHED)
            .order_by(DocTemplate.id)
            .limit(limit)
        ).all()

    def things(self, session: Session, actor: Actor, ids: Sequence[int]) -> Sequence[Thing]:
        """Those of these templates that are published and for ``actor``."""
        found = session.execute(
            select(DocTemplate, DocTemplateVersion.body)
            .join(
                DocTemplateVersion,
                (DocTemplateVersion.template_id == DocTemplate.id)
                & (DocTemplateVersion.number == DocTemplate.version),
            )
            .where(
                DocTemplate.id.in_(ids),
                DocTemplate.state == PUBLISHED,
                readable(actor, DocTemplate.audience_id),
            )
        )
        return [_thing(row, body) for row, body in found]

    def among(self, session: Session, actor: Actor, ids: Sequence[int]) -> Sequence[int]:
        """Which of these templates ``actor`` may find."""
        return session.scalars(
            select(DocTemplate.id).where(
                DocTemplate.id.in_(ids),
                DocTemplate.state == PUBLISHED,
                readable(actor, DocTemplate.audience_id),
            )
        ).all()


def _thing(row: DocTemplate, body: str) -> Thing:
    told = "\n".join(filter(None, (row.purpose, row.when_to_use)))
    return Thing(
        subject=SUBJECT,
        id=row.id,
        audience=row.audience_id,
        kind=KIND,
        language=row.language,
        title=row.title,
        updated=row.updated_at,
        sections=(
            ThingSection("", "", told),
            *(ThingSection(each.heading, each.anchor, each.text) for each in sections(body)),
        ),
        tags=tuple(str(tag) for tag in row.tags),
    )
