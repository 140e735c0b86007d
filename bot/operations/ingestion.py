"""Ingestion of the sources that settings or a person name: one round over all, or each again on its schedule.

While sources are watched, the catalogue is verified once a week.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from bot.errors import NoSourceError, UnknownSourceError
from ingest.addresses import is_web
from ingest.report import IngestReport
from ingest.sources import Limits, identity_of
from ingest.types import Source, presumed
from vectorstore.errors import StoreError
from vectorstore.status import summary
from vectorstore.text.words import fold, likest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from contextlib import AbstractContextManager

    from bot.settings import Settings, SourceSettings
    from ingest.pipeline import Pipeline
    from vectorstore.embedders import Embedder
    from vectorstore.store import PassageStore

    Progress = Callable[[int, int], None]

log = logging.getLogger(__name__)

EVERY = timedelta(weeks=1)
_LATER = timedelta(hours=1)  # after which it is tried again where the store could not be opened
_BREATH = 0.02  # seconds between two steps: whoever ingests and asks meanwhile comes first
_MOMENT = 2.0  # seconds in which it is waited for at the end; it writes nothing that could be torn


class _EndedError(Exception):
    """The watch ends, and this does with it."""


class WeeklyCheck:
    """Verifies the catalogue a week after that was last done, by whatever process, as its own record says.

    `new_store` opens the store for the thread that looks. What is damaged goes to the log.
    """

    def __init__(self, new_store: Callable[[], PassageStore], *, every: timedelta = EVERY) -> None:
        self._new_store = new_store
        self._every = every
        self._ended = threading.Event()

    @contextlib.contextmanager
    def running(self, *, once: bool = False) -> Iterator[None]:
        """Look in a thread of its own for as long as this lasts; with `once` one time, which is waited for."""
        thread = threading.Thread(target=self._run, args=(once,), name="weekly check", daemon=True)
        thread.start()
        try:
            yield
            if once:
                thread.join()
        finally:
            self._ended.set()
            thread.join(_MOMENT)

    def _run(self, once: bool) -> None:
        wait = timedelta(0)
        while not self._ended.wait(wait.total_seconds()):
            try:
                wait = self._look()
            except _EndedError:
                return
            except StoreError as exc:
                log.warning("the catalogue could not be verified, and is again in an hour: %s", exc)
                wait = _LATER
            if once:
                return

    def _look(self) -> timedelta:
        """Verify the catalogue if it is time to; how long it then is to the next look."""
        with contextlib.closing(self._new_store()) as store:
            verified = store.records.last_verified()
            due = verified + self._every if verified else datetime.now(UTC)
            if due > datetime.now(UTC):
                return min(due - datetime.now(UTC), _LATER)
            faults = store.verify(self._rest)
        if faults:
            log.error("catalogue: %s: %s", store.catalogue, summary(faults))
        else:
            log.info("catalogue: %s: verified, and whole", store.catalogue)
        return _LATER

    def _rest(self) -> None:
        if self._ended.wait(_BREATH):
            raise _EndedError


_PATIENCE = 600.0  # seconds
_NO_CONTACT = "no contact: set fetch.contact in communique.toml, so that the newsrooms can write to you"


class Parts(Protocol):
    """What ingestion needs; `bot.wiring.Built` fits."""

    @property
    def settings(self) -> Settings:
        """The operator's settings."""
        ...

    @property
    def store(self) -> PassageStore:
        """The store of this thread."""
        ...

    def new_store(self) -> PassageStore:
        """The store opened once more, for a thread that closes it."""
        ...

    def spread(self, cluster: str | None) -> AbstractContextManager[Embedder]:
        """The embedder, on a Ray cluster where one is named."""
        ...

    def new_pipeline(
        self,
        embedder: Embedder | None = ...,
        *,
        store: PassageStore | None = ...,
        dry_run: bool = ...,
        patience: float = ...,
    ) -> Pipeline:
        """What ingests one round of sources."""
        ...

    def share(self) -> None:
        """Make what the threads of a watch share."""
        ...


