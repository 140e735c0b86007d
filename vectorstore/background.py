"""The next vector index, built by a process of its own while the catalogue is still being filled.

Chroma takes a fifth of an ingestion's processor time, and no other thread of its process runs meanwhile. So a process
beside the writer looks every now and then for passages that have been kept, and is told when there are no more.
Whatever becomes of it, the index can be built from the catalogue without it.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import pickle
import subprocess
import sys
import threading
import time
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from vectorstore.catalogue import Catalogue
from vectorstore.errors import CatalogueError, IndexUnavailableError
from vectorstore.indexes import ChromaFolders
from vectorstore.indexes.state import published
from vectorstore.synchronisation import publish, rows_above

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from vectorstore.catalogue.engine import Engine
    from vectorstore.indexes import DenseIndexes, IndexRows
    from vectorstore.indexes.state import Published
    from vectorstore.indexes.tantivy import InvertedIndexes

log = logging.getLogger(__name__)

_PAUSE = 0.2  # seconds between two looks
_AT_ONCE = 4_000  # passages that are worth a batch: with each Chroma writes all of its HNSW files
_LONGEST_IDLE = 60.0  # seconds without a new passage after which the process ends: nobody seems to go on
# -P, and our folder first for our own packages: a file where somebody happens to work must not stand in for a module
_COMMAND = (
    "-P",
    "-c",
    "import sys; sys.path.insert(0, sys.argv[1]); import vectorstore; del sys.path[0]; "
    "from vectorstore.background import main; main()",
)
_OURS = str(Path(__file__).parents[1])


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
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join(str(Path(folder).absolute()) for folder in sys.path),
        }
        command = [sys.executable, *_COMMAND, _OURS]
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            process_group=0,  # Ctrl-C is for the process that writes
        )
        self.close = weakref.finalize(self, _end, self._process)
        self._send(pickle.dumps(_Order(catalogue.engine, folders, model, base)))

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def finish(self) -> None:
        """Let it take in what is left; nothing is written to the catalogue from now until `result`."""
        self._send(b".")

    def result(self, model: int, base: Published) -> tuple[str, str] | None:
        """The index's name and seal, once it is finished; None where it is of no use, and the process has ended."""
        built = None
        if self._wanted == (model, base):
            assert self._process.stdout is not None
            with contextlib.suppress(EOFError, pickle.UnpicklingError):
                built = pickle.load(self._process.stdout)  # noqa: S301 - from a process of our own
        self.close()
        return built if built and self._folders.is_whole(*built) else None

    def _send(self, content: bytes) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # it has ended, which `result` says
            self._process.stdin.write(content)
            self._process.stdin.flush()


def build_in_background(catalogue: Catalogue, indexes: DenseIndexes) -> BackgroundBuild | None:
    """Begin the index that follows the published one; None where it is no folder's, or no process is to be had."""
    current, base = catalogue.passages.model(), published(catalogue, indexes)
    if current is None or base.outdated or not isinstance(indexes, ChromaFolders):
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
    if background is None:
        publish(catalogue, indexes, words, model=model, afresh=afresh)
        return
    background.finish()
    with contextlib.closing(background):
        built = functools.partial(background.result, model)
        publish(catalogue, indexes, words, model=model, afresh=afresh, built=built)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        with contextlib.suppress(OSError):  # what was not sent cannot be sent any more
            pipe.close()  # type: ignore[union-attr]


def main() -> None:
    """What the process does."""
    orders, answers = sys.stdin.buffer, sys.stdout.buffer
    order: _Order = pickle.load(orders)  # noqa: S301 - from the process that has started this one
    finishing = threading.Event()
    threading.Thread(target=_await_end, args=(orders, finishing), daemon=True).start()
    try:
        built = build(Catalogue(order.engine), order.folders, model=order.model, base=order.base, finishing=finishing)
    except (IndexUnavailableError, CatalogueError):
        sys.exit(
            1
        )  # as on a full disk; whoever wanted the index builds it without this process, and tells what befalls
    if built is not None:
        pickle.dump(built, answers)
        answers.flush()


def _await_end(orders: IO[bytes], finishing: threading.Event) -> None:
    if not orders.read(1):
        os._exit(1)  # whoever wanted the index is gone
    finishing.set()


def build(
    catalogue: Catalogue, folders: ChromaFolders, *, model: int, base: Published, finishing: threading.Event
) -> tuple[str, str] | None:
    """Follow a catalogue until `finishing`; the name and seal of its index, None where nothing came for too long.

    Raises IndexUnavailableError and CatalogueError.
    """
    with folders.building(base.name) as (name, fill_in):
        up_to, waiting, changed = base.up_to, 0, time.monotonic()
        while not (ends := finishing.wait(_PAUSE)):
            with catalogue.snapshot():
                before, waiting = waiting, catalogue.passages.count(above=up_to)
                changed = changed if waiting == before else time.monotonic()
                if waiting >= _AT_ONCE:
                    up_to = _take_in(catalogue, fill_in, up_to, model)
            if time.monotonic() - changed > _LONGEST_IDLE:
                break
        with catalogue.snapshot():
            _take_in(catalogue, fill_in, up_to, model)
            dropped = _dropped(catalogue)
            numbers = catalogue.passages.numbers_of(dropped)
            fill_in([identity for identity, number in zip(dropped, numbers, strict=True) if number is None], ())
    return (name, folders.seal(name)) if ends else None


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
