"""Whose words a question asks for, and about what."""

from __future__ import annotations

import pytest

from bot.language.attribution import asked_speaker


@pytest.mark.parametrize(
    ("question", "speaker"),
    [
        ("What did the Secretary General say about Ukraine?", "the Secretary General"),
        ("what did mark rutte say on defence spending", "mark rutte"),
        ("What does Jane Doe think of the plan?", "Jane Doe"),
        ("Quote Jane Doe on the budget", "Jane Doe"),
        ("How did the mayor of Bergen react to the storm?", "the mayor of Bergen"),
        ("What was the minister's comment on the strike?", "the minister"),
        ("What is the position of Jane Doe on trade?", "Jane Doe"),
        ("What did Jane Doe say?", "Jane Doe"),
        ("Qu’a dit le secrétaire général sur l’Ukraine ?", "le secrétaire général"),
        ("Qu'a déclaré Mme Dupont à propos du budget ?", "Mme Dupont"),
        ("Que pense la ministre de la Défense de l’accord ?", "la ministre de la Défense"),
        ("Quelle est la position de M. Dupont sur la taxe ?", "M. Dupont"),
        ("Comment la présidente a-t-elle réagi à la grève ?", "la présidente"),
    ],
)
def test_a_question_for_somebodys_words_is_known(question: str, speaker: str) -> None:
    """The name as the question spells it."""
    said = asked_speaker(question)

    assert said is not None
    assert said.speaker == speaker


@pytest.mark.parametrize(
    ("question", "verbatim"),
    [
        ("What did Jane Doe say about trade?", True),
        ("Qu’a déclaré Mme Dupont ?", True),
        ("Quote Jane Doe on trade", True),
        ("What is the position of Jane Doe on trade?", False),
        ("Comment la présidente a-t-elle réagi à la grève ?", False),
    ],
)
def test_words_are_told_from_a_position(question: str, verbatim: bool) -> None:
    """A position may be reported; what somebody said must be quoted."""
    said = asked_speaker(question)

    assert said is not None
    assert said.verbatim is verbatim


@pytest.mark.parametrize(
    "question",
    [
        "Who said that the plan failed?",
        "When did Sweden join NATO?",
        "What does the report say about prices?",
        "What did NATO say on Russia?",
        "What did he say?",
        "Who did the Secretary General meet?",
        "How many people did the minister invite?",
        "What is the plan for 2024?",
        "According to Jane Doe, when does the bridge open?",
        "What does the word mean?",
        "What theory best explains the fall?",
        "Comment le pont a-t-il été réparé ?",
        "Selon Jeanne Dupont, quand le pont ouvre-t-il ?",
        "Que dit la loi ?",
        "Qui a dit cela ?",
        "Que prévoit la Commission pour 2024 ?",
        "Où la ministre s’est-elle rendue ?",
        "Combien de soldats la France envoie-t-elle ?",
        "Pourquoi le prix du gaz a-t-il augmenté ?",
    ],
)
def test_other_questions_ask_for_nobodys_words(question: str) -> None:
    """A document and a body are asked through what the releases say."""
    assert asked_speaker(question) is None
