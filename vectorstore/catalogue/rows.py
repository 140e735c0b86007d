"""How releases and filters are written in SQL, and read back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from vectorstore.passage import StoredRelease

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vectorstore.passage import Filter

COLUMNS = (
    "release_id, version, title, lead, text, language, publisher, published, updated, url, "
    "source, pair, content_hash, first_seen, author, section"
)
"""What is written of a version; `READ` is what a `StoredRelease` is made of, from a versions row named `v`."""

READ = (
    f"{COLUMNS}, (SELECT moment FROM withdrawn w WHERE w.release_id = v.release_id), "
    "(SELECT json_group_array(address) FROM translations t WHERE t.release_id = v.release_id)"
)

_NO_END = 2**62


def filter_clause(where: Filter) -> tuple[str, tuple[str, ...]]:
    """A filter as an SQL condition on a versions row named `v`, and the values of its question marks."""
    parts = ["TRUE"]
    values: list[str] = []
    columns = (("language", where.languages), ("publisher", where.publishers), ("release_id", where.releases))
    for column, wanted in columns:
        if wanted:
            parts.append(f"v.{column} IN ({marks(len(wanted))})")
            values.extend(wanted)
    for sign, bound in ((">=", where.since), ("<", where.until)):
        if bound is not None:
            parts.append(f"v.published {sign} ?")
            values.append(written(bound) or "")
    return " AND ".join(parts), tuple(values)


def listed(numbers: Iterable[int]) -> str:
    """Numbers for an SQL `IN (…)`: written out, since SQLite limits how many question marks a statement has."""
    return ", ".join(str(int(number)) for number in numbers) or "NULL"  # PostgreSQL takes no empty list


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
    fields["translations"] = tuple(sorted(json.loads(str(fields["translations"]))))
    return StoredRelease(**fields)  # type: ignore[arg-type]


def read(text: str | None) -> datetime | None:
    """A time from what the catalogue keeps."""
    return datetime.fromisoformat(text) if text else None
