"""Whether a page is the release that belongs at its address, or something else stands in its place.

`sign_of` tells what speaks against a page by itself: the words of error pages and consent walls (`doubt.toml`), a list
of links, marks in its head. `Judge` sees the pages of a round together, for walls are given away by what several of
them have in common, and `Probe` asks a host what it answers where there is no page.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections import defaultdict, deque
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote, urljoin, urlsplit

from ingest.addresses import canonical
from ingest.errors import IngestError
from ingest.following import APART
from ingest.parse.furniture import folded, names_section
from ingest.releases import by_title, has_another_title, is_foreign, is_the_same, path_of, place_of
from ingest.types import Page
from vectorstore.text.words import index_words
from vectorstore.types import Doubted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from ingest.listing.discover import FetchedPage
    from ingest.types import Entry, Source, WebPage
    from vectorstore.store import PassageStore
    from vectorstore.types import Release, StoredRelease

_Kind = Literal["missing", "gone", "wall", "other"]
"""What a page is taken for, and so what becomes of a stored release if it is there a day later.

`missing` says that there is no such page, which is as good as a 404: its release is withdrawn. `gone` is what a host
answers for any address, or leads elsewhere: withdrawn too, if the site otherwise shows its releases. `wall` stands
before the pages of a site: never believed. `other` has a text of its own: believed.
"""

SHORT = 150
"""Words of text: error pages have fewer, and so has a quarter of the Swiss releases in English, which are dated."""

_LONGEST = 400  # words; a consent wall may say as much
_BARE = 60  # words
_LONGEST_TITLE = 10  # words
_TELLING = 3  # words of an address, or of a list's title, of which none may be on the page
_PART = re.compile(r"\s[|–—·-]\s|[…|]")
_NUMBER = re.compile(r"\b(?:error|erreur|http|code|status|oops|oups|sorry|desole|\d+)\b")


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a page is not taken for the release that belongs at its address."""

    kind: _Kind
    cause: str


def is_short(release: Release) -> bool:
    """Whether a release has the length of an error page."""
    return len(release.text.split()) <= SHORT


def sign_of(release: Release, address: str, entry: Entry | None) -> Doubt | None:
    """What speaks against a page by itself, the surest first; None where nothing does."""
    if found := _phrases(release) or _list(release, entry):
        return found
    if release.published is not None or not is_short(release) or _is_announced(release, entry):
        return None
    if "password" in release.signs:
        return Doubt("wall", "has no date, hardly a text, and a field for a password")
    if "noindex" in release.signs:
        return Doubt("other", "has no date, hardly a text, and asks search engines not to keep it")
    wanted = _announced(address, entry)
    if len(wanted) >= _TELLING and not wanted & set(index_words(f"{release.title}\n{release.text}", None)):
        return Doubt("other", "has no date, hardly a text, and no word of what its address or its list says of it")
    return None


def _list(release: Release, entry: Entry | None) -> Doubt | None:
    """A list of others; a dated one under the very title that it was announced by may be a digest."""
    if "list" not in release.signs:
        return None
    is_digest = (
        release.published is not None
        and entry is not None
        and index_words(entry.title or "", None) == index_words(release.title, None)
        and not names_section(release.title)
    )
    return Doubt("other" if is_digest else "wall", "is made of links to other pages and their beginnings")


def _is_announced(release: Release, entry: Entry | None) -> bool:
    """Whether the page's title has most of the words of the one in its list, which nothing in its place has."""
    wanted = set(index_words(entry.title, None)) if entry and entry.title else set()
    return len(wanted) >= _TELLING and 2 * len(wanted & set(index_words(release.title, None))) > len(wanted)


def _announced(address: str, entry: Entry | None) -> set[str]:
    """The words that a list, or else an address, says of its page."""
    if entry is not None and entry.title:
        return set(index_words(entry.title, None))
    last = unquote(urlsplit(address).path).rstrip("/").rsplit("/", 1)[-1].rsplit(".", 1)[0]
    words = [word for word in re.split(r"[-_+ ]", last) if word.isalpha() and len(word) > 3]
    return set(index_words(" ".join(words), None)) if words else set()


def _phrases(release: Release) -> Doubt | None:
    """The kind of page that the words are of; the longer the page, the more of them it must say."""
    length = len(release.text.split())
    if length > _LONGEST:
        return None
    text, parts = _folded(release.text), set(_title_parts(release.title))
    for name, known in _known().items():
        titled = bool(parts & known.titles)
        said = sum(f" {phrase} " in f" {text} " for phrase in known.texts)
        alone = titled or (known.sure and length <= _BARE and release.published is None)
        enough = said >= 2 or (said == 1 and alone) or (titled and length <= _BARE)
        if enough and (length <= SHORT or (titled and said >= 3)):
            return Doubt("missing" if name == "missing" else "wall", f"{known.means}: {release.title!r}")
    return None


