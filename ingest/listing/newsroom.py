"""A newsroom's address -> its feeds, sitemaps and pages of links, the most promising first."""

from __future__ import annotations

import re
import shlex
import tomllib
import unicodedata
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

from ingest.addresses import canonical, is_web, same_site
from ingest.errors import IngestError
from ingest.listing.discover import LISTS, ContentKind, Unread
from ingest.sources import Failure
from vectorstore.text import detect_language

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ingest.listing.discover import FetchedPage
    from ingest.types import Entry, Part

SHOWN = 10
"""Entries of a list whose titles and dates are looked up, if the list does not state them."""

_MOST_ASKED = 30  # addresses; a site without any list is left alone after these
_MOST_LISTS = 5
_MOST_PARTS = 3  # sitemaps of an index: enough to see what it holds
_MOST_SECTIONS = 2  # pages of the site that are called a press section
_NAMED = 3  # lists, or addresses that were asked, in a message
_FEWEST = 3  # releases that have an address in common
_MOST_FOLDERS = 8
_FEWEST_WORDS = 4  # of a headline; a menu has shorter ones
_RARE = 0.2  # of the entries
_NEVER = datetime.min.replace(tzinfo=UTC)
_RANKS = {ContentKind.FEED: 40, ContentKind.SITEMAP: 20, ContentKind.SITEMAP_INDEX: 20, ContentKind.HTML: -20}


@dataclass(frozen=True, slots=True)
class FoundList:
    """A list of a newsroom's releases: where it is, how many it names, and the newest of them.

    `links` is the pattern that the addresses of releases match, where the list names other pages too.
    """

    address: str
    kind: ContentKind
    count: int
    entries: tuple[Entry, ...]
    links: str | None = None
    score: float = 0.0

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of its entries, the commonest first, as they say or by their titles; none that is rare."""
        titles = [entry.title for entry in self.entries if entry.title]
        codes = Counter(entry.language for entry in self.entries if entry.language) or Counter(
            code for title in titles if (code := detect_language(title))
        )
        return tuple(code for code, count in codes.most_common() if count >= _RARE * codes.total())

    @property
    def called(self) -> str:
        """What to call it in a message."""
        return "a page of links" if self.kind is ContentKind.HTML else self.kind.value


@dataclass(frozen=True, slots=True)
class Newsroom:
    """What a newsroom's address led to: its lists, the most promising first, and what was asked in vain."""

    lists: tuple[FoundList, ...]
    in_vain: tuple[Failure, ...] = ()


def find_lists(
    address: str,
    fetch: Callable[[str], FetchedPage],
    read: Callable[[Unread], tuple[ContentKind, Part]],
    *,
    describe: Callable[[Entry], Entry] = lambda entry: entry,
    now: datetime,
) -> Newsroom:
    """The lists of releases that an address holds or leads to.

    Looked for are feeds that the page names, sitemaps of robots.txt, and both in the usual places, here and on the
    site's pages that are called a press section. `describe` fills in the title and the date of an entry that lacks
    them. Raises the FetchError of the address itself.
    """
    search = _Search(fetch, read, now)
    page = fetch(address)
    kind, part = read(Unread(page.content, page.final, page.charset, now, links=False))
    if kind in LISTS:
        search.keep(canonical(address), kind, part)
    elif kind is ContentKind.HTML:
        search.look_around(page)
    ranked = sorted(search.lists.values(), key=lambda found: -found.score)
    ranked = [replace(found, entries=tuple(map(describe, found.entries[:SHOWN]))) for found in ranked[:_MOST_LISTS]]
    return Newsroom(tuple(found for found in ranked if found.count), tuple(search.in_vain))


def told(newsroom: Newsroom) -> str:
    """What was found at a page that lists others, for whoever took it for a release, and how to go on."""
    said = "is a page that lists others, and no release"
    if not newsroom.lists:
        first = "; ".join(f"{failure.source}: {failure.error}" for failure in newsroom.in_vain[:1])
        asked = f"at {len(newsroom.in_vain)} addresses ({first})" if first else "there"
        pattern = "give --links with a pattern that the addresses of its releases match"
        return f"{said}; neither feed nor sitemap was found {asked}; {pattern}"
    shown = newsroom.lists[:_NAMED]
    lists = "; ".join(f"{found.called} ({found.count} pages): {_command(found)}" for found in shown)
    return f"{said}; found {lists}; `communique init` shows their titles"


