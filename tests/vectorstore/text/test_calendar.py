"""The tables of months, weekdays and numbers, row by row in both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bot.language.dates import find_dates
from bot.language.figures import find_figures
from bot.language.time_expressions import read_times
from ingest.dates import parse_date
from vectorstore.text import LANGUAGES, table
from vectorstore.text.calendar import cardinals, month_names, months, ordinals, scales, weekdays
from vectorstore.text.sentences import sentence_spans


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("number", range(1, 13))
def test_every_reader_of_dates_knows_every_month(number: int, language: str) -> None:
    """In full and abbreviated, on pages and in questions; the full name in texts too."""
    names = table("calendar")["months"][number - 1][language]
    day = datetime(2024, number, 3, tzinfo=UTC)

    for name in names:
        period = read_times(f"news of 3 {name} 2024", datetime(2025, 1, 1, tzinfo=UTC)).period
        assert parse_date(f"3 {name} 2024") == parse_date(f"3 {name}. 2024") == day
        assert period is not None
        assert period.since == day
    assert [(one.day, one.month, one.year) for one in find_dates(f"3 {names[0]} 2024", language)] == [(3, number, 2024)]
    assert month_names(language)[number - 1] == names[0]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("number", range(7))
def test_every_reader_of_dates_knows_every_weekday(number: int, language: str) -> None:
    """In full and abbreviated before a date on a page; the full name in texts and questions."""
    names = table("calendar")["weekdays"][number][language]
    day = date(2024, 6, 3 + number)

    assert all(parse_date(f"{name} {day.day} June 2024") for name in names)
    assert [one.weekday for one in find_dates(f"{names[0]}", language)] == [number]
    period = read_times(f"since {names[0]}", datetime(2024, 6, 9, 12, tzinfo=UTC)).period
    assert period is not None
    assert period.since == datetime(2024, 6, day.day, tzinfo=UTC)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_full_stop_of_an_abbreviated_month_ends_no_sentence(language: str) -> None:
    """« 3 juil. 2024 » is one sentence, in each language."""
    names = [name for row in table("calendar")["months"] for name in row[language][1:]]

    assert [name for name in names if len(sentence_spans(f"It was 3 {name}. 2024.", language)) != 1] == []


def test_every_number_word_is_a_figure() -> None:
    """Cardinals above one, ordinals above the first, and the scales of each language."""
    values = {word: number for word, number in (cardinals() | ordinals()).items() if number != 1}

    assert {word: [set(one.readings) for one in find_figures(word, None)] for word in values} == {
        word: [{float(number)}] for word, number in values.items()
    }
    for language in LANGUAGES:
        for word, many in scales(language).items():
            assert [one.readings for one in find_figures(f"3 {word}", language)] == [{3.0 * many}]


def test_a_day_with_a_name_is_no_weekday() -> None:
    """Who asks about Good Friday does not ask for what came out on Friday."""
    days = table("calendar")["named_days"]

    assert [day for day in days if read_times(f"Is {day} a holiday?", datetime(2024, 6, 9, tzinfo=UTC)).period] == []


def test_names_are_looked_up_folded() -> None:
    """« février » and "fevrier" are one month."""
    assert months()["fevrier"] == 2
    assert "févr" not in months(short=True)
    assert weekdays()["dimanche"] == 6
