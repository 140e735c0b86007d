"""Days without an hour: what stands for them, and how the bounds of a filter compare with them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vectorstore.types import Filter, is_bare_day, local_time

MONTREAL, PARIS, KIRITIMATI = map(ZoneInfo, ("America/Montreal", "Europe/Paris", "Pacific/Kiritimati"))


def of_day(day: date, zone: ZoneInfo) -> Filter:
    """Whatever was published on a day, as people of a zone say it."""
    first = datetime(day.year, day.month, day.day, tzinfo=zone)
    return Filter(since=first, until=first + timedelta(days=1))


@pytest.mark.parametrize("zone", [MONTREAL, PARIS, KIRITIMATI])
def test_a_bare_day_is_the_same_day_in_every_zone(zone: ZoneInfo) -> None:
    """It is shown as that day, and lies in that day alone; a release with an hour lies in the day of the zone."""
    bare, late = datetime(2024, 10, 17, tzinfo=UTC), datetime(2024, 10, 16, 22, 30, tzinfo=UTC)

    assert is_bare_day(bare)
    assert not is_bare_day(late)
    assert local_time(bare, zone).date() == date(2024, 10, 17)
    assert [of_day(date(2024, 10, day), zone).spans(bare) for day in (16, 17, 18)] == [False, True, False]
    assert of_day(local_time(late, zone).date(), zone).spans(late)


@given(st.sampled_from([MONTREAL, PARIS, KIRITIMATI]), st.integers(0, 8784 * 60), st.integers(-72, 72))
def test_few_bare_days_are_judged_wrongly_by_the_moment_of_a_bound(zone: ZoneInfo, minutes: int, hours: int) -> None:
    """Those alone are named, so that an index can compare moments."""
    bound = datetime(2024, 1, 1, tzinfo=zone) + timedelta(minutes=minutes)
    moment = bound.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=hours)
    where = Filter(since=bound)

    assert (where.spans(moment) is not (moment >= bound)) is (moment in where.bare_days_at_bounds)


def test_bounds_in_utc_judge_every_day_rightly() -> None:
    """As before there were zones; the first moment of all is no exception."""
    first = datetime.min.replace(tzinfo=UTC)

    assert Filter(since=first, until=datetime(2024, 10, 17, 4, tzinfo=UTC)).bare_days_at_bounds == ()
