"""Pages for the parsers' tests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ingest.types import Page, Source

if TYPE_CHECKING:
    from collections.abc import Callable

PAGES = Path(__file__).parent / "pages"


@pytest.fixture
def make_page() -> Callable[..., Page]:
    """Makes a page of some content under a name; further names go to its source."""

    def make(content: str | bytes, name: str = "release.txt", **source: object) -> Page:
        raw = content.encode() if isinstance(content, str) else content
        return Page(location=f"folder/{name}", id=name, content=raw, source=Source("folder", **source))

    return make


@pytest.fixture
def saved(make_page: Callable[..., Page]) -> Callable[[str], Page]:
    """One of the pages saved beside the tests."""
    return lambda name: make_page((PAGES / name).read_bytes(), name)
