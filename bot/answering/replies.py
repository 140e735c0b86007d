"""Replies to turns that ask nothing of the releases, and to questions about the archive itself.

The sentences stand in `data/replies.toml` and are filled with what the store holds.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.answering.citations import page_label
from bot.answering.turns import ASKING, TurnKind
from bot.answering.wording import day, of_name, stretch
from bot.language.prompt_injection import headline
from bot.language.time_expressions import read_times
from bot.redaction import shareable
from vectorstore.text.words import fold, index_words, is_stop_word, query_words

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
_ARCHIVE_WORDS = {
    name: frozenset(words.split()) for name, words in tomllib.loads((_DATA / "archive.toml").read_text("utf-8")).items()
}
_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class ArchiveListing:
    """What the archive holds: how many releases mention all words of `subject` (empty: any), and the first of them.

    Where it is `denied`, how many do not, and none of them.
    """

    subject: str
    count: int
    releases: tuple[StoredRelease, ...]
    counted: bool
    denied: bool = False


def subject_of(analysis: QuestionAnalysis) -> str:
    """What a question about releases says beside its words of releases, order and time."""
    question = analysis.times.rest if analysis.of_period else analysis.reading or analysis.typed
    if analysis.reading != analysis.question:  # "and Finland?" behind a count is of Finland alone
        own = _subject_in(read_times(analysis.question, analysis.as_of).rest)
        return own or _subject_in(question)
    return _subject_in(question)


def _subject_in(question: str) -> str:
    return " ".join(word for word in _WORD.findall(question) if not _names_nothing(word))


def is_about(release: StoredRelease, subject: str, language: str | None) -> bool:
    """Whether a release names all words of a subject in its title or its lead."""
    held = set(index_words(f"{release.title} {release.lead or release.text[:_LEAD]}", release.language))
    return all(held & set(forms) for forms in query_words(subject, language))


def look_up(analysis: QuestionAnalysis, store: SearchableStore) -> ArchiveListing:
    """What a question about the archive finds, newest first, or oldest first where it asks for that."""
    folded = fold(analysis.reading or analysis.typed).casefold()
    said = _WORD.findall(folded)
    words = set(said)
    subject, counted = subject_of(analysis), bool(words & _ARCHIVE_WORDS["counts"]) or "how many" in folded
    if not subject and analysis.before and _points_back(said):
        subject = analysis.before.subject
    if subject:
        count, found = store.mentioning(subject, language=analysis.language, where=analysis.where, limit=_LISTED)
        if counted and _denies(said, subject):
            return ArchiveListing(
                subject, store.records.count_releases(analysis.where) - count, (), counted, denied=True
            )
        return ArchiveListing(subject, count, tuple(found), counted)
    count = store.records.count_releases(analysis.where)
    if words & _ARCHIVE_WORDS["oldest"]:
        dated = [release for release in store.records.releases(analysis.where) if release.published]
        return ArchiveListing("", count, tuple(dated[::-1][:_LISTED]), counted)
    return ArchiveListing("", count, tuple(store.records.releases(analysis.where, _LISTED)), counted)


def told(found: ArchiveListing, analysis: QuestionAnalysis, zone: tzinfo) -> str:
    """The sentence above the list."""
    french = analysis.language == "fr"
    period = stretch(analysis.where.since, analysis.where.until, zone, analysis.language)
    many = f"{found.count:,}".replace(",", "\u202f" if french else ",")
    if french:
        plural = "s" if found.count > 1 else ""
        head = f"{many} communiqué{plural}" if found.count else "Aucun communiqué"
        verb = "mentionnent" if found.count > 1 else "mentionne"
        if found.denied or not found.count:
            verb = f"ne {verb}{' pas' if found.denied else ''}"
        says = f" {verb} « {found.subject} »" if found.subject else ""
        published = f" publié{plural} {period}" if period else ""
        return f"{head}{published}{says}{' :' if found.releases else '.'}"
    head = f"{many} release{'' if found.count == 1 else 's'}" if found.count else "No release"
    verb = "mention" if found.count > 1 else "mentions"
    if found.denied:
        verb = "do not mention" if found.count > 1 else "does not mention"
    mentions = f" {verb} “{found.subject}”" if found.subject else ""
    published = f" published {period}" if period else ""
    return f"{head}{published}{mentions}{':' if found.releases else '.'}"


def _denies(said: Sequence[str], subject: str) -> bool:
    """Whether what turns a question round stands before its subject: "do not mention NATO", not "without borders"."""
    first = fold(subject).casefold().split()[0]
    before = said[: said.index(first)] if first in said else said
    return not _ARCHIVE_WORDS["denying"].isdisjoint(before)


def _points_back(said: Sequence[str]) -> bool:
    """Whether folded words end with something that stands for what was asked about: "mention it", « en parlent »."""
    *_, before, last = ["", "", *said]
    return last in _ARCHIVE_WORDS["back"] or (before in _ARCHIVE_WORDS["back_before"] and last in ASKING["mentioning"])


def _names_nothing(word: str) -> bool:
    folded = fold(word).casefold().replace("’", "'")
    parts = folded.replace("'", "-").split("-")
    known = ASKING["fillers"] | _ARCHIVE_WORDS["words"] | _ARCHIVE_WORDS["counts"] | _ARCHIVE_WORDS["oldest"]
    return folded in known or all(part in known or is_stop_word(part, None) for part in parts)


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
            return "about_answer.nothing"
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
