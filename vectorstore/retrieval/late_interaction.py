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


class LateInteraction:
    """Compares questions with passages by the vectors of a subword model, which is loaded when it is first needed."""

    def __init__(self, loaded: Callable[[], SubwordModel]) -> None:
        self._loaded = loaded

    @property
    def _model(self) -> SubwordModel:
        return self._loaded()

    @property
    def name(self) -> str:
        """What the store remembers kept subwords by."""
        return self._model.name

    @property
    def dimension(self) -> int:
        """Length of a subword's vector."""
        return self._model.dimension

    def numbers(self, texts: Sequence[str]) -> list[NDArray[np.uint16]]:
        """The subwords of each text, as `compare` takes them."""
        return self._model.numbers(texts)

    def compare(self, question: str, passages: Sequence[NDArray[np.uint16]], releases: Sequence[int]) -> Comparison:
        """The question beside each passage, given by its subwords and a number for the release that it stands in."""
        asked = self._model.numbers([question])[0]
        if not len(asked) or not passages:
            return Comparison(*(np.zeros(len(passages), dtype=np.float32) for _ in range(5)))
        # One made-up subword keeps an empty passage in its place; it is like nothing.
        lengths = np.array([max(len(passage), 1) for passage in passages])
        starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        held, place = np.unique(np.concatenate([p if len(p) else [0] for p in passages]), return_inverse=True)
        likeness = (self._model.directions(asked) @ self._model.directions(held).T)[:, place]
        best = np.maximum.reduceat(likeness, starts, axis=1)
        weights = self._weights(asked)
        return Comparison(
            likeness=_share(best, weights),
            telling=_share(best, _telling(best, weights)),
            nearby=_nearby(likeness, weights, starts, lengths),
            around=_share(_best_of_release(best, np.asarray(releases)), weights),
            side_by_side=_side_by_side(likeness, best, weights, starts),
        )

    def align(self, question: str, text: str) -> tuple[Alignment, ...]:
        """Each piece of a question with the likest piece of a text, in the question's order."""
        asked, asked_places = self._model.places(question)
        held, held_places = self._model.places(text)
        if not len(asked) or not len(held):
            return ()
        likeness = self._model.directions(asked) @ self._model.directions(held).T
        weights = self._weights(asked)
        best = likeness.argmax(axis=1)
        return tuple(
            Alignment(place, held_places[at], float(likeness[row, at]), float(weights[row]))
            for row, (place, at) in enumerate(zip(asked_places, best, strict=True))
        )

    def _weights(self, numbers: NDArray[np.uint16]) -> NDArray[np.float32]:
        """Each subword's share of the question, shape (numbers,); what is not known to the model has none."""
        known = self._model.directions(numbers).any(axis=1)
        rarity = np.where(known, np.minimum(self._model.rarity(numbers), _RAREST) + 1e-6, 0)
        weights: NDArray[np.float32] = (rarity / max(rarity.sum(), 1e-9)).astype(np.float32)
        return weights


def _share(best: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """From shape (subwords of the question, n) to (n,)."""
    shares: NDArray[np.float32] = weights @ np.maximum(best - FLOOR, 0) / (1 - FLOOR)
    return np.minimum(shares, 1)


def _telling(best: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """The weights times each subword's inverse frequency among these passages: what all of them hold parts none."""
    passages = best.shape[1]
    among = np.log((passages + 1) / ((best > _HELD).sum(axis=1) + 0.5))
    told = weights * np.maximum(among, 0) + 1e-6 * weights
    shares: NDArray[np.float32] = (told / max(told.sum(), 1e-12)).astype(np.float32)
    return shares


def _nearby(
    likeness: NDArray[np.float32], weights: NDArray[np.float32], starts: NDArray[np.int64], lengths: NDArray[np.int64]
) -> NDArray[np.float32]:
    """The best window of two neighbouring blocks of each passage."""
    blocks = -(-lengths // _BLOCK)
    owner = np.repeat(np.arange(len(starts)), blocks)
    first = np.concatenate([[0], np.cumsum(blocks)[:-1]])
    begins = starts[owner] + _BLOCK * (np.arange(len(owner)) - first[owner])
    best = np.maximum.reduceat(likeness, begins, axis=1)
    windows = best.copy()
    together = owner[1:] == owner[:-1]
    windows[:, :-1][:, together] = np.maximum(best[:, :-1][:, together], best[:, 1:][:, together])
    return np.maximum.reduceat(_share(windows, weights), first)


def _best_of_release(best: NDArray[np.float32], releases: NDArray[np.int64]) -> NDArray[np.float32]:
    _, group = np.unique(releases, return_inverse=True)
    order = np.argsort(group, kind="stable")
    firsts = np.flatnonzero(np.diff(group[order], prepend=-1))
    return np.maximum.reduceat(best[:, order], firsts, axis=1)[:, group]


def _side_by_side(
    likeness: NDArray[np.float32], best: NDArray[np.float32], weights: NDArray[np.float32], starts: NDArray[np.int64]
) -> NDArray[np.float32]:
    """How alike are the likest pieces of each two neighbours of the question; less, the further these stand apart."""
    if len(weights) < 2:
        return np.zeros(len(starts), dtype=np.float32)
    ends = np.append(starts[1:], likeness.shape[1])
    at = np.stack([likeness[:, start:end].argmax(axis=1) for start, end in zip(starts, ends, strict=True)], axis=1)
    apart = np.abs(at[1:] - at[:-1] - 1)
    pairs = np.sqrt(weights[1:] * weights[:-1])
    alike = np.maximum(np.minimum(best[1:], best[:-1]) - FLOOR, 0) / (1 - FLOOR)
    total = (pairs / max(pairs.sum(), 1e-9)) @ (alike * np.exp(-apart / _FAR))
    capped: NDArray[np.float32] = np.minimum(total, 1).astype(np.float32)
    return capped
