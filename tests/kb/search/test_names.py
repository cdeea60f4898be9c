"""Names found while they are typed: as they are written and as they sound."""

# ruff: noqa: RUF001  full-width forms are what is tested

from __future__ import annotations

import pytest

from kb.search.names import Fit, Name, NameTable, compact
from kb.search.readings import readings, sounds

EVERYONE, PMO = 1, 2
TABLE = NameTable(
    [
        Name("风险管理登记册", "document", 1, carriers=(1,)),
        Name("重庆银行行长会议", "document", 2, carriers=(2,)),
        Name("ERP 上线总结", "document", 3, carriers=(3,)),
        Name("女娲绿色略图", "document", 4, carriers=(4,)),
        Name("𠮷野家 🚀 risk-register", "document", 5, carriers=(5,)),
        Name("Core banking: closing report", "document", 6, carriers=(6,)),
        Name("郝建平", "person", also=("Hao Jianping",), carriers=(1, 2, 3)),
        Name("CL-2018-007", "project", 7, ("湘江净水厂", "Xiangjiang"), (1, 3)),
        Name("变更控制", "term", 8),
        Name("变更控制怎么走", "question", carriers=(1,), weight=9),
    ],
    {1: EVERYONE, 2: EVERYONE, 3: PMO, 4: EVERYONE, 5: EVERYONE, 6: EVERYONE},
)
ALL = frozenset({EVERYONE, PMO})


def found(typed: str, audiences: frozenset[int] | None = ALL) -> dict[str, Fit]:
    return {each.name.text: each.fit for each in TABLE.find(typed, audiences, 10)}


def test_a_name_is_known_only_to_whoever_may_read_one_of_its_carriers() -> None:
    only_everyone = frozenset({EVERYONE})
    assert "ERP 上线总结" not in found("erp", only_everyone)
    assert "ERP 上线总结" in found("erp")
    assert "ERP 上线总结" in found("erp", None)
    assert set(found("haojp", frozenset())) == set()
    assert set(found("biangeng", frozenset())) == {"变更控制"}
    [person] = TABLE.find("郝", only_everyone, 10)
    assert person.uses == 2
    [person] = TABLE.find("郝", only_everyone, 10, gone={1})
    assert person.uses == 1
    assert TABLE.find("郝", only_everyone, 10, gone={1, 2}) == []


