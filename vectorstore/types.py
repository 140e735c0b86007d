"""Every noun that is stored: releases, passages, hits, filters, twins, takedowns, events, visits."""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import tzinfo


@dataclass(frozen=True, slots=True)
class Release:
    """A press release as its readers see it.

    `body` holds paragraphs in order; `lead` is a standfirst that is not among them, or None. Times are in UTC. `pair`
    is a key that the language versions of one release share; `translations` are their addresses, as far as the page
    names them. `section` is the part of the newsroom that it stands in. Neither it nor `author` makes a new version.
    `signs` are marks of a page: `noindex`, `password` and `list`, which few releases have, and `dated` where a day
    stands beside its headline. `annotations` are what whoever ingests found in the text, in a form of its own. `pages`
    are the places in `text` where the pages of a paged document begin, in order, one for each page; empty for what has
    no pages. `scanned` are the numbers of those that were read by OCR.
    """

    id: str
    title: str
    body: tuple[str, ...]
    source: str
    lead: str | None = None
    language: str | None = None
    publisher: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    url: str | None = None
    pair: str | None = None
    author: str | None = None
    section: str | None = None
    translations: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    annotations: str | None = None
    pages: tuple[int, ...] = ()
    scanned: tuple[int, ...] = ()

    @property
    def text(self) -> str:
        """What passages and quotes are cut from: lead and paragraphs, a blank line between each.

        A release of a title alone has its title here, so that it can still be found and quoted.
        """
        paragraphs = (self.lead, *self.body) if self.lead else self.body
        return "\n\n".join(paragraphs) or self.title

    @property
    def content_hash(self) -> str:
        """Hash of all that a reader would see; decides whether a release has changed.

        When it was updated is not among it: some pages say "now" at each request.
        """
        seen = (self.title, self.text, self.language, self.publisher, self.url, self.pair)
        return content_hash(seen, self.published)


@dataclass(frozen=True, slots=True)
class StoredRelease:
    """One version of a release as the catalogue holds it.

    `version` counts from 1; `first_seen` is when this version came in. `source` is the file or address it was read
    from; `pair` is a key that the language versions of one release share, or None. `withdrawn` is when the newsroom
    was found to have taken the release back, None as long as it stands. `translations` are the addresses of its other
    language versions, as far as its page names them. `pages` and `scanned` are as in
    `Release`.
    """

    id: str
    version: int
    title: str
    lead: str | None
    text: str
    language: str | None
    publisher: str | None
    published: datetime | None
    updated: datetime | None
    url: str | None
    source: str
    pair: str | None
    content_hash: str
    first_seen: datetime
    author: str | None = None
    section: str | None = None
    annotations: str | None = None
    pages: tuple[int, ...] = ()
    scanned: tuple[int, ...] = ()
    withdrawn: datetime | None = None
    translations: tuple[str, ...] = ()

    def page_at(self, offset: int) -> int | None:
        """The number, from 1, of the page on which a place in the text is printed; None for what has no pages."""
        return max(1, bisect_right(self.pages, offset)) if self.pages else None


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of whole sentences: `release.text[start:end] == text`, offsets counted in characters."""

    id: str
    release_id: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Scope:
    """The releases that somebody may know of: those by one of `publishers`, and those of one of `sources`.

    `sources` are locations in every form in which they may have been written down. A web page is of the source that
    named its address, a file of the source that it is or lies in. A scope without either holds nothing.
    """

    publishers: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.publishers or self.sources)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which releases a search may look at. An empty tuple or None leaves that side open.

    `since` is inclusive, `until` exclusive; both bound the published date. A release without a date is left out as
    soon as either bound is set. A bare day (see `is_bare_day`) is compared with what the clock of the bound's own zone
    shows: 17 October lies in `[17 October 00:00, 18 October 00:00)` of Montreal as of Paris. `releases` are ids.
    A release must lie in each of the `scopes`: what whoever asks may know of, and no choice of theirs lifts them.
    """

    languages: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    releases: tuple[str, ...] = ()
    scopes: tuple[Scope, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.languages or self.publishers or self.since or self.until or self.releases or self.scopes)

    @property
    def scopes_alone(self) -> Filter:
        """All that may be known of at all: the filter without what a person has chosen."""
        return Filter(scopes=self.scopes)

    def within(self, scopes: Iterable[Scope]) -> Filter:
        """The filter within further scopes."""
        return replace(self, scopes=tuple(dict.fromkeys((*scopes, *self.scopes))))

    def spans(self, published: datetime | None) -> bool:
        """Whether a date lies between the bounds; none does not."""
        if published is None:
            return False
        return (self.since is None or _reaches(published, self.since)) and not (
            self.until is not None and _reaches(published, self.until)
        )

    @property
    def bare_days_at_bounds(self) -> tuple[datetime, ...]:
        """The bare days, at most two, that a bound as a mere moment judges wrongly; `spans` says which are let through.

        There is none where the bounds are in UTC, and an index needs no more than these beside its range of moments.
        """
        bounds = [bound for bound in (self.since, self.until) if bound is not None]
        return tuple({day: None for bound in bounds if (day := _bare_day_beside(bound))})


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that a search found, with why.

    `score` orders the hits, higher is better, and compares within one search only. `dense_score` is the cosine of
    question and passage in [-1, 1]; `lexical_score` is the BM25 score, 0 or more. A rank counts from 1 and is None
    where that ranking did not list the passage among its candidates.
    """

    passage: Passage
    release: StoredRelease
    rank: int
    score: float
    dense_score: float
    lexical_score: float
    dense_rank: int | None
    lexical_rank: int | None


def is_bare_day(moment: datetime) -> bool:
    """Whether a moment stands for a day without an hour, which is kept as midnight in UTC."""
    return moment.astimezone(UTC).time() == time.min


def dated(moment: datetime | None) -> str:
    """A date, with the time in UTC where more than the day is known; or that there is none."""
    if moment is None:
        return "undated"
    return f"{moment:%Y-%m-%d}" if is_bare_day(moment) else f"{moment:%Y-%m-%d %H:%M} UTC"


def local_time(moment: datetime, zone: tzinfo) -> datetime:
    """A moment as the clocks of `zone` show it; a bare day is the same day everywhere, and stays in UTC."""
    return moment.astimezone(UTC if is_bare_day(moment) else zone)


def _reaches(published: datetime, bound: datetime) -> bool:
    return published >= (bound.replace(tzinfo=UTC) if is_bare_day(published) else bound)


def _bare_day_beside(bound: datetime) -> datetime | None:
    """The one midnight in UTC between a bound and what its zone's clock shows then, if there is one."""
    low, high = sorted((bound.astimezone(UTC), bound.replace(tzinfo=UTC)))
    midnight = datetime.combine(low.date(), time.min, UTC)
    if midnight < low < high:
        midnight += timedelta(days=1)
    return midnight if low <= midnight < high else None


