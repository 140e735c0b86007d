from __future__ import annotations

from dataclasses import fields, replace

import pytest

from bot.extract.choose import choose
from bot.extract.score import Scored, Signs
from bot.extract.sentences import sentences_of
from bot.extract.terms import Term
from tests.bot.hits import a_hit, a_stored_release

NOTHING = Signs(**dict.fromkeys((field.name for field in fields(Signs)), 0.0))
JOIN, SWEDEN = (Term(word, word, frozenset({word})) for word in ("join", "sweden"))


def scored(identity: str, text: str, likelihood: float, covers: Term, **signs: float) -> Scored:
    """A sentence of a release of its own."""
    sentence = sentences_of([a_hit(a_stored_release(identity, text, language="en"))])[0]
    return Scored(sentence, replace(NOTHING, **signs), likelihood, frozenset({covers}), ())


@pytest.mark.parametrize(
    ("signs", "chosen"), [({}, ["day", "call"]), ({"unmet": 0.75}, ["day"]), ({"astray": 0.3}, ["day"])]
)
def test_a_sentence_that_lacks_what_the_best_has_is_not_added(signs: dict[str, float], chosen: list[str]) -> None:
    """A word more is worth a sentence, but not one without the date that was asked for, or about another name."""
    best = scored("day", "Sweden became a member on 7 March 2024.", 0.5, SWEDEN)
    other = scored("call", "The Allies decided to invite Finland to join.", 0.4, JOIN, **signs)

    assert [sentence.release.id for sentence in choose([best, other])] == chosen
