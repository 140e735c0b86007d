"""Words, folded, that tell a person from a body, a document or a mere capital letter."""

from __future__ import annotations

import re

from vectorstore.text.calendar import months, weekdays
from vectorstore.text.tables import table
from vectorstore.text.words import fold

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


def is_person(word: str) -> bool:
    """Whether a folded word says what somebody is: « ministre », "vice-dean", « ornithologue »."""
    return word in PEOPLE or bool(_CALLING.fullmatch(word)) or (_PREFIX.sub("", word) in PEOPLE)


def is_stop(word: str) -> bool:
    """Whether a folded word ends a run that names somebody: "in", « lors », and adverbs by their ending."""
    return word in STOPS or (word.endswith("ment") and word not in _NOUNS) or (word.endswith("ly") and word[:2] != "al")
