"""What the bot writes down: all that it remembers on Discord, and what language models used.

Each lies in a file of its home, or in tables of its own on the server that holds the catalogue; those of both are in
`bot.state.tables`. What people set stands here as well: a guild for itself and its channels, and whoever wants quiet
hours.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.answering.types import Usage
from bot.errors import LedgerAwayError, LedgerError
from bot.state import SET_META
from bot.state.deliveries import Announcements, Claims, Deliveries
from bot.state.following import Digests, Following
from bot.state.questions import Answers, FeedbackLog, Questions
from bot.state.tables import LEDGER, USAGE
from vectorstore.errors import CatalogueAwayError, CatalogueError
from vectorstore.home import create_private, make_private

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from bot.state import Database
    from vectorstore.catalogue import Connection, Engine

_USAGE_PATIENCE = 2  # seconds that a locked file is waited for: a late sum is better than a late answer
_ADD = """
INSERT INTO main.usage AS spent VALUES (?, ?, 1, ?, ?, ?)
ON CONFLICT (day, model) DO UPDATE SET
    replies = spent.replies + 1,
    input_tokens = spent.input_tokens + excluded.input_tokens,
    output_tokens = spent.output_tokens + excluded.output_tokens,
    cost = spent.cost + excluded.cost
"""
_TOTAL = """
SELECT COALESCE(SUM(input_tokens), 0), COALESCE(SUM(output_tokens), 0), COALESCE(SUM(cost), 0)
FROM main.usage WHERE day = ?
"""


class Ledger:
    """All that is remembered, by what it is of; any thread and any process may use it.

    Kept on a `server` where one is given, else in the file `path`. Raises LedgerError where that cannot be used.
    """

    def __init__(self, path: Path, server: Database | None = None) -> None:
        self.database: Database = server or FileDatabase(path, LEDGER)
        self.answers = Answers(self.database)
        self.feedback = FeedbackLog(self.database)
        self.guilds = GuildSettings(self.database)
        self.announcements = Announcements(self.database)
        self.claims = Claims(self.database)
        self.channel_sources = ChannelSources(self.database)
        self.digests = Digests(self.database)
        self.questions = Questions(self.database)
        self.deliveries = Deliveries(self.database)
        self.following = Following(self.database)
        self.quiet = QuietHours(self.database)
        self.meta("schema")  # a server that is away is told at the start, as a file of no use is

    def meta(self, key: str) -> str | None:
        """A value of the ledger's own record, or None."""
        with self.database.transaction() as connection:
            row = connection.execute("SELECT value FROM main.meta WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def set_meta(self, key: str, value: str) -> None:
        """Write a value of the ledger's own record."""
        with self.database.transaction() as connection:
            connection.execute(SET_META, (key, value))


class UsageTable:
    """Sums by day and model, on a `server` where one is given, else in the file `path`. Fits `llm.budget.UsageLog`."""

    def __init__(self, path: Path, server: Database | None = None) -> None:
        self._database: Database = server or FileDatabase(path, USAGE, patience=_USAGE_PATIENCE)

    def add(self, day: date, model: str, usage: Usage) -> None:
        """Count what a reply used. Raises LedgerError where it cannot be written down."""
        row = day.isoformat(), model, usage.input_tokens, usage.output_tokens, usage.cost or 0.0
        with self._database.transaction() as connection:
            connection.execute(_ADD, row)

    def total(self, day: date) -> Usage:
        """What all models used in a day; `cost` is that of replies whose prices were set. Raises LedgerError."""
        with self._database.transaction() as connection:
            [(asked, said, cost)] = connection.execute(_TOTAL, (day.isoformat(),)).fetchall()
        return Usage(int(asked), int(said), float(cost))


_KEEP_TO = (
    "INSERT INTO main.channel_sources (channel, guild, sources) VALUES (?, ?, ?)"
    " ON CONFLICT (channel) DO UPDATE SET guild = excluded.guild, sources = excluded.sources"
)

_DAY = 24 * 60


class GuildSettings:
    """What the people who manage a guild set for it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def opens_threads(self, guild: int) -> bool:
        """Whether a guild wants threads; where it has not said, yes."""
        with self._database.transaction() as connection:
            row = connection.execute("SELECT threads FROM main.guilds WHERE guild = ?", (guild,)).fetchone()
        return bool(row[0]) if row else True

    def set_threads(self, guild: int, wanted: bool) -> None:
        """Remember whether a guild wants threads."""
        query = "INSERT INTO main.guilds VALUES (?, ?) ON CONFLICT (guild) DO UPDATE SET threads = excluded.threads"
        with self._database.transaction() as connection:
            connection.execute(query, (guild, wanted))

    def forget(self, guild: int) -> None:
        """Forget all that a guild set, for its channels too: it has shown the bot out."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM main.subscriptions WHERE guild = ?", (guild,))
            connection.execute("DELETE FROM main.channel_sources WHERE guild = ?", (guild,))
            connection.execute("DELETE FROM main.guilds WHERE guild = ?", (guild,))
            connection.execute("DELETE FROM main.quiet_hours WHERE owner = ?", (guild,))
            connection.execute("DELETE FROM main.digests WHERE guild = ?", (guild,))


