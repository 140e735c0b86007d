"""Sources in, one report out: read, parse, compare, split, embed, keep."""

from __future__ import annotations

import itertools
import logging
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from ingest.addresses import canonical
from ingest.doubt import Judge, Probe
from ingest.errors import IngestError
from ingest.linking import relate
from ingest.parse import parse
from ingest.parse.workers import Workers
from ingest.passages import Fresh, Preparation, embed_ahead
from ingest.releases import Round, Takedowns, Understanding, change_of, parsed_ahead
from ingest.report import Change, IngestReport, SourceTally, added_up, health_of, take_for_one
from ingest.sources import STANDARD_INPUT, Failure, FolderReading, Limits, StandardInputReading
from ingest.types import Missing, Page, UnchangedPage, WebPage
from vectorstore.errors import StoreError
from vectorstore.store import EmbeddedRelease
from vectorstore.types import Filter, embedded_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ingest.doubt import Judged
    from ingest.fetch.fetcher import Fetched, Fetcher
    from ingest.passages import Prepared
    from ingest.sources import OpenSource
    from ingest.types import Source
    from vectorstore.embedders import Embedded, Embedder
    from vectorstore.store import PassageStore
    from vectorstore.types import Release, StoredRelease

log = logging.getLogger(__name__)

_BATCH = 256  # passages embedded and kept at once: few enough to acknowledge releases steadily
_MANY = 2_000  # passages of a run, at the end of which the indexes take as much memory as the worker processes