@pytest.mark.parametrize(
    ("typed", "name", "fit"),
    [
        ("风险管理登记册", "风险管理登记册", Fit.WHOLE),
        ("风险", "风险管理登记册", Fit.BEGINNING),
        ("風險", "风险管理登记册", Fit.BEGINNING),
        ("登记", "风险管理登记册", Fit.WORD),
        ("fxgl", "风险管理登记册", Fit.SOUND_OF_BEGINNING),
        ("ＦＸＧＬ", "风险管理登记册", Fit.SOUND_OF_BEGINNING),
        ("FengXian", "风险管理登记册", Fit.SOUND_OF_BEGINNING),
        ("feng xian guan", "风险管理登记册", Fit.SOUND_OF_BEGINNING),
        ("feng'xian", "风险管理登记册", Fit.SOUND_OF_BEGINNING),
        ("fengxgl", "风险管理登记册", Fit.SOUND_OF_BEGINNING),
        ("fxguanl", "风险管理登记册", Fit.SOUND_OF_BEGINNING),
        ("风险gl", "风险管理登记册", Fit.SOUND_OF_BEGINNING),
        ("guanlidengj", "风险管理登记册", Fit.SOUND_OF_WORD),
        ("djc", "风险管理登记册", Fit.SOUND_OF_WORD),
        ("haojp", "郝建平", Fit.SOUND_OF_WHOLE),
        ("hjp", "郝建平", Fit.SOUND_OF_WHOLE),
        ("jianping", "郝建平", Fit.WORD),
        ("hao jianping", "郝建平", Fit.WHOLE),
        ("chongqing", "重庆银行行长会议", Fit.SOUND_OF_BEGINNING),
        ("zhongqing", "重庆银行行长会议", Fit.SOUND_OF_BEGINNING),
        ("yhhz", "重庆银行行长会议", Fit.SOUND_OF_WORD),
        ("hangzhang", "重庆银行行长会议", Fit.SOUND_OF_WORD),
        ("xingchang", "重庆银行行长会议", Fit.SOUND_OF_WORD),
        ("nvwa", "女娲绿色略图", Fit.SOUND_OF_BEGINNING),
        ("nuwa", "女娲绿色略图", Fit.SOUND_OF_BEGINNING),
        ("lvselve", "女娲绿色略图", Fit.SOUND_OF_WORD),
        ("erpsx", "ERP 上线总结", Fit.SOUND_OF_BEGINNING),
        ("erp上线zj", "ERP 上线总结", Fit.SOUND_OF_WHOLE),
        ("𠮷野", "𠮷野家 🚀 risk-register", Fit.BEGINNING),
        ("risk reg", "𠮷野家 🚀 risk-register", Fit.WORD),
        ("register", "𠮷野家 🚀 risk-register", Fit.WORD),
        ("egister", "𠮷野家 🚀 risk-register", Fit.INSIDE),
        ("closing", "Core banking: closing report", Fit.WORD),
        ("corebank", "Core banking: closing report", Fit.BEGINNING),
        ("2018", "CL-2018-007", Fit.WORD),
        ("cl2018007", "CL-2018-007", Fit.WHOLE),
        ("xjjsc", "CL-2018-007", Fit.SOUND_OF_WHOLE),
        ("bgkz", "变更控制", Fit.SOUND_OF_WHOLE),
        ("bgkzzmz", "变更控制怎么走", Fit.SOUND_OF_WHOLE),
    ],
)
def test_a_name_is_found_by_how_it_is_written_and_how_it_sounds(
    typed: str, name: str, fit: Fit
) -> None:
    assert found(typed).get(name) == fit


@pytest.mark.parametrize(
    "typed", ["", " ", "%", "_", "🚀", "。！", "z", "风管", "fxgj", "lgnx", "\x00"]
)
def test_what_fits_nothing_finds_nothing(typed: str) -> None:
    assert found(typed) == {}


def test_no_name_is_found_across_the_end_of_another() -> None:
    table = NameTable([Name("供应", "term"), Name("商务", "term"), Name("a\0b", "term")], {})
    assert table.find("供应商", None, 5) == []
    assert table.find("ysw", None, 5) == []
    assert [each.name.text for each in table.find("ab", None, 5)] == ["a\0b"]
    assert NameTable([], {}).find("风险", None, 5) == []


def test_of_each_kind_the_best_are_found() -> None:
    table = NameTable([Name("风险" + "甲" * n, "document", n, carriers=(n,)) for n in range(1, 50)],
                      dict.fromkeys(range(1, 50), EVERYONE))  # fmt: skip
    assert [each.name.id for each in table.find("风险", ALL, 3)] == [1, 2, 3]


def test_ten_thousand_letters_are_typed_in_vain() -> None:
    assert len(compact("风" * 10_000)) <= 64
    for typed in ("a" * 10_000, "风险" * 5_000, "zhuang" * 2_000, "(.*)+" * 2_000):
        TABLE.find(typed, ALL, 5)


def test_every_reading_of_a_character_counts() -> None:
    assert {"zhong", "chong"} <= readings("重")
    assert {"nv", "nu"} <= readings("女")
    assert readings("𠮷") == readings("a") == readings("🚀") == frozenset()
    assert not sounds("胜") & sounds("森")
    assert sounds("胜", blurred=True) & sounds("森", blurred=True)
    assert not sounds("风", blurred=True) & sounds("险", blurred=True)
