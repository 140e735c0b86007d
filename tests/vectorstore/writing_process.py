"""A process of its own that stores releases without pause, tells which are safe, and is there to be killed."""

from __future__ import annotations

import hashlib
import multiprocessing
from typing import TYPE_CHECKING

from tests.fakes import WordEmbedder, a_release, keep
from vectorstore.store import PassageStore

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess
    from pathlib import Path

    from vectorstore.catalogue import PostgresAddress
    from vectorstore.indexes import ChromaAddress


def text_of(number: int) -> str:
    """Eight words that no other release has, so that vectors point in all directions, as those of real texts do."""
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    return f"{' '.join(f'w{digest[at : at + 8]}' for at in range(0, 56, 8))} subject{number}."


def write(
    home: Path,
    chroma: ChromaAddress | None,
    catalogue: PostgresAddress | None,
    first: int,
    batch: int,
    acknowledged: Connection,
) -> None:
    """Store releases `first`, `first` + 1 … in batches, and send each number once its release is stored."""
    embedder = WordEmbedder()
    with PassageStore(home, model=embedder.name, chroma=chroma, catalogue=catalogue) as store:
        while True:
            with store.writing():
                for number in range(first, first + batch):
                    keep(store, a_release(f"release-{number}", text_of(number)), embedder)
                    acknowledged.send(number)
            first += batch


def start_writing(
    home: Path, chroma: ChromaAddress | None, first: int, batch: int, *, catalogue: PostgresAddress | None = None
) -> tuple[BaseProcess, Connection]:
    """The running process, and where its acknowledgements arrive."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.vectorstore.writing_process", "chromadb"])
    arriving, sending = context.Pipe(duplex=False)
    process = context.Process(target=write, args=(home, chroma, catalogue, first, batch, sending), daemon=True)
    process.start()
    sending.close()
    return process, arriving


def drain(arriving: Connection) -> list[int]:
    """Every acknowledgement that arrived before the process died."""
    numbers = []
    try:
        while arriving.poll(0.5):
            numbers.append(arriving.recv())
    except (EOFError, OSError):
        pass
    return numbers