@dataclass(frozen=True, slots=True)
class _Phrases:
    means: str
    sure: bool
    titles: frozenset[str]
    texts: frozenset[str]


@cache
def _known() -> dict[str, _Phrases]:
    listed: dict[str, Any] = tomllib.loads(Path(__file__).with_name("doubt.toml").read_text("utf-8"))
    return {
        name: _Phrases(kind["means"], kind.get("sure", False), frozenset(kind["titles"]), frozenset(kind["texts"]))
        for name, kind in listed.items()
    }


def _title_parts(title: str) -> Iterator[str]:
    if len(title.split()) <= _LONGEST_TITLE:
        before, colon, after = title.partition(":")
        for part in (title, *_PART.split(title), *((before, after) if colon else ())):
            words = _folded(part)
            if part == title or not colon or " " in words:  # « Cookies : … » opens many a headline
                yield words
                yield " ".join(_NUMBER.sub(" ", words).split())


def _folded(text: str) -> str:
    return folded(text.casefold().replace("œ", "oe"))


_HELD = 256
"""Pages that wait for others with the same words, so that the first of them is seen through too."""

# What changes at each request: the number of a request, a time, an internet address.
_PASSING = re.compile(r"\b(?:(?=\w*\d)(?=\w*[a-z])\w{8,64}|\d{1,2}:\d\d(?::\d\d)?|\d{1,3}(?:\.\d{1,3}){3})\b")


@dataclass(frozen=True, slots=True)
class Judged:
    """A page with its release, to be taken in unless there is a `doubt`, or it is as good as gone for that `cause`."""

    item: WebPage
    release: Release
    doubted: Doubted | None = None
    withdrawn: str | None = None


@dataclass(frozen=True, slots=True)
class _Held:
    item: WebPage
    release: Release
    stored: StoredRelease | None


