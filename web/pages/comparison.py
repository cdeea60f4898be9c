"""Two documents side by side, with what differs between them marked."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from kb.comparison import Comparison, compare, text_lines
from kb.models import Document
from web.search_address import document_address
from web.visit import Id, Visiting

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class ComparePage:
    """Context of ``documents/compare.html``; ``swap_url`` shows the two the other way round."""

    left: Document
    right: Document
    left_url: str
    right_url: str
    swap_url: str
    comparison: Comparison


@router.get("/documents/{left_id}/compare/{right_id}")
def comparison(visit: Visiting, left_id: Id, right_id: Id) -> Response:
    """What the second document says otherwise than the first; both must be readable."""
    left = visit.kb.documents.get(visit.actor, left_id)
    right = visit.kb.documents.get(visit.actor, right_id)
    page = ComparePage(
        left=left,
        right=right,
        left_url=document_address(left.id),
        right_url=document_address(right.id),
        swap_url=f"{document_address(right.id)}/compare/{left.id}",
        comparison=compare(text_lines(left.body), text_lines(right.body)),
    )
    return visit.page("documents/compare.html", page)
