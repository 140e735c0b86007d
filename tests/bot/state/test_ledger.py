"""The ledger in a file and on a server: what is kept, who holds a channel, and what was announced."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.answering.types import Answer
from bot.state.deliveries import EventClaim, Subscription
from bot.state.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bot.state.ledger import ServerDatabase
    from vectorstore.catalogue import Connection

    Another = Callable[[], Ledger]

GENERAL = Subscription(900, 7, ("NATO",), (), "en", 3)


@pytest.fixture
def another(tmp_path: Path, deeds: Callable[[], ServerDatabase | None]) -> Another:
    """Opens the one ledger for one more process."""
    return lambda: Ledger(tmp_path / "discord.sqlite3", deeds())


@pytest.fixture
def ledger(another: Another) -> Ledger:
    return another()


def keep(ledger: Ledger, question: str, before: str | None = None) -> str:
    moment = datetime(2026, 11, 24, tzinfo=UTC)
    answer = Answer(question, question, "It « was ».", "en", (), None, 1.0, "x", moment, {})
    return ledger.answers.keep(answer, before=before, index_version=7)


def test_answers_are_kept_and_followed_back(ledger: Ledger, another: Another) -> None:
    """By any process."""
    first = keep(ledger, "When?")
    second = keep(ledger, "And where?", before=first)

    assert [one.record.question for one in another().answers.conversation_up_to(second)] == ["When?", "And where?"]
    kept = ledger.answers.get(second)
    assert kept is not None
    assert (kept.before, kept.index_version) == (first, 7)
    assert abs(kept.moment - datetime.now(UTC)) < timedelta(minutes=1)
    assert ledger.answers.get("unknown") is None


def test_every_answer_is_read_oldest_first(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page after the other, within two moments, the later one left out."""
    monkeypatch.setattr("bot.state.questions._PAGE", 2)
    for number in range(5):
        keep(ledger, f"{number}?")

    kept = list(ledger.answers.each())

    assert [one.record.question for one in kept] == ["0?", "1?", "2?", "3?", "4?"]
    assert list(ledger.answers.each(since=kept[3].moment)) == kept[3:]
    assert list(ledger.answers.each(until=kept[3].moment)) == kept[:3]


def test_the_last_word_of_a_person_counts(ledger: Ledger) -> None:
    """Newest first; each verdict, and each day, by itself."""
    identity = keep(ledger, "When?")
    assert ledger.feedback.say(identity, 2**62, good=True)
    assert ledger.feedback.say(identity, 2, good=True)
    assert ledger.feedback.say(identity, 2**62, good=False, reasons=("out_of_date",), comment="100 % ?")

    bad, good = ledger.feedback.all()
    assert (bad.person, bad.good, bad.reasons, bad.comment) == (2**62, False, ("out_of_date",), "100 % ?")
    assert ledger.feedback.all(good=True) == [good]
    assert ledger.feedback.all(good=False) == [bad]
    assert ledger.feedback.all(since=bad.moment) == [bad]
    assert not ledger.feedback.say("unknown", 1, good=True)


def test_one_of_several_claims_an_event(ledger: Ledger, another: Another) -> None:
    """For a while, which it may prolong; what is settled nobody claims again."""
    assert ledger.claims.claim(2**62, "one", 60.0) == EventClaim(mine=True)
    second = another().claims.claim(2**62, "two", 60.0)
    assert (second.mine, second.settled) == (False, False)
    assert 50.0 < second.left <= 60.0
    assert ledger.claims.claim(2**62, "one", 60.0).mine
    assert another().claims.claim(5, "two", 60.0).mine

    another().claims.settle(2**62, "two")
    assert not another().claims.claim(2**62, "two", 60.0).settled
    ledger.claims.settle(2**62, "one")
    assert another().claims.claim(2**62, "two", 60.0).settled
    assert not ledger.claims.claim(2**62, "one", 60.0).mine


