"""Whom the pronouns of one paragraph stand for."""

from __future__ import annotations

from bisect import bisect, bisect_left
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from bot.speakers import lexicon
from bot.speakers.mentions import Mention, name_of
from bot.speakers.words import QUOTED, ends_sentence, sentence_start, sentence_starts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.speakers.people import People
    from bot.speakers.words import Word

_LATEST = 32  # clauses looked back at, so that a paragraph of thousands is not read again for each "he"


class _Told(NamedTuple):
    """A clause at words[first] named the speaker."""

    first: int
    speaker: str
    gender: str


class _Candidates(NamedTuple):
    """The people whom a pronoun of one gender may stand for, in order.

    `changes[i]` is the place of the first of them after the i-th who has another name.
    """

    people: list[Mention]
    changes: list[int]


class Pronouns:
    """The pronouns of one paragraph, read from its first quotation to its last."""

    def __init__(self, words: Sequence[Word], people: People) -> None:
        self.words = words
        self.people = people
        self._told: list[_Told] = []
        self._by_gender: dict[str, _Candidates] = {}

    def tell(self, first: int, speaker: str) -> None:
        """A clause that begins at words[first] named the speaker of a quotation."""
        self._told.append(_Told(first, speaker, _gender(speaker)))

    def person(self, pronoun: str, at: int, before: str | None) -> str | None:
        """Who "he" is: whoever opened the last sentence or clause before, else the one person named there."""
        gender = lexicon.HE.get(pronoun, "")
        told = [one for one in self._told[-_LATEST:] if one.first < at and _agree(one.gender, gender)]
        people, changes = self._candidates(gender)
        end = bisect(people, at, key=lambda one: one.last)
        if not end and not told:
            return before if before and _agree(_gender(before), gender) else None
        last = max([one.first for one in people[end - 1 : end]] + [one.first for one in told])
        start = sentence_start(self._starts, last)
        if told and told[-1].first >= start:
            return told[-1].speaker
        latest = bisect_left(people, start, key=lambda one: one.first)
        several = changes[latest] < end
        if (several and not self._opens(people[latest])) or self.people.single(people[latest]) is None:
            return None
        return self.people.fullest(self.people.widened(people[latest]))

    @cached_property
    def _starts(self) -> list[int]:
        return sentence_starts(self.words)

    @cached_property
    def _somebody(self) -> list[Mention]:
        """Every mention of one person that is surely one."""
        mentions = self.people.mentions
        return [one for one in mentions if self.people.is_surely_somebody(one) and not self._is_plural(one)]

    def _candidates(self, gender: str) -> _Candidates:
        if gender not in self._by_gender:
            people = [one for one in self._somebody if _agree(_gender(self.people.spelt(one)), gender)]
            self._by_gender[gender] = _Candidates(people, _changes([name_of(self.words, one)[-1:] for one in people]))
        return self._by_gender[gender]

    def _is_plural(self, one: Mention) -> bool:
        """Whether it is several people without a name: "with partners", « les ministres »."""
        return not name_of(self.words, one) and self.words[one.last - 1].folded.endswith(("s", "x"))

    def _opens(self, one: Mention) -> bool:
        return one.first == 0 or ends_sentence(self.words[one.first - 1]) or self.words[one.first - 1].folded == QUOTED


def _changes(names: list[tuple[str, ...]]) -> list[int]:
    """For each name the place of the next other one."""
    places: list[int] = []
    for at, (name, following) in zip(range(len(names), 0, -1), pairwise([None, *reversed(names)]), strict=True):
        places.append(places[-1] if places and name == following else at)
    return places[::-1]


def _gender(spelt: str) -> str:
    """What the title or the French article before a name tells: "m", "f", or "" for nothing."""
    first = next(iter(lexicon.folded(spelt).split()), "").rstrip(".")
    return "m" if first in lexicon.MALE else "f" if first in lexicon.FEMALE else ""


def _agree(one: str, other: str) -> bool:
    return one == other or not one or not other
