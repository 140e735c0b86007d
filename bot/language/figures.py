"""Figures of a text, and those that another text lacks, in French and English. Pure.

Numbers, months and weekdays are values, so that « 20,9 milliards » is "20.9 billion": digits with any grouping, number
words up to the thousands, scales, ordinals and dates. Where a spelling can be read in two ways ("1.234"), both readings
count.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from vectorstore.text.calendar import cardinals, month_names, months, ordinals, scales, weekdays
from vectorstore.text.words import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

_Value = float | str

# "may" is a verb far more often, unless a number stands beside it.
_MAY = re.compile(r"(?:\d(?:st|nd|rd|th)?|of)\s+may\b|\bmay\s+\d", re.IGNORECASE)

_DATE = r"(?P<date>\b(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./]\d{1,2}[./]\d{4})\b)"
_DIGITS = (
    r"(?P<digits>\d+(?:[.,'’ \u00a0\u202f]\d{3}(?!\d))*(?:[.,]\d+)?)(?P<power>(?<=10)[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,2})?"
    r"(?P<suffix>(?:st|nd|rd|th|ers?|re|[eè]me|e)\b)?"
)
_WORDS = r"(?P<words>[^\W\d_]+(?:-[^\W\d_]+)*)"
_TOKEN = re.compile(rf"{_DATE}|{_DIGITS}|{_WORDS}", re.IGNORECASE)
_GAP = re.compile(r"[\s\u00a0\u202f-]*(?P<joint>and |et |de |d['’])?", re.IGNORECASE)
_JOINTS = frozenset({"and", "et", "de", "d"})
_PER_CENT = re.compile(r"\b(?:per|pour)[\s-]?cent\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Figure:
    """text[start:end] and what it may mean: a number, or the English name of a month or weekday."""

    start: int
    end: int
    readings: frozenset[_Value]


@lru_cache(maxsize=2048)
def find_figures(text: str, language: str | None) -> tuple[Figure, ...]:
    """The figures of a text in their order. "one", « un » and "first" alone are none: they are rarely counted with."""
    times = scales(language)
    found: list[Figure] = []
    run = _Run()
    text = _PER_CENT.sub(lambda share: " " * len(share.group()), text)
    for token in _TOKEN.finditer(text):
        if run and token["words"] and fold(token["words"]) in _JOINTS:
            continue
        if run and not run.reaches(token, _GAP.fullmatch(text, run.end, token.start()), times):
            found += run.close()
        if token["date"]:
            found += [*run.close(), *_date(token)]
        elif token["digits"]:
            found += run.close()
            run.digits(token)
        elif not run.word(token, times):
            found += [*run.close(), *_calendar(token, text)]
    return (*found, *run.close())


def missing_figures(text: str, language: str | None, held: Iterable[tuple[str, str | None]]) -> tuple[str, ...]:
    """The figures of a text, as spelt, that stand in none of the `held` texts, each given with its language."""
    known: set[_Value] = set()
    for other, spoken in held:
        for figure in find_figures(other, spoken):
            known |= figure.readings
    return tuple(text[one.start : one.end] for one in find_figures(text, language) if one.readings.isdisjoint(known))


class _Run:
    """Number words and digits that belong together: "twenty-three", « 3 milliards », "two hundred and five"."""

    def __init__(self) -> None:
        self.start = self.end = 0
        self._readings: set[float] = set()
        self._total = 0.0
        self._part: float | None = None
        self._trivial = True

    def __bool__(self) -> bool:
        return bool(self._readings) or self._part is not None

    def reaches(self, token: re.Match[str], gap: re.Match[str] | None, times: dict[str, float]) -> bool:
        """Whether a token may belong to this number: « vingt et un » is one number, "two and three" are two."""
        words = _number_words(fold(token["words"]), times) if token["words"] and gap else []
        if not words or words[0] in times:
            return bool(words)
        value, part = _values().get(words[0], 0), self._part or 0
        if self._readings:
            return False
        if part == 0 or (part % 100 == 0 and value < 100):
            return part == 0 or value > 0
        return (
            part % 10 == 0 and part % 100 >= 20 and value < 20 and (gap is None or not gap["joint"] or value in {1, 11})
        )

    def digits(self, token: re.Match[str]) -> None:
        """Begins with a number in digits."""
        self.start, self.end = token.span()
        power = token["power"] if token["digits"] == "10" else None
        self._readings = {10.0 ** int(unicodedata.normalize("NFKC", power))} if power else _read_digits(token["digits"])
        self._trivial = False

    def word(self, token: re.Match[str], times: dict[str, float]) -> bool:
        """Goes on with a word, or begins; False where the word is no number."""
        words = _number_words(fold(token["words"]), times)
        if not words:
            return False
        if not self:
            self.start = token.start()
        self.end = token.end()
        for word in words:
            self._take(word, times)
        return True

    def _take(self, word: str, times: dict[str, float]) -> None:
        if word in times:
            self._multiply(times[word])
        else:
            value = _values()[word]
            vingts = (
                word in {"vingt", "vingts"} and self._part is not None and self._part % 10 == 4 and self._part < 100
            )
            self._part = self._part * 20 if vingts and self._part else (self._part or 0) + value
            self._trivial = self._trivial and value == 1

    def _multiply(self, by: float) -> None:
        self._trivial = False
        if self._readings:
            self._readings = {value * by for value in self._readings}
        elif by >= 1000:
            self._total, self._part = (self._total + (self._part or 1)) * by, 0
        else:
            self._part = (self._part or 1) * by

    def close(self) -> list[Figure]:
        """The figure that ends here, if there is one; the run is empty again."""
        readings = self._readings or ({self._total + (self._part or 0)} if self._part is not None else set())
        figures = [Figure(self.start, self.end, frozenset(readings))] if readings and not self._trivial else []
        self.__init__()  # type: ignore[misc]
        return figures


@cache
def _values() -> dict[str, float]:
    """Number words below the scales; "first" is none, and in « premier ministre » nothing is counted."""
    return {**cardinals(), **{word: float(place) for word, place in ordinals().items() if place > 1}}


@cache
def _calendar_names() -> dict[str, str]:
    """Folded names of months and weekdays in both languages, and their English ones."""
    names: dict[str, str] = {}
    for numbered in (months(), weekdays()):
        english: dict[int, str] = {}
        names |= {name: english.setdefault(number, name) for name, number in numbered.items()}
    return names


def _number_words(folded: str, times: dict[str, float]) -> list[str]:
    """The number words that a word is made of; none where a part of it is something else."""
    known = (_values(), times)
    if any(folded in words for words in known):
        return [folded]
    parts = [part for part in folded.split("-") if part != "et"]
    return parts if all(any(part in words for words in known) for part in parts) else []


def _read_digits(spelt: str) -> set[float]:
    """What a spelling may mean: "1,000" is a thousand, "20,9" is not, "1.234" may be either."""
    plain = re.sub(r"['’\s\u00a0\u202f]", "", spelt)
    grouped = re.fullmatch(r"([1-9]\d{0,2})((?:[.,]\d{3})+)([.,]\d+)?", plain)
    readings = set()
    if grouped and (not grouped[3] or grouped[3][0] != grouped[2][0]):
        decimals = f".{grouped[3][1:]}" if grouped[3] else ""
        readings.add(float(re.sub(r"[.,]", "", grouped[1] + grouped[2]) + decimals))
    if plain.count(".") + plain.count(",") <= 1:
        readings.add(float(plain.replace(",", ".")))
    return readings or {float(re.sub(r"[.,]", "", plain))}


def _date(token: re.Match[str]) -> list[Figure]:
    """Day, month and year of a date in digits; of "10/12/2024" both ways round."""
    parts = [int(part) for part in re.split(r"[-./]", token["date"])]
    year, others = (parts[0], parts[1:]) if parts[0] > 31 else (parts[2], parts[:2])
    months = {fold(month_names("en")[one - 1]) for one in (others[:1] if parts[0] > 31 else others) if 1 <= one <= 12}
    readings: list[frozenset[_Value]] = [frozenset({float(year)}), frozenset(map(float, others)), frozenset(months)]
    return [Figure(*token.span(), one) for one in readings if one]


def _calendar(token: re.Match[str], text: str) -> list[Figure]:
    folded = fold(token["words"])
    named = _calendar_names().get(folded)
    if named is None:
        return []
    if folded in {"may", "march", "mars"} and not (token["words"][0].isupper() or _beside_number(text, token)):
        return []
    if folded == "may" and not _MAY.search(text[max(0, token.start() - 8) : token.end() + 4]):
        return []
    return [Figure(*token.span(), frozenset({named}))]


def _beside_number(text: str, token: re.Match[str]) -> bool:
    return bool(re.search(r"\d\s*+(?:er\s*+)?$", text[: token.start()][-8:]) or re.match(r"\s*\d", text[token.end() :]))
