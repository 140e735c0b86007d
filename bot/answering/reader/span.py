"""Logits of starts and ends -> the span that answers best."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bot.answering.reader.encoding import Encoded

LONGEST_SPAN = 80
"""Subwords of an answer at the most: some three long clauses."""


def best_span(encoded: Encoded, start: NDArray[np.float32], end: NDArray[np.float32]) -> tuple[int, int, float]:
    """The first and last subword of a passage that answer best, and how far their logits exceed those of none.

    -1, -1 for a passage without subwords.
    """
    count = len(encoded.spans)
    if not count:
        return -1, -1, 0.0
    starts, ends = start[encoded.first : encoded.first + count], end[encoded.first : encoded.first + count]
    sums = starts[:, None] + ends[None, :]
    allowed = np.triu(np.ones((count, count), dtype=bool)) & ~np.triu(np.ones((count, count), dtype=bool), LONGEST_SPAN)
    sums = np.where(allowed, sums, -np.inf)
    first, last = np.unravel_index(int(sums.argmax()), sums.shape)
    return int(first), int(last), float(sums[first, last] - start[0] - end[0])
