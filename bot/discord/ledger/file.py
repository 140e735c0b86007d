"""The ledger's file: opened for one deed at a time, so that shards in any number of processes may share it."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vectorstore.catalogue.engine import Connection

_PATIENCE = 10  # seconds that another process's deed is waited for
_SCHEMA = 2

# Ids of Discord are kept as numbers, times as ISO 8601 in UTC to the microsecond, lists as JSON.
_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE answers (
    id TEXT PRIMARY KEY,
    moment TEXT NOT NULL,
    before TEXT,
    index_version INTEGER NOT NULL,
    payload TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX answers_by_moment ON answers (moment);

CREATE TABLE feedback (
    answer TEXT NOT NULL REFERENCES answers (id),
    person INTEGER NOT NULL,
    good INTEGER NOT NULL,
    reasons TEXT NOT NULL,
    comment TEXT NOT NULL,
    moment TEXT NOT NULL,
    PRIMARY KEY (answer, person)
) WITHOUT ROWID;

CREATE TABLE guilds (guild INTEGER PRIMARY KEY, threads INTEGER NOT NULL);

CREATE TABLE subscriptions (
    channel INTEGER PRIMARY KEY,
    guild INTEGER NOT NULL,
    publishers TEXT NOT NULL,
    languages TEXT NOT NULL,
    locale TEXT NOT NULL,
    up_to INTEGER NOT NULL,
    holder TEXT,
    held_until REAL NOT NULL DEFAULT 0,
    trouble TEXT,
    retry_at REAL NOT NULL DEFAULT 0
);

CREATE TABLE announced (
    channel INTEGER NOT NULL,
    event INTEGER NOT NULL,
    release_id TEXT NOT NULL,
    began TEXT NOT NULL,
    message INTEGER,
    finished INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (channel, event)
) WITHOUT ROWID;
CREATE INDEX announced_releases ON announced (channel, release_id);
"""

_CLAIMS = """
CREATE TABLE claims (
    event INTEGER PRIMARY KEY,
    holder TEXT NOT NULL,
    held_until REAL NOT NULL,
    settled INTEGER NOT NULL DEFAULT 0
);
"""

_CHANGES = {1: _TABLES, 2: _CLAIMS}  # what each version added to the one before


class LedgerFile:
    """One SQLite file, made where it is missing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self.deed() as connection:
            self._make_tables(connection)

    @contextlib.contextmanager
    def deed(self) -> Iterator[sqlite3.Connection]:
        """The file for one deed, done whole or not at all. Raises LedgerError where it cannot be used."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self._path, timeout=_PATIENCE, isolation_level=None)
            with contextlib.closing(connection):
                connection.execute("PRAGMA foreign_keys = ON")
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield connection
                except BaseException:
                    connection.execute("ROLLBACK")
                    raise
                connection.execute("COMMIT")
        except (sqlite3.Error, OSError) as exc:
            raise LedgerError(self._path, f"cannot be used ({exc})") from exc

    def now(self, _connection: Connection) -> datetime:
        """This moment by this host's clock, which all who use the file share."""
        return datetime.now(UTC)

    def _make_tables(self, connection: sqlite3.Connection) -> None:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version > _SCHEMA:
            raise LedgerError(self._path, f"has schema {version}, this version reads {_SCHEMA}; upgrade communique")
        for following in range(version + 1, _SCHEMA + 1):
            for statement in _CHANGES[following].split(";\n"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {following}")
