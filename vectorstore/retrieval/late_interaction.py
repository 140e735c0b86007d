"""Late interaction: a question and a passage compared subword by subword, where one vector for each is too coarse.

For every subword of the question the likest one in the passage counts (the MaxSim of Khattab and Zaharia, "ColBERT",
2020, here with static vectors): its cosine above a floor, weighed by how rare the subword is. It knows « sommet » from
"summit" and "engaged" from "committed", finds a word that is spelt otherwise, and sees which words are missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from vectorstore.embedders.subwords import SubwordModel

FLOOR = 0.1
"""Cosine that says nothing: unrelated words reach it by chance."""

_HELD = 0.6  # cosine from which a passage is taken to hold a subword
_BLOCK = 12  # subwords; a window is two blocks, about a sentence
_FAR = 6.0  # subwords apart at which two neighbours of the question still count 1/e
_RAREST = 9.0  # a subword that hardly occurred in training would otherwise outweigh a whole question
_SUBWORDS = 1 << 16  # that 16 bits number
_NOTHING = np.zeros(1, dtype=np.uint16)


@dataclass(frozen=True, slots=True)
class Alignment:
    """A piece of a question and the likest piece of a text: `question[a:b]` and `text[c:d]`, in characters.

    `likeness` is their cosine in [-1, 1], `weight` the share of the question that this piece is, in [0, 1].
    """

    question: tuple[int, int]
    text: tuple[int, int]
    likeness: float
    weight: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """What late interaction sees in each of some passages; arrays of shape (passages,), in [0, 1].

    `likeness` is the weighted share of the question that a passage holds, `telling` the same with words counting for
    more the fewer of the passages hold them, `nearby` the share that a window of some 24 subwords of it holds, `around`
    the share that the passages of its release hold together, and `side_by_side` how far what stands together in the
    question does so in the passage.
    """

    likeness: NDArray[np.float32]
    telling: NDArray[np.float32]
    nearby: NDArray[np.float32]
    around: NDArray[np.float32]
    side_by_side: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class LateInteraction:
    """Compares questions with passages by the vectors of a subword model, which is loaded when it is first needed."""

    model: Callable[[], SubwordModel]

    def numbers(self, texts: Sequence[str]) -> list[NDArray[np.uint16]]:
        """The subwords of each text, as `compare` takes them."""
        return self.model().numbers(texts)

    def compare(self, question: str, passages: Sequence[NDArray[np.uint16]], releases: Sequence[int]) -> Comparison:
        """The question beside each passage, given by its subwords and a number for the release that it stands in."""
        model = self.model()
        asked = model.numbers([question])[0]
        if not len(asked) or not passages:
            return Comparison(*(np.zeros(len(passages), dtype=np.float32) for _ in range(5)))
        directions = model.directions(asked)
        weights = self._weights(asked, directions)
        blocks = _Blocks.of(passages)
        beyond = np.full((1, len(asked)), -1, dtype=np.float32)  # the least that a cosine can be
        cosines = np.concatenate([model.cosines(blocks.held, directions), beyond])
        likeness = np.take(cosines, blocks.places, axis=0)  # shape (_BLOCK, blocks, len(asked))
        best_of_blocks = likeness.max(axis=0)
        best = np.maximum.reduceat(best_of_blocks, blocks.first)  # shape (passages, len(asked))
        # What all of these passages hold parts none of them.
        among = np.log((len(best) + 1) / ((best > _HELD).sum(axis=0) + 0.5))
        rare = weights * np.maximum(among, 0) + 1e-6 * weights
        telling: NDArray[np.float32] = (rare / max(rare.sum(), 1e-12)).astype(np.float32)
        # The window of two neighbouring blocks of one passage, or its last block alone.
        windows = best_of_blocks.copy()
        together = np.flatnonzero(blocks.owner[1:] == blocks.owner[:-1])
        windows[together] = np.maximum(best_of_blocks[together], best_of_blocks[together + 1])
        _, group = np.unique(np.asarray(releases), return_inverse=True)
        order = np.argsort(group, kind="stable")
        best_of_release = np.maximum.reduceat(best[order], np.flatnonzero(np.diff(group[order], prepend=-1)))[group]
        return Comparison(
            likeness=_share(best, weights),
            telling=_share(best, telling),
            nearby=np.maximum.reduceat(_share(windows, weights), blocks.first),
            around=_share(best_of_release, weights),
            side_by_side=_side_by_side(likeness, best_of_blocks, best, weights, blocks),
        )

    def align(self, question: str, text: str) -> tuple[Alignment, ...]:
        """Each piece of a question with the likest piece of a text, in the question's order."""
        asked, asked_places = self.model().places(question)
        held, held_places = self.model().places(text)
        if not len(asked) or not len(held):
            return ()
        directions = self.model().directions(asked)
        likeness = directions @ self.model().directions(held).T
        weights = self._weights(asked, directions)
        best = likeness.argmax(axis=1)
        return tuple(
            Alignment(place, held_places[at], float(likeness[row, at]), float(weights[row]))
            for row, (place, at) in enumerate(zip(asked_places, best, strict=True))
        )

    def _weights(self, numbers: NDArray[np.uint16], directions: NDArray[np.float32]) -> NDArray[np.float32]:
        """Each subword's share of the question, shape (numbers,); what is not known to the model has none."""
        known = directions.any(axis=1)
        rarity = np.where(known, np.minimum(self.model().rarity[numbers], _RAREST) + 1e-6, 0)
        weights: NDArray[np.float32] = (rarity / max(rarity.sum(), 1e-9)).astype(np.float32)
        return weights


