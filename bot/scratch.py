"""A folder that one process works in and removes; where it was killed, the next one does."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator


@contextlib.contextmanager
def scratch_folder(parent: Path, prefix: str, names: Collection[str]) -> Iterator[Path]:
    """A new folder in `parent`, for its owner alone, removed at the end with what it holds.

    First those go that killed processes left: they begin with `prefix`, and hold nothing but what begins with `names`.
    """
    for left, held in abandoned(parent, prefix, names):
        _remove(left, held)
    folder, held = _made(parent, prefix)
    try:
        yield folder
    finally:
        _remove(folder, held)


def abandoned(parent: Path, prefix: str, names: Collection[str]) -> Iterator[tuple[Path, int]]:
    """Folders that killed processes left, each with a descriptor that holds it for this one until that is closed.

    A process holds its folder by a lock on it, which goes when the process does, however that ends.
    """
    for folder in parent.glob(f"{prefix}*"):
        with contextlib.suppress(OSError):
            if folder.is_symlink() or not all(entry.name.startswith(tuple(names)) for entry in folder.iterdir()):
                continue  # of somebody else
            held = _hold(folder)
            if held is not None:
                yield folder, held


def _made(parent: Path, prefix: str) -> tuple[Path, int]:
    while True:  # another process may take it for an abandoned one before it is held
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        with contextlib.suppress(FileNotFoundError):
            held = _hold(folder)
            if held is not None and folder.is_dir():
                return folder, held
            if held is not None:
                os.close(held)


def _hold(folder: Path) -> int | None:
    """A descriptor that locks a folder; None where another process does."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _remove(folder: Path, held: int) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    os.close(held)
