"""What people read in place of the key of an audience."""

from __future__ import annotations

from kb.access import EVERYONE, both_of
from kb.errors import N_
from kb.groups import Choices
from web.language import Language

_JOINED = N_("both in %(one)s and in %(other)s")


def audience_words(language: Language, choices: Choices, key: str) -> str:
    """Everyone, or groups and people by their names, where ``choices`` knows them; else as the key has them."""
    groups, people = dict(choices.groups), dict(choices.people)

    def name(principal: str) -> str:
        if principal == EVERYONE:
            return language.gettext(N_("Everyone"))
        sort, _, known_as = principal.partition(":")
        return (groups if sort == "group" else people).get(known_as, known_as)

    told = []
    for principal in key.split(","):
        one, *other = map(name, both_of(principal))
        told.append(language.told(_JOINED, {"one": one, "other": other[0]}) if other else one)
    return language.gettext(N_(", ")).join(told)
