"""The store's folder: made where it is missing, closed to everybody but its owner, refused where it cannot be used."""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from vectorstore.errors import StoreHomeError

if TYPE_CHECKING:
    from collections.abc import Iterator

log = logging.getLogger(__name__)

PRIVATE_FILE = 0o600
_PRIVATE_FOLDER = 0o700
_OTHERS = 0o077  # what the group and everybody else may do
_FILES = ("*.sqlite3", "*.sqlite3-*", "*.sqlite3.damaged*", "writer.lock")
_FOLDERS = ("chroma", "words", ".backup-*", ".restore-*")


def make_usable(home: Path, *folders: Path) -> None:
    """Make the store's folder and those within, and close what is there already to everybody but its owner.

    Raises StoreHomeError where that cannot be, or where they cannot be written to.
    """
    try:
        for folder in (home, *folders):
            make_private(folder)
    except (FileExistsError, NotADirectoryError) as exc:
        raise StoreHomeError(home, "is a file or lies in one; name a folder instead") from exc
    except OSError as exc:
        raise StoreHomeError(home, f"cannot be made ({exc.strerror}); name a folder that you may write to") from exc
    inside = [path for path in (home, *folders, home / "catalogue.sqlite3", home / "writer.lock") if path.exists()]
    for path in inside:
        # Readers too: SQLite keeps a log and an index of it beside the catalogue for as long as anybody reads.
        if not os.access(path, os.W_OK):
            raise StoreHomeError(
                home, f"you may not write to {path.name}, which even reading needs; give yourself the right to"
            )
    open_to_others = [path for path in (home, *_ours_in(home)) if not _closed(path)]
    if open_to_others:
        _warn(home, open_to_others[0])


def make_private(folder: Path) -> None:
    """Make a folder for its owner alone where it is missing; the folders above it are made as usual."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)


def create_private(file: Path) -> None:
    """Make an empty file for its owner alone where it is missing, so that whoever opens it next need not close it.

    What SQLite puts beside a database has the mode of the database.
    """
    with contextlib.suppress(FileExistsError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE_FILE))


def _ours_in(home: Path) -> Iterator[Path]:
    """What the store keeps in its folder, and nothing else that may lie there."""
    for pattern in _FILES:
        yield from home.glob(pattern)
    for pattern in _FOLDERS:
        for top in home.glob(pattern):
            for folder, _, names in os.walk(top):
                inside = Path(folder)
                yield inside
                yield from (inside / name for name in names)


def _closed(path: Path) -> bool:
    """Whether a file or folder is closed to others; first it is closed, as far as this user may do so."""
    try:
        mode = path.stat().st_mode
        if os.name != "posix" or not mode & _OTHERS:
            return True
        if mode & stat.S_ISVTX or path == path.parent:  # /tmp, or the root: others need those
            return False
        path.chmod(stat.S_IMODE(mode) & ~_OTHERS)
        return not path.stat().st_mode & _OTHERS
    except FileNotFoundError:  # SQLite removes its log while nobody reads
        return True
    except OSError:
        return False


@functools.cache
def _warn(home: Path, path: Path) -> None:
    """Once for each home: a watch opens its store again and again."""
    log.warning(
        "store %s: other users may read %s, and this user may not change that; make a folder of your own its home, "
        "or have its owner run chmod -R go= on it",
        home,
        path,
    )
