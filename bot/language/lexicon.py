"""A paragraph as words, each quotation one of them, and what words tell: persons, bodies, documents, reporting verbs.

What is looked up is folded.
"""

from __future__ import annotations

import re
from bisect import bisect
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from vectorstore.text import table
from vectorstore.text.calendar import months, weekdays
from vectorstore.text.words import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

QUOTED = '"'  # what a whole quotation reads as
_ENDS = frozenset(".!?…")
_UPPER = "".join(chr(code) for code in range(0x41, 0x530) if chr(code).isupper())
_TOKEN = re.compile(
    rf"""
    \s{{0,2}}+ (
    [a-z]++ (?= [\s,] )
  | \b Ph\.D\.?
  | \b (?: MM? | Mr | Mrs | Ms | Dr | Prof | Pr | St | Ste | Mgr | Gen | Lt | Col | Capt | Sen | Rep | Gov | Sgt | Adm
         | Hon
         | Rev | Jr | Sr ) \. (?= \s* [\w,] )
  | \b (?: Inc | Ltd | Corp | Co | Dept | Univ | Assoc | Bros | vs | art ) \. (?= \s* (?: [a-z,(] | of\b ) )
  | \b (?: [{_UPPER}] \. )+ (?: - [{_UPPER}] \. )? (?= \s* [\w,.] )
  | \b (?: [cdjlmnstCDJLMNST] | [Qq]u | [Jj]usqu | [Ll]orsqu | [Pp]uisqu ) ['’] (?= \w )
  | \w+ (?: ['’\-‐‑] \w+ | \. (?= [a-z]{{2,3}} \b ) \w+ )*
  | [^\w\s]
    )
    """,
    re.VERBOSE,
)
"""What stands in the first group; the first two lines only spare most words and spaces the others."""


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


def read_words(text: str, start: int, end: int, quoted: Sequence[tuple[int, int]] = ()) -> list[Word]:
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
    return [0, *(at for at, word in enumerate(words, 1) if word.text in _ENDS)]


def sentence_start(starts: Sequence[int], at: int) -> int:
    """The last of the starts that does not stand behind `at`: where the sentence of words[at] opens."""
    return starts[bisect(starts, at) - 1]


def _plain(text: str, start: int, end: int) -> list[Word]:
    return [
        Word(found.start(1), found.end(), found[1], _looked_up(found[1])) for found in _TOKEN.finditer(text, start, end)
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


_TABLE = table("reporting_verbs")
_AROUND = _TABLE["around"]


def _stems(stems: str, endings: Iterable[str]) -> frozenset[str]:
    return frozenset(stem + end for stem in stems.split() for end in endings if end or stem[-1] != "t")


def _forms(language: str) -> frozenset[str]:
    known = _TABLE[language]
    return _stems(known["stems"], known["endings"]) | frozenset(known["forms"].split())


_ENGLISH, _FRENCH = map(_forms, ("en", "fr"))
REPORTING = _ENGLISH | _FRENCH
# What they report may be a thing by its name: « a lancé le programme « … » », "announced the “…” award".
WEAK = (
    frozenset(
        stem + end
        for stem in _TABLE["weak"]["stems"].split()
        for language in ("en", "fr")
        for end in _TABLE[language]["endings"]
    )
    - frozenset(_TABLE["weak"]["never"])
) | frozenset(_TABLE["weak"]["forms"])
AUXILIARIES = frozenset(_AROUND["auxiliaries"])
FILLERS = frozenset(fold(_AROUND["fillers"]).split()) | weekdays().keys()
_FAIRE, _FAIRE_WHAT, _LEADS, _CLITICS, _PREPOSITIONS = (
    frozenset(_AROUND[name]) for name in ("faire", "faire_what", "leads", "clitics", "prepositions")
)
_PHRASES = tuple(tuple(phrase.split()) for phrase in (*_AROUND["phrases"], *(f"on {day}" for day in weekdays())))
_INVERTED = re.compile(r"\A(.+?)-(?:t-)?(il|elle|ils|elles|on|je)$")
_ING = re.compile(r"(?:ing|ant)$")


class Verb(NamedTuple):
    """The words[first:last] of a verb group; `pronoun` where it holds its subject: « a-t-il ajouté »."""

    first: int
    last: int
    pronoun: str
    is_participle: bool


def reporting_verbs(language: str | None) -> frozenset[str]:
    """The folded forms of the language's reporting verbs; of both languages where it is neither."""
    return {"en": _ENGLISH, "fr": _FRENCH}.get(language or "", REPORTING)


def verb_from(words: Sequence[Word], first: int, forms: frozenset[str]) -> Verb | None:
    """The verb group that begins at words[first]."""
    at, pronoun, fillers, auxiliary = first, "", 0, False
    while at < len(words) and at - first < 9:
        word = words[at].folded
        base, said_by = _uninverted(word)
        pronoun = pronoun or said_by
        if end := _core(words, at, base, forms):
            return Verb(first, end, pronoun, bool(_ING.search(base)))
        if base in AUXILIARIES and not auxiliary:
            auxiliary = True
        elif (
            (base in _CLITICS and at - first < 3)
            or base in _LEADS
            or (base == "a" and at > first and words[at - 1].folded in _LEADS)
        ):
            pass
        elif (auxiliary or base.endswith("ly")) and fillers < 6 and (base in FILLERS or base.endswith(("ment", "ly"))):
            fillers += 1
        else:
            return None
        at += 1
    return None


def verb_to(words: Sequence[Word], core: int, forms: frozenset[str], lowest: int) -> Verb | None:
    """The verb group whose main verb is words[core], with the helpers and fillers before it."""
    base, pronoun = _uninverted(words[core].folded)
    end = _core(words, core, base, forms)
    if not end or (words[core].is_cap and core > lowest):
        return None
    first = core
    while first > lowest:
        before, said_by = _uninverted(words[first - 1].folded)
        helper = before in AUXILIARIES or before in _CLITICS or before in _LEADS or before in FILLERS
        if not (helper or before.endswith(("ly", "ment"))) or before in {"elle", "lui"}:
            break
        pronoun = pronoun or said_by
        first -= 1
    # « de son côté » and the like are no part of « le ministre de … »: the group starts at its first helper only.
    return Verb(first, end, pronoun, bool(_ING.search(base)))


def _uninverted(word: str) -> tuple[str, str]:
    found = _INVERTED.match(word)
    return (found[1], found[2]) if found else (word, "")


def _core(words: Sequence[Word], at: int, base: str, forms: frozenset[str]) -> int:
    """Where the main verb at words[at] ends; 0 where there is none."""
    after = words[at + 1].folded if at + 1 < len(words) else ""
    if base in _FAIRE and after in _FAIRE_WHAT:
        return at + 2
    if base in {"put", "puts"}:
        return at + 2 if after == "it" else 0
    if base in {"points", "pointed", "pointing"}:
        return at + 2 if after == "out" else 0
    if base == "went" or base not in forms:
        return 0
    return at + 1


def past_fillers(words: Sequence[Word], at: int) -> int:
    """Past « par ailleurs », "on Monday", « jeudi »; never past the « par » of « lancé par le Centre »."""
    while at < len(words):
        following = tuple(word.folded for word in words[at : at + 3])
        length = next((len(one) for one in _PHRASES if following[: len(one)] == one), 0)
        if not length and (following[0] in FILLERS - _PREPOSITIONS or following[0].endswith(("ment", "ly"))):
            length = 0 if all(word.is_cap for word in words[at : at + 2]) else 1  # Kelly Salomon is no adverb
        if not length:
            return at
        at += length
    return at
