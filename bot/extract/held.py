"""Which words of a question a text holds: in a related form, or in the other language by what they mean."""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import islice
from typing import TYPE_CHECKING

from bot.extract.terms import forms

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.extract.terms import Term
    from bot.retrieve import Interaction
    from vectorstore.interaction import Alignment

_PLACES = 3  # of one word that are compared: it means the same wherever it stands
_TRANSLATED = 0.6  # cosine; « Suède » and "Sweden" have .94, « Suède » and "Finland" .10, « Iran » and "Iraq" .01


class Held:
    """Looks for the words of one question; remembers what it found in each text.

    `language` is the question's. Texts in another language are compared by meaning too, where `compares` is given.
    """

    def __init__(
        self, question: str, asked: Sequence[Term], language: str | None, compares: Interaction | None = None
    ) -> None:
        self._question = question
        self._asked = asked
        self._language = language
        self._compares = compares
        self._places = {term: _places(term.word, question) for term in asked}
        self._known: dict[tuple[str, str | None], frozenset[Term]] = {}

    def found(self, text: str, language: str | None) -> frozenset[Term]:
        """Those of the question's words that a text in some language holds."""
        if (text, language) not in self._known:
            covers = found(self._asked, text, language)
            if self._compares and text and language and self._language and language != self._language:
                covers |= self._translated(self._compares, text)
            self._known[text, language] = covers
        return self._known[text, language]

    def _translated(self, compares: Interaction, text: str) -> frozenset[Term]:
        """Words of which every piece has its like in the text. A figure is a figure in every language."""
        pieces = compares.align(self._question, text)
        starts = [piece.question[0] for piece in pieces]
        return frozenset(
            term
            for term, places in self._places.items()
            if not any(map(str.isdigit, term.word)) and any(_is_like(place, pieces, starts) for place in places)
        )


def found(asked: Iterable[Term], text: str, language: str | None) -> frozenset[Term]:
    """Those words of a question that a text holds, in the same or in a related form."""
    held = forms(text, language)
    return frozenset(term for term in asked if not held.isdisjoint(term.forms))


def _places(word: str, question: str) -> tuple[tuple[int, int], ...]:
    found = re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", question)
    return tuple(match.span() for match in islice(found, _PLACES))


def _is_like(place: tuple[int, int], pieces: Sequence[Alignment], starts: Sequence[int]) -> bool:
    """Whether the pieces in a place of the question, which `starts` in order, have their like."""
    start, end = place
    among = pieces[bisect_left(starts, start) : bisect_left(starts, end)]
    inside = [piece.likeness for piece in among if piece.question[1] <= end]
    return bool(inside) and min(inside) >= _TRANSLATED
