"""Who is named where: a run of words that names a person, a body or a document."""

from __future__ import annotations

import enum
import re
from typing import TYPE_CHECKING, NamedTuple

from bot.language.attribution import lexicon, verbs
from bot.language.attribution.lexicon import read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.language.attribution.lexicon import Word

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
    return at < len(words) and (words[at].folded in verbs.ALL or words[at].folded in verbs.AUXILIARIES)


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
    is_verb = word.folded in verbs.ALL or word.folded in verbs.AUXILIARIES
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
    words = read(text, 0, len(text))
    found = [one for one in mentions(words) if one.kind is Kind.PERSON and one.has_office and name_of(words, one)]
    return tuple(dict.fromkeys(text[words[one.first].start : words[one.last - 1].end] for one in found))
