"""A store on disk with real Chroma and SQLite, and an embedder that needs no model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fakes import WordEmbedder
from vectorstore.store import PassageStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def embedder() -> WordEmbedder:
    return WordEmbedder()


@pytest.fixture
def store(tmp_path: Path, embedder: WordEmbedder) -> Iterator[PassageStore]:
    with PassageStore(tmp_path / "home", model=embedder.name) as store:
        yield store
