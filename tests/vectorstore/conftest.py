"""Stores with real databases, in folders and on servers, and an embedder that needs no model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tests.chroma_server import chroma_server
from tests.fakes import WordEmbedder
from tests.postgres_server import ABSENT, binaries, postgres_server
from vectorstore.dense import ChromaAddress
from vectorstore.store import PassageStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.postgres_server import Server
    from vectorstore.catalogue.address import PostgresAddress


@pytest.fixture
def embedder() -> WordEmbedder:
    return WordEmbedder()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaAddress]:
    """A Chroma server for all the tests of one process; each store has collections of its own."""
    with chroma_server(tmp_path_factory.mktemp("chroma")) as url:
        yield ChromaAddress(url)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server for all the tests of one process; each store has a schema of its own."""
    if binaries() is None:
        pytest.skip(ABSENT)
    with postgres_server() as running:
        yield running


@pytest.fixture
def mortal() -> Iterator[Server]:
    """A server that a test may stop."""
    if binaries() is None:
        pytest.skip(ABSENT)
    with postgres_server() as server:
        yield server


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
