from __future__ import annotations

import math

import pytest

from vectorstore.retrieval.search import Candidate, dense_weight, fuse


def both(key: int, dense: float, lexical: float) -> Candidate:
    """A candidate whose ranks play no part."""
    return Candidate(key, dense, lexical, 1, 1)


def keys(candidates: list[Candidate], weight: float) -> list[int]:
    """The fused order."""
    return [candidate.key for _, candidate in fuse(candidates, dense_weight=weight)]


@pytest.mark.parametrize(
    ("weight", "order"), [(0.0, [1, 2, 3]), (1.0, [3, 2, 1])], ids=["words alone", "vectors alone"]
)
def test_weight_decides_which_ranking_leads(weight: float, order: list[int]) -> None:
    """At either end of the scale one ranking stands alone."""
    assert keys([both(2, 0.5, 5.0), both(3, 0.9, 1.0), both(1, 0.1, 9.0)], weight) == order


def test_good_in_both_beats_best_in_one() -> None:
    """A passage near the top of both rankings comes before the winner of each."""
    assert keys([both(1, 0.9, 0.0), both(2, 0.0, 10.0), both(3, 0.8, 9.0)], 0.5)[0] == 3


@pytest.mark.parametrize("weight", [0.0, 0.1, 0.5, 1.0])
@pytest.mark.parametrize(
    "candidates",
    [
        [],
        [both(1, 0.3, 2.0)],
        [both(1, 0.0, 0.0)],
        [both(1, -1.0, 0.0), both(2, -1.0, 0.0)],
        [both(1, 0.4, 3.0), both(2, 0.4, 3.0), both(3, 0.4, 3.0)],
        [both(1, 1.0, 1e-6), both(2, 1.0, 1e-6)],
    ],
    ids=[
        "none",
        "one",
        "one without any match",
        "opposite",
        "all equal",
        "BM25 of a store where every passage matches",
    ],
)
def test_small_and_flat_sets_give_finite_scores(candidates: list[Candidate], weight: float) -> None:
    """Nothing is divided by nothing, nothing is lost, and among equals the lower key comes first."""
    ranked = fuse(candidates, dense_weight=weight)
    assert all(math.isfinite(score) and 0.0 <= score <= 1.0 for score, _ in ranked)
    assert [candidate.key for _, candidate in ranked] == sorted(candidate.key for candidate in candidates)


def test_without_a_shared_word_the_vectors_decide_alone() -> None:
    """A question in words that no passage has is answered by meaning, however little the vectors weigh."""
    assert keys([both(1, 0.2, 0.0), both(2, 0.7, 0.0), both(3, 0.5, 0.0)], 0.05) == [2, 3, 1]


def test_order_of_arrival_changes_nothing() -> None:
    """The same candidates in another order are ranked the same."""
    candidates = [both(number, (number * 7 % 5) / 5, number * 3 % 4) for number in range(12)]
    assert keys(candidates, 0.4) == keys(candidates[::-1], 0.4)


def test_model_weighs_less_in_a_language_it_does_not_know() -> None:
    """An English-only model decides much in English and little in French; an unknown one lies between."""
    english, french = dense_weight("en", ("en",)), dense_weight("fr", ("en",))
    assert 0 < french < dense_weight("fr", None) <= english < 1
    assert dense_weight("fr", ("en", "fr")) == english
    assert french < dense_weight(None, ("en",)) <= english
