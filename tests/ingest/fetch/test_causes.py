from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from ingest.fetch.causes import read_retry_after


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("120", 120), (" 0 ", 0), ("Mon, 02 Jun 2025 08:00:00 GMT", 0), ("soon", None), ("-5", None), ("", None)],
)
def test_the_pause_asked_for_is_read(value: str, seconds: float | None) -> None:
    """Seconds, or a date that has passed; what is neither asks for nothing."""
    assert read_retry_after(value) == seconds


def test_a_pause_until_a_date_is_counted_from_now() -> None:
    """In seconds."""
    later = datetime.now(UTC) + timedelta(minutes=10)

    assert read_retry_after(format_datetime(later, usegmt=True)) == pytest.approx(600, abs=30)
