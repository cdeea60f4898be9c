"""What becomes of a file, and which titles say nothing."""

from __future__ import annotations

import pytest

from kb.document_rules import Decision, Identity, Seen, decide, is_generic, is_upload, is_version


@pytest.mark.parametrize(
    ("seen", "same_content", "decision"),
    [
        (None, None, Decision("create")),
        (Seen(7, "aa"), None, Decision("unchanged", 7)),
        (Seen(7, "bb"), None, Decision("renew", 7)),
        (None, 9, Decision("duplicate", 9)),
        # The place decides: a file changed back to what another document holds stays with its own document.
        (Seen(7, "bb"), 9, Decision("renew", 7)),
        # Where only a duplicate lay, nothing is overwritten.
        (Seen(7, "aa", own=False), None, Decision("unchanged", 7)),
        (Seen(7, "bb", own=False), None, Decision("create")),
        (Seen(7, "bb", own=False), 9, Decision("duplicate", 9)),
    ],
)
def test_a_file_is_new_a_new_version_unchanged_or_a_duplicate(
    seen: Seen | None, same_content: int | None, decision: Decision
) -> None:
    assert decide("aa", seen, same_content) == decision


@pytest.mark.parametrize(
    ("seen", "same_content", "succeeds", "decision"),
    [
        (Seen(7, "aa"), None, False, Decision("unchanged", 7)),
        (Seen(7, "bb"), None, False, Decision("create")),
        (Seen(7, "bb"), None, True, Decision("renew", 7)),
        (Seen(7, "bb"), 9, True, Decision("duplicate", 9)),
        (Seen(7, "bb", own=False), None, True, Decision("create")),
    ],
)
def test_the_name_of_an_upload_alone_makes_no_version(
    seen: Seen, same_content: int | None, succeeds: bool, decision: Decision
) -> None:
    assert decide("aa", seen, same_content, by_name=True, succeeds=succeeds) == decision


def test_an_upload_has_a_name_and_a_file_in_a_folder_a_place() -> None:
    assert is_upload("upload:li.na:周报.docx")
    assert not is_upload("/年度/upload:周报.docx")


@pytest.mark.parametrize(
    ("title", "generic"),
    [
        ("周报", True),
        ("项目周报 2024年第3期", True),
        ("會議紀要（二）", True),
        ("Minutes 2024-03-01", True),
        ("Project status report – March", True),
        ("新建 Microsoft Word 文档", True),
        ("Ｒｅｐｏｒｔ ｖ２", True),  # noqa: RUF001
        ("🚀", True),
        ("", True),
        ("北岸净水厂项目总结", False),
        ("Core banking migration: closing report", False),
        ("𠮷祥项目 kick-off 会议纪要", False),
        ("CRM 周报", False),
    ],
)
def test_a_title_that_names_a_sort_of_document_says_nothing(title: str, generic: bool) -> None:
    assert is_generic(title) is generic


def test_texts_much_alike_are_versions_whatever_they_are_called() -> None:
    assert is_version(75, Identity("周报", ""), Identity("Report", "X-1"))
    assert not is_version(74, Identity("周报", ""), Identity("周报", ""))
    assert not is_version(None, Identity("周报", ""), Identity("周报", ""))
