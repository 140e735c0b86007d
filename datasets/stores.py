"""Stores with default settings that hold given releases, and their retrievers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.answering.retriever import PassageRetriever
from ingest.passages import split_release
from vectorstore.embedders.subwords import built_in
from vectorstore.retrieval.late_interaction import LateInteraction
from vectorstore.store import PassageStore
from vectorstore.types import embedded_text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from vectorstore.catalogue import PostgresAddress
    from vectorstore.embedders import Embedder
    from vectorstore.indexes import ChromaAddress
    from vectorstore.types import Release


def filled(
    releases: Iterable[Release],
    embedder: Embedder,
    home: Path,
    *,
    catalogue: PostgresAddress | None = None,
    chroma: ChromaAddress | None = None,
) -> PassageStore:
    """A store that holds the releases, split as `communique ingest` does it; in the home, or on servers."""
    store = PassageStore(
        home,
        model=embedder.name,
        model_languages=embedder.languages,
        interaction=LateInteraction(built_in),
        catalogue=catalogue,
        chroma=chroma,
    )
    with store.writing():
        for release in releases:
            passages = split_release(release)
            texts = [embedded_text(release.title, passage.text) for passage in passages]
            store.replace(release, passages, embedder.embed_passages(texts))
    return store


def retriever_of(store: PassageStore, embedder: Embedder) -> PassageRetriever:
    """The retriever that answers are made with."""
    return PassageRetriever(store=store, embedder=embedder, interaction=LateInteraction(built_in))
