"""Figures with what they count: value, unit or currency, and how exactly they are meant. Pure.

« 20,9 milliards d'euros », "€20.9bn" and "20,900 million euros" are one quantity; "more than 40 %" is another than
"40 %", and 40 percentage points are none of them. Units and currencies are data (`vectorstore/text/data`).
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import combinations
from typing import TYPE_CHECKING

from bot.language.figures import find_figures
from vectorstore.text import table
from vectorstore.text.calendar import scales
from vectorstore.text.words import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.language.figures import Figure

_NEAR = 0.06  # share by which a figure may be off that is meant roughly
_WIDE = 0.25  # share of a figure by which "more than" may fall short of it
_SAME = 1e-6
_AROUND = 48  # characters beside a figure in which its unit or its bound is looked for
_BLANK = "[\\s\u00a0\u202f]"
_RANGE = re.compile(rf"{_BLANK}{{0,3}}(?:-|–|to|and|à|a|et|ou|or){_BLANK}{{0,3}}", re.IGNORECASE)
_HOUR, _HALF = r"(?P<hour>[01]?\d|2[0-3])", r"(?:\s?(?P<half>a\.?m\.?|p\.?m\.?)(?!\w))?"
_MINUTE = r"(?:(?P<h>\s?h(?:eures?)?(?![^\W\d_])\s?|[:.])(?P<minute>[0-5]\d)?)?"
_CLOCK = re.compile(rf"(?<![\d.,:]){_HOUR}{_MINUTE}{_HALF}(?![\d%])", re.IGNORECASE)
_SHARE_OF = re.compile(
    r"\b(?P<part>\w+)\s{1,3}(?:in|out\s{1,3}of|sur)\s{1,3}(?P<whole>\w+)\b",
    re.IGNORECASE,
)


_HYPHEN = re.compile(r"(?<=[^\W\d_])-(?=(?:quarter|year|day|month|week|half|century|minute|hour|point|member)s?\b)")
_FRACTION = re.compile(r"(?:(?P<whole>\d{1,3})[\s-]?)?(?:(?P<sign>[¼½¾⅓⅔⅕⅛])|(?P<up>[1-7])/(?P<down>[2-8])(?![\d/]))")
_SIGNS = {"¼": 0.25, "½": 0.5, "¾": 0.75, "⅓": 1 / 3, "⅔": 2 / 3, "⅕": 0.2, "⅛": 0.125}


class Bound(enum.Enum):
    """How exactly a figure is meant."""

    EXACT = "exact"
    ABOUT = "about"
    ABOVE = "above"
    BELOW = "below"


@dataclass(frozen=True, slots=True)
class Unit:
    """What is counted; those of one dimension are converted by their factors, where they have one."""

    name: str
    dimension: str
    factor: float | None = None


@dataclass(frozen=True, slots=True)
class Quantity:
    """text[start:end], unit and bound included, and what it may mean; without a unit it counts things."""

    start: int
    end: int
    meanings: frozenset[tuple[float, Unit | None]]
    bound: Bound = Bound.EXACT


class QuantityMatch(enum.IntEnum):
    """How far one quantity bears another out, the worst first."""

    NO = 0
    OTHER_UNIT = 1
    DERIVED = 2
    OTHER_BOUND = 3
    NO_UNIT = 4
    ROUNDED = 5
    YES = 6


def find_quantities(text: str, language: str | None, taken: Sequence[tuple[int, int]] = ()) -> tuple[Quantity, ...]:
    """The quantities of a text in their order, less those in the `taken` places, such as dates."""
    return tuple(one for one in _quantities(text, language) if not any(a < one.end and one.start < b for a, b in taken))


def loose_quantities(text: str) -> tuple[Quantity, ...]:
    """What a text tells without a figure of its own: a half, two thirds, one in five, 2¾ %, "doubled"."""
    return (*_parts(text), *_with_fractions(text), *_single(text))


def follows(asked: Quantity, held: Sequence[Quantity]) -> bool:
    """Whether a quantity is the sum, the difference or the ratio of two that are held."""
    return any(
        _follows(value, unit, a, b)
        for one, other in combinations(held, 2)
        for value, unit in asked.meanings
        for a in one.meanings
        for b in other.meanings
    )


def _follows(value: float, unit: Unit | None, one: tuple[float, Unit | None], other: tuple[float, Unit | None]) -> bool:
    if (one[1] and one[1].dimension) != (other[1] and other[1].dimension):
        return False
    units = [each for each in (one[1], other[1]) if each]
    a, b = one[0], other[0]
    if units and unit and unit.dimension != units[0].dimension:
        if {unit.dimension, units[0].dimension} != {"points", "share"}:
            return False
        value *= unit.factor or 1
    if min(abs(a), abs(b)) > 0 and (unit is None or unit.dimension in {"share", "times"}):
        ratio = max(a, b) / min(a, b)
        if any(
            _near(value, made, _NEAR / 3) for made in (ratio, 100 * (ratio - 1), 100 / ratio, 100 * (1 - 1 / ratio))
        ):
            return True
    return any(_near(value, made, _NEAR / 3) for made in (a + b, abs(a - b)) if made)


def unit_named(name: str) -> Unit:
    """The unit of the tables with a name."""
    return next(unit for unit in _patterns().units.values() if unit.name == name)


def compare(asked: Quantity, held: Quantity) -> QuantityMatch:
    """How far `held` bears `asked` out."""
    return max(_compare(a, b, asked.bound, held.bound) for a in asked.meanings for b in held.meanings)


def counted(text: str) -> frozenset[float]:
    """How many things the text may list: "France, Spain and Italy" are three."""
    counts: set[float] = set()
    for sentence in re.split(r"[.!?](?:\s|$)", text):
        commas = len(re.findall(r",(?!\d)|;|\s-\s|\n", sentence))
        joints = len(re.findall(r"\s(?:and|et|ou|or|ainsi que|as well as|&)\s", sentence, re.IGNORECASE))
        counts.update(float(number) for number in range(2, commas + joints + 2))
    return frozenset(counts)


def _compare(asked: tuple[float, Unit | None], held: tuple[float, Unit | None], *bounds: Bound) -> QuantityMatch:
    value, other = asked[0], held[0]
    unit, its = asked[1], held[1]
    if unit and its and unit.name != its.name:
        if _MINOR in {unit, its} and unit.dimension == its.dimension:
            value, other = value * (unit.factor or 1), other * (its.factor or 1)
        elif unit.dimension != its.dimension or not (unit.factor and its.factor):
            return QuantityMatch.OTHER_UNIT if _near(value, other, _SAME) else QuantityMatch.NO
        else:
            value, other = value * unit.factor, other * its.factor
    found = _values(value, other, *bounds)
    if found in {QuantityMatch.YES, QuantityMatch.ROUNDED} and (unit is None) != (its is None):
        return QuantityMatch.NO_UNIT
    return found


def _values(value: float, other: float, meant: Bound, told: Bound) -> QuantityMatch:
    if _near(value, other, _SAME):
        if told is meant or Bound.ABOUT in {meant, told}:
            return QuantityMatch.YES
        return QuantityMatch.OTHER_BOUND
    between = abs(value - other) / max(abs(other), _SAME)
    if meant is Bound.ABOUT and between <= _NEAR:
        return QuantityMatch.YES
    if meant is Bound.ABOVE and value < other and between <= _WIDE and told is not Bound.BELOW:
        return QuantityMatch.YES
    if meant is Bound.BELOW and value > other and between <= _WIDE and told is not Bound.ABOVE:
        return QuantityMatch.YES
    return (
        QuantityMatch.ROUNDED
        if meant is Bound.EXACT and between <= 0.02 and _is_rounded(value, other)
        else QuantityMatch.NO
    )


def _is_rounded(value: float, other: float) -> bool:
    """Whether a value is another one to two digits or more."""
    return any(float(f"{other:.{digits}g}") == value for digits in (2, 3, 4))


def _near(value: float, other: float, share: float) -> bool:
    return abs(value - other) <= share * max(abs(value), abs(other), _SAME)


@lru_cache(maxsize=1024)
def _quantities(text: str, language: str | None) -> tuple[Quantity, ...]:
    text = _HYPHEN.sub(" ", text)
    clocks = list(_clocks(text))
    hours = [(one.start, one.end) for one in clocks]
    figures = [
        one
        for one in find_figures(text, language)
        if any(isinstance(value, float) for value in one.readings) and not any(a <= one.start < b for a, b in hours)
    ]
    found = [_quantity(text, one) for one in figures]
    for place in range(len(found) - 2, -1, -1):
        found[place] = _as_range(text, language, found[place], figures[place], found[place + 1], figures[place + 1])
    return tuple(sorted((*found, *clocks), key=lambda one: one.start))


def _quantity(text: str, figure: Figure) -> Quantity:
    values = [value for value in figure.readings if isinstance(value, float)]
    start, end, units, times = _unit_of(text, figure)
    meanings = {(value * times, unit) for value in values for unit in units}
    if times != 1:  # "750 m": millions only beside a currency
        meanings |= {(value, unit) for value in values for unit in _behind(text, figure.end)[1]}
    return Quantity(start, end, frozenset(meanings), _bound(text, start, end))


def _unit_of(text: str, figure: Figure) -> tuple[int, int, tuple[Unit | None, ...], float]:
    """Where a figure with its unit stands, what the unit may be, and a scale that is a letter: "$750m"."""
    before, after = text[max(0, figure.start - 8) : figure.start], text[figure.end : figure.end + _AROUND]
    sign = _patterns().before.search(before)
    currency = _patterns().units[_key(sign["unit"])] if sign else None
    scale = _patterns().sign.match(after)
    letter = table("numbers")["signs"][scale["scale"]] if scale else 1.0
    if currency:
        end = figure.end + (scale.end() if scale else 0)
        return figure.start - len(before) + sign.start(), end, (currency,), letter  # type: ignore[union-attr]
    if scale and (behind := _behind(text, figure.end + scale.end()))[1][0] is not None:
        return figure.start, behind[0], behind[1], letter
    end, units = _behind(text, figure.end)
    return figure.start, end, units, 1.0


def _behind(text: str, end: int) -> tuple[int, tuple[Unit | None, ...]]:
    """The unit right behind a figure, and where it ends."""
    found = _patterns().behind.match(text, end, end + _AROUND)
    if not found:
        return end, (None,)
    return found.end(), (_patterns().units[_key(found["unit"])],)


def _key(spelt: str) -> str:
    """A unit's spelling as the table has it: signs as they are, words folded."""
    plain = re.sub(rf"{_BLANK}+", " ", spelt)
    return plain if plain in _patterns().units else fold(plain)


