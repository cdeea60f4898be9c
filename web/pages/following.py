"""Following: the button on what can be followed, and the page of all that one follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Form
from starlette.responses import Response

from kb.following import SUBJECTS, Followed
from web.search_address import PLACES
from web.visit import Visit, Visiting, local_path

router = APIRouter(include_in_schema=False)

_MAX_KEY_CHARS: Final = 100


@dataclass(frozen=True, slots=True)
class FollowLine:
    """Something that is followed, with its address."""

    followed: Followed
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class FollowPage:
    """Context of ``following/one.html``; ``following`` whether the visitor follows it."""

    line: FollowLine
    following: bool
    signed_in: bool


@dataclass(frozen=True, slots=True)
class FollowsPage:
    """Context of ``following/list.html``: what is followed, by subject."""

    groups: tuple[tuple[str, tuple[FollowLine, ...]], ...]


@router.get("/follows")
def follows(visit: Visiting) -> Response:
    """All that one follows."""
    if not visit.actor.id:
        return visit.redirect("/sign-in?then=/follows")
    found = [_line(visit, each) for each in visit.kb.following.mine(visit.actor)]
    groups = [
        (subject, tuple(line for line in found if line.followed.subject == subject))
        for subject in SUBJECTS
    ]
    page = FollowsPage(tuple((subject, lines) for subject, lines in groups if lines))
    return visit.page("following/list.html", page)


@router.get("/follow")
def button(visit: Visiting, subject: str = "", key: str = "") -> Response:
    """The button, as it stands; a page of its own without scripts."""
    return _one(visit, subject, key)


@router.post("/follow")
def follow(
    visit: Visiting,
    subject: Annotated[str, Form()] = "",
    key: Annotated[str, Form()] = "",
    on: Annotated[bool, Form()] = True,
    then: Annotated[str, Form()] = "",
) -> Response:
    """Follow something, or no longer."""
    visit.kb.following.follow(visit.actor, subject, key[:_MAX_KEY_CHARS], on=on)
    if then:
        return visit.redirect(local_path(then))
    if visit.fragment:
        return _one(visit, subject, key)
    return visit.redirect(_line(visit, visit.kb.following.find(visit.actor, subject, key)[0]).url)


def _one(visit: Visit, subject: str, key: str) -> Response:
    found, following = visit.kb.following.find(visit.actor, subject, key[:_MAX_KEY_CHARS])
    page = FollowPage(_line(visit, found), following, bool(visit.actor.id))
    return visit.page("following/one.html", page, block="button")


def _line(visit: Visit, followed: Followed) -> FollowLine:
    key = quote(followed.key, safe="")
    if followed.subject == "tag":
        url = f"/?tag={key}"
    elif followed.subject == "topic":
        url = f"/topics/{key}"
    else:
        url = f"{PLACES[followed.subject]}/{key}"
    return FollowLine(followed, followed.title.in_language(visit.language.code), url)
