"""Whoever is named in a paragraph, each with the office or the name that stands beside it."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from bot.speakers import lexicon
from bot.speakers.mentions import Kind, Mention, joins_another, mention_from, mentions, name_of
from bot.speakers.verbs import AUXILIARIES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.speakers.words import Word

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
