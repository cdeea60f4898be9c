"""The PMO's board of pages that wait for something, and everybody's own list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form
from starlette.responses import Response

from kb.board import COLUMNS, MAX_SHOWN, BoardEntry, ColumnName, Mine, OwnerLine
from kb.comments import Mentioned
from kb.errors import N_, InvalidInput
from web.life_labels import COLUMNS as COLUMN_LABELS
from web.pages.life import whole_months
from web.search_address import document_address
from web.visit import MAX_ID, Visit, Visiting

router = APIRouter(include_in_schema=False)

_SHOWN_MENTIONS: Final = 50


@dataclass(frozen=True, slots=True)
class BoardTab:
    """A column of the board, how many pages are in it, and its address."""

    name: ColumnName
    label: str
    count: int
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class BoardPage:
    """Context of ``life/board.html``; ``most`` is how many of a column are shown."""

    tabs: tuple[BoardTab, ...]
    column: ColumnName
    entries: tuple[tuple[BoardEntry, str], ...]
    owners: tuple[tuple[OwnerLine, str], ...]
    owner: str
    owner_name: str
    all_url: str
    here: str
    most: int
    problem: str


@dataclass(frozen=True, slots=True)
class ForMePage:
    """Context of ``life/for_me.html``: groups of pages with a heading each, and mentions with their addresses."""

    groups: tuple[tuple[str, tuple[tuple[BoardEntry, str], ...]], ...]
    mentions: tuple[tuple[Mentioned, str], ...]
    nothing: bool


@dataclass(frozen=True, slots=True)
class ManyForm:
    """Which pages get which owner and interval, and where the form stood."""

    ids: Annotated[list[int] | None, Form()] = None
    new_owner: Annotated[str, Form()] = ""
    months: Annotated[str, Form()] = ""
    column: Annotated[str, Form()] = ""
    owner: Annotated[str, Form()] = ""

    @property
    def chosen(self) -> list[int]:
        """The pages that were ticked.

        Raises:
            InvalidInput: none was.
        """
        numbers = [number for number in self.ids or () if 0 < number <= MAX_ID]
        if not numbers:
            raise InvalidInput(field=N_("choice"), reason=N_("no document was chosen"))
        return numbers


Sent = Annotated[ManyForm, Depends()]


@router.get("/board")
def board(visit: Visiting, column: str = "", owner: str = "") -> Response:
    """What waits, for the PMO."""
    return _board(visit, column, owner)


@router.post("/board/care")
def care(visit: Visiting, form: Sent) -> Response:
    """Give many pages an owner at once."""
    try:
        visit.kb.lifecycle.set_care_of(
            visit.actor,
            form.chosen,
            owner=form.new_owner.strip(),
            months=whole_months(form.months),
        )
    except InvalidInput as error:
        return _board(visit, form.column, form.owner, problem=visit.language.sentence(error))
    return visit.redirect(_address(_column(form.column) or COLUMNS[0], form.owner))


@router.get("/for-me")
def for_me(visit: Visiting) -> Response:
    """What waits for the visitor."""
    if not visit.actor.id:
        return visit.redirect("/sign-in?then=/for-me")
    mine: Mine = visit.kb.board.mine(visit.actor)
    say = visit.language.gettext
    groups = (
        (say(N_("To review")), mine.to_review, "/life"),
        (say(N_("Review overdue")), mine.overdue, "/life"),
        (say(N_("Due within 30 days")), mine.soon, "/life"),
        (say(N_("Not saved yet")), mine.unsaved, "/edit"),
        (say(N_("My drafts")), mine.drafts, ""),
        (say(N_("Others are looking at")), mine.submitted, "/life"),
    )
    mentions = visit.kb.comments.mentions(visit.actor, _SHOWN_MENTIONS)
    page = ForMePage(
        groups=tuple(
            (name, tuple((e, f"{document_address(e.document_id)}{where}") for e in entries))
            for name, entries, where in groups
            if entries
        ),
        mentions=tuple(
            (each, f"{document_address(each.document_id)}#comment-{each.comment_id}")
            for each in mentions
        ),
        nothing=not mentions and not any(entries for _, entries, _ in groups),
    )
    return visit.page("life/for_me.html", page)


def _board(visit: Visit, column: str, owner: str, *, problem: str = "") -> Response:
    desk = visit.kb.board
    counts = desk.counts(visit.actor, owner)
    filled = [name for name in COLUMNS if counts[name]] or [COLUMNS[0]]
    chosen: ColumnName = _column(column) or filled[0]
    owners = desk.owners(visit.actor)
    page = BoardPage(
        tabs=tuple(
            BoardTab(
                name,
                visit.language.gettext(COLUMN_LABELS[name]),
                counts[name],
                _address(name, owner),
                name == chosen,
            )
            for name in COLUMNS
        ),
        column=chosen,
        entries=tuple(
            (entry, f"{document_address(entry.document_id)}/life")
            for entry in desk.column(visit.actor, chosen, owner)
        ),
        owners=tuple((line, _address(chosen, line.owner)) for line in owners if line.owner),
        owner=owner,
        owner_name=next((line.name for line in owners if line.owner == owner), owner),
        all_url=_address(chosen, ""),
        here=_address(chosen, owner),
        most=MAX_SHOWN,
        problem=problem,
    )
    return visit.page("life/board.html", page, status=422 if problem else 200)


def _column(name: str) -> ColumnName | None:
    for column in COLUMNS:
        if column == name:
            return column
    return None


def _address(column: ColumnName, owner: str) -> str:
    pairs = [("column", column)] + ([("owner", owner)] if owner else [])
    return f"/board?{urlencode(pairs)}"
