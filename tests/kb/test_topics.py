"""The tree of topics, books, and links between documents."""

from __future__ import annotations

import pytest

from kb.access import FOR_EVERYONE, SYSTEM, Actor, Audience, Role, anonymous
from kb.database import Database
from kb.documents import Documents, Original
from kb.drafts import Draft, Guess
from kb.errors import InvalidInput, NotAllowed, NotFound
from kb.files import FileStore
from kb.links import Links
from kb.search.answers import Names
from kb.topics import MAX_DEPTH, Topics

READER = anonymous(Role.READER)
PMO = Actor("li.na", "李娜", Role.CURATOR, frozenset({"pmo"}))
FOR_PMO = Audience.parse("group:pmo")


class Shelf:
    """A few documents, to be filed."""

    def __init__(self, database: Database, files: FileStore) -> None:
        self.topics = Topics(database)
        self.links = Links(database)
        self._files = files
        self._documents = Documents(database, files)

    def put(self, title: str, body: str = "正文", audience: Audience = FOR_EVERYONE) -> int:
        draft = Draft(title=title, body=body, language="zh", kind=Guess("methodology"), format="md")
        # What lies at one place and changes is a new version of one document.
        original = Original(*self._files.keep(f"{title}\n{body}".encode()), title, "text/markdown")
        return self._documents.store(
            SYSTEM, draft, place=f"/notes/{title}.md", original=original, audience=audience
        ).document_id


@pytest.fixture
def shelf(database: Database, files: FileStore) -> Shelf:
    return Shelf(database, files)


def test_a_book_is_read_in_the_order_of_the_tree(shelf: Shelf) -> None:
    book = shelf.topics.add(SYSTEM, Names("方法论", "Methodology"))
    risk = shelf.topics.add(SYSTEM, Names("风险", "Risk"), parent=book)
    closing = shelf.topics.add(SYSTEM, Names("收尾", ""), parent=book)
    first, second, third = shelf.put("关口"), shelf.put("Risk process"), shelf.put("收尾流程 𠮷")
    shelf.topics.file(SYSTEM, closing, third)
    shelf.topics.file(SYSTEM, risk, second)
    shelf.topics.file(SYSTEM, book, first)
    (place,) = shelf.topics.places(READER, second)
    assert [each.names.zh for each in place.path] == ["方法论", "风险"]
    assert (place.previous and place.previous.id, place.next and place.next.id) == (first, third)
    shelf.topics.step(SYSTEM, closing, -1)
    (place,) = shelf.topics.places(READER, second)
    assert (place.previous and place.previous.id, place.next) == (third, None)


def test_pages_move_within_their_topic_and_at_the_end_stay(shelf: Shelf) -> None:
    topic = shelf.topics.add(SYSTEM, Names("风险"))
    pages = [shelf.put(f"第{number}页") for number in range(3)]
    for page in pages:
        shelf.topics.file(SYSTEM, topic, page)
        shelf.topics.file(SYSTEM, topic, page)
    shelf.topics.step_document(SYSTEM, topic, pages[2], -1)
    shelf.topics.step_document(SYSTEM, topic, pages[0], -1)
    order = [leaf.id for leaf in shelf.topics.branch(READER, topic).documents]
    assert order == [pages[0], pages[2], pages[1]]
    shelf.topics.unfile(SYSTEM, topic, pages[0])
    assert shelf.topics.branch(READER, topic).total == 2
    with pytest.raises(NotFound):
        shelf.topics.step_document(SYSTEM, topic, pages[0], 1)


def test_what_one_may_not_read_is_in_no_tree_no_count_and_no_neighbour(shelf: Shelf) -> None:
    topic = shelf.topics.add(SYSTEM, Names("预算", "Budget"))
    open_, secret, last = shelf.put("公开"), shelf.put("机密", audience=FOR_PMO), shelf.put("之后")
    for page in (open_, secret, last):
        shelf.topics.file(PMO, topic, page)
    assert shelf.topics.branch(READER, topic).total == 2
    assert shelf.topics.branch(PMO, topic).total == 3
    (place,) = shelf.topics.places(READER, open_)
    assert place.next is not None
    assert place.next.id == last
    assert shelf.topics.places(READER, secret) == ()
    outsider = Actor("a", "A", Role.CURATOR)
    with pytest.raises(NotFound):
        shelf.topics.file(outsider, topic, secret)
    with pytest.raises(NotFound):
        shelf.topics.step_document(outsider, topic, secret, 1)
    assert shelf.topics.tree(anonymous(Role.NONE)) == ()


