"""A source on the web opened for reading: its list of pages, and each page that is not known to be as it was.

A page that is not there any more means that its release was withdrawn on positive evidence only. `Moves` finds releases
whose pages have moved: known by another spelling of their site's address, or by redirects for good.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
from collections import deque
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from importlib.metadata import version
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ingest.addresses import canonical, place_on_page, placed, spellings
from ingest.dates import parse_date
from ingest.errors import FetchError, ListPageError, PageMissingError, SourceError
from ingest.listing.discover import ContentKind, FoundEntries, entries_of, read_part
from ingest.sources import Failure, Item, identity_of
from ingest.types import Entry, Missing, Page, UnchangedPage, WebPage
from vectorstore.processes import Daemons
from vectorstore.types import Filter, Visit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future

    from ingest.fetch.fetcher import Fetcher
    from ingest.listing.discover import FetchedPage, Unread
    from ingest.parse.workers import Workers
    from ingest.sources import Limits
    from ingest.types import Part, Source
    from vectorstore.store import PassageStore

APART = timedelta(days=1)
"""Between the first and the last time that the server says there is no such page: a site may be half down for hours."""


def cause_of_withdrawal(visit: Visit, *, status: int, delisted: bool, now: datetime) -> str | None:
    """Why a release counts as withdrawn whose page the server now says is not there; None while that is not sure.

    `delisted`: the newsroom's sitemap held its address and does so no more. Scrolling off a feed means nothing.
    """
    if delisted:
        return f"gone from the sitemap, and the server says that there is no such page ({status})"
    since = visit.missing_since
    if since is not None and now - since >= APART:
        return f"the server has said since {since:%Y-%m-%d %H:%M} UTC that there is no such page ({status})"
    return None


_NEVER = datetime.min.replace(tzinfo=UTC)
_AHEAD = 8  # pages for each one that is being fetched: one slow page does not hold up the others


class WebReading:
    """The pages of a feed, a sitemap, a listing or a single page, fetched some at once and given in order.

    Pages that are to be left out are counted as taken down and not asked for.
    Raises FetchError and SourceError where the source itself cannot be read.
    """

    def __init__(  # noqa: PLR0913 - the parts of a reading, finished
        self,
        source: Source,
        fetcher: Fetcher,
        store: PassageStore,
        *,
        workers: Workers,
        limits: Limits,
        now: datetime,
        leave_out: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self._source = source
        self._identity = identity_of(source.location)
        self._leave_out = leave_out
        self._fetcher = fetcher
        self._store = store
        self._workers = workers
        self._now = now
        self._at_once = fetcher.at_once
        found = self._found()
        self._complete = found.complete and limits.limit is None and limits.since is None
        self._failures = found.failures
        self.kind = found.kind.name.lower() if found.kind else None
        self._read = {canonical(source.location): found.single} if found.single else {}
        wanted = [entry for entry in found.entries if not leave_out(entry.address)]
        self.taken_down = len(found.entries) - len(wanted)
        recent = [entry for entry in wanted if not _is_before(entry, limits.since)]
        self._entries = recent[: limits.limit]
        self.before_since = len(wanted) - len(recent)
        self.beyond_limit = len(recent) - len(self._entries)
        self.warnings = found.warnings
        self._delisted: set[str] = set()
        known = store.records.visits(self._identity)
        self._moved = Moves(source, store, fetcher).found([placed(entry.address) for entry in self._entries], known)
        if limits.limit is None and limits.since is None:
            self._entries += self._unlisted({placed(entry.address) for entry in found.entries}, known)
        self._shared = {canonical(entry.address): _Once() for entry in self._entries if place_on_page(entry.address)}
        self.total = len(self._entries) + len(self._failures)

    def _found(self) -> FoundEntries:
        """What the source names. A single page that held a release and is gone is named still: to be missed."""
        if self._leave_out(self._source.location):  # a page, for no list is ever taken down
            return FoundEntries((Entry(canonical(self._source.location)),))
        try:
            return entries_of(
                self._source,
                self._fetch,
                read=self._read_part,
                until_now=self._kind_until_now(),
            )
        except ListPageError as exc:
            raise self._instead(exc) from exc
        except PageMissingError:
            address = canonical(self._source.location)
            visit = self._store.records.visit(address)
            if visit is None or visit.release_id is None:
                raise
            return FoundEntries((Entry(address),))

    def _read_part(self, unread: Unread) -> tuple[ContentKind, Part]:
        return self._workers.call(unread.address, read_part, unread)

    def _instead(self, exc: ListPageError) -> SourceError:
        """The error for a page that lists others, with the lists that were found for whoever named it by hand."""
        if not self._source.by_hand:
            return exc
        from ingest.listing.newsroom import find_lists, told

        return SourceError(exc.location, told(find_lists(exc.location, self._fetch, self._read_part, now=self._now)))

    def _kind_until_now(self) -> ContentKind | None:
        known = (health.kind for health in self._store.records.health() if health.location == self._identity)
        return next((kind for name in known for kind in ContentKind if kind.name.lower() == name), None)

    def begin_with_the_rest(self) -> None:
        """Read first what the last run did not come to, if that was ended before it was through."""
        checked = {visit.address: visit.checked for visit in self._store.records.visits(self._identity)}
        self._entries.sort(key=lambda entry: checked.get(placed(entry.address), _NEVER))

    def items(self) -> Iterator[Item]:
        """What came of every page, in the order of the list."""
        yield from self._failures
        waiting: deque[Future[Item]] = deque()
        entries = iter(self._entries)
        with contextlib.closing(Daemons(self._at_once, "fetch")) as pool:
            try:
                for entry in itertools.islice(entries, self._at_once * _AHEAD):
                    waiting.append(pool.submit(self._look, entry, self._visit(entry)))
                while waiting:
                    yield waiting.popleft().result()
                    for entry in itertools.islice(entries, 1):
                        waiting.append(pool.submit(self._look, entry, self._visit(entry)))
            except BaseException:  # Ctrl-C, or nobody reads on: what is on its way is let go of
                for future in waiting:
                    future.cancel()
                self._fetcher.stop()
                raise

    def _unlisted(self, listed: set[str], visits: Sequence[Visit]) -> list[Entry]:
        """Pages to be looked at although the list does not name them: those it once did, and those that were missing.

        Only a whole list, a sitemap, is asked twice: an address that it named and names no more is looked at once. The
        old address of a page that has moved is not looked at.
        """
        elsewhere = {*self._moved.values(), *(visit.release_id for visit in visits if visit.address in listed)}
        known = [
            visit for visit in visits if visit.address not in listed and visit.release_id not in elsewhere - {None}
        ]
        self._delisted = {visit.address for visit in known if self._complete and visit.listed and visit.release_id}
        missing = {visit.address for visit in known if visit.missing_since and not self._is_withdrawn(visit)}
        return [Entry(visit.address) for visit in known if visit.address in self._delisted | missing]

    def _is_withdrawn(self, visit: Visit) -> bool:
        release = self._store.records.get(visit.release_id) if visit.release_id else None
        return release is None or release.withdrawn is not None

    def _visit(self, entry: Entry) -> Visit:
        """What is known of an entry's address, brought up to what the list says now."""
        address = placed(entry.address)
        known = self._store.records.visit(address)
        known = known or Visit(address, self._identity, self._now, release_id=self._moved.get(address))
        if self._complete:
            known = replace(known, source=self._identity, listed=address not in self._delisted)
        return replace(
            known,
            checked=self._now,
            published=known.published or entry.published,  # the first word holds: some feeds date everything "now"
        )

    def _look(self, entry: Entry, visit: Visit) -> Item:
        """Fetch one page and tell what it is; runs beside others of its kind, and touches no database."""
        trusted = self._source.trust_lastmod and entry.lastmod is not None and entry.lastmod == visit.lastmod
        if trusted and visit.content and visit.release_id:
            return UnchangedPage(visit.release_id, visit)
        try:
            fetched = self._read.get(entry.address) or self._fetched(entry)
        except PageMissingError as exc:
            return self._missing(visit, exc)
        except FetchError as exc:
            return Failure(exc.location, exc.cause)
        if self._leads_to_front(entry, fetched):
            return Failure(entry.address, f"now leads to {fetched.final}, which is no release; what is stored is kept")
        content = _digest(fetched, self._source)
        seen = replace(visit, content=content, lastmod=entry.lastmod, missing_since=None)
        if visit.content == content and visit.release_id:
            return UnchangedPage(visit.release_id, seen)
        return WebPage(self._page(entry, fetched), seen, known=visit.release_id)

    def _fetched(self, entry: Entry) -> FetchedPage:
        """The page of an entry; one of which several are places is asked for once."""
        page = canonical(entry.address) if place_on_page(entry.address) else entry.address
        fetch = partial(self._fetch, entry.asked or page)
        return self._shared[page].result(fetch) if page in self._shared else fetch()

    def _missing(self, visit: Visit, exc: PageMissingError) -> Item:
        if visit.release_id is None:
            return Failure(exc.location, exc.cause)
        delisted = visit.address in self._delisted
        cause = cause_of_withdrawal(visit, status=exc.status, delisted=delisted, now=self._now)
        since = visit.missing_since or self._now
        return Missing(visit.release_id, replace(visit, missing_since=since, listed=False), cause)

    def _leads_to_front(self, entry: Entry, fetched: FetchedPage) -> bool:
        """Whether an address was sent on to the front page or to the list, as some sites do where a page is gone."""
        if canonical(fetched.final) == canonical(entry.address):
            return False
        is_list = canonical(fetched.final) == canonical(self._source.location)
        parts = urlsplit(fetched.final)
        return is_list or (parts.path in {"", "/"} and not parts.query)  # `/?p=123` is a page of its own

    def _page(self, entry: Entry, fetched: FetchedPage) -> Page:
        source = replace(self._source, language=entry.language or self._source.language)
        place = place_on_page(entry.address)
        final = f"{canonical(fetched.final)}#{place}" if place else fetched.final
        return Page(
            location=final,
            id=placed(final) if place else canonical(final),
            content=fetched.content,
            source=source,
            charset=fetched.charset,
            entry=entry,
            media_type=fetched.content_type,
        )

    @property
    def _fetch(self) -> Callable[[str], FetchedPage]:
        return lambda address: self._fetcher.fetch(address, allow_private=self._source.allow_private)


