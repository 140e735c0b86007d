"""How likely each passage that was read answers, and how sure the best of them is.

First each passage is weighed by itself, by what the reader says of it and what retrieval says. Then the likeliest
sentences of a release are read once more, side by side: which of two passages answers is told much better where both
stand in one text than by what was said of each alone.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from bot.answering.reader import Context, log_odds, probability

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.reader import Reading
    from bot.answering.windows import Window

_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
_EDITIONS = 15  # years
_FAR_AHEAD = 10.0
_RELEASES, _SENTENCES = 2, 3  # that are compared, and of each how many
_ROOM = 1000  # characters of the sentences of a release: the reader reads no more at once

AT_MOST = 3
"""Sentences of one answer."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What `training/reader/rank.py` fits, each a logistic regression with its bias last.

    `window` weighs `features`, `compared` what the reader says side by side as well; `alone` and `best` say how sure
    the best is, before and after sentences are compared.
    """

    window: tuple[float, ...] = (0.8, 1.11, 1.64, -3.12)
    compared: tuple[float, ...] = (0.67, 2.02, 0.32, 0.22)
    alone: tuple[float, ...] = (0.61, 0.09, -0.01)
    best: tuple[float, ...] = (0.87, 0.09, -0.14)


WEIGHTS = Weights()


@dataclass(frozen=True, slots=True)
class ReadWindow:
    """A window with what was read in it, and how likely that is the answer.

    The words that answer are `release.text[start:end]`; `places` are those of the sentences that they touch, at most
    `AT_MOST`.
    """

    window: Window
    start: int
    end: int
    places: tuple[tuple[int, int], ...]
    likelihood: float

    @classmethod
    def of(cls, window: Window, reading: Reading, likelihood: float) -> ReadWindow:
        """A reading of a window."""
        start, end = window.start + reading.start, window.start + reading.end
        touched = [(a, b) for a, b in window.sentences if a < end and b > start]
        return cls(window, start, end, tuple(touched[:AT_MOST]), likelihood)

    @property
    def words(self) -> str:
        """The words that answer."""
        return self.window.release.text[self.start : self.end]

    @property
    def sentence(self) -> str:
        """The sentence that they begin in, or they themselves where none holds them."""
        return self.window.release.text[slice(*self.sentence_place)]

    @property
    def sentence_place(self) -> tuple[int, int]:
        """Where that begins and ends in their release."""
        return next(iter(self.places), (self.start, self.end))


def ranked(
    question: str,
    windows: Sequence[Window],
    readings: Sequence[Reading | None],
    *,
    earlier: str | None = None,
    weights: Weights = WEIGHTS,
) -> list[ReadWindow]:
    """What was read, likeliest first; nothing of a release that a year in the question contradicts.

    Where the question names none, a year of the `earlier` one holds.
    """
    years = _YEAR.findall(question) or _YEAR.findall(earlier or "")
    found = [
        ReadWindow.of(window, reading, probability(_weighed(weights.window, features(window, reading))))
        for window, reading in zip(windows, readings, strict=True)
        if reading and reading.end > reading.start and not (years and _contradicts(years, window))
    ]
    return sorted(found, key=lambda one: -one.likelihood)


def compared(
    found: Sequence[ReadWindow],
    rivals: Sequence[Sequence[ReadWindow]],
    readings: Sequence[Sequence[Reading]],
    *,
    weights: Weights = WEIGHTS,
) -> list[ReadWindow]:
    """The same, likeliest first, once the `rivals` among them were read side by side.

    Of their releases, what was not compared stands behind what was.
    """
    again: dict[str, list[ReadWindow]] = {}
    for some, read in zip(rivals, readings, strict=True):
        again[some[0].window.release.id] = [
            replace(one, likelihood=probability(_weighed(weights.compared, row)))
            for one, row in zip(some, comparison(some, read), strict=True)
        ]
    beside = {id(one) for some in rivals for one in some}
    rest = [_behind(one, again.get(one.window.release.id, ())) for one in found if id(one) not in beside]
    return sorted([*(one for some in again.values() for one in some), *rest], key=lambda one: -one.likelihood)


def side_by_side(found: Sequence[ReadWindow]) -> list[list[ReadWindow]]:
    """For each of the best releases its likeliest sentences, each once, in the order of its text."""
    groups: dict[str, list[ReadWindow]] = {}
    taken: Counter[str] = Counter()  # characters
    for one in found:
        identity = one.window.release.id
        if not one.places or (identity not in groups and len(groups) == _RELEASES):
            continue
        group = groups.setdefault(identity, [])
        length = one.places[-1][1] - one.places[0][0]
        is_new = not any(a < d and c < b for other in group for a, b in other.places for c, d in one.places)
        if is_new and len(group) < _SENTENCES and (not group or taken[identity] + length <= _ROOM):
            group.append(one)
            taken[identity] += length
    return [sorted(group, key=lambda one: one.places[0]) for group in groups.values()]


def joined(some: Sequence[ReadWindow]) -> Context:
    """Sentences of a release as one passage, each a part that may answer."""
    release, text, parts = some[0].window.release, "", list[tuple[int, int]]()
    for one in some:
        text += " " if text else ""
        begins = len(text)
        text += release.text[one.places[0][0] : one.places[-1][1]]
        parts.append((begins, len(text)))
    return Context(release.title, text, release.published.date() if release.published else None, tuple(parts))


def comparison(some: Sequence[ReadWindow], readings: Sequence[Reading]) -> list[tuple[float, float, float]]:
    """What speaks for each of some sentences that were read side by side.

    The log odds that it answers by itself, how far the reader's lie below those of the best beside it, and the best's.
    """
    odds = [log_odds(reading.answers) for reading in readings]
    return [(log_odds(one.likelihood), own - max(odds), max(odds)) for one, own in zip(some, odds, strict=True)]


def confidence(found: Sequence[ReadWindow], alone: Sequence[ReadWindow], weights: Weights = WEIGHTS) -> float:
    """How likely the best of them, the first, answers, in [0, 1]; `alone` is what was ranked before the comparison.

    In log odds the mean of both: where nothing answers, the best sentences look better than they are side by side.
    """
    return probability((_weighed(weights.best, certainty(found)) + _weighed(weights.alone, certainty(alone))) / 2)


def certainty(found: Sequence[ReadWindow]) -> tuple[float, float]:
    """What speaks for the first of them: its log odds, and how far they lie above those of another release's best."""
    best, own = log_odds(found[0].likelihood), found[0].window.release.id
    others = [log_odds(one.likelihood) for one in found if one.window.release.id != own]
    return best, min(best - max(others), _FAR_AHEAD) if others else _FAR_AHEAD


