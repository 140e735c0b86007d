"""Which day dates a release: what it shows or bears itself goes before what its page was stamped with."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ingest.dates import find_dates, signed
from ingest.parse.html import parse_html
from ingest.types import Entry

SENTENCE = (
    "The lakes of the canton have been mixed from the surface to the bottom for the first time in twelve years, "
    "the council of the canton says in its report."
)
STAMP = '<meta name=date content="2024-10-30T08:15:00+00:00">'


def published(make_page, *, opening: str = "", beside: str = "", close: str = "", stamp: str = STAMP) -> str:
    body = f"<h1>The lake is mixed</h1>{beside}<p>{opening}{SENTENCE}</p><p>{SENTENCE}</p>{close}"
    release = parse_html(make_page(f"<html lang=en><head>{stamp}</head><body><main>{body}</main></body></html>"))
    return f"{release.published:%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    "close",
    [
        "<p>Lausanne, le 9 avril 2024</p>",
        "<p>Fait à Lausanne, le 9 avril 2024.</p>",
        "<p>Office of information of the canton</p><div>Bern (Switzerland), 9 April 2024</div>",
    ],
)
def test_a_closing_dateline_dates_the_release(make_page, close):
    """The stamp is that of the page, which may be made much later."""
    assert published(make_page, close=close) == "2024-04-09 00:00"


def test_an_opening_dateline_dates_the_release(make_page):
    """Within a year of the stamp; a text may open with a day that it remembers."""
    assert published(make_page, opening="Bern, 28 October 2024 – ") == "2024-10-28 00:00"
    assert published(make_page, opening="Berlin, 9 November 1989 – ") == "2024-10-30 08:15"


def test_a_stamp_of_the_same_day_gives_the_hour(make_page):
    """Readers see the day, machines the hour."""
    assert published(make_page, close="<p>Lausanne, le 30 octobre 2024</p>") == "2024-10-30 08:15"


def test_the_date_beside_the_headline_goes_first(make_page):
    """It is what the page says of the release; a letter in the text may be signed on another day."""
    assert (
        published(make_page, beside="<p>12 April 2024</p>", close="<p>Lausanne, le 9 avril 2024</p>")[:10]
        == "2024-04-12"
    )


@pytest.mark.parametrize(
    ("stamp", "words", "day"),
    [
        ("2024-06-05T22:00:00Z", "6 June 2024", "2024-06-06 00:00"),
        ("2024-06-05T22:00:00Z", "Thursday 6 June 2024 00:00", "2024-06-06 00:00"),
        ("2026-12-01T01:00:00Z", "5 June 2024", "2024-06-05 00:00"),
        ("2024-06-05T09:30:00Z", "5 June 2024", "2024-06-05 09:30"),
        ("2024-06-05T09:30:00Z", "two years ago", "2024-06-05 09:30"),
        ("2024-06-05T09:30:00Z", "06/05/2024", "2024-06-05 09:30"),
        ("2024-06-06T02:00:00Z", "06/05/2024", "2024-06-05 00:00"),
        ("2024-05-06T09:30:00Z", "06/05/2024", "2024-05-06 09:30"),
        ("2026-12-01T01:00:00Z", "06/05/2024", "2024-05-06 00:00"),
    ],
)
def test_the_words_of_a_time_go_before_its_stamp(make_page, stamp, words, day):
    """Which readers do not see; it gives the hour of that day, and tells whether its month comes first."""
    assert published(make_page, beside=f"<p><time datetime={stamp}>{words}</time></p>", stamp="") == day


@pytest.mark.parametrize("close", ["<p>9 avril 2024</p>", "<p>Dernière modification : 9 avril 2024</p>", ""])
def test_a_bare_date_below_the_text_is_no_dateline(make_page, close):
    """It has no place, so that it may be anything."""
    assert published(make_page, close=close) == "2024-10-30 08:15"


@pytest.mark.parametrize(
    "line", ["9 avril 2024", "The council met in Bern, 9 April 2024", "Bern, 9 April", "Updated, 9 April 2024"]
)
def test_other_lines_are_not_signed(line):
    """A signature is a place and a date, and nothing else."""
    assert signed(line) is None


def test_a_page_tells_whether_a_day_stands_beside_its_headline(make_page):
    """There it goes before the date of a list."""
    rest = f"<p>{SENTENCE}</p><p>{SENTENCE}</p>"
    pages = [f"<html lang=en><body><main><h1>The lake is mixed</h1>{day}{rest}" for day in ("<p>12 April 2024</p>", "")]

    assert [parse_html(make_page(page)).signs for page in pages] == [("dated",), ()]


def test_a_list_tells_whether_the_month_comes_first(make_page):
    """As the stamp does; one of the two is the day on which the list has the release."""
    body = f"<h1>The lake is mixed</h1><p>06/05/2024</p><p>{SENTENCE}</p><p>{SENTENCE}</p>"
    page = make_page(f"<html lang=en><body><main>{body}</main></body></html>")
    days = [datetime(2024, 6, 5, tzinfo=UTC), datetime(2024, 5, 6, tzinfo=UTC)]

    read = [parse_html(replace(page, entry=Entry(page.id, published=day))).published for day in days]

    assert read == days


def test_a_page_that_was_last_reviewed_was_updated():
    """Both words may stand before it."""
    found = find_dates("Page last reviewed: 8 May 2024")
    assert found is not None
    assert found.updated is not None