def _command(found: FoundList) -> str:
    return f"`communique ingest {found.address}{f' --links {shlex.quote(found.links)}' if found.links else ''}`"


@dataclass(slots=True)
class _Search:
    """One search: what was asked, what was found, and what was asked in vain."""

    fetch: Callable[[str], FetchedPage]
    read: Callable[[Unread], tuple[ContentKind, Part]]
    now: datetime
    asked: set[str] = field(default_factory=set)
    lists: dict[frozenset[str], FoundList] = field(default_factory=dict)  # the same pages listed twice are one list
    in_vain: list[Failure] = field(default_factory=list)
    language: str | None = None

    def look_around(self, page: FetchedPage) -> None:
        """Ask for all lists that a page may have, the likeliest first."""
        links = self._links_of(page)
        self.language = links.language
        self._try(self._named_by(page, links))
        sections = sorted((entry for entry in links.entries if _is_section(entry, page.final)), key=_section_rank)
        for section in sections[:_MOST_SECTIONS]:
            if (opened := self._asked(section.address)) and opened[1] is ContentKind.HTML:
                self._try(self._named_by(opened[0], self._links_of(opened[0])))
        if not self._has(ContentKind.FEED):
            self._try(_usual_places(page.final, "feeds"))
        self._try(self._of_robots(page.final))
        if not self._has(ContentKind.SITEMAP, ContentKind.SITEMAP_INDEX):
            self._try(_usual_places(page.final, "sitemaps"))

    def keep(self, address: str, kind: ContentKind, part: Part) -> None:
        """Hold a list that was read, with those of its entries that are press releases."""
        entries = list(part.entries) if kind is not ContentKind.SITEMAP_INDEX else list(self._of_index(part))
        links = None if kind is ContentKind.FEED else _pattern_of(entries)
        matching = [entry for entry in entries if links is None or re.search(links, entry.address)]
        newest = sorted(matching, key=lambda entry: entry.published or _moment(entry.lastmod), reverse=True)
        self._hold(FoundList(address, kind, len(matching), tuple(newest), links))

    def _hold(self, found: FoundList) -> None:
        """Keep a list, unless a likelier one names the same pages."""
        found, named = replace(found, score=self._score(found)), frozenset(entry.address for entry in found.entries)
        if named and (named not in self.lists or self.lists[named].score < found.score):
            self.lists[named] = found

    def _named_by(self, page: FetchedPage, links: Part) -> Iterator[str]:
        """The feeds that a page names in its head, and those that it links to; its own links are kept as a list."""
        yield from links.feeds
        yield from (entry.address for entry in links.entries if _is_feed(entry.address))
        listed = [entry for entry in links.entries if entry.title and len(entry.title.split()) >= _FEWEST_WORDS]
        if pattern := _folder_of(listed, page.final):
            matching = [entry for entry in listed if re.search(pattern, entry.address)]
            self._hold(FoundList(page.final, ContentKind.HTML, len(matching), tuple(matching), pattern))

    def _links_of(self, page: FetchedPage) -> Part:
        return self.read(Unread(page.content, page.final, page.charset, self.now, links=True))[1]

    def _of_robots(self, address: str) -> Iterator[str]:
        try:
            text = self.fetch(urljoin(address, "/robots.txt")).content.decode("utf-8", "replace")
        except IngestError:
            return
        named = (line.partition(":")[2].strip() for line in text.splitlines() if line.lower().startswith("sitemap:"))
        yield from (urljoin(address, sitemap) for sitemap in named)

    def _of_index(self, index: Part) -> Iterator[Entry]:
        """The entries of an index's parts: first of those that are called after the press, then of the newest."""
        following = sorted(index.following, key=lambda part: part.lastmod or "", reverse=True)
        for part in sorted(following, key=lambda part: -_liking(part.address))[:_MOST_PARTS]:
            if read := self._asked(part.address):
                yield from read[2].entries

    def _try(self, addresses: Iterable[str]) -> None:
        for address in addresses:
            read = self._asked(address)
            if read and read[1] in LISTS:
                self.keep(canonical(address), read[1], read[2])
            elif read:
                self.in_vain.append(Failure(address, f"holds {read[1].value}"))

    def _asked(self, address: str) -> tuple[FetchedPage, ContentKind, Part] | None:
        """What an address holds; None where it was asked before, or cannot be read."""
        if not is_web(address) or canonical(address) in self.asked or len(self.asked) >= _MOST_ASKED:
            return None
        self.asked.add(canonical(address))
        try:
            page = self.fetch(address)
            return page, *self.read(Unread(page.content, page.final, page.charset, self.now, links=False))
        except IngestError as exc:
            self.in_vain.append(Failure(address, exc.cause))
            return None

    def _has(self, *kinds: ContentKind) -> bool:
        return any(found.kind in kinds and found.count for found in self.lists.values())

    def _score(self, found: FoundList) -> float:
        """How likely a list is that of the press releases: its kind, its words, its language, how new it is."""
        named = [_liking(entry.address) for entry in found.entries[:SHOWN]]
        liking = max(-1.0, min(1.0, _liking(found.address) + sum(named) / max(1, len(named))))
        tongue = 8 if self.language in found.languages else (-8 if self.language and found.languages else 0)
        newest = max((entry.published or _moment(entry.lastmod) for entry in found.entries), default=_NEVER)
        age = (self.now - newest).days
        return _RANKS[found.kind] + 25 * liking + tongue + max(0, 10 - age / 40) - (5 if found.count < _FEWEST else 0)