def features(window: Window, reading: Reading) -> tuple[float, float, float]:
    """What speaks for a window: the reader's log odds, its hit's score as a share of the best, and 1 / rank."""
    return log_odds(reading.answers), window.nearness, 1 / window.hit.rank


def _weighed(weights: Sequence[float], of: Sequence[float]) -> float:
    """The log odds that a logistic regression gives."""
    *each, bias = weights
    return float(np.dot(each, of)) + bias


def _behind(one: ReadWindow, others: Sequence[ReadWindow]) -> ReadWindow:
    return replace(one, likelihood=min([one.likelihood, *(other.likelihood for other in others)]))


def _contradicts(years: Sequence[str], window: Window) -> bool:
    """Whether one of the years is one that neither the release's date nor its words know.

    A year long before that is of what is told (the anniversary of 1897), not of the edition that is asked for.
    """
    release = window.release
    if release.published is None:
        return False
    known = f"{release.published.year} {release.title} {release.text}"
    recent = (year for year in years if abs(int(year) - release.published.year) <= _EDITIONS)
    return any(not _is_known(year, known) for year in recent)


def _is_known(year: str, text: str) -> bool:
    """Whether a text holds a number of four digits, grouped or not: "1500" may be a year, or 1,500 jobs."""
    return year in text or re.search(rf"\b{year[0]}[.,’' \u00a0\u202f]{year[1:]}\b", text) is not None