@dataclass(frozen=True, slots=True, eq=False)
class _Blocks:
    """The subwords of some passages, each passage cut into blocks of `_BLOCK`; its last one may be short.

    `held` are the subwords that occur, in rising order; `places` says by block where each of its subwords stands among
    them, one past their end beyond the passage's own, shape (`_BLOCK`, blocks). `owner` is the passage of each block,
    `first` the first block of each passage.
    """

    held: NDArray[np.intp]
    places: NDArray[np.intp]
    owner: NDArray[np.intp]
    first: NDArray[np.intp]

    @classmethod
    def of(cls, passages: Sequence[NDArray[np.uint16]]) -> _Blocks:
        """At least one passage is needed. A made-up subword keeps an empty one in its place; it is like nothing."""
        filled = [passage if len(passage) else _NOTHING for passage in passages]
        subwords = np.concatenate(filled)
        lengths = np.array([len(passage) for passage in filled])
        counts = -(-lengths // _BLOCK)
        first = np.cumsum(counts) - counts
        # To mark what occurs takes a fifth of sorting it.
        occurs = np.zeros(_SUBWORDS, dtype=np.bool_)
        occurs[subwords] = True
        held = np.flatnonzero(occurs)
        place = np.empty(_SUBWORDS, dtype=np.intp)
        place[held] = np.arange(len(held))
        places = np.full(counts.sum() * _BLOCK, len(held))
        starts = np.cumsum(lengths) - lengths
        places[np.arange(len(subwords)) + np.repeat(first * _BLOCK - starts, lengths)] = place[subwords]
        return cls(held, places.reshape(-1, _BLOCK).T, np.repeat(np.arange(len(filled)), counts), first)


def _share(best: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """From shape (n, subwords of the question) to (n,)."""
    shares: NDArray[np.float32] = np.maximum(best - FLOOR, 0) @ weights / (1 - FLOOR)
    return np.minimum(shares, 1)


def _side_by_side(
    likeness: NDArray[np.float32],
    best_of_blocks: NDArray[np.float32],
    best: NDArray[np.float32],
    weights: NDArray[np.float32],
    blocks: _Blocks,
) -> NDArray[np.float32]:
    """How alike are the likest pieces of each two neighbours of the question; less, the further these stand apart."""
    if len(weights) < 2:
        return np.zeros(len(best), dtype=np.float32)
    # The first subword that is as like as any of its passage lies in the first block that holds one.
    numbers = np.arange(len(blocks.owner))[:, None]
    holds = np.where(best_of_blocks == best[blocks.owner], numbers, len(numbers))
    block = np.minimum.reduceat(holds, blocks.first)
    inside = likeness[:, block, np.arange(len(weights))].argmax(axis=0)
    at = (block - blocks.first[:, None]) * _BLOCK + inside
    apart = np.abs(at[:, 1:] - at[:, :-1] - 1)
    pairs = np.sqrt(weights[1:] * weights[:-1])
    alike = np.maximum(np.minimum(best[:, 1:], best[:, :-1]) - FLOOR, 0) / (1 - FLOOR)
    total = (alike * np.exp(-apart / _FAR)) @ (pairs / max(pairs.sum(), 1e-9))
    capped: NDArray[np.float32] = np.minimum(total, 1).astype(np.float32)
    return capped
