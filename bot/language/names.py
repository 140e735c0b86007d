"""Names of countries, organisations and places in a text, and those of a sentence that other texts lack. Pure.

« La Grèce », "Greek" and "Athens" lead to one country, WHO and OMS to one organisation: the gazetteer finds them by
their words, out of `countries.tsv`, `organisations.tsv` and `places.tsv` in `vectorstore/text/data`. Other names are
compared as they are spelt.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from bot.language.figures import find_figures
from vectorstore.text import rows, table
from vectorstore.text.words import fold, is_stop_word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

WORD = re.compile(r"[^\W_](?:[^\W_]|[.&](?=[^\W_]))*")
"""A word of a name; its full stops and ampersands may stand inside."""

_MOST = 14  # words of a name in the tables
_SHORTEST = 3  # letters of an abbreviation that may be typed small
_SPELLINGS = 12  # of a text


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


def may_be_typed(entry: GazetteerEntry, word: str, length: int) -> bool:
    """Whether a name is meant by what people type who search: "ukraine" and "otan", but not "us"."""
    if is_written_as(entry, word, length):
        return True
    if entry.spelt.isupper():
        return len(word) >= _SHORTEST and not is_stop_word(word, None) and folded_word(word) not in _words_too()
    return is_written_as(entry, word.capitalize(), length)


def is_name(text: str) -> bool:
    """Whether a text is nothing but a name of the tables, in small letters or large ones: "otan", "chad"."""
    return bool(name_kinds(text))


def name_kinds(text: str) -> frozenset[str]:
    """The kinds of what a text names and nothing else: `countries`, `organisations`, `places`, which cities are.

    "French" is an adjective, and names none.
    """
    found = next(find_names(text, may_be_typed), None)
    if found is None or (found.start, found.end) != (0, len(text)):
        return frozenset()
    named = (one for one in found.entries if "adjective" not in one.column)
    return frozenset("places" if "capital" in one.column else one.key.split(":")[0] for one in named)


@cache
def _words_too() -> frozenset[str]:
    return frozenset(table("abbreviations")["names"]["words"].split())


def spellings(text: str) -> tuple[str, ...]:
    """A text, and the same with its names as they are written in French and English: "NATO budget", "OTAN budget".

    Of each name that are the first one in either language and its abbreviations.
    """
    every = [text]
    for one in [*find_names(text, _is_noun)][::-1]:
        spelt = text[one.start : one.end]
        names = dict.fromkeys([spelt, *(name for entry in one.entries for name in _written(entry))])
        others = [name for name in names if name == spelt or not set(_forms(spelt)) <= set(_forms(name))]
        every = [each[: one.start] + name + each[one.end :] for each in every for name in others]
    return tuple(every[:_SPELLINGS])


def _is_noun(entry: GazetteerEntry, word: str, length: int) -> bool:
    return entry.column in {"english", "french"} and may_be_typed(entry, word, length)


def _written(entry: GazetteerEntry) -> Iterator[str]:
    kind, _, number = entry.key.partition(":")
    row = rows(kind)[int(number)]
    names = (row["english"], row["french"])
    yield from (one for some in names for one in some if one.isalpha() and one.isupper())
    yield from (some[0] for some in names)


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


_CAPITALISED = re.compile(r"(?<![\w’'-])(?:[dlDL]['’])?(?P<name>[^\W\d_a-zà-ÿ][\w-]*(?:['’](?!s\b)[\w-]+)?)")
_ALIKE = 4  # letters that a name shares with its other forms


@dataclass(frozen=True, slots=True)
class Name:
    """text[start:end], and the keys of what it may stand for; none where the tables do not know it."""

    start: int
    end: int
    keys: frozenset[str]


@lru_cache(maxsize=1024)
def known_names(text: str) -> tuple[Name, ...]:
    """The names of the tables that a text holds, the longest where one holds another."""
    found = find_names(text, is_written_as)
    return tuple(Name(one.start, one.end, frozenset(entry.key for entry in one.entries)) for one in found)


def missing_names(sentence: str, language: str | None, held: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of a sentence, as spelt, that stand in none of the texts: those of the tables, and others.

    The first word of a sentence is a name only where the tables, the sentence or a text have it as one elsewhere.
    """
    texts = tuple(held)
    keys = frozenset[str]().union(*(one.keys for text in texts for one in known_names(text)))
    words = {form for text in texts for form in _forms(text)}
    listed = known_names(sentence)
    unlisted = [
        one for one in listed if one.keys.isdisjoint(keys) and not set(_forms(sentence[one.start : one.end])) <= words
    ]
    dates = [(one.start, one.end) for one in find_figures(sentence, language)]
    others = [
        name
        for start, name in _capitalised(sentence, language, texts)
        if not any(one.start <= start < one.end for one in listed)
        and not any(a <= start < b for a, b in dates)
        and not _has(name, words)
    ]
    return tuple(sentence[one.start : one.end] for one in unlisted), tuple(others)


def _has(name: str, words: set[str]) -> bool:
    forms = list(_forms(name))
    return all(form in words or (len(form) > _ALIKE and any(_share(form, word) for word in words)) for form in forms)


def _share(form: str, word: str) -> bool:
    """Whether two words are forms of one name: Sweden, Swedish; Merkel, Merkels."""
    same = min(len(form), len(word)) - 2
    return same >= _ALIKE and form[:same] == word[:same] and abs(len(form) - len(word)) <= _ALIKE


def _capitalised(sentence: str, language: str | None, texts: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    for found in _CAPITALISED.finditer(sentence):
        name = found["name"].strip("-’'")
        if len(name) < 2 or is_stop_word(name, language):
            continue
        opens = not any(map(str.isalnum, sentence[: found.start()])) or bool(
            re.search(r"[.!?:]\W*$", sentence[: found.start()])
        )
        if opens and not (name[1:] != name[1:].lower() or _is_a_name(name, sentence[found.end() :], texts)):
            continue
        yield found.start("name"), name


def _is_a_name(word: str, rest: str, texts: tuple[str, ...]) -> bool:
    """Whether a word is capitalised inside one of some texts."""
    return any(re.search(rf"(?<=[\w,;] ){re.escape(word)}\b", text) for text in (rest, *texts))


@lru_cache(maxsize=1024)
def _forms(text: str) -> tuple[str, ...]:
    return tuple(folded_word(found.group()) for found in WORD.finditer(text))
