"""Who is named where: a run of words that names a person, a body or a document, and who of a paragraph is who."""

from __future__ import annotations

import enum
import re
from functools import cached_property, lru_cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from bot.language import lexicon
from bot.language.lexicon import read_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.language.lexicon import Word

_LONGEST = 18
_SHORT = 4
_LINKS = lexicon.OF | lexicon.PARTICLES | lexicon.JOINERS
_GIVEN = frozenset(("will", "april", "june", "august", "may"))
_ADJECTIVE = re.compile(
    r"(?:ants?|antes?|al|ale|aux|ales|iques?|eres?|iens?|iennes?|ains?|aines?|oise?s?|aise?s?|ifs?|ives?|ees?)$"
)


class Kind(enum.Enum):
    """What a run of words names."""

    PERSON = "person"
    BODY = "body"
    DOCUMENT = "document"
    PRONOUN = "pronoun"


class Mention(NamedTuple):
    """The words[first:last] that name somebody; `has_office` where they say what the person is."""

    first: int
    last: int
    kind: Kind
    has_office: bool


def mention_from(words: Sequence[Word], first: int) -> Mention | None:
    """What the words from words[first] on name; None where they name nobody."""
    if first >= len(words):
        return None
    if words[first].folded in lexicon.HE:
        return Mention(first, first + 1, Kind.PRONOUN, has_office=False)
    at = first + (words[first].folded in lexicon.DETERMINERS)
    last = _run_end(words, at, min(len(words), first + _LONGEST))
    while last > at and _dangles(words[last - 1]):
        last -= 1
    kind = _kind(words, at, last)
    if kind is None or (words[last - 1].folded.endswith("'s") and words[last - 2].folded not in lexicon.OF):
        return None
    has_office = any(_is_office(word) or word.folded.endswith("'s") for word in words[at:last])
    if first < at and kind is Kind.PERSON and not has_office and words[first].folded != "l'":
        return None  # "the Berlin": nobody
    return Mention(first, last, kind, has_office)


def mentions(words: Sequence[Word]) -> list[Mention]:
    """All of them in order, none inside another; a pronoun is none."""
    found: list[Mention] = []
    at = 0
    while at < len(words):
        one = _candidate(words, at)
        if one:
            found.append(one)
        at = one.last if one else at + 1
    return found


def name_of(words: Sequence[Word], mention: Mention) -> tuple[str, ...]:
    """The folded words of the person's name, as far as capitals tell: their last run that is no office."""
    return _name(words, mention.first, mention.last)


def joins_another(words: Sequence[Word], mention: Mention) -> bool:
    """Whether another person is named beside this one: "Rutte and Stubb"."""
    after = mention.last
    if after + 1 < len(words) and words[after].folded in lexicon.JOINERS:
        other = mention_from(words, after + 1)
        if other and other.kind is Kind.PERSON and not _says_more(words, other.last):
            return not mention.has_office or bool(name_of(words, other))
    before = mention.first - 1
    if before > 0 and words[before].folded in lexicon.JOINERS:
        return words[before - 1].is_cap or words[before - 1].text == ","
    return False


def _says_more(words: Sequence[Word], at: int) -> bool:
    """Whether a verb follows: then a new clause began, and its subject is another."""
    return at < len(words) and (words[at].folded in lexicon.REPORTING or words[at].folded in lexicon.AUXILIARIES)


def _candidate(words: Sequence[Word], at: int) -> Mention | None:
    word = words[at]
    likely = word.is_cap or word.folded in lexicon.DETERMINERS or lexicon.is_person(word.folded)
    if not likely or word.folded in lexicon.HE:
        return None
    return mention_from(words, at)


def _run_end(words: Sequence[Word], first: int, limit: int) -> int:
    head = capital = False
    at = first
    while at < limit and _goes_on(words, at, first, head=head, capital=capital):
        word = words[at]
        head = head or _is_head(word)
        capital = capital or word.is_cap
        at += 1
    return at


