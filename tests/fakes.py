"""Working stand-ins: an embedder of hashed words, and releases made in one line."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import numpy as np

from ingest.passages import split_release
from vectorstore.types import Release

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from vectorstore.store import PassageStore
    from vectorstore.types import Passage


class WordEmbedder:
    """Every word has a fixed random direction; a text points where its words do. Counts the texts it was given."""

    languages: tuple[str, ...] | None = None

    def __init__(self, name: str = "words", dimension: int = 64) -> None:
        self.name = name
        self.dimension = dimension
        self.embedded = 0

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.embedded += len(texts)
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        return np.stack([self.embed_question(text) for text in texts])

    def embed_question(self, text: str) -> NDArray[np.float32]:
        total = sum((self._direction(word) for word in re.findall(r"\w+", text.lower())), np.zeros(self.dimension))
        length = float(np.linalg.norm(total))
        return (total / length if length else total).astype(np.float32)

    def count_overlong(self, texts: Sequence[str]) -> int:
        return 0

    def _direction(self, word: str) -> NDArray[np.float64]:
        seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
        return np.random.default_rng(seed).normal(size=self.dimension)


def a_release(
    identity: str,
    *paragraphs: str,
    title: str = "A release",
    language: str | None = "en",
    publisher: str | None = None,
    published: datetime | None = None,
) -> Release:
    """A release of these paragraphs."""
    return Release(
        id=identity,
        title=title,
        body=paragraphs,
        source=f"{identity}.txt",
        language=language,
        publisher=publisher,
        published=published,
    )


def keep(store: PassageStore, release: Release, embedder: WordEmbedder, *, size: int = 200) -> list[Passage]:
    """Store a release as ingestion does; returns its passages."""
    passages = split_release(release, size=size)
    store.replace(release, passages, embedder.embed_passages([passage.text for passage in passages]))
    return passages
