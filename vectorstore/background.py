"""The next vector index, built by a process of its own while the catalogue is still being filled.

Chroma takes a third of an ingestion's processor time, and no other thread of its process runs meanwhile. So a process
beside the writer looks every now and then for passages that have been kept, and is told when there are no more.
Whatever becomes of it, the index can be built from the catalogue without it.
"""

from __future__ import annotations

import contextlib
import functools
import os
import pickle
import select
import sys
import threading
import weakref
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from vectorstore import processes
from vectorstore.catalogue import Catalogue
from vectorstore.errors import CatalogueError, IndexUnavailableError
from vectorstore.indexes import ChromaFolders
from vectorstore.indexes.state import published
from vectorstore.synchronisation import WIPE, publish, rows_above

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterable

    from vectorstore.catalogue.engine import Engine
    from vectorstore.indexes import DenseIndexes, IndexRows
    from vectorstore.indexes.state import Published
    from vectorstore.indexes.tantivy import InvertedIndexes

_PAUSE = 0.3  # seconds between two looks
_AT_ONCE = 4_000  # passages that are worth a batch: with each Chroma writes all of its HNSW files
_LONGEST = 600.0  # seconds that the writer waits for what is left; then it builds the index itself
_CODE = "from vectorstore.background import main; main()"
_FINISH = b"."


@dataclass(frozen=True, slots=True)
class _Order:
    engine: Engine
    folders: ChromaFolders
    model: int
    base: Published


class BackgroundBuild:
    """An index for `model` that is being built from the published one `base`; see the module."""

    def __init__(self, catalogue: Catalogue, folders: ChromaFolders, *, model: int, base: Published) -> None:
        """Start it. Raises OSError where no process can be had."""
        self._folders = folders
        self._wanted = model, base
        self._process: subprocess.Popen[bytes] = processes.start(_CODE, packages="vectorstore")
        self.close = weakref.finalize(self, processes.end, self._process)
        self._send(pickle.dumps(_Order(catalogue.engine, folders, model, base)))

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def is_of_use(self, model: int, base: Published) -> bool:
        """Whether it is still being built, for this model and from this index."""
        return self._wanted == (model, base) and self._process.poll() is None

    def finish(self) -> None:
        """Let it take in what is left; nothing is written to the catalogue from now until `result`."""
        self._send(_FINISH)

    def result(self, model: int, base: Published) -> tuple[str, str] | None:
        """The index's name and seal, once it is finished; None where it is of no use. The process has ended then."""
        built = None
        if self._wanted == (model, base):
            assert self._process.stdout is not None
            if select.select([self._process.stdout], [], [], _LONGEST)[0]:
                with contextlib.suppress(EOFError):
                    built = processes.read_frame(self._process.stdout)
        self.close()
        return built if built and self._folders.is_whole(*built) else None

    def _send(self, content: bytes) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # it has ended, which `result` says
            self._process.stdin.write(content)
            self._process.stdin.flush()


def build_in_background(
    catalogue: Catalogue, indexes: DenseIndexes, going_on: BackgroundBuild | None = None
) -> BackgroundBuild | None:
    """Begin the index that follows the published one, unless it is `going_on`.

    None where it is no folder's, or no process is to be had.
    """
    current, base = catalogue.passages.model(), published(catalogue, indexes)
    if going_on is not None:
        if current is not None and going_on.is_of_use(current[0], base):
            return going_on
        going_on.close()
    if current is None or base.outdated or catalogue.meta(WIPE) or not isinstance(indexes, ChromaFolders):
        return None
    with contextlib.suppress(OSError):
        return BackgroundBuild(catalogue, indexes, model=current[0], base=base)
    return None


def publish_with(
    background: BackgroundBuild | None,
    catalogue: Catalogue,
    indexes: DenseIndexes,
    words: InvertedIndexes,
    *,
    model: int,
    afresh: bool,
) -> None:
    """Bring the indexes in step as `publish` does, with what is being built, if it is of use; that ends."""
    if background is None or afresh or catalogue.meta(WIPE):
        if background is not None:  # it must not write beside what clears the folders
            background.close()
        publish(catalogue, indexes, words, model=model, afresh=afresh)
        return
    background.finish()
    with contextlib.closing(background):
        publish(catalogue, indexes, words, model=model, built=functools.partial(background.result, model))


def main() -> None:
    """What the process does."""
    orders, answers = sys.stdin.buffer, processes.answer_stream()
    order: _Order = pickle.load(orders)  # noqa: S301 - from the process that has started this one
    finishing = threading.Event()
    threading.Thread(target=_follow, args=(orders, finishing), daemon=True).start()
    # As on a full disk: whoever wanted the index builds it without this process, and tells what befalls.
    with contextlib.suppress(IndexUnavailableError, CatalogueError):
        built = build(Catalogue(order.engine), order.folders, model=order.model, base=order.base, finishing=finishing)
        processes.write_frame(answers, built)
    os._exit(0)  # the thread is still reading, and Python would stumble over it


def _follow(orders: IO[bytes], finishing: threading.Event) -> None:
    """Be told to finish; without whoever wanted the index, end."""
    while orders.read(1):
        finishing.set()
    os._exit(1)


def build(
    catalogue: Catalogue, folders: ChromaFolders, *, model: int, base: Published, finishing: threading.Event
) -> tuple[str, str]:
    """Follow a catalogue until `finishing`; the name and seal of its index.

    Raises IndexUnavailableError and CatalogueError.
    """
    with folders.building(base.name) as (name, fill_in):
        up_to = base.up_to
        while not finishing.wait(_PAUSE):
            with catalogue.snapshot():
                if catalogue.passages.count(above=up_to) >= _AT_ONCE:
                    up_to = _take_in(catalogue, fill_in, up_to, model)
        with catalogue.snapshot():
            _take_in(catalogue, fill_in, up_to, model)
            dropped = _dropped(catalogue)
            numbers = catalogue.passages.numbers_of(dropped)
            fill_in([identity for identity, number in zip(dropped, numbers, strict=True) if number is None], ())
    return name, folders.seal(name)


def _take_in(
    catalogue: Catalogue, fill_in: Callable[[Iterable[str], Iterable[IndexRows]], None], up_to: int, model: int
) -> int:
    """Take in the passages after passage `up_to`, in place of what had their ids; returns the last one's number."""
    dropped = set(_dropped(catalogue))
    for last, rows in rows_above(catalogue, up_to, model=model):
        fill_in(dropped.intersection(rows.ids), [rows])
        up_to = last
    return up_to


def _dropped(catalogue: Catalogue) -> list[str]:
    return [identity for (identity,) in catalogue.connection.execute("SELECT id FROM dropped")]
