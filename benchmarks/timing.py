"""What something takes: milliseconds of many calls, and the stages in which its time goes."""

from __future__ import annotations

import cProfile
import pstats
import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks import tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

Place = tuple[str, str]
"""How a file's name ends, and a function's name in it; for a built-in one `~` and what a profile calls it."""


@dataclass(frozen=True, slots=True)
class Spent:
    """Milliseconds that each of some calls took."""

    milliseconds: list[float]

    def __str__(self) -> str:
        """The median, and what 95 in 100 stay under."""
        ordered = sorted(self.milliseconds)
        return f"{self.median:.1f} / {ordered[int(0.95 * (len(ordered) - 1))]:.1f}"

    @property
    def median(self) -> float:
        """Half of them took less."""
        return statistics.median(self.milliseconds)


def milliseconds(call: Callable[[], object]) -> float:
    """What one call takes."""
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


def each(ask: Callable[[str], object], questions: Iterable[str]) -> Spent:
    """What each question takes, one after the other."""
    return Spent([milliseconds(lambda question=question: ask(question)) for question in questions])  # type: ignore[misc]


def shares(work: Callable[[], object], stages: Mapping[str, tuple[Place, ...]], rest: str) -> Iterator[str]:
    """A row for each stage of some work, the longest first: seconds, and the share of all. `rest` names what is left.

    A profile makes small functions slower than they are. A stage none of whose functions was called says so: they may
    have moved.
    """
    profile = cProfile.Profile()
    profile.enable()
    work()
    profile.disable()
    found = pstats.Stats(profile)
    spent = dict.fromkeys(stages, 0.0)
    for (file, _, function), (_, _, _, cumulative, _) in found.stats.items():  # type: ignore[attr-defined]
        for name, places in stages.items():
            if any(function == wanted and file.endswith(place) for place, wanted in places):
                spent[name] += cumulative
    total: float = found.total_tt  # type: ignore[attr-defined]
    spent[rest] = max(0.0, total - sum(spent.values()))
    for name, seconds in sorted(spent.items(), key=lambda one: -one[1]):
        cells = (f"{seconds:.2f}", f"{seconds / total:.0%}") if seconds or name == rest else ("never called", "–")
        yield tables.row(name, *cells)
