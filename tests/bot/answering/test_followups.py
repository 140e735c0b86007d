"""A bare fragment put in the place of its like."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.answering.followups import exchanged
from bot.answering.reader import OnnxReader
from bot.answering.turns import TurnClassifier
from tests.language_tables import each_row

if TYPE_CHECKING:
    from bot.answering.followups import Likeness


@pytest.fixture(scope="module")
def likeness() -> Likeness:
    return TurnClassifier(OnnxReader()).likeness


@each_row("exchanges.jsonl", "question", "turn", "read")
def test_a_fragment_takes_the_place_of_its_like(question: str, turn: str, read: str | None, likeness: Likeness) -> None:
    """A country of a country, a year of a year: by likeness, not by a list of countries.

    What asks something of its own is no fragment: it is read beside the question before.
    """
    assert exchanged(question, turn, likeness) == read


def test_a_fragment_without_its_like_comes_at_the_end(likeness: Likeness) -> None:
    """It narrows the question."""
    read = exchanged("How many took part in it?", "And in Trident Juncture?", likeness)

    assert read == "How many took part in it in Trident Juncture?"
