"""Dates that a text names, in parts: year, month, day, weekday; some are counted from the day of publication. Pure."""

from __future__ import annotations

import calendar
import enum
import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from bot.language.figures import find_figures
from vectorstore.text import table
from vectorstore.text.calendar import months, ordinals, weekdays
from vectorstore.text.words import fold_aligned

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.language.figures import Figure

_YEARS = range(1500, 2101)
_BESIDE = re.compile(
    r"[\s\u00a0\u202f,.]{0,3}+(?:of|de|du|the|le|er|st|nd|rd|th)?[\s\u00a0\u202f,]{0,3}", re.IGNORECASE
)
_BARE_YEAR = re.compile(r"(?<![\d.,])(?:1[5-9]|20)\d\d(?!\d|[.,]\d|[\s\u00a0\u202f]\d{3})")
_SHORT_YEAR = re.compile(r"((?:19|20)\d\d)[/–-](\d\d)\b")


@dataclass(frozen=True, slots=True)
class Date:
    """text[start:end], a date as far as it is named; `weekday` counts from 0, Monday. `relative`: from publication."""

    start: int
    end: int
    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    relative: bool = False


def find_dates(text: str, language: str | None, published: date | None = None) -> tuple[Date, ...]:
    """The dates of a text in their order; "yesterday" and "last year" only where the day of publication is known."""
    named = _named(text, language)
    if published is None:
        return named
    counted = [
        one
        for one in _counted(text, published)
        if not any(other.start < one.end and one.start < other.end for other in named)
    ]
    return tuple(sorted((*named, *counted), key=lambda one: one.start))


class Held(enum.Enum):
    """Whether a text bears a date out, leaves it open, or names others in its place."""

    YES = "yes"
    OPEN = "open"
    NO = "no"


def held_by(asked: Date, dates: Iterable[Date], published: date | None) -> Held:
    """Whether the dates of a text bear out another one.

    A part that a held date leaves open may be that of the day of publication, or that of another date beside it:
    "from 3 March to 5 April 2024". Where no date is as fine as the one asked, the day of publication itself is allowed.
    """
    known = list(dates)
    years = {one.year for one in known if one.year} | _near_years(asked, published)
    if any(_allows(one, asked, years, published) for one in known):
        return Held.YES
    if _fixes(known, asked):
        return Held.NO
    day = published and Date(0, 0, published.year, published.month, published.day, published.weekday())
    return Held.YES if day and _allows(day, asked, years, published) else Held.OPEN


def _near_years(asked: Date, published: date | None) -> set[int]:
    """The years that a day or month without one may mean: that in which it is nearest to publication."""
    if published is None:
        return set()
    if not asked.month:
        return {published.year}
    apart = asked.month - published.month
    return {published.year, *([published.year - 1] if apart > 5 else [published.year + 1] if apart < -5 else [])}


def _allows(held: Date, asked: Date, years: set[int], published: date | None) -> bool:
    if asked.year and held.year != asked.year and (held.year or asked.year not in years):
        return False
    if asked.month and held.month != asked.month:
        return False
    if asked.day and held.day != asked.day:
        return False
    if asked.weekday is None or held.weekday == asked.weekday:
        return True
    year = held.year or (published.year if published else None)
    return bool(held.weekday is None and year and held.month and held.day) and (
        _weekday(year, held.month, held.day) == asked.weekday  # type: ignore[arg-type]
    )


def _fixes(held: Iterable[Date], asked: Date) -> bool:
    """Whether a text names a date as fine as the one asked, which then is no gap to be filled by publication."""
    fine = "day" if asked.day or asked.weekday is not None else "month" if asked.month else "year"
    return any(getattr(one, fine) is not None and (one.day or not one.relative) for one in held)


def _weekday(year: int, month: int, day: int) -> int | None:
    return date(year, month, day).weekday() if day <= calendar.monthrange(year, month)[1] else None


@lru_cache(maxsize=1024)
def _named(text: str, language: str | None) -> tuple[Date, ...]:
    figures = find_figures(text, language)
    found: list[Date] = []
    used: set[int] = set()
    for place, figure in enumerate(figures):
        month = next(_numbers_of(figure, months()), None)
        if month is None:
            continue
        digits = any(one.start == figure.start and one is not figure for one in figures)  # 12/03/2024, in three figures
        made = _in_digits(figures, figure) if digits else _around(text, figures, place, month)
        used |= {number for number, one in enumerate(figures) if made.start <= one.start < made.end}
        found.append(made)
    for place, figure in enumerate(figures):
        named = next(_numbers_of(figure, weekdays()), None)
        if named is not None:
            used.add(place)
            after = next((n for n, one in enumerate(found) if _is_beside(text, figure.end, one.start)), None)
            if after is None:
                found.append(Date(figure.start, figure.end, weekday=named))
            else:
                found[after] = replace(found[after], start=figure.start, weekday=named)
    taken = [(one.start, one.end) for one in found]
    found += (one for one in _years(text) if not any(a <= one.start < b for a, b in taken))
    return tuple(sorted(found, key=lambda one: one.start))