class ChannelSources:
    """Names of sources by channel; a channel without an entry has all that its guild has."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep_to(self, channel: int, sources: Sequence[str], *, guild: int) -> None:
        """Keep a channel of a guild to these sources, in place of those before."""
        with self._database.transaction() as connection:
            connection.execute(_KEEP_TO, (channel, guild, json.dumps(list(sources))))

    def release(self, channel: int, *, guild: int) -> bool:
        """Keep a channel of a guild to nothing any more; False where it was not."""
        query = "DELETE FROM main.channel_sources WHERE channel = ? AND guild = ? RETURNING channel"
        with self._database.transaction() as connection:
            return bool(connection.execute(query, (channel, guild)).fetchall())

    def all(self, guild: int | None = None) -> dict[int, tuple[str, ...]]:
        """The sources of each channel that is kept to some, of one guild or of all."""
        query = (
            "SELECT channel, sources FROM main.channel_sources"
            " WHERE CAST(? AS BIGINT) IS NULL OR guild = ? ORDER BY channel"
        )
        with self._database.transaction() as connection:
            rows = connection.execute(query, (guild, guild)).fetchall()
        return {channel: tuple(json.loads(sources)) for channel, sources in rows}


@dataclass(frozen=True, slots=True)
class Quiet:
    """From one time of day to another, in minutes after midnight by the clocks of a zone of the IANA's.

    They may lie on both sides of midnight.
    """

    begins: int
    ends: int
    zone: str

    @staticmethod
    def at(minute: int) -> str:
        """A time of day in digits: `07:00`."""
        return f"{minute // 60:02}:{minute % 60:02}"

    def covers(self, moment: datetime) -> bool:
        """Whether a moment lies within; the last minute does not."""
        local = moment.astimezone(ZoneInfo(self.zone))
        since = (local.hour * 60 + local.minute - self.begins) % _DAY
        return since < (self.ends - self.begins) % _DAY


class QuietHours:
    """Kept by the id of a guild or of a person."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, owner: int) -> Quiet | None:
        """The quiet hours of a guild or a person; None where there are none."""
        query = "SELECT begins, ends, zone FROM main.quiet_hours WHERE owner = ?"
        with self._database.transaction() as connection:
            row = connection.execute(query, (owner,)).fetchone()
        return Quiet(*row) if row else None

    def every(self) -> dict[int, Quiet]:
        """All quiet hours, by whose they are."""
        with self._database.transaction() as connection:
            rows = connection.execute("SELECT owner, begins, ends, zone FROM main.quiet_hours").fetchall()
        return {owner: Quiet(begins, ends, zone) for owner, begins, ends, zone in rows}

    def owners_in(self, moment: datetime) -> frozenset[int]:
        """The guilds and people whose quiet hours cover a moment."""
        return frozenset(owner for owner, quiet in self.every().items() if quiet.covers(moment))

    def set(self, owner: int, quiet: Quiet) -> None:
        """Remember quiet hours, in place of those before."""
        query = (
            "INSERT INTO main.quiet_hours (owner, begins, ends, zone) VALUES (?, ?, ?, ?) ON CONFLICT (owner)"
            " DO UPDATE SET begins = excluded.begins, ends = excluded.ends, zone = excluded.zone"
        )
        with self._database.transaction() as connection:
            connection.execute(query, (owner, quiet.begins, quiet.ends, quiet.zone))

    def forget(self, owner: int) -> bool:
        """Forget quiet hours; False where there were none."""
        with self._database.transaction() as connection:
            query = "DELETE FROM main.quiet_hours WHERE owner = ? RETURNING owner"
            return bool(connection.execute(query, (owner,)).fetchall())


