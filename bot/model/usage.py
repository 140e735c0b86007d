"""What language models used, by day, in a small file that all processes of one home share."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

from bot.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PATIENCE = 2  # seconds that a locked file is waited for: a sum that comes late is better than an answer that does
_TABLE = """
CREATE TABLE IF NOT EXISTS usage (
    day TEXT NOT NULL,
    model TEXT NOT NULL,
    replies INTEGER NOT NULL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    cost REAL NOT NULL,
    PRIMARY KEY (day, model)
) WITHOUT ROWID
"""


class UsageFile:
    """One SQLite file, made at the first deed."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextlib.contextmanager
    def deed(self) -> Iterator[sqlite3.Connection]:
        """The file for one deed, done whole or not at all, and closed again: nothing is held between replies."""
        try:
            connection = sqlite3.connect(self._path, timeout=_PATIENCE, isolation_level=None)
            with contextlib.closing(connection):
                with contextlib.suppress(sqlite3.OperationalError):  # locked: another process is doing the same
                    connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("BEGIN IMMEDIATE")
                try:
                    connection.execute(_TABLE)
                    yield connection
                except BaseException:
                    connection.execute("ROLLBACK")
                    raise
                connection.execute("COMMIT")
        except (sqlite3.Error, OSError) as exc:
            raise LedgerError(self._path, f"cannot be used ({exc}); make it writable or move it away") from exc
