"""What an operator took down stays away: known again by its id, an address, or its words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.listing.address import canonical
from ingest.reading import WebPage
from vectorstore.takedowns import words_mark

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ingest.release import Page, Release
    from vectorstore.store import PassageStore


class Takedowns:
    """What may not come in again, as it stood when a run began; `found_again` are further marks that it was met by."""

    def __init__(self, store: PassageStore) -> None:
        self._store = store
        self._kept_away = store.kept_away()
        self.found_again: list[tuple[str, str]] = []

    def holds_address(self, address: str) -> bool:
        """Whether what is read at an address was taken down, so that it need not be asked for."""
        return canonical(address) in self._kept_away

    def holds(self, release: Release, item: Page | WebPage) -> bool:
        """Whether a release was taken down, by its id, its addresses, or, where it would be new, its words."""
        if not self._kept_away:
            return False
        names = _names_of(release, item)
        found = next((mark for mark in names if mark in self._kept_away), None)
        words = words_mark(release.title, release.text)
        if found is None and words in self._kept_away and not self._is_stored(names):
            found = words
        if found is None:
            return False
        identity = self._kept_away[found]
        self.found_again += [(name, identity) for name in names if name not in self._kept_away]
        return True

    def _is_stored(self, names: Iterable[str]) -> bool:
        return any(self._store.get(name) or self._store.by_url(name) for name in names)


def _names_of(release: Release, item: Page | WebPage) -> list[str]:
    """The id of a release and the addresses that it is read at and calls its own."""
    visited = [item.visit.address, item.page.id] if isinstance(item, WebPage) else []
    own = [release.url, canonical(release.url)] if release.url else []
    return list(dict.fromkeys([release.id, *visited, *own]))
