"""Stores whose words are looked for in SQLite, in tantivy, or in PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fakes import WordEmbedder
from vectorstore.store import PassageStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def large(tmp_path: Path) -> Iterator[PassageStore]:
    """A store that has an index of words from its first passage on, as large ones do."""
    with PassageStore(tmp_path / "home", model=WordEmbedder().name, exact_up_to=0) as store:
        yield store


@pytest.fixture(params=["sqlite", "tantivy", "postgres"])
def by_each_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PassageStore]:
    """Every test that asks for it runs over all engines."""
    beyond = 0 if request.param == "tantivy" else 20_000
    catalogue = request.getfixturevalue("postgres").new_store() if request.param == "postgres" else None
    with PassageStore(tmp_path / "home", model=WordEmbedder().name, exact_up_to=beyond, catalogue=catalogue) as store:
        yield store
