"""Hosts that answer questions, as queues: simulated event by event, and by Erlang's formula.

A host of the simulation works as the bot does: so many questions at once, so many more waiting, further ones turned
away. What one question computes in a single thread shares one processor with the other questions' single threads, for
Python runs one thread at a time; reading is spread over all processors; and while Discord is waited for, the question
holds its place without computing. Processors are shared equally.
"""

from __future__ import annotations

import heapq
import math
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_DONE = 1e-9  # seconds of work that are but a rounding error


@dataclass(frozen=True, slots=True)
class Work:
    """What one question takes, in seconds.

    `single` is computed in one thread of Python, `spread` on all processors, `held` waited for at the end.
    """

    single: float
    spread: float
    held: float = 0.0

    @property
    def computed(self) -> float:
        """Seconds of one processor."""
        return self.single + self.spread


@dataclass(frozen=True, slots=True)
class Host:
    """What answers: its processors, which need not be a whole number, and the bot's limits.

    `widest` is how many processors the spread part of one question can use, `processes` how many single threads may
    compute at a time.
    """

    cores: float
    at_once: int
    waiting: float = math.inf
    widest: float = math.inf
    processes: int = 1

    def pooled(self, hosts: int) -> Host:
        """So many of them as one, which gives each question to whichever has most room."""
        return Host(self.cores * hosts, self.at_once * hosts, self.waiting * hosts, min(self.widest, self.cores), hosts)

    def paces(self, single: int, spread: int) -> tuple[float, float]:
        """Seconds of work done in a second for each question of either part, when so many are in each."""
        share = self.cores / max(single + spread, 1)
        one = min(share, self.processes / single, 1.0) if single else 0.0
        many = min((self.cores - single * one) / spread, self.widest) if spread else 0.0
        return one, many


@dataclass(frozen=True, slots=True)
class Served:
    """When a question came, when it got its place, and when its answer was there, in seconds."""

    came: float
    began: float
    ended: float

    @property
    def took(self) -> float:
        """Seconds from the question to its answer."""
        return self.ended - self.came


@dataclass(slots=True)
class _Course:
    """A host in the middle of its questions."""

    host: Host
    works: Sequence[Work]
    single: dict[int, float] = field(default_factory=dict)
    spread: dict[int, float] = field(default_factory=dict)
    held: list[tuple[float, int]] = field(default_factory=list)
    queue: deque[int] = field(default_factory=deque)

    @property
    def busy(self) -> int:
        return len(self.single) + len(self.spread) + len(self.held)

    def paces(self) -> tuple[float, float]:
        return self.host.paces(len(self.single), len(self.spread))

    def due(self, paces: tuple[float, float]) -> float:
        """Seconds until the next question has computed one of its parts."""
        parts = zip((self.single, self.spread), paces, strict=True)
        return min((min(part.values()) / pace for part, pace in parts if part), default=math.inf)

    def compute(self, seconds: float, paces: tuple[float, float]) -> None:
        """Let time pass."""
        for part, pace in zip((self.single, self.spread), paces, strict=True):
            for number in part:
                part[number] -= pace * seconds

    def move_on(self, now: float) -> None:
        """Move on what has finished a part."""
        for number in [number for number, left in self.spread.items() if left <= _DONE]:
            del self.spread[number]
            heapq.heappush(self.held, (now + self.works[number].held, number))
        for number in [number for number, left in self.single.items() if left <= _DONE]:
            del self.single[number]
            self.spread[number] = self.works[number].spread


def served(host: Host, came: Sequence[float], works: Sequence[Work]) -> list[Served | None]:
    """What becomes of questions that come at these seconds, which ascend; None for one that is turned away."""
    course = _Course(host, works)
    began: dict[int, float] = {}
    results: list[Served | None] = [None] * len(came)
    now, coming = 0.0, 0
    while coming < len(came) or course.queue or course.busy:
        while course.queue and course.busy < host.at_once:
            number = course.queue.popleft()
            began[number], course.single[number] = now, works[number].single
        arrival = came[coming] if coming < len(came) else math.inf
        release = course.held[0][0] if course.held else math.inf
        paces = course.paces()
        done = now + course.due(paces)
        then = min(arrival, release, done)
        course.compute(then - now, paces)
        now = then
        if done <= now:
            course.move_on(now)
        while course.held and course.held[0][0] <= now:
            _, number = heapq.heappop(course.held)
            results[number] = Served(came[number], began[number], now)
        if arrival <= now:
            if course.busy + len(course.queue) < host.at_once + host.waiting:
                course.queue.append(coming)
            coming += 1
    return results


def erlang_c(servers: int, load: float) -> float:
    """How likely a question must wait in an M/M/c queue; `load` is the arrival rate times the mean service time.

    A. K. Erlang, "Solution of some problems in the theory of probabilities of significance in automatic telephone
    exchanges", 1917. By way of his formula for lost calls: B(c) = a B(c-1) / (c + a B(c-1)), and
    C = B / (1 - a (1 - B) / c).
    """
    if load >= servers:
        return 1.0
    lost = 1.0
    for server in range(1, servers + 1):
        lost = load * lost / (server + load * lost)
    return lost / (1 - load / servers * (1 - lost))


def waits_longer(seconds: float, servers: int, rate: float, service: float) -> float:
    """How likely one waits longer than so many seconds in an M/M/c queue, first come first served.

    `rate` is of arrivals in a second, `service` the mean in seconds. L. Kleinrock, "Queueing Systems", vol. 1, 1975:
    who waits at all, with probability C, waits exponentially, with rate c/service - rate.
    """
    spare = servers / service - rate
    return erlang_c(servers, rate * service) * math.exp(-spare * seconds) if spare > 0 else 1.0


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls that one bot makes of Discord, from all its hosts together.

    `questions` are the moments at which calls for a question are due, ascending, with how many; `announcements` the
    seconds that each announcement takes, posted from 0 on by `workers`, each of which makes one call after the other.
    """

    questions: Sequence[tuple[float, int]] = ()
    announcements: Sequence[float] = ()
    workers: int = 1

    def limited(self, per_second: float) -> tuple[list[float], list[float]]:
        """Where Discord takes so many in a second, as they come: each question's wait, each announcement's moment.

        Both are in seconds. A question without calls never waits.
        """
        free = [0.0] * self.workers
        left = deque(self.announcements)
        allowed = -math.inf
        waits, moments = [], []
        for came, calls in (*self.questions, (math.inf, 0)):
            while left and free[0] <= came:
                begins = max(heapq.heappop(free), allowed)
                allowed = begins + 1 / per_second
                moments.append(begins + left.popleft())
                heapq.heappush(free, moments[-1])
            begins = max(came, allowed) if calls else came
            waits.append(begins - came if calls else 0.0)
            if calls:
                allowed = begins + calls / per_second
        return waits[:-1], moments