def _goes_on(words: Sequence[Word], at: int, first: int, *, head: bool, capital: bool) -> bool:
    """Whether words[at] belongs to the run that began at words[first]."""
    word, before = words[at], words[at - 1].folded if at > first else ""
    if not word.is_word:
        return (word.text == "&" and capital) or _brackets_acronym(words, at)
    if not word.is_cap and word.folded in _LINKS:
        return at > first and _links(words, at, head=head, capital=capital)
    stops = _stops(words, at, before)
    if (before in lexicon.OF and word.folded in lexicon.DETERMINERS) or (_is_head(word) and not stops):
        return True
    if stops or word.is_cap:
        # "Speaking" opens a sentence, and names nobody.
        return not stops and not (at == first and len(word.text) > _SHORT and word.folded.endswith("ing"))
    is_verb = word.folded in lexicon.REPORTING or word.folded in lexicon.AUXILIARIES
    return not is_verb and _leads_on(words, at, before, head=head)


def _brackets_acronym(words: Sequence[Word], at: int) -> bool:
    """Whether a bracket holds an acronym between an office and a name: "Foreign Minister (FDFA) Ignazio Cassis"."""
    first = at if words[at].text == "(" else at - 2
    inside = words[first : first + 4] if first > 0 else []
    return (
        len(inside) == 4
        and inside[0].text == "("
        and inside[2].text == ")"
        and inside[1].text.isupper()
        and inside[3].is_cap
    )


def _stops(words: Sequence[Word], at: int, before: str) -> bool:
    """Whether a word ends the run; not « développement » after « du », nor a first name like Kelly or Will."""
    word = words[at]
    if not lexicon.is_stop(word.folded):
        return False
    if word.is_cap:
        follows = at + 1 < len(words) and words[at + 1].is_cap
        return word.folded in (lexicon.STOPS - _GIVEN if follows else lexicon.STOPS)
    return word.folded in lexicon.STOPS or not (before in lexicon.OF or before in lexicon.ARTICLES)


def _leads_on(words: Sequence[Word], at: int, before: str, *, head: bool) -> bool:
    """Whether a plain lower-case word belongs to a run: before its head, after "of", or as an adjective."""
    noun = before in lexicon.OF or before in lexicon.ARTICLES or before in lexicon.JOINERS
    after_noun = at > 1 and not words[at - 1].is_cap and words[at - 2].folded in lexicon.OF | lexicon.ARTICLES
    if head and (noun or after_noun or _ADJECTIVE.search(words[at].folded)):
        return True
    for ahead in words[at + 1 : at + 4]:
        if _is_head(ahead):
            return True
        if (
            not ahead.is_word
            or lexicon.is_stop(ahead.folded)
            or ahead.folded in lexicon.OF | lexicon.DETERMINERS
            or ahead.is_cap
        ):
            return False
    return False


def _links(words: Sequence[Word], at: int, *, head: bool, capital: bool) -> bool:
    """Whether "of", « de », "van", "and" binds what follows to the run."""
    word, before = words[at], words[at - 1]
    after = words[at + 1] if at + 1 < len(words) else None
    if after is None or not after.is_word:
        return False
    if word.folded in lexicon.JOINERS:
        return _joins_offices(words, at)
    if before.folded in lexicon.OF and word.folded in lexicon.ARTICLES:
        return True
    if word.folded in {"at", "for", "des", "du"}:
        return head and (after.is_cap or word.folded != "at")
    named = capital and (before.is_cap or before.folded in lexicon.PARTICLES)
    return head or (named and (after.is_cap or after.folded in lexicon.PARTICLES))


def _joins_offices(words: Sequence[Word], at: int) -> bool:
    """Whether "and" stands inside one office: "founder and CEO", « de l'Europe et des Affaires étrangères »."""
    before, after = words[at - 1], words[at + 1]
    if after.folded in lexicon.OF:
        return True
    if after.folded in lexicon.DETERMINERS:
        return False
    office = lexicon.is_person(before.folded) or any(word.folded in lexicon.OF for word in words[max(0, at - 4) : at])
    if lexicon.is_person(after.folded) or (not after.is_cap and after.folded not in lexicon.TITLES):
        return office
    return office and at > 1 and not lexicon.is_person(before.folded) and not _looks_like_name(words, at + 1)


