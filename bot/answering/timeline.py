"""A timeline: the releases about a topic by date, one sentence of each word for word, and how its figures changed.

The releases looked at are bounded: the newest that hold all words of the topic, and those that a search finds. Of the
language versions of one release, that in the reader's language is shown.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC
from typing import TYPE_CHECKING

from bot.answering import wording
from bot.answering.citations import leading_to, quote_link, speaker_in
from bot.answering.retriever import searchable
from bot.answering.types import Citation, Searched
from bot.answering.windows import sentence_places, with_list
from bot.language.figure_changes import figure_change, name_one_thing
from bot.language.names import spellings
from vectorstore.types import Filter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime, tzinfo

    from bot.answering.retriever import PassageRetriever, SearchableStore
    from bot.answering.topics import TopicMatch, TopicMatcher
    from bot.answering.types import Note
    from bot.language.figure_changes import FigureChange
    from vectorstore.types import StoredRelease

SHOWN = 20
"""Entries of a timeline where nothing else is asked for; the newest are shown."""

_MENTIONING, _FOUND = 90, 90  # releases that are looked at: that hold all words, and that a search finds
_LANGUAGES = ("en", "fr")
_AT_ONCE = 2  # releases that are read at once; the reader computes on every processor anyway


@dataclass(frozen=True, slots=True)
class TimelineQuery:
    """What a timeline is asked for.

    `language` is the reader's, None where only the topic tells it; `limit` is how many releases are shown.
    """

    topic: str
    where: Filter = field(default_factory=Filter)
    language: str | None = None
    limit: int = SHOWN


@dataclass(frozen=True, slots=True)
class TimelineChange:
    """A figure of an entry beside that of an earlier one, which has the key `since`; `text` says it in a line."""

    since: str
    before: str
    after: str
    change: FigureChange
    text: str


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """A release with the sentence that shows best that it is about the topic.

    `notes` say that it was withdrawn, that it corrects another or was corrected; `corrects` and `corrected_by` are
    those releases.
    """

    citation: Citation
    change: TimelineChange | None = None
    notes: tuple[Note, ...] = ()
    corrects: StoredRelease | None = None
    corrected_by: tuple[StoredRelease, ...] = ()

    @property
    def release(self) -> StoredRelease:
        """The release."""
        return self.citation.release


@dataclass(frozen=True, slots=True)
class Timeline:
    """The releases about a topic, oldest first, undated ones last.

    `rest` is how many more are about it, earlier than those shown; `whole` is whether all that may be were looked at,
    else there may be more still. `language` is the reader's.
    """

    topic: str
    language: str
    entries: tuple[TimelineEntry, ...]
    rest: int
    whole: bool
    searched: Searched
    milliseconds: float

    @property
    def head(self) -> str:
        """How many releases are about the topic, in the reader's language."""
        count = len(self.entries) + self.rest
        if self.language == "fr":
            if not count:
                return f"Aucun communiqué ne porte sur « {self.topic} »."
            said = f"{count} communiqué{'s portent' if count > 1 else ' porte'} sur « {self.topic} »"
            return f"{said} :" if self.whole else f"Au moins {said} :"
        if not count:
            return f"No release is about “{self.topic}”."
        said = f"{count} release{'s are' if count > 1 else ' is'} about “{self.topic}”:"
        return said if self.whole else f"At least {said}"

    @property
    def more(self) -> str:
        """How many of them are not shown; empty where all are."""
        if not self.rest:
            return ""
        if self.language == "fr":
            return f"… et {self.rest} plus ancien{'s' if self.rest > 1 else ''}."
        return f"… and {self.rest} earlier."


def linked_timeline(timeline: Timeline, address: str | None) -> Timeline:
    """The timeline, its releases without an address leading to the web server at `address`, if any."""
    entries = (replace(one, citation=leading_to(one.citation, address)) for one in timeline.entries)
    return replace(timeline, entries=tuple(entries))


@dataclass(frozen=True, slots=True)
class _Found:
    """A release about the topic, and the place of its sentence."""

    release: StoredRelease
    start: int
    end: int


