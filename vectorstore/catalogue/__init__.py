"""The record of truth: releases with every version, passages, vectors and full text, in SQLite or PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vectorstore.catalogue.database import Database, filter_clause, listed, marks
from vectorstore.catalogue.passages import Passages
from vectorstore.catalogue.relations import Events, Related
from vectorstore.catalogue.releases import Releases
from vectorstore.catalogue.sources import Sources, Takedowns

if TYPE_CHECKING:
    from vectorstore.catalogue.engine import Engine

__all__ = ["Catalogue", "filter_clause", "listed", "marks"]


class Catalogue(Database):
    """One database, read by any number of threads and processes, written by whoever holds the writer's place.

    Each thread has a connection of its own. Reads inside `snapshot()` all see the same state.
    """

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.releases = Releases(self)
        self.passages = Passages(self)
        self.relations = Related(self)
        self.events = Events(self)
        self.sources = Sources(self)
        self.takedowns = Takedowns(self)
