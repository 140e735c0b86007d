"""Readings in the order of how likely they answer, by what was read and by how well the passage was found."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.answering.reader.reading import probability

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.reader import Reading
    from bot.answering.windows import Window

_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
# From `training/reader/rank.py`: what the features of a window count, and those of the best one for how sure it is.
_WINDOW = (0.91, 1.96, 1.34, -3.46)
_BEST = (0.85, 0.06, -0.28)
_FAR_AHEAD = 10.0


@dataclass(frozen=True, slots=True)
class Found:
    """A window with what was read in it, and how likely that is the answer."""

    window: Window
    reading: Reading
    likelihood: float

    @property
    def start(self) -> int:
        """Where the words that answer begin in their release."""
        return self.window.start + self.reading.start

    @property
    def end(self) -> int:
        """Where they end."""
        return self.window.start + self.reading.end

    @property
    def sentence(self) -> str:
        """The sentence that they begin in, or they themselves where none holds them."""
        start, end = next(iter(self.window.around(self.start, self.end)), (self.start, self.end))
        return self.window.release.text[start:end]


def ranked(
    question: str, windows: Sequence[Window], readings: Sequence[Reading | None], *, earlier: str | None = None
) -> list[Found]:
    """What was read, likeliest first; nothing of a release that a year in the question contradicts.

    Where the question names none, a year of the `earlier` one holds.
    """
    years = _YEAR.findall(question) or _YEAR.findall(earlier or "")
    found = [
        Found(window, reading, probability(_weighed(_WINDOW, features(window, reading))))
        for window, reading in zip(windows, readings, strict=True)
        if reading and reading.end > reading.start and not _contradicts(years, window)
    ]
    return sorted(found, key=lambda one: -one.likelihood)


def confidence(found: Sequence[Found]) -> float:
    """How likely the best of them, the first, answers, in [0, 1]: by itself, and beside those of other releases."""
    best = log_odds(found[0].likelihood)
    own = found[0].window.release.id
    others = [log_odds(one.likelihood) for one in found if one.window.release.id != own]
    ahead = min(best - max(others), _FAR_AHEAD) if others else _FAR_AHEAD
    return probability(_weighed(_BEST, (best, ahead)))


def features(window: Window, reading: Reading) -> tuple[float, float, float]:
    """What speaks for a window: the reader's log odds, its hit's score as a share of the best, and 1 / rank."""
    return log_odds(reading.answers), window.nearness, 1 / window.hit.rank


def log_odds(likelihood: float) -> float:
    """The log odds of a probability, at most some 14 either way."""
    bounded = min(max(likelihood, 1e-6), 1 - 1e-6)
    return math.log(bounded / (1 - bounded))


def _weighed(weights: Sequence[float], values: Sequence[float]) -> float:
    return sum(weight * value for weight, value in zip(weights[:-1], values, strict=True)) + weights[-1]


def _contradicts(years: Sequence[str], window: Window) -> bool:
    """Whether one of the years is one that neither the release's date nor its words know."""
    release = window.release
    known = f"{release.published.year if release.published else ''} {release.title} {release.text}"
    return any(year not in known for year in years) and release.published is not None