def _bound(text: str, start: int, end: int) -> Bound:
    before = fold(text[max(0, start - _AROUND) : start])
    after = fold(text[end : end + _AROUND])
    patterns = _patterns()
    for bound in (Bound.ABOUT, Bound.ABOVE, Bound.BELOW):  # "just over" is about, and no lower bound
        if patterns.bound_before[bound].search(before) or patterns.bound_after[bound].match(after):
            return bound
    return Bound.EXACT


def _as_range(
    text: str, language: str | None, first: Quantity, figure: Figure, second: Quantity, other: Figure
) -> Quantity:
    """The first of two ends of a range, in the unit and the scale of the second: "3 to 5 million euros"."""
    if any(unit for _, unit in first.meanings) or not _RANGE.fullmatch(
        text[first.end : figure.end + (second.start - figure.end)]
    ):
        return first
    units = {unit for _, unit in second.meanings}
    digits = re.match(r"[\d.,]+", text[other.start : other.end])
    scale = text[other.start + digits.end() : other.end] if digits else ""
    values = [value for value, _ in first.meanings]
    if scale.strip():
        again = find_figures(text[figure.start : figure.end] + scale, language)
        values += [value for one in again for value in one.readings if isinstance(value, float)]
    return replace(first, meanings=frozenset((value, unit) for value in values for unit in (*units, None)))


