"""Dates in their parts, and whether a quote bears them out."""

from __future__ import annotations

from datetime import date

from bot.language.dates import Held, find_dates, held_by, resolved
from tests.language_tables import each_row

PUBLISHED = date(2024, 3, 13)  # a Wednesday


@each_row("dates.jsonl", "text", "language", "date", "weekday")
def test_a_date_is_read_in_parts(text: str, language: str, date: list[int | None], weekday: int | None) -> None:
    """Year, month and day as far as they are named, or count from publication; Monday is 0."""
    found = [([one.year, one.month, one.day], one.weekday) for one in find_dates(text, language, PUBLISHED)]

    assert found == [(date, weekday)]


@each_row("dates_held.jsonl", "sentence", "quote", "held")
def test_publication_excuses_only_what_the_quote_leaves_open(sentence: str, quote: str, held: str) -> None:
    """Never another year, month or day than the one that it names."""
    (asked,) = find_dates(sentence, "en")

    assert held_by(asked, resolved(find_dates(quote, None, PUBLISHED), PUBLISHED), PUBLISHED) is Held(held)
