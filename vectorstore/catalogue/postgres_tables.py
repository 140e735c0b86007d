"""The catalogue's tables on PostgreSQL, and how older ones are brought up to date.

They are those of `vectorstore.catalogue.sqlite`, and hold the same. What differs is the full text: SQLite has tables
for it, here `words` and `release_words` are kept in step by `retrieval.lexical.postgres_text`, which says how.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

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


# Times are ISO 8601 in UTC, so that text order is time order.
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
"""The catalogue's."""
