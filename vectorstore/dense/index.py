"""What every vector index of Chroma's offers, and the place where a store keeps its own."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from vectorstore.errors import IndexUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

Added = Iterable[tuple[list[str], NDArray[np.float16]]]
"""Passages to take in, in batches: their ids, and one row each."""

_PAGE = 5_000  # ids to read at once; more than 32,766 rows in one get fail


class DenseIndex:
    """A published index, open for search.

    Every method raises IndexUnavailableError where the index is gone, damaged or out of reach.
    """

    def __init__(self, name: str, where: Path | str, collection: Collection, close: Callable[[], object]) -> None:
        self.name = name
        self._where = where
        self._collection = collection
        self._close = close

    def nearest(self, vector: NDArray[np.float32], limit: int) -> list[tuple[str, float]]:
        """Passage ids with their cosine, best first, at most `limit`. Approximate: HNSW may miss some."""
        with said_plainly(self._where):
            found = self._collection.query(query_embeddings=vector[None, :], n_results=limit, include=["distances"])
        distances = found["distances"] or [[]]
        return [(id_, 1.0 - distance) for id_, distance in zip(found["ids"][0], distances[0], strict=True)]

    def ids(self) -> Iterator[str]:
        """Every passage id that the index holds."""
        with said_plainly(self._where):
            for offset in range(0, self._collection.count(), _PAGE):
                yield from self._collection.get(limit=_PAGE, offset=offset, include=[])["ids"]

    def close(self) -> None:
        """Let go of it."""
        self._close()


class DenseIndexes(Protocol):
    """Where a store keeps its vector indexes. The catalogue names the one that is published, with its seal."""

    def holds(self, name: str) -> bool:
        """Whether an index of this name is kept here, rather than where the store kept its indexes before."""

    def is_whole(self, name: str, seal: str) -> bool:
        """Whether the index is there, as it was when it was published."""

    def open(self, name: str) -> DenseIndex:
        """Open a published index. Raises IndexUnavailableError."""

    def build(self, base: str | None, dropped: Iterable[str], added: Added) -> tuple[str, str]:
        """Make the next index: that named `base` without `dropped` and with `added`.

        Returns its name and its seal, which `is_whole` compares later. Where it was stopped in the middle, doing it
        again gives the same. Raises IndexUnavailableError where the base cannot be read or the next not be written.
        """

    def clear(self, keep: set[str]) -> None:
        """Remove this store's unfinished and outlived indexes."""

    def close(self) -> None:
        """Let go of what is shared by the open indexes."""


def fill(client: ClientAPI, collection: Collection, dropped: Iterable[str], added: Added) -> None:
    """Take `dropped` out of a collection and put `added` in, as much at a time as Chroma takes."""
    size = client.get_max_batch_size()
    gone = list(dropped)
    for start in range(0, len(gone), size):
        collection.delete(ids=gone[start : start + size])
    for ids, vectors in added:
        for start in range(0, len(ids), size):
            rows = vectors[start : start + size].astype(np.float32)
            collection.upsert(ids=ids[start : start + size], embeddings=rows)


@contextlib.contextmanager
def said_plainly(where: Path | str) -> Iterator[None]:
    """Turn what Chroma raises into IndexUnavailableError."""
    import httpx
    from chromadb.errors import ChromaError

    try:
        yield
    except httpx.HTTPError as exc:
        raise IndexUnavailableError(where, f"cannot be reached ({exc})") from exc
    # Chroma's Rust side also raises plain ValueError and RuntimeError for what it cannot read.
    except (ChromaError, ValueError, RuntimeError, OSError, sqlite3.Error) as exc:
        raise IndexUnavailableError(where, f"Chroma cannot work with it ({exc})") from exc
