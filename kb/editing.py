"""Writing pages: a new page, an edit, the draft that is kept while somebody types, pictures and attachments.

The text is Markdown. Whoever saves says which version the text was begun from; when another one was saved meanwhile,
nothing is overwritten: the text stays as its writer's draft, and the two are joined (:mod:`kb.merging`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import delete
from sqlalchemy.orm import Session

from kb.access import Action, Actor, Audience
from kb.database import Database
from kb.document_rows import add_version
from kb.drafts import KINDS
from kb.editing_texts import Clash, Opened, Saved, Text, check_length, clean, title_of
from kb.errors import N_, InvalidInput
from kb.lifecycle_rules import LIVING_KINDS, USUAL_MONTHS
from kb.markdown import sections
from kb.merging import Choice, join, resolved
from kb.models import (
    DRAFT,
    Document,
    DocumentLife,
    EditingDraft,
    audience_id_of,
    utc_now,
)
from kb.page_links import without_hidden_titles
from kb.page_roles import must_be_signed_in, must_write, names_of, readable_document
from kb.page_steps import record
from kb.person_matching import sign
from kb.things import ThingSource
from kb.working_copies import Work, keep_edit, version_of, work_on

_LANGUAGES: Final = ("zh", "en")

# Anchors of the sections of a document that should not go.
Guard = Callable[[int], Collection[str]]


class SectionsInUse(InvalidInput):
    """Sections that lessons are built into would go. Data: ``headings``."""

    code = "sections-in-use"
    sentence = N_("Lessons stand behind sections that would be deleted: %(headings)s.")
    advice_template = N_("Keep these sections, or save again and say that they may go.")


class Editing:
    """Use cases around writing; every method is one transaction."""

    def __init__(
        self,
        database: Database,
        in_use: Guard | None = None,
        sources: Sequence[ThingSource] = (),
    ) -> None:
        """Work on ``database``; ``in_use`` names the anchors of sections that should not go.

        ``sources`` know the titles of what pages link to, so that none is told to readers who may not know it.
        """
        self._database = database
        self._sources = sources
        self._in_use = in_use

    def new(self, actor: Actor, *, title: str, kind: str, language: str, audience: Audience) -> int:
        """Begin a page, as a draft, and give its id.

        Raises:
            NotAllowed: the actor may not write.
            InvalidInput: the title is empty, or kind or language are none.
        """
        must_be_signed_in(actor)
        actor.must(Action.CONTRIBUTE)
        title = title_of(title)
        if kind not in KINDS or language not in _LANGUAGES:
            raise InvalidInput(field=N_("kind"), reason=N_("it is none that there is"))
        with self._database.write() as session:
            document = Document(
                title=title,
                kind=kind,
                language=language,
                body="",
                state=DRAFT,
                by=actor.id,
                audience_id=audience_id_of(session, audience),
                version=1,
                format="",
                original_name="",
                file_metadata={},
                ledger={},
                notes=[],
                guesses={},
                corrected=["kind", "language"],
            )
            session.add(document)
            session.flush()
            add_version(session, document, actor.id, published=False)
            session.add(
                DocumentLife(
                    document_id=document.id,
                    author=actor.id,
                    owner=actor.id,
                    review_months=USUAL_MONTHS if kind in LIVING_KINDS else None,
                    reviewed_by=[],
                    published_by="",
                    confirmed_by="",
                    edited=True,
                )
            )
            sign(session, actor, document.id)
            record(session, actor, document, "begin", 1)
            return document.id

    def begin(self, actor: Actor, document_id: int) -> Opened:
        """What the editor of a document opens with.

        Raises:
            NotFound: there is no such document, or not for this actor.
            NotAllowed: the actor may not write a new version.
            TextTooLong: it is longer than what can be edited here.
        """
        with self._database.read() as session:
            document = readable_document(session, actor, document_id)
            must_write(session, actor, document)
            work = work_on(session, document)
            draft = session.get(EditingDraft, (document_id, actor.id))
            text = Text(draft.title, draft.body, draft.note) if draft else _text(work)
            if not draft:
                check_length(work.body)
            row = version_of(session, document_id, work.number)
            return Opened(
                document_id=document_id,
                title=document.title,
                language=document.language,
                kind=document.kind,
                text=text,
                base=draft.base if draft else work.number,
                newest=work.number,
                newest_by=names_of(session, [work.by]).get(work.by, ""),
                newest_at=row.at if row else document.updated_at,
                joined=work.base if work.pending else document.version,
                published=document.version,
                draft_at=draft.at if draft else None,
                state=work.state if work.pending or not _seen(document) else DRAFT,
                seen=_seen(document),
            )

    def keep_draft(self, actor: Actor, document_id: int, text: Text, base: int) -> datetime:
        """Keep what somebody is typing, for them alone, and give the moment.

        Raises:
            NotFound, NotAllowed: as :meth:`begin`.
            TextTooLong: it is too long to be kept.
        """
        text = clean(text, lenient=True)
        with self._database.write() as session:
            document = readable_document(session, actor, document_id)
            must_write(session, actor, document)
            work = work_on(session, document)
            same = (text.title, text.body) == (work.title, work.body)
            # What is saved already, begun from an older version: sent before the saving, and arrived behind it.
            if same and (not text.note or base != work.number):
                _forget(session, actor, document_id)
            else:
                _keep(session, actor, document_id, text, base)
            return utc_now()

    def discard_draft(self, actor: Actor, document_id: int) -> None:
        """Forget what somebody typed and did not save.

        Raises:
            NotFound: there is no such document, or not for this actor.
        """
        with self._database.write() as session:
            readable_document(session, actor, document_id)
            _forget(session, actor, document_id)

    def save(
        self,
        actor: Actor,
        document_id: int,
        text: Text,
        *,
        base: int,
        joined: int | None = None,
        sections_may_go: bool = False,
    ) -> Saved:
        """Keep a text as the next version, unless another one was saved since ``base``.

        Args:
            actor: whoever wrote it.
            document_id: of which document.
            text: what stands in the editor.
            base: the version it was begun from.
            joined: the published version it takes into account, after two were joined.
            sections_may_go: also those that lessons are built into.

        Raises:
            NotFound, NotAllowed, TextTooLong: as :meth:`begin`.
            InvalidInput: there is no title.
            SectionsInUse: see ``sections_may_go``.
        """
        text = clean(text)
        if self._in_use is not None and not sections_may_go:
            self._check_sections(actor, document_id, text, self._in_use)
        with self._database.write() as session:
            document = readable_document(session, actor, document_id)
            must_write(session, actor, document)
            work = work_on(session, document)
            body = without_hidden_titles(
                session, actor, document.audience_id, text.body, self._sources
            )
            if (text.title, body) == (work.title, work.body):
                _forget(session, actor, document_id)
                return Saved(work.number, unchanged=True)
            if base != work.number:
                _keep(session, actor, document_id, text, base)
                return Saved(work.number, conflict=True)
            number = keep_edit(
                session,
                actor,
                document,
                title=text.title,
                body=body,
                note=text.note,
                base=_base(session, document, work, joined),
            )
            _forget(session, actor, document_id)
            return Saved(number, in_place=not _seen(document))

    def clash(self, actor: Actor, document_id: int) -> Clash | None:
        """The actor's text beside what was saved or published meanwhile; None when nothing was.

        Raises:
            NotFound, NotAllowed: as :meth:`begin`.
        """
        with self._database.read() as session:
            document = readable_document(session, actor, document_id)
            must_write(session, actor, document)
            work = work_on(session, document)
            draft = session.get(EditingDraft, (document_id, actor.id))
            if draft is not None and draft.base != work.number:
                mine, base = Text(draft.title, draft.body, draft.note), draft.base
                theirs = _text(work)
                number = work.number
            elif work.pending is not None and work.base != document.version:
                mine, base = (
                    Text(draft.title, draft.body, draft.note) if draft else _text(work),
                    work.base,
                )
                theirs, number = Text(document.title, document.body), document.version
            else:
                return None
            before = version_of(session, document_id, base)
            row = version_of(session, document_id, number)
            by = row.by if row else document.by
            return Clash(
                document_id=document_id,
                title=document.title,
                language=document.language,
                parts=join(before.body if before else "", mine.body, theirs.body),
                mine=mine,
                theirs_title=theirs.title,
                theirs_by=names_of(session, [by]).get(by, ""),
                theirs_at=row.at if row else document.updated_at,
                newest=work.number,
                published=document.version,
            )

    def joined(self, actor: Actor, document_id: int, choices: Mapping[int, Choice]) -> Clash | None:
        """Join the two texts as chosen and keep the result as the actor's draft; the clash that was, if there was one.

        Raises:
            NotFound, NotAllowed: as :meth:`begin`.
        """
        clash = self.clash(actor, document_id)
        if clash is None:
            return None
        body = resolved(clash.parts, choices)
        with self._database.write() as session:
            readable_document(session, actor, document_id)
            text = Text(clash.mine.title, body, clash.mine.note)
            _keep(session, actor, document_id, text, clash.newest)
        return clash

    def _check_sections(self, actor: Actor, document_id: int, text: Text, in_use: Guard) -> None:
        """Outside the transaction that writes: cutting a long text takes a moment."""
        anchors = in_use(document_id)
        if not anchors:
            return
        with self._database.read() as session:
            before = sections(work_on(session, readable_document(session, actor, document_id)).body)
        left = {section.anchor for section in sections(text.body)}
        gone = [s.heading for s in before if s.anchor in anchors and s.anchor not in left]
        if gone:
            raise SectionsInUse(
                field="text", reason="", headings=", ".join(f"“{each}”" for each in gone)
            )


def _seen(document: Document) -> bool:
    return document.state not in (DRAFT, "review")


def _base(session: Session, document: Document, work: Work, joined: int | None) -> int:
    """The published version that a text takes into account: the one joined, where it exists, else as before."""
    if joined is not None and _known(session, document.id, joined):
        return joined
    return work.base if work.pending is not None else document.version


def _text(work: Work) -> Text:
    return Text(work.title, work.body)


def _keep(session: Session, actor: Actor, document_id: int, text: Text, base: int) -> None:
    # What a draft was begun from must be a text that there is: the two are joined by it.
    begun_from = base if _known(session, document_id, base) else 0
    session.merge(
        EditingDraft(
            document_id=document_id,
            user_id=actor.id,
            base=begun_from,
            title=text.title,
            body=text.body,
            note=text.note,
            at=utc_now(),
        )
    )


def _forget(session: Session, actor: Actor, document_id: int) -> None:
    session.execute(
        delete(EditingDraft).where(
            EditingDraft.document_id == document_id, EditingDraft.user_id == actor.id
        )
    )


def _known(session: Session, document_id: int, number: int) -> bool:
    """Whether there is such a version that every writer may see: one of a file that waits is not for all of them."""
    version = version_of(session, document_id, number)
    return version is not None and (version.published or version.original_sha256 is None)
