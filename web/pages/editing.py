"""Writing a page: a new one, the editor, its preview and its draft, and what to do when two people wrote at once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form
from starlette.responses import HTMLResponse, Response

from kb.access import Action, Audience
from kb.comparison import Woven, weave
from kb.drafts import KINDS
from kb.editing import SectionsInUse
from kb.editing_texts import MAX_BODY_CHARS, Clash, Opened, Text
from kb.errors import N_, InvalidInput, KnowledgeBaseError
from kb.merging import CHOICES, Choice, Part
from kb.page_roles import must_be_signed_in
from web.document_links import show
from web.language import languages
from web.search_address import document_address
from web.uploads import Received
from web.visit import Id, Visit, Visiting

router = APIRouter(include_in_schema=False)

# The preview follows the typing; of a very long text only so much, in characters.
PREVIEW_CHARS: Final = 120_000
# Lines of an unchanged part that are shown around what two people changed.
_CONTEXT: Final = 3


@dataclass(frozen=True, slots=True)
class NewPage:
    """Context of ``editing/new.html``."""

    title: str
    kind: str
    language: str
    audience: str
    kinds: tuple[str, ...]
    languages: tuple[str, ...]
    problem: str


@dataclass(frozen=True, slots=True)
class EditPage:
    """Context of ``editing/edit.html``.

    Attributes:
        preview: safe HTML of the text, cut off after :data:`PREVIEW_CHARS` when ``cut`` is True.
        base, joined: as they were when the text was begun, see :class:`kb.editing_texts.Opened`.
        problem: why it was not saved.
        sections_in_use: saving again would take sections away that lessons stand behind.
    """

    opened: Opened
    text: Text
    base: int
    joined: int
    url: str
    preview: str
    cut: bool
    max_chars: int
    problem: str
    advice: str
    sections_in_use: bool
    joined_now: bool


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """Context of ``editing/preview.html``."""

    preview: str
    cut: bool
    language: str


@dataclass(frozen=True, slots=True)
class ClashRow:
    """One part of two texts; ``mine`` and ``theirs`` are woven with what both were made from.

    Attributes:
        place: its number, by which a choice names it.
        kind: as :class:`kb.merging.Part` says, or ``skipped`` for ``count`` lines nobody changed.
    """

    place: int
    kind: str
    mine: tuple[Woven, ...] = ()
    theirs: tuple[Woven, ...] = ()
    count: int = 0


@dataclass(frozen=True, slots=True)
class ClashPage:
    """Context of ``editing/clash.html``."""

    clash: Clash
    url: str
    rows: tuple[ClashRow, ...]
    conflicts: int


@dataclass(frozen=True, slots=True)
class FilesPage:
    """Context of ``editing/files.html``: each file with the Markdown that shows or links it."""

    title: str
    url: str
    files: tuple[tuple[str, str, str], ...]
    problem: str
    advice: str


@dataclass(frozen=True, slots=True)
class EditForm:
    """What the editor sends."""

    title: Annotated[str, Form()] = ""
    body: Annotated[str, Form()] = ""
    note: Annotated[str, Form()] = ""
    base: Annotated[int, Form()] = 0
    joined: Annotated[int | None, Form()] = None
    action: Annotated[str, Form()] = "save"
    sections_may_go: Annotated[bool, Form()] = False

    @property
    def text(self) -> Text:
        """The text in it."""
        return Text(self.title, self.body, self.note)


Sent = Annotated[EditForm, Depends()]


@router.get("/pages/new")
def new(visit: Visiting, kind: str = "methodology") -> Response:
    """The form a page begins with."""
    if not visit.actor.id:
        return visit.redirect("/sign-in?then=/pages/new")
    visit.actor.must(Action.CONTRIBUTE)
    return _new(visit, "", kind, visit.language.code, "everyone")


@router.post("/pages/new")
def begin(
    visit: Visiting,
    title: Annotated[str, Form()] = "",
    kind: Annotated[str, Form()] = "methodology",
    language: Annotated[str, Form()] = "",
    audience: Annotated[str, Form()] = "everyone",
) -> Response:
    """Begin a page and go on to its editor."""
    language = language or visit.language.code
    try:
        number = visit.kb.editing.new(
            visit.actor,
            title=title,
            kind=kind,
            language=language,
            audience=Audience.parse(audience),
        )
    except InvalidInput as error:
        problem = visit.language.sentence(error)
        return _new(visit, title, kind, language, audience, problem=problem)
    return visit.redirect(f"{document_address(number)}/edit")


@router.get("/documents/{document_id}/edit")
def edit(visit: Visiting, document_id: Id, *, joined: bool = False) -> Response:
    """The editor."""
    opened = visit.kb.editing.begin(visit.actor, document_id)
    return _edit(visit, opened, opened.text, joined_now=joined)


@router.post("/documents/{document_id}/edit")
def save(visit: Visiting, document_id: Id, form: Sent) -> Response:
    """Save a version, or show the preview to somebody without scripts."""
    editing, url = visit.kb.editing, document_address(document_id)
    if form.action == "preview":
        return _edit(visit, editing.begin(visit.actor, document_id), form.text, base=form.base)
    try:
        saved = editing.save(
            visit.actor,
            document_id,
            form.text,
            base=form.base,
            joined=form.joined,
            sections_may_go=form.sections_may_go,
        )
    except InvalidInput as error:
        opened = editing.begin(visit.actor, document_id)
        return _edit(visit, opened, form.text, base=form.base, error=error)
    if saved.conflict:
        return visit.redirect(f"{url}/edit/clash")
    if form.action == "submit":
        visit.kb.lifecycle.take(visit.actor, document_id, "submit", number=saved.number)
    return visit.redirect(url)


@router.post("/documents/{document_id}/preview")
def preview(
    visit: Visiting,
    document_id: Id,
    body: Annotated[str, Form()] = "",
    title: Annotated[str, Form()] = "",
) -> Response:
    """What a text looks like; for htmx, while it is typed."""
    must_be_signed_in(visit.actor)
    document = visit.kb.documents.get(visit.actor, document_id)
    shown = show(visit, body[:PREVIEW_CHARS], document_id, title=title)
    page = PreviewPage(shown, len(body) > PREVIEW_CHARS, document.language)
    return visit.page("editing/preview.html", page, block="content")


@router.post("/documents/{document_id}/draft")
def keep_draft(visit: Visiting, document_id: Id, form: Sent) -> Response:
    """Keep what is being typed, and say so."""
    at = visit.kb.editing.keep_draft(visit.actor, document_id, form.text, form.base)
    told = visit.language.gettext("Draft kept at %(time)s.") % {"time": visit.language.clock(at)}
    return HTMLResponse(told)


@router.post("/documents/{document_id}/draft/discard")
def discard_draft(visit: Visiting, document_id: Id) -> Response:
    """Forget what was typed and go back to what is saved."""
    visit.kb.editing.discard_draft(visit.actor, document_id)
    return visit.redirect(f"{document_address(document_id)}/edit")


@router.get("/documents/{document_id}/edit/clash")
def clash(visit: Visiting, document_id: Id) -> Response:
    """Two texts made from one, side by side."""
    found = visit.kb.editing.clash(visit.actor, document_id)
    url = document_address(document_id)
    if found is None:
        return visit.redirect(f"{url}/edit")
    rows = tuple(row for place, part in enumerate(found.parts) for row in _rows(place, part))
    conflicts = sum(row.kind == "conflict" for row in rows)
    return visit.page("editing/clash.html", ClashPage(found, url, rows, conflicts))


@router.post("/documents/{document_id}/edit/clash")
async def join(visit: Visiting, document_id: Id) -> Response:
    """Join the two as chosen and go on in the editor."""
    form = await visit.request.form()
    choices = {
        int(found[1]): choice
        for name, value in form.items()
        if (found := re.fullmatch(r"part-(\d{1,7})", name)) and (choice := _choice(value))
    }
    visit.kb.editing.joined(visit.actor, document_id, choices)
    return visit.redirect(f"{document_address(document_id)}/edit?joined=true")


@router.get("/documents/{document_id}/files")
def files(visit: Visiting, document_id: Id) -> Response:
    """The pictures and attachments of a page, for those who write without scripts."""
    return _files(visit, document_id)


@router.post("/documents/{document_id}/files")
def add_files(visit: Visiting, document_id: Id, upload: Received) -> Response:
    """Add files; pictures are told from attachments by what they are."""
    try:
        for file in upload.files:
            if file.sha256 is None:
                raise InvalidInput(field=file.path, reason=N_("it is too large"))
            visit.kb.page_files.attach(
                visit.actor,
                document_id,
                sha256=file.sha256,
                name=file.path,
                picture=upload.fields.get("as") == "picture",
            )
    except KnowledgeBaseError as error:
        return _files(visit, document_id, error)
    return visit.redirect(f"{document_address(document_id)}/files")


def _choice(value: object) -> Choice | None:
    return next((choice for choice in CHOICES if choice == value), None)


def _new(
    visit: Visit, title: str, kind: str, language: str, audience: str, *, problem: str = ""
) -> Response:
    page = NewPage(title, kind, language, audience, KINDS, tuple(languages()), problem)
    return visit.page("editing/new.html", page, status=422 if problem else 200)


def _edit(
    visit: Visit,
    opened: Opened,
    text: Text,
    *,
    base: int | None = None,
    error: InvalidInput | None = None,
    joined_now: bool = False,
) -> Response:
    page = EditPage(
        opened=opened,
        text=text,
        base=opened.base if base is None else base,
        joined=opened.published if joined_now else opened.joined,
        url=document_address(opened.document_id),
        preview=show(visit, text.body[:PREVIEW_CHARS], opened.document_id, title=text.title),
        cut=len(text.body) > PREVIEW_CHARS,
        max_chars=MAX_BODY_CHARS,
        problem=visit.language.sentence(error) if error else "",
        advice=visit.language.advice(error) if error else "",
        sections_in_use=isinstance(error, SectionsInUse),
        joined_now=joined_now,
    )
    return visit.page("editing/edit.html", page, status=422 if error else 200)


def _files(visit: Visit, document_id: int, error: KnowledgeBaseError | None = None) -> Response:
    opened = visit.kb.editing.begin(visit.actor, document_id)
    url = document_address(document_id)
    page = FilesPage(
        title=opened.title,
        url=url,
        files=tuple(
            (name, f"[{name}](files/{name})", f"{url}/files/{name}")
            for name in visit.kb.page_files.files(visit.actor, document_id)
        ),
        problem=visit.language.sentence(error) if error else "",
        advice=visit.language.advice(error) if error else "",
    )
    return visit.page("editing/files.html", page, status=422 if error else 200)


def _rows(place: int, part: Part) -> list[ClashRow]:
    if part.kind != "same":
        base = "\n".join(part.base)
        mine = weave(base, "\n".join(part.mine))
        theirs = weave(base, "\n".join(part.theirs))
        return [ClashRow(place, part.kind, mine, theirs)]
    lines = part.mine
    if len(lines) <= 2 * _CONTEXT + 1:
        return [_same(place, lines)]
    skipped = ClashRow(place, "skipped", count=len(lines) - 2 * _CONTEXT)
    return [_same(place, lines[:_CONTEXT]), skipped, _same(place, lines[-_CONTEXT:])]


def _same(place: int, lines: tuple[str, ...]) -> ClashRow:
    woven = weave("\n".join(lines), "\n".join(lines))
    return ClashRow(place, "same", woven, woven)
