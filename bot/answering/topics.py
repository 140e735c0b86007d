"""Which of many topics, short texts in French or English, a release is about, and the sentence that shows it.

Cheap measures are taken for thousands of topics at once (where in the release their words stand), and the reader is
asked about those that may pass; `training/topics/fit.py` weighs the measures, and sets the bound. A sentence holds a
word of a topic that it has in any form, of a name in either language, and else as far as it has a word that is like it:
late interaction with the vectors of the built-in model. Of names only the former counts, for Slovakia is like Slovenia.
Title and lead say what a release is about; a list of guests does not.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bot.answering.reader import Context, log_odds
from bot.answering.windows import sentence_places
from bot.language.names import WORD, find_names, is_written_as, may_be_typed
from vectorstore.embedders.subwords import built_in
from vectorstore.retrieval.late_interaction import FLOOR
from vectorstore.text import detect_language
from vectorstore.text.words import index_words, is_stop_word, query_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from bot.language.names import GazetteerEntry
    from vectorstore.embedders.subwords import SubwordModel
    from vectorstore.types import StoredRelease

    Floats = NDArray[np.float32]
    from collections.abc import Callable

    from bot.answering.reader import Reader

MEASURES = (
    "title", "lead", "best", "best_three", "weakest", "breadth", "count", "early",
    "exact_title", "exact_lead", "exact_best", "exact_weakest",
    "like_title", "like_lead", "like_best", "like_all",
    "names", "named_first", "words", "whole_title", "whole_lead",
    "weakest_first", "weakest_title", "exact_weakest_first", "whole_first", "named_title", "named_lead", "named_count",
    "unnamed_first", "like_best_three", "sentences",
)  # fmt: skip
"""What is measured of each topic, in this order."""

_SENTENCES = 80  # of a release: what it is about is told early
_LEAD = 2  # sentences
_SPEAKS = 0.6  # share of a topic from which a sentence is taken to speak of it
_RAREST = 9.0  # a subword that hardly occurred in training would otherwise outweigh a whole topic
_ABBREVIATION = re.compile(r"\b[A-Z][A-Z\d]{1,7}\b")


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of a topic, or a name of several: the forms by which it is found, and its subwords."""

    forms: frozenset[str]
    is_name: bool
    subwords: tuple[int, ...]


class TopicSet:
    """Topics, made ready to be compared with any number of releases.

    `vectors` has a row for each topic. What follows has a row for each word of all topics, in their order.
    """

    def __init__(self, topics: Iterable[str], model: SubwordModel) -> None:
        self.topics = tuple(topics)
        self.model = model
        self.vectors = model.embed(self.topics)
        words = [_words_of(topic, model) for topic in self.topics]
        flat = [word for of_topic in words for word in of_topic]
        self.first_words = _starts([len(of_topic) for of_topic in words])
        self.lengths = np.array([len(of_topic) for of_topic in words], dtype=np.float32)
        numbers = np.array([number for word in flat for number in word.subwords], dtype=np.int64)
        self.first_subwords = _starts([len(word.subwords) for word in flat])
        self.directions = model.directions(numbers)
        rarity = np.minimum(model.rarity[numbers], _RAREST) + 1e-3
        self.subword_weights = _shares(rarity, self.first_subwords)
        self.word_weights = _shares(np.maximum.reduceat(rarity, self.first_subwords), self.first_words)
        self.is_name = np.array([word.is_name for word in flat])
        self.places: dict[str, list[int]] = {}
        for place, word in enumerate(flat):
            for form in word.forms:
                self.places.setdefault(form, []).append(place)

    def __len__(self) -> int:
        return len(self.topics)


class ReadRelease:
    """A release as topics are compared with it: its title first, and then its sentences."""

    def __init__(self, release: StoredRelease, model: SubwordModel) -> None:
        self.release = release
        self.places = sentence_places(release)[:_SENTENCES]
        texts = [release.title, *(release.text[start:end] for start, end in self.places)]
        self.forms = [_forms_in(text, release.language) for text in texts]
        self.vectors = model.embed(texts)
        numbers = [one if len(one) else np.zeros(1, np.uint16) for one in model.numbers(list(map(_telling, texts)))]
        held, self.columns = np.unique(np.concatenate(numbers), return_inverse=True)
        self.directions = model.directions(held)
        self.first_columns = _starts([len(one) for one in numbers])


