"""``POST /api/v1/imports`` and ``GET /api/v1/imports/{job}``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from kb.imports import Item, Job
from web.importing import start_job
from web.pages.import_lines import compare_address, readable_titles
from web.uploads import FILES_FIELD, Received
from web.visit import Id, Visit, Visiting

router = APIRouter(tags=["imports"])

MAX_ITEMS: Final = 500

# The body is read as a stream, so FastAPI cannot know its form by itself.
_FORM: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": [FILES_FIELD],
                    "properties": {
                        FILES_FIELD: {
                            "type": "array",
                            "items": {"type": "string", "format": "binary"},
                            "description": "The files; a name may be a path within a folder.",
                        },
                        "kind": {
                            "type": "string",
                            "description": "The kind all of them get; empty: each file's own.",
                        },
                        "manifest": {
                            "type": "string",
                            "format": "binary",
                            "description": "CSV or XLSX with a row for each file: path, title, kind, language, "
                            "project, author, date, tags, audience. A file in a zip is named by its path there.",
                        },
                        "review": {
                            "type": "string",
                            "enum": ["true", "false"],
                            "description": "true: the documents wait for review before others see them.",
                        },
                        "audience": {
                            "type": "string",
                            "description": "Who may see them; empty: as their project and folder.",
                        },
                    },
                }
            }
        },
    }
}


class CountsBody(BaseModel):
    """How many files became what; `total` is all but the skipped."""

    total: int
    done: int
    left: int
    stored: int
    new_versions: int = Field(description="How many of the stored renewed a document.")
    unchanged: int
    duplicate: int
    failed: int
    cancelled: int
    skipped: int


class NearBody(BaseModel):
    """A document that the file is nearly the same as."""

    document: int
    title: str
    likeness: int = Field(description="Percent of the text of both that is the same.")
    compare_url: str


class ItemBody(BaseModel):
    """One file of a job."""

    path: str
    state: Literal["pending", "running", "done"]
    outcome: str = Field(description="Empty until it is done.")
    document: int | None
    version: int | None
    size: int | None
    step: str
    code: str = Field(description="Stable name of the error; empty when there was none.")
    error: str
    advice: str
    coverage: float | None = Field(description="Percent of the characters found that were carried.")
    losses: list[str]
    near: list[NearBody]
    note: str = Field(description="Something to know that is no error; mostly empty.")


class JobBody(BaseModel):
    """An import job."""

    job: int
    url: str
    state: Literal["queued", "running", "paused", "done", "cancelled"]
    document_state: str = Field(description="`review` where its documents wait for review.")
    waiting: int = Field(description="How many of its documents wait for review.")
    manifest: str = Field(description="Name of the manifest handed in with it; mostly empty.")
    error: str = Field(description="Why it was paused by itself; mostly empty.")
    created: datetime
    started: datetime | None
    finished: datetime | None
    per_minute: int
    seconds_left: int | None
    counts: CountsBody
    items: list[ItemBody]
    items_total: int = Field(description="Number of items over all pages.")
    page: int
    per_page: int


@router.post("/imports", status_code=202, openapi_extra=_FORM)
def start(visit: Visiting, upload: Received, response: Response) -> JobBody:
    """Hand in files; they are read in the background, and the answer is the job to ask about."""
    job_id = start_job(visit.kb, visit.actor, upload)
    response.headers["Location"] = f"/api/v1/imports/{job_id}"
    return _job(visit, job_id, outcome="", page=1, per_page=100)


@router.get("/imports/{job_id}")
def job(
    visit: Visiting,
    job_id: Id,
    outcome: Annotated[str, Query(description="Only items with this outcome.")] = "",
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    per_page: Annotated[int, Query(ge=1, le=MAX_ITEMS)] = 100,
) -> JobBody:
    """A job's state, counts and items."""
    return _job(visit, job_id, outcome, page, per_page)


def whole_job(visit: Visit, job_id: int) -> JobBody:
    """A job with all its items on one page."""
    found = visit.kb.imports.get(visit.actor, job_id)
    items = list(visit.kb.imports.all_items(visit.actor, job_id))
    return _body(visit, found, items, total=len(items), page=1, per_page=len(items))


def _job(visit: Visit, job_id: int, outcome: str, page: int, per_page: int) -> JobBody:
    found = visit.kb.imports.get(visit.actor, job_id)
    items, total = visit.kb.imports.items(
        visit.actor, job_id, outcome=outcome, page=page, per_page=per_page
    )
    return _body(visit, found, items, total=total, page=page, per_page=per_page)


def _body(
    visit: Visit, found: Job, items: Sequence[Item], *, total: int, page: int, per_page: int
) -> JobBody:
    titles = readable_titles(visit, items)
    _, waiting = visit.kb.publishing.waiting(visit.actor, found.id, per_page=1)
    return JobBody(
        job=found.id,
        url=f"/imports/{found.id}",
        state=found.state,
        document_state=found.document_state,
        waiting=waiting,
        manifest=found.manifest,
        error=found.error,
        created=found.created_at,
        started=found.started_at,
        finished=found.finished_at,
        per_minute=found.per_minute,
        seconds_left=found.seconds_left,
        counts=_counts(found),
        items=[_item(item, titles) for item in items],
        items_total=total,
        page=page,
        per_page=per_page,
    )


def _counts(job: Job) -> CountsBody:
    counts = job.counts
    return CountsBody(
        total=counts.total,
        done=counts.done,
        left=counts.left,
        stored=counts.stored,
        new_versions=counts.new_versions,
        unchanged=counts.unchanged,
        duplicate=counts.duplicate,
        failed=counts.failed,
        cancelled=counts.cancelled,
        skipped=counts.skipped,
    )


def _item(item: Item, titles: Mapping[int, str]) -> ItemBody:
    # Who brought a document in may not be among those who may read it now.
    here = item.document_id if item.document_id in titles else None
    return ItemBody(
        path=item.path,
        state=item.state,
        outcome=item.outcome,
        document=here,
        version=item.document_version,
        size=item.size,
        step=item.step,
        code=item.error_code,
        error=item.error,
        advice=item.advice,
        coverage=item.coverage,
        losses=list(item.losses),
        near=[
            NearBody(
                document=near.document_id,
                title=titles[near.document_id],
                likeness=near.likeness,
                compare_url=compare_address(near.document_id, here) if here else "",
            )
            for near in item.near
            if near.document_id in titles
        ],
        note=item.note,
    )
