"""How much two pages have in common, for whoever has to tell whether one may stand in the place of the other."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

from vectorstore.text.words import index_words

if TYPE_CHECKING:
    from collections.abc import Sequence

# Measured on 4,500 releases: see docs/decisions/0039.
_TITLES = 60.0
_TEXTS = 0.15
_THE_SAME = 0.8


class Worded(Protocol):
    """What has a title and a text: a release, one that is stored, a page that was kept aside."""

    @property
    def title(self) -> str:
        """Its title."""
        ...

    @property
    def text(self) -> str:
        """What is quoted from it."""
        ...


def is_foreign(one: Worded, other: Worded) -> bool:
    """Whether the texts have next to nothing in common: hardly a pair of words of the smaller stands in the larger."""
    first, second = _pairs(one.text), _pairs(other.text)
    return len(first & second) < _TEXTS * min(len(first), len(second))


def has_another_title(one: Worded, other: Worded) -> bool:
    """Whether few words follow each other in both titles. One that both have does not make them alike, several do.

    Their order counts: "prices fell in May" and "prices rose in June" are of two releases.
    """
    from rapidfuzz import fuzz

    first, second = (index_words(worded.title, None) for worded in (one, other))
    if first == second:
        return False
    if min(len(first), len(second)) < 2:
        return True
    return fuzz.ratio(first, second) < _TITLES


def is_another(one: Worded, other: Worded) -> bool:
    """Whether two pages are of two releases: foreign texts, or other titles over texts that are not the same."""
    return is_foreign(one, other) or (has_another_title(one, other) and not is_the_same(one, other))


def is_the_same(one: Worded, other: Worded) -> bool:
    """Whether two pages say the same, but for what changes at each request: an address, a number, a time."""
    first, second = (_pairs(f"{worded.title}\n{worded.text}") for worded in (one, other))
    return 2 * len(first & second) >= _THE_SAME * (len(first) + len(second))


def _pairs(text: str) -> set[tuple[str, ...]]:
    words: Sequence[str] = index_words(text, None)
    return set(pairwise(words)) or {tuple(words)}
