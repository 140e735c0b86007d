"""Two releases whose answers contradict each other: the words that a reader marked give other figures or dates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.extract.disagree import alike, date_in, differ, quantity
from bot.extract.terms import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.answering.ranking import Found
    from bot.extract.disagree import Value

_CONSIDERED = 6
_NEARLY_AS_LIKELY = 0.6  # of the best: a wrong alarm is worse than a missed one


def disagreement(question: str, found: Sequence[Found]) -> tuple[Found, Found] | None:
    """The likeliest answer and one of another release that contradicts it, the newer first; None where none does."""
    if not found or (value := _value(question, found[0])) is None:
        return None
    best = found[0]
    for other in found[1:_CONSIDERED]:
        if other.likelihood >= _NEARLY_AS_LIKELY * best.likelihood and _comparable(question, best, other, value):
            told = _value(question, other)
            if told and differ(value, told):
                return _newest_first(best, other)
    return None


def _value(question: str, found: Found) -> Value | None:
    """What the marked words give."""
    text, language = found.window.release.text, found.window.release.language
    words = " ".join(text[found.start : found.end].split())
    return date_in(words, language) or quantity(fold(words), fold(text[: found.start][-40:]), question, language)


def _comparable(question: str, one: Found, other: Found, value: Value) -> bool:
    first, second = one.window.release, other.window.release
    if first.id == second.id or (first.pair and first.pair == second.pair):
        return False
    return alike(question, (one.sentence, first.language), (other.sentence, second.language), dates=bool(value.months))


def _newest_first(one: Found, other: Found) -> tuple[Found, Found]:
    first, second = one.window.release.published, other.window.release.published
    return (other, one) if second and (first is None or second > first) else (one, other)
