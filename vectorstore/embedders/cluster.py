"""An embedder whose passages are embedded by the nodes of a Ray cluster.

Ray itself runs in a process beside this one (`cluster_worker.py`): its core ends the process that it lives in when its
node is lost, takes signals for itself and writes to stdout, none of which may happen to the one that writes the store.
"""

from __future__ import annotations

import importlib.metadata
import logging
import multiprocessing
import re
import socket
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from vectorstore.embedders.cluster_worker import EXAMPLE, GONE, Connected, Done, Failed, Lost, Ready, Wanted, serve
from vectorstore.errors import ClusterError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Self

    import numpy as np
    from numpy.typing import NDArray

    from vectorstore.embedders import Embedded, Embedder
    from vectorstore.embedders.cluster_worker import Told

log = logging.getLogger(__name__)

ADDRESS = re.compile(r"\A(?:auto|local|[^\s:/@]+:\d{1,5})")
"""How a cluster is named: the one that runs on this machine, one made for this run, or the head's host and port."""

_ANSWERS = 5.0  # seconds that a head may take to accept a connection
_JOINS = 60.0  # seconds until this machine takes part; Ray tries for ever where no Ray answers
_LEAVES = 10.0  # seconds that the process beside may take to end in good order


class ClusterEmbedder:
    """The model of `inner`, held by a worker on every processor of a cluster; questions are embedded here.

    `address` is `auto`, `local` or `HOST:PORT`; `batch_size` the texts that a worker's model reads at once. Raises
    ClusterError where there is no such cluster, a node lacks the package or the model, or all nodes are lost; a node
    that is lost alone costs time only.
    """

    def __init__(self, inner: Embedder, address: str, *, batch_size: int = 8) -> None:
        self._inner = inner
        self._address = address
        self._batch_size = batch_size
        self._workers = 1
        self._started = 0
        self._done: dict[int, Embedded] = {}

    def __enter__(self) -> Self:
        _check_answers(self._address)
        context = multiprocessing.get_context("spawn")
        self._line, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs, self._address), daemon=True)
        self._process.start()
        theirs.close()
        try:
            self._join()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the workers go."""
        self._line.close()
        self._process.join(_LEAVES)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    @property
    def name(self) -> str:
        """What the store remembers the model by."""
        return self._inner.name

    @property
    def dimension(self) -> int:
        """Length of every vector."""
        return self._inner.dimension

    @property
    def languages(self) -> tuple[str, ...] | None:
        """Those that the model is good at."""
        return self._inner.languages

    @property
    def at_once(self) -> int:
        """Batches that keep the workers busy: one in each, one waiting for each, and two while the store is written."""
        return 2 * self._workers + 2

    def start(self, texts: Sequence[str]) -> Callable[[], Embedded]:
        """Send a batch to the cluster; what is returned waits for its vectors."""
        self._started += 1
        self._tell((self._started, list(texts)))
        return partial(self._result, self._started)

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Rows of shape (texts, dimension), in the order of the texts."""
        return self.start(texts)().vectors

    def embed_question(self, text: str) -> NDArray[np.float32]:
        """One vector of shape (dimension,)."""
        return self._inner.embed_question(text)

    def count_overlong(self, texts: Sequence[str]) -> int:
        """How many of the texts the model would not read to their end."""
        return self._inner.count_overlong(texts)

    def _join(self) -> None:
        """Take part in the cluster, and wait for the first worker."""
        if not self._line.poll(_JOINS):
            raise ClusterError(self._address, f"no Ray answers there (waited {_JOINS:g} s); {_NAMED}")
        while not isinstance(self._hear(), Connected):
            pass
        self._tell(self._wanted())
        while not isinstance(self._hear(), Ready):
            pass

    def _wanted(self) -> Wanted:
        folder = Path(self.name).expanduser()
        return Wanted(
            name=self.name,
            folder=str(folder.resolve()) if folder.is_dir() else None,
            batch_size=self._batch_size,
            version=importlib.metadata.version("communique"),
            example=self._inner.embed_passages([EXAMPLE])[0],
        )

    def _result(self, number: int) -> Embedded:
        while number not in self._done:
            self._hear()
        return self._done.pop(number)

    def _tell(self, message: Wanted | tuple[int, list[str]]) -> None:
        try:
            self._line.send(message)
        except OSError:
            while True:  # what it said before it ended says why
                self._hear()

    def _hear(self) -> Told:
        try:
            told: Told = self._line.recv()
        except (EOFError, OSError) as exc:
            raise ClusterError(self._address, GONE) from exc
        match told:
            case Failed(cause):
                raise ClusterError(self._address, cause)
            case Ready(workers):
                self._workers = workers
            case Lost(node):
                log.warning("cluster: %s: node %s is lost; the others do its work", self._address, node)
            case Done(number, embedded):
                self._done[number] = embedded
        return told


_NAMED = "name a cluster that this machine is a node of (`ray start --address=HOST:PORT`), or `local`"


def _check_answers(address: str) -> None:
    """Raises ClusterError within seconds where nothing listens: Ray itself tries for minutes."""
    host, _, port = address.rpartition(":")
    if not host:
        return
    try:
        socket.create_connection((host, int(port)), timeout=_ANSWERS).close()
    except (OSError, OverflowError) as exc:
        raise ClusterError(address, f"cannot be reached ({exc}); {_NAMED}") from exc