def _usual_places(address: str, kind: str) -> Iterator[str]:
    folder = address if urlsplit(address).path.endswith("/") else f"{urljoin(address, urlsplit(address).path)}/"
    for top in dict.fromkeys((folder, urljoin(address, "/"))):
        yield from (urljoin(top, place) for place in _known()[kind])


def _is_feed(address: str) -> bool:
    last = urlsplit(address).path.rstrip("/").rsplit("/", 1)[-1].lower()
    return last in _known()["feed_names"] or (last.endswith(tuple(_known()["feed_suffixes"])) and "sitemap" not in last)


def _is_section(entry: Entry, address: str) -> bool:
    """Whether a link leads to a press section of the same site: few words, one of which is of the press."""
    steps = [step for step in urlsplit(entry.address).path.split("/") if step]
    words = _words(f"{' '.join(steps[-1:])} {entry.title or ''}")
    is_press = bool(words & set(_known()["press"])) and not words & set(_known()["other"])
    return (
        is_press and 0 < len(steps) <= 3 and len((entry.title or "").split()) <= 4 and same_site(entry.address, address)
    )


def _section_rank(entry: Entry) -> tuple[int, int]:
    return -len(_words(f"{entry.address} {entry.title or ''}") & set(_known()["press"])), len(entry.address)


def _pattern_of(entries: Iterable[Entry]) -> str | None:
    """A pattern for the folders that are called after the press, if they hold some of the pages and not all."""
    folders, total = Counter[str](), 0
    for entry in entries:
        total += 1
        path = urlsplit(entry.address).path
        steps = path.split("/")[1:-1]
        place = next((place for place, step in enumerate(steps) if _words(step) & set(_known()["press"])), None)
        if place is not None:
            folders["/" + "/".join(steps[: place + 1]) + "/"] += 1
    if not _FEWEST <= folders.total() < total:
        return None
    return "|".join(sorted(re.escape(folder) for folder, _ in folders.most_common(_MOST_FOLDERS)))


def _folder_of(entries: Iterable[Entry], address: str) -> str | None:
    """A pattern for the folder that most headlines of a page lead to, any number in it standing for all."""
    paths = (urlsplit(entry.address).path for entry in entries if same_site(entry.address, address))
    folders = Counter(re.sub(r"\d+", "0", path.rpartition("/")[0]) for path in paths)
    folder, count = folders.most_common(1)[0] if folders else ("", 0)
    return re.escape(folder).replace("0", r"\d+") + "/[^/]+$" if folder and count >= _FEWEST else None


def _moment(lastmod: str | None) -> datetime:
    from ingest.dates import parse_date

    return (parse_date(lastmod) if lastmod else None) or _NEVER


def _liking(address: str) -> int:
    """1 for an address with a word of the press, -1 for one with a word of something else."""
    words = _words(urlsplit(address).path + " " + urlsplit(address).query)
    return (1 if words & set(_known()["press"]) else 0) - (2 if words & set(_known()["other"]) else 0)


def _words(text: str) -> set[str]:
    plain = unicodedata.normalize("NFKD", unquote(text).casefold())
    return set(re.findall(r"[a-z]+", "".join(c for c in plain if not unicodedata.combining(c))))


@cache
def _known() -> dict[str, tuple[str, ...]]:
    listed = tomllib.loads(Path(__file__).with_name("newsrooms.toml").read_text("utf-8"))
    return {name: tuple(words) for name, words in listed.items()}
