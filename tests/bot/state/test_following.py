"""Who follows what and who was told, in a file and on a server: once, whoever tells, whatever happens in between."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.state.following import Follow, Match
from bot.state.ledger import Ledger, Quiet

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bot.state.following import Following
    from bot.state.ledger import ServerDatabase

ANNA, BERT = 2**62, 2
MATCH = Match(ANNA, "Iceland", "a", 1, 4, "new", 0, 7)


@pytest.fixture
def ledger(tmp_path: Path, deeds: Callable[[], ServerDatabase | None]) -> Ledger:
    return Ledger(tmp_path / "discord.sqlite3", deeds())


@pytest.fixture
def following(ledger: Ledger) -> Following:
    for person in (ANNA, BERT):
        assert ledger.following.follow(Follow(person, "Iceland", since=3), locale="en", most=2)
    return ledger.following


def match(following: Following, event: int, *matches: Match, holder: str = "one") -> list[Follow]:
    follows = following.take(event, holder, 60.0)
    assert follows is not None
    return following.matched(event, holder, matches, follows)


def test_a_topic_is_one_whatever_its_capitals_and_accents(following: Following) -> None:
    """The last word counts, and it is followed from where it was; there is room for so many."""
    again = Follow(ANNA, "ICÉLAND", ("NATO",), ("fr",), since=9)

    assert following.follow(again, locale="fr", most=2)
    assert following.follow(Follow(ANNA, "Norway", since=9), locale="fr", most=2)
    assert not following.follow(Follow(ANNA, "Sweden", since=9), locale="fr", most=2)

    assert following.of(ANNA) == [Follow(ANNA, "ICÉLAND", ("NATO",), ("fr",), since=3), Follow(ANNA, "Norway", since=9)]
    assert following.unfollow(ANNA, "iceland")
    assert not following.unfollow(ANNA, "iceland")


def test_the_sources_that_anybody_keeps_to_are_known(following: Following) -> None:
    """Each once, whoever named it."""
    assert following.sources() == []
    for person, names in ((ANNA, ("NATO", "Feed")), (BERT, ("NATO",))):
        following.follow(Follow(person, "Norway", names, since=3), locale="en", most=9)

    assert following.sources() == ["Feed", "NATO"]


def test_an_event_is_matched_by_one_and_taken_over_from_who_is_gone(following: Following) -> None:
    """Who took too long writes nothing."""
    assert following.take(4, "killed", 0.0)
    assert following.take(4, "one", 60.0) is not None
    assert following.take(4, "other", 60.0) is None
    assert following.matched(4, "killed", [MATCH], following.of(ANNA)) == []
    assert following.to_be_told() == []

    assert following.matched(4, "one", [MATCH], [*following.of(ANNA), *following.of(BERT)]) == []
    assert following.take(4, "other", 60.0) is None
    assert following.to_be_told() == [ANNA]


def test_who_follows_since_after_an_event_is_not_asked_about(following: Following) -> None:
    """Who begins while it is matched, from before it on, is given back."""
    following.follow(Follow(BERT, "Norway", since=4), locale="en", most=9)
    follows = following.take(4, "one", 60.0)
    late = Follow(BERT, "Sweden", since=3)
    following.follow(late, locale="en", most=9)

    assert follows == [following.of(BERT)[0], *following.of(ANNA)]
    assert following.matched(4, "one", [], follows) == [late]
    assert following.matched(4, "one", [MATCH], [*follows, late]) == []


def test_events_are_done_in_their_order(following: Following) -> None:
    """Up to the first that is not, whoever had it."""
    match(following, 5)
    following.pass_over([6])
    following.advance([4, 5, 6])
    assert following.up_to(9) == 3

    match(following, 4)
    following.advance([4, 5, 6])

    assert following.up_to(9) == 6
    assert following.take(5, "one", 60.0) is None


def test_a_release_is_told_once(following: Following) -> None:
    """What a message was begun for goes into that message and no other; later events of the release tell nothing."""
    match(following, 4, MATCH)
    number = following.begin(ANNA, following.pending(ANNA).matches)
    second = Match(ANNA, "Iceland", "b", 1, 5, "new", 0, 7)
    match(following, 5, second, Match(ANNA, "Iceland", "a", 2, 5, "changed", 0, 7))

    pending = following.pending(ANNA)
    assert (pending.number, pending.matches, pending.locale) == (number, (MATCH,), "en")
    following.told(ANNA, number or 0)
    assert following.pending(ANNA).matches == (second,)
    assert following.pending(ANNA).number is None
    assert following.begin(ANNA, [MATCH, second]) is None
    assert number is not None
    assert following.begin(ANNA, [second]) == number + 1
    assert following.begin(ANNA, [second]) is None


def test_what_is_given_up_or_removed_is_not_told(ledger: Ledger, following: Following) -> None:
    """And what nobody could be told for a week is forgotten."""
    match(following, 4, MATCH, Match(BERT, "Iceland", "a", 1, 4, "new", 0, 7))
    following.unfollow(ANNA, "Iceland")
    assert following.to_be_told() == [BERT]
    following.forget_release("a")
    assert following.to_be_told() == []

    following.follow(Follow(ANNA, "Iceland", since=4), locale="en", most=9)
    match(following, 5, Match(ANNA, "Iceland", "b", 1, 5, "new", 0, 7))
    with ledger.database.transaction() as connection:
        connection.execute("UPDATE main.matches SET moment = '2020-01-01'")
    following.forget_told(timedelta(days=90))
    assert following.to_be_told() == []


def test_a_store_that_was_made_anew_is_followed_from_its_last_event_on(following: Following) -> None:
    """Numbers of the old one mean nothing in it."""
    match(following, 4, MATCH)

    assert following.up_to(2) == 2
    assert [follow.since for follow in (*following.of(ANNA), *following.of(BERT))] == [2, 2]
    assert following.to_be_told() == []


def test_a_recipient_is_held_by_one(ledger: Ledger) -> None:
    """Until the lease ends, or it is let go; who is put off is held by nobody."""
    deliveries = ledger.deliveries

    assert deliveries.hold(ANNA, "one", 60.0)
    assert deliveries.hold(ANNA, "one", 0.0)
    assert deliveries.hold(ANNA, "other", 60.0)
    assert not deliveries.hold(ANNA, "one", 60.0)
    deliveries.let_go(ANNA, "other")
    assert deliveries.hold(ANNA, "one", 60.0)
    trouble = deliveries.put_off(ANNA, "one", "closed", 60.0)
    assert (trouble.cause, trouble.failures) == ("closed", 1)
    assert not deliveries.hold(ANNA, "one", 60.0)
    deliveries.try_again(ANNA)
    assert deliveries.hold(ANNA, "one", 60.0)
    again = deliveries.put_off(ANNA, "one", "still closed", 0.0)
    assert again.failures == 1
    assert again.since > trouble.since


def test_a_delivery_is_begun_and_posted_once(ledger: Ledger) -> None:
    """What is known of an attempt that was cut off is its mark; of a message that is there, its id."""
    deliveries = ledger.deliveries

    assert deliveries.begin(ANNA, "k", "first") is None
    cut_off = deliveries.begin(ANNA, "k", "second")
    assert cut_off is not None
    assert (cut_off.mark, cut_off.message) == ("first", None)
    deliveries.begin_again(ANNA, "k", "second")
    assert not deliveries.is_posted(ANNA, "k")
    deliveries.posted(ANNA, "k", 2**61)
    deliveries.begin_again(ANNA, "k", "third")

    known = deliveries.begin(ANNA, "k", "third")
    assert known is not None
    assert (known.mark, known.message) == ("", 2**61)
    assert deliveries.is_posted(ANNA, "k")
    assert deliveries.begin(BERT, "k", "first") is None


def test_turns_are_taken_one_after_the_other(ledger: Ledger) -> None:
    """None, and no turn, where it would take longer than one waits."""
    turns = [ledger.deliveries.take_turn(60, 5.0) for _ in range(3)]

    assert turns == [pytest.approx(number, abs=0.5) for number in range(3)]
    ledger.deliveries.pause(600.0)
    assert ledger.deliveries.take_turn(60, 5.0) is None
    ledger.deliveries.pause(0.0)
    assert ledger.deliveries.take_turn(60, 5.0) == pytest.approx(0.0, abs=0.5)


@pytest.mark.parametrize(
    ("moment", "is_quiet"),
    [
        ("2026-11-30T21:29", False),  # 22:29 in Brussels
        ("2026-11-30T21:30", True),
        ("2026-12-01T05:59", True),
        ("2026-12-01T06:00", False),
        ("2026-07-01T20:30", True),  # 22:30 there, in summer
        ("2026-07-01T05:00", False),
    ],
)
def test_quiet_hours_go_by_the_clocks_of_their_zone(moment: str, is_quiet: bool) -> None:
    """Across midnight, in winter and in summer."""
    quiet = Quiet(22 * 60 + 30, 7 * 60, "Europe/Brussels")

    assert quiet.covers(datetime.fromisoformat(moment).replace(tzinfo=UTC)) is is_quiet


def test_quiet_hours_are_kept_by_whose_they_are(ledger: Ledger) -> None:
    """The last ones count; a guild that shows the bot out takes its own along."""
    ledger.quiet.set(7, Quiet(0, 60, "UTC"))
    ledger.quiet.set(7, Quiet(60, 120, "Europe/Paris"))
    ledger.quiet.set(8, Quiet(0, 30, "UTC"))

    assert ledger.quiet.of(7) == Quiet(60, 120, "Europe/Paris")
    assert ledger.quiet.owners_in(datetime(2026, 1, 1, 0, 15, tzinfo=UTC)) == {7, 8}
    assert ledger.quiet.owners_in(datetime(2026, 1, 1, 12, 0, tzinfo=UTC)) == frozenset()
    ledger.guilds.forget(7)
    assert ledger.quiet.of(7) is None
    assert ledger.quiet.forget(8)
    assert not ledger.quiet.forget(8)
