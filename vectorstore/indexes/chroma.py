"""Chroma as the vector index: folders written by the Chroma in this process, or collections on a server.

Chroma 1.5.9 tears its HNSW files when the process dies while it writes them, and opening torn files can crash the
interpreter (chroma-core/chroma#7510). So a folder is built aside, closed, measured, and only then published by naming
it in the catalogue; from then on nobody writes its HNSW files. A folder that is not named there is a torn or
unfinished one and is never opened. Texts and details are written straight into the tables of a new folder: Chroma takes
6.3 s of one processor for 5,000 passages of 600 characters, of which the vectors are 1.3; what it does row by row for
the rest takes 0.9 when it is written as it stands, many rows at once.

A server, which several processes and hosts share, keeps its own HNSW files whole, so a collection is brought up to date
in place. Readers pass over what the catalogue does not yet say that it holds, and a collection that was left in the
middle is brought up to date again.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import hashlib
import itertools
import json
import platform
import shutil
import sqlite3
import struct
import threading
import uuid
import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from vectorstore.errors import IndexUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    import httpx
    from chromadb.api import ClientAPI
    from chromadb.api.client import AdminClient, Client
    from chromadb.api.collection_configuration import CreateCollectionConfiguration, CreateHNSWConfiguration
    from chromadb.api.fastapi import FastAPI
    from chromadb.api.models.Collection import Collection
    from numpy.typing import NDArray

    from vectorstore.indexes import Added, Built, ChromaAddress


@dataclass(frozen=True, slots=True)
class SharedCollection:
    """A published index as other tools open it, to read from it: a client, and the collection's name."""

    client: ClientAPI
    name: str


_PAGE = 5_000  # ids to read at once; more than 32,766 rows in one get fail


class DenseIndex:
    """A published index, open for search; `close` lets go of it.

    Every other method raises IndexUnavailableError where the index is gone, damaged or out of reach.
    """

    def __init__(self, name: str, where: Path | str, collection: Collection, close: Callable[[], object]) -> None:
        self.name = name
        self._where = where
        self._collection = collection
        self.close = close

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


