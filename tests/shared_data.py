"""Real releases and question sets, read by path and copied nowhere."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

DATA = Path(os.environ.get("COMMUNIQUE_SHARED", Path(__file__).parents[2] / "shared")) / "data"


def shared(name: str) -> Path:
    """A file of the shared data. The test is skipped where there is none, with one reason for all."""
    path = DATA / name
    if not path.is_file():
        pytest.skip("no shared data here: set COMMUNIQUE_SHARED to the folder that holds data/")
    return path
