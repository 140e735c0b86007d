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
    parse_date,
)
from ingest.parse.html_dates import stated

DAY = datetime(2024, 10, 17, tzinfo=UTC)
EVENING = datetime(2024, 10, 17, 20, 23, tzinfo=UTC)

DAYS = """
17 Oct. 2024
17 oct. 2024
17 October 2024
17 octobre 2024
17 OCTOBRE 2024
17-Oct-2024
jeudi 17 octobre 2024
Jeudi, le 17 octobre 2024
jeu. 17 oct. 2024
le 17 octobre 2024
October 17, 2024
Oct 17 2024
OCTOBER 17, 2024
Thursday, October 17, 2024
Thu. 17 October 2024
October 17th, 2024
17th of October 2024
17/10/2024
17.10.2024
17. 10. 2024
17-10-2024
2024-10-17
2024/10/17
Bruxelles, le 17 octobre 2024
Brussels, 17 October 2024
Berne, 17.10.2024
New York, NY, October 17, 2024
Châlons-en-Champagne, le 17 octobre 2024
Geneva (Switzerland), 17 October 2024
Communiqué de presse du 17 octobre 2024
Communiqué de presse – Bruxelles, le 17 octobre 2024
Press release | 17 October 2024
Publié le 17 octobre 2024
Publiée le : jeudi 17 octobre 2024
Mis en ligne le 17/10/2024
Published: 17 October 2024
Published on October 17, 2024
Posted on 17 Oct 2024
Date de publication : 17.10.2024
• 17 Oct. 2024 -
17 October 2024 | Brussels
17 October 2024 • 3 min read
""".strip().splitlines()

EVENINGS = """
17 Oct. 2024 20:23
17 octobre 2024 à 20h23
17 octobre 2024 à 20 h 23
17 octobre 2024, 20:23
17 octobre 2024 - 20:23
17 October 2024, 8:23 p.m.
17 October 2024 at 8:23pm
October 17, 2024 8:23 PM
17/10/2024 20:23
17.10.2024 20.23
2024-10-17 20:23
2024-10-17T20:23
2024-10-17T20:23:00
2024-10-17T20:23:00Z
2024-10-17T20:23:00.000Z
2024-10-17T22:23:00+02:00
2024-10-17T22:23:00+0200
2024-10-17 20:23:00 UTC
Thu, 17 Oct 2024 20:23:00 GMT
Thu, 17 Oct 2024 16:23:00 -0400
October 17, 2024 16:23 ET
17 octobre 2024 22h23 (CEST)
17 October 2024 22:23 (GMT+2)
""".strip().splitlines()

NO_DATES = """
31 Feb 2024
29 février 2023
32 octobre 2024
17/13/2024
2024-13-01
17 Foo 2024
17 Oktober 2024
17 Oct. 2024 25:00
17 Oct. 2024 13:00 p.m.
17 Oct. 2024 20:23 XYZ
17.10.24
20241017
2024
12
mai 2024
hier
yesterday
next week
il y a deux jours
Les ministres ont décidé ce jeudi (17 octobre) de renforcer la coopération.
Les ministres se sont réunis le 17 octobre 2024
La réunion du 17 octobre 2024
Depuis le 17 octobre 2024
Meeting on 17 October 2024
On 17 October 2024 the ministers met.
Le 17 octobre 2024, le Conseil a tranché.
Berne, 17.10.2024 - Le Conseil fédéral a adopté un message.
BRUSSELS, October 17, 2024 /Wire/ -- The ministers met.
- Kunsthalle, Berne, 5 juillet 2022
17.10.2024 - 19.10.2024
du 17 octobre 2024 au 19 octobre 2024
""".strip().splitlines()


@pytest.mark.parametrize("text", DAYS)
def test_a_date_without_a_time_is_midnight_in_utc(text: str) -> None:
    """Every way to write the day gives the same moment, and as a line it is the date of publication."""
    assert parse_date(text) == DAY
    assert find_dates(text) == DateLine(published=DAY)


@pytest.mark.parametrize("text", EVENINGS)
def test_a_date_with_a_time_is_that_moment_in_utc(text: str) -> None:
    """Every way to write the hour gives the same moment, with its zone or, without one, in UTC."""
    moment = parse_date(text)

    assert moment == EVENING
    assert moment.utcoffset() == timedelta(0)


@pytest.mark.parametrize("text", ["", " ", *NO_DATES, "17 octobre 2024" + " -" * LONGEST])
def test_anything_else_is_no_date(text: str) -> None:
    """Impossible, relative and partial dates give None, and so do sentences and events that mention a date."""
    assert parse_date(text) is None
    assert find_dates(text) is None


@pytest.mark.parametrize(
    "line",
    [
        "Mis à jour le: 17 Oct. 2024 20:23",
        "• Mis à jour le : 17 octobre 2024 à 20h23",
        "Dernière mise à jour : 17/10/2024 20:23",
        "Dernière modification le 17.10.2024 20:23",
        "Updated: 17 October 2024 20:23",
        "Last updated: October 17, 2024, 8:23 p.m.",
        "Last modified on 17 October 2024 at 20:23",
    ],
)
def test_a_line_of_an_update_is_told_from_one_of_publication(line: str) -> None:
    """Words like « mis à jour le » make the date that of the update, and of nothing else."""
    assert find_dates(line) == DateLine(updated=EVENING)
    assert parse_date(line) == EVENING


