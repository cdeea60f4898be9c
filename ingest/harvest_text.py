"""Running text taken apart: labels in prose, points counted in one paragraph, advice after a story, a short title."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from ingest.harvest_labels import CONTENT, Field, counted, field_of
from ingest.harvest_words import any_of, folded, is_nothing, is_worth, unnumbered
from kb.candidates_found import FoundAs, LessonKind

# Labels that are taken out of running text; a “时间：” stays in the sentence it begins.
_IN_PROSE: Final[frozenset[Field]] = CONTENT | {"owner", "phase", "title"}
# A full stop after a word ends the sentence before; after a number it belongs to the number: 1. Cause.
_LABEL: Final = re.compile(
    r"(?:^|(?<=[\n。！？!?；;，,])|(?<=[.)”\"]\s))[ \t]*(?:"
    r"[【\[]\s*(?P<boxed>[^【】\[\]\n]{1,30})\s*[】\]]\s*[：:]?"
    r"|(?P<plain>[^\s：:。，,；;！？!?【】](?:(?<![^\W\d])\.|[^.：:。，,；;！？!?【】\n]){0,39}?)\s*[：:](?!//)"
    r")[ \t]*",
)
_DASHED: Final = re.compile(
    r"(?:^|(?<=\n))[ \t]*(?P<plain>[^\s：:。，,；;\n][^：:。，,；;\n]{0,29}?)\s*(?:——|\s[–—-]{1,2}\s)[ \t]*"
)
# A label at the start of a text, or what follows one, shows within so many characters.
_FAR: Final = 200
_LINE: Final = re.compile(r"^[^\n]{1,24}$", re.MULTILINE)

_TITLE_CHARS: Final = 40  # Han characters; twice as many of other scripts
_TITLE_SENTENCE: Final = (
    20  # a first sentence up to this width, with more after it, is the title of a point
)

# Markers of counted points within one paragraph, each family in its order; two in a row make it a list.
_LAST: Final = r"[Ff]inally|[Ll]ast(?:ly)?"
_FAMILIES: Final = tuple(
    tuple(re.compile(marker) for marker in family)
    for family in (
        [rf"{n}(?:是|、)(?![一二三四五六七八九十])" for n in "一二三四五六七八九"],
        [rf"其{n}[，,、：:是]?" for n in "一二三四五六七八九"],
        [
            rf"第{n}(?:[，,、：:]|(?=[^\w]))|第{n}是|第{n}点[，,是：:]?"
            for n in "一二三四五六七八九"
        ],
        [
            r"首先[，,、：:]?",
            r"其次[，,、：:]?",
            r"(?:再次|再者|第三|此外|另外|最后)[，,、：:]?",
            r"(?:最后|另外|此外)[，,、：:]?",
        ],
        [rf"[（(]{n}[）)]" for n in "一二三四五六七八九"],
        [rf"[（(]{n}[）)]" for n in "123456789"],
        [rf"(?<![\d.（(]){n}[）)、]" for n in "123456789"],
        list("①②③④⑤⑥⑦⑧⑨"),
        [
            r"\b[Ff]irst(?:ly)?,",
            r"\b[Ss]econd(?:ly)?,",
            *[
                rf"\b(?:{word}|{_LAST}),"
                for word in ("[Tt]hird(?:ly)?", "[Ff]ourth(?:ly)?", "[Ff]ifth(?:ly)?")
            ],
        ],
    )
)
_BEFORE_MARKER: Final = frozenset("。！？；;：:，,.!?\n（( ")
_SENTENCES: Final = re.compile(r"[^。！？!?；;\n]*?(?:[。！？!?；;\n]+|\.(?=\s|$)|$)\s*")
# What sentences of advice, and of causes, begin with; matched against folded text.
_ADVICE: Final = any_of(r"""
    ((因此|所以|故),?|为此,)?\s*(我们)?(建议|今后|以后|下次|下一次|将来|应当|应该|应在|必须|务必)
    (因此|所以|为此|故)?,?\s*后续(项目|专案|工程)?(应|要|须|需)
    (for the )?next time\b|in (the )?future\b|(therefore,? )?we (therefore )?(recommend|suggest|advise)\b
    going forward\b
    (our |the )?(recommendation|advice|suggestion) (is|was|to)\b|(future )?(projects|teams) (should|must)\b
