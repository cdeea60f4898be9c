"""The query language: what somebody typed becomes a tree. Built on Whoosh's parser; never fails.

::

    供应商 延期 change control     a list of words: the more of them, the better
    "变更控制" “lessons learned”    side by side
    风险 AND (进度 OR 成本) NOT 医院   also 且 或 非, with spaces around them
    title:验收  标题:验收            in the title
    作者:李娜  author:li  项目:CL-2018  标签:电力      facts, a part of them is enough
    类型:教训  kind:lesson  语言:zh  年份:2019..2021    facts, by their names in either language
    日期:2019-03..2020  date:[2019 TO 2021]            days, months or years
    日期:最近两年  date:last year  from:since 2021        reckoned from today
    进度*  sched*                   how a word begins

Full-width brackets, quotes and colons are read like the others. What cannot be understood is searched as plain words,
and said so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any, Final, Literal

from whoosh import fields
from whoosh.qparser import QueryParser, plugins, syntax

from kb.errors import N_
from kb.search import values
from kb.search.analysis import units
from kb.search.answers import MAX_QUERY_CHARS, Expansion, Note
from kb.search.expansion import Widening
from kb.search.query import Dated, Every, Everything, Fact, Node, Some, Zone
from kb.search.relative_dates import absolute
from kb.search.wording import bag, prefix, run

MAX_DEPTH: Final = 20  # of brackets; nobody means more

_PUNCTUATION: Final = str.maketrans(
    {
        **dict.fromkeys("\uff02“”„«»「」『』", '"'),
        "（": "(",
        "）": ")",
        "：": ":",
        "\uff0a": "*",
        "\uff3b": "[",
        "\uff3d": "]",
    }
)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_FIELDS: Final = {
    "title": "title", "标题": "title", "题目": "title",
    "author": "person", "person": "person", "people": "person", "作者": "person", "人员": "person", "人": "person",
    "project": "project", "项目": "project",
    "tag": "tag", "tags": "tag", "标签": "tag",
    "kind": "kind", "type": "kind", "类型": "kind", "种类": "kind",
    "language": "language", "lang": "language", "语言": "language",
    "year": "year", "年份": "year", "年": "year",
    "date": "date", "dated": "date", "日期": "date",
    "from": "from", "since": "from", "起": "from", "自": "from",
    "to": "to", "until": "to", "止": "to", "至": "to",
}  # fmt: skip


# Whoosh's own expression takes seconds for a long row of open brackets.
_DAY: Final = r"\s*(?P<{name}>[\d./年月日-]{{0,12}})\s*"
_RANGE: Final = re.compile(
    rf"(?P<open>[\[{{]){_DAY.format(name='start')}\b[Tt][Oo]\b{_DAY.format(name='end')}(?P<close>[\]}}])"
)
# Facts of which a part is enough.
_PARTIAL: Final[dict[str, Literal["person", "tag", "project"]]] = {
    "person": "person",
    "tag": "tag",
    "project": "project",
}
_UNKNOWN_VALUE: Final = {
    "kind": N_("“%(text)s” is no kind of document known here and was searched as plain words."),
    "language": N_("“%(text)s” is no language known here and was searched as plain words."),
    "year": N_("“%(text)s” is no year known here and was searched as plain words."),
    "date": N_("“%(text)s” is no date known here and was searched as plain words."),
}
_SHORT_BEGINNING: Final = N_("“%(text)s” says too little of how a word begins and was left out.")
_LONE_OPERATOR: Final = re.compile(r"(?<!\S)(?:AND|OR|NOT)(?!\S)")
_NAMES: Final = "|".join(sorted(map(re.escape, _FIELDS), key=len, reverse=True))
# Quotes ask for a phrase where they stand by themselves; inside a sentence (为什么叫“矮冬瓜”呢) they are the writer's.
# The group `slop` is there because Whoosh looks for it; it never matches.
_PHRASE: Final = (
    r"(?<![^\s(:])\"(?P<text>[^\"]*)\"(?P<slop>(?!))?(?=[\s)]|$|[,.;!?，。；！？](?:\s|$))"
)


@dataclass(frozen=True, slots=True)
class Understood:
    """What a question was understood as.

    Attributes:
        node: the tree.
        wanted: the pieces of text that hits should hold, to be marked in them.
        ignored: one plain sentence for each thing that was left out or read as plain words.
        expansions: what words were also read as.
    """

    node: Node
    wanted: tuple[str, ...]
    ignored: tuple[Note, ...]
    expansions: tuple[Expansion, ...] = ()


def understand(
    text: str, widening: Widening | None = None, today: Callable[[], date] = date.today
) -> Understood:
    """Understand ``text``, whatever it is. An empty question asks for everything, one of punctuation for nothing.

    With a ``widening``, made for this question, its words also stand for what else they are called.
    """
    reader = _Reader(widening)
    clean = _CONTROL.sub(" ", text)
    if len(clean) > MAX_QUERY_CHARS:
        clean = clean[:MAX_QUERY_CHARS]
        reader.ignored.append(
            Note(N_("Only the first %(count)s characters were searched."), count=MAX_QUERY_CHARS)
        )
    if not clean.strip():
        return Understood(Everything(), (), ())
    typed = absolute(clean.translate(_PUNCTUATION).strip(), today)
    node: Node | None = None
    try:
        node = reader.group(_parser().process(_balanced(typed, reader.ignored)))
    except Exception:  # noqa: BLE001  whatever the parser cannot do, the question is still answered
        reader.ignored.append(
            Note(N_("The question could not be understood and was searched as plain words."))
        )
        reader.wanted.clear()
    if node is None:
        node = reader.words(re.sub(r"[\"()\[\]{}*:]+", " ", typed))
    wanted, expansions = list(reader.wanted), tuple[Expansion, ...]()
    if widening is not None:
        wanted += widening.names
        expansions = tuple(widening.expansions)
    return Understood(node, tuple(wanted), tuple(dict.fromkeys(reader.ignored)), expansions)


def _balanced(text: str, ignored: list[Note]) -> str:
    """``text`` without a quote that has no partner, and without brackets where they do not match or nest too deep."""
    if text.count('"') % 2:
        at = text.rindex('"')
        text = f"{text[:at]} {text[at + 1 :]}"
        ignored.append(Note(N_("A quotation mark without its partner was left out.")))
    depth = deepest = 0
    matches = True
    for char in re.sub(r'"[^"]*"', "", text):
        depth += {"(": 1, ")": -1}.get(char, 0)
        deepest = max(deepest, depth)
        matches = matches and depth >= 0
    if depth or not matches or deepest > MAX_DEPTH:
        ignored.append(Note(N_("Brackets that do not match, or nest too deep, were left out.")))
        text = re.sub(r"[()]", " ", text)
    return text


class _Bag(syntax.GroupNode):  # type: ignore[misc]
    """Things side by side without an operator; a class of its own, to tell it from what OR made."""


@cache
def _parser() -> QueryParser:
    """Whoosh's parser with our names and operators. It keeps nothing of a question, so threads share it."""
    between = r"(?<=[\s)\"])(?:{words})(?=[\s(\"])"
    return QueryParser(
        None,
        fields.Schema(**{name: fields.ID() for name in _FIELDS}),
        plugins=[
            plugins.WhitespacePlugin(),
            plugins.PhrasePlugin(_PHRASE),
            plugins.RangePlugin(_RANGE),
            plugins.FieldsPlugin(rf"(?<!\w)(?P<text>(?i:{_NAMES})):(?=\S)", remove_unknown=False),
            plugins.GroupPlugin(),
            plugins.OperatorsPlugin(
                And=between.format(words="AND|&&|且|并且"),
                Or=between.format(words=r"OR|\|\||或|或者"),
                Not=r"(?:^|(?<=[\s(]))(?:NOT|非|不含)(?=[\s(\"])",
                AndNot=None,
                AndMaybe=None,
                Require=None,
            ),
        ],
        group=_Bag,
    )


