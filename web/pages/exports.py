"""Documents to take away: one, or several as a book, as Word, PDF or Markdown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Query
from starlette.responses import Response

from ingest.exporting import Exported, file_name, markdown_archive, pdf_file, word_file
from kb.errors import N_, InvalidInput, NotFound
from kb.models import Document
from web.document_links import show
from web.templating import label
from web.visit import MAX_ID, Id, Visit, Visiting

router = APIRouter(include_in_schema=False)

# A book that is exported at once; a larger one no Word opens with pleasure.
MOST_DOCUMENTS: Final = 200
_WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
Ids = Annotated[list[Annotated[int, Query(ge=1, le=MAX_ID)]], Query(alias="document")]


@router.get("/documents/{document_id}/export/{form}")
def export(visit: Visiting, document_id: Id, form: str) -> Response:
    """One document as ``word``, ``pdf`` or ``markdown``."""
    document = visit.kb.documents.get(visit.actor, document_id)
    return send(visit, form, document.title, [exported(visit, document)])


@router.get("/exports/{form}")
def export_several(visit: Visiting, form: str, ids: Ids, title: str = "") -> Response:
    """Several documents as one book, in the order given."""
    if len(ids) > MOST_DOCUMENTS:
        raise InvalidInput(
            field=N_("documents"), reason=f"{len(ids)} at once; {MOST_DOCUMENTS} is the most"
        )
    parts = [
        exported(visit, visit.kb.documents.get(visit.actor, number))
        for number in dict.fromkeys(ids)
    ]
    name = title.strip() or visit.language.gettext(N_("Exported documents"))
    return send(visit, form, name, parts)


def send(visit: Visit, form: str, title: str, parts: list[Exported]) -> Response:
    """The file in the form asked for, to download.

    Raises:
        NotFound: there is no such form.
        InvalidInput: there is no converter to PDF, or it did not manage.
    """
    site = str(visit.request.base_url)

    def word() -> bytes:
        return word_file(visit.kb, visit.actor, title, parts, site)

    def pdf() -> bytes:
        made = pdf_file(word())
        if made is None:
            raise InvalidInput(
                field="PDF",
                reason=N_("this server has no converter that manages it; take Word instead"),
            )
        return made

    forms: dict[str, tuple[str, str, Callable[[], bytes]]] = {
        "word": ("docx", _WORD, word),
        "pdf": ("pdf", "application/pdf", pdf),
        "markdown": (
            "zip",
            "application/zip",
            lambda: markdown_archive(visit.kb, visit.actor, parts),
        ),
    }
    if form not in forms:
        raise NotFound(what=N_("page"), id=form)
    ending, media_type, make = forms[form]
    name = quote(f"{file_name(title)}.{ending}", safe="")
    return Response(
        make(),
        media_type=media_type,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
            "Cache-Control": "private, no-store",
        },
    )


def exported(visit: Visit, document: Document) -> Exported:
    """A document as it is exported for ``visit``."""
    say, language = visit.language.gettext, visit.language
    project = document.project
    called = (project.name_zh or project.name_en) if project else ""
    facts = [(say(N_("Kind")), label(language, "kind", document.kind))]
    if project:
        facts.append((say(N_("Project")), " ".join(dict.fromkeys((project.code, called)))))
    authors = tuple(person.name for person in document.people)
    if authors:
        facts.append((say(N_("Authors")), ("、" if language.code == "zh" else ", ").join(authors)))
    if document.dated:
        facts.append((say(N_("Date")), language.day(document.dated)))
    tags = tuple(tag.tag for tag in document.tags)
    return Exported(
        document=document.id,
        title=document.title,
        language=document.language,
        body=document.body,
        html=show(visit, document.body, document.id),
        facts=facts,
        front=(
            ("kind", document.kind),
            ("project", project.code if project else ""),
            ("authors", list(authors)),
            ("date", document.dated),
            ("tags", list(tags)),
        ),
        authors=authors,
        tags=tags,
        updated=document.updated_at,
    )
