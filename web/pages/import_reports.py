"""What became of each file of an import, to take along: as a table for spreadsheet programs and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response, StreamingResponse

from kb.imports import Item
from web.api.imports import JobBody, whole_job
from web.csv_tables import table_lines
from web.pages.import_lines import readable_titles
from web.visit import Id, Visit, Visiting

router = APIRouter(include_in_schema=False)

_HEADER: Final = (
    "file", "outcome", "step", "error", "advice", "note", "document", "version", "size_bytes", "coverage_percent",
    "losses", "nearly_the_same",
)  # fmt: skip


@router.get("/imports/{job_id}/report.csv")
def as_table(visit: Visiting, job_id: Id) -> Response:
    """Every file with its outcome, step, reason, advice, coverage and losses, in the visitor's language."""
    job = visit.kb.imports.get(visit.actor, job_id)
    return StreamingResponse(
        table_lines(_HEADER, _rows(visit, job.id)),
        media_type="text/csv; charset=utf-8",
        headers=_attached(f"import-{job.id}.csv"),
    )


@router.get("/imports/{job_id}/report.json")
def as_json(visit: Visiting, job_id: Id, response: Response) -> JobBody:
    """The same as the API tells of the job, with all its items."""
    response.headers.update(_attached(f"import-{job_id}.json"))
    return whole_job(visit, job_id)


def _rows(visit: Visit, job_id: int) -> Iterator[tuple[object, ...]]:
    items = list(visit.kb.imports.all_items(visit.actor, job_id))
    titles = readable_titles(visit, items)
    for item in items:
        error, advice = visit.language.item_error(item)
        yield (
            item.path,
            item.outcome or item.state,
            item.step,
            error,
            advice,
            visit.language.gettext(item.note),
            item.document_id if item.document_id in titles else None,
            item.document_version,
            item.size,
            item.coverage,
            "; ".join(visit.language.retold(loss) for loss in item.losses),
            _near(item, titles),
        )


def _near(item: Item, titles: Mapping[int, str]) -> str:
    return "; ".join(
        f"{near.likeness}% {near.document_id} {titles[near.document_id]}"
        for near in item.near
        if near.document_id in titles
    )


def _attached(name: str) -> dict[str, str]:
    return {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-cache",
    }
