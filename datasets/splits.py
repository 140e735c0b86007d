"""Which part of a set trains, which chooses between models, and which only measures: a function for each split."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, TypeVar

from datasets.releases import newswire

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from datasets.releases import NewswireRelease

NEWSWIRE_KEPT_OUT = 2_000
"""Newswire releases that train nothing: the newest, so that their subjects are as new as tomorrow's."""

_PIAF_CHOOSES = 30  # one article in so many
_WRITTEN_CHOOSES = 10  # one document in so many

_T = TypeVar("_T")


def trains(article: str) -> bool:
    """Whether a PIAF article belongs to the half that may train vectors; the other half only measures them."""
    return zlib.crc32(article.encode()) % 2 == 0


def fits(article: str) -> bool:
    """Whether an article of the training half is kept for fitting fusion, away from the vectors' training."""
    return trains(article) and zlib.crc32(article.encode()) % 4 == 2


def chooses(article: str) -> bool:
    """Whether a PIAF article is kept from the reader's training, to choose between readers."""
    return zlib.crc32(article.encode()) % _PIAF_CHOOSES == 0


def written_chooses(number: int) -> bool:
    """Whether a document of those written for this project, by its number, trains nothing but chooses or calibrates."""
    return number % _WRITTEN_CHOOSES == 0


def clap_nq_trains(questions: Sequence[_T]) -> Sequence[_T]:
    """CLAP NQ's questions of one kind that train the reader."""
    return questions[::2]


def clap_nq_measures(questions: Sequence[_T]) -> Sequence[_T]:
    """CLAP NQ's questions of one kind that nothing is fitted on."""
    return questions[1::2]


def newswire_by_age(data: Path) -> tuple[list[NewswireRelease], list[NewswireRelease]]:
    """Newswire releases to train on and the newest ones, kept out; one of each title, as wires repeat theirs.

    Raises MissingDataError.
    """
    by_title = {release.title: release for release in newswire(data) if len(release.text) > 200}
    ordered = sorted(by_title.values(), key=lambda release: (release.date, release.id))
    return ordered[:-NEWSWIRE_KEPT_OUT], ordered[-NEWSWIRE_KEPT_OUT:]
