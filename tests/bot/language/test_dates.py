"""Dates in their parts, and whether a quote bears them out."""

from __future__ import annotations

from datetime import date

import pytest

from bot.language.dates import Held, find_dates, held_by, resolved

PUBLISHED = date(2024, 3, 13)  # a Wednesday


@pytest.mark.parametrize(
    ("text", "language", "parts"),
    [
        ("on Tuesday 14 January 2025", "en", (2025, 1, 14, 1)),
        ("le 1er mars 2024", "fr", (2024, 3, 1, None)),
        ("March 3, 2024", "en", (2024, 3, 3, None)),
        ("2024-03-05", "en", (2024, 3, 5, None)),
        ("in 2019", "en", (2019, None, None, None)),
        ("en mai", "fr", (None, 5, None, None)),
        ("yesterday", "en", (2024, 3, 12, 1)),
        ("l’an dernier", "fr", (2023, None, None, None)),
        ("le mois prochain", "fr", (2024, 4, None, None)),
    ],
)
def test_a_date_is_read_in_parts(text: str, language: str, parts: tuple[int | None, ...]) -> None:
    """As far as it is named, or counts from publication."""
    (found,) = find_dates(text, language, PUBLISHED)

    assert (found.year, found.month, found.day, found.weekday) == parts


@pytest.mark.parametrize(
    ("sentence", "quote", "held"),
    [
        ("12 March 2024", "yesterday", Held.YES),
        ("12 March 2024", "on 12 March", Held.YES),
        ("12 March 2024", "on Tuesday", Held.YES),
        ("13 March 2024", "the ministers met", Held.YES),
        ("in March 2024", "the ministers met", Held.YES),
        ("on 12 March", "le 12 mars 2024", Held.YES),
        ("3 March 2024", "from 3 March to 5 April 2024", Held.YES),
        ("in January 2025", "en janvier", Held.NO),
        ("12 March 2023", "yesterday", Held.NO),
        ("11 March 2024", "yesterday", Held.NO),
        ("on Friday 12 March 2024", "on 12 March", Held.NO),
        ("in 2023", "in 2022", Held.NO),
        ("in 2023", "the ministers met", Held.OPEN),
    ],
)
def test_publication_excuses_only_what_the_quote_leaves_open(sentence: str, quote: str, held: Held) -> None:
    """Never another year, month or day than the one that it names."""
    (asked,) = find_dates(sentence, "en")

    assert held_by(asked, resolved(find_dates(quote, None, PUBLISHED), PUBLISHED), PUBLISHED) is held
