from __future__ import annotations

import pytest

from bot.extract.held import Held
from bot.extract.terms import terms
from vectorstore.interaction import LateInteraction
from vectorstore.subwords import built_in

QUESTION = "Quand la Suède a-t-elle rejoint l'Alliance en 2024 ?"


@pytest.fixture(scope="module")
def interaction() -> LateInteraction:
    return LateInteraction(built_in)


def words(held: Held, text: str, language: str) -> set[str]:
    """The question's words that a text holds, as they were written."""
    return {term.word for term in held.found(text, language)}


def test_a_word_is_held_in_another_language_by_its_meaning(interaction: LateInteraction) -> None:
    """« Suède » is in "Sweden joined the Alliance", and not in a sentence about its neighbour."""
    held = Held(QUESTION, terms(QUESTION, "fr"), "fr", interaction)

    assert words(held, "Sweden joined the Alliance.", "en") >= {"Suède", "rejoint", "Alliance"}
    assert "Suède" not in words(held, "Finland joined the Alliance.", "en")


def test_a_figure_is_only_held_as_it_is(interaction: LateInteraction) -> None:
    """Years lie near one another for the model; no year stands for another."""
    held = Held(QUESTION, terms(QUESTION, "fr"), "fr", interaction)

    assert "2024" in words(held, "In March 2024 it was done.", "en")
    assert "2024" not in words(held, "In March 2023 it was done.", "en")


def test_in_the_same_language_words_decide(interaction: LateInteraction) -> None:
    """A synonym is not the word that was asked for."""
    question = "Quel soutien a été promis ?"
    held = Held(question, terms(question, "fr"), "fr", interaction)

    assert words(held, "Un appui de taille.", "fr") == set()
    assert words(held, "Des soutiens promis.", "fr") == {"soutien", "promis"}


def test_without_late_interaction_nothing_is_translated() -> None:
    """Names that are spelt alike are found all the same."""
    question = "Où est né Jens Stoltenberg ?"
    held = Held(question, terms(question, "fr"), "fr")

    assert words(held, "Jens Stoltenberg was born in Oslo.", "en") == {"Jens", "Stoltenberg"}
