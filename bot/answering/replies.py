"""Replies to turns that ask nothing of the releases, and to questions about the archive itself.

The sentences stand in `data/replies.toml` and are filled with what the store holds.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.answering.citations import page_label
from bot.answering.lists import (
    AGAIN,
    MORE,
    Subject,
    counts,
    denies,
    language_of,
    picked,
    points_back,
    subject_before,
    words_of,
)
from bot.answering.turns import TurnKind, asks_for_releases
from bot.answering.wording import day, of_name, stretch
from bot.language.names import spellings
from bot.language.prompt_injection import headline
from bot.language.time_expressions import read_times
from bot.redaction import shareable
from vectorstore.text.words import index_words, query_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import tzinfo

    from bot.answering.analysis import QuestionAnalysis
    from bot.answering.retriever import SearchableStore
    from bot.answering.types import Answer, Citation
    from vectorstore.types import Filter, StoredRelease

_LISTED = 10
"""Releases that are listed; the number of the others is told."""

_LEAD = 400  # characters of a text that begin it
_DATA = Path(__file__).with_name("data")


@dataclass(frozen=True, slots=True)
class ArchiveListing:
    """What the archive holds: how many releases mention the `subject` (of no texts: any), and some of them.

    Where it is `denied`, how many do not, and none of them. `among` is what else all of them mention, as `whole` do.
    `after` is how many were listed before these, `picked` which one was asked for: the `newest` or the `oldest`.
    """

    subject: Subject
    count: int
    releases: tuple[StoredRelease, ...]
    counted: bool
    among: str = ""
    whole: int = 0
    denied: bool = False
    after: int = 0
    picked: str = ""

    @property
    def rest(self) -> int:
        """How many are not listed."""
        return 0 if self.denied else self.count - self.after - len(self.releases)


def subject_of(analysis: QuestionAnalysis) -> Subject:
    """What a question about releases says beside its words of releases, order and time."""
    question = analysis.times.rest if analysis.of_period else analysis.reading or analysis.typed
    if analysis.reading != analysis.question:  # "and Finland?" behind a count is of Finland alone
        own = Subject.of(read_times(analysis.question, analysis.as_of).rest)
        return own if own.texts else Subject.of(question)
    return Subject.of(question)


def is_about(release: StoredRelease, texts: Sequence[str], language: str | None) -> bool:
    """Whether a release names all words of one of the texts in its title or its lead."""
    held = set(index_words(f"{release.title} {release.lead or release.text[:_LEAD]}", release.language))
    return any(all(held & set(forms) for forms in query_words(text, language)) for text in texts)


def look_up(analysis: QuestionAnalysis, store: SearchableStore) -> ArchiveListing:
    """What a question about the archive finds, newest first, or oldest first where it asks for that.

    A name is looked for as it is written in both languages; what of that adds a release is told.
    """
    asked, last, wanted = analysis.reading or analysis.typed, analysis.before, analysis.guess.intent
    said = words_of(asked)
    subject, among = subject_of(analysis), _among(analysis, asked)
    if not subject.texts and among:  # "and how many don't?" behind "how many of them mention Russia?"
        counted = last.chain[-1] if last and denies(said, among) else ""
        own = Subject.of(counted) if points_back(words_of(counted)) else Subject()
        subject, among = (own, among) if own.texts else (Subject((among,)), "")
    one = picked(words_of(analysis.typed) if wanted == AGAIN else said)
    limit = None if wanted == MORE or one == "oldest" else _LISTED
    mentions = _Mentions(store, analysis.where, analysis.language, spellings(among) if among else ())
    subject = mentions.told(subject)
    count, found = mentions.of(subject, limit)
    whole = mentions.of(Subject(), 1)[0]
    listing = ArchiveListing(subject, count, (), counts(said), among, whole)
    if subject.texts and listing.counted and denies(said, subject.texts[0]):
        return replace(listing, count=whole - count, denied=True)
    if one == "oldest" and (wanted == AGAIN or not subject.texts):
        found = [release for release in found[::-1] if release.published]
    if wanted == AGAIN and one:
        return replace(listing, releases=tuple(found[:1]), picked=one)
    after = count - last.answer.reply.rest if wanted == MORE and last and last.answer.reply else 0
    return replace(listing, releases=tuple(found[after:][:_LISTED]), after=after)


def _among(analysis: QuestionAnalysis, asked: str) -> str:
    """What all of the releases mention that a turn asks about, where it asks about those of the question before."""
    said, last = words_of(asked), analysis.before
    if last is None:
        return ""
    counts_language = last.lists and counts(said) and language_of(asked) is not None and not asks_for_releases(asked)
    is_of_it = points_back(words_of(analysis.typed))
    return subject_before(last, before_counts=not is_of_it) if points_back(said) or counts_language else ""


@dataclass(frozen=True, slots=True)
class _Mentions:
    """The releases of an archive that mention something, `among` those that mention one of some texts (none: all)."""

    store: SearchableStore
    where: Filter
    language: str | None
    among: tuple[str, ...]

    def of(self, subject: Subject, limit: int | None) -> tuple[int, list[StoredRelease]]:
        """How many mention a subject, and the newest of them."""
        texts = [f"{first} {then}".strip() for first in self.among or ("",) for then in subject.texts or ("",)]
        if not any(texts):
            return self.store.records.count_releases(self.where), self.store.records.releases(self.where, limit)
        without = spellings(subject.without) if subject.without else ()
        return self.store.mentioning(*texts, without=without, language=self.language, where=self.where, limit=limit)

    def told(self, subject: Subject) -> Subject:
        """A subject with those spellings of its names by which more releases are found; the first one stays."""
        kept: tuple[str, ...] = ()
        for text in subject.texts:
            for number, spelt in enumerate(spellings(text)):
                more = replace(subject, texts=(*kept, spelt))
                if number == 0 or self.of(more, 1)[0] > self.of(replace(subject, texts=kept), 1)[0]:
                    kept = more.texts
        return replace(subject, texts=kept)


def told(found: ArchiveListing, analysis: QuestionAnalysis, zone: tzinfo) -> str:
    """The sentence above the list."""
    where, tell = analysis.where, _in_french if analysis.language == "fr" else _in_english
    period = stretch(where.since, where.until, zone, analysis.language)
    return tell(found, period, where.languages[0] if len(where.languages) == 1 else "")


def _in_french(found: ArchiveListing, period: str, language: str) -> str:
    tongue = {"en": " en anglais", "fr": " en français"}.get(language, "")

    def counted(count: int) -> str:
        plural = "s" if count > 1 else ""
        many = f"{count:,}".replace(",", "\u202f") if count else "Aucun"
        return f"{many} communiqué{plural}{tongue}" + (f" publié{plural} {period}" if period else "")

    head, verb = counted(found.count), "mentionnent" if found.count > 1 else "mentionne"
    if found.among:
        of = "mentionnent" if found.whole > 1 else "mentionne"
        head = f"{found.count or 'Aucun'} des {counted(found.whole)} qui {of} « {found.among} »"
    if found.denied or not found.count:
        verb = f"ne {verb}{' pas' if found.denied else ''}"
    return head + _subject(found.subject, f" {verb} ", "« {} »", ("ou", "mais pas")) + _end(found, "fr")


def _in_english(found: ArchiveListing, period: str, language: str) -> str:
    tongue = {"en": " in English", "fr": " in French"}.get(language, "")

    def counted(count: int) -> str:
        many = f"{count:,} release{'' if count == 1 else 's'}" if count else "No release"
        return many + tongue + (f" published {period}" if period else "")

    head, verb = counted(found.count), "mention" if found.count > 1 else "mentions"
    if found.among:
        of = "mention" if found.whole > 1 else "mentions"
        head = f"{found.count or 'None'} of the {counted(found.whole)} that {of} “{found.among}”"
    if found.denied:
        verb = "do not mention" if found.count > 1 else "does not mention"
    return head + _subject(found.subject, f" {verb} ", "“{}”", ("or", "but not")) + _end(found, "en")


def _subject(subject: Subject, verb: str, quoted: str, joints: tuple[str, str]) -> str:
    """A subject behind its verb: "mention “NATO” or “OTAN” but not “Finland”"."""
    either, but = (f" {joint} " for joint in joints)
    *others, last = [quoted.format(text) for text in subject.texts] or [""]
    named = f"{', '.join(others)}{either}{last}" if others else last
    without = but + quoted.format(subject.without) if subject.without else ""
    return f"{verb}{named}{without}" if named else ""


def _end(found: ArchiveListing, language: str) -> str:
    """How the sentence above a list ends: with which of the releases are listed, where it is not the first of them."""
    if found.releases:
        further = "further" if len(found.releases) > 1 else "single"
        name = found.picked or (further if found.after else "first")
    else:
        name = "all" if found.after else "none"
    last = found.after + len(found.releases)
    return str(REPLIES["list"][name][language]).format(first=found.after + 1, last=last)


REPLIES: Mapping[str, Any] = tomllib.loads((_DATA / "replies.toml").read_text("utf-8"))
"""The sentences by kind of turn, intent and language."""

_PUBLISHERS = 3  # that are named


def reply_to(analysis: QuestionAnalysis, store: SearchableStore, zone: tzinfo) -> tuple[str, str]:
    """The name of the reply to a turn, and its text."""
    language = "fr" if analysis.language == "fr" else "en"
    last = analysis.before.answer if analysis.before else None
    name = _named(analysis, last)
    chosen = _replies(name)
    known = analysis.archive
    own = store.records.releases(replace(known, languages=(language,)), 1)  # its title can be read
    newest = store.records.releases(known, 1)
    newest = own if own and own[0].published == newest[0].published else newest
    if name.startswith("about_answer") and last:
        text = chosen[language].format(**_of_answer(last, zone, language))
    else:
        text = (
            chosen[language].format(**_of_store(store, known, newest, zone, language))
            if newest
            else _empty(chosen, language)
        )
    if chosen.get("hint"):
        empty = str(_replies("empty")[language])
        hint = _replies("hint")[language].format(title=headline(newest[0].title)) if newest else empty
        text = text if text == hint else f"{text} {hint}"
    return name, text


def _named(analysis: QuestionAnalysis, last: Answer | None) -> str:
    """Which reply: that of the turn's intent, or one that says that there is no answer to speak of."""
    if analysis.guess.kind in {TurnKind.ABOUT_ANSWER, TurnKind.MORE, TurnKind.CHALLENGE}:
        if last is None or not last.citations:
            return "about_answer.listed" if last and last.reply else "about_answer.nothing"
        if analysis.guess.intent == "speaker":
            return "about_answer.said" if _speakers(last) else "about_answer.unsaid"
    return f"{analysis.guess.kind.value}.{analysis.guess.intent}"