""")
_CAUSE: Final = any_of(r"""
    (究其|其|主要|根本|直接)?(原因|根因)(是|在于|有|为)
    (the |its )?(root |main )?(cause|reason) (was|is|were)\b|this (was|happened) because\b|because\b(?=[^,]*\.)
""")


@dataclass(slots=True)
class Telling:
    """A lesson on the way: what a piece of the report says, by field.

    Attributes:
        title: as the report gives it; empty where one must be made.
        labelled: True when its parts were told apart by labels or columns, not guessed.
    """

    title: str = ""
    kind: LessonKind | None = None
    parts: dict[Field, list[str]] = field(default_factory=dict)
    found_as: FoundAs = "section"
    number: int = 0
    labelled: bool = False

    def add(self, name: Field, text: str) -> None:
        """Add words to a field; nothing, placeholders and repetitions are left out."""
        text = text.strip().strip("\t ")
        if text and not is_nothing(text) and text not in self.parts.get(name, ()):
            self.parts.setdefault(name, []).append(text)

    def has(self, *names: Field) -> bool:
        """True when any of these fields holds words."""
        return any(self.parts.get(name) for name in names)

    def text(self, *names: Field) -> str:
        """The words of these fields, a line for each."""
        return "\n".join(text for name in names for text in self.parts.get(name, ()))

    @property
    def worth(self) -> bool:
        """True when it says enough to be a lesson."""
        return is_worth("\n".join(dict.fromkeys(self.text(*sorted(CONTENT)).split("\n"))))

    @property
    def structured(self) -> bool:
        """True when it says what happened and why, or what to do about it, each in its place."""
        told = self.labelled and self.has("event", "lesson")
        return (
            told
            and self.has("cause", "advice", "measure")
            and (self.has("event") or self.has("cause"))
        )


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text and the label before it; ``name`` is None before the first label."""

    name: Field | None
    text: str
    starts: bool = False


def segments(text: str) -> list[Segment]:
    """Cut text at its labels: ``现象：… 原因：…``, ``【问题】…``, ``Cause: …``, a line ``原因`` by itself."""
    marks: list[_Mark] = []
    for pattern in (_LABEL, _DASHED, _LINE):
        marks = sorted([*marks, *_marks(text, pattern, marks)])
    cut = [Segment(None, text[: marks[0].start] if marks else text)]
    for mark, following in zip(marks, [*marks[1:], None], strict=False):
        told = text[mark.end : following.start if following else len(text)].strip()
        cut.append(Segment(mark.name, told, mark.counted))
    return [segment for segment in cut if segment.text.strip() or segment.name]


class _Mark(NamedTuple):
    """A label in a text."""

    start: int
    end: int
    name: Field
    counted: bool


def _marks(text: str, pattern: re.Pattern[str], taken: list[_Mark]) -> Iterator[_Mark]:
    """The labels that a pattern finds, where none is ``taken`` (sorted) already."""
    for found in pattern.finditer(text):
        groups = found.groupdict()
        label = groups.get("boxed") or groups.get("plain") or found.group()
        name = field_of(label)
        if name not in _IN_PROSE:
            continue
        before = bisect_left(taken, found.end(), key=lambda mark: mark.start)
        if before and taken[before - 1].end > found.start():
            continue
        if pattern is not _LINE or (name != "title" and _is_bare_label(text, found)):
            yield _Mark(found.start(), found.end(), name, counted(label))


def _is_bare_label(text: str, found: re.Match[str]) -> bool:
    """A line that is a label by itself needs words after it, which it labels."""
    after = text[found.end() : found.end() + _FAR].strip()
    return bool(after) and not found.group().rstrip().endswith(("。", ".", "；"))


def is_labelled(text: str) -> bool:
    """True when text begins with a label of a lesson's parts."""
    return opening_label(text) is not None


def opening_label(text: str) -> Field | None:
    """The field that text begins with a label of; None when it begins with other words."""
    first = segments(text[:_FAR])[:1]
    return first[0].name if first else None


