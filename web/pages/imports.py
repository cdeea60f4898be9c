"""The import pages: hand in files, watch them being read, see what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.responses import Response, StreamingResponse

from kb.access import Action
from kb.drafts import KINDS
from kb.errors import InvalidInput
from kb.imports import Counts, Job
from web.csv_tables import table_lines
from web.importing import start_job
from web.pages.import_lines import ItemLine, item_line, readable_titles
from web.pages.import_sample import SAMPLES, columns
from web.uploads import MAX_FILES, Received
from web.visit import Id, Visit, Visiting

router = APIRouter(include_in_schema=False)

RECENT_JOBS: Final = 12
ITEMS_PER_PAGE: Final = 50
# How often the page of a running job asks how far it is, in seconds.
POLL_SECONDS: Final = 1
# The outcomes a job's items can be narrowed to, in the order they are offered.
_OUTCOMES: Final = ("stored", "unchanged", "duplicate", "failed", "cancelled", "skipped", "left")
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
    manifest_columns: tuple[str, ...]
    manifest_sample: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class OutcomeTab:
    """One outcome, how many items have it, and the list of those."""

    name: str
    count: int
    url: str
    chosen: bool


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


@router.get("/imports/manifest.csv")
def manifest(visit: Visiting) -> Response:
    """An example of a manifest, to be filled in with a spreadsheet program."""
    return StreamingResponse(
        table_lines(columns(visit.language), SAMPLES[visit.language.code]),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="manifest.csv"'},
    )


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


def _shown_or_sent_to(visit: Visit, job_id: int) -> Response:
    address = f"/imports/{job_id}"
    if not visit.fragment:
        return visit.redirect(address)
    response = _job(visit, job_id, "", 1)
    response.headers["HX-Push-Url"] = address
    return response


def _list(visit: Visit, problem: str = "", status: int = 200) -> Response:
    may_import = Action.IMPORT in visit.actor.actions
    page = ImportsPage(
        may_import=may_import,
        kinds=KINDS,
        max_file_mib=visit.site.settings.max_file_mib,
        max_files=MAX_FILES,
        problem=problem,
        jobs=tuple(visit.kb.imports.recent(visit.actor, RECENT_JOBS)),
        manifest_columns=columns(visit.language),
        manifest_sample=SAMPLES[visit.language.code],
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
    may_import = Action.IMPORT in visit.actor.actions
    counts = found.counts
    page = JobPage(
        job=found,
        percent=100 * counts.done // counts.total if counts.total else 0,
        time_left=visit.language.duration(found.seconds_left or 0),
        tabs=tuple(_tabs(job_id, counts, outcome)),
        items=tuple(item_line(visit.language, item, titles) for item in items),
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


def _address(job_id: int, outcome: str, page: int) -> str:
    pairs = [("outcome", outcome)] if outcome else []
    pairs += [("page", str(page))] if page > 1 else []
    return f"/imports/{job_id}" + (f"?{urlencode(pairs)}" if pairs else "")
