"""The ledger in a file and on a server: what is kept, who holds a channel, and what was announced."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.answer import Answer
from bot.discord.ledger import Claim, Ledger, Subscription

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bot.deeds import ServerDeeds
    from vectorstore.catalogue.engine import Connection

    Another = Callable[[], Ledger]

GENERAL = Subscription(900, 7, ("NATO",), (), "en", 3)


@pytest.fixture
def another(tmp_path: Path, deeds: Callable[[], ServerDeeds | None]) -> Another:
    """Opens the one ledger for one more process."""
    return lambda: Ledger(tmp_path / "discord.sqlite3", deeds())


@pytest.fixture
def ledger(another: Another) -> Ledger:
    return another()


def keep(ledger: Ledger, question: str, before: str | None = None) -> str:
    moment = datetime(2026, 11, 24, tzinfo=UTC)
    answer = Answer(question, question, "It « was ».", "en", (), None, 1.0, "x", moment, {})
    return ledger.keep_answer(answer, before=before, index_version=7)


def test_answers_are_kept_and_followed_back(ledger: Ledger, another: Another) -> None:
    """By any process."""
    first = keep(ledger, "When?")
    second = keep(ledger, "And where?", before=first)

    assert [one.payload["question"] for one in another().conversation_up_to(second)] == ["When?", "And where?"]
    kept = ledger.answer(second)
    assert kept is not None
    assert (kept.before, kept.index_version) == (first, 7)
    assert abs(kept.moment - datetime.now(UTC)) < timedelta(minutes=1)
    assert ledger.answer("unknown") is None


def test_the_last_word_of_a_person_counts(ledger: Ledger) -> None:
    """Newest first; each verdict, and each day, by itself."""
    identity = keep(ledger, "When?")
    assert ledger.say(identity, 2**62, good=True)
    assert ledger.say(identity, 2, good=True)
    assert ledger.say(identity, 2**62, good=False, reasons=("out_of_date",), comment="100 % ?")

    bad, good = ledger.feedback()
    assert (bad.person, bad.good, bad.reasons, bad.comment) == (2**62, False, ("out_of_date",), "100 % ?")
    assert ledger.feedback(good=True) == [good]
    assert ledger.feedback(good=False) == [bad]
    assert ledger.feedback(since=bad.moment) == [bad]
    assert not ledger.say("unknown", 1, good=True)


def test_one_of_several_claims_an_event(ledger: Ledger, another: Another) -> None:
    """For a while, which it may prolong; what is settled nobody claims again."""
    assert ledger.claim(2**62, "one", 60.0) == Claim(mine=True)
    second = another().claim(2**62, "two", 60.0)
    assert (second.mine, second.settled) == (False, False)
    assert 50.0 < second.left <= 60.0
    assert ledger.claim(2**62, "one", 60.0).mine
    assert another().claim(5, "two", 60.0).mine

    another().settle(2**62, "two")
    assert not another().claim(2**62, "two", 60.0).settled
    ledger.settle(2**62, "one")
    assert another().claim(2**62, "two", 60.0).settled
    assert not ledger.claim(2**62, "one", 60.0).mine


def test_what_was_claimed_by_one_that_is_gone_is_claimed_by_another(ledger: Ledger, another: Another) -> None:
    """Who comes back too late has lost it."""
    assert ledger.claim(1, "one", -1.0).mine
    assert another().claim(1, "two", 60.0).mine

    ledger.settle(1, "one")
    assert ledger.claim(1, "one", 60.0).left > 50.0


def test_old_claims_are_forgotten(ledger: Ledger) -> None:
    """Those that are held now are not old."""
    ledger.claim(1, "one", -5.0)
    ledger.claim(2, "one", 60.0)
    ledger.forget_claims(timedelta(0))

    assert ledger.claim(1, "two", 60.0).mine
    assert not ledger.claim(2, "two", 60.0).mine


def test_old_answers_are_forgotten_unless_somebody_spoke_of_them(ledger: Ledger) -> None:
    """As many as it says."""
    spoken, _, _ = (keep(ledger, "When?") for _ in range(3))
    ledger.say(spoken, 1, good=True)

    assert ledger.forget_answers(timedelta(days=1)) == 0
    assert ledger.forget_answers(timedelta(0)) == 2
    assert ledger.answer(spoken) is not None


def test_what_a_guild_sets_is_kept_until_it_leaves(ledger: Ledger, another: Another) -> None:
    """Once for each channel: who announces there anew goes on where it was."""
    assert ledger.opens_threads(7)
    ledger.set_threads(7, True)
    ledger.set_threads(7, False)
    ledger.subscribe(GENERAL)
    again = ledger.subscribe(Subscription(900, 7, (), ("fr",), "fr", 99))

    assert (again.publishers, again.languages, again.locale, again.up_to) == ((), ("fr",), "fr", 3)
    assert another().subscriptions() == ledger.subscriptions(7) == [again]
    assert ledger.subscriptions(8) == []
    assert not another().opens_threads(7)

    ledger.forget_guild(7)
    assert ledger.subscriptions() == []
    assert ledger.opens_threads(7)
    assert not ledger.unsubscribe(900, guild=7)


def test_a_channel_is_held_by_one_of_many(another: Another) -> None:
    """Who comes at the same moment finds it taken; whoever holds it may take it again."""
    another().subscribe(GENERAL)
    found: dict[str, Subscription | None] = {}

    def take(name: str, ledger: Ledger) -> None:
        found[name] = ledger.hold(900, name, 60.0, behind=5)

    hosts = [threading.Thread(target=take, args=(name, another())) for name in "abcd"]
    for host in hosts:
        host.start()
    for host in hosts:
        host.join()

    [holder] = [name for name, held in found.items() if held]
    assert found[holder] == GENERAL
    assert another().hold(900, holder, 60.0, behind=5) == GENERAL
    assert another().hold(900, "late", 60.0, behind=5) is None


def test_a_channel_is_taken_over_when_its_time_is_over(ledger: Ledger, another: Another) -> None:
    """Its holder is gone; if it is only late, what it says then of the channel does not count."""
    ledger.subscribe(GENERAL)
    ledger.hold(900, "gone", -1.0, behind=5)

    assert another().hold(900, "other", 60.0, behind=5)
    ledger.let_go(900, "gone", up_to=5)
    assert ledger.hold(900, "third", 60.0, behind=5) is None

    another().let_go(900, "other", up_to=5)
    assert ledger.hold(900, "third", 60.0, behind=5) is None
    assert ledger.hold(900, "third", 60.0, behind=6)


def test_the_clock_of_the_database_says_when_a_hold_is_over(
    ledger: Ledger, another: Another, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host asks it, so that its own clock may be an hour late."""
    ledger.subscribe(GENERAL)
    ledger.hold(900, "one", 60.0, behind=5)
    late = another()
    tells = late._deeds.now

    def an_hour_on(connection: Connection) -> datetime:
        return tells(connection) + timedelta(hours=1)

    monkeypatch.setattr(late._deeds, "now", an_hour_on)
    assert late.hold(900, "other", 60.0, behind=5)


