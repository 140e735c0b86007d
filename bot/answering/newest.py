"""Hits and releases in the order of their dates, for "the latest on Ukraine" and « le dernier communiqué »."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.answer import Citation
from bot.answering.evidence import Evidence
from bot.answering.sentences import sentence_places
from bot.cite import text_fragment_link

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vectorstore.passage import Hit, StoredRelease

_NEAR = 0.7  # of the best score: a release that is hardly about the subject is not the latest on it
_UNDATED = datetime.min.replace(tzinfo=UTC)
_WORDS = 6  # a shorter first sentence is a dateline or a caption


def by_date(hits: Sequence[Hit], *, newest: bool = True) -> tuple[Hit, ...]:
    """The hits near the best by their releases' dates, newest or oldest first, undated ones last; ranks count anew."""
    if not hits:
        return ()
    near = [hit for hit in hits if hit.score >= _NEAR * hits[0].score]
    dated = sorted((hit for hit in near if hit.release.published), key=_date, reverse=newest)
    ordered = [*dated, *(hit for hit in near if not hit.release.published)]
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
