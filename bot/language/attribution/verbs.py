"""Reporting verbs in French and English, and where a group of words holds one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from vectorstore.text.calendar import weekdays
from vectorstore.text.tables import table
from vectorstore.text.words import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.language.attribution.lexicon import Word

_TABLE = table("reporting_verbs")
_AROUND = _TABLE["around"]


def _stems(stems: str, endings: Iterable[str]) -> frozenset[str]:
    return frozenset(stem + end for stem in stems.split() for end in endings if end or stem[-1] != "t")


def _forms(language: str) -> frozenset[str]:
    known = _TABLE[language]
    return _stems(known["stems"], known["endings"]) | frozenset(known["forms"].split())


ENGLISH, FRENCH = map(_forms, ("en", "fr"))
ALL = ENGLISH | FRENCH
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


def known(language: str | None) -> frozenset[str]:
    """The folded forms of the language's reporting verbs; of both languages where it is neither."""
    return {"en": ENGLISH, "fr": FRENCH}.get(language or "", ALL)


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
