"""Whose words a place in a text is, by the quotations there and by whom the text introduces elsewhere."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from bot.speakers.asked import is_somebody
from bot.speakers.mentions import Kind, Mention, name_of
from bot.speakers.named import named_with_office
from bot.speakers.offices import is_by
from bot.speakers.quotation import overlapping, quotations
from bot.speakers.words import read

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_VERBS = (
    "said", "says", "stated", "added", "explained", "warned", "noted", "argued", "believes", "thinks", "stressed",
    "underlined", "underscored", "emphasised", "emphasized", "highlighted", "reaffirmed", "reiterated",
    "souligné", "rappelé", "réaffirmé", "réitéré",
)  # fmt: skip
_UNQUOTED = r"\s[^“”«»\"]{3,}$"
# What is reported, as far as the end of its sentence, becomes a quotation, so that one reading finds both.
_REPORTED = re.compile(
    rf"\b(?P<joint>that|que|qu['’])\s?[^“”«»\"]{{3,}}$|\b(?P<verb>{'|'.join(_VERBS)}){_UNQUOTED}"
    r"|^(?:According to|In the (?:words|view) of|Selon|D['’]après)\b"
    rf"[^“”«»\",]{{2,80}}(?P<after>,){_UNQUOTED}",
    re.IGNORECASE,
)
_ANYTHING = " “so many words stand here in all.”"


def is_said_by(
    text: str, start: int, end: int, language: str | None, wanted: str, *, known: Sequence[str] = ()
) -> bool:
    """Whether text[start:end] holds words, quoted or reported, that the text binds to this speaker.

    Who is "Mark Rutte" in one paragraph may be "the Secretary General" by another one of the same text, or as other
    texts know them (`known_elsewhere`).
    """
    named = {one.speaker for one in overlapping(text, start, end, language) if one.speaker}
    if not named and (reported := reported_speaker(text[start:end], language)):
        named = {reported}
    if any(is_by(one, wanted) for one in named):
        return True
    forms = (*_known_as(text, language, wanted), *known) if named else ()
    return any(is_by(full, one) for full in forms for one in named)


def known_elsewhere(texts: Iterable[tuple[str, str | None]], wanted: str) -> tuple[str, ...]:
    """In which forms texts, each with its language, introduce whoever is asked for; none where they are several people.

    "The finance minister" is the one person whom the texts call that, by name.
    """
    forms = {full for text, language in texts for full in _known_as(text, language, wanted)}
    surnames = {full: _surname(full) for full in forms}
    named = tuple(sorted(full for full in forms if surnames[full]))
    return named if len({surnames[full] for full in named}) == 1 else ()


def _surname(full: str) -> str:
    words = read(full, 0, len(full))
    name = name_of(words, Mention(0, len(words), Kind.PERSON, has_office=True))
    return name[-1] if name else ""


def is_unbound(text: str, start: int, end: int, language: str | None) -> bool:
    """Whether text[start:end] holds somebody's words, and the text binds no speaker to them."""
    found = overlapping(text, start, end, language)
    return bool(found) and all(one.speaker is None for one in found)


def reported_speaker(sentence: str, language: str | None) -> str | None:
    """Whom a sentence gives words to, quoted or reported: "Mark Rutte" in "Mark Rutte said that Allies agreed".

    None where it gives them to nobody, or to a body or a document.
    """
    found = _first_speaker(sentence, language)
    if not found and (reported := _REPORTED.search(sentence)):
        found = _first_speaker(
            sentence[: max(reported.end("joint"), reported.end("after"), reported.end("verb"))] + _ANYTHING, language
        )
    return found if found and is_somebody(found) else None


def _first_speaker(text: str, language: str | None) -> str | None:
    return next((one.speaker for one in quotations(text, language) if one.speaker), None)


@lru_cache(maxsize=512)
def _known_as(text: str, language: str | None, wanted: str) -> tuple[str, ...]:
    """In which forms a text introduces whoever is asked for."""
    return tuple(full for full in _introduced(text, language) if is_by(full, wanted))


@lru_cache(maxsize=512)
def _introduced(text: str, language: str | None) -> tuple[str, ...]:
    """Whoever a text names with their office, in a quotation's clause or elsewhere."""
    speakers = (one.speaker for one in quotations(text, language) if one.speaker)
    return tuple(dict.fromkeys([*speakers, *named_with_office(text)]))
