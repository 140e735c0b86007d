"""Exact nearest neighbours over the catalogue's own vectors: no index to build, break or go stale."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vectorstore.catalogue import Catalogue

_ROWS_AT_ONCE = 8192  # float16 is widened to float32 in blocks of this many rows, to keep memory flat


class ExactIndex:
    """Vectors of all passages above a number, read once and then kept in step with the catalogue.

    It serves small stores, the few passages that the vector index does not hold yet, and every passage while there is
    no index that can be trusted.
    """

    def __init__(self, catalogue: Catalogue, *, model: int, dimension: int, above: int = 0) -> None:
        self._catalogue = catalogue
        self._model = model
        self.above = above
        self._generation: str | None = None
        self._numbers: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._vectors: NDArray[np.float16] = np.empty((0, dimension), dtype=np.float16)
        self._reading = threading.Lock()

    def nearest(self, vector: NDArray[np.float32], limit: int) -> list[tuple[int, float]]:
        """Passage numbers with their cosine, best first, at most `limit`."""
        numbers, vectors = self._up_to_date()
        return best(numbers, cosines(vectors, vector), limit)

    def nearest_among(self, vector: NDArray[np.float32], allowed: Sequence[int], limit: int) -> list[tuple[int, float]]:
        """The same among some passages only."""
        numbers, vectors = self._up_to_date()
        rows = np.flatnonzero(np.isin(numbers, np.asarray(allowed, dtype=np.int64)))
        return best(numbers[rows], cosines(vectors[rows], vector), limit)

    def _up_to_date(self) -> tuple[NDArray[np.int64], NDArray[np.float16]]:
        with self._reading:
            generation = self._catalogue.meta("generation")
            if generation != self._generation:
                self._take_in()
                self._let_go()
                self._generation = generation
            return self._numbers, self._vectors

    def _take_in(self) -> None:
        last = int(self._numbers[-1]) if len(self._numbers) else self.above
        fresh = list(self._catalogue.vectors_above(last, self._model))
        if fresh:
            numbers = np.array([number for number, _, _ in fresh], dtype=np.int64)
            self._numbers = np.concatenate([self._numbers, numbers])
            self._vectors = np.concatenate([self._vectors, as_matrix([raw for _, _, raw in fresh])])

    def _let_go(self) -> None:
        if len(self._numbers) == self._catalogue.count_passages(above=self.above):
            return
        alive = np.isin(self._numbers, self._catalogue.all_numbers(above=self.above))
        self._numbers, self._vectors = self._numbers[alive], self._vectors[alive]


def as_matrix(blobs: Sequence[bytes]) -> NDArray[np.float16]:
    """Stored vectors as rows of a matrix of shape (vectors, dimension); at least one vector is needed."""
    return np.frombuffer(b"".join(blobs), dtype=np.float16).reshape(len(blobs), -1)


def cosines(vectors: NDArray[np.float16], vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cosine of each row with `vector`; both are of unit length, so it is the dot product."""
    if not len(vectors):
        return np.empty(0, dtype=np.float32)
    blocks = range(0, len(vectors), _ROWS_AT_ONCE)
    return np.concatenate([vectors[i : i + _ROWS_AT_ONCE].astype(np.float32) @ vector for i in blocks])


def best(numbers: NDArray[np.int64], scores: NDArray[np.float32], limit: int) -> list[tuple[int, float]]:
    """The `limit` best-scored numbers, best first; among equals the lower number."""
    if len(numbers) > limit:
        kept = np.argpartition(-scores, limit - 1)[:limit] if limit else np.empty(0, dtype=np.int64)
        numbers, scores = numbers[kept], scores[kept]
    order = np.lexsort((numbers, -scores))
    return [(int(numbers[i]), float(scores[i])) for i in order]