class Pipeline:
    """Brings a store in step with sources. Interrupted, it leaves the store whole; the next run goes on from there.

    Made for each round over the sources: `report` adds up what it did, and two releases of one id in the same
    round are told from one that has changed since the last. `new_fetcher` makes what reads the web, where a source is
    on it; without one only files are read. `workers` parse, those of this pipeline alone where it is given none; `ocr`
    lets them read scans. `patience` is how many seconds another writer is waited for. `annotate`, a function
    of a module, gives what is to be kept beside the text of a release.
    """

    def __init__(  # noqa: PLR0913 - the parts of a run, finished
        self,
        store: PassageStore,
        embedder: Embedder,
        *,
        passage_size: int = 600,
        new_fetcher: Callable[[], Fetcher] | None = None,
        workers: Workers | None = None,
        ocr: bool = False,
        patience: float = 5.0,
        annotate: Callable[[Release], str] | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._embedder = embedder
        self._new_fetcher = new_fetcher
        self._fetcher: Fetcher | None = None
        self._workers = workers or Workers()
        self._own_workers = workers is None
        self._ocr = ocr
        self._patience = patience
        self._preparation = Preparation(self._workers, size=passage_size, annotate=annotate)
        self._ended: BaseException | None = None
        self._clock = clock
        self._round = Round()
        self._understanding = Understanding(store, self._round, self._leads)
        self._judge = Judge(store, Probe(self._fetch, self._parse), clock())
        self._takedowns = Takedowns(store)
        self._tallies: list[SourceTally] = []

    def end(self, reason: BaseException) -> None:
        """Let a run in another thread end soon, and in good order: `reason` is raised there in place of the next page.

        An IngestError is told in its report, as a failure of the source.
        """
        self._ended = reason
        if self._fetcher is not None:
            self._fetcher.stop()

    def close(self) -> None:
        """Close the connections to the web, and end the workers that are this pipeline's alone."""
        if self._fetcher is not None:
            self._fetcher.close()
        if self._own_workers:
            self._workers.close()

    @property
    def report(self) -> IngestReport:
        """What has been done so far, over all sources."""
        return added_up([tally.report() for tally in self._tallies])

    def run(
        self,
        source: Source,
        *,
        limits: Limits = Limits(),
        dry_run: bool = False,
        progress: Callable[[int, int], None] | None = None,
        resumed: bool = False,
    ) -> IngestReport:
        """Ingest one source. A dry run reads, parses and compares, and writes nothing.

        A source or a page that fails is in the report; the store's errors are raised. `progress` is called with the
        pages dealt with and their total. `resumed` says that the last run over this source was ended.
        """
        tally = SourceTally(source.name or source.location)
        self._tallies.append(tally)
        before = self._traffic()
        if not dry_run:
            take_for_one(self._store, source)
        try:
            reading = self._open(source, limits, resumed=resumed)
            self._ingest(reading, tally, limits=limits, dry_run=dry_run, progress=progress)
        except IngestError as exc:
            reason = self._ended or exc  # what was ended fails in its own ways
            if not isinstance(reason, IngestError):
                raise reason from exc
            tally.failed.append(Failure(reason.location, reason.cause))
        except StoreError:
            raise
        except Exception as exc:  # no library foresees all that comes in, and the other sources must go on
            log.exception("%s: unexpected failure", source.location)
            cause = f"cannot be read on ({type(exc).__name__}: {exc}); please report it with the lines of the log"
            tally.failed.append(Failure(source.location, cause))
        finally:
            tally.warnings += self._fetcher.take_warnings() if self._fetcher else ()
            tally.requests, tally.not_modified = (now - then for now, then in zip(self._traffic(), before, strict=True))
            tally.stop()
        if not dry_run:
            self._finish(source, tally)
        return self.report

    def _traffic(self) -> tuple[int, int]:
        """Requests sent so far, and those of them that were answered with "not modified"."""
        if self._fetcher is None:
            return 0, 0
        return self._fetcher.traffic.requests, self._fetcher.traffic.not_modified

    def _fetch(self, address: str, source: Source) -> Fetched:
        assert self._fetcher is not None, "a page of the web was read before"
        return self._fetcher.fetch(address, allow_private=source.allow_private)

    def _parse(self, page: Page) -> Release:
        return self._workers.call(page.location, parse, page, self._ocr)

    def _leads(self, address: str, source: Source) -> frozenset[str]:
        """Where an address leads for good, and what its page names as canonical; nothing that cannot be read."""
        try:
            fetched = self._fetch(address, source)
            if canonical(fetched.final) != canonical(address):
                return frozenset({canonical(fetched.final)} if fetched.moved else ())
            page = Page(fetched.final, canonical(fetched.final), fetched.content, source, charset=fetched.charset)
            named = self._parse(page).url
        except IngestError:
            return frozenset()
        return frozenset({canonical(named)} if named else ())

    def _open(self, source: Source, limits: Limits, *, resumed: bool) -> OpenSource:
        if source.location == STANDARD_INPUT:
            return StandardInputReading(source, limits)
        if not source.is_address:
            return FolderReading(source, limits)
        from ingest.following import WebReading  # httpx, feedparser: 0.2 s that a folder need not wait for

        if self._new_fetcher is None:
            raise IngestError(source.location, "is on the web, and this pipeline has nothing to fetch it with")
        self._fetcher = self._fetcher or self._new_fetcher()  # one for the round: it remembers each robots.txt
        self._go_on()  # the fetcher may have come just after the end
        reading = WebReading(
            source,
            self._fetcher,
            self._store,
            workers=self._workers,
            limits=limits,
            now=self._clock(),
            leave_out=self._takedowns.holds_address,
        )
        if resumed:
            reading.begin_with_the_rest()
        return reading

    def _go_on(self) -> None:
        """Raise what this run was ended with."""
        if self._ended is not None:
            raise self._ended

    def _ingest(
        self,
        reading: OpenSource,
        tally: SourceTally,
        *,
        limits: Limits,
        dry_run: bool,
        progress: Callable[[int, int], None] | None,
    ) -> None:
        tally.kind = reading.kind
        tally.warnings += reading.warnings
        tally.beyond_limit, tally.before_since = reading.beyond_limit, reading.before_since
        tally.taken_down += reading.taken_down
        fresh = self._preparation.ahead(self._fresh(reading, tally, limits, dry_run=dry_run, progress=progress))
        if dry_run:
            for found in fresh:
                self._count(tally, found)
            return
        for batch, embedded in embed_ahead(self._embedder, self._batches(fresh), _texts):
            self._keep(batch, embedded, tally)
            self._store.checkpoint()

    def _finish(self, source: Source, tally: SourceTally) -> None:
        """Write down what came of a source, find twins, and bring the vector index in step."""
        now = self._clock()
        health = health_of(self._store, source, tally, now)
        if tally.passages >= _MANY:
            self._workers.rest()
        with self._store.writing(self._patience):
            self._note_visits(tally)
            self._store.records.note_doubts(tally.doubted, dispelled=tally.dispelled)
            self._store.records.note_takedown_marks(self._takedowns.found_again)
            tally.twins = relate(self._store, self._embedder)
            if health is not None:
                self._store.records.note_health(health)
                if health.error is None:
                    self._store.records.record_ingest(now)

    def _fresh(
        self,
        reading: OpenSource,
        tally: SourceTally,
        limits: Limits,
        *,
        dry_run: bool,
        progress: Callable[[int, int], None] | None,
    ) -> Iterator[Fresh]:
        """The releases that the store does not hold in this form; what else there is to note is noted on the way."""
        try:
            for done, (item, parsed) in enumerate(parsed_ahead(reading.items(), self._workers, ocr=self._ocr), 1):
                self._go_on()
                match item:
                    case Failure():
                        tally.failed.append(item)
                    case UnchangedPage():
                        self._confirm(item, tally, dry_run=dry_run)
                    case Missing():
                        self._miss(item, tally, dry_run=dry_run)
                    case _ if parsed:
                        yield from self._read(item, parsed, tally, limits, dry_run=dry_run)
                if progress:
                    progress(done, reading.total)
        except IngestError:  # it was ended: what was read by then is kept
            yield from self._rest(tally, limits, dry_run=dry_run)
            raise
        yield from self._rest(tally, limits, dry_run=dry_run)

    def _rest(self, tally: SourceTally, limits: Limits, *, dry_run: bool) -> Iterator[Fresh]:
        """What was held until others were seen."""
        for judged in self._judge.rest():
            yield from self._taken(judged, tally, limits, dry_run=dry_run)

    def _read(
        self, item: Page | WebPage, parsed: Release | IngestError, tally: SourceTally, limits: Limits, *, dry_run: bool
    ) -> Iterator[Fresh]:
        """What a page brings by itself, or lets go on that was held until others were seen."""
        release = self._understanding.parsed(parsed, tally)
        if release is None:
            return
        if self._takedowns.holds(release, item):
            self._leave_out(item, tally)
        elif isinstance(item, WebPage):
            for judged in self._judge.judge(item, release):
                yield from self._taken(judged, tally, limits, dry_run=dry_run)
        elif found := self._compared(release, item, tally, limits, dry_run=dry_run):
            yield found

    def _taken(self, judged: Judged, tally: SourceTally, limits: Limits, *, dry_run: bool) -> Iterator[Fresh]:
        """A page that was judged: its release if that is new, nothing where the page is doubted."""
        item, page = judged.item, judged.doubted
        if page is None:
            self._dispel(item.visit.address, tally)
            found = self._compared(judged.release, item, tally, limits, dry_run=dry_run)
            if found is not None:
                yield found
        elif judged.withdrawn is None or page.release_id is None:
            tally.doubted.append(page)
        elif dry_run or self._withdrawn(page.release_id, judged.withdrawn):
            tally.withdrawn += 1

    def _dispel(self, address: str, tally: SourceTally) -> None:
        """Note that the page at an address is as it should be, so that nothing else is kept aside of it."""
        if self._judge.confirm(address):
            tally.dispelled.append(address)

    def _confirm(self, item: UnchangedPage, tally: SourceTally, *, dry_run: bool) -> None:
        """A page that is as it was: its release is unchanged, and back if it was withdrawn."""
        tally.visits.append(item.visit)
        self._dispel(item.visit.address, tally)
        if not self._round.is_first(item.release_id):
            tally.duplicates += 1
            return
        tally.changes[Change.UNCHANGED] += 1
        if not dry_run and self._restored(item.release_id):
            tally.warnings.append(f"{item.visit.address}: was withdrawn, and is there again")

    def _miss(self, item: Missing, tally: SourceTally, *, dry_run: bool) -> None:
        tally.visits.append(item.visit)
        if item.cause is None:
            tally.warnings.append(
                f"{item.visit.address}: there is no such page any more; "
                "if so a day after it was first missed, its release is marked as withdrawn"
            )
        elif dry_run or self._withdrawn(item.release_id, item.cause):
            tally.withdrawn += 1

    def _withdrawn(self, release_id: str, cause: str) -> bool:
        with self._store.holding(self._patience):
            return self._store.records.withdraw(release_id, cause)

    def _restored(self, release_id: str) -> bool:
        release = self._store.records.get(release_id)
        if release is None or release.withdrawn is None:  # nearly always: no reason to wait for another writer
            return False
        with self._store.holding(self._patience):
            return self._store.records.restore(release_id)

    def _compared(
        self, parsed: Release, item: Page | WebPage, tally: SourceTally, limits: Limits, *, dry_run: bool
    ) -> Fresh | None:
        """A page's release with what is new in it; None where it is not wanted, or not new."""
        found = self._understanding.release_of(parsed, item, tally)
        if found is None or not _is_wanted(found[0], limits.since, tally):
            return None
        release, stored = found
        visit = replace(item.visit, release_id=release.id) if isinstance(item, WebPage) else None
        change = change_of(release, stored)
        if change is not Change.UNCHANGED:
            return Fresh(release, change, visit)
        tally.changes[change] += 1
        if visit is not None:
            tally.visits.append(visit)
        if stored is not None and not dry_run:
            self._restored(release.id)
            self._refresh(release, stored)
        return None

    def _refresh(self, release: Release, stored: StoredRelease) -> None:
        """Note what makes no new version of a release: when it was updated, where its pages begin."""
        if release.updated is not None and stored.updated != release.updated.replace(microsecond=0):
            with self._store.holding(self._patience):
                self._store.records.set_updated(release.id, release.updated)
        if (release.pages, release.scanned) != (stored.pages, stored.scanned):
            with self._store.holding(self._patience):
                self._store.records.set_pages(release.id, release.pages, scanned=release.scanned)

    def _leave_out(self, item: Page | WebPage, tally: SourceTally) -> None:
        """Count what an operator took down; its page is not kept either."""
        tally.taken_down += 1
        if isinstance(item, WebPage) and self._fetcher is not None:
            entry = item.page.entry
            for address in {item.visit.address, *((entry.address, entry.asked or "") if entry else ())}:
                self._fetcher.forget(address)

    def _batches(self, prepared: Iterator[Prepared]) -> Iterator[list[Prepared]]:
        """Releases with their passages, gathered until there are enough passages to embed at once."""
        batch: list[Prepared] = []
        try:
            for found in prepared:
                batch.append(found)
                if sum(len(waiting.passages) for waiting in batch) >= _BATCH:
                    yield batch
                    batch = []
        except IngestError:  # as above
            if batch:
                yield batch
            raise
        if batch:
            yield batch

    def _keep(self, batch: Sequence[Prepared], embedded: Embedded, tally: SourceTally) -> None:
        tally.overlong += embedded.overlong
        stops = list(itertools.accumulate(len(found.passages) for found in batch))
        vectors = np.split(embedded.vectors, stops[:-1])
        with self._store.holding(self._patience):
            kept_away = self._store.records.kept_away()
            wanted: dict[str, tuple[Prepared, EmbeddedRelease]] = {}
            for found, own in zip(batch, vectors, strict=True):
                # Another process may have kept it since it was compared, or an operator taken it down.
                if found.release.id in kept_away:
                    tally.taken_down += 1
                    continue  # its address is not to lead there
                if found.release.id in wanted:  # its next version
                    self._store_all(wanted, tally)
                    wanted = {}
                wanted[found.release.id] = found, EmbeddedRelease(found.release, found.passages, own, found.words)
                tally.visits += [found.fresh.visit] if found.fresh.visit else []
            self._store_all(wanted, tally)
            self._note_visits(tally)

    def _note_visits(self, tally: SourceTally) -> None:
        """Write down visits, but for those of addresses whose release was read and is still to be kept.

        Otherwise a run that is stopped here would leave it out for as long as its page stays as it is.
        """
        stored = self._store.records.content_hashes({visit.release_id for visit in tally.visits if visit.release_id})
        waiting = [visit for visit in tally.visits if visit.release_id and visit.release_id not in stored]
        self._store.records.note_visits([visit for visit in tally.visits if visit not in waiting])
        tally.visits = waiting

    def _store_all(self, wanted: Mapping[str, tuple[Prepared, EmbeddedRelease]], tally: SourceTally) -> None:
        """Keep releases in one transaction, by their ids, and count them."""
        stored = self._store.records.content_hashes(wanted)
        hashes = {name: found.release.content_hash for name, (found, _) in wanted.items()}
        new = {name: one for name, one in wanted.items() if stored.get(name) != hashes[name]}
        tally.changes[Change.UNCHANGED] += len(wanted) - len(new)
        try:
            self._store.replace_all([entry for _, entry in new.values()])
        finally:  # Ctrl-C may strike just after they were stored: the report then counts them all the same
            stored = self._store.records.content_hashes(new)
            for name, (found, _) in new.items():
                if stored.get(name) == hashes[name]:
                    self._count(tally, found)

    def _count(self, tally: SourceTally, found: Prepared) -> None:
        tally.passages += len(found.passages)
        tally.changes[found.fresh.change] += 1


def _texts(batch: Sequence[Prepared]) -> list[str]:
    return [embedded_text(found.release.title, passage.text) for found in batch for passage in found.passages]


def _is_wanted(release: Release, since: datetime | None, tally: SourceTally) -> bool:
    if since is not None and release.published is not None and not Filter(since=since).spans(release.published):
        tally.before_since += 1
        return False
    return True
