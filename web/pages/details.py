"""The details of a document, to be corrected: by curators, and before publishing by whoever imported it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form
from starlette.responses import Response

from kb.access import Action, Actor
from kb.drafts import KINDS
from kb.errors import N_, InvalidInput, NotFound
from kb.importing_rules import Overrides
from kb.models import REVIEW, Document
from web.language import Language, languages
from web.search_address import document_address
from web.visit import Id, Visit, Visiting, local_path

router = APIRouter(include_in_schema=False)

_TAG_SEPARATOR: Final = "、"
# What a kind was guessed by; the words themselves stand behind it, after a colon (see ingest.metadata).
_EVIDENCE: Final = {
    "title": N_("title"),
    "file name": N_("file name"),
    "category": N_("category"),
    "subject": N_("subject"),
    "keywords": N_("keywords"),
    "folder": N_("folder"),
    "headings": N_("headings"),
    "front matter": N_("front matter"),
}
# Fields that errors name; listed so that they get translated.
FIELD_WORDS: Final = (
    N_("kind"),
    N_("language"),
    N_("audience"),
    N_("date"),
    N_("manifest"),
    N_("files"),
)
# Details that may be empty, by the names of their fields in the form.
_MAY_BE_EMPTY: Final = {"project": "project", "tags": "tags", "date": "dated"}


@dataclass(frozen=True, slots=True)
class DetailsForm:
    """The fields as they stand in the form."""

    title: Annotated[str, Form()] = ""
    kind: Annotated[str, Form()] = ""
    language: Annotated[str, Form()] = ""
    project: Annotated[str, Form()] = ""
    audience: Annotated[str, Form()] = ""
    tags: Annotated[str, Form()] = ""
    date: Annotated[str, Form()] = ""
    announced: Annotated[str, Form()] = ""
    then: Annotated[str, Form()] = ""

    @property
    def given(self) -> Overrides:
        """What is set in it.

        Raises:
            InvalidInput: a field cannot be used, or is empty and may not be.
        """
        names = ("title", "kind", "language", "project", "audience", "tags", "date")
        values = {name: getattr(self, name).strip() for name in names}
        for name, value in values.items():
            if not value and name not in _MAY_BE_EMPTY:
                raise InvalidInput(field=name, reason=N_("it is empty"))
        return Overrides.parse(values)

    @property
    def clear(self) -> tuple[str, ...]:
        """The details that were left empty."""
        return tuple(
            detail for name, detail in _MAY_BE_EMPTY.items() if not getattr(self, name).strip()
        )


@dataclass(frozen=True, slots=True)
class DetailsPage:
    """Context of ``documents/details.html``; ``url`` is the document, ``then`` where saving leads."""

    document: Document
    form: DetailsForm
    evidence: str
    url: str
    kinds: tuple[str, ...]
    languages: tuple[str, ...]
    may_announce: bool
    problem: str


Sent = Annotated[DetailsForm, Depends()]


def may_correct(actor: Actor, document: Document) -> bool:
    """Whether ``actor``, who may read it, may correct the document's details."""
    allowed = actor.actions
    return Action.CURATE in allowed or (document.state == REVIEW and Action.IMPORT in allowed)


def evidence_of(language: Language, document: Document) -> str:
    """What its kind was decided by, in words; empty where nothing is known."""
    told = str(document.guesses.get("kind", ""))
    source, colon, words = told.partition(": ")
    if colon and source in _EVIDENCE:
        return language.told(N_("%(source)s: “%(words)s”"), {"source": source, "words": words})
    return language.gettext(told)


@router.get("/documents/{document_id}/details")
def details(visit: Visiting, document_id: Id, then: str = "") -> Response:
    """The form, filled in with what is known."""
    document = _document(visit, document_id)
    project = document.project
    form = DetailsForm(
        title=document.title,
        kind=document.kind,
        language=document.language,
        project=project.code if project else "",
        audience=visit.kb.publishing.audience_of(visit.actor, document_id),
        tags=_TAG_SEPARATOR.join(tag.tag for tag in document.tags),
        date=document.dated.isoformat() if document.dated else "",
        announced="yes" if visit.kb.announcing.is_announced(visit.actor, document_id) else "no",
        then=then,
    )
    return _details(visit, document, form)


@router.post("/documents/{document_id}/details")
def save(visit: Visiting, document_id: Id, form: Sent) -> Response:
    """Take over what differs from what was there."""
    document = _document(visit, document_id)
    try:
        visit.kb.publishing.correct(visit.actor, [document_id], form.given, clear=form.clear)
        # Whoever shut themselves out has nothing more to say about it.
        if form.announced and Action.CURATE in visit.actor.actions:
            _announce(visit, document_id, on=form.announced == "yes")
    except InvalidInput as error:
        return _details(visit, document, form, problem=visit.language.sentence(error))
    return visit.redirect(local_path(form.then or document_address(document_id)))


def _announce(visit: Visit, document_id: int, *, on: bool) -> None:
    with suppress(NotFound):
        visit.kb.announcing.announce(visit.actor, document_id, on=on)


def _document(visit: Visit, document_id: int) -> Document:
    document = visit.kb.documents.get(visit.actor, document_id)
    if not may_correct(visit.actor, document):
        visit.actor.must(Action.CURATE)
    return document


def _details(visit: Visit, document: Document, form: DetailsForm, *, problem: str = "") -> Response:
    page = DetailsPage(
        document=document,
        form=form,
        evidence=evidence_of(visit.language, document),
        url=document_address(document.id),
        kinds=KINDS,
        languages=tuple(languages()),
        may_announce=Action.CURATE in visit.actor.actions,
        problem=problem,
    )
    return visit.page(
        "documents/details.html", page, block="content", status=422 if problem else 200
    )
