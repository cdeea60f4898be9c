"""The contract written down a second time, as slowly and plainly as possible: the oracle of the engines' tests.

Everything is a loop over entries; nothing is shared with the Whoosh engine but the analyser, the tree and the table of
constants. If both give the same answers, it is because both do what the contract says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import log
from typing import Literal

from kb.search.analysis import Signal, tokens
from kb.search.engine import (
    EngineState,
    Entry,
    Explanation,
    Found,
    Match,
    Question,
    Reason,
    Standing,
)
from kb.search.folding import fold_text
from kb.search.query import (
    About,
    Bag,
    Best,
    Dated,
    Every,
    Everything,
    Fact,
    Node,
    Prefix,
    Run,
    Slot,
    Some,
    Term,
    Together,
)
from kb.search.scoring import FIELDS, LEAD_UNITS, LEAD_WEIGHT, RANKING, TermRanking


@dataclass
class _Text:
    """One text of an entry: where each term stands."""

    region: str
    places: dict[tuple[Signal, str], set[int]] = field(default_factory=dict)


class _Thing:
    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.texts: list[_Text] = []
        self.counts: Counter[tuple[Signal, str, str]] = Counter()
        self.lengths: Counter[tuple[Signal, str]] = Counter()
        # How often each term begins in the lead of the body.
        self.lead: Counter[tuple[Signal, str]] = Counter()
        parts = {"title": (entry.title,), "headings": entry.headings, "body": entry.body}
        for name in FIELDS:
            for part in parts[name]:
                text = _Text(name)
                self.texts.append(text)
                for token in tokens(part):
                    text.places.setdefault((token.signal, token.text), set()).add(token.position)
                    self.counts[token.signal, token.text, name] += 1
                    self.lengths[token.signal, name] += 1
        begin = 0
        for part in entry.body:
            body = list(tokens(part))
            places = {(t.signal, t.text, begin + t.position) for t in body}
            self.lead.update((s, text) for s, text, place in places if place < LEAD_UNITS)
            # Texts of a body lie ten units apart.
            begin += (body[-1].position if body else 0) + 10

    def terms(self, signal: Signal, zone: str = "anywhere") -> set[str]:
        return {
            text
            for (own, text, name), _ in self.counts.items()
            if own == signal and (zone == "anywhere" or name == "title")
        }


class ReferenceEngine:
    """All entries in a dictionary; each question looks at each of them."""

    def __init__(self) -> None:
        self._things: dict[str, _Thing] = {}
        # What the asker may see: how rare words are is counted in that.
        self._seen: list[_Thing] = []
        self._generation = 0
        self._made = False

    def state(self) -> EngineState:
        reason = "" if self._made else "there is no index yet"
        return EngineState(self._generation, len(self._things), reason)

    @contextmanager
    def writing(self) -> Iterator[None]:
        yield

    def apply(self, upserts: Iterable[Entry], removals: Iterable[str]) -> None:
        for key in removals:
            self._things.pop(key, None)
        for entry in upserts:
            self._things[entry.key] = _Thing(entry)
        self._generation += 1

    def rebuild(self, entries: Iterable[Entry]) -> None:
        self._things = {entry.key: _Thing(entry) for entry in entries}
        self._generation += 1
        self._made = True

    def tidy(self) -> bool:
        return False

    def learn(self) -> bool:
        return False

    def close(self) -> None:
        return

    def idf(
        self,
        terms: Sequence[Term],
        audiences: frozenset[int] | None = None,
        without: frozenset[str] = frozenset(),
    ) -> tuple[float, ...]:
        self._seen = self._visible(audiences, Question(without=without))
        slots = [Slot((term,)) for term in terms]
        return tuple(self._idf(slot) if self._holding(slot) else 0.0 for slot in slots)

    def search(self, question: Question) -> Found:
        visible = self._seen = self._visible(question.audiences, question)
        scores = self._match(question.node, visible)
        in_time = [
            thing
            for thing in visible
            if thing.entry.key in scores
            and (
                question.date_from is None
                or (thing.entry.dated is not None and thing.entry.dated >= question.date_from)
            )
            and (
                question.date_to is None
                or (thing.entry.dated is not None and thing.entry.dated <= question.date_to)
            )
        ]
        filters = {name: set(values) for name, values in question.filters.items() if values}

        def passing(but: str = "") -> list[_Thing]:
            return [
                thing
                for thing in in_time
                if all(
                    name == but or values & set(_facts(thing.entry, name))
                    for name, values in filters.items()
                )
            ]

        facets = {}
        for name in question.facets:
            counted = Counter(
                value for thing in passing(but=name) for value in _facts(thing.entry, name)
            )
            facets[name] = tuple(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))
        by_date = question.sort == "date" or not any(scores.values())

        def place(thing: _Thing) -> tuple[float, int, int, str]:
            entry = thing.entry
            subject, _, number = entry.key.partition(":")
            day = entry.dated.toordinal() if entry.dated else 0
            return (0.0 if by_date else -scores[entry.key], -day, -int(number), subject)

        ordered = sorted(passing(), key=place)
        page = ordered[question.offset : question.offset + question.limit]
        return Found(
            len(ordered), tuple(Match(t.entry.key, scores[t.entry.key]) for t in page), facets
        )

    def _visible(
        self, audiences: frozenset[int] | None, question: Question | None = None
    ) -> list[_Thing]:
        question = question or Question()
        return [
            thing
            for thing in self._things.values()
            if (
                audiences is None
                or thing.entry.audience in audiences
                or thing.entry.key in question.also
            )
            and thing.entry.key not in question.without
        ]

    def explain(self, question: Question, key: str) -> Explanation | None:
        whole = replace(question, offset=0, limit=len(self._things) + 1, facets=())
        score = {match.key: match.score for match in self.search(whole).matches}.get(key)
        if score is None:
            return None
        visible = self._seen = self._visible(question.audiences, question)
        found = []
        for how, slot in self._slots(question.node, key, visible):
            added = self._score((slot,), self._things[key])
            holding = sum(1 for thing in visible if _tf(slot, thing, self._average))
            standing = tuple(_standing(slot, self._things[key]))
            if added:
                found.append(Reason(how, slot, standing, added, holding))
        found.sort(key=lambda reason: -reason.score)
        return Explanation(score, tuple(found), len(visible))

    def words(self) -> Iterable[tuple[str, int]]:
        counted = Counter(word for thing in self._things.values() for word in thing.terms("words"))
        yield from counted.items()

    def _slots(
        self, node: Node, key: str, visible: Sequence[_Thing]
    ) -> Iterator[tuple[Literal["word", "side by side", "beginning"], Slot]]:
        """What the score of the thing ``key`` is the sum of."""
        if isinstance(node, Bag | Run):
            for slot in node.slots:
                yield "word" if isinstance(node, Bag) else "side by side", slot
        elif isinstance(node, Prefix):
            every = {
                text
                for thing in self._things.values()
                for text in thing.terms(node.signal)
                if text.startswith(node.start)
            }
            yield "beginning", Slot(tuple(Term(node.signal, text) for text in sorted(every)))
        elif isinstance(node, Every | Some):
            must = node.must if isinstance(node, Every) else ()
            maybe = node.should if isinstance(node, Every) else node.nodes
            for child in (*must, *(c for c in maybe if key in self._match(c, visible))):
                yield from self._slots(child, key, visible)

    def _match(  # noqa: C901, PLR0911, PLR0912  one case for each sort of node
        self, node: Node, visible: Sequence[_Thing]
    ) -> dict[str, float]:
        """The score of each thing that matches; of all things, whether visible or not."""
        things = self._things
        match node:
            case Everything():
                return dict.fromkeys(things, 0.0)
            case About():
                return self._match(node.node, visible)  # nothing is ever learned here
            case Bag():
                return self._bag(node, visible)
            case Run(slots=slots):
                scores = {key: self._score(slots, thing) for key, thing in things.items()}
                return {key: scores[key] for key, thing in things.items() if _stands(node, thing)}
            case Prefix(signal, start, zone):
                every = {
                    text
                    for thing in things.values()
                    for text in thing.terms(signal)
                    if text.startswith(start)
                }
                slot = Slot(tuple(Term(signal, text) for text in sorted(every)))
                return {
                    key: self._score((slot,), thing)
                    for key, thing in things.items()
                    if every & thing.terms(signal, zone)
                }
            case Fact():
                return {key: 0.0 for key, thing in things.items() if _has(node, thing.entry)}
            case Dated(first, last):
                return {
                    key: 0.0
                    for key, thing in things.items()
                    if (day := thing.entry.dated)
                    and (not first or day >= first)
                    and (not last or day <= last)
                }
            case Every(must, should, without):
                found = dict.fromkeys(things, 0.0)
                for child in must:
                    inner = self._match(child, visible)
                    found = {
                        key: score + inner[key] for key, score in found.items() if key in inner
                    }
                for child in without:
                    inner = self._match(child, visible)
                    found = {key: score for key, score in found.items() if key not in inner}
                for child in should:
                    inner = self._match(child, visible)
                    found = {key: score + inner.get(key, 0.0) for key, score in found.items()}
                return found
            case Best(nodes, share, least, most):
                return self._best(nodes, (share, least, most), visible)
            case Some(nodes):
                total: Counter[str] = Counter()
                seen = set()
                for child in nodes:
                    inner = self._match(child, visible)
                    seen |= set(inner)
                    total.update(inner)
                return {key: total[key] for key in seen}

    def _best(
        self,
        nodes: Sequence[Node],
        bounds: tuple[float, float, float],
        visible: Sequence[_Thing],
    ) -> dict[str, float]:
        share, least, most = bounds
        keys = {thing.entry.key for thing in visible}
        best = dict(self._match(nodes[0], visible))
        wanted = share * max((score for key, score in best.items() if key in keys), default=0.0)
        for child in nodes[1:]:
            found = self._match(child, visible)
            highest = max((score for key, score in found.items() if key in keys), default=0.0)
            factor = min(max(wanted / highest, least), most) if highest > 0 else 0.0
            for key, score in found.items():
                best[key] = max(best.get(key, 0.0), factor * score)
        return best

    def _bag(self, bag: Bag, visible: Sequence[_Thing]) -> dict[str, float]:
        known = [slot for slot in bag.slots if self._holding(slot)]
        weights = [self._weight(slot) for slot in known]
        cover = {
            key: sum(
                weight
                for slot, weight in zip(known, weights, strict=True)
                if _tf(slot, thing, self._average)
            )
            for key, thing in self._things.items()
        }
        least = bag.floor * sum(weights)
        if bag.floor > 0:
            best = sorted((cover[thing.entry.key] for thing in visible), reverse=True)
            enough = min(bag.enough, len(best) // 2)
            if enough and sum(value >= least for value in best) < enough:
                least = best[enough - 1]
        return {
            key: self._score(bag.slots, self._things[key])
            for key, value in cover.items()
            if value > 0 and value >= least * (1 - 1e-9)
        }

    def _score(self, slots: Sequence[Slot], thing: _Thing) -> float:
        score = 0.0
        for slot in slots:
            tf = _tf(slot, thing, self._average)
            if tf:
                sort = _sort(slot)
                k1 = sort.subject_k1 if slot.subject else sort.k1
                score += self._weight(slot) * tf / (k1 + tf)
        return score

    def _weight(self, slot: Slot) -> float:
        if not slot.terms:
            return 0.0
        rarest = log(1 + (len(self._seen) - 0.5) / 1.5)
        sharpening = (self._idf(slot) / rarest) ** slot.sharpness if slot.sharpness else 1.0
        return _sort(slot).weight * slot.weight * sharpening * self._idf(slot)

    def _holding(self, slot: Slot) -> int:
        return sum(1 for thing in self._seen if _tf(slot, thing, self._average))

    def _idf(self, slot: Slot) -> float:
        """The mean of the idf of what holds any term and that of the terms' mean frequency by weight."""
        counts = [(term.weight, self._holding(Slot((term,)))) for term in slot.terms]
        known = [(weight, count) for weight, count in counts if count]
        if not known:
            return self._idf_of(0)
        typical = sum(weight * count for weight, count in known) / sum(w for w, _ in known)
        return (self._idf_of(self._holding(slot)) + self._idf_of(typical)) / 2

    def _idf_of(self, holding: float) -> float:
        return log(1 + (len(self._seen) - holding + 0.5) / (holding + 0.5))

    def _average(self, signal: Signal, name: str) -> float:
        return sum(thing.lengths[signal, name] for thing in self._things.values()) / len(
            self._things
        )


