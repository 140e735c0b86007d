from __future__ import annotations

import pytest

from benchmarks.retrieval import figures, rank_of


@pytest.mark.parametrize(
    ("hits", "rank"),
    [(["a", "b"], 1), (["b", "b", "a"], 2), (["b"], None), ([], None), ([*map(str, range(20)), "a"], None)],
)
def test_rank_counts_distinct_releases_down_to_the_twentieth(hits: list[str], rank: int | None) -> None:
    """Several passages of one release count once; what comes twenty-first is not found."""
    assert rank_of("a", hits) == rank


def test_figures_are_shares_of_all_questions() -> None:
    """A question without the right release among the ten counts as nought in every figure."""
    found = figures([1, 2, None, 4])
    assert (found.hit_at_1, found.hit_at_10) == (0.25, 0.75)
    assert found.mrr_at_10 == pytest.approx((1 + 1 / 2 + 1 / 4) / 4)


def test_no_questions_give_noughts() -> None:
    """An empty set is measured without dividing by nothing."""
    assert figures([]).hit_at_10 == 0.0
