from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.fetch.response import (
    LONGEST_PAUSE,
    Headers,
    read_charset,
    read_delay,
    read_length,
    read_media_type,
    read_moment,
    read_pause,
    read_target,
    read_validator,
)

BYTES = st.binary(max_size=60).map(lambda sent: sent.decode("latin-1"))
DIGITS = st.integers(0, 10**25).map(str) | st.sampled_from(["9" * 400, "1" * 5_000])
SIGNED = st.tuples(st.sampled_from(["", "+", "-", "−", " "]), DIGITS).map("".join)
DATES = st.tuples(
    st.sampled_from(["", "Mon, ", "Lundi, ", ","]),
    SIGNED,
    st.sampled_from([" Jan ", "-Feb-", " Bogus ", " "]),
    st.sampled_from(["0", "99", "1970", "9999", "10000", "99999999999999999999"]),
    st.sampled_from([" 00:00:00 ", " 23:59:60 ", " 99:99:99 ", " 1 ", ""]),
    st.sampled_from(["GMT", "EST", "Z", ""]) | SIGNED,
).map("".join)
PARTS = st.lists(
    st.sampled_from(["http://", "//", "[", "]", "@", ":", "99999", "/", "..", "?", "#", "%", "%zz", "\ud800", "é", "a"])
).map("".join)
ANYTHING = BYTES | st.text(max_size=60) | DIGITS | SIGNED | DATES | PARTS


@given(ANYTHING)
def test_a_header_of_no_use_is_none_and_never_an_error(value: str) -> None:
    """Bytes, texts with half surrogates, numbers of 5,000 digits, zones and years that cannot be."""
    pause, moment, length = read_pause(value), read_moment(value), read_length(value)

    assert pause is None or 0 <= pause <= LONGEST_PAUSE
    assert moment is None or moment.tzinfo is UTC
    assert length is None or 0 <= length < 10**20
    for text in (read_media_type(value), read_charset(value), read_charset(f"text/html; charset={value}")):
        assert text is None or text == text.lower()
    assert read_validator(value) in {value, None}
    assert read_target(value, "https://newsroom.test/a") != ""


@given(st.lists(st.tuples(st.binary(max_size=10), st.binary(max_size=30))))
def test_any_bytes_are_headers(raw: list[tuple[bytes, bytes]]) -> None:
    """The first of a name counts, and a name that is not there is empty."""
    headers = Headers.of(raw)

    assert headers.get("no such header") == ""
    for name, value in reversed(raw):
        if [other.lower() for other, _ in raw].index(name.lower()) == raw.index((name, value)):
            assert headers.get(name.decode("latin-1").lower()) == value.decode("latin-1").strip()


@given(
    st.none() | st.floats() | st.integers() | st.just(10**400),
    st.floats() | st.integers() | st.just(10**400),
)
def test_a_delay_is_a_number_of_seconds_or_none(seconds: float | None, requests: float) -> None:
    """No infinity, nothing below zero, no division by nothing."""
    delay = read_delay(seconds, requests)

    assert delay is None or (delay > 0 and math.isfinite(delay))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("Mon, 02 Jun 2025 08:00:00 GMT", 0),
        ("Mon, 02 Jun 2025 08:00:00", 0),
        ("9" * 30, LONGEST_PAUSE),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_PAUSE),
        ("Mon, 1 Jan 2030 00:00:00 +99999999999999999999", None),
        ("99999999999999999999 Jan 2030 00:00:00 GMT", None),
        ("soon", None),
        ("-5", None),
        ("１２", None),
        ("", None),
    ],
)
def test_the_pause_asked_for_is_read(value: str, seconds: float | None) -> None:
    """Seconds, or a date that has passed; what is neither asks for nothing, and nothing is for longer than a day."""
    assert read_pause(value) == seconds


def test_a_pause_until_a_date_is_counted_from_now() -> None:
    """In seconds."""
    later = datetime.now(UTC) + timedelta(minutes=10)

    assert read_pause(format_datetime(later, usegmt=True)) == pytest.approx(600, abs=30)


@pytest.mark.parametrize(
    ("value", "media_type", "charset"),
    [
        ("Text/HTML; Charset=ISO-8859-1", "text/html", "iso-8859-1"),
        ('text/html;charset="utf-8"; x=y', "text/html", "utf-8"),
        ("text/html; charset='windows-1252'", "text/html", "windows-1252"),
        ("text/html; charset=base64", "text/html", None),
        ("text/html; charset=punycode", "text/html", None),
        ("text/html; charset=none", "text/html", None),
        ("; charset=utf-8", None, "utf-8"),
        ("", None, None),
    ],
)
def test_the_type_and_the_charset_of_a_page_are_read(value: str, media_type: str | None, charset: str | None) -> None:
    """A charset is one that text can be read in."""
    assert (read_media_type(value), read_charset(value)) == (media_type, charset)


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/b?c#d", "https://newsroom.test/b?c"),
        ("//other.test", "https://other.test"),
        ("/\xc3\xa9t\xc3\xa9", "https://newsroom.test/été"),
        ("/\xe9t\xe9", "https://newsroom.test/été"),
        ("http://[::broken/", None),
    ],
)
def test_where_a_redirect_leads_is_read(location: str, target: str | None) -> None:
    """From the page's own address, in UTF-8 or latin-1."""
    assert read_target(location, "https://newsroom.test/a") == target
