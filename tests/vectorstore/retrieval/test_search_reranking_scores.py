from __future__ import annotations

from dataclasses import astuple, fields

import numpy as np
import pytest

from vectorstore.retrieval.late_interaction import Comparison
from vectorstore.retrieval.search import OTHER_LANGUAGE, SAME_LANGUAGE, Candidate, RerankingWeights, rescored, signs

LARGEST = max(sum(astuple(SAME_LANGUAGE)), sum(astuple(OTHER_LANGUAGE)))


def seen(count: int, **values: list[float]) -> Comparison:
    """A comparison with these values, and zeros for the rest."""
    zeros = [0.0] * count
    return Comparison(*(np.array(values.get(field.name, zeros), dtype=np.float32) for field in fields(Comparison)))


def found(*scores: tuple[float, float]) -> list[Candidate]:
    """Candidates of these cosines and BM25 scores."""
    return [Candidate(key, dense, lexical, 1, 1) for key, (dense, lexical) in enumerate(scores)]


def test_cosine_and_bm25_are_shares_of_the_best() -> None:
    """The best of each has 1, and less than nothing is nothing."""
    known = signs(found((0.8, 3.0), (0.4, 12.0), (-0.5, 0.0)), seen(3))

    assert known.shape == (3, len(fields(RerankingWeights)))
    assert known[:, 0] == pytest.approx([1, 0.5, 0])
    assert known[:, 1] == pytest.approx([0.25, 1, 0])


def test_signs_stand_in_the_order_of_the_weights() -> None:
    """A weight is applied to the sign of its name."""
    names = [field.name for field in fields(Comparison)]
    values = {name: [number / 10] for number, name in enumerate(names, 1)}

    known = signs(found((0.3, 2.0)), seen(1, **values))[0]

    by_name = dict(zip([field.name for field in fields(RerankingWeights)], known, strict=True))
    assert by_name["dense"] == by_name["lexical"] == 1
    assert [by_name[name] for name in names] == pytest.approx([values[name][0] for name in names])


@pytest.mark.parametrize("name", [field.name for field in fields(Comparison)])
@pytest.mark.parametrize("same", [True, False])
def test_each_sign_counts_by_its_weight(name: str, same: bool) -> None:
    """A candidate that has one sign in full gets that sign's share of all the weights of its language."""
    scores = rescored(found((0, 0), (0, 0)), seen(2, **{name: [1.0, 0.0]}), [same, same])

    weights = SAME_LANGUAGE if same else OTHER_LANGUAGE
    assert scores == pytest.approx([getattr(weights, name) / LARGEST, 0])


def test_the_best_in_everything_comes_first() -> None:
    """More of every sign is more, and all of every sign is all that its language can have."""
    every = {field.name: [0.0, 0.5, 1.0] for field in fields(Comparison)}

    scores = rescored(found((-0.1, 0.0), (0.4, 5.0), (0.8, 9.0)), seen(3, **every), [True] * 3)

    assert scores[0] == 0
    assert 0 < scores[1] < scores[2]
    assert scores[2] == pytest.approx(sum(astuple(SAME_LANGUAGE)) / LARGEST)


@pytest.mark.parametrize("same", [True, False])
def test_candidates_without_any_sign_score_nothing(same: bool) -> None:
    """Nothing is divided by nothing; no candidates are no scores."""
    assert rescored(found((0, 0), (-1, 0)), seen(2), [same, same]).tolist() == [0, 0]
    assert rescored([], seen(0), []).shape == (0,)


def test_a_doubted_model_has_less_to_say() -> None:
    """Where the embedding model does not know the language, the cosine counts less beside the words."""
    candidates = found((0.9, 0.0), (0.0, 9.0))

    trusted = rescored(candidates, seen(2), [True, True])
    doubted = rescored(candidates, seen(2), [True, True], trust=0.5)
    ignored = rescored(candidates, seen(2), [True, True], trust=0.0)

    assert trusted[0] / trusted[1] > doubted[0] / doubted[1] > ignored[0] == 0


def test_each_candidate_is_weighed_by_its_own_language() -> None:
    """Candidates in both languages are scored side by side, each as it would be by itself."""
    candidates, comparison = found((0.5, 2.0), (0.5, 2.0)), seen(2, likeness=[0.4, 0.4], telling=[0.2, 0.2])

    mixed = rescored(candidates, comparison, [True, False])

    assert mixed[0] == rescored(candidates, comparison, [True, True])[0]
    assert mixed[1] == rescored(candidates, comparison, [False, False])[1]
