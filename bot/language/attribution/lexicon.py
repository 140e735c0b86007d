"""A paragraph as words, each quotation one of them, and what words tell: a person from a body or a document.

What is looked up is folded.
"""

from __future__ import annotations

import re
from bisect import bisect
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from vectorstore.text.calendar import months, weekdays
from vectorstore.text.tables import table
from vectorstore.text.words import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

QUOTED = '"'  # what a whole quotation reads as
_ENDS = frozenset(".!?…")
_UPPER = "".join(chr(code) for code in range(0x41, 0x530) if chr(code).isupper())
_TOKEN = re.compile(
    rf"""
    \b Ph\.D\.?
  | \b (?: MM? | Mr | Mrs | Ms | Dr | Prof | Pr | St | Ste | Mgr | Gen | Lt | Col | Capt | Sen | Rep | Gov | Sgt | Adm
         | Hon
         | Rev | Jr | Sr ) \. (?= \s* [\w,] )
  | \b (?: Inc | Ltd | Corp | Co | Dept | Univ | Assoc | Bros | vs | art ) \. (?= \s* (?: [a-z,(] | of\b ) )
  | \b (?: [{_UPPER}] \. )+ (?: - [{_UPPER}] \. )? (?= \s* [\w,.] )
  | \b (?: [cdjlmnstCDJLMNST] | [Qq]u | [Jj]usqu | [Ll]orsqu | [Pp]uisqu ) ['’] (?= \w )
  | \w+ (?: ['’\-‐‑] \w+ | \. (?= [a-z]{{2,3}} \b ) \w+ )*
  | [^\w\s]
    """,
    re.VERBOSE,
)


class Word(NamedTuple):
    """text[start:end], and how it is looked up; a quotation's look-up form is QUOTED."""

    start: int
    end: int
    text: str
    folded: str

    @property
    def is_cap(self) -> bool:
        """Whether it opens with a capital letter."""
        return self.text[:1].isupper()

    @property
    def is_word(self) -> bool:
        """Whether it is no punctuation and no quotation."""
        return self.text[:1].isalnum()


def read(text: str, start: int, end: int, quoted: Sequence[tuple[int, int]] = ()) -> list[Word]:
    """The words of text[start:end]; each of the `quoted` spans, in order, is one of them."""
    words: list[Word] = []
    position = start
    for first, last in quoted:
        words.extend(_plain(text, position, first))
        words.append(Word(first, last, "", QUOTED))
        position = last
    words.extend(_plain(text, position, end))
    return words


def ends_sentence(word: Word) -> bool:
    """Whether a sentence ends with this word."""
    return word.text in _ENDS


def sentence_starts(words: Sequence[Word]) -> list[int]:
    """The places of the words that open a sentence, in order."""
    return [0, *(at + 1 for at, word in enumerate(words) if ends_sentence(word))]


def sentence_start(starts: Sequence[int], at: int) -> int:
    """The last of the starts that does not stand behind `at`: where the sentence of words[at] opens."""
    return starts[bisect(starts, at) - 1]


def _plain(text: str, start: int, end: int) -> list[Word]:
    return [
        Word(found.start(), found.end(), found[0], _looked_up(found[0])) for found in _TOKEN.finditer(text, start, end)
    ]


@lru_cache(maxsize=1 << 15)
def _looked_up(word: str) -> str:
    return fold(word).rstrip(".") or word


_PEOPLE, _FUNCTION = table("people"), table("function_words")


def _with_plurals(listed: str) -> frozenset[str]:
    plain = frozenset(listed.split())
    return plain | {f"{word}s" for word in plain}


PEOPLE, BODIES, DOCUMENTS, NOT_PEOPLE = (
    _with_plurals(_PEOPLE["words"][kind]) for kind in ("people", "bodies", "documents", "not_people")
)
TITLES, MALE, FEMALE = (frozenset(_PEOPLE["titles"][kind]) for kind in ("before_names", "of_men", "of_women"))
DETERMINERS, ARTICLES, OF, PARTICLES, JOINERS = (
    frozenset(_FUNCTION[kind]) for kind in ("determiners", "articles", "of", "particles", "joiners")
)
HE: dict[str, str] = _FUNCTION["pronouns"]
"""Pronouns, with the gender of the person where they tell it."""

# Words that never belong to the name of a speaker: a run of words ends before them.
STOPS = (
    frozenset(fold(" ".join(table("stop_words")["speakers"].values())).split()) | months().keys() | weekdays().keys()
)
_NOUNS = frozenset(_FUNCTION["nouns_in_ment"])


_PREFIX = re.compile(r"(?:vice|co|ex|sous)-")
_CALLING = re.compile(
    r"\A(?:\w{3,}(?:ologue|ologist|ographe|ographer|onome|onomist)s?|ora(?:teur|trice)s?|speakers?|leads?)"
)


@lru_cache(maxsize=1 << 15)
def is_person(word: str) -> bool:
    """Whether a folded word says what somebody is: « ministre », "vice-dean", « ornithologue »."""
    return word in PEOPLE or bool(_CALLING.fullmatch(word)) or (_PREFIX.sub("", word) in PEOPLE)


def is_stop(word: str) -> bool:
    """Whether a folded word ends a run that names somebody: "in", « lors », and adverbs by their ending."""
    return word in STOPS or (word.endswith("ment") and word not in _NOUNS) or (word.endswith("ly") and word[:2] != "al")
