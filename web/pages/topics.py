"""Topics: the tree, one topic, and a topic as a book to read from beginning to end or to print."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Form
from pydantic import BaseModel, Field
from starlette.responses import Response

from kb.access import Action
from kb.errors import N_, InvalidInput
from kb.links import BrokenLink
from kb.search.answers import Names
from kb.topics import Branch
from web.document_links import show
from web.pages.exports import MOST_DOCUMENTS
from web.visit import MAX_ID, Id, Visit, Visiting

router = APIRouter(include_in_schema=False)

Text = Annotated[str, Form()]
# More pages than this are read one by one: the browser would take long to lay them out.
MOST_PAGES: Final = MOST_DOCUMENTS

_WHY: Final = {
    "gone": N_("there is no such document, or you may not read it"),
    "unseen": N_("it is not published any more"),
    "section": N_("the document has no such section"),
}


class TopicForm(BaseModel):
    """What is said of a topic; ``parent`` is 0 for one at the top."""

    name_zh: str = ""
    name_en: str = ""
    about: str = ""
    parent: int = Field(default=0, ge=0, le=MAX_ID)


@dataclass(frozen=True, slots=True)
class TopicsPage:
    """Context of ``topics/tree.html``."""

    tree: tuple[Branch, ...]
    may_curate: bool


@dataclass(frozen=True, slots=True)
class TopicPage:
    """Context of ``topics/page.html``; ``above`` are the topics over it, the outermost first."""

    branch: Branch
    above: tuple[Branch, ...]
    exports: tuple[tuple[str, str], ...]
    may_curate: bool


@dataclass(frozen=True, slots=True)
class BookPart:
    """A heading or a page of a book.

    ``depth`` is that of the topic; ``html`` is empty for a heading.
    """

    depth: int
    title: str
    language: str
    url: str
    anchor: str
    html: str


@dataclass(frozen=True, slots=True)
class BookPage:
    """Context of ``topics/book.html``; ``left`` is how many pages are left out at the end."""

    branch: Branch
    parts: tuple[BookPart, ...]
    left: int


@dataclass(frozen=True, slots=True)
class BrokenLinksPage:
    """Context of ``topics/broken.html``: links that lead nowhere, each with the reason."""

    links: tuple[tuple[BrokenLink, str], ...]


@router.get("/topics")
def topics(visit: Visiting) -> Response:
    """The whole tree."""
    return visit.page(
        "topics/tree.html", TopicsPage(visit.kb.topics.tree(visit.actor), _may(visit))
    )


@router.get("/links/broken")
def broken_links(visit: Visiting) -> Response:
    """For curators: links that lead nowhere."""
    found = visit.kb.links.broken(visit.actor)
    say = visit.language.gettext
    page = BrokenLinksPage(tuple((link, say(_WHY[link.why])) for link in found))
    return visit.page("topics/broken.html", page)


@router.get("/topics/{topic_id}")
def topic(visit: Visiting, topic_id: Id) -> Response:
    """One topic: its pages, and the topics below it."""
    *above, branch = visit.kb.topics.path(visit.actor, topic_id)
    ids = list(dict.fromkeys(leaf.id for each in branch.walk() for leaf in each.documents))
    asked = [("document", str(number)) for number in ids[:MOST_DOCUMENTS]]
    query = urlencode([*asked, ("title", branch.names.in_language(visit.language.code))])
    exports = (
        ("Word", f"/exports/word?{query}"),
        ("PDF", f"/exports/pdf?{query}"),
        (visit.language.gettext(N_("Markdown with pictures")), f"/exports/markdown?{query}"),
    )
    page = TopicPage(branch, tuple(above), exports if ids else (), _may(visit))
    return visit.page("topics/page.html", page)


@router.get("/topics/{topic_id}/book")
def book(visit: Visiting, topic_id: Id) -> Response:
    """Everything of a topic on one page, to read or to print."""
    branch = visit.kb.topics.branch(visit.actor, topic_id)
    parts: list[BookPart] = []
    shown = 0
    for each in branch.walk():
        if each.id != branch.id:
            name = each.names.in_language(visit.language.code)
            parts.append(
                BookPart(each.depth - branch.depth, name, visit.language.code, f"/topics/{each.id}", f"t{each.id}", "")
            )  # fmt: skip
        for leaf in each.documents[: max(MOST_PAGES - shown, 0)]:
            shown += 1
            document = visit.kb.documents.get(visit.actor, leaf.id)
            html = show(visit, document.body, document.id, title=document.title)
            depth = each.depth - branch.depth + 1
            parts.append(
                BookPart(
                    depth, leaf.title, leaf.language, f"/documents/{leaf.id}", f"d{leaf.id}", html
                )
            )
    page = BookPage(branch, tuple(parts), branch.total - shown)
    return visit.page("topics/book.html", page)


@router.post("/topics")
def add(visit: Visiting, form: Annotated[TopicForm, Form()]) -> Response:
    """A new topic."""
    above = form.parent or None
    names = Names(form.name_zh, form.name_en)
    number = visit.kb.topics.add(visit.actor, names, parent=above, about=form.about)
    return visit.redirect(f"/topics/{above or number}")


@router.post("/topics/{topic_id}")
def change(visit: Visiting, topic_id: Id, form: Annotated[TopicForm, Form()]) -> Response:
    """Other names and another description."""
    names = Names(form.name_zh, form.name_en)
    visit.kb.topics.change(visit.actor, topic_id, names, form.about)
    return visit.redirect(f"/topics/{topic_id}")


@router.post("/topics/{topic_id}/step")
def step(visit: Visiting, topic_id: Id, by: Text = "") -> Response:
    """Move a topic up or down among its siblings."""
    visit.kb.topics.step(visit.actor, topic_id, _direction(by))
    *above, _ = visit.kb.topics.path(visit.actor, topic_id)
    return visit.redirect(f"/topics/{above[-1].id}" if above else "/topics")


@router.post("/topics/{topic_id}/remove")
def remove(visit: Visiting, topic_id: Id) -> Response:
    """Take a topic out of the tree."""
    *above, _ = visit.kb.topics.path(visit.actor, topic_id)
    visit.kb.topics.remove(visit.actor, topic_id)
    return visit.redirect(f"/topics/{above[-1].id}" if above else "/topics")


@router.post("/topics/{topic_id}/documents")
def file(visit: Visiting, topic_id: Id, document: Text = "") -> Response:
    """File a document, given by its number or the address of its page."""
    number = document.strip().partition("?")[0].partition("#")[0].rstrip("/").rpartition("/")[2]
    if not number.isdecimal() or len(number) > 18:  # noqa: PLR2004  as MAX_ID
        raise InvalidInput(
            field=N_("document"), reason=N_("give its number, or the address of its page")
        )
    visit.kb.topics.file(visit.actor, topic_id, int(number))
    return visit.redirect(f"/topics/{topic_id}")


@router.post("/topics/{topic_id}/documents/{document_id}/step")
def step_document(visit: Visiting, topic_id: Id, document_id: Id, by: Text = "") -> Response:
    """Move a page up or down."""
    visit.kb.topics.step_document(visit.actor, topic_id, document_id, _direction(by))
    return visit.redirect(f"/topics/{topic_id}")


@router.post("/topics/{topic_id}/documents/{document_id}/remove")
def unfile(visit: Visiting, topic_id: Id, document_id: Id) -> Response:
    """Take a page out of a topic."""
    visit.kb.topics.unfile(visit.actor, topic_id, document_id)
    return visit.redirect(f"/topics/{topic_id}")


def _direction(by: str) -> int:
    return 1 if by == "down" else -1


def _may(visit: Visit) -> bool:
    return Action.CURATE in visit.actor.actions