def _with_fractions(text: str) -> Iterator[Quantity]:
    """Figures that end in a fraction: 2¾ %, 4-3/4 per cent, 1/2 point."""
    for found in _FRACTION.finditer(text):
        part = _SIGNS[found["sign"]] if found["sign"] else int(found["up"]) / int(found["down"])
        end, units = _behind(text, found.end())
        value = int(found["whole"] or 0) + part
        yield Quantity(
            found.start(), end, frozenset((value, unit) for unit in (*units, None)), _bound(text, found.start(), end)
        )


def _clocks(text: str) -> Iterator[Quantity]:
    """Times of day as minutes: "2.30 pm" and « 14 h 30 »."""
    for found in _CLOCK.finditer(text):
        h, half = (found["h"] or "").strip().lower(), (found["half"] or "").lower().replace(".", "")
        if not half and (not h.startswith("h") and not (h == ":" and found["minute"])):
            continue
        if h.startswith("h") and not found["minute"] and not half and h != "h":
            continue  # « 14 heures » may be a length of time
        hour = int(found["hour"]) % 12 + (12 if half == "pm" else 0) if half else int(found["hour"])
        minutes = float(hour * 60 + int(found["minute"] or 0))
        meanings: set[tuple[float, Unit | None]] = {(minutes, _CLOCK_UNIT)}
        if h == "h" and not found["minute"]:
            meanings.add((float(hour), _patterns().units.get("h")))
        yield Quantity(found.start(), found.end(), frozenset(meanings))


