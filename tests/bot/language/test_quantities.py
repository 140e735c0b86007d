"""Figures as values with what they count."""

from __future__ import annotations

import pytest

from bot.language.quantities import Bound, QuantityMatch, compare, counted, find_quantities, follows, loose_quantities
from vectorstore.text.tables import table


def only(text: str, language: str) -> tuple[set[tuple[float, str]], Bound]:
    (found,) = find_quantities(text, language)
    return {(value, unit.name if unit else "") for value, unit in found.meanings}, found.bound


@pytest.mark.parametrize(
    ("text", "language", "value", "unit"),
    [
        ("€20.9 billion", "en", 20.9e9, "EUR"),
        ("20,9 milliards d’euros", "fr", 20.9e9, "EUR"),
        ("$750m", "en", 750e6, "USD"),
        ("CHF 3.2 million", "en", 3.2e6, "CHF"),
        ("1,5 million de francs suisses", "fr", 1.5e6, "CHF"),
        ("3.5 per cent", "en", 3.5, "per_cent"),
        ("3,5 %", "fr", 3.5, "per_cent"),
        ("4,5 points de pourcentage", "fr", 4.5, "percentage_point"),
        ("1 500 MW", "fr", 1500, "megawatt"),
        ("a 3-year deal", "en", 3, "year"),
        ("2.30 pm", "en", 870, "clock"),
        ("à 14 h 30", "fr", 870, "clock"),
        ("24 cents", "en", 24, "cent"),
    ],
)
def test_a_figure_has_its_unit(text: str, language: str, value: float, unit: str) -> None:
    """Signs before and behind it, scales, words of both languages."""
    meanings, _ = only(text, language)

    assert any(name == unit and number == pytest.approx(value) for number, name in meanings)


@pytest.mark.parametrize(
    ("text", "language", "bound"),
    [
        ("more than 40 %", "en", Bound.ABOVE),
        ("40 % or more", "en", Bound.ABOVE),
        ("plus de 40 %", "fr", Bound.ABOVE),
        ("jusqu’à 40 %", "fr", Bound.BELOW),
        ("fewer than 40 ships", "en", Bound.BELOW),
        ("some 40 ships", "en", Bound.ABOUT),
        ("just over 40 ships", "en", Bound.ABOUT),
        ("environ 40 navires", "fr", Bound.ABOUT),
        ("40 navires", "fr", Bound.EXACT),
    ],
)
def test_a_figure_has_its_bound(text: str, language: str, bound: Bound) -> None:
    """As the words beside it say."""
    assert only(text, language)[1] is bound


@pytest.mark.parametrize(
    ("sentence", "quote", "match"),
    [
        ("750 million euros", "€750m", QuantityMatch.YES),
        ("0.75 GW", "750 MW", QuantityMatch.YES),
        ("24 cents", "$0.24", QuantityMatch.YES),
        ("0.25 percentage points", "25 basis points", QuantityMatch.YES),
        ("about 1.3 million people", "1,312,000 people", QuantityMatch.YES),
        ("more than 1.3 million people", "1,312,000 people", QuantityMatch.YES),
        ("fewer than 1.3 million people", "1,312,000 people", QuantityMatch.NO),
        ("2.30 pm", "14:30", QuantityMatch.YES),
        ("20 million dollars", "20 million euros", QuantityMatch.OTHER_UNIT),
        ("20 million euros", "20 billion euros", QuantityMatch.NO),
        ("5 per cent", "5 percentage points", QuantityMatch.OTHER_UNIT),
        ("500 people", "more than 500 people", QuantityMatch.OTHER_BOUND),
        ("at most 500 people", "at least 500 people", QuantityMatch.OTHER_BOUND),
        ("40 km", "40 miles", QuantityMatch.NO),
        ("3 million euros", "between 3 and 5 million euros", QuantityMatch.YES),
    ],
)
def test_one_bears_the_other_out(sentence: str, quote: str, match: QuantityMatch) -> None:
    """In value, unit and bound; the best of the quote's figures counts."""
    (asked,) = find_quantities(sentence, "en")

    assert max(compare(asked, held) for held in find_quantities(quote, "en")) is match


@pytest.mark.parametrize(
    ("text", "value"),
    [("half of them", 50), ("trois quarts", 75), ("one in five", 20), ("un sur cinq", 20), ("a third", 33.3)],
)
def test_parts_are_shares(text: str, value: float) -> None:
    """Told in words alone."""
    shares = {v for one in loose_quantities(text) for v, unit in one.meanings if unit and unit.dimension == "share"}

    assert any(share == pytest.approx(value, abs=0.1) for share in shares)


def test_what_can_be_reckoned_follows() -> None:
    """Sums, differences and ratios of two figures of one kind."""
    held = find_quantities("from 12 % to 10 %, and 4 ships", "en")
    (points,) = find_quantities("two percentage points", "en")
    (other,) = find_quantities("16 ships", "en")

    assert follows(points, held)
    assert not follows(other, held)


def test_listed_things_are_counted() -> None:
    """Commas and what joins the last two."""
    assert 3.0 in counted("France, l’Espagne et l’Italie")
    assert 5.0 not in counted("France and Spain")


def test_every_unit_and_currency_is_read_in_both_languages() -> None:
    """Each word and sign of the tables, behind a number."""
    missed = []
    for name, one in table("units")["units"].items():
        missed += [word for word in (*one["words"], *one.get("signs", ())) if not _has(f"7 {word}", name)]
    for name, one in table("currencies")["currencies"].items():
        missed += [word for word in one["words"] if not _has(f"7 {word}", name)]

    assert missed == []


def _has(text: str, unit: str) -> bool:
    return any(
        each is not None and each.name == unit
        for language in ("en", "fr")
        for one in find_quantities(text, language)
        for _, each in one.meanings
    )
