"""Groups: what audiences name for several people at once; who is in them, and what they are called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Form
from starlette.responses import Response

from kb.errors import Conflict, InvalidInput, KnowledgeBaseError, NotAllowed
from kb.groups import GroupView
from web.visit import Visit, Visiting

router = APIRouter(include_in_schema=False)

_MOST_CHARS: Final = 2000


@dataclass(frozen=True, slots=True)
class GroupsPage:
    """Context of ``admin/groups.html``; ``section`` is that of the administration's navigation."""

    section: str
    groups: tuple[GroupView, ...]
    problem: str


@dataclass(frozen=True, slots=True)
class GroupPage:
    """Context of ``admin/group.html``.

    Attributes:
        section: of the administration, for its navigation.
        people: sign-in name, name, whether in the group, and whether a directory put them there.
    """

    section: str
    group: GroupView
    people: tuple[tuple[str, str, bool, bool], ...]
    problem: str


@router.get("/admin/groups")
def groups(visit: Visiting) -> Response:
    """All groups."""
    return _groups(visit)


@router.post("/admin/groups")
def add(
    visit: Visiting,
    name: Annotated[str, Form(max_length=_MOST_CHARS)] = "",
    title: Annotated[str, Form(max_length=_MOST_CHARS)] = "",
) -> Response:
    """Add a group without members."""
    try:
        added = visit.kb.groups.add(visit.actor, name, title)
    except (InvalidInput, Conflict) as error:
        return _groups(visit, error)
    return visit.redirect(f"/admin/groups/{added}")


@router.get("/admin/groups/{name}")
def group(visit: Visiting, name: str) -> Response:
    """One group and its members."""
    return _group(visit, name)


@router.post("/admin/groups/{name}")
def save(
    visit: Visiting,
    name: str,
    new: Annotated[str, Form(max_length=_MOST_CHARS)] = "",
    title: Annotated[str, Form(max_length=_MOST_CHARS)] = "",
    member: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Change a group's name, title and members."""
    try:
        visit.kb.groups.set_members(visit.actor, name, member or ())
        renamed = visit.kb.groups.rename(visit.actor, name, new or name, title)
    except (InvalidInput, Conflict) as error:
        return _group(visit, name, error)
    return visit.redirect(f"/admin/groups/{renamed}")


@router.post("/admin/groups/{name}/remove")
def remove(visit: Visiting, name: str) -> Response:
    """Take a group away that no audience names."""
    try:
        visit.kb.groups.remove(visit.actor, name)
    except NotAllowed as error:
        return _group(visit, name, error)
    return visit.redirect("/admin/groups")


def _groups(visit: Visit, error: KnowledgeBaseError | None = None) -> Response:
    page = GroupsPage(
        section="groups",
        groups=tuple(visit.kb.groups.listed(visit.actor)),
        problem=_problem(visit, error),
    )
    return visit.page(
        "admin/groups.html", page, block="content", status=422 if error is not None else 200
    )


def _group(visit: Visit, name: str, error: KnowledgeBaseError | None = None) -> Response:
    found = visit.kb.groups.group(visit.actor, name)
    here = {user: local for user, _, local in found.members}
    page = GroupPage(
        section="groups",
        group=found,
        people=tuple(
            (user.id, user.name, user.id in here, not here.get(user.id, True))
            for user in visit.kb.accounts.listed(visit.actor)
            if user.active or user.id in here
        ),
        problem=_problem(visit, error),
    )
    return visit.page(
        "admin/group.html", page, block="content", status=422 if error is not None else 200
    )


def _problem(visit: Visit, error: KnowledgeBaseError | None) -> str:
    return visit.language.sentence(error) if error is not None else ""
