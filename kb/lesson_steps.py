"""The life of a lesson in one table: from which state which step leads where, who may take it, and what it asks for.

::

    (submit) ──> submitted ──validate──> validated ──build in──> built-in
                     ^                    │  ^  ^                 │  │
                     └──────reopen────────┘  │  └────take out─────┘  │
                                             └─reinstate─ superseded <┘ supersede (from every state)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from kb.errors import N_, Conflict
from kb.lesson_rules import VERDICTS, LessonState, Verdict

Move = Literal[
    "correct", "validate", "reopen", "build-in", "take-out", "supersede", "reinstate", "merge"
]
Right = Literal["curator", "submitter"]
Need = Literal["complete", "verdict", "note", "document", "successor"]


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the table.

    Attributes:
        who: the rights of which one is enough. ``submitter`` is whoever submitted the lesson.
        needs: what has to be given or be there; ``document`` is a document or a standard template.
        verdicts: the expert's verdicts with which the step is possible; empty where it does not matter.
    """

    move: Move
    start: LessonState
    end: LessonState
    who: frozenset[Right]
    needs: frozenset[Need] = frozenset()
    verdicts: frozenset[Verdict] = frozenset()


_CURATOR: Final = frozenset[Right]({"curator"})
_EITHER: Final = frozenset[Right]({"curator", "submitter"})
_TO_BUILD_IN: Final = frozenset[Verdict]({"applicable", "needs-action"})
_JUDGED: Final = frozenset[Need]({"complete", "verdict", "note"})

STEPS: Final = (
    Step("correct", "submitted", "submitted", _EITHER),
    Step("correct", "validated", "validated", _CURATOR, frozenset({"complete"})),
    Step("correct", "built-in", "built-in", _CURATOR, frozenset({"complete"})),
    # Another telling of it, harvested or submitted, becomes one more of its sources.
    Step("merge", "submitted", "submitted", _CURATOR),
    Step("merge", "validated", "validated", _CURATOR),
    Step("merge", "built-in", "built-in", _CURATOR),
    Step("validate", "submitted", "validated", _CURATOR, _JUDGED),
    # Second thoughts of the expert: another verdict, another note.
    Step("validate", "validated", "validated", _CURATOR, _JUDGED),
    Step("reopen", "validated", "submitted", _CURATOR, frozenset({"note"})),
    Step("build-in", "validated", "built-in", _CURATOR, frozenset({"document"}), _TO_BUILD_IN),
    # What it changed may be more than one page.
    Step("build-in", "built-in", "built-in", _CURATOR, frozenset({"document"}), _TO_BUILD_IN),
    # The last of its pages was taken away again.
    Step("take-out", "built-in", "validated", _CURATOR),
    # Told twice: the other lesson takes its sources over.
    Step("supersede", "submitted", "superseded", _CURATOR, frozenset({"successor"})),
    Step("supersede", "validated", "superseded", _CURATOR, frozenset({"successor"})),
    Step("supersede", "built-in", "superseded", _CURATOR, frozenset({"successor"})),
    # Back to where it was before: validated, or submitted where no expert has looked at it yet.
    Step("reinstate", "superseded", "validated", _CURATOR, verdicts=frozenset(VERDICTS)),
    Step("reinstate", "superseded", "submitted", _CURATOR),
)


class StepRefused(Conflict):
    """A lesson in its state cannot take a step. Data: ``what``, ``move``, ``state``."""

    code = "lesson-step"
    sentence = N_("A lesson that is %(state)s cannot take this step: %(move)s.")
    advice_template = N_("Open the lesson again and look at its present state.")


def step(state: str, move: Move, verdict: str = "") -> Step:
    """The step that ``move`` is for a lesson in ``state`` with the expert's ``verdict``.

    Raises:
        StepRefused: there is none.
    """
    for each in STEPS:
        fits = not each.verdicts or verdict in each.verdicts
        if (each.start, each.move) == (state, move) and fits:
            return each
    raise StepRefused(what="lesson", move=move, state=state)


def may(taken: Step, rights: frozenset[Right]) -> bool:
    """Whether somebody with these rights may take the step."""
    return bool(taken.who & rights)


def possible(state: str, verdict: str, rights: frozenset[Right]) -> tuple[Move, ...]:
    """The steps that somebody with these rights may take now, in the order of the table."""
    found = (
        each.move
        for each in STEPS
        if each.start == state
        and may(each, rights)
        and (not each.verdicts or verdict in each.verdicts)
    )
    return tuple(dict.fromkeys(found))
