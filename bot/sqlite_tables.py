"""The bot's tables in files of a home: what the bot on Discord remembers, and what language models used."""

from __future__ import annotations

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
LEDGER = {1: _REMEMBERED, 2: _CLAIMS}
USAGE = {1: _USAGE}
