"""Memory in which tests write as in a folder: thousands of stores would wait for a disk."""

from __future__ import annotations

import shutil
from pathlib import Path

_MEMORY = Path("/dev/shm")
_ROOM = 4 * 2**30  # bytes


def in_memory() -> Path | None:
    """The folder that lies in memory; None where there is none, or too little room."""
    return _MEMORY if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM else None