def test_a_channel_that_was_put_off_is_left_alone_for_a_while(ledger: Ledger) -> None:
    """With the trouble that it had."""
    ledger.subscribe(GENERAL)
    ledger.hold(900, "one", 60.0, behind=5)
    ledger.put_off(900, "one", "Missing Permissions", 60.0)

    assert ledger.hold(900, "one", 60.0, behind=5) is None
    assert [one.trouble for one in ledger.subscriptions()] == ["Missing Permissions"]
    ledger.subscribe(GENERAL)
    assert ledger.hold(900, "one", 60.0, behind=5)


def test_an_announcement_is_begun_once(ledger: Ledger, another: Another) -> None:
    """Who comes later is told how far it got."""
    assert ledger.begin(900, 4, "bridge") is None
    before = another().begin(900, 4, "bridge")

    assert before is not None
    assert (before.release_id, before.message, before.finished) == ("bridge", None, False)
    assert abs(before.began - datetime.now(UTC)) < timedelta(minutes=1)
    assert ledger.announced_releases(900, {"bridge"}) == set()

    another().posted(900, 4, 2**62, finished=True)
    after = ledger.begin(900, 4, "bridge")
    assert after is not None
    assert (after.message, after.finished) == (2**62, True)
    assert ledger.announced_releases(900, {"bridge", "tunnel"}) == {"bridge"}


def test_a_channel_starts_over_once(ledger: Ledger, another: Another) -> None:
    """The second process that noticed finds it done, and what was announced since is not forgotten."""
    ledger.subscribe(GENERAL)
    ledger.start_over(900, seen=3, up_to=0)
    ledger.begin(900, 1, "bridge")

    another().start_over(900, seen=3, up_to=0)

    assert ledger.begin(900, 1, "bridge") is not None
    assert [one.up_to for one in ledger.subscriptions()] == [0]
