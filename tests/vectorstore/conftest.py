"""A store on disk with real SQLite and Chroma, in its folder and on a server, and an embedder that needs no model."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import pytest

from tests.chroma_server import chroma_server
from tests.fakes import WordEmbedder
from vectorstore.dense import ChromaAddress
from vectorstore.store import PassageStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def embedder() -> WordEmbedder:
    return WordEmbedder()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaAddress]:
    """A Chroma server for all the tests of one process; each store has collections of its own."""
    with chroma_server(tmp_path_factory.mktemp("chroma")) as url:
        yield ChromaAddress(url)


@pytest.fixture(params=["in folders", "on a server"])
def chroma(request: pytest.FixtureRequest) -> ChromaAddress | None:
    """Where Chroma keeps the vector index: every test that asks for it runs over both."""
    return request.getfixturevalue("server") if request.param == "on a server" else None


@pytest.fixture
def opened(chroma: ChromaAddress | None) -> Callable[..., PassageStore]:
    """Opens a store, its vector index in folders or on a server."""
    return functools.partial(PassageStore, chroma=chroma)


@pytest.fixture
def store(tmp_path: Path, embedder: WordEmbedder, opened: Callable[..., PassageStore]) -> Iterator[PassageStore]:
    with opened(tmp_path / "home", model=embedder.name) as store:
        yield store


@pytest.fixture
def in_folders(tmp_path: Path, embedder: WordEmbedder) -> Iterator[PassageStore]:
    """A store for tests of what only folders do."""
    with PassageStore(tmp_path / "home", model=embedder.name) as store:
        yield store
