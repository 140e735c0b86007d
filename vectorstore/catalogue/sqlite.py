"""The catalogue's tables, how older ones are brought up to date, and how a connection to them is opened."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING, Any

import tenacity

from vectorstore.errors import CatalogueError
from vectorstore.home import create_private
from vectorstore.text.words import FTS_TOKENIZER

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from vectorstore.catalogue import Connection

SCHEMA_VERSION = 8
_PATIENCE = 30  # seconds that a lock of another process is waited for
OF_INDEXES = ("index_folder", "index_seal", "index_version", "indexed_up_to", "words_index", "words_up_to")
"""The values of a catalogue's own record that say which indexes are published, and up to where."""
_MEND = "restore it from a backup, or move it away, with chroma and words, and ingest again"
_FIRST = 2  # the oldest schema that is brought up to date
_VERSION = "PRAGMA user_version"

# Times are ISO 8601 in UTC to the second, so that text order is time order.
# Vectors are keyed by passage first: a passage that goes takes its vectors along without a look at all the others.
# Subwords are what late interaction compares, 16 bits each: to cut fifty passages at each question takes 4 ms.
# Passage numbers only ever grow (AUTOINCREMENT): "numbers above N" are the passages that came after N.
_TABLES = f"""
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE versions (
    number INTEGER PRIMARY KEY,
    release_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    current INTEGER NOT NULL,
    title TEXT NOT NULL,
    lead TEXT,
    text TEXT NOT NULL,
    language TEXT,
    publisher TEXT,
    published TEXT,
    updated TEXT,
    url TEXT,
    source TEXT NOT NULL,
    pair TEXT,
    content_hash TEXT NOT NULL,
    first_seen TEXT NOT NULL,
    UNIQUE (release_id, version)
);
CREATE UNIQUE INDEX one_current_version ON versions (release_id) WHERE current;
CREATE INDEX current_by_url ON versions (url) WHERE current;
CREATE INDEX current_by_date ON versions (published) WHERE current;

CREATE TABLE passages (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL REFERENCES versions (number),
    start INTEGER NOT NULL,
    stop INTEGER NOT NULL
);
CREATE INDEX passages_of_version ON passages (version);

CREATE TABLE models (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    dimension INTEGER NOT NULL,
    UNIQUE (name, dimension)
);

CREATE TABLE vectors (
    model INTEGER NOT NULL REFERENCES models (number),
    passage INTEGER NOT NULL REFERENCES passages (number),
    vector BLOB NOT NULL,
    PRIMARY KEY (passage, model)
) WITHOUT ROWID;

CREATE TABLE subwords (
    passage INTEGER NOT NULL REFERENCES passages (number),
    model INTEGER NOT NULL REFERENCES models (number),
    numbers BLOB NOT NULL,
    PRIMARY KEY (passage, model)
) WITHOUT ROWID;

CREATE TABLE dropped (id TEXT PRIMARY KEY) WITHOUT ROWID;

CREATE VIRTUAL TABLE words USING fts5 (title, lead, text, date, tokenize = "{FTS_TOKENIZER}");

CREATE VIRTUAL TABLE release_words USING fts5 (title, lead, text, tokenize = "{FTS_TOKENIZER}");

INSERT INTO meta VALUES ('generation', '0'), ('indexed_up_to', '0');
"""

# Each term of the full text, and how many passages hold it. It lives in a connection and holds nothing of its own.
_VOCABULARY = "CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, words, row)"

# What version N changed of version N - 1. A new catalogue goes the same way as an old one.
# A visit is what came of the last look at a web address; a release joined to its twin in another language shares its
# `one`; events are numbered in the order in which they happened.
_CHANGES = {
    3: """
ALTER TABLE versions ADD COLUMN author TEXT;
ALTER TABLE versions ADD COLUMN section TEXT;

CREATE TABLE translations (
    release_id TEXT NOT NULL,
    address TEXT NOT NULL,
    PRIMARY KEY (release_id, address)
) WITHOUT ROWID;

CREATE TABLE withdrawn (release_id TEXT PRIMARY KEY, moment TEXT NOT NULL, cause TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE corrections (release_id TEXT PRIMARY KEY, corrects TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX corrections_of ON corrections (corrects);

CREATE TABLE twins (
    first TEXT NOT NULL,
    second TEXT NOT NULL,
    reason TEXT NOT NULL,
    score REAL NOT NULL,
    PRIMARY KEY (first, second)
) WITHOUT ROWID;
CREATE INDEX twins_by_second ON twins (second);
CREATE TABLE joined (release_id TEXT PRIMARY KEY, one TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE events (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    release_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    moment TEXT NOT NULL
);
INSERT INTO events (kind, release_id, version, moment)
    SELECT CASE version WHEN 1 THEN 'new' ELSE 'changed' END, release_id, version, first_seen
    FROM versions ORDER BY first_seen, number;

CREATE TABLE visits (
    address TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    checked TEXT NOT NULL,
    release_id TEXT,
    content TEXT,
    lastmod TEXT,
    published TEXT,
    missing_since TEXT,
    listed INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX visits_of_source ON visits (source);

CREATE TABLE sources (
    location TEXT PRIMARY KEY,
    name TEXT,
    last_run TEXT NOT NULL,
    last_success TEXT,
    failures INTEGER NOT NULL,
    error TEXT,
    outcome TEXT NOT NULL,
    next_run TEXT
) WITHOUT ROWID;
""",
    # Tells this store's collections on a Chroma server from those of others.
    4: "INSERT INTO meta VALUES ('identity', lower(hex(randomblob(6))))",
    # Which sort of list a source is: one that answers with a page instead has failed.
    5: "ALTER TABLE sources ADD COLUMN kind TEXT",
    # A page that is kept aside since it may not be its release; what an operator took down, and by which addresses and
    # words it is known again (never the words themselves); sources that are left out for a while.
    6: """
CREATE TABLE doubted (
    address TEXT PRIMARY KEY,
    release_id TEXT,
    source TEXT NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    cause TEXT NOT NULL,
    since TEXT NOT NULL,
    seen TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE takedowns (release_id TEXT PRIMARY KEY, moment TEXT NOT NULL, allowed TEXT) WITHOUT ROWID;
CREATE TABLE takedown_marks (
    mark TEXT NOT NULL,
    release_id TEXT NOT NULL,
    PRIMARY KEY (mark, release_id)
) WITHOUT ROWID;

CREATE TABLE paused (location TEXT PRIMARY KEY, moment TEXT NOT NULL) WITHOUT ROWID;
""",
    # What whoever ingests found in a text, so that it is not looked for again at each question.
    7: "ALTER TABLE versions ADD COLUMN annotations TEXT",
    # Where the pages of a paged document begin in its text, and which of them were read by OCR: JSON lists of numbers.
    8: "ALTER TABLE versions ADD COLUMN pages TEXT;\nALTER TABLE versions ADD COLUMN scanned TEXT",
}