def _around(text: str, figures: tuple[Figure, ...], place: int, month: int) -> Date:
    """The date around the name of a month: day before or behind it, year behind."""
    figure = figures[place]
    start, end, day, year = figure.start, figure.end, None, None
    before = figures[place - 1] if place else None
    if before and (number := _number(before, 1, 31)) and _is_beside(text, before.end, start):
        start, day = before.start, number
    after = figures[place + 1] if place + 1 < len(figures) else None
    if after and day is None and (number := _number(after, 1, 31)) and _is_beside(text, end, after.start):
        end, day = after.end, number
        after = figures[place + 2] if place + 2 < len(figures) else None
    if after and (number := _number(after, _YEARS.start, _YEARS.stop)) and _is_beside(text, end, after.start):
        end, year = after.end, number
    first = text[max(0, start - 12) : start]
    if day is None and _first().search(first):
        day = 1
    return Date(start, end, year, month, day)


@cache
def _first() -> re.Pattern[str]:
    names = "|".join(word for word, place in ordinals().items() if place == 1)
    return re.compile(rf"\b(?:{names})\s*(?:of\s*)?$", re.IGNORECASE)


def _numbers_of(figure: Figure, names: dict[str, int]) -> Iterator[int]:
    """The months or weekdays among the readings of a figure, by number."""
    return (names[value] for value in figure.readings if isinstance(value, str) and value in names)


def _in_digits(figures: tuple[Figure, ...], figure: Figure) -> Date:
    same = [one for one in figures if one.start == figure.start]
    named = {month for one in same for month in _numbers_of(one, months())}
    numbers = sorted({int(value) for one in same for value in one.readings if isinstance(value, float)})
    year = next((number for number in numbers if number in _YEARS), None)
    days = [number for number in numbers if number not in _YEARS]
    month = min(named)  # 10/12/2024: day first, as both languages write it in Europe
    if len(named) > 1:
        return Date(figure.start, figure.end, year)
    day = next((number for number in days if number != month), month)
    return Date(figure.start, figure.end, year, month, day)


def _is_beside(text: str, end: int, start: int) -> bool:
    return end <= start <= end + 8 and bool(_BESIDE.fullmatch(text, end, start))


def _number(figure: Figure, least: int, most: int) -> int | None:
    values = [value for value in figure.readings if isinstance(value, float)]
    return next((int(value) for value in values if value == int(value) and least <= value <= most), None)


def _years(text: str) -> Iterator[Date]:
    for found in _BARE_YEAR.finditer(text):
        yield Date(found.start(), found.end(), int(found.group()))
    for found in _SHORT_YEAR.finditer(text):
        yield Date(found.start(2), found.end(2), int(found[1][:2] + found[2]))


def _counted(text: str, published: date) -> Iterator[Date]:
    """What is counted from the day of publication: days, the weekdays around it, months and years."""
    folded = fold_aligned(text)
    for word, days in table("relative")["days"].items():
        for found in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", folded):
            day = published + timedelta(days=days)
            yield Date(found.start(), found.end(), day.year, day.month, day.day, day.weekday(), relative=True)
    for word, apart in table("relative")["months"].items():
        for found in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", folded):
            year, month = divmod(published.year * 12 + published.month - 1 + apart, 12)
            yield Date(found.start(), found.end(), year, month + 1, relative=True)
    for word, years in table("relative")["years"].items():
        for found in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", folded):
            yield Date(found.start(), found.end(), published.year + years, relative=True)


def resolved(dates: Iterable[Date], published: date | None) -> tuple[Date, ...]:
    """Dates with what a bare weekday may mean: that day of the week before or behind the day of publication."""
    found: list[Date] = []
    for one in dates:
        found.append(one)
        if published and one.weekday is not None and one.day is None:
            for days in range(-7, 8):
                day = published + timedelta(days=days)
                if day.weekday() == one.weekday:
                    found.append(replace(one, year=day.year, month=day.month, day=day.day, relative=True))
    return tuple(found)
