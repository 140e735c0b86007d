"""What the store keeps and gives back: passages, the releases they stand in, hits, and filters."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


class IncomingRelease(Protocol):
    """What the store needs to know of a release in order to keep it; `ingest.release.Release` fits.

    `text` is what passages and quotes are cut from; it never holds the title. Times are aware and in UTC.
    """

    @property
    def id(self) -> str:
        """Names the release; the same in every run."""
        ...

    @property
    def title(self) -> str:
        """The headline."""
        ...

    @property
    def lead(self) -> str | None:
        """A standfirst, or None."""
        ...

    @property
    def text(self) -> str:
        """All that may be quoted."""
        ...

    @property
    def language(self) -> str | None:
        """ISO 639-1 code, or None where not known."""
        ...

    @property
    def publisher(self) -> str | None:
        """Who published it."""
        ...

    @property
    def published(self) -> datetime | None:
        """When it was published."""
        ...

    @property
    def updated(self) -> datetime | None:
        """When it was last updated."""
        ...

    @property
    def url(self) -> str | None:
        """Where readers find it."""
        ...

    @property
    def source(self) -> str:
        """The file or address that it was read from."""
        ...

    @property
    def pair(self) -> str | None:
        """A key that the language versions of one release share."""
        ...

    @property
    def author(self) -> str | None:
        """Who wrote it."""
        ...

    @property
    def section(self) -> str | None:
        """The part of the newsroom that it stands in."""
        ...

    @property
    def translations(self) -> tuple[str, ...]:
        """Addresses of the same release in other languages."""
        ...

    @property
    def content_hash(self) -> str:
        """Changes when a reader would see a change."""
        ...


@dataclass(frozen=True, slots=True)
class StoredRelease:
    """One version of a release as the catalogue holds it; satisfies `IncomingRelease`.

    `version` counts from 1; `first_seen` is when this version came in. `source` is the file or address it was read
    from; `pair` is a key that the language versions of one release share, or None. `withdrawn` is when the newsroom
    was found to have taken the release back, None as long as it stands. `translations` are the addresses of its other
    language versions, as far as its page names them.
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
    withdrawn: datetime | None = None
    translations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of whole sentences: `release.text[start:end] == text`, offsets counted in characters."""

    id: str
    release_id: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Filter:
    """Which releases a search may look at. An empty tuple or None leaves that side open.

    `since` is inclusive, `until` exclusive; both bound the published date. A release without a date is left out as
    soon as either bound is set. `releases` are ids.
    """

    languages: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    releases: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.languages or self.publishers or self.since or self.until or self.releases)

    def spans(self, published: datetime | None) -> bool:
        """Whether a date lies between the bounds; none does not."""
        if published is None:
            return False
        return (self.since is None or published >= self.since) and (self.until is None or published < self.until)


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
