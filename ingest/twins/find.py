"""Releases in, twins out."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from ingest.twins.content import WINDOW, join_by_content
from ingest.twins.stated import join_stated

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import timedelta

    from ingest.twins.candidate import TwinCandidate
    from vectorstore.types import Twin

    Span = tuple[datetime, datetime]


def find_twins(releases: Sequence[TwinCandidate], *, languages: Sequence[str] = ("en", "fr")) -> list[Twin]:
    """The language versions of one release, two by two, in the order of their ids.

    Depends on the set of releases alone, not on their order. A release has at most one twin in each other language.
    What is stated joins any languages; contents are compared only between `languages`, those that the model reads.
    """
    by_id = {release.id: release for release in releases}
    joined = join_stated([by_id[name] for name in sorted(by_id)])
    join_by_content(list(by_id.values()), joined, languages)
    return sorted(joined.twins)


def affected(dates: Iterable[datetime]) -> list[Span]:
    """The times between which joins by content can come, go or change, both ends inclusive, in order, apart.

    `dates` are those of the releases that are new, changed or gone, as they were and as they are, and of every release
    whose stated joins are not what they were: a new page may take another's twin from it, or make a link ambiguous,
    and whoever is left alone is compared by content again. A release competes with others for every release within the
    window of it, and each of these has twins within the window of itself: two windows.
    """
    return _around(dates, 2 * WINDOW)


def needed(dates: Iterable[datetime]) -> list[Span]:
    """The times between which every release must come with its vectors, so that the affected ones are joined rightly.

    Two windows more: what the affected ones could be joined with, and what competes for that. `find_twins` then gives
    for every release in the `affected` times what it would give over all vectors. Beyond them its joins by content
    may be wrong and are to be passed over. Releases elsewhere are given without vectors, for what is stated.
    """
    return _around(dates, 4 * WINDOW)


def _around(dates: Iterable[datetime], reach: timedelta) -> list[Span]:
    spans: list[Span] = []
    for date in sorted(dates):
        begin, end = _moved(date, -reach), _moved(date, reach)
        if spans and begin <= spans[-1][1]:
            begin, _ = spans.pop()
        spans.append((begin, end))
    return spans


def _moved(date: datetime, by: timedelta) -> datetime:
    """A date so much later; the calendar's first or last moment where it would lie beyond that."""
    try:
        return date + by
    except OverflowError:
        zone = date.tzinfo
        return datetime.max.replace(tzinfo=zone) if by.days > 0 else datetime.min.replace(tzinfo=zone)