def fill(
    client: ClientAPI, collection: Collection, dropped: Iterable[str], added: Added, details: Details | None = None
) -> int:
    """Take `dropped` out of a collection and put `added` in, as much at a time as Chroma takes; how many it holds then.

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
    return collection.count()


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
# Half as many candidates as usual to build the graph, more to search it: as good, in 60 % of the time (decision 0071).
_GRAPH: CreateHNSWConfiguration = {"space": "cosine", "ef_construction": 48, "ef_search": 240}
_IN_A_FOLDER: CreateCollectionConfiguration = {"hnsw": {**_GRAPH, "sync_threshold": 2, "batch_size": 2}}

_HEADER = struct.Struct("<iQQQQQQiIQQQdQ")  # of an HNSW index, as Chroma 1.5.9 writes it (hnswlib's `saveIndex`)
_ROWS, _ROW_BYTES = 3, 4  # which of its fields
_LENGTH_BYTES = 4  # a float32 for each row

_M_ARENA_MAX = -8  # mallopt's parameter, as <malloc.h> has it

# Chroma shares what lies behind the clients of one path and counts them, but not safely between threads. Reentrant,
# because a client may be closed by the garbage collector in the middle of opening another.
_SHARING = threading.RLock()


@dataclass(eq=False)
class ChromaFolders:
    """The indexes of one store, each a folder under `path`."""

    path: Path
    prefix: str = ""

    def __str__(self) -> str:
        return str(self.path)

    def is_whole(self, name: str, seal: str) -> bool:
        """Whether a folder's HNSW files are there with the sizes that they had when it was published."""
        return (self.path / name).is_dir() and self.seal(name) == seal

    def open(self, name: str) -> DenseIndex:
        """Open a published folder. Raises IndexUnavailableError."""
        folder = self.path / name
        with said_plainly(folder):
            client = _client(folder)
            collection = client.get_collection(_COLLECTION, embedding_function=None)
            # Whoever asks it keeps it open: it closes with its last user, or when it is told to.
            return DenseIndex(name, folder, collection, weakref.finalize(collection, _close, client))

    @contextlib.contextmanager
    def share(self, name: str) -> Iterator[SharedCollection]:
        """A published folder for other tools, as long as the context lasts. Raises IndexUnavailableError."""
        folder = self.path / name
        with contextlib.ExitStack() as undo:
            with said_plainly(folder):
                undo.callback(_close, client := _client(folder))
            yield SharedCollection(client, _COLLECTION)

    def build(self, base: str | None, dropped: Iterable[str], added: Added) -> Built:
        """Copy the folder `base`, where there is one, and bring the copy up to date. Raises IndexUnavailableError."""
        with self.building(base) as (name, fill_in):
            count = fill_in(dropped, added)
        return name, self.seal(name), count

    @contextlib.contextmanager
    def building(self, base: str | None) -> Iterator[tuple[str, Callable[[Iterable[str], Added], int]]]:
        """The next folder's name, and what takes passages out and in there, as often as wanted.

        It begins as a copy of `base`, where there is one, and can be published after the context, with its `seal`.
        Raises IndexUnavailableError; where anything is raised nothing is left of it.
        """
        folder = self.path / (name := uuid.uuid4().hex[:12])
        with said_plainly(folder), contextlib.ExitStack() as undo:
            undo.callback(shutil.rmtree, folder, ignore_errors=True)
            if base is not None:
                _copy(self.path / base, folder)
            with contextlib.ExitStack() as using:
                using.callback(_close, client := _client(folder))
                if base is None:
                    client.create_collection(_COLLECTION, configuration=_IN_A_FOLDER, embedding_function=None)
                # a base that was emptied lacks it
                collection = client.get_collection(_COLLECTION, embedding_function=None)
                details = using.enter_context(contextlib.closing(Details(folder)))
                known = details if details.can_be_written() else None
                with details.indexed_at_the_end() if known and base is None else contextlib.nullcontext():
                    yield name, functools.partial(fill, client, collection, details=known)
            _clear_unfilled(folder)
            undo.pop_all()

    def seal(self, name: str) -> str:
        """What `is_whole` compares later: sizes of the HNSW files, and a digest of their headers."""
        folder = self.path / name
        files = sorted(path for path in folder.rglob("*.bin") if path.is_file())
        sizes = {path.relative_to(folder).as_posix(): path.stat().st_size for path in files}
        headers = b"".join(path.read_bytes() for path in files if path.name == "header.bin")
        return json.dumps({"sizes": sizes, "headers": hashlib.sha256(headers).hexdigest()})

    def clear(self, keep: set[str]) -> None:
        """Remove every folder but those to keep."""
        for folder in self.path.iterdir():
            if folder.name not in keep:
                shutil.rmtree(folder, ignore_errors=True)


def _clear_unfilled(folder: Path) -> None:
    """Write zeros where Chroma made room for rows that are not there yet.

    It writes that room as it found it in memory, up to a hundred rows of it, and there may stand whatever the process
    held before: the text of a release that was taken down.
    """
    for header in folder.rglob("header.bin"):
        fields = _HEADER.unpack(header.read_bytes())
        rows, row_bytes = fields[_ROWS], fields[_ROW_BYTES]
        for name, width in (("data_level0.bin", row_bytes), ("length.bin", _LENGTH_BYTES)):
            filled, size = rows * width, header.with_name(name).stat().st_size
            with header.with_name(name).open("r+b") as file:
                file.seek(filled)
                file.write(bytes(max(0, size - filled)))


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
    uri = f"{(base / 'chroma.sqlite3').absolute().as_uri()}?mode=ro"  # one that is gone is not made
    source, target = sqlite3.connect(uri, uri=True), sqlite3.connect(folder / "chroma.sqlite3")
    with contextlib.closing(source) as read, contextlib.closing(target) as written:
        read.backup(written)


