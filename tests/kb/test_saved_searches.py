from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from kb import open_kb
from kb.access import FOR_EVERYONE, SYSTEM, Actor, Audience, Role, anonymous
from kb.config import Settings
from kb.drafts import Draft, Guess
from kb.errors import InvalidInput, NotAllowed, NotFound
from kb.knowledge_base import KnowledgeBase
from kb.models.saved_searches import SavedSearch
from kb.saved_searches import MAX_NAME_CHARS, MAX_SAVED, Saved, SavedSearches
from kb.search.answers import SearchRequest

LI_NA = Actor("li.na", "李娜", Role.CONTRIBUTOR, frozenset({"pmo"}))
TOM = Actor("tom", "Tom Brown", Role.READER)
RISKS = SearchRequest("风险 risk")
EVERYTHING_ASKED = SearchRequest(
    query="验收 標準 acceptance 𠮷 🚀",
    kinds=("lesson", "plan"),
    languages=("zh",),
    projects=("CL-2018-007",),
    years=(2020, 2021),
    tags=("风险管理",),
    people=("郝建平", "O’Brien"),
    date_from=date(2020, 2, 29),
    date_to=date(2021, 12, 31),
    sort="date",
    expand=False,
)


@pytest.fixture
def kb(data_folder: Path) -> Iterator[KnowledgeBase]:
    with open_kb(Settings(data_dir=data_folder)) as opened:
        for actor in (LI_NA, TOM):
            opened.accounts.add(
                actor.id, actor.name, "long enough for a password", actor.role, actor.groups
            )
        yield opened


@pytest.fixture
def saved(kb: KnowledgeBase) -> SavedSearches:
    return SavedSearches(kb.database, kb.search)


def store(kb: KnowledgeBase, title: str, body: str, audience: Audience = FOR_EVERYONE) -> int:
    draft = Draft(title=title, body=body, language="zh", kind=Guess("lesson"), format="md")
    number = kb.documents.store(SYSTEM, draft, place=f"/{title}", audience=audience).document_id
    kb.indexing.catch_up()
    return number


def only(saved: SavedSearches, actor: Actor) -> Saved:
    [one] = saved.all(actor)
    return one


def new_titles(saved: SavedSearches, actor: Actor) -> list[str]:
    return [hit.title for hit in saved.news(actor, only(saved, actor)).hits]


class TestPermission:
    @pytest.mark.parametrize("actor", [anonymous(Role.CURATOR), anonymous(Role.NONE), SYSTEM])
    def test_without_signing_in_nothing_is_kept(self, saved: SavedSearches, actor: Actor) -> None:
        with pytest.raises(NotAllowed):
            saved.save(actor, "风险", RISKS)
        with pytest.raises(NotAllowed):
            saved.all(actor)

    @pytest.mark.parametrize("stranger", [TOM, replace(TOM, role=Role.ADMINISTRATOR)])
    def test_somebody_elses_search_is_not_there(
        self, saved: SavedSearches, stranger: Actor
    ) -> None:
        number = saved.save(LI_NA, "风险", RISKS)
        saved.open_feed(LI_NA, number)
        before = only(saved, LI_NA)
        for use in (saved.look, saved.delete, saved.open_feed, saved.close_feed):
            for wanted in (number, number + 1000):
                with pytest.raises(NotFound):
                    use(stranger, wanted)
            with pytest.raises(NotAllowed):
                use(anonymous(Role.CURATOR), number)
        assert saved.all(stranger) == ()
        assert saved.all(LI_NA) == (before,)

    def test_news_hold_only_what_the_owner_may_read(
        self, kb: KnowledgeBase, saved: SavedSearches
    ) -> None:
        for actor in (LI_NA, TOM):
            saved.save(actor, "风险", RISKS)
        store(kb, "机密 risk", "风险", Audience.parse("group:pmo"))
        store(kb, "公开 risk", "风险")
        assert new_titles(saved, LI_NA) == ["公开 risk", "机密 risk"]
        assert new_titles(saved, TOM) == ["公开 risk"]

    def test_the_feed_follows_what_its_owner_may_read_now(
        self, kb: KnowledgeBase, saved: SavedSearches
    ) -> None:
        store(kb, "机密 risk", "风险", Audience.parse("group:pmo"))
        token = saved.open_feed(LI_NA, saved.save(LI_NA, "风险", RISKS))
        search = saved.of_feed(token)
        assert search.owner == "li.na"
        assert [hit.title for hit in saved.newest(LI_NA, search, 9)] == ["机密 risk"]
        outside = replace(LI_NA, groups=frozenset())
        assert saved.newest(outside, search, 9) == ()
        assert saved.newest(replace(LI_NA, role=Role.NONE), search, 9) == ()


