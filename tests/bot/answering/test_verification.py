from __future__ import annotations

import pytest

from bot.answering.verification import QuotePlace, gives_to_another
from tests.bot.releases import stored

SAID = (
    "The minister of labour, Luc Blanc, called the plant a success. “It is excellent news for Nantes,” Luc Blanc said."
)
QUOTED = "“It is excellent news for Nantes,” Luc Blanc said."


def place(quote: str) -> QuotePlace:
    start = SAID.index(quote)
    return QuotePlace(stored("plant", SAID), start, start + len(quote))


@pytest.mark.parametrize(
    ("sentence", "another"),
    [
        ("Claire Morel called it excellent news for Nantes.", True),
        ("According to Claire Morel, the plant is excellent news.", True),
        ("Luc Blanc called it excellent news for Nantes.", False),
        ("The minister called it excellent news for Nantes.", False),
        ("The European Union called it excellent news.", False),
    ],
)
def test_somebodys_words_are_not_another_persons(sentence: str, another: bool) -> None:
    """A full name that no quote names speaks against a sentence; an office, or a body, does not."""
    assert gives_to_another(sentence, [place(QUOTED)]) == another


def test_what_nobody_is_quoted_with_may_be_told_of_anybody() -> None:
    """The comparison is of speakers."""
    release = stored("plant", "A plant opens in Nantes. It is large.")

    assert not gives_to_another("Claire Morel opens a plant.", [QuotePlace(release, 0, 24)])
