"""What a filter lets through, resolved once for both halves of a search, and how their two rankings become one.

    score = w · max(cosine, 0) / best cosine + (1 - w) · BM25 / best BM25

It is the convex combination of Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval" (2023),
with zero as the floor of both. Zero means the same for every question: no likeness, no shared word. So nothing depends
on how bad the worst candidate is, and a store of three passages is ranked like one of many. Ranks alone, as in
reciprocal rank fusion, forget by how much the first leads; on every set that was tried they did worse.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from numpy.typing import NDArray

    from vectorstore.types import Filter


@dataclass(frozen=True, slots=True, eq=False)
class Allowed:
    """The passages that a filter lets through, by number in rising order."""

    where: Filter
    numbers: NDArray[np.int64]

    @classmethod
    def of(cls, where: Filter, numbers: Sequence[int]) -> Self:
        """From numbers in any order."""
        return cls(where, np.sort(np.array(numbers, dtype=np.int64)))

    def __len__(self) -> int:
        return len(self.numbers)

    def holds(self, numbers: Sequence[int]) -> NDArray[np.bool_]:
        """Which of some numbers are among them, shape (numbers,)."""
        given = np.asarray(numbers, dtype=np.int64)
        if not len(self.numbers):
            return np.zeros(len(given), dtype=np.bool_)
        places = np.minimum(np.searchsorted(self.numbers, given), len(self.numbers) - 1)
        held: NDArray[np.bool_] = self.numbers[places] == given
        return held


# Any weight from 0.5 to 0.8 serves English with an English model, from 0.15 to 0.4 French with that same model.
_KNOWN, _UNKNOWN, _FOREIGN = 0.6, 0.4, 0.3


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that either ranking brought, with both scores: cosine in [-1, 1], BM25 of 0 or more.

    `key` names the passage. A rank counts from 1 and is None where that ranking did not list it.
    """

    key: int
    dense: float
    lexical: float
    dense_rank: int | None
    lexical_rank: int | None


def fuse(candidates: Sequence[Candidate], *, dense_weight: float) -> list[tuple[float, Candidate]]:
    """Candidates with their fused score in [0, 1], best first; among equals the lower key.

    Where no candidate shares a word with the question, the vectors decide alone.
    """
    dense = _shares([candidate.dense for candidate in candidates])
    lexical = _shares([candidate.lexical for candidate in candidates])
    scores = [
        dense_weight * likeness + (1 - dense_weight) * words for likeness, words in zip(dense, lexical, strict=True)
    ]
    return sorted(zip(scores, candidates, strict=True), key=lambda hit: (-hit[0], hit[1].key))


def dense_weight(question_language: str | None, model_languages: tuple[str, ...] | None) -> float:
    """How much of the fused score the vectors decide.

    Most of it where the model knows the question's language; less than half where either is not known; little where
    the model was trained on other languages, as it then recognises hardly more than names.
    """
    if model_languages is None or question_language is None:
        return _UNKNOWN
    return _KNOWN if question_language in model_languages else _FOREIGN


def _shares(values: Sequence[float]) -> list[float]:
    best = max(values, default=0.0)
    return [max(value, 0.0) / best if best > 0 else 0.0 for value in values]
