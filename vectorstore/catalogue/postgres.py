"""The catalogue on a PostgreSQL server, which several hosts share: its tables, and connections to them.

The tables are those of `vectorstore.catalogue.sqlite`, and hold the same. What differs is the full text: SQLite has
tables for it, here `words` and `release_words` are kept in step by `retrieval.postgres_text`, which says how. No other
file knows psycopg.

A connection that is lost is replaced at its next use: the server may have been away. What was being written then is
gone as a whole, and so is the writer lock, which hangs on the connection.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vectorstore.errors import CatalogueAwayError, CatalogueError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import psycopg

    from vectorstore.catalogue import Connection, PostgresAddress, Rows

SCHEMA_VERSION = 8


@dataclass(frozen=True, slots=True)
class Tables:
    """Tables that belong together, made where they are missing; others may lie beside them in the same schema.

    `prefix` is what their names begin with. One of them is `meta`, of keys and values, and holds the version under
    `schema`. `new` makes them all, `changes[N]` is what version N changed of version N - 1.
    """

    prefix: str
    version: int
    new: str
    changes: Mapping[int, str]


def by_bytes(sql: str) -> str:
    """Tables whose text is compared byte by byte, as SQLite does."""
    return sql.replace(" TEXT", ' TEXT COLLATE "C"')


_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);

CREATE TABLE versions (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    release_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    current BOOLEAN NOT NULL,
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
    author TEXT,
    section TEXT,
    UNIQUE (release_id, version)
);
CREATE UNIQUE INDEX one_current_version ON versions (release_id) WHERE current;
CREATE INDEX current_by_url ON versions (url) WHERE current;
CREATE INDEX current_by_date ON versions (published) WHERE current;

CREATE TABLE passages (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    version BIGINT NOT NULL REFERENCES versions (number),
    start INTEGER NOT NULL,
    stop INTEGER NOT NULL
);
CREATE INDEX passages_of_version ON passages (version);

CREATE TABLE models (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name TEXT NOT NULL,
    dimension INTEGER NOT NULL,
    UNIQUE (name, dimension)
);

CREATE TABLE vectors (
    model BIGINT NOT NULL REFERENCES models (number),
    passage BIGINT NOT NULL REFERENCES passages (number),
    vector BYTEA NOT NULL,
    PRIMARY KEY (passage, model)
);

CREATE TABLE subwords (
    passage BIGINT NOT NULL REFERENCES passages (number),
    model BIGINT NOT NULL REFERENCES models (number),
    numbers BYTEA NOT NULL,
    PRIMARY KEY (passage, model)
);

CREATE TABLE dropped (id TEXT PRIMARY KEY);

CREATE TABLE translations (
    release_id TEXT NOT NULL,
    address TEXT NOT NULL,
    PRIMARY KEY (release_id, address)
);

CREATE TABLE withdrawn (release_id TEXT PRIMARY KEY, moment TEXT NOT NULL, cause TEXT NOT NULL);

CREATE TABLE corrections (release_id TEXT PRIMARY KEY, corrects TEXT NOT NULL);
CREATE INDEX corrections_of ON corrections (corrects);

CREATE TABLE twins (
    first TEXT NOT NULL,
    second TEXT NOT NULL,
    reason TEXT NOT NULL,
    score DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (first, second)
);
CREATE INDEX twins_by_second ON twins (second);
CREATE TABLE joined (release_id TEXT PRIMARY KEY, one TEXT NOT NULL);

CREATE TABLE events (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind TEXT NOT NULL,
    release_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    moment TEXT NOT NULL
);

CREATE TABLE visits (
    address TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    checked TEXT NOT NULL,
    release_id TEXT,
    content TEXT,
    lastmod TEXT,
    published TEXT,
    missing_since TEXT,
    listed BOOLEAN NOT NULL
);
CREATE INDEX visits_of_source ON visits (source);

CREATE TABLE sources (
    location TEXT PRIMARY KEY,
    name TEXT,
    last_run TEXT NOT NULL,
    last_success TEXT,
    failures INTEGER NOT NULL,
    error TEXT,
    outcome TEXT NOT NULL,
    next_run TEXT,
    kind TEXT
);
"""