@dataclass
class _Reader:
    """Turns Whoosh's syntax tree into ours, noting what was wanted and what was ignored."""

    widening: Widening | None = None
    wanted: list[str] = field(default_factory=list)
    ignored: list[Note] = field(default_factory=list)

    def group(self, nodes: Iterable[Any], *, boolean: bool = False) -> Node | None:
        """Things side by side. Plain words are a bag; with operators between or around them each is required."""
        children = list(nodes)
        boolean = boolean or any(
            isinstance(child, syntax.AndGroup | syntax.OrGroup) for child in children
        )
        if not boolean:
            children = list(_without_idle_brackets(children))
        words: list[str] = []
        others: list[Any] = []
        for child in children:
            plain = self._plain(child)
            if plain is None:
                others.append(child)
            else:
                words.append(plain)
        must, without = self._required(others, boolean=boolean)
        should: list[Node] = []
        if words and boolean:
            must.extend(found for word in words if (found := self._run(word, "anywhere")))
        elif words:
            phrases = any(isinstance(child, plugins.PhrasePlugin.PhraseNode) for child in others)
            (should if phrases and must else must).append(self.words(" ".join(words)))
        return _every(must, should, without)

    def words(self, text: str) -> Node:
        """Plain words; without a single one, nothing."""
        without_operators = _LONE_OPERATOR.sub(" ", text)
        if without_operators != text and bag(without_operators).slots:
            self.ignored.append(
                Note(N_("An operator (AND, OR, NOT) without anything beside it was left out."))
            )
            text = without_operators
        row = units(text)
        if len(row) == 1 and row[0].is_han and (found := self._run(text, "anywhere")) is not None:
            # The segmenter hides single characters inside words; ask for the character wherever it stands.
            return found
        self.wanted.append(text)
        if not row:
            self.ignored.append(Note(N_("There is no word in the question.")))
            return Some(())
        return bag(text) if self.widening is None else self.widening.words(text)

    def _plain(self, node: Any) -> str | None:
        """The text of a plain word, or of a value that its field does not know; None for anything else."""
        if isinstance(node, syntax.GroupNode):
            return None
        name, text = _field_and_text(node)
        if name not in {"", "title"} and _fact(name, text) is None:
            self.ignored.append(Note(_UNKNOWN_VALUE.get(name, _UNKNOWN_VALUE["date"]), text=text))
            return text
        return (
            text if type(node) is syntax.WordNode and not name and not _is_beginning(text) else None
        )

    def _required(self, nodes: Iterable[Any], *, boolean: bool) -> tuple[list[Node], list[Node]]:
        """What must stand in a thing, and what must not."""
        must: list[Node] = []
        without: list[Node] = []
        for node in nodes:
            if isinstance(node, syntax.NotGroup):
                # What is not wanted is what was written; to leave out its translations too would hide much.
                wanted, widening, self.widening = list(self.wanted), self.widening, None
                without.extend(self._required(node, boolean=True)[0])
                self.wanted, self.widening = wanted, widening
            elif (found := self._node(node, boolean=boolean)) is not None:
                must.append(found)
        return must, without

    def _node(self, node: Any, *, boolean: bool) -> Node | None:
        if isinstance(node, syntax.AndGroup):
            must, without = self._required(node, boolean=True)
            return _every(must, [], without)
        if isinstance(node, syntax.OrGroup):
            sides = [self._required([child], boolean=True) for child in node]
            found = [side for must, without in sides if (side := _every(must, [], without))]
            return Some(tuple(found)) if found else None
        if isinstance(node, syntax.GroupNode):
            return self.group(node, boolean=boolean)
        return self._leaf(node)

    def _leaf(self, node: Any) -> Node | None:
        if (word := self._plain(node)) is not None:
            return self._run(word, "anywhere")
        name, text = _field_and_text(node)
        if name in {"", "title"}:
            zone: Zone = "title" if name else "anywhere"
            is_phrase = isinstance(node, plugins.PhrasePlugin.PhraseNode)
            return self._run(text, zone) if is_phrase else self._text(text, zone)
        return _fact(name, text)

    def _text(self, text: str, zone: Zone) -> Node | None:
        """A word as it stands, or how one begins."""
        if not _is_beginning(text):
            return self._run(text, zone)
        beginning = text.replace("*", "")
        found = prefix(beginning, zone)
        if found is None:
            self.ignored.append(Note(_SHORT_BEGINNING, text=text))
            return None
        self.wanted.append(beginning)
        return found

    def _run(self, text: str, zone: Zone) -> Node | None:
        found = run(text, zone)
        if found is None:
            return None
        self.wanted.append(text)
        return found if self.widening is None else self.widening.side_by_side(text, found, zone)


