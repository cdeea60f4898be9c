"""The lessons in the paragraphs and lists of a section: one for each item, point, group of labels or paragraph."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from ingest.harvest_grid import Grid
from ingest.harvest_headings import is_category, is_pure_topic
from ingest.harvest_labels import CONTENT, Field, field_of
from ingest.harvest_outline import Item, Listing, Node, Paragraph, Part
from ingest.harvest_tables import lessons_in
from ingest.harvest_text import (
    Segment,
    Telling,
    counted_points,
    first_sentence_title,
    is_labelled,
    opening_label,
    segments,
    tell,
)
from ingest.harvest_words import any_of, folded, is_nothing, unnumbered, unnumbered_heading
from kb.candidates_found import FoundAs

# Sentences around the lessons: “the following points …”, “for later projects to heed”, the caption of a table.
_AROUND: Final = any_of(r"""
    (表|图|table|figure|fig\.)\s*[\d一二三四五六七八九十][\d.\-–]{0,4}\s.{0,80}
    .{0,80}(如下|以下.{0,12}|下面.{0,8}|几点|几条|几个方面|下列.{0,8}|下表.{0,8}|所示|包括)[:。.]?
    .*:
    (以上|上述|希望|请).{0,30}(借鉴|参考|吸取|使用|注意|指正)[。.!]?
    (本章|本节|本部分|本表|下表|以下).{0,80}
    .{0,40}(研讨会|座谈会|复盘会|总结会).{0,30}(召开|举行|整理|形成|参加).{0,40}
    .{0,160}\b(the following|as follows|listed below|table below|below:|these are the points|are the points)\b.{0,60}
    (this (chapter|section)|the (points|lessons|items|notes) (above|below)|the team met)\b.{0,160}
""")
# A paragraph that begins so goes on with the one before.
_GOES_ON: Final = any_of(r"""
    因此|所以|为此|但是?|然而|不过|后来|结果|于是|同时|这|其中|例如|比如|事后|当时|最终|最后|由于|此后|幸好|好在|经过?(分析|调查|排查|查)|原因
    (therefore|so|but|however|this|that|these|those|as a result|later|then|for example|in the end|it|they|he|she)\b
    (because|afterwards|fortunately|nevertheless|still|the (cause|reason|result))\b
""")
# What the paragraphs of a numbered list begin with; matched against folded text.
_STARTS: Final = any_of(r"""
    \s*\([一二三四五六七八九十\d]{1,3}\)
    \s*[一二三四五六七八九十]{1,3}[、.]
    \s*\d{1,2}(\.\d{1,2})*[、.)](?!\d)
    \s*\d{1,2}\.\d{1,2}\s
    \s*[①-⑳]
    \s*(第[一二三四五六七八九十]{1,2}[,、:点是]|[一二三四五六七八九]是|首先|其次|再次|另外|此外)
    \s*((first|second|third)(ly)?,|finally,|lesson \d)