class TimelineFinder:
    """Makes timelines. Raises QuestionError for a blank topic; an error of the store or the reader is passed on.

    `zone` is where a day begins and ends.
    """

    def __init__(self, retriever: PassageRetriever, matcher: TopicMatcher, *, zone: tzinfo = UTC) -> None:
        self._retriever = retriever
        self._matcher = matcher
        self._zone = zone

    @property
    def _store(self) -> SearchableStore:
        return self._retriever.store

    def find(self, query: TimelineQuery) -> Timeline:
        """The timeline of a topic."""
        began = time.perf_counter()
        topic = searchable(query.topic)
        language = query.language or _only(query.where.languages) or self._spoken(topic, query.where)
        candidates, whole = self._candidates(topic, query.where, language)
        found = self._about(topic, candidates)
        newest = sorted(self._each_once(topic, found, query.where, language), key=_newest, reverse=True)
        shown = sorted(newest[: query.limit], key=_oldest)
        where = query.where
        citations = [_cited(one, str(key)) for key, one in enumerate(shown, 1)]
        entries = self._entries(topic, citations, where, language)
        return Timeline(
            topic=topic,
            language="fr" if language == "fr" else "en",
            entries=tuple(entries),
            rest=len(newest) - len(shown),
            whole=whole,
            searched=Searched(self._store.records.count_releases(where), where.since, where.until, where.publishers),
            milliseconds=(time.perf_counter() - began) * 1000,
        )

    def _candidates(self, topic: str, where: Filter, language: str) -> tuple[list[StoredRelease], bool]:
        """The releases that may be about a topic, and whether these are all that hold its words."""
        count, mentioning = self._store.mentioning(*spellings(topic), where=where, limit=_MENTIONING)
        hits = self._retriever.find(topic, where=where, limit=_FOUND, language=language, per_release=1)
        found = {one.id: one for one in (*mentioning, *(hit.release for hit in hits))}
        return list(found.values()), count <= len(mentioning)

    def _spoken(self, topic: str, where: Filter) -> str:
        """The language in which more releases hold the topic's words: a few words tell their own too seldom."""
        counts = {
            code: self._store.mentioning(topic, language=code, where=replace(where, languages=(code,)), limit=1)[0]
            for code in _LANGUAGES
        }
        return max(_LANGUAGES, key=lambda code: counts[code])

    def _about(self, topic: str, releases: Sequence[StoredRelease]) -> list[_Found]:
        """Those that are about it, with the sentence that shows it."""
        topics = self._matcher.prepared([topic])
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="timeline") as threads:
            matches = threads.map(lambda release: self._matcher.about(release, topics), releases)
            found = [(release, match) for release, matched in zip(releases, matches, strict=True) for match in matched]
        placed = ((release, _place(release, match)) for release, match in found)
        return [_Found(release, *place) for release, place in placed if place]

    def _each_once(self, topic: str, found: Sequence[_Found], where: Filter, language: str) -> Iterator[_Found]:
        """The releases, of language versions one: the reader's where there is one."""
        shown: set[str] = set()
        for one in sorted(found, key=lambda each: each.release.language != language):
            if one.release.id in shown:
                continue
            twins = [twin.other(one.release.id) for twin in self._store.records.relations(one.release.id).twins]
            shown.update((one.release.id, *twins))
            yield self._own(topic, one, twins, where, language)

    def _own(self, topic: str, found: _Found, twins: Sequence[str], where: Filter, language: str) -> _Found:
        """The version in the reader's language, where the filter lets it through and it is about the topic too."""
        if found.release.language == language or (where.languages and language not in where.languages):
            return found
        for release in self._let_through(twins, where):
            if release.language == language and (own := self._about(topic, [release])):
                return own[0]
        return found

    def _entries(
        self, topic: str, citations: Sequence[Citation], where: Filter, language: str
    ) -> Iterator[TimelineEntry]:
        anytime = replace(where, languages=(), since=None, until=None)  # a correction comes later, in any language
        for number, citation in enumerate(citations):
            relations = self._store.records.relations(citation.release.id)
            corrections = self._let_through(relations.corrected_by, anytime)
            corrected = next(iter(self._let_through(filter(None, [relations.corrects]), anytime)), None)
            told = tuple(self._notes(citation.release, corrected, corrections, language))
            change = _changed(topic, citations[:number], citation, language)
            yield TimelineEntry(citation, change, told, corrected, corrections)

    def _let_through(self, ids: Iterable[str], where: Filter) -> tuple[StoredRelease, ...]:
        """The releases that belong to one of the timeline, as far as the filter lets them through too."""
        seen = (one for one in ids if self._store.records.count_releases(replace(where, releases=(one,))))
        return tuple(filter(None, map(self._store.records.get, seen)))

    def _notes(
        self,
        release: StoredRelease,
        corrected: StoredRelease | None,
        corrections: Sequence[StoredRelease],
        language: str,
    ) -> Iterator[Note]:
        if release.withdrawn:
            yield wording.withdrawn(release, release.withdrawn, self._zone, language)
        if corrected:
            yield wording.corrects(corrected, self._zone, language)
        for correction in corrections:
            yield wording.corrected(release, correction, self._zone, language)


def _place(release: StoredRelease, match: TopicMatch) -> tuple[int, int] | None:
    """Where the sentence of a match stands; the first that may be quoted where it names none, None without any."""
    places = sentence_places(release)
    if match.start < match.end and any(a <= match.start and match.end <= b for a, b in places):
        return match.start, with_list(release.text, match.start, match.end)
    return places[0] if places else None


def _cited(found: _Found, key: str) -> Citation:
    release, start, end = found.release, found.start, found.end
    speaker = speaker_in(release, start, end)
    return Citation(key, release.text[start:end], start, end, release, quote_link(release, start, end), speaker)


def _changed(topic: str, earlier: Sequence[Citation], citation: Citation, language: str) -> TimelineChange | None:
    """How a figure of a sentence differs from that of the last one before that gave it."""
    for other in reversed(earlier):
        if other.release.language != citation.release.language or not other.release.published:
            continue
        spoken = citation.release.language
        is_by_one = other.release.publisher == citation.release.publisher  # others have a fleet or a profit too
        if not name_one_thing(other.quote, citation.quote, topic if is_by_one else "", spoken):
            continue
        change = figure_change(other.quote, citation.quote, spoken)
        if change and not change.difference:
            return None
        if change:
            before, after = other.quote[slice(*change.before)], citation.quote[slice(*change.after)]
            text = wording.figures_changed(before, after, change, language)
            return TimelineChange(other.key, before, after, change, text)
    return None


def _newest(found: _Found) -> tuple[bool, datetime, str]:
    published = found.release.published
    return published is not None, published or found.release.first_seen, found.release.id


def _oldest(found: _Found) -> tuple[bool, datetime, str]:
    is_dated, moment, identity = _newest(found)
    return not is_dated, moment, identity


def _only(languages: Sequence[str]) -> str | None:
    return languages[0] if len(languages) == 1 else None
