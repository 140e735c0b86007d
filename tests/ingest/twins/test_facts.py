from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ingest.twins.candidate import TwinCandidate
from ingest.twins.content import facts_of, shared


def facts(text: str) -> dict[str, float]:
    return facts_of(TwinCandidate("a", "en", "", text, published=datetime(2024, 3, 7, tzinfo=UTC)))


@pytest.mark.parametrize("written", ["1,250", "1 250", "1\u00a0250", "1'250", "1’250", "1.250", "1\u202f250", "1250"])
def test_a_number_is_the_same_however_it_is_written(written: str) -> None:
    """Thousands are set apart in many ways."""
    assert list(facts(f"some {written} posts")) == ["1250"]


def test_decimals_are_the_same_in_both_languages() -> None:
    """A point in English, a comma in French."""
    assert facts("it rose by 20.9 billion") == facts("une hausse de 20,9 milliards")


def test_the_own_date_says_nothing() -> None:
    """All releases of a day have it."""
    assert facts("on 7 March 2024").keys() == {"march"}


def test_names_nearly_the_same_are_the_same() -> None:
    """Accents and endings differ by language."""
    assert facts("in Geneva and Winterthur") == facts("à Genève et Winterthour")


def test_a_summary_shares_all_that_it_says() -> None:
    """What only the longer version says is not held against the pair."""
    long = facts("120 soldiers, 45 ships, 3000 jobs, 812 days")
    assert shared(facts("45 ships, 3000 jobs"), long) > 0.7
    assert shared(facts("46 ships, 3001 jobs"), long) < 0.5


def test_nothing_to_compare_is_neither_for_nor_against() -> None:
    """Texts without numbers and names are left to their meaning."""
    assert shared({}, facts("120 soldiers")) == 0.5
