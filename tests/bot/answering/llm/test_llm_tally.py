"""Tokens, told or estimated."""

from __future__ import annotations

from bot.answering.llm import Chunk, ModelPolicy, TokenTally, used
from bot.answering.types import Usage


def ended(asked: int, *chunks: Chunk) -> TokenTally:
    tally = TokenTally(asked)
    for chunk in chunks:
        tally.add(chunk)
    tally.ended = True
    return tally


def test_tokens_told_in_parts_are_added() -> None:
    """Some providers tell the question's at the beginning and the reply's at the end."""
    tally = ended(100, Chunk("", 12), Chunk("a reply"), Chunk("", 0, 5))

    assert used([tally], ModelPolicy("a:b", input_price=1, output_price=2)) == Usage(12, 5, 22e-6)


def test_sums_told_with_every_piece_are_not_added() -> None:
    """The last one counts."""
    tally = ended(100, Chunk("a", 10, 1), Chunk("b", 10, 2), Chunk("c", 10, 3))

    assert used([tally], ModelPolicy("a:b")) == Usage(10, 3)


def test_nothing_told_is_estimated() -> None:
    """Four characters a token, rounded up."""
    assert used([ended(10, Chunk("abcde"))], ModelPolicy("a:b")) == Usage(3, 2, estimated=True)


def test_a_reply_that_broke_off_counts_what_was_said() -> None:
    """The provider's first figures stand for the beginning alone."""
    tally = TokenTally(100)
    tally.add(Chunk("twenty characters ..", 12, 1))

    assert used([tally], ModelPolicy("a:b")) == Usage(12, 5, estimated=True)


def test_a_refused_question_costs_nothing() -> None:
    """And one of two attempts adds up with the other; a single price is no price."""
    assert used([TokenTally(100), ended(8, Chunk("a", 2, 1))], ModelPolicy("a:b", input_price=1)) == Usage(2, 1)
