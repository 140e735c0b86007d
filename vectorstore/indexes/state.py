"""What the catalogue says of the vector index that was published last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vectorstore.catalogue import Catalogue
    from vectorstore.indexes import DenseIndexes


@dataclass(frozen=True, slots=True)
class Published:
    """The vector index as the catalogue names it: its name, its seal, and the last passage number it holds.

    `name` is None while nothing was published yet where the store now keeps its indexes.
    """

    name: str | None
    seal: str
    up_to: int


def published(catalogue: Catalogue, indexes: DenseIndexes) -> Published:
    """What the catalogue says of the vector index kept at `indexes`."""
    name = catalogue.meta("index_folder")
    if name is None or not indexes.holds(name):
        return Published(None, "", 0)
    return Published(name, catalogue.meta("index_seal") or "", int(catalogue.meta("indexed_up_to") or 0))


def is_whole(state: Published, indexes: DenseIndexes) -> bool:
    """Whether the index can be opened safely. Raises IndexUnavailableError where a server cannot be asked."""
    return state.name is not None and indexes.is_whole(state.name, state.seal)


def backlog(catalogue: Catalogue, indexes: DenseIndexes) -> int:
    """How many passages the vector index must still take in or let go of."""
    up_to = published(catalogue, indexes).up_to
    query = "SELECT (SELECT count(*) FROM passages WHERE number > ?) + (SELECT count(*) FROM dropped)"
    return int(catalogue.connection.execute(query, (up_to,)).fetchone()[0])
