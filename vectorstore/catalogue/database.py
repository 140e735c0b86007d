"""The catalogue's file: a connection for each thread, snapshots, transactions, and what the store says of itself."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from typing import TYPE_CHECKING

from vectorstore.errors import CatalogueError
from vectorstore.schema import connect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Database:
    """One SQLite file that any thread may use; raises CatalogueError where it cannot be opened."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._connections: dict[threading.Thread, sqlite3.Connection] = {}
        self._closed = False
        self._opening = threading.Lock()
        self.connection.execute("SELECT 1")

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's connection."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._connect()
            self._local.connection = connection
        return connection

    def close(self) -> None:
        """Close every thread's connection."""
        with self._opening:
            self._closed = True
            for connection in self._connections.values():
                connection.close()
            self._connections.clear()
        self._local = threading.local()

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let all reads inside see one and the same state."""
        if self.connection.in_transaction:
            yield
            return
        with self._said_plainly():
            self.connection.execute("BEGIN")
            try:
                yield
            finally:
                self.connection.execute("COMMIT")

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Write all or nothing, and raise the generation by which readers notice."""
        connection = self.connection
        with self._said_plainly():
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("UPDATE meta SET value = value + 1 WHERE key = 'generation'")
                connection.execute("COMMIT")
            except BaseException:  # Ctrl-C too: nothing half-written may stay
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def meta(self, key: str) -> str | None:
        """One value of the store's own record, or None."""
        row = self.connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def set_meta(self, **values: str | int) -> None:
        """Write values of the store's own record; call it inside `transaction()`."""
        rows = [(key, str(value)) for key, value in values.items()]
        self.connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)

    def generation(self) -> int:
        """How often the catalogue has been written to; a higher number is a later state."""
        return int(self.meta("generation") or 0)

    def _connect(self) -> sqlite3.Connection:
        with self._opening:
            if self._closed:
                raise CatalogueError(self._path, "is closed; open the store again")
            # Threads come and go in a long-lived service; what those that have ended left open is closed here.
            for thread in [thread for thread in self._connections if not thread.is_alive()]:
                self._connections.pop(thread).close()
            connection = connect(self._path)
            self._connections[threading.current_thread()] = connection
            return connection

    @contextlib.contextmanager
    def _said_plainly(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as exc:
            raise CatalogueError(self._path, f"cannot be used ({exc}); check the disk, or restore a backup") from exc
