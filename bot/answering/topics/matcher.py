"""Which of many topics a release is about: cheap measures for all, the reader for those that may pass.

`training/topics/fit.py` weighs the measures, and sets the bound.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bot.answering.reader.encoding import Context
from bot.answering.topics.measures import MEASURES, ReadRelease, TopicSet, measured
from vectorstore.embedders.subwords import built_in
from vectorstore.text.language import detect_language

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from bot.answering.reader import Reader
    from bot.answering.topics.measures import Measured
    from vectorstore.embedders.subwords import SubwordModel
    from vectorstore.types import StoredRelease

WEIGHTS = Path(__file__).with_name("weights.json")

_QUESTIONS = {"fr": "Quoi de neuf à propos de {topic} ?", "en": "What is new about {topic}?"}
_BEGINNING = 700  # characters
_WORDS = 5  # a sentence with fewer is a heading
_TOPIC = 200  # characters
_SURE = 4.0  # log odds that the reader hardly ever exceeds


@dataclass(frozen=True, slots=True)
class TopicMatch:
    """A release is about a topic with a `likelihood` in [0, 1]; `text[start:end]` is the sentence that shows it best.

    Start and end are 0 where the release has a title alone.
    """

    topic: str
    likelihood: float
    start: int
    end: int


class TopicMatcher:
    """Finds what releases are about; any thread may use it. Models are loaded at the first release."""

    def __init__(self, reader: Reader, model: Callable[[], SubwordModel] = built_in) -> None:
        self._reader = reader
        self._model = model
        self._last: TopicSet | None = None  # what people follow is the same from one release to the next

    def prepared(self, topics: Iterable[str]) -> TopicSet:
        """Topics, made ready for any number of releases; two of the same words are one."""
        wanted = tuple(dict.fromkeys(map(tidied, topics)))
        last = self._last
        if last is None or last.topics != wanted:
            last = self._last = TopicSet(wanted, self._model())
        return last

    def about(self, release: StoredRelease, topics: TopicSet) -> list[TopicMatch]:
        """The topics that a release is about, in their order. Raises ReaderError where the reader cannot be loaded."""
        if not topics.topics:
            return []
        read = ReadRelease(release, topics.model)
        found, weights = measured(topics, read), _weights()
        matches = []
        for place in np.flatnonzero(weights.may_pass(found.values)).tolist():
            answerability = self.answerability(topics.topics[place], read)
            [likelihood] = weights.likelihoods(found.values[place : place + 1], answerability).tolist()
            if likelihood >= weights.bound:
                start, end = _shown(found, read, place)
                matches.append(TopicMatch(topics.topics[place], likelihood, start, end))
        return matches

    def answerability(self, topic: str, read: ReadRelease) -> float:
        """The log odds that the beginning of a release answers what is new about a topic."""
        release = read.release
        cut = next((end for _, end in reversed(read.places) if end <= _BEGINNING), _BEGINNING)
        question = _QUESTIONS.get(detect_language(topic) or "en", _QUESTIONS["en"]).format(topic=topic)
        [reading] = self._reader.read(question, [Context(release.title, release.text[:cut])])
        bounded = min(max(reading.answers if reading else 0.0, 1e-6), 1 - 1e-6)
        return math.log(bounded / (1 - bounded))


def tidied(topic: str) -> str:
    """A topic as it is compared and given back."""
    return " ".join(topic[:_TOPIC].split())


def _shown(found: Measured, read: ReadRelease, place: int) -> tuple[int, int]:
    """The first of the sentences that hold most of a topic; headings only where there is nothing else."""
    text = read.release.text
    best, chosen = -1.0, (0, 0)
    for sentence, (start, end) in enumerate(read.places, 1):
        holds = float(found.held[place, sentence]) - (len(text[start:end].split()) < _WORDS)
        if holds > best + 0.1:
            best, chosen = holds, (start, end)
    return chosen


@dataclass(frozen=True, slots=True)
class TopicWeights:
    """Two logistic regressions over standard scores of the measures, the second with the reader's log odds as well.

    Where the first gives less than `read_from`, a release is not about a topic; from the second's `bound` on, it is.
    """

    mean: NDArray[np.float32]
    spread: NDArray[np.float32]
    first: NDArray[np.float32]
    first_bias: float
    read_from: float
    second: NDArray[np.float32]
    second_reader: float
    second_bias: float
    bound: float

    def may_pass(self, values: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Which topics the reader is asked about: those that can reach the bound, shape (topics,)."""
        cheap = _probabilities(self._scores(values, self.first) + self.first_bias)
        passing: NDArray[np.bool_] = (cheap >= self.read_from) & (self.likelihoods(values, _SURE) >= self.bound)
        return passing

    def likelihoods(self, values: NDArray[np.float32], answerability: float) -> NDArray[np.float32]:
        """How likely a release is about topics, where the reader says so much of each, shape (topics,)."""
        return _probabilities(self._scores(values, self.second) + self.second_reader * answerability + self.second_bias)

    def _scores(self, values: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
        scores: NDArray[np.float32] = (((values - self.mean) / self.spread) @ weights).astype(np.float32)
        return scores


def _probabilities(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    probabilities: NDArray[np.float32] = (1 / (1 + np.exp(-np.clip(scores, -30, 30)))).astype(np.float32)
    return probabilities


@cache
def _weights() -> TopicWeights:
    return read_weights(WEIGHTS)


def read_weights(path: Path) -> TopicWeights:
    """The weights in a file, which names each measure."""
    held = json.loads(path.read_text("utf-8"))
    rows = np.array([held["measures"][name] for name in MEASURES], dtype=np.float32)
    mean, spread, first, second = rows.T
    return TopicWeights(
        mean=mean,
        spread=spread,
        first=first,
        first_bias=held["first"]["bias"],
        read_from=held["first"]["read_from"],
        second=second,
        second_reader=held["second"]["reader"],
        second_bias=held["second"]["bias"],
        bound=held["second"]["bound"],
    )