class TestKeeping:
    def test_a_search_comes_back_as_it_was_asked(self, saved: SavedSearches) -> None:
        saved.save(LI_NA, "  全部 条件 \n everything ", EVERYTHING_ASKED)
        one = only(saved, LI_NA)
        assert (one.name, one.request) == ("全部 条件 everything", EVERYTHING_ASKED)

    def test_the_page_one_was_on_is_no_part_of_it(self, saved: SavedSearches) -> None:
        first = saved.save(LI_NA, "风险", replace(RISKS, page=7, per_page=50))
        assert only(saved, LI_NA).request == RISKS
        assert saved.save(LI_NA, "Risks", RISKS) == first
        assert only(saved, LI_NA).name == "Risks"

    def test_two_people_keep_the_same_search_apart(self, saved: SavedSearches) -> None:
        mine, his = saved.save(LI_NA, "风险", RISKS), saved.save(TOM, "Risks", RISKS)
        assert mine != his
        saved.delete(LI_NA, mine)
        assert saved.all(LI_NA) == ()
        assert only(saved, TOM).name == "Risks"

    @pytest.mark.parametrize(
        ("name", "request_"),
        [
            ("", RISKS),
            (" \n ", RISKS),
            ("名" * (MAX_NAME_CHARS + 1), RISKS),
            ("什么都不问", SearchRequest()),
            ("page only", SearchRequest(page=3)),
            ("too long", SearchRequest("长" * 2001)),
        ],
    )
    def test_what_makes_no_sense_is_refused(
        self, saved: SavedSearches, name: str, request_: SearchRequest
    ) -> None:
        with pytest.raises(InvalidInput):
            saved.save(LI_NA, name, request_)
        assert saved.all(LI_NA) == ()

    def test_nobody_keeps_more_than_can_be_asked_anew(self, saved: SavedSearches) -> None:
        for number in range(MAX_SAVED):
            saved.save(LI_NA, f"{number} 号", SearchRequest(f"问题 {number}"))
        with pytest.raises(InvalidInput, match="too many"):
            saved.save(LI_NA, "one more", SearchRequest("再来一个"))
        assert saved.save(LI_NA, "新名字", SearchRequest("问题 0"))
        assert len(saved.all(LI_NA)) == MAX_SAVED

    def test_a_search_kept_by_another_version_still_opens(
        self, kb: KnowledgeBase, saved: SavedSearches
    ) -> None:
        with kb.database.write() as session:
            request = {"query": "风险", "kinds": ["lesson"], "shoe_size": 43, "page": 9}
            session.add(SavedSearch(user_id="li.na", name="旧", request=request))
        assert only(saved, LI_NA).request == SearchRequest("风险", kinds=("lesson",))


