"""Weighs what tells whether a release is about a topic: writes `bot/answering/data/topics.json`.

    python -m training.topics.fit

Two logistic regressions. The first sees the measures alone; what it finds hardly likely the reader is not asked about.
The second sees what the reader says as well. Beside the examples, every topic counts as none of every other release,
but for pairs that the first finds likely all the same, since some of them are about it. What is printed, and what sets
the bound, comes from folds that were kept out, both language versions of an event together. Fit it again after the
reader was trained: it takes two minutes.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from bot.answering.reader import OnnxReader
from bot.answering.topics import MEASURES, WEIGHTS, ReadRelease, TopicMatcher, measured
from training.topics.data import examples, releases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from training.topics.data import TopicExample

    Floats = NDArray[np.float64]

PRECISION = 0.96
"""Share of what passes the bound that is to be right among the examples that were written, kept out."""

REVIEWED = 0.9
"""The same among all, where what an earlier fit had wrong is far more frequent than it will be."""

_FOLDS = 10
_PENALTY = 0.5  # sklearn's C
_READ = 0.985  # share of what is about its topic that the reader is asked about
_LOST = 0.01  # of what passes, that may be lost by asking the reader about less
_ELSEWHERE, _WEIGHT = 20_000, 0.02  # pairs of a topic and another release, and what each of them counts
_LIKELY = 0.3  # from which such a pair may be about its topic after all
_SEED = 1


@dataclass(frozen=True, slots=True)
class Material:
    """The measures of examples with their truths and events, and those of topics beside releases of others."""

    some: Sequence[TopicExample]
    values: Floats
    elsewhere: Floats
    reads: Sequence[ReadRelease]

    @property
    def truth(self) -> NDArray[np.bool_]:
        """Which examples are about their topics."""
        return np.array([one.about for one in self.some])

    @property
    def events(self) -> list[str]:
        """What belongs together in a fold."""
        return [one.event for one in self.some]


def material(matcher: TopicMatcher) -> Material:
    """Everything to learn from."""
    some, stored = examples(), releases()
    topics = matcher.prepared(one.topic for one in some)
    place = {topic: number for number, topic in enumerate(topics.topics)}
    known = {(one.release_id, one.topic) for one in some}
    read = {name: ReadRelease(stored[name], topics.model) for name in sorted({one.release_id for one in some})}
    values = {name: measured(topics, one).values for name, one in read.items()}
    others = [
        row[place[topic]]
        for name, row in values.items()
        for topic in topics.topics
        if (name, topic) not in known
    ]  # fmt: skip
    chosen = np.random.default_rng(_SEED).choice(len(others), min(_ELSEWHERE, len(others)), replace=False)
    return Material(
        some,
        np.array([values[one.release_id][place[one.topic]] for one in some], dtype=np.float64),
        np.array(others, dtype=np.float64)[chosen],
        [read[one.release_id] for one in some],
    )


def main() -> int:
    """Fit, print, write."""
    matcher = TopicMatcher(OnnxReader(longest=60.0))
    given = material(matcher)
    truth = given.truth
    mean, spread = given.values.mean(axis=0), given.values.std(axis=0) + 1e-6
    values, elsewhere = (given.values - mean) / spread, (given.elsewhere - mean) / spread
    elsewhere = elsewhere[_probability(_fitted(values, truth, elsewhere), elsewhere) < _LIKELY]
    cheap = _kept_out(given, values, elsewhere)
    read_from = float(np.quantile(_squashed(cheap)[truth], 1 - _READ))
    print(f"{len(truth)} examples, {truth.sum()} of them about their topics")
    asked = _squashed(cheap) >= read_from
    answers = np.array(
        [
            matcher.answerability(one.topic, read) if ask else 0.0
            for one, read, ask in zip(given.some, given.reads, asked, strict=True)
        ]
    )
    both = np.column_stack([values, answers])
    scores = np.where(asked, _kept_out_of(given, both, asked), -np.inf)
    plain = np.array([not one.reviewed for one in given.some])
    likelihood = _squashed(scores)
    bound = max(_bound(likelihood[plain], truth[plain], PRECISION), _bound(likelihood, truth, REVIEWED))
    passed = likelihood >= bound
    print(
        f"the measures alone, as precise: {_recall(_squashed(cheap)[plain], truth[plain]):.3f} of what is about a topic"
    )
    for name, among in (("written", plain), ("reviewed", ~plain)):
        recall, precision = passed[truth & among].mean(), truth[passed & among].mean()
        print(f"{name}: with the reader {recall:.3f}, precision {precision:.3f}")
    first, second = _fitted(values, truth, elsewhere), _fitted(both[asked], truth[asked])
    found = _written(np.column_stack([mean, spread]), first, second, read_from, bound)
    WEIGHTS.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    print(json.dumps(found["first"] | found["second"]))
    return 0


def _written(
    scale: Floats, first: LogisticRegression, second: LogisticRegression, read_from: float, bound: float
) -> dict[str, dict[str, Any]]:
    """The weights as their file has them; `scale` are mean and spread of each measure, shape (MEASURES, 2)."""
    rows = np.column_stack([scale, first.coef_[0], second.coef_[0][:-1]])
    return {
        "measures": {name: [round(float(one), 4) for one in row] for name, row in zip(MEASURES, rows, strict=True)},
        "first": {"bias": round(float(first.intercept_[0]), 4), "read_from": round(read_from, 4)},
        "second": {
            "reader": round(float(second.coef_[0][-1]), 4),
            "bias": round(float(second.intercept_[0]), 4),
            "bound": round(bound, 4),
        },
    }


def _kept_out(given: Material, values: Floats, elsewhere: Floats) -> Floats:
    """The first regression's score of each example, by one that has not seen its event."""
    scores = np.zeros(len(values))
    for learnt, asked in GroupKFold(_FOLDS).split(values, groups=given.events):
        fitted = _fitted(values[learnt], given.truth[learnt], elsewhere)
        scores[asked] = fitted.decision_function(values[asked])
    return scores