_DOCUMENT = "chroma:document"  # the key under which Chroma keeps a text among the details
_WORDS = "CREATE VIRTUAL TABLE embedding_fulltext_search USING fts5(string_value, tokenize='trigram')"
_ROOM = 8 << 20  # bytes of words that FTS5 keeps in memory before it writes them; 1 MiB is usual


class Details:
    """The tables of one folder, in which the rows that Chroma has just taken get their texts and details."""

    def __init__(self, folder: Path) -> None:
        self._connection = sqlite3.connect(folder / "chroma.sqlite3", isolation_level=None, timeout=60)
        self._last = 0

    def close(self) -> None:
        """Let go of the tables."""
        self._connection.close()

    def can_be_written(self) -> bool:
        """Whether the tables are those that we know, and the SQLite of this process can write them."""
        try:
            kept = self._connection.execute(
                "SELECT sql FROM sqlite_master WHERE name = 'embedding_fulltext_search'"
            ).fetchone()
            self._connection.execute("SELECT id, key, string_value, int_value FROM embedding_metadata LIMIT 0")
            self._connection.execute("SELECT id, segment_id, embedding_id FROM embeddings LIMIT 0")
            self._connection.execute("SELECT rowid, string_value FROM embedding_fulltext_search LIMIT 0")
        except sqlite3.Error:
            return False
        return bool(kept == (_WORDS,))

    @contextlib.contextmanager
    def indexed_at_the_end(self) -> Iterator[None]:
        """Do without the indexes of what is written until it is: that takes half as long as row by row."""
        indexes = "SELECT name, sql FROM sqlite_master WHERE tbl_name = 'embedding_metadata' AND sql LIKE 'CREATE I%'"
        for name, _ in (dropped := self._connection.execute(indexes).fetchall()):
            self._connection.execute(f"DROP INDEX {name}")
        yield
        for _, statement in dropped:
            self._connection.execute(statement)

    def begin(self) -> None:
        """Note which rows are there before Chroma takes the next ones."""
        self._last = self._connection.execute("SELECT coalesce(max(id), 0) FROM embeddings").fetchone()[0]

    def write(self, ids: Sequence[str], texts: Sequence[str], details: Sequence[Mapping[str, str | int]]) -> None:
        """Write what belongs to the rows that Chroma has taken since `begin`: a text and details for each of these ids.

        Raises sqlite3.Error, also where Chroma had one of them before.
        """
        numbers = dict(self._connection.execute("SELECT embedding_id, id FROM embeddings WHERE id > ?", (self._last,)))
        if not numbers.keys() >= set(ids):
            raise sqlite3.IntegrityError("some of the rows were there before")
        documents = [(numbers[id_], text) for id_, text in zip(ids, texts, strict=True)]
        described = [
            (numbers[id_], key, None if isinstance(value, int) else value, value if isinstance(value, int) else None)
            for id_, named in zip(ids, details, strict=True)
            for key, value in named.items()
        ]
        described += [(number, _DOCUMENT, text, None) for number, text in documents]
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.execute(
            "INSERT INTO embedding_fulltext_search (embedding_fulltext_search, rank) VALUES ('hashsize', ?)", (_ROOM,)
        )
        self._connection.executemany(
            "INSERT INTO embedding_metadata (id, key, string_value, int_value) VALUES (?, ?, ?, ?)", described
        )
        self._connection.executemany(
            "INSERT INTO embedding_fulltext_search (rowid, string_value) VALUES (?, ?)", documents
        )
        self._connection.execute("COMMIT")


_ON_A_SERVER: CreateCollectionConfiguration = {"hnsw": _GRAPH}
_LISTED = 100  # collections to list at once
_REACHED = 2.0  # seconds in which a server must take a connection
_ANSWERED = 30.0  # seconds in which it must answer; it takes in 5,461 rows in two


