"""Communities of practice: the list, one of them, its form, joining, posts and links."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form
from markupsafe import Markup
from starlette.responses import Response

from kb.access import Action
from kb.community_rules import LINK_KINDS, MAX_ABOUT_CHARS, SUBJECT, CommunityText
from kb.community_views import CommunityLine, CommunityView, Link, Post
from kb.errors import Conflict, InvalidInput, KnowledgeBaseError, NotFound
from web.pages.questions import new_token, shown
from web.visit import MAX_ID, Id, Visit, Visiting

router = APIRouter(include_in_schema=False)

HERE: Final = "/communities"


@dataclass(frozen=True, slots=True)
class CommunitiesPage:
    """Context of ``communities/list.html``."""

    lines: tuple[CommunityLine, ...]
    may_begin: bool


@dataclass(frozen=True, slots=True)
class CommunityPage:
    """Context of ``communities/page.html``.

    Attributes:
        posts: each with its text as HTML.
        links: kind and links of it, with their addresses.
        feed_url: whole address of the visitor's own calendar, or empty.
        token: of the forms on this page, so that each is taken once.
        typed: title and text of a post that was refused.
    """

    community: CommunityView
    about: Markup
    posts: tuple[tuple[Post, Markup], ...]
    links: tuple[tuple[Link, str], ...]
    link_kinds: tuple[str, ...]
    feed_url: str
    signed_in: bool
    token: str
    typed: tuple[str, str]
    problem: str


@dataclass(frozen=True, slots=True)
class CommunityFormPage:
    """Context of ``communities/form.html``; ``community_id`` is 0 for a new one."""

    community_id: int
    revision: int
    text: CommunityText
    topics: tuple[tuple[int, str], ...]
    token: str
    problem: str
    advice: str
    max_about_chars: int


@dataclass(frozen=True, slots=True)
class SentCommunity:
    """What the form of a community sends."""

    name: Annotated[str, Form()] = ""
    about: Annotated[str, Form()] = ""
    topic: Annotated[str, Form()] = ""
    audience: Annotated[str, Form()] = "everyone"
    revision: Annotated[int, Form()] = 0
    token: Annotated[str, Form()] = ""

    @property
    def text(self) -> CommunityText:
        """The text in it."""
        audience = self.audience.strip() or "everyone"
        return CommunityText(self.name, self.about, _topic(self.topic), audience)


@dataclass(frozen=True, slots=True)
class SentLink:
    """What the form for material and recordings sends; ``event`` is 0 for the community as a whole."""

    target: Annotated[str, Form()] = ""
    kind: Annotated[str, Form()] = "material"
    title: Annotated[str, Form()] = ""
    event: Annotated[int, Form(ge=0, le=MAX_ID)] = 0


Sent = Annotated[SentCommunity, Depends()]
SentLinking = Annotated[SentLink, Depends()]


@router.get("/communities")
def communities(visit: Visiting) -> Response:
    """The list."""
    lines = tuple(visit.kb.community_views.all(visit.actor))
    may_begin = bool(visit.actor.id) and Action.CONTRIBUTE in visit.actor.actions
    return visit.page("communities/list.html", CommunitiesPage(lines, may_begin))


@router.get("/communities/new")
def new(visit: Visiting, topic: int = 0) -> Response:
    """The form for a new one."""
    if not visit.actor.id:
        return visit.redirect("/sign-in?then=/communities/new")
    visit.actor.must(Action.CONTRIBUTE)
    return _form(visit, CommunityText("", topic_id=topic or None))


@router.post("/communities")
def begin(visit: Visiting, sent: Sent) -> Response:
    """Begin one."""
    try:
        number = visit.kb.communities.begin(visit.actor, sent.text, token=sent.token[:100])
    except (InvalidInput, NotFound) as error:
        return _form(visit, sent.text, error=error, token=sent.token)
    return visit.redirect(f"{HERE}/{number}")


@router.get("/communities/{community_id:int}")
def community(visit: Visiting, community_id: Id) -> Response:
    """One of them."""
    visit.kb.notifications.looked_at(visit.actor, SUBJECT, community_id)
    return community_page(visit, community_id)


@router.get("/communities/{community_id:int}/edit")
def edit(visit: Visiting, community_id: Id) -> Response:
    """The form of one that is there."""
    found = visit.kb.community_views.get(visit.actor, community_id)
    if not found.organises:
        visit.actor.must(Action.CURATE)
    return _form(visit, found.text, community_id=community_id, revision=found.revision)


@router.post("/communities/{community_id:int}/edit")
def save(visit: Visiting, community_id: Id, sent: Sent) -> Response:
    """Say otherwise what it is about."""
    text = sent.text
    try:
        visit.kb.communities.edit(visit.actor, community_id, text, sent.revision)
    except (InvalidInput, Conflict, NotFound) as error:
        found = visit.kb.community_views.get(visit.actor, community_id)
        return _form(visit, text, community_id=community_id, revision=found.revision, error=error)
    return visit.redirect(f"{HERE}/{community_id}")


@router.post("/communities/{community_id:int}/join")
def join(visit: Visiting, community_id: Id, on: Annotated[bool, Form()] = True) -> Response:
    """Become a member, or leave."""
    try:
        visit.kb.communities.join(visit.actor, community_id, on=on)
    except InvalidInput as error:
        return _refused(visit, community_id, error)
    return _done(visit, community_id)


@router.post("/communities/{community_id:int}/organisers")
def organisers(
    visit: Visiting,
    community_id: Id,
    user: Annotated[str, Form()] = "",
    on: Annotated[bool, Form()] = True,
) -> Response:
    """Let a member organise, or no longer."""
    try:
        visit.kb.communities.make_organiser(visit.actor, community_id, user, on=on)
    except InvalidInput as error:
        return _refused(visit, community_id, error)
    return _done(visit, community_id)


@router.post("/communities/{community_id:int}/posts")
def post(
    visit: Visiting,
    community_id: Id,
    title: Annotated[str, Form()] = "",
    body: Annotated[str, Form()] = "",
    token: Annotated[str, Form()] = "",
) -> Response:
    """Write to the members."""
    try:
        visit.kb.communities.post(visit.actor, community_id, title, body, token=token[:100])
    except InvalidInput as error:
        return _refused(visit, community_id, error, typed=(title, body))
    return _done(visit, community_id)


@router.post("/communities/posts/{post_id:int}/delete")
def delete_post(visit: Visiting, post_id: Id) -> Response:
    """Take a post away."""
    return _done(visit, visit.kb.communities.delete_post(visit.actor, post_id))


@router.post("/communities/{community_id:int}/links")
def link(visit: Visiting, community_id: Id, sent: SentLinking) -> Response:
    """Add material or a recording."""
    try:
        visit.kb.communities.link(
            visit.actor,
            community_id,
            sent.target,
            kind=sent.kind,
            title=sent.title,
            event_id=sent.event or None,
        )
    except InvalidInput as error:
        return _refused(visit, community_id, error)
    if sent.event:
        return visit.redirect(f"{HERE}/events/{sent.event}")
    return _done(visit, community_id)


@router.post("/communities/links/{link_id:int}/delete")
def unlink(visit: Visiting, link_id: Id) -> Response:
    """Take a link away."""
    return _done(visit, visit.kb.communities.unlink(visit.actor, link_id))


def community_page(
    visit: Visit,
    community_id: int,
    *,
    problem: str = "",
    typed: tuple[str, str] = ("", ""),
    status: int = 200,
) -> Response:
    """The page of a community, for htmx its content."""
    found = visit.kb.community_views.get(visit.actor, community_id)
    base = visit.site.settings.public_url.rstrip("/") or str(visit.request.base_url).rstrip("/")
    page = CommunityPage(
        community=found,
        about=shown(visit, found.text.about),
        posts=tuple((each, shown(visit, each.body)) for each in found.posts),
        links=tuple((each, link_address(each)) for each in found.links),
        link_kinds=LINK_KINDS,
        feed_url=f"{base}{HERE}/calendars/{found.feed_token}.ics" if found.feed_token else "",
        signed_in=bool(visit.actor.id),
        token=new_token(),
        typed=typed,
        problem=problem,
    )
    return visit.page("communities/page.html", page, block="content", status=status)


def link_address(link: Link) -> str:
    """Where a link leads to."""
    return f"/documents/{link.document_id}" if link.document_id else link.url


def _refused(
    visit: Visit, community_id: int, error: InvalidInput, typed: tuple[str, str] = ("", "")
) -> Response:
    problem = visit.language.sentence(error)
    return community_page(visit, community_id, problem=problem, typed=typed, status=422)


def _form(
    visit: Visit,
    text: CommunityText,
    *,
    community_id: int = 0,
    revision: int = 0,
    error: KnowledgeBaseError | None = None,
    token: str = "",
) -> Response:
    page = CommunityFormPage(
        community_id=community_id,
        revision=revision,
        text=text,
        topics=_topics(visit),
        token=token or new_token(),
        problem=visit.language.sentence(error) if error else "",
        advice=visit.language.advice(error) if error else "",
        max_about_chars=MAX_ABOUT_CHARS,
    )
    status = 409 if isinstance(error, Conflict) else 422 if error else 200
    return visit.page("communities/form.html", page, status=status)


def _topics(visit: Visit) -> tuple[tuple[int, str], ...]:
    """Number and name of each topic, in the order of the tree, indented by its depth."""
    found: list[tuple[int, str]] = []
    open_ = [(branch, 0) for branch in reversed(visit.kb.topics.tree(visit.actor))]
    while open_:
        branch, depth = open_.pop()
        name = branch.names.in_language(visit.language.code)
        found.append((branch.id, "\u3000" * depth + name))
        open_ += [(below, depth + 1) for below in reversed(branch.below)]
    return tuple(found)


def _topic(text: str) -> int | None:
    right = text.isascii() and text.isdecimal() and len(text) <= 9  # noqa: PLR2004  digits of an id
    return int(text) if right else None


def _done(visit: Visit, community_id: int) -> Response:
    """The community as it is now for htmx; back to its page for others."""
    if visit.fragment:
        return community_page(visit, community_id)
    return visit.redirect(f"{HERE}/{community_id}")
