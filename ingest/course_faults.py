"""What is wrong with a file of courses or questions: where it stands, why, and what to do; data, not an exception.

Whoever corrects a file wants to hear of everything at once, so readers go on after a fault and give all of them back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

# Of what stands there so much is repeated, in characters.
VALUE_CHARS: Final = 80
# More than these help nobody; a file of another sort has one for each of its lines.
MAX_FAULTS: Final = 500


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in a file that keeps it, or one question of it, out.

    Attributes:
        reason: message id with gaps for ``data``.
        file: path of the file in its folder, or the name of the sheet; empty where only one can be meant.
        line: line of a text, row of a sheet as spreadsheet programs count, from 1; 0 for the whole file.
        column: header of the column; empty where there is none.
        value: what stands there, shortened.
        advice: message id: what to do now; empty where the reason says it.
        data: fills the gaps of both.
    """

    reason: str
    file: str = ""
    line: int = 0
    column: str = ""
    value: str = ""
    advice: str = ""
    data: Mapping[str, str | int] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return it as one English sentence, for logs and the command line."""
        where = ", ".join(
            part
            for part in (self.file, f"line {self.line}" if self.line else "", self.column)
            if part
        )
        value = f" (“{self.value}”)" if self.value else ""
        return f"{where}{': ' if where else ''}{self.reason % self.data}{value}."


def clipped(text: str) -> str:
    """``text`` on one line, as much of it as a fault repeats."""
    line = " ".join(text[: VALUE_CHARS * 4].split())
    return line if len(line) <= VALUE_CHARS else f"{line[: VALUE_CHARS - 1]}…"
