"""What DocTemplates are sorted by: kinds, the phases of a project, and how a filled file is called."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from kb.errors import InvalidInput

SUBJECT: Final = "doctemplate"
# The phases of a project in their order, each with its kinds in the order a project meets them.
PHASES: Final[dict[str, tuple[str, ...]]] = {
    "initiate": ("proposal", "charter", "stakeholder-register"),
    "plan": ("management-plan", "wbs", "schedule", "risk-register", "communication-plan"),
    "execute": ("status-report", "minutes"),
    "control": ("change-request", "maturity-questionnaire"),
    "close": ("acceptance", "closing-report", "lessons-register"),
}
OTHER_KIND: Final = "other"
KINDS: Final = (*(kind for kinds in PHASES.values() for kind in kinds), OTHER_KIND)
LANGUAGES: Final = ("zh", "en")

MAX_TITLE_CHARS: Final = 300
MAX_TEXT_CHARS: Final = 5000
MAX_TAGS: Final = 20
_MAX_TAG_CHARS: Final = 100
_NOT_IN_NAMES: Final = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')
_MAX_NAME_CHARS: Final = 120


def phase_of(kind: str) -> str:
    """The phase a kind belongs to; the first one for kinds of no phase."""
    return next((phase for phase, kinds in PHASES.items() if kind in kinds), next(iter(PHASES)))


def file_name(title: str, project: str, day: date, format_: str) -> str:
    """How a filled template is called when it is downloaded; nothing in it a file system would refuse."""
    parts = [_NOT_IN_NAMES.sub(" ", part).strip(" .") for part in (project, title, day.isoformat())]
    stem = " ".join("-".join(part for part in parts if part).split())
    return f"{stem[:_MAX_NAME_CHARS]}.{format_}"


def check_details(title: str, kind: str, phase: str, language: str) -> None:
    """Return when these can describe a template.

    Raises:
        InvalidInput: one of them cannot.
    """
    if not title.strip() or len(title) > MAX_TITLE_CHARS:
        raise InvalidInput(field="title", reason="it is empty or too long")
    for field, value, known in (
        ("kind", kind, KINDS),
        ("phase", phase, tuple(PHASES)),
        ("language", language, LANGUAGES),
    ):
        if value not in known:
            raise InvalidInput(field=field, reason=f"“{value}” is none of {', '.join(known)}")


def tags_of(text: str) -> list[str]:
    """Tags from a line of them, parted by commas or semicolons of either script, each once."""
    parts = (part.strip()[:_MAX_TAG_CHARS] for part in re.split(r"[,;，；、]", text))
    return list(dict.fromkeys(part for part in parts if part))[:MAX_TAGS]
