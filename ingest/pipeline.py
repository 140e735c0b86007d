"""Sources in, one report out: read, parse, compare, split, embed, keep."""

from __future__ import annotations

import itertools
import logging
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ingest.changes import Change, change_of
from ingest.errors import ParseError, SourceError
from ingest.parse.page import parse_page
from ingest.sources import Failure, count_pages, list_files, read_pages
from ingest.split import split_release
from vectorstore.passage import embedded_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ingest.release import Page, Release, Source
    from ingest.sources import Listing
    from vectorstore.embedder import Embedder
    from vectorstore.passage import Passage
    from vectorstore.store import PassageStore

log = logging.getLogger(__name__)

_BATCH = 128  # passages embedded at once: enough to sort by length, few enough to acknowledge releases steadily


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What one run did, in releases. `passages` counts those written; `left_out` what `--limit` and `--since` left."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    failed: tuple[Failure, ...] = ()
    warnings: tuple[str, ...] = ()
    passages: int = 0
    left_out: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run leaves out: releases beyond `limit`, and those published before `since`; undated ones stay in."""

    limit: int | None = None
    since: datetime | None = None


@dataclass(slots=True)
class _Tally:
    """The report as it grows. `seen` holds the place where each id was met, and how that place is shown."""

    changes: Counter[Change] = field(default_factory=Counter)
    failed: list[Failure] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    seen: dict[str, tuple[tuple[str, int | None], str]] = field(default_factory=dict)
    passages: int = 0
    overlong: int = 0
    left_out: int = 0
    started: float = field(default_factory=time.monotonic)

    def report(self) -> IngestReport:
        return IngestReport(
            new=self.changes[Change.NEW],
            changed=self.changes[Change.CHANGED],
            unchanged=self.changes[Change.UNCHANGED],
            failed=tuple(self.failed),
            warnings=(*self.warnings, *self._about_length()),
            passages=self.passages,
            left_out=self.left_out,
            seconds=time.monotonic() - self.started,
        )

    def _about_length(self) -> list[str]:
        if not self.overlong:
            return []
        return [
            f"{self.overlong} passages are longer than the embedding model reads; their ends are found by words only. "
            "A smaller ingest.passage_size mends it for releases yet to come"
        ]


class Pipeline:
    """Brings a store in step with sources. Interrupted, it leaves the store whole; the next run goes on from there.

    Made anew for each round over the sources: `report` adds up what it did, and two releases of one id in the same
    round are told from one that has changed since the last.
    """

    def __init__(self, store: PassageStore, embedder: Embedder, *, passage_size: int = 600) -> None:
        self._store = store
        self._embedder = embedder
        self._passage_size = passage_size
        self._tally = _Tally()

    @property
    def report(self) -> IngestReport:
        """What has been done so far, over all sources."""
        return self._tally.report()

    def run(
        self,
        source: Source,
        *,
        limits: Limits = Limits(),
        dry_run: bool = False,
        progress: Callable[[int, int], None] | None = None,
    ) -> IngestReport:
        """Ingest one source. A dry run reads, parses and compares, and writes nothing.

        A source or a page that fails is in the report; the store's errors are raised. `progress` is called with the
        pages dealt with and their total.
        """
        try:
            listing = list_files(source)
        except SourceError as exc:
            self._tally.failed.append(Failure(exc.location, exc.cause))
            return self.report
        if listing.passed_over:
            self._tally.warnings.append(_passed_over(listing))
        fresh = self._fresh(listing, limits, progress)
        if dry_run:
            for release, change in fresh:
                self._count(change, split_release(release, size=self._passage_size))
            return self.report
        with self._store.writing():
            for batch in self._batches(fresh):
                self._keep(batch)
                self._store.checkpoint()
            self._store.record_ingest(datetime.now(UTC))
        return self.report

    def _fresh(
        self, listing: Listing, limits: Limits, progress: Callable[[int, int], None] | None
    ) -> Iterator[tuple[Release, Change]]:
        """The releases that the store does not hold in this form."""
        total, done = count_pages(listing), 0
        for done, page in enumerate(itertools.islice(read_pages(listing), limits.limit), 1):
            release = self._understood(page)
            if release is not None and self._is_wanted(release, limits.since):
                change = change_of(release, self._store.content_hash(release.id))
                if change is Change.UNCHANGED:
                    self._tally.changes[change] += 1
                else:
                    yield release, change
            if progress:
                progress(done, total)
        if limits.limit is not None:
            self._tally.left_out += max(0, total - done)

    def _understood(self, page: Page | Failure) -> Release | None:
        if isinstance(page, Failure):
            self._tally.failed.append(page)
            return None
        try:
            release = parse_page(page)
        except ParseError as exc:
            self._tally.failed.append(Failure(exc.location, exc.cause))
            return None
        except Exception as exc:  # parsers meet files that no library foresaw; the others must go on
            log.exception("%s: unexpected failure while parsing", page.location)
            cause = f"cannot be understood ({type(exc).__name__}: {exc}); please report it with the file"
            self._tally.failed.append(Failure(page.location, cause))
            return None
        self._tally.warnings += [f"{page.location}: {warning}" for warning in release.warnings]
        return release if self._is_alone(release, page) else None

    def _is_alone(self, release: Release, page: Page) -> bool:
        """Whether no other file or line of this round has the release's id; one that is named twice is no other."""
        place = (page.id, page.line)
        first, shown = self._tally.seen.setdefault(release.id, (place, release.source))
        if first != place:
            cause = f"has the same id as {shown} ({release.id}); give each release an id of its own"
            self._tally.failed.append(Failure(release.source, cause))
        return first == place

    def _is_wanted(self, release: Release, since: datetime | None) -> bool:
        if since is not None and release.published is not None and release.published < since:
            self._tally.left_out += 1
            return False
        return True

    def _batches(
        self, fresh: Iterator[tuple[Release, Change]]
    ) -> Iterator[list[tuple[Release, Change, list[Passage]]]]:
        """Releases with their passages, gathered until there are enough passages to embed at once."""
        batch: list[tuple[Release, Change, list[Passage]]] = []
        waiting = 0
        for release, change in fresh:
            passages = split_release(release, size=self._passage_size)
            batch.append((release, change, passages))
            waiting += len(passages)
            if waiting >= _BATCH:
                yield batch
                batch, waiting = [], 0
        if batch:
            yield batch

    def _keep(self, batch: Sequence[tuple[Release, Change, list[Passage]]]) -> None:
        texts = [embedded_text(release.title, passage.text) for release, _, passages in batch for passage in passages]
        vectors = self._embedder.embed_passages(texts)
        self._tally.overlong += self._embedder.count_overlong(texts)
        start = 0
        for release, change, passages in batch:
            try:
                self._store.replace(release, passages, vectors[start : start + len(passages)])
            finally:  # Ctrl-C may strike just after the release was stored: the report then counts it all the same
                if self._store.content_hash(release.id) == release.content_hash:
                    self._count(change, passages)
            start += len(passages)

    def _count(self, change: Change, passages: Sequence[Passage]) -> None:
        self._tally.passages += len(passages)
        self._tally.changes[change] += 1


def _passed_over(listing: Listing) -> str:
    suffixes = sorted({path.suffix or path.name for path in listing.passed_over})
    return f"{listing.source.location}: left out: {len(listing.passed_over)} in no known format ({', '.join(suffixes)})"
