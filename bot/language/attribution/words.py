"""A paragraph as words, with each quotation one word."""

from __future__ import annotations

import re
from bisect import bisect
from typing import TYPE_CHECKING, NamedTuple

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


def _looked_up(word: str) -> str:
    return fold(word).rstrip(".") or word
