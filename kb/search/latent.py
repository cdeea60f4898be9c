"""Latent semantics: which terms speak of the same matter, learned from what stands together in the things themselves.

A text about 变电站 also says 主变, 间隔 and 投运; one that only mentions a 变电站 says other things. Latent semantic
indexing (Deerwester, Dumais, Furnas, Landauer and Harshman 1990, Indexing by Latent Semantic Analysis) makes the matrix
of terms by things smaller by a truncated singular value decomposition: terms that stand in the same things come to lie
in the same direction, and the cosine between a question and a thing tells how much both are about the same matter, also
by words that are not the same.

The matrix holds of each thing its *gist* (:mod:`kb.search.feedback`), each term weighing ``(1 + ln count) · ln(1 + N /
df)``, each thing having length 1. It is decomposed by subspace iteration from a random beginning (Halko, Martinsson and
Tropp 2011, Finding Structure with Randomness, algorithms 4.4 and 5.1) that depends on nothing but the terms, so the
same things in whatever order make the same model. Knows no engine and no files but its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from kb.search.array_file import ArrayFile, ArrayWriter
from kb.search.term_lists import ends_of

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]

# With fewer, chance decides what stands together.
LEAST_THINGS: Final = 50
# Sampled of more, and terms taken: what is rarer teaches nothing of others. Together some ten seconds of one core.
MOST_THINGS: Final = 20_000
MOST_TERMS: Final = 30_000
# Directions kept. With 60 or 160 titles asked for in English are found .001 worse; in Chinese 60 are .005 better.
DIMENSIONS: Final = 100
_LEAST_HOLDING: Final = 2  # things, for a term to have anything to do with others

# Of the decomposition: directions beyond those kept, rounds, and what is multiplied at once (numbers, 4 bytes each).
_MORE: Final = 30
_ROUNDS: Final = 4
_AT_ONCE: Final = 4_000_000
_NOTHING: Final = 1e-6  # of the strongest direction's squared strength: what rounding leaves
_SEED: Final = 1990

_FORMAT: Final = 1


class Gists:
    """The gists of some things, one after the other: numbers of terms, how often each stands there, where each ends."""

    def __init__(self, terms: Numbers, counts: NDArray[Any], ends: Numbers) -> None:
        """``ends`` has one number more than there are things, the first 0."""
        self.terms = terms
        self.counts = counts
        self.ends = ends

    def __len__(self) -> int:
        return len(self.ends) - 1

    def only(self, known: Numbers) -> Gists:
        """The same with other numbers of terms, ``known`` of each; terms of which that is below 0 are left out."""
        terms = known[self.terms]
        kept = terms >= 0
        before = np.concatenate([np.zeros(1, np.int64), np.cumsum(kept)])
        return Gists(terms[kept], self.counts[kept], before[self.ends])

    def weights(self, rarity: NDArray[Any]) -> Floats:
        """What each term weighs in its thing, all those of a thing having length 1 together."""
        weights = (1 + np.log(self.counts)) * rarity[self.terms]
        owners = np.repeat(np.arange(len(self)), np.diff(self.ends))
        lengths = np.sqrt(np.bincount(owners, weights**2, len(self)))
        normal: Floats = (weights / np.maximum(lengths[owners], 1e-9)).astype(np.float32)
        return normal


class LatentModel:
    """The directions of terms. Never changes; safe to share between threads."""

    def __init__(
        self, terms: Sequence[bytes], rarity: Floats, vectors: Floats, things: int
    ) -> None:
        """``terms`` with their idf and directions, learned when there were so many ``things``."""
        self.things = things
        self.rarity = rarity
        self.vectors = vectors
        self._terms = terms
        self._rows = {term: row for row, term in enumerate(terms)}

    @property
    def dimensions(self) -> int:
        """How many numbers a direction has."""
        return int(self.vectors.shape[1])

    def row(self, term: bytes) -> int:
        """The number of a term, -1 for one that is not known."""
        return self._rows.get(term, -1)

    def asked(self, terms: Iterable[tuple[str, float]]) -> Floats | None:
        """The direction of a question's ``terms``, each with how often it is asked for; None where none is known."""
        known = [(row, n) for term, n in terms if (row := self.row(term.encode())) >= 0]
        if not known:
            return None
        rows = [row for row, _ in known]
        weights = (1 + np.log(np.array([n for _, n in known]))) * self.rarity[rows]
        asked: Floats = weights.astype(np.float32) @ self.vectors[rows]
        one: Floats = _unit(asked[None, :])[0]
        return one

    def directions(self, gists: Gists) -> Floats:
        """The directions of things, a row each, by gists of this model's terms; 0 for those without a known one."""
        weights = gists.weights(self.rarity)
        return _unit(_sums(gists.ends, gists.terms, weights, self.vectors))

    def write(self, path: Path) -> None:
        """Write the model to ``path``."""
        writer = ArrayWriter(path)
        try:
            writer.append("terms", np.frombuffer(b"".join(self._terms), np.uint8))
            writer.append("term_ends", ends_of(np.array([len(t) for t in self._terms])))
            writer.append("rarity", self.rarity)
            writer.append("vectors", self.vectors.ravel())
            writer.finish({"latent": _FORMAT, "dimensions": self.dimensions, "things": self.things})
        finally:
            writer.discard()

    @classmethod
    def read(cls, path: Path) -> LatentModel:
        """The model in ``path``; its numbers are read in place, shared by all processes.

        Raises:
            FileNotFoundError: there is none.
            ValueError: it is damaged.
        """
        file = ArrayFile(path)
        file.check()
        if file.facts.get("latent") != _FORMAT:
            raise ValueError(f"{path.name} is not a model of this version")
        whole, ends = file["terms"].tobytes(), file["term_ends"].tolist()
        terms = [whole[first:end] for first, end in pairwise(ends)]
        vectors = file["vectors"].reshape(len(terms), int(file.facts["dimensions"]))
        return cls(terms, file["rarity"], vectors, int(file.facts["things"]))


