"""Comments on a document: written, changed, taken away, settled. The document's page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from kb.comments import Comment, Thread
from kb.errors import InvalidInput
from kb.models import Document
from web.search_address import document_address
from web.visit import Id, Visit, Visiting

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class CommentsPage:
    """Context of ``documents/comments.html``.

    Attributes:
        sections: anchor and heading of each section that can be commented on.
        chosen: anchor of the section that the new comment is about, or empty.
        editing: id of the comment that is being changed, ``answering`` of the one that is being answered; 0 for none.
        text: what stands in the form.
    """

    document_id: int
    language: str
    threads: tuple[Thread, ...]
    open_count: int
    sections: tuple[tuple[str, str], ...]
    chosen: str
    editing: int
    answering: int
    text: str
    problem: str
    signed_in: bool


@router.get("/documents/{document_id}/comments")
def comments(
    visit: Visiting, document_id: Id, section: str = "", edit: int = 0, answer: int = 0
) -> Response:
    """The comments of a document, with a form for a new one, a change or an answer."""
    return _page(visit, document_id, section=section, edit=edit, answer=answer)


@router.post("/documents/{document_id}/comments")
def add(
    visit: Visiting,
    document_id: Id,
    text: Annotated[str, Form()] = "",
    section: Annotated[str, Form()] = "",
    thread: Annotated[int, Form()] = 0,
) -> Response:
    """A new comment, or an answer to one."""
    try:
        visit.kb.comments.add(visit.actor, document_id, text, anchor=section, thread=thread or None)
    except InvalidInput as error:
        problem = visit.language.sentence(error)
        return _page(visit, document_id, section=section, answer=thread, text=text, problem=problem)
    return _done(visit, document_id)


@router.post("/comments/{comment_id}/edit")
def edit(visit: Visiting, comment_id: Id, text: Annotated[str, Form()] = "") -> Response:
    """One's own comment put otherwise."""
    return _done(visit, visit.kb.comments.edit(visit.actor, comment_id, text))


@router.post("/comments/{comment_id}/delete")
def delete(visit: Visiting, comment_id: Id) -> Response:
    """A comment taken away."""
    return _done(visit, visit.kb.comments.delete(visit.actor, comment_id))


@router.post("/comments/{comment_id}/resolve")
def resolve(visit: Visiting, comment_id: Id, done: Annotated[bool, Form()] = True) -> Response:
    """A thread settled, or opened again."""
    return _done(visit, visit.kb.comments.resolve(visit.actor, comment_id, done=done))


def comments_page(
    visit: Visit,
    document: Document,
    *,
    section: str = "",
    edit: int = 0,
    answer: int = 0,
    text: str = "",
    problem: str = "",
) -> CommentsPage:
    """What the comments of a document show."""
    threads = visit.kb.comments.threads(visit.actor, document.id)
    own = next((c.text for t in threads for c in _all(t) if c.id == edit and c.mine), None)
    return CommentsPage(
        document_id=document.id,
        language=document.language,
        threads=tuple(threads),
        open_count=sum(thread.resolved_at is None for thread in threads),
        sections=tuple((s.anchor, s.heading) for s in document.sections if s.anchor),
        chosen=section,
        editing=edit if own is not None else 0,
        answering=answer,
        text=text or own or "",
        problem=problem,
        signed_in=bool(visit.actor.id),
    )


def _all(thread: Thread) -> tuple[Comment, ...]:
    return (thread.first, *thread.answers)


def _page(
    visit: Visit,
    document_id: int,
    *,
    section: str = "",
    edit: int = 0,
    answer: int = 0,
    text: str = "",
    problem: str = "",
) -> Response:
    document = visit.kb.documents.get(visit.actor, document_id)
    page = comments_page(
        visit, document, section=section, edit=edit, answer=answer, text=text, problem=problem
    )
    return visit.page(
        "documents/comments.html", page, block="content", status=422 if problem else 200
    )


def _done(visit: Visit, document_id: int) -> Response:
    """The comments as they are now for htmx; back to the document for others."""
    if visit.fragment:
        return _page(visit, document_id)
    return visit.redirect(f"{document_address(document_id)}#comments")