@pytest.mark.parametrize(
    "line",
    [
        "17 Oct. 2024 - | Mis à jour le: 17 Oct. 2024 20:23",
        "Publié le 17 octobre 2024, mis à jour le 17 octobre 2024 à 20h23",
        "Publié le 17/10/2024 (mis à jour le 17/10/2024 20:23)",
        "Published 17 October 2024 Last updated 17 October 2024 20:23",
        "Updated: 17 October 2024 20:23 | Published: 17 October 2024",
    ],
)
def test_a_line_may_hold_publication_and_update(line: str) -> None:
    """Both dates of one line are read, in either order; as a single date it is ambiguous."""
    assert find_dates(line) == DateLine(published=DAY, updated=EVENING)
    assert parse_date(line) is None


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("1er février 2024", 2),
        ("1 er févr. 2024", 2),
        ("1ᵉʳ février 2024", 2),
        ("1 fevrier 2024", 2),
        ("March 1st, 2024", 3),
        ("mar. 1 mai 2024", 5),
        ("1 May 2024", 5),
        ("Jun. 1, 2024", 6),
        ("1er juil. 2024", 7),
        ("1er\u00a0août\u202f2024", 8),
        ("1 aou\u0302t 2024", 8),
        ("Sept. 1, 2024", 9),
        ("1er déc. 2024", 12),
    ],
)
def test_months_are_known_in_both_languages(text: str, month: int) -> None:
    """Names and abbreviations of months, with or without accents, and the first of the month."""
    assert parse_date(text) == datetime(2024, month, 1, tzinfo=UTC)


def test_a_time_without_a_zone_is_read_in_the_given_one() -> None:
    """The newsroom's zone applies to a bare time, not to a written zone and not to a bare day."""
    brussels = fixed_offset(timedelta(hours=2))

    assert parse_date("17 Oct. 2024 22:23", timezone=brussels) == EVENING
    assert parse_date("17 Oct. 2024 20:23 GMT", timezone=brussels) == EVENING
    assert parse_date("17 Oct. 2024", timezone=brussels) == DAY
    assert find_dates("Updated: 17 Oct. 2024 22:23", timezone=brussels) == DateLine(updated=EVENING)


@pytest.mark.parametrize(("text", "hour"), [("12:05 a.m.", 0), ("12:05 p.m.", 12), ("1:05 am", 1), ("11:05PM", 23)])
def test_noon_and_midnight_are_told_apart(text: str, hour: int) -> None:
    """Twelve a.m. is midnight and twelve p.m. is noon."""
    assert parse_date(f"17 October 2024 {text}") == datetime(2024, 10, 17, hour, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "opening",
    [
        "Bruxelles, le 17 octobre 2024 – Les ministres ont adopté un plan.",
        "Berne, 17.10.2024 - Le Conseil fédéral a adopté un message.",
        "Geneva, 17 October 2024. At a seminar held today, the results were shown.",
        "BRUSSELS, October 17, 2024 /Wire/ -- The ministers met.",
        "17 October 2024 – The ministers met.",
    ],
)
def test_the_date_that_opens_a_release_is_read(opening: str) -> None:
    """Place and date before a dash, in the forms of newsrooms and wires."""
    assert dateline(opening) == DAY


@pytest.mark.parametrize(
    "opening",
    [
        "Le 17 octobre 2024, le Conseil a tranché.",
        "On 17 October 2024 the ministers met.",
        "The plan – of 17.10.2024 – is out.",
    ],
)
def test_a_sentence_that_mentions_a_date_has_no_dateline(opening: str) -> None:
    """What happened on a day need not be published on it."""
    assert dateline(opening) is None


@pytest.mark.parametrize(("text", "month_first"), [("12/19/2022", False), ("12/19/2022", True), ("19/12/2022", True)])
def test_a_month_between_slashes_goes_first_where_no_other_reading_is_a_day(text: str, month_first: bool) -> None:
    """There is no nineteenth month, so the order is plain."""
    assert parse_date(text, month_first=month_first) == datetime(2022, 12, 19, tzinfo=UTC)


def test_an_american_page_has_the_month_first() -> None:
    """What both orders allow is read with the day first, unless the page is known to be American."""
    assert parse_date("3/4/2024") == datetime(2024, 4, 3, tzinfo=UTC)
    assert parse_date("3/4/2024", month_first=True) == datetime(2024, 3, 4, tzinfo=UTC)


@pytest.mark.parametrize("tail", ["– Rubrique : Europe", "| Press release no 24"])
def test_where_a_release_is_filed_does_not_hide_its_date(tail: str) -> None:
    """A section or a number behind the date is passed over."""
    assert find_dates(f"Publié le 21 décembre 2024 {tail}") == DateLine(published=datetime(2024, 12, 21, tzinfo=UTC))


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
