"""What was taken down, and the marks by which it is known again: ids, addresses, hashes of words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from vectorstore.catalogue.database import Database
from vectorstore.catalogue.rows import marks, read, written
from vectorstore.takedowns import Takedown

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime


class Takedowns(Database):
    """The catalogue's takedowns."""

    def add_takedown(self, release_id: str, moment: datetime, known_by: Iterable[str], *, allowed: bool) -> None:
        """Write down that a release was taken down; `allowed` says that it may come in again all the same."""
        query = (
            "INSERT INTO takedowns VALUES (?, ?, ?) ON CONFLICT (release_id)"
            " DO UPDATE SET moment = excluded.moment, allowed = excluded.allowed"
        )
        self.connection.execute(query, (release_id, written(moment), written(moment) if allowed else None))
        rows = [(mark, release_id) for mark in dict.fromkeys(known_by)]
        self.connection.executemany("INSERT INTO takedown_marks VALUES (?, ?) ON CONFLICT DO NOTHING", rows)

    def add_takedown_marks(self, known_by: Iterable[tuple[str, str]]) -> None:
        """Write down by which marks, each with its release's id, something taken down was met again."""
        self.connection.executemany("INSERT INTO takedown_marks VALUES (?, ?) ON CONFLICT DO NOTHING", known_by)

    def allow_again(self, release_id: str, moment: datetime) -> bool:
        """Let a release come in again; False where it is not kept away."""
        query = "UPDATE takedowns SET allowed = ? WHERE release_id = ? AND allowed IS NULL RETURNING release_id"
        return bool(self.connection.execute(query, (written(moment), release_id)).fetchall())

    def takedowns(self) -> list[Takedown]:
        """Everything that was taken down, the latest first."""
        query = (
            "SELECT release_id, moment, allowed, (SELECT json_group_array(mark) FROM takedown_marks m"
            " WHERE m.release_id = t.release_id AND m.mark LIKE 'http%') FROM takedowns t"
            " ORDER BY moment DESC, release_id"
        )
        return [_takedown(*row) for row in self.connection.execute(query)]

    def kept_away(self) -> dict[str, str]:
        """The release that each mark stands for, of those that may not come in again."""
        query = (
            "SELECT mark, m.release_id FROM takedown_marks m JOIN takedowns t ON t.release_id = m.release_id"
            " WHERE allowed IS NULL"
        )
        return dict(self.connection.execute(query).fetchall())

    def was_taken_down(self, known_by: Collection[str]) -> bool:
        """Whether something with one of these marks was taken down once, also if it may come in again."""
        query = f"SELECT 1 FROM takedown_marks WHERE mark IN ({marks(len(known_by))}) LIMIT 1"
        return self.connection.execute(query, tuple(known_by)).fetchone() is not None

    def addresses_of(self, release_id: str) -> list[str]:
        """Where a release is, and was, read: the addresses of its versions and those that were visited for it."""
        query = (
            "SELECT url FROM versions WHERE release_id = ? AND url IS NOT NULL"
            " UNION SELECT address FROM visits WHERE release_id = ? ORDER BY 1"
        )
        return [address for (address,) in self.connection.execute(query, (release_id, release_id))]


def _takedown(release_id: str, moment: str, allowed: str | None, addresses: str) -> Takedown:
    known = read(moment)
    assert known is not None, "the column is NOT NULL"
    return Takedown(release_id, known, read(allowed), tuple(sorted(json.loads(addresses))))
