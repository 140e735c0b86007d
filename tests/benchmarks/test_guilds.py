"""The questions of guilds, and which of them the bot's limits let in."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.guilds import HOUR, Habits, Questions, admitted, busiest_hour, members
from bot.settings import DiscordSettings


def asked(came: list[float], *, guild: int = 0, people: list[int] | None = None) -> Questions:
    count = len(came)
    persons = np.array(people or range(count))
    return Questions(np.array(came), np.full(count, guild), persons, np.zeros(count, dtype=np.bool_))


def test_the_busiest_hour_has_as_many_questions_as_assumed() -> None:
    """The rate of the hour, and those that a release brings: a multiple that fades."""
    habits = Habits(peak=2.4, burst=5.0, fading=600.0)
    rate = habits.rate(1_000, 86.4)

    questions = busiest_hour(1_000, 86.4, habits, np.random.default_rng(1))
    first, last = ((questions.came >= at) & (questions.came < at + 60) for at in (0.0, HOUR - 60))

    assert rate == pytest.approx(2.4)
    assert len(questions) == pytest.approx(rate * 3_900 + rate * 4 * 600, rel=0.03)
    assert first.sum() == pytest.approx(rate * 60 * 4.8, rel=0.15)
    assert last.sum() == pytest.approx(rate * 60, rel=0.25)
    assert questions.mention.mean() == pytest.approx(0.5, abs=0.03)


def test_chance_is_seeded() -> None:
    """Twice the same."""
    first, second = (busiest_hour(10, 100.0, Habits(), np.random.default_rng(4)) for _ in range(2))

    assert np.array_equal(first.came, second.came)
    assert np.array_equal(first.guild, second.guild)


def test_a_few_guilds_have_most_members() -> None:
    """A tenth of them more than half of all people, and none more than there may be."""
    sizes = np.sort(members(1_000, np.random.default_rng(1)))

    assert sizes[-100:].sum() > sizes.sum() / 2
    assert 20 <= sizes[0] <= sizes[-1] <= 50_000


def test_a_person_asks_once_in_two_seconds() -> None:
    """A question that was not admitted does not put the next one off."""
    questions = asked([0.0, 1.5, 2.5, 2.6], people=[7, 7, 7, 8])

    assert admitted(questions, DiscordSettings(user_pause=2.0)).tolist() == [True, False, True, True]


def test_a_guild_asks_so_often_in_a_minute() -> None:
    """The minute begins with the first question that is admitted, as in the bot."""
    questions = asked([0.0, 10.0, 20.0, 61.0])

    assert admitted(questions, DiscordSettings(guild_per_minute=2)).tolist() == [True, True, False, True]
