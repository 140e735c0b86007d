"""Looks at sources again and again, each on its schedule, side by side; those that fail less and less often."""

from __future__ import annotations

import heapq
import logging
import queue
import random
import threading
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from ingest.errors import SourceError
from ingest.report import IngestReport
from ingest.sources import Failure
from vectorstore.errors import CatalogueAwayError, StoreBusyError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    from ingest.types import Source

log = logging.getLogger(__name__)

JITTER = 0.1
"""Share of a schedule by which a look comes earlier or later: newsrooms are not all asked on the full hour."""

LONGEST = timedelta(days=1)
"""After how long even a source that keeps failing is asked again, unless its schedule is longer."""

AWAY = timedelta(seconds=30)
"""After how long a source is looked at again where the server with the catalogue was away, if not sooner."""

_GLANCE = 60.0  # seconds after which the clock is looked at again: somebody may have set it, or the machine slept
_ENDING = 30.0  # seconds in which a run that was ended is waited for; an index of 100,000 passages takes 20 to write
_MOMENT = 2.0  # the same for one that writes nothing


class Run(Protocol):
    """One run over one source. It is made, and ended, in another thread than the one that it goes on in."""

    @property
    def is_writing(self) -> bool:
        """Whether it has the store's writer lock."""
        ...

    def look(self) -> IngestReport:
        """Read the source, and tell what came of it."""
        ...

    def note_next(self, moment: datetime) -> None:
        """Remember when the source is looked at next."""
        ...

    def end(self, reason: BaseException) -> None:
        """Let `look` end soon: by an IngestError with what was read so far, by anything else at once."""
        ...

    def close(self) -> None:
        """Let go of what it has opened."""
        ...