_ASIDE = """
CREATE TABLE doubted (
    address TEXT PRIMARY KEY,
    release_id TEXT,
    source TEXT NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    cause TEXT NOT NULL,
    since TEXT NOT NULL,
    seen TEXT NOT NULL
);

CREATE TABLE takedowns (release_id TEXT PRIMARY KEY, moment TEXT NOT NULL, allowed TEXT);
CREATE TABLE takedown_marks (mark TEXT NOT NULL, release_id TEXT NOT NULL, PRIMARY KEY (mark, release_id));

CREATE TABLE paused (location TEXT PRIMARY KEY, moment TEXT NOT NULL);
"""

_ANNOTATIONS = "ALTER TABLE versions ADD COLUMN annotations TEXT;"
_PAGES = "ALTER TABLE versions ADD COLUMN pages TEXT; ALTER TABLE versions ADD COLUMN scanned TEXT;"

# Every word is looked up in each row that is scored, several times: rows of up to 8 kB stay whole and uncompressed.
_WORDS = """
CREATE TABLE words (number BIGINT PRIMARY KEY, terms TSVECTOR NOT NULL, length INTEGER NOT NULL)
    WITH (toast_tuple_target = 8160);
ALTER TABLE words ALTER COLUMN terms SET STORAGE EXTERNAL;
CREATE INDEX words_by_term ON words USING gin (terms);

CREATE TABLE release_words (number BIGINT PRIMARY KEY, terms TSVECTOR NOT NULL, length INTEGER NOT NULL)
    WITH (toast_tuple_target = 8160);
ALTER TABLE release_words ALTER COLUMN terms SET STORAGE EXTERNAL;

CREATE TABLE terms (form TEXT PRIMARY KEY, passages INTEGER NOT NULL, releases INTEGER NOT NULL)
    WITH (fillfactor = 70);
CREATE VIEW vocabulary AS SELECT form AS term, passages AS doc FROM terms WHERE passages > 0;

CREATE TABLE totals (name TEXT PRIMARY KEY, texts BIGINT NOT NULL, length BIGINT NOT NULL);
INSERT INTO totals VALUES ('passages', 0, 0), ('releases', 0, 0);
"""

# The one function of SQLite that the catalogue's statements need and PostgreSQL lacks.
_FUNCTIONS = """
CREATE FUNCTION json_of(found TEXT[]) RETURNS TEXT IMMUTABLE LANGUAGE sql AS 'SELECT array_to_json(found)::text';
CREATE AGGREGATE json_group_array(TEXT) (SFUNC = array_append, STYPE = TEXT[], INITCOND = '{}', FINALFUNC = json_of);
"""

_FIRST_VALUES = """
INSERT INTO meta VALUES ('generation', '0'), ('indexed_up_to', '0'), ('schema', '8'),
    ('identity', substr(md5(random()::text || clock_timestamp()::text), 1, 12));
"""

CATALOGUE = Tables(
    "",
    SCHEMA_VERSION,
    by_bytes(_TABLES + _ASIDE + _ANNOTATIONS + _PAGES + _WORDS) + _FUNCTIONS + _FIRST_VALUES,
    changes={
        5: by_bytes("ALTER TABLE sources ADD COLUMN kind TEXT"),
        6: by_bytes(_ASIDE),
        7: by_bytes(_ANNOTATIONS),
        8: by_bytes(_PAGES),
    },
)


_REACHED = 5  # seconds in which a server must take a connection
_MAKING = 0x636F6D6D  # the advisory lock under which tables are made
# A host that vanishes must not keep the writer lock for the two hours that TCP waits by itself: 90 seconds. A server
# that vanishes is noticed as late: `_NOTICED` is what this side of the connection waits.
# To compile a query takes longer than any of ours runs.
_SESSION = "SET tcp_keepalives_idle = 60; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3; SET jit = off"
_NOTICED = {"keepalives_idle": 60, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 90_000}
_AGAIN = ("SELECT", "BEGIN")  # statements that may be tried again on another connection: they change nothing
_OUR_OWN = "give the store a schema of its own: add ?options=-csearch_path%3Dcommunique to store.catalogue"


