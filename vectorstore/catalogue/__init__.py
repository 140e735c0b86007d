"""The record of truth: releases with every version, passages, vectors and full text, in SQLite or PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vectorstore.catalogue.database import CatalogueDatabase, filter_clause, listed, marks
from vectorstore.catalogue.passages import PassageTable
from vectorstore.catalogue.relations import EventTable, RelationTable
from vectorstore.catalogue.releases import ReleaseTable
from vectorstore.catalogue.sources import SourceTable, TakedownTable

if TYPE_CHECKING:
    from vectorstore.catalogue.engine import Engine

__all__ = ["Catalogue", "filter_clause", "listed", "marks"]


class Catalogue(CatalogueDatabase):
    """One database, read by any number of threads and processes, written by whoever holds the writer lock.

    Each thread has a connection of its own. Reads inside `snapshot()` all see the same state.
    """

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.releases = ReleaseTable(self)
        self.passages = PassageTable(self)
        self.relations = RelationTable(self)
        self.events = EventTable(self)
        self.sources = SourceTable(self)
        self.takedowns = TakedownTable(self)
