"""Whom a question is brought to, and what tells the same already: looked up before it is asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from kb.access import Actor
from kb.errors import SearchUnavailable
from kb.expertise_rules import Points
from kb.experts import ExpertAnswer
from kb.question_rules import SUBJECT, SUGGESTED_EXPERTS
from kb.search.answers import MAX_QUERY_CHARS, Hit, Names, SearchAnswer, SearchRequest

# Of the things that tell the same, so many are shown: a list that is longer is not read.
SHOWN: Final = 6
# Of the body so much is searched with the title: its beginning says what it is about, its details find anything.
_BODY_CHARS: Final = 200
# Shorter texts find what begins like them and not what they ask.
MIN_CHARS: Final = 4
_MIN_HAN: Final = 2

Ask = Callable[[Actor, str, int], ExpertAnswer]


@dataclass(frozen=True, slots=True)
class Suggested:
    """Somebody who may know: a person, and the titles of what shows it."""

    person_id: int
    names: Names
    department: str
    title: str
    because: tuple[str, ...]


class QuestionRouting:
    """Looks at what there is before a question is asked; holds no state."""

    def __init__(
        self, search: Callable[[Actor, SearchRequest], SearchAnswer], experts: Ask
    ) -> None:
        """Find what tells the same by ``search``, and whom to ask by ``experts``."""
        self._search = search
        self._experts = experts

    def similar(
        self, actor: Actor, title: str, body: str = "", *, without: int | None = None
    ) -> tuple[Hit, ...]:
        """What ``actor`` may read that may answer the question already, in either language, best first.

        ``without`` is the question itself, where it is one already. Nothing when the search cannot answer now: asking
        goes on without it.
        """
        if not long_enough(title):
            return ()
        request = SearchRequest(words(title, body), per_page=SHOWN + 4)
        try:
            hits = self._search(actor, request).hits
        except SearchUnavailable:
            return ()
        others = [
            hit
            for hit in hits
            if hit.subject not in {"person", "project"}
            and (hit.subject, hit.id) != (SUBJECT, without)
        ]
        return tuple(others[:SHOWN])

    def suggested(
        self, actor: Actor, title: str, body: str = "", limit: int = SUGGESTED_EXPERTS
    ) -> tuple[Suggested, ...]:
        """Whom to bring the question to, best first; not the asker, nor whoever has left."""
        if not long_enough(title):
            return ()
        try:
            found = self._experts(actor, words(title, body), limit + 2)
        except SearchUnavailable:
            return ()
        fitting = [one for one in found.experts if not one.left and one.who.handle != actor.id]
        return tuple(
            Suggested(
                person_id=one.who.id,
                names=one.who.names,
                department=one.who.department,
                title=one.who.title,
                because=_titles(one.score.points),
            )
            for one in fitting[:limit]
        )


def words(title: str, body: str) -> str:
    """What is searched for a question."""
    return " ".join(f"{title} {body[:_BODY_CHARS]}".split())[:MAX_QUERY_CHARS]


def long_enough(title: str) -> bool:
    """Whether enough is typed to know what is asked.

    ::

        >>> long_enough("变更"), long_enough("ch"), long_enough("change")
        (True, False, True)
    """
    signs = [sign for sign in title if sign.isalnum()]
    han = sum(not sign.isascii() for sign in signs)
    return len(signs) >= MIN_CHARS or han >= _MIN_HAN


def _titles(points: Sequence[Points]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.evidence.title for one in points))[:2]
