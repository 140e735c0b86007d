"""Vector indexes in folders, by the Chroma that runs in this process, and what every vector index of Chroma's offers.

Chroma 1.5.9 tears its HNSW files when the process dies while it writes them, and opening torn files can crash the
interpreter (chroma-core/chroma#7510). So a folder is built aside, closed, measured, and only then published by naming
it in the catalogue; from then on nobody writes its HNSW files. A folder that is not named there is a torn or
unfinished one and is never opened.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import hashlib
import itertools
import json
import os
import platform
import shutil
import sqlite3
import struct
import threading
import uuid
import weakref
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

import numpy as np

from vectorstore.errors import IndexUnavailableError
from vectorstore.indexes.chroma_tables import Details

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from chromadb.api import ClientAPI
    from chromadb.api.client import Client
    from chromadb.api.collection_configuration import CreateCollectionConfiguration
    from chromadb.api.models.Collection import Collection
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class IndexRows:
    """Passages to take in: for each an id, a vector, its text, and what LangChain's Chroma gives beside the text.

    Our own search asks for none of the last two.
    """

    ids: list[str]
    vectors: NDArray[np.float16]
    texts: list[str]
    details: list[dict[str, str | int]]

    def cut(self, size: int) -> Iterator[IndexRows]:
        """The same, at most `size` at a time."""
        for start in range(0, len(self.ids), size):
            part = slice(start, start + size)
            yield IndexRows(self.ids[part], self.vectors[part], self.texts[part], self.details[part])


Added = Iterable[IndexRows]
"""Passages to take in, in batches."""


@dataclass(frozen=True, slots=True)
class SharedCollection:
    """A published index as other tools open it, to read from it: a client, and the collection's name."""

    client: ClientAPI
    name: str


_PAGE = 5_000  # ids to read at once; more than 32,766 rows in one get fail


class DenseIndex:
    """A published index, open for search.

    Every method raises IndexUnavailableError where the index is gone, damaged or out of reach.
    """

    def __init__(self, name: str, where: Path | str, collection: Collection, close: Callable[[], object]) -> None:
        self.name = name
        self._where = where
        self._collection = collection
        self._close = close

    def nearest(self, vector: NDArray[np.float32], limit: int) -> list[tuple[str, float]]:
        """Passage ids with their cosine, best first, at most `limit`. Approximate: HNSW may miss some."""
        with said_plainly(self._where):
            found = self._collection.query(query_embeddings=vector[None, :], n_results=limit, include=["distances"])
        distances = found["distances"] or [[]]
        return [(id_, 1.0 - distance) for id_, distance in zip(found["ids"][0], distances[0], strict=True)]

    def ids(self) -> Iterator[str]:
        """Every passage id that the index holds."""
        with said_plainly(self._where):
            for offset in range(0, self._collection.count(), _PAGE):
                yield from self._collection.get(limit=_PAGE, offset=offset, include=[])["ids"]

    def close(self) -> None:
        """Let go of it."""
        self._close()


class DenseIndexes(Protocol):
    """Where a store keeps its vector indexes. The catalogue names the one that is published, with its seal."""

    def holds(self, name: str) -> bool:
        """Whether an index of this name is kept here, rather than where the store kept its indexes before."""

    def is_whole(self, name: str, seal: str) -> bool:
        """Whether the index is there, as it was when it was published."""

    def open(self, name: str) -> DenseIndex:
        """Open a published index. Raises IndexUnavailableError."""

    def share(self, name: str) -> AbstractContextManager[SharedCollection]:
        """A published index for other tools, as long as the context lasts. Raises IndexUnavailableError."""

    def build(self, base: str | None, dropped: Iterable[str], added: Added) -> tuple[str, str]:
        """Make the next index: that named `base` without `dropped` and with `added`.

        Returns its name and its seal, which `is_whole` compares later. Where it was stopped in the middle, doing it
        again gives the same. Raises IndexUnavailableError where the base cannot be read or the next not be written.
        """

    def clear(self, keep: set[str]) -> None:
        """Remove this store's unfinished and outlived indexes."""

    def close(self) -> None:
        """Let go of what is shared by the open indexes."""


def fill(
    client: ClientAPI, collection: Collection, dropped: Iterable[str], added: Added, details: Details | None = None
) -> None:
    """Take `dropped` out of a collection and put `added` in, as much at a time as Chroma takes.

    `details` writes texts and details; without it Chroma does.
    """
    size = client.get_max_batch_size()
    gone = list(dropped)
    for start in range(0, len(gone), size):
        collection.delete(ids=gone[start : start + size])
    for part in itertools.chain.from_iterable(rows.cut(size) for rows in added):
        vectors = part.vectors.astype(np.float32)
        # An id that is there already was dropped before: an upsert would leave what it knew of it.
        if details is None:
            collection.upsert(ids=part.ids, embeddings=vectors, documents=part.texts, metadatas=list(part.details))
        else:
            details.begin()
            collection.upsert(ids=part.ids, embeddings=vectors)
            details.write(part.ids, part.texts, part.details)


@contextlib.contextmanager
def said_plainly(where: Path | str) -> Iterator[None]:
    """Turn what Chroma raises into IndexUnavailableError."""
    import httpx
    from chromadb.errors import ChromaError

    try:
        yield
    except httpx.HTTPError as exc:
        raise IndexUnavailableError(where, f"cannot be reached ({exc})") from exc
    # Chroma's Rust side also raises plain ValueError and RuntimeError for what it cannot read.
    except (ChromaError, ValueError, RuntimeError, OSError, sqlite3.Error) as exc:
        raise IndexUnavailableError(where, f"Chroma cannot work with it ({exc})") from exc


