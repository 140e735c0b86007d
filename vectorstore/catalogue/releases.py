"""Releases with every version, and what happened to them; how both, filters and times are written in SQL, and read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from vectorstore.types import Event, StoredRelease

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from vectorstore.catalogue import Catalogue
    from vectorstore.types import EventKind, Filter, Release, Scope

COLUMNS = (
    "release_id, version, title, lead, text, language, publisher, published, updated, url, "
    "source, pair, content_hash, first_seen, author, section, annotations, pages, scanned"
)
"""What is written of a version; `READ` is what a `StoredRelease` is made of, from a versions row named `v`."""

READ = (
    f"{COLUMNS}, (SELECT moment FROM withdrawn w WHERE w.release_id = v.release_id), "
    "(SELECT json_group_array(address) FROM translations t WHERE t.release_id = v.release_id)"
)

_NO_END = 2**62  # no number of a row is as high
_AT_ONCE = 500  # values that a statement names; SQLite takes some 32,000


def filter_clause(where: Filter, versions: Collection[int] | None = None) -> tuple[str, tuple[str, ...]]:
    """A filter as an SQL condition on a versions row named `v`, and the values of its question marks.

    Where `versions` are given, by their rows, it is one of those.
    """
    parts = ["TRUE" if versions is None else f"v.number IN ({listed(versions)})"]
    values: list[str] = []
    columns = (("language", where.languages), ("publisher", where.publishers), ("release_id", where.releases))
    for column, wanted in columns:
        if wanted:
            parts.append(f"v.{column} IN ({marks(len(wanted))})")
            values.extend(wanted)
    dated, days = _dated_clause(where) if where.since or where.until else ([], [])
    scoped = [_scope_clause(scope) for scope in where.scopes]
    inside = [value for _, some in scoped for value in some]
    return " AND ".join([*parts, *dated, *(clause for clause, _ in scoped)]), (*values, *days, *inside)


def _dated_clause(where: Filter) -> tuple[list[str], list[str]]:
    """The bounds as a condition; the few bare days that they judge wrongly as moments are named beside them."""
    bounds = [(sign, bound) for sign, bound in ((">=", where.since), ("<", where.until)) if bound is not None]
    days = where.bare_days_at_bounds
    let_through, kept_out = [day for day in days if where.spans(day)], [day for day in days if not where.spans(day)]
    clause = " AND ".join(f"v.published {sign} ?" for sign, _ in bounds)
    if let_through:
        clause = f"({clause} OR v.published IN ({marks(len(let_through))}))"
    if kept_out:
        clause += f" AND v.published NOT IN ({marks(len(kept_out))})"
    moments = [*(bound for _, bound in bounds), *let_through, *kept_out]
    return [clause], [text for moment in moments if (text := written(moment))]


def _scope_clause(scope: Scope) -> tuple[str, list[str]]:
    """A scope in the same way; of an address only what it named, for another source may name what lies below it."""
    parts, values = ["FALSE"], list[str]()
    if scope.publishers:
        parts.append(f"v.publisher IN ({marks(len(scope.publishers))})")
        values += scope.publishers
    if scope.sources:
        parts.append(f"v.release_id IN (SELECT release_id FROM visits WHERE source IN ({marks(len(scope.sources))}))")
        values += scope.sources
    for place in (one for one in scope.sources if not _is_address(one)):
        parts.append("v.source = ? OR substr(v.source, 1, length(?) + 1) IN (?, ?)")
        values += (place, place, f"{place}/", f"{place}:")
    return f"({' OR '.join(parts)})", values


def _is_address(location: str) -> bool:
    """Whether a location is on the web rather than a file or a folder."""
    return location.lower().startswith(("http://", "https://"))


def listed(numbers: Iterable[int]) -> str:
    """Numbers for an SQL `IN (…)`: written out, since SQLite limits how many question marks a statement has."""
    return str([*map(int, numbers)])[1:-1] or "NULL"  # PostgreSQL takes no empty list


def in_batches(values: Collection[str]) -> Iterator[tuple[str, ...]]:
    """The values in as many at once as a statement may name."""
    listed_values = tuple(values)
    for start in range(0, len(listed_values), _AT_ONCE):
        yield listed_values[start : start + _AT_ONCE]


def marks(count: int) -> str:
    """Question marks for so many values."""
    return ", ".join("?" * count) or "NULL"


def limited(limit: int | None) -> int:
    """The value for an SQL `LIMIT ?`; None lets all through."""
    return _NO_END if limit is None else limit


def written(moment: datetime | None) -> str | None:
    """A time as the catalogue keeps it."""
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else None


def stored(row: Sequence[object]) -> StoredRelease:
    """A release from a row of `READ`."""
    fields = dict(zip(StoredRelease.__slots__, row, strict=True))
    for name in ("published", "updated", "first_seen", "withdrawn"):
        fields[name] = read(fields[name])  # type: ignore[arg-type]
    for name in ("pages", "scanned"):
        fields[name] = tuple(json.loads(str(fields[name] or "[]")))
    fields["translations"] = tuple(sorted(json.loads(str(fields["translations"]))))
    return StoredRelease(**fields)  # type: ignore[arg-type]


def read(text: str | None) -> datetime | None:
    """A time from what the catalogue keeps."""
    return datetime.fromisoformat(text) if text else None


_INSERTED = 100  # versions that one statement inserts


@dataclass(eq=False)
class ReleaseTable:
    """The catalogue's releases."""

    _db: Catalogue

    def current(self, release_id: str) -> StoredRelease | None:
        """The version of a release that is searched, or None."""
        return self._first("release_id = ? AND current", (release_id,))

    def version(self, release_id: str, version: int) -> StoredRelease | None:
        """One version of a release, or None."""
        return self._first("release_id = ? AND version = ?", (release_id, version))

    def id_of_url(self, url: str) -> str | None:
        """The id of the release with this address, the latest to come in where several have it, or None."""
        query = "SELECT release_id FROM versions WHERE url = ? AND current ORDER BY number DESC LIMIT 1"
        row = self._db.connection.execute(query, (url,)).fetchone()
        return row[0] if row else None

    def at_path(self, address: str) -> list[StoredRelease]:
        """The releases whose address is this one, with any parameters behind it."""
        # `@` comes after `?` in the alphabet: the range needs no LIKE, and uses the index.
        condition = "current AND (url = ? OR url >= ? AND url < ?) ORDER BY release_id"
        return self._releases(condition, (address, f"{address}?", f"{address}@"))

    def history(self, release_id: str) -> list[StoredRelease]:
        """Every version of a release, oldest first."""
        return self._releases("release_id = ? ORDER BY version", (release_id,))

    def texts(self, release_ids: Collection[str]) -> dict[str, str]:
        """The text of each release in its current version; those that are not there are missing."""
        found: dict[str, str] = {}
        for some in in_batches(release_ids):
            query = f"SELECT release_id, text FROM versions WHERE current AND release_id IN ({marks(len(some))})"
            found |= dict(self._db.connection.execute(query, some))
        return found

    def dates_of(self, release_ids: Collection[str]) -> set[datetime]:
        """When releases were published, by all their versions."""
        found: set[datetime] = set()
        for some in in_batches(release_ids):
            query = f"SELECT DISTINCT published FROM versions WHERE release_id IN ({marks(len(some))})"
            found |= {moment for (text,) in self._db.connection.execute(query, some) if (moment := read(text))}
        return found

    def newest(self, where: Filter, limit: int | None, versions: Collection[int] | None = None) -> list[StoredRelease]:
        """Current releases, newest first, undated ones last; of `versions` by their rows, where these are given."""
        clause, values = filter_clause(where, versions)
        order = "ORDER BY published IS NULL, published DESC, release_id LIMIT ?"
        return self._releases(f"current AND {clause} {order}", (*values, limited(limit)))

    def rows(self, where: Filter) -> list[int]:
        """The row numbers of the releases that a filter lets through, in the order of `newest`."""
        clause, values = filter_clause(where)
        order = "ORDER BY published IS NULL, published DESC, release_id"
        query = f"SELECT v.number FROM versions v WHERE current AND {clause} {order}"
        return [number for (number,) in self._db.connection.execute(query, values)]

    def of_rows(self, rows: Collection[int]) -> dict[int, StoredRelease]:
        """The versions with these row numbers, by those and in their order, as far as they are still there."""
        query = f"SELECT v.number, {READ} FROM versions v WHERE v.number IN ({listed(rows)})"
        found = {row[0]: stored(row[1:]) for row in self._db.connection.execute(query)}
        return {number: found[number] for number in rows if number in found}

    def count(self, where: Filter, versions: Collection[int] | None = None) -> int:
        """How many current releases a filter lets through; of `versions` by their rows, where these are given."""
        clause, values = filter_clause(where, versions)
        query = f"SELECT count(*) FROM versions v WHERE current AND {clause}"
        return int(self._db.connection.execute(query, values).fetchone()[0])

    def span(self, where: Filter) -> tuple[datetime | None, datetime | None]:
        """When the oldest and the newest current release were published that a filter lets through, or None each."""
        clause, values = filter_clause(where)
        query = f"SELECT min(published), max(published) FROM versions v WHERE current AND {clause}"
        oldest, newest = self._db.connection.execute(query, values).fetchone()
        return read(oldest), read(newest)

    def first_seen(self, publisher: str | None) -> datetime | None:
        """When the first version of any release of a publisher came in, or None."""
        query = "SELECT min(first_seen) FROM versions WHERE publisher IS NOT DISTINCT FROM ?"
        return read(self._db.connection.execute(query, (publisher,)).fetchone()[0])

    def titles(self, where: Filter) -> Iterator[tuple[str, str]]:
        """Ids and titles of the current releases that a filter lets through, newest first."""
        clause, values = filter_clause(where)
        order = "ORDER BY published IS NULL, published DESC, number"
        query = f"SELECT release_id, title FROM versions v WHERE current AND {clause} {order}"
        yield from self._db.connection.execute(query, values)

    def among(self, release_ids: Collection[str], where: Filter) -> set[str]:
        """Which of some current releases, by their ids, a filter lets through."""
        clause, values = filter_clause(where)
        found: set[str] = set()
        for some in in_batches(release_ids):
            query = (
                f"SELECT release_id FROM versions v WHERE current AND release_id IN ({marks(len(some))}) AND {clause}"
            )
            found |= {identity for (identity,) in self._db.connection.execute(query, (*some, *values))}
        return found

    def publishers(self, where: Filter) -> list[tuple[str | None, int, datetime | None]]:
        """Publishers, the freshest first, with how many releases a filter lets through, and the newest's date."""
        clause, values = filter_clause(where)
        query = (
            f"SELECT publisher, count(*), max(published) FROM versions v WHERE current AND {clause}"
            " GROUP BY publisher ORDER BY max(published) DESC NULLS LAST, publisher NULLS FIRST"
        )
        return [(name, count, read(newest)) for name, count, newest in self._db.connection.execute(query, values)]

    def count_by_language(self, where: Filter) -> dict[str, int]:
        """How many current releases a filter lets through in each language; `und` stands for not known."""
        clause, values = filter_clause(where)
        counted = f"SELECT coalesce(language, 'und'), count(*) FROM versions v WHERE current AND {clause}"
        return dict(self._db.connection.execute(f"{counted} GROUP BY 1 ORDER BY 2 DESC, 1", values).fetchall())

    def content_hashes(self, release_ids: Collection[str]) -> dict[str, str]:
        """The content hash of each release's current version; those that are not there are missing."""
        found: dict[str, str] = {}
        for some in in_batches(release_ids):
            query = (
                f"SELECT release_id, content_hash FROM versions WHERE current AND release_id IN ({marks(len(some))})"
            )
            found |= dict(self._db.connection.execute(query, some))
        return found

    def last_versions(self, release_ids: Collection[str]) -> dict[str, int]:
        """The number of each release's latest version; those that are not there are missing."""
        found: dict[str, int] = {}
        for some in in_batches(release_ids):
            among = f"release_id IN ({marks(len(some))})"
            query = f"SELECT release_id, max(version) FROM versions WHERE {among} GROUP BY release_id"
            found |= dict(self._db.connection.execute(query, some))
        return found

    def add_versions(
        self, releases: Sequence[Release], now: datetime, *, last: Mapping[str, int]
    ) -> list[tuple[int, StoredRelease]]:
        """Make each release the current version of it; returns them with their row numbers, in order.

        `last` is what `last_versions` gives for them. No two have the same id. Their passages come by
        `PassageTable.add`.
        """
        connection = self._db.connection
        for some in in_batches(last):
            among = f"release_id IN ({marks(len(some))})"
            connection.execute(f"UPDATE versions SET current = FALSE WHERE {among} AND current", some)
            connection.execute(f"DELETE FROM withdrawn WHERE {among}", some)
            connection.execute(f"DELETE FROM translations WHERE {among}", some)
        rows = [_row(release, last.get(release.id, 0) + 1, now) for release in releases]
        named = [(release.id, address) for release in releases for address in dict.fromkeys(release.translations)]
        numbers = [
            number for start in range(0, len(rows), _INSERTED) for number in self._add(rows[start : start + _INSERTED])
        ]
        self._db.engine.insert(connection, "translations", ("release_id", "address"), named)
        return [
            (number, stored((*row, None, json.dumps(release.translations))))
            for number, row, release in zip(numbers, rows, releases, strict=True)
        ]

    def set_updated(self, release_id: str, moment: datetime | None) -> None:
        """Set when a release says that it was last updated, in its current version."""
        query = "UPDATE versions SET updated = ? WHERE release_id = ? AND current"
        self._db.connection.execute(query, (written(moment), release_id))

    def set_pages(self, release_id: str, pages: Sequence[int], scanned: Sequence[int]) -> None:
        """Set where the pages of a release begin, and which were read by OCR, in its current version."""
        query = "UPDATE versions SET pages = ?, scanned = ? WHERE release_id = ? AND current"
        self._db.connection.execute(query, (_numbers(pages), _numbers(scanned), release_id))

    def annotate(self, annotations: Iterable[tuple[int, str]]) -> None:
        """Set what was found in the texts of versions, by their row numbers."""
        rows = [(found, row) for row, found in annotations]
        self._db.connection.executemany("UPDATE versions SET annotations = ? WHERE number = ?", rows)

    def numbered(self, above: int, limit: int) -> list[tuple[int, StoredRelease]]:
        """Versions with their row numbers, in the order of those, from the first above a number on."""
        query = f"SELECT v.number, {READ} FROM versions v WHERE v.number > ? ORDER BY v.number LIMIT ?"
        return [(row[0], stored(row[1:])) for row in self._db.connection.execute(query, (above, limit))]

    def withdraw(self, release_id: str, moment: datetime, cause: str) -> None:
        """Mark a release as withdrawn by its newsroom."""
        query = (
            "INSERT INTO withdrawn VALUES (?, ?, ?) "
            "ON CONFLICT (release_id) DO UPDATE SET moment = excluded.moment, cause = excluded.cause"
        )
        self._db.connection.execute(query, (release_id, written(moment), cause))

    def restore(self, release_id: str) -> None:
        """Take the mark of withdrawal away."""
        self._db.connection.execute("DELETE FROM withdrawn WHERE release_id = ?", (release_id,))

    def drop(self, release_id: str) -> None:
        """Forget every version of a release; its passages must be gone."""
        for table in ("versions", "withdrawn", "translations", "corrections", "joined"):
            self._db.connection.execute(f"DELETE FROM {table} WHERE release_id = ?", (release_id,))
        self._db.connection.execute("DELETE FROM twins WHERE ? IN (first, second)", (release_id,))
        for table in ("visits", "doubted"):
            self._db.connection.execute(f"DELETE FROM {table} WHERE release_id = ?", (release_id,))

    def _add(self, rows: Sequence[tuple[object, ...]]) -> list[int]:
        """Insert rows of `COLUMNS` as current versions; returns their numbers, in order."""
        values = ", ".join([f"({marks(len(rows[0]))}, TRUE)"] * len(rows))
        query = f"INSERT INTO versions ({COLUMNS}, current) VALUES {values} RETURNING number"
        found = self._db.connection.execute(query, [value for row in rows for value in row]).fetchall()
        return sorted(number for (number,) in found)

    def _first(self, condition: str, values: tuple[object, ...]) -> StoredRelease | None:
        found = self._releases(condition, values)
        return found[0] if found else None

    def _releases(self, condition: str, values: tuple[object, ...]) -> list[StoredRelease]:
        rows = self._db.connection.execute(f"SELECT {READ} FROM versions v WHERE {condition}", values)
        return [stored(row) for row in rows]


def _row(release: Release, version: int, now: datetime) -> tuple[object, ...]:
    """A version in the order of `COLUMNS`."""
    return (
        release.id, version, release.title, release.lead, release.text, release.language,
        release.publisher, written(release.published), written(release.updated), release.url,
        release.source, release.pair, release.content_hash, written(now), release.author, release.section,
        release.annotations, _numbers(release.pages), _numbers(release.scanned),
    )  # fmt: skip


def _numbers(numbers: Sequence[int]) -> str | None:
    return json.dumps(numbers) if numbers else None


@dataclass(eq=False)
class EventTable:
    """The catalogue's events."""

    _db: Catalogue

    def add(self, events: Iterable[tuple[EventKind, str, int]], moment: datetime) -> None:
        """Write down what happened at one moment, each with its release and the version of that, in order.

        Call it in the transaction that makes it happen.
        """
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
        rows = self._db.connection.execute(query, (_NO_END if before is None else before, limit))
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
