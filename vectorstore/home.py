"""The store's folder: made where it is missing, refused where it cannot be used."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from vectorstore.errors import StoreHomeError

if TYPE_CHECKING:
    from pathlib import Path


def make_usable(home: Path, *folders: Path) -> None:
    """Make the store's folder and those within.

    Raises StoreHomeError where that cannot be, or where they cannot be written to.
    """
    try:
        for folder in (home, *folders):
            folder.mkdir(parents=True, exist_ok=True)
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
