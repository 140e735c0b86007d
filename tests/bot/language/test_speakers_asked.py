"""Whose words a question asks for, and about what."""

from __future__ import annotations

import pytest

from bot.language.speakers import asked_speaker
from tests.language_tables import each_row


@each_row("asked_speakers.jsonl", "question", "speaker")
def test_a_question_for_somebodys_words_is_known(question: str, speaker: str | None) -> None:
    """The name as the question spells it; a document and a body are asked through what the releases say."""
    said = asked_speaker(question)

    assert (said and said.speaker) == speaker


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