def _sort(slot: Slot) -> TermRanking:
    first = slot.terms[0]
    if isinstance(first, Together):
        first = first.terms[0]
    if first.signal == "grams":
        return RANKING.grams
    return RANKING.other_words if first.text[0].isascii() else RANKING.han_words


def _tf(slot: Slot, thing: _Thing, average: object) -> float:
    assert callable(average)
    total = 0.0
    for term in slot.terms:
        if isinstance(term, Together) and term.reach:
            total += term.weight * _tf_within_reach(term, thing, average)
            continue
        if isinstance(term, Together):
            together = [
                _tf(Slot((each,), subject=slot.subject), thing, average) for each in term.terms
            ]
            total += term.weight * min(together)
            continue
        for name in FIELDS:
            count: float = thing.counts[term.signal, term.text, name]
            if count and slot.subject and name == "body":
                count += LEAD_WEIGHT * _in_lead(term, thing)
            if count:
                ranking = RANKING.fields[name]
                relative = thing.lengths[term.signal, name] / average(term.signal, name)
                total += (
                    term.weight * ranking.weight * count / (1 - ranking.b + ranking.b * relative)
                )
    return total


def _in_lead(term: Term, thing: _Thing) -> int:
    """How often a term begins in the lead; a Chinese word as often as its rarest pair of characters."""
    if term.signal == "grams" or term.text[0] < "\u2e80":
        return thing.lead[term.signal, term.text]
    return min((thing.lead["grams", a + b] for a, b in pairwise(term.text)), default=0)


