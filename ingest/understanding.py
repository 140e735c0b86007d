"""Release on a page -> the same under its name, or a line in the report that says why not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ingest.errors import IngestError
from ingest.identity import address_of, named
from ingest.reading import WebPage
from ingest.sources import Failure

if TYPE_CHECKING:
    from ingest.release import Page, Release
    from ingest.report import Tally
    from ingest.round import Round
    from vectorstore.store import PassageStore


class Understanding:
    """Understands the pages of one round, and tells releases that were met before from those that were not."""

    def __init__(self, store: PassageStore, met: Round) -> None:
        self._store = store
        self._round = met

    def parsed(self, parsed: Release | IngestError, tally: Tally) -> Release | None:
        """The release on a page; None where there is none, which the tally then says."""
        if isinstance(parsed, IngestError):
            tally.failed.append(Failure(parsed.location, parsed.cause))
            return None
        tally.warnings += [f"{parsed.source}: {warning}" for warning in parsed.warnings]
        return parsed

    def release_of(self, release: Release, item: Page | WebPage, tally: Tally) -> Release | None:
        """The release under its name; None where it was met already, which the tally then says."""
        return self._of_web(release, item, tally) if isinstance(item, WebPage) else self._of_file(release, item, tally)

    def _of_file(self, release: Release, page: Page, tally: Tally) -> Release | None:
        """The release, if no other file or line of this round has its id; one that is named twice is no other."""
        other = self._round.other_place(release, page)
        if other is not None:
            cause = f"has the same id as {other} ({release.id}); give each release an id of its own"
            tally.failed.append(Failure(release.source, cause))
            return None
        return release

    def _of_web(self, release: Release, item: WebPage, tally: Tally) -> Release | None:
        """The release under its canonical address, if no other address of this round led to it."""
        owner = self._store.by_url(address_of(release, item))
        address = item.visit.address
        if owner and item.known and owner.id != item.known and item.was_sent_on:
            tally.warnings.append(f"{address}: now leads to another release, {owner.id}; what is stored is kept")
            self._met(owner.id, item, tally)
            return None
        if owner is None and item.known is None and (copy := self._copy_of(release, address)):
            self._met(copy, item, tally)
            return None
        found = named(release, item, owner=owner.id if owner else None)
        told = self._round.told_apart(found, address)
        if told is None:
            first = self._round.first_with(found, address)
            late = self._is_late(found, first)
            self._met(first, replace(item, visit=replace(item.visit, content=None)) if late else item, tally)
            return None
        if told.id != found.id:
            tally.warnings.append(f"{address}: names {found.id} as its canonical address, which is another page")
        return told

    def _copy_of(self, release: Release, address: str) -> str | None:
        """The stored release with the same words at the same path: the addresses differ only in parameters."""
        path = urlsplit(address)._replace(query="").geturl()
        words = (release.title, release.text)
        return next((one.id for one in self._store.at_path(path) if (one.title, one.text) == words), None)

    def _is_late(self, found: Release, first: str) -> bool:
        """Whether a page was corrected after this round had taken it for unchanged: the next round reads it again."""
        stored = self._store.get(first) if self._round.is_unread(first) else None
        return stored is not None and (stored.title, stored.text) != (found.title, found.text)

    def _met(self, release_id: str, item: WebPage, tally: Tally) -> None:
        """Note that an address leads to a release that is read at another."""
        tally.duplicates += 1
        tally.visits.append(replace(item.visit, release_id=release_id))
