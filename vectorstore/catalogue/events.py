"""What happened to releases, in the order in which it did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vectorstore.catalogue.database import Database
from vectorstore.catalogue.rows import limited, read, written
from vectorstore.events import Event

if TYPE_CHECKING:
    from datetime import datetime

    from vectorstore.events import Kind


class Events(Database):
    """The catalogue's events."""

    def add_event(self, kind: Kind, release_id: str, version: int, moment: datetime) -> None:
        """Write down what happened; call it in the transaction that makes it happen."""
        query = "INSERT INTO events (kind, release_id, version, moment) VALUES (?, ?, ?, ?)"
        self.connection.execute(query, (kind, release_id, version, written(moment)))

    def events(self, after: int, limit: int | None) -> list[Event]:
        """The events with a number above `after`, oldest first."""
        query = "SELECT number, kind, release_id, version, moment FROM events WHERE number > ? ORDER BY number LIMIT ?"
        rows = self.connection.execute(query, (after, limited(limit)))
        return [Event(number, kind, release, version, _moment(text)) for number, kind, release, version, text in rows]

    def last_event(self) -> int:
        """The number of the last event, 0 where nothing happened yet."""
        row = self.connection.execute("SELECT max(number) FROM events").fetchone()
        return int(row[0] or 0)

    def touched_since(self, after: int) -> list[str]:
        """The ids of the releases that something happened to after event number `after`."""
        query = "SELECT DISTINCT release_id FROM events WHERE number > ? ORDER BY release_id"
        return [release_id for (release_id,) in self.connection.execute(query, (after,))]


def _moment(text: str) -> datetime:
    moment = read(text)
    assert moment is not None, "the column is NOT NULL"
    return moment