def test_what_was_claimed_by_one_that_is_gone_is_claimed_by_another(ledger: Ledger, another: Another) -> None:
    """Who comes back too late has lost it."""
    assert ledger.claims.claim(1, "one", -1.0).mine
    assert another().claims.claim(1, "two", 60.0).mine

    ledger.claims.settle(1, "one")
    assert ledger.claims.claim(1, "one", 60.0).left > 50.0


def test_old_claims_are_forgotten(ledger: Ledger) -> None:
    """Those that are held now are not old."""
    ledger.claims.claim(1, "one", -5.0)
    ledger.claims.claim(2, "one", 60.0)
    ledger.claims.forget(timedelta(0))

    assert ledger.claims.claim(1, "two", 60.0).mine
    assert not ledger.claims.claim(2, "two", 60.0).mine


def test_old_answers_are_forgotten_unless_somebody_spoke_of_them(ledger: Ledger) -> None:
    """As many as it says."""
    spoken, _, _ = (keep(ledger, "When?") for _ in range(3))
    ledger.feedback.say(spoken, 1, good=True)

    assert ledger.answers.forget(timedelta(days=1)) == 0
    assert ledger.answers.forget(timedelta(0)) == 2
    assert ledger.answers.get(spoken) is not None


def test_what_a_guild_sets_is_kept_until_it_leaves(ledger: Ledger, another: Another) -> None:
    """Once for each channel: who announces there again goes on where it was."""
    assert ledger.guilds.opens_threads(7)
    ledger.guilds.set_threads(7, True)
    ledger.guilds.set_threads(7, False)
    ledger.announcements.subscribe(GENERAL)
    again = ledger.announcements.subscribe(Subscription(900, 7, (), ("fr",), "fr", 99))

    assert (again.publishers, again.languages, again.locale, again.up_to) == ((), ("fr",), "fr", 3)
    assert another().announcements.subscriptions() == ledger.announcements.subscriptions(7) == [again]
    assert ledger.announcements.subscriptions(8) == []
    assert not another().guilds.opens_threads(7)

    ledger.guilds.forget(7)
    assert ledger.announcements.subscriptions() == []
    assert ledger.guilds.opens_threads(7)
    assert not ledger.announcements.unsubscribe(900, guild=7)


def test_a_channel_is_held_by_one_of_many(another: Another) -> None:
    """Who comes at the same moment finds it taken; whoever holds it may take it again."""
    another().announcements.subscribe(GENERAL)
    found: dict[str, Subscription | None] = {}

    def take(name: str, ledger: Ledger) -> None:
        found[name] = ledger.announcements.hold(900, name, 60.0, behind=5)

    hosts = [threading.Thread(target=take, args=(name, another())) for name in "abcd"]
    for host in hosts:
        host.start()
    for host in hosts:
        host.join()

    [holder] = [name for name, held in found.items() if held]
    assert found[holder] == GENERAL
    assert another().announcements.hold(900, holder, 60.0, behind=5) == GENERAL
    assert another().announcements.hold(900, "late", 60.0, behind=5) is None


def test_a_channel_is_taken_over_when_its_time_is_over(ledger: Ledger, another: Another) -> None:
    """Its holder is gone; if it is only late, what it says then of the channel does not count."""
    ledger.announcements.subscribe(GENERAL)
    ledger.announcements.hold(900, "gone", -1.0, behind=5)

    assert another().announcements.hold(900, "other", 60.0, behind=5)
    ledger.announcements.let_go(900, "gone", up_to=5)
    assert ledger.announcements.hold(900, "third", 60.0, behind=5) is None

    another().announcements.let_go(900, "other", up_to=5)
    assert ledger.announcements.hold(900, "third", 60.0, behind=5) is None
    assert ledger.announcements.hold(900, "third", 60.0, behind=6)


