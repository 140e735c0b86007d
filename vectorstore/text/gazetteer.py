"""Names of countries, organisations and places in both languages, found in a text by their words."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from vectorstore.text.tables import rows
from vectorstore.text.words import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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
    for table in ("countries", "organisations", "places"):
        for number, row in enumerate(rows(table)):
            for column, names in row.items():
                for name in names if column != "code" else ():
                    folded = " ".join(folded_word(found.group()) for found in WORD.finditer(name))
                    made.setdefault(folded, {})[GazetteerEntry(f"{table}:{number}", name, column)] = None
    return {name: tuple(entries) for name, entries in made.items()}
