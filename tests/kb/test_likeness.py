from __future__ import annotations

import pytest

from kb.access import SYSTEM, Actor, Audience, Role
from kb.database import Database
from kb.documents import Documents
from kb.drafts import Draft, Guess
from kb.files import FileStore
from kb.likeness import Likeness
from kb.likeness_rules import LIKE_ENOUGH, Shingles, likeness, shingles, sketch

TOM = Actor("tom", "Tom Brown", Role.CONTRIBUTOR)

ZH = "".join(
    f"第{n}节：盾构机在第{n}标段停了{n * 7 % 23}天，原因是{'管线图纸与现场不符' if n % 3 else '承包商人手不足'}；"
    f"此后每{n % 5 + 2}周由项目经理召集一次碰头会，核对图纸与探测结果。"
    for n in range(1, 40)
)
EN = " ".join(
    f"Section {n}: the boring machine stood still for {n * 7 % 23} days because "
    f"{'the drawings did not match the ground' if n % 3 else 'the contractor lacked staff'}; "
    f"since then the manager has held a meeting every {n % 5 + 2} weeks."
    for n in range(1, 40)
)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        (ZH, ZH, 100, 100),
        (EN, EN, 100, 100),
        (ZH, ZH.replace("碰头会", "协调会"), LIKE_ENOUGH, 99),
        (EN, EN.replace("meeting", "review"), LIKE_ENOUGH, 99),
        (ZH, ZH + "附：会后补充说明两条。", 95, 99),
        (EN, EN.upper(), 100, 100),
        ("项目总结　Ｖ１", "项目总结 v1", 100, 100),  # noqa: RUF001  full width is the point
        (ZH, EN, 0, 5),
        (ZH, ZH[: len(ZH) // 3], 20, LIKE_ENOUGH - 1),
        ("", "", 0, 0),
        ("𠮷野家🚇", "", 0, 0),
    ],
)
def test_likeness_is_the_share_of_text_in_common(one: str, other: str, low: int, high: int) -> None:
    assert low <= likeness(shingles(one), shingles(other)) <= high


def test_a_text_too_short_to_tell_is_like_nothing() -> None:
    assert sketch(shingles("周报")) == []
    assert len(sketch(shingles(ZH))) == 32


@pytest.fixture
def documents(database: Database, files: FileStore) -> Documents:
    return Documents(database, files)


def store(documents: Documents, title: str, body: str, audience: str = "everyone") -> int:
    draft = Draft(title, body, "zh", Guess("report"), "md")
    return documents.store(
        SYSTEM, draft, place=f"/{title}", audience=Audience.parse(audience)
    ).document_id


def test_versions_of_one_report_find_each_other_and_nothing_else(
    database: Database, documents: Documents
) -> None:
    compared = Likeness(database)
    final = store(documents, "总结 终稿", ZH)
    other = store(documents, "Report", EN)
    assert compared.note(SYSTEM, final) == []
    assert compared.note(SYSTEM, other) == []

    last = store(documents, "总结 最终稿", ZH.replace("碰头会", "协调会"))
    [near] = compared.note(SYSTEM, last)
    assert (near.document_id, near.title) == (final, "总结 终稿")
    assert LIKE_ENOUGH <= near.likeness < 100


def test_what_one_may_not_read_is_not_named(database: Database, documents: Documents) -> None:
    compared = Likeness(database)
    compared.note(SYSTEM, store(documents, "机密", ZH, audience="group:pmo"))
    public = store(documents, "公开", ZH + "。附一条说明。")
    assert compared.note(TOM, public) == []
    assert len(compared.note(SYSTEM, public)) == 1


def test_the_most_alike_comes_first(database: Database, documents: Documents) -> None:
    compared = Likeness(database)
    far = store(documents, "v1", ZH[: len(ZH) * 4 // 5])
    near = store(documents, "v2", ZH[:-20])
    for document_id in (far, near):
        compared.note(SYSTEM, document_id)
    found = compared.note(SYSTEM, store(documents, "v3", ZH))
    assert [each.document_id for each in found] == [near, far]


def test_noting_again_changes_nothing(database: Database, documents: Documents) -> None:
    compared = Likeness(database)
    document_id = store(documents, "总结", ZH)
    other = store(documents, "总结 2", ZH + "补充。")
    compared.note(SYSTEM, other)
    assert compared.note(SYSTEM, document_id) == compared.note(SYSTEM, document_id) != []


def test_a_copy_is_found_among_many_reports_made_from_one_template(
    database: Database, documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.likeness.MOST_SHARING", 10)
    compared = Likeness(database)
    made = []
    for number in range(30):
        own = "".join(chr(0x4E00 + (number * 997 + n * 31) % 20_000) for n in range(len(ZH) // 2))
        made.append(store(documents, f"报告 {number}", ZH + own))
        assert compared.note(SYSTEM, made[-1]) == [] or number < 10
    asked: list[int] = []

    def counted(text: str) -> Shingles:
        asked.append(len(text))
        return shingles(text)

    monkeypatch.setattr("kb.likeness.shingles", counted)
    own = "".join(chr(0x4E00 + (17 * 997 + n * 31) % 20_000) for n in range(len(ZH) // 2))
    found = compared.note(SYSTEM, store(documents, "报告 17 最终稿", ZH + own + "。补充一条。"))
    assert found[0].document_id == made[17]
    assert found[0].likeness > 95
    # One for itself, and never more than a handful compared in full.
    assert len(asked) <= 6