class _Once:
    """What a call gave, for all that ask for it: the first makes it, the others wait."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._page: FetchedPage | None = None

    def result(self, fetch: Callable[[], FetchedPage]) -> FetchedPage:
        """The page; where it cannot be had, whoever asks next tries again."""
        with self._lock:
            if self._page is None:
                self._page = fetch()
            return self._page


def _is_before(entry: Entry, since: datetime | None) -> bool:
    """Whether an entry is known to be older: a page last changed before a day was not published after it."""
    moment = entry.published or (parse_date(entry.lastmod) if entry.lastmod else None)
    return since is not None and moment is not None and not Filter(since=since).spans(moment)


def _digest(fetched: FetchedPage, source: Source) -> str:
    """Names what a release was read from, and how: a newer version of this program may read it better."""
    told = (_reader(), fetched.final, fetched.charset, source.publisher, source.language)
    digest = hashlib.sha256("\n".join(map(str, told)).encode())
    digest.update(fetched.content)
    return digest.hexdigest()


@cache
def _reader() -> str:
    return version("communique")


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
        new = [address for address in listed if address not in visited and self._store.records.visit(address) is None]
        found = {address: release for address in new if (release := self._respelt(address))}
        left = set(new) - found.keys()
        if left and 2 * len(left) >= len(listed):
            before = [visit for visit in known if visit.release_id and visit.address not in listed_now]
            found |= self._led(left, sorted(before, key=lambda visit: visit.checked, reverse=True))
        return found

    def _respelt(self, address: str) -> str | None:
        """The release that is known at another spelling of an address."""
        for other in spellings(address):
            visit = self._store.records.visit(other)
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
        alike = [other for other in new if other == final or urlsplit(other)._replace(query="").geturl() == final]
        return final if final in new else alike[0] if len(alike) == 1 else None
