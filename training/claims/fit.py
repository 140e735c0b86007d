"""Weighs what speaks for and against a claim: writes `bot/answering/data/claims.json`.

    python -m training.claims.fit --data ../shared/data

A logistic regression over the numbers of `bot.answering.verification.measured` for the claims that were
kept from training, those of the reader's own data among them; what it prints is tenfold over their releases. Whoever
wrote false sentences changed one thing in the quote's words, and true ones in other words: so that likeness tells
nothing, true and false ones weigh the same among those that are as like their quote. At the bound, `KEEP` of the true
sentences stay.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from bot.answering import verification
from bot.answering.reader import OnnxReader, probability
from datasets.command import parser_of, reads_shared_data
from training.claims.data import claims_of, reader_claims
from training.claims.train import apart

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from datasets.claims import Claim

KEEP = 0.9
"""Share of the true sentences that are to stay."""

_FOLDS = 10
_LIKENESS = (0.4, 0.55, 0.7, 0.8, 0.9)
_VETOED_FROM = (0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
_TRUE = 0.12
"""Share of true sentences among those that a comparison speaks against alone."""

_OF_NAMES = 0.25  # the same for names by the tables: what is true there names a country for its government
_FEWEST = 8  # such sentences
_PENALTY = 0.5  # sklearn's C


def measured(claims: Sequence[Claim]) -> list[dict[str, float]]:
    """What is weighed of each claim."""
    reader = OnnxReader()
    return [verification.measured(one.sentence, one.language, [one.place], reader) for one in claims]


@reads_shared_data
def main(arguments: Sequence[str] | None = None) -> int:
    """Fit, print, write."""
    parser = parser_of("training.claims.fit", "Weigh claims.")
    options = parser.parse_args(arguments)
    claims = [claim for claim in (*claims_of(options.data), *reader_claims(options.data)) if claim.kept]
    measures = measured(claims)
    names = tuple(measures[0])
    values = np.array([[one[name] for name in names] for one in measures])
    truth = np.array([claim.supported for claim in claims])
    weights = _evened(values[:, names.index("alike")], truth)
    print(f"{len(claims)} claims; the reader alone: {apart(values[:, names.index('reader')], truth)}")
    tenfold = np.zeros(len(claims))
    groups = [claim.title for claim in claims]
    for learnt, asked in GroupKFold(_FOLDS).split(values, truth, groups):
        tenfold[asked] = _fitted(values[learnt], truth[learnt], weights[learnt]).decision_function(values[asked])
    print(f"tenfold: {apart(tenfold, truth)}")
    fitted = _fitted(values, truth, weights)
    found_weights = {name: round(float(weight), 3) for name, weight in zip(names, fitted.coef_[0], strict=True)}
    vetoes = {name: [_veto(name, measures, truth, across) for across in (False, True)] for name in verification.VETOES}
    passed = ~np.array([any(verification.is_vetoed(name, one, vetoes) for name in vetoes) for one in measures])
    scores = np.where(passed, tenfold, -np.inf)
    bound = _bound(scores[truth], weights[truth])
    print(f"vetoed: {np.mean(~passed[truth]):.3f} of the true, {np.mean(~passed[~truth]):.3f} of the false")
    kept, caught = np.mean(scores[truth] >= bound), np.mean(scores[~truth] < bound)
    print(f"kept: {kept:.3f} of the true; caught: {caught:.3f} of the false")
    found = {
        "weights": found_weights,
        "bias": round(float(fitted.intercept_[0]), 3),
        "bound": round(probability(bound), 3),
        "vetoes": vetoes,
    }
    verification.WEIGHTS.write_text(json.dumps(found, indent=2) + "\n", "utf-8")
    print(json.dumps(found, indent=2))
    return 0


def _veto(name: str, measures: Sequence[Mapping[str, float]], truth: NDArray[np.bool_], across: bool) -> float | None:
    """The likeness from which a comparison decides alone: hardly a true sentence is spoken against there."""
    for least in _VETOED_FROM:
        against = np.array([verification.is_vetoed(name, one, {name: [least, least]}) for one in measures])
        against &= np.array([bool(one["across"]) is across for one in measures])
        if against.sum() >= _FEWEST and truth[against].mean() <= (_OF_NAMES if name == "name_listed" else _TRUE):
            return least
    return None


def _evened(alike: NDArray[np.float64], truth: NDArray[np.bool_]) -> NDArray[np.float64]:
    """A weight for each claim, by which true and false ones weigh the same in each stretch of likeness."""
    stretch = np.digitize(alike, _LIKENESS)
    share = np.array([truth[stretch == one].mean() for one in stretch])
    return np.where(truth, 0.5 / share, 0.5 / (1 - share))


def _bound(scores: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    """The score above which `KEEP` of the weight lies."""
    order = np.argsort(scores)
    below = np.cumsum(weights[order]) / weights.sum()
    return float(scores[order][np.searchsorted(below, 1 - KEEP)])


def _fitted(values: NDArray[np.float64], truth: NDArray[np.bool_], weights: NDArray[np.float64]) -> LogisticRegression:
    return LogisticRegression(C=_PENALTY, max_iter=3000).fit(values, truth, weights)


if __name__ == "__main__":
    sys.exit(main())
