"""Questions that could not be answered, in a file and on a server: without who asked, and only for so long."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.operations.questions import ask_of
from bot.state.ledger import Ledger
from bot.state.questions import AnswerPlace, Wish
from vectorstore.types import Filter, Scope

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bot.state.ledger import ServerDatabase

    Another = Callable[[], Ledger]

WHERE = Filter(("en",), ("NATO", "ESA"), since=datetime(2024, 1, 1, tzinfo=UTC))
QUOTE = AnswerPlace("ariane", 2, 10, 40)


@pytest.fixture
def another(tmp_path: Path, deeds: Callable[[], ServerDatabase | None]) -> Another:
    """Opens the one ledger for one more process."""
    return lambda: Ledger(tmp_path / "discord.sqlite3", deeds())


@pytest.fixture
def ledger(another: Another) -> Ledger:
    return another()


def keep(ledger: Ledger, question: str = "When does Ariane fly?", where: Filter = WHERE, up_to: int = 7) -> str:
    return ledger.questions.keep(question, language="en", where=where, reason="no sentence", up_to=up_to)


def test_a_question_is_kept_with_its_bounds_and_counted(ledger: Ledger, another: Another) -> None:
    """In whatever capitals and order of publishers; within other bounds it is another question."""
    identity = keep(ledger)
    again = keep(another(), "when does ariane fly?", Filter(("en",), ("ESA", "NATO"), since=WHERE.since), up_to=9)
    elsewhere = keep(ledger, where=Filter())

    assert again == identity != elsewhere
    kept = ledger.questions.get(identity)
    assert kept is not None
    assert (kept.question, kept.language, kept.reason, kept.times, kept.up_to) == (
        "When does Ariane fly?", "en", "no sentence", 2, 9,
    )  # fmt: skip
    assert kept.where == Filter(("en",), ("ESA", "NATO"), since=WHERE.since)
    assert kept.first <= kept.last
    assert abs(kept.last - datetime.now(UTC)) < timedelta(minutes=1)
    assert [one.id for one in ledger.questions.all(since=datetime.now(UTC) + timedelta(hours=1))] == []


def test_what_could_be_seen_is_among_the_bounds_of_a_question(ledger: Ledger) -> None:
    """Whole, in whatever order it is given; the same question is another where something else could be seen."""
    scopes = Scope(("NATO",), ("https://a.example/feed", "https://b.example/feed")), Scope(("ESA", "NATO"))
    turned = Scope(("NATO", "ESA")), Scope(("NATO",), ("https://b.example/feed", "https://a.example/feed"))

    identity = keep(ledger, where=replace(WHERE, scopes=scopes))

    kept = ledger.questions.get(identity)
    assert kept is not None
    assert {(frozenset(one.publishers), frozenset(one.sources)) for one in ask_of(kept).where.scopes} == {
        (frozenset(one.publishers), frozenset(one.sources)) for one in scopes
    }
    assert keep(ledger, where=replace(WHERE, scopes=turned)) == identity
    assert len({identity, keep(ledger), keep(ledger, where=replace(WHERE, scopes=scopes[:1]))}) == 3


def test_each_is_taken_by_one_process_until_it_was_asked(ledger: Ledger, another: Another) -> None:
    """Or until whoever took it is gone; only where something came in since."""
    identity = keep(ledger, up_to=7)

    assert ledger.questions.take(7, 60) is None
    taken = ledger.questions.take(8, 60)
    assert taken is not None
    assert taken.id == identity
    assert another().questions.take(8, 60) is None
    ledger.questions.asked(identity, up_to=8)
    assert another().questions.take(8, 60) is None
    assert another().questions.take(9, -1) is not None
    assert ledger.questions.take(9, 60) is not None


def test_an_answer_is_a_place_in_a_release_that_can_be_taken_down(ledger: Ledger) -> None:
    """Then the question is open again, as it is where somebody asks in vain once more."""
    identity = keep(ledger)

    assert ledger.questions.answer(identity, QUOTE, up_to=8)
    assert not ledger.questions.answer(identity, QUOTE, up_to=8)
    answered = ledger.questions.get(identity)
    assert answered is not None
    assert answered.quote == QUOTE
    assert answered.answered is not None
    assert ledger.questions.take(99, 60) is None

    ledger.questions.forget_release("ariane")
    reopened = ledger.questions.get(identity)
    assert reopened is not None
    assert (reopened.answered, reopened.quote) == (None, None)

    ledger.questions.answer(identity, QUOTE, up_to=8)
    keep(ledger)
    assert ledger.questions.take(99, 60) is not None


def test_who_wishes_to_be_told_is_kept_until_they_are(ledger: Ledger) -> None:
    """And no longer where they say so; nobody is told before there is an answer."""
    identity = keep(ledger)

    assert ledger.questions.wish(identity, 1, locale="fr") is True
    assert ledger.questions.wish(identity, 2, locale="en") is True
    assert ledger.questions.wish(identity, 2, locale="en") is False
    assert ledger.questions.wish("0" * 16, 3, locale="en") is None
    assert ledger.questions.to_tell(9) == []

    ledger.questions.answer(identity, QUOTE, up_to=8)
    assert ledger.questions.to_tell(9) == [Wish(identity, 1, "fr")]
    ledger.questions.granted(Wish(identity, 1, "fr"))
    assert ledger.questions.to_tell(9) == []


def test_what_is_forgotten_is_gone_with_its_wishes(ledger: Ledger, tmp_path: Path) -> None:
    """After its days, or by its id; not a byte of it stays in the file."""
    old, other = keep(ledger, "Where does Zéphyrine live?"), keep(ledger, "And Ariane?")
    for one in (old, other):
        ledger.questions.wish(one, 1, locale="en")

    assert ledger.questions.forget([old, "0" * 16]) == 1
    assert ledger.questions.get(old) is None
    assert ledger.questions.forget_old(timedelta(days=1)) == 0
    assert ledger.questions.forget_old(timedelta(seconds=-1)) == 1
    assert ledger.questions.all() == []
    with ledger.database.transaction() as connection:
        assert connection.execute("SELECT COUNT(*) FROM main.wishes").fetchall() == [(0,)]
    file = tmp_path / "discord.sqlite3"
    assert not file.exists() or "Zéphyrine".encode() not in file.read_bytes()


def test_a_store_that_is_made_anew_counts_from_one(ledger: Ledger) -> None:
    """The questions go on from there."""
    identity = keep(ledger, up_to=70)

    ledger.questions.start_over(3)

    assert ledger.questions.take(3, 60) is None
    taken = ledger.questions.take(4, 60)
    assert taken is not None
    assert taken.id == identity


def test_a_person_is_forgotten_with_all_they_wished_for(ledger: Ledger) -> None:
    """The questions name nobody, and stay."""
    identity = keep(ledger)
    ledger.questions.wish(identity, 1, locale="en")
    ledger.questions.answer(identity, QUOTE, up_to=8)

    ledger.questions.forget_person(1)

    assert ledger.questions.to_tell(9) == []
    assert ledger.questions.get(identity) is not None
