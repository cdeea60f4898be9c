"""The review of an import: its documents in one table, corrected for many at once, then published."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form
from starlette.responses import Response

from kb.drafts import KINDS
from kb.errors import N_, InvalidInput
from kb.groups import Choices
from kb.importing_rules import Overrides
from kb.imports import Job
from kb.publishing import Waiting
from web.audience_labels import audience_words
from web.language import languages
from web.pages.details import evidence_of
from web.pages.import_lines import compare_address
from web.search_address import document_address
from web.visit import MAX_ID, Id, Visit, Visiting

router = APIRouter(include_in_schema=False)

# A whole folder is looked through, filtered and chosen on one page.
PER_PAGE: Final = 500
# Deeper than any import goes; larger numbers must not become an error of the driver.
_MAX_PAGE: Final = 10_000


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One document with its addresses.

    ``audience`` is in words; ``near`` holds likeness in percent and the address of the comparison.
    """

    waiting: Waiting
    evidence: str
    project: str
    audience: str
    url: str
    details_url: str
    near: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """Context of ``imports/review.html``.

    Attributes:
        total: documents of the import that wait for review, over all pages.
        all_chosen: the boxes of this page are ticked.
        all_url: this page with all boxes ticked.
        corrected, published: how many were changed by what was sent last; None where nothing was.
    """

    job: Job
    rows: tuple[ReviewRow, ...]
    total: int
    kinds: tuple[str, ...]
    languages: tuple[str, ...]
    all_chosen: bool
    all_url: str
    here: str
    problem: str
    corrected: int | None
    published: int | None
    previous_url: str
    next_url: str


@dataclass(frozen=True, slots=True)
class ReviewForm:
    """What was sent: which documents, what to do, and what to set; empty fields leave things as they are."""

    action: Annotated[str, Form()] = "correct"
    ids: Annotated[list[int] | None, Form()] = None
    kind: Annotated[str, Form()] = ""
    language: Annotated[str, Form()] = ""
    project: Annotated[str, Form()] = ""
    audience: Annotated[str, Form()] = ""
    tags: Annotated[str, Form()] = ""
    date: Annotated[str, Form()] = ""
    page: Annotated[int, Form()] = 1

    @property
    def given(self) -> Overrides:
        """What is to be set.

        Raises:
            InvalidInput: a field cannot be used, or none is filled in.
        """
        names = ("kind", "language", "project", "audience", "tags", "date")
        given = Overrides.parse({name: getattr(self, name) for name in names})
        if given == Overrides():
            raise InvalidInput(field=N_("correction"), reason=N_("nothing was filled in"))
        return given


Sent = Annotated[ReviewForm, Depends()]


@router.get("/imports/{job_id}/review")
def review(
    visit: Visiting,
    job_id: Id,
    page: int = 1,
    *,
    chosen: str = "",
    corrected: int | None = None,
    published: int | None = None,
) -> Response:
    """The documents of an import that wait for review."""
    return _review(
        visit, job_id, page, all_chosen=chosen == "all", corrected=corrected, published=published
    )


@router.post("/imports/{job_id}/review")
def act(visit: Visiting, job_id: Id, form: Sent) -> Response:
    """Correct or publish the chosen ones, or all that wait, those of other pages too."""
    visit.kb.imports.get(visit.actor, job_id)
    ids = [number for number in form.ids or () if 0 < number <= MAX_ID]
    publishing = visit.kb.publishing
    try:
        if form.action == "publish-all":
            done = f"published={publishing.publish_all(visit.actor, job_id)}"
        elif form.action == "publish":
            done = f"published={publishing.publish(visit.actor, ids)}"
        else:
            given = form.given
            if form.action == "correct-all":
                ids = _all_waiting(visit, job_id)
            done = f"corrected={publishing.correct(visit.actor, ids, given, add_tags=True)}"
    except InvalidInput as error:
        problem = visit.language.sentence(error)
        return _review(visit, job_id, form.page, problem=problem, status=422)
    return visit.redirect(f"{_address(job_id, form.page)}&{done}")


def _all_waiting(visit: Visit, job_id: int) -> list[int]:
    ids: list[int] = []
    for number in range(1, _MAX_PAGE):
        waiting, total = visit.kb.publishing.waiting(
            visit.actor, job_id, page=number, per_page=PER_PAGE
        )
        ids += [each.document.id for each in waiting]
        if not waiting or len(ids) >= total:
            break
    return ids


def _review(
    visit: Visit,
    job_id: int,
    number: int,
    *,
    all_chosen: bool = False,
    problem: str = "",
    corrected: int | None = None,
    published: int | None = None,
    status: int = 200,
) -> Response:
    job = visit.kb.imports.get(visit.actor, job_id)
    number = min(max(number, 1), _MAX_PAGE)
    waiting, total = visit.kb.publishing.waiting(
        visit.actor, job_id, page=number, per_page=PER_PAGE
    )
    # What was published or corrected away may have been a whole page.
    last = max(-(-total // PER_PAGE), 1)
    if number > last:
        number = last
        waiting, total = visit.kb.publishing.waiting(
            visit.actor, job_id, page=number, per_page=PER_PAGE
        )
    near = {other for each in waiting for other, _ in each.near}
    readable = visit.kb.documents.titles(visit.actor, near).keys()
    here = _address(job_id, number)
    choices = visit.kb.groups.choices(visit.actor)
    page = ReviewPage(
        job=job,
        # They were stored as they were read; people look for them by their folders.
        rows=tuple(
            _row(visit, each, readable, here, choices)
            for each in sorted(waiting, key=lambda each: each.path)
        ),
        total=total,
        kinds=KINDS,
        languages=tuple(languages()),
        all_chosen=all_chosen,
        all_url=f"{here}&chosen=all",
        here=here,
        problem=problem,
        corrected=corrected,
        published=published,
        previous_url=_address(job_id, number - 1) if number > 1 else "",
        next_url=_address(job_id, number + 1) if number < last else "",
    )
    return visit.page("imports/review.html", page, block="content", status=status)


def _row(
    visit: Visit, waiting: Waiting, readable: Collection[int], here: str, choices: Choices
) -> ReviewRow:
    document = waiting.document
    project = document.project
    names = (project.name_zh, project.name_en) if project else ("", "")
    first, second = names if visit.language.code == "zh" else reversed(names)
    return ReviewRow(
        waiting=waiting,
        evidence=evidence_of(visit.language, document),
        project=_project(project.code, first or second) if project else "",
        audience=audience_words(visit.language, choices, waiting.audience),
        url=document_address(document.id),
        details_url=f"{document_address(document.id)}/details?then={quote(here, safe='')}",
        near=tuple(
            (likeness, compare_address(other, document.id))
            for other, likeness in waiting.near
            if other in readable
        ),
    )


def _project(code: str, name: str) -> str:
    return code if name in ("", code) else f"{code} {name}"


def _address(job_id: int, page: int) -> str:
    return f"/imports/{job_id}/review?page={page}"
