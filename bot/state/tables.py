"""The bot's tables: in files of a home, and on PostgreSQL, where they hold the same.

What the bot on Discord remembers, and what language models used.
"""

from __future__ import annotations

from vectorstore.catalogue.postgres import Tables, by_bytes

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

# Topics that people and channels follow, what is sent to whom, and quiet hours.
_FOLLOWING = """
CREATE TABLE follows (
    person INTEGER NOT NULL,
    key TEXT NOT NULL,
    topic TEXT NOT NULL,
    publishers TEXT NOT NULL,
    languages TEXT NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (person, key)
) WITHOUT ROWID;
CREATE TABLE followers (person INTEGER PRIMARY KEY, locale TEXT NOT NULL, messages INTEGER NOT NULL DEFAULT 0);

CREATE TABLE matches (
    person INTEGER NOT NULL,
    release_id TEXT NOT NULL,
    key TEXT NOT NULL,
    topic TEXT NOT NULL,
    version INTEGER NOT NULL,
    event INTEGER NOT NULL,
    kind TEXT NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    moment TEXT NOT NULL,
    number INTEGER,
    told INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (person, release_id, key)
) WITHOUT ROWID;
CREATE INDEX matches_of_release ON matches (release_id);
CREATE TABLE matched (
    event INTEGER PRIMARY KEY,
    holder TEXT,
    held_until REAL NOT NULL,
    done INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE recipients (
    recipient INTEGER PRIMARY KEY,
    holder TEXT,
    held_until REAL NOT NULL DEFAULT 0,
    trouble TEXT,
    troubled_since TEXT,
    failures INTEGER NOT NULL DEFAULT 0,
    retry_at REAL NOT NULL DEFAULT 0
);
CREATE TABLE deliveries (
    recipient INTEGER NOT NULL,
    key TEXT NOT NULL,
    began TEXT NOT NULL,
    mark TEXT NOT NULL,
    message INTEGER,
    PRIMARY KEY (recipient, key)
) WITHOUT ROWID;

CREATE TABLE quiet_hours (
    owner INTEGER PRIMARY KEY,
    begins INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    zone TEXT NOT NULL
);

ALTER TABLE subscriptions ADD COLUMN about TEXT NOT NULL DEFAULT '[]';
ALTER TABLE subscriptions ADD COLUMN role INTEGER;
"""

_QUESTIONS = """
CREATE TABLE questions (
    id TEXT PRIMARY KEY,
    question TEXT NOT NULL,
    language TEXT NOT NULL,
    bounds TEXT NOT NULL,
    reason TEXT NOT NULL,
    times INTEGER NOT NULL,
    first TEXT NOT NULL,
    last TEXT NOT NULL,
    up_to INTEGER NOT NULL,
    held_until REAL NOT NULL DEFAULT 0,
    answered TEXT,
    release_id TEXT,
    version INTEGER,
    quote_start INTEGER,
    quote_end INTEGER
) WITHOUT ROWID;
CREATE INDEX questions_by_last ON questions (last);
CREATE TABLE wishes (
    question TEXT NOT NULL,
    person INTEGER NOT NULL,
    locale TEXT NOT NULL,
    moment TEXT NOT NULL,
    PRIMARY KEY (question, person)
) WITHOUT ROWID;

CREATE TABLE digests (
    recipient INTEGER PRIMARY KEY,
    guild INTEGER,
    locale TEXT NOT NULL,
    every TEXT NOT NULL,
    hour INTEGER NOT NULL,
    zone TEXT NOT NULL,
    publishers TEXT NOT NULL,
    languages TEXT NOT NULL,
    topics TEXT NOT NULL,
    due REAL NOT NULL,
    up_to INTEGER NOT NULL,
    through INTEGER
);
"""

# What each version added to the one before. The first files of usage said nothing of a version.
LEDGER = {1: _REMEMBERED, 2: _CLAIMS, 3: _CHANNEL_SOURCES, 4: _FOLLOWING, 5: _QUESTIONS}
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