@dataclass(slots=True)
class _Running:
    """A run in its thread. `until` is when it must give up its place, where others wait for that."""

    run: Run
    thread: threading.Thread
    until: float
    was_ended: bool = False
    has_place: bool = True


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came of a run over the source at `place`: a report, or what ends the watch."""

    place: int
    report: IngestReport | BaseException
    next_look: datetime


def pause(schedule: timedelta, failures: int, chance: float) -> timedelta:
    """How long to wait before a source is looked at again.

    `failures` are the runs that failed one after the other: each doubles the wait, up to a day. `chance` in [0, 1]
    spreads it by a tenth to either side.
    """
    backed_off: timedelta = schedule * 2 ** min(failures, 20)
    waited = min(backed_off, max(schedule, LONGEST))
    return waited + waited * JITTER * (2 * chance - 1)


class Watch:
    """Goes round the sources, `at_once` of them side by side, each in a thread that ends with its run.

    `new_run` makes a run over a source, and is told whether the last one was ended before it was through. `every` is
    the schedule of sources without one. A run that takes longer than `longest` is ended where another source waits for
    its place, and one that does not even end gives its place up: whatever hangs keeps nobody waiting but itself.

    An unexpected failure is one of its source; errors of the store end the watch. A store that another process goes on
    writing is no fault of a source, and neither is one whose server is away: that is waited for. It is ended as any run
    is, by KeyboardInterrupt.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        new_run: Callable[[Source, bool], Run],
        *,
        every: timedelta,
        at_once: int = 8,
        longest: timedelta = timedelta(minutes=10),
    ) -> None:
        self._sources = sources
        self._new_run = new_run
        self._every = every
        self._at_once = at_once
        self._longest = longest.total_seconds()
        self._failures = [0] * len(sources)
        self._unfinished: set[int] = set()
        self._running: dict[int, _Running] = {}
        self._outcomes: queue.SimpleQueue[_Outcome] = queue.SimpleQueue()

    def take_up(self, failures: Mapping[str, int]) -> None:
        """Go on from how often the last runs failed, by the sources' locations: a restart is no reason to ask more."""
        self._failures = [failures.get(source.location, 0) for source in self._sources]

    def reports(self, *, once: bool = False) -> Generator[IngestReport, None, None]:
        """What each run did, as it ends; with `once` of one run over each source, else without end.

        Close it to end what is under way; it is done once that has written what it was writing.
        """
        due = [(self._now(), place) for place in range(len(self._sources))]
        try:
            while due or self._running:
                while due and due[0][0] <= self._now() and self._has_room():
                    self._begin(heapq.heappop(due)[1], noted=not once)
                outcome = self._wait(due)
                if outcome is None:
                    continue
                del self._running[outcome.place]
                if isinstance(outcome.report, BaseException):
                    raise outcome.report
                if not once:
                    heapq.heappush(due, (outcome.next_look, outcome.place))
                yield outcome.report
        finally:
            self._end_all()

    # Places

    def _has_room(self) -> bool:
        return sum(running.has_place for running in self._running.values()) < self._at_once

    def _begin(self, place: int, *, noted: bool) -> None:
        source = self._sources[place]
        run = self._new_run(source, place in self._unfinished)
        self._unfinished.discard(place)
        name = f"watch {source.location}"
        thread = threading.Thread(target=self._look, args=(place, run, noted), name=name, daemon=True)
        self._running[place] = _Running(run, thread, time.monotonic() + self._longest)
        thread.start()

    def _wait(self, due: Sequence[tuple[datetime, int]]) -> _Outcome | None:
        """The next outcome; None where none has come, and something else is to be done."""
        seconds = _GLANCE
        if due:
            ahead = (due[0][0] - self._now()).total_seconds()
            if ahead <= 0 and not self._has_room():
                ahead = self._make_room()
            seconds = min(seconds, ahead)
        with suppress(queue.Empty):
            return self._outcomes.get(timeout=max(0.0, seconds))
        return None

    def _make_room(self) -> float:
        """End the run that has had its place for longest, if that is too long; seconds until to look again."""
        placed = {place: running for place, running in self._running.items() if running.has_place}
        place, oldest = min(placed.items(), key=lambda one: (not one[1].was_ended, one[1].until))
        left = oldest.until - time.monotonic()
        if left > 0:
            return left
        location = self._sources[place].location
        if oldest.was_ended:
            log.warning(
                "source %s: does not end; it goes on without a place, and is looked at again after that", location
            )
            oldest.has_place = False
            return 0.0
        oldest.was_ended, oldest.until = True, time.monotonic() + _ENDING
        self._unfinished.add(place)
        took = f"took longer than {timedelta(seconds=self._longest)} while other sources waited for its place"
        oldest.run.end(SourceError(location, f"{took}; its next run goes on from there"))
        return _ENDING

    def _end_all(self) -> None:
        """End every run; what writes is waited for, what does not is left to end with the process."""
        for running in self._running.values():
            running.run.end(KeyboardInterrupt())
        began = time.monotonic()
        while left := [running for running in self._running.values() if running.thread.is_alive()]:
            patience = _ENDING if any(running.run.is_writing for running in left) else _MOMENT
            if time.monotonic() - began > patience:
                log.warning("%d runs do not end, and are left; what they wrote is whole", len(left))
                break
            left[0].thread.join(0.05)
        self._running.clear()

    # In the thread of a run

    def _look(self, place: int, run: Run, noted: bool) -> None:
        report: IngestReport | BaseException
        try:
            with closing(run):
                report, wait = self._looked_at(place, run)
                moment = self._now() + wait
                if noted:
                    with suppress(StoreBusyError, CatalogueAwayError):  # it is only told by `status`
                        run.note_next(moment)
        except BaseException as exc:  # noqa: BLE001 - it is raised again where the reports are read
            report, moment = exc, self._now()
        self._outcomes.put(_Outcome(place, report, moment))

    def _looked_at(self, place: int, run: Run) -> tuple[IngestReport, timedelta]:
        """What came of a look, and how long to wait for the next."""
        source, chance = self._sources[place], random.random()  # noqa: S311 - no secret
        schedule = source.schedule or self._every
        try:
            report = run.look()
            self._failures[place] = self._failures[place] + 1 if report.has_failed else 0
        except StoreBusyError as exc:
            report = _failed(source, str(exc))
        except CatalogueAwayError as exc:
            return _failed(source, str(exc)), pause(min(schedule, AWAY), 0, chance)
        return report, pause(schedule, self._failures[place], chance)

    @staticmethod
    def _now() -> datetime:
        return datetime.now(UTC)


def _failed(source: Source, cause: str) -> IngestReport:
    return IngestReport(source=source.name or source.location, failed=(Failure(source.location, cause),))
