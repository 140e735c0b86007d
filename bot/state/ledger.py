"""What the bot writes down: all that it remembers on Discord, and what language models used.

Each lies in a file of the home, or on the server that holds the catalogue.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.answering.types import Usage
from bot.state.announcements import Announcements
from bot.state.answers import Answers, FeedbackLog
from bot.state.database import FileDatabase
from bot.state.deliveries import Claims, Deliveries
from bot.state.digests import Digests
from bot.state.following import Following
from bot.state.preferences import ChannelSources, GuildSettings, QuietHours
from bot.state.questions import Questions
from bot.state.tables import LEDGER, USAGE

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from bot.state.database import Database

_SET = "INSERT INTO main.meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"

_PATIENCE = 2  # seconds that a locked file is waited for: a sum that comes late is better than an answer that does
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
            connection.execute(_SET, (key, value))


class UsageTable:
    """Sums by day and model, on a `server` where one is given, else in the file `path`. Fits `llm.budget.UsageLog`."""

    def __init__(self, path: Path, server: Database | None = None) -> None:
        self._database: Database = server or FileDatabase(path, USAGE, patience=_PATIENCE)

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