_CLOCK_UNIT = Unit("clock", "clock")
_MINOR = Unit("cent", "money", 0.01)
"""The hundredth part of any currency."""


def _parts(text: str) -> Iterator[Quantity]:
    """Parts and multiples: "three quarters", "a quarter of a billion", « multiplié par deux », "nine in ten"."""
    known = table("bounds")
    words = [(found.start(), found.end(), fold(found.group())) for found in re.finditer(r"[^\W_]+", text)]
    share, times = Unit("per_cent", "share"), Unit("times", "times")
    for place, (start, end, word) in enumerate(words):
        if (part := known["parts"].get(word)) is not None:
            before = _small(words[place - 1][2]) if place else None
            first = words[place - 1][0] if before else start
            value = part * (before or 1)
            meanings: set[tuple[float, Unit | None]] = {
                (100 * value, share),
                (value, None),
                (value, unit_named("percentage_point")),
            }
            scale = _patterns().scaled.match(text, end)
            if scale:
                meanings |= {(value * scales(None)[fold(scale["scale"])], None)}
            last = scale.end() if scale else end
            yield Quantity(first, last, frozenset(meanings), _bound(text, first, last))
        elif (many := known["times"].get(word)) is not None:
            grown = 100.0 * abs(many - 1)
            yield Quantity(start, end, frozenset({(float(many), times), (float(many), None), (grown, share)}))
    for found in _SHARE_OF.finditer(text):
        part, whole = _small(fold(found["part"])), _small(fold(found["whole"]))
        if part and whole and part <= whole:
            yield Quantity(
                *found.span(),
                frozenset({(100 * part / whole, share), (part / whole, None)}),
                _bound(text, *found.span()),
            )


def _single(text: str) -> Iterator[Quantity]:
    """One of a length of time: "a week", « la semaine précédente »."""
    for found in _patterns().one.finditer(text):
        yield Quantity(*found.span(), frozenset({(1.0, _patterns().units[_key(found["unit"])])}))


