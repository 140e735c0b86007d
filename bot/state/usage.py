"""What language models used in a day, written down for all processes of one home, or of one catalogue on a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.answering.types import Usage
from bot.state.database import FileDatabase
from bot.state.tables import USAGE

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from bot.state.database import Database

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
