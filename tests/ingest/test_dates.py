from __future__ import annotations

from datetime import UTC, datetime, timedelta
from datetime import timezone as fixed_offset

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.dates import (
    LONGEST,
    DateLine,
    dateline,
    dates_within,
    find_dates,
    in_utc,
    is_date_label,
    near_dates,
    parse_date,
    parse_stamp,
)
from ingest.parse.html_dates import stated
from tests.language_tables import each_row

DAY = datetime(2024, 10, 17, tzinfo=UTC)
EVENING = datetime(2024, 10, 17, 20, 23, tzinfo=UTC)


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None


@each_row("dates.jsonl", "text", "date", month_first=None)
def test_a_date_is_that_moment_in_utc(text: str, date: str | None, month_first: bool | None) -> None:
    """Midnight where it has no time; with its zone or, without one, in UTC. Alone in a line, it is that of publication.

    Impossible, relative and partial dates give None, and so do sentences and events that mention a date.
    """
    read = parse_date(text, month_first=month_first)

    assert read == moment(date)
    assert read is None or read.utcoffset() == timedelta(0)
    assert find_dates(text, month_first=month_first) == (moment(date) and DateLine(published=moment(date)))


def test_an_endless_text_is_no_date() -> None:
    """It is not even looked at."""
    assert parse_date("17 octobre 2024" + " -" * LONGEST) is None
    assert find_dates("17 octobre 2024" + " -" * LONGEST) is None


@each_row("date_lines.jsonl", "line", "published", "updated")
def test_a_line_tells_publication_from_update(line: str, published: str | None, updated: str | None) -> None:
    """By words like « mis à jour le »; with both, in either order, it is ambiguous as a single date.

    A section or a number behind the date is passed over.
    """
    single = None if published and updated else moment(published or updated)

    assert find_dates(line) == DateLine(published=moment(published), updated=moment(updated))
    assert parse_date(line) == single


@pytest.mark.parametrize("line", ["25.05.24", "Réf. 12.05.24", "Publié le 12.05.241"])
def test_a_year_of_two_digits_needs_a_label(line: str) -> None:
    """Without one it may be the number of a file."""
    assert find_dates(line) is None


def test_a_time_without_a_zone_is_read_in_the_given_one() -> None:
    """The newsroom's zone applies to a bare time, not to a written zone and not to a bare day."""
    brussels = fixed_offset(timedelta(hours=2))

    assert parse_date("17 Oct. 2024 22:23", timezone=brussels) == EVENING
    assert parse_date("17 Oct. 2024 20:23 GMT", timezone=brussels) == EVENING
    assert parse_date("17 Oct. 2024", timezone=brussels) == DAY
    assert find_dates("Updated: 17 Oct. 2024 22:23", timezone=brussels) == DateLine(updated=EVENING)


@each_row("datelines.jsonl", "opening", "date")
def test_the_date_that_opens_a_release_is_read(opening: str, date: str | None) -> None:
    """Place and date before a dash, in the forms of newsrooms and wires.

    A sentence that mentions a date has no dateline: what happened on a day need not be published on it.
    """
    assert dateline(opening) == moment(date)


def test_an_american_page_has_the_month_first() -> None:
    """What both orders allow is read with the day first, unless the page is known to be American."""
    assert parse_date("3/4/2024") == datetime(2024, 4, 3, tzinfo=UTC)
    assert parse_date("3/4/2024", month_first=True) == datetime(2024, 3, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Tue, 03 Sep 2024 00:00:00 +0200", "2024-09-03"),
        ("2024-09-03T00:00:00+02:00", "2024-09-03"),
        ("3 September 2024 at 23:30 EDT", "2024-09-03"),
        ("Tue, 03 Sep 2024 10:00:00 +0200", "2024-09-03T08:00"),
    ],
)
def test_a_stamp_keeps_the_day_that_is_written(text: str, day: str) -> None:
    """Midnight in Paris is of that day, and not of the one before."""
    assert parse_stamp(text) == moment(day)


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("June 5, 2024 8:00 PM EDT", "2024-06-05"),
        ("Posted: January 5, 2024 7:00 PM EST", "2024-01-05"),
        ("5 June 2024 00:30 CEST", "2024-06-05"),
        ("June 5, 2024 2:00 PM EDT", "2024-06-05T18:00"),
    ],
)
def test_a_line_keeps_the_day_that_is_written(line: str, day: str) -> None:
    """As a stamp does, whatever its zone makes of it; the bound of a search is exactly the moment that is named."""
    assert find_dates(line) == near_dates(line) == DateLine(published=moment(day))
    assert [found for _, found, _ in dates_within(line)] == [moment(day)]
    assert parse_date("June 5, 2024 8:00 PM EDT") == datetime(2024, 6, 6, tzinfo=UTC)


def test_the_mere_announcement_of_a_date_is_told_from_a_sentence() -> None:
    """What is left when a date stands in an element of its own is a label."""
    assert all(map(is_date_label, ["Published on", "Publié le :", "Date de publication", "Last updated"]))
    assert not any(map(is_date_label, ["Published on paper", "Le plan est publié.", ""]))


DIGITS = st.sampled_from(
    ["0", "00", "1", "02", "31", "99", "0000", "0001", "1970", "2024", "9999", "10000", "9" * 400, "٣٢"]
)
MARKS = st.sampled_from(
    ["-", "/", ".", ":", "T", "Z", " ", ", ", "+", "h", " GMT", " +99:99", " -2400", " May ", " août "]
)
STRANGE = st.lists(DIGITS | MARKS | st.text(max_size=4), max_size=14).map("".join) | st.datetimes().map(str)


@given(STRANGE)
def test_no_date_is_too_strange(text: str) -> None:
    """Years 0 and 10000, zones of 99 hours, half surrogates, digits of other scripts: a moment in UTC, or none."""
    for moment in (
        parse_date(text),
        parse_date(text, month_first=True),
        dateline(text),
        stated({"d": text}, [text], "d"),
    ):
        assert moment is None or moment.tzinfo is UTC
    for line in (find_dates(text), find_dates(f"Published {text}")):
        assert line is None or line.published or line.updated
    assert all(moment.tzinfo is UTC for _, moment, _ in dates_within(text))


ZONES = st.none() | st.timedeltas(timedelta(hours=-23), timedelta(hours=23)).map(fixed_offset)


@given(st.datetimes(timezones=ZONES))
def test_a_moment_is_in_utc_or_has_no_such_year(moment: datetime) -> None:
    """The first hour of the year 1 in Japan is none in UTC."""
    told = in_utc(moment)

    assert told is None or told.tzinfo is UTC
    assert told is not None or moment.year in {1, 9999}
