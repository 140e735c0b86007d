"""What one round over the sources has met: no release is read twice, and no two releases share an id."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from ingest.release import Page, Release

Words = tuple[str, str]


class Round:
    """Remembers which releases were met, where, and with which words."""

    def __init__(self) -> None:
        self._places: dict[str, tuple[tuple[str, int | None], str]] = {}
        self._words: dict[str, Words | None] = {}
        self._copies: dict[tuple[str, Words], str] = {}

    def other_place(self, release: Release, page: Page) -> str | None:
        """The other file or line of this round that has the release's id, as it is shown; None where there is none."""
        place = (page.id, page.line)
        first, shown = self._places.setdefault(release.id, (place, release.source))
        return None if first == place else shown

    def is_first(self, release_id: str) -> bool:
        """Whether a release is met for the first time, at an address whose page was not read again."""
        if release_id in self._words:
            return False
        self._words[release_id] = None
        return True

    def is_unread(self, release_id: str) -> bool:
        """Whether a release was met only at addresses whose pages were not read again."""
        return release_id in self._words and self._words[release_id] is None

    def first_with(self, release: Release, address: str) -> str:
        """The id under which these words were met first; the release's own where they were not."""
        return self._copies.get((_path(address), _words(release)), release.id)

    def told_apart(self, release: Release, address: str) -> Release | None:
        """The release, under its own address where another page has its id; None where it was met before.

        It was met if its id came with the same words, or the same words at the same path: such addresses differ only
        in parameters.
        """
        words = _words(release)
        if release.id in self._words:
            if self._words[release.id] in {None, words}:
                return None
            release = replace(release, id=address, url=address)
        copy = self._copies.setdefault((_path(address), words), release.id)
        if copy != release.id or release.id in self._words:
            return None
        self._words[release.id] = words
        return release


def _words(release: Release) -> Words:
    return release.title, release.text


def _path(address: str) -> str:
    parts = urlsplit(address)
    return parts.netloc + parts.path
