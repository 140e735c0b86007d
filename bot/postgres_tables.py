"""The bot's tables on PostgreSQL: those of `bot.sqlite_tables`, which hold the same."""

from __future__ import annotations

from vectorstore.catalogue.postgres_tables import Tables, by_bytes

_LEDGER = """
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

_USAGE = """
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

_CLAIMS = """
CREATE TABLE bot_claims (
    event BIGINT PRIMARY KEY,
    holder TEXT NOT NULL,
    held_until DOUBLE PRECISION NOT NULL,
    settled BOOLEAN NOT NULL DEFAULT FALSE
);
"""

_META = """
CREATE TABLE bot_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO bot_meta VALUES ('schema', '2');
"""

BOT = Tables("bot_", 2, by_bytes(_META + _LEDGER + _USAGE + _CLAIMS), changes={2: by_bytes(_CLAIMS)})
"""What the bot on Discord remembers, and what language models used."""
