from __future__ import annotations

import pytest

from bot.extract.score import confidence, score
from bot.extract.sentences import sentences_of
from bot.extract.trust import ANSWERED_FROM, trust
from tests.bot.hits import a_hit, a_stored_release

OURS = "communique-fr-en-1"
TROOPS = a_stored_release("a", "L’exercice a réuni 90 000 soldats de 32 pays. Il a duré quatre mois.", title="Exercice")
BUDGET = a_stored_release("b", "Le budget commun atteint 4,6 milliards d’euros. Il croît.", title="Budget")


def sure(question: str, *, embedder: str | None = OURS, language: str = "fr") -> float:
    hits = [a_hit(TROOPS, 1), a_hit(BUDGET, 2)]
    return trust(question, hits, score(question, sentences_of(hits), language), language, embedder=embedder)


def test_a_question_on_what_is_there_is_surer_than_one_on_what_is_not() -> None:
    """The same hits hold the answer to one of two questions."""
    assert sure("Combien de soldats l’exercice a-t-il réunis ?") > sure(
        "Combien de chars la Pologne a-t-elle achetés ?"
    )


def test_without_the_quantity_asked_for_there_is_little_trust() -> None:
    """A sentence on the thing without the figure does not answer."""
    assert sure("Combien de pour cent du budget va aux chars ?") <= 0.2


@pytest.mark.parametrize(("embedder", "language"), [("another-model", "fr"), (None, "fr"), (OURS, "en")])
def test_the_signs_decide_alone_where_the_cosines_are_not_those_that_were_fitted(
    embedder: str | None, language: str
) -> None:
    """Another model's cosines, and those across languages, lie elsewhere."""
    question = "Combien de soldats l’exercice a-t-il réunis ?"
    hits = [a_hit(TROOPS, 1), a_hit(BUDGET, 2)]
    scored = score(question, sentences_of(hits), language)

    assert sure(question, embedder=embedder, language=language) == confidence(scored[0])


def test_a_single_hit_is_judged_too() -> None:
    """A store of one release has no ranking to compare."""
    hits = [a_hit(TROOPS)]
    question = "Combien de soldats ?"

    assert 0 < trust(question, hits, score(question, sentences_of(hits), "fr"), "fr", embedder=OURS) < 1


def test_who_refuses_more_often_wants_more_trust() -> None:
    """The settings stand in this order."""
    assert 0 < ANSWERED_FROM["seldom"] < ANSWERED_FROM["balanced"] < ANSWERED_FROM["often"] < 1
