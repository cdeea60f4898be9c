"""The queue of candidate lessons: read what was found in reports; accept, correct, merge or reject it, one key each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Form
from starlette.datastructures import QueryParams
from starlette.responses import Response

from kb.access import Action
from kb.candidates import STATES, Candidate, CandidateFilter, CandidateState
from kb.errors import N_
from web.language import Language
from web.search_address import document_address
from web.visit import Visit, Visiting, local_path

router = APIRouter(include_in_schema=False)

PER_PAGE: Final = 20
# Deeper than this nobody reads, and each page costs as much as all before it.
_MAX_PAGE: Final = 1000
# Longer numbers are no ids and no pages.
_DIGITS: Final = 9

STATE_LABELS: Final[dict[CandidateState, str]] = {
    "waiting": N_("Waiting for a decision"),
    "kept": N_("Accepted"),
    "rejected": N_("Rejected"),
    "gone": N_("Not in the newest version"),
}
KIND_LABELS: Final = {
    "lesson": N_("Lesson"),
    "good-practice": N_("Good practice"),
    "challenge": N_("Challenge"),
}
FIELD_LABELS: Final = {
    "what_happened": N_("What happened"),
    "cause": N_("Cause"),
    "impact": N_("Impact"),
    "recommendation": N_("Recommendation"),
    "owner": N_("Responsible"),
    "phase": N_("Phase"),
}
# Why something was taken: which part of its section it is.
FOUND_AS_LABELS: Final = {
    "section": N_("the section itself"),
    "sub-section": N_("sub-section %(number)s"),
    "list item": N_("list item %(number)s"),
    "paragraph": N_("paragraph %(number)s"),
    "table row": N_("table row %(number)s"),
    "table column": N_("table column %(number)s"),
    "table": N_("table %(number)s"),
    "table cell": N_("table cell %(number)s"),
}


# What the form of a card may send: the decisions, and the one that makes a lesson of the candidate.
ACCEPTED: Final = "accepted"


@dataclass(frozen=True, slots=True)
class Decision:
    """One button: the decision it stands for and the key that presses it.

    ``page`` is the end of the address of the page it opens; empty for what is decided at once.
    """

    name: str
    label: str
    key: str
    icon: str
    page: str = ""


# In the order of the buttons. J and K move, as in mail programs.
DECIDE: Final = (
    Decision(ACCEPTED, N_("Accept as lesson"), "a", "check"),
    Decision("edit", N_("Correct"), "e", "pencil", "edit"),
    Decision("merge", N_("Merge"), "m", "git-merge", "merge"),
    Decision("rejected", N_("Reject"), "r", "x"),
    Decision("waiting", N_("Put back"), "z", "refresh-cw"),
)
# Which of them are offered in each state.
OFFERED: Final[dict[CandidateState, frozenset[str]]] = {
    "waiting": frozenset({ACCEPTED, "edit", "merge", "rejected"}),
    "kept": frozenset({ACCEPTED, "edit", "merge", "rejected", "waiting"}),
    "rejected": frozenset({ACCEPTED, "edit", "merge", "waiting"}),
    "gone": frozenset({ACCEPTED, "edit", "merge", "rejected", "waiting"}),
}


@dataclass(frozen=True, slots=True)
class CandidateCard:
    """One candidate, with its filled fields by their labels and the address of the section it stands in.

    ``lesson_id`` is the lesson it became, or is a source of; 0 where there is none.
    """

    candidate: Candidate
    kind: str
    evidence: str
    fields: tuple[tuple[str, str], ...]
    source_url: str
    document_url: str
    decisions: tuple[Decision, ...]
    lesson_id: int


@dataclass(frozen=True, slots=True)
class StateTab:
    """One state, how many candidates are in it, and the list of those."""

    label: str
    count: int
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class CandidatesPage:
    """Context of ``candidates/list.html``.

    Attributes:
        here: address of this list, to come back to after a decision.
        projects: code, count and address of each project that has candidates in this state.
        document: title of the document the list is narrowed to, or empty.
        all_url: the list without that narrowing.
    """

    may_decide: bool
    here: str
    tabs: tuple[StateTab, ...]
    projects: tuple[tuple[str, int, str], ...]
    project: str
    document: str
    all_url: str
    cards: tuple[CandidateCard, ...]
    total: int
    previous_url: str
    next_url: str


@router.get("/candidates")
def candidates(visit: Visiting) -> Response:
    """The queue, or what was decided."""
    asked, number = read(visit.request.query_params)
    return _list(visit, asked, number)


@router.post("/candidates/{candidate_id}")
def decide(
    visit: Visiting,
    candidate_id: int,
    decision: Annotated[str, Form()],
    then: Annotated[str, Form()] = "/candidates",
) -> Response:
    """Accept, reject or put back; htmx gets the list as a block, others are sent back to it."""
    if decision == ACCEPTED:
        visit.kb.lesson_acceptance.accept(visit.actor, candidate_id)
    else:
        visit.kb.candidates.decide(visit.actor, candidate_id, decision)
    if not visit.fragment:
        return visit.redirect(local_path(then))
    asked, number = read(QueryParams(then.partition("?")[2]))
    return _list(visit, asked, number)


def read(parameters: QueryParams) -> tuple[CandidateFilter, int]:
    """The candidates that a query string asks for, and the page; a value that makes no sense is left out."""
    state = parameters.get("state", "")
    chosen: CandidateState = next((known for known in STATES if known == state), "waiting")
    asked = CandidateFilter(
        state=chosen,
        document_id=_whole(parameters.get("document", "")),
        project=parameters.get("project", "").strip(),
    )
    return asked, min(_whole(parameters.get("page", "")) or 1, _MAX_PAGE)


def address(asked: CandidateFilter, page: int = 1) -> str:
    """The address of a list."""
    pairs: list[tuple[str, str]] = []
    if asked.state != CandidateFilter().state:
        pairs.append(("state", asked.state))
    if asked.document_id is not None:
        pairs.append(("document", str(asked.document_id)))
    if asked.project:
        pairs.append(("project", asked.project))
    if page > 1:
        pairs.append(("page", str(page)))
    return "/candidates" + (f"?{urlencode(pairs)}" if pairs else "")


def told_evidence(language: Language, candidate: Candidate) -> str:
    """Why a candidate was taken, in the reader's language."""
    part = language.gettext(FOUND_AS_LABELS[candidate.found_as]) % {"number": candidate.number}
    if not candidate.section:
        return language.gettext(N_("the columns of the table, %(part)s")) % {"part": part}
    words: Mapping[str, str] = {"section": candidate.section, "part": part}
    return language.gettext(N_("section “%(section)s”, %(part)s")) % words


