"""Sources are looked at each on its schedule, side by side; what hangs, fails or breaks keeps nobody else waiting."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import ingest.watch
from ingest.errors import SourceError
from ingest.report import IngestReport
from ingest.sources import Failure
from ingest.types import Source
from ingest.watch import AWAY, JITTER, LONGEST, Watch, pause
from vectorstore.errors import CatalogueAwayError, CatalogueError, StoreBusyError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
WELL = IngestReport(unchanged=1)
ILL = IngestReport(failed=(Failure("a", "no answer"),))


@dataclass
class Round:
    """A watch over sources whose looks are told beforehand, each over at once, by a clock that moves on in between."""

    now: datetime = BEGIN
    looked: list[tuple[str, timedelta]] = field(default_factory=list)
    kept: dict[str, datetime] = field(default_factory=dict)
    outcomes: dict[str, list[IngestReport | BaseException]] = field(default_factory=dict)
    refused: Exception | None = None
    takes: timedelta = timedelta(0)

    def watch(self, *sources: Source) -> Watch:
        return _OneByOne(self, sources)

    def waits(self, location: str) -> list[float]:
        """Hours between the looks at a source."""
        moments = [moment for one, moment in self.looked if one == location]
        return [(later - earlier) / HOUR for earlier, later in pairwise(moments)]


@dataclass
class _Told:
    """A run of a round, which does not wait for anything."""

    round: Round
    source: Source
    is_writing = False

    def look(self) -> IngestReport:
        self.round.looked.append((self.source.location, self.round.now - BEGIN))
        self.round.now += self.round.takes
        outcomes = self.round.outcomes.get(self.source.location)
        outcome = outcomes.pop(0) if outcomes else WELL
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    def note_next(self, moment: datetime) -> None:
        if self.round.refused:
            raise self.round.refused
        self.round.kept[self.source.location] = moment

    def end(self, reason: BaseException) -> None:
        """Nothing is under way."""

    def close(self) -> None:
        """Nothing is open."""


class _OneByOne(Watch):
    """A watch whose runs are over as soon as they have begun, and whose clock is the round's."""

    def __init__(self, told: Round, sources: Sequence[Source]) -> None:
        super().__init__(sources, lambda source, _: _Told(told, source), every=HOUR)
        self._told = told

    def _begin(self, place: int, *, noted: bool) -> None:
        run = self._new_run(self._sources[place], False)
        self._running[place] = ingest.watch._Running(run, threading.current_thread(), 0.0)
        self._look(place, run, noted)

    def _has_room(self) -> bool:
        return not self._running

    def _wait(self, due: Sequence[tuple[datetime, int]]) -> ingest.watch._Outcome | None:
        if self._running:
            return self._outcomes.get()
        self._told.now = max(self._told.now, due[0][0])
        return None

    def _end_all(self) -> None:
        self._running.clear()

    def _now(self) -> datetime:
        return self._told.now


@pytest.fixture(autouse=True)
def _even_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("random.random", lambda: 0.5)


def test_failures_double_the_pause_up_to_a_day() -> None:
    """However often it failed."""
    pauses = [pause(HOUR, failures, 0.5) for failures in (0, 1, 2, 4, 5, 1000)]

    assert pauses == [HOUR, 2 * HOUR, 4 * HOUR, 16 * HOUR, LONGEST, LONGEST]


def test_a_schedule_of_weeks_stays_as_it_is() -> None:
    """A source that is asked once a week is not asked every day because it fails."""
    week = timedelta(weeks=1)

    assert [pause(week, failures, 0.5) for failures in (0, 3)] == [week, week]


@pytest.mark.parametrize(("chance", "hours"), [(0.0, 1 - JITTER), (1.0, 1 + JITTER)])
def test_a_pause_is_spread_to_either_side(chance: float, hours: float) -> None:
    """By a tenth at the most."""
    assert pause(HOUR, 0, chance) == hours * HOUR


def test_every_source_is_looked_at_on_its_own_schedule() -> None:
    """At once, then again and again; one without a schedule on the common one."""
    told = Round()
    watch = told.watch(Source("often", schedule=HOUR / 2), Source("seldom"))

    list(islice(watch.reports(), 6))

    assert [location for location, _ in told.looked[:2]] == ["often", "seldom"]
    assert told.waits("often") == [0.5, 0.5, 0.5]
    assert told.waits("seldom") == [1.0]


