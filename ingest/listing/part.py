"""What one file of a listing holds, be it a feed, a sitemap or a page of links."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingest.release import Entry


@dataclass(frozen=True, slots=True)
class Part:
    """The entries of one file in order, and where the list goes on.

    `following` are the sitemaps of an index, or the next page of a feed or a listing. `complete` says that the file
    names all pages there are, but for those of `following`: a sitemap or an index read without a fault, no feed.
    """

    entries: tuple[Entry, ...] = ()
    following: tuple[Entry, ...] = ()
    complete: bool = False
    warnings: tuple[str, ...] = ()
