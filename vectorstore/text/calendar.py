"""What both languages call months, weekdays and numbers, out of `data/calendar.toml` and `numbers.toml`.

Names are folded (`vectorstore.text.words.fold`).
"""

from __future__ import annotations

from functools import cache
from typing import Any

from vectorstore.text import LANGUAGES, table
from vectorstore.text.words import fold


@cache
def month_names(language: str) -> tuple[str, ...]:
    """The twelve months as the language writes them: "January", « janvier »."""
    return tuple(month[language][0] for month in table("calendar")["months"])


@cache
def months(*, short: bool = False) -> dict[str, int]:
    """Folded names of months to their numbers, from 1; abbreviations too if `short`."""
    return _numbered("months", first=1, short=short)


@cache
def weekdays(*, short: bool = False) -> dict[str, int]:
    """Folded names of weekdays to their numbers, from 0, Monday; abbreviations too if `short`."""
    return _numbered("weekdays", first=0, short=short)


@cache
def abbreviations(kind: str, language: str) -> frozenset[str]:
    """The short forms of the "months" or "weekdays" in a language, as they are written before a full stop."""
    return frozenset(name for row in table("calendar")[kind] for name in row[language][1:])


def _numbered(kind: str, *, first: int, short: bool) -> dict[str, int]:
    return {
        fold(name): number
        for number, row in enumerate(table("calendar")[kind], first)
        for language in LANGUAGES
        for name in (row[language] if short else row[language][:1])
    }


@cache
def cardinals() -> dict[str, int]:
    """Words for numbers below a hundred: "seven", « septante »."""
    return _of_both("cardinals")


@cache
def ordinals() -> dict[str, int]:
    """Words for places in an order, in letters and in digits: "third", « 3e »."""
    return _of_both("ordinals")


@cache
def scales(language: str | None) -> dict[str, float]:
    """What multiplies the number before it, in a text of the language: "a billion" is not « un billion »."""
    known = table("numbers")["scales"]
    return {**known["both"], **known["fr" if language == "fr" else "en"]}


def _of_both(kind: str) -> dict[str, Any]:
    return {word: value for language in LANGUAGES for word, value in table("numbers")[kind][language].items()}