def _looks_like_name(words: Sequence[Word], at: int) -> bool:
    title = words[at].folded in lexicon.TITLES
    return title or (at + 1 < len(words) and words[at].is_cap and words[at + 1].is_cap)


def _is_head(word: Word) -> bool:
    return _is_office(word) or word.folded in lexicon.BODIES or word.folded in lexicon.DOCUMENTS


def _is_office(word: Word) -> bool:
    return lexicon.is_person(word.folded)


def _kind(words: Sequence[Word], first: int, last: int) -> Kind | None:
    """The kind of the last head before "of"; a person where there are capitals only."""
    kind = None
    for at in range(first, last):
        word = words[at]
        if word.folded in lexicon.OF and kind:
            break
        if lexicon.is_person(word.folded):
            kind = Kind.PERSON
        elif word.folded in lexicon.DOCUMENTS and not (word.is_cap and _is_given(words, first, at, last)):
            kind = Kind.DOCUMENT
        elif word.folded in lexicon.BODIES and kind is not Kind.PERSON:
            kind = Kind.BODY
    if kind or first >= last:
        return kind
    return Kind.PERSON if all(_may_be_name(word) for word in words[first:last]) else None


def _is_given(words: Sequence[Word], first: int, at: int, last: int) -> bool:
    """Whether a word that may be a document is a first name: "Bill Irby", not "the Annual Report"."""
    return at + 1 < last and words[at + 1].is_cap and (first == 0 or words[first - 1].folded not in lexicon.ARTICLES)


def _dangles(word: Word) -> bool:
    return word.folded in {"l'", "d'"} or (not word.is_cap and word.folded in _LINKS | lexicon.ARTICLES)


def _may_be_name(word: Word) -> bool:
    return word.is_cap or word.folded in lexicon.PARTICLES or word.folded in lexicon.OF or word.text == "&"


def _name(words: Sequence[Word], first: int, last: int) -> tuple[str, ...]:
    """The last run of capitals at the end of the words, or of what stands before their first comma."""
    comma = next((index for index in range(first, last) if words[index].text == ","), None)
    if comma:
        either = _name(words, first, comma) or _name(words, comma + 1, last)
        return either if not _has_office(words, first, comma) else _name(words, comma + 1, last) or either
    at = last
    while at > first and _may_be_name(words[at - 1]) and not _is_office(words[at - 1]):
        if words[at - 1].folded in lexicon.OF - lexicon.PARTICLES:
            return ()
        at -= 1
    run = [word for word in words[at:last] if word.folded not in lexicon.TITLES and word.text != "&"]
    while run and not run[0].is_cap:
        run.pop(0)
    governed = at > first and _has_office(words, first, at) and not (_is_office(words[at - 1]) or words[at - 1].is_cap)
    if words[at : at + 1] and words[at].folded in lexicon.PARTICLES and at > first:
        governed = True
    if governed and _has_office(words, first, at):
        capitals = [word for word in run if word.is_cap]
        run = run[1:] if len(capitals) > 2 else [] if len(capitals) == 1 else run
    return tuple(word.folded for word in run)


def _has_office(words: Sequence[Word], first: int, last: int) -> bool:
    return any(_is_office(word) for word in words[first:last])


def named_with_office(text: str) -> tuple[str, ...]:
    """Each such mention as the text spells it, once, in its order; a name or an office alone is none."""
    words = read_words(text, 0, len(text))
    found = [one for one in mentions(words) if one.kind is Kind.PERSON and one.has_office and name_of(words, one)]
    return tuple(dict.fromkeys(text[words[one.first].start : words[one.last - 1].end] for one in found))


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
        verb = self.words[at].folded if at < len(self.words) else ""
        return verb in self.forms or verb in lexicon.AUXILIARIES

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
