"""Sentences that may answer, and the lists that they announce."""

from __future__ import annotations

import pytest

from bot.answering.windows import with_list


@pytest.mark.parametrize(
    ("sentence", "items", "after"),
    [
        ("Three towns take part:", "\n\n- Bern\n- Basel\n- Biel", "\n\nIt begins in May."),
        ("Trois villes y participent :", "\n1. Berne\n2. Bâle", "\nCela commence en mai."),
        ("The jury consists of:", "\nAnna Meier and Jean Favre", "\nIt met in May."),
        ("It begins in May.", "", "\n- Bern"),
        ("Nothing comes after this:", "", ""),
    ],
)
def test_a_sentence_that_ends_in_a_colon_brings_its_list(sentence: str, items: str, after: str) -> None:
    """Or the one line that it announces."""
    text = sentence + items + after

    assert text[: with_list(text, 0, len(sentence))] == sentence + items
