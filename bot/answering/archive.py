"""What the archive holds: how many releases mention something, and which.

A name is looked for as it is written in both languages, several words as they stand side by side, if any release has
them so. The words' index finds what may mention them, by stems that « France » shares with « francs »; the texts tell
what does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import repeat
from typing import TYPE_CHECKING

from bot.answering.followups import dated
from bot.answering.lists import (
    AGAIN,
    ENGLISH_NAMES,
    FRENCH_NAMES,
    MORE,
    OF_IT,
    Subject,
    asked_before,
    counts,
    is_part,
    part_before,
    picked,
    points_back,
    words_of,
)
from bot.answering.replies import REPLIES
from bot.answering.wording import stretch
from bot.language.names import is_name, spellings
from bot.language.time_expressions import read_times
from vectorstore.text.words import fold, index_words, is_stop_word, query_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import tzinfo

    from bot.answering.analysis import QuestionAnalysis
    from bot.answering.retriever import SearchableStore
    from vectorstore.types import Filter, StoredRelease

_LISTED = 10
"""Releases that are listed; the number of the others is told."""

_LEAD = 400  # characters of a text that begin it
_CHECKED = 3_000  # releases whose texts are looked at; of more the index alone tells
_STEM = 3  # letters that a word's forms have in common at least
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")


@dataclass(frozen=True, slots=True)
class ArchiveListing:
    """What the archive holds: how many releases mention the `subject` (an empty one: any), and some of them.

    `among` is what else all of them mention, as `whole` do. `after` is how many were listed before these, `picked`
    which one was asked for: the `newest` or the `oldest`.
    """

    subject: Subject
    count: int
    releases: tuple[StoredRelease, ...]
    counted: bool
    among: Subject = field(default_factory=Subject)
    whole: int = 0
    after: int = 0
    picked: str = ""

    @property
    def rest(self) -> int:
        """How many are not listed."""
        return self.count - self.after - len(self.releases)


def subject_of(analysis: QuestionAnalysis) -> Subject:
    """What a question about releases says beside its words of releases, order and time."""
    question = analysis.times.rest if analysis.of_period else analysis.reading or analysis.typed
    if analysis.reading != analysis.question:  # "and Finland?" behind a count is of Finland alone
        own = Subject.of(read_times(dated(analysis.question), analysis.as_of).rest, analysis.language)
        return own or Subject.of(question, analysis.language)
    return Subject.of(question, analysis.language)


def is_about(release: StoredRelease, texts: Sequence[str], language: str | None) -> bool:
    """Whether a release names all words of one of the texts in its title or its lead."""
    held = set(index_words(f"{release.title} {release.lead or release.text[:_LEAD]}", release.language))
    return any(all(held & set(forms) for forms in query_words(text, language)) for text in texts)


def look_up(analysis: QuestionAnalysis, store: SearchableStore) -> ArchiveListing:
    """What a question about the archive finds, newest first, or oldest first where it asks for that."""
    asked, last, wanted = analysis.reading or analysis.typed, analysis.before, analysis.guess.intent
    said = words_of(asked)
    subject, among = _sought(analysis, asked)
    archive = _Archive(store, analysis.where, analysis.language)
    whole = archive.find(among, None) if among else None
    subject, kept = archive.told(subject), archive.find(subject, whole)
    one = picked(words_of(analysis.typed) if wanted == AGAIN else said)
    found = kept.newest(None if wanted == MORE or one == "oldest" else _LISTED)
    listing = ArchiveListing(subject, kept.count, (), counts(said), among, whole.count if whole else 0)
    if one == "oldest" and (wanted == AGAIN or not subject):
        found = [release for release in found[::-1] if release.published]
    if wanted == AGAIN and one:
        return replace(listing, releases=tuple(found[:1]), picked=one)
    after = kept.count - last.answer.reply.rest if wanted == MORE and last and last.answer.reply else 0
    return replace(listing, releases=tuple(found[after:][:_LISTED]), after=after)


def _sought(analysis: QuestionAnalysis, asked: str) -> tuple[Subject, Subject]:
    """What is asked about, and what all of the releases mention that are asked about."""
    subject, among, last = subject_of(analysis), _among(analysis, asked), analysis.before
    if last is None or subject or not among:
        return subject, among
    part = part_before(last, analysis.language) if last.lists else Subject()
    if subject.denied:  # "and how many don't?" behind "how many of them mention Russia?"
        return (part.turned, among) if part.groups else (among.turned, Subject())
    return (part, among) if part else (among, Subject())


def _among(analysis: QuestionAnalysis, asked: str) -> Subject:
    """What all of the releases mention that a turn asks about, where it asks about those of the question before."""
    last = analysis.before
    if last is None:
        return Subject()
    of_list = analysis.guess.intent == OF_IT or (len(last.chain) > 1 and is_part(asked))
    if not (points_back(words_of(asked)) or (last.lists and of_list)):
        return Subject()
    return Subject.of(asked_before(last), analysis.language)


_Releases = dict[str, "StoredRelease"]  # by id, newest first


@dataclass(frozen=True, slots=True)
class _Kept:
    """Some releases of an archive: how many, and the newest of them."""

    count: int
    newest: Callable[[int | None], list[StoredRelease]]


@dataclass(frozen=True, slots=True)
class _Archive:
    """The releases that a question may be about; `language` is the question's."""

    store: SearchableStore
    where: Filter
    language: str | None
    _known: dict[str, tuple[tuple[str, ...], _Releases]] = field(default_factory=dict)

    def mentioning(self, text: str) -> _Releases:
        """The releases that mention a text."""
        return self._looked_up(text)[1]

    def told(self, subject: Subject) -> Subject:
        """A subject with those spellings of its names by which more releases are found, or as it is where none is."""
        groups = tuple(
            spelt
            for group in subject.groups
            for spelt in ([(one,) for one in self._spelt(group[0])] if len(group) == 1 else [group])
        )
        without = tuple(spelt for text in subject.without for spelt in self._spelt(text))
        return replace(subject, groups=groups, without=without)

    def find(self, subject: Subject, among: _Kept | None) -> _Kept:
        """Those that mention a subject, among some or all."""
        alone = subject.alone if among is None else None
        if alone and (count := self._count(alone)) > _CHECKED:
            return _Kept(count, lambda limit: self._by_index(alone, limit)[1])
        out = {each for text in subject.without for each in self.mentioning(text)}
        whole = {one.id: one for one in among.newest(None)} if among else None
        kept = whole
        if subject.groups:
            found = [set[str].intersection(*(set(self.mentioning(text)) for text in group)) for group in subject.groups]
            every = {each: one for group in subject.groups for each, one in self.mentioning(group[0]).items()}
            ids = set[str]().union(*found)
            kept = {each: every[each] for each in ids if whole is None or each in whole}
        records, where = self.store.records, self.where
        if kept is not None:
            newest = sorted((one for each, one in kept.items() if each not in out), key=_age)
            return _Kept(len(newest), lambda limit: newest[:limit])

        def others(limit: int | None) -> list[StoredRelease]:
            return [one for one in records.releases(where, limit and limit + len(out)) if one.id not in out][:limit]

        return _Kept(records.count_releases(where) - len(out), others)

    def _spelt(self, text: str) -> tuple[str, ...]:
        return (text,) if self._count(text) > _CHECKED else self._looked_up(text)[0]

    def _by_index(self, text: str, limit: int | None) -> tuple[int, list[StoredRelease]]:
        return self.store.mentioning(*spellings(text), language=self.language, where=self.where, limit=limit)

    def _count(self, text: str) -> int:
        return self._by_index(text, 1)[0]

    def _looked_up(self, text: str) -> tuple[tuple[str, ...], _Releases]:
        if text not in self._known:
            self._known[text] = self._as_it_stands(text) or self._word_by_word(text)
        return self._known[text]

    def _as_it_stands(self, text: str) -> tuple[tuple[str, ...], _Releases] | None:
        """The releases whose text holds a text in one of its spellings; None where none does."""
        releases = self._by_index(text, None)[1]
        patterns = {one: _Pattern(one, self.language) for one in spellings(text)}
        folded = [(one, f"{one.title}\n{one.lead or ''}\n{one.text}") for one in releases]
        found: set[str] = set()
        told: list[str] = []
        for one, pattern in patterns.items():
            holding = {release.id for release, words in folded if pattern.stands_in(words, release.language)}
            if holding - found:
                told.append(one)
                found |= holding
        return (tuple(told), {one.id: one for one in releases if one.id in found}) if found else None

    def _word_by_word(self, text: str) -> tuple[tuple[str, ...], _Releases]:
        words = text.split()
        if len(words) < 2:
            return (text,), {}
        first, *others = (self.mentioning(word) for word in words)
        return (text,), {each: one for each, one in first.items() if all(each in other for other in others)}


