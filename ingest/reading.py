"""What reading a source brings, one thing after the other, whether it is a folder or on the web."""

from __future__ import annotations

import itertools
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ingest.release import Page
from ingest.sources import Failure, count_pages, list_files, read_pages

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from ingest.release import Source
    from vectorstore.visits import Visit


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run leaves out: releases beyond `limit`, and those published before `since`; undated ones stay in."""

    limit: int | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class WebPage:
    """A page read from the web, and what is to be noted of its address once its release is kept.

    `known` is the release that was read at this address before, or None.
    """

    page: Page
    visit: Visit
    known: str | None = None

    @property
    def was_sent_on(self) -> bool:
        """Whether the address led to another."""
        return self.page.id != self.visit.address


@dataclass(frozen=True, slots=True)
class Kept:
    """An address whose page is as it was when its release was kept."""

    release_id: str
    visit: Visit


@dataclass(frozen=True, slots=True)
class Missing:
    """An address that gives no page any more. `cause` says why its release counts as withdrawn; None: not yet."""

    release_id: str
    visit: Visit
    cause: str | None


Item = Page | WebPage | Kept | Missing | Failure


class Reading(Protocol):
    """A source opened for reading."""

    @property
    def total(self) -> int:
        """How many items there will be."""
        ...

    @property
    def kind(self) -> str | None:
        """Which sort of list of addresses the source is, None where it is none."""
        ...

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the operator should know of the source."""
        ...

    @property
    def beyond_limit(self) -> int:
        """Pages left out by the limit."""
        ...

    @property
    def before_since(self) -> int:
        """Pages left out because they are too old, as far as that is known before they are read."""
        ...

    @property
    def taken_down(self) -> int:
        """Pages that are not read since an operator took their releases down."""
        ...

    def items(self) -> Iterator[Item]:
        """Every page in order, or what stands in its place."""
        ...


class FolderReading:
    """Files of a folder, or one file. Raises SourceError where there is nothing to read."""

    before_since = 0
    kind = None
    taken_down = 0

    def __init__(self, source: Source, limits: Limits) -> None:
        self._listing = list_files(source)
        self._limit = None if limits.limit is None else min(limits.limit, sys.maxsize)  # `islice` takes no more
        pages = count_pages(self._listing)
        self.total = pages if limits.limit is None else min(pages, limits.limit)
        self.beyond_limit = pages - self.total

    @property
    def warnings(self) -> tuple[str, ...]:
        """Says which files are in no known format."""
        passed_over = self._listing.passed_over
        if not passed_over:
            return ()
        suffixes = ", ".join(sorted({path.suffix or path.name for path in passed_over}))
        return (f"{self._listing.source.location}: left out: {len(passed_over)} in no known format ({suffixes})",)

    def items(self) -> Iterator[Page | Failure]:
        """Every page in order; a file that cannot be read comes as a Failure."""
        return itertools.islice(read_pages(self._listing), self._limit)
