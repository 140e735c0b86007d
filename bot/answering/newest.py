"""Hits and releases in the order of their dates, for "the latest on Ukraine" and « le dernier communiqué »."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.answer import Citation
from bot.answering.evidence import Evidence
from bot.answering.sentences import sentence_places
from bot.cite import text_fragment_link
from vectorstore.words import fold, is_stop_word

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.periods import Times
    from vectorstore.passage import Filter, Hit, StoredRelease

_NEAR = 0.7  # of the best score: a release that is hardly about the subject is not the latest on it
_UNDATED = datetime.min.replace(tzinfo=UTC)
_LEAD = 400  # characters of a text that begin it
_PREFERRED = 1.25  # times its score: a hit of the period that is asked about, or of the release before
_WORDS = 6  # a shorter first sentence is a dateline or a caption


def by_date(hits: Sequence[Hit], *, newest: bool = True) -> tuple[Hit, ...]:
    """The hits near the best by their releases' dates, newest or oldest first, undated ones last; ranks count anew."""
    if not hits:
        return ()
    near = [hit for hit in hits if hit.score >= _NEAR * hits[0].score]
    dated = sorted((hit for hit in near if hit.release.published), key=_date, reverse=newest)
    ordered = [*dated, *(hit for hit in near if not hit.release.published)]
    return tuple(replace(hit, rank=rank) for rank, hit in enumerate(ordered, 1))


def of_period(hits: Sequence[Hit], where: Filter, times: Times) -> tuple[Hit, ...]:
    """The hits, those preferred whose releases name a period in title or lead, or were published in it."""
    text = times.period.text if times.period else ""
    named = [word for word in fold(text).casefold().split() if not is_stop_word(word, None)]

    def is_of_period(release: StoredRelease) -> bool:
        if where.spans(release.published):
            return True
        said = fold(f"{release.title} {release.lead or release.text[:_LEAD]}").casefold()
        held = {word.strip(".,;:()") for word in said.split()}
        return bool(named) and held.issuperset(named)

    return preferring(hits, is_of_period)


def preferring(hits: Sequence[Hit], chosen: Callable[[StoredRelease], bool]) -> tuple[Hit, ...]:
    """The hits in the order of their scores, those of chosen releases counting a quarter more; ranks count anew."""
    scored = [replace(hit, score=hit.score * (_PREFERRED if chosen(hit.release) else 1.0)) for hit in hits]
    ordered = sorted(scored, key=lambda hit: -hit.score)
    return tuple(replace(hit, rank=rank) for rank, hit in enumerate(ordered, 1))


def listed(releases: Sequence[StoredRelease]) -> Evidence:
    """The openings of releases as evidence, in their order: what is new is what they say first."""
    found = (opening(release, "") for release in releases)
    citations = tuple(replace(one, key=str(key)) for key, one in enumerate(filter(None, found), 1))
    return Evidence(citations, 1.0 if citations else 0.0)


def opening(release: StoredRelease, key: str) -> Citation | None:
    """The first sentence of a release that says something, as a citation; None where it has no text."""
    places = sentence_places(release.text, release.language)
    if not places:
        return None
    start, end = next((one for one in places if len(release.text[slice(*one)].split()) >= _WORDS), places[0])
    link = text_fragment_link(release.url, release.text, start, end)
    return Citation(key, release.text[start:end], start, end, release, link)


def _date(hit: Hit) -> datetime:
    return hit.release.published or _UNDATED
