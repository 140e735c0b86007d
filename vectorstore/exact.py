"""Exact nearest neighbours over the catalogue's own vectors: no index to build, break or go stale."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vectorstore.catalogue import Catalogue


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


class ExactIndex:
    """Vectors of all passages above a number, read once and then kept in step with the catalogue.

    It serves small stores, the few passages that the vector index does not hold yet, and every passage while there is
    no index that can be trusted. Each thread is answered from the state that its snapshot of the catalogue sees.
    """

    def __init__(self, catalogue: Catalogue, *, model: int, dimension: int, above: int = 0) -> None:
        self._catalogue = catalogue
        self._model = model
        self.above = above
        nothing = np.empty(0, dtype=np.int64), np.empty((0, dimension), dtype=np.float32)
        self._state = _State(-1, *nothing)
        self._reading = threading.Lock()

    def nearest(self, vector: NDArray[np.float32], limit: int) -> list[tuple[int, float]]:
        """Passage numbers with their cosine, best first, at most `limit`."""
        state = self._as_seen_here()
        return best(state.numbers, cosines(state.vectors, vector), limit)

    def nearest_among(
        self, vector: NDArray[np.float32], allowed: NDArray[np.int64], limit: int
    ) -> list[tuple[int, float]]:
        """The same among some passages only, given by number in rising order."""
        state = self._as_seen_here()
        rows = _places(state.numbers, allowed)
        many = len(rows) > _MANY * len(state.numbers)
        scores = cosines(state.vectors, vector)[rows] if many else cosines(state.vectors[rows], vector)
        return best(state.numbers[rows], scores, limit)

    def _as_seen_here(self) -> _State:
        generation = self._catalogue.generation()
        with self._reading:
            if generation > self._state.generation:
                self._state = self._moved_on(self._state, generation)
            state = self._state
        # Another thread may have begun later and see more: what it let go of may be alive in this thread's snapshot.
        return state if state.generation == generation else self._moved_back(state, generation)

    def _moved_on(self, state: _State, generation: int) -> _State:
        last = int(state.numbers[-1]) if len(state.numbers) else self.above
        fresh = {number: raw for number, _, raw in self._catalogue.vectors_above(last, self._model)}
        state = _with(state, fresh, generation)
        if len(state.numbers) == self._catalogue.count_passages(above=self.above):
            return state
        return _only(state, self._catalogue.all_numbers(above=self.above), generation)

    def _moved_back(self, state: _State, generation: int) -> _State:
        alive = self._catalogue.all_numbers(above=self.above)
        missing = np.setdiff1d(alive, state.numbers).tolist()
        known = _only(state, alive, generation)
        return _with(known, self._catalogue.vectors_of(missing, self._model), generation)


def as_matrix(blobs: Sequence[bytes]) -> NDArray[np.float16]:
    """Stored vectors as rows of a matrix of shape (vectors, dimension); at least one vector is needed."""
    return np.frombuffer(b"".join(blobs), dtype=np.float16).reshape(len(blobs), -1)


def cosines(vectors: NDArray[np.float16] | NDArray[np.float32], vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cosine of each row with `vector`; both are of unit length, so it is the dot product."""
    return vectors.astype(np.float32, copy=False) @ vector


def best(numbers: NDArray[np.int64], scores: NDArray[np.float32], limit: int) -> list[tuple[int, float]]:
    """The `limit` best-scored numbers, best first; among equals the lower number."""
    if len(numbers) > limit:
        kept = np.argpartition(-scores, limit - 1)[:limit] if limit else np.empty(0, dtype=np.int64)
        numbers, scores = numbers[kept], scores[kept]
    order = np.lexsort((numbers, -scores))
    return [(int(numbers[i]), float(scores[i])) for i in order]


def _with(state: _State, fresh: dict[int, bytes], generation: int) -> _State:
    if not fresh:
        return _State(generation, state.numbers, state.vectors)
    numbers = np.concatenate([state.numbers, np.fromiter(fresh, dtype=np.int64, count=len(fresh))])
    rows = np.concatenate([state.vectors, as_matrix(list(fresh.values())).astype(np.float32)])
    if (np.diff(numbers[-len(fresh) - 1 :]) > 0).all():
        return _State(generation, numbers, rows)
    order = np.argsort(numbers)
    return _State(generation, numbers[order], rows[order])


def _places(numbers: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.intp]:
    """Where those of the wanted numbers that are there stand; both rise."""
    if not len(numbers):
        return np.empty(0, dtype=np.intp)
    places = np.minimum(np.searchsorted(numbers, wanted), len(numbers) - 1)
    there: NDArray[np.intp] = places[numbers[places] == wanted]
    return there


def _only(state: _State, alive: Sequence[int], generation: int) -> _State:
    kept = np.isin(state.numbers, np.asarray(alive, dtype=np.int64))
    return _State(generation, state.numbers[kept], state.vectors[kept])
