"""Links between documents in Markdown: where a body leads to, and titles that must not be told to all its readers.

A link is plain Markdown with the address of the page, ``[标题](/documents/12)``: it stays right when a page is renamed,
every other program understands it, versions and exports need nothing of their own. A title stands in the text that
everybody reads who may read the page. So where some of these may not read what it leads to, the link is kept without
its words, ``[](/documents/12)``, and whoever shows the page fills in the title for those who may know it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.access import Actor
from kb.document_links import LINK, MAX_LINKS, linked
from kb.models import Document, audience_of, document_readable
from kb.things import ThingSource
from kb.working_copies import SEEN

# What is no document, by the first part of the address of its page.
OTHER_PLACES: Final = {
    "lessons": "lesson",
    "projects": "project",
    "people": "person",
    "doctemplates": "doctemplate",
    "courses": "course",
    "questions": "question",
    "communities": "community",
}
_OTHER: Final = re.compile(
    r"(?<!!)\[(?P<label>(?:[^\[\]\\\n]|\\.){0,600})\]"
    rf"\((?P<address>/(?P<place>{'|'.join(OTHER_PLACES)})/(?P<id>\d{{1,18}})(?:[?#][^\s()]{{0,600}})?)\)"
)
_ESCAPED: Final = re.compile(r"\\(.)")


def without_hidden_titles(
    session: Session,
    actor: Actor,
    audience_id: int,
    body: str,
    sources: Sequence[ThingSource] = (),
) -> str:
    """``body`` with the words taken out of links whose title not everybody of the audience may know.

    Only titles that ``actor`` may read are looked at: what is emptied tells nobody what is there. ``sources`` know the
    titles of what is no document.
    """
    titles = {
        ("document", number): title
        for number, title in _hidden_documents(session, actor, audience_id, linked(body)).items()
    }
    others: dict[str, dict[int, None]] = {}
    for link in _OTHER.finditer(body):
        others.setdefault(OTHER_PLACES[link["place"]], {})[int(link["id"])] = None
    for source in sources:
        ids = list(others.get(source.subject, ()))[:MAX_LINKS]
        for thing in source.things(session, actor, ids) if ids else ():
            if not _covers(session, thing.audience, audience_id):
                titles[source.subject, thing.id] = " ".join(thing.title.split())
    if not titles:
        return body

    def emptied(link: re.Match[str]) -> str:
        place = link.groupdict().get("place")
        title = titles.get((OTHER_PLACES[place] if place else "document", int(link["id"])))
        told = " ".join(_ESCAPED.sub(r"\1", link["label"]).split())
        return f"[]({link['address']})" if title is not None and told == title else link[0]

    return _OTHER.sub(emptied, LINK.sub(emptied, body))


def _hidden_documents(
    session: Session, actor: Actor, audience_id: int, ids: Collection[int]
) -> Mapping[int, str]:
    """Titles of those documents that ``actor`` may read and somebody of the audience may not."""
    if not ids:
        return {}
    rows = session.execute(
        select(Document.id, Document.title, Document.audience_id, Document.state).where(
            Document.id.in_(sorted(ids)), document_readable(actor)
        )
    ).all()
    return {
        number: " ".join(title.split())
        for number, title, audience, state in rows
        if state not in SEEN or not _covers(session, audience, audience_id)
    }


def _covers(session: Session, audience: int, readers: int) -> bool:
    """Whether everybody whom the audience ``readers`` admits is admitted by ``audience``."""
    return audience_of(session, audience).covers(audience_of(session, readers))