def test_a_failing_source_is_asked_less_often_until_it_answers() -> None:
    """The other one is not kept waiting by it."""
    told = Round(outcomes={"ill": [ILL, ILL, WELL]})

    list(islice(told.watch(Source("ill"), Source("well")).reports(), 12))

    assert told.waits("ill") == [2.0, 4.0, 1.0]
    assert set(told.waits("well")) == {1.0}


def test_a_run_that_got_something_has_not_failed() -> None:
    """One broken page among good ones is no reason to ask less often."""
    mixed = IngestReport(unchanged=3, failed=(Failure("a", "no answer"),))
    told = Round(outcomes={"a": [mixed, mixed]})

    list(islice(told.watch(Source("a")).reports(), 3))

    assert told.waits("a") == [1.0, 1.0]


def test_failures_before_a_restart_count() -> None:
    """The first look comes at once all the same."""
    told = Round(outcomes={"a": [ILL]})
    watch = told.watch(Source("a"), Source("b"))
    watch.take_up({"a": 2, "of another watch": 7})

    list(islice(watch.reports(), 12))

    assert told.looked[0] == ("a", timedelta(0))
    assert told.waits("a")[0] == 8.0
    assert told.waits("b")[0] == 1.0


def test_a_store_that_is_written_by_another_is_no_failure_of_the_source() -> None:
    """It is told, and the source is asked again on its usual schedule."""
    told = Round(outcomes={"a": [StoreBusyError(Path("store"), 600)]})

    busy, well = islice(told.watch(Source("a", name="A")).reports(), 2)

    assert (busy.source, well) == ("A", WELL)
    assert [failure.source for failure in busy.failed] == ["a"]
    assert told.waits("a") == [1.0]


def test_a_store_whose_server_is_away_is_looked_for_soon() -> None:
    """And that is no failure of the source, which goes on as it was."""
    away = CatalogueAwayError("postgresql://news@db", "cannot be reached; start the server")
    told = Round(outcomes={"a": [ILL, away, away, WELL]})

    reports = list(islice(told.watch(Source("a", name="A")).reports(), 5))

    assert [len(one.failed) for one in reports] == [1, 1, 1, 0, 0]
    assert "start the server" in reports[1].failed[0].error
    assert told.waits("a") == [2.0, AWAY / HOUR, AWAY / HOUR, 1.0]


@pytest.mark.parametrize(
    "refused", [StoreBusyError(Path("store"), 600), CatalogueAwayError("postgresql://news@db", "cannot be reached")]
)
def test_the_watch_goes_on_where_the_next_run_cannot_be_noted(refused: Exception) -> None:
    """Another process may hold the store at that moment too, or its server be away."""
    told = Round(refused=refused)

    assert list(islice(told.watch(Source("a")).reports(), 2)) == [WELL, WELL]


def test_the_next_run_is_noted() -> None:
    """For `status`, when the run is over."""
    told = Round()

    next(told.watch(Source("a")).reports())

    assert told.kept == {"a": datetime(2026, 1, 5, 1, tzinfo=UTC)}


def test_once_looks_at_each_source_once() -> None:
    """Nothing comes next, and nothing is waited for."""
    told = Round(outcomes={"a": [ILL]})

    reports = list(told.watch(Source("a"), Source("b")).reports(once=True))

    assert (reports, told.kept) == ([ILL, WELL], {})
    assert told.looked == [("a", timedelta(0)), ("b", timedelta(0))]


def test_a_run_longer_than_its_schedule_is_followed_by_a_pause() -> None:
    """The pause begins when the run is over: a slow newsroom is not asked without end."""
    told = Round(takes=3 * HOUR)

    list(islice(told.watch(Source("a")).reports(), 2))

    assert told.waits("a") == [4.0]


@pytest.mark.parametrize("fault", [CatalogueError("catalogue.sqlite3", "is full"), KeyboardInterrupt()])
def test_what_breaks_the_store_ends_the_watch(fault: BaseException) -> None:
    """As does an interrupt that a run meets: it is raised where the reports are read."""
    told = Round(outcomes={"a": [WELL, fault]})

    with closing(told.watch(Source("a")).reports()) as reports:
        assert next(reports) == WELL
        with pytest.raises(type(fault)):
            next(reports)


# With threads, in real time