def _kept_out_of(given: Material, values: Floats, among: NDArray[np.bool_]) -> Floats:
    """The same of the second, which sees none but what the reader is asked about."""
    scores = np.zeros(len(values))
    for learnt, asked in GroupKFold(_FOLDS).split(values, groups=given.events):
        mine = learnt[among[learnt]]
        scores[asked] = _fitted(values[mine], given.truth[mine]).decision_function(values[asked])
    return scores


def _fitted(values: Floats, truth: NDArray[np.bool_], elsewhere: Floats | None = None) -> LogisticRegression:
    rows, labels, weights = values, truth, np.ones(len(truth))
    if elsewhere is not None:
        rows = np.concatenate([values, elsewhere])
        labels = np.concatenate([truth, np.zeros(len(elsewhere), dtype=bool)])
        weights = np.concatenate([weights, np.full(len(elsewhere), _WEIGHT)])
    return LogisticRegression(C=_PENALTY, max_iter=3000).fit(rows, labels, sample_weight=weights)


def _bound(likelihood: Floats, truth: NDArray[np.bool_], wanted: float) -> float:
    """The lowest likelihood from which on so many of the examples are about their topics."""
    order = np.argsort(-likelihood)
    precision = np.cumsum(truth[order]) / np.arange(1, len(truth) + 1)
    return float(likelihood[order][np.flatnonzero(precision >= wanted)[-1]])


def _recall(likelihood: Floats, truth: NDArray[np.bool_]) -> float:
    return float((likelihood[truth] >= _bound(likelihood, truth, PRECISION)).mean())


def _probability(fitted: LogisticRegression, values: Floats) -> Floats:
    found: Floats = fitted.predict_proba(values)[:, 1]
    return found


def _squashed(scores: Floats) -> Floats:
    squashed: Floats = 1 / (1 + np.exp(-scores))
    return squashed


if __name__ == "__main__":
    sys.exit(main())