def _age(release: StoredRelease) -> float:
    """By which the newest comes first, and what has no date last."""
    return -release.published.timestamp() if release.published else float("inf")


class _Pattern:
    """A text as releases may hold it: a name as it is spelt, an abbreviation in capitals, another word in its forms."""

    def __init__(self, text: str, language: str | None) -> None:
        words = _WORD.findall(text)
        words = [word for word in words if not is_stop_word(word, None)] or words
        self._words, self._language = [fold(word) for word in words], language
        self._is_abbreviation = len(words) == 1 and text.isupper() and not is_name(text.title())
        self._is_name = is_name(text)
        between = r"[\W_]+(?:\w{1,3}[\W_]+){0,2}"
        parts = [re.escape(word if self._is_name else word[: max(_STEM, len(word) - 3)]) for word in self._words]
        ending = "" if self._is_name else r"\w*"
        self._pattern = re.compile(rf"(?<!\w){between.join(f'({part}{ending})' for part in parts)}(?!\w)")
        self._cased = re.compile(rf"(?<!\w){re.escape(text)}(?!\w)")

    def stands_in(self, text: str, language: str | None) -> bool:
        """Whether a text in some language holds it."""
        if self._is_abbreviation:
            return self._cased.search(text) is not None
        found = self._pattern.finditer(fold(text))
        return any(all(map(self._is_form, one.groups(), self._words, repeat(language))) for one in found)

    def _is_form(self, found: str, word: str, language: str | None) -> bool:
        """Whether a word found is one that was asked for; forms are those of one language, and of no name."""
        if found == word or self._is_name or is_name(found):
            return found == word
        is_own = self._language in {None, language} or language is None
        return is_own and not {*index_words(found, language)}.isdisjoint(index_words(word, language))


