"""Questions answered for somebody: nothing leaks, everything a page needs is there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from kb.access import FOR_EVERYONE, SYSTEM, Actor, Audience, Role, anonymous
from kb.database import Database
from kb.document_things import DocumentThings
from kb.documents import Documents
from kb.drafts import Draft, Guess
from kb.errors import NotFound
from kb.files import FileStore
from kb.glossary import Glossary
from kb.indexing import Indexing
from kb.models import Document, audience_id_of
from kb.retrieval import Retrieval
from kb.search.answers import FACETS, SearchRequest
from kb.search.lexicon import CurrentLexicon
from kb.search.whoosh_engine import WhooshEngine

SOURCES = (DocumentThings(),)
READER = anonymous(Role.READER)
PMO = Actor("li.na", "李娜", Role.READER, frozenset({"pmo"}))
NOBODY = anonymous(Role.NONE)


class Library:
    """A knowledge base of a few documents, indexed."""

    def __init__(self, database: Database, files: FileStore, folder: Path) -> None:
        self.database = database
        self.engine = WhooshEngine(folder / "search", 1 << 20)
        self.indexing = Indexing(database, self.engine, CurrentLexicon(Glossary(database)), SOURCES)
        self.retrieval = Retrieval(database, self.engine, SOURCES)
        self._documents = Documents(database, files)
        self.numbers: dict[str, int] = {}

    def put(self, title: str, body: str, audience: Audience = FOR_EVERYONE, **rest: object) -> int:
        facts = {"language": "zh", "kind": Guess("lesson"), "format": "md", **rest}
        draft = Draft(title=title, body=body, **facts)  # type: ignore[arg-type]
        stored = self._documents.store(SYSTEM, draft, place=f"/notes/{title}.md", audience=audience)
        self.numbers[title] = stored.document_id
        return stored.document_id

    def titles(self, text: str, actor: Actor = READER, **rest: object) -> list[str]:
        answer = self.retrieval.search(actor, SearchRequest(query=text, **rest))  # type: ignore[arg-type]
        return [hit.title for hit in answer.hits]


@pytest.fixture
def library(database: Database, files: FileStore, tmp_path: Path) -> Iterator[Library]:
    made = Library(database, files, tmp_path)
    made.put(
        "管廊探测的教训", "概述一段。\n\n## 建议\n\n开工前用探地雷达探明旧管廊，供应商<script>延期</script>。",
        project_code="CL-2018-007", project_name="湘江净水厂",
        authors=("李娜",), tags=("管廊",), dated=date(2019, 3, 1),
    )  # fmt: skip
    made.put(
        "Supplier delay", "The supplier was late.\n\n## What we learned\n\nAgree on penalties before signing.",
        language="en", authors=("Wang Wei",), dated=date(2020, 5, 1), project_code="CL-2020-001", project_name="Grid",
    )  # fmt: skip
    made.put(
        "机密预算",
        "供应商的报价。",
        Audience.parse("group:pmo"),
        kind=Guess("plan"),
        tags=("保密",),
        project_code="CL-SECRET",
        authors=("赵总",),
    )
    made.put("供应商管理手册", "供应商分级、供应商评价、供应商退出。", kind=Guess("guide"))
    made.indexing.catch_up()
    yield made
    made.engine.close()


def test_somebody_who_may_not_read_finds_nothing(library: Library) -> None:
    answer = library.retrieval.search(NOBODY, SearchRequest(query="供应商"))
    assert (answer.total, answer.hits) == (0, ())
    assert all(values == () for values in answer.facets.values())
    with pytest.raises(NotFound):
        library.retrieval.similar(NOBODY, library.numbers["Supplier delay"])


def test_what_belongs_to_others_is_in_no_hit_count_facet_or_likeness(
    library: Library,
) -> None:
    for text in (
        "供应商",
        "",
        "机密预算",
        "类型:计划",
        "作者:赵总",
        "标签:保密",
        "项目:secret",
        "title:机密",
        "NOT 管廊",
    ):
        answer = library.retrieval.search(READER, SearchRequest(query=text))
        assert "机密预算" not in [hit.title for hit in answer.hits]
        assert answer.total == len(answer.hits)
        shown = {value.value for values in answer.facets.values() for value in values}
        assert not shown & {"plan", "保密", "赵总", "CL-SECRET"}
    with pytest.raises(NotFound):
        library.retrieval.similar(READER, library.numbers["机密预算"])
    likes = library.retrieval.similar(READER, library.numbers["供应商管理手册"])
    assert "机密预算" not in [hit.title for hit in likes]
    assert "机密预算" in library.titles("供应商", PMO)
    assert "机密预算" in library.titles("供应商", SYSTEM)


def test_an_index_that_lags_behind_a_change_of_permission_shows_no_text(library: Library) -> None:
    with library.database.write() as session:
        session.execute(
            update(Document)
            .where(Document.id == library.numbers["Supplier delay"])
            .values(audience_id=audience_id_of(session, Audience.parse("group:pmo")))
        )
    assert library.titles("supplier penalties") == []
    assert library.titles("supplier penalties", PMO) == ["Supplier delay"]


def test_a_hit_has_all_that_a_page_shows(library: Library) -> None:
    answer = library.retrieval.search(READER, SearchRequest(query="探地雷達 供應商"))
    hit = answer.hits[0]
    assert (hit.title, hit.kind, hit.language, hit.dated) == (
        "管廊探测的教训",
        "lesson",
        "zh",
        date(2019, 3, 1),
    )
    assert (hit.project_code, hit.project_names.zh) == ("CL-2018-007", "湘江净水厂")
    assert (hit.people, hit.tags) == (("李娜",), ("管廊",))
    assert hit.section is not None
    assert hit.section.heading == "建议"
    assert hit.section.anchor
    assert "<mark>探地雷达</mark>" in hit.snippet
    assert "&lt;script&gt;" in hit.snippet
    assert "<script" not in hit.snippet
    assert hit.score > 0
    assert answer.took_ms > 0
    assert answer.total >= 1


def test_the_title_is_marked_too(library: Library) -> None:
    hit = library.retrieval.search(READER, SearchRequest(query="管廊")).hits[0]
    assert hit.title_html == "<mark>管廊</mark>探测的教训"


def test_facets_have_labels_and_counts_under_the_other_filters(library: Library) -> None:
    answer = library.retrieval.search(READER, SearchRequest(kinds=("lesson",)))
    assert tuple(answer.facets) == FACETS
    assert {(v.value, v.count) for v in answer.facets["kind"]} == {("lesson", 2), ("guide", 1)}
    assert {(v.value, v.label) for v in answer.facets["project"]} == {
        ("CL-2018-007", "CL-2018-007 湘江净水厂"),
        ("CL-2020-001", "CL-2020-001 Grid"),
    }
    assert [v.value for v in answer.facets["year"]] == ["2019", "2020"]


@pytest.mark.parametrize(
    ("filters", "titles"),
    [
        ({"kinds": ("guide",)}, {"供应商管理手册"}),
        ({"kinds": ("guide", "lesson")}, {"供应商管理手册", "管廊探测的教训", "Supplier delay"}),
        ({"languages": ("en",)}, {"Supplier delay"}),
        ({"projects": ("CL-2018-007",)}, {"管廊探测的教训"}),
        ({"projects": ("CL-SECRET",)}, set()),
        ({"years": (2019, 2020), "languages": ("zh",)}, {"管廊探测的教训"}),
        ({"tags": ("管廊",)}, {"管廊探测的教训"}),
        ({"people": ("Wang Wei",)}, {"Supplier delay"}),
        ({"date_from": date(2020, 1, 1)}, {"Supplier delay"}),
        ({"date_to": date(2019, 12, 31)}, {"管廊探测的教训"}),
    ],
)
def test_filters(library: Library, filters: dict[str, Any], titles: set[str]) -> None:
    assert set(library.titles("", **filters)) == titles


def test_pages_and_their_limits(library: Library) -> None:
    whole = library.titles("")
    assert len(whole) == 3
    assert [library.titles("", page=page, per_page=1)[0] for page in (1, 2, 3)] == whole
    assert library.titles("", page=4, per_page=1) == []
    assert library.titles("", page=0, per_page=0) == whole[:1]
    assert library.titles("", per_page=10**9) == whole
    assert library.retrieval.search(READER, SearchRequest(page=10**9)).total == 3


def test_by_date_newest_first(library: Library) -> None:
    assert library.titles("供应商 supplier", sort="date")[:2] == [
        "Supplier delay",
        "管廊探测的教训",
    ]


def test_what_was_ignored_is_said(library: Library) -> None:
    answer = library.retrieval.search(READER, SearchRequest(query='类型:香蕉 "供应商'))
    assert len(answer.ignored) == 2
    assert answer.total > 0


def test_similar_documents_are_about_the_same_things(library: Library) -> None:
    library.put("供应商评价办法", "供应商分级与供应商评价的办法。")
    library.put("食堂菜单", "红烧肉、清炒时蔬。")
    library.indexing.catch_up()
    likes = [
        hit.title
        for hit in library.retrieval.similar(READER, library.numbers["供应商管理手册"], limit=3)
    ]
    assert likes[0] == "供应商评价办法"
    assert "供应商管理手册" not in likes
    assert "食堂菜单" not in likes
    with pytest.raises(NotFound):
        library.retrieval.similar(READER, 4040)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000,
        "供应商 " * 2_500,
        '"' * 9_999,
        "的",
        "!!!",
        "\x00",
        "'; DROP TABLE documents;--",
        "😀" * 100,
        "a*",
        "مرحبا",
    ],
    ids=range(10),
)
def test_any_question_gets_an_answer(library: Library, text: str) -> None:
    answer = library.retrieval.search(READER, SearchRequest(query=text))
    for hit in answer.hits:
        assert re.fullmatch(r"(?:[^<>]|</?mark>)*", hit.title_html + hit.snippet)


def test_what_proved_useful_is_lifted_and_what_was_superseded_sinks(library: Library) -> None:
    for title in ("第一条", "第二条", "第三条"):
        library.put(title, "供应商延期 supplier delay")
    library.indexing.catch_up()
    ids = [library.numbers[title] for title in ("第一条", "第二条", "第三条")]

    def prior(_session: Session, wanted: Sequence[int], asked: str) -> dict[int, float]:
        assert asked == "供应商延期"
        factors = ((ids[0], 1.15), (ids[2], 0.5))
        return {number: factor for number, factor in factors if number in wanted}

    lifted = Retrieval(library.database, library.engine, SOURCES, priors={"document": prior})
    found = [hit.id for hit in lifted.search(READER, SearchRequest("供应商延期")).hits]
    assert [number for number in found if number in ids] == ids
    assert found.index(ids[0]) == 0
    by_date = lifted.search(READER, SearchRequest("供应商延期", sort="date")).hits
    assert [hit.id for hit in by_date if hit.id in ids] == ids[::-1]
