"""A bare fragment put in the place of its like."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.answering.reader import OnnxReader
from bot.answering.turns import TurnClassifier
from bot.answering.turns.followups import exchanged, questions_in

if TYPE_CHECKING:
    from bot.answering.turns.followups import Likeness


@pytest.fixture(scope="module")
def likeness() -> Likeness:
    return TurnClassifier(OnnxReader()).likeness


@pytest.mark.parametrize(
    ("question", "turn", "read"),
    [
        ("When did Sweden join NATO?", "And Finland?", "When did Finland join NATO?"),
        ("When did Sweden join NATO?", "no I meant Norway", "When did Norway join NATO?"),
        (
            "Quand la Suède a-t-elle rejoint l’OTAN ?",
            "Et la Finlande ?",
            "Quand la Finlande a-t-elle rejoint l’OTAN ?",
        ),
        ("when did sweden join nato", "and denmark", "when did denmark join nato"),
        ("How much was exported in 2021?", "and in 2022?", "How much was exported in 2022?"),
        ("How many men finished the race?", "and women?", "How many women finished the race?"),
        ("Who hosted the Vilnius summit?", "what about Madrid", "Who hosted the Madrid summit?"),
    ],
)
def test_a_fragment_takes_the_place_of_its_like(question: str, turn: str, read: str, likeness: Likeness) -> None:
    """A country of a country, a year of a year: by likeness, not by a list of countries."""
    assert exchanged(question, turn, likeness) == read


def test_a_fragment_without_its_like_comes_at_the_end(likeness: Likeness) -> None:
    """It narrows the question."""
    read = exchanged("How many took part in it?", "And in Trident Juncture?", likeness)

    assert read == "How many took part in it in Trident Juncture?"


@pytest.mark.parametrize("turn", ["who led it?", "why?", "combien de navires ?", "and the year before?", "how come"])
def test_what_asks_something_of_its_own_is_no_fragment(turn: str, likeness: Likeness) -> None:
    """It is read beside the question before."""
    assert exchanged("When did Sweden join NATO?", turn, likeness) is None


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "When does it open, and how much does a ticket cost?",
            ("When does it open", "how much does a ticket cost?"),
        ),
        ("Qui l’a signé et quand entre-t-il en vigueur ?", ("Qui l’a signé", "quand entre-t-il en vigueur ?")),
        ("When does it open? What does it cost?", ("When does it open?", "What does it cost?")),
    ],
)
def test_two_questions_in_one_are_told_apart(text: str, parts: tuple[str, ...]) -> None:
    """Each has a word that asks."""
    assert questions_in(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        "Who said what and when?",
        "What do Norway and Sweden pay?",
        "Where and when was it signed?",
        "Que disent la Suède et la Finlande ?",
        "",
    ],
)
def test_one_question_stays_one(text: str) -> None:
    """However many things it names."""
    assert questions_in(text) == (text,)