def _replies(name: str) -> Mapping[str, Any]:
    found = REPLIES
    for part in name.split("."):
        found = found[part]
    return found


def _empty(chosen: Mapping[str, Any], language: str) -> str:
    """A reply where nothing is stored: without what the store would tell."""
    text: str = chosen[language]
    return str(_replies("empty")[language]) if "{" in text else text


def _of_store(
    store: SearchableStore, known: Filter, newest: list[StoredRelease], zone: tzinfo, language: str
) -> dict[str, str]:
    count = store.records.count_releases(known)
    english = f"{count:,} release{'' if count == 1 else 's'}"
    french = f"{count:,} communiqué{'s' if count > 1 else ''}".replace(",", "\u202f")
    published = newest[0].published
    publishers = [name for name, _, _ in store.records.publishers(known) if name]
    named = ", ".join(publishers[:_PUBLISHERS]) or ("une rédaction" if language == "fr" else "one newsroom")
    return {
        "releases": french if language == "fr" else english,
        "publishers": f"{named} …" if len(publishers) > _PUBLISHERS else named,
        "newest": day(published, zone, language) if published else "–",
        "title": headline(newest[0].title),
    }


def _of_answer(answer: Answer, zone: tzinfo, language: str) -> dict[str, str]:
    first = list({one.release.id: one for one in answer.main_citations}.values())
    undated = "sans date" if language == "fr" else "undated"
    days = [one.release.published for one in first]
    return {
        "sources": "".join(f"\n{_source(one, zone, language)}" for one in first),
        "days": "".join(
            f"\n{day(when, zone, language) if when else undated}, {_quoted(one.release.title, language)}"
            for one, when in zip(first, days, strict=True)
        ),
        "names": ", ".join(of_name(name, language) for name in _speakers(answer)),
        "words": ", ".join(
            one.release.text[slice(*one.answer)] if one.answer else one.quote for one in answer.main_citations
        ),
    }


def _source(citation: Citation, zone: tzinfo, language: str) -> str:
    release = citation.release
    parts = [_quoted(release.title, language), release.publisher]
    parts += [day(release.published, zone, language) if release.published else None, page_label(citation)]
    address = citation.link or shareable(release.url)
    return ", ".join(filter(None, parts)) + (f"\n{address}" if address else "")


def _quoted(title: str, language: str) -> str:
    title = headline(title)
    return f"« {title} »" if language == "fr" else f"“{title}”"


def _speakers(answer: Answer) -> list[str]:
    return list(dict.fromkeys(one.speaker for one in answer.main_citations if one.speaker))
