"""Columns: the facts about all things of an index as arrays, for filters, facets and sorting. Knows no engine.

On disk they are arrays too (:meth:`Columns.arrays`) and a few lists of values (:meth:`Columns.facts`), so that opening
an index parses nothing that grows with the number of things.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from kb.search.array_file import ArrayFile
from kb.search.engine import Entry
from kb.search.folding import fold_text
from kb.search.scoring import FIELDS

Mask = NDArray[np.bool_]

# Facets with one value a thing, in the order of a fact row; the others may have several.
_SINGLE: Final = ("kind", "language", "project", "year")
_NAMES: Final = (*_SINGLE, "tag", "person")
NO_DATE: Final = 0

# Bits of the number of a thing and of its subject where things are ordered by one number; days have the rest. Numbers
# above are cut, which would only mix the order of things of the same day.
_NUMBER_BITS: Final = 36
_SUBJECT_BITS: Final = 5
_HIGHEST_NUMBER: Final = (1 << _NUMBER_BITS) - 1
_HIGHEST_SUBJECT: Final = (1 << _SUBJECT_BITS) - 1
# Below this share of all things it is cheaper to look up the values of each than to go through all values.
_FEW: Final = 0.1


def fact_row(entry: Entry, lengths: Sequence[int]) -> list[Any]:
    """What the columns hold of an entry; ``lengths`` are those of the fields of each signal."""
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


@dataclass(frozen=True)
class Facet:
    """One facet over all things: ``codes[i]`` is a value that thing ``things[i]`` carries; things ascend."""

    values: tuple[str, ...]
    codes: NDArray[np.int32]
    things: NDArray[np.int32]

    def counts(self, hits: NDArray[np.int64], size: int) -> tuple[tuple[str, int], ...]:
        """How many of the things ``hits``, of ``size``, carry each value: most frequent first, then by value."""
        if len(hits) < _FEW * size:
            first, end = np.searchsorted(self.things, (hits, hits + 1))
            codes = self.codes[ranges(first, end - first)]
        else:
            mask = np.zeros(size, dtype=bool)
            mask[hits] = True
            codes = self.codes[mask[self.things]]
        counted = np.bincount(codes, minlength=len(self.values))
        present = [(self.values[code], int(counted[code])) for code in np.flatnonzero(counted)]
        return tuple(sorted(present, key=lambda pair: (-pair[1], pair[0])))

    def holding(self, wanted: Iterable[str], size: int) -> Mask:
        """The things, of ``size``, that carry one of the ``wanted`` values."""
        mask = np.zeros(size, dtype=bool)
        chosen = [code for value in set(wanted) if (code := self._numbers.get(value)) is not None]
        if chosen:
            table = np.zeros(len(self.values), dtype=bool)
            table[chosen] = True
            mask[self.things[table[self.codes]]] = True
        return mask

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {value: number for number, value in enumerate(self.values)}

    def taken(self, kept: Mask) -> Facet:
        """Of the things in ``kept`` only, numbered anew."""
        rows = kept[self.things]
        ranks = np.cumsum(kept, dtype=np.int32) - 1
        used, codes = np.unique(self.codes[rows], return_inverse=True)
        values = tuple(self.values[code] for code in used)
        return Facet(values, codes.astype(np.int32), ranks[self.things[rows]].astype(np.int32))

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
    """The facts about all things, thing by thing. ``lengths`` has a row for each field of words, then of grams.

    Keys are kept as the number of their subject, by name in ``subjects``, and their own number.
    """

    subjects: tuple[str, ...]
    subject_codes: NDArray[np.uint8]
    numbers: NDArray[np.int64]
    audiences: NDArray[np.int64]
    dated: NDArray[np.int32]
    lengths: NDArray[np.uint32]
    facets: dict[str, Facet]
    project_labels: dict[str, str]

    def __len__(self) -> int:
        return len(self.numbers)

    def key(self, thing: int) -> str:
        """The key of a thing."""
        return f"{self.subjects[self.subject_codes[thing]]}:{self.numbers[thing]}"

    def with_key(self, key: str) -> Mask:
        """The things with this key: one that lives, and any number of deleted ones."""
        return self.with_keys((key,))

    def with_keys(self, keys: Iterable[str]) -> Mask:
        """The things with one of these keys, deleted ones among them."""
        wanted: dict[str, list[int]] = {}
        for key in keys:
            subject, _, number = key.partition(":")
            if subject in self.subjects and number.isdecimal():
                wanted.setdefault(subject, []).append(int(number))
        found: Mask = np.zeros(len(self), dtype=bool)
        for subject, numbers in wanted.items():
            code = self.subjects.index(subject)
            found |= np.isin(self.numbers, numbers) & (self.subject_codes == code)
        return found

    def recency(self, things: NDArray[np.int64]) -> NDArray[np.int64]:
        """Newest first when sorted downwards: day, then number, then subject (upwards)."""
        by_name = sorted(self.subjects)
        ranks = np.array(
            [_HIGHEST_SUBJECT - by_name.index(name) for name in self.subjects], dtype=np.int64
        )
        days = self.dated[things].astype(np.int64)
        numbers = np.minimum(self.numbers[things], _HIGHEST_NUMBER)
        return (
            days << (_NUMBER_BITS + _SUBJECT_BITS)
            | numbers << _SUBJECT_BITS
            | np.maximum(ranks[self.subject_codes[things]], 0)
        )

    def admitted(self, audiences: frozenset[int]) -> Mask:
        """The things with one of ``audiences``."""
        return np.isin(self.audiences, np.array(sorted(audiences), dtype=np.int64))

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

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What to keep of these columns in a file of arrays, together with :meth:`facts`."""
        found: dict[str, NDArray[Any]] = {
            "subjects": self.subject_codes,
            "numbers": self.numbers,
            "audiences": self.audiences,
            "dated": self.dated,
            "lengths": self.lengths.ravel(),
        }
        for name, facet in self.facets.items():
            found[f"{name}.codes"], found[f"{name}.things"] = facet.codes, facet.things
        return found

    def facts(self) -> dict[str, Any]:
        """The lists of values, as JSON."""
        return {
            "subjects": self.subjects,
            "values": {name: facet.values for name, facet in self.facets.items()},
            "labels": self.project_labels,
        }

    @classmethod
    def read(cls, arrays: ArrayFile) -> Columns:
        """From a file with :meth:`arrays` and :meth:`facts`."""
        facts = arrays.facts
        numbers = arrays["numbers"]
        return cls(
            subjects=tuple(facts["subjects"]),
            subject_codes=arrays["subjects"],
            numbers=numbers,
            audiences=arrays["audiences"],
            dated=arrays["dated"],
            lengths=arrays["lengths"].reshape(2 * len(FIELDS), len(numbers)),
            facets={
                name: Facet(
                    tuple(facts["values"][name]), arrays[f"{name}.codes"], arrays[f"{name}.things"]
                )
                for name in _NAMES
            },
            project_labels=facts["labels"],
        )

    @classmethod
    def of(cls, rows: Sequence[Sequence[Any]]) -> Columns:
        """From fact rows as :func:`fact_row` makes them."""
        lengths = np.array([row[10] for row in rows], dtype=np.uint32).reshape(
            len(rows), 2 * len(FIELDS)
        )
        facets = {name: Facet.of([row[at]] for row in rows) for at, name in enumerate(_SINGLE, 2)}
        facets["tag"] = Facet.of(row[8] for row in rows)
        facets["person"] = Facet.of(row[9] for row in rows)
        keys = [row[0].partition(":") for row in rows]
        subjects = {subject: None for subject, _, _ in keys}
        codes = {subject: number for number, subject in enumerate(subjects)}
        return cls(
            subjects=tuple(subjects),
            subject_codes=np.array([codes[subject] for subject, _, _ in keys], dtype=np.uint8),
            numbers=np.array([int(number) for _, _, number in keys], dtype=np.int64),
            audiences=np.array([row[1] for row in rows], dtype=np.int64),
            dated=np.array([row[7] for row in rows], dtype=np.int32),
            lengths=np.ascontiguousarray(lengths.T),
            facets=facets,
            project_labels={row[4]: row[6] for row in rows if row[4]},
        )

    def taken(self, kept: Mask) -> Columns:
        """Of the things in ``kept`` only, numbered anew."""
        facets = {name: facet.taken(kept) for name, facet in self.facets.items()}
        projects = set(facets["project"].values)
        return Columns(
            subjects=self.subjects,
            subject_codes=self.subject_codes[kept],
            numbers=self.numbers[kept],
            audiences=self.audiences[kept],
            dated=self.dated[kept],
            lengths=np.ascontiguousarray(self.lengths[:, kept]),
            facets=facets,
            project_labels={c: label for c, label in self.project_labels.items() if c in projects},
        )

    @classmethod
    def joined(cls, parts: Sequence[Columns]) -> Columns:
        """The columns of several parts, one after the other."""
        if not parts:
            return cls.of([])
        if len(parts) == 1:
            return parts[0]
        firsts = [0, *np.cumsum([len(part) for part in parts[:-1]]).tolist()]
        codes: dict[str, int] = {}
        renumbers = [
            np.array([codes.setdefault(s, len(codes)) for s in part.subjects], dtype=np.uint8)
            for part in parts
        ]
        return cls(
            subjects=tuple(codes),
            subject_codes=np.concatenate(
                [new[part.subject_codes] for new, part in zip(renumbers, parts, strict=True)]
            ),
            numbers=np.concatenate([part.numbers for part in parts]),
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


def ranges(starts: NDArray[np.int64], sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """The numbers from each start on, so many of each, one after the other."""
    ends = np.cumsum(sizes)
    numbers: NDArray[np.int64] = np.arange(int(ends[-1]) if len(ends) else 0, dtype=np.int64)
    numbers += np.repeat(starts - (ends - sizes), sizes)
    return numbers
