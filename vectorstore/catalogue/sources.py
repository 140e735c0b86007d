"""Sources, how they fare, the addresses that were read, and what was taken down."""

from __future__ import annotations

import json
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from vectorstore.catalogue.releases import filter_clause, in_batches, marks, read, written
from vectorstore.types import Doubted, SourceHealth, Takedown, Visit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from vectorstore.catalogue import Catalogue
    from vectorstore.types import Filter

_VISIT = "address, source, checked, release_id, content, lastmod, published, missing_since, listed"
_DOUBTED = "address, source, title, text, cause, since, seen, release_id"
_HEALTH = "location, name, last_run, outcome, last_success, failures, error, next_run, kind"


@dataclass(eq=False)
class SourceTable:
    """What the catalogue knows of the web."""

    _db: Catalogue

    def visit(self, address: str) -> Visit | None:
        """What came of the last look at an address, or None."""
        rows = self._db.connection.execute(f"SELECT {_VISIT} FROM visits WHERE address = ?", (address,)).fetchall()
        return _visit(rows[0]) if rows else None

    def visits(self, source: str) -> list[Visit]:
        """The addresses that a source has named."""
        rows = self._db.connection.execute(f"SELECT {_VISIT} FROM visits WHERE source = ? ORDER BY address", (source,))
        return [_visit(row) for row in rows]

    def set_visits(self, visits: Iterable[Visit]) -> None:
        """Put these in place of what was known of their addresses."""
        self._write("visits", "address", _VISIT, [_row(astuple(visit)) for visit in visits])

    def doubted(self) -> list[Doubted]:
        """The pages that are kept aside, by address."""
        rows = self._db.connection.execute(f"SELECT {_DOUBTED} FROM doubted ORDER BY address")
        return [_doubted(row) for row in rows]

    def set_doubted(self, pages: Iterable[Doubted]) -> None:
        """Keep these pages aside, each in place of what was kept aside of its address."""
        self._write("doubted", "address", _DOUBTED, [_row(astuple(page)) for page in pages])

    def drop_doubted(self, addresses: Iterable[str]) -> None:
        """Forget the pages that were kept aside of these addresses."""
        self._db.connection.executemany("DELETE FROM doubted WHERE address = ?", [(one,) for one in addresses])

    def health(self) -> list[SourceHealth]:
        """How each source fared, by location."""
        rows = self._db.connection.execute(f"SELECT {_HEALTH} FROM sources ORDER BY location")
        return [_health(row) for row in rows]

    def set_health(self, health: SourceHealth) -> None:
        """Write down how a source fared."""
        self._write("sources", "location", _HEALTH, [_row(astuple(health))])

    def unplaced(self, release_ids: Collection[str]) -> set[str]:
        """Which of some current releases were read on the web, and no source is known to have named them yet."""
        found: set[str] = set()
        for some in in_batches(release_ids):
            among = f"release_id IN ({marks(len(some))})"
            query = (
                f"SELECT release_id FROM versions WHERE current AND {among} AND lower(source) LIKE 'http%'"
                f" AND release_id NOT IN (SELECT release_id FROM visits WHERE {among})"
            )
            found |= {identity for (identity,) in self._db.connection.execute(query, (*some, *some))}
        return found

    def count_of_source(self, locations: Sequence[str], where: Filter) -> int:
        """How many current releases were read at an address that one of these named, or in a file that lies there.

        Only those count that a filter lets through.
        """
        clause, inside = filter_clause(where)
        read_there = f"release_id IN (SELECT release_id FROM visits WHERE source IN ({marks(len(locations))}))"
        below = " OR ".join("source = ? OR substr(source, 1, length(?) + 1) IN (?, ?)" for _ in locations)
        values = [value for one in locations for value in (one, one, f"{one}/", f"{one}:")]
        query = f"SELECT count(*) FROM versions v WHERE current AND ({read_there} OR {below}) AND {clause}"
        return int(self._db.connection.execute(query, (*locations, *values, *inside)).fetchone()[0])

    def forget_source(self, location: str) -> bool:
        """Forget how a source fared, and that it is paused; False where nothing is known of it."""
        gone = [
            self._db.connection.execute(
                f"DELETE FROM {table} WHERE location = ? RETURNING location", (location,)
            ).fetchall()
            for table in ("sources", "paused")
        ]
        return any(gone)

    def rename_source(self, location: str, to: str) -> None:
        """Take two spellings of a source for one: what is known under the first goes on under the other.

        Where something is known of both, what ran last holds.
        """
        self._db.connection.execute("UPDATE visits SET source = ? WHERE source = ?", (to, location))
        self._db.connection.execute(
            "DELETE FROM sources WHERE location IN (?, ?) AND last_run <"
            " (SELECT max(last_run) FROM sources WHERE location IN (?, ?))",
            (location, to, location, to),
        )
        self._db.connection.execute(
            "DELETE FROM sources WHERE location = ? AND EXISTS (SELECT 1 FROM sources WHERE location = ?)",
            (location, to),
        )
        self._db.connection.execute("UPDATE sources SET location = ? WHERE location = ?", (to, location))

    def pause(self, location: str, moment: datetime) -> bool:
        """Let a source be left out until `resume`; False where it is already."""
        query = "INSERT INTO paused VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING location"
        return bool(self._db.connection.execute(query, (location, written(moment))).fetchall())

    def resume(self, location: str) -> bool:
        """Take a source in again; False where it was not left out."""
        query = "DELETE FROM paused WHERE location = ? RETURNING location"
        return bool(self._db.connection.execute(query, (location,)).fetchall())

    def paused(self) -> dict[str, datetime]:
        """The sources that are left out, each with since when."""
        rows = self._db.connection.execute("SELECT location, moment FROM paused ORDER BY location")
        return {location: datetime.fromisoformat(moment) for location, moment in rows}

    def set_next_run(self, location: str, moment: datetime) -> None:
        """Write down when a source is looked at next."""
        self._db.connection.execute("UPDATE sources SET next_run = ? WHERE location = ?", (written(moment), location))

    def _write(self, table: str, key: str, columns: str, rows: list[tuple[object, ...]]) -> None:
        names = columns.split(", ")
        changes = ", ".join(f"{name} = excluded.{name}" for name in names)
        self._db.connection.executemany(
            f"INSERT INTO {table} ({columns}) VALUES ({marks(len(names))}) ON CONFLICT ({key}) DO UPDATE SET {changes}",
            rows,
        )