def test_the_clock_of_the_database_says_when_a_hold_is_over(
    ledger: Ledger, another: Another, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host asks it, so that its own clock may be an hour late."""
    ledger.announcements.subscribe(GENERAL)
    ledger.announcements.hold(900, "one", 60.0, behind=5)
    late = another()
    tells = late.database.now

    def an_hour_on(connection: Connection) -> datetime:
        return tells(connection) + timedelta(hours=1)

    monkeypatch.setattr(late.database, "now", an_hour_on)
    assert late.announcements.hold(900, "other", 60.0, behind=5)


def test_a_channel_that_was_put_off_is_left_alone_for_a_while(ledger: Ledger) -> None:
    """With the trouble that it had."""
    ledger.announcements.subscribe(GENERAL)
    ledger.announcements.hold(900, "one", 60.0, behind=5)
    ledger.announcements.put_off(900, "one", "Missing Permissions", 60.0)

    assert ledger.announcements.hold(900, "one", 60.0, behind=5) is None
    assert [one.trouble for one in ledger.announcements.subscriptions()] == ["Missing Permissions"]
    ledger.announcements.subscribe(GENERAL)
    assert ledger.announcements.hold(900, "one", 60.0, behind=5)


def test_an_announcement_is_begun_once(ledger: Ledger, another: Another) -> None:
    """Who comes later is told how far it got."""
    assert ledger.announcements.begin(900, 4, "bridge") is None
    before = another().announcements.begin(900, 4, "bridge")

    assert before is not None
    assert (before.release_id, before.message, before.finished) == ("bridge", None, False)
    assert abs(before.began - datetime.now(UTC)) < timedelta(minutes=1)
    assert ledger.announcements.announced_releases(900, {"bridge"}) == set()

    another().announcements.posted(900, 4, 2**62, finished=True)
    after = ledger.announcements.begin(900, 4, "bridge")
    assert after is not None
    assert (after.message, after.finished) == (2**62, True)
    assert ledger.announcements.announced_releases(900, {"bridge", "tunnel"}) == {"bridge"}


def test_a_channel_starts_over_once(ledger: Ledger, another: Another) -> None:
    """The second process that noticed finds it done, and what was announced since is not forgotten."""
    ledger.announcements.subscribe(GENERAL)
    ledger.announcements.start_over(900, seen=3, up_to=0)
    ledger.announcements.begin(900, 1, "bridge")

    another().announcements.start_over(900, seen=3, up_to=0)

    assert ledger.announcements.begin(900, 1, "bridge") is not None
    assert [one.up_to for one in ledger.announcements.subscriptions()] == [0]


def test_channels_are_kept_to_sources_until_they_are_released(ledger: Ledger, another: Another) -> None:
    """Each guild for its own channels; a guild that shows the bot out leaves nothing."""
    ledger.channel_sources.keep_to(900, ["NATO"], guild=7)
    ledger.channel_sources.keep_to(900, ["NATO", "Conseil « de l’Europe »"], guild=7)
    ledger.channel_sources.keep_to(2**62, ["EU"], guild=8)

    assert another().channel_sources.all() == {900: ("NATO", "Conseil « de l’Europe »"), 2**62: ("EU",)}
    assert ledger.channel_sources.all(8) == {2**62: ("EU",)}
    assert not ledger.channel_sources.release(900, guild=8)
    assert ledger.channel_sources.release(900, guild=7)
    assert not ledger.channel_sources.release(900, guild=7)

    ledger.guilds.forget(8)

    assert another().channel_sources.all() == {}


def test_an_answer_is_kept_with_the_scopes_it_was_made_within(ledger: Ledger) -> None:
    """And without them where there were none, as before there could be any."""
    moment = datetime(2026, 11, 24, tzinfo=UTC)
    answer = Answer("When?", "When?", "It was.", "en", (), None, 1.0, "x", moment, {})

    bounded = ledger.answers.get(ledger.answers.keep(answer, before=None, index_version=7, within="feed"))
    unbounded = ledger.answers.get(keep(ledger, "When?"))

    assert bounded is not None
    assert unbounded is not None
    assert (bounded.within, unbounded.within) == ("feed", "")
