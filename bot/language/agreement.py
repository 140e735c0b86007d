"""What of a sentence its quote bears out, and what it contradicts, told in numbers. Pure.

Figures are compared as values with their unit and bound, dates in their parts, names across languages, and the stance
of both: words that turn a statement round (opposites, negations, how certain it is), within and across languages. What
the numbers weigh is learnt (`training.claims`), beside what the reader says.

Whether a figure stands beside the same words in both is told by the vectors of a bilingual subword model, so two
figures that change places are seen across languages too. For a figure of the sentence and one of the quote, each word
near the first looks for its likest word near the second; the figure that a sentence gives should win against the
quote's other figures of its kind.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from bot.language.dates import Held, find_dates, held_by, resolved
from bot.language.names import known_names, missing_names
from bot.language.quantities import (
    Quantity,
    QuantityMatch,
    compare,
    counted,
    find_quantities,
    follows,
    loose_quantities,
    unit_named,
)
from vectorstore.embedders.subwords import built_in
from vectorstore.text import table
from vectorstore.text.words import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from vectorstore.embedders.subwords import SubwordModel

_NEAR = 6.0  # words apart at which a neighbour still counts 1/e


def binding(
    sentence: str, asked: Sequence[Quantity], quote: str, held: Sequence[Quantity], model: SubwordModel
) -> float:
    """How clearly the figures of a sentence stand beside the words of those that they are in the quote.

    From -1, where another figure of the quote stands there, to 1; 0 where the quote has but one of each kind.
    """
    rivals = [(one, _kin(one, held)) for one in asked]
    rivals = [(one, kin) for one, kin in rivals if kin[0] and kin[1]]
    if not rivals:
        return 0.0
    mine, its = _Words(sentence, model), _Words(quote, model)
    likeness = np.maximum(mine.directions @ its.directions.T, 0) * mine.weights[:, None]
    worst = 1.0
    for one, (same, others) in rivals:
        near = mine.near(one)
        own = max(_beside(likeness, near, its.near(each)) for each in same)
        other = max(_beside(likeness, near, its.near(each)) for each in others)
        worst = min(worst, (own - other) / max(own + other, 1e-6))
    return worst


def likeness(sentence: str, quote: str, model: SubwordModel) -> float:
    """The weighed share of a sentence's words that a quote holds, in either language, in [0, 1]."""
    mine, its = _Words(sentence, model), _Words(quote, model)
    if not len(mine.weights) or not len(its.weights):
        return 0.0
    best = np.maximum(mine.directions @ its.directions.T, 0).max(axis=1)
    return float(mine.weights @ best / max(mine.weights.sum(), 1e-6))


def _kin(one: Quantity, held: Sequence[Quantity]) -> tuple[list[Quantity], list[Quantity]]:
    """The quote's figures that say the same as one, and its others of that kind."""
    same = [each for each in held if compare(one, each) >= QuantityMatch.OTHER_BOUND]
    kinds = {unit.dimension if unit else "" for each in same for _, unit in each.meanings}
    others = [
        each
        for each in held
        if each not in same and kinds & {unit.dimension if unit else "" for _, unit in each.meanings}
    ]
    return same, others


