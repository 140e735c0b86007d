"""Words as somebody in a hurry types them."""

from __future__ import annotations

import random

from datasets.spelling import mistyped


def test_a_mistyped_word_keeps_its_first_and_last_letter_or_nearly() -> None:
    """It has one letter more, one less, or as many; never another first letter."""
    chance = random.Random(1)

    typed = {mistyped("harbour", chance) for _ in range(200)}

    assert all(word[0] == "h" and abs(len(word) - 7) <= 1 for word in typed)
    assert len(typed) > 20