class Judge:
    """Made for each round, as what several pages of one round have in common is what gives walls away.

    A page that is short or has no date, or that has next to nothing in common with what is stored, is held until others
    were seen; `rest` gives those that are still held at the end of a source. All others are let through at once.
    """

    def __init__(self, store: PassageStore, probe: Probe, now: datetime) -> None:
        self._store = store
        self._probe = probe
        self._now = now
        self._held: deque[_Held] = deque()
        self._words: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._texts: dict[str, set[str]] = defaultdict(set)
        self._led: dict[str, set[str]] = defaultdict(set)
        self._in_order: set[str] = set()

    @cached_property
    def _doubted(self) -> dict[str, Doubted]:
        return {page.address: page for page in self._store.records.doubted()}

    @cached_property
    def _titled(self) -> dict[str, list[str]]:
        return by_title(self._store)

    def confirm(self, address: str) -> bool:
        """Note that the page at an address is as it should be; whether another was kept aside of it."""
        self._in_order.add(urlsplit(address).netloc)
        return address in self._doubted

    def judge(self, item: WebPage, release: Release) -> Iterator[Judged]:
        """The pages that are judged now, which may be others than this one."""
        held = _Held(item, release, self._stored(item, release))
        if not self._is_suspicious(held):
            yield Judged(item, release)
            return
        self._held.append(held)
        path = path_of(item.visit.address)
        self._words[_words(release)].add(path)
        self._texts[_words(release)[1]].add(path)
        if item.was_sent_on:
            self._led[item.page.id].add(path)
        if len(self._held) > _HELD:
            yield self._judged(self._held.popleft())

    def rest(self) -> Iterator[Judged]:
        """The pages that are still held."""
        while self._held:
            yield self._judged(self._held.popleft())

    def _stored(self, item: WebPage, release: Release) -> StoredRelease | None:
        if item.known and (stored := self._store.records.get(item.known)):
            return stored
        return place_of(release, item, self._store)[1]

    def _is_suspicious(self, held: _Held) -> bool:
        item, release, stored = held.item, held.release, held.stored
        if "list" in release.signs:
            return True
        if stored is None:
            return release.published is None or is_short(release)
        if item.was_sent_on and self._leads_to_another(item, stored):
            return False  # to a release that is stored: nothing of it is put in the place of this one
        return release.text != stored.text and is_foreign(release, stored)

    def _leads_to_another(self, item: WebPage, stored: StoredRelease) -> bool:
        other = self._store.records.by_url(canonical(item.page.location))
        return other is not None and other.id != stored.id

    def _judged(self, held: _Held) -> Judged:
        doubt = self._doubt_of_change(held) if held.stored else self._doubt_of_new(held)
        if doubt is None:
            return Judged(held.item, held.release)
        page = self._kept_aside(held, doubt)
        is_late = self._now - page.since >= APART
        if is_late and doubt.kind == "other":
            return Judged(held.item, held.release)
        gone = doubt.kind == "missing" or (doubt.kind == "gone" and self._works(held))
        cause = f"since {page.since:%Y-%m-%d %H:%M} UTC the page {doubt.cause}" if is_late and gone else None
        return Judged(held.item, held.release, page, cause if held.stored else None)

    def _doubt_of_change(self, held: _Held) -> Doubt | None:
        """Why a page is not taken for a new version of what is stored, whose text is quite another."""
        assert held.stored is not None
        item, release = held.item, held.release
        sign = sign_of(release, item.visit.address, item.page.entry)
        if sign and sign.kind != "other":
            return sign
        others = self._others(held, self._texts[_words(release)[1]])
        shared = f"has the same text as {_named(others)}, and next to nothing of what is stored" if others else ""
        if not has_another_title(release, held.stored):
            return Doubt("wall", shared) if shared else None
        if self._is_no_page(held):
            return Doubt("gone", "is what its host answers where there is no page")
        if shared:
            return Doubt("wall", shared)
        if item.was_sent_on:
            return Doubt("gone", f"leads to {item.page.location}, which has next to nothing of what is stored")
        return Doubt("other", "has next to nothing in common with what is stored")

    def _doubt_of_new(self, held: _Held) -> Doubt | None:
        """Why a page is not taken for a new release."""
        item, release = held.item, held.release
        if sign := sign_of(release, item.visit.address, item.page.entry):
            return sign
        bare = release.published is None and is_short(release)
        if bare and self._is_no_page(held):
            return Doubt("gone", "is what its host answers where there is no page")
        own = path_of(item.visit.address)
        led = self._led[item.page.id] - {path_of(item.page.id), own} if item.was_sent_on else set()
        if led:
            return Doubt("wall", f"is sent on to {item.page.location}, as {_named(led)} is")
        others = self._others(held, self._words[_words(release)])
        if bare:
            others |= self._stored_alike(held)
        if others and (bare or len(others) > 1):
            return Doubt("wall", f"has the same words as {_named(others)}")
        return None

    def _others(self, held: _Held, paths: set[str]) -> set[str]:
        """Where else the same words were read: in this round, or at a page that is kept aside."""
        own, words = path_of(held.item.visit.address), _words(held.release)
        aside = {path_of(page.address) for page in self._doubted.values() if _words(page) == words}
        return (paths | aside) - {own, path_of(held.item.page.id)}

    def _stored_alike(self, held: _Held) -> set[str]:
        """The stored releases from other addresses of this host with the same words."""
        own, words = path_of(held.item.visit.address), (held.release.title, held.release.text)
        found = filter(
            None, (self._store.records.get(identity) for identity in self._titled.get(held.release.title, ()))
        )
        paths = {path_of(one.url) for one in found if one.url and (one.title, one.text) == words}
        return {path for path in paths if path != own and path.partition("/")[0] == own.partition("/")[0]}

    def _is_no_page(self, held: _Held) -> bool:
        answer = self._probe.beside(held.item)
        return answer is not None and is_the_same(answer, held.release)

    def _works(self, held: _Held) -> bool:
        """Whether the site otherwise shows its releases: else the whole of it is behind a wall."""
        return urlsplit(held.item.visit.address).netloc in self._in_order

    def _kept_aside(self, held: _Held, doubt: Doubt) -> Doubted:
        item, release, stored = held.item, held.release, held.stored
        before = self._doubted.get(item.visit.address)
        page = Doubted(
            address=item.visit.address,
            source=item.visit.source,
            title=release.title,
            text=release.text,
            cause=doubt.cause,
            since=self._now,
            seen=self._now,
            release_id=stored.id if stored else None,
        )
        return replace(page, since=before.since) if before and is_the_same(before, page) else page


def _words(page: Release | Doubted) -> tuple[str, str]:
    """Title and text, less what changes at each request."""
    title, text = (_PASSING.sub("", words.casefold()) for words in (page.title, page.text))
    return title, text


def _named(others: set[str]) -> str:
    """One of several addresses, and how many there are beside it."""
    first, *more = sorted(others)
    return f"{first} and {len(more)} more" if more else first


class Probe:
    """Asks each host once for an address beside a page's own that nobody has given to a page."""

    def __init__(self, fetch: Callable[[str, Source], FetchedPage], parse: Callable[[Page], Release]) -> None:
        self._fetch = fetch
        self._parse = parse
        self._answers: dict[str, Release | None] = {}

    def beside(self, item: WebPage) -> Release | None:
        """What stands where no page can be, on the host of this page; None where it rightly says that nothing does."""
        host = urlsplit(item.page.location).netloc
        if host not in self._answers:
            self._answers[host] = self._ask(item.page.location, item.page.source)
        return self._answers[host]

    def _ask(self, location: str, source: Source) -> Release | None:
        # The same name at each run: the page cache then holds one answer for a host, and not one for each run.
        name = f"no-such-page-{hashlib.sha256(urlsplit(location).netloc.encode()).hexdigest()[:12]}"
        try:
            fetched = self._fetch(urljoin(location, name), source)
            return self._parse(Page(fetched.final, name, fetched.content, source, charset=fetched.charset))
        except IngestError:
            return None
