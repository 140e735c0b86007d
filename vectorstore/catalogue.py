"""The record of truth: releases with every version, passages, vectors and full text, in one SQLite file."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from vectorstore.errors import CatalogueError
from vectorstore.passage import Filter, Passage, StoredRelease
from vectorstore.schema import connect

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from vectorstore.passage import IncomingRelease

_RELEASE = (
    "v.release_id, v.version, v.title, v.lead, v.text, v.language, v.publisher, v.published, v.updated, v.url, "
    "v.source, v.pair, v.content_hash, v.first_seen"
)
_COLUMNS = _RELEASE.replace("v.", "")


class Catalogue:
    """One SQLite file, read by any number of threads and processes, written by whoever holds the store's lock.

    Each thread has a connection of its own. Reads inside `snapshot()` all see the same state.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._opening = threading.Lock()
        self.connection.execute("SELECT 1")

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's connection."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = connect(self._path)
            self._local.connection = connection
            with self._opening:
                self._connections.append(connection)
        return connection

    def close(self) -> None:
        """Close every thread's connection."""
        with self._opening:
            for connection in self._connections:
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

    @contextlib.contextmanager
    def _said_plainly(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as exc:
            raise CatalogueError(self._path, f"cannot be used ({exc}); check the disk, or restore a backup") from exc

    # What the store says of itself

    def meta(self, key: str) -> str | None:
        """One value of the store's own record, or None."""
        row = self.connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def set_meta(self, **values: str | int) -> None:
        """Write values of the store's own record; call it inside `transaction()`."""
        rows = [(key, str(value)) for key, value in values.items()]
        self.connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)

    def model(self) -> tuple[int, str, int] | None:
        """Number, name and dimension of the embedding model whose vectors are searched; None in a new store."""
        row: tuple[int, str, int] | None = self.connection.execute(
            "SELECT number, name, dimension FROM models "
            "WHERE number = (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'model')"
        ).fetchone()
        return row

    def add_model(self, name: str, dimension: int) -> int:
        """Make a model known and return its number; the same number for the same name and dimension."""
        self.connection.execute("INSERT OR IGNORE INTO models (name, dimension) VALUES (?, ?)", (name, dimension))
        row = self.connection.execute("SELECT number FROM models WHERE name = ? AND dimension = ?", (name, dimension))
        return int(row.fetchone()[0])

    # Releases

    def current(self, release_id: str) -> StoredRelease | None:
        """The version of a release that is searched, or None."""
        return self._first("release_id = ? AND current", (release_id,))

    def version(self, release_id: str, version: int) -> StoredRelease | None:
        """One version of a release, or None."""
        return self._first("release_id = ? AND version = ?", (release_id, version))

    def id_of_url(self, url: str) -> str | None:
        """The id of the release with this address, the latest to come in where several have it, or None."""
        query = "SELECT release_id FROM versions WHERE url = ? AND current ORDER BY number DESC LIMIT 1"
        row = self.connection.execute(query, (url,)).fetchone()
        return row[0] if row else None

    def history(self, release_id: str) -> list[StoredRelease]:
        """Every version of a release, oldest first."""
        return self._releases("release_id = ? ORDER BY version", (release_id,))

    def newest(self, where: Filter, limit: int | None) -> list[StoredRelease]:
        """Current releases, newest first, undated ones last."""
        clause, values = filter_clause(where)
        order = "ORDER BY published IS NULL, published DESC, release_id LIMIT ?"
        return self._releases(f"current AND {clause} {order}", (*values, -1 if limit is None else limit))

    def count_releases(self, where: Filter) -> int:
        """How many current releases a filter lets through."""
        clause, values = filter_clause(where)
        query = f"SELECT count(*) FROM versions v WHERE current AND {clause}"
        return int(self.connection.execute(query, values).fetchone()[0])

    def count_by_language(self) -> dict[str, int]:
        """How many current releases there are in each language; `und` stands for not known."""
        query = "SELECT coalesce(language, 'und'), count(*) FROM versions WHERE current GROUP BY 1 ORDER BY 2 DESC, 1"
        return dict(self.connection.execute(query).fetchall())

    def content_hash(self, release_id: str) -> str | None:
        """The content hash of a release's current version, or None."""
        query = "SELECT content_hash FROM versions WHERE release_id = ? AND current"
        row = self.connection.execute(query, (release_id,)).fetchone()
        return row[0] if row else None

    def _first(self, condition: str, values: tuple[object, ...]) -> StoredRelease | None:
        found = self._releases(condition, values)
        return found[0] if found else None

    def _releases(self, condition: str, values: tuple[object, ...]) -> list[StoredRelease]:
        rows = self.connection.execute(f"SELECT {_RELEASE} FROM versions v WHERE {condition}", values)
        return [_stored(row) for row in rows]

    # Passages and vectors

    def add_version(self, release: IncomingRelease, now: datetime) -> tuple[int, StoredRelease]:
        """Make `release` the current version; returns its row number. Its passages come by `add_passages`."""
        connection = self.connection
        last = connection.execute("SELECT max(version) FROM versions WHERE release_id = ?", (release.id,)).fetchone()[0]
        connection.execute("UPDATE versions SET current = 0 WHERE release_id = ?", (release.id,))
        values = (
            release.id, (last or 0) + 1, release.title, release.lead, release.text, release.language,
            release.publisher, _written(release.published), _written(release.updated), release.url,
            release.source, release.pair, release.content_hash, _written(now),
        )  # fmt: skip
        marks = ", ".join("?" * len(values))
        cursor = connection.execute(f"INSERT INTO versions ({_COLUMNS}, current) VALUES ({marks}, 1)", values)
        return int(cursor.lastrowid or 0), _stored(values)

    def add_passages(
        self, version: int, passages: Sequence[Passage], vectors: NDArray[np.float16], *, model: int
    ) -> list[int]:
        """Keep the passages of a version row, in order, with one vector each; returns their numbers."""
        numbers = []
        for passage, vector in zip(passages, vectors, strict=True):
            cursor = self.connection.execute(
                "INSERT INTO passages (id, version, start, stop) VALUES (?, ?, ?, ?)",
                (passage.id, version, passage.start, passage.end),
            )
            numbers.append(int(cursor.lastrowid or 0))
            self.connection.execute("INSERT INTO vectors VALUES (?, ?, ?)", (model, numbers[-1], vector.tobytes()))
        return numbers

    def passage_numbers(self, release_id: str) -> list[int]:
        """Numbers of all the passages of a release."""
        query = "SELECT p.number FROM passages p JOIN versions v ON v.number = p.version WHERE v.release_id = ?"
        return [number for (number,) in self.connection.execute(query, (release_id,))]

    def drop_passages(self, numbers: Sequence[int]) -> None:
        """Forget passages and their vectors, and remember to take them out of the vector index."""
        for number in numbers:
            self.connection.execute("INSERT OR IGNORE INTO dropped SELECT id FROM passages WHERE number = ?", (number,))
            self.connection.execute("DELETE FROM vectors WHERE passage = ?", (number,))
            self.connection.execute("DELETE FROM passages WHERE number = ?", (number,))

    def drop_release(self, release_id: str) -> None:
        """Forget every version of a release; its passages must be gone."""
        self.connection.execute("DELETE FROM versions WHERE release_id = ?", (release_id,))

    def count_passages(self, above: int = 0) -> int:
        """How many passages there are with a number above this one."""
        query = "SELECT count(*) FROM passages WHERE number > ?"
        return int(self.connection.execute(query, (above,)).fetchone()[0])

    def all_numbers(self, above: int = 0) -> list[int]:
        """The numbers of all passages above this one, in order."""
        query = "SELECT number FROM passages WHERE number > ? ORDER BY number"
        return [number for (number,) in self.connection.execute(query, (above,))]

    def passages(self, numbers: Sequence[int]) -> dict[int, tuple[Passage, StoredRelease]]:
        """Passages with their releases, by number; numbers that are gone are missing."""
        query = (
            f"SELECT p.number, p.id, p.start, p.stop, {_RELEASE} FROM passages p "
            "JOIN versions v ON v.number = p.version WHERE p.number = ?"
        )
        found = {}
        for wanted in numbers:
            row = self.connection.execute(query, (wanted,)).fetchone()
            if row:
                number, identity, start, stop, *rest = row
                release = _stored(rest)
                found[number] = (
                    Passage(identity, release.id, release.text[start:stop], start, stop),
                    release,
                )
        return found

    def numbers_of(self, ids: Sequence[str]) -> list[int | None]:
        """The numbers of passages given by id, in the same order; None for one that is gone."""
        query = "SELECT number FROM passages WHERE id = ?"
        rows = (self.connection.execute(query, (identity,)).fetchone() for identity in ids)
        return [row[0] if row else None for row in rows]

    def matching(self, where: Filter) -> list[int]:
        """Numbers of the passages of all releases that a filter lets through."""
        clause, values = filter_clause(where)
        query = f"SELECT p.number FROM versions v JOIN passages p ON p.version = v.number WHERE v.current AND {clause}"
        return [number for (number,) in self.connection.execute(query, values)]

    def vectors_of(self, numbers: Sequence[int], model: int) -> dict[int, bytes]:
        """Vectors (float16 bytes) by passage number; those that are gone are missing."""
        query = "SELECT vector FROM vectors WHERE model = ? AND passage = ?"
        rows = ((number, self.connection.execute(query, (model, number)).fetchone()) for number in numbers)
        return {number: row[0] for number, row in rows if row}

    def vectors_above(self, number: int, model: int) -> Iterator[tuple[int, str, bytes]]:
        """Number, id and vector of every passage that came after passage `number`, in order."""
        query = (
            "SELECT p.number, p.id, w.vector FROM vectors w JOIN passages p ON p.number = w.passage "
            "WHERE w.model = ? AND w.passage > ? ORDER BY w.passage"
        )
        return iter(self.connection.execute(query, (model, number)))


def filter_clause(where: Filter) -> tuple[str, tuple[str, ...]]:
    """A filter as an SQL condition on a versions row named `v`, and the values of its question marks."""
    parts = ["1"]
    values: list[str] = []
    for column, wanted in (("language", where.languages), ("publisher", where.publishers)):
        if wanted:
            parts.append(f"v.{column} IN ({', '.join('?' * len(wanted))})")
            values.extend(wanted)
    for sign, bound in ((">=", where.since), ("<", where.until)):
        if bound is not None:
            parts.append(f"v.published {sign} ?")
            values.append(_written(bound) or "")
    return " AND ".join(parts), tuple(values)


def _written(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else None


def _read(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _stored(row: Sequence[object]) -> StoredRelease:
    fields = dict(zip(StoredRelease.__slots__, row, strict=True))
    for name in ("published", "updated", "first_seen"):
        fields[name] = _read(fields[name])  # type: ignore[arg-type]
    return StoredRelease(**fields)  # type: ignore[arg-type]
