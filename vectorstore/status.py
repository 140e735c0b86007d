"""What a store holds, and whether its two halves agree."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from vectorstore.errors import IndexUnavailableError
from vectorstore.indexes.state import backlog, is_whole, published
from vectorstore.synchronisation import words_damaged
from vectorstore.types import Filter

if TYPE_CHECKING:
    from pathlib import Path

    from vectorstore.catalogue import Catalogue
    from vectorstore.indexes import DenseIndexes
    from vectorstore.indexes.tantivy import InvertedIndexes
    from vectorstore.types import SourceHealth


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """What a store holds, and whether its two halves agree.

    `catalogue` is its file, or its server and database. `model` and `dimension` are None in a store that never held a
    passage. `disagreement` says why the vector index,
    kept at `indexes` (a folder or a server's address), does not hold exactly the catalogue's passages, or None;
    `backlog` counts the passages that it has yet to take in or let go of. `sources` tells how each source fared when it
    was last ingested; `damage` what was wrong in the catalogue when it was last `verified`.
    """

    releases: int
    passages: int
    by_language: dict[str, int]
    newest: datetime | None
    last_ingest: datetime | None
    model: str | None
    dimension: int | None
    catalogue: str
    indexes: str
    disagreement: str | None
    backlog: int
    home: Path
    sources: tuple[SourceHealth, ...] = ()
    verified: datetime | None = None
    damage: str | None = None

    @property
    def consistent(self) -> bool:
        """Whether the vector index holds exactly the catalogue's passages."""
        return self.disagreement is None


def status_of(catalogue: Catalogue, indexes: DenseIndexes, words: InvertedIndexes, home: Path) -> StoreStatus:
    """The status of a store, all of one moment; compares every id."""
    with catalogue.snapshot():
        current = catalogue.passages.model()
        newest = catalogue.releases.newest(Filter(), 1)
        last, verified = catalogue.meta("last_ingest"), catalogue.meta("verified")
        return StoreStatus(
            releases=catalogue.releases.count(Filter()),
            passages=catalogue.passages.count(),
            by_language=catalogue.releases.count_by_language(Filter()),
            newest=newest[0].published if newest else None,
            last_ingest=datetime.fromisoformat(last) if last else None,
            model=current[1] if current else None,
            dimension=current[2] if current else None,
            catalogue=str(catalogue.engine),
            indexes=str(indexes),
            disagreement=_disagreement(catalogue, indexes, words),
            backlog=backlog(catalogue, indexes),
            home=home,
            sources=tuple(catalogue.sources.health()),
            verified=datetime.fromisoformat(verified) if verified else None,
            damage=catalogue.meta("damage") or None,
        )


def in_step(catalogue: Catalogue, indexes: DenseIndexes, words: InvertedIndexes) -> bool:
    """Whether the indexes are whole and that of vectors holds exactly the catalogue's passages."""
    return _disagreement(catalogue, indexes, words) is None


def _disagreement(catalogue: Catalogue, indexes: DenseIndexes, words: InvertedIndexes) -> str | None:
    """What keeps the indexes from being in step, or None."""
    try:
        with catalogue.snapshot():
            state, waiting = published(catalogue, indexes), backlog(catalogue, indexes)
            if waiting:
                return f"{waiting} passages wait"
            if state.name is None:
                return None
            if not is_whole(state, indexes):
                return "it is damaged or gone"
            if words_damaged(catalogue, words):
                return "the index of words is damaged or gone"
            stored = {identity for (identity,) in catalogue.connection.execute("SELECT id FROM passages")}
        with contextlib.closing(indexes.open(state.name)) as index:
            differing = len(stored.symmetric_difference(index.ids()))
            return f"{differing} passages differ" if differing else None
    except IndexUnavailableError as exc:
        return str(exc)
