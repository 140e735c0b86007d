"""How a figure of one sentence differs from that of an earlier one, where both certainly measure the same. Pure.

A wrong difference is worse than a missing one. Both sentences give one exact figure of a kind: of one unit, or of
things with one name. They name the same people and places, deny, plan and turn round the same, and share most of what
else they say; what a figure is said to have risen to is never compared with what it rose by.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

from bot.language.agreement import stance, turned
from bot.language.dates import find_dates
from bot.language.names import known_names, missing_names
from bot.language.quantities import Bound, find_quantities
from vectorstore.text import table
from vectorstore.text.words import fold, index_words, is_stop_word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.language.quantities import Quantity

_LANGUAGES = ("en", "fr")
_SHARES = frozenset({"share", "points"})
_ALIKE = 0.5  # of the words of both sentences that both have, where what is counted has one name
_MORE_ALIKE = 0.6  # the same for money, shares, lengths: the unit does not say what is measured
_FEWEST = 2  # words that both have, for those
_NOUN = 4  # words at the most that name what is counted
_DIGITS = re.compile(r"\d+(?:[.,'’ \u00a0\u202f]\d+)*")
_GROUPED = {
    "en": re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?"),
    "fr": re.compile(r"\d{1,3}(?:[ \u00a0\u202f'’]\d{3})+(?:,\d+)?"),
}
_PLAIN = {"en": re.compile(r"\d+(?:\.\d+)?"), "fr": re.compile(r"\d+(?:,(?:\d{1,2}|\d{4,}))?")}
_ORDINAL = re.compile(r"\d(?:st|nd|rd|th|ers?|re|[eè]mes?|es?)\b", re.IGNORECASE)
_JOINED = re.compile(r"[\s\u00a0\u202f]{0,3}(?:-|–|—|/|to|and|à|et|ou|or|x|×)[\s\u00a0\u202f]{0,3}", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_NAME = re.compile(r"(?<=[\w,;)] )(?:[dl]['’])?([A-ZÀ-Ý][\w-]+)")
_BEFORE = re.compile(r"([^\W\d_]+(?:['’][^\W\d_]+)?)\W{0,3}$")
_EXACT_DIGITS = 12  # more than any figure has, and fewer than a float holds


@dataclass(frozen=True, slots=True)
class FigureChange:
    """What a sentence gives for what an earlier one gave too, the same or another figure.

    `before` and `after` are where the figures stand in the two sentences, unit included. `difference` is counted in the
    unit of both, that of shares in percentage points; `percent` is the difference as a share of the earlier one, None
    for shares and where the earlier one is 0.
    """

    before: tuple[int, int]
    after: tuple[int, int]
    difference: Decimal
    percent: Decimal | None
    in_points: bool = False


def figure_change(earlier: str, later: str, language: str | None) -> FigureChange | None:
    """What one figure is in both sentences, one that has changed where there is one; None where none is in both.

    Both are in one language, French or English.
    """
    if language not in _LANGUAGES or not _say_the_like(earlier, later, language):
        return None
    before, after = _measures(earlier, language), _measures(later, language)
    changes = []
    for one in after:
        rivals = [other for other in after if other.kind == one.kind]
        found = [other for other in before if other.kind == one.kind]
        if len(rivals) == len(found) == 1 and _are_of_one_thing(earlier, found[0], later, one, language):
            changes.append(_change(found[0], one))
    return next((change for change in changes if change.difference), changes[0] if changes else None)


def name_one_thing(earlier: str, later: str, topic: str, language: str | None) -> bool:
    """Whether two sentences say themselves what they are about: a name, or all words of a topic.

    "The company employs 4,000 people" does not: in another release the company may be another.
    """
    if _names(earlier, language) & _names(later, language):
        return True
    wanted = set(index_words(topic, language))
    texts = (earlier, later)
    words = {fold(word) for text in texts for word in _WORD.findall(text)}
    held = bool(wanted) and all(wanted <= set(index_words(text, language)) for text in texts)
    return held and language in _LANGUAGES and not words & _beside(str(language), "stands_for")


def _names(sentence: str, language: str | None) -> set[str]:
    """What a sentence names, by the keys of the tables, or as it is spelt inside the sentence."""
    inside = _NAME.findall(_undated(sentence, str(language)))
    keys = {key for one in known_names(sentence) for key in one.keys}
    return keys | {fold(word) for word in inside if not is_stop_word(word, language)}


@dataclass(frozen=True, slots=True)
class _Measure:
    """A figure with its one value; `kind` is its unit, or the stems of what it counts."""

    place: tuple[int, int]
    value: Decimal
    kind: tuple[str, ...]
    dimension: str | None
    preceded_by: str


def _change(before: _Measure, after: _Measure) -> FigureChange:
    difference = after.value - before.value
    in_points = before.dimension in _SHARES
    percent = None if in_points or not before.value else 100 * difference / abs(before.value)
    return FigureChange(before.place, after.place, difference, percent, in_points)


def _say_the_like(earlier: str, later: str, language: str) -> bool:
    """Whether neither sentence names, denies, plans or turns round what the other does not."""
    if any(map(any, (missing_names(earlier, language, (later,)), missing_names(later, language, (earlier,))))):
        return False
    if _spans(earlier, language) != _spans(later, language):
        return False
    one, other = (stance(_undated(text, language), language) for text in (earlier, later))
    return one.kinds == other.kinds and one.negations == other.negations


def _spans(sentence: str, language: str) -> frozenset[str]:
    """Over how long a sentence counts: its words for that, and whether it names a month or a year alone."""
    dates = [one for one in find_dates(sentence, language) if one.day is None and one.weekday is None]
    named = {"month" if one.month else "year" for one in dates if one.month or one.year}
    words = {fold(word) for word in _WORD.findall(_undated(sentence, language))}
    return frozenset({*named, *(words & _span_words(language))})


def _undated(sentence: str, language: str) -> str:
    """A sentence with blanks in place of its dates: in "May 2024" nothing may be."""
    return _without(sentence, [(one.start, one.end) for one in find_dates(sentence, language)])


def _without(sentence: str, places: Sequence[tuple[int, int]]) -> str:
    return "".join(" " if any(a <= at < b for a, b in places) else sign for at, sign in enumerate(sentence))


def _are_of_one_thing(earlier: str, before: _Measure, later: str, after: _Measure, language: str) -> bool:
    words = _words_of(earlier, before, language), _words_of(later, after, language)
    moving = _moving(language)
    if any(moving.intersection(map(fold, _WORD.findall(text))) for text in (earlier, later)):
        reaches = _beside(language, "reaches")
        reached = {one.preceded_by in reaches for one in (before, after)}
        same_way = not turned(stance(earlier, language), stance(later, language))
        if len(reached) > 1 or (reached == {False} and not same_way):
            return False
    shared, either = words[0] & words[1], words[0] | words[1]
    if before.dimension is None:
        return len(shared) >= _ALIKE * len(either)
    return len(shared) >= max(_FEWEST, _MORE_ALIKE * len(either))


def _words_of(sentence: str, measure: _Measure, language: str) -> set[str]:
    """The stems of what a sentence says beside its figures, dates and what rises or falls."""
    told = _without(_undated(sentence, language), [measure.place])
    words = [word for word in _WORD.findall(told) if not is_stop_word(word, language)]
    moving = _moving(language)
    return {stem for word in words if fold(word) not in moving for stem in index_words(word, language)} - {
        *measure.kind
    }


def _measures(sentence: str, language: str) -> list[_Measure]:
    """The figures of a sentence that say one value of one thing exactly, dates left out."""
    dates = [(one.start, one.end) for one in find_dates(sentence, language)]
    found = find_quantities(sentence, language, dates)
    return [one for at, _ in enumerate(found) if (one := _measure(sentence, found, at, language))]


def _measure(sentence: str, found: Sequence[Quantity], at: int, language: str) -> _Measure | None:
    quantity = found[at]
    spelt = sentence[quantity.start : quantity.end]
    before = _BEFORE.search(sentence[: quantity.start])
    preceded_by = fold(before[1]) if before else ""
    if quantity.bound is not Bound.EXACT or _ORDINAL.search(spelt) or preceded_by in _beside(language, "part"):
        return None
    if _is_in_a_range(sentence, found, at, language) or _is_of_a_name(sentence, quantity, language):
        return None
    value = _value(spelt, quantity, language)
    if value is None:
        return None
    unit = _unit(quantity)
    kind = (unit[0],) if unit else tuple(_noun(sentence, quantity.end, language))
    return _Measure((quantity.start, quantity.end), value, kind, unit and unit[1], preceded_by) if kind else None


def _unit(quantity: Quantity) -> tuple[str, str] | None:
    """Name and dimension of the unit; money where a letter may stand for a scale or a unit: "€750m"."""
    units = {(unit.name, unit.dimension) for _, unit in quantity.meanings if unit}
    money = {unit for unit in units if unit[1] == "money"}
    return next(iter(money or units), None)


def _value(spelt: str, quantity: Quantity, language: str) -> Decimal | None:
    """The one number that a spelling means in a language; None where it may be read in two ways."""
    digits, unit = _DIGITS.search(spelt), _unit(quantity)
    names = {one.name for _, one in quantity.meanings if one}
    if digits is None or (len(names) > 1 and unit and unit[1] != "money"):
        return None
    values = {value for value, one in quantity.meanings if (one and (one.name, one.dimension)) == unit}
    if _GROUPED[language].fullmatch(digits[0]):
        value = max(values)
    elif _PLAIN[language].fullmatch(digits[0]):
        value = min(values)
    else:
        return None
    exact = Decimal(f"{value:.{_EXACT_DIGITS}g}")
    return exact if unit or exact == exact.to_integral_value() else None  # nobody counts half a person


def _noun(sentence: str, end: int, language: str) -> Iterator[str]:
    """The stems of the words right behind a figure, up to the first that says nothing by itself."""
    for _ in range(_NOUN):
        gap = re.compile(r"[ \u00a0\u202f]{1,2}").match(sentence, end)
        word = _WORD.match(sentence, gap.end()) if gap else None
        if word is None or is_stop_word(word[0], language):
            return
        yield from index_words(word[0], language)[:1]
        end = word.end()


def _is_in_a_range(sentence: str, found: Sequence[Quantity], at: int, language: str) -> bool:
    """Whether a figure is one end of "3,000 to 5,000"; "€750m to 12 projects" are two figures."""
    for one, other in ((at - 1, at), (at, at + 1)):
        if one < 0 or other >= len(found):
            continue
        first, second = found[one], found[other]
        apart = _unit(first) != _unit(second) and (_unit(second) or any(_noun(sentence, second.end, language)))
        if _JOINED.fullmatch(sentence[first.end : second.start]) and not apart:
            return True
    return False


def _is_of_a_name(sentence: str, quantity: Quantity, language: str) -> bool:
    """Whether a figure belongs to a name, or to a word: "Article 5", "F-35", "the 5G network"."""
    start, end = quantity.start, quantity.end
    if sentence[start - 1 : start].isalnum() or sentence[start - 1 : start] in {"-", "/", "#", "."}:
        return True
    if sentence[end : end + 1].isalnum() or re.match(r"-\w", sentence[end:]):
        return True
    before = sentence[:start].split()
    is_name = bool(before) and before[-1][0].isupper() and not is_stop_word(before[-1], language)
    return is_name and _unit(quantity) is None and not before[-1].endswith((",", ";", ":"))


@cache
def _beside(language: str, name: str) -> frozenset[str]:
    return frozenset(table("beside_figures")[language][name])


@cache
def _span_words(language: str) -> frozenset[str]:
    units = [one for one in table("units")["units"].values() if one["dimension"] == "time"]
    return _beside(language, "span") | {fold(word) for one in units for word in one.get("words", ())}


@cache
def _moving(language: str) -> frozenset[str]:
    """Words for what rises, falls, is raised or lowered; folded."""
    pairs = [pair for pair in table("opposites")["opposites"] if {"rise", "raise"} & {*pair["one"].get("en", ())}]
    return frozenset(fold(word) for pair in pairs for side in ("one", "other") for word in pair[side].get(language, ()))
