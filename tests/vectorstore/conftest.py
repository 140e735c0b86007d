"""Stores with real databases, in folders and on servers, and an embedder that needs no model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tests.fakes import WordEmbedder
from vectorstore.store import PassageStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.postgres_server import Server
    from vectorstore.catalogue import PostgresAddress
    from vectorstore.indexes import ChromaAddress


@pytest.fixture
def embedder() -> WordEmbedder:
    return WordEmbedder()


@dataclass(frozen=True, slots=True)
class Kept:
    """Where stores keep their two halves: None stands for the home. Each home has one database."""

    chroma: ChromaAddress | None
    postgres: Server | None
    catalogues: dict[Path, PostgresAddress] = field(default_factory=dict)

    def catalogue(self, home: Path) -> PostgresAddress | None:
        if self.postgres is None:
            return None
        if home not in self.catalogues:
            self.catalogues[home] = self.postgres.new_store()
        return self.catalogues[home]

    def opened(self, home: Path, **parts: object) -> PassageStore:
        return PassageStore(home, chroma=self.chroma, catalogue=self.catalogue(home), **parts)


@pytest.fixture(params=["in folders", "chroma on a server", "all on servers"])
def kept(request: pytest.FixtureRequest) -> Kept:
    """Where a store keeps what: every test that asks for it runs over all three."""
    chroma = None if request.param == "in folders" else request.getfixturevalue("server")
    return Kept(chroma, request.getfixturevalue("postgres") if request.param == "all on servers" else None)


@pytest.fixture
def chroma(kept: Kept) -> ChromaAddress | None:
    return kept.chroma


@pytest.fixture
def opened(kept: Kept) -> Callable[..., PassageStore]:
    """Opens a store, its halves in folders or on servers."""
    return kept.opened


@pytest.fixture
def store(tmp_path: Path, embedder: WordEmbedder, opened: Callable[..., PassageStore]) -> Iterator[PassageStore]:
    with opened(tmp_path / "home", model=embedder.name) as store:
        yield store


@pytest.fixture
def in_folders(tmp_path: Path, embedder: WordEmbedder) -> Iterator[PassageStore]:
    """A store for tests of what only folders do."""
    with PassageStore(tmp_path / "home", model=embedder.name) as store:
        yield store