class TestNews:
    def test_new_counts_from_the_last_look_and_changed_counts_as_new(
        self, kb: KnowledgeBase, saved: SavedSearches
    ) -> None:
        store(kb, "旧的 risk", "风险")
        number = saved.save(LI_NA, "风险", RISKS)
        assert new_titles(saved, LI_NA) == []
        store(kb, "新的 risk", "风险")
        store(kb, "别的", "与此无关")
        assert new_titles(saved, LI_NA) == ["新的 risk"]
        saved.look(LI_NA, number)
        assert new_titles(saved, LI_NA) == []
        draft = Draft(
            title="旧的 risk", body="风险变了", language="zh", kind=Guess("lesson"), format="md"
        )
        kb.documents.store(SYSTEM, draft, place="/旧的 risk")
        kb.indexing.catch_up()
        assert "旧的 risk" in new_titles(saved, LI_NA)

    def test_looking_at_one_search_leaves_the_others_new(
        self, kb: KnowledgeBase, saved: SavedSearches
    ) -> None:
        first = saved.save(LI_NA, "风险", RISKS)
        saved.save(LI_NA, "管廊", SearchRequest("管廊"))
        store(kb, "管廊 risk", "风险")
        saved.look(LI_NA, first)
        counts = {one.name: len(saved.news(LI_NA, one).hits) for one in saved.all(LI_NA)}
        assert counts == {"风险": 0, "管廊": 1}

    def test_when_nothing_changed_nothing_is_searched(self, kb: KnowledgeBase) -> None:
        store(kb, "旧的 risk", "风险")

        def never(_actor: Actor, _request: SearchRequest) -> object:
            raise AssertionError("searched")

        saved = SavedSearches(kb.database, never)  # type: ignore[arg-type]
        saved.save(LI_NA, "风险", RISKS)
        assert saved.news(LI_NA, only(saved, LI_NA)).hits == ()

    def test_of_a_very_large_answer_the_latest_are_looked_through_and_it_says_so(
        self, kb: KnowledgeBase, saved: SavedSearches
    ) -> None:
        saved.save(LI_NA, "风险", RISKS)
        for number in range(130):
            # Long documents score lower than short ones, so the last one is not among the best hundred.
            dated = date(2000, 1, 1) + timedelta(days=number)
            body = "风险 " + "别的话题" * number
            draft = Draft(
                title=f"第 {number} 份",
                body=body,
                language="zh",
                kind=Guess("lesson"),
                format="md",
                dated=dated,
            )
            kb.documents.store(SYSTEM, draft, place=f"/{number}")
        kb.indexing.catch_up()
        news = saved.news(LI_NA, only(saved, LI_NA))
        assert not news.complete
        assert news.hits[0].title == "第 129 份"
        assert len(news.hits) == len({hit.id for hit in news.hits}) > 100

    def test_news_come_newest_first(self, kb: KnowledgeBase, saved: SavedSearches) -> None:
        saved.save(LI_NA, "风险", RISKS)
        for title in ("甲 risk risk risk", "乙 risk", "丙 risk"):
            store(kb, title, "风险")
        assert new_titles(saved, LI_NA) == ["丙 risk", "乙 risk", "甲 risk risk risk"]


class TestFeed:
    def test_a_search_has_no_feed_until_one_is_asked_for(self, saved: SavedSearches) -> None:
        saved.save(LI_NA, "风险", RISKS)
        assert only(saved, LI_NA).feed_token is None
        for token in ("", "None", "x"):
            with pytest.raises(NotFound):
                saved.of_feed(token)

    def test_a_new_address_ends_the_old_one_and_closing_ends_both(
        self, saved: SavedSearches
    ) -> None:
        number = saved.save(LI_NA, "风险", RISKS)
        first = saved.open_feed(LI_NA, number)
        second = saved.open_feed(LI_NA, number)
        assert len({first, second}) == 2
        assert min(len(first), len(second)) >= 43
        assert saved.of_feed(second).id == number
        with pytest.raises(NotFound):
            saved.of_feed(first)
        saved.close_feed(LI_NA, number)
        with pytest.raises(NotFound):
            saved.of_feed(second)

    def test_deleting_a_search_ends_its_feed(self, saved: SavedSearches) -> None:
        number = saved.save(LI_NA, "风险", RISKS)
        token = saved.open_feed(LI_NA, number)
        saved.delete(LI_NA, number)
        with pytest.raises(NotFound):
            saved.of_feed(token)

    def test_reading_the_feed_does_not_count_as_looking_and_writes_nothing(
        self, kb: KnowledgeBase, saved: SavedSearches
    ) -> None:
        token = saved.open_feed(LI_NA, saved.save(LI_NA, "风险", RISKS))
        store(kb, "新的 risk", "风险")
        wrote: list[str] = []

        @event.listens_for(kb.database.engine, "before_cursor_execute")
        def _note(_c: object, _k: object, statement: str, *_rest: object) -> None:
            if not statement.startswith(("SELECT", "BEGIN")):
                wrote.append(statement)

        assert len(saved.newest(LI_NA, saved.of_feed(token), 50)) == 1
        assert new_titles(saved, LI_NA) == ["新的 risk"]
        assert wrote == []
        assert only(saved, LI_NA).looked_at < datetime.now(UTC)
