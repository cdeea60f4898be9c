"""Words that announce lessons only beside each other: Start, Stop, Continue; Liked, Learned, Lacked; 保持, 停止.

Alone, “Add” or “Learned” is a heading like any other. Where two different words of one family stand side by side, as
headings of one level or as columns of one table, somebody held a retrospective.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from ingest.harvest_headings import Topic, Weight
from ingest.harvest_words import EDGES, folded, unnumbered_heading

_GOOD: Final = Topic(Weight.CERTAIN, "good-practice")
_BAD: Final = Topic(Weight.CERTAIN, "lesson")
_PLAIN: Final = Topic(Weight.CERTAIN)
_USUAL_GOOD: Final = Topic(Weight.USUAL, "good-practice")
_USUAL_BAD: Final = Topic(Weight.USUAL, "lesson")
_ADVICE: Final = Topic(Weight.CERTAIN, None, advises=True)

# Each family: its words (folded patterns that must match the whole heading) and what each announces. At least one that
# parts good from bad has to be there: “Add” beside “Improve” may be a plan.
_FAMILIES: Final[tuple[tuple[tuple[str, Topic], ...], ...]] = (
    (
        (r"(start|add)( doing)?|try|more( of)?|do more|开始做?|尝试|多做", _ADVICE),
        (r"(stop|drop)( doing)?|less( of)?|do less|停止做?|放弃|少做", _BAD),
        (r"(continue|keep|retain)( doing)?|继续做?|保持|保留|坚持|发扬", _GOOD),
        (r"improve|change|改进|改善|优化", _PLAIN),
        (r"problems?|问题", _BAD),
    ),
    (
        (r"liked|loved|enjoyed|喜欢的?", _GOOD),
        (r"learn(ed|t)|学到[的了]?", _PLAIN),
        (r"lacked|missed|loathed|disliked|缺[少乏]的?|不喜欢的?", _BAD),
        (r"longed for|wished( for)?|渴望的?|期[望待]的?", _ADVICE),
    ),
    (
        (r"glad|happy|高兴|开心", _GOOD),
        (r"sad|mad|angry|frustrated|难过|生气|愤怒|沮丧", _BAD),
    ),
    (
        (r"(to )?sustains?|保持项", _GOOD),
        (r"(to )?improves?|改进项", _BAD),
    ),
    (
        (r"roses?|玫瑰", _GOOD),
        (r"thorns?|刺", _BAD),
        (r"buds?|花[蕾苞]", _ADVICE),
    ),
    (
        (r"winds?( in our sails)?|sails?|顺风", _GOOD),
        (r"anchors?|rocks?|reefs?|锚|暗?礁石?", _BAD),
    ),
    # These are columns of comparisons as well, so they count only where reports tell what happened.
    (
        (r"plus(es)?|positives?|wins?|highs?|the good|亮点|加分项?", _USUAL_GOOD),
        (
            r"deltas?|minus(es)?|negatives?|loss(es)?|lows?|lowlights|the (bad|ugly)|不足|短板|减分项?",
            _USUAL_BAD,
        ),
    ),
)
_PATTERNS: Final = tuple(
    tuple((re.compile(words), topic) for words, topic in family) for family in _FAMILIES
)
_ANY: Final = re.compile("|".join(words for family in _FAMILIES for words, _topic in family))
_LONGEST: Final = 32  # characters; a longer heading is no single word


def family_topics(headings: Sequence[str]) -> list[Topic | None]:
    """What each of some headings that stand side by side announces as a member of a family; None for the others.

    Args:
        headings: of one level under one heading, or of the columns of one table.

    Returns:
        As many topics as headings; all None unless two members of one family are among them.
    """
    members = [_memberships(heading) for heading in headings]
    best: list[Topic | None] = [None] * len(members)
    most = 1
    for at, family in enumerate(_PATTERNS):
        places = [places.get(at) for places in members]
        different = {place for place in places if place is not None}
        if len(different) > most and any(family[place][1].kind for place in different):
            most = len(different)
            best = [None if place is None else family[place][1] for place in places]
    return best


@lru_cache(maxsize=10_000)
def _memberships(heading: str) -> dict[int, int]:
    """The families a heading is a member of, and which of their words it is."""
    if len(heading) > _LONGEST:
        return {}
    words = [word for word in _bare(heading) if _ANY.fullmatch(word)]
    return {
        at: place
        for at, family in enumerate(_PATTERNS if words else ())
        for place, (pattern, _topic) in reversed(list(enumerate(family)))
        if any(pattern.fullmatch(word) for word in words)
    }


# “Keep 保持”, “Keep/保持”: each half may be the word.
_HALVES: Final = re.compile(
    r"\s*[/|]\s*|(?<=[\u3400-\u9fff])\s*(?=[a-z])|(?<=[a-z])\s*(?=[\u3400-\u9fff])"
)
_TAIL: Final = re.compile(
    r"\s*\([^()]*\)$|^((things|what) )?(we )?((should|will|want) )?(to )?|的(方面|地方|事项?|做法)$|(?<=.)项$"
)


def _bare(heading: str) -> list[str]:
    whole = unnumbered_heading(folded(heading))
    forms = [whole, *_HALVES.split(whole)]
    return [
        form
        for one in forms
        for form in (one.strip(EDGES) or one.strip(), _TAIL.sub("", one).strip(EDGES))
        if form
    ]
