"""A folder opened for reading says how many pages there are, and what it left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ingest.errors import SourceError
from ingest.parse.workers import Bounds, Workers
from ingest.sources import FolderReading, Limits
from ingest.types import Source

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.md", "b.txt", "c.xlsx"):
        (tmp_path / name).write_text("# A title\n\nWords.", encoding="utf-8")
    (tmp_path / "d.jsonl").write_text('{"title": "One"}\n{"title": "Two"}\n', encoding="utf-8")
    return tmp_path


def test_every_file_and_every_line_counts(folder: Path) -> None:
    """Two files and two lines; what is in no known format is told."""
    reading = FolderReading(Source(str(folder)), Limits())

    assert (reading.total, len(list(reading.items())), reading.beyond_limit) == (4, 4, 0)
    assert reading.warnings == (f"{folder}: left out: 1 in no known format (.xlsx)",)


def test_the_limit_is_kept_and_told(folder: Path) -> None:
    """Three of four are left out."""
    reading = FolderReading(Source(str(folder)), Limits(limit=1))

    assert (reading.total, len(list(reading.items())), reading.beyond_limit) == (1, 1, 3)


def test_a_limit_beyond_all_numbers_is_none(folder: Path) -> None:
    """Nothing is left out."""
    reading = FolderReading(Source(str(folder)), Limits(limit=10**23))

    assert (reading.total, len(list(reading.items())), reading.beyond_limit) == (4, 4, 0)


def test_a_limit_of_memory_beyond_all_numbers_is_none() -> None:
    """The process that reads starts all the same."""
    workers = Workers(Bounds(memory=10**13), at_once=1)

    assert workers.call("here", len, "abc") == 3
    workers.close()


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """Not an empty one."""
    with pytest.raises(SourceError, match="no such file or folder"):
        FolderReading(Source(str(tmp_path / "nowhere")), Limits())
