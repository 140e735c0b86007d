"""The bot's tables: in files of a home, and on PostgreSQL, where they hold the same.

What the bot on Discord remembers, and what language models used.
"""

from __future__ import annotations

from vectorstore.catalogue.postgres_tables import Tables, by_bytes

# Ids of Discord are kept as numbers, times as ISO 8601 in UTC to the microsecond, lists as JSON.
_REMEMBERED = """
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

_CHANNEL_SOURCES = """
CREATE TABLE channel_sources (
    channel INTEGER PRIMARY KEY,
    guild INTEGER NOT NULL,
    sources TEXT NOT NULL
);
"""

_USAGE = """
CREATE TABLE IF NOT EXISTS usage (
    day TEXT NOT NULL,
    model TEXT NOT NULL,
    replies INTEGER NOT NULL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    cost REAL NOT NULL,
    PRIMARY KEY (day, model)
) WITHOUT ROWID;
"""

# What each version added to the one before. The first files of usage said nothing of a version.
LEDGER = {1: _REMEMBERED, 2: _CLAIMS, 3: _CHANNEL_SOURCES}
USAGE = {1: _USAGE}


_SERVER_LEDGER = """
CREATE TABLE bot_answers (
    id TEXT PRIMARY KEY,
    moment TEXT NOT NULL,
    before TEXT,
    index_version BIGINT NOT NULL,
    payload TEXT NOT NULL
);
CREATE INDEX bot_answers_by_moment ON bot_answers (moment);

CREATE TABLE bot_feedback (
    answer TEXT NOT NULL REFERENCES bot_answers (id),
    person BIGINT NOT NULL,
    good BOOLEAN NOT NULL,
    reasons TEXT NOT NULL,
    comment TEXT NOT NULL,
    moment TEXT NOT NULL,
    PRIMARY KEY (answer, person)
);

CREATE TABLE bot_guilds (guild BIGINT PRIMARY KEY, threads BOOLEAN NOT NULL);

CREATE TABLE bot_subscriptions (
    channel BIGINT PRIMARY KEY,
    guild BIGINT NOT NULL,
    publishers TEXT NOT NULL,
    languages TEXT NOT NULL,
    locale TEXT NOT NULL,
    up_to BIGINT NOT NULL,
    holder TEXT,
    held_until DOUBLE PRECISION NOT NULL DEFAULT 0,
    trouble TEXT,
    retry_at DOUBLE PRECISION NOT NULL DEFAULT 0
);

CREATE TABLE bot_announced (
    channel BIGINT NOT NULL,
    event BIGINT NOT NULL,
    release_id TEXT NOT NULL,
    began TEXT NOT NULL,
    message BIGINT,
    finished BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (channel, event)
);
CREATE INDEX bot_announced_releases ON bot_announced (channel, release_id);
"""

_SERVER_USAGE = """
CREATE TABLE bot_usage (
    day TEXT NOT NULL,
    model TEXT NOT NULL,
    replies BIGINT NOT NULL,
    input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    cost DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (day, model)
);
"""

_SERVER_CLAIMS = """
CREATE TABLE bot_claims (
    event BIGINT PRIMARY KEY,
    holder TEXT NOT NULL,
    held_until DOUBLE PRECISION NOT NULL,
    settled BOOLEAN NOT NULL DEFAULT FALSE
);
"""

_SERVER_CHANNEL_SOURCES = """
CREATE TABLE bot_channel_sources (
    channel BIGINT PRIMARY KEY,
    guild BIGINT NOT NULL,
    sources TEXT NOT NULL
);
"""

_SERVER_META = """
CREATE TABLE bot_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO bot_meta VALUES ('schema', '3');
"""

BOT = Tables(
    "bot_",
    3,
    by_bytes(_SERVER_META + _SERVER_LEDGER + _SERVER_USAGE + _SERVER_CLAIMS + _SERVER_CHANNEL_SOURCES),
    changes={2: by_bytes(_SERVER_CLAIMS), 3: by_bytes(_SERVER_CHANNEL_SOURCES)},
)
"""What the bot on Discord remembers, and what language models used."""
