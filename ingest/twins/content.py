"""Twins that nobody states, told by their contents: meaning of passages and titles, numbers, names, days between.

A pair counts when each is the other's best within the window, clearly better than any other, and alike enough. Only
releases within the window of either are compared, so a join depends on nothing further off than two windows.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from vectorstore.types import Twin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from ingest.twins.candidate import TwinCandidate
    from ingest.twins.stated import Joined

# 1,000 and 1 000 and 1'000; 20.9 and 20,9: the marks differ by language and country, the digits do not.
_NUMBER = re.compile(r"(?<![\w.,])\d{1,3}(?:[ \u00a0\u202f'’,.]\d{3})+(?!\d)|\d+(?:[.,]\d+)*")
_NAME = re.compile(r"\b[A-ZÀ-ÖØ-Þ]\w{2,}")
_STEM = 5  # letters: Geneva and Genève, Winterthur and Winterthour, Ukraine in both


def facts_of(release: TwinCandidate) -> dict[str, float]:
    """The numbers and names of a release, publisher among them, each with its weight.

    A longer number says more: one digit is as often written as a word. The day, month and year of the release say
    nothing, for everything published on that day has them.
    """
    words = f"{release.publisher or ''}\n{release.title}\n{release.text}"
    facts = {_fold(name)[:_STEM]: 0.5 for name in _NAME.findall(words)}
    facts |= {digits: _weight(digits) for digits in (re.sub(r"\D", "", found) for found in _NUMBER.findall(words))}
    if release.published:
        own = release.published
        for part in (own.day, own.month, own.year):
            facts.pop(str(part), None)
    return facts


def shared(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """How much of the lesser one's facts the other has, in [0, 1]; one half where there is little to compare.

    Of the lesser, because a version may be a summary of the other.
    """
    few, many = (one, other) if len(one) <= len(other) else (other, one)
    common = sum(weight for fact, weight in few.items() if fact in many)
    return (common + 1) / (min(sum(few.values()), sum(many.values())) + 2)


def _weight(digits: str) -> float:
    return (0.25, 0.5, 1.0)[min(len(digits), 3) - 1]


def _fold(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word)
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()


WINDOW = timedelta(days=3)
"""How far apart two versions may be published: a translation is there within days, or over a weekend."""

ALIKE = 0.5
"""The least likeness of a pair: between the samples' translations, 0.71 to 0.84, and their other pairs, below 0.35."""

AHEAD = 0.04
"""By how much a pair must be better than the next best of either side."""

_PASSAGES, _TITLE, _FACTS = 0.4, 0.3, 0.3  # three opinions of about the same weight; the longest text weighs most
_PER_DAY = 0.02  # half the lead needed: of two alike the one of the same day wins, but only with something else
_STEEPNESS = 12.0  # likeness 0.5 is a score of 0.5, 0.7 of 0.92
_ROWS = 64  # releases compared at once; bounds the memory on days with thousands
_FLOOR = (ALIKE - AHEAD - _FACTS) / (_PASSAGES + _TITLE)  # below it no facts can make a pair matter


@dataclass(frozen=True, slots=True)
class _Side:
    """Releases of one language in the order of their dates; `begins` are the rows at which their passages begin."""

    releases: list[TwinCandidate]
    times: NDArray[np.float64]
    titles: NDArray[np.float32]
    passages: NDArray[np.float32]
    begins: NDArray[np.intp]

    def rows(self, first: int, last: int) -> tuple[NDArray[np.float32], NDArray[np.intp], NDArray[np.float32]]:
        """The passages of some releases, where each release's begin among them, and how many each has."""
        begins = self.begins[first : last + 1]
        counts: NDArray[np.float32] = np.diff(begins).astype(np.float32)
        return self.passages[begins[0] : begins[-1]], begins[:-1] - begins[0], counts


def twins_by_content(releases: Iterable[TwinCandidate], joined: Joined, languages: Sequence[str]) -> list[Twin]:
    """The pairs in any two of the languages that their contents tell, among those that are not `joined` already."""
    usable = [one for one in releases if one.published and one.headline is not None and _count(one)]
    found: list[Twin] = []
    for language, other in combinations(sorted(set(languages)), 2):
        left = _side([one for one in usable if one.language == language and joined.is_free(one, other)])
        right = _side([one for one in usable if one.language == other and joined.is_free(one, language)])
        if left and right:
            for row, column, likeness in _clear(_likenesses(left, right)):
                score = round(1 / (1 + math.exp(-_STEEPNESS * (likeness - ALIKE))), 4)
                first, second = sorted((left.releases[row].id, right.releases[column].id))
                found.append(Twin(first, second, "content", score))
    return found


