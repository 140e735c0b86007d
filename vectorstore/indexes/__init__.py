"""Chroma as the vector index: passages derived from the catalogue, in folders or behind a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vectorstore.indexes.chroma import ChromaFolders, DenseIndex, DenseIndexes, IndexRows, SharedCollection
from vectorstore.indexes.chroma_server import ChromaAddress, ChromaServer

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "ChromaAddress",
    "ChromaFolders",
    "ChromaServer",
    "DenseIndex",
    "DenseIndexes",
    "IndexRows",
    "SharedCollection",
    "kept_at",
]


def kept_at(folder: Path, server: ChromaAddress | None, *, owner: str) -> DenseIndexes:
    """Where a store keeps its indexes: on the server, if there is one, else in folders. `owner` is the store."""
    return ChromaServer(server, owner) if server else ChromaFolders(folder)
