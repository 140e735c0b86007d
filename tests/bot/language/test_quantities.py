"""Figures as values with what they count."""

from __future__ import annotations

import pytest

from bot.language.quantities import Bound, QuantityMatch, compare, counted, find_quantities, follows, loose_quantities
from tests.language_tables import each_row
from vectorstore.text import table


@each_row("quantities.jsonl", "text", "language", "value", "unit", "bound")
def test_a_figure_has_its_unit_and_bound(text: str, language: str, value: float, unit: str | None, bound: str) -> None:
    """Signs before and behind it, scales, words of both languages; the bound as the words beside it say."""
    found = find_quantities(text, language)

    assert [one.bound for one in found] == [Bound(bound)]
    assert (pytest.approx(value), unit) in [(number, of and of.name) for number, of in found[0].meanings]


@each_row("comparisons.jsonl", "sentence", "language", "quote", "quote_language", "match")
def test_one_bears_the_other_out(sentence: str, language: str, quote: str, quote_language: str, match: str) -> None:
    """In value, unit and bound; the best of the quote's figures counts."""
    asked, held = find_quantities(sentence, language), find_quantities(quote, quote_language)

    assert [max(compare(one, other) for other in held) for one in asked] == [QuantityMatch[match.upper()]]


@each_row("shares.jsonl", "text", "per_cent")
def test_parts_are_shares(text: str, per_cent: float) -> None:
    """Told in words alone."""
    shares = {v for one in loose_quantities(text) for v, unit in one.meanings if unit and unit.dimension == "share"}

    assert any(share == pytest.approx(per_cent, abs=0.1) for share in shares)


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
