"""The words of a release and of its passages as they are indexed, by where they stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vectorstore.words import index_words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from vectorstore.passage import IncomingRelease, Passage

_MONTHS = (
    ("january", "janvier"), ("february", "février"), ("march", "mars"), ("april", "avril"), ("may", "mai"),
    ("june", "juin"), ("july", "juillet"), ("august", "août"), ("september", "septembre"), ("october", "octobre"),
    ("november", "novembre"), ("december", "décembre"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fields:
    """Words with spaces between; `texts` are the passages', `whole` is that of the release."""

    title: str
    lead: str
    date: str
    texts: tuple[str, ...]
    whole: str


def fields_of(release: IncomingRelease, passages: Sequence[Passage]) -> Fields:
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
    return f"{published:%Y-%m-%d} {published.day} {' '.join(_MONTHS[published.month - 1])} {published.year}"
