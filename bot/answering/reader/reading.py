"""What a reader says of a passage, and what may take the place of the one that is built in."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from bot.answering.reader.encoding import Context, Encoded


@dataclass(frozen=True, slots=True)
class Reading:
    """What a passage says to a question: `text[start:end]` are the words that answer best.

    `answers` is how likely they do, in [0, 1]; `start` and `end` are equal where nothing in the passage may answer.
    """

    start: int
    end: int
    answers: float


class Reader(Protocol):
    """Reads questions beside passages; any thread may use it."""

    def read(
        self, question: str, contexts: Sequence[Context], *, earlier: str | None = None
    ) -> tuple[Reading | None, ...]:
        """A reading for each context, in their order, best contexts first; None for those that time did not allow.

        `earlier` is the question before, in a conversation. Raises ReaderError where the model cannot be loaded.
        """
        ...

    def supports(self, sentence: str, quote: Context) -> float:
        """How likely a quote bears a sentence out, in [0, 1]."""
        ...


def probability(logit: float) -> float:
    """The probability of log odds."""
    return 1 / (1 + math.exp(-max(min(logit, 30.0), -30.0)))


LONGEST_SPAN = 80
"""Subwords of an answer at the most: some three long clauses."""


def best_span(
    encoded: Encoded,
    start: NDArray[np.float32],
    end: NDArray[np.float32],
    quotable: Sequence[tuple[int, int]] | None = None,
) -> tuple[int, int, float]:
    """The first and last subword of a passage that answer best, and how far their logits exceed those of none.

    Both lie in one of the `quotable` parts of the text, anywhere where that is None. -1, -1 where no subword does.
    """
    count = len(encoded.spans)
    parts = np.array([_part(span, quotable) for span in encoded.spans], dtype=np.int64)
    if not (parts >= 0).any():
        return -1, -1, 0.0
    starts, ends = start[encoded.first : encoded.first + count], end[encoded.first : encoded.first + count]
    sums = starts[:, None] + ends[None, :]
    allowed = np.triu(np.ones((count, count), dtype=bool)) & ~np.triu(np.ones((count, count), dtype=bool), LONGEST_SPAN)
    allowed &= (parts[:, None] == parts[None, :]) & (parts[:, None] >= 0)
    sums = np.where(allowed, sums, -np.inf)
    first, last = np.unravel_index(int(sums.argmax()), sums.shape)
    return int(first), int(last), float(sums[first, last] - start[0] - end[0])


def _part(span: tuple[int, int], parts: Sequence[tuple[int, int]] | None) -> int:
    """The number of the part that characters lie in; -1 where it is none."""
    if parts is None:
        return 0
    return next((number for number, (start, end) in enumerate(parts) if start <= span[0] and span[1] <= end), -1)


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """A span less the spaces around it and the mark that ends its clause: "7 March 2024.", but all of "U.S."."""
    words = text[start:end].strip()
    start += len(text[start:end]) - len(text[start:end].lstrip())
    shorter = words.rstrip(",;:")
    if shorter.endswith(".") and "." not in shorter.split()[-1][:-1]:
        shorter = shorter[:-1]
    return start, start + len(shorter or words)
