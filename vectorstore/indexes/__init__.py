"""The indexes that are derived from the catalogue, and what a store asks of those of vectors.

Chroma's are in `chroma.py`, in folders or on a server; `tantivy.py` has those of words.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeAlias

from vectorstore.indexes.chroma import ChromaFolders, ChromaServer, DenseIndex, SharedCollection

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "Built",
    "ChromaAddress",
    "ChromaFolders",
    "ChromaServer",
    "DenseIndex",
    "DenseIndexes",
    "IndexRows",
    "SharedCollection",
]


@dataclass(frozen=True, slots=True)
class ChromaAddress:
    """Where a Chroma server is reached, as `http://chroma:8000`.

    `token` is sent as a bearer token, for the proxy that guards a server: Chroma's own asks for none.
    """

    url: str
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class IndexRows:
    """Passages to take in: for each an id, a vector, its text, and what LangChain's Chroma gives beside the text.

    Our own search asks for none of the last two.
    """

    ids: list[str]
    vectors: NDArray[np.float16]
    texts: list[str]
    details: list[dict[str, str | int]]

    def cut(self, size: int) -> Iterator[IndexRows]:
        """The same, at most `size` at a time."""
        for start in range(0, len(self.ids), size):
            part = slice(start, start + size)
            yield IndexRows(self.ids[part], self.vectors[part], self.texts[part], self.details[part])


Added = Iterable[IndexRows]
"""Passages to take in, in batches."""

Built: TypeAlias = tuple[str, str, int]
"""An index that was made: its name, its seal, which `is_whole` compares later, and how many passages it holds."""


class DenseIndexes(Protocol):
    """Where a store keeps its vector indexes. The catalogue names the one that is published, with its seal.

    `prefix` stands before the last hyphen in the name of each: an index of another name was kept elsewhere. It is empty
    for folders, whose names have no hyphen.
    """

    prefix: str

    def is_whole(self, name: str, seal: str) -> bool:
        """Whether the index is there, as it was when it was published."""

    def open(self, name: str) -> DenseIndex:
        """Open a published index. Raises IndexUnavailableError."""

    def share(self, name: str) -> AbstractContextManager[SharedCollection]:
        """A published index for other tools, as long as the context lasts. Raises IndexUnavailableError."""

    def build(self, base: str | None, dropped: Iterable[str], added: Added) -> Built:
        """Make the next index: that named `base` without `dropped` and with `added`.

        Where it was stopped in the middle, doing it again gives the same. Raises IndexUnavailableError where the base
        cannot be read or the next not be written.
        """

    def clear(self, keep: set[str]) -> None:
        """Remove this store's unfinished and outlived indexes."""
