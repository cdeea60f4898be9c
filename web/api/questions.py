"""``/api/v1/questions``: questions put to colleagues, listed, told, asked and answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from kb.question_lists import PER_PAGE, QuestionFilter
from kb.question_rules import QuestionText, Sort, Tab
from web.visit import Id, Visiting

router = APIRouter(tags=["questions"])


class QuestionSummaryBody(BaseModel):
    """A question in a list."""

    id: int
    url: str
    title: str
    language: str
    asked_by: str
    asked: datetime
    updated: datetime
    closed: bool
    accepted: bool = Field(description="One of its answers was accepted.")
    answers: int
    votes: int
    tags: list[str]
    project: str = Field(description="Code of its project, or empty.")


class QuestionsBody(BaseModel):
    """One page of questions."""

    total: int
    page: int
    per_page: int
    questions: list[QuestionSummaryBody]


class AnswerBody(BaseModel):
    """An answer; ``body`` is Markdown."""

    id: int
    body: str
    by: str
    at: datetime
    edited: datetime | None
    accepted: bool
    votes: int


class QuestionBody(BaseModel):
    """A question with its answers, the accepted one first; ``body`` is Markdown."""

    id: int
    url: str
    revision: int
    title: str
    body: str
    language: str
    tags: list[str]
    project: str
    asked_by: str
    asked: datetime
    updated: datetime
    closed: datetime | None
    closed_note: str
    duplicate_of: int | None
    votes: int
    answers: list[AnswerBody]


class NewQuestion(BaseModel):
    """A question to ask."""

    title: str
    body: str = Field(default="", description="Markdown.")
    tags: list[str] = []
    project: str = Field(default="", description="Code of the project it is about.")
    audience: str = Field(
        default="everyone", description="everyone, group:NAME or user:NAME, by commas."
    )
    experts: list[int] = Field(default=[], description="Ids of people to bring it to.")
    token: str = Field(default="", description="Sent twice with one token, it is asked once.")


class NewAnswer(BaseModel):
    """An answer to give; ``body`` is Markdown."""

    body: str
    token: str = Field(default="", description="Sent twice with one token, it is given once.")


class MadeBody(BaseModel):
    """What was made, or was there already."""

    id: int
    url: str


@router.get("/questions", summary="Questions put to colleagues")
def questions(
    visit: Visiting,
    tab: Tab = "all",
    tag: str = "",
    sort: Sort = "active",
    page: Annotated[int, Query(ge=1, le=1000)] = 1,
) -> QuestionsBody:
    """One page of the questions that you may read."""
    found, total = visit.kb.question_lists.listed(visit.actor, QuestionFilter(tab, tag, sort), page)
    return QuestionsBody(
        total=total,
        page=page,
        per_page=PER_PAGE,
        questions=[
            QuestionSummaryBody(
                id=line.id,
                url=f"/questions/{line.id}",
                title=line.title,
                language=line.language,
                asked_by=line.asked_by,
                asked=line.asked_at,
                updated=line.updated_at,
                closed=line.closed,
                accepted=line.accepted,
                answers=line.answers,
                votes=line.votes,
                tags=list(line.tags),
                project=line.project_code,
            )
            for line in found
        ],
    )


@router.post("/questions", status_code=201, summary="Ask a question")
def ask(visit: Visiting, new: NewQuestion) -> MadeBody:
    """Ask; the people named are told."""
    text = QuestionText(
        title=new.title,
        body=new.body,
        tags=tuple(new.tags),
        audience=new.audience,
        project=new.project,
    )
    number = visit.kb.questions.ask(visit.actor, text, experts=new.experts, token=new.token[:100])
    return MadeBody(id=number, url=f"/questions/{number}")


@router.get("/questions/{question_id}", summary="A question with its answers")
def question(visit: Visiting, question_id: Id) -> QuestionBody:
    """A question with its answers."""
    found = visit.kb.question_views.get(visit.actor, question_id)
    return QuestionBody(
        id=found.id,
        url=f"/questions/{found.id}",
        revision=found.revision,
        title=found.text.title,
        body=found.text.body,
        language=found.text.language,
        tags=list(found.text.tags),
        project=found.text.project,
        asked_by=found.asked_by,
        asked=found.asked_at,
        updated=found.updated_at,
        closed=found.closed_at,
        closed_note=found.closed_note,
        duplicate_of=found.duplicate_of[0] if found.duplicate_of else None,
        votes=found.votes,
        answers=[
            AnswerBody(
                id=each.id,
                body=each.body,
                by=each.by,
                at=each.at,
                edited=each.edited_at,
                accepted=each.accepted,
                votes=each.votes,
            )
            for each in found.answers
        ],
    )


@router.post("/questions/{question_id}/answers", status_code=201, summary="Answer a question")
def answer(visit: Visiting, question_id: Id, new: NewAnswer) -> MadeBody:
    """Answer; whoever asked is told."""
    number = visit.kb.question_answers.answer(
        visit.actor, question_id, new.body, token=new.token[:100]
    )
    return MadeBody(id=number, url=f"/questions/{question_id}#answer-{number}")