def make_another(path: Path) -> None:
    """Make a copied catalogue that of another store: its vector index is built afresh, and not written by both."""
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany("DELETE FROM meta WHERE key = ?", [(key,) for key in OF_INDEXES])
        connection.execute("UPDATE meta SET value = lower(hex(randomblob(6))) WHERE key = 'identity'")


def _is_locked(exc: BaseException) -> bool:
    return isinstance(exc, sqlite3.OperationalError) and exc.sqlite_errorcode == sqlite3.SQLITE_BUSY


@tenacity.retry(
    retry=tenacity.retry_if_exception(_is_locked),
    wait=tenacity.wait_random(0.01, 0.1),
    stop=tenacity.stop_after_delay(_PATIENCE),
    reraise=True,
)
def _use_wal(connection: sqlite3.Connection) -> None:
    """Let readers go on while one writer commits.

    SQLite does not wait for the lock by itself here, so two processes that open a new catalogue may meet.
    """
    connection.execute("PRAGMA journal_mode = WAL")


def _bring_up_to_date(path: Path, connection: sqlite3.Connection) -> None:
    """Make the tables of a new catalogue, or bring an older one up to date: all of it, or nothing."""
    [version] = connection.execute(_VERSION).fetchone()
    if version > SCHEMA_VERSION:
        raise CatalogueError(path, f"has schema {version}, this version reads {SCHEMA_VERSION}; upgrade communique")
    if 0 < version < _FIRST:
        raise CatalogueError(path, f"has schema {version} of an older version; move it away and ingest again")
    connection.execute("BEGIN IMMEDIATE")  # two processes may open a store at the same moment
    try:
        [version] = connection.execute(_VERSION).fetchone()
        if not version:
            _run(connection, _TABLES)
            version = _FIRST
        for following in range(version + 1, SCHEMA_VERSION + 1):
            _run(connection, _CHANGES[following])
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _run(connection: sqlite3.Connection, script: str) -> None:
    # Not `executescript`, which commits what was begun.
    for statement in script.split(";\n"):
        connection.execute(statement)


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
        """Open the file, making it if it is missing.

        Raises CatalogueError where it is no catalogue, is damaged, or was written by a newer version.
        """
        with contextlib.ExitStack() as undo:
            try:
                create_private(self._path)
                connection = sqlite3.connect(
                    self._path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
                )
                undo.callback(connection.close)
                _use_wal(connection)
                connection.execute("PRAGMA synchronous = NORMAL")  # a killed process loses nothing that was committed
                connection.execute("PRAGMA foreign_keys = ON")
                connection.execute("PRAGMA secure_delete = ON")  # nor is what was taken down to be read in the file
                if connection.execute(_VERSION).fetchone() != (SCHEMA_VERSION,):
                    _bring_up_to_date(self._path, connection)
                connection.execute(_VOCABULARY)
            except (sqlite3.Error, OSError) as exc:
                raise CatalogueError(self._path, f"cannot be opened ({exc}); {_MEND}") from exc
            undo.pop_all()
        return connection

    def insert(self, connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """See `Engine`."""
        values = ", ".join("?" * len(columns))
        connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({values})", rows)

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
        try:
            for table in _FULL_TEXT:  # else their words stand in its segments until those are merged
                connection.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        except sqlite3.Error as exc:
            raise self.told(exc) from exc

    def number_on(self, connection: Connection, table: str) -> None:
        """See `Engine`: SQLite does so by itself."""
