from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot.language.time_expressions import Order, read_times
from tests.language_tables import each_row

BRUSSELS = ZoneInfo("Europe/Brussels")
THURSDAY = datetime(2024, 10, 17, 18, 23, tzinfo=UTC)


def local(moment: datetime | None) -> str | None:
    return moment and moment.astimezone(BRUSSELS).strftime("%Y-%m-%dT%H:%M").removesuffix("T00:00")


@each_row("periods.jsonl", "question", "period")
def test_a_period_is_read_as_people_say_it(question: str, period: list[str | None] | None) -> None:
    """From the first moment to the first after it, in Brussels; null where nothing is to be filtered.

    Calendar periods begin and end at midnight; "the last 48 hours" count back from now. What names a thing, counts
    something or lies ahead is none: a filter that nobody asked for hides the answer.
    """
    read = read_times(question, THURSDAY, BRUSSELS).period

    assert (read and [local(read.since), local(read.until)]) == period


@each_row("latest_releases.jsonl", "question", "order", "count")
def test_the_latest_is_an_order_where_it_is_about_releases(question: str, order: str | None, count: int | None) -> None:
    """The last king is no release."""
    times = read_times(question, THURSDAY, BRUSSELS)

    assert (times.order, times.count) == (order and Order(order), count)


@each_row("without_times.jsonl", "question", "rest")
def test_the_rest_is_the_question_without_its_words_of_time(question: str, rest: str) -> None:
    """What is searched with still reads as a question."""
    assert read_times(question, THURSDAY, BRUSSELS).rest == rest


@each_row("without_bounds.jsonl", "question", "read")
def test_a_bound_is_not_read_as_the_year_that_is_wanted(question: str, read: str) -> None:
    """What lies after 2023 need not say "2023"; what is asked for "in 2023" may have to."""
    assert read_times(question, THURSDAY, BRUSSELS).unbounded(question) == read


@each_row("only_news.jsonl", "question", "only")
def test_a_question_for_news_alone_is_told_from_one_on_a_subject(question: str, only: bool) -> None:
    """The first is answered by a list, the second by a search."""
    assert read_times(question, THURSDAY, BRUSSELS).only_times is only


def test_updates_and_now_are_seen() -> None:
    """One asks by the date of change; the other's answer grows old."""
    assert read_times("Which releases were corrected last week?", THURSDAY, UTC).by_update
    assert read_times("Qui est actuellement secrétaire général ?", THURSDAY, UTC).about_now
    assert not read_times("Who founded the company?", THURSDAY, UTC).about_now


def test_a_day_begins_at_midnight_in_the_operators_zone() -> None:
    """Half past midnight in Brussels is still the day before in UTC."""
    late = datetime(2024, 10, 17, 22, 30, tzinfo=UTC)

    period = read_times("today", late, BRUSSELS).period

    assert period is not None
    assert local(period.since) == "2024-10-18"
    assert period.since == datetime(2024, 10, 17, 22, 0, tzinfo=UTC)


@given(
    st.text(max_size=80), st.sampled_from(["in 2024", "depuis mardi", "", "le 31 février", "since 40 May", "T5 2024"])
)
def test_no_text_is_too_odd(text: str, known: str) -> None:
    """Bounds are in the zone of the days, in order, and nothing is raised."""
    times = read_times(f"{text} {known} {text}", THURSDAY, BRUSSELS)

    if times.period and times.period.since and times.period.until:
        assert times.period.since < times.period.until
        assert times.period.since.tzinfo is BRUSSELS
