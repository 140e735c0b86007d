"""Digests in a file and on a server: when they are due, and that each is sent by one process."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.state.following import Digest, due_after
from bot.state.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bot.state.following import Every
    from bot.state.ledger import ServerDatabase

    Another = Callable[[], Ledger]

DUE = datetime(2026, 11, 30, 7, tzinfo=UTC)
MARIE = Digest(2**62, None, "fr", "daily", 8, "Europe/Paris", ("NATO",), (), ("Finlande « 2023 »",), DUE, 4)
CHANNEL = replace(MARIE, recipient=900, guild=7, every="weekly", topics=())


@pytest.fixture
def another(tmp_path: Path, deeds: Callable[[], ServerDatabase | None]) -> Another:
    """Opens the one ledger for one more process."""
    return lambda: Ledger(tmp_path / "discord.sqlite3", deeds())


@pytest.fixture
def ledger(another: Another) -> Ledger:
    return another()


@pytest.mark.parametrize(
    ("moment", "every", "zone", "due"),
    [
        ("2026-11-30T06:59:59+00:00", "daily", "Europe/Paris", "2026-11-30T07:00:00+00:00"),
        ("2026-11-30T07:00:00+00:00", "daily", "Europe/Paris", "2026-12-01T07:00:00+00:00"),
        ("2026-11-30T06:59:59+00:00", "weekly", "Europe/Paris", "2026-11-30T07:00:00+00:00"),
        ("2026-12-03T12:00:00+00:00", "weekly", "Europe/Paris", "2026-12-07T07:00:00+00:00"),
        ("2026-03-28T12:00:00+00:00", "daily", "Europe/Paris", "2026-03-29T06:00:00+00:00"),  # summer begins
        ("2026-10-24T12:00:00+00:00", "daily", "Europe/Paris", "2026-10-25T07:00:00+00:00"),  # and ends
        ("2026-11-29T20:00:00+00:00", "weekly", "Pacific/Auckland", "2026-12-06T19:00:00+00:00"),
        ("2026-11-29T18:00:00+00:00", "weekly", "Pacific/Auckland", "2026-11-29T19:00:00+00:00"),
        ("2026-11-30T15:59:00+00:00", "daily", "America/Los_Angeles", "2026-11-30T16:00:00+00:00"),
    ],
)
def test_a_digest_is_due_at_its_hour_by_the_clocks_of_its_zone(moment: str, every: Every, zone: str, due: str) -> None:
    """Of a Monday there, where it is weekly."""
    found = due_after(datetime.fromisoformat(moment), every=every, hour=8, zone=zone)

    assert found.isoformat() == due


def test_an_hour_that_a_zone_leaves_out_is_made_up() -> None:
    """On the night when clocks go forward there is no 02:00 in Paris."""
    eve = datetime(2026, 3, 28, 12, tzinfo=UTC)

    first = due_after(eve, every="daily", hour=2, zone="Europe/Paris")
    second = due_after(first, every="daily", hour=2, zone="Europe/Paris")

    assert first == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert second == datetime(2026, 3, 30, 0, tzinfo=UTC)


def test_a_digest_is_kept_as_it_was_asked_for(ledger: Ledger, another: Another) -> None:
    """Asked for otherwise, it goes on with the event where it was."""
    assert ledger.digests.set(MARIE) == MARIE
    assert another().digests.get(MARIE.recipient) == MARIE

    changed = ledger.digests.set(replace(MARIE, every="weekly", up_to=99))

    assert (changed.every, changed.up_to) == ("weekly", 4)
    ledger.digests.set(CHANNEL)
    assert ledger.digests.of_guild(7) == [CHANNEL]


def test_each_is_sent_once_and_one_that_was_missed_is_made_up_once(ledger: Ledger, another: Another) -> None:
    """What was begun is of the same events for whoever goes on with it."""
    ledger.digests.set(MARIE)
    late = DUE + timedelta(days=9, hours=3)

    assert ledger.digests.due(DUE - timedelta(seconds=1)) == []
    (due,) = ledger.digests.due(late)
    begun = ledger.digests.begin(due, 12)
    again = another().digests.begin(due, 15)
    assert begun is not None
    assert begun == again
    assert (begun.up_to, begun.through) == (4, 12)

    ledger.digests.done(begun, begun.due_after(late))
    assert another().digests.begin(due, 15) is None
    another().digests.done(replace(begun, through=99), late)
    after = ledger.digests.get(MARIE.recipient)
    assert after is not None
    assert (after.up_to, after.through, after.due) == (12, None, DUE + timedelta(days=10))
    assert ledger.digests.due(late) == []


def test_a_store_that_is_made_anew_counts_from_one(ledger: Ledger) -> None:
    """The digest goes on from there, with nothing to tell."""
    ledger.digests.set(replace(MARIE, up_to=70))

    begun = ledger.digests.begin(MARIE, 3)

    assert begun is not None
    assert (begun.up_to, begun.through) == (3, 3)


def test_what_is_not_wanted_any_more_is_gone(ledger: Ledger) -> None:
    """A channel's only by its own guild; with the guild all of its channels'."""
    for digest in (MARIE, CHANNEL):
        ledger.digests.set(digest)

    assert not ledger.digests.forget(CHANNEL.recipient, guild=8)
    assert ledger.digests.forget(MARIE.recipient)
    assert not ledger.digests.forget(MARIE.recipient)
    assert ledger.digests.begin(MARIE, 9) is None
    ledger.guilds.forget(7)
    assert ledger.digests.of_guild(7) == []
