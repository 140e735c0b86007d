"""Nearest passages by vector: Chroma for what it holds, exact search for the rest and whenever Chroma cannot answer.

A store of up to `exact_up_to` passages is searched exactly, always: that takes no longer than asking Chroma (2 ms at
20,000), spares a cold start the second that importing Chroma costs, and misses nothing, where HNSW may leave a passage
that no path leads to. What Chroma holds is what the catalogue says of the index that was published last.
"""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from vectorstore.catalogue.passages import as_matrix
from vectorstore.errors import IndexUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from numpy.typing import NDArray

    from vectorstore.catalogue import Catalogue
    from vectorstore.catalogue.passages import Allowed
    from vectorstore.indexes import DenseIndex, DenseIndexes

log = logging.getLogger(__name__)

INDEX_VERSION = 2
"""What an index holds of a passage: 1 its vector, 2 its text and details too."""


@dataclass(frozen=True, slots=True)
class Published:
    """The vector index as the catalogue names it: its name, its seal, its version, and the last passage it holds.

    `name` is None while nothing was published yet where the store now keeps its indexes.
    """

    name: str | None
    seal: str = ""
    up_to: int = 0
    version: int = INDEX_VERSION

    @property
    def outdated(self) -> bool:
        """Whether it holds less of a passage than an index does today; it can be searched all the same."""
        return self.name is not None and self.version < INDEX_VERSION


def published(catalogue: Catalogue, indexes: DenseIndexes) -> Published:
    """What the catalogue says of the vector index kept at `indexes`."""
    name = catalogue.meta("index_folder")
    if name is None or name.rpartition("-")[0] != indexes.prefix:
        return Published(None)
    seal, up_to, version = (catalogue.meta(key) for key in ("index_seal", "indexed_up_to", "index_version"))
    return Published(name, seal or "", int(up_to or 0), int(version or 1))


def is_whole(state: Published, indexes: DenseIndexes) -> bool:
    """Whether the index can be opened safely. Raises IndexUnavailableError where a server cannot be asked."""
    return state.name is not None and indexes.is_whole(state.name, state.seal)


def backlog(catalogue: Catalogue, indexes: DenseIndexes) -> int:
    """How many passages the vector index must still take in or let go of."""
    up_to = published(catalogue, indexes).up_to
    query = "SELECT (SELECT count(*) FROM passages WHERE number > ?) + (SELECT count(*) FROM dropped)"
    return int(catalogue.connection.execute(query, (up_to,)).fetchone()[0])


_FEW = 2_000  # passages whose vectors are read one by one rather than from the whole matrix in memory
_MANY = 0.1  # share of the vectors from which on it is faster to compare all than to copy those that are wanted


@dataclass(frozen=True, slots=True)
class _State:
    """Every passage of one generation of the catalogue, by number in rising order, with its vector.

    Vectors are float32 here: twice the memory of float16, but to widen them at each question takes six times as long
    as to compare them.
    """

    generation: int
    numbers: NDArray[np.int64]
    vectors: NDArray[np.float32]


