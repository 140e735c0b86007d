"""Who is who in a text: the people it names, and whom its pronouns stand for."""

from __future__ import annotations

import re
from bisect import bisect, bisect_left
from functools import cached_property, lru_cache
from itertools import islice, pairwise
from typing import TYPE_CHECKING, NamedTuple

from bot.language.attribution import lexicon
from bot.language.attribution.lexicon import QUOTED, ends_sentence, sentence_start, sentence_starts
from bot.language.attribution.mentions import Kind, Mention, joins_another, mention_from, mentions, name_of
from bot.language.attribution.verbs import AUXILIARIES
from vectorstore.text.words import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.language.attribution.lexicon import Word

_PLACE_BEFORE = frozenset(("in", "at", "from", "to", "a", "en", "dans"))
_SOURCE_BEFORE = frozenset(("selon", "apres", "pour"))
_MOST_FORMS = 50  # in which one paragraph names the people of one surname
_SURNAME = re.compile(r"[^\W\d_a-zà-ÿ][\w’'-]{1,40} (?=(\w\S{0,60}))")  # with a first name before it
_EDGE = re.compile(r"\b")


class People:
    """The mentions of one paragraph outside its quotations."""

    def __init__(self, words: Sequence[Word], text: str, forms: frozenset[str]) -> None:
        self.words = words
        self.text = text
        self.forms = forms
        self._wide: dict[Mention, Mention] = {}

    @cached_property
    def mentions(self) -> list[Mention]:
        """All of them, in order."""
        return mentions(self.words)

    @cached_property
    def _ending(self) -> dict[int, Mention]:
        return {one.last: one for one in self.mentions}

    @cached_property
    def _named(self) -> dict[str, list[tuple[str, tuple[str, ...]]]]:
        """By surname, the ways in which the paragraph names people."""
        found: dict[str, dict[tuple[str, tuple[str, ...]], None]] = {}
        for one in self.mentions:
            whole = self.widened(one)
            name = name_of(self.words, whole) if one.kind is Kind.PERSON else ()
            if name:
                found.setdefault(name[-1], {})[self.spelt(whole), name] = None
        return {surname: list(islice(forms, _MOST_FORMS)) for surname, forms in found.items()}

    def ending_at(self, at: int) -> Mention | None:
        """The mention whose last word stands just before words[at]."""
        return self._ending.get(at)

    def spelt(self, mention: Mention) -> str:
        """As the release spells it, on one line."""
        return " ".join(self.text[self.words[mention.first].start : self.words[mention.last - 1].end].split())

    def fullest(self, mention: Mention) -> str:
        """The longest form of the person's name in the paragraph: "Rutte" is "NATO Secretary General Mark Rutte"."""
        spelt, name = self.spelt(mention), name_of(self.words, mention)
        return self.fullest_of(spelt, name)

    def fullest_of(self, spelt: str, name: tuple[str, ...]) -> str:
        """The same for a name that stands elsewhere."""
        forms = self._named.get(name[-1], []) if name else []
        fitting = [form for form, other in forms if len(name) == 1 or set(name) <= set(other)]
        return max([spelt, *fitting], key=len)

    def widened(self, mention: Mention) -> Mention:
        """With the office or the name beside it: "Jane Doe, director of the Institute", « le directeur, Jean Roux »."""
        if mention not in self._wide:
            self._wide[mention] = self._widened(mention) if mention.kind is Kind.PERSON else mention
        return self._wide[mention]

    def single(self, mention: Mention) -> Mention | None:
        """None for two people together, and for a document."""
        if mention.kind is Kind.DOCUMENT or (mention.kind is Kind.PERSON and joins_another(self.words, mention)):
            return None
        return mention

    def is_surely_somebody(self, one: Mention) -> bool:
        """Whether a mention is of a person: it has an office, a title, or two names none of which is a place's.

        A surname alone is one where the release has it with a first name.
        """
        inside = self.words[one.first : one.last]
        if one.kind is not Kind.PERSON or one.has_office or any(word.folded in lexicon.TITLES for word in inside):
            return one.kind is Kind.PERSON
        plain = [word for word in inside if word.is_cap]
        acronym = any(word.text.isupper() and len(word.text) > 1 for word in plain)
        if acronym or any(word.folded in lexicon.NOT_PEOPLE for word in plain):
            return False
        if one.first > 0 and self.words[one.first - 1].folded in _PLACE_BEFORE:
            return False
        return len(plain) > 1 or plain[0].text in _surnames(self.text)

    def _widened(self, mention: Mention) -> Mention:
        if mention.last + 1 < len(self.words) and self.words[mention.last].text == ",":
            other = mention_from(self.words, mention.last + 1)
            if other and self._adds(mention, other) and not (self._is_governed(mention) and self._acts(other.last)):
                return Mention(mention.first, other.last, Kind.PERSON, has_office=True)
        if mention.first > 1 and self.words[mention.first - 1].text == ",":
            one = self.ending_at(mention.first - 1)
            if one and self._adds(mention, one) and not self._is_governed(one):
                return Mention(one.first, mention.last, Kind.PERSON, has_office=True)
        return mention

    def _adds(self, mention: Mention, other: Mention) -> bool:
        """Whether one says the name and the other the office; a degree says neither."""
        last = self.words[other.first].text[1:]
        degree = other.last - other.first == 1 and last.lower() != last
        return other.kind is Kind.PERSON and other.has_office != mention.has_office and (other.has_office or not degree)

    def _acts(self, at: int) -> bool:
        """Whether a verb follows, so that what stands before it is its subject alone."""
        return at < len(self.words) and (self.words[at].folded in self.forms or self.words[at].folded in AUXILIARIES)

    def _is_governed(self, mention: Mention) -> bool:
        """Whether it hangs on what stands before: "with the ministers", "on the Thriving Author Show"."""
        before = self.words[mention.first - 1] if mention.first else None
        if before is None or before.folded in _SOURCE_BEFORE or before.folded in self.forms:
            return False
        to = before.folded == "to" and self.words[mention.first - 2].folded == "according"
        return not to and (before.is_cap or before.folded in lexicon.STOPS | lexicon.OF)


@lru_cache(maxsize=8)
def _surnames(text: str) -> frozenset[str]:
    """Whatever stands behind a first name in the text, as far as each of its words' ends."""
    behind = {found[1] for found in _SURNAME.finditer(text)}
    return frozenset(run[: edge.start()] for run in behind for edge in _EDGE.finditer(run, 1))


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
    first = next(iter(fold(spelt).split()), "").rstrip(".")
    return "m" if first in lexicon.MALE else "f" if first in lexicon.FEMALE else ""


def _agree(one: str, other: str) -> bool:
    return one == other or not one or not other