def chosen_sources(locations: Sequence[str], settings: Sequence[SourceSettings], given: Source) -> list[Source]:
    """Sources as the command line names them, each by a location, or by the name of one in the settings; else all.

    Names are taken in any capitals. `given` holds what options say of those that are not in the settings. Raises
    NoSourceError where there are none, UnknownSourceError for what is no file and nearly a name.
    """
    if not locations and not settings:
        raise NoSourceError
    if not locations:
        return [_settled(one) for one in settings]
    named = {fold(one.name): one for one in settings if one.name}
    placed = {identity_of(one.location): one for one in settings}
    known = {one: named.get(fold(one)) or placed.get(identity_of(one)) for one in locations}
    for location in [location for location, source in known.items() if source is None]:
        if not os.path.lexists(location) and (near := likest(location, (one.name for one in settings if one.name))):
            raise UnknownSourceError(location, near)
    return [_settled(one) if one else replace(given, location=_located(location)) for location, one in known.items()]


def _located(location: str) -> str:
    """A location as it is meant: `example.org/press` is an address, unless a file has that name."""
    return location if os.path.lexists(location) else presumed(location) or location


def paused_among(store: PassageStore, sources: Sequence[Source]) -> list[Source]:
    """Those of the sources that are left out for now."""
    paused = store.records.paused()
    return [source for source in sources if identity_of(source.location) in paused]


def _settled(one: SourceSettings) -> Source:
    return Source(**{name: getattr(one, name) for name in type(one).model_fields})


def ingest_sources(
    parts: Parts,
    sources: Sequence[Source],
    *,
    limits: Limits,
    dry_run: bool = False,
    cluster: str | None = None,
    progress: Callable[[str], AbstractContextManager[Progress | None]] | None = None,
) -> tuple[IngestReport, KeyboardInterrupt | None]:
    """Ingest every source; returns what was done, and what interrupted it: Ctrl-C, SIGTERM or nothing.

    A source that cannot be listed is a failure in the report, and the next ones are ingested all the same. `cluster` is
    the address of the Ray cluster that embeds; a dry run needs none. `progress` is entered for each source by its name.
    """
    with parts.spread(None if dry_run else cluster) as embedder:
        pipeline = parts.new_pipeline(embedder, dry_run=dry_run)
        interrupted = _run(pipeline, sources, limits=limits, dry_run=dry_run, progress=progress or _unseen)
    report = pipeline.report
    return replace(report, warnings=(*report.warnings, *hints(parts, sources))), interrupted


def fails(report: IngestReport, *, strict: bool) -> bool:
    """Whether a run is a failure. A page of a list on the web is none unless `strict`: newsrooms have broken links.

    What fails are a source of which nothing could be read, and every file that cannot be.
    """
    if strict:
        return bool(report.failed)
    return any(_fails(part) for part in report.parts or (report,))


def _fails(report: IngestReport) -> bool:
    is_file = any(not is_web(failure.source) for failure in report.failed)
    return is_file or (bool(report.failed) and report.has_failed)


class StopSignal:
    """Ends a run from another thread, even one whose pipeline is not made yet."""

    def __init__(self) -> None:
        self._reason: BaseException | None = None
        self._pipeline: Pipeline | None = None

    def give(self, reason: BaseException) -> None:
        """End the run soon, with this reason. See `Pipeline.end`."""
        self._reason = reason
        if self._pipeline is not None:
            self._pipeline.end(reason)

    def connect(self, pipeline: Pipeline) -> None:
        """End this pipeline when the signal is given, or at once if it was given already."""
        self._pipeline = pipeline
        if self._reason is not None:
            pipeline.end(self._reason)


def ingest_settings(parts: Parts, chosen: Sequence[SourceSettings], stop: StopSignal) -> IngestReport:
    """Ingest those of some sources of the settings that are not paused, with a store opened for this thread.

    Ended by a KeyboardInterrupt, it reports what was done until then. Raises NoSourceError if there are none.
    """
    with contextlib.closing(parts.new_store()) as store:
        sources = chosen_sources([], chosen, Source("", by_hand=True))
        paused = paused_among(store, sources)
        pipeline = parts.new_pipeline(store=store)
        stop.connect(pipeline)
        wanted = [source for source in sources if source not in paused]
        _run(pipeline, wanted, limits=Limits(), dry_run=False, progress=_unseen)
    return pipeline.report