def _beside(likeness: NDArray[np.float32], near: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """How much of what is near in the sentence is found near in the quote."""
    return float(near @ (likeness * other[None, :]).max(axis=1))


class _Words:
    """The subwords of a text with their vectors, weights and places."""

    def __init__(self, text: str, model: SubwordModel) -> None:
        numbers, places = model.places(text)
        kept = [at for at, (start, end) in enumerate(places) if not any(map(str.isdigit, text[start:end]))]
        self.directions = model.directions(numbers[kept])
        self.weights = np.minimum(model.rarity[numbers[kept]], 9.0)
        self._middles = np.array([(places[at][0] + places[at][1]) / 2 for at in kept])

    def near(self, figure: Quantity) -> NDArray[np.float32]:
        """How near each subword is to a figure, in (0, 1]."""
        apart = np.maximum(np.maximum(figure.start - self._middles, self._middles - figure.end), 0) / 6
        near: NDArray[np.float32] = np.exp(-apart / _NEAR).astype(np.float32)
        return near


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


def agreement(sentence: str, language: str | None, quoted: QuotedText) -> dict[str, float]:
    """What speaks for and against a sentence: a number for each comparison with its quote."""
    across = bool(language and quoted.language and language != quoted.language)
    alike = likeness(sentence, quoted.text, built_in())
    told: dict[str, float] = {
        **_of_figures(sentence, language, quoted),
        **_of_dates(sentence, language, quoted),
        **_of_names(sentence, language, quoted, across=across),
        **_of_stance(sentence, language, quoted),
        "across": across,
        "alike": alike,
    }
    # A sentence that says the rest in the quote's words has hardly reckoned or reworded what differs.
    told |= {name: alike * sum(told[one] for one in ones) for name, ones in _CLOSE.items()}
    told["denial_close"] = alike * (told["more_negations"] or told["fewer_negations"])
    told["clean"] = 0.0 if any(told[name] for name in _AGAINST) else alike**2
    return {name: float(value) for name, value in told.items()}


_CLOSE = {
    "figure_close": ("figure_missing", "figure_small"),
    "date_close": ("date_wrong",),
    "name_close": ("name_listed", "name_other"),
    "turned_close": ("turned",),
}


def _of_figures(sentence: str, language: str | None, quoted: QuotedText) -> dict[str, float]:
    asked, numbers = quantities(sentence, language), quantities(quoted.text, quoted.language)
    found = _figures(sentence, asked, numbers, quoted)
    figures = [match for match, _ in found]
    bound = binding(sentence, asked, quoted.text, numbers, built_in())
    return {
        "figure_missing": min(sum(match is QuantityMatch.NO and not small for match, small in found), 2),
        "figure_small": min(sum(match is QuantityMatch.NO and small for match, small in found), 2),
        "figure_derived": QuantityMatch.DERIVED in figures,
        "figure_unit": QuantityMatch.OTHER_UNIT in figures,
        "figure_bound": QuantityMatch.OTHER_BOUND in figures,
        "figure_bare": QuantityMatch.NO_UNIT in figures,
        "figure_respelt": any(
            match >= QuantityMatch.ROUNDED and sentence[one.start : one.end] not in quoted.text
            for one, match in zip(asked, figures, strict=True)
        ),
        "swapped": _is_swapped((sentence, asked), (quoted.text, numbers)),
        "bound_low": max(-bound, 0.0),
        "bound_high": max(bound, 0.0),
    }


def _of_dates(sentence: str, language: str | None, quoted: QuotedText) -> dict[str, float]:
    dates = set(dates_held(sentence, language, quoted).values())
    return {"date_wrong": Held.NO in dates, "date_open": Held.OPEN in dates}


def _of_names(sentence: str, language: str | None, quoted: QuotedText, *, across: bool) -> dict[str, float]:
    listed, others = missing_names(sentence, language, (quoted.text, quoted.around))
    beside, _ = missing_names(sentence, language, (quoted.text,))
    return {
        "name_listed": min(len(listed), 2),
        "name_other": min(len(others), 2),
        "name_moved": len(beside) > len(listed),
        "name_respelt": not across and _is_respelt(sentence, quoted.text),
    }


def _of_stance(sentence: str, language: str | None, quoted: QuotedText) -> dict[str, float]:
    mine, its = stance(sentence, language), stance(quoted.text, quoted.language)
    lost, gained = its.kinds - mine.kinds, mine.kinds - its.kinds
    return {
        "turned": min(turned(mine, its), 2),
        "more_negations": mine.negations > its.negations,
        "fewer_negations": mine.negations < its.negations,
        **{f"{kind}_lost": kind in lost for kind in ("planned", "possible", "conditional", "denied")},
        **{f"{kind}_gained": kind in gained for kind in ("planned", "exclusive", "superlative", "cause")},
    }


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


def _figures(
    sentence: str, asked: Sequence[Quantity], numbers: Sequence[Quantity], quoted: QuotedText
) -> list[tuple[QuantityMatch, bool]]:
    """How far the quote bears each figure of a sentence out, and whether it is a small one that has no rival there."""
    held = _Held((*_held(quoted), *numbers), (*numbers, *_spans(quoted)), counted(quoted.text))
    around = find_quantities(quoted.around, quoted.language)
    alone = not any(_is_small(each) for each in numbers)
    return [
        (
            max(_borne(one, held), max((compare(one, each) for each in around), default=QuantityMatch.NO))
            if _is_of_a_name(sentence, one)
            else _borne(one, held),
            alone and _is_small(one),
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


def _borne(asked: Quantity, held: _Held) -> QuantityMatch:
    best = max((compare(asked, other) for other in held.figures), default=QuantityMatch.NO)
    if best >= QuantityMatch.OTHER_BOUND:
        return best
    plain = [value for value, unit in asked.meanings if not unit or unit.dimension == "time"]
    if any(value in held.listed for value in plain):
        return QuantityMatch.NO_UNIT
    return QuantityMatch.DERIVED if follows(asked, held.numbers) else best


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


def _is_swapped(sentence: tuple[str, Sequence[Quantity]], quote: tuple[str, Sequence[Quantity]]) -> bool:
    """Whether two figures of a quote stand in a sentence beside each other's names.

    A figure belongs to the name that stands nearest to it; two that exchange their names are swapped.
    """
    mine, its = _owners(*sentence), _owners(*quote)
    return any(
        names.isdisjoint(its[value]) and any(names & owners for rival, owners in its.items() if rival != value)
        for value, names in mine.items()
        if names and its.get(value)
    )


def _owners(text: str, figures: Sequence[Quantity]) -> dict[float, frozenset[str]]:
    """Values of a text with what the nearest name before or behind each stands for."""
    names = known_names(text)
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


KINDS = ("planned", "possible", "conditional", "denied", "exclusive", "superlative", "cause")
"""The lists of `modality.toml`."""

_LANGUAGES = ("en", "fr")


@dataclass(frozen=True, slots=True)
class Stance:
    """How often a text denies, which sides of which opposites it takes, and which of `KINDS` it holds."""

    negations: int
    sides: frozenset[tuple[int, bool]]
    kinds: frozenset[str]


@lru_cache(maxsize=1024)
def stance(text: str, language: str | None) -> Stance:
    """The stance of a text; one whose language is not known is read in both."""
    folded = fold(text)
    codes = (language,) if language in _LANGUAGES else _LANGUAGES
    negations, sides, kinds = 0, set[tuple[int, bool]](), set[str]()
    for code in codes:
        words = _words(code)
        negations += len(words.negations.findall(folded))
        sides |= {side for found in words.pairs.findall(folded) for side in words.sides[found]}
        kinds |= {kind for kind, pattern in words.kinds.items() if pattern.search(folded)}
    return Stance(negations, frozenset(sides), frozenset(kinds))


def turned(sentence: Stance, quote: Stance) -> int:
    """Over how many opposites a sentence and its quote take different sides; both where both deny, or neither does."""
    mine, its = _only(sentence.sides), _only(quote.sides)
    if sentence.negations % 2 != quote.negations % 2:
        return 0
    return sum(family in its and its[family] != side for family, side in mine.items())


def _only(sides: frozenset[tuple[int, bool]]) -> dict[int, bool]:
    """The families of which one side alone is taken."""
    return {family: side for family, side in sides if (family, not side) not in sides}


@dataclass(frozen=True, slots=True)
class _Patterns:
    sides: dict[str, set[tuple[int, bool]]]
    pairs: re.Pattern[str]
    negations: re.Pattern[str]
    kinds: dict[str, re.Pattern[str]]


@cache
def _words(language: str) -> _Patterns:
    sides: dict[str, set[tuple[int, bool]]] = {}
    for number, pair in enumerate(table("opposites")["opposites"]):
        for side, name in ((True, "one"), (False, "other")):
            for word in pair[name].get(language, ()):
                sides.setdefault(fold(word), set()).add((number, side))
    lists = table("modality")
    return _Patterns(
        sides,
        _any(sides),
        _negations(language),
        {kind: _any(map(fold, lists[kind][language])) for kind in KINDS},
    )


_ALONE = {
    "en": "not|never|no|none|nor|neither|nobody|nothing|without|cannot|nowhere|unable to|"
    "fail(?:s|ed|ing)? to|lack(?:s|ed|ing)?",
    "fr": "non|aucune?|sans|ni|jamais|pas d[e'u]|nul(?:le)?|ne",
}
_BEHIND_NE = "pas|plus|jamais|aucune?|rien|personne|ni|guere"


def _negations(language: str) -> re.Pattern[str]:
    """One match for each denial: « ne … pas » is one."""
    alone = rf"\b(?:{_ALONE[language]})\b"
    if language == "fr":
        return re.compile(rf"\b(?:ne|n')\s?(?:[\w'-]+\s){{1,4}}?(?:{_BEHIND_NE})\b|{alone}|\bn'\w+\b")
    return re.compile(rf"{alone}|n't\b")


def _any(words: object) -> re.Pattern[str]:
    longest = sorted(words, key=lambda word: (-len(word), word))  # type: ignore[call-overload]
    return re.compile(rf"(?<![\w'])(?:{'|'.join(map(re.escape, longest))})(?!\w)")
