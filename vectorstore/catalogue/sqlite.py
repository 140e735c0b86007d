"""The catalogue in a file of SQLite."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from vectorstore.errors import CatalogueError
from vectorstore.schema import SCHEMA_VERSION, connect

if TYPE_CHECKING:
    from pathlib import Path

    from vectorstore.catalogue.engine import Connection


_FULL_TEXT = ("words", "release_words")


def integrity_of(connection: Connection) -> list[str]:
    """What SQLite finds wrong with a file of its own: pages, indexes, references to rows that are not there."""
    try:
        found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
        lost = connection.execute("PRAGMA foreign_key_check").fetchall()
    except sqlite3.Error as exc:
        return [str(exc)]
    return found + [f"row {row} of {table} refers to no row of {parent}" for table, row, parent, _ in lost]


class SqliteFile:
    """One file, read by any number of threads and processes of one host. See `Engine`."""

    shared = False
    schema = SCHEMA_VERSION
    numbered = ""
    begin_read = "BEGIN"
    begin_write = "BEGIN IMMEDIATE"
    faults: tuple[type[Exception], ...] = (sqlite3.Error,)

    def __init__(self, path: Path) -> None:
        self._path = path

    def __str__(self) -> str:
        return str(self._path)

    def connect(self) -> sqlite3.Connection:
        """Open the file, making it if it is missing. Raises CatalogueError."""
        return connect(self._path)

    def told(self, fault: Exception) -> CatalogueError:
        """What failed, in one sentence with the way out."""
        return CatalogueError(self._path, f"cannot be used ({fault}); check the disk, or restore a backup")

    def integrity(self, connection: Connection) -> list[str]:
        """See `Engine`. The full text is looked through as well, 100,000 passages in two seconds."""
        found = integrity_of(connection)
        for table in _FULL_TEXT:
            try:
                connection.execute(f"INSERT INTO {table} ({table}) VALUES ('integrity-check')")  # which inserts nothing
            except sqlite3.Error as exc:
                found.append(f"the full text in {table} is not what was written into it ({exc})")
        return found

    def wipe(self, connection: Connection) -> None:
        """See `Engine`: deleted rows are overwritten, and what the log holds of them goes unless somebody reads it."""
        for table in ("words", "release_words"):  # else their words stand in its segments until those are merged
            connection.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def number_on(self, connection: Connection, table: str) -> None:
        """See `Engine`: SQLite does so by itself."""