def _run(
    pipeline: Pipeline,
    sources: Sequence[Source],
    *,
    limits: Limits,
    dry_run: bool,
    progress: Callable[[str], AbstractContextManager[Progress | None]],
) -> KeyboardInterrupt | None:
    """Run a pipeline over every source; what interrupted it, or None."""
    try:
        for source in sources:
            with progress(source.name or source.location) as shown:
                report = pipeline.run(source, limits=limits, dry_run=dry_run, progress=shown)
                log.info("source read: %s", report.outcome, extra=_numbers(report, source.location))
    except KeyboardInterrupt as exc:
        return exc
    finally:
        pipeline.close()
    return None


def watch_sources(
    parts: Parts, sources: Sequence[Source], *, limits: Limits, once: bool = False
) -> Generator[IngestReport, None, None]:
    """Ingest each source on its schedule, and give what each run did; with `once` each source one time.

    Once a week the catalogue is verified meanwhile. To be closed at the end, as after Ctrl-C or SIGTERM.
    """
    from ingest.watch import Watch

    chosen = parts.settings.watch
    watch = Watch(
        sources,
        lambda source, resumed: SourceRun(parts, source, limits, resumed=resumed),
        every=chosen.schedule,
        at_once=chosen.at_once,
        longest=chosen.longest,
    )
    failures = {health.location: health.failures for health in parts.store.records.health()}
    watch.take_up({source.location: failures.get(identity_of(source.location), 0) for source in sources})
    parts.share()
    with WeeklyCheck(parts.new_store).running(once=once), contextlib.closing(watch.reports(once=once)) as reports:
        for report in reports:
            log.info("source read: %s", report.outcome, extra=_numbers(report, None))
            yield report


def _unseen(_title: str) -> AbstractContextManager[None]:
    """Progress that nobody looks at."""
    return contextlib.nullcontext()


def _numbers(report: IngestReport, location: str | None) -> dict[str, object]:
    """What a run did, for whoever reads logs by machine."""
    counts = {name: getattr(report, name) for name in ("new", "changed", "unchanged", "withdrawn", "requests")}
    return counts | {
        "source": report.source or location,
        "failed": len(report.failed),
        "seconds": round(report.seconds, 3),
    }


class SourceRun:
    """One run of a watch over one source, with a store of its own. See `ingest.watch.Run`."""

    def __init__(self, parts: Parts, source: Source, limits: Limits, *, resumed: bool) -> None:
        self._parts = parts
        self._source = source
        self._limits = limits
        self._resumed = resumed
        self._store: PassageStore | None = None
        self._stop = StopSignal()

    @property
    def is_writing(self) -> bool:
        """Whether it has the store's writer lock."""
        return self._store is not None and self._store.is_writing

    def look(self) -> IngestReport:
        """Read the source; before a page is asked for, another writer is waited for as long as it may take."""
        self._store = self._parts.new_store()
        if identity_of(self._source.location) in self._store.records.paused():
            return IngestReport(source=self._source.name or self._source.location, is_paused=True)
        with self._store.holding(_PATIENCE):
            pass
        pipeline = self._parts.new_pipeline(store=self._store, patience=_PATIENCE)
        self._stop.connect(pipeline)
        try:
            return pipeline.run(self._source, limits=self._limits, resumed=self._resumed)
        finally:
            pipeline.close()

    def note_next(self, moment: datetime) -> None:
        """Remember when the source is looked at next."""
        if self._store is not None:
            self._store.records.note_next_run(identity_of(self._source.location), moment)

    def end(self, reason: BaseException) -> None:
        """Let `look` end soon, with this reason."""
        self._stop.give(reason)

    def close(self) -> None:
        """Close the store."""
        if self._store is not None:
            self._store.close()


def hints(parts: Parts, sources: Sequence[Source]) -> tuple[str, ...]:
    """What the settings should say, for the sake of those who are asked for pages, and do not."""
    asks_the_web = any(source.is_address for source in sources)
    return (_NO_CONTACT,) if asks_the_web and not parts.settings.fetch.contact else ()
