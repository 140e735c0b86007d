"""Reading releases from a store: one, its versions, all that a filter lets through, and what is known of them."""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

from vectorstore.types import Filter

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from vectorstore.catalogue import Catalogue
    from vectorstore.types import Doubted, Event, Outline, Relations, SourceHealth, StoredRelease, Takedown, Twin, Visit


class ReleaseReader:
    """The releases of one catalogue, each read in one consistent state."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def get(self, release_id: str, version: int | None = None) -> StoredRelease | None:
        """A release in its current or in a given version, or None."""
        with self._catalogue.snapshot():
            if version is None:
                return self._catalogue.releases.current(release_id)
            return self._catalogue.releases.version(release_id, version)

    def by_url(self, url: str, version: int | None = None) -> StoredRelease | None:
        """The release with this address, the latest to come in where several have it, or None."""
        with self._catalogue.snapshot():
            known = self._catalogue.releases.id_of_url(url)
            return self.get(known, version) if known else None

    def at_path(self, address: str) -> list[StoredRelease]:
        """The releases whose address is this one, which has no parameters, with any parameters behind it."""
        with self._catalogue.snapshot():
            return self._catalogue.releases.at_path(address)

    def history(self, release_id: str) -> list[StoredRelease]:
        """Every version of a release, oldest first; empty where there is none."""
        with self._catalogue.snapshot():
            return self._catalogue.releases.history(release_id)

    def releases(self, where: Filter | None = None, limit: int | None = None) -> list[StoredRelease]:
        """Releases in their current version, newest first, undated ones last."""
        with self._catalogue.snapshot():
            return self._catalogue.releases.newest(where or Filter(), limit)

    def titled(self, part: str, limit: int) -> list[tuple[str, str]]:
        """Ids and titles of releases that have this in their title, in capitals or not, newest first."""
        wanted = part.casefold()
        with self._catalogue.snapshot():
            fitting = (one for one in self._catalogue.releases.titles() if wanted in one[1].casefold())
            return list(islice(fitting, limit))

    def publishers(self) -> list[tuple[str | None, int, datetime | None]]:
        """Publishers with how many releases they have and when the newest was published, the freshest first."""
        with self._catalogue.snapshot():
            return self._catalogue.releases.publishers()

    def count_releases(self, where: Filter | None = None) -> int:
        """How many releases a filter lets through."""
        with self._catalogue.snapshot():
            return self._catalogue.releases.count(where or Filter())

    def content_hash(self, release_id: str) -> str | None:
        """The content hash of a release as stored, or None for a new one."""
        with self._catalogue.snapshot():
            return self._catalogue.releases.content_hash(release_id)

    def relations(self, release_id: str) -> Relations:
        """The releases that one release belongs together with: twins, corrections."""
        with self._catalogue.snapshot():
            return self._catalogue.relations.of(release_id)

    def twins(self) -> list[Twin]:
        """Every two releases that are one release in two languages."""
        with self._catalogue.snapshot():
            return self._catalogue.relations.twins()

    def outlines(self) -> list[Outline]:
        """Every release in its current version without its text, in the order of their ids."""
        with self._catalogue.snapshot():
            return self._catalogue.relations.outlines()

    def events(self, after: int = 0, limit: int | None = None) -> list[Event]:
        """What happened to releases after event number `after`, oldest first."""
        with self._catalogue.snapshot():
            return self._catalogue.events.after(after, limit)

    def last_event(self) -> int:
        """The number of the last event, 0 where nothing happened yet: the version of what is stored."""
        with self._catalogue.snapshot():
            return self._catalogue.events.last()

    def last_ingest(self) -> datetime | None:
        """When releases were last looked for, or None."""
        with self._catalogue.snapshot():
            last = self._catalogue.meta("last_ingest")
        return datetime.fromisoformat(last) if last else None

    def last_verified(self) -> datetime | None:
        """When the catalogue was last compared with what was written into it, or None."""
        with self._catalogue.snapshot():
            last = self._catalogue.meta("verified")
        return datetime.fromisoformat(last) if last else None

    def first_read(self, publisher: str | None) -> datetime | None:
        """When the first release of a publisher came in, or None."""
        with self._catalogue.snapshot():
            return self._catalogue.releases.first_seen(publisher)

    def unrelated(self) -> tuple[list[str], int]:
        """Ids of releases that something happened to since twins were last looked for; the last event's number."""
        with self._catalogue.snapshot():
            last = self._catalogue.events.last()
            return self._catalogue.events.touched_since(int(self._catalogue.meta("related_up_to") or 0)), last

    def vectors(self, release_ids: Sequence[str]) -> dict[str, NDArray[np.float16]]:
        """The vectors of each release's passages, in order, of shape (passages, dimension)."""
        with self._catalogue.snapshot():
            return self._catalogue.passages.vectors_by_release(release_ids)

    def visit(self, address: str) -> Visit | None:
        """What came of the last look at a web address, or None."""
        with self._catalogue.snapshot():
            return self._catalogue.sources.visit(address)

    def visits(self, source: str) -> list[Visit]:
        """The web addresses that a source has named, with what came of them."""
        with self._catalogue.snapshot():
            return self._catalogue.sources.visits(source)

    def takedowns(self) -> list[Takedown]:
        """What an operator took down, the latest first."""
        with self._catalogue.snapshot():
            return self._catalogue.takedowns.all()

    def kept_away(self) -> dict[str, str]:
        """Of what was taken down and may not come in again: the release that each mark (id, address, words) is of."""
        with self._catalogue.snapshot():
            return self._catalogue.takedowns.kept_away()

    def addresses_of(self, release_id: str) -> list[str]:
        """The web addresses that a release was read at, and its own."""
        with self._catalogue.snapshot():
            return self._catalogue.takedowns.addresses_of(release_id)

    def doubted(self) -> list[Doubted]:
        """The pages that are kept aside, since they may not be the releases that belong at their addresses."""
        with self._catalogue.snapshot():
            return self._catalogue.sources.doubted()

    def count_of_source(self, *locations: str) -> int:
        """How many releases a source has brought, an address or a file or folder; `locations` are its spellings."""
        with self._catalogue.snapshot():
            return self._catalogue.sources.count_of_source(locations)

    def paused(self) -> dict[str, datetime]:
        """The sources that are left out for now, each with since when."""
        with self._catalogue.snapshot():
            return self._catalogue.sources.paused()

    def health(self) -> list[SourceHealth]:
        """How each source fared when it was last ingested."""
        with self._catalogue.snapshot():
            return self._catalogue.sources.health()
