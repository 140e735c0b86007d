"""Words that turn a statement round: opposites, negations, and how certain it is; within and across languages. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from vectorstore.text.tables import table
from vectorstore.text.words import fold

KINDS = ("planned", "possible", "conditional", "denied", "exclusive", "superlative", "cause")
"""The lists of `modality.toml`."""

_LANGUAGES = ("en", "fr")


@dataclass(frozen=True, slots=True)
class Stance:
    """How often a text denies, which sides of which opposites it takes, and which of `KINDS` it holds."""

    negations: int
    sides: frozenset[tuple[int, bool]]
    kinds: frozenset[str]


def stance(text: str, language: str | None) -> Stance:
    """The stance of a text; one whose language is not known is read in both."""
    return _stance(text, language)


def turned(sentence: Stance, quote: Stance) -> int:
    """Over how many opposites a sentence and its quote take different sides; both where both deny, or neither does."""
    mine, its = _only(sentence.sides), _only(quote.sides)
    if sentence.negations % 2 != quote.negations % 2:
        return 0
    return sum(family in its and its[family] != side for family, side in mine.items())


def _only(sides: frozenset[tuple[int, bool]]) -> dict[int, bool]:
    """The families of which one side alone is taken."""
    return {family: side for family, side in sides if (family, not side) not in sides}


@lru_cache(maxsize=1024)
def _stance(text: str, language: str | None) -> Stance:
    folded = fold(text)
    codes = (language,) if language in _LANGUAGES else _LANGUAGES
    negations, sides, kinds = 0, set[tuple[int, bool]](), set[str]()
    for code in codes:
        words = _words(code)
        negations += len(words.negations.findall(folded))
        sides |= {side for found in words.pairs.findall(folded) for side in words.sides[found]}
        kinds |= {kind for kind, pattern in words.kinds.items() if pattern.search(folded)}
    return Stance(negations, frozenset(sides), frozenset(kinds))


@dataclass(frozen=True, slots=True)
class _Words:
    sides: dict[str, set[tuple[int, bool]]]
    pairs: re.Pattern[str]
    negations: re.Pattern[str]
    kinds: dict[str, re.Pattern[str]]


@cache
def _words(language: str) -> _Words:
    sides: dict[str, set[tuple[int, bool]]] = {}
    for number, pair in enumerate(table("opposites")["opposites"]):
        for side, name in ((True, "one"), (False, "other")):
            for word in pair[name].get(language, ()):
                sides.setdefault(fold(word), set()).add((number, side))
    lists = table("modality")
    return _Words(
        sides,
        _any(sides),
        _negations(language),
        {kind: _any(map(fold, lists[kind][language])) for kind in KINDS},
    )


_ALONE = {
    "en": "not|never|no|none|nor|neither|nobody|nothing|without|cannot|nowhere|unable to|"
    "fail(?:s|ed|ing)? to|lack(?:s|ed|ing)?",
    "fr": "non|aucune?|sans|ni|jamais|pas d[e'u]|nul(?:le)?|ne",
}
_BEHIND_NE = "pas|plus|jamais|aucune?|rien|personne|ni|guere"


def _negations(language: str) -> re.Pattern[str]:
    """One match for each denial: « ne … pas » is one."""
    alone = rf"\b(?:{_ALONE[language]})\b"
    if language == "fr":
        return re.compile(rf"\b(?:ne|n')\s?(?:[\w'-]+\s){{1,4}}?(?:{_BEHIND_NE})\b|{alone}|\bn'\w+\b")
    return re.compile(rf"{alone}|n't\b")


def _any(words: object) -> re.Pattern[str]:
    longest = sorted(words, key=lambda word: (-len(word), word))  # type: ignore[call-overload]
    return re.compile(rf"(?<![\w'])(?:{'|'.join(map(re.escape, longest))})(?!\w)")
