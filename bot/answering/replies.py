"""Replies to turns that ask nothing of the releases.

The sentences stand in `data/replies.toml` and are filled with what the store holds.
"""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.answering.citations import page_label
from bot.answering.turns import TurnKind
from bot.answering.wording import day, of_name
from bot.language.prompt_injection import headline
from bot.redaction import shareable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    from bot.answering.analysis import QuestionAnalysis
    from bot.answering.retriever import SearchableStore
    from bot.answering.types import Answer, Citation
    from vectorstore.types import Filter, StoredRelease

_DATA = Path(__file__).with_name("data")


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
