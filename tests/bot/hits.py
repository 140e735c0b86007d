"""Hits made in one line, for tests that need no store."""

from __future__ import annotations

from datetime import UTC, datetime

from vectorstore.types import Hit, Passage, StoredRelease


def a_stored_release(
    identity: str, text: str, *, language: str = "fr", title: str = "", pair: str | None = None
) -> StoredRelease:
    moment = datetime(2024, 10, 17, tzinfo=UTC)
    url = f"https://example.org/{identity}"
    return StoredRelease(
        identity, 1, title, None, text, language, "Example", moment, None, url, "test", pair, "hash", moment
    )


def a_hit(release: StoredRelease, rank: int = 1, *, start: int = 0, end: int | None = None) -> Hit:
    """A hit on all of a release, or on a part of it; each rank scores a tenth less than the one before."""
    stop = len(release.text) if end is None else end
    passage = Passage(f"{release.id}-{start}", release.id, release.text[start:stop], start, stop)
    score = 1 - rank / 10
    return Hit(passage, release, rank, score, 0.3, score, rank, rank)
