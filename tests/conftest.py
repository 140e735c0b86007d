"""Servers for all tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.chroma_server import chroma_server
from tests.postgres_server import ABSENT, binaries, postgres_server
from vectorstore.dense import ChromaAddress

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.postgres_server import Server


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
