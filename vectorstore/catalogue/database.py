"""How releases and filters are written in SQL, and read back."""

from __future__ import annotations

import contextlib
import json
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from vectorstore.errors import CatalogueError
from vectorstore.types import StoredRelease

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from vectorstore.catalogue.engine import Connection, Engine
    from vectorstore.types import Filter, Scope

COLUMNS = (
    "release_id, version, title, lead, text, language, publisher, published, updated, url, "
    "source, pair, content_hash, first_seen, author, section, annotations, pages, scanned"
)
"""What is written of a version; `READ` is what a `StoredRelease` is made of, from a versions row named `v`."""

READ = (
    f"{COLUMNS}, (SELECT moment FROM withdrawn w WHERE w.release_id = v.release_id), "
    "(SELECT json_group_array(address) FROM translations t WHERE t.release_id = v.release_id)"
)

_NO_END = 2**62
_AT_ONCE = 500  # values that a statement names; SQLite takes some 32,000


def filter_clause(where: Filter) -> tuple[str, tuple[str, ...]]:
    """A filter as an SQL condition on a versions row named `v`, and the values of its question marks."""
    parts = ["TRUE"]
    values: list[str] = []
    columns = (("language", where.languages), ("publisher", where.publishers), ("release_id", where.releases))
    for column, wanted in columns:
        if wanted:
            parts.append(f"v.{column} IN ({marks(len(wanted))})")
            values.extend(wanted)
    dated, days = _dated_clause(where)
    scoped = [_scope_clause(scope) for scope in where.scopes]
    inside = [value for _, some in scoped for value in some]
    return " AND ".join([*parts, *dated, *(clause for clause, _ in scoped)]), (*values, *days, *inside)


def _dated_clause(where: Filter) -> tuple[list[str], list[str]]:
    """The bounds as a condition; the few bare days that they judge wrongly as moments are named beside them."""
    bounds = [(sign, bound) for sign, bound in ((">=", where.since), ("<", where.until)) if bound is not None]
    if not bounds:
        return [], []
    days = where.bare_days_at_bounds
    let_through, kept_out = [day for day in days if where.spans(day)], [day for day in days if not where.spans(day)]
    clause = " AND ".join(f"v.published {sign} ?" for sign, _ in bounds)
    if let_through:
        clause = f"({clause} OR v.published IN ({marks(len(let_through))}))"
    if kept_out:
        clause += f" AND v.published NOT IN ({marks(len(kept_out))})"
    moments = [*(bound for _, bound in bounds), *let_through, *kept_out]
    return [clause], [text for moment in moments if (text := written(moment))]


def _scope_clause(scope: Scope) -> tuple[str, list[str]]:
    """A scope in the same way; of an address only what it named, for another source may name what lies below it."""
    parts, values = ["FALSE"], list[str]()
    if scope.publishers:
        parts.append(f"v.publisher IN ({marks(len(scope.publishers))})")
        values += scope.publishers
    if scope.sources:
        parts.append(f"v.release_id IN (SELECT release_id FROM visits WHERE source IN ({marks(len(scope.sources))}))")
        values += scope.sources
    for place in (one for one in scope.sources if not _is_address(one)):
        parts.append("v.source = ? OR substr(v.source, 1, length(?) + 1) IN (?, ?)")
        values += (place, place, f"{place}/", f"{place}:")
    return f"({' OR '.join(parts)})", values


def _is_address(location: str) -> bool:
    """Whether a location is on the web rather than a file or a folder."""
    return location.lower().startswith(("http://", "https://"))


def listed(numbers: Iterable[int]) -> str:
    """Numbers for an SQL `IN (…)`: written out, since SQLite limits how many question marks a statement has."""
    return str([*map(int, numbers)])[1:-1] or "NULL"  # PostgreSQL takes no empty list


def in_batches(values: Collection[str]) -> Iterator[tuple[str, ...]]:
    """The values in as many at once as a statement may name."""
    listed_values = tuple(values)
    for start in range(0, len(listed_values), _AT_ONCE):
        yield listed_values[start : start + _AT_ONCE]


def marks(count: int) -> str:
    """Question marks for so many values."""
    return ", ".join("?" * count) or "NULL"


def limited(limit: int | None) -> int:
    """The value for an SQL `LIMIT ?`; None lets all through."""
    return _NO_END if limit is None else limit


def written(moment: datetime | None) -> str | None:
    """A time as the catalogue keeps it."""
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else None


def stored(row: Sequence[object]) -> StoredRelease:
    """A release from a row of `READ`."""
    fields = dict(zip(StoredRelease.__slots__, row, strict=True))
    for name in ("published", "updated", "first_seen", "withdrawn"):
        fields[name] = read(fields[name])  # type: ignore[arg-type]
    for name in ("pages", "scanned"):
        fields[name] = tuple(json.loads(str(fields[name] or "[]")))
    fields["translations"] = tuple(sorted(json.loads(str(fields["translations"]))))
    return StoredRelease(**fields)  # type: ignore[arg-type]


def read(text: str | None) -> datetime | None:
    """A time from what the catalogue keeps."""
    return datetime.fromisoformat(text) if text else None


_SET = "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
_ONE_MORE = "UPDATE meta SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT) WHERE key = 'generation'"


class CatalogueDatabase:
    """A database that any thread may use; raises CatalogueError where it cannot be opened."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
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
