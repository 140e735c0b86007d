"""How many hosts guilds need: a simulation of their busiest hour, on what a question costs on this machine.

    python -m benchmarks.capacity
    python -m benchmarks.capacity --home ~/.local/share/communique --questions mine.jsonl

Questions are asked one after the other, then eight at once, of `samples/` or of a store of your own, in some seconds;
what each computed in its own thread and in the reader's is what the simulation draws from. It is checked twice: against
the eight at once, which it is told nothing of, and against Erlang's formula (an M/M/c queue, each host a server), which
knows no limits, no burst's end and no host that is busier than the next. As many hosts are needed as keep 95 of 100
answers under two seconds, Discord's share included, with fewer than one question in 1,000 turned away.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import math
import os
import random
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import tables
from benchmarks.guilds import Habits, Questions, admitted, busiest_hour
from benchmarks.queues import Calls, Host, Work, served, waits_longer
from bot.wiring import Built, opened
from datasets.files import json_lines
from ingest.types import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from bot.settings import DiscordSettings

SAMPLES = Path(__file__).parent.parent / "samples"
QUESTIONS = Path(__file__).parent / "samples_questions.jsonl"
ANNOUNCED_AT_ONCE = 5  # channels, by each host: bot/discord/announcements.py
GUILDS = (10, 100, 1_000, 10_000)
USES = {"light": 1.0, "normal": 10.0, "heavy": 100.0}
"""Questions of a guild in a day, on average."""
COLUMNS = ("questions a second, peak", "hosts", "p95, s", "turned away", "asked too soon", "hosts by Erlang's formula")
IN_TIME, LATE, TURNED_AWAY = 2.0, 0.05, 0.001
MOST = 200  # hosts: beyond these it is not they that are missing
_ENOUGH = 4_000  # questions that are simulated, where there are as many
_EVENINGS = 20  # and evenings at the most
_WARM_UP, _AT_ONCE = 2, 8


@dataclass(frozen=True, slots=True)
class Measured:
    """What questions cost here: the work of each, and eight at once with the processors that they got."""

    works: tuple[Work, ...]
    alone: tuple[float, ...]
    at_once: tuple[float, ...]
    seconds: float
    computed: float

    @property
    def cores(self) -> float:
        """Processors that were at work, on average, while eight asked at once."""
        return self.computed / self.seconds


@dataclass(frozen=True, slots=True)
class Evening:
    """What becomes of questions in the busiest hour: seconds, and shares of them.

    `held_up` is the share that Discord's limit alone makes late, `too_soon` that of what people ask too fast.
    """

    late: float
    p95: float
    turned_away: float
    too_soon: float
    held_up: float

    @property
    def is_good(self) -> bool:
        """Whether answers come in time, and next to nobody is turned away."""
        return self.late <= LATE and self.turned_away < TURNED_AWAY


def measure(built: Built, questions: Sequence[str]) -> Measured:
    """Ask one after the other, then eight at once."""
    for question in questions[:_WARM_UP]:
        built.answerer.invoke(question)
    works, alone = [], []
    for question in questions:
        began, thread, process = time.perf_counter(), time.thread_time(), time.process_time()
        built.answerer.invoke(question)
        single, both = time.thread_time() - thread, time.process_time() - process
        works.append(Work(single, max(both - single, 0.0)))
        alone.append(time.perf_counter() - began)

    def ask(question: str) -> float:
        began = time.perf_counter()
        built.answerer.invoke(question)
        return time.perf_counter() - began

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        began, process = time.perf_counter(), time.process_time()
        at_once = list(pool.map(ask, questions))
        seconds, computed = time.perf_counter() - began, time.process_time() - process
    return Measured(tuple(works), tuple(alone), tuple(at_once), seconds, computed)


def eight_at_once(works: Sequence[Work], cores: float) -> tuple[list[float], float]:
    """The same by simulation: the seconds of each, and of all."""
    courses = [one for one in served(Host(cores, _AT_ONCE), [0.0] * len(works), works) if one]
    return [one.ended - one.began for one in courses], max(one.ended for one in courses)


class Fleet:
    """Hosts alike, of which any takes any question: whichever claims it first, busy or not.

    If they are `pooled`, the least busy does, which is not how the bot works today.
    """

    def __init__(
        self,
        works: Sequence[Work],
        cores: float,
        *,
        limits: DiscordSettings,
        habits: Habits | None = None,
        pooled: bool = False,
    ) -> None:
        habits = habits or Habits()
        self._pooled = pooled
        self._works = works
        self._limits = limits
        self._habits = habits
        self._host = Host(cores, limits.at_once, limits.waiting)
        self._service = statistics.mean(work.computed for work in works) / cores

    def evening(self, guilds: int, a_day: float, hosts: int) -> Evening:
        """The busiest hour of so many guilds, on so many hosts.

        Questions that are split at random are independent on each host, so that some hosts stand for all.
        """
        rng = np.random.default_rng((guilds, round(a_day), 17))
        took: list[float] = []
        held_up: list[float] = []
        asked = let_in = 0
        for _ in range(_EVENINGS):
            questions = busiest_hour(guilds, a_day, self._habits, rng)
            mine = questions.only(admitted(questions, self._limits))
            asked, let_in = asked + len(questions), let_in + len(mine)
            waits = self._waits(mine, guilds, hosts, rng)
            held_up.append(float((waits > IN_TIME).mean()) if len(mine) else 0.0)
            queues = 1 if self._pooled else hosts
            host_of = rng.integers(0, queues, len(mine))
            for number in range(queues):
                took += self._took(mine.came[host_of == number], waits[host_of == number], hosts // queues, rng)
                if len(took) >= _ENOUGH:
                    break
            if len(took) >= _ENOUGH:
                break
        return _summed_up(np.array(took), 1 - let_in / max(asked, 1), statistics.mean(held_up))

    def needed(self, guilds: int, a_day: float) -> tuple[int | None, Evening]:
        """The fewest hosts that suffice, and their evening; None where no number does, since Discord takes no more."""
        fewest, most = 0, max(1, math.ceil(self._habits.rate(guilds, a_day) * self._service))
        while not (found := self.evening(guilds, a_day, most)).is_good:
            if found.held_up > LATE or most > MOST:
                return None, found
            fewest, most = most, math.ceil(most * 1.5)
        while most - fewest > 1:
            middle = (fewest + most) // 2
            if (tried := self.evening(guilds, a_day, middle)).is_good:
                most, found = middle, tried
            else:
                fewest = middle
        return most, found

    def peak(self, guilds: int, a_day: float) -> float:
        """Questions in a second just after the release."""
        return self._habits.rate(guilds, a_day) * self._habits.burst

    def by_formula(self, guilds: int, a_day: float) -> int | None:
        """The fewest hosts by Erlang's formula, at the rate just after the release; None where none are fast enough.

        What is left for waiting of the two seconds is what a mean question and two calls of Discord leave.
        """
        rate = self.peak(guilds, a_day)
        left = IN_TIME - self._service - 2 * self._habits.call * math.exp(self._habits.scatter**2 / 2)
        if left < 0:
            return None
        return next(c for c in itertools.count(1) if waits_longer(left, c, rate, self._service) <= LATE)

    def _waits(self, questions: Questions, guilds: int, hosts: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """Seconds that Discord's limit holds each answer up while a release is announced in every guild."""
        calls = np.where(questions.mention, self._habits.calls, 0)
        due = list(zip(questions.came.tolist(), calls.tolist(), strict=True))
        announcements = self._calls(round(guilds * self._habits.subscribed), rng).tolist()
        of_all = Calls(due, announcements, ANNOUNCED_AT_ONCE * hosts)
        return np.array(of_all.limited(self._habits.per_second)[0])

    def _took(
        self, came: NDArray[np.float64], waits: NDArray[np.float64], pooled: int, rng: np.random.Generator
    ) -> list[float]:
        """Seconds from question to answer on one host, or several as one, without the minutes before the hour.

        They are infinite for what is turned away.
        """
        before, after = self._calls(len(came), rng), self._calls(len(came), rng) + waits
        order = np.argsort(came + before, kind="stable")
        drawn = rng.integers(0, len(self._works), len(came))
        works = [replace(self._works[drawn[number]], held=float(after[number])) for number in order]
        results = served(self._host.pooled(pooled), (came + before)[order].tolist(), works)
        took = np.array([one.took if one else math.inf for one in results])
        seconds: list[float] = (took + before[order])[came[order] >= 0].tolist()
        return seconds

    def _calls(self, count: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """Seconds that calls of Discord take."""
        return self._habits.call * rng.lognormal(0.0, self._habits.scatter, count)


def _summed_up(took: NDArray[np.float64], too_soon: float, held_up: float) -> Evening:
    answered = took[np.isfinite(took)]
    if not len(answered):
        return Evening(0.0, 0.0, float(len(took) > 0), too_soon, held_up)
    late = float((answered > IN_TIME).mean())
    return Evening(late, float(np.quantile(answered, 0.95)), 1 - len(answered) / len(took), too_soon, held_up)


def print_measured(measured: Measured) -> None:
    """What a question costs here, and the simulation beside eight at once."""
    single, spread = (statistics.mean(getattr(work, part) for work in measured.works) for part in ("single", "spread"))
    print(
        f"{len(measured.works)} questions on {_cores()} processors. Each computes {1000 * (single + spread):.0f} ms on "
        f"average, {1000 * single:.0f} of them in its own thread; answered alone: {_times(measured.alone)} ms "
        "(p50 / p95).\n"
    )
    print(tables.head(f"{_AT_ONCE} at once", "a second", "ms, p50 / p95"))
    print(tables.row("measured", f"{len(measured.at_once) / measured.seconds:.1f}", _times(measured.at_once)))
    whole = f"simulated, {_cores()} processors"
    got = f"simulated, the {measured.cores:.1f} processors that were at work"
    for name, cores in ((whole, float(_cores())), (got, measured.cores)):
        seconds, until = eight_at_once(measured.works, cores)
        print(tables.row(name, f"{len(seconds) / until:.1f}", _times(seconds)))


def print_hosts(fleet: Fleet, guilds: Sequence[int]) -> None:
    """The hosts that guilds need, and those that the formula gives."""
    print(f"\nHosts of {_cores()} processors that keep 95 of 100 answers under {IN_TIME:g} s:\n")
    print(tables.head("guilds, use", *COLUMNS))
    for count in guilds:
        for use, a_day in USES.items():
            print(tables.row(f"{count:,}, {use}", *_cells(fleet, count, a_day)))


def print_varied(works: Sequence[Work], limits: DiscordSettings) -> None:
    """What becomes of the hosts where one assumption is another."""
    habits = Habits()
    half, twice = ([Work(by * one.single, by * one.spread) for one in works] for by in (0.5, 2.0))
    assumed: dict[str, tuple[Sequence[Work], Habits]] = {
        "no release": (works, replace(habits, burst=1.0)),
        "a release that four times as many ask about": (works, replace(habits, burst=17.0)),
        "everybody uses commands": (works, replace(habits, mentions=0.0)),
        "everybody mentions the bot": (works, replace(habits, mentions=1.0)),
        "Discord takes twice as long": (works, replace(habits, call=2 * habits.call)),
        "a question computes half as much": (half, habits),
        "a question computes twice as much": (twice, habits),
    }
    fleets = {name: Fleet(drawn, _cores(), limits=limits, habits=of) for name, (drawn, of) in assumed.items()}
    fleets["the least busy host takes each question"] = Fleet(works, _cores(), limits=limits, pooled=True)
    rows = [(f"1,000, heavy: {name}", fleet, 1_000, USES["heavy"]) for name, fleet in fleets.items()]
    quiet = Fleet(works, _cores(), limits=limits, habits=replace(habits, subscribed=0.0))
    rows.append(("10,000, normal: nothing is announced", quiet, 10_000, USES["normal"]))
    print("\nOne assumption varied at a time:\n")
    print(tables.head("guilds, use", *COLUMNS))
    for name, fleet, guilds, a_day in rows:
        print(tables.row(name, *_cells(fleet, guilds, a_day)))


def print_announcements(guilds: Sequence[int], hosts: Sequence[int]) -> None:
    """How long one release takes to be announced in a channel of every guild."""
    habits, rng = Habits(), np.random.default_rng(5)
    print("\nSeconds until a release is announced in one channel of each guild, from the first on:\n")
    print(tables.head("guilds", *(f"{count} host{'s' if count > 1 else ''}" for count in hosts)))
    for count in guilds:
        calls = (habits.call * rng.lognormal(0.0, habits.scatter, count)).tolist()
        by = (
            Calls(announcements=calls, workers=ANNOUNCED_AT_ONCE * one).limited(habits.per_second)[1] for one in hosts
        )
        print(tables.row(f"{count:,}", *(f"{max(moments):.0f}" for moments in by)))


def _cells(fleet: Fleet, guilds: int, a_day: float) -> Iterator[str]:
    hosts, evening = fleet.needed(guilds, a_day)
    yield f"{fleet.peak(guilds, a_day):.2f}"
    yield str(hosts) if hosts else "none will do"
    yield f"{evening.p95:.2f}" if hosts else ""
    yield f"{evening.turned_away:.2%}" if hosts else ""
    yield f"{evening.too_soon:.2%}"
    yield str(fleet.by_formula(guilds, a_day) or "none will do")


def _times(seconds: Sequence[float]) -> str:
    """The median and what 95 in 100 stay under, in milliseconds."""
    middle, late = np.quantile(seconds, (0.5, 0.95))
    return f"{1000 * middle:.0f} / {1000 * late:.0f}"


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextlib.contextmanager
def store_for(home: Path | None) -> Iterator[Built]:
    """A store that is there, or one of the samples for as long as the context lasts."""
    if home:
        with opened(home, model="none") as built:
            yield built
        return
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder), model="none") as built:
        built.new_pipeline().run(Source(location=str(SAMPLES)))
        yield built


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.capacity", description="Count hosts.")
    parser.add_argument("--home", type=Path, help="a store of your own; left out: one of samples/")
    parser.add_argument("--questions", type=Path, default=QUESTIONS, help="JSON lines, each with a `question`")
    parser.add_argument("--asked", type=int, default=10, help="questions that are asked, by chance")
    parser.add_argument("--guilds", type=int, nargs="+", default=GUILDS)
    options = parser.parse_args(arguments)
    rows: list[dict[str, Any]] = list(json_lines(options.questions))
    wording = random.Random(3).sample([row["question"] for row in rows], min(options.asked, len(rows)))
    with store_for(options.home) as built:
        limits = built.settings.discord
        measured = measure(built, wording)
    print_measured(measured)
    print_hosts(Fleet(measured.works, _cores(), limits=limits), options.guilds)
    print_varied(measured.works, limits)
    print_announcements(options.guilds, (1, 2, 5))
    return 0


if __name__ == "__main__":
    sys.exit(main())
