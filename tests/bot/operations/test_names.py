"""Filters as people write them, whatever edge they come in by."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.operations.names import filter_of, language_of, moment_of


@pytest.mark.parametrize(("written", "code"), [("fr", "fr"), ("FR", "fr"), ("fr-CH", "fr"), ("en_GB", "en")])
def test_a_language_is_known_by_its_code(written: str, code: str) -> None:
    """In capitals or with its region."""
    assert language_of(written) == code


def test_what_is_no_language_or_day_says_how_to_write_one() -> None:
    """The value is named."""
    with pytest.raises(ValueError, match="'Klingonese' is not a language code; write it as fr or en"):
        language_of("Klingonese")
    with pytest.raises(ValueError, match="'soon' is not a date; write it as 2024-10-17"):
        moment_of("soon")


def test_a_day_begins_at_midnight_in_the_operators_zone() -> None:
    """So does the day after, up to which a day is meant; a time is read there unless it names its zone."""
    montreal = ZoneInfo("America/Montreal")
    day = moment_of("17 octobre 2024", montreal)

    assert day == datetime(2024, 10, 17, 4, tzinfo=UTC)
    assert filter_of((), (), since=None, until=day).until == datetime(2024, 10, 18, 4, tzinfo=UTC)
    assert moment_of("2024-10-17 09:00", montreal) == datetime(2024, 10, 17, 13, tzinfo=UTC)
    assert moment_of("2024-10-17T09:00Z", montreal) == datetime(2024, 10, 17, 9, tzinfo=UTC)


def test_a_day_as_the_end_is_meant_to_its_end() -> None:
    """A moment within a day is meant as it is."""
    day, moment = datetime(2024, 3, 7, tzinfo=UTC), datetime(2024, 3, 7, 9, tzinfo=UTC)

    assert filter_of((), (), since=None, until=day).until == datetime(2024, 3, 8, tzinfo=UTC)
    assert filter_of((), (), since=None, until=moment).until == moment
    assert not filter_of((), (), since=None, until=None)


def test_the_last_day_of_all_has_an_end_too() -> None:
    """No day comes after it."""
    last = datetime(9999, 12, 31, tzinfo=UTC)

    assert filter_of((), (), since=None, until=last).until == datetime.max.replace(tzinfo=UTC)
