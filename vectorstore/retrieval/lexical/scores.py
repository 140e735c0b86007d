"""Scores by words, whichever engine gives them, and the words of a release and its passages as they are indexed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vectorstore.text.calendar import month_names
from vectorstore.text.words import index_words

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from vectorstore.types import Passage, Release, StoredRelease

DEEPER = 4  # times as many passages are looked at before their releases' words reorder them


@dataclass(frozen=True, slots=True)
class Scored:
    """Passage numbers with their scores, 0 or more: those that the words rank first, and others asked for by number.

    `ranked` is best first. An asked-for passage that shares no word with the question is missing in `others`.
    `versions` gives the row of the version that each of these and others stands in, as far as it was looked up.
    """

    ranked: list[tuple[int, float]]
    others: dict[int, float]
    versions: dict[int, int] = field(compare=False)


def with_releases(
    found: dict[int, float],
    versions: dict[int, int],
    whole: dict[int, float],
    *,
    ranked: Collection[int],
    limit: int,
    also: Sequence[int],
) -> Scored:
    """What was found, each with its release: `versions` says in which row that stands, `whole` the scores of rows.

    A passage that stands in none is left out.
    """
    totals = {
        number: (max(score, 0.0) + max(whole.get(versions[number], 0.0), 0.0)) / 2
        for number, score in found.items()
        if number in versions
    }
    best = sorted((-totals[number], number) for number in ranked if number in totals)[:limit]
    return Scored([(number, -score) for score, number in best], {n: totals[n] for n in also if n in totals}, versions)


@dataclass(frozen=True, slots=True)
class Fields:
    """Words with spaces between; `texts` are the passages', `whole` is that of the release."""

    title: str
    lead: str
    date: str
    texts: tuple[str, ...]
    whole: str


@dataclass(frozen=True, slots=True)
class IndexedFields:
    """The words of a release under the number of its version, those of its passages under `numbers`, in order."""

    row: int
    numbers: Sequence[int]
    fields: Fields


def fields_of(release: Release | StoredRelease, passages: Sequence[Passage]) -> Fields:
    """Cut a release and its passages into the words that they are found by."""
    texts = tuple(_words(passage.text, release.language) for passage in passages)
    return Fields(
        title=_words(release.title, release.language),
        lead=_words(release.lead or "", release.language),
        date=_words(_spoken(release.published), release.language),
        texts=texts,
        whole=" ".join(texts) if _cover(release.text, passages) else _words(release.text, release.language),
    )


def _words(text: str, language: str | None) -> str:
    return " ".join(index_words(text, language))


def _cover(text: str, passages: Sequence[Passage]) -> bool:
    """Whether the passages hold all of a text, each part once, so that their words are its words."""
    reached = 0
    for passage in passages:
        if passage.start < reached or text[reached : passage.start].strip():
            return False
        reached = passage.end
    return not text[reached:].strip()


def _spoken(published: datetime | None) -> str:
    """A date as people would type it, in both languages."""
    if published is None:
        return ""
    months = " ".join(month_names(language)[published.month - 1] for language in ("en", "fr"))
    return f"{published:%Y-%m-%d} {published.day} {months} {published.year}"
