"""The import pages: hand in files, watch them being read, see what became of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.responses import Response

from ingest.manifests import matched, read_rows
from ingest.pipeline import NOT_HANDED_IN
from ingest.sources import name_of, uploaded
from kb.access import ROLE_ACTIONS, Action, Actor, Audience
from kb.drafts import KINDS
from kb.errors import N_, InvalidInput, UnreadableFile
from kb.importing_rules import Entry
from kb.imports import Counts, Item, Job
from kb.knowledge_base import KnowledgeBase
from kb.models import PUBLISHED, REVIEW
from web.language import Language
from web.search_address import document_address
from web.uploads import FILES_FIELD, MANIFEST_FIELD, MAX_FILES, Received, Upload
from web.visit import Id, Visit, Visiting

router = APIRouter(include_in_schema=False)

RECENT_JOBS: Final = 12
ITEMS_PER_PAGE: Final = 50
# How often the page of a running job asks how far it is, in seconds.
POLL_SECONDS: Final = 1
# The outcomes a job's items can be narrowed to, in the order they are offered.
_OUTCOMES: Final = ("stored", "unchanged", "duplicate", "failed", "cancelled", "skipped", "left")
# How far a file came, as people read it.
STEPS: Final = {
    "keep": N_("taking it in"),
    "read": N_("reading it"),
    "store": N_("storing it"),
}
NO_ROW: Final = N_("The manifest has no row for it; its details are those found in the file.")
# What a checked box or a program may send for yes.
_YES: Final = frozenset({"1", "on", "true", "yes"})
_BUTTONS_AFTER: Final = frozenset({"done", "cancelled", "paused"})


@dataclass(frozen=True, slots=True)
class ImportsPage:
    """Context of ``imports/list.html``."""

    may_import: bool
    kinds: tuple[str, ...]
    max_file_mib: int
    max_files: int
    problem: str
    jobs: tuple[Job, ...]


@dataclass(frozen=True, slots=True)
class OutcomeTab:
    """One outcome, how many items have it, and the list of those."""

    name: str
    count: int
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class NearLine:
    """A document that a file is nearly the same as; ``compare_url`` shows the two side by side."""

    title: str
    likeness: int
    url: str
    compare_url: str


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One file of a job; ``status`` is its outcome, or its state while it has none.

    ``step`` is how far it came, in words, when it failed. Of the documents it is near to, those that the visitor may
    read.
    """

    item: Item
    status: str
    document_url: str
    error: str
    advice: str
    step: str
    near: tuple[NearLine, ...]


@dataclass(frozen=True, slots=True)
class JobPage:
    """Context of ``imports/job.html``; ``poll_url`` is empty when nothing will change any more.

    ``percent`` is how many of its files have an outcome, ``time_left`` an estimate in words. ``waiting`` documents of
    it wait for review at ``review_url``.
    """

    job: Job
    percent: int
    time_left: str
    tabs: tuple[OutcomeTab, ...]
    items: tuple[ItemLine, ...]
    poll_url: str
    poll_seconds: int
    previous_url: str
    next_url: str
    may_cancel: bool
    may_retry: bool
    waiting: int
    review_url: str


@router.get("/imports")
def imports(visit: Visiting) -> Response:
    """The form, and the latest jobs."""
    return _list(visit)


@router.post("/imports")
def start(visit: Visiting, upload: Received) -> Response:
    """Take in files; htmx gets the job's page as a block, others are sent there."""
    try:
        job_id = start_job(visit.kb, visit.actor, upload)
    except InvalidInput as error:
        return _list(visit, problem=visit.language.sentence(error), status=422)
    return _shown_or_sent_to(visit, job_id)


@router.get("/imports/{job_id}")
def job(visit: Visiting, job_id: Id, outcome: str = "", page: int = 1) -> Response:
    """A job with its items; while it runs the page asks again by itself."""
    return _job(visit, job_id, outcome, max(page, 1))


@router.post("/imports/{job_id}/cancel")
def cancel(visit: Visiting, job_id: Id) -> Response:
    """Stop a job; what is stored stays."""
    visit.kb.imports.cancel(visit.actor, job_id)
    return _shown_or_sent_to(visit, job_id)


@router.post("/imports/{job_id}/retry")
def retry(visit: Visiting, job_id: Id) -> Response:
    """Queue again what failed or was left undone."""
    visit.kb.imports.retry_failed(visit.actor, job_id)
    return _shown_or_sent_to(visit, job_id)


def start_job(kb: KnowledgeBase, actor: Actor, upload: Upload) -> int:
    """Record an upload as a job and return its id; the page and the API both end here.

    Raises:
        NotAllowed: the actor may not import.
        InvalidInput: no file was given, there is no such kind or audience, or the manifest cannot be used.
    """
    actor.must(Action.IMPORT)
    if not upload.files:
        raise InvalidInput(field=FILES_FIELD, reason="no file was given")
    entries = [
        # What was not kept is listed all the same, without content: its size says why.
        replace(uploaded(actor, file.path, file.sha256 or "", file.size), sha256=file.sha256)
        for file in upload.files
    ]
    if upload.manifest is not None:
        entries = _by_manifest(kb, actor, upload, entries)
    review = upload.fields.get("review", "").strip().lower() in _YES
    return kb.imports.create(
        actor,
        entries,
        kind=upload.fields.get("kind", ""),
        audience=Audience.parse(upload.fields.get("audience") or "everyone"),
        document_state=REVIEW if review else PUBLISHED,
        manifest=name_of(upload.manifest.path) if upload.manifest else "",
    )


