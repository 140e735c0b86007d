"""A Ray cluster of two nodes on the loopback, started as an operator starts one, and a command line that uses it."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from tests.optional import needs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).parents[1]
COMMUNIQUE = (sys.executable, "-c", "from bot.cli import app; app()")
HOSTS = {"one": "127.0.0.2", "two": "127.0.0.3"}  # Ray replaces 127.0.0.1 by an address that others can reach
MEMORY = 80_000_000  # bytes for objects on each node: Ray takes no less


def environment(**more: str) -> dict[str, str]:
    """That of a process which finds this code, and of a Ray that tells nobody of itself and asks for no token.

    What is empty in `more` is not there at all.
    """
    path = os.pathsep.join(filter(None, [more.pop("PYTHONPATH", ""), str(ROOT), os.environ.get("PYTHONPATH", "")]))
    ours = {"PYTHONPATH": path, "RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "disabled"}
    return {key: value for key, value in (os.environ | ours | more).items() if value}


@dataclass(frozen=True, slots=True)
class Node:
    """A running `ray start --block`."""

    process: subprocess.Popen[Any]

    def family(self) -> list[psutil.Process]:
        """The process and all that it has started."""
        with contextlib.suppress(psutil.NoSuchProcess):
            first = psutil.Process(self.process.pid)
            return [first, *first.children(recursive=True)]
        return []

    def workers(self) -> list[psutil.Process]:
        """The processes on it that hold a model."""
        found = []
        for one in self.family():
            with contextlib.suppress(psutil.NoSuchProcess):
                found += [one] if any("ray::Worker" in word for word in one.cmdline()) else []
        return found

    def kill(self) -> None:
        """End all of it at once, as a lost machine does."""
        for one in self.family():
            with contextlib.suppress(psutil.NoSuchProcess):
                one.send_signal(signal.SIGKILL)
        self.process.wait(10)


@dataclass(slots=True)
class RayCluster:
    """Where the head is reached, and the nodes: `one` is the head, and the node of whoever ingests."""

    address: str
    folder: Path
    nodes: list[Node]

    @property
    def one(self) -> Node:
        return self.nodes[0]

    @property
    def two(self) -> Node:
        return self.nodes[1]

    def join(self, before: Sequence[str] = (), **more: str) -> Node:
        """A second node comes; `more` adds to its environment, and `before` stands before its command."""
        self.nodes.append(_start("two", self.folder, f"--address={self.address}", before=before, **more))
        _wait_for(self.two, self.folder / "two.log")
        return self.two


@contextlib.contextmanager
def ray_head() -> Iterator[RayCluster]:
    """A cluster of one node, with one processor."""
    needs("ray")
    # A socket's path may have a hundred characters, which pytest's own folders come close to.
    folder = Path(tempfile.mkdtemp(prefix="ray"))
    port, another = _free_port(), _free_port()
    address = f"{HOSTS['one']}:{port}"
    cluster = RayCluster(address, folder, [])
    try:
        head = ("--head", f"--port={port}", f"--ray-client-server-port={another}", f"--temp-dir={folder}")
        cluster.nodes.append(_start("one", folder, *head, "--include-dashboard=false"))
        _wait_for(cluster.one, folder / "one.log")
        yield cluster
    finally:
        for node in reversed(cluster.nodes):
            node.kill()
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def ray_cluster(before: Sequence[str] = (), **more: str) -> Iterator[RayCluster]:
    """A cluster with a processor on each of two nodes; see `join` for what may be said of the second one."""
    with ray_head() as cluster:
        cluster.join(before, **more)
        yield cluster


def _start(name: str, folder: Path, *words: str, before: Sequence[str] = (), **more: str) -> Node:
    ray = Path(sys.executable).with_name("ray")
    shared = (
        f"--node-name={name}",
        f"--node-ip-address={HOSTS[name]}",
        "--num-cpus=1",
        f"--object-store-memory={MEMORY}",
    )
    with (folder / f"{name}.log").open("wb") as log:
        command = [*before, str(ray), "start", "--block", "--disable-usage-stats", *shared, *words]
        return Node(subprocess.Popen(command, stdout=log, stderr=log, env=environment(**more), start_new_session=True))


def _wait_for(node: Node, log: Path) -> None:
    until = time.monotonic() + 120  # seconds; five on an idle machine
    while time.monotonic() < until and node.process.poll() is None:
        if "Ray runtime started" in log.read_text():
            return
        time.sleep(0.1)
    raise RuntimeError(f"a node did not start: {log.read_text()}")


def _free_port() -> int:
    """Below those that Ray gives its workers, from 10,002 on, and those that the system gives away."""
    while True:
        port = random.randint(7_000, 9_900)
        with contextlib.suppress(OSError), socket.socket() as listening:
            listening.bind((HOSTS["one"], port))
            return port


def start_communique(home: Path, *words: str | Path, **more: str) -> subprocess.Popen[str]:
    """`communique` in a process of its own; `more` adds to its environment."""
    command = [*COMMUNIQUE, "--home", str(home), *map(str, words)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(**more))


def wait_until_stored(home: Path, releases: int, process: subprocess.Popen[str]) -> None:
    """Wait until a running ingestion has kept so many releases."""
    until = time.monotonic() + 200
    while time.monotonic() < until and process.poll() is None:
        if len({release for release, *_ in contents(home)}) >= releases:
            return
        time.sleep(0.02)
    process.kill()
    raise AssertionError(f"nothing was stored: {process.communicate()}")


def contents(home: Path) -> list[tuple[str, str, str, bytes]]:
    """Every passage of a store with its release's id, that release's hash, its own id and its vector."""
    query = (
        "SELECT v.release_id, v.content_hash, p.id, e.vector FROM versions v "
        "JOIN passages p ON p.version = v.number JOIN vectors e ON e.passage = p.number WHERE v.current ORDER BY 1, 3"
    )
    address = f"file:{home / 'catalogue.sqlite3'}?mode=ro"
    with (
        contextlib.suppress(sqlite3.OperationalError),  # not there yet
        contextlib.closing(sqlite3.connect(address, uri=True)) as catalogue,
    ):
        return catalogue.execute(query).fetchall()
    return []
