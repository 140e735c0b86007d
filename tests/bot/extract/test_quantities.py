from __future__ import annotations

import re

import pytest

from bot.extract import quantities
from bot.extract.terms import fold


@pytest.mark.parametrize(
    ("pattern", "text", "holds"),
    [
        (quantities.MONEY, "CHF 40 millions", True),
        (quantities.MONEY, "40 avions", False),
        (quantities.SHARE, "5 % du PIB", True),
        (quantities.SHARE, "five per cent of output", True),
        (quantities.SHARE, "un tiers des membres", True),
        (quantities.SHARE, "5 membres", False),
        (quantities.DURATION, "prévu pour durer quinze ans", True),
        (quantities.DURATION, "deux siècles", True),
        (quantities.DURATION, "from 2007 to 2013", True),
        (quantities.DURATION, "en 2024", False),
        (quantities.DISTANCE, "1 340 kilomètres", True),
        (quantities.DISTANCE, "1 340 kilos", False),
    ],
)
def test_each_kind_of_quantity_is_known_by_its_unit(pattern: str, text: str, holds: bool) -> None:
    """Figures and numbers in words, French and English."""
    assert bool(re.search(pattern, fold(text))) is holds


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Environ 90 000 militaires y prendront part.", ["90 000"]),
        ("Vingt-trois pays ont signé le 12 juillet 2023.", ["vingt-trois"]),
        ("It spent 40 million euros, or 2 per cent, in 2024.", []),
        ("Elle a duré quatre ans.", []),
        ("Le 3 mai, 12 avions ont décollé.", ["12"]),
    ],
)
def test_a_count_is_no_sum_share_date_or_duration(text: str, numbers: list[str]) -> None:
    """What is left once figures of another kind are set aside."""
    assert [number for number, _ in quantities.counts(fold(text))] == numbers


def test_a_count_comes_with_the_words_after_it() -> None:
    """They say what is counted; a figure of another kind ends them."""
    found = quantities.counts("pres de 700 personnes venues de 12 pays, dont 5 % de femmes")

    assert found == [("700", "personnes venues de 12"), ("12", "pays dont")]
