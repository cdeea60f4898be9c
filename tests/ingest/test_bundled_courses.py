"""The bundled courses: stored once, renewed with the product, left alone where somebody changed them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.bundled_courses import load_courses
from kb import open_kb
from kb.access import SYSTEM, Actor, Role
from kb.config import Settings
from kb.courses import CourseDetails

UNIT = "---\ntitle: {title}\nminutes: 5\n---\n正文。\n"


def write(corpus: Path, name: str, unit: str) -> None:
    folder = corpus / "courses" / "zh" / name
    folder.mkdir(parents=True, exist_ok=True)
    head = f"---\ntitle: 课程 {name}\nlanguage: zh\nsummary: 简介。\n---\n"
    (folder / "course.md").write_text(head, encoding="utf-8")
    (folder / "01-one.md").write_text(UNIT.format(title=unit), encoding="utf-8")


def test_courses_are_renewed_with_the_product_and_changes_by_hand_stay(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    write(corpus, "a", "一")
    write(corpus, "b", "一")
    with open_kb(Settings(data_dir=tmp_path / "data", corpus_dir=corpus)) as kb:
        assert [load_courses(kb), load_courses(kb)] == [2, 0]
        first, second = kb.courses.list(SYSTEM)
        curator = Actor("pmo", "", Role.CURATOR)
        kb.courses.change(curator, first.id, CourseDetails("由人改过", "zh"))
        write(corpus, "a", "二")
        write(corpus, "b", "二")
        assert load_courses(kb) == 1
        assert kb.courses.get(SYSTEM, first.id).units[0].title == "一"
        assert kb.courses.get(SYSTEM, first.id).title == "由人改过"
        assert kb.courses.get(SYSTEM, second.id).units[0].title == "二"
        assert kb.courses.get(SYSTEM, second.id).units[0].id == second.units[0].id
        (corpus / "courses" / "zh" / "b" / "01-one.md").write_text("## ?", encoding="utf-8")
        with pytest.raises(LookupError, match="bundled course is wrong"):
            load_courses(kb)
