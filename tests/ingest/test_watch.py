from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from pathlib import Path

import pytest

from ingest.release import Source
from ingest.report import IngestReport
from ingest.sources import Failure
from ingest.watch import AWAY, JITTER, LONGEST, Watch, pause
from vectorstore.errors import CatalogueAwayError, StoreBusyError

HOUR = timedelta(hours=1)
WELL = IngestReport(unchanged=1)
ILL = IngestReport(failed=(Failure("a", "no answer"),))


@dataclass
class Round:
    """A watch over sources whose looks are told beforehand, by a clock that moves on only while the watch sleeps."""

    now: datetime = datetime(2026, 1, 5, tzinfo=UTC)
    looked: list[tuple[str, timedelta]] = field(default_factory=list)
    kept: dict[str, datetime] = field(default_factory=dict)
    outcomes: dict[str, list[IngestReport | Exception]] = field(default_factory=dict)

    def watch(self, *sources: Source) -> Watch:
        return Watch(
            sources,
            self.look,
            every=HOUR,
            keep=self.kept.__setitem__,
            clock=lambda: self.now,
            sleep=self.sleep,
        )

    def look(self, source: Source) -> IngestReport:
        self.looked.append((source.location, self.now - datetime(2026, 1, 5, tzinfo=UTC)))
        outcomes = self.outcomes.get(source.location)
        outcome = outcomes.pop(0) if outcomes else WELL
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def waits(self, location: str) -> list[float]:
        """Hours between the looks at a source."""
        moments = [moment for one, moment in self.looked if one == location]
        return [(later - earlier) / HOUR for earlier, later in pairwise(moments)]


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
    told = Round()

    def refuse(_location: str, _moment: datetime) -> None:
        raise refused

    watch = Watch([Source("a")], told.look, every=HOUR, keep=refuse, clock=lambda: told.now, sleep=told.sleep)

    assert list(islice(watch.reports(), 2)) == [WELL, WELL]


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
    told = Round()

    def slowly(source: Source) -> IngestReport:
        told.looked.append((source.location, told.now - datetime(2026, 1, 5, tzinfo=UTC)))
        told.now += 3 * HOUR
        return WELL

    watch = Watch(
        [Source("a")], slowly, every=HOUR, keep=told.kept.__setitem__, clock=lambda: told.now, sleep=told.sleep
    )
    list(islice(watch.reports(), 2))

    assert told.waits("a") == [4.0]
