"""The lists of small words, row by row in both languages."""

from __future__ import annotations

from itertools import pairwise

import pytest

from bot.language import lexicon
from vectorstore.text import detect_language, table
from vectorstore.text.words import fold, is_stop_word


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_stop_word_is_one_with_its_accents_and_without(language: str) -> None:
    """In its own language, and where none is known."""
    words = table("stop_words")["search"][language].split()

    assert [word for word in words if not is_stop_word(word, language) or not is_stop_word(fold(word), None)] == []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_small_words_tell_their_language(language: str) -> None:
    """Any two of them that follow each other in the list."""
    words = [word for word in table("stop_words")["language"][language].split() if len(word) > 1]
    pairs = [f"{one} {other}" for one, other in pairwise(words)]

    assert [pair for pair in pairs if detect_language(pair) != language] == []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_stop_is_part_of_a_speakers_name(language: str) -> None:
    """Weekdays and months of the calendar are none either."""
    words = table("stop_words")["speakers"][language].split()

    assert [word for word in (*words, "friday", "lundi", "june", "août") if not lexicon.is_stop(fold(word))] == []
