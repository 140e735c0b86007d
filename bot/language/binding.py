"""Whether a figure stands in a sentence beside the words that it stands beside in its quote, and how alike both are.

Words are compared by the vectors of a bilingual subword model, so it sees two figures change places across languages
too. For a figure of the sentence and one of the quote, each word near the first looks for its likest word near the
second; the figure that a sentence gives should win against the quote's other figures of its kind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bot.language.quantities import Match, compare

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from bot.language.quantities import Quantity
    from vectorstore.subwords import SubwordModel

_NEAR = 6.0  # words apart at which a neighbour still counts 1/e


def binding(
    sentence: str, asked: Sequence[Quantity], quote: str, held: Sequence[Quantity], model: SubwordModel
) -> float:
    """How clearly the figures of a sentence stand beside the words of those that they are in the quote.

    From -1, where another figure of the quote stands there, to 1; 0 where the quote has but one of each kind.
    """
    rivals = [(one, _kin(one, held)) for one in asked]
    rivals = [(one, kin) for one, kin in rivals if kin[0] and kin[1]]
    if not rivals:
        return 0.0
    mine, its = _Words(sentence, model), _Words(quote, model)
    likeness = np.maximum(mine.directions @ its.directions.T, 0) * mine.weights[:, None]
    worst = 1.0
    for one, (same, others) in rivals:
        near = mine.near(one)
        own = max(_beside(likeness, near, its.near(each)) for each in same)
        other = max(_beside(likeness, near, its.near(each)) for each in others)
        worst = min(worst, (own - other) / max(own + other, 1e-6))
    return worst


def likeness(sentence: str, quote: str, model: SubwordModel) -> float:
    """The weighed share of a sentence's words that a quote holds, in either language, in [0, 1]."""
    mine, its = _Words(sentence, model), _Words(quote, model)
    if not len(mine.weights) or not len(its.weights):
        return 0.0
    best = np.maximum(mine.directions @ its.directions.T, 0).max(axis=1)
    return float(mine.weights @ best / max(mine.weights.sum(), 1e-6))


def _kin(one: Quantity, held: Sequence[Quantity]) -> tuple[list[Quantity], list[Quantity]]:
    """The quote's figures that say the same as one, and its others of that kind."""
    same = [each for each in held if compare(one, each) >= Match.OTHER_BOUND]
    kinds = {unit.dimension if unit else "" for each in same for _, unit in each.meanings}
    others = [
        each
        for each in held
        if each not in same and kinds & {unit.dimension if unit else "" for _, unit in each.meanings}
    ]
    return same, others


def _beside(likeness: NDArray[np.float32], near: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """How much of what is near in the sentence is found near in the quote."""
    return float(near @ (likeness * other[None, :]).max(axis=1))


class _Words:
    """The subwords of a text with their vectors, weights and places."""

    def __init__(self, text: str, model: SubwordModel) -> None:
        numbers, places = model.places(text)
        kept = [at for at, (start, end) in enumerate(places) if not any(map(str.isdigit, text[start:end]))]
        self.directions = model.directions(numbers[kept])
        self.weights = np.minimum(model.rarity(numbers[kept]), 9.0)
        self._middles = np.array([(places[at][0] + places[at][1]) / 2 for at in kept])

    def near(self, figure: Quantity) -> NDArray[np.float32]:
        """How near each subword is to a figure, in (0, 1]."""
        apart = np.maximum(np.maximum(figure.start - self._middles, self._middles - figure.end), 0) / 6
        near: NDArray[np.float32] = np.exp(-apart / _NEAR).astype(np.float32)
        return near
