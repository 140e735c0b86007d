"""What a reader says of a passage, and what may take the place of the one that is built in."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.reader.encoding import Context


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