@dataclass(frozen=True, slots=True)
class Measured:
    """`values` of shape (topics, MEASURES), and how much of each topic each sentence holds, (topics, sentences).

    The title is the first of the sentences.
    """

    values: Floats
    held: Floats


def measured(topics: TopicSet, read: ReadRelease) -> Measured:
    """What is measured of each topic beside a release."""
    exact = _exact(topics, read)
    words = np.maximum(exact, np.where(topics.is_name[:, None], 0.0, _alike(topics, read)))
    held = _of_topics(topics, words)
    columns = _standing(topics, words, held) | _exactly(topics, exact, held) | _likeness(topics, read)
    columns["sentences"] = np.full(len(topics), np.log(held.shape[1]), dtype=np.float32)
    values = np.stack([columns[name] for name in MEASURES], axis=1).astype(np.float32)
    return Measured(values, held)


def _standing(topics: TopicSet, words: Floats, held: Floats) -> dict[str, Floats]:
    """Where the words of topics stand, or words like them."""
    speaks, first = held >= _SPEAKS, words[:, : 1 + _LEAD].max(axis=1)
    weakest, weakest_first, weakest_title = (
        np.minimum.reduceat(one, topics.first_words) for one in (words.max(axis=1), first, words[:, 0])
    )
    return {
        "title": held[:, 0],
        "lead": _lead(held),
        "best": held[:, 1:].max(axis=1, initial=0.0),
        "best_three": np.sort(held, axis=1)[:, -3:].mean(axis=1),
        "weakest": weakest,
        "breadth": speaks.mean(axis=1),
        "count": np.log1p(speaks.sum(axis=1)),
        "early": np.where(speaks.any(axis=1), 1 / (1 + speaks.argmax(axis=1)), 0.0),
        "words": np.log(topics.lengths),
        "whole_title": held[:, 0] * weakest,
        "whole_lead": _lead(held) * weakest,
        "weakest_first": weakest_first,
        "weakest_title": weakest_title,
        "whole_first": np.add.reduceat(first * topics.word_weights, topics.first_words),
        "unnamed_first": (1 - _names(topics)) * weakest_first,
    }


def _exactly(topics: TopicSet, exact_words: Floats, held: Floats) -> dict[str, Floats]:
    """Where the very words of topics stand, in any form, and how much of that is names."""
    exact, names = _of_topics(topics, exact_words), _names(topics)
    weakest, weakest_first = (
        np.minimum.reduceat(one, topics.first_words)
        for one in (exact_words.max(axis=1), exact_words[:, : 1 + _LEAD].max(axis=1))
    )
    return {
        "exact_title": exact[:, 0],
        "exact_lead": _lead(exact),
        "exact_best": exact.max(axis=1),
        "exact_weakest": weakest,
        "exact_weakest_first": weakest_first,
        "names": names,
        "named_first": names * np.maximum(exact[:, 0], _lead(exact)),
        "named_title": names * exact[:, 0],
        "named_lead": names * _lead(exact),
        "named_count": names * np.log1p((held >= _SPEAKS).sum(axis=1)),
    }


def _likeness(topics: TopicSet, read: ReadRelease) -> dict[str, Floats]:
    """Cosines of topics with title, sentences, and all of them together."""
    likeness, mean = topics.vectors @ read.vectors.T, read.vectors.mean(axis=0)
    return {
        "like_title": likeness[:, 0],
        "like_lead": _lead(likeness),
        "like_best": likeness.max(axis=1),
        "like_best_three": np.sort(likeness, axis=1)[:, -3:].mean(axis=1),
        "like_all": topics.vectors @ (mean / max(float(np.linalg.norm(mean)), 1e-9)),
    }


