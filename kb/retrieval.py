"""Retrieval: questions answered for somebody, with nothing in the answer that this somebody may not read.

The index leaves out what the actor may not see before it counts; the rows of a page are then read from SQL under the
same condition again, so an index that lags behind a change of permission leaks no text.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session, selectinload

from kb.access import Actor
from kb.database import Database
from kb.errors import NotFound
from kb.models import Document, Project, readable_audiences
from kb.models.access import readable
from kb.search.analysis import tokens
from kb.search.answers import (
    FACETS,
    MAX_PER_PAGE,
    FacetValue,
    Hit,
    Names,
    SearchAnswer,
    SearchRequest,
    SectionRef,
    Suggestion,
)
from kb.search.engine import Match, Question, SearchEngine
from kb.search.expansion import Expander
from kb.search.language import understand
from kb.search.passages import Highlighter
from kb.search.query import Bag, Slot, Term
from kb.search.wording import STOP_WORDS

PUBLISHED: Final = "published"  # the state of a document that may be found

MAX_FACET_VALUES: Final = 50
MAX_SUGGESTIONS: Final = 20
MAX_PREFIX_CHARS: Final = 100
# Similar documents: the beginning of a document says what it is about, and its rarest words say it best.
_SIMILAR_CHARS: Final = 4_000
_SIMILAR_TERMS: Final = 40
_SIMILAR_FLOOR: Final = 0.1


class Retrieval:
    """Answers questions. Safe to share between threads."""

    def __init__(
        self, database: Database, engine: SearchEngine, expander: Expander | None = None
    ) -> None:
        """Find with ``engine``, widen questions with ``expander``, read the rows to show from ``database``."""
        self._database = database
        self._engine = engine
        self._expander = expander

    def search(self, actor: Actor, request: SearchRequest) -> SearchAnswer:
        """Answer a question with what ``actor`` may read. Any text is a question; pages beyond the last are empty.

        Raises:
            SearchUnavailable: there is no usable index.
        """
        began = time.perf_counter()
        widening = None
        if request.expand and self._expander is not None:
            widening = self._expander.widening(request.without)
        understood = understand(request.query, widening)
        per_page = min(max(request.per_page, 1), MAX_PER_PAGE)
        with self._database.read() as session:
            found = self._engine.search(
                Question(
                    node=understood.node,
                    filters=_filters(request),
                    date_from=request.date_from,
                    date_to=request.date_to,
                    audiences=readable_audiences(session, actor),
                    facets=FACETS,
                    sort=request.sort,
                    offset=(max(request.page, 1) - 1) * per_page,
                    limit=per_page,
                )
            )
            hits = self._hits(session, actor, found.matches, Highlighter(understood.wanted))
            facets = {name: _facet(session, name, counts) for name, counts in found.facets.items()}
        return SearchAnswer(
            query=request.query,
            total=found.total,
            took_ms=round((time.perf_counter() - began) * 1000, 2),
            hits=hits,
            facets=facets,
            expansions=understood.expansions,
            ignored=understood.ignored,
        )

    def similar(self, actor: Actor, document_id: int, limit: int = 5) -> tuple[Hit, ...]:
        """Documents about the same things as one, best first, itself left out.

        Raises:
            NotFound: there is no such document, or ``actor`` may not read it.
            SearchUnavailable: there is no usable index.
        """
        with self._database.read() as session:
            document = next(iter(_documents(session, actor, [document_id])), None)
            if document is None:
                raise NotFound(what="document", id=document_id)
            text = "\n\n".join(section.text for section in document.sections)[:_SIMILAR_CHARS]
            bag = self._likeness(f"{document.title}\n\n{text}")
            found = self._engine.search(
                Question(
                    node=bag,
                    audiences=readable_audiences(session, actor),
                    without=f"document:{document_id}",
                    limit=min(max(limit, 1), MAX_PER_PAGE),
                )
            )
            return self._hits(session, actor, found.matches, Highlighter(()))

    def suggest(self, actor: Actor, prefix: str, limit: int = 8) -> tuple[Suggestion, ...]:
        """Titles and projects that contain ``prefix``, of what ``actor`` may read; those that begin with it first."""
        prefix = " ".join(prefix.split())[:MAX_PREFIX_CHARS]
        limit = min(max(limit, 0), MAX_SUGGESTIONS)
        if not prefix or not limit:
            return ()
        with self._database.read() as session:
            own = readable(actor, Document.audience_id) & (Document.state == PUBLISHED)
            begins = case((Document.title.istartswith(prefix, autoescape=True), 0), else_=1)
            titles = session.execute(
                select(Document.id, Document.title)
                .where(own, Document.title.icontains(prefix, autoescape=True))
                .order_by(begins, func.length(Document.title), Document.id)
                .limit(limit)
            ).all()
            in_project = [
                column.icontains(prefix, autoescape=True)
                for column in (Project.code, Project.name_zh, Project.name_en)
            ]
            projects = session.scalars(
                select(Project)
                .where(or_(*in_project), Project.id.in_(select(Document.project_id).where(own)))
                .order_by(Project.code)
                .limit(max(limit // 2, 1))
            ).all()
        shown = [Suggestion(_project_label(project), "project", project.id) for project in projects]
        documents = [Suggestion(title, "document", number) for number, title in titles]
        return (*documents[: limit - len(shown)], *shown)

    def _likeness(self, text: str) -> Bag:
        """The terms that tell ``text`` from others: highest tf-idf first, stop words left out."""
        counts = Counter(
            Term(token.signal, token.text)
            for token in tokens(text)
            if token.plain not in STOP_WORDS and len(token.plain) > 1
        )
        terms = list(counts)
        weighed = sorted(
            zip(terms, self._engine.idf(terms), strict=True),
            key=lambda pair: (-pair[1] * counts[pair[0]], pair[0].text),
        )
        slots = tuple(Slot((term,), float(counts[term])) for term, _ in weighed[:_SIMILAR_TERMS])
        return Bag(slots, _SIMILAR_FLOOR)

    def _hits(
        self, session: Session, actor: Actor, matches: Iterable[Match], highlighter: Highlighter
    ) -> tuple[Hit, ...]:
        scores = {int(match.key.partition(":")[2]): match.score for match in matches}
        rows = {document.id: document for document in _documents(session, actor, list(scores))}
        return tuple(
            _hit(rows[number], score, highlighter)
            for number, score in scores.items()
            if number in rows
        )


def _filters(request: SearchRequest) -> dict[str, Sequence[str]]:
    return {
        "kind": request.kinds,
        "language": request.languages,
        "project": request.projects,
        "year": tuple(str(year) for year in request.years),
        "tag": request.tags,
        "person": request.people,
    }


def _documents(session: Session, actor: Actor, ids: Sequence[int]) -> Sequence[Document]:
    return session.scalars(
        select(Document)
        .where(
            Document.id.in_(ids), Document.state == PUBLISHED, readable(actor, Document.audience_id)
        )
        .options(
            selectinload(Document.sections),
            selectinload(Document.people),
            selectinload(Document.tags),
            selectinload(Document.project),
        )
    ).all()


def _hit(document: Document, score: float, highlighter: Highlighter) -> Hit:
    sections = document.sections
    passage = highlighter.passage([(section.heading, section.text) for section in sections])
    best = sections[passage.section] if passage.section is not None else None
    project = document.project
    return Hit(
        id=document.id,
        kind=document.kind,
        title=document.title,
        title_html=highlighter.title(document.title),
        score=round(score, 4),
        language=document.language,
        snippet=passage.html,
        section=SectionRef(best.heading, best.anchor) if best is not None and best.anchor else None,
        updated=document.updated_at,
        dated=document.dated,
        project_code=project.code if project else "",
        project_names=_names(project),
        people=tuple(person.name for person in document.people),
        tags=tuple(tag.tag for tag in document.tags),
    )


def _facet(
    session: Session, name: str, counts: Sequence[tuple[str, int]]
) -> tuple[FacetValue, ...]:
    labels: dict[str, str] = {}
    names: dict[str, Names] = {}
    if name == "project" and counts:
        codes = [value for value, _ in counts[:MAX_FACET_VALUES]]
        projects = session.scalars(select(Project).where(Project.code.in_(codes))).all()
        labels = {project.code: _project_label(project) for project in projects}
        names = {project.code: _names(project) for project in projects}
    return tuple(
        FacetValue(value, labels.get(value, value), count, names.get(value, Names()))
        for value, count in counts[:MAX_FACET_VALUES]
    )


def _names(project: Project | None) -> Names:
    return Names(project.name_zh, project.name_en) if project else Names()


def _project_label(project: Project) -> str:
    name = project.name_zh or project.name_en
    return name if name == project.code or not name else f"{project.code} {name}"