@dataclass(eq=False)
class ExactIndex:
    """Vectors of all passages above a number, read once and then kept in step with the catalogue.

    It serves small stores, the few passages that the vector index does not hold yet, and every passage while there is
    no index that can be trusted. Each thread is answered from the state that its snapshot of the catalogue sees.
    """

    catalogue: Catalogue
    model: int
    dimension: int
    above: int = 0
    _state: _State | None = None
    _reading: threading.Lock = field(default_factory=threading.Lock)

    def nearest(
        self, vector: NDArray[np.float32], limit: int, allowed: NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """Passage numbers with their cosine, best first, at most `limit`; among those allowed, in rising order."""
        if allowed is not None and len(allowed) <= _FEW:
            few = self.catalogue.passages.vectors_of(allowed.tolist(), self.model)
            numbers = np.array(list(few), dtype=np.int64)
            return best(numbers, as_matrix(list(few.values())).astype(np.float32) @ vector, limit) if few else []
        state = self._as_seen_here()
        if allowed is None:
            return best(state.numbers, state.vectors @ vector, limit)
        rows = _places(state.numbers, allowed)
        many = len(rows) > _MANY * len(state.numbers)
        scores = (state.vectors @ vector)[rows] if many else state.vectors[rows] @ vector
        return best(state.numbers[rows], scores, limit)

    def _as_seen_here(self) -> _State:
        generation = self.catalogue.generation()
        with self._reading:
            if self._state is None or generation > self._state.generation:
                self._state = self._read(generation, self._state)
            state = self._state
        # Another thread may have begun later and see more: what it let go of may be alive in this thread's snapshot.
        return state if state.generation == generation else self._read(generation, None)

    def _read(self, generation: int, before: _State | None) -> _State:
        """What this thread's snapshot sees; of what an earlier state holds only what came since is read."""
        passages = self.catalogue.passages
        numbers = before.numbers if before else np.empty(0, dtype=np.int64)
        vectors = before.vectors if before else np.empty((0, self.dimension), dtype=np.float32)
        last = int(numbers[-1]) if len(numbers) else self.above
        if fresh := {number: raw for number, _, raw in passages.vectors_above(last, self.model)}:
            numbers = np.concatenate([numbers, np.fromiter(fresh, dtype=np.int64, count=len(fresh))])
            vectors = np.concatenate([vectors, as_matrix(list(fresh.values())).astype(np.float32)])
        if len(numbers) != passages.count(above=self.above):
            alive = np.isin(numbers, passages.all_numbers(above=self.above))
            numbers, vectors = numbers[alive], vectors[alive]
        return _State(generation, numbers, vectors)


def best(numbers: NDArray[np.int64], scores: NDArray[np.float32], limit: int) -> list[tuple[int, float]]:
    """The `limit` best-scored numbers, best first; among equals the lower number."""
    if len(numbers) > limit:
        kept = np.argpartition(-scores, limit - 1)[:limit] if limit else np.empty(0, dtype=np.int64)
        numbers, scores = numbers[kept], scores[kept]
    order = np.lexsort((numbers, -scores))
    return [(int(numbers[i]), float(scores[i])) for i in order]


def _places(numbers: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.intp]:
    """Where those of the wanted numbers that are there stand; both rise."""
    if not len(numbers):
        return np.empty(0, dtype=np.intp)
    places = np.minimum(np.searchsorted(numbers, wanted), len(numbers) - 1)
    there: NDArray[np.intp] = places[numbers[places] == wanted]
    return there


_DEEPEST = 2_000  # hits to ask of Chroma at the most: beyond that exact search is as fast, and exact
_PAUSE = 10.0  # seconds in which Chroma is not asked again after it could not answer: its server may be away
_MARGIN = 1.5  # how much more than its share is asked of Chroma where a filter is held against what it gives
_AT_ONCE = 1  # threads in which Chroma searches while the words are looked for; the questions beside it do without
_SHARE = 0.1  # a filter that lets through less than this share is searched exactly


Found: TypeAlias = "Callable[[], list[tuple[int, float]]]"
"""Gives passages by number with their cosine, best first."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A search that a thread of the pool makes, or whoever wants its hits where none is free by then."""

    index: DenseIndex
    vector: NDArray[np.float32]
    limit: int
    future: Future[list[tuple[str, float]]]

    def hits(self) -> list[tuple[str, float]]:
        """Passage ids with their cosine, best first. Raises IndexUnavailableError."""
        return self.index.nearest(self.vector, self.limit) if self.future.cancel() else self.future.result()


@dataclass(eq=False)
class Nearest:
    """Finds the nearest passages for one embedding model, in step with what other processes write.

    `exact` holds them all; up to `exact_up_to` of them are always compared there, more of them in one of the `indexes`.
    """

    catalogue: Catalogue
    indexes: DenseIndexes
    exact: ExactIndex
    exact_up_to: int
    _index: DenseIndex | None = None
    _tail: ExactIndex | None = None
    _swapping: threading.Lock = field(default_factory=threading.Lock)
    _pool: ThreadPoolExecutor = field(default_factory=partial(ThreadPoolExecutor, _AT_ONCE, "nearest"))
    _ask_again: float = 0.0  # when Chroma may be asked, by the monotonic clock

    def close(self) -> None:
        """Let go of the index."""
        self._pool.shutdown(wait=False)
        with self._swapping:
            if self._index is not None:
                self._index.close()
                self._index = None

    def begin(self, vector: NDArray[np.float32], limit: int, allowed: Allowed | None) -> Found:
        """The nearest passages among those allowed (None: all), to be called for by the same thread.

        Where Chroma is asked it searches meanwhile.
        """
        extent = self.catalogue.passages.extent()
        if allowed is not None:
            share = len(allowed.numbers) / max(extent.count, 1)
            if len(allowed.numbers) > max(_FEW, self.exact_up_to) and share >= _SHARE:
                everywhere = self.begin(vector, int(_MARGIN * limit / share), None)
                return partial(self._held_against, allowed, everywhere, vector, limit)
            return partial(self.exact.nearest, vector, limit, allowed.numbers)
        if extent.count <= self.exact_up_to:
            return partial(self.exact.nearest, vector, limit)
        state = published(self.catalogue, self.indexes)
        deep = limit + extent.dropped
        asked = self._ask(state, vector, deep) if deep <= _DEEPEST else None
        return partial(self._with_tail, state, asked, vector, limit)

    def _held_against(
        self, allowed: Allowed, everywhere: Found, vector: NDArray[np.float32], limit: int
    ) -> list[tuple[int, float]]:
        hits = everywhere()
        held = allowed.holds([number for number, _ in hits])
        found = [hit for hit, inside in zip(hits, held.tolist(), strict=True) if inside]
        return found[:limit] if len(found) >= limit else self.exact.nearest(vector, limit, allowed.numbers)

    def _with_tail(
        self, state: Published, asked: Asked | None, vector: NDArray[np.float32], limit: int
    ) -> list[tuple[int, float]]:
        found = None if asked is None else self._from_index(state, asked)
        if found is None:
            return self.exact.nearest(vector, limit)
        if self.catalogue.passages.extent().last > state.up_to:
            found |= self._from_tail(state, vector, limit)
        return sorted(found.items(), key=lambda hit: (-hit[1], hit[0]))[:limit]

    def _from_tail(self, state: Published, vector: NDArray[np.float32], limit: int) -> dict[int, float]:
        tail = self._tail  # taken once: another thread may put the tail of another index in its place
        if tail is None or tail.above != state.up_to:
            tail = ExactIndex(self.catalogue, self.exact.model, self.exact.dimension, above=state.up_to)
            self._tail = tail
        return dict(tail.nearest(vector, limit))

    def _ask(self, state: Published, vector: NDArray[np.float32], limit: int) -> Asked | None:
        """Let Chroma search; None where it cannot: nothing published, damaged, away, or gone in between."""
        if time.monotonic() < self._ask_again:
            return None
        try:
            index = self._open(state)
        except IndexUnavailableError as exc:
            self._pause(exc)
            return None
        if index is None:
            return None
        return Asked(index, vector, limit, self._pool.submit(index.nearest, vector, limit))

    def _from_index(self, state: Published, asked: Asked) -> dict[int, float] | None:
        """Chroma's hits, or None where it could not answer after all."""
        try:
            hits = asked.hits()
        except IndexUnavailableError as exc:
            self._pause(exc)
            return None
        numbers = self.catalogue.passages.numbers_of([identity for identity, _ in hits])
        # A passage that came again after it was dropped has a new number, and its new vector stands in the tail.
        pairs = zip(numbers, hits, strict=True)
        return {number: score for number, (_, score) in pairs if number is not None and number <= state.up_to}

    def _pause(self, exc: IndexUnavailableError) -> None:
        log.warning("%s; searching exactly instead", exc)
        with self._swapping:
            self._index = None
            self._ask_again = time.monotonic() + _PAUSE

    def _open(self, state: Published) -> DenseIndex | None:
        with self._swapping:
            if self._index is not None and self._index.name == state.name:
                return self._index
            if state.name is None or not is_whole(state, self.indexes):
                return None
            # The old one is not closed here: other threads may be asking it. It closes with its last user.
            self._index = self.indexes.open(state.name)
            return self._index
