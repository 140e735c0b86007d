"""What a release names in either language alike: numbers, and names that are written nearly the same."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ingest.twins.candidate import Candidate

# 1,000 and 1 000 and 1'000; 20.9 and 20,9: the marks differ by language and country, the digits do not.
_NUMBER = re.compile(r"(?<![\w.,])\d{1,3}(?:[ \u00a0\u202f'’,.]\d{3})+(?!\d)|\d+(?:[.,]\d+)*")
_NAME = re.compile(r"\b[A-ZÀ-ÖØ-Þ]\w{2,}")
_STEM = 5  # letters: Geneva and Genève, Winterthur and Winterthour, Ukraine in both


def facts_of(release: Candidate) -> dict[str, float]:
    """The numbers and names of a release, publisher among them, each with its weight.

    A longer number says more: one digit is as often written as a word. The day, month and year of the release say
    nothing, for everything published on that day has them.
    """
    words = f"{release.publisher or ''}\n{release.title}\n{release.text}"
    facts = {_fold(name)[:_STEM]: 0.5 for name in _NAME.findall(words)}
    facts |= {digits: _weight(digits) for digits in (re.sub(r"\D", "", found) for found in _NUMBER.findall(words))}
    if release.published:
        own = release.published
        for part in (own.day, own.month, own.year):
            facts.pop(str(part), None)
    return facts


def shared(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """How much of the lesser one's facts the other has, in [0, 1]; one half where there is little to compare.

    Of the lesser, because a version may be a summary of the other.
    """
    few, many = (one, other) if len(one) <= len(other) else (other, one)
    common = sum(weight for fact, weight in few.items() if fact in many)
    return (common + 1) / (min(sum(few.values()), sum(many.values())) + 2)


def _weight(digits: str) -> float:
    return (0.25, 0.5, 1.0)[min(len(digits), 3) - 1]


def _fold(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word)
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()
