"""What both languages call months, weekdays and numbers, and countries, organisations and places.

The gazetteer finds the last three in a text by their words, out of `data/countries.tsv`, `organisations.tsv` and
`places.tsv`; the others are looked up in what `data/calendar.toml` and `numbers.toml` hold. All names are folded
(`vectorstore.text.words.fold`).
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from vectorstore.text import rows, table
from vectorstore.text.language import LANGUAGES
from vectorstore.text.words import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


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


WORD = re.compile(r"[^\W_](?:[^\W_]|[.&](?=[^\W_]))*")
"""A word of a name; its full stops and ampersands may stand inside."""

_MOST = 14  # words of a name in the tables


class GazetteerEntry(NamedTuple):
    """A name of the tables: `key` is of the row, the same for all its names, `column` says which kind of name it is."""

    key: str
    spelt: str
    column: str


class Found(NamedTuple):
    """text[start:end], and the rows that it may stand for."""

    start: int
    end: int
    entries: tuple[GazetteerEntry, ...]


def folded_word(word: str) -> str:
    """A word of a name as it is looked up: "U.N." is `un`."""
    return fold(word).replace(".", "")


def find_names(text: str, accepts: Callable[[GazetteerEntry, str, int], bool]) -> Iterator[Found]:
    """The names that a text holds, in order, the longest where one holds another.

    `accepts` is asked whether an entry may be meant by its first word as the text spells it, of so many words.
    """
    words = [(found.start(), found.end(), found.group()) for found in WORD.finditer(text)]
    folded = [folded_word(word) for *_, word in words]
    names, at = _names(), 0
    while at < len(words):
        length = 1
        for many in range(min(_MOST, len(words) - at), 0, -1):
            entries = names.get(" ".join(folded[at : at + many]), ())
            if kept := tuple(one for one in entries if accepts(one, words[at][2], many)):
                yield Found(words[at][0], words[at + many - 1][1], kept)
                length = many
                break
        at += length


def is_written_as(entry: GazetteerEntry, word: str, length: int) -> bool:
    """Whether a word is written as the table has it: "US" and "WHO" are names, "us" and "who" are not."""
    if length > 1:
        return True
    if entry.spelt.isupper():
        return word.replace(".", "") == entry.spelt.replace(".", "")
    return entry.spelt.islower() or word[:1].isupper()


@cache
def _names() -> dict[str, tuple[GazetteerEntry, ...]]:
    """Folded names, a blank between their words, to what they stand for."""
    made: dict[str, dict[GazetteerEntry, None]] = {}
    for kind in ("countries", "organisations", "places"):
        for number, row in enumerate(rows(kind)):
            for column, names in row.items():
                for name in names if column != "code" else ():
                    folded = " ".join(folded_word(found.group()) for found in WORD.finditer(name))
                    made.setdefault(folded, {})[GazetteerEntry(f"{kind}:{number}", name, column)] = None
    return {name: tuple(entries) for name, entries in made.items()}
