"""What of a sentence its quote bears out, and what it contradicts, told in numbers. Pure.

Figures are compared as values with their unit and bound, dates in their parts, names across languages, and the stance
of both. What the numbers weigh is learnt (`training.claims`), beside what the reader says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from bot.language.binding import binding, likeness
from bot.language.dates import Held, find_dates, held_by, resolved
from bot.language.names import known_names, missing_names
from bot.language.opposites import stance, turned
from bot.language.quantities import (
    Match,
    Quantity,
    compare,
    counted,
    find_quantities,
    follows,
    loose_quantities,
    unit_named,
)
from vectorstore.subwords import built_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date


_SMALL = 12
_AGAINST = (
    "figure_missing", "figure_small", "figure_unit", "figure_bound", "date_wrong", "name_listed", "name_other",
    "turned", "more_negations", "fewer_negations", "possible_lost", "conditional_lost", "denied_lost", "planned_gained",
    "exclusive_gained", "superlative_gained", "cause_gained", "swapped",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class QuotedText:
    """What bears a sentence out: quotes of one release in its language, and what of it stands around them."""

    text: str
    language: str | None
    around: str = ""
    published: date | None = None


NAMES = (
    "figure_missing", "figure_small", "figure_derived", "figure_unit", "figure_bound", "figure_bare", "date_wrong",
    "date_open", "name_listed", "name_other", "name_moved", "turned", "more_negations", "fewer_negations",
    "planned_lost", "possible_lost", "conditional_lost", "denied_lost", "planned_gained", "exclusive_gained",
    "superlative_gained", "cause_gained", "swapped", "bound_low", "bound_high", "across",
    "figure_close", "date_close", "name_close", "turned_close", "denial_close", "alike", "clean", "figure_respelt",
    "name_respelt",
)  # fmt: skip
"""The numbers that `agreement` gives, in their order."""


def agreement(sentence: str, language: str | None, quoted: QuotedText) -> dict[str, float]:
    """The numbers of `NAMES` for a sentence and its quote."""
    found = _figures(sentence, language, quoted)
    figures = [told for told, _ in found]
    dates = set(dates_held(sentence, language, quoted).values())
    listed, others = missing_names(sentence, language, (quoted.text, quoted.around))
    beside, _ = missing_names(sentence, language, (quoted.text,))
    mine, its = stance(sentence, language), stance(quoted.text, quoted.language)
    bound = binding(
        sentence, quantities(sentence, language), quoted.text, quantities(quoted.text, quoted.language), built_in()
    )
    lost, gained = its.kinds - mine.kinds, mine.kinds - its.kinds
    across = bool(language and quoted.language and language != quoted.language)
    told: dict[str, float] = {
        "figure_missing": min(sum(told is Match.NO and not small for told, small in found), 2),
        "figure_small": min(sum(told is Match.NO and small for told, small in found), 2),
        "figure_derived": figures.count(Match.DERIVED) > 0,
        "figure_unit": figures.count(Match.OTHER_UNIT) > 0,
        "figure_bound": figures.count(Match.OTHER_BOUND) > 0,
        "figure_bare": figures.count(Match.NO_UNIT) > 0,
        "date_wrong": Held.NO in dates,
        "date_open": Held.OPEN in dates,
        "name_listed": min(len(listed), 2),
        "name_other": min(len(others), 2),
        "name_moved": len(beside) > len(listed),
        "turned": min(turned(mine, its), 2),
        "more_negations": mine.negations > its.negations,
        "fewer_negations": mine.negations < its.negations,
        "planned_lost": "planned" in lost,
        "possible_lost": "possible" in lost,
        "conditional_lost": "conditional" in lost,
        "denied_lost": "denied" in lost,
        "planned_gained": "planned" in gained,
        "exclusive_gained": "exclusive" in gained,
        "superlative_gained": "superlatives" in gained,
        "cause_gained": "causes" in gained,
        "swapped": is_swapped(sentence, language, quoted),
        "bound_low": max(-bound, 0.0),
        "bound_high": max(bound, 0.0),
        "across": across,
    }
    # A sentence that says the rest in the quote's words has hardly reckoned or reworded what differs.
    alike = likeness(sentence, quoted.text, built_in())
    told["figure_close"] = alike * (told["figure_missing"] + told["figure_small"])
    told["date_close"] = alike * told["date_wrong"]
    told["name_close"] = alike * (told["name_listed"] + told["name_other"])
    told["turned_close"] = alike * told["turned"]
    told["denial_close"] = alike * (told["more_negations"] or told["fewer_negations"])
    told["alike"] = alike
    told["figure_respelt"] = any(
        match >= Match.ROUNDED and sentence[one.start : one.end] not in quoted.text
        for one, (match, _) in zip(quantities(sentence, language), found, strict=True)
    )
    told["name_respelt"] = not across and _is_respelt(sentence, quoted.text)
    told["clean"] = 0.0 if any(told[name] for name in _AGAINST) else alike**2
    return {name: float(told[name]) for name in NAMES}


def dates_held(sentence: str, language: str | None, quoted: QuotedText) -> dict[str, Held]:
    """The dates of a sentence, as spelt, and whether the quote bears them out; what it leaves open may stand around."""
    held = resolved(find_dates(quoted.text, quoted.language, quoted.published), quoted.published)
    around = resolved(find_dates(quoted.around, quoted.language, quoted.published), quoted.published)
    found: dict[str, Held] = {}
    for one in find_dates(sentence, language):
        told = held_by(one, held, quoted.published)
        if told is Held.OPEN:
            # A day that stands nowhere is made up; a month or a year may follow from what the release is about.
            known = held_by(one, around, None) is Held.YES
            told = Held.YES if known else Held.NO if one.day else Held.OPEN
        found[sentence[one.start : one.end]] = told
    return found


def _figures(sentence: str, language: str | None, quoted: QuotedText) -> list[tuple[Match, bool]]:
    """How far the quote bears each figure of a sentence out, and whether it is a small one that has no rival there."""
    asked, numbers = quantities(sentence, language), quantities(quoted.text, quoted.language)
    held = _Held((*_held(quoted), *numbers), (*numbers, *_spans(quoted)), counted(quoted.text))
    around = find_quantities(quoted.around, quoted.language)
    return [
        (
            max(_borne(one, held), max((compare(one, each) for each in around), default=Match.NO))
            if _is_of_a_name(sentence, one)
            else _borne(one, held),
            _is_small(one) and not any(_is_small(each) for each in numbers),
        )
        for one in asked
    ]


@dataclass(frozen=True, slots=True)
class _Held:
    """What a quote holds: all its figures, those of them that may be reckoned with, and how many things it may list."""

    figures: tuple[Quantity, ...]
    numbers: tuple[Quantity, ...]
    listed: frozenset[float]


def _is_respelt(sentence: str, quote: str) -> bool:
    """Whether a name of a sentence stands in the quote under another of its names: WHO, World Health Organization."""
    held = known_names(quote)
    keys = frozenset[str]().union(*(one.keys for one in held))
    return any(
        not one.keys.isdisjoint(keys) and sentence[one.start : one.end] not in quote for one in known_names(sentence)
    )


def _is_of_a_name(text: str, one: Quantity) -> bool:
    """Whether a number belongs to a name: « Ariane 6 »."""
    before = text[: one.start].split()
    return bool(before) and before[-1][0].isupper() and all(unit is None for _, unit in one.meanings)


def _is_small(one: Quantity) -> bool:
    return all(
        value == int(value) and value <= _SMALL and (not unit or unit.dimension == "time")
        for value, unit in one.meanings
    )


def _borne(asked: Quantity, held: _Held) -> Match:
    best = max((compare(asked, other) for other in held.figures), default=Match.NO)
    if best >= Match.OTHER_BOUND:
        return best
    plain = [value for value, unit in asked.meanings if not unit or unit.dimension == "time"]
    if any(value in held.listed for value in plain):
        return Match.NO_UNIT
    return Match.DERIVED if follows(asked, held.numbers) else best


def quantities(text: str, language: str | None) -> list[Quantity]:
    """What a text counts, dates left out; "three quarters" stands for its three."""
    dates = [(one.start, one.end) for one in find_dates(text, language)]
    parts = [one for one in loose_quantities(text) if re.search(r"[^\W_]\s|\d", text[one.start : one.end])]
    plain = find_quantities(text, language, [*dates, *((one.start, one.end) for one in parts)])
    numbers = [one for one in parts if any(value != 1 for value, _ in one.meanings)]
    return sorted((*plain, *numbers), key=lambda one: one.start)


def _held(quoted: QuotedText) -> tuple[Quantity, ...]:
    return (*find_quantities(quoted.text, quoted.language), *loose_quantities(quoted.text), *_spans(quoted))


def _spans(quoted: QuotedText) -> Iterator[Quantity]:
    """The years between the dates of a quote, and between them and its publication."""
    dates = find_dates(quoted.text, quoted.language, quoted.published)
    years = {one.year for one in dates if one.year} | ({quoted.published.year} if quoted.published else set())
    for one, other in combinations(sorted(years), 2):
        yield Quantity(0, 0, frozenset({(float(other - one), unit_named("year"))}))


def is_swapped(sentence: str, language: str | None, quoted: QuotedText) -> bool:
    """Whether two figures of a quote stand in a sentence beside each other's names.

    A figure belongs to the name that stands nearest to it; two that exchange their names are swapped.
    """
    mine, its = _owners(sentence, language), _owners(quoted.text, quoted.language)
    for value, names in mine.items():
        other = its.get(value)
        if (
            names
            and other
            and names.isdisjoint(other)
            and any(names & owners for v, owners in its.items() if v != value)
        ):
            return True
    return False


def _owners(text: str, language: str | None) -> dict[float, frozenset[str]]:
    """Values of a text with what the nearest name before or behind each stands for."""
    names = known_names(text)
    figures = quantities(text, language)
    if len(figures) < 2 or len(names) < 2:
        return {}
    owners: dict[float, frozenset[str]] = {}
    for figure in figures:
        near = min(names, key=lambda name: _apart(text, name.start, name.end, figure.start, figure.end))
        owners |= {value: near.keys for value, _ in figure.meanings}
    return owners


def _apart(text: str, a: int, b: int, c: int, d: int) -> int:
    between = text[b:c] if b <= c else text[d:a]
    return len(between) + 40 * len(re.findall(r"[;,.]", between))