def _small(word: str) -> float | None:
    """A small number in digits or in a word of either language."""
    if word.isdigit():
        return float(word)
    if word in {"one", "un", "une", "a"}:
        return 1.0
    for language in ("en", "fr"):
        for one in find_figures(word, language):
            return next((value for value in one.readings if isinstance(value, float)), None)
    return None


@dataclass(frozen=True, slots=True)
class _Patterns:
    units: dict[str, Unit]
    sign: re.Pattern[str]
    scaled: re.Pattern[str]
    before: re.Pattern[str]
    behind: re.Pattern[str]
    one: re.Pattern[str]
    bound_before: dict[Bound, re.Pattern[str]]
    bound_after: dict[Bound, re.Pattern[str]]


def _known_units() -> tuple[dict[str, Unit], set[str], set[str], set[str]]:
    """Units by their words and signs; then the words, the signs, and what stands for money before its figure."""
    units: dict[str, Unit] = {}
    words: set[str] = set()
    signs: set[str] = set()
    money: set[str] = set()
    for name, one in table("units")["units"].items():
        known = Unit(name, one["dimension"], one.get("factor"))
        words |= {word.lower() for word in one.get("words", ())}
        signs |= set(one.get("signs", ()))
        units |= {fold(word): known for word in one.get("words", ())}
        units |= dict.fromkeys(one.get("signs", ()), known)
    for code, one in table("currencies")["currencies"].items():
        known = Unit(code, "money")
        words |= {word.lower() for word in one.get("words", ())}
        money |= {code, *one.get("signs", ())}
        units |= {fold(word): known for word in one.get("words", ()) if fold(word) not in units}
        units |= dict.fromkeys((code, *one.get("signs", ())), known)
        minor = {word.lower() for word in one.get("minor", ())}
        words |= minor
        units |= {fold(word): _MINOR for word in minor if fold(word) not in units}
    return units, words | {fold(word) for word in words}, signs, money


@cache
def _patterns() -> _Patterns:
    units, words, signs, money = _known_units()
    shown = rf"{_one_of(signs | money)}(?!\w)"
    spelt = {**dict.fromkeys(words, "(?i:{})"), **dict.fromkeys(signs | money, "{}")}
    longest = sorted(spelt, key=lambda word: (-len(word), word))
    unit = "|".join(spelt[word].format(re.escape(word)) for word in longest)
    times = {word for word in words if units[fold(word)].dimension == "time"}
    bounds = table("bounds")
    return _Patterns(
        units,
        re.compile(rf"{_BLANK}?(?P<scale>{_one_of(list(table('numbers')['signs']))})(?!\w)"),
        re.compile(rf"\s(?:(?:of|de)\s)?(?:an?\s|d['’]un\s)?(?P<scale>{_one_of(list(scales(None)))})\b", re.IGNORECASE),
        re.compile(rf"(?<!\w)(?P<unit>{_one_of(money)}){_BLANK}?$"),
        re.compile(
            rf"(?:{_BLANK}?(?={shown})|(?:{_BLANK}|-){{1,3}}(?:(?:de{_BLANK}|of{_BLANK}|d['’]))?(?=\w))"
            rf"(?P<unit>{unit})(?!\w)"
        ),
        re.compile(rf"\b(?:an?|one|une?|la|each|per|par|previous|last)\s(?P<unit>{_one_of(times)})\b", re.IGNORECASE),
        {
            bound: re.compile(rf"(?<!\w){_one_of(bounds[bound.value]['before'])}[\s(]{{0,3}}(?:l[ea]s?\s|the\s|a\s)?$")
            for bound in _BOUNDED
        },
        {bound: re.compile(rf"\s{_one_of(bounds[bound.value]['after'])}(?!\w)") for bound in _BOUNDED},
    )


_BOUNDED = (Bound.ABOUT, Bound.ABOVE, Bound.BELOW)


def _one_of(words: set[str] | Sequence[str]) -> str:
    return f"(?:{'|'.join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))})"
