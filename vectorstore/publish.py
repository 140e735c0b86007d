"""Keeps the vector index in step with the catalogue: builds the next folder aside, then names it there."""

from __future__ import annotations

import itertools
import logging
import shutil
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vectorstore.dense import build, is_whole
from vectorstore.errors import IndexUnavailableError
from vectorstore.exact import as_matrix

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from vectorstore.catalogue import Catalogue

log = logging.getLogger(__name__)

_BATCH = 5_000  # rows; Chroma takes at most 5,461 at once


@dataclass(frozen=True, slots=True)
class Published:
    """The vector index as the catalogue names it: its folder, its seal, and the last passage number it holds.

    `folder` is None while nothing was published yet.
    """

    folder: Path | None
    seal: str
    up_to: int

    @property
    def whole(self) -> bool:
        """Whether the folder can be opened safely."""
        return self.folder is not None and is_whole(self.folder, self.seal)


def published(catalogue: Catalogue, indexes: Path) -> Published:
    """What the catalogue says of the vector index under the folder `indexes`."""
    name = catalogue.meta("index_folder")
    up_to = int(catalogue.meta("indexed_up_to") or 0)
    return Published(indexes / name if name else None, catalogue.meta("index_seal") or "", up_to)


def backlog(catalogue: Catalogue) -> int:
    """How many passages the vector index must still take in or let go of."""
    up_to = int(catalogue.meta("indexed_up_to") or 0)
    query = "SELECT (SELECT count(*) FROM passages WHERE number > ?) + (SELECT count(*) FROM dropped)"
    return int(catalogue.connection.execute(query, (up_to,)).fetchone()[0])


def publish(catalogue: Catalogue, indexes: Path, *, model: int, afresh: bool = False) -> None:
    """Bring the vector index in step; the caller holds the store's lock.

    The published folder is copied and the copy brought up to date; where it is damaged, or `afresh` is set, the index
    is built anew from the catalogue's vectors. Readers go on with the old folder until the new one is named. Raises
    IndexUnavailableError where nothing can be built, as on a full disk; all is found nevertheless.
    """
    before = published(catalogue, indexes)
    base = before if before.whole and not afresh else None
    if before.folder is not None and base is None and not afresh:
        log.warning("vector index %s is damaged: it is built again from the catalogue", before.folder)
    name = uuid.uuid4().hex[:12]
    last = catalogue.connection.execute("SELECT coalesce(max(number), 0) FROM passages").fetchone()[0]
    try:
        seal = _build(catalogue, indexes / name, base, model=model)
    except IndexUnavailableError as exc:
        if base is None:
            raise
        log.warning("%s: it is built again from the catalogue", exc)
        seal = _build(catalogue, indexes / name, None, model=model)
    with catalogue.transaction() as connection:
        catalogue.set_meta(index_folder=name, index_seal=seal, indexed_up_to=last, model=model)
        connection.execute("DELETE FROM dropped")
    _clear(indexes, keep={name, before.folder.name if before.folder else name})


def _build(catalogue: Catalogue, folder: Path, base: Published | None, *, model: int) -> str:
    dropped = [row[0] for row in catalogue.connection.execute("SELECT id FROM dropped")] if base else []
    added = _batches(catalogue, above=base.up_to if base else 0, model=model)
    return build(folder, base=base.folder if base else None, dropped=dropped, added=added)


def _batches(catalogue: Catalogue, *, above: int, model: int) -> Iterator[tuple[list[str], NDArray[np.float16]]]:
    rows = catalogue.vectors_above(above, model)
    while batch := list(itertools.islice(rows, _BATCH)):
        yield [identity for _, identity, _ in batch], as_matrix([vector for _, _, vector in batch])


def _clear(indexes: Path, *, keep: set[str]) -> None:
    """Remove unfinished and outlived folders; the one before stays for readers that have not noticed yet."""
    for folder in indexes.iterdir():
        if folder.name not in keep:
            shutil.rmtree(folder, ignore_errors=True)
