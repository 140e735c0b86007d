"""Chroma as the vector index: passage id to vector, derived from the catalogue and never written in place.

Chroma 1.5.9 tears its HNSW files when the process dies while it writes them, and opening torn files can crash the
interpreter (chroma-core/chroma#7510). So a folder is built aside, closed, measured, and only then published by naming
it in the catalogue; from then on nobody writes its HNSW files. A folder that is not named there is a torn or
unfinished one and is never opened.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import sqlite3
import threading
import weakref
from typing import TYPE_CHECKING, cast

import numpy as np

from vectorstore.errors import IndexUnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from chromadb.api.client import Client
    from chromadb.api.collection_configuration import CreateCollectionConfiguration
    from numpy.typing import NDArray

_COLLECTION = "passages"
# Chroma puts off writing HNSW files until `sync_threshold` rows have come in, and a reader replays and writes what was
# put off. At 2 every batch is written at once, and readers of a published folder leave its HNSW files alone.
_CONFIGURATION: CreateCollectionConfiguration = {"hnsw": {"space": "cosine", "sync_threshold": 2, "batch_size": 2}}

# Chroma shares what lies behind the clients of one path and counts them, but not safely between threads. Reentrant,
# because a client may be closed by the garbage collector in the middle of opening another.
_SHARING = threading.RLock()


class DenseIndex:
    """A published folder, open for search.

    Every method raises IndexUnavailableError where the folder is gone or damaged.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with _said_plainly(folder):
            client = _client(folder)
            # Whoever asks it keeps it open: it closes with its last user, or when it is told to.
            self._closing = weakref.finalize(self, _close, client)
            self._collection = client.get_collection(_COLLECTION, embedding_function=None)

    def nearest(self, vector: NDArray[np.float32], limit: int) -> list[tuple[str, float]]:
        """Passage ids with their cosine, best first, at most `limit`. Approximate: HNSW may miss some."""
        with _said_plainly(self.folder):
            found = self._collection.query(query_embeddings=vector[None, :], n_results=limit, include=["distances"])
        distances = found["distances"] or [[]]
        return [(id_, 1.0 - distance) for id_, distance in zip(found["ids"][0], distances[0], strict=True)]

    def ids(self) -> Iterator[str]:
        """Every passage id that the index holds."""
        size = 5_000  # more than 32,766 rows in one get fail
        with _said_plainly(self.folder):
            for offset in range(0, self._collection.count(), size):
                yield from self._collection.get(limit=size, offset=offset, include=[])["ids"]

    def close(self) -> None:
        """Let go of the folder."""
        self._closing()


def build(
    folder: Path,
    *,
    base: Path | None,
    dropped: Iterable[str],
    added: Iterable[tuple[list[str], NDArray[np.float16]]],
) -> str:
    """Write an index into `folder`: that of `base` without `dropped` and with `added`.

    `added` comes in batches of ids and rows. Returns the folder's seal, which `is_whole` compares later.
    Raises IndexUnavailableError where the base cannot be read or the folder not be written.
    """
    shutil.rmtree(folder, ignore_errors=True)
    with _said_plainly(folder):
        if base is not None:
            _copy(base, folder)
        _write(folder, dropped, added)
        return _seal(folder)


def is_whole(folder: Path, seal: str) -> bool:
    """Whether a folder's HNSW files are there with the sizes that they had when it was published."""
    return folder.is_dir() and _seal(folder) == seal


def _write(folder: Path, dropped: Iterable[str], added: Iterable[tuple[list[str], NDArray[np.float16]]]) -> None:
    client = _client(folder)
    try:
        collection = client.get_or_create_collection(_COLLECTION, configuration=_CONFIGURATION, embedding_function=None)
        size = client.get_max_batch_size()
        gone = list(dropped)
        for start in range(0, len(gone), size):
            collection.delete(ids=gone[start : start + size])
        for ids, vectors in added:
            for start in range(0, len(ids), size):
                rows = vectors[start : start + size].astype(np.float32)
                collection.upsert(ids=ids[start : start + size], embeddings=rows)
    finally:
        _close(client)


def _seal(folder: Path) -> str:
    """Sizes of the HNSW files and a digest of each header, which says how they are to be read."""
    files = sorted(path for path in folder.rglob("*.bin") if path.is_file())
    sizes = {path.relative_to(folder).as_posix(): path.stat().st_size for path in files}
    headers = b"".join(path.read_bytes() for path in files if path.name == "header.bin")
    return json.dumps({"sizes": sizes, "headers": hashlib.sha256(headers).hexdigest()})


@contextlib.contextmanager
def _said_plainly(folder: Path) -> Iterator[None]:
    from chromadb.errors import ChromaError

    try:
        yield
    # Chroma's Rust side also raises plain ValueError and RuntimeError for what it cannot read.
    except (ChromaError, ValueError, RuntimeError, OSError, sqlite3.Error) as exc:
        raise IndexUnavailableError(folder, f"Chroma cannot work with it ({exc})") from exc


def _client(folder: Path) -> Client:
    import chromadb
    from chromadb.config import Settings

    settings = Settings(anonymized_telemetry=False)
    with _SHARING:
        return cast("Client", chromadb.PersistentClient(path=str(folder), settings=settings))


def _close(client: Client) -> None:
    with _SHARING:
        client.close()


def _copy(base: Path, folder: Path) -> None:
    """Copy a published folder that others may have open: its database through SQLite, the rest as files."""
    shutil.copytree(base, folder, ignore=shutil.ignore_patterns("chroma.sqlite3*"))
    source, target = sqlite3.connect(base / "chroma.sqlite3"), sqlite3.connect(folder / "chroma.sqlite3")
    try:
        source.backup(target)
    finally:
        source.close()
        target.close()