def _clear(likenesses: dict[tuple[int, int], float]) -> Iterator[tuple[int, int, float]]:
    """The pairs in which each is the other's best, and ahead of all others."""
    by_row: dict[int, list[float]] = defaultdict(list)
    by_column: dict[int, list[float]] = defaultdict(list)
    for (row, column), likeness in likenesses.items():
        by_row[row].append(likeness)
        by_column[column].append(likeness)
    for (row, column), likeness in sorted(likenesses.items()):
        # The pair itself is the one in each list that is as good.
        close = [other for other in (*by_row[row], *by_column[column]) if other > likeness - AHEAD]
        if likeness >= ALIKE and len(close) == 2:
            yield row, column, likeness


def _likenesses(left: _Side, right: _Side) -> dict[tuple[int, int], float]:
    """The likeness of every pair within the window that could matter, by their places."""
    left_facts, right_facts = _Facts(left.releases), _Facts(right.releases)
    window = WINDOW.total_seconds()
    found: dict[tuple[int, int], float] = {}
    for first in range(0, len(left.releases), _ROWS):
        last = min(first + _ROWS, len(left.releases))
        begin = int(np.searchsorted(right.times, left.times[first] - window, "left"))
        end = int(np.searchsorted(right.times, left.times[last - 1] + window, "right"))
        if begin == end:
            continue
        titles = left.titles[first:last] @ right.titles[begin:end].T
        meaning = _PASSAGES * _of_passages(left.rows(first, last), right.rows(begin, end)) + _TITLE * titles
        apart = np.abs(left.times[first:last, None] - right.times[None, begin:end])
        near = (apart <= window) & (meaning >= _FLOOR * (_PASSAGES + _TITLE))
        for i, j in np.argwhere(near):
            row, column = first + int(i), begin + int(j)
            named = shared(left_facts[row], right_facts[column])
            days = float(apart[i, j]) / 86_400
            # Rounded: the last digits of a matrix product depend on what else was in the matrix.
            found[row, column] = round(float(meaning[i, j]) + _FACTS * named - _PER_DAY * days, 4)
    return found


class _Facts(dict[int, "Mapping[str, float]"]):
    """The facts of some releases by their places, found out where they are first needed: few ever come near another."""

    def __init__(self, releases: Sequence[TwinCandidate]) -> None:
        super().__init__()
        self._releases = releases

    def __missing__(self, place: int) -> Mapping[str, float]:
        self[place] = facts = facts_of(self._releases[place])
        return facts


def _of_passages(
    left: tuple[NDArray[np.float32], NDArray[np.intp], NDArray[np.float32]],
    right: tuple[NDArray[np.float32], NDArray[np.intp], NDArray[np.float32]],
) -> NDArray[np.float32]:
    """How well each passage is met by the other side's best one, on average and both ways, shape (left, right)."""
    (lefts, left_begins, left_counts), (rights, right_begins, right_counts) = left, right
    cosines = lefts @ rights.T
    met = np.add.reduceat(np.maximum.reduceat(cosines, right_begins, axis=1), left_begins, axis=0)
    met_back = np.add.reduceat(np.maximum.reduceat(cosines, left_begins, axis=0), right_begins, axis=1)
    return np.asarray((met / left_counts[:, None] + met_back / right_counts[None, :]) / 2, dtype=np.float32)


def _side(releases: list[TwinCandidate]) -> _Side | None:
    if not releases:
        return None
    releases = sorted(releases, key=lambda one: (_seconds(one.published), one.id))
    return _Side(
        releases=releases,
        times=np.array([_seconds(one.published) for one in releases]),
        titles=np.stack([np.asarray(one.headline, dtype=np.float32) for one in releases]),
        passages=np.concatenate([np.asarray(one.passages, dtype=np.float32) for one in releases]),
        begins=np.cumsum([0, *map(_count, releases)]),
    )


def _count(release: TwinCandidate) -> int:
    return 0 if release.passages is None else len(release.passages)


def _seconds(moment: datetime | None) -> float:
    return moment.timestamp() if moment else 0.0
