"""The record of truth: releases with every version, passages, vectors and full text, in SQLite or PostgreSQL.

`Catalogue` opens it, and has a part for each thing that is kept; twins and corrections are asked for in
`vectorstore/records.py`. What it asks of a database stands before it; those of SQLite are in `sqlite.py`, those of
PostgreSQL in `postgres.py`.
"""

from __future__ import annotations

import contextlib
import re
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote, urlsplit

from vectorstore.catalogue.passages import PassageTable
from vectorstore.catalogue.releases import EventTable, ReleaseTable
from vectorstore.catalogue.sources import SourceTable, TakedownTable
from vectorstore.errors import CatalogueError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_MEND = "write it as postgresql://user@host:5432/database, and special characters of a password as %40"
_SCHEMA = re.compile(r"search_path=([^\s&]+)")


@dataclass(frozen=True, slots=True, repr=False)
class PostgresAddress:
    """An address as PostgreSQL's own programs take it; its tables lie in the schema that `search_path` gives.

    A password may stand in it, in PGPASSWORD or in ~/.pgpass; `str` and `repr` show none. Raises ValueError, which
    does not repeat the address, where it is none.
    """

    url: str

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.url)
            fits = parts.scheme in {"postgresql", "postgres"} and parts.path.strip("/") and (parts.port or True)
        except ValueError:
            fits = False
        if not fits:
            raise ValueError(f"is no address of a database; {_MEND}")

    def __str__(self) -> str:
        parts = urlsplit(self.url)
        user = f"{parts.username}@" if parts.username else ""
        port = f":{parts.port}" if parts.port else ""
        schema = _SCHEMA.search(unquote(parts.query))
        shown = f"postgresql://{user}{parts.hostname or ''}{port}{parts.path}"
        return f"{shown} (schema {schema[1]})" if schema else shown

    def __repr__(self) -> str:
        return f"PostgresAddress({str(self)!r})"


class Rows(Protocol):
    """What a statement brought, each row a tuple."""

    def __iter__(self) -> Iterator[Any]:
        """The rows that were not fetched yet."""
        ...

    def fetchone(self) -> Any:  # noqa: ANN401 - as in sqlite3: a row, or None
        """The next row, or None."""
        ...

    def fetchall(self) -> list[Any]:
        """All the rows that were not fetched yet."""
        ...


class Connection(Protocol):
    """A connection of one thread, in autocommit mode; sqlite3's own is one.

    A question mark stands for a value. `main.` before the name of a table is what SQLite calls its file; on a server it
    becomes the prefix of tables that lie beside the catalogue's.
    """

    @property
    def in_transaction(self) -> bool:
        """Whether something was begun that is neither committed nor rolled back."""
        ...

    def execute(self, sql: str, parameters: Sequence[Any] = ..., /) -> Rows:
        """Run one statement."""
        ...

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> object:
        """Run one statement for each of the parameters."""
        ...

    def close(self) -> None:
        """End it; what was begun is rolled back."""
        ...


class Engine(Protocol):
    """Where a catalogue is kept; `str()` of it names the place as people may read it, without a password.

    `shared` says whether processes on other hosts use it too. `faults` are what its connections raise where the
    database fails; `told` makes a CatalogueError of one. The statements of `begin_read` see one state until the end;
    those of `begin_write` are alone in writing. `schema` is the version of its tables; an INSERT that numbers rows
    itself says `numbered` before its VALUES.
    """

    shared: bool
    numbered: str
    begin_read: str
    begin_write: str
    faults: tuple[type[Exception], ...]

    @property
    def schema(self) -> int:
        """The version of the tables."""
        ...

    def connect(self) -> Connection:
        """Open a connection, making the tables where they are missing. Raises CatalogueError."""
        ...

    def insert(self, connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Put rows that are not there yet into a table, the fastest way there is; call it inside a transaction."""
        ...

    def told(self, fault: Exception) -> CatalogueError:
        """What failed, in one sentence with the way out."""
        ...

    def integrity(self, connection: Connection) -> list[str]:
        """What the database finds wrong with itself, as far as it looks."""
        ...

    def wipe(self, connection: Connection) -> None:
        """Let nothing of what was deleted be left in the files, as far as we can. Raises CatalogueError."""
        ...

    def number_on(self, connection: Connection, table: str) -> None:
        """Let the next row of a table be numbered after the highest there is, whoever numbered that one."""
        ...


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
        if connection is not None:
            return connection
        with self._opening:
            if self._closed:
                raise CatalogueError(str(self.engine), "is closed; open the store again")
            # Threads come and go in a long-lived service; what those that have ended left open is closed here.
            for thread in [thread for thread in self._connections if not thread.is_alive()]:
                self._connections.pop(thread).close()
            connection = self.engine.connect()
            self._local.connection = self._connections[threading.current_thread()] = connection
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
        connection = self.connection
        try:
            connection.execute(self.engine.begin_read)
            try:
                self._local.record = dict(connection.execute("SELECT key, value FROM meta"))
                yield
            finally:
                self._local.record = None
                if connection.in_transaction:  # a server may have gone away in between
                    connection.execute("COMMIT")
        except self.engine.faults as exc:
            raise self.engine.told(exc) from exc

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Write all or nothing, and raise the generation by which readers notice."""
        connection = self.connection
        try:
            connection.execute(self.engine.begin_write)
            try:
                yield connection
                connection.execute(_ONE_MORE)
                connection.execute("COMMIT")
            except BaseException:  # Ctrl-C too: nothing half-written may stay
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        except self.engine.faults as exc:
            raise self.engine.told(exc) from exc

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
