"""The example of a manifest that the import page shows and gives to be filled in."""

from __future__ import annotations

from typing import Final

from kb.errors import N_
from web.language import Language

# Each is understood in English and in Chinese, see ingest.manifests.
_COLUMNS: Final = (
    N_("path"),
    N_("title"),
    N_("kind"),
    N_("language"),
    N_("project"),
    N_("author"),
    N_("date"),
    N_("tags"),
    N_("audience"),
)
# Rows by the language of the interface, in the order of the columns.
SAMPLES: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "zh": (
        (
            "2021/北岸水厂/总结报告.docx",
            "北岸水厂项目总结",
            "总结",
            "中文",
            "CL-2018-007",
            "李娜；王强",
            "2021-03-31",
            "盾构；涌水",
            "everyone",
        ),
        ("归档.zip/纪要/0412.docx", "", "会议纪要", "", "CL-2018-007", "", "", "", "group:pmo"),
    ),
    "en": (
        (
            "2021/north-bank/closing report.docx",
            "North bank closing report",
            "summary",
            "en",
            "CL-2018-007",
            "Li Na; Tom Brown",
            "2021-03-31",
            "tunnelling; flooding",
            "everyone",
        ),
        (
            "archive.zip/minutes/0412.docx",
            "",
            "minutes",
            "",
            "CL-2018-007",
            "",
            "",
            "",
            "group:pmo",
        ),
    ),
}


def columns(language: Language) -> tuple[str, ...]:
    """The names of the columns in a language of the interface."""
    return tuple(language.gettext(name) for name in _COLUMNS)
