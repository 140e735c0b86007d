"""Ledger: everything that the bot on Discord remembers, in a file beside the catalogue or on the catalogue's server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.state.announcements import Announcements, Claims, GuildSettings
from bot.state.answers import Answers, FeedbackLog
from bot.state.channel_sources import ChannelSources
from bot.state.database import FileDatabase
from bot.state.deliveries import Deliveries
from bot.state.digests import Digests
from bot.state.following import Following
from bot.state.questions import Questions
from bot.state.quiet import QuietHours
from bot.state.tables import LEDGER

if TYPE_CHECKING:
    from pathlib import Path

    from bot.state.database import Database

_SET = "INSERT INTO main.meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"


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
            connection.execute(_SET, (key, value))
