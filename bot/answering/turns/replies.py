"""Replies to turns that ask nothing of the releases: from `replies.toml`, filled with what the store holds."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.answering.turns.kinds import Kind
from bot.instructions import headline
from bot.notes import day
from bot.redaction import shareable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    from bot.answer import Answer, Citation
    from bot.answering.analysis import QuestionAnalysis
    from bot.retrieve import SearchableStore
    from vectorstore.passage import StoredRelease

_REPLIES = Path(__file__).with_name("replies.toml")
_PUBLISHERS = 3  # that are named


def reply_to(analysis: QuestionAnalysis, store: SearchableStore, zone: tzinfo) -> tuple[str, str]:
    """The name of the reply to a turn, and its text."""
    language = "fr" if analysis.language == "fr" else "en"
    last = analysis.before.answer if analysis.before else None
    name = _named(analysis, last)
    chosen = _replies(name)
    newest = store.releases(None, 1)
    if name.startswith("about_answer") and last:
        text = chosen[language].format(**_of_answer(last, zone, language))
    else:
        text = (
            chosen[language].format(**_of_store(store, newest, zone, language)) if newest else _empty(chosen, language)
        )
    if chosen.get("hint"):
        hint = (
            _replies("hint")[language].format(title=headline(newest[0].title))
            if newest
            else _replies("empty")[language]
        )
        text = f"{text} {hint}"
    return name, text


def _named(analysis: QuestionAnalysis, last: Answer | None) -> str:
    """Which reply: that of the turn's intent, or one that says that there is no answer to speak of."""
    if analysis.kind in {Kind.ABOUT_ANSWER, Kind.MORE, Kind.CHALLENGE}:
        if last is None or not last.citations:
            return "about_answer.nothing"
        if analysis.guess.intent == "speaker":
            return "about_answer.said" if _speakers(last) else "about_answer.unsaid"
    return f"{analysis.kind.value}.{analysis.guess.intent}"


def _replies(name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = _read()
    for part in name.split("."):
        found = found[part]
    return found


@cache
def _read() -> Mapping[str, Any]:
    return tomllib.loads(_REPLIES.read_text("utf-8"))


def _empty(chosen: Mapping[str, Any], language: str) -> str:
    """A reply where nothing is stored: without what the store would tell."""
    text: str = chosen[language]
    return str(_replies("empty")[language]) if "{" in text else text


def _of_store(store: SearchableStore, newest: list[StoredRelease], zone: tzinfo, language: str) -> dict[str, str]:
    count = f"{store.count_releases():,}"
    published = newest[0].published
    publishers = [name for name, _, _ in store.publishers() if name]
    named = ", ".join(publishers[:_PUBLISHERS]) or ("une rédaction" if language == "fr" else "one newsroom")
    return {
        "releases": count.replace(",", "\u202f") if language == "fr" else count,
        "publishers": f"{named} …" if len(publishers) > _PUBLISHERS else named,
        "newest": day(published, zone, language) if published else "–",
        "title": headline(newest[0].title),
    }


def _of_answer(answer: Answer, zone: tzinfo, language: str) -> dict[str, str]:
    first = list({one.release.id: one for one in answer.citations}.values())
    undated = "sans date" if language == "fr" else "undated"
    days = [one.release.published for one in first]
    return {
        "sources": "".join(f"\n{_source(one, zone, language)}" for one in first),
        "days": "".join(
            f"\n{day(when, zone, language) if when else undated}, {_quoted(one.release.title, language)}"
            for one, when in zip(first, days, strict=True)
        ),
        "names": ", ".join(_speakers(answer)),
        "words": ", ".join(_words(one) for one in answer.citations),
    }


def _source(citation: Citation, zone: tzinfo, language: str) -> str:
    release = citation.release
    parts = [_quoted(release.title, language), release.publisher]
    parts += [day(release.published, zone, language) if release.published else None]
    address = citation.link or shareable(release.url)
    return ", ".join(filter(None, parts)) + (f"\n{address}" if address else "")


def _quoted(title: str, language: str) -> str:
    title = headline(title)
    return f"« {title} »" if language == "fr" else f"“{title}”"


def _speakers(answer: Answer) -> list[str]:
    return list(dict.fromkeys(one.speaker for one in answer.citations if one.speaker))


def _words(citation: Citation) -> str:
    return citation.release.text[slice(*citation.answer)] if citation.answer else citation.quote