_COLLECTION = "passages"
# Chroma puts off writing HNSW files until `sync_threshold` rows have come in, and a reader replays and writes what was
# put off. At 2 every batch is written at once, and readers of a published folder leave its HNSW files alone.
_CONFIGURATION: CreateCollectionConfiguration = {"hnsw": {"space": "cosine", "sync_threshold": 2, "batch_size": 2}}

_HEADER = struct.Struct("<iQQQQQQiIQQQdQ")  # of an HNSW index, as Chroma 1.5.9 writes it (hnswlib's `saveIndex`)
_ROWS, _ROW_BYTES = 3, 4  # which of its fields
_LENGTH_BYTES = 4  # a float32 for each row

_M_ARENA_MAX = -8  # mallopt's parameter, as <malloc.h> has it

# Chroma shares what lies behind the clients of one path and counts them, but not safely between threads. Reentrant,
# because a client may be closed by the garbage collector in the middle of opening another.
_SHARING = threading.RLock()


class ChromaFolders:
    """The indexes of one store, each a folder under `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __str__(self) -> str:
        return str(self._path)

    def holds(self, name: str) -> bool:
        """Whether the name is a folder's."""
        return "-" not in name

    def is_whole(self, name: str, seal: str) -> bool:
        """Whether a folder's HNSW files are there with the sizes that they had when it was published."""
        folder = self._path / name
        return folder.is_dir() and _seal(folder) == seal

    def open(self, name: str) -> DenseIndex:
        """Open a published folder. Raises IndexUnavailableError."""
        folder = self._path / name
        with said_plainly(folder):
            client = _client(folder)
            collection = client.get_collection(_COLLECTION, embedding_function=None)
            # Whoever asks it keeps it open: it closes with its last user, or when it is told to.
            return DenseIndex(name, folder, collection, weakref.finalize(collection, _close, client))

    @contextlib.contextmanager
    def share(self, name: str) -> Iterator[SharedCollection]:
        """A published folder for other tools, as long as the context lasts. Raises IndexUnavailableError."""
        folder = self._path / name
        with said_plainly(folder):
            client = _client(folder)
        try:
            yield SharedCollection(client, _COLLECTION)
        finally:
            _close(client)

    def build(self, base: str | None, dropped: Iterable[str], added: Added) -> tuple[str, str]:
        """Copy the folder `base`, where there is one, and bring the copy up to date. Raises IndexUnavailableError."""
        with self.building(base) as (name, fill_in):
            fill_in(dropped, added)
        return name, self.seal(name)

    @contextlib.contextmanager
    def building(self, base: str | None) -> Iterator[tuple[str, Callable[[Iterable[str], Added], None]]]:
        """The next folder's name, and what takes passages out and in there, as often as wanted.

        It begins as a copy of `base`, where there is one, and can be published after the context, with its `seal`.
        Raises IndexUnavailableError.
        """
        name = uuid.uuid4().hex[:12]
        folder = self._path / name
        with said_plainly(folder):
            if base is not None:
                _copy(self._path / base, folder)
            client = _client(folder)
            try:
                collection = client.get_or_create_collection(
                    _COLLECTION, configuration=_CONFIGURATION, embedding_function=None
                )
                with Details(folder) as details:
                    known = details if details.can_be_written() else None
                    yield name, functools.partial(fill, client, collection, details=known)
            finally:
                _close(client)
            _clear_unfilled(folder)

    def seal(self, name: str) -> str:
        """What `is_whole` compares a folder with later."""
        return _seal(self._path / name)

    def clear(self, keep: set[str]) -> None:
        """Remove every folder but those to keep."""
        for folder in self._path.iterdir():
            if folder.name not in keep:
                shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        """Nothing is shared: each index closes its own folder."""


def _clear_unfilled(folder: Path) -> None:
    """Write zeros where Chroma made room for rows that are not there yet.

    It writes that room as it found it in memory, up to a hundred rows of it, and there may stand whatever the process
    held before: the text of a release that was taken down.
    """
    for header in folder.rglob("header.bin"):
        fields = _HEADER.unpack(header.read_bytes())
        rows, row_bytes = fields[_ROWS], fields[_ROW_BYTES]
        for name, width in (("data_level0.bin", row_bytes), ("length.bin", _LENGTH_BYTES)):
            with header.with_name(name).open("r+b") as file:
                filled = rows * width
                size = file.seek(0, os.SEEK_END)
                file.seek(filled)
                file.write(bytes(max(0, size - filled)))


def _seal(folder: Path) -> str:
    """Sizes of the HNSW files and a digest of each header, which says how they are to be read."""
    files = sorted(path for path in folder.rglob("*.bin") if path.is_file())
    sizes = {path.relative_to(folder).as_posix(): path.stat().st_size for path in files}
    headers = b"".join(path.read_bytes() for path in files if path.name == "header.bin")
    return json.dumps({"sizes": sizes, "headers": hashlib.sha256(headers).hexdigest()})


def _client(folder: Path) -> Client:
    import chromadb
    from chromadb.config import Settings

    _share_memory()
    settings = Settings(anonymized_telemetry=False)
    with _SHARING:
        return cast("Client", chromadb.PersistentClient(path=str(folder), settings=settings))


@functools.cache
def _share_memory() -> None:
    """Let all threads take memory from two arenas, where the C library is glibc.

    Each index that is opened brings Chroma's threads along, each with an arena of its own that keeps what it once took:
    a process that asked while 58 indexes were published grew from 416 to 607 MiB, and with two arenas from 366 to 449.
    """
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)


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
