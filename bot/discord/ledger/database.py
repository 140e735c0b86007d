"""The ledger's database: a file beside the catalogue, or tables beside it on its server."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.deeds import FileDeeds
from bot.sqlite_tables import LEDGER

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from bot.deeds import Deeds
    from vectorstore.catalogue.engine import Connection

_SET = "INSERT INTO main.meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"


class Database:
    """Kept on a `server` where one is given, else in the file `path`; LedgerError says where that cannot be used."""

    def __init__(self, path: Path, server: Deeds | None = None) -> None:
        self._deeds: Deeds = server or FileDeeds(path, LEDGER)
        self.meta("schema")  # a server that is away is told at the start, as a file of no use is

    def deed(self) -> AbstractContextManager[Connection]:
        """The database for one deed, done whole or not at all."""
        return self._deeds.deed()

    def now(self, connection: Connection) -> datetime:
        """This moment, by the clock that all who share the ledger go by."""
        return self._deeds.now(connection)

    def meta(self, key: str) -> str | None:
        """A value of the ledger's own record, or None."""
        with self.deed() as connection:
            row = connection.execute("SELECT value FROM main.meta WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def set_meta(self, key: str, value: str) -> None:
        """Write a value of the ledger's own record."""
        with self.deed() as connection:
            connection.execute(_SET, (key, value))


def written(moment: datetime) -> str:
    """A moment as the ledger writes it: text order is time order."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
