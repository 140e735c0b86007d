"""The record of truth: releases with every version, passages, vectors and full text, in SQLite or PostgreSQL."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING

from vectorstore.catalogue.passages import PassageTable
from vectorstore.catalogue.relations import EventTable, RelationTable
from vectorstore.catalogue.releases import ReleaseTable
from vectorstore.catalogue.sources import SourceTable, TakedownTable
from vectorstore.errors import CatalogueError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vectorstore.catalogue.engine import Connection, Engine

_SET = "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
_ONE_MORE = "UPDATE meta SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT) WHERE key = 'generation'"


class Catalogue:
    """One database, read by any number of threads and processes, written by whoever holds the writer lock.

    Each thread has a connection of its own. Reads inside `snapshot()` all see the same state. Raises CatalogueError
    where it cannot be opened.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.releases = ReleaseTable(self)
        self.passages = PassageTable(self)
        self.relations = RelationTable(self)
        self.events = EventTable(self)
        self.sources = SourceTable(self)
        self.takedowns = TakedownTable(self)
        self._local = threading.local()
        self._connections: dict[threading.Thread, Connection] = {}
        self._closed = False
        self._opening = threading.Lock()
        self.connection.execute("SELECT 1")

    @property
    def connections(self) -> int:
        """Connections that are open: one for each thread that has asked."""
        return len(self._connections)

    @property
    def connection(self) -> Connection:
        """This thread's connection."""
        connection: Connection | None = getattr(self._local, "connection", None)
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
            connection = self.connection
            connection.execute(self.engine.begin_read)
            try:
                self._local.record = dict(connection.execute("SELECT key, value FROM meta"))
                yield
            finally:
                self._local.record = None
                if connection.in_transaction:  # a server may have gone away in between
                    connection.execute("COMMIT")

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Write all or nothing, and raise the generation by which readers notice."""
        connection = self.connection
        with self._said_plainly():
            connection.execute(self.engine.begin_write)
            try:
                yield connection
                connection.execute(_ONE_MORE)
                connection.execute("COMMIT")
            except BaseException:  # Ctrl-C too: nothing half-written may stay
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @property
    def in_snapshot(self) -> bool:
        """Whether this thread's reads all see one state that was committed."""
        return getattr(self._local, "record", None) is not None

    def meta(self, key: str) -> str | None:
        """One value of the store's own record, or None."""
        record: dict[str, str] | None = getattr(self._local, "record", None)
        if record is not None:  # a question asks for nine of them: a snapshot reads them all at once
            return record.get(key)
        row = self.connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def set_meta(self, **values: str | int) -> None:
        """Write values of the store's own record; call it inside `transaction()`."""
        rows = [(key, str(value)) for key, value in values.items()]
        self.connection.executemany(_SET, rows)

    def generation(self) -> int:
        """How often the catalogue has been written to; a higher number is a later state."""
        return int(self.meta("generation") or 0)

    def _connect(self) -> Connection:
        with self._opening:
            if self._closed:
                raise CatalogueError(str(self.engine), "is closed; open the store again")
            # Threads come and go in a long-lived service; what those that have ended left open is closed here.
            for thread in [thread for thread in self._connections if not thread.is_alive()]:
                self._connections.pop(thread).close()
            connection = self.engine.connect()
            self._connections[threading.current_thread()] = connection
            return connection

    @contextlib.contextmanager
    def _said_plainly(self) -> Iterator[None]:
        try:
            yield
        except self.engine.faults as exc:
            raise self.engine.told(exc) from exc