def told(found: ArchiveListing, analysis: QuestionAnalysis, zone: tzinfo) -> str:
    """The sentence above the list."""
    where, tell = analysis.where, _in_french if analysis.language == "fr" else _in_english
    period = stretch(where.since, where.until, zone, analysis.language)
    return tell(found, period, where.languages[0] if len(where.languages) == 1 else "")


_FRENCH, _ENGLISH = ("« {} »", ("ou", "et")), ("“{}”", ("or", "and"))


def _in_french(found: ArchiveListing, period: str, language: str) -> str:
    tongue = f" en {FRENCH_NAMES[language]}" if language in FRENCH_NAMES else ""

    def counted(count: int) -> str:
        plural = "s" if count > 1 else ""
        many = f"{count:,}".replace(",", "\u202f") if count else "Aucun"
        return f"{many} communiqué{plural}{tongue}" + (f" publié{plural} {period}" if period else "")

    head = counted(found.count)
    if found.among:
        of = "mentionnent" if found.whole > 1 else "mentionne"
        among = _subject(found.among, of, f" ne {of} pas " if not found.among.groups else " mais pas ", *_FRENCH)
        head = f"{found.count or 'Aucun'} des {counted(found.whole)} qui{among}"
    mentions = "mentionnent" if found.count > 1 else "mentionne"
    if found.subject.groups:
        verb, but = mentions if found.count else f"ne {mentions}", " mais pas "
    else:
        verb, but = "", f" ne {mentions} pas " if found.count else " n’omet "
    return head + _subject(found.subject, verb, but, *_FRENCH) + _end(found, "fr")


def _in_english(found: ArchiveListing, period: str, language: str) -> str:
    tongue = f" in {ENGLISH_NAMES[language]}" if language in ENGLISH_NAMES else ""

    def counted(count: int) -> str:
        many = f"{count:,} release{'' if count == 1 else 's'}" if count else "No release"
        return many + tongue + (f" published {period}" if period else "")

    head = counted(found.count)
    if found.among:
        of = "mention" if found.whole > 1 else "mentions"
        does = " do not mention " if found.whole > 1 else " does not mention "
        among = _subject(found.among, of, " but not " if found.among.groups else does, *_ENGLISH)
        head = f"{found.count or 'None'} of the {counted(found.whole)} that{among}"
    if found.subject.groups:
        verb, but = "mention" if found.count > 1 else "mentions", " but not "
    else:
        does = " do not mention " if found.count > 1 else " does not mention "
        verb, but = "", does if found.count else " leaves out "
    return head + _subject(found.subject, verb, but, *_ENGLISH) + _end(found, "en")


def _subject(subject: Subject, verb: str, but: str, quoted: str, joints: tuple[str, str]) -> str:
    """A subject behind its verb: "mention “NATO” or “OTAN” but not “Finland”"."""
    either, both = (f" {joint} " for joint in joints)
    groups = [both.join(quoted.format(text) for text in group) for group in subject.groups]
    named = f" {verb} {_listed(groups, either)}" if groups else ""
    without = _listed([quoted.format(text) for text in subject.without], either)
    return named + (but + without if without else "")


def _listed(names: Sequence[str], joint: str) -> str:
    *others, last = names or [""]
    return f"{', '.join(others)}{joint}{last}" if others else last


def _end(found: ArchiveListing, language: str) -> str:
    """How the sentence above a list ends: with which of the releases are listed, where it is not the first of them."""
    if found.releases:
        further = "further" if len(found.releases) > 1 else "single"
        name = found.picked or (further if found.after else "first")
    else:
        name = "all" if found.after else "none"
    last = found.after + len(found.releases)
    return str(REPLIES["list"][name][language]).format(first=found.after + 1, last=last)
