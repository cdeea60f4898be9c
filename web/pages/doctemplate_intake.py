"""New templates: handed in, given a new version, described, or made from past work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from ingest.doctemplate_past import PastWork, look_at, strip
from ingest.doctemplates import detached, inspect, media_type
from kb.access import Action, Audience
from kb.doctemplate_fields import BadPlaceholders, Fault
from kb.doctemplate_past import PastDocument
from kb.doctemplate_rules import KINDS, LANGUAGES, OTHER_KIND, PHASES, phase_of, tags_of
from kb.doctemplate_stripping import KINDS as FINDING_KINDS
from kb.doctemplate_stripping import STRIPPED_AT_FIRST, Found
from kb.doctemplate_views import Details, TemplateFile, TemplateView
from kb.errors import N_, FileRefused, FileTooLarge, InvalidInput, KnowledgeBaseError
from kb.lesson_closure import Behind
from kb.models.doctemplates import DRAFT, PUBLISHED, RETIRED
from web.language import Language
from web.pages.doctemplate_fill import Sent
from web.uploads import Received, Upload
from web.visit import MAX_ID, Id, Visit, Visiting

router = APIRouter(include_in_schema=False)

_STATES: Final = (DRAFT, PUBLISHED, RETIRED)
_DIGITS: Final = 18
_IN_USE: Final = N_(
    "Lessons stand behind this template: what they taught would no longer be offered."
)


@dataclass(frozen=True, slots=True)
class NewPage:
    """Context of ``doctemplates/new.html``.

    Attributes:
        template: the one that gets a new version, or None for a new template.
        values: what was given before, by field.
        sentence, advice: why the file was refused, or empty.
        faults: place and reason of everything wrong with its placeholders.
        behind: the lessons that changed the template, which a new version should still carry.
    """

    template: TemplateView | None
    values: Mapping[str, str]
    sentence: str
    advice: str
    faults: tuple[tuple[str, str], ...]
    behind: tuple[Behind, ...]
    kinds: tuple[str, ...]
    phases: tuple[str, ...]
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EditPage:
    """Context of ``doctemplates/edit.html``.

    ``in_use``: saving would take a template away that lessons stand behind.
    """

    template: TemplateView
    values: Mapping[str, str]
    problem: str
    in_use: bool
    kinds: tuple[str, ...]
    phases: tuple[str, ...]
    languages: tuple[str, ...]
    states: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FoundLine:
    """One finding with its check box: ``name`` is its name in the form."""

    name: str
    found: Found
    stripped: bool


@dataclass(frozen=True, slots=True)
class PastPage:
    """Context of ``doctemplates/past.html``; the findings by kind."""

    document: PastDocument
    work: PastWork
    findings: tuple[tuple[str, tuple[FoundLine, ...]], ...]
    title: str
    kind: str
    kinds: tuple[str, ...]


@router.get("/doctemplates/new")
def new(visit: Visiting) -> Response:
    """The form to hand in a template."""
    visit.actor.must(Action.CURATE)
    return _new(visit, None, {"language": visit.language.code, "audience": "everyone"})


@router.post("/doctemplates")
def add(visit: Visiting, upload: Received) -> Response:
    """Take in a template; a file that cannot be one is told with every place."""
    visit.actor.must(Action.CURATE)
    values = upload.fields
    try:
        file = _file(visit, upload, values.get("language", ""))
        made = visit.kb.doctemplates.add(
            visit.actor,
            details_of(values),
            file,
            audience=Audience.parse(values.get("audience") or "everyone"),
            state=DRAFT if values.get("state") == DRAFT else PUBLISHED,
        )
    except (FileRefused, InvalidInput) as error:
        return _new(visit, None, values, error)
    return visit.redirect(f"/doctemplates/{made}")


@router.get("/doctemplates/{template_id}/versions/new")
def new_version(visit: Visiting, template_id: Id) -> Response:
    """The form to hand in a new version."""
    visit.actor.must(Action.CURATE)
    return _new(visit, visit.kb.doctemplates.get(visit.actor, template_id), {})


@router.post("/doctemplates/{template_id}/versions")
def add_version(visit: Visiting, template_id: Id, upload: Received) -> Response:
    """Take in a new version; earlier ones can still be downloaded."""
    visit.actor.must(Action.CURATE)
    found = visit.kb.doctemplates.get(visit.actor, template_id)
    try:
        file = _file(visit, upload, found.details.language)
        visit.kb.doctemplates.add_version(
            visit.actor, template_id, file, upload.fields.get("note", "")
        )
    except (FileRefused, InvalidInput) as error:
        return _new(visit, found, upload.fields, error)
    return visit.redirect(f"/doctemplates/{template_id}")


@router.get("/doctemplates/{template_id}/edit")
def edit(visit: Visiting, template_id: Id) -> Response:
    """The form for what is said of a template."""
    visit.actor.must(Action.CURATE)
    found = visit.kb.doctemplates.get(visit.actor, template_id)
    details = found.details
    values = {
        "title": details.title,
        "kind": details.kind,
        "phase": details.phase,
        "language": details.language,
        "purpose": details.purpose,
        "when_to_use": details.when_to_use,
        "owner": details.owner,
        "tags": ", ".join(details.tags),
        "guide": str(found.guide[0]) if found.guide else "",
        "state": found.state,
        "audience": found.audience,
    }
    return _edit(visit, found, values)


@router.post("/doctemplates/{template_id}/edit")
def describe(visit: Visiting, template_id: Id, sent: Sent) -> Response:
    """Change what is said of a template."""
    visit.actor.must(Action.CURATE)
    found = visit.kb.doctemplates.get(visit.actor, template_id)
    leaves = found.state == PUBLISHED and sent.get("state", "") != PUBLISHED
    if leaves and "may_go" not in sent and visit.kb.lesson_closures.template_in_use(template_id):
        return _edit(visit, found, sent, visit.language.told(_IN_USE, {}), in_use=True)
    try:
        visit.kb.doctemplates.describe(
            visit.actor,
            template_id,
            details_of(sent),
            sent.get("state", ""),
            Audience.parse(sent.get("audience") or "everyone"),
        )
    except InvalidInput as error:
        return _edit(visit, found, sent, visit.language.sentence(error))
    return visit.redirect(f"/doctemplates/{template_id}")


@router.get("/doctemplates/past/{document_id}")
def past(visit: Visiting, document_id: Id) -> Response:
    """What of a document would be stripped, to be looked through."""
    visit.actor.must(Action.IMPORT)
    document, work, _ = _past(visit, document_id)
    lines: dict[str, list[FoundLine]] = {}
    for at, found in enumerate(work.found):
        line = FoundLine(f"s{at}", found, found.kind in STRIPPED_AT_FIRST)
        lines.setdefault(found.kind, []).append(line)
    page = PastPage(
        document=document,
        work=work,
        findings=tuple((kind, tuple(lines[kind])) for kind in FINDING_KINDS if kind in lines),
        title=document.title,
        kind=OTHER_KIND,
        kinds=KINDS,
    )
    return visit.page("doctemplates/past.html", page)


@router.post("/doctemplates/past/{document_id}")
def make(visit: Visiting, document_id: Id, sent: Sent) -> Response:
    """Make a draft of a document, with what was ticked stripped."""
    visit.actor.must(Action.IMPORT)
    document, work, (content, name) = _past(visit, document_id)
    # Told by its text, not by its number alone: the document may have changed since the page was shown.
    ticked = {sent.get(f"t{at}", "") for at in range(len(work.found)) if f"s{at}" in sent}
    kept = {(each.kind, each.text) for each in work.found if each.text not in ticked}
    made = strip(content, name, document.known, document.language, kept)
    kind = sent.get("kind", OTHER_KIND)
    file = _inspected(made, name, document.language)
    template_id = visit.kb.doctemplates.add(
        visit.actor,
        Details(
            title=(sent.get("title") or document.title).strip()[:300],
            kind=kind,
            phase=phase_of(kind),
            language=document.language,
            owner=visit.actor.id,
        ),
        file,
        audience=document.audience,
        state=DRAFT,
        source_id=document.id,
    )
    return visit.redirect(f"/doctemplates/{template_id}")


def details_of(values: Mapping[str, str]) -> Details:
    """The details a form gives.

    Raises:
        InvalidInput: the guide is no number of a document.
    """
    guide = values.get("guide", "").strip().rpartition("/")[2]
    if guide and not (guide.isdecimal() and len(guide) <= _DIGITS and int(guide) <= MAX_ID):
        raise InvalidInput(field="guide", reason=f"“{guide}” is no number of a document")
    kind = values.get("kind", "")
    return Details(
        title=values.get("title", ""),
        kind=kind,
        phase=values.get("phase") or phase_of(kind),
        language=values.get("language", ""),
        purpose=values.get("purpose", ""),
        when_to_use=values.get("when_to_use", ""),
        owner=values.get("owner", ""),
        tags=tuple(tags_of(values.get("tags", ""))),
        guide=int(guide) if guide else None,
    )


def told_faults(language: Language, faults: tuple[Fault, ...]) -> tuple[tuple[str, str], ...]:
    """Place and reason of each fault in the visitor's language."""
    return tuple(
        (language.told(fault.where, fault.where_data), language.told(fault.why, fault.why_data))
        for fault in faults
    )


