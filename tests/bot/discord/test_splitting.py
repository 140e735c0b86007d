from __future__ import annotations

import pytest

from bot.discord.rendering import split

SENTENCE = "The ferry sails every hour to the island. "


@pytest.mark.parametrize("length", [1, 1_999, 2_000, 2_001, 20_000])
def test_no_piece_is_longer_than_a_message_and_nothing_is_lost(length: int) -> None:
    """Whatever the length."""
    text = (SENTENCE * (length // len(SENTENCE) + 1))[:length]

    pieces = split(text)

    assert all(0 < len(piece) <= 2_000 for piece in pieces)
    assert " ".join(" ".join(pieces).split()) == " ".join(text.split())


def test_a_text_is_cut_between_paragraphs_then_sentences() -> None:
    """A reader should not notice."""
    assert split("a" * 30 + "\n\n" + "b" * 30, 40) == ["a" * 30, "b" * 30]
    assert split("It is long. It goes on and on.", 20) == ["It is long.", "It goes on and on."]


@pytest.mark.parametrize(
    "whole", ["« deux mots cités »", "“two quoted words”", "[a link](https://x.fr/a)", "<https://x.fr/a>"]
)
def test_a_quotation_or_a_link_is_never_cut(whole: str) -> None:
    """The cut moves before it."""
    text = f"{'word ' * 6}{whole} {'word ' * 6}"

    assert any(whole in piece for piece in split(text, 40))


def test_a_word_longer_than_a_message_is_cut_somewhere() -> None:
    """Better than nothing at all."""
    assert split("x" * 45, 20) == ["x" * 20, "x" * 20, "x" * 5]
    assert split("   ") == []