def tell(telling: Telling, text: str) -> None:
    """Add running text to a lesson, its labelled parts to their fields, the rest to what happened."""
    for segment in segments(text):
        if segment.name == "title":
            telling.title = telling.title or segment.text
        elif segment.name is not None:
            telling.add(segment.name, segment.text)
            telling.labelled = telling.labelled or segment.name in CONTENT
        else:
            telling.add("event", segment.text)


def counted_points(text: str) -> list[str]:
    """The points of a paragraph that counts them (``一是…；二是…``, ``First, … Second, …``); empty when it does not."""
    for family in _FAMILIES:
        places: list[tuple[int, int]] = []
        at = 0
        for marker in family:
            found = next(
                (one for one in marker.finditer(text, at) if _stands_free(text, one.start())), None
            )
            if found is None:
                break
            places.append((found.start(), found.end()))
            at = found.end()
        if len(places) > 1 and not _belongs_to_a_label(text[: places[0][0]]):
            ends = [start for start, _end in places[1:]] + [len(text)]
            return [
                text[end:stop].strip(" ；;，,\n")
                for (_start, end), stop in zip(places, ends, strict=True)
            ]
    return []


def _stands_free(text: str, at: int) -> bool:
    return at == 0 or text[at - 1] in _BEFORE_MARKER


def _belongs_to_a_label(before: str) -> bool:
    """True for ``原因：一是…；二是…``: the points are parts of one lesson."""
    last = segments(before[-_FAR:] + "…")[-1:]
    return (
        bool(last)
        and last[0].name in CONTENT - {"event", "lesson"}
        and last[0].text.strip("… ") == ""
    )


def told_apart(text: str) -> tuple[str, str, str]:
    """What happened, why, and what to do, as far as the sentences of a story begin with words that say so."""
    happened, cause, advice = list[str](), list[str](), list[str]()
    into = happened
    for sentence in filter(str.strip, _SENTENCES.findall(text)):
        bare = folded(sentence)
        if _ADVICE.match(bare):
            into = advice
        elif _CAUSE.match(bare):
            cause.append(sentence)
            continue
        into.append(sentence)
    if not happened:  # all of it is advice: then it is not told apart from anything
        return text, "", ""
    return "".join(happened).strip(" ；;\n"), "".join(cause).strip(), "".join(advice).strip()


def short_title(text: str) -> str:
    """A title made of the beginning of a text: its first sentence, cut at a clause where it is long."""
    first = next(
        (part.strip() for part in _SENTENCES.findall(unnumbered(text)) if part.strip()),
        text.strip(),
    )
    first = first.rstrip(" 。；;.!！:：，,")
    if _width(first) <= _TITLE_CHARS:
        return first
    kept = ""
    for clause in re.findall(r"[^，,：:、]*[，,：:、]?", first):
        if _width(kept + clause) > _TITLE_CHARS:
            break
        kept += clause
    kept = kept.rstrip(" ，,：:、")
    if _width(kept) >= _TITLE_CHARS / 4:
        return kept
    return _cut(first) + "…"


def first_sentence_title(text: str) -> str:
    """The first sentence when it is short and more follows, as in ``（一）勘察不到位。项目组只看了……``; else empty."""
    parts = [part.strip() for part in _SENTENCES.findall(text) if part.strip()]
    first = parts[0].rstrip(" 。；;.") if parts else ""
    return unnumbered(first) if len(parts) > 1 and _width(first) <= _TITLE_SENTENCE else ""


def _cut(text: str) -> str:
    end = 0
    while end < len(text) and _width(text[: end + 1]) <= _TITLE_CHARS:
        end += 1
    cut = text[:end]
    # Words of Latin script are not cut in two.
    return (
        cut.rpartition(" ")[0] or cut
        if end < len(text) and text[end].isascii() and text[end].isalnum()
        else cut
    )


def _width(text: str) -> float:
    """Width in Han characters; a character of another script counts half."""
    return sum(1.0 if ord(char) > 0x2E7F else 0.5 for char in text)  # noqa: PLR2004  the first CJK block begins there
