"""Reading releases from a store: one, its versions, or all that a filter lets through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vectorstore.passage import Filter

if TYPE_CHECKING:
    from vectorstore.catalogue import Catalogue
    from vectorstore.passage import StoredRelease


class Releases:
    """The releases of one catalogue, each read in one consistent state."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def get(self, release_id: str, version: int | None = None) -> StoredRelease | None:
        """A release in its current or in a given version, or None."""
        with self._catalogue.snapshot():
            if version is None:
                return self._catalogue.current(release_id)
            return self._catalogue.version(release_id, version)

    def by_url(self, url: str, version: int | None = None) -> StoredRelease | None:
        """The release with this address, the latest to come in where several have it, or None."""
        with self._catalogue.snapshot():
            known = self._catalogue.id_of_url(url)
            return self.get(known, version) if known else None

    def history(self, release_id: str) -> list[StoredRelease]:
        """Every version of a release, oldest first; empty where there is none."""
        with self._catalogue.snapshot():
            return self._catalogue.history(release_id)

    def releases(self, where: Filter | None = None, limit: int | None = None) -> list[StoredRelease]:
        """Releases in their current version, newest first, undated ones last."""
        with self._catalogue.snapshot():
            return self._catalogue.newest(where or Filter(), limit)

    def count_releases(self, where: Filter | None = None) -> int:
        """How many releases a filter lets through."""
        with self._catalogue.snapshot():
            return self._catalogue.count_releases(where or Filter())

    def content_hash(self, release_id: str) -> str | None:
        """The content hash of a release as stored, or None for a new one."""
        with self._catalogue.snapshot():
            return self._catalogue.content_hash(release_id)