def sampled(things: int) -> Numbers:
    """The numbers of the things to learn from, ascending: all, or as many as are enough."""
    if things <= MOST_THINGS:
        return np.arange(things)
    chance = np.random.default_rng(_SEED)
    return np.sort(chance.choice(things, MOST_THINGS, replace=False))


def train(
    gists: Gists, terms: Sequence[bytes], holding: Numbers, things: int
) -> LatentModel | None:
    """Learn from ``gists``; None where they are too few.

    Args:
        gists: of the things to learn from.
        terms: by the numbers that the gists have for them, ascending.
        holding: how many of all things hold each term.
        things: how many there are.
    """
    if len(gists) < LEAST_THINGS:
        return None
    chosen = _chosen(np.bincount(gists.terms, minlength=len(terms)), holding)
    if not len(chosen):
        return None
    rows = np.full(len(terms), -1)
    rows[chosen] = np.arange(len(chosen))
    known = gists.only(rows)
    rarity = np.log(1 + things / np.minimum(holding[chosen], things)).astype(np.float32)
    # With as many directions as there are terms or things nothing would be brought together.
    dimensions = max(min(DIMENSIONS, len(gists) // 2, len(chosen) // 4), 1)
    vectors = _decomposed(known, known.weights(rarity), len(chosen), dimensions)
    return LatentModel([terms[number] for number in chosen.tolist()], rarity, vectors, things)


def _chosen(occurring: Numbers, holding: Numbers) -> Numbers:
    """The terms to learn, ascending: those that stand in most gists."""
    useful = np.flatnonzero((occurring > 0) & (holding >= _LEAST_HOLDING))
    most = np.argsort(-occurring[useful], kind="stable")[:MOST_TERMS]
    return np.sort(useful[most])


def _decomposed(gists: Gists, weights: Floats, terms: int, dimensions: int) -> Floats:
    """The first left singular vectors of the matrix of terms by things, as columns."""
    order = np.argsort(gists.terms, kind="stable")
    owners = np.repeat(np.arange(len(gists)), np.diff(gists.ends))[order]
    by_term = np.searchsorted(gists.terms[order], np.arange(terms + 1))
    turned = weights[order]

    def of_things(some: Floats) -> Floats:
        return _sums(gists.ends, gists.terms, weights, some)

    def of_terms(some: Floats) -> Floats:
        return _sums(by_term, owners, turned, some)

    width = min(dimensions + _MORE, terms, len(gists))
    chance = np.random.default_rng(_SEED)
    found: Floats = chance.standard_normal((terms, width), dtype=np.float32)
    for _ in range(_ROUNDS):
        found = _orthonormal(of_terms(of_things(found)))
    small = of_things(found).astype(np.float64)
    # The right singular vectors of a matrix that is tall and thin are the eigenvectors of its square.
    strength, turn = np.linalg.eigh(np.einsum("ij,ik->jk", small, small))
    best = np.argsort(-strength, kind="stable")[:dimensions]
    # Of things that repeat each other fewer directions are real.
    best = best[strength[best] > _NOTHING * strength[best[0]]]
    vectors = np.einsum("ij,jk->ik", found, turn[:, best].astype(np.float32))
    # A direction and its opposite are the same to the decomposition; the largest number is made positive.
    largest = vectors[np.abs(vectors).argmax(axis=0), np.arange(vectors.shape[1])]
    signed: Floats = np.ascontiguousarray(vectors * np.where(largest < 0, -1, 1), dtype=np.float32)
    return signed


def _orthonormal(columns: Floats) -> Floats:
    """Columns that span the same and are at right angles, but for those that are next to nothing.

    By Cholesky's decomposition of their products, which are summed without BLAS: the threads of a QR decomposition wait
    for each other while others keep the processor busy (14 s instead of 4 s for 30,000 terms).
    """
    products = np.einsum("ij,ik->jk", columns, columns, dtype=np.float64)
    products[np.diag_indices_from(products)] += _NOTHING**2 * np.trace(products)
    turned = np.linalg.inv(np.linalg.cholesky(products)).T.astype(np.float32)
    found: Floats = np.einsum("ij,jk->ik", columns, turned)
    return found


def _sums(ends: Numbers, columns: Numbers, weights: Floats, table: Floats) -> Floats:
    """For each row of a sparse matrix the sum of the rows ``columns`` of ``table``, each times its weight.

    Row r of the matrix lies from ``ends[r]`` to below ``ends[r + 1]``. Done in blocks of rows, for memory.
    """
    rows, width = len(ends) - 1, table.shape[1]
    found = np.zeros((rows, width), np.float32)
    first = 0
    while first < rows:
        enough = ends[first] + max(_AT_ONCE // width, 1)
        last = max(int(np.searchsorted(ends, enough, side="right")) - 1, first + 1)
        begins = ends[first:last]
        filled = np.flatnonzero(ends[first + 1 : last + 1] > begins)
        if len(filled):
            part = slice(ends[first], ends[last])
            products = table[columns[part]]
            products *= weights[part, None]
            found[first + filled] = np.add.reduceat(products, begins[filled] - ends[first], axis=0)
        first = last
    return found


def _unit(rows: Floats) -> Floats:
    """Rows of length 1; those of length 0 stay so."""
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    units: Floats = (rows / np.maximum(lengths, 1e-9)[:, None]).astype(np.float32)
    return units