def _without_idle_brackets(nodes: Iterable[Any]) -> Iterator[Any]:
    """Brackets group operators; around plain words (as in “the lessons system (LLIS)”) they only are in the way."""
    for node in nodes:
        if isinstance(node, _Bag) and not any(isinstance(n, syntax.GroupNode) for n in node):
            yield from node
        else:
            yield node


def _field_and_text(node: Any) -> tuple[str, str]:
    """The stored name of a leaf's field, empty for none, and what stands after it."""
    name = _FIELDS.get((node.fieldname or "").lower(), "")
    if isinstance(node, syntax.RangeNode):
        return name or "date", f"{node.start or ''}..{node.end or ''}"
    return name, str(getattr(node, "text", "")).strip()


def _fact(name: str, text: str) -> Node | None:
    """``name:text`` as a fact or dates; None where ``text`` is no value of it."""
    if name in _PARTIAL:
        return Fact(_PARTIAL[name], (text,), contains=True)
    if name == "kind":
        kind = values.kind_of(text)
        return Fact("kind", (kind,)) if kind else None
    if name == "language":
        language = values.language_of(text)
        return Fact("language", (language,)) if language else None
    period = values.period_of(text)
    if period is None:
        return None
    first, last = period
    return Dated(None if name == "to" else first, None if name == "from" else last)


def _is_beginning(text: str) -> bool:
    return text.rstrip().endswith("*")


def _every(must: Sequence[Node], should: Sequence[Node], without: Sequence[Node]) -> Node | None:
    """All of these as one node; None for nothing at all."""
    if not must and not should and not without:
        return None
    if len(must) == 1 and not should and not without:
        return must[0]
    return Every(tuple(must) or (Everything(),), tuple(should), tuple(without))
