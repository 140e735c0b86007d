"""Names that a sentence gives and a text holds, in either language: countries, capitals, organisations, places. Pure.

« la Grèce », "Greek" and "Athens" lead to one country, WHO and OMS to one organisation (`vectorstore/text/data`).
Other names are compared as they are spelt.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from bot.language.figures import find_figures
from vectorstore.text.gazetteer import WORD, find_names, folded_word, is_written_as
from vectorstore.text.words import is_stop_word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_CAPITALISED = re.compile(r"(?<![\w’'-])(?:[dlDL]['’])?(?P<name>[^\W\d_a-zà-ÿ][\w-]*(?:['’](?!s\b)[\w-]+)?)")
_ALIKE = 4  # letters that a name shares with its other forms


@dataclass(frozen=True, slots=True)
class Name:
    """text[start:end], and the keys of what it may stand for; none where the tables do not know it."""

    start: int
    end: int
    keys: frozenset[str]


def known_names(text: str) -> tuple[Name, ...]:
    """The names of the tables that a text holds, the longest where one holds another."""
    return _known(text)


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


@lru_cache(maxsize=1024)
def _known(text: str) -> tuple[Name, ...]:
    found = find_names(text, is_written_as)
    return tuple(Name(one.start, one.end, frozenset(entry.key for entry in one.entries)) for one in found)