def _tf_within_reach(pair: Together, thing: _Thing, average: object) -> float:
    """Each place of the second word with the first at most ``reach`` units before it, in the same text."""
    assert callable(average)
    first, second = ((term.signal, term.text) for term in pair.terms)
    total = 0.0
    for text in thing.texts:
        before = text.places.get(first, set())
        places = [
            place
            for place in text.places.get(second, set())
            if any(place - distance in before for distance in range(1, pair.reach + 1))
        ]
        ranking = RANKING.fields[text.region]
        relative = thing.lengths["words", text.region] / (average("words", text.region) or 1)
        total += ranking.weight * len(places) / (1 - ranking.b + ranking.b * relative)
    return total


def _standing(slot: Slot, thing: _Thing) -> Iterator[Standing]:
    for each in slot.terms:
        terms = each.terms if isinstance(each, Together) else (each,)
        counts = [[thing.counts[term.signal, term.text, name] for name in FIELDS] for term in terms]
        if all(any(count) for count in counts):
            for term, (title, headings, body) in zip(terms, counts, strict=True):
                yield Standing(term, title, headings, body)


def _stands(run: Run, thing: _Thing) -> bool:
    if not run.pieces:
        return False
    for text in thing.texts:
        if run.zone == "title" and text.region != "title":
            continue
        starts = [
            {
                place - piece.offset
                for place in text.places.get((piece.term.signal, piece.term.text), set())
            }
            for piece in run.pieces
        ]
        if set.intersection(*starts):
            return True
    return False


def _facts(entry: Entry, name: str) -> list[str]:
    values: dict[str, Sequence[str]] = {
        "kind": [entry.kind],
        "language": [entry.language],
        "project": [entry.project],
        "year": [str(entry.year)] if entry.year is not None else [],
        "tag": entry.tags,
        "person": entry.people,
    }
    return [value for value in dict.fromkeys(values.get(name, ())) if value]


def _has(fact: Fact, entry: Entry) -> bool:
    own = _facts(entry, fact.name)
    if not fact.contains:
        return bool(set(own) & set(fact.values))
    labels = [f"{value}\n{entry.project_label if fact.name == 'project' else ''}" for value in own]
    return any(fold_text(part) in fold_text(label) for label in labels for part in fact.values)