_SERVER_FOLLOWING = """
CREATE TABLE bot_follows (
    person BIGINT NOT NULL,
    key TEXT NOT NULL,
    topic TEXT NOT NULL,
    publishers TEXT NOT NULL,
    languages TEXT NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (person, key)
);
CREATE TABLE bot_followers (person BIGINT PRIMARY KEY, locale TEXT NOT NULL, messages BIGINT NOT NULL DEFAULT 0);

CREATE TABLE bot_matches (
    person BIGINT NOT NULL,
    release_id TEXT NOT NULL,
    key TEXT NOT NULL,
    topic TEXT NOT NULL,
    version BIGINT NOT NULL,
    event BIGINT NOT NULL,
    kind TEXT NOT NULL,
    first BIGINT NOT NULL,
    last BIGINT NOT NULL,
    moment TEXT NOT NULL,
    number BIGINT,
    told BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (person, release_id, key)
);
CREATE INDEX bot_matches_of_release ON bot_matches (release_id);
CREATE TABLE bot_matched (
    event BIGINT PRIMARY KEY,
    holder TEXT,
    held_until DOUBLE PRECISION NOT NULL,
    done BOOLEAN NOT NULL DEFAULT FALSE
);

CREATE TABLE bot_recipients (
    recipient BIGINT PRIMARY KEY,
    holder TEXT,
    held_until DOUBLE PRECISION NOT NULL DEFAULT 0,
    trouble TEXT,
    troubled_since TEXT,
    failures BIGINT NOT NULL DEFAULT 0,
    retry_at DOUBLE PRECISION NOT NULL DEFAULT 0
);
CREATE TABLE bot_deliveries (
    recipient BIGINT NOT NULL,
    key TEXT NOT NULL,
    began TEXT NOT NULL,
    mark TEXT NOT NULL,
    message BIGINT,
    PRIMARY KEY (recipient, key)
);

CREATE TABLE bot_quiet_hours (
    owner BIGINT PRIMARY KEY,
    begins BIGINT NOT NULL,
    ends BIGINT NOT NULL,
    zone TEXT NOT NULL
);

ALTER TABLE bot_subscriptions ADD COLUMN about TEXT NOT NULL DEFAULT '[]';
ALTER TABLE bot_subscriptions ADD COLUMN role BIGINT;
"""

_SERVER_QUESTIONS = """
CREATE TABLE bot_questions (
    id TEXT PRIMARY KEY,
    question TEXT NOT NULL,
    language TEXT NOT NULL,
    bounds TEXT NOT NULL,
    reason TEXT NOT NULL,
    times BIGINT NOT NULL,
    first TEXT NOT NULL,
    last TEXT NOT NULL,
    up_to BIGINT NOT NULL,
    held_until DOUBLE PRECISION NOT NULL DEFAULT 0,
    answered TEXT,
    release_id TEXT,
    version BIGINT,
    quote_start BIGINT,
    quote_end BIGINT
);
CREATE INDEX bot_questions_by_last ON bot_questions (last);
CREATE TABLE bot_wishes (
    question TEXT NOT NULL,
    person BIGINT NOT NULL,
    locale TEXT NOT NULL,
    moment TEXT NOT NULL,
    PRIMARY KEY (question, person)
);

CREATE TABLE bot_digests (
    recipient BIGINT PRIMARY KEY,
    guild BIGINT,
    locale TEXT NOT NULL,
    every TEXT NOT NULL,
    hour BIGINT NOT NULL,
    zone TEXT NOT NULL,
    publishers TEXT NOT NULL,
    languages TEXT NOT NULL,
    topics TEXT NOT NULL,
    due DOUBLE PRECISION NOT NULL,
    up_to BIGINT NOT NULL,
    through BIGINT
);
"""

_SERVER_META = """
CREATE TABLE bot_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO bot_meta VALUES ('schema', '5');
"""

BOT = Tables(
    "bot_",
    5,
    by_bytes(
        _SERVER_META
        + _SERVER_LEDGER
        + _SERVER_USAGE
        + _SERVER_CLAIMS
        + _SERVER_CHANNEL_SOURCES
        + _SERVER_FOLLOWING
        + _SERVER_QUESTIONS
    ),
    changes={
        2: by_bytes(_SERVER_CLAIMS),
        3: by_bytes(_SERVER_CHANNEL_SOURCES),
        4: by_bytes(_SERVER_FOLLOWING),
        5: by_bytes(_SERVER_QUESTIONS),
    },
)
"""What the bot on Discord remembers, and what language models used."""
