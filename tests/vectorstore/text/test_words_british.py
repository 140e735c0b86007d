from __future__ import annotations

import pytest

from tests.language_tables import each_row
from vectorstore.text import words
from vectorstore.text.words import index_words


@each_row("spelling.jsonl", "word", "american")
def test_a_british_word_is_spelt_as_in_america(word: str, american: str) -> None:
    """Single words, their plurals and whole families of endings; what only looks British keeps its letters."""
    assert words.american(word) == american
    assert words.american(american) == american


@pytest.mark.parametrize(
    ("asked", "written"),
    [("revised", "revision"), ("supervised", "supervision"), ("precise", "precision"), ("televised", "television")],
)
def test_words_of_one_family_stay_together(asked: str, written: str) -> None:
    """A verb in -vise is no British one in -ise: its noun shares its stem and must go on doing so."""
    assert index_words(asked, "en") == index_words(written, "en")
