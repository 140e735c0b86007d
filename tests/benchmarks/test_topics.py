"""The pairs of topics and releases, and what is printed of them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from benchmarks.topics import Judged, Pair, by_cosine, pairs_of, shares
from training.topics.data import examples, releases

if TYPE_CHECKING:
    from collections.abc import Iterable


def test_pairs_are_of_both_languages_and_across() -> None:
    """Each topic once beside a release; neither kind is rare."""
    pairs = pairs_of()

    assert len(pairs) >= 200
    assert len({pair.id for pair in pairs}) == len({(pair.release, pair.topic) for pair in pairs}) == len(pairs)
    assert min(rare(pair.about for pair in pairs), rare(pair.crosses for pair in pairs)) >= 60
    assert rare(pair.language for pair in pairs) >= 60


def test_nothing_was_fitted_to_the_releases_that_measure() -> None:
    """Every example names a release that there is, and is judged one way."""
    some, stored = examples(), releases()

    assert {one.release_id for one in some} <= stored.keys()
    assert not {one.release_id for one in some} & {pair.release for pair in pairs_of()}
    assert max(Counter((one.release_id, one.topic) for one in some).values()) == 1
    assert sum(not one.reviewed for one in some) >= 300


def test_precision_and_recall() -> None:
    """Of what was found, and of what there is."""
    assert shares([True, True, False, False], [True, False, True, False]) == (0.5, 0.5)
    assert shares([True, False], [False, False]) == (0.0, 0.0)


def test_the_cosine_has_the_bound_that_is_best_for_it() -> None:
    """As no bound that is set beforehand could be."""
    done = [
        Judged(Pair("t", "r#en", "x", "en", about), found=False, all_words=False, in_title=False, cosine=cosine)
        for about, cosine in ((True, 0.9), (False, 0.5), (True, 0.7), (False, 0.1))
    ]

    assert by_cosine(done) == [True, False, True, False]


def rare(values: Iterable[object]) -> int:
    """How often the rarer of two values occurs."""
    return min(Counter(values).values())
