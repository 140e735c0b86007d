"""Releases whose pages have moved: known by another spelling of their site's address, or by redirects for good."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ingest.addresses import canonical, spellings
from ingest.errors import FetchError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ingest.fetch.fetcher import Fetcher
    from ingest.types import Source
    from vectorstore.store import PassageStore
    from vectorstore.types import Visit

_MOST = 200  # old addresses that are asked in one run
_IN_VAIN = 3  # of them one after the other that lead nowhere: the site has not moved


class Moves:
    """Finds the releases that addresses nobody has seen stand for.

    `http` and `https`, with and without `www.`, are one site. Where at least half of a list's addresses are new, those
    that it named before are asked: one that leads to a new address, by redirects for good or at the same path of
    another site, had the release that is there.
    """

    def __init__(self, source: Source, store: PassageStore, fetcher: Fetcher) -> None:
        self._source = source
        self._store = store
        self._fetcher = fetcher

    def found(self, listed: Sequence[str], known: Sequence[Visit]) -> dict[str, str]:
        """The release ids of new addresses among those of a list; `known` is what its source was seen to hold."""
        visited, listed_now = {visit.address for visit in known}, set(listed)
        new = [address for address in listed if address not in visited and self._store.visit(address) is None]
        found = {address: release for address in new if (release := self._respelt(address))}
        left = set(new) - found.keys()
        if left and 2 * len(left) >= len(listed):
            before = [visit for visit in known if visit.release_id and visit.address not in listed_now]
            found |= self._led(left, sorted(before, key=lambda visit: visit.checked, reverse=True))
        return found

    def _respelt(self, address: str) -> str | None:
        """The release that is known at another spelling of an address."""
        for other in spellings(address):
            visit = self._store.visit(other)
            if visit is not None and visit.release_id:
                return visit.release_id
        return None

    def _led(self, new: set[str], before: Sequence[Visit]) -> dict[str, str]:
        """The releases of old addresses that lead to new ones, as far as any of the first few does."""
        found: dict[str, str] = {}
        in_vain = 0
        for visit in before[:_MOST]:
            target = self._target(visit.address, new)
            if target is not None and visit.release_id:
                found.setdefault(target, visit.release_id)
            in_vain = 0 if target else in_vain + 1
            if in_vain >= _IN_VAIN or len(found) == len(new):
                break
        return found

    def _target(self, address: str, new: set[str]) -> str | None:
        """The new address that an old one leads to, if its page has gone there; a redirect may drop the query."""
        try:
            fetched = self._fetcher.fetch(address, allow_private=self._source.allow_private)
        except FetchError:
            return None
        final = canonical(fetched.final)
        if final == address or not (fetched.moved or urlsplit(final).path == urlsplit(address).path):
            return None
        alike = [other for other in new if other == final or _bare(other) == final]
        return final if final in new else alike[0] if len(alike) == 1 else None


def _bare(address: str) -> str:
    return urlsplit(address)._replace(query="").geturl()
