"""How releases belong together: twins in two languages, corrections and what they correct."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

Reason = Literal["pair", "hreflang", "address", "content"]


@dataclass(frozen=True, slots=True, order=True)
class Twin:
    """Two language versions of one release, by their ids, `first` before `second` in the alphabet.

    `score` is in [0, 1]: 1 for what pages and addresses state, else how sure their contents make it; at least 0.5.
    """

    first: str
    second: str
    reason: Reason
    score: float

    def other(self, release_id: str) -> str:
        """The twin of one of the two."""
        return self.second if release_id == self.first else self.first


@dataclass(frozen=True, slots=True)
class Outline:
    """A release in its current version without its text: what tells which releases belong together."""

    id: str
    language: str | None
    title: str
    published: datetime | None
    publisher: str | None
    url: str | None
    pair: str | None
    translations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Correction:
    """A release that corrects another."""

    release_id: str
    corrects: str


@dataclass(frozen=True, slots=True)
class Relations:
    """The releases that one release belongs together with."""

    twins: tuple[Twin, ...] = ()
    corrects: str | None = None
    corrected_by: tuple[str, ...] = ()
