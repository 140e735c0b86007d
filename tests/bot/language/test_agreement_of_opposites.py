"""Opposites, denials, and how certain a statement is."""

from __future__ import annotations

import pytest

from bot.language import agreement
from bot.language.agreement import KINDS, stance, turned
from tests.language_tables import each_row
from vectorstore.text import table


def test_every_pair_is_turned_within_and_across_languages() -> None:
    """A word of one side in the sentence, and one of the other in the quote."""
    missed = []
    for pair in table("opposites")["opposites"]:
        for mine in ("en", "fr"):
            for its in ("en", "fr"):
                word, other = pair["one"][mine][0], pair["other"][its][0]
                one, against = stance(f"it {word} it", mine), stance(f"it {other} it", its)
                if not turned(one, against) and one.negations == against.negations:
                    missed.append((word, other))

    assert missed == []


@each_row("opposites.jsonl", "sentence", "language", "quote", "turned")
def test_a_denial_turns_it_back(sentence: str, language: str, quote: str, turned: int) -> None:
    """Where both sides are taken, nothing is told."""
    assert agreement.turned(stance(sentence, language), stance(quote, None)) == turned


@each_row("denials.jsonl", "text", "language", "count")
def test_denials_are_counted(text: str, language: str, count: int) -> None:
    """« ne … pas » is one."""
    assert stance(text, language).negations == count


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_known_in_both_languages(kind: str) -> None:
    """Each word of the lists."""
    lists = table("modality")[kind]

    missed = [
        word
        for language in ("en", "fr")
        for word in lists[language]
        if kind not in stance(f"x {word} x", language).kinds
    ]

    assert missed == []