def test_a_topic_taken_out_gives_what_it_held_to_its_parent(shelf: Shelf) -> None:
    top = shelf.topics.add(SYSTEM, Names("方法"))
    middle = shelf.topics.add(SYSTEM, Names("中"), parent=top)
    leaf = shelf.topics.add(SYSTEM, Names("下"), parent=middle)
    page, both = shelf.put("一页"), shelf.put("两处")
    shelf.topics.file(SYSTEM, middle, page)
    shelf.topics.file(SYSTEM, middle, both)
    shelf.topics.file(SYSTEM, top, both)
    shelf.topics.remove(SYSTEM, middle)
    branch = shelf.topics.branch(READER, top)
    assert {each.id for each in branch.documents} == {page, both}
    assert [each.id for each in branch.below] == [leaf]
    with pytest.raises(InvalidInput):
        shelf.topics.remove(SYSTEM, top)
    shelf.topics.remove(SYSTEM, leaf)
    with pytest.raises(NotFound):
        shelf.topics.branch(READER, leaf)


def test_only_curators_arrange_and_names_are_asked_for(shelf: Shelf) -> None:
    for role in (Role.NONE, Role.READER, Role.CONTRIBUTOR):
        with pytest.raises(NotAllowed):
            shelf.topics.add(anonymous(role), Names("x"))
    for names in (Names(" ", ""), Names("长" * 201)):
        with pytest.raises(InvalidInput):
            shelf.topics.add(SYSTEM, names)
    parent = shelf.topics.add(SYSTEM, Names("1"))
    for depth in range(1, MAX_DEPTH):
        parent = shelf.topics.add(SYSTEM, Names(str(depth)), parent=parent)
    with pytest.raises(InvalidInput):
        shelf.topics.add(SYSTEM, Names("too deep"), parent=parent)
    shelf.topics.change(SYSTEM, parent, Names("新名", "new"), "about")
    assert shelf.topics.branch(READER, parent).names == Names("新名", "new")


def test_what_links_here_is_told_to_those_who_may_read_it(shelf: Shelf) -> None:
    target = shelf.put("目标", "# 目标\n\n## 风险\n\n正文")
    open_ = shelf.put("引用", f"见[目标](/documents/{target}#风险)和[again](/documents/{target})。")
    shelf.put("机密", f"[目标](/documents/{target})", FOR_PMO)
    shelf.put("picture", f"![x](/documents/{target}) and `code`")
    assert [each.id for each in shelf.links.to(READER, target)] == [open_]
    assert len(shelf.links.to(PMO, target)) == 2
    assert shelf.links.to(anonymous(Role.NONE), target) == ()


def test_a_link_that_leads_nowhere_is_found_with_the_reason(shelf: Shelf) -> None:
    target = shelf.put("目标", "# 目标\n\n## 风险 管理\n\n正文")
    anchor = "风险-管理"
    links = (
        f"[a](/documents/999) [b](/documents/{target}#nowhere) [c](/documents/{target}#{anchor})"
    )
    page = shelf.put("页", links)
    found = {(link.target, link.anchor, link.why) for link in shelf.links.broken(PMO)}
    assert found == {(999, "", "gone"), (target, "nowhere", "section")}
    with pytest.raises(NotAllowed):
        shelf.links.broken(READER)
    assert shelf.put("页", "nothing any more") == page
    assert shelf.links.broken(PMO) == ()


def test_a_link_to_what_a_curator_may_not_read_looks_like_one_to_nothing(shelf: Shelf) -> None:
    secret = shelf.put("机密", audience=Audience.parse("user:somebody"))
    shelf.put("页", f"[x](/documents/{secret}) [y](/documents/998)")
    assert {link.why for link in shelf.links.broken(PMO)} == {"gone"}