def _file(visit: Visit, upload: Upload, language: str) -> TemplateFile:
    if not upload.files:
        raise InvalidInput(field="files", reason="no file was given")
    given = upload.files[0]
    if given.sha256 is None:
        limit = visit.site.settings.max_file_mib
        raise FileTooLarge(name=given.path, size_mib=given.size // 2**20, limit_mib=limit)
    with visit.kb.files.open(given.sha256) as file:
        return _inspected(file.read(), given.path.rpartition("/")[2], language)


def _inspected(content: bytes, name: str, language: str) -> TemplateFile:
    content = detached(content, name)
    found = inspect(content, name, language if language in LANGUAGES else "")
    return TemplateFile(
        content=content,
        name=name,
        media_type=media_type(found.format),
        format=found.format,
        fields=found.fields,
        body=found.body,
    )


def _past(visit: Visit, document_id: int) -> tuple[PastDocument, PastWork, tuple[bytes, str]]:
    document = visit.kb.doctemplate_past.document(visit.actor, document_id)
    path, name, _ = visit.kb.documents.original(visit.actor, document_id)
    content = path.read_bytes()
    return document, look_at(content, name, document.known, document.language), (content, name)


def _new(
    visit: Visit,
    template: TemplateView | None,
    values: Mapping[str, str],
    error: KnowledgeBaseError | None = None,
) -> Response:
    faults = error.faults if isinstance(error, BadPlaceholders) else ()
    page = NewPage(
        template=template,
        values=values,
        sentence=visit.language.sentence(error) if error and not faults else "",
        advice=visit.language.advice(error) if error else "",
        faults=told_faults(visit.language, faults),
        behind=visit.kb.lesson_closures.lessons_behind_template(visit.actor, template.id)
        if template
        else (),
        kinds=KINDS,
        phases=tuple(PHASES),
        languages=LANGUAGES,
    )
    return visit.page("doctemplates/new.html", page, block="content", status=422 if error else 200)


def _edit(
    visit: Visit,
    found: TemplateView,
    values: Mapping[str, str],
    problem: str = "",
    *,
    in_use: bool = False,
) -> Response:
    page = EditPage(
        template=found,
        values=values,
        problem=problem,
        in_use=in_use,
        kinds=KINDS,
        phases=tuple(PHASES),
        languages=LANGUAGES,
        states=_STATES,
    )
    return visit.page(
        "doctemplates/edit.html", page, block="content", status=422 if problem else 200
    )
