"""The last word on the order of the first candidates: what fusion knew of them, and what late interaction sees.

    score = Σ weight · sign / Σ weight, every sign in [0, 1]

The weights come from `training/ranking.py`, which fits a conditional logit (McFadden, 1974) to questions whose passage
is known; they differ for a passage in the question's language and one in another, where shared words are hardly more
than names and numbers.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from vectorstore.fusion import Candidate
    from vectorstore.interaction import Comparison


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each sign counts: cosine and BM25 as shares of the best, and those of late interaction."""

    dense: float
    lexical: float
    likeness: float
    telling: float
    nearby: float
    around: float
    side_by_side: float


SAME_LANGUAGE = Weights(3.03, 2.42, 2.63, 4.84, 2.21, 2.81, 2.11)
OTHER_LANGUAGE = Weights(5.22, 1.59, 2.24, 2.66, 2.83, 1.85, 2.57)


def signs(candidates: Sequence[Candidate], comparison: Comparison) -> NDArray[np.float64]:
    """What is known of each candidate, shape (candidates, signs), in the order of `Weights`."""
    dense = np.array([max(candidate.dense, 0.0) for candidate in candidates])
    lexical = np.array([max(candidate.lexical, 0.0) for candidate in candidates])
    return np.stack(
        [
            dense / max(dense.max(initial=0.0), 1e-9),
            lexical / max(lexical.max(initial=0.0), 1e-9),
            comparison.likeness,
            comparison.telling,
            comparison.nearby,
            comparison.around,
            comparison.side_by_side,
        ],
        axis=1,
    )


def rescored(
    candidates: Sequence[Candidate], comparison: Comparison, same_language: Sequence[bool], *, trust: float = 1.0
) -> NDArray[np.float64]:
    """The candidates' scores in [0, 1], shape (candidates,).

    `same_language` says which are in the question's language; `trust`, in [0, 1], how far the embedding model knows it:
    the cosine counts for so much less.
    """
    doubt = np.array([trust, 1, 1, 1, 1, 1, 1])
    same, other = (np.array(astuple(weights)) * doubt for weights in (SAME_LANGUAGE, OTHER_LANGUAGE))
    known = signs(candidates, comparison)
    scores = np.where(same_language, known @ same, known @ other) / max(same.sum(), other.sum())
    shares: NDArray[np.float64] = np.clip(scores, 0, 1)
    return shares
