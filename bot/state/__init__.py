"""What the bot remembers, on SQLite or PostgreSQL; `Database` is how either is used, and `tables.py` has its tables."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from datetime import datetime

    from vectorstore.catalogue import Connection


class Database(Protocol):
    """Tables that are used in one transaction at a time."""

    def transaction(self) -> AbstractContextManager[Connection]:
        """A connection for one transaction, committed at the end of the block or rolled back. Raises LedgerError."""
        ...

    def now(self, connection: Connection) -> datetime:
        """This moment, by the clock that all who share the tables go by."""
        ...


def written(moment: datetime) -> str:
    """A moment as the tables hold it: text order is time order."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


SET_META = "INSERT INTO main.meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
"""Writes a value of the ledger's own record."""
