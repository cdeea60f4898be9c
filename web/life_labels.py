"""What people read in place of the names of stages and steps in a document's life."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kb.errors import N_
from kb.lifecycle_rules import STAGE_NAMES

STAGES: Final = {stage.value: name for stage, name in STAGE_NAMES.items()}


@dataclass(frozen=True, slots=True)
class StepLabel:
    """A step as a button: what it says, its icon, what it does, and whether it wants a reason.

    Attributes:
        main: it is what is usually done next.
        done: what the history says when it was taken.
    """

    label: str
    icon: str
    hint: str
    done: str
    reason: bool = False
    main: bool = False


STEPS: Final[dict[str, StepLabel]] = {
    "submit": StepLabel(
        N_("Send for review"),
        "log-out",
        N_("The reviewers are asked to look at it."),
        N_("sent version %(number)s for review"),
        main=True,
    ),
    "withdraw": StepLabel(
        N_("Take back"),
        "chevron-left",
        N_("It becomes a draft again."),
        N_("took version %(number)s back"),
    ),
    "approve": StepLabel(
        N_("Approve"),
        "check",
        N_("It is published when all reviewers have approved it."),
        N_("approved version %(number)s"),
        main=True,
    ),
    "send-back": StepLabel(
        N_("Send back"),
        "corner-down-left",
        N_("It becomes a draft again; say what is missing."),
        N_("sent version %(number)s back"),
        reason=True,
    ),
    "release": StepLabel(
        N_("Publish"),
        "check",
        N_("Its audience sees it."),
        N_("published version %(number)s"),
        main=True,
    ),
    "publish": StepLabel(
        N_("Publish without review"),
        "check",
        N_("Readers are told that nobody reviewed it; say why."),
        N_("published version %(number)s without review"),
        reason=True,
    ),
    "discard": StepLabel(
        N_("Give up this version"),
        "x",
        N_("A page that was never published is gone; else what is published stays."),
        N_("gave version %(number)s up"),
    ),
    "confirm": StepLabel(
        N_("Still right"),
        "check",
        N_("The next review is due after the interval."),
        N_("confirmed that it is still right"),
        main=True,
    ),
    "archive": StepLabel(
        N_("Archive"),
        "folder",
        N_("It can still be read by its address, but is no longer found."),
        N_("archived it"),
        reason=True,
    ),
    "supersede": StepLabel(
        N_("Supersede"),
        "refresh-cw",
        N_("Another page takes its place; readers are sent there."),
        N_("put another page in its place"),
    ),
    "reopen": StepLabel(
        N_("Reopen"),
        "refresh-cw",
        N_("It is published again."),
        N_("published it again"),
        reason=True,
    ),
    "begin": StepLabel("", "", "", N_("began this page")),
    "care": StepLabel("", "", "", N_("changed who looks after it")),
}

# The columns of the board.
COLUMNS: Final = {
    "waiting": N_("Waits for review"),
    "overdue": N_("Review overdue"),
    "soon": N_("Due within 30 days"),
    "forgotten": N_("Forgotten drafts"),
    "unowned": N_("Without an owner"),
}
# Words that errors of this subject carry as data. Listed so that they get translated.
ERROR_WORDS: Final = (
    N_("submit"),
    N_("withdraw"),
    N_("approve"),
    N_("send-back"),
    N_("release"),
    N_("publish"),
    N_("discard"),
    N_("confirm"),
    N_("archive"),
    N_("supersede"),
    N_("reopen"),
    N_("write"),
    N_("version"),
    N_("comment"),
    N_("section"),
)
