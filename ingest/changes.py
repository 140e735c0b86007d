"""What a release is to the store: new, changed or unchanged, by its content, or taken down and to stay away.

And how much two pages have in common, for whoever has to tell whether one may stand in the place of the other.
"""

from __future__ import annotations

from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

from ingest.addresses import canonical
from ingest.types import WebPage
from vectorstore.text.words import index_words
from vectorstore.types import words_mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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


# Measured on 4,500 releases: see docs/decisions/0039.
_TITLES = 60.0
_TEXTS = 0.15
_THE_SAME = 0.8


class Worded(Protocol):
    """What has a title and a text: a release, one that is stored, a page that was kept aside."""

    @property
    def title(self) -> str:
        """Its title."""
        ...

    @property
    def text(self) -> str:
        """What is quoted from it."""
        ...


def is_foreign(one: Worded, other: Worded) -> bool:
    """Whether the texts have next to nothing in common: hardly a pair of words of the smaller stands in the larger."""
    first, second = _pairs(one.text), _pairs(other.text)
    return len(first & second) < _TEXTS * min(len(first), len(second))


def has_another_title(one: Worded, other: Worded) -> bool:
    """Whether the titles have little in common. One word that both have does not make them alike, several do."""
    from rapidfuzz import fuzz

    first, second = (index_words(worded.title, None) for worded in (one, other))
    if first == second:
        return False
    if min(len(first), len(second)) < 2:
        return True
    return fuzz.token_set_ratio(first, second) < _TITLES


def is_another(one: Worded, other: Worded) -> bool:
    """Whether two pages are of two releases: foreign texts, or other titles over texts that are not the same."""
    return is_foreign(one, other) or (has_another_title(one, other) and not is_the_same(one, other))


def is_the_same(one: Worded, other: Worded) -> bool:
    """Whether two pages say the same, but for what changes at each request: an address, a number, a time."""
    first, second = (_pairs(f"{worded.title}\n{worded.text}") for worded in (one, other))
    return 2 * len(first & second) >= _THE_SAME * (len(first) + len(second))


def _pairs(text: str) -> set[tuple[str, ...]]:
    words: Sequence[str] = index_words(text, None)
    return set(pairwise(words)) or {tuple(words)}
