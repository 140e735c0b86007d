"""Questions about the archive itself: how many releases mention something, which they are, what came out this week."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from bot.notes import stretch
from vectorstore.words import fold, index_words, is_stop_word, query_words

if TYPE_CHECKING:
    from datetime import tzinfo

    from bot.answering.analysis import QuestionAnalysis
    from bot.retrieve import SearchableStore
    from vectorstore.passage import StoredRelease

LISTED = 10
"""Releases that are listed; the number of the others is told."""

_LEAD = 400  # characters of a text that begin it
_WORDS = Path(__file__).with_name("archive.toml")
_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Listing:
    """What the archive holds: how many releases mention all words of `subject` (empty: any), and the first of them."""

    subject: str
    count: int
    releases: tuple[StoredRelease, ...]
    counted: bool


def subject_of(analysis: QuestionAnalysis) -> str:
    """What a question about releases says beside its words of releases, order and time."""
    question = analysis.times.rest if analysis.of_period else analysis.typed
    return " ".join(word for word in _WORD.findall(question) if not _names_nothing(word))


def is_about(release: StoredRelease, subject: str, language: str | None) -> bool:
    """Whether a release names all words of a subject in its title or its lead."""
    held = set(index_words(f"{release.title} {release.lead or release.text[:_LEAD]}", release.language))
    return all(held & set(forms) for forms in query_words(subject, language))


def look_up(analysis: QuestionAnalysis, store: SearchableStore) -> Listing:
    """What a question about the archive finds, newest first, or oldest first where it asks for that."""
    folded = fold(analysis.typed).casefold()
    words = set(_WORD.findall(folded))
    subject, counted = subject_of(analysis), bool(words & _listed()["counts"]) or "how many" in folded
    if subject:
        count, found = store.mentioning(subject, language=analysis.language, where=analysis.where, limit=LISTED)
        return Listing(subject, count, tuple(found), counted)
    count = store.count_releases(analysis.where)
    if words & _listed()["oldest"]:
        dated = [release for release in store.releases(analysis.where) if release.published]
        return Listing("", count, tuple(dated[::-1][:LISTED]), counted)
    return Listing("", count, tuple(store.releases(analysis.where, LISTED)), counted)


def told(found: Listing, analysis: QuestionAnalysis, zone: tzinfo) -> str:
    """The sentence above the list."""
    french = analysis.language == "fr"
    period = stretch(analysis.where.since, analysis.where.until, zone, analysis.language)
    many = f"{found.count:,}".replace(",", "\u202f" if french else ",")
    if french:
        plural = "s" if found.count > 1 else ""
        head = f"{many} communiqué{plural}" if found.count else "Aucun communiqué"
        says = f" mentionne{'nt' if found.count > 1 else ''} « {found.subject} »" if found.subject else ""
        published = f" publié{plural} {period}" if period else ""
        return f"{head}{published}{says}{' :' if found.releases else '.'}"
    head = f"{many} release{'' if found.count == 1 else 's'}" if found.count else "No release"
    mentions = f" mention{'' if found.count > 1 else 's'} “{found.subject}”" if found.subject else ""
    published = f" published {period}" if period else ""
    return f"{head}{published}{mentions}{':' if found.releases else '.'}"


def _names_nothing(word: str) -> bool:
    folded = fold(word).casefold().replace("’", "'")
    parts = folded.replace("'", "-").split("-")
    known = _listed()["words"] | _listed()["counts"] | _listed()["oldest"]
    return folded in known or all(part in known or is_stop_word(part, None) for part in parts)


@cache
def _listed() -> dict[str, frozenset[str]]:
    return {name: frozenset(words.split()) for name, words in tomllib.loads(_WORDS.read_text("utf-8")).items()}
