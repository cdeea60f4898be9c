"""Folders as documents were imported from them, and who may see what lies in each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Form
from starlette.responses import Response

from kb.access import Audience
from kb.errors import InvalidInput
from kb.folder_paths import folder_key, upwards
from kb.folders import FolderView
from web.audience_labels import audience_words
from web.visit import Visit, Visiting

router = APIRouter(include_in_schema=False)

PER_PAGE: Final = 200
_MAX_PAGE: Final = 10_000
_MOST_CHARS: Final = 2000
_DEEPEST: Final = 6  # more steps to the right would leave no room for the names on a phone


@dataclass(frozen=True, slots=True)
class FolderLine:
    """A folder in the list.

    Attributes:
        name: what of its path is not told by the line it stands under.
        depth: how far to the right it stands.
        audience: whoever may see what lies in it, in words; ``above`` is the folder that says so, if another does.
    """

    view: FolderView
    name: str
    depth: int
    audience: str
    above: str
    url: str


@dataclass(frozen=True, slots=True)
class FoldersPage:
    """Context of ``folders/list.html``; ``total`` counts the folders over all pages."""

    lines: tuple[FolderLine, ...]
    total: int
    query: str
    previous_url: str
    next_url: str


@dataclass(frozen=True, slots=True)
class FolderPage:
    """Context of ``folders/one.html``.

    Attributes:
        audience: of the form, as it is typed.
        in_force, above_audience: in words.
        shut_out: whoever asks would not be of the audience that was sent, and has to say that this is meant.
    """

    view: FolderView
    audience: str
    in_force: str
    above_audience: str
    above_url: str
    shut_out: bool
    problem: str


@router.get("/folders")
def folders(visit: Visiting, q: str = "", page: int = 1) -> Response:
    """All folders that the visitor may know of."""
    words = " ".join(q.split())
    found = visit.kb.folders.listed(visit.actor)
    asked = folder_key(words)
    chosen = [view for view in found if asked in folder_key(view.folder)]
    last = max(-(-len(chosen) // PER_PAGE), 1)
    number = min(max(page, 1), last)
    shown = chosen[(number - 1) * PER_PAGE : number * PER_PAGE]
    context = FoldersPage(
        lines=tuple(_lines(visit, shown)),
        total=len(chosen),
        query=words,
        previous_url=_page_address(words, number - 1) if number > 1 else "",
        next_url=_page_address(words, number + 1) if number < last else "",
    )
    return visit.page("folders/list.html", context, block="content")


@router.get("/folders/one")
def one(visit: Visiting, folder: str = "") -> Response:
    """One folder, with the form that says who may see what lies in it."""
    try:
        return _one(visit, visit.kb.folders.one(visit.actor, folder))
    except InvalidInput:
        return visit.redirect("/folders")


@router.post("/folders")
def save(
    visit: Visiting,
    folder: Annotated[str, Form(max_length=_MOST_CHARS)] = "",
    audience: Annotated[str, Form(max_length=_MOST_CHARS)] = "",
    sure: Annotated[str, Form()] = "",
) -> Response:
    """Say who may see what lies in a folder."""
    view = visit.kb.folders.one(visit.actor, folder)
    try:
        given = Audience.parse(audience)
    except InvalidInput as error:
        return _one(visit, view, audience, problem=visit.language.sentence(error))
    if not given.admits(visit.actor) and sure != "yes":
        return _one(visit, view, audience, shut_out=True)
    visit.kb.folders.set_audience(visit.actor, folder, given)
    return visit.redirect(folder_address(folder) if given.admits(visit.actor) else "/folders")


@router.post("/folders/remove")
def remove(visit: Visiting, folder: Annotated[str, Form(max_length=_MOST_CHARS)] = "") -> Response:
    """Let a folder say nothing any more."""
    visit.kb.folders.remove(visit.actor, folder)
    return visit.redirect(folder_address(folder))


def folder_address(folder: str) -> str:
    """The page of a folder."""
    return f"/folders/one?{urlencode({'folder': folder})}"


def _one(
    visit: Visit,
    view: FolderView,
    audience: str = "",
    *,
    shut_out: bool = False,
    problem: str = "",
) -> Response:
    choices = visit.kb.groups.choices(visit.actor)
    context = FolderPage(
        view=view,
        audience=audience or view.in_force,
        in_force=audience_words(visit.language, choices, view.in_force),
        above_audience=audience_words(visit.language, choices, view.above_audience)
        if view.above
        else "",
        above_url=folder_address(view.above) if view.above else "",
        shut_out=shut_out,
        problem=problem,
    )
    status = 422 if problem or shut_out else 200
    return visit.page("folders/one.html", context, block="content", status=status)


def _lines(visit: Visit, views: list[FolderView]) -> list[FolderLine]:
    choices = visit.kb.groups.choices(visit.actor)
    shown: dict[str, str] = {}
    lines = []
    for view in views:
        key, *over = upwards(folder_key(view.folder))
        shown[key] = view.folder
        under = next((shown[above] for above in over if above in shown), "")
        lines.append(
            FolderLine(
                view=view,
                name=view.folder[len(under) :].lstrip("/") if under else view.folder,
                depth=min(sum(above in shown for above in over), _DEEPEST),
                audience=audience_words(visit.language, choices, view.in_force),
                above="" if view.audience else view.above,
                url=folder_address(view.folder),
            )
        )
    return lines


def _page_address(query: str, page: int) -> str:
    pairs = {"q": query} if query else {}
    return f"/folders?{urlencode({**pairs, 'page': str(page)})}"
