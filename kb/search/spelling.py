"""English words as they are compared: British and American spellings alike, and inflected forms with their plain one.

Only for comparing, on both sides: what comes out need not be a word (``four`` becomes ``for``). Words are folded
(:mod:`kb.search.folding`) before they get here.
"""

from __future__ import annotations

import re
from typing import Final

# What no rule below reaches, because the two spellings follow none; the American one stands right.
_PAIRS: Final = {
    "acknowledgement": "acknowledgment",
    "ageing": "aging",
    "aluminium": "aluminum",
    "artefact": "artifact",
    "cheque": "check",
    "crises": "crisis",
    "defence": "defense",
    "disc": "disk",
    "draught": "draft",
    "enrolment": "enrollment",
    "fulfil": "fulfill",
    "fulfilment": "fulfillment",
    "grey": "gray",
    "instalment": "installment",
    "judgement": "judgment",
    "kerb": "curb",
    "learnt": "learned",
    "licence": "license",
    "mould": "mold",
    "offence": "offense",
    "plough": "plow",
    "practise": "practice",
    "pretence": "pretense",
    "programme": "program",
    "skilful": "skillful",
    "storey": "story",
    "tonne": "ton",
    "tyre": "tire",
}
# In this order; the first that fits is applied. Each ends a word, so that its plural has a form of its own.
_RULES: Final = (
    (re.compile(r"(?<=[a-z]{2})yses$"), "ysis"),  # analyses: far more often the noun than the verb
    (re.compile(r"(?<=[a-z]{2})is(ations?|e[drs]?|ing|able)$"), r"iz\1"),
    (re.compile(r"(?<=[a-z]{2})ys(e[dr]?|ing)$"), r"yz\1"),
    (re.compile(r"(?<=[a-z])our(s|ed|ing|able|al|ally|ite|ites)?$"), r"or\1"),
    (re.compile(r"(?<=[a-z]{2})tre(s?)$"), r"ter\1"),
    (re.compile(r"(?<=[a-z]{2})ogue(s?)$"), r"og\1"),
    (re.compile(r"(?<=[aeiou])ll(ed|ing|er|ers|ation|ations)$"), r"l\1"),
)
_VOWEL: Final = re.compile("[aeiouy]")
# A shorter rest is no word: "using" is no form of "us".
_MIN_REST_CHARS: Final = 3


def american(word: str) -> str:
    """The American spelling of a word; itself where the two do not differ. ``behaviour`` gives ``behavior``."""
    single = word.removesuffix("s")
    if word in _PAIRS:
        return _PAIRS[word]
    if single in _PAIRS:
        return _PAIRS[single] + "s"
    for pattern, replacement in _RULES:
        if pattern.search(word):
            return pattern.sub(replacement, word)
    return word


def singular(word: str) -> str:
    """The singular of a word; itself where it is no plural. ``policies`` gives ``policy``, ``process`` stays."""
    if len(word) <= _MIN_REST_CHARS or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes", "zzes")):
        return word[:-2]
    return word.removesuffix("s")


def uninflected(word: str) -> str:
    """The form that singular, plural, ``-ing`` and ``-ed`` of a word share; ``scheduling``, ``schedules``: ``schedul``.

    A stemmer goes further and makes ``import`` of ``importance``; this goes further in making ``sit`` of ``site``.
    Two words that both agree on are forms of one.
    """
    for ending in ("ing", "ed"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= _MIN_REST_CHARS and _VOWEL.search(rest):
            return _single_consonant(rest).removesuffix("e")
    return singular(word).removesuffix("e")


def _single_consonant(rest: str) -> str:
    """``plann`` gives ``plan``; ``staff`` and ``process`` keep theirs."""
    doubled = rest[-1] == rest[-2] and rest[-1] not in "aeiouflsz"
    return rest[:-1] if doubled else rest
