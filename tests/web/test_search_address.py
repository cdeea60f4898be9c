"""A search as an address, there and back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import QueryParams

from kb import open_kb
from kb.config import Settings
from kb.search.answers import SearchRequest
from web import search_address as addresses

FULL = SearchRequest(
    query="风险 & risk?",
    kinds=("lesson", "summary"),
    languages=("zh",),
    projects=("CL-2018-007",),
    years=(2020, 2021),
    tags=("风险管理", "a=b&c"),
    people=("Inês Carvalho",),
    date_from=date(2020, 1, 1),
    date_to=date(2021, 12, 31),
    sort="date",
    page=3,
    per_page=20,
    expand=False,
    without=("风险",),
)


def reread(request: SearchRequest) -> SearchRequest:
    """What the address of a search is read as."""
    query = addresses.address(request).partition("?")[2]
    return addresses.read(QueryParams(query))


def test_an_address_holds_the_whole_search() -> None:
    assert reread(FULL) == FULL
    assert reread(SearchRequest()) == SearchRequest()
    assert addresses.address(SearchRequest()) == "/"


text = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=20)


@given(query=text, tags=st.lists(text, max_size=4, unique=True), page=st.integers(1, 1000))
def test_any_words_survive_the_address(query: str, tags: list[str], page: int) -> None:
    request = SearchRequest(query=query, tags=tuple(tags), page=page)
    assert reread(request) == request


@pytest.mark.parametrize("name", list(addresses.FILTERS))
def test_choosing_twice_is_choosing_not_at_all(name: str) -> None:
    value = "2022" if name == "year" else "新值"
    once = addresses.toggled(FULL, name, value)
    assert once.page == 1
    assert value in map(str, addresses.selected(once, name))
    assert addresses.toggled(once, name, value) == replace(FULL, page=1)


def test_only_the_bare_home_page_asks_nothing() -> None:
    assert not addresses.asks(SearchRequest())
    for request in (
        SearchRequest("x"),
        SearchRequest(tags=("x",)),
        SearchRequest(date_to=date.max),
    ):
        assert addresses.asks(request)


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ("from=今年", date(2024, 1, 1), None),
        ("from=last-2-years", date(2022, 2, 28), None),
        ("from=去年&to=去年", date(2023, 1, 1), date(2023, 12, 31)),
        ("from=since 2021", date(2021, 1, 1), None),
        ("to=before 2020", None, date(2019, 12, 31)),
        ("from=2020-02-03&to=2021", date(2020, 2, 3), date(2021, 12, 31)),
        ("from=someday&to=明年", None, None),
    ],
)
def test_days_may_be_told_from_today(query: str, first: date | None, last: date | None) -> None:
    found = addresses.read(QueryParams(query), today=lambda: date(2024, 2, 29))
    assert (found.date_from, found.date_to) == (first, last)


def test_the_address_of_a_reason_has_the_search_and_the_thing() -> None:
    asked = SearchRequest("a b", kinds=("plan",), page=3)
    assert addresses.why_address(asked, "document", 7) == "/search/why?q=a+b&kind=plan&id=7"
    assert addresses.why_address(asked, "lesson", 7) == (
        "/search/why?q=a+b&kind=plan&id=7&subject=lesson"
    )


def test_a_document_opens_at_the_section_with_the_question() -> None:
    assert addresses.document_address(7) == "/documents/7"
    assert addresses.document_address(7, "风险", "s-1") == "/documents/7?q=%E9%A3%8E%E9%99%A9#s-1"


def test_a_thing_opens_on_its_own_page_and_tells_which_question_found_it() -> None:
    assert addresses.thing_address("project", 3) == "/projects/3"
    assert addresses.thing_address("person", 3, asked="tok") == "/people/3?s=tok"
    assert addresses.thing_address("lesson", 3, "risk", "cause", "tok") == (
        "/lessons/3?q=risk&s=tok#cause"
    )


def test_whatever_search_finds_has_a_page(tmp_path: Path) -> None:
    with open_kb(Settings(data_dir=tmp_path)) as kb:
        assert set(kb.subjects) <= set(addresses.PLACES)


@pytest.mark.parametrize("name", list(addresses.FILTERS))
@pytest.mark.parametrize(
    "request_", [FULL, SearchRequest(), SearchRequest("a&b=风险", sort="date", page=4)]
)
def test_many_choices_lead_where_each_by_itself_leads(name: str, request_: SearchRequest) -> None:
    values = ["2020", "1999"] if name == "year" else ["lesson", "新 值", "a=b&c", "Inês Carvalho"]
    toggled = addresses.toggling(request_, name)
    assert [toggled(value) for value in values] == [
        addresses.address(addresses.toggled(request_, name, value)) for value in values
    ]
