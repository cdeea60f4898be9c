"""Columns: the facts about all things of an index as arrays, for filters, facets and sorting. Knows no engine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from kb.search.engine import Entry
from kb.search.folding import fold_text
from kb.search.scoring import FIELDS

Mask = NDArray[np.bool_]

# Facets with one value a thing, in the order of a fact row; the others may have several.
_SINGLE: Final = ("kind", "language", "project", "year")
NO_DATE: Final = 0


def fact_row(entry: Entry, lengths: Sequence[int]) -> list[Any]:
    """What the columns hold of an entry, as JSON; ``lengths`` are those of the fields of each signal."""
    return [
        entry.key,
        entry.audience,
        entry.kind,
        entry.language,
        entry.project,
        "" if entry.year is None else str(entry.year),
        entry.project_label,
        entry.dated.toordinal() if entry.dated else NO_DATE,
        list(dict.fromkeys(entry.tags)),
        list(dict.fromkeys(entry.people)),
        list(lengths),
    ]


@dataclass(frozen=True, slots=True)
class Facet:
    """One facet over all things: ``codes[i]`` is a value that thing ``things[i]`` carries."""

    values: tuple[str, ...]
    codes: NDArray[np.int32]
    things: NDArray[np.int32]

    def counts(self, mask: Mask) -> tuple[tuple[str, int], ...]:
        """How many of the things in ``mask`` carry each value: most frequent first, then by value."""
        counted = np.bincount(self.codes[mask[self.things]], minlength=len(self.values))
        present = [(self.values[code], int(counted[code])) for code in np.flatnonzero(counted)]
        return tuple(sorted(present, key=lambda pair: (-pair[1], pair[0])))

    def holding(self, wanted: Iterable[str], size: int) -> Mask:
        """The things, of ``size``, that carry one of the ``wanted`` values."""
        chosen = frozenset(wanted)
        table = np.fromiter(
            (value in chosen for value in self.values), dtype=bool, count=len(self.values)
        )
        mask = np.zeros(size, dtype=bool)
        if table.any():
            mask[self.things[table[self.codes]]] = True
        return mask

    @classmethod
    def of(cls, per_thing: Iterable[Sequence[str]]) -> Facet:
        """From the values of each thing, in the order of things; empty values are no values."""
        numbers: dict[str, int] = {}
        codes: list[int] = []
        things: list[int] = []
        for thing, values in enumerate(per_thing):
            for value in values:
                if value:
                    codes.append(numbers.setdefault(value, len(numbers)))
                    things.append(thing)
        return cls(
            tuple(numbers), np.array(codes, dtype=np.int32), np.array(things, dtype=np.int32)
        )

    @classmethod
    def joined(cls, parts: Sequence[tuple[int, Facet]]) -> Facet:
        """Facets of parts of the things, each with the number of its first thing, as one."""
        if len(parts) == 1 and parts[0][0] == 0:
            return parts[0][1]
        numbers: dict[str, int] = {}
        codes, things = [np.empty(0, np.int32)], [np.empty(0, np.int32)]
        for first, part in parts:
            renumber = np.array(
                [numbers.setdefault(v, len(numbers)) for v in part.values], dtype=np.int32
            )
            if len(renumber):
                codes.append(renumber[part.codes])
                things.append(part.things + np.int32(first))
        return cls(tuple(numbers), np.concatenate(codes), np.concatenate(things))


@dataclass(frozen=True)
class Columns:
    """The facts about all things, thing by thing. ``lengths`` has a row for each field of words, then of grams."""

    keys: tuple[str, ...]
    audiences: NDArray[np.int64]
    dated: NDArray[np.int64]
    lengths: NDArray[np.uint32]
    facets: dict[str, Facet]
    project_labels: dict[str, str]

    def __len__(self) -> int:
        return len(self.keys)

    @cached_property
    def recency(self) -> NDArray[np.int64]:
        """Newest first when sorted downwards: day, then number, then subject (upwards)."""
        subjects = {
            name: rank for rank, name in enumerate(sorted({k.partition(":")[0] for k in self.keys}))
        }
        ranks = np.array([subjects[key.partition(":")[0]] for key in self.keys], dtype=np.int64)
        numbers = np.array([int(key.partition(":")[2]) for key in self.keys], dtype=np.int64)
        return self.dated << 40 | numbers << 8 | (255 - ranks)

    def admitted(self, audiences: frozenset[int]) -> Mask:
        """The things with one of ``audiences``."""
        return np.isin(self.audiences, np.array(sorted(audiences), dtype=np.int64))

    def without(self, key: str) -> Mask:
        """All things but the one with ``key``."""
        return np.fromiter((own != key for own in self.keys), dtype=bool, count=len(self))

    def between(self, first: date | None, last: date | None) -> Mask:
        """The things dated from ``first`` to ``last``; those without a date are never among them."""
        low = first.toordinal() if first else NO_DATE + 1
        high = last.toordinal() if last else date.max.toordinal()
        return (self.dated >= low) & (self.dated <= high)

    def fact(self, name: str, values: Sequence[str], *, contains: bool) -> Mask:
        """The things whose fact ``name`` is one of ``values``, or, with ``contains``, has one as a folded part."""
        facet = self.facets.get(name)
        if facet is None:
            return np.zeros(len(self), dtype=bool)
        if not contains:
            return facet.holding(values, len(self))
        parts = [fold_text(value) for value in values]
        labels = self.project_labels if name == "project" else {}
        chosen = [
            value
            for value in facet.values
            if any(part in fold_text(f"{value}\n{labels.get(value, '')}") for part in parts)
        ]
        return facet.holding(chosen, len(self))

    @classmethod
    def of(cls, rows: Sequence[Sequence[Any]]) -> Columns:
        """From fact rows as :func:`fact_row` makes them."""
        lengths = np.array([row[10] for row in rows], dtype=np.uint32).reshape(
            len(rows), 2 * len(FIELDS)
        )
        facets = {name: Facet.of([row[at]] for row in rows) for at, name in enumerate(_SINGLE, 2)}
        facets["tag"] = Facet.of(row[8] for row in rows)
        facets["person"] = Facet.of(row[9] for row in rows)
        return cls(
            keys=tuple(row[0] for row in rows),
            audiences=np.array([row[1] for row in rows], dtype=np.int64),
            dated=np.array([row[7] for row in rows], dtype=np.int64),
            lengths=np.ascontiguousarray(lengths.T),
            facets=facets,
            project_labels={row[4]: row[6] for row in rows if row[4]},
        )

    @classmethod
    def joined(cls, parts: Sequence[Columns]) -> Columns:
        """The columns of several parts, one after the other."""
        if not parts:
            return cls.of([])
        if len(parts) == 1:
            return parts[0]
        firsts = [0, *np.cumsum([len(part) for part in parts[:-1]]).tolist()]
        return cls(
            keys=tuple(key for part in parts for key in part.keys),
            audiences=np.concatenate([part.audiences for part in parts]),
            dated=np.concatenate([part.dated for part in parts]),
            lengths=np.concatenate([part.lengths for part in parts], axis=1),
            facets={
                name: Facet.joined(
                    [(first, part.facets[name]) for first, part in zip(firsts, parts, strict=True)]
                )
                for name in parts[0].facets
            },
            project_labels={
                code: label for part in parts for code, label in part.project_labels.items()
            },
        )
