"""Where the time of something goes, by a profile: functions outside each other, and what they take together."""

from __future__ import annotations

import cProfile
import pstats
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Place = tuple[str, str]
"""How a file's name ends, and a function's name in it; for a built-in one `~` and what a profile calls it."""


def shares(work: Callable[[], object], stages: Mapping[str, tuple[Place, ...]], rest: str) -> Iterator[str]:
    """A row for each stage of some work, the longest first: seconds, and the share of all. `rest` names what is left.

    A profile makes small functions slower than they are.
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
        yield f"| {name} | {seconds:.2f} | {seconds / total:.0%} |"
