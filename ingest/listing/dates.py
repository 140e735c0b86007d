"""When a listing says that a page was published, and whether that can be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ingest.dates import parse_date

_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # before the web; 1970-01-01 is what an empty field becomes
_AHEAD = timedelta(days=1)  # clocks and zones differ by hours; a year too many is a slip of the pen


def publication(stated: object, *, now: datetime, fallback: datetime | None = None) -> datetime | None:
    """The moment that a listing states, in UTC; None where it states none that can be believed, never `now`.

    A time without a zone is in UTC. `fallback` is what another reader made of the same words.
    """
    # `parse_date` first: it knows CEST, and French months in what should be English
    moment = (parse_date(stated.strip()) if isinstance(stated, str) else None) or fallback
    return moment if moment and _EARLIEST <= moment <= now + _AHEAD else None
