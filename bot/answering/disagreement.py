"""Two releases whose answers contradict each other: the words that a reader marked give other figures or dates.

A wrong alarm is worse than a missed one: both sentences must name nothing that the other does not, and the words give
one value each, of the same unit, that roundings and "more than" do not reconcile.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.language.figures import find_figures
from bot.language.quantities import Bound, find_quantities
from bot.speakers.lexicon import folded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.ranking import Found
    from bot.language.quantities import Unit

_CONSIDERED = 6
_NEARLY_AS_LIKELY = 0.6  # of the best: a wrong alarm is worse than a missed one
_ROUNDED = 0.1
_YEARS = (1900, 2100)
_NAME = re.compile(r"(?<!^)(?<![.!?…«“\"] )(?<!\w)[A-ZÀ-Ý][\w’'-]{2,}")


@dataclass(frozen=True, slots=True)
class Value:
    """What a sentence gives: a number with its unit and how exactly it is meant, or the parts of a date."""

    numbers: frozenset[float]
    months: frozenset[str] = frozenset()
    units: frozenset[Unit | None] = frozenset()
    bound: Bound = Bound.EXACT


def disagreement(question: str, found: Sequence[Found]) -> tuple[Found, Found] | None:
    """The likeliest answer and one of another release that contradicts it, the newer first; None where none does."""
    if not found or (value := _value(question, found[0])) is None:
        return None
    best = found[0]
    for other in found[1:_CONSIDERED]:
        if other.likelihood >= _NEARLY_AS_LIKELY * best.likelihood and _comparable(question, best, other, value):
            told = _value(question, other)
            if told and _differ(value, told):
                return _newest_first(best, other)
    return None


def _value(question: str, found: Found) -> Value | None:
    """What the marked words give."""
    text, language = found.window.release.text, found.window.release.language
    words = " ".join(text[found.start : found.end].split())
    return _date_in(words, language) or _quantity(found, question)


def _comparable(question: str, one: Found, other: Found, value: Value) -> bool:
    first, second = one.window.release, other.window.release
    if first.id == second.id or first.language != second.language or (first.pair and first.pair == second.pair):
        return False
    return _alike(question, (one.sentence, first.language), (other.sentence, second.language), dates=bool(value.months))


def _newest_first(one: Found, other: Found) -> tuple[Found, Found]:
    first, second = one.window.release.published, other.window.release.published
    return (other, one) if second and (first is None or second > first) else (one, other)


def _alike(question: str, one: tuple[str, str | None], other: tuple[str, str | None], *, dates: bool) -> bool:
    """Whether two sentences, with their languages, name nothing that the other does not, nor other years.

    Where `dates` are asked for, years may differ.
    """
    names, others = (_names(text, question) for text, _ in (one, other))
    years, later = (_years(*each) for each in (one, other))
    apart = bool(years and later and years.isdisjoint(later)) and not dates
    return not (names - others and others - names) and not apart


def _names(text: str, question: str) -> set[str]:
    asked = folded(question)
    return {folded(found) for found in _NAME.findall(text) if folded(found) not in asked}


def _years(text: str, language: str | None) -> set[float]:
    figures = find_figures(text, language)
    return {value for one in figures for value in one.readings if isinstance(value, float) and _is_year(value)}


def _is_year(value: float) -> bool:
    return _YEARS[0] <= value <= _YEARS[1]


def _quantity(found: Found, question: str) -> Value | None:
    """The one number among the marked words; None where they have none, several, or that of the question."""
    release = found.window.release
    first, last = next(iter(found.window.around(found.start, found.end)), (found.start, found.end))
    marked = [
        one
        for one in find_quantities(release.text[first:last], release.language)
        if first + one.start < found.end and first + one.end > found.start
    ]
    numbers = frozenset(value for one in marked for value, _ in one.meanings)
    if len(marked) != 1 or numbers <= _numbers(question):
        return None
    return Value(numbers, units=frozenset(unit for _, unit in marked[0].meanings), bound=marked[0].bound)


def _date_in(text: str, language: str | None) -> Value | None:
    """The one date of a text; None where it has none, or several."""
    figures = find_figures(text, language)
    months = frozenset(v for one in figures for v in one.readings if isinstance(v, str) and not v.endswith("day"))
    numbers = frozenset(v for one in figures for v in one.readings if isinstance(v, float))
    years = [value for value in numbers if _is_year(value)]
    days = [value for value in numbers if value <= 31]
    if len(months) != 1 or len(years) > 1 or len(days) > 1:
        return None
    return Value(numbers, months)


def _numbers(text: str) -> set[float]:
    return {v for one in find_figures(text, None) for v in one.readings if isinstance(v, float)}


def _differ(one: Value, other: Value) -> bool:
    """Whether two values cannot both be right."""
    if one.months or other.months:
        return one.months != other.months or _days(one).isdisjoint(_days(other) or _days(one))
    if one.units != other.units or not one.numbers.isdisjoint(other.numbers):
        return False
    return not _agree(one, max(one.numbers), other, max(other.numbers))  # "5,000" may be read as 5 too


def _days(given: Value) -> set[float]:
    return {value for value in given.numbers if value <= 31} or set()


def _agree(one: Value, value: float, other: Value, told: float) -> bool:
    """Whether bounds or rounding reconcile two numbers."""
    if Bound.ABOUT in {one.bound, other.bound} and abs(value - told) <= _ROUNDED * max(value, told):
        return True
    bounds = (
        (one.bound is Bound.ABOVE, told >= value),
        (one.bound is Bound.BELOW, told <= value),
        (other.bound is Bound.ABOVE, value >= told),
        (other.bound is Bound.BELOW, value <= told),
    )
    return any(bound and holds for bound, holds in bounds)
