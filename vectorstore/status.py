"""What a store holds, and whether its two halves agree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from vectorstore.dense import DenseIndex
from vectorstore.errors import IndexUnavailableError
from vectorstore.passage import Filter
from vectorstore.publish import backlog, published

if TYPE_CHECKING:
    from pathlib import Path

    from vectorstore.catalogue import Catalogue
    from vectorstore.visits import SourceHealth


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """What a store holds, and whether its two halves agree.

    `model` and `dimension` are None in a store that never held a passage. `consistent` says that the vector index
    holds exactly the catalogue's passages; `backlog` counts the passages that it has yet to take in or let go of.
    `sources` tells how each source fared when it was last ingested.
    """

    releases: int
    passages: int
    by_language: dict[str, int]
    newest: datetime | None
    last_ingest: datetime | None
    model: str | None
    dimension: int | None
    consistent: bool
    backlog: int
    home: Path
    sources: tuple[SourceHealth, ...] = ()


def status_of(catalogue: Catalogue, indexes: Path, home: Path) -> StoreStatus:
    """The status of a store, all of one moment; compares every id."""
    with catalogue.snapshot():
        current = catalogue.model()
        newest = catalogue.newest(Filter(), 1)
        last = catalogue.meta("last_ingest")
        return StoreStatus(
            releases=catalogue.count_releases(Filter()),
            passages=catalogue.count_passages(),
            by_language=catalogue.count_by_language(),
            newest=newest[0].published if newest else None,
            last_ingest=datetime.fromisoformat(last) if last else None,
            model=current[1] if current else None,
            dimension=current[2] if current else None,
            consistent=in_step(catalogue, indexes),
            backlog=backlog(catalogue),
            home=home,
            sources=tuple(catalogue.health()),
        )


def in_step(catalogue: Catalogue, indexes: Path) -> bool:
    """Whether the vector index is whole and holds exactly the catalogue's passages."""
    with catalogue.snapshot():
        state = published(catalogue, indexes)
        if state.folder is None:
            return catalogue.count_passages() == 0
        if backlog(catalogue) or not state.whole:
            return False
        stored = {identity for (identity,) in catalogue.connection.execute("SELECT id FROM passages")}
    try:
        index = DenseIndex(state.folder)
        try:
            return set(index.ids()) == stored
        finally:
            index.close()
    except IndexUnavailableError:
        return False
