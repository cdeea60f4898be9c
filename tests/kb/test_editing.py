"""Writing: nothing typed is lost, nobody is overwritten, and what one may not read is not told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from kb import open_kb
from kb.access import FOR_EVERYONE, Actor, Audience, Role, anonymous
from kb.config import Settings
from kb.editing import Editing, SectionsInUse
from kb.editing_texts import MAX_BODY_CHARS, Text
from kb.errors import Conflict, InvalidInput, NotAllowed, NotAPicture, NotFound, TextTooLong
from kb.knowledge_base import KnowledgeBase
from kb.models import Document
from kb.page_links import without_hidden_titles
from kb.pictures import picture_type
from kb.things import Thing

LI_NA = Actor("li.na", "李娜", Role.CONTRIBUTOR)
WU_DI = Actor("wu.di", "Wu Di", Role.CONTRIBUTOR)
CURATOR = Actor("zhou.min", "周敏", Role.CURATOR)
READER = Actor("chen.wei", "Chen Wei", Role.READER)
NOBODY = anonymous(Role.READER)
GUEST_WRITER = anonymous(Role.CONTRIBUTOR)

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
BODY = "# 标题\n\n第一段。\n\nSecond paragraph.\n\n𠮷第三段 🚀\n"


@pytest.fixture
def kb(data_folder: Path) -> Iterator[KnowledgeBase]:
    with open_kb(Settings(data_dir=data_folder)) as opened:
        yield opened


def page(kb: KnowledgeBase, body: str = BODY, audience: Audience = FOR_EVERYONE) -> int:
    """A published page of a curator."""
    number = kb.editing.new(
        CURATOR, title="沟通计划", kind="methodology", language="zh", audience=audience
    )
    kb.editing.save(CURATOR, number, Text("沟通计划", body), base=1)
    kb.lifecycle.take(CURATOR, number, "publish", note="first")
    return number


def test_only_who_may_contribute_and_has_signed_in_writes(kb: KnowledgeBase) -> None:
    number = page(kb)
    for actor in (NOBODY, READER, GUEST_WRITER):
        with pytest.raises(NotAllowed):
            kb.editing.new(actor, title="t", kind="guide", language="en", audience=FOR_EVERYONE)
        with pytest.raises(NotAllowed):
            kb.editing.begin(actor, number)
        with pytest.raises(NotAllowed):
            kb.editing.save(actor, number, Text("t", "x"), base=2)
        with pytest.raises(NotAllowed):
            kb.editing.keep_draft(actor, number, Text("t", "x"), 2)
        with pytest.raises(NotAllowed):
            kb.page_versions.restore(actor, number, 1, note="", newest=2)
    hidden = page(kb, audience=Audience.parse("user:zhou.min"))
    for act in (
        lambda: kb.editing.begin(LI_NA, hidden),
        lambda: kb.editing.save(LI_NA, hidden, Text("t", "x"), base=2),
        lambda: kb.editing.keep_draft(LI_NA, hidden, Text("t", "x"), 2),
        lambda: kb.editing.clash(LI_NA, hidden),
        lambda: kb.page_files.files(LI_NA, hidden),
        lambda: kb.page_versions.list(LI_NA, hidden),
        lambda: kb.comments.add(LI_NA, hidden, "?"),
    ):
        with pytest.raises(NotFound):
            act()


def test_what_is_typed_survives_and_is_nobody_elses(kb: KnowledgeBase) -> None:
    number = page(kb)
    kb.editing.keep_draft(LI_NA, number, Text("沟通计划", "半句话", "为了"), base=2)
    opened = kb.editing.begin(LI_NA, number)
    assert (opened.text.body, opened.text.note, opened.base) == ("半句话", "为了", 2)
    assert opened.draft_at is not None
    assert kb.editing.begin(WU_DI, number).text.body == BODY
    assert [entry.document_id for entry in kb.board.mine(LI_NA).unsaved] == [number]
    kb.editing.discard_draft(LI_NA, number)
    assert kb.editing.begin(LI_NA, number).text.body == BODY
    saved = kb.editing.save(LI_NA, number, Text("沟通计划", BODY + "加一句", "说明"), base=2)
    # Sent before the saving and arrived behind it: no draft that would be in conflict with itself.
    kb.editing.keep_draft(LI_NA, number, Text("沟通计划", BODY + "加一句", "说明"), base=2)
    assert kb.editing.begin(LI_NA, number).draft_at is None
    kb.editing.save(LI_NA, number, Text("沟通计划", BODY), base=saved.number)
    # Typed and taken back is no draft.
    kb.editing.keep_draft(LI_NA, number, Text("沟通计划", BODY), base=2)
    assert kb.editing.begin(LI_NA, number).draft_at is None


def test_two_people_never_overwrite_each_other(kb: KnowledgeBase) -> None:
    number = page(kb)
    first = kb.editing.save(LI_NA, number, Text("沟通计划", BODY.replace("第一段", "首段")), base=2)
    second = kb.editing.save(
        WU_DI, number, Text("沟通计划", BODY.replace("🚀", "🛰").replace("第一段", "甲")), base=2
    )
    assert (first.conflict, second.conflict) == (False, True)
    assert "首段" in kb.editing.begin(CURATOR, number).text.body
    assert "甲" in kb.editing.begin(WU_DI, number).text.body
    clash = kb.editing.clash(WU_DI, number)
    assert clash is not None
    assert clash.theirs_by in {"李娜", "li.na"}
    [place] = [at for at, part in enumerate(clash.parts) if part.kind == "conflict"]
    kb.editing.joined(WU_DI, number, {place: "theirs"})
    opened = kb.editing.begin(WU_DI, number)
    assert opened.text.body == BODY.replace("第一段", "首段").replace("🚀", "🛰")
    assert not kb.editing.save(WU_DI, number, opened.text, base=opened.base).conflict
    assert kb.editing.clash(WU_DI, number) is None


def test_a_save_without_a_change_makes_no_version(kb: KnowledgeBase) -> None:
    number = page(kb)
    saved = kb.editing.save(LI_NA, number, Text("沟通计划", BODY.replace("\n", "\r\n")), base=1)
    assert (saved.unchanged, saved.conflict, saved.number) == (True, False, 2)


def test_giant_texts_and_texts_without_a_title_are_refused_plainly(kb: KnowledgeBase) -> None:
    number = page(kb)
    for act in (kb.editing.save, kb.editing.keep_draft):
        with pytest.raises(TextTooLong) as caught:
            act(LI_NA, number, Text("t", "字" * (MAX_BODY_CHARS + 1)), base=2)
        assert "500,001" in str(caught.value)
    with pytest.raises(InvalidInput):
        kb.editing.save(LI_NA, number, Text("   ", "x"), base=2)
    assert kb.documents.get(NOBODY, number).body == BODY


def test_versions_are_listed_read_and_restored_with_who_and_why(kb: KnowledgeBase) -> None:
    number = page(kb)
    kb.editing.save(LI_NA, number, Text("沟通计划", "坏的改动", "试试"), base=2)
    kb.lifecycle.take(CURATOR, number, "publish", note="ok")
    listed = kb.page_versions.list(NOBODY, number)
    assert [(v.number, v.current, v.note) for v in listed] == [(3, True, "试试"), (2, False, "")]
    pair = kb.page_versions.compare(NOBODY, number, 2, 3)
    assert pair.comparison.differs
    with pytest.raises(Conflict):
        kb.page_versions.restore(LI_NA, number, 2, note="", newest=1)
    assert kb.page_versions.restore(LI_NA, number, 2, note="改回去", newest=3) == 4
    assert kb.documents.get(NOBODY, number).body == "坏的改动"
    kb.lifecycle.take(CURATOR, number, "publish", note="ok")
    found = kb.documents.get(NOBODY, number)
    assert (found.body, found.version) == (BODY, 4)
    assert [s.heading for s in found.sections] == ["标题"]


def test_versions_that_differ_only_in_marks_are_shown_as_written(kb: KnowledgeBase) -> None:
    number = page(kb, "同一句话。")
    kb.editing.save(LI_NA, number, Text("沟通计划", "**同一句话。**"), base=2)
    pair = kb.page_versions.compare(LI_NA, number, 2, 3)
    assert (pair.in_marks, pair.comparison.differs) == (True, True)


def test_a_title_that_not_every_reader_may_know_does_not_stand_in_the_text(
    kb: KnowledgeBase,
) -> None:
    hidden = page(kb, audience=Audience.parse("user:zhou.min"))
    number = page(kb)
    text = f"见 [沟通计划](/documents/{hidden}) 和 [沟通计划](/documents/{number}#x)、[自己的话](/documents/{hidden})"
    kb.editing.save(CURATOR, number, Text("沟通计划 2", text), base=2)
    saved = kb.page_versions.get(CURATOR, number, 3).body
    assert saved == text.replace(f"[沟通计划](/documents/{hidden})", f"[](/documents/{hidden})")
    # Somebody who may not read it learns nothing from what happens to the text.
    kb.editing.save(LI_NA, number, Text("沟通计划 2", text), base=3)
    assert kb.page_versions.get(CURATOR, number, 4).body == text


def test_pictures_are_told_by_their_bytes_and_others_are_refused(kb: KnowledgeBase) -> None:
    number = page(kb)

    def attach(content: bytes, name: str, *, picture: bool, actor: Actor = LI_NA) -> str:
        sha256, _ = kb.files.keep(content)
        return kb.page_files.attach(actor, number, sha256=sha256, name=name, picture=picture).name

    name = attach(PNG, "截图 一.jpeg", picture=True)
    assert name.startswith("截图-一-")
    assert name.endswith(".png")
    path, media_type = kb.documents.file(NOBODY, number, name)
    assert (path.read_bytes(), media_type) == (PNG, "image/png")
    for content in (b"<svg onload=alert(1)>", b"MZ\x90", b"GIF", b"", b"<script>"):
        with pytest.raises(NotAPicture):
            attach(content, "picture.png", picture=True)
    attached = attach(b"<script>", "../../x<y>.html", picture=False)
    assert kb.documents.file(NOBODY, number, attached)[1] == "application/octet-stream"
    assert "/" not in attached
    assert "<" not in attached
    with pytest.raises(NotAllowed):
        attach(PNG, "a.png", picture=True, actor=READER)


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0" + bytes(20), "image/jpeg"),
        (b"GIF89a" + bytes(20), "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"\0\0\0 ftypavif" + bytes(20), "image/avif"),
        (b"BM" + bytes(12) + b"\x28\0\0\0", "image/bmp"),
        (b"BM is not enough to be a bitmap", None),
        (b"RIFF\0\0\0\0WAVE", None),
        (b"%PDF-1.7", None),
        (b"", None),
    ],
)
def test_the_first_bytes_tell_a_picture(head: bytes, media_type: str | None) -> None:
    assert picture_type(head) == media_type


def test_a_section_that_lessons_stand_behind_goes_only_when_somebody_says_so(
    kb: KnowledgeBase,
) -> None:
    number = page(kb, "# 一\n\nx\n\n# 二\n\ny\n")
    anchors = [section.anchor for section in kb.documents.get(NOBODY, number).sections]
    editing = Editing(
        kb.database, lambda document_id: {anchors[1]} if document_id == number else set()
    )
    assert not editing.save(LI_NA, number, Text("沟通计划", "# 二\n\ny 改\n"), base=2).conflict
    with pytest.raises(SectionsInUse) as caught:
        editing.save(LI_NA, number, Text("沟通计划", "# 三\n\ny\n"), base=3)
    assert "二" in str(caught.value)
    saved = editing.save(
        LI_NA, number, Text("沟通计划", "# 三\n\ny\n"), base=3, sections_may_go=True
    )
    assert saved.number == 4


def test_names_of_what_is_no_document_are_kept_back_too(kb: KnowledgeBase) -> None:
    number = page(kb)
    with kb.database.read() as session:
        everyone = session.get_one(Document, number).audience_id
    secret = kb.editing.new(
        CURATOR, title="x", kind="guide", language="zh", audience=Audience.parse("user:zhou.min")
    )
    with kb.database.read() as session:
        few = session.get_one(Document, secret).audience_id
        assert (
            without_hidden_titles(
                session,
                CURATOR,
                everyone,
                "[教训](/lessons/1) [公开](/lessons/2) [别的词](/lessons/1) ![教训](/lessons/1)",
                (Lessons(few, everyone),),
            )
            == "[](/lessons/1) [公开](/lessons/2) [别的词](/lessons/1) ![教训](/lessons/1)"
        )


class Lessons:
    """Two things that search can find: one for few, one for everybody."""

    subject = "lesson"

    def __init__(self, few: int, everyone: int) -> None:
        self._all = {
            number: Thing("lesson", number, audience, "lesson", "zh", title, datetime.now(UTC))
            for number, audience, title in ((1, few, "教训"), (2, everyone, "公开"))
        }

    def ids_after(self, session: Session, last: int, limit: int) -> Sequence[int]:
        return [number for number in self._all if number > last][:limit]

    def things(self, session: Session, actor: Actor, ids: Sequence[int]) -> Sequence[Thing]:
        return [self._all[number] for number in ids if number in self._all]

    def among(self, session: Session, actor: Actor, ids: Sequence[int]) -> Sequence[int]:
        return [number for number in ids if number in self._all]