class Hanging:
    """A run that lasts until it is ended, or for ever where it is `deaf`."""

    is_writing = False

    def __init__(self, source: Source, resumed: bool, *, deaf: bool = False) -> None:
        self.source = source
        self.resumed = resumed
        self.deaf = deaf
        self.ended = threading.Event()
        self.reason: BaseException | None = None

    def look(self) -> IngestReport:
        self.ended.wait(60)
        if self.deaf:
            time.sleep(60)
        if not isinstance(self.reason, SourceError):
            raise KeyboardInterrupt
        return IngestReport(source=self.source.location, failed=(Failure(self.source.location, self.reason.cause),))

    def note_next(self, moment: datetime) -> None:
        """Nothing is kept."""

    def end(self, reason: BaseException) -> None:
        self.reason = reason
        self.ended.set()

    def close(self) -> None:
        """Nothing is open."""


class Quick(Hanging):
    """A run that is over at once."""

    def look(self) -> IngestReport:
        return IngestReport(source=self.source.location, unchanged=1)


SOON = timedelta(milliseconds=20)


def watched(
    *locations: str,
    made: list[Hanging],
    at_once: int = 8,
    longest: timedelta = HOUR,
    hanging: Callable[..., Hanging] = Hanging,
) -> Watch:
    """A watch in which every source hangs whose name says so."""

    def new_run(source: Source, resumed: bool) -> Hanging:
        made.append((hanging if source.location.startswith("hangs") else Quick)(source, resumed))
        return made[-1]

    sources = [Source(location, schedule=SOON) for location in locations]
    return Watch(sources, new_run, every=HOUR, at_once=at_once, longest=longest)


@pytest.mark.timeout(30)
def test_one_that_hangs_keeps_no_other_waiting() -> None:
    """The other is looked at on its schedule meanwhile, again and again."""
    with closing(watched("hangs", "well", made=(made := [])).reports()) as reports:
        told = [report.source for report in islice(reports, 5)]

    assert told == ["well"] * 5
    assert [run.source.location for run in made].count("hangs") == 1


@pytest.mark.timeout(30)
def test_where_as_many_hang_as_there_are_places_they_take_turns() -> None:
    """One is ended, told with its cause, and begins its next run with what it had not come to."""
    made: list[Hanging] = []
    watch = watched("hangs1", "hangs2", "well", made=made, at_once=2, longest=timedelta(milliseconds=50))
    with closing(watch.reports()) as reports:
        told = list(islice(reports, 12))

    ended = [report for report in told if report.failed]
    assert {"hangs1", "well"} <= {report.source for report in told}
    assert "while other sources waited for its place; its next run goes on from there" in ended[0].failed[0].error
    assert [run.resumed for run in made if run.source.location == "hangs1"][:2] == [False, True]


@pytest.mark.timeout(30)
def test_nobody_is_ended_as_long_as_there_are_places() -> None:
    """The first ingestion of an archive may take hours."""
    made: list[Hanging] = []
    with closing(watched("hangs", "well", made=made, at_once=2, longest=timedelta(0)).reports()) as reports:
        list(islice(reports, 5))
        assert not made[0].ended.is_set()


@pytest.mark.timeout(30)
def test_one_that_does_not_even_end_gives_up_its_place(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is told, is not begun a second time beside itself, and keeps nobody from ending the watch."""
    monkeypatch.setattr(ingest.watch, "_ENDING", 0.05)
    monkeypatch.setattr(ingest.watch, "_MOMENT", 0.05)
    made: list[Hanging] = []
    deaf = partial(Hanging, deaf=True)
    watch = watched("hangs", "well", made=made, at_once=1, longest=timedelta(milliseconds=50), hanging=deaf)
    with closing(watch.reports()) as reports:
        told = [report.source for report in islice(reports, 3)]

    assert told == ["well"] * 3
    assert [run.source.location for run in made].count("hangs") == 1
    assert "source hangs: does not end" in caplog.text
    assert "1 runs do not end, and are left" in caplog.text


@pytest.mark.timeout(30)
def test_closing_it_ends_what_is_under_way() -> None:
    """Every thread is gone afterwards."""
    before = threading.active_count()
    made: list[Hanging] = []
    with closing(watched("hangs1", "hangs2", "well", made=made).reports()) as reports:
        next(reports)

    assert [type(run.reason) for run in made if run.source.location != "well"] == [KeyboardInterrupt] * 2
    assert threading.active_count() <= before


@pytest.mark.timeout(30)
def test_what_is_being_written_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A release is not left half in the store, nor an index half built."""
    monkeypatch.setattr(ingest.watch, "_MOMENT", 0.0)
    written = threading.Event()

    class Writing(Hanging):
        is_writing = True

        def look(self) -> IngestReport:
            self.ended.wait(60)
            time.sleep(0.3)
            written.set()
            return WELL

    with closing(watched("hangs", "well", made=[], hanging=Writing).reports()) as reports:
        next(reports)

    assert written.is_set()
