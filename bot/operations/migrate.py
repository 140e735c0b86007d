"""Moves what the bot remembers, with what language models used, from a home to a server or back.

Each of the two is copied in one transaction, so that it is there whole or not at all, and before the store: a migration
that is stopped copies them once more, as they are by then. Once the store is there nothing is written over.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.state import SET_META
from bot.state.ledger import FileDatabase, ServerDatabase
from bot.state.tables import BOT, LEDGER, USAGE
from vectorstore.catalogue import Catalogue
from vectorstore.catalogue.postgres import PostgresServer
from vectorstore.catalogue.sqlite import SqliteFile
from vectorstore.errors import MigrationError
from vectorstore.home import make_usable
from vectorstore.migrate import Count, Moved, Table, holds_a_store, make_room, must_hold_a_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from bot.state import Database
    from vectorstore.catalogue import Connection, Engine, PostgresAddress
    from vectorstore.migrate import Begun

REMEMBERED = (
    Table("main.answers", ("id",), ("moment", "before", "index_version", "payload")),
    Table("main.feedback", ("answer", "person"), ("reasons", "comment", "moment"), truths=("good",)),
    Table("main.guilds", ("guild",), truths=("threads",)),
    Table(
        "main.subscriptions",
        ("channel",),
        (
            "guild",
            "publishers",
            "languages",
            "locale",
            "up_to",
            "holder",
            "held_until",
            "trouble",
            "retry_at",
            "about",
            "role",
        ),
    ),
    Table("main.announced", ("channel", "event"), ("release_id", "began", "message"), truths=("finished",)),
    Table("main.claims", ("event",), ("holder", "held_until"), truths=("settled",)),
    Table("main.channel_sources", ("channel",), ("guild", "sources")),
    Table("main.follows", ("person", "key"), ("topic", "publishers", "languages", "since")),
    Table("main.followers", ("person",), ("locale", "messages")),
    Table(
        "main.matches",
        ("person", "release_id", "key"),
        ("topic", "version", "event", "kind", "first", "last", "moment", "number"),
        truths=("told",),
    ),
    Table("main.matched", ("event",), ("holder", "held_until"), truths=("done",)),
    Table(
        "main.recipients",
        ("recipient",),
        ("holder", "held_until", "trouble", "troubled_since", "failures", "retry_at"),
    ),
    Table("main.deliveries", ("recipient", "key"), ("began", "mark", "message")),
    Table("main.quiet_hours", ("owner",), ("begins", "ends", "zone")),
    Table(
        "main.questions",
        ("id",),
        (
            "question",
            "language",
            "bounds",
            "reason",
            "times",
            "first",
            "last",
            "up_to",
            "held_until",
            "answered",
            "release_id",
            "version",
            "quote_start",
            "quote_end",
        ),
    ),
    Table("main.wishes", ("question", "person"), ("locale", "moment")),
    Table(
        "main.digests",
        ("recipient",),
        (
            "guild",
            "locale",
            "every",
            "hour",
            "zone",
            "publishers",
            "languages",
            "topics",
            "due",
            "up_to",
            "through",
        ),
    ),
)
SPENT = (Table("main.usage", ("day", "model"), ("replies", "input_tokens", "output_tokens", "cost")),)
"""Every table of `bot.state.tables`, each after those that it refers to, but for which commands are registered."""

_RECORD, _USAGE = "discord.sqlite3", "usage.sqlite3"
_OF = "moved_with"  # in the target's record: the identity of the store that it was copied with


@dataclass(frozen=True, slots=True)
class _End:
    """Tables within a transaction. See `vectorstore.migrate.TableStore`."""

    engine: Engine
    connection: Connection


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a bot remembers: the catalogue, its record, and what was used, which may be kept apart."""

    catalogue: Engine
    record: Database
    usage: Database


class RecordMigration:
    """Moves the bot's record in `home` to the database, or the other way with `back`. See `Migration`."""

    part = "record"

    def __init__(self, home: Path, database: PostgresAddress, *, back: bool) -> None:
        self._home = home
        self._database = database
        self._back = back

    def run(self, progress: Callable[[int, int], None] | None = None) -> Moved:
        """Copy all of it, and count at both ends. The source is only read.

        Raises MigrationError where there is a store already, or a record that was not copied from here; LedgerError,
        CatalogueError, StoreHomeError.
        """
        del progress  # there are some thousand rows
        if self._back:
            make_usable(self._home)
        else:
            must_hold_a_store(self._home)
        with contextlib.closing(ServerDatabase(PostgresServer(self._database, BOT))) as server:
            if not self._back and not any((self._home / name).is_file() for name in (_RECORD, _USAGE)):
                return Moved(self.part, str(self._home / _RECORD), str(server), "anew", ())
            remote = _Place(PostgresServer(self._database), server, server)
            home = _Place(SqliteFile(self._home / "catalogue.sqlite3"), self._file(_RECORD), self._file(_USAGE))
            return self._move(remote, home) if self._back else self._move(home, remote)

    def _file(self, name: str) -> FileDatabase:
        return FileDatabase(self._home / name, LEDGER if name == _RECORD else USAGE)

    def _move(self, source: _Place, target: _Place) -> Moved:
        of, begun = _identity(source), self._begun(source, target)
        counts = [*self._copied(source, source.record, target.record, REMEMBERED, {_OF: of})]
        counts += self._copied(source, source.usage, target.usage, SPENT, {})
        return Moved(self.part, str(source.record), str(target.record), begun, tuple(counts))

    def _begun(self, source: _Place, target: _Place) -> Begun:
        """How it begins; refuses to write over what is there."""
        with contextlib.closing(Catalogue(target.catalogue)) as catalogue:
            if holds_a_store(catalogue):
                raise MigrationError(target.catalogue, f"holds a store already; {make_room(catalogue, self._home)}")
            if self._is_empty(target, target.record, REMEMBERED) and self._is_empty(target, target.usage, SPENT):
                return "anew"
            with target.record.transaction() as connection:
                row = connection.execute("SELECT value FROM main.meta WHERE key = ?", (_OF,)).fetchone()
            if row is None or row[0] != _identity(source):
                cause = f"holds what a bot remembers already; {make_room(catalogue, self._home)}"
                raise MigrationError(target.record, cause)
        return "resumed"

    @staticmethod
    def _is_empty(place: _Place, database: Database, tables: Sequence[Table]) -> bool:
        with database.transaction() as connection:
            return all(table.is_empty(_End(place.catalogue, connection)) for table in tables)

    @staticmethod
    def _copied(
        place: _Place, source: Database, target: Database, tables: Sequence[Table], notes: Mapping[str, str]
    ) -> Iterator[Count]:
        """Copy tables, in place of what a run before this one copied."""
        with source.transaction() as read, target.transaction() as write:
            here, there = _End(place.catalogue, read), _End(place.catalogue, write)
            for table in reversed(tables):
                table.clear(there)
            for table in tables:
                for page in table.pages(here):
                    table.put(there, page)
            for note in notes.items():
                write.execute(SET_META, note)
            counts = [Count(one.name.removeprefix("main."), one.count(here), one.count(there)) for one in tables]
        yield from counts


def _identity(place: _Place) -> str:
    with contextlib.closing(Catalogue(place.catalogue)) as catalogue:
        return catalogue.meta("identity") or ""
