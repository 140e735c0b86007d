"""How many hosts guilds need, from what questions cost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.capacity import ANNOUNCED_AT_ONCE, Fleet, Measured, eight_at_once, measure, print_measured, store_for
from benchmarks.guilds import Habits
from benchmarks.queues import Work
from bot.discord.announcements import AT_ONCE
from bot.settings import DiscordSettings

WORKS = (Work(0.05, 0.2), Work(0.05, 0.6))


def fleet(*, habits: Habits | None = None, scale: float = 1.0, **limits: object) -> Fleet:
    works = [Work(scale * one.single, scale * one.spread) for one in WORKS]
    return Fleet(works, 2.0, limits=DiscordSettings(**limits), habits=habits or Habits())


def test_as_many_channels_at_once_as_the_bot_has() -> None:
    """The benchmark needs nothing of Discord, so that it says the number once more."""
    assert AT_ONCE == ANNOUNCED_AT_ONCE


def test_eight_at_once_share_the_processors() -> None:
    """Sixteen alike: two rounds of eight, each as long as its work on two processors."""
    seconds, until = eight_at_once([Work(0.0, 0.5)] * 16, 2.0)

    assert seconds == pytest.approx([2.0] * 16)
    assert until == pytest.approx(4.0)


def test_the_fewest_hosts_suffice_and_one_fewer_does_not() -> None:
    """Both by the same hour of the same guilds."""
    several = fleet()

    hosts, evening = several.needed(300, 100.0)

    assert hosts is not None
    assert hosts > 1
    assert evening.is_good
    assert not several.evening(300, 100.0, hosts - 1).is_good


def test_costlier_questions_need_more_hosts() -> None:
    """And a quiet hour fewer."""
    as_it_is, costlier, quiet = (
        one.needed(300, 100.0)[0] or 0 for one in (fleet(), fleet(scale=2.0), fleet(habits=Habits(burst=1.0)))
    )

    assert quiet < as_it_is < costlier


def test_the_least_busy_host_needs_fewer() -> None:
    """A question that goes to any host goes to a busy one now and then."""
    pooled = Fleet(WORKS, 2.0, limits=DiscordSettings(), pooled=True)

    assert (pooled.needed(900, 100.0)[0] or 0) < (fleet().needed(900, 100.0)[0] or 0)


def test_a_short_queue_turns_away() -> None:
    """With one place and no queue, what comes while it is taken is lost: Erlang's other formula."""
    evening = fleet(at_once=1, waiting=0).evening(50, 100.0, 1)

    assert evening.turned_away > 0.1


def test_no_hosts_help_against_discords_limit() -> None:
    """Where mentions alone need more calls than Discord takes; commands need none."""
    habits = Habits(mentions=1.0, per_second=2.0)

    assert fleet(habits=habits).needed(300, 100.0)[0] is None
    assert fleet(habits=replace(habits, mentions=0.0)).needed(300, 100.0)[0] is not None


def test_the_formula_knows_no_host_without_questions() -> None:
    """One host is the least there can be; and it grows with what is asked."""
    assert fleet().by_formula(1, 1.0) == 1
    assert (fleet().by_formula(3_000, 100.0) or 0) > (fleet().by_formula(300, 100.0) or 0) > 1
    assert fleet(scale=20.0).by_formula(1, 1.0) is None


def test_what_questions_cost_is_measured_on_a_store() -> None:
    """Each computes in a thread of its own, and its reading in others."""
    with store_for(None) as built:
        measured = measure(built, ["When did Sweden join NATO?"])

    assert len(measured.works) == len(measured.at_once) == 1
    assert measured.works[0].single > 0
    assert measured.works[0].spread > 0
    assert measured.cores > 0


def test_the_simulation_stands_beside_what_was_measured(capsys: pytest.CaptureFixture[str]) -> None:
    """In one table, with as many in a second as the simulated processors do."""
    print_measured(Measured(WORKS * 8, (0.4,) * 16, (1.8,) * 16, seconds=8.0, computed=12.0))
    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| ")]

    assert rows[1] == "| measured | 2.0 | 1800 / 1800 |"
    assert rows[3].startswith("| simulated, the 1.5 processors that were at work | 3.")
