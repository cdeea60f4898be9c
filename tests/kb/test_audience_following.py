"""Confidential projects: what belongs to one follows it, and nothing that names it gives it away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kb import open_kb
from kb.access import AS_PROJECT, FOR_EVERYONE, SYSTEM, Actor, Audience, Role
from kb.config import Settings
from kb.drafts import Draft, Guess, Ledger
from kb.errors import InvalidInput, NotFound
from kb.importing_rules import Overrides
from kb.knowledge_base import KnowledgeBase
from kb.lesson_rules import LessonText
from kb.project_rules import ProjectText
from kb.search.answers import SearchRequest

CODE, NAME = "CL-2031-007", "凤凰计划"
INSIDER = Actor("li.na", "李娜", Role.CURATOR, frozenset({"pmo"}))
OUTSIDER = Actor("chen.wei", "Chen Wei", Role.READER)


@pytest.fixture
def kb(data_folder: Path) -> Iterator[KnowledgeBase]:
    with open_kb(Settings(data_dir=data_folder)) as opened:
        yield opened


def project(kb: KnowledgeBase, audience: str) -> int:
    """The project, as it is now."""
    text = ProjectText(code=CODE, name_zh=NAME, audience=audience)
    return kb.projects.save(SYSTEM, text)


def reset(kb: KnowledgeBase, number: int, audience: str) -> None:
    """Change who may know of the project."""
    _, revision = kb.projects.text(SYSTEM, number)
    text = ProjectText(code=CODE, name_zh=NAME, audience=audience)
    kb.projects.save(SYSTEM, text, project_id=number, revision=revision)
    kb.indexing.catch_up()


def document(kb: KnowledgeBase, title: str, audience: Audience, code: str = CODE) -> int:
    draft = Draft(
        title=title,
        body=f"# {title}\n\n钻孔取芯，回填前拍照。\n",
        language="zh",
        kind=Guess("summary"),
        format="md",
        ledger=Ledger({}, []),
        project_code=code,
    )
    return kb.documents.store(SYSTEM, draft, place=f"/{title}", audience=audience).document_id


def everything_told(kb: KnowledgeBase, actor: Actor) -> str:
    """Whatever searching tells somebody: hits, facets, suggestions, what was meant."""
    asked = [
        SearchRequest(query=query, projects=projects)
        for query in ("钻孔", NAME, CODE, "")
        for projects in ((), (CODE,))
    ]
    answers = [kb.search(actor, request) for request in asked]
    told = [(answer.hits, answer.facets, answer.did_you_mean) for answer in answers]
    return repr(told) + repr([kb.suggest(actor, word) for word in ("凤凰", "CL-20", "fh")])


def test_what_belongs_to_a_project_follows_it(kb: KnowledgeBase) -> None:
    number = project(kb, "everyone")
    follows = document(kb, "跟随的总结", AS_PROJECT)
    stays = document(kb, "不跟随的总结", FOR_EVERYONE)
    loose = document(kb, "没有项目", AS_PROJECT, code="")
    lesson_id = kb.lessons.submit(
        INSIDER,
        LessonText(
            title="回填前拍照",
            what_happened="没有照片，无法证明。",
            recommendation="回填前拍照。",
            phase="收尾",
            project=CODE,
            audience="project",
            language="zh",
        ),
    )
    for one in (follows, stays, loose):
        assert kb.documents.get(OUTSIDER, one)
    reset(kb, number, "group:pmo")
    reads: list[Callable[[Actor], object]] = [
        lambda actor: kb.documents.get(actor, follows),
        lambda actor: kb.lessons.get(actor, lesson_id),
        lambda actor: kb.projects.get(actor, number),
    ]
    for read in reads:
        assert read(INSIDER)
        with pytest.raises(NotFound):
            read(OUTSIDER)
    assert kb.documents.get(OUTSIDER, stays).project is None
    assert kb.documents.get(INSIDER, stays).project is not None
    assert kb.documents.get(OUTSIDER, loose)
    assert kb.publishing.audience_of(INSIDER, follows) == "project"
    late = document(kb, "后来的总结", AS_PROJECT)
    with pytest.raises(NotFound):
        kb.documents.get(OUTSIDER, late)
    reset(kb, number, "everyone")
    assert kb.documents.get(OUTSIDER, follows)
    assert kb.documents.get(OUTSIDER, late)


def test_a_document_that_is_open_does_not_give_its_project_away(kb: KnowledgeBase) -> None:
    number = project(kb, "everyone")
    document(kb, "公开的总结", FOR_EVERYONE)
    kb.indexing.catch_up()
    assert CODE in everything_told(kb, OUTSIDER)
    # At once, while the index still says what was true before, and after it has caught up.
    _, revision = kb.projects.text(SYSTEM, number)
    secret = ProjectText(code=CODE, name_zh=NAME, audience="group:pmo")
    kb.projects.save(SYSTEM, secret, project_id=number, revision=revision)
    stale = [
        kb.search(OUTSIDER, SearchRequest(query="钻孔")),
        kb.search(OUTSIDER, SearchRequest(query="钻孔", projects=(CODE,))),
    ]
    assert CODE not in repr([(answer.hits, answer.facets) for answer in stale])
    assert stale[0].total == 1
    assert stale[1].total == 0
    kb.indexing.catch_up()
    told = everything_told(kb, OUTSIDER)
    assert CODE not in told
    assert NAME not in told
    assert "公开的总结" in told
    for words in (CODE, NAME):
        assert kb.search(OUTSIDER, SearchRequest(query=words)).total == 0
        assert kb.search(INSIDER, SearchRequest(query=words)).total >= 1


def test_a_document_moves_with_its_project_by_hand_and_back(kb: KnowledgeBase) -> None:
    project(kb, "group:pmo")
    made = document(kb, "待归类", AS_PROJECT, code="")
    assert kb.documents.get(OUTSIDER, made)
    kb.publishing.correct(SYSTEM, [made], Overrides(project_code=CODE))
    with pytest.raises(NotFound):
        kb.documents.get(OUTSIDER, made)
    kb.publishing.correct(SYSTEM, [made], Overrides(audience="everyone"))
    assert kb.documents.get(OUTSIDER, made)
    kb.publishing.correct(SYSTEM, [made], Overrides(audience="project"))
    with pytest.raises(NotFound):
        kb.documents.get(OUTSIDER, made)


def test_only_what_can_follow_a_project_may_say_so() -> None:
    assert Audience.parse(" project ", follows=True) == AS_PROJECT
    for text in ("project", "project, user:li.na"):
        with pytest.raises(InvalidInput):
            Audience.parse(text)
    with pytest.raises(InvalidInput):
        Audience.parse("project, user:li.na", follows=True)
