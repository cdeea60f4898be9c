"""What a check finds: one plain sentence, one piece of advice, and whether it was put right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong.

    Attributes:
        code: stable name of the kind, in kebab case.
        sentence, advice: message ids, filled with ``data`` by ``%``.
        mended: it was put right just now.
        note: it harms nothing; it is told all the same.
    """

    code: str
    sentence: str
    advice: str
    data: Mapping[str, str | int] = field(default_factory=dict)
    mended: bool = False
    note: bool = False

    @property
    def told(self) -> str:
        """The sentence in English."""
        return self.sentence % self.data

    @property
    def advised(self) -> str:
        """The advice in English."""
        return self.advice % self.data


def left(findings: list[Finding]) -> list[Finding]:
    """Those that somebody still has to do something about."""
    return [finding for finding in findings if not finding.mended and not finding.note]