def _row(values: tuple[object, ...]) -> tuple[object, ...]:
    return tuple(written(value) if isinstance(value, datetime) else value for value in values)


def _visit(row: Sequence[object]) -> Visit:
    fields = dict(zip(Visit.__slots__, row, strict=True))
    for name in ("checked", "published", "missing_since"):
        fields[name] = read(fields[name])  # type: ignore[arg-type]
    fields["listed"] = bool(fields["listed"])
    return Visit(**fields)  # type: ignore[arg-type]


def _doubted(row: Sequence[object]) -> Doubted:
    fields = dict(zip(Doubted.__slots__, row, strict=True))
    for name in ("since", "seen"):
        fields[name] = read(fields[name])  # type: ignore[arg-type]
    return Doubted(**fields)  # type: ignore[arg-type]


def _health(row: Sequence[object]) -> SourceHealth:
    fields = dict(zip(SourceHealth.__slots__, row, strict=True))
    for name in ("last_run", "last_success", "next_run"):
        fields[name] = read(fields[name])  # type: ignore[arg-type]
    return SourceHealth(**fields)  # type: ignore[arg-type]


@dataclass(eq=False)
class TakedownTable:
    """The catalogue's takedowns."""

    _db: Catalogue

    def add(self, release_id: str, moment: datetime, known_by: Iterable[str], *, allowed: bool) -> None:
        """Write down that a release was taken down; `allowed` says that it may come in again all the same."""
        query = (
            "INSERT INTO takedowns VALUES (?, ?, ?) ON CONFLICT (release_id)"
            " DO UPDATE SET moment = excluded.moment, allowed = excluded.allowed"
        )
        self._db.connection.execute(query, (release_id, written(moment), written(moment) if allowed else None))
        rows = [(mark, release_id) for mark in dict.fromkeys(known_by)]
        self._db.connection.executemany("INSERT INTO takedown_marks VALUES (?, ?) ON CONFLICT DO NOTHING", rows)

    def add_marks(self, known_by: Iterable[tuple[str, str]]) -> None:
        """Write down by which marks, each with its release's id, something taken down was met again."""
        self._db.connection.executemany("INSERT INTO takedown_marks VALUES (?, ?) ON CONFLICT DO NOTHING", known_by)

    def allow_again(self, release_id: str, moment: datetime) -> bool:
        """Let a release come in again; False where it is not kept away."""
        query = "UPDATE takedowns SET allowed = ? WHERE release_id = ? AND allowed IS NULL RETURNING release_id"
        return bool(self._db.connection.execute(query, (written(moment), release_id)).fetchall())

    def all(self) -> list[Takedown]:
        """Everything that was taken down, the latest first."""
        query = (
            "SELECT release_id, moment, allowed, (SELECT json_group_array(mark) FROM takedown_marks m"
            " WHERE m.release_id = t.release_id AND m.mark LIKE 'http%') FROM takedowns t"
            " ORDER BY moment DESC, release_id"
        )
        return [_takedown(*row) for row in self._db.connection.execute(query)]

    def kept_away(self) -> dict[str, str]:
        """The release that each mark stands for, of those that may not come in again."""
        query = (
            "SELECT mark, m.release_id FROM takedown_marks m JOIN takedowns t ON t.release_id = m.release_id"
            " WHERE allowed IS NULL"
        )
        return dict(self._db.connection.execute(query).fetchall())

    def taken_down(self, known_by: Collection[str]) -> set[str]:
        """The marks among these of what was taken down once, also if it may come in again."""
        found: set[str] = set()
        for some in in_batches(known_by):
            query = f"SELECT mark FROM takedown_marks WHERE mark IN ({marks(len(some))})"
            found |= {mark for (mark,) in self._db.connection.execute(query, some)}
        return found

    def addresses_of(self, release_id: str) -> list[str]:
        """Where a release is, and was, read: the addresses of its versions and those that were visited for it."""
        query = (
            "SELECT url FROM versions WHERE release_id = ? AND url IS NOT NULL"
            " UNION SELECT address FROM visits WHERE release_id = ? ORDER BY 1"
        )
        return [address for (address,) in self._db.connection.execute(query, (release_id, release_id))]


def _takedown(release_id: str, moment: str, allowed: str | None, addresses: str) -> Takedown:
    known = read(moment)
    assert known is not None, "the column is NOT NULL"
    return Takedown(release_id, known, read(allowed), tuple(sorted(json.loads(addresses))))