class ChromaServer:
    """The indexes of one store on a server; `owner` tells its collections from those of other stores."""

    def __init__(self, address: ChromaAddress, owner: str) -> None:
        self._url = address.url.rstrip("/")
        self.prefix = f"communique-{owner}"
        self._headers = {"Authorization": f"Bearer {address.token}"} if address.token else {}
        self._client: Client | None = None
        self._connecting = threading.Lock()

    def __str__(self) -> str:
        return self._url

    def is_whole(self, name: str, seal: str) -> bool:
        """Whether the collection is there, and is the one that was published. Raises IndexUnavailableError."""
        from chromadb.errors import NotFoundError

        with said_plainly(self._url):
            try:
                return str(self._connected().get_collection(name, embedding_function=None).id) == seal
            except NotFoundError:
                return False

    def open(self, name: str) -> DenseIndex:
        """Open a published collection. Raises IndexUnavailableError."""
        with said_plainly(self._url):
            collection = self._connected().get_collection(name, embedding_function=None)
            return DenseIndex(name, self._url, collection, lambda: None)

    def share(self, name: str) -> AbstractContextManager[SharedCollection]:
        """A published collection for other tools, as long as the open indexes are. Raises IndexUnavailableError."""
        with said_plainly(self._url):
            return contextlib.nullcontext(SharedCollection(self._connected(), name))

    def build(self, base: str | None, dropped: Iterable[str], added: Added) -> Built:
        """Bring the collection `base` up to date, or make a new one. Raises IndexUnavailableError."""
        name = base or f"{self.prefix}-{uuid.uuid4().hex[:12]}"
        with said_plainly(self._url):
            client = self._connected()
            collection = client.get_or_create_collection(name, configuration=_ON_A_SERVER, embedding_function=None)
            return name, str(collection.id), fill(client, collection, dropped, added)

    def clear(self, keep: set[str]) -> None:
        """Delete this store's collections but those to keep."""
        with said_plainly(self._url):
            client, names = self._connected(), list[str]()
            while page := client.list_collections(limit=_LISTED, offset=len(names)):
                names += [collection.name for collection in page]
            for name in names:
                if name.rpartition("-")[0] == self.prefix and name not in keep:
                    client.delete_collection(name)

    def close(self) -> None:
        """Close the connection that the open indexes share."""
        with self._connecting:
            if self._client is not None:
                sessions = _sessions(self._client)
                self._client.close()
                for session in sessions:  # which Chroma leaves open
                    session.close()
                self._client = None

    def _connected(self) -> Client:
        with self._connecting:
            if self._client is None:
                self._client = self._connect()
            return self._client

    def _connect(self) -> Client:
        import chromadb
        import httpx
        from chromadb.config import Settings

        settings = Settings(anonymized_telemetry=False)
        patience = httpx.Timeout(_ANSWERED, connect=_REACHED)
        # Chroma's own client waits for ever, from its first request on: ask first whether anybody is there.
        told = httpx.get(f"{self._url}/api/v2/heartbeat", timeout=patience, headers=self._headers)
        if told.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
            mend = "put its token into COMMUNIQUE_STORE__CHROMA_TOKEN"
            raise IndexUnavailableError(self._url, f"lets nobody in ({told.status_code}); {mend}")
        if told.status_code != httpx.codes.OK:
            raise IndexUnavailableError(self._url, f"is no Chroma server: it answers {told.status_code}")
        ssl, headers = self._url.startswith("https:"), dict(self._headers)  # to which Chroma adds its own
        client = cast("Client", chromadb.HttpClient(self._url, ssl=ssl, headers=headers, settings=settings))
        for session in _sessions(client):
            session.timeout = patience
        return client


def _sessions(client: Client) -> list[httpx.Client]:
    """What a client asks with; there is no setting for how long they wait, and no way to close them."""
    servers = client._server, cast("AdminClient", client._admin_client)._server  # noqa: SLF001
    return [cast("FastAPI", server)._session for server in servers]  # noqa: SLF001
