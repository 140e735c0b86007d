"""Words as questions and sentences are compared by: as they are spelt, without accents and case, and by their stems."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from vectorstore.words import fold as without_accents
from vectorstore.words import index_words, is_stop_word, query_words

_WORD = re.compile(r"[^\W_]+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class Term:
    """A word of a question that means something by itself: as written, folded, and the forms that it is found by."""

    word: str
    surface: str
    forms: frozenset[str]


def fold(text: str) -> str:
    """A text without accents and case, with straight apostrophes."""
    return without_accents(text).casefold().replace("’", "'")


def surfaces(text: str) -> list[str]:
    """Every word of a text in its order, folded; stop words too."""
    return _WORD.findall(fold(text))


def terms(question: str, language: str | None) -> tuple[Term, ...]:
    """The words of a question that are not stop words, in their order, each once."""
    words = [word for word in _WORD.findall(question) if not is_stop_word(word, language)]
    return tuple(Term(word, fold(word), _query_forms(word, language)) for word in dict.fromkeys(words))


@lru_cache(maxsize=8192)
def forms(text: str, language: str | None) -> frozenset[str]:
    """The forms that a sentence or a title is found by."""
    return frozenset(index_words(text, language))


@lru_cache(maxsize=8192)
def _query_forms(word: str, language: str | None) -> frozenset[str]:
    return frozenset(form for group in query_words(word, language) for form in group)
