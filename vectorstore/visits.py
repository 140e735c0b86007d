"""What is known of the web addresses that releases are read from, and of the sources that name them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Visit:
    """What came of the last look at a web address.

    `release_id` is the release that was read there, None where none was yet; `content` is a hash of what it was read
    from. `lastmod` and `published` are what the source's listing said; `missing_since` is when the server first said
    that there is no such page, None where it last gave one. `listed` says that the whole list of the source's pages,
    its sitemap, held the address when it was last read.
    """

    address: str
    source: str
    checked: datetime
    release_id: str | None = None
    content: str | None = None
    lastmod: str | None = None
    published: datetime | None = None
    missing_since: datetime | None = None
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Doubted:
    """A page that is kept aside, since it may not be the release that belongs at its address: an error page, a wall.

    `release_id` is the release that is stored for the address, None where there is none. `cause` says what speaks
    against the page; `since` is when these words were read there first, `seen` when they were last.
    """

    address: str
    source: str
    title: str
    text: str
    cause: str
    since: datetime
    seen: datetime
    release_id: str | None = None


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """How the last runs over a source went.

    `failures` counts the runs that failed one after the other up to the last, 0 where it succeeded; `error` is the
    cause of the last failure. `outcome` is a line about the last run; `next_run` is known while it is watched. `kind`
    is what sort of list it was when it was last read, as `ingest.listing.kind` names it; None where it was none yet.
    """

    location: str
    name: str | None
    last_run: datetime
    outcome: str
    last_success: datetime | None = None
    failures: int = 0
    error: str | None = None
    next_run: datetime | None = None
    kind: str | None = None
