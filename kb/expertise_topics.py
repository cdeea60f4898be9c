"""Topics of expertise: tags of any wording in either language, gathered by what the glossary says they mean.

``数据迁移``, ``data migration`` and ``數據遷移 Data Migration`` are one topic; what the glossary does not know is a
topic by its own letters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kb.person_names import name_key
from kb.project_names import name_parts
from kb.search.answers import Names
from kb.search.folding import fold_text
from kb.search.lexicon import Lexicon

KEY_CHARS: Final = 200


@dataclass(frozen=True, slots=True)
class ExpertTopic:
    """A topic; ``key`` tells it from others: ``g:7`` for a concept of the glossary, else its own letters."""

    key: str
    names: Names


def plain_key(label: str) -> str:
    """What two spellings of a topic have in common, without the glossary."""
    return name_key(label)[:KEY_CHARS]


class TopicNames:
    """Says which topic a tag means, by one state of the glossary. Remembers what it was asked."""

    def __init__(self, lexicon: Lexicon) -> None:
        """Go by ``lexicon``."""
        self._lexicon = lexicon
        self._known: dict[str, ExpertTopic | None] = {}

    def of(self, label: str) -> ExpertTopic | None:
        """The topic that ``label`` means; None for one without a letter."""
        if label not in self._known:
            self._known[label] = self._find(label)
        return self._known[label]

    def within(self, text: str) -> frozenset[str]:
        """Keys of the concepts that are named in ``text``."""
        return frozenset(
            f"g:{concept}" for match in self._lexicon.find(text) for concept in match.concepts
        )

    def _find(self, label: str) -> ExpertTopic | None:
        for part in name_parts(label):
            concept = self._concept(part)
            if concept is not None:
                named = self._lexicon.concept(concept)
                zh, en = (names[0] if names else "" for names in (named.zh, named.en))
                return ExpertTopic(f"g:{concept}", Names(zh or en, en or zh))
        key = plain_key(label)
        return ExpertTopic(key, Names(label, label)) if key else None

    def _concept(self, text: str) -> int | None:
        """The concept that the whole of ``text`` names."""
        length = len(fold_text(text))
        for match in self._lexicon.find(text):
            if match.start == 0 and match.end == length:
                return match.concepts[0]
        return None