def readable_titles(visit: Visit, items: Iterable[Item]) -> dict[int, str]:
    """Of the documents that items became or are near to, the titles of those that the visitor may read, by id."""
    ids = {near.document_id for item in items for near in item.near}
    ids |= {item.document_id for item in items if item.document_id}
    return visit.kb.documents.titles(visit.actor, ids)


def compare_address(one: int, other: int) -> str:
    """The page that shows two documents side by side."""
    return f"{document_address(one)}/compare/{other}"


def _by_manifest(
    kb: KnowledgeBase, actor: Actor, upload: Upload, entries: Sequence[Entry]
) -> list[Entry]:
    """The entries with what the manifest says of them; a row without a file becomes an entry that says so."""
    manifest = upload.manifest
    if manifest is None or manifest.sha256 is None:
        raise InvalidInput(field=MANIFEST_FIELD, reason=N_("the file is too large for a manifest"))
    rows = read_rows(kb.files.path(manifest.sha256), name_of(manifest.path))
    found = matched(rows, [file.path for file in upload.files])
    listed = [
        replace(entry, note=NO_ROW) if given is None else replace(entry, overrides=given)
        for entry, given in zip(entries, found.given, strict=True)
    ]
    for path in found.without_file:
        entry = uploaded(actor, path, None, 0)
        missing = UnreadableFile(name=name_of(entry.path), reason=NOT_HANDED_IN)
        listed.append(replace(entry, size=None, skip="", error=missing))
    return listed


def _shown_or_sent_to(visit: Visit, job_id: int) -> Response:
    address = f"/imports/{job_id}"
    if not visit.fragment:
        return visit.redirect(address)
    response = _job(visit, job_id, "", 1)
    response.headers["HX-Push-Url"] = address
    return response


def _list(visit: Visit, problem: str = "", status: int = 200) -> Response:
    may_import = Action.IMPORT in ROLE_ACTIONS[visit.actor.role]
    page = ImportsPage(
        may_import=may_import,
        kinds=KINDS,
        max_file_mib=visit.site.settings.max_file_mib,
        max_files=MAX_FILES,
        problem=problem,
        jobs=tuple(visit.kb.imports.recent(visit.actor, RECENT_JOBS)),
    )
    return visit.page("imports/list.html", page, block="content", status=status)


def _job(visit: Visit, job_id: int, outcome: str, number: int) -> Response:
    found = visit.kb.imports.get(visit.actor, job_id)
    outcome = outcome if outcome in _OUTCOMES else ""
    items, total = visit.kb.imports.items(
        visit.actor, job_id, outcome=outcome, page=number, per_page=ITEMS_PER_PAGE
    )
    pages = max(-(-total // ITEMS_PER_PAGE), 1)
    titles = readable_titles(visit, items)
    _, waiting = visit.kb.publishing.waiting(visit.actor, job_id, per_page=1)
    may_import = Action.IMPORT in ROLE_ACTIONS[visit.actor.role]
    counts = found.counts
    page = JobPage(
        job=found,
        percent=100 * counts.done // counts.total if counts.total else 0,
        time_left=visit.language.duration(found.seconds_left or 0),
        tabs=tuple(_tabs(job_id, counts, outcome)),
        items=tuple(_line(visit.language, item, titles) for item in items),
        poll_url="" if found.is_over else _address(job_id, outcome, number),
        poll_seconds=POLL_SECONDS,
        previous_url=_address(job_id, outcome, number - 1) if number > 1 else "",
        next_url=_address(job_id, outcome, number + 1) if number < pages else "",
        may_cancel=may_import and not found.is_over,
        may_retry=may_import
        and found.state in _BUTTONS_AFTER
        and bool(counts.failed or counts.cancelled or counts.left),
        waiting=waiting,
        review_url=f"/imports/{job_id}/review",
    )
    return visit.page("imports/job.html", page, block="content")


def _tabs(job_id: int, counts: Counts, chosen: str) -> Sequence[OutcomeTab]:
    tabs = [OutcomeTab("", counts.total, _address(job_id, "", 1), not chosen)]
    for name in _OUTCOMES:
        count: int = getattr(counts, name)
        if count or name == chosen:
            tabs.append(OutcomeTab(name, count, _address(job_id, name, 1), name == chosen))
    return tabs


def _line(language: Language, item: Item, titles: Mapping[int, str]) -> ItemLine:
    renewed = item.outcome == "stored" and (item.document_version or 1) > 1
    error, advice = language.item_error(item)
    here = item.document_id if item.document_id in titles else None
    return ItemLine(
        item=item,
        status="renewed" if renewed else item.outcome or item.state,
        document_url=document_address(here) if here else "",
        error=error,
        advice=advice,
        step=language.gettext(STEPS[item.step])
        if item.outcome == "failed" and item.step in STEPS
        else "",
        near=tuple(
            NearLine(
                titles[near.document_id],
                near.likeness,
                document_address(near.document_id),
                compare_address(near.document_id, here) if here else "",
            )
            for near in item.near
            if near.document_id in titles
        ),
    )


def _address(job_id: int, outcome: str, page: int) -> str:
    pairs = [("outcome", outcome)] if outcome else []
    pairs += [("page", str(page))] if page > 1 else []
    return f"/imports/{job_id}" + (f"?{urlencode(pairs)}" if pairs else "")
