"""Scores by words, whichever engine gives them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

DEEPER = 4  # times as many passages are looked at before their releases' words reorder them


@dataclass(frozen=True, slots=True)
class Scored:
    """Passage numbers with their scores, 0 or more: those that the words rank first, and others asked for by number.

    `ranked` is best first. An asked-for passage that shares no word with the question is missing in `others`.
    """

    ranked: list[tuple[int, float]]
    others: dict[int, float]


def with_releases(
    found: dict[int, float],
    versions: dict[int, int],
    whole: dict[int, float],
    *,
    ranked: Collection[int],
    limit: int,
    also: Sequence[int],
) -> Scored:
    """What was found, each with its release: `versions` says in which row that stands, `whole` the scores of rows.

    A passage that stands in none is left out.
    """
    totals = {
        number: (max(score, 0.0) + max(whole.get(versions[number], 0.0), 0.0)) / 2
        for number, score in found.items()
        if number in versions
    }
    best = sorted((n for n in ranked if n in totals), key=lambda number: (-totals[number], number))[:limit]
    return Scored([(number, totals[number]) for number in best], {n: totals[n] for n in also if n in totals})
