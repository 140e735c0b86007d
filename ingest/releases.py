"""From pages to releases under their names: parsed ahead of whoever takes them, and each taken once in a round.

And what a release is to the store: new, changed or unchanged, by its content, or taken down and to stay away. How much
two pages have in common says whether one may stand in the place of the other.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from ingest.addresses import canonical, place_on_page, placed, same_site
from ingest.dates import believed_publication
from ingest.errors import IngestError
from ingest.parse import parse
from ingest.parse.workers import Call
from ingest.report import Change
from ingest.sources import Failure, identity_of
from ingest.types import Page, Source, WebPage
from vectorstore.text.words import index_words
from vectorstore.types import words_mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from concurrent.futures import Future
    from datetime import datetime

    from ingest.parse.workers import Workers
    from ingest.report import SourceTally
    from ingest.sources import Item
    from vectorstore.store import PassageStore
    from vectorstore.types import Release, StoredRelease


def address_of(release: Release, page: WebPage) -> str:
    """The address that a release is known by: the one its page names as canonical, else the one it was read at.

    A page that names another site, or the front page, as canonical is not believed: both are common mistakes. Of
    several releases on one page each has its place in its address.
    """
    own = placed(page.page.location) if _is_placed(page) else canonical(page.page.location)
    if _is_placed(page) or release.url is None or not same_site(release.url, own):
        return own
    named = canonical(release.url)
    parts = urlsplit(named)
    return own if parts.path in {"", "/"} and not parts.query else named


def place_of(release: Release, page: WebPage, store: PassageStore) -> tuple[str, StoredRelease | None]:
    """The address that a release is known by, and the stored release that has it.

    Some templates name one address as canonical on every page. Where that is another release's, the page's own counts.
    """
    address = address_of(release, page)
    own = address if _is_placed(page) else canonical(page.page.location)
    owner = store.records.by_url(address)
    if owner is None or address == own or owner.id == page.known:
        return address, owner
    if (page.known and not page.was_sent_on) or is_another(release, owner):
        return own, store.records.by_url(own)
    return address, owner


def _is_placed(page: WebPage) -> bool:
    return page.page.entry is not None and bool(place_on_page(page.page.entry.address))


def named(release: Release, page: WebPage, *, address: str, owner: str | None) -> Release:
    """The release with its id, address, date and translations.

    `address` and `owner` are as from `place_of`, of the owner its id.

    What was read at this address before stays the same release, also when its page names another address now.
    """
    listed = page.page.entry.twins if page.page.entry else ()
    others = (other for other in (*release.translations, *listed) if canonical(other) != address)
    return replace(
        release,
        id=page.known or owner or address,
        url=address,
        published=_published(release, page.visit.published),
        translations=tuple(dict.fromkeys(others)),
    )


def _published(release: Release, listed: datetime | None) -> datetime | None:
    """The day beside its headline, with the list's hour if both agree; else the date of the list, else the page's."""
    return believed_publication(listed, release.published) if "dated" in release.signs else listed or release.published


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
        return self._copies.get((path_of(address), _words(release)), release.id)

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
        copy = self._copies.setdefault((path_of(address), words), release.id)
        if copy != release.id or release.id in self._words:
            return None
        self._words[release.id] = words
        return release


def _words(release: Release | StoredRelease) -> Words:
    return release.title, release.text


def path_of(address: str) -> str:
    """An address without its parameters, which seldom choose a page."""
    parts = urlsplit(address)
    return parts.netloc + parts.path


def by_title(store: PassageStore) -> dict[str, list[str]]:
    """The ids of the stored releases below each title."""
    titled: dict[str, list[str]] = defaultdict(list)
    for identity, title in store.records.titled("", 10**9):
        titled[title].append(identity)
    return titled


Leads = Callable[[str, Source], frozenset[str]]
"""Gives the addresses that an address of this source leads to for good, or whose page names as canonical."""

_MOST_TITLED = 20  # releases below one title that are looked at
_MOST_ASKED = 3  # old addresses of releases with the same words
_TAKE_ITS_PLACE = ", or remove that one first (`communique releases remove --allow-again`) if this one takes its place"


class Understanding:
    """Understands the pages of one round, and tells releases that were met before from those that were not."""

    def __init__(self, store: PassageStore, met: Round, leads: Leads) -> None:
        self._store = store
        self._round = met
        self._leads = leads

    @cached_property
    def _titled(self) -> dict[str, list[str]]:
        """The releases below each title, as they were stored when the round began."""
        return by_title(self._store)

    def parsed(self, parsed: Release | IngestError, tally: SourceTally) -> Release | None:
        """The release on a page; None where there is none, which the tally then says."""
        if isinstance(parsed, IngestError):
            tally.failed.append(Failure(parsed.location, parsed.cause))
            return None
        tally.warnings += [f"{parsed.source}: {warning}" for warning in parsed.warnings]
        return parsed

    def release_of(
        self, release: Release, item: Page | WebPage, tally: SourceTally
    ) -> tuple[Release, StoredRelease | None] | None:
        """The release under its name, and what is stored under that.

        None where it was met already, or its id is another's, which the tally then says.
        """
        if not isinstance(item, WebPage):
            return self._of_file(release, item, tally)
        found = self._of_web(release, item, tally)
        return (found, self._store.records.get(found.id)) if found else None

    def _of_file(self, release: Release, page: Page, tally: SourceTally) -> tuple[Release, StoredRelease | None] | None:
        """The release, if its id is that of no other that is stored, or of another file or line of this round.

        One that is named twice is no other.
        """
        stored = self._store.records.get(release.id)
        if stored is not None and has_id_of_another(release, page, stored):
            other, way = f"{stored.source} ({release.id}), which is another release and is kept", _TAKE_ITS_PLACE
        elif (place := self._round.other_place(release, page)) is not None:
            other, way = f"{place} ({release.id})", ""
        else:
            return release, stored
        cause = f"has the same id as {other}; give each release an id of its own{way}"
        tally.failed.append(Failure(release.source, cause))
        return None

    def _of_web(self, release: Release, item: WebPage, tally: SourceTally) -> Release | None:
        """The release under its canonical address, if no other address of this round led to it."""
        place, owner = place_of(release, item, self._store)
        address = item.visit.address
        if owner and item.known and owner.id != item.known and item.was_sent_on:
            tally.warnings.append(f"{address}: now leads to another release, {owner.id}; what is stored is kept")
            self._met(owner.id, item, tally)
            return None
        if owner is None and item.known is None and (copy := self._copy_of(release, address)):
            self._met(copy, item, tally)
            return None
        if owner is None and item.known is None and (old := self._moved_from(release, place, item)):
            item = replace(item, known=old)
        found = named(release, item, address=place, owner=owner.id if owner else None)
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
        return next((one.id for one in self._store.records.at_path(path) if (one.title, one.text) == words), None)

    def _moved_from(self, release: Release, place: str, item: WebPage) -> str | None:
        """The stored release of this site with the same words whose address now leads to this one."""
        found = map(self._store.records.get, self._titled.get(release.title, ())[:_MOST_TITLED])
        alike = [stored for stored in found if stored is not None and self._may_be(stored, release, place)]
        new = {place, item.visit.address, item.page.id}
        asked = (old for old in alike[:_MOST_ASKED] if old.url and new & self._leads(old.url, item.page.source))
        return next((old.id for old in asked), None)

    def _may_be(self, stored: StoredRelease, release: Release, place: str) -> bool:
        same = (stored.title, stored.text) == (release.title, release.text)
        publishers = {stored.publisher, release.publisher} - {None}
        return same and len(publishers) < 2 and stored.url is not None and same_site(stored.url, place)

    def _is_late(self, found: Release, first: str) -> bool:
        """Whether a page was corrected after this round had taken it for unchanged: the next round reads it again."""
        stored = self._store.records.get(first) if self._round.is_unread(first) else None
        return stored is not None and (stored.title, stored.text) != (found.title, found.text)

    def _met(self, release_id: str, item: WebPage, tally: SourceTally) -> None:
        """Note that an address leads to a release that is read at another."""
        tally.duplicates += 1
        tally.visits.append(replace(item.visit, release_id=release_id))


# A line of JSON takes no longer to be parsed than to be sent: so many go together, or so many bytes.
_TOGETHER = 64
_ENOUGH = 2**17


def parsed_ahead(
    items: Iterable[Item], workers: Workers, *, ocr: bool = False
) -> Iterator[tuple[Item, Release | IngestError | None]]:
    """Each item in order, with the release on it or why there is none; with None where it is no page.

    What comes from the web is begun as soon as it is there; lines and small files are sent some at once. `ocr` is as in
    `ingest.parse.page.parse_page`.
    """
    waiting: deque[tuple[list[Item], Future[list[Release | IngestError]]]] = deque()
    try:
        for batch in _batches(items):
            calls = [Call(page.location, (page, ocr)) for page in map(_page, batch) if page]
            waiting.append((batch, workers.start(parse, calls)))
            while waiting and (waiting[0][1].done() or len(waiting) > 2 * workers.at_once):
                yield from _taken(*waiting.popleft())
        while waiting:
            yield from _taken(*waiting.popleft())
    finally:  # nobody reads on
        for _, future in waiting:
            future.cancel()


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    batch: list[Item] = []
    size = 0
    for item in items:
        batch.append(item)
        size += len(item.content) if isinstance(item, Page) else _ENOUGH
        if size >= _ENOUGH or len(batch) >= _TOGETHER:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _taken(
    batch: list[Item], future: Future[list[Release | IngestError]]
) -> Iterator[tuple[Item, Release | IngestError | None]]:
    results = iter(future.result())
    for item in batch:
        yield item, next(results) if _page(item) else None


def _page(item: Item) -> Page | None:
    if isinstance(item, WebPage):
        return item.page
    return item if isinstance(item, Page) else None


def change_of(release: Release, stored: StoredRelease | None) -> Change:
    """Compare a release with what is stored under its id; None means that nothing is."""
    if stored is None:
        return Change.NEW
    if stored.content_hash == release.content_hash or _content(stored) == _content(release):
        return Change.UNCHANGED
    return Change.CHANGED


def has_id_of_another(release: Release, page: Page, stored: StoredRelease) -> bool:
    """Whether the id that a file or line states is that of another release, which was stored from elsewhere.

    Two newsrooms may both count from 1; an address is that of one release wherever it is stated. A relative path may be
    that of several files, which their publishers tell apart.
    """
    if release.id.startswith((page.id, "http://", "https://")) or _words(release) == _words(stored):
        return False
    file = stored.source.rpartition(":")[0] if page.line else stored.source
    publishers = {release.publisher, stored.publisher} - {None}
    return (identity_of(file) != page.id or len(publishers) > 1) and is_another(release, stored)


def _content(release: Release | StoredRelease) -> tuple[object, ...]:
    """What makes a version; when a page says it was updated does not, for some say "now" at each request."""
    stated = (release.language, release.publisher, release.url, release.pair, release.published)
    return (release.title, release.text, *stated)


class Takedowns:
    """What may not come in again, as it stood when a run began; `found_again` are further marks that it was met by."""

    def __init__(self, store: PassageStore) -> None:
        self._store = store
        self._kept_away = store.records.kept_away()
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
        return any(self._store.records.get(name) or self._store.records.by_url(name) for name in names)


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
    """Whether few words follow each other in both titles. One that both have does not make them alike, several do.

    Their order counts: "prices fell in May" and "prices rose in June" are of two releases.
    """
    from rapidfuzz import fuzz

    first, second = (index_words(worded.title, None) for worded in (one, other))
    if first == second:
        return False
    if min(len(first), len(second)) < 2:
        return True
    return fuzz.ratio(first, second) < _TITLES


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
