"""Looks at sources again and again, each on its schedule; those that fail less and less often."""

from __future__ import annotations

import heapq
import random
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ingest.report import IngestReport
from ingest.sources import Failure
from vectorstore.errors import CatalogueAwayError, StoreBusyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ingest.release import Source

JITTER = 0.1
"""Share of a schedule by which a look comes earlier or later: newsrooms are not all asked on the full hour."""

LONGEST = timedelta(days=1)
"""After how long even a source that keeps failing is asked again, unless its schedule is longer."""


AWAY = timedelta(seconds=30)
"""After how long a source is looked at again where the server with the catalogue was away, if not sooner."""


def pause(schedule: timedelta, failures: int, chance: float) -> timedelta:
    """How long to wait before a source is looked at again.

    `failures` are the runs that failed one after the other: each doubles the wait, up to a day. `chance` in [0, 1]
    spreads it by a tenth to either side.
    """
    backed_off: timedelta = schedule * 2 ** min(failures, 20)
    waited = min(backed_off, max(schedule, LONGEST))
    return waited + waited * JITTER * (2 * chance - 1)


class Watch:
    """Goes round the sources one after the other. `look` runs one and gives its report; errors of the store end it.

    `every` is the schedule of sources without one; `keep` is told when a source comes next. It is ended as any run
    is, by KeyboardInterrupt. A store that another process goes on writing is no fault of a source, and neither is one
    whose server is away: that is waited for.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        look: Callable[[Source], IngestReport],
        *,
        every: timedelta,
        keep: Callable[[str, datetime], None],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._sources = sources
        self._look = look
        self._every = every
        self._keep = keep
        self._clock = clock
        self._sleep = sleep
        self._failures = [0] * len(sources)

    def take_up(self, failures: Mapping[str, int]) -> None:
        """Go on from how often the last runs failed, by the sources' locations: a restart is no reason to ask more."""
        self._failures = [failures.get(source.location, 0) for source in self._sources]

    def reports(self, *, once: bool = False) -> Iterator[IngestReport]:
        """What each run did, as it happens; with `once` of one run over each source, else without end."""
        due = [(self._clock(), place) for place in range(len(self._sources))]
        while due:
            moment, place = heapq.heappop(due)
            self._sleep(max(0.0, (moment - self._clock()).total_seconds()))
            report, wait = self._looked_at(place)
            if not once:
                heapq.heappush(due, (self._next(place, wait), place))
            yield report

    def _looked_at(self, place: int) -> tuple[IngestReport, timedelta]:
        """What came of a look, and how long to wait for the next."""
        source, chance = self._sources[place], random.random()  # noqa: S311 - no secret
        schedule = source.schedule or self._every
        try:
            report = self._look(source)
            self._failures[place] = self._failures[place] + 1 if report.has_failed else 0
        except StoreBusyError as exc:
            report = _failed(source, str(exc))
        except CatalogueAwayError as exc:
            return _failed(source, str(exc)), pause(min(schedule, AWAY), 0, chance)
        return report, pause(schedule, self._failures[place], chance)

    def _next(self, place: int, wait: timedelta) -> datetime:
        moment = self._clock() + wait
        with suppress(StoreBusyError, CatalogueAwayError):  # it is only told by `status`
            self._keep(self._sources[place].location, moment)
        return moment


def _failed(source: Source, cause: str) -> IngestReport:
    return IngestReport(source=source.name or source.location, failed=(Failure(source.location, cause),))
