"""Twins, corrections, the translations that pages name, and what happened to releases in its order."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vectorstore.catalogue.releases import limited, read, written
from vectorstore.types import Correction, Event, Outline, Relations, Twin

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from vectorstore.catalogue import Catalogue
    from vectorstore.types import Kind

_BEYOND = 2**62  # no event has a number as high
_TWINS = (
    "INSERT INTO twins VALUES (?, ?, ?, ?) "
    "ON CONFLICT (first, second) DO UPDATE SET reason = excluded.reason, score = excluded.score"
)


@dataclass(eq=False)
class RelationTable:
    """How the catalogue's releases belong together."""

    _db: Catalogue

    def of(self, release_id: str) -> Relations:
        """What one release belongs together with."""
        twins = self._db.connection.execute(
            "SELECT first, second, reason, score FROM twins WHERE ? IN (first, second) ORDER BY first, second",
            (release_id,),
        )
        corrects = self._db.connection.execute("SELECT corrects FROM corrections WHERE release_id = ?", (release_id,))
        corrected = self._db.connection.execute(
            "SELECT release_id FROM corrections WHERE corrects = ? ORDER BY release_id", (release_id,)
        )
        row = corrects.fetchone()
        return Relations(
            twins=tuple(Twin(*found) for found in twins),
            corrects=row[0] if row else None,
            corrected_by=tuple(found for (found,) in corrected),
        )

    def twins(self) -> list[Twin]:
        """All joins, in the order of their ids."""
        rows = self._db.connection.execute("SELECT first, second, reason, score FROM twins ORDER BY first, second")
        return [Twin(*row) for row in rows]

    def outlines(self) -> list[Outline]:
        """Every release in its current version without its text, in the order of their ids."""
        query = (
            "SELECT release_id, language, title, published, publisher, url, pair, "
            "(SELECT json_group_array(address) FROM translations t WHERE t.release_id = v.release_id) "
            "FROM versions v WHERE current ORDER BY release_id"
        )
        return [
            Outline(identity, language, title, read(published), publisher, url, pair, tuple(sorted(json.loads(named))))
            for identity, language, title, published, publisher, url, pair, named in self._db.connection.execute(query)
        ]

    def set_corrections(self, corrections: Iterable[Correction]) -> None:
        """Put these in place of all the corrections there were."""
        self._db.connection.execute("DELETE FROM corrections")
        rows = [(correction.release_id, correction.corrects) for correction in corrections]
        self._db.connection.executemany("INSERT INTO corrections VALUES (?, ?)", rows)

    def set_twins(self, twins: Iterable[Twin], of: Collection[str]) -> None:
        """Put these in place of the joins of the releases `of` and of all that are stated; say which are one."""
        self._db.connection.execute("DELETE FROM twins WHERE reason <> 'content'")
        rows = [(release_id,) for release_id in of]
        self._db.connection.executemany("DELETE FROM twins WHERE first = ?", rows)
        self._db.connection.executemany("DELETE FROM twins WHERE second = ?", rows)
        found = [(join.first, join.second, join.reason, join.score) for join in twins]
        self._db.connection.executemany(_TWINS, found)
        self._join()

    def _join(self) -> None:
        """Name each group of twins after the first of its releases."""
        names: dict[str, str] = {}
        groups: dict[str, list[str]] = {}
        for first, second in self._db.connection.execute("SELECT first, second FROM twins ORDER BY first, second"):
            one, other = names.setdefault(first, first), names.setdefault(second, second)
            kept, gone = min(one, other), max(one, other)
            members = groups.setdefault(kept, [kept])
            if kept != gone:
                members += groups.pop(gone, [gone])
                names.update(dict.fromkeys(members, kept))
        self._db.connection.execute("DELETE FROM joined")
        self._db.connection.executemany("INSERT INTO joined VALUES (?, ?)", sorted(names.items()))


@dataclass(eq=False)
class EventTable:
    """The catalogue's events."""

    _db: Catalogue

    def add(self, kind: Kind, release_id: str, version: int, moment: datetime) -> None:
        """Write down what happened; call it in the transaction that makes it happen."""
        self.add_all([(kind, release_id, version)], moment)

    def add_all(self, events: Iterable[tuple[Kind, str, int]], moment: datetime) -> None:
        """Write down what happened at one moment, each with its release and the version of that, in order."""
        rows = ((*event, written(moment)) for event in events)
        columns = ("kind", "release_id", "version", "moment")
        self._db.engine.insert(self._db.connection, "events", columns, rows)

    def after(self, after: int, limit: int | None) -> list[Event]:
        """The events with a number above `after`, oldest first."""
        query = "SELECT number, kind, release_id, version, moment FROM events WHERE number > ? ORDER BY number LIMIT ?"
        rows = self._db.connection.execute(query, (after, limited(limit)))
        return [Event(number, kind, release, version, _moment(text)) for number, kind, release, version, text in rows]

    def changes(self, limit: int, before: int | None) -> list[Event]:
        """The last events that are no new releases, latest first; of those with a number below `before`, if given."""
        query = (
            "SELECT number, kind, release_id, version, moment FROM events "
            "WHERE kind <> 'new' AND number < ? ORDER BY number DESC LIMIT ?"
        )
        rows = self._db.connection.execute(query, (_BEYOND if before is None else before, limit))
        return [Event(number, kind, release, version, _moment(text)) for number, kind, release, version, text in rows]

    def last(self) -> int:
        """The number of the last event, 0 where nothing happened yet."""
        row = self._db.connection.execute("SELECT max(number) FROM events").fetchone()
        return int(row[0] or 0)

    def touched_since(self, after: int) -> list[str]:
        """The ids of the releases that something happened to after event number `after`."""
        query = "SELECT DISTINCT release_id FROM events WHERE number > ? ORDER BY release_id"
        return [release_id for (release_id,) in self._db.connection.execute(query, (after,))]


def _moment(text: str) -> datetime:
    moment = read(text)
    assert moment is not None, "the column is NOT NULL"
    return moment
