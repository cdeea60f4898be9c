"""A budget for one question: what nobody's patience lasts for is left out, and said to be left out.

Work is counted, not timed, so that the same question has the same answer on a busy machine and on a quiet one; the
clock is only there for what the counting did not foresee.
"""

from __future__ import annotations

import time
from typing import Final

# One unit is what NumPy does for one posting, some 10 ns. A long question of a person spends a hundredth of it at
# 100,000 things.
WORK: Final = 40_000_000
# What looking up a term that stands nowhere costs; one that does, beside its postings; going through all things once.
MISS_WORK: Final = 100
TERM_WORK: Final = 1_000
NODE_WORK: Final = 2_000
THINGS_FOR_A_UNIT: Final = 4
SECONDS: Final = 2.0


class Budget:
    """What is left for one question. For one thread."""

    def __init__(self, work: int = WORK, seconds: float = SECONDS) -> None:
        """Allow for ``work`` units, and no more than ``seconds`` from now."""
        self._work = work
        self._end = time.monotonic() + seconds
        self.left_out = 0

    def spend(self, work: int) -> None:
        """Take note of work done."""
        self._work -= work

    def is_spent(self, parts: int) -> bool:
        """Whether nothing is left; then ``parts`` more parts of the question are left out."""
        if self._work > 0 and time.monotonic() < self._end:
            return False
        self.left_out += parts
        return True
