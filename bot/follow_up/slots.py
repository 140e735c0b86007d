"""The parts of a question that a follow-up may exchange: times, countries, names, ordinals, counted things."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.follow_up.countries import countries
from bot.follow_up.words import FUNCTION, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.follow_up.countries import Country


class Sort(enum.Enum):
    """What a part of a question names."""

    YEAR = "year"
    MONTH = "month"
    PART = "part of a year"
    RELATIVE = "relative time"
    COUNTRY = "country"
    NATIONAL = "adjective of a country"
    NAME = "name"
    ORDINAL = "ordinal"
    NUMBER = "number"


TIMES = frozenset((Sort.YEAR, Sort.MONTH, Sort.PART, Sort.RELATIVE))


@dataclass(frozen=True, slots=True)
class Slot:
    """A part `text[start:end]` of a question; `country` where it names one."""

    sort: Sort
    start: int
    end: int
    text: str
    country: Country | None = None


_MONTHS = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december|janvier|"
    r"fevrier|mars|avril|"
    r"mai|juin|juillet|aout|septembre|octobre|novembre|decembre)"
)
_NTH = (
    r"(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last|\d+(?:st|nd|rd|th|er|ere|"
    r"e|eme)|premiere?|"
    r"deuxieme|seconde?|troisieme|quatrieme|cinquieme|sixieme|septieme|huitieme|neuvieme|dixieme|derniere?|1er)"
)
_STRETCH = r"(?:quarter|half(?:[- ]year)?|semester|term|trimestre|semestre|moitie)"
_UNIT = (
    r"(?:year|month|week|quarter|season|spring|summer|autumn|fall|winter|decade|century|annee|an|mois|"
    r"semaine|trimestre|"
    r"semestre|saison|printemps|ete|automne|hiver|decennie|siecle)"
)
_WEEKDAY = (
    r"(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|lundi|mardi|mercredi|jeudi|vendredi|"
    r"samedi|dimanche)"
)
_PATTERNS: tuple[tuple[Sort, re.Pattern[str]], ...] = tuple(
    (sort, re.compile(pattern))
    for sort, pattern in (
        (Sort.PART, rf"\b(?:{_NTH} {_STRETCH}|{_STRETCH} {_NTH})\b|\b[qthsx][1-4]\b"),
        (
            Sort.RELATIVE,
            rf"\b(?:the )?(?:last|this|next|previous|past|coming|following) {_UNIT}\b"
            rf"|\b(?:(?:cette|ce|cet) {_UNIT}\b(?! de)(?: (?:derniere?|prochaine?|passee?))?|(?:l'|la |le )?{_UNIT} "
            r"(?:derniere?|prochaine?|passee?|precedente?|suivante?))\b"
            r"|\b(?:yesterday|today|tomorrow|hier|aujourd'hui|demain)\b"
            r"|\b(?:\w+ (?:years?|months?|weeks?|days?) ago|il y a \w+ (?:ans?|mois|semaines?|jours?))\b"
            rf"|\b(?:(?:last|next|this) )?{_WEEKDAY}(?: (?:dernier|prochain))?\b",
        ),
        (
            Sort.MONTH,
            rf"\b(?:the )?\d{{1,2}}(?:st|nd|rd|th|er)? (?:of )?{_MONTHS}\b|\b{_MONTHS} \d{{1,2}}(?:st|nd|rd|"
            rf"th)?\b(?! *\d)"
            rf"|\b{_MONTHS}\b",
        ),
        (Sort.YEAR, r"\b(?:19|20)\d\d(?: ?[-/–] ?(?:(?:19|20)?\d\d))?\b(?! *(?:%|euros|dollars|people|personnes))"),
        (Sort.YEAR, r"\b(?:the |les annees )(?:(?:19|20)?\d0)'?s?\b"),
        (
            Sort.ORDINAL,
            rf"\b{_NTH} (?:round|day|phase|stage|edition|part|session|match|game|leg|set|race|report|version|"
            rf"place|objective|"
            r"priority|pillar|tour|jour|etape|partie|seance|manche|mi-temps|course|rapport|objectif|priorite|"
            r"volet|tranche)\b",
        ),
        (
            Sort.NUMBER,
            r"\b(?:article|chapter|section|annex|phase|line|level|step|chapitre|annexe|ligne|niveau|etape) \d+\b",
        ),
    )
)
# "may" and « mars » are months only where a number or a preposition says so.
_NO_MONTH = re.compile(
    r"(?<!in )(?<!of )(?<!since )(?<!until )(?<!before )(?<!after )(?<!\d )(?<!last )(?<!en )\bmay\b(?! \d)"
)
_RUN = re.compile(
    r"(?<![\w])[A-ZÀ-ÖØ-Þ][\w’'.&-]*"
    r"(?:\s+(?:(?:of|of the|de|du|des|de la|d['’]|von|van|van der|bin|al|for|pour|pour l['’]|"
    r"and)\s*)?[A-ZÀ-ÖØ-Þ0-9][\w’'&-]*)*"
)
_ELIDED = re.compile(r"^(?:[LDQCSJNldqcsjn]|[Qq]u|Jusqu|Lorsqu)['’](?=\w)")
_OPENING = (
    "tell show give list explain describe name quote find summarize summarise dis dites donne donnez montre "
    "montrez explique expliquez decris cite citez nomme resume resumez parle parlez mr mrs ms dr monsieur madame "
    "according thanks ok okay hi hello bonjour salut hey sorry pardon actually correction non oui yes idem pareil "
    "meme same likewise"
)
_OPENERS = frozenset(_OPENING.split())


def slots(text: str, known: Iterable[str] = ()) -> tuple[Slot, ...]:
    """The parts of a question in its order; names typed in lower case are seen where `known` holds them."""
    taken: list[Slot] = []
    for slot in (*_times(text), *_places(text), *_names(text, tuple(known))):
        inside = slot.country is not None and _ends_a_name(text, slot)
        if not inside and not any(slot.start < other.end and other.start < slot.end for other in taken):
            taken.append(slot)
    return tuple(sorted(taken, key=lambda slot: slot.start))


def _times(text: str) -> Iterator[Slot]:
    folded = plain(text)
    for sort, pattern in _PATTERNS:
        for found in pattern.finditer(folded):
            if found.group() == "may" and _NO_MONTH.search(folded):
                continue
            yield Slot(sort, *found.span(), text[slice(*found.span())])


def _places(text: str) -> Iterator[Slot]:
    for found in countries(text):
        # "the Bank of England" is one name; a country at the end of a longer name is part of it.
        sort = Sort.NATIONAL if found.is_adjective else Sort.COUNTRY
        start = found.start - len("the ") if _has_article(text, found.start, found.country.english) else found.start
        yield Slot(sort, start, found.end, text[start : found.end], found.country)


def _ends_a_name(text: str, slot: Slot) -> bool:
    """Whether a country is the end of a longer name, as in "Air France"."""
    before = re.search(r"(?:^|\s)([A-ZÀ-ÖØ-Þ][\w-]+) $", text[: slot.start])
    if not before:
        return False
    word = plain(before.group(1))
    return word not in FUNCTION and word not in _OPENERS and not countries(before.group(1)) and not _opens(text, before)


def _opens(text: str, word: re.Match[str]) -> bool:
    """Whether a capital is that of a sentence's beginning: "Did France", "Which Germany"."""
    return not text[: word.start(1)].strip()


