"""The reporting clause of a quotation, before it or after it, and whom a pronoun in one stands for."""

from __future__ import annotations

from bisect import bisect, bisect_left
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from bot.language import lexicon
from bot.language.lexicon import (
    FILLERS,
    QUOTED,
    WEAK,
    Verb,
    ends_sentence,
    past_fillers,
    sentence_start,
    sentence_starts,
    verb_from,
    verb_to,
)
from bot.language.mentions import Kind, Mention, People, mention_from, name_of
from vectorstore.text.words import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.language.lexicon import Word

_DASHES = frozenset("—–-―")
_FURTHEST = 32  # words between the verb and what it reports
_SOURCES = (("according", "to"), ("selon",), ("d'", "apres"), ("words", "of"), ("mots", "de"), ("pour",))
_SOURCE_OPENERS = frozenset(source[0] for source in _SOURCES)
_CONJUNCTIONS = frozenset(
    [
        "as",
        "comme",
        "while",
        "but",
        "mais",
        "que",
        "qu'",
        "that",
        "if",
        "si",
        "because",
        "when",
        "lorsque",
        "alors",
        "car",
        "et",
        "and",
    ]
)
_TOGETHER = frozenset(("and", "et", "then", "puis"))


class Clause(NamedTuple):
    """The words[first:last] that report; `subject` None where they name nobody that can be told."""

    first: int
    last: int
    subject: Mention | None
    is_tight: bool  # verb and quotation stand side by side


