"""The record of truth: releases with every version, passages, vectors and full text, in SQLite or PostgreSQL."""

from __future__ import annotations

from vectorstore.catalogue.database import filter_clause, listed, marks
from vectorstore.catalogue.passages import Passages
from vectorstore.catalogue.relations import Events, Related
from vectorstore.catalogue.releases import Releases
from vectorstore.catalogue.sources import Sources, Takedowns

__all__ = ["Catalogue", "filter_clause", "listed", "marks"]


class Catalogue(Releases, Passages, Related, Events, Sources, Takedowns):
    """One database, read by any number of threads and processes, written by whoever holds the writer's place.

    Each thread has a connection of its own. Reads inside `snapshot()` all see the same state.
    """