def content_hash(seen: Sequence[str | None], published: datetime | None) -> str:
    """Names what a reader sees of a release: its title, text, language, publisher, address and pair, and its date.

    It is the same over a release that comes in and over what is stored of it: times are kept to the second.
    """
    moment = published.astimezone(UTC).isoformat(timespec="seconds") if published else None
    return hashlib.sha256(json.dumps([*seen, moment], ensure_ascii=False).encode()).hexdigest()


def passage_id(release_id: str, text: str, occurrence: int) -> str:
    """Name a passage: the same in every process, and stable when text is added before it.

    `occurrence` counts from 0 the earlier passages of the release with the same text.
    """
    digest = hashlib.sha256("\x1f".join((release_id, text, str(occurrence))).encode())
    return digest.hexdigest()[:32]


def embedded_text(title: str, text: str) -> str:
    """What is embedded for a passage: its text under its release's title, which says what "they" and "it" are."""
    return text if title in text else f"{title}\n{text}"


Reason = Literal["pair", "hreflang", "address", "content"]


@dataclass(frozen=True, slots=True, order=True)
class Twin:
    """Two language versions of one release, by their ids, `first` before `second` in the alphabet.

    `score` is in [0, 1]: 1 for what pages and addresses state, else how sure their contents make it; at least 0.5.
    """

    first: str
    second: str
    reason: Reason
    score: float

    def other(self, release_id: str) -> str:
        """The twin of one of the two."""
        return self.second if release_id == self.first else self.first


@dataclass(frozen=True, slots=True)
class Outline:
    """A release in its current version without its text: what tells which releases belong together."""

    id: str
    language: str | None
    title: str
    published: datetime | None
    publisher: str | None
    url: str | None
    pair: str | None
    translations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Correction:
    """A release that corrects another."""

    release_id: str
    corrects: str


@dataclass(frozen=True, slots=True)
class Relations:
    """The releases that one release belongs together with."""

    twins: tuple[Twin, ...] = ()
    corrects: str | None = None
    corrected_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Takedown:
    """A release that an operator removed, and that stays away unless it is `allowed` again.

    `addresses` are those that it was read at, and its own.
    """

    release_id: str
    moment: datetime
    allowed: datetime | None = None
    addresses: tuple[str, ...] = ()


def words_mark(title: str, text: str) -> str:
    """What tells a release by its words wherever they stand; they cannot be read from it."""
    return f"sha256:{hashlib.sha256(chr(10).join((title, text)).encode()).hexdigest()}"


EventKind = Literal["new", "changed", "withdrawn", "restored", "removed"]


@dataclass(frozen=True, slots=True)
class Event:
    """A release came in, changed, was withdrawn by its newsroom, came back, or was removed by the operator.

    `number` only ever grows: who has read up to one asks for those after it. `version` is the release's at that time.
    """

    number: int
    kind: EventKind
    release_id: str
    version: int
    moment: datetime


@dataclass(frozen=True, slots=True)
class Visit:
    """What came of the last look at a web address.

    `release_id` is the release that was read there, None where none was yet; `content` is a hash of what it was read
    from. `lastmod` and `published` are what the source's listing said; `missing_since` is when the server first said
    that there is no such page, None where it last gave one. `listed` says that the whole list of the source's pages,
    its sitemap, held the address when it was last read.
    """

    address: str
    source: str
    checked: datetime
    release_id: str | None = None
    content: str | None = None
    lastmod: str | None = None
    published: datetime | None = None
    missing_since: datetime | None = None
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Doubted:
    """A page that is kept aside, since it may not be the release that belongs at its address: an error page, a wall.

    `release_id` is the release that is stored for the address, None where there is none. `cause` says what speaks
    against the page; `since` is when these words were read there first, `seen` when they were last.
    """

    address: str
    source: str
    title: str
    text: str
    cause: str
    since: datetime
    seen: datetime
    release_id: str | None = None


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """How the last runs over a source went.

    `failures` counts the runs that failed one after the other up to the last, 0 where it succeeded; `error` is the
    cause of the last failure. `outcome` is a line about the last run; `next_run` is known while it is watched. `kind`
    is what sort of list it was when it was last read, as `ingest.listing.discover` names it; None where it was none.
    """

    location: str
    name: str | None
    last_run: datetime
    outcome: str
    last_success: datetime | None = None
    failures: int = 0
    error: str | None = None
    next_run: datetime | None = None
    kind: str | None = None
