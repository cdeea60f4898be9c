"""``GET /api/v1/people``, ``GET /api/v1/people/{id}`` and ``GET /api/v1/experts``."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from kb.evidence import EvidenceKind
from kb.expertise import TopicScore
from kb.expertise_rules import Points, Score
from kb.experts import MAX_EXPERTS, Expert, ExpertFilter
from kb.person_listing import MAX_PER_PAGE, PeopleFilter
from kb.person_views import PersonView
from web.search_address import thing_address
from web.visit import Id, Visiting

router = APIRouter(tags=["people"])


class PersonBody(BaseModel):
    """Somebody of the register."""

    id: int
    handle: str
    name_zh: str
    name_en: str
    department: str
    title: str
    place: str
    languages: list[str] = Field(description="Codes of the languages they speak.")
    mentor: bool
    availability: str = Field(description="For advice: open, limited, closed, or empty.")
    left_on: date | None = Field(description="The day they left, or will leave.")
    url: str


class CertificateBody(BaseModel):
    """A certificate."""

    name: str
    issuer: str
    valid_until: date | None


class DeedBody(BaseModel):
    """Evidence with what it counts: ``points`` = ``relevance`` × ``weight`` × ``part`` × ``fade``."""

    kind: EvidenceKind
    subject: str
    id: int
    title: str
    url: str
    dated: date
    role: str
    relevance: float
    weight: float
    part: float
    fade: float
    points: float


class ScoreBody(BaseModel):
    """A score: (sum of the points + ``own_word``) × each factor."""

    total: float
    own_word: float
    factors: dict[str, float]
    evidence: list[DeedBody]


class TopicBody(BaseModel):
    """A topic somebody knows about."""

    key: str
    zh: str
    en: str
    state: str = Field(description="What they say of it: confirmed, hidden, added, or empty.")
    score: ScoreBody


class WholePersonBody(PersonBody):
    """Somebody with what shows of them."""

    aliases: list[str]
    email: str
    phone: str
    chat: str
    availability_note: str
    since: int | None
    interests: list[str]
    certificates: list[CertificateBody]
    topics: list[TopicBody]


class PeopleBody(BaseModel):
    """One page of people."""

    total: int = Field(description="Number of people over all pages.")
    page: int
    per_page: int
    people: list[PersonBody]


class ExpertBody(BaseModel):
    """Somebody to ask."""

    person: PersonBody
    left: bool
    score: ScoreBody


class ExpertsBody(BaseModel):
    """Whom to ask."""

    query: str
    total: int = Field(description="Number of people of whom something shows.")
    voting: int = Field(description="Number of hits that voted.")
    experts: list[ExpertBody]


@router.get("/people")
def people(
    visit: Visiting,
    *,
    q: Annotated[
        str, Query(max_length=200, description="Part of a name, pinyin, or initials.")
    ] = "",
    department: str = "",
    place: str = "",
    language: Annotated[str, Query(description="Code of a language they speak.")] = "",
    mentor: bool = False,
    here: Annotated[str, Query(pattern="^(yes|no)?$", description="yes: not left; no: left.")] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    per_page: Annotated[int, Query(ge=1, le=MAX_PER_PAGE)] = 50,
) -> PeopleBody:
    """The directory."""
    wanted = PeopleFilter(q, department, place, language, mentor, here)
    found = visit.kb.people_lists.listed(visit.actor, wanted, page=page, per_page=per_page)
    return PeopleBody(
        total=found.total,
        page=page,
        per_page=per_page,
        people=[PersonBody(**_person(one)) for one in found.people],
    )


@router.get("/people/{person_id}")
def person(visit: Visiting, person_id: Id) -> WholePersonBody:
    """One person, with the topics they know about, from what one may read oneself."""
    kept = visit.kb.people.leads_to(visit.actor, person_id)
    entry = visit.kb.people.entry(visit.actor, kept)
    known = visit.kb.expertise.of_person(visit.actor, kept)
    said = entry.said
    return WholePersonBody(
        **_person(entry.view),
        aliases=list(said.aliases),
        email=said.email,
        phone=said.phone,
        chat=said.chat,
        availability_note=said.availability_note,
        since=said.since,
        interests=list(said.interests),
        certificates=[
            CertificateBody(name=one.name, issuer=one.issuer, valid_until=one.valid_until)
            for one in said.certificates
        ],
        topics=[_topic(one) for one in known.topics],
    )


@router.get("/experts")
def experts(
    visit: Visiting,
    *,
    q: Annotated[str, Query(max_length=2000, description="Any question, in either language.")],
    department: str = "",
    place: str = "",
    language: Annotated[str, Query(description="Code of a language they speak.")] = "",
    limit: Annotated[int, Query(ge=1, le=MAX_EXPERTS)] = 10,
) -> ExpertsBody:
    """Whom to ask about a question: those behind what answers it, with the arithmetic."""
    wanted = ExpertFilter(department, place, language)
    answer = visit.kb.experts.ask(visit.actor, q, wanted, limit=limit)
    return ExpertsBody(
        query=answer.query,
        total=answer.total,
        voting=answer.voting,
        experts=[_expert(one) for one in answer.experts],
    )


def _expert(one: Expert) -> ExpertBody:
    return ExpertBody(person=PersonBody(**_person(one.who)), left=one.left, score=_score(one.score))


def _topic(one: TopicScore) -> TopicBody:
    names = one.topic.names
    return TopicBody(
        key=one.topic.key, zh=names.zh, en=names.en, state=one.state, score=_score(one.score)
    )


def _score(score: Score) -> ScoreBody:
    return ScoreBody(
        total=score.total,
        own_word=score.own_word,
        factors=dict(score.factors),
        evidence=[_deed(one) for one in score.points],
    )


def _deed(one: Points) -> DeedBody:
    evidence = one.evidence
    return DeedBody(
        kind=evidence.kind,
        subject=evidence.subject,
        id=evidence.number,
        title=evidence.title,
        url=thing_address(evidence.subject, evidence.number),
        dated=evidence.dated,
        role=evidence.role,
        relevance=one.relevance,
        weight=one.weight,
        part=evidence.part,
        fade=one.fade,
        points=one.points,
    )


def _person(one: PersonView) -> dict[str, object]:
    return {
        "id": one.id,
        "handle": one.handle,
        "name_zh": one.names.zh,
        "name_en": one.names.en,
        "department": one.department,
        "title": one.title,
        "place": one.place,
        "languages": list(one.languages),
        "mentor": one.mentor,
        "availability": one.availability,
        "left_on": one.left_on,
        "url": f"/people/{one.id}",
    }