def _list(visit: Visit, asked: CandidateFilter, number: int) -> Response:
    found, total = visit.kb.candidates.queue(visit.actor, asked, page=number, per_page=PER_PAGE)
    pages = max(-(-total // PER_PAGE), 1)
    if number > pages:  # the last one of the last page was decided
        return _list(visit, asked, pages)
    may_decide = Action.CURATE in visit.actor.actions
    became = visit.kb.lesson_acceptance.became(visit.actor, [each.id for each in found])
    page = CandidatesPage(
        may_decide=may_decide,
        here=address(asked, number),
        tabs=_tabs(visit, asked),
        projects=tuple(
            (code, count, address(CandidateFilter(asked.state, project=code)))
            for code, count in visit.kb.candidates.projects(visit.actor, asked.state)
        ),
        project=asked.project,
        document=_document_title(visit, asked, found),
        all_url=address(CandidateFilter(asked.state)),
        cards=tuple(
            _card(
                visit.language,
                candidate,
                may_decide=may_decide,
                lesson_id=became.get(candidate.id, 0),
            )
            for candidate in found
        ),
        total=total,
        previous_url=address(asked, number - 1) if number > 1 else "",
        next_url=address(asked, number + 1) if number < pages else "",
    )
    return visit.page("candidates/list.html", page, block="content")


def _tabs(visit: Visit, asked: CandidateFilter) -> tuple[StateTab, ...]:
    counts = visit.kb.candidates.counts(visit.actor, asked)
    return tuple(
        StateTab(
            visit.language.gettext(STATE_LABELS[state]),
            counts[state],
            address(replace(asked, state=state)),
            state == asked.state,
        )
        for state in STATES
        if counts[state] or state in {"waiting", asked.state}
    )


def _document_title(visit: Visit, asked: CandidateFilter, found: Sequence[Candidate]) -> str:
    if asked.document_id is None:
        return ""
    if found:
        return found[0].document_title
    return visit.kb.documents.get(visit.actor, asked.document_id).title


def _card(
    language: Language, candidate: Candidate, *, may_decide: bool, lesson_id: int
) -> CandidateCard:
    values = {name: getattr(candidate, name) for name in FIELD_LABELS}
    return CandidateCard(
        candidate=candidate,
        kind=language.gettext(KIND_LABELS[candidate.kind]),
        evidence=told_evidence(language, candidate),
        fields=tuple(
            (language.gettext(FIELD_LABELS[name]), text)
            for name, text in values.items()
            if text and not (name == "what_happened" and text.rstrip("。.") == candidate.title)
        ),
        source_url=document_address(candidate.document_id, anchor=candidate.anchor),
        document_url=address(CandidateFilter(candidate.state, document_id=candidate.document_id)),
        decisions=tuple(
            replace(decision, label=language.gettext(decision.label))
            for decision in DECIDE
            if may_decide
            and decision.name in OFFERED[candidate.state]
            # A lesson stays a lesson; what is wrong with it is put right there.
            and not lesson_id
        ),
        lesson_id=lesson_id,
    )


def _whole(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) <= _DIGITS and int(text) else None
