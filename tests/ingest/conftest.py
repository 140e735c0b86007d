"""A small newsroom, and a store that follows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ingest.follower import Follower
from tests.newsroom.site import Newsroom

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def site() -> Iterator[Newsroom]:
    """Ten releases."""
    with Newsroom(releases=10) as site:
        yield site


@pytest.fixture
def follower(tmp_path: Path) -> Iterator[Follower]:
    """An empty store."""
    with Follower(tmp_path / "home") as follower:
        yield follower


@pytest.fixture
def followed(follower: Follower, site: Newsroom) -> Follower:
    """A store that holds what the newsroom's sitemap names."""
    follower.run(site.sitemap)
    return follower
