"""Which releases a question wants first: the latest, or the oldest."""

from __future__ import annotations

import enum
import re

from bot.language.time_expressions.calendar import NUMBER, NUMBERS, RELEASE
from vectorstore.text.tables import table
from vectorstore.text.words import is_stop_word

_NEW = r"(?:latest|newest|most recent|last|dernier|derniere|derniers|dernieres|plus recente?s?)"
_OLD = r"(?:oldest|earliest|first|premier|premiere|premiers|premieres|plus ancien(?:ne)?s?)"
_ITSELF = r"(?:(?:press |news )?releases?|communiques?(?: de presse)?)"
"""What is nothing but a release: "the first statement" may be one that a release tells of."""


class Order(enum.Enum):
    """Which releases are to come first."""

    LATEST = "latest"
    EARLIEST = "earliest"


def _about_releases(which: str, release: str) -> str:
    named = r"(?:[a-z'-]+ ){0,2}?"
    return (
        rf"\b(?:(?:the|les?|la|l'|ses|leurs?) )?(?:(?P<many>{NUMBER}) )?(?:plus )?{which} "
        rf"(?:(?P<count>{NUMBER}) )?{named}{release}\b"
        rf"|\b{release} (?:les? |la )(?:plus )?{which}\b"
    )


_LATEST = re.compile(_about_releases(_NEW, RELEASE))
_THE_LATEST = r"\b(?:the latest|the newest|the most recent)(?= (?:on|about|from|concerning|regarding)\b| *[?.!]*$)"
_LE_DERNIER = r"\ble (?:plus recent|dernier)(?= (?:sur|concernant)\b| *[?.!]*$)"
_WHATS_NEW = r"\bquoi de neuf\b|\bwhat's new\b|\bwhat is new\b"
_LATEST_ALONE = re.compile(f"{_THE_LATEST}|{_LE_DERNIER}|{_WHATS_NEW}")
_EARLIEST = re.compile(_about_releases(_OLD, _ITSELF))

_KEYWORDS = re.compile(rf"{_NEW} (?:news|headlines?|updates?|infos?|informations?|nouvelles?|actualites?)")
_WORD = re.compile(r"[^\W\d_]+")
_OF_A_SUBJECT = {
    "on", "about", "from", "of", "by", "in", "at", "to", "for", "with", "concerning", "regarding",
    "sur", "de", "du", "des", "d", "par", "en", "au", "aux", "a", "pour", "concernant",
}  # fmt: skip
_SAYS_NOTHING = re.compile(
    rf"(?:{'|'.join(table('questions')['topicless'])}|says?|mentions?|talks?|covers?|states?|dit|disent|parlent?|ici|here)"
)


def read_order(question: str, folded: str) -> tuple[Order | None, int | None, re.Match[str] | None]:
    """The order that a question asks for, how many releases, and the words that say so.

    `folded` is the question folded letter for letter, its expressions of time blanked out.
    """
    for order, pattern in ((Order.LATEST, _LATEST), (Order.LATEST, _LATEST_ALONE), (Order.EARLIEST, _EARLIEST)):
        for found in pattern.finditer(folded):
            if pattern is not _LATEST_ALONE and not _is_of_releases(question, folded, found.end()):
                continue
            said = found.groupdict().get("many") or found.groupdict().get("count")
            return order, (NUMBERS.get(said) or int(said)) if said and said not in {"a", "an"} else None, found
    return None, None, None


def _is_of_releases(question: str, folded: str, at: int) -> bool:
    """Whether no noun or verb follows that makes it another thing, as in "the latest news presenter".

    A name does not: "latest news Ukraine"; nor does what says its subject: "the last statement on Ukraine"; nor
    anything in a question of keywords: « dernières infos grève ».
    """
    if _KEYWORDS.fullmatch(folded[:at].lstrip(" ")):
        return True
    after = folded[at:].lstrip(" ")
    while word := _WORD.match(after):
        if word[0] in _OF_A_SUBJECT or question[len(folded) - len(after)].isupper():
            return True
        if not (is_stop_word(word[0], None) or _SAYS_NOTHING.fullmatch(word[0])):
            return False
        after = after[word.end() :].lstrip(" ")
    return True
