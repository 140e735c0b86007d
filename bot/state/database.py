"""What the bot writes down: in files of its home, or in tables of its own on the server that holds the catalogue.

The tables of both are those of `bot.state.tables`.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from bot.errors import LedgerAwayError, LedgerError
from vectorstore.errors import CatalogueAwayError, CatalogueError
from vectorstore.home import create_private, make_private

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from vectorstore.catalogue.engine import Connection, Engine

_PATIENCE = 10  # seconds that another thread's transaction is waited for
_CLOCK = "SELECT CAST(extract(epoch FROM clock_timestamp()) AS DOUBLE PRECISION)"


class Database(Protocol):
    """Tables that are used in one transaction at a time."""

    def transaction(self) -> AbstractContextManager[Connection]:
        """A connection for one transaction, committed at the end of the block or rolled back. Raises LedgerError."""
        ...

    def now(self, connection: Connection) -> datetime:
        """This moment, by the clock that all who share the tables go by."""
        ...


class FileDatabase:
    """Tables in one SQLite file, opened for each transaction: any number of processes may share it.

    `changes[N]` is what version N of the tables added to version N - 1; the file is made, and brought up to date, by
    the next transaction. `patience` is how many seconds another process's transaction is waited for.
    """

    def __init__(self, path: Path, changes: Mapping[int, str], *, patience: float = _PATIENCE) -> None:
        self._path = path
        self._changes = changes
        self._patience = patience

    def __str__(self) -> str:
        return str(self._path)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """See `Database`."""
        try:
            make_private(self._path.parent)
            create_private(self._path)
            connection = sqlite3.connect(self._path, timeout=self._patience, isolation_level=None)
            with contextlib.closing(connection):
                connection.execute("PRAGMA foreign_keys = ON")
                connection.execute(
                    "PRAGMA secure_delete = ON"
                )  # what is forgotten is not to be read in the file either
                connection.execute("BEGIN IMMEDIATE")
                try:
                    self._bring_up_to_date(connection)
                    yield connection
                except BaseException:
                    if connection.in_transaction:  # SQLite has rolled back by itself where a disk is full
                        connection.execute("ROLLBACK")
                    raise
                connection.execute("COMMIT")
        except (sqlite3.Error, OSError) as exc:
            raise LedgerError(self._path, f"cannot be used ({exc}); make it writable or move it away") from exc

    def now(self, _connection: Connection) -> datetime:
        """This moment by this host's clock, which all who use the file share."""
        return datetime.now(UTC)

    def _bring_up_to_date(self, connection: sqlite3.Connection) -> None:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        known = max(self._changes)
        if version > known:
            raise LedgerError(self._path, f"has schema {version}, this version reads {known}; upgrade communique")
        for following in range(version + 1, known + 1):
            for statement in self._changes[following].split(";\n"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {following}")


class ServerDatabase:
    """The bot's tables on a server, used in one transaction at a time.

    A transaction takes a few milliseconds, so the threads of a process take turns at one connection: one each would be
    a dozen of the hundred that a server grants. It is opened at the first transaction, and again where it was lost.
    """

    def __init__(self, server: Engine) -> None:
        self._server = server
        self._turn = threading.Lock()
        self._connection: Connection | None = None

    def __str__(self) -> str:
        return str(self._server)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Connection]:
        """See `Database`."""
        try:
            with self._taken() as connection:
                connection.execute(self._server.begin_write)
                try:
                    yield connection
                    connection.execute("COMMIT")
                except BaseException:
                    if connection.in_transaction:  # nothing is, where the server went away
                        connection.execute("ROLLBACK")
                    raise
        except CatalogueAwayError as exc:
            raise LedgerAwayError(exc.where, exc.cause) from exc
        except CatalogueError as exc:
            raise LedgerError(exc.where, exc.cause) from exc

    def now(self, connection: Connection) -> datetime:
        """This moment by the server's clock, for those of hosts differ."""
        [(seconds,)] = connection.execute(_CLOCK).fetchall()
        return datetime.fromtimestamp(seconds, UTC)

    def close(self) -> None:
        """Close the connection."""
        with self._turn:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    @contextlib.contextmanager
    def _taken(self) -> Iterator[Connection]:
        if not self._turn.acquire(timeout=_PATIENCE):
            raise LedgerError(str(self._server), f"has not answered for {_PATIENCE} seconds; look at its log and load")
        try:
            self._connection = self._connection or self._server.connect()
            yield self._connection
        finally:
            self._turn.release()


def written(moment: datetime) -> str:
    """A moment as the tables hold it: text order is time order."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
