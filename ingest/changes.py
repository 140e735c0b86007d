"""What a release is to the store: new, changed or unchanged, by its content, or taken down and to stay away."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from ingest.addresses import canonical
from ingest.sources import WebPage
from vectorstore.types import words_mark

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ingest.types import Page
    from vectorstore.store import PassageStore
    from vectorstore.types import Release, StoredRelease


class Change(StrEnum):
    """What has to be done with a release."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


def change_of(release: Release, stored: StoredRelease | None) -> Change:
    """Compare a release with what is stored under its id; None means that nothing is."""
    if stored is None:
        return Change.NEW
    if stored.content_hash == release.content_hash or _content(stored) == _content(release):
        return Change.UNCHANGED
    return Change.CHANGED


def _content(release: Release | StoredRelease) -> tuple[object, ...]:
    """What makes a version; when a page says it was updated does not, for some say "now" at each request."""
    stated = (release.language, release.publisher, release.url, release.pair, release.published)
    return (release.title, release.text, *stated)


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