def _has_article(text: str, start: int, name: str) -> bool:
    return name.startswith("the ") and text[:start].lower().endswith("the ")


def _names(text: str, known: tuple[str, ...]) -> Iterator[Slot]:
    words = re.findall(r"[^\W\d_]{2,}", text)
    if words and sum(word[0].isupper() for word in words) < max(2, len(words)):
        for found in _RUN.finditer(text):
            yield from _trimmed(text, *found.span())
    elif 2 <= len(words) <= 3 and plain(words[0]) not in FUNCTION:
        for found in _RUN.finditer(text):  # « l'ETH Zurich », "Jerome Powell"
            yield from _trimmed(text, *found.span())
    elif len(words) == 1:
        yield from _trimmed(text, text.index(words[0]), text.index(words[0]) + len(bare_end(text, words[0])))
    folded, cased = plain(text), any(map(str.isupper, text[1:]))
    for name in known:
        for found in re.finditer(rf"(?<!\w){re.escape(plain(name))}(?!\w)", folded):
            if cased and text[found.start()].islower():
                continue  # who writes capitals means no name by "goals"
            yield Slot(Sort.NAME, *found.span(), text[slice(*found.span())])


def bare_end(text: str, word: str) -> str:
    """The word with what hangs on it: "Stellantis" of "Stellantis?", "F-35" of "F-35"."""
    found = re.match(r"[\w’'.&-]*\w", text[text.index(word) :])
    return found.group() if found else word


def _trimmed(text: str, start: int, end: int) -> Iterator[Slot]:
    """A run of capitals without the question words, orders and elisions that it begins with."""
    while start < end:
        run = text[start:end]
        if elided := _ELIDED.match(run):
            start += elided.end()
            continue
        first = re.match(r"[^\s]+", run)
        word = plain(first.group()).rstrip(".,'") if first else ""
        shouted = bool(first) and run[: len(word)].isupper() and len(word) > 1
        if first and (word.split("'")[0] in FUNCTION or word in _OPENERS) and not shouted:
            start += first.end()
            start += len(text[start:end]) - len(text[start:end].lstrip())
            joined = re.match(r"(?:of|de|du|des|for|and)\s+(?=[A-ZÀ-Þ])", text[start:end])
            start += joined.end() if joined else 0
            continue
        break
    stop = start + len(text[start:end].rstrip(" '’.-&"))
    if stop > start and re.search(r"[^\W\d_]", text[start:stop]):
        yield Slot(Sort.NAME, start, stop, text[start:stop])