""")
# Lines of a greeting or signature: short (characters) and no sentence.
_SIGNATURE: Final = 10
_ENDS: Final = re.compile(r"[。；;！!？?，,.：:]")
_CIRCLED: Final = frozenset("①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳")
_PRACTICE: Final = re.compile(r"做法|practice")
_GROUP_TITLE: Final = 12  # a short item with items below it is a group, not a lesson (characters)


def of_parts(parts: Sequence[Part]) -> list[Telling]:
    """The lessons in what stands directly under a heading that announced some."""
    tables = [
        telling
        for part in parts
        if isinstance(part, Grid)
        for telling in lessons_in(part, announced=True)
    ]
    small = [telling for telling in tables if telling.found_as == "table"]
    for number, telling in enumerate(small, 1):
        telling.number = number
    listings = [part for part in parts if isinstance(part, Listing)]
    paragraphs = [part for part in parts if isinstance(part, Paragraph)]
    if _told_by_labels(parts):
        return tables + _grouped(
            [text for part in parts if not isinstance(part, Grid) for text in _texts(part)]
        )
    items = [telling for listing in listings for telling in _of_items(listing.items)]
    for number, telling in enumerate(items, 1):
        telling.number = number
    if items or tables:
        return tables + items
    return _of_paragraphs(paragraphs)


def of_labels(parts: Sequence[Part]) -> list[Telling]:
    """The lessons that labels alone give away, unannounced: what happened, why, and what to do about it."""
    prose = [part for part in parts if not isinstance(part, Grid)]
    if not _told_by_labels(prose):
        return []
    tellings = _grouped([text for part in prose for text in _texts(part)])
    return [
        telling
        for telling in tellings
        if telling.has("event")
        and telling.has("cause")
        and telling.has("advice", "measure", "lesson")
    ]


def counts_points(parts: Sequence[Part]) -> bool:
    """True when paragraphs are points of a list by the numbers in front of them."""
    return (
        sum(isinstance(part, Paragraph) and bool(_STARTS.match(_line(part.text))) for part in parts)
        > 1
    )


def is_one_practice(node: Node) -> bool:
    """True for ``远程调试：值得保留的做法`` with prose below it: the heading names the one thing that went well."""
    before, colon, after = unnumbered_heading(node.heading).replace("：", ":").partition(":")
    told = any(isinstance(part, Paragraph) and not is_around(part.text) for part in node.parts)
    return (
        bool(colon)
        and told
        and not node.children
        and not is_pure_topic(before)
        and bool(_PRACTICE.search(folded(after)))
    )


def tells_one(node: Node, *, sure: bool) -> bool:
    """True when the sub-headings of a section are the parts of one lesson: 经过, 原因, 建议.

    Args:
        node: the section.
        sure: True when lessons were announced, so that what happened and what to do are enough.
    """
    fields = {id(child): field_of(unnumbered_heading(child.heading)) for child in node.children}
    if any(fields[id(child)] in {"lesson", "advice"} and child.children for child in node.children):
        return False  # a chapter of lessons with chapters of its own is no part of one lesson
    if any(fields[id(child)] == "lesson" and _lists_some(child) for child in node.children):
        return False  # nor is one that lists several
    named = set(fields.values()) & CONTENT
    then = bool(named & {"advice", "measure", "lesson"})
    if {"event", "cause"} <= named:
        return True
    return (
        then
        and (("cause" in named) if not sure else bool(named & {"event", "cause"}))
        and len(named) > (1 if sure else 2)
    )


def _lists_some(node: Node) -> bool:
    return any(isinstance(part, Listing) and len(part.items) > 1 for part in node.parts)


def one_lesson(node: Node) -> Telling:
    """A section as one lesson, named by its heading; sub-headings that are labels fill its fields."""
    telling = Telling(title=_title_of(node.heading), found_as="section")
    text = "\n".join(line for part in node.parts for line in _texts(part, whole=True))
    if is_nothing(text) and not node.children:
        # Nothing below the heading: then the heading is all there is. “详见附件” below it: not even that.
        if not text:
            telling.add("event", telling.title)
        return telling
    tell(telling, text)
    for child in node.children:
        name = field_of(unnumbered_heading(child.heading))
        below = "\n".join(line for part in child.parts for line in _texts(part, whole=True))
        if name in CONTENT:
            telling.labelled = True
            telling.add(name, below)
        elif name in {"owner", "phase"}:
            telling.add(name, below)
        elif name is None:
            telling.add("event", below)
    return telling


def _title_of(heading: str) -> str:
    """``教训一：地勘孔太少`` → ``地勘孔太少``."""
    bare = unnumbered_heading(heading)
    before, colon, after = bare.replace("：", ":").partition(":")
    if colon and _PRACTICE.search(folded(after)) and is_pure_topic(after):
        return before.strip()
    return (
        bare[len(before) + 1 :].strip()
        if colon and after.strip() and field_of(before) in CONTENT
        else bare
    )


def _texts(part: Part, *, whole: bool = False) -> list[str]:
    """The text of a part: paragraphs, items with those below them, and, if ``whole``, the rows of a table."""
    if isinstance(part, Paragraph):
        return [part.text]
    if isinstance(part, Listing):
        return [line for item in part.items for line in _item_texts(item)]
    if not whole:
        return []
    return ["\t".join(dict.fromkeys(cell.text for cell in row if cell.text)) for row in part.rows]


def _item_texts(item: Item) -> list[str]:
    return [
        text
        for text in (item.text, *(line for inner in item.items for line in _item_texts(inner)))
        if text
    ]


# --- Labels -----------------------------------------------------------------------------------------------------------


def _told_by_labels(parts: Sequence[Part]) -> bool:
    """True when paragraphs or items are parts of lessons by their labels, not lessons by themselves."""
    texts = [text for part in parts if not isinstance(part, Grid) for text in _top_texts(part)]
    named = [name for text in texts if (name := opening_label(text))]
    opening = [name for name in named if name in {"event", "context", "title", "lesson"}]
    others = [name for name in named if name not in {"event", "context", "title", "lesson"}]
    listings = sum(isinstance(part, Listing) for part in parts)
    # Where every item has its own “Problem:”, items are lessons; where only some have, they share them out.
    return (
        bool(others)
        and (bool(opening) or not listings or len(others) > 1)
        and 2 * len(named) >= len(texts) - 1
    )


def _top_texts(part: Part) -> list[str]:
    if isinstance(part, Listing):
        return [item.text for item in part.items]
    return [part.text] if isinstance(part, Paragraph) else []


def _grouped(texts: Sequence[str]) -> list[Telling]:
    """Lessons out of labelled pieces: a new one begins where a label comes again, or with a number in it."""
    tellings: list[Telling] = []
    title = ""
    for text in texts:
        for segment in segments(text):
            if segment.name is None:
                title = _untold(tellings, segment.text, title)
                continue
            if not tellings or _begins(tellings[-1], segment) or title:
                tellings.append(
                    Telling(found_as="paragraph", number=len(tellings) + 1, labelled=True)
                )
                tellings[-1].title, title = title, ""
            if segment.name == "title":
                tellings[-1].title = segment.text
            else:
                tellings[-1].add(segment.name, segment.text)
    return tellings


def _untold(tellings: list[Telling], text: str, title: str) -> str:
    """What to do with words that have no label: before labels they are a title, after them they go on."""
    bare = unnumbered(text.strip())
    if is_around(bare):
        return title
    starts = _STARTS.match(_line(text)) or not tellings or len(bare) <= _GROUP_TITLE
    if starts and "\n" not in bare and not bare.endswith(("。", ".", "；")):
        return bare
    if tellings and tellings[-1].parts:
        last = list(tellings[-1].parts)[-1]
        tellings[-1].add(last, bare)
    return title


def _begins(telling: Telling, segment: Segment) -> bool:
    opening: set[Field] = {"event", "context", "title"}
    if segment.name in opening or (segment.name == "lesson" and not telling.has("event")):
        return (
            segment.starts
            or telling.has(segment.name)
            or (telling.has("advice", "measure") and segment.name != "context")
        )
    return False


# --- Items and paragraphs ---------------------------------------------------------------------------------------------


def _of_items(items: Sequence[Item]) -> list[Telling]:
    tellings = []
    for item in items:
        is_group = item.items and (
            len(item.text) <= _GROUP_TITLE or is_category(item.text.rstrip("：:"))
        )
        if (
            is_group
            and not any(is_labelled(inner.text) for inner in item.items)
            and len(item.items) > 1
        ):
            tellings += _of_items(item.items)
            continue
        telling = _point(item.text, item.lead, "list item", 0)
        for inner in item.items:
            tell(telling, "\n".join(_item_texts(inner)))
        tellings.append(telling)
    return tellings


def _of_paragraphs(paragraphs: Sequence[Paragraph]) -> list[Telling]:
    tellings: list[Telling] = []
    by_number = sum(bool(_STARTS.match(_line(paragraph.text))) for paragraph in paragraphs) > 1
    for paragraph in paragraphs:
        points = counted_points(paragraph.text)
        if points:
            tellings += [_point(point, "", "paragraph", 0) for point in points]
        elif _STARTS.match(_line(paragraph.text)) or _is_lead(paragraph):
            tellings.append(_point(paragraph.text, paragraph.lead, "paragraph", 0))
        elif is_around(paragraph.text) or (by_number and not tellings):
            continue
        elif tellings and (by_number or _GOES_ON.match(folded(paragraph.text))):
            tell(tellings[-1], paragraph.text)
        else:
            tellings.append(_point(paragraph.text, "", "paragraph", 0))
    kept = [telling for telling in tellings if telling.worth]
    for number, telling in enumerate(kept, 1):
        telling.number = number
    return kept


def _is_lead(paragraph: Paragraph) -> bool:
    return bool(paragraph.lead) and field_of(paragraph.lead) is None


def _line(text: str) -> str:
    # Only the beginning counts; circled numbers would be folded to plain ones.
    return text[:1] if text[:1] in _CIRCLED else folded(text[:80])


def is_around(text: str) -> bool:
    """True for sentences that only introduce or close a list of lessons."""
    lines = text.split("\n")
    signed = all(len(line) <= _SIGNATURE and not _ENDS.search(line) for line in lines)
    return signed or bool(_AROUND.fullmatch(folded(text)))


def _point(text: str, lead: str, found_as: FoundAs, number: int) -> Telling:
    """One item or paragraph as a lesson; what stands in bold before it, or before a colon, is its title."""
    telling = Telling(found_as=found_as, number=number)
    if lead and field_of(lead) is None and text.startswith(lead) and len(lead) < len(text):
        telling.title = unnumbered(lead).rstrip("。.：:；; ")
        rest = text[len(lead) :].lstrip(" ：:。.—–-\n")
    else:
        rest = unnumbered(text)
        telling.title = first_sentence_title(rest)
    tell(telling, rest)
    return telling
