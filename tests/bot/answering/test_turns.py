"""Which kind of turn somebody typed."""

from __future__ import annotations

import pytest

from bot.answering.reader import OnnxReader
from bot.answering.turns import (
    PHRASES,
    TurnClassifier,
    TurnKind,
    asks_for_releases,
    known_phrases,
    opening,
    questions_in,
)
from tests.language_tables import each_row

BEFORE = "When did Sweden join NATO?"


@pytest.fixture(scope="module")
def classify() -> TurnClassifier:
    return TurnClassifier(OnnxReader())


@each_row("kinds.jsonl", "turn", "kind")
def test_kinds_are_told_apart(classify: TurnClassifier, turn: str, kind: str) -> None:
    """In a conversation."""
    assert classify(turn, BEFORE).kind is TurnKind(kind)


@pytest.mark.parametrize("turn", ["And what does that cost?", "no, the other country", "et pour les femmes ?"])
def test_at_the_beginning_nothing_leans(classify: TurnClassifier, turn: str) -> None:
    """There is nothing to lean on, and it is searched as it is."""
    assert classify(turn).kind is TurnKind.NEW


@pytest.mark.parametrize("turn", ["?", "!!!", "🎉", "x", "…", "a"])
def test_a_sign_or_a_letter_is_no_question(classify: TurnClassifier, turn: str) -> None:
    """Somebody slipped, or wants to see whether anybody is there."""
    assert (classify(turn).kind, classify(turn).intent) == (TurnKind.COURTESY, "presence")


def test_a_phrase_is_known_however_it_is_spelt(classify: TurnClassifier) -> None:
    """Case, accents and signs are nothing."""
    for turn in ("MERCI BEAUCOUP !", "merci beaucoup", "Merci  beaucoup..."):
        guess = classify(turn)
        assert (guess.kind, guess.intent, guess.likelihood) == (TurnKind.COURTESY, "thanks", 1.0)


def test_a_very_long_turn_takes_its_beginning(classify: TurnClassifier) -> None:
    """A greeting said two thousand times is one."""
    assert classify("goodbye " * 2_000).kind is TurnKind.COURTESY


@pytest.mark.parametrize(
    ("turn", "kind", "rest"),
    [
        ("thanks! And who won the race?", TurnKind.COURTESY, "And who won the race?"),
        ("Changeons de sujet : qui dirige le fonds ?", TurnKind.RESET, "qui dirige le fonds ?"),
        ("Hello - when does it open?", TurnKind.COURTESY, "when does it open?"),
    ],
)
def test_a_courtesy_before_a_question_is_taken_off(turn: str, kind: TurnKind, rest: str) -> None:
    """What is asked comes after it."""
    head, said = opening(turn)

    assert head is not None
    assert (head.kind, said) == (kind, rest)


@pytest.mark.parametrize(
    "turn",
    [
        "Qui a gagné ? Merci d’avance.",
        "Qui a gagné ? Cordialement, Paul",
        "Qui a gagné ? Merci !",
        "Qui a gagné ? Best regards, Tom",
    ],
)
def test_a_courtesy_behind_a_question_is_taken_off(turn: str) -> None:
    """People write to a bot as they write letters."""
    assert opening(turn) == (None, "Qui a gagné ?")


@pytest.mark.parametrize(
    "turn",
    [
        "Who won? Anna or Ben",
        "Quel est le budget ? Merci, mais en 2023.",
        "Who won? Thanks. And the race?",
        "Who won: Anna or Ben?",
        "thanks!",
        "St. Gallen: how many people came?",
    ],
)
def test_nothing_else_is_taken_off(turn: str) -> None:
    """Neither the subject before a colon, nor a courtesy that is all there is."""
    assert opening(turn) == (None, turn)


def test_every_phrase_has_a_reply_and_every_intent_phrases() -> None:
    """In both languages; none stands under two intents, for each is kept once."""
    import tomllib

    from bot.answering.replies import REPLIES

    listed = tomllib.loads(PHRASES.read_text("utf-8"))
    asked = {"more", "challenge"}  # these search
    for kind, intents in listed.items():
        for intent, languages in intents.items():
            assert languages.keys() == {"fr", "en"}
            assert kind in asked or intent == "language" or REPLIES[kind][intent].keys() >= {"fr", "en"} \
                or intent == "speaker", intent  # fmt: skip
    phrases = [one for intents in listed.values() for by in intents.values() for some in by.values() for one in some]
    assert len(known_phrases()) > 0.97 * len(phrases)


@each_row("questions.jsonl", "text", "parts")
def test_two_questions_in_one_are_told_apart(text: str, parts: list[str]) -> None:
    """Each has a word that asks; one question stays one, however many things it names."""
    assert list(questions_in(text)) == parts


@pytest.mark.parametrize("turn", ["Combien en ?", "how many", "how many en", "combien de personnes parlent", "en"])
def test_what_names_no_release_counts_none(turn: str) -> None:
    """However short it is."""
    assert not asks_for_releases(turn)
