"""The process that takes part in a Ray cluster: a worker on every processor, batches in, vectors out.

The only module that knows `ray`. It is run by `cluster.py`, and the messages between both stand here.
"""

from __future__ import annotations

import contextlib
import os
import queue
import secrets
import signal
import tempfile
import threading
import time
from collections import Counter, deque
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vectorstore.embedders import Embedded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

    import numpy as np
    from numpy.typing import NDArray

EXAMPLE = "Communiqué : the ministers met in Brussels / les ministres se sont réunis à Bruxelles."
"""Embedded by every worker, to see whether its model is the one of the machine that ingests."""

GONE = (
    "the connection is lost, as when the node of this machine has ended; look at `ray status`. "
    "What was written is kept, and the same command goes on from there"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The model that workers are to hold: its name, its folder if it lies in one, what it makes of EXAMPLE."""

    name: str
    folder: str | None
    batch_size: int
    version: str
    example: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Connected:
    """This machine takes part in the cluster."""


@dataclass(frozen=True, slots=True)
class Ready:
    """The first worker holds the model, of so many there will be."""

    workers: int


@dataclass(frozen=True, slots=True)
class Done:
    """A batch by its number, embedded."""

    number: int
    embedded: Embedded


@dataclass(frozen=True, slots=True)
class Lost:
    """A node does not answer any more."""

    node: str


@dataclass(frozen=True, slots=True)
class Failed:
    """Nothing more will come."""

    cause: str


Told = Connected | Ready | Done | Lost | Failed
_Batch = tuple[int, list[str]]


_ALIKE = 0.99  # cosine of one text in two computers' arithmetic: bfloat16 and float32 differ by less than 0.001
_TICK = 0.02  # seconds to wait for a vector before looking for new batches
_LOOK = 5.0  # seconds between two looks for nodes that came
_STALLED = 900.0  # seconds: a model may have to be downloaded first, or other jobs hold every processor
_PROBED = 60.0  # seconds that a node may take to start a process and say what it has


class CrewError(Exception):
    """The crew cannot go on; the text says why and what to do."""


class Worker:
    """Runs on a node: holds the model, and embeds one batch after the other."""

    def __init__(self, wanted: Wanted) -> None:
        from vectorstore.embedders import embedder_named

        self._embedder = embedder_named(wanted.folder or wanted.name, batch_size=wanted.batch_size)
        self._example = wanted.example

    def is_alike(self) -> bool:
        """Whether this model is the one of the machine that ingests; loads it."""
        mine = self._embedder.embed_passages([EXAMPLE])[0]
        return mine.shape == self._example.shape and float(mine @ self._example) > _ALIKE

    def embed(self, texts: list[str]) -> Embedded:
        """The vectors of a batch."""
        return Embedded(self._embedder.embed_passages(texts), self._embedder.count_overlong(texts))


@dataclass(frozen=True, slots=True)
class _Hand:
    """A worker as it is seen from here."""

    actor: Any
    node: str
    name: str


class Crew:
    """Workers on the processors of a cluster. A batch whose worker is lost is given to another."""

    def __init__(self, wanted: Wanted) -> None:
        import ray

        self._wanted = wanted
        self._hires = ray.remote(num_cpus=1, max_restarts=0)(Worker)
        self._waiting: deque[_Batch] = deque()
        self._idle: list[_Hand] = []
        self._running: dict[Any, tuple[_Hand, _Batch | None]] = {}  # no batch: it is loading the model
        self._lost: set[str] = set()
        self._looked = self._moved = 0.0
        _check_nodes(wanted)

    @property
    def is_busy(self) -> bool:
        """Whether there is anything to wait for."""
        return bool(self._running or self._waiting)

    def add(self, batch: _Batch) -> None:
        """Give the crew a batch."""
        self._waiting.append(batch)

    def step(self) -> Iterator[Ready | Done | Lost]:
        """What has happened since; waits a moment for it. Raises CrewError where nothing can happen any more."""
        import ray

        self._hire()
        while self._waiting and self._idle:
            hand, batch = self._idle.pop(0), self._waiting.popleft()
            self._running[hand.actor.embed.remote(batch[1])] = hand, batch
        if not self._running:
            return
        for answer in ray.wait(list(self._running), timeout=_TICK)[0]:
            yield from self._settle(answer)
        if time.monotonic() - self._moved > _STALLED:
            raise CrewError(f"nothing came for {_STALLED:g} s; `ray status` says what holds its processors")

    def _settle(self, answer: Any) -> Iterator[Ready | Done | Lost]:  # noqa: ANN401 - a reference of Ray's
        import ray
        from ray.exceptions import RayError, RayTaskError

        hand, batch = self._running.pop(answer)
        try:
            told = ray.get(answer)
        except RayTaskError as exc:
            raise CrewError(f"node {hand.name}: {_in_a_line(exc.cause)}") from exc
        except RayError:
            yield from self._lose(hand, batch)
            return
        self._moved = time.monotonic()
        self._idle.append(hand)
        if batch is not None:
            yield Done(batch[0], told)
        elif told:
            yield Ready(len(self._idle) + len(self._running))
        else:
            raise CrewError(
                f"node {hand.name}: its {self._wanted.name} gives other vectors than that of this machine; "
                "put the same model on every node"
            )

    def _lose(self, hand: _Hand, batch: _Batch | None) -> Iterator[Lost]:
        import ray

        ray.kill(hand.actor)  # where only the connection was lost, it must not hold its processor
        if batch is not None:
            self._waiting.appendleft(batch)
        if hand.node not in self._lost:
            self._lost.add(hand.node)
            yield Lost(hand.name)

    def _hire(self) -> None:
        """A worker for every processor that has none, also of nodes that have come since."""
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        now = time.monotonic()
        if now - self._looked < _LOOK and (self._idle or self._running):
            return
        self._looked, self._moved = now, self._moved or now
        hands = [*self._idle, *(hand for hand, _ in self._running.values())]
        held = Counter(hand.node for hand in hands)
        nodes = _nodes()
        for node in nodes:
            place = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
            for _ in range(int(node["Resources"]["CPU"]) - held[node["NodeID"]]):
                actor: Any = self._hires.options(scheduling_strategy=place).remote(self._wanted)
                self._running[actor.is_alike.remote()] = _Hand(actor, node["NodeID"], node["NodeName"]), None
        if not nodes and not hands:
            raise CrewError(
                "no node with a processor is left; start one (`ray start --address=HOST:PORT`). "
                "What was written is kept, and the same command goes on from there"
            )


def serve(line: Connection, address: str) -> None:
    """Take part in the cluster until the other end of the line is closed; run in a process of its own."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one that writes the store
    with tempfile.TemporaryFile() as noise:
        os.dup2(noise.fileno(), 1)  # Ray's own lines are for its logs
        os.dup2(noise.fileno(), 2)
        try:
            _connect(address)
            line.send(Connected())
            _work(line, Crew(line.recv()))
        except (EOFError, BrokenPipeError, ConnectionResetError):
            pass  # nobody listens any more
        except CrewError as exc:
            _say(line, Failed(str(exc)))
        except Exception as exc:  # noqa: BLE001 - the edge of this process: it is told at the other end
            _say(line, Failed(f"{GONE} ({_in_a_line(exc)})"))
    os._exit(0)  # workers go with their job; Ray's own farewell may wait for a node that is dead


def _work(line: Connection, crew: Crew) -> None:
    batches: queue.SimpleQueue[_Batch | None] = queue.SimpleQueue()
    # In a thread, so that the other end never waits to be heard while this one waits to be heard itself.
    threading.Thread(target=_listen, args=(line, batches), daemon=True).start()
    while True:
        with contextlib.suppress(queue.Empty):
            while True:
                batch = batches.get(block=not crew.is_busy, timeout=_LOOK)
                if batch is None:
                    return
                crew.add(batch)
        for told in crew.step():
            line.send(told)


def _listen(line: Connection, batches: queue.SimpleQueue[_Batch | None]) -> None:
    with contextlib.suppress(EOFError, OSError):
        while True:
            batches.put(line.recv())
    batches.put(None)


def _say(line: Connection, told: Told) -> None:
    with contextlib.suppress(OSError):
        line.send(told)


def _connect(address: str) -> None:
    # Ray has its workers look for modules in this process's folder first: a `vectorstore` of somebody's own is none.
    os.chdir(Path(__file__).parents[2])
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # it would tell its makers
    os.environ["RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO"] = "0"
    if address == "local" and "RAY_AUTH_MODE" not in os.environ:  # before Ray is there, which reads it once
        # Left alone, Ray puts its token into ~/.ray, and every `ray start --head` after that demands it of its nodes.
        os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    try:
        import ray
    except ModuleNotFoundError as exc:
        mend = "run pip install '.[ray]' in the folder of the source"
        raise CrewError(f"needs Ray, which is not installed ({exc}); {mend}") from exc
    made = {"include_dashboard": False, "object_store_memory": 200_000_000} if address == "local" else {}
    try:
        ray.init(address=address, log_to_driver=False, logging_level="ERROR", **made)  # type: ignore[arg-type]
    except (ConnectionError, RuntimeError, ValueError) as exc:
        raise CrewError(
            f"cannot be joined ({_in_a_line(exc)}); start Ray on this machine, as its head (`ray start --head`) or as "
            "a node of another (`ray start --address=HOST:PORT`), or name `local`; where the cluster asks for a token, "
            "set RAY_AUTH_MODE=token here"
        ) from exc


def _nodes() -> list[dict[str, Any]]:
    """The nodes that have processors to give."""
    import ray

    nodes: list[dict[str, Any]] = ray.nodes()  # type: ignore[no-untyped-call]
    return [node for node in nodes if node["Alive"] and node["Resources"].get("CPU", 0) >= 1]


def _check_nodes(wanted: Wanted) -> None:
    """Raises CrewError where a node lacks this version of the package, or the model's folder."""
    import ray
    from ray.exceptions import RayError
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    def probe(folder: str | None) -> tuple[str, bool]:  # in here, so that it travels whole: the node may not have it
        import importlib.metadata
        import pathlib

        try:
            version = importlib.metadata.version("communique")
        except importlib.metadata.PackageNotFoundError:
            version = "none"
        return version, folder is None or pathlib.Path(folder).is_dir()

    probing = ray.remote(num_cpus=0, max_retries=0)(probe)
    asked = {}
    for node in _nodes():
        place = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
        asked[probing.options(scheduling_strategy=place).remote(wanted.folder)] = node["NodeName"]
    for answer, name in asked.items():
        try:
            version, has_model = ray.get(answer, timeout=_PROBED)
        except RayError as exc:
            raise CrewError(f"node {name}: does not answer ({_in_a_line(exc)}); look at `ray status`") from exc
        if version != wanted.version:
            raise CrewError(
                f"node {name}: has communique {version}, this machine {wanted.version}; "
                "install the same there: run pip install '.[ray]' in the folder of the same source"
            )
        if not has_model:
            raise CrewError(f"node {name}: there is no folder {wanted.folder}; copy the model to every node")


def _in_a_line(exc: BaseException) -> str:
    return " ".join(str(exc).split())[:400] or type(exc).__name__
