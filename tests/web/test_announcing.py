"""What is not for somebody may say whom to ask: a name, and nothing else, to whoever would have found it."""

from __future__ import annotations

from dataclasses import replace

from fastapi.testclient import TestClient
from sqlalchemy import update

from kb.access import SYSTEM, Actor, Audience, Role
from kb.errors import NotAllowed, NotFound
from kb.knowledge_base import KnowledgeBase
from kb.models import Document, DocumentLife, audience_id_of
from kb.search.answers import SearchAnswer, SearchRequest
from tests.web.conftest import draft, sign_in, store

READER = Actor("chen.wei", "Chen Wei", Role.READER)
CURATOR = Actor("zhou", "Zhou", Role.CURATOR, frozenset({"board"}))
BOARD = Audience.parse("group:board")
SECRET = "重组方案 Project Kestrel 𠮷"


def secret(kb: KnowledgeBase, owner: str = "li.na") -> int:
    """A page of the board about something that everybody might ask for, with an owner."""
    text = "裁撤两个部门，盲审报价 sealed bids.\n"
    made = store(kb, draft(SECRET, text, "zh", "summary", tags=("绝密",)), audience=BOARD)
    with kb.database.write() as session:
        found = session.get(DocumentLife, made)
        if found is None:
            session.add(DocumentLife(document_id=made, owner=owner))
        else:
            session.execute(update(DocumentLife).values(owner=owner))
    kb.indexing.catch_up()
    return made


def asked(kb: KnowledgeBase, text: str, actor: Actor = READER, **rest: object) -> SearchAnswer:
    return replace(kb.search(actor, SearchRequest(text, **rest)), took_ms=0)  # type: ignore[arg-type]


def test_only_a_name_is_told_only_when_words_match_and_only_where_a_curator_said_so(
    kb: KnowledgeBase, documents: dict[str, int]
) -> None:
    number = secret(kb)
    questions = ("盲审报价", "sealed bids", "Kestrel", "𠮷", "风险", "banking", "nothing like it")
    before = {text: asked(kb, text) for text in questions}
    assert all(answer.restricted == () for answer in before.values())
    kb.announcing.announce(CURATOR, number, on=True)
    for text in questions:
        now = asked(kb, text)
        matches = text in questions[:3] or "𠮷" in text
        assert now.restricted == (("李娜",) if matches else ()), text
        # All else is as it was: hits, totals, facets, what was meant, help.
        assert replace(now, restricted=()) == before[text]
        assert SECRET not in repr(now)
    # No fields, filters and pages: they would tell more than that words match.
    for text in ("标签:绝密", "kind:summary Kestrel", "NOT 风险", "", "-banking"):
        assert asked(kb, text).restricted == (), text
    for more in ({"kinds": ("summary",)}, {"tags": ("绝密",)}, {"page": 2}, {"years": (2026,)}):
        assert asked(kb, "Kestrel", **more).restricted == (), more
    # Whoever may read it finds it; whoever may read nothing is told nothing.
    assert asked(kb, "Kestrel", CURATOR).restricted == ()
    assert asked(kb, "Kestrel", CURATOR).total == 1
    assert asked(kb, "Kestrel", Actor("", "", Role.NONE)).restricted == ()
    assert asked(kb, "Kestrel", SYSTEM).restricted == ()
    kb.announcing.announce(CURATOR, number, on=True)
    kb.announcing.announce(CURATOR, number, on=False)
    assert asked(kb, "Kestrel").restricted == ()
    assert not kb.announcing.is_announced(CURATOR, number)


def test_who_may_not_read_it_neither_announces_it_nor_learns_that_it_is(kb: KnowledgeBase) -> None:
    number = secret(kb, owner="somebody.who.left")
    kb.announcing.announce(CURATOR, number, on=True)
    assert asked(kb, "Kestrel").restricted == (), "there is nobody to ask"
    assert not kb.announcing.is_announced(READER, number)
    for actor, refusal in (
        (READER, NotAllowed),
        (Actor("x", "X", Role.CURATOR), NotFound),
        (Actor("y", "Y", Role.CONTRIBUTOR, frozenset({"board"})), NotAllowed),
    ):
        try:
            kb.announcing.announce(actor, number, on=False)
        except refusal:
            continue
        raise AssertionError(actor)
    assert kb.announcing.is_announced(CURATOR, number)


def test_a_curator_says_so_on_the_details_and_the_search_page_names_the_owner(
    client: TestClient, chinese: TestClient, kb: KnowledgeBase, documents: dict[str, int]
) -> None:
    number = secret(kb)
    with kb.database.write() as session:
        document = session.get_one(Document, number)
        document.audience_id = audience_id_of(session, Audience.parse("user:pmo"))
    sign_in(client, "pmo")
    place = f"/documents/{number}/details"
    shown = chinese.get(place).text
    assert 'name="announced" value="yes">' in shown
    fields = {
        "title": SECRET, "kind": "summary", "language": "zh", "audience": "user:pmo",
        "project": "", "tags": "绝密", "date": "",
    }  # fmt: skip
    # A program that says nothing of it changes nothing; a browser sends both, the last one counts.
    client.post(place, data=fields)
    assert not kb.announcing.is_announced(SYSTEM, number)
    client.post(place, data={**fields, "announced": ["no", "yes"]})
    assert kb.announcing.is_announced(SYSTEM, number)
    assert 'value="yes" checked' in chinese.get(place).text
    kb.indexing.catch_up()
    client.post("/sign-out")
    page = chinese.get("/?q=Kestrel").text
    assert "有您无权查看的内容与此相符。可询问：李娜。" in page
    assert SECRET not in page
    told = client.get("/api/v1/search?q=Kestrel").json()
    assert (told["restricted"], told["total"]) == (["李娜"], 0)
    assert client.get("/api/v1/search?q=banking").json()["restricted"] == []
    sign_in(client, "pmo")
    client.post(place, data={**fields, "announced": "no"})
    assert not kb.announcing.is_announced(SYSTEM, number)
