"""Releases in, twins out."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from ingest.twins.content import WINDOW, twins_by_content
from ingest.twins.stated import join_stated

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ingest.twins.candidate import TwinCandidate
    from vectorstore.types import Twin

    Span = tuple[datetime, datetime]

STRETCH = timedelta(days=30)
"""How long a time is joined by content at once: 190,650 passages of newswire have vectors of 200 MB."""


def find_twins(releases: Sequence[TwinCandidate], *, languages: Sequence[str] = ("en", "fr")) -> list[Twin]:
    """The language versions of one release, two by two, in the order of their ids.

    Depends on the set of releases alone, not on their order. A release has at most one twin in each other language.
    What is stated joins any languages; contents are compared only between `languages`, those that the model reads.
    """
    by_id = {release.id: release for release in releases}
    joined = join_stated([by_id[name] for name in sorted(by_id)])
    return sorted([*joined.twins, *twins_by_content(by_id.values(), joined, languages)])


def affected(dates: Iterable[datetime]) -> list[Span]:
    """The times between which joins by content can come, go or change, both ends inclusive, in order, apart.

    `dates` are those of the releases that are new, changed or gone, as they were and as they are, and of every release
    whose stated joins are not what they were: a new page may take another's twin from it, or make a link ambiguous,
    and whoever is left alone is compared by content again. A release competes with others for every release within the
    window of it, and each of these has twins within the window of itself: two windows.
    """
    return _around(dates, 2 * WINDOW)


def stretches(dates: Iterable[datetime]) -> Iterator[tuple[Span, Span]]:
    """The `affected` times in pieces of at most `STRETCH`, in order, and with each the times that it needs.

    Those are two windows more: what the affected releases could be joined with, and what competes for that. Over the
    releases of these times `twins_by_content` gives for every release of the piece what it would give over all; for
    others its joins may be wrong and are to be passed over. So no more vectors are in memory than one piece needs.
    """
    for first, last in affected(dates):
        begins = [first]
        while begins[-1] < last:
            begins.append(min(_moved(begins[-1], STRETCH), last))
        for begin, end in pairwise(begins):
            yield (begin, end), (_moved(begin, -2 * WINDOW), _moved(end, 2 * WINDOW))


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
