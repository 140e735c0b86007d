"""Sources, how they fare, and the addresses that were read."""

from __future__ import annotations

from dataclasses import astuple
from datetime import datetime
from typing import TYPE_CHECKING

from vectorstore.catalogue.database import Database
from vectorstore.catalogue.rows import marks, read, written
from vectorstore.visits import SourceHealth, Visit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_VISIT = "address, source, checked, release_id, content, lastmod, published, missing_since, listed"
_HEALTH = "location, name, last_run, outcome, last_success, failures, error, next_run, kind"


class Sources(Database):
    """What the catalogue knows of the web."""

    def visit(self, address: str) -> Visit | None:
        """What came of the last look at an address, or None."""
        rows = self.connection.execute(f"SELECT {_VISIT} FROM visits WHERE address = ?", (address,)).fetchall()
        return _visit(rows[0]) if rows else None

    def visits(self, source: str) -> list[Visit]:
        """The addresses that a source has named."""
        rows = self.connection.execute(f"SELECT {_VISIT} FROM visits WHERE source = ? ORDER BY address", (source,))
        return [_visit(row) for row in rows]

    def set_visits(self, visits: Iterable[Visit]) -> None:
        """Put these in place of what was known of their addresses."""
        self._write("visits", "address", _VISIT, [_row(astuple(visit)) for visit in visits])

    def health(self) -> list[SourceHealth]:
        """How each source fared, by location."""
        rows = self.connection.execute(f"SELECT {_HEALTH} FROM sources ORDER BY location")
        return [_health(row) for row in rows]

    def set_health(self, health: SourceHealth) -> None:
        """Write down how a source fared."""
        self._write("sources", "location", _HEALTH, [_row(astuple(health))])

    def set_next_run(self, location: str, moment: datetime) -> None:
        """Write down when a source is looked at next."""
        self.connection.execute("UPDATE sources SET next_run = ? WHERE location = ?", (written(moment), location))

    def _write(self, table: str, key: str, columns: str, rows: list[tuple[object, ...]]) -> None:
        names = columns.split(", ")
        changes = ", ".join(f"{name} = excluded.{name}" for name in names)
        self.connection.executemany(
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


def _health(row: Sequence[object]) -> SourceHealth:
    fields = dict(zip(SourceHealth.__slots__, row, strict=True))
    for name in ("last_run", "last_success", "next_run"):
        fields[name] = read(fields[name])  # type: ignore[arg-type]
    return SourceHealth(**fields)  # type: ignore[arg-type]
