"""What the catalogue says of the vector index that was published last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vectorstore.catalogue import Catalogue
    from vectorstore.indexes import DenseIndexes


VERSION = 2
"""What an index holds of a passage: 1 its vector, 2 its text and details too."""


@dataclass(frozen=True, slots=True)
class Published:
    """The vector index as the catalogue names it: its name, its seal, its version, and the last passage it holds.

    `name` is None while nothing was published yet where the store now keeps its indexes.
    """

    name: str | None
    seal: str = ""
    up_to: int = 0
    version: int = VERSION

    @property
    def outdated(self) -> bool:
        """Whether it holds less of a passage than an index does today; it can be searched all the same."""
        return self.name is not None and self.version < VERSION


def published(catalogue: Catalogue, indexes: DenseIndexes) -> Published:
    """What the catalogue says of the vector index kept at `indexes`."""
    name = catalogue.meta("index_folder")
    if name is None or not indexes.holds(name):
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