class PostgresServer:
    """A database on a server; `tables`, the catalogue's or others, lie in its `current_schema`. See `Engine`."""

    shared = True
    numbered = "OVERRIDING SYSTEM VALUE"
    begin_read = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    begin_write = "BEGIN"
    faults: tuple[type[Exception], ...] = ()  # its connections raise CatalogueError by themselves

    def __init__(self, address: PostgresAddress, tables: Tables = CATALOGUE) -> None:
        self._address = address
        self._tables = tables

    def __str__(self) -> str:
        return str(self._address)

    @property
    def schema(self) -> int:
        """The version of its tables."""
        return self._tables.version

    def connect(self) -> PostgresConnection:
        """Open a connection, making the tables where they are missing. Raises CatalogueError."""
        return PostgresConnection(self._open, self.told, self._tables.prefix)

    def insert(self, connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """See `Engine`: by COPY."""
        assert isinstance(connection, PostgresConnection), "it is one of this server's"
        connection.copy(table, columns, rows)

    def told(self, fault: Exception) -> CatalogueError:
        """What failed, in one sentence with the way out."""
        from psycopg import OperationalError

        said, is_away = " ".join(str(fault).partition("\n")[0].split()), isinstance(fault, OperationalError)
        mend = "look at the server's log"
        if "password" in said:
            mend = "put its password into PGPASSWORD or ~/.pgpass"
        elif "does not exist" in said and "database" in said:
            mend = "make it with createdb"
        elif is_away:
            mend = "start the server, or set store.catalogue right, and try again"
        if is_away:
            return CatalogueAwayError(str(self), f"cannot be reached ({said}); {mend}")
        return CatalogueError(str(self), f"cannot be used ({said}); {mend}")

    def integrity(self, connection: Connection) -> list[str]:  # noqa: ARG002 - the protocol's signature
        """See `Engine`: the server has checksums of its own, and whoever keeps it looks at them."""
        return []

    def wipe(self, connection: Connection) -> None:
        """See `Engine`: the server's vacuum does so by itself."""

    def number_on(self, connection: Connection, table: str) -> None:
        """See `Engine`."""
        highest = f"(SELECT max(number) FROM {table})"
        connection.execute(f"SELECT setval(pg_get_serial_sequence(?, 'number'), {highest})", (table,))

    def _open(self) -> psycopg.Connection[Any]:
        try:
            import psycopg
        except ImportError as exc:
            cause = "needs a package that is not installed; run pip install '.[postgres]' in the folder of the source"
            raise CatalogueError(str(self), cause) from exc
        try:
            raw = psycopg.connect(autocommit=True, **self._values())
        except psycopg.Error as exc:
            raise self.told(exc) from exc
        with contextlib.ExitStack() as undo:
            undo.callback(raw.close)
            try:
                raw.execute(_SESSION)
                self._make_tables(raw)
            except psycopg.Error as exc:
                raise self.told(exc) from exc
            undo.pop_all()
        return raw

    def _values(self) -> dict[str, Any]:
        from psycopg import ProgrammingError
        from psycopg.conninfo import conninfo_to_dict

        usual = {**_NOTICED, "connect_timeout": _REACHED, "application_name": "communique", "client_encoding": "utf8"}
        try:
            return {**usual, **conninfo_to_dict(self._address.url)}
        except ProgrammingError:  # whose text may repeat the address, and a password in it
            cause = "is no address that PostgreSQL can read; look at what stands behind its question mark"
            raise CatalogueError(str(self), cause) from None

    def _make_tables(self, raw: psycopg.Connection[Any]) -> None:
        """Make the tables where there are none, or bring older ones up to date: all of it, or nothing."""
        tables = self._tables
        if self._version(raw) == tables.version:
            return
        with raw.transaction():
            raw.execute("SELECT pg_advisory_xact_lock(%s)", (_MAKING,))  # two processes may open it at the same moment
            version = self._version(raw)
            if version is None:
                raw.execute(tables.new)
                return
            for following in range(version + 1, tables.version + 1):
                raw.execute(tables.changes[following])
            raw.execute(f"UPDATE {tables.prefix}meta SET value = %s WHERE key = 'schema'", (str(tables.version),))

    def _version(self, raw: psycopg.Connection[Any]) -> int | None:
        """The version of the tables, None where there are none."""
        [(schema,)] = raw.execute("SELECT current_schema()::text").fetchall()
        if schema is None:
            raise CatalogueError(str(self), "lacks the schema that search_path names; make it with CREATE SCHEMA")
        # Not `to_regclass`, whose answer from before the lock may stay in this connection's cache.
        query = "SELECT column_name FROM information_schema.columns WHERE table_schema = %s AND table_name = %s"
        meta, known = f"{self._tables.prefix}meta", self._tables.version
        columns = {name for (name,) in raw.execute(query, (schema, meta))}
        if not columns:
            return None
        query = f"SELECT value FROM {meta} WHERE key = 'schema'"
        row = raw.execute(query).fetchone() if {"key", "value"} <= columns else None
        if row is None:
            raise CatalogueError(str(self), f"holds tables of something else in schema {schema}; {_OUR_OWN}")
        if int(row[0]) > known:
            raise CatalogueError(str(self), f"has schema {row[0]}, this version reads {known}; upgrade communique")
        return int(row[0])


class PostgresConnection:
    """A connection of one thread. See `Connection`; every fault of the database is a CatalogueError.

    `main.` before the name of a table, which is what SQLite calls its file, stands for `prefix`.
    """

    def __init__(
        self, reach: Callable[[], psycopg.Connection[Any]], told: Callable[[Exception], CatalogueError], prefix: str
    ) -> None:
        self._reach = reach
        self._told = told
        self._prefix = prefix
        self._raw = reach()
        self._holding = False

    @property
    def in_transaction(self) -> bool:
        """Whether something was begun; nothing is on a lost connection."""
        from psycopg.pq import TransactionStatus

        return self._raw.info.transaction_status not in {TransactionStatus.IDLE, TransactionStatus.UNKNOWN}

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> Rows:
        """Run one statement; one that changes nothing, outside of a transaction, once more if the connection is lost.

        Raises CatalogueError.
        """
        again = sql.startswith(_AGAIN) and not self.in_transaction and not self._holding
        with self._said_plainly():
            try:
                return self._cursor().execute(self._translated(sql), parameters)
            except _errors():
                if not (again and self._raw.closed):
                    raise
            return self._cursor().execute(self._translated(sql), parameters)

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> None:
        """Run one statement for each of the parameters. Raises CatalogueError."""
        with self._said_plainly():
            self._cursor().executemany(self._translated(sql), parameters)

    def copy(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Put rows into a table by COPY, which sends them in one go. Raises CatalogueError."""
        statement: Any = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
        with self._said_plainly(), self._raw.cursor() as cursor, cursor.copy(statement) as copied:
            for row in rows:
                copied.write_row(row)

    def hold(self, key: int) -> bool:
        """Take the lock `key` if it is free. Until `let_go` a lost connection is an error: the lock went with it."""
        [(taken,)] = self.execute("SELECT pg_try_advisory_lock(?)", (key,))
        self._holding = taken
        return bool(taken)

    def let_go(self, key: int) -> None:
        """Give the lock `key` back."""
        self._holding = False
        if not self._raw.closed:
            self.execute("SELECT pg_advisory_unlock(?)", (key,))

    def close(self) -> None:
        """End the connection; what was begun is rolled back."""
        self._raw.close()

    def _cursor(self) -> psycopg.Cursor[Any]:
        if self._raw.closed and not self._holding:
            self._raw = self._reach()
        return self._raw.cursor(binary=True)

    def _translated(self, sql: str) -> Any:  # noqa: ANN401 - psycopg asks for a literal, lest a value be put into it
        return sql.replace("%", "%%").replace("?", "%s").replace("main.", self._prefix)

    @contextlib.contextmanager
    def _said_plainly(self) -> Iterator[None]:
        try:
            yield
        except _errors() as exc:
            raise self._told(exc) from exc


def _errors() -> type[Exception]:
    from psycopg import Error

    return Error
