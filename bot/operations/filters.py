"""Filters as people write them, in options of a command or in an address: languages, publishers, days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ingest.dates import parse_date
from ingest.parse.complete import normalise_language
from vectorstore.types import Filter, is_bare_day

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

_LAST_DAY = datetime.max.replace(tzinfo=UTC) - timedelta(days=1)


def language_of(text: str) -> str:
    """A language code in lower case without its region (`fr-CH` gives `fr`). Raises ValueError where it is none."""
    code = normalise_language(text)
    if code is None:
        raise ValueError(f"{text!r} is not a language code; write it as fr or en")
    return code


def moment_of(text: str, zone: tzinfo = UTC) -> datetime:
    """A moment in `zone` from a date as people write it, a day as its midnight there. Raises ValueError for no date."""
    moment = parse_date(text, timezone=zone)
    if moment is None:
        raise ValueError(f"{text!r} is not a date; write it as 2024-10-17")
    return moment.replace(tzinfo=zone) if is_bare_day(moment) else moment.astimezone(zone)


def filter_of(
    languages: Sequence[str], publishers: Sequence[str], *, since: datetime | None, until: datetime | None
) -> Filter:
    """The filter; a day given as `until`, which is midnight in its own zone, is meant to its end."""
    if until is not None and until.time() == datetime.min.time():
        until = min(until, _LAST_DAY.replace(tzinfo=until.tzinfo)) + timedelta(days=1)
    return Filter(
        languages=tuple(languages),
        publishers=tuple(publishers),
        since=since,
        until=until,
    )
