"""What the hits hold on a question: the sentence around the words that the reader marked, as a checked citation.

Of two releases whose answers contradict each other, in figures or dates, both are cited. A wrong alarm is worse than a
missed one: both sentences must name nothing that the other does not, and the words give one value each, of the same
unit, that roundings and "more than" do not reconcile. Where two sentences are nearly as likely to answer and neither is
certain, the second is cited as an alternative.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.answering.citations import quote_link, speaker_in
from bot.answering.ranking import AT_MOST, compared, confidence, joined, ranked, side_by_side
from bot.answering.types import Citation
from bot.answering.windows import as_spelt, leans_back, windows_of, with_list
from bot.language.figures import find_figures
from bot.language.names import known_names
from bot.language.quantities import Bound, find_quantities
from vectorstore.text.words import fold, index_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bot.answering.ranking import ReadWindow
    from bot.answering.reader import Reader
    from bot.answering.windows import Misspelt, Sentence
    from bot.language.figures import Figure
    from bot.language.quantities import Unit
    from vectorstore.types import Hit, StoredRelease

# Where the best reading is surer than this, or the next is less than half as likely, the next is hardly ever right.
_UNSURE, _NEARLY = 0.8, 0.5


_CONSIDERED = 6
_NEARLY_AS_LIKELY = 0.6  # of the best: a wrong alarm is worse than a missed one
_ROUNDED = 0.1
_YEARS = (1900, 2100)
_WORD = re.compile(r"\w+")
_CAPITALISED = re.compile(r"(?<!\w)[A-ZÀ-Ý][\w-]+")
_NAME = re.compile(r"(?<!^)(?<![.!?…«“\"] )(?<!\w)[A-ZÀ-Ý][\w’'-]{2,}")


@dataclass(frozen=True, slots=True)
class Value:
    """What a sentence gives: a number with its unit and how exactly it is meant, or the parts of a date."""

    numbers: frozenset[float]
    months: frozenset[str] = frozenset()
    units: frozenset[Unit | None] = frozenset()
    bound: Bound = Bound.EXACT


def disagreement(question: str, found: Sequence[ReadWindow]) -> tuple[ReadWindow, ReadWindow] | None:
    """The likeliest answer and one of another release that contradicts it, the newer first; None where none does."""
    rivals = [one for one in found[1:_CONSIDERED] if _is_rival(found[0], one)]
    if not rivals or (value := _value(question, found[0])) is None:
        return None
    for other in rivals:
        told = _value(question, other) if _alike(question, found[0], other, dates=bool(value.months)) else None
        if told and _differ(value, told):
            return _newest_first(found[0], other)
    return None


def _value(question: str, found: ReadWindow) -> Value | None:
    """What the marked words give."""
    words = " ".join(found.words.split())
    return _date_in(words, found.window.release.language) or _quantity(found, question)


def _is_rival(best: ReadWindow, other: ReadWindow) -> bool:
    """Whether another reading is nearly as likely, and of another release in the same language."""
    first, second = best.window.release, other.window.release
    is_other = first.id != second.id and not (first.pair and first.pair == second.pair)
    return is_other and first.language == second.language and other.likelihood >= _NEARLY_AS_LIKELY * best.likelihood


def _newest_first(one: ReadWindow, other: ReadWindow) -> tuple[ReadWindow, ReadWindow]:
    first, second = one.window.release.published, other.window.release.published
    return (other, one) if second and (first is None or second > first) else (one, other)


def _alike(question: str, one: ReadWindow, other: ReadWindow, *, dates: bool) -> bool:
    """Whether the sentences of two readings tell of the same, as far as their words, names and years show.

    Where `dates` are asked for, years may differ.
    """
    first, second = ({*index_words(_around(each), each.window.release.language)} for each in (one, other))
    if 2 * len(first & second) < min(len(first), len(second)):  # « un taux de 8 % suffit », « le taux est de 2,1 % »
        return False
    if _lacks_a_name(question, one, other) or _lacks_a_name(question, other, one):
        return False
    names, others = (_names(each.sentence, question) for each in (one, other))
    years, later = _years(one), _years(other)
    apart = bool(years and later and years.isdisjoint(later)) and not dates
    if not names and not others and one.window.release.publisher != other.window.release.publisher:
        return False  # "the school trains …" is each publisher's own
    return not (names - others and others - names) and not apart


def _around(found: ReadWindow) -> str:
    """The sentence without the words that answer."""
    text, (begin, end) = found.window.release.text, found.sentence_place
    return f"{text[begin : found.start]} {text[found.end : max(end, found.end)]}"


def _lacks_a_name(question: str, one: ReadWindow, other: ReadWindow) -> bool:
    """Whether one's sentence or title has a name of the question that the other's lack: they are of something else."""
    asked = {name for part in question.splitlines() for name in _asked_names(part, one)}
    first, second = (_words(f"{each.window.release.title} {each.sentence}") for each in (one, other))
    return bool(asked & first - second)


def _asked_names(question: str, found: ReadWindow) -> set[str]:
    """The words of a question with a capital letter; of the first only where it is a name that the tables hold.

    Where it has none, as typed on a telephone, the words that the sentence or title which was found spells as names.
    """
    if question.islower():
        told = f"{found.window.release.title}\n{found.sentence}"
        listed = {word for name in known_names(told) for word in _words(told[name.start : name.end])}
        return _words(question) & (listed | {word for name in _NAME.findall(found.sentence) for word in _words(name)})
    known = {name.start for name in known_names(question)}
    begins = len(question) - len(question.lstrip())
    capitalised = (one for one in _CAPITALISED.finditer(question) if one.start() > begins or one.start() in known)
    return {word for one in capitalised for word in _words(one.group())}


def _words(text: str) -> set[str]:
    return set(_WORD.findall(fold(text).casefold()))


def _names(text: str, question: str) -> set[str]:
    asked = fold(question)
    return {fold(found) for found in _NAME.findall(text) if fold(found) not in asked}


def _years(found: ReadWindow) -> set[float]:
    """The years of the words that answer: those in their sentence, but beyond another clause with a figure of its own.

    "It runs nine ferries, and carried 2.7 million people in 2021" does not say of which year the nine are.
    """
    begin, _ = found.sentence_place
    start, end = found.start - begin, found.end - begin
    figures = find_figures(found.sentence, found.window.release.language)
    others = [one for one in figures if not _year_in(one) and _is_number(one)]

    def is_beyond(year: Figure) -> bool:
        first, last = min(end, year.end), max(start, year.start)
        between = any(first <= other.start and other.end <= last for other in others)
        return between and any(mark in found.sentence[first:last] for mark in ",;")

    return {year for one in figures if not is_beyond(one) for year in _year_in(one)}


def _year_in(figure: Figure) -> set[float]:
    return {value for value in figure.readings if isinstance(value, float) and _is_year(value)}


def _is_number(figure: Figure) -> bool:
    return all(isinstance(value, float) for value in figure.readings)


def _is_year(value: float) -> bool:
    return _YEARS[0] <= value <= _YEARS[1]


def _quantity(found: ReadWindow, question: str) -> Value | None:
    """The one number among the marked words; None where they have none, several, or that of the question."""
    release = found.window.release
    first, last = found.sentence_place
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


ANSWERED_FROM: Mapping[str, float] = {"seldom": 0.2, "balanced": 0.25, "often": 0.45}
"""Confidence from which there is an answer, by how often the bot is to refuse (`answers.refusing`)."""


MOST_READ = 12
"""Passages: what more of them hold is hardly ever the answer."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the hits hold on a question.

    `citations` are the sentences that answer it, in the order to show them; none where nothing fits. `confidence` is
    how likely the first of them answers, in [0, 1]; without citations it lies below the bound. `nearest` are the two
    releases that came closest, `differing` two that contradict each other, the newer first. `alternative` is another
    sentence that may answer instead, where neither is certain, and the one that it leans on. `found` is all that was
    read, likeliest first. `read_as` is the question with its misspelt words as they were meant, empty without such.
    """

    citations: tuple[Citation, ...]
    confidence: float
    nearest: tuple[StoredRelease, ...] = ()
    differing: tuple[StoredRelease, StoredRelease] | None = None
    found: tuple[ReadWindow, ...] = ()
    alternative: tuple[Citation, ...] = ()
    read_as: str = ""


def evidence_of(  # noqa: PLR0913 - what is asked, where, and what may answer
    question: str,
    hits: Sequence[Hit],
    reader: Reader,
    *,
    earlier: str | None = None,
    language: str | None,
    answered_from: float,
    keeps: Callable[[Sentence], bool] | None = None,
    misspelt: Misspelt | None = None,
) -> Evidence:
    """The sentence of the hits that answers a question, or none where nothing does; of two that differ both.

    `earlier` is what was asked before, where the question leans on it. Of a release that was found in several
    languages, the one in the question's `language` is quoted. Only sentences that `keeps` lets through may answer, and
    only with a confidence of `answered_from` or more. What is `misspelt` is read as it was meant. Raises ReaderError
    where the reader cannot be loaded.
    """
    windows = windows_of(prefer_language(hits, language), keeps)[:MOST_READ]
    typed, question = question, as_spelt(question, windows, language, misspelt)
    read_as = "" if fold(typed).casefold() == fold(question).casefold() else question
    earlier = earlier and as_spelt(earlier, windows, language, misspelt)
    readings = reader.read(question, [window.context for window in windows], earlier=earlier)
    alone = ranked(question, windows, readings, earlier=earlier)
    rivals = side_by_side(alone)
    found = compared(alone, rivals, reader.compare(question, list(map(joined, rivals)), earlier=earlier))
    nearest = tuple({hit.release.id: hit.release for hit in hits}.values())[:2]
    if not found:
        return Evidence((), 0.0, nearest)
    sure = confidence(found, alone)
    if sure < answered_from:
        return Evidence((), sure, nearest, found=tuple(found))
    asked = f"{earlier}\n{question}" if earlier else question
    differ = disagreement(asked, found)
    both = (differ[0].window.release, differ[1].window.release) if differ else None
    citations = [one for each in differ or found[:1] for one in cited(each)]
    numbered = tuple(replace(one, key=str(number)) for number, one in enumerate(citations, 1))
    other = () if differ or sure >= _UNSURE else _alternative(asked, found, numbered)
    return Evidence(numbered, sure, nearest, both, tuple(found), other, read_as)


def _alternative(question: str, found: Sequence[ReadWindow], shown: Sequence[Citation]) -> tuple[Citation, ...]:
    """The likeliest sentence that gives another answer than the first, if it is nearly as likely as that."""
    for other in found[1:]:
        if other.likelihood < _NEARLY * found[0].likelihood:
            break
        quoted = cited(other)
        is_shown = any(_overlap(one, each) for one in quoted for each in shown)
        if any(one.answer for one in quoted) and not is_shown and _is_alternative(question, found[0], other):
            numbered = enumerate(quoted, len(shown) + 1)
            return tuple(replace(one, key=str(number), alternative=True) for number, one in numbered)
    return ()


def _is_alternative(question: str, best: ReadWindow, other: ReadWindow) -> bool:
    """Whether a reading may answer in place of the best: another answer to the same, of what is not withdrawn."""
    first, second = best.window.release, other.window.release
    is_twin = first.id != second.id and first.pair is not None and first.pair == second.pair
    is_of_the_same = first.id == second.id or not _lacks_a_name(question, best, other)
    return not second.withdrawn and not is_twin and is_of_the_same and not _says_the_same(question, best, other)


def _overlap(one: Citation, other: Citation) -> bool:
    return one.release.id == other.release.id and one.start < other.end and other.start < one.end


def _says_the_same(question: str, one: ReadWindow, other: ReadWindow) -> bool:
    """Whether two readings give values that agree, or the words of one stand in the other."""
    first, second = _value(question, one), _value(question, other)
    if first and second:
        return _is_equal(first, second)
    own, others, sentence = (
        f" {' '.join(_WORD.findall(fold(text).casefold()))} " for text in (one.words, other.words, one.sentence)
    )
    return others in sentence or own in others


def _is_equal(one: Value, other: Value) -> bool:
    """Whether two values may be one and the same, as exactly as both are given."""
    if one.months or other.months:
        return one.months == other.months and (one.numbers <= other.numbers or other.numbers <= one.numbers)
    is_same = not one.numbers.isdisjoint(other.numbers) or _agree(one, max(one.numbers), other, max(other.numbers))
    return is_same and (one.units == other.units or None in one.units | other.units)


def prefer_language(hits: Sequence[Hit], language: str | None) -> tuple[Hit, ...]:
    """The hits without those of a release that was found in the question's language too; that one takes their place."""
    twins = {hit.release.pair for hit in hits if hit.release.pair and hit.release.language == language}
    first: dict[str, tuple[int, float]] = {}
    kept: list[tuple[int, Hit]] = []
    for place, hit in enumerate(hits):
        pair = hit.release.pair or ""
        if pair in twins:
            before, best = first.setdefault(pair, (place, hit.score))
            if hit.release.language == language:
                kept.append((before, replace(hit, score=max(hit.score, best))))
        else:
            kept.append((place, hit))
    return tuple(hit for _, hit in sorted(kept, key=lambda one: one[0]))


def cited(found: ReadWindow) -> tuple[Citation, ...]:
    """The sentences around what answers, each as a citation; the one before where the first only says "he"."""
    release, places = found.window.release, [*found.places]
    if places and len(places) < AT_MOST and leans_back(release.text[slice(*places[0])]):
        before = [(a, b) for a, b in found.window.sentences if b <= places[0][0]][-1:]
        places = [*(one for one in before if "\n" not in release.text[one[1] : places[0][0]]), *places]
    if places:
        places[-1] = places[-1][0], with_list(release.text, *places[-1])
    return tuple(
        Citation(
            key=str(number),
            quote=release.text[start:end],
            start=start,
            end=end,
            release=release,
            link=quote_link(release, start, end),
            speaker=speaker_in(release, start, end),
            answer=(max(start, found.start), min(end, found.end)) if start < found.end and end > found.start else None,
        )
        for number, (start, end) in enumerate(places, 1)
    )
