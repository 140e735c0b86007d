"""What can go wrong in the store.

    StoreError
    ├── StoreHomeError         the store's folder cannot be used: it is a file, or this user may not write to it
    ├── StoreBusyError         another process is writing
    ├── CatalogueError         the catalogue cannot be used: damaged, a full disk, or written by a newer version
    │   ├── CatalogueAwayError     its server cannot be reached, or was lost in the middle
    │   └── CatalogueDamagedError  it does not hold what was written to it
    ├── MigrationError         a store cannot be moved as asked, or was moved halfway and must not be used yet
    ├── ModelMismatchError     the store was written with another embedding model
    ├── IndexUnavailableError  Chroma cannot answer (a damaged folder, a server away); the store then searches exactly
    ├── LexicalIndexError      tantivy cannot answer (a damaged folder, a full disk); SQLite's full text then does
    ├── VectorShapeError       vectors do not fit the passages or the store's dimension
    ├── EmbedderError          an embedding model cannot be loaded
    └── ClusterError           a Ray cluster cannot embed: not there, without the package or the model, or lost

Each text reads `what: which: cause` and ends with how to fix it, if the reader can.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class StoreError(Exception):
    """Base of this package's errors."""


class StoreHomeError(StoreError):
    """The store's folder cannot be used."""

    def __init__(self, home: Path, cause: str) -> None:
        super().__init__(f"store: {home}: {cause}")
        self.home = home


class StoreBusyError(StoreError):
    """Another process is writing to the store."""

    def __init__(self, where: Path | str, seconds: float) -> None:
        super().__init__(
            f"store: {where}: another process is writing (waited {seconds:g} s); "
            "wait until that `communique ingest` has ended, or stop it"
        )
        self.where = where


class CatalogueError(StoreError):
    """The catalogue cannot be used: a damaged file, a full disk, a server away.

    `where` is its file, or the server and the database on it, without a password.
    """

    def __init__(self, where: Path | str, cause: str) -> None:
        super().__init__(f"catalogue: {where}: {cause}")
        self.where = where
        self.cause = cause


class CatalogueAwayError(CatalogueError):
    """The server that holds the catalogue cannot be reached, or was lost in the middle; nothing of that is kept."""


class CatalogueDamagedError(CatalogueError):
    """The catalogue does not hold what was written to it; `cause` names the releases concerned."""


class MigrationError(StoreError):
    """A store cannot be moved as asked, or was moved halfway; `where` is the end that stands in the way."""

    def __init__(self, where: object, cause: str) -> None:
        super().__init__(f"migration: {where}: {cause}")
        self.where = str(where)


class ModelMismatchError(StoreError):
    """The store's vectors come from another embedding model than the one in use."""

    def __init__(self, home: Path, stored: str, wanted: str) -> None:
        super().__init__(
            f"store: {home}: written with the embedding model {stored}, but the settings name {wanted}; "
            "run `communique rebuild` to embed everything again, or change the setting back"
        )
        self.stored = stored
        self.wanted = wanted


class IndexUnavailableError(StoreError):
    """Chroma cannot open, write or answer. Searches and writes go on without it; repairs report it.

    `where` is the folder of an index, or the address of the server.
    """

    def __init__(self, where: Path | str, cause: str) -> None:
        super().__init__(f"vector index: {where}: {cause}")
        self.where = where


class LexicalIndexError(StoreError):
    """Tantivy cannot open or write an index. Searches and writes go on without it."""

    def __init__(self, where: Path, cause: str) -> None:
        super().__init__(f"index of words: {where}: {cause}")
        self.where = where


class VectorShapeError(StoreError):
    """Vectors do not fit: their count or their dimension is wrong."""


class EmbedderError(StoreError):
    """An embedding model cannot be loaded."""

    def __init__(self, model: str, cause: str) -> None:
        super().__init__(f"embedding model: {model}: {cause}")
        self.model = model


class ClusterError(StoreError):
    """A Ray cluster cannot embed; `address` is what it was named by."""

    def __init__(self, address: str, cause: str) -> None:
        super().__init__(f"cluster: {address}: {cause}")
        self.address = address
