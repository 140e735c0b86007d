from __future__ import annotations

import pytest

from benchmarks.twins import by_numbers, by_titles, figures, mutual_best
from tests.ingest.twin_releases import BRIDGE, VACCINE, written


def test_figures_count_right_joins_among_those_made_and_wanted() -> None:
    """A release without a counterpart can only be joined wrongly."""
    keys = {"f1": "1", "e1": "1", "f2": "2", "e2": "2", "f3": "3"}
    found = figures([("e1", "f1"), ("e2", "f3")], keys)

    assert (found.made, found.right, found.wanted) == (2, 1, 2)
    assert (found.precision, found.recall, found.f1) == (0.5, 0.5, pytest.approx(0.5))


def test_no_joins_give_noughts() -> None:
    """Nothing found is measured without dividing by nothing."""
    assert figures([], {"f1": "1"}).f1 == 0.0


@pytest.mark.parametrize("alike", [by_titles, by_numbers])
def test_the_baselines_join_plain_translations(alike: object) -> None:
    """Both are fair: they find what their signal can find."""
    french = [written(f"f{n}", "fr", text["fr"]) for n, text in enumerate((BRIDGE, VACCINE))]
    english = [written(f"e{n}", "en", text["en"]) for n, text in enumerate((BRIDGE, VACCINE))]

    assert list(mutual_best(french, english, alike)) == [("f0", "e0"), ("f1", "e1")]  # type: ignore[arg-type]