class ClauseReader:
    """The clauses of one paragraph."""

    def __init__(self, words: Sequence[Word], text: str, forms: frozenset[str]) -> None:
        self.words = words
        self.text = text
        self.forms = forms
        self.people = People(words, text, forms)
        self._apart: dict[int, tuple[list[Mention], list[Mention]]] = {}

    def clause(self, at: int) -> Clause | None:
        """The clause that reports the quotation words[at]."""
        return self._after(at) or self._before(at)

    def _after(self, quote: int) -> Clause | None:
        words, at = self.words, quote + 1
        if at < len(words) and words[at].text == ",":
            at += 1
        if at >= len(words) or words[at].folded == QUOTED:
            return None
        if words[at].text in _DASHES:
            return self._signature(at) or self._told(quote, at + 1)
        return self._told(quote, at)

    def _told(self, quote: int, at: int) -> Clause | None:
        for source in _SOURCES[:-1]:
            if tuple(word.folded for word in self.words[at : at + len(source)]) == source:
                subject = mention_from(self.words, at + len(source))
                return self._made(at, subject) if subject else None
        verb = verb_from(self.words, at, self.forms)
        if verb and not (verb.is_participle and not verb.pronoun):
            return self._verb_first(verb)
        return self._subject_first(quote, at)

    def _verb_first(self, verb: Verb) -> Clause | None:
        if verb.pronoun:
            return Clause(verb.first, verb.last, _pronoun(verb), is_tight=True)
        subject = mention_from(self.words, past_fillers(self.words, verb.last))
        return self._made(verb.first, subject) if subject else None

    def _subject_first(self, quote: int, at: int) -> Clause | None:
        subject = mention_from(self.words, at)
        if subject is None:
            return None
        whole = self.people.widened(subject)
        verb_at = whole.last + (whole.last < len(self.words) and self.words[whole.last].text == ",")
        verb = verb_from(self.words, verb_at, self.forms)
        if verb is None or verb.pronoun or verb.is_participle or not self._is_own(quote, verb):
            return None
        return Clause(at, verb.last, self.people.single(whole), is_tight=True)

    def _is_own(self, quote: int, verb: Verb) -> bool:
        """Whether "X said" belongs to the quotation before it, not to what comes next.

        Where the quotation ended a sentence, "X said that …" and "X added: “" open another.
        """
        after = self.words[verb.last] if verb.last < len(self.words) else None
        inside = self.text[self.words[quote].start : self.words[quote].end].rstrip("”\"»’' \u00a0\u202f")
        ended = inside.endswith((".", "…")) or (inside.endswith(("!", "?")) and self.words[quote + 1].is_cap)
        if after is None or ends_sentence(after):
            return True
        opens_next = after.text == "," and self._is_quoted(verb.last + 1)
        if after.text == ":" or (ended and (opens_next or after.folded == QUOTED)):
            return False
        if not ended or after.text == ",":
            return True
        return after.folded in FILLERS or after.folded in {"in", "during", "at", "after", "following", "when", "while"}

    def _is_quoted(self, at: int) -> bool:
        return at < len(self.words) and self.words[at].folded == QUOTED

    def _signature(self, dash: int) -> Clause | None:
        """“…” — Mark Rutte, Secretary General: no verb, but nothing else it could mean."""
        subject = mention_from(self.words, dash + 1)
        if subject is None or subject.kind is not Kind.PERSON:
            return None
        whole = self.people.widened(subject)
        ended = whole.last >= len(self.words) or not self.words[whole.last].is_word
        return Clause(dash, whole.last, self.people.single(whole), is_tight=True) if ended else None

    def _made(self, first: int, subject: Mention) -> Clause:
        whole = self.people.widened(subject)
        return Clause(first, whole.last, self.people.single(whole), is_tight=True)

    def _before(self, quote: int) -> Clause | None:
        start = sentence_start(self._starts, quote)
        for at in range(quote - 1, max(start, quote - _FURTHEST) - 1, -1):
            if self.words[at].text in {";", ":"} and at < quote - 1:
                return None
            verb = verb_to(self.words, at, self.forms, start)
            if verb:
                return self._reported(verb, start, quote)
        return self._sourced(start, quote) or self._labelled(start, quote)

    @cached_property
    def _starts(self) -> list[int]:
        """The places of the words that open a sentence; one may end inside a quotation."""
        before = enumerate(self.words[:-1], 1)
        ended = {at for at, word in before if word.folded == QUOTED and self._ends_within(word, at)}
        return sorted(ended.union(sentence_starts(self.words)))

    def _ends_within(self, quoted: Word, after: int) -> bool:
        """Whether a quotation ends a sentence itself: its last mark is a full stop, and a capital follows."""
        inside = self.text[quoted.start : quoted.end].rstrip("”\"»’' \u00a0\u202f")
        follows = self.words[after]
        return inside.endswith((".", "!", "?", "…")) and (follows.is_cap or follows.folded == QUOTED)

    def _reported(self, verb: Verb, start: int, quote: int) -> Clause | None:
        tight = quote - verb.last <= 1
        if verb.pronoun:
            return Clause(verb.first, verb.last, _pronoun(verb), is_tight=tight)
        subject = self._subject(verb, start)
        inverted = mention_from(self.words, past_fillers(self.words, verb.last)) if subject is None else None
        if inverted and inverted.last <= quote and self._is_inverted(verb, inverted, start, quote):
            return Clause(verb.first, inverted.last, self.people.single(self.people.widened(inverted)), is_tight=True)
        weak = self.words[verb.last - 1].folded in WEAK or (subject is not None and subject.kind is Kind.BODY)
        if weak and not tight and not self._is_clause(verb.last, quote):
            return None
        first = subject.first if subject else verb.first
        return Clause(first, verb.last, subject, is_tight=tight or self.words[quote - 1].text == ":")

    def _is_inverted(self, verb: Verb, subject: Mention, start: int, quote: int) -> bool:
        """Whether the subject follows: « a précisé jeudi la présidente en vidéo : »; not « a remercié X »."""
        if _comes_next(self.words, self.people.widened(subject).last, quote):
            return True
        opens = verb.first == start or self.words[verb.first - 1].text == ","
        return opens and self.words[quote - 1].text == ":"

    def _is_clause(self, at: int, quote: int) -> bool:
        between = self.words[at:quote]
        return any(word.folded in {"that", "que", "qu'", ":"} for word in between)

    def _subject(self, verb: Verb, start: int) -> Mention | None:
        """Who stands before the verb as its subject."""
        before = verb.first - 1
        if before < start:
            return None
        word = self.words[before]
        if word.folded in {"who", "qui"}:
            near = self.people.ending_at(before) or self.people.ending_at(before - 1)
            return near if near and near.kind is Kind.PERSON else None
        if word.folded in lexicon.HE:
            return Mention(before, before + 1, Kind.PRONOUN, has_office=False)
        if verb.is_participle or word.folded in _TOGETHER:
            return self._opening(start, before)
        if word.text in {",", ")"} | _DASHES:
            return self._opening(start, before) if word.text != "," else self._apposed(start, before)
        return self._direct(verb.first, start)

    def _direct(self, end: int, start: int) -> Mention | None:
        one = self.people.ending_at(end)
        if one is None or one.first < start:
            return None
        before = self.words[one.first - 1] if one.first > start else None
        if before is not None and before.is_word and before.folded not in _CONJUNCTIONS:
            opens_anew = self.words[one.first].folded in lexicon.DETERMINERS or before.text.isdigit()
            if before.folded in lexicon.STOPS | lexicon.OF or not opens_anew:
                return None
        if one.kind is Kind.BODY and before is not None and before.text == ",":
            return self._apposed(start, one.last) or self.people.single(one)
        return self.people.single(self.people.widened(one))

    def _apposed(self, start: int, comma: int) -> Mention | None:
        """The one person who opens a part of the sentence and is set off by commas up to the verb."""
        found, first = self._set_apart(start)
        if bisect(found, comma, key=_last) != 1:
            found = first
        return self.people.single(self.people.widened(found[0])) if bisect(found, comma, key=_last) == 1 else None

    def _set_apart(self, start: int) -> tuple[list[Mention], list[Mention]]:
        """The people of the sentence before a comma, and those of them who have an office or open it."""
        if start not in self._apart:
            found: list[Mention] = []
            for one in self._inside(start):
                opens = one.first == start or self.words[one.first - 1].text in {",", "\u2014", "\u2013"}
                if opens and one.kind is Kind.PERSON and self.words[one.last].text in {",", "(", "–", "—"}:
                    if found and one.first < self.people.widened(found[-1]).last:
                        continue
                    found.append(one)
            self._apart[start] = found, [one for one in found if one.has_office or one.first == start]
        return self._apart[start]

    def _inside(self, start: int) -> list[Mention]:
        """The mentions of the sentence that opens with words[start], but for one at its very end."""
        following = bisect(self._starts, start)
        end = self._starts[following] if following < len(self._starts) else len(self.words)
        mentions = self.people.mentions
        return mentions[bisect_left(mentions, start, key=_first) : bisect_left(mentions, end, key=_last)]

    def _opening(self, start: int, end: int) -> Mention | None:
        """The person who opens the sentence, before whatever they did first: "Rutte met Stubb and said"."""
        place = bisect_left(self.people.mentions, start, key=_first)
        for one in self.people.mentions[place : place + 1]:
            if one.last <= end:
                opens = one.first == start or self.words[one.first - 1].text == ","
                return self.people.single(self.people.widened(one)) if opens and one.kind is Kind.PERSON else None
        first = self.words[start]
        if first.folded in lexicon.HE:
            return Mention(start, start + 1, Kind.PRONOUN, has_office=False)
        return None

    def _sourced(self, start: int, quote: int) -> Clause | None:
        """According to X, « selon X », « pour X », "in the words of X"."""
        place = bisect_left(self._sources, start, key=_first)
        return next((one for one in self._sources[place : place + 1] if one.first < quote), None)

    @cached_property
    def _sources(self) -> list[Clause]:
        """Every clause of the paragraph that names a source without a verb, in order."""
        clauses = (self._source(at) for at, word in enumerate(self.words) if word.folded in _SOURCE_OPENERS)
        return [clause for clause in clauses if clause]

    def _source(self, at: int) -> Clause | None:
        for source in _SOURCES:
            if tuple(word.folded for word in self.words[at : at + len(source)]) != source:
                continue
            subject = mention_from(self.words, at + len(source))
            if subject is not None and (source != ("pour",) or self._is_view(subject, at)):
                return Clause(at, subject.last, self.people.single(self.people.widened(subject)), is_tight=False)
        return None

    def _is_view(self, subject: Mention, at: int) -> bool:
        closed = subject.last < len(self.words) and self.words[subject.last].text == ","
        return closed and subject.kind is Kind.PERSON and sentence_start(self._starts, at) == at

    def _labelled(self, start: int, quote: int) -> Clause | None:
        """Mark Rutte: “…”, as in an interview."""
        if quote - start < 3 or self.words[quote - 1].text != ":":
            return None
        subject = mention_from(self.words, start)
        if subject is None or subject.kind is not Kind.PERSON or subject.last - subject.first < 2:
            return None
        whole = self.people.widened(subject)
        if whole.last != quote - 1 and (whole is subject or whole.first != start):
            return None
        return Clause(start, quote, self.people.single(whole), is_tight=True)


def _first(one: Mention | Clause) -> int:
    return one.first


def _last(one: Mention) -> int:
    return one.last


def _comes_next(words: Sequence[Word], at: int, quote: int) -> bool:
    return at == quote or (at == quote - 1 and words[at].text in {":", ","})


def _pronoun(verb: Verb) -> Mention | None:
    return Mention(verb.last - 1, verb.last, Kind.PRONOUN, has_office=False) if verb.pronoun in {"il", "elle"} else None


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