_PATIENCE = 10  # seconds that another thread's transaction is waited for
_CLOCK = "SELECT CAST(extract(epoch FROM clock_timestamp()) AS DOUBLE PRECISION)"


class FileDatabase:
    """Tables in one SQLite file, opened for each transaction: any number of processes may share it.

    `changes[N]` is what version N of the tables added to version N - 1; the file is made, and brought up to date, by
    the next transaction. `patience` is how many seconds another process's transaction is waited for.
    """

    def __init__(self, path: Path, changes: Mapping[int, str], *, patience: float = _PATIENCE) -> None:
        self._path = path
        self._changes = changes
        self._patience = patience

    def __str__(self) -> str:
        return str(self._path)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """See `Database`."""
        try:
            make_private(self._path.parent)
            create_private(self._path)
            connection = sqlite3.connect(self._path, timeout=self._patience, isolation_level=None)
            with contextlib.closing(connection):
                connection.execute("PRAGMA foreign_keys = ON")
                # What is forgotten is not to be read in the file either.
                connection.execute("PRAGMA secure_delete = ON")
                connection.execute("BEGIN IMMEDIATE")
                try:
                    self._bring_up_to_date(connection)
                    yield connection
                except BaseException:
                    if connection.in_transaction:  # SQLite has rolled back by itself where a disk is full
                        connection.execute("ROLLBACK")
                    raise
                connection.execute("COMMIT")
        except (sqlite3.Error, OSError) as exc:
            raise LedgerError(self._path, f"cannot be used ({exc}); make it writable or move it away") from exc

    def now(self, _connection: Connection) -> datetime:
        """This moment by this host's clock, which all who use the file share."""
        return datetime.now(UTC)

    def _bring_up_to_date(self, connection: sqlite3.Connection) -> None:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        known = max(self._changes)
        if version > known:
            raise LedgerError(self._path, f"has schema {version}, this version reads {known}; upgrade communique")
        for following in range(version + 1, known + 1):
            for statement in self._changes[following].split(";\n"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {following}")


class ServerDatabase:
    """The bot's tables on a server, used in one transaction at a time.

    A transaction takes a few milliseconds, so the threads of a process take turns at one connection: one each would be
    a dozen of the hundred that a server grants. It is opened at the first transaction, and again where it was lost.
    """

    def __init__(self, server: Engine) -> None:
        self._server = server
        self._turn = threading.Lock()
        self._connection: Connection | None = None

    def __str__(self) -> str:
        return str(self._server)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Connection]:
        """See `Database`."""
        try:
            with self._taken() as connection:
                connection.execute(self._server.begin_write)
                try:
                    yield connection
                    connection.execute("COMMIT")
                except BaseException:
                    if connection.in_transaction:  # nothing is, where the server went away
                        connection.execute("ROLLBACK")
                    raise
        except CatalogueAwayError as exc:
            raise LedgerAwayError(exc.where, exc.cause) from exc
        except CatalogueError as exc:
            raise LedgerError(exc.where, exc.cause) from exc

    def now(self, connection: Connection) -> datetime:
        """This moment by the server's clock, for those of hosts differ."""
        [(seconds,)] = connection.execute(_CLOCK).fetchall()
        return datetime.fromtimestamp(seconds, UTC)

    def close(self) -> None:
        """Close the connection."""
        with self._turn:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    @contextlib.contextmanager
    def _taken(self) -> Iterator[Connection]:
        if not self._turn.acquire(timeout=_PATIENCE):
            raise LedgerError(str(self._server), f"has not answered for {_PATIENCE} seconds; look at its log and load")
        try:
            self._connection = self._connection or self._server.connect()
            yield self._connection
        finally:
            self._turn.release()
