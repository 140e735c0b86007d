from __future__ import annotations

from collections import Counter

import pytest

from bot.extract.terms import Term, terms
from bot.extract.weights import is_light, names_among, weigh, weighty

TEXTS = ("Le parlement a siégé mardi.", "Avec la Finlande, le parlement a voté.")


def words(found: object) -> set[str]:
    assert isinstance(found, (frozenset, tuple))
    return {term.word for term in found if isinstance(term, Term)}


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("quand la finlande a-t-elle voté", {"finlande"}),
        ("Quand le parlement a-t-il voté ?", set()),
        ("Que coûte le F35 de l'OTAN en 2024 ?", {"F35", "OTAN", "2024"}),
        ("Que dit Ann Lee ?", {"Ann", "Lee"}),
    ],
)
def test_names_are_known_by_their_capitals_in_the_question_or_the_texts(question: str, names: set[str]) -> None:
    """People type in lower case; releases do not."""
    assert words(names_among(question, terms(question, "fr"), TEXTS)) == names


def test_names_weigh_more_and_words_of_asking_less() -> None:
    """« montant » stands in no sentence, and tells nothing all the same."""
    asked = terms("montant promis Finlande", "fr")
    amount, promised, name = asked

    weights = weigh(asked, Counter({promised: 1, name: 1}), 10, frozenset({name}))

    assert weights[name] > weights[promised] > weights[amount]
    assert sum(weights.values()) == pytest.approx(1)
    assert is_light(amount)


def test_an_unseen_word_weighs_less_than_a_rare_one() -> None:
    """In a small corpus it is missing as often because people put it otherwise."""
    unseen, rare = asked = terms("endommagé câble", "fr")

    weights = weigh(asked, Counter({rare: 1}), 40, frozenset())

    assert weights[unseen] < weights[rare]


def test_weighty_words_are_names_and_nouns_but_no_verbs() -> None:
    """« doit » and « passer » are not worth telling; the price and Geneva are."""
    question = "Le pont doit-il passer par Genève quel que soit le prix du pétrole ?"
    asked = terms(question, "fr")

    found = weighty(question, asked, names_among(question, asked, ()))

    assert words(found) == {"pont", "Genève", "prix", "pétrole"}