def _names(topics: TopicSet) -> Floats:
    """The share of each topic that is names, shape (topics,)."""
    shares: Floats = _of_topics(topics, topics.is_name[:, None].astype(np.float32))[:, 0]
    return shares


def _exact(topics: TopicSet, read: ReadRelease) -> Floats:
    """1 where a sentence has a word of a topic, shape (words, sentences)."""
    found = np.zeros((len(topics.is_name), len(read.forms)), dtype=np.float32)
    for sentence, forms in enumerate(read.forms):
        for form in forms & topics.places.keys():
            found[topics.places[form], sentence] = 1.0
    return found


def _alike(topics: TopicSet, read: ReadRelease) -> Floats:
    """How like each word of a topic is to the likest one of each sentence, shape (words, sentences), in [0, 1]."""
    likeness = (topics.directions @ read.directions.T)[:, read.columns]
    best = np.maximum.reduceat(likeness, read.first_columns, axis=1)
    shares = np.maximum(best - FLOOR, 0) / (1 - FLOOR) * topics.subword_weights[:, None]
    words: Floats = np.add.reduceat(shares, topics.first_subwords, axis=0)
    return words


def _of_topics(topics: TopicSet, words: Floats) -> Floats:
    """From shape (words, n) to (topics, n): each word by its weight."""
    shares: Floats = np.add.reduceat(words * topics.word_weights[:, None], topics.first_words, axis=0)
    return shares


def _lead(sentences: Floats) -> Floats:
    best: Floats = sentences[:, 1 : 1 + _LEAD].max(axis=1, initial=0.0)
    return best


def _words_of(topic: str, model: SubwordModel) -> list[_Word]:
    """The words of a topic that say something; all of them where none does."""
    names = list(find_names(topic, may_be_typed))
    words = [
        _word(topic[name.start : name.end], frozenset(map(_key, name.entries)), model, is_name=True) for name in names
    ]
    others = [
        found.group()
        for found in WORD.finditer(topic)
        if not any(name.start <= found.start() < name.end for name in names)
    ]
    language = detect_language(topic)  # "car industry" is not of « car », nor « or noir » of "or"
    telling = [word for word in others if not is_stop_word(word, language)] or ([] if words else others or [topic])
    return [*words, *(_word(word, frozenset(), model, is_name=False) for word in telling)]


def _word(text: str, keys: frozenset[str], model: SubwordModel, *, is_name: bool) -> _Word:
    spelt = query_words(text, None)
    forms = frozenset(form for one in spelt for form in one) if len(spelt) == 1 or not keys else frozenset()
    if _ABBREVIATION.fullmatch(text):
        forms = frozenset({text})  # HIV is not « hiver », which has its stem
    subwords = tuple(int(number) for number in model.numbers([text])[0]) or (0,)
    return _Word(forms | keys, is_name, subwords)


def _telling(text: str) -> str:
    """A text without words that say nothing: « thé » would be like "the"."""
    return " ".join(word for word in WORD.findall(text) if not is_stop_word(word, None))


def _forms_in(text: str, language: str | None) -> frozenset[str]:
    names = (entry for name in find_names(text, is_written_as) for entry in name.entries)
    return frozenset((*index_words(text, language), *_ABBREVIATION.findall(text), *map(_key, names)))


def _key(entry: GazetteerEntry) -> str:
    """By which a name is found in both languages; a capital does not stand for its country."""
    return f"{entry.key}:{'capital' if 'capital' in entry.column else 'name'}"


def _starts(lengths: Sequence[int]) -> NDArray[np.int64]:
    return np.cumsum([0, *lengths], dtype=np.int64)[:-1]


def _shares(values: NDArray[np.floating], starts: NDArray[np.int64]) -> Floats:
    """Values as shares of their group's sum; groups begin at `starts`."""
    lengths = np.diff(np.append(starts, len(values)))
    totals = np.repeat(np.add.reduceat(values, starts), lengths)
    shares: Floats = (values / np.maximum(totals, 1e-9)).astype(np.float32)
    return shares


WEIGHTS = Path(__file__).with_name("data") / "topics.json"

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
        return log_odds(reading.answers if reading else 0.0)


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
